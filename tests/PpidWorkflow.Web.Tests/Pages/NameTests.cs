using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>
/// People go by their names on pages, with <i>Plh.</i> where they act in a post of somebody else, and never by their user names. Monday 2 March
/// 2026, 09.00 WIB; the sub-head for documentation acts as the one for information today.
/// </summary>
public sealed class NameTests(TestService service) : IClassFixture<TestService>
{
    private const string Acting = "Yulius Tandi, S.IP. (Plh. Kasubid Pengelolaan dan Pelayanan Informasi)";
    private const string Administrator = "Rizky Pratama, S.T.";
    private const string UnitHead = "Dra. Hj. Ratna Kusumawati, M.Si.";

    [Fact]
    public async Task Whoever_steps_into_a_case_without_a_step_of_his_own_has_his_name_in_its_history()
    {
        var (caseId, taskId) = await OpenCaseAsync("kasubid.informasi");
        using var head = await service.ApiClientAsync("kepala.biro");
        using var paused = await head.PostAsJsonAsync($"/api/v1/tasks/{taskId}/pause", new { revision = 0, reason = "Listrik padam" });
        paused.EnsureSuccessStatusCode();

        var history = await HistoryAsync("kepala.biro", caseId);
        var entries = (await head.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{caseId}")).GetProperty("events").EnumerateArray().ToList();

        Assert.Contains($"<small>{UnitHead}</small>", history, StringComparison.Ordinal);
        Assert.DoesNotContain("kepala.biro", history, StringComparison.Ordinal);
        Assert.DoesNotContain("kasubid.informasi", history, StringComparison.Ordinal);
        var pause = entries.Single(e => e.GetProperty("action").GetString() == "task-paused");
        Assert.Equal(("kepala.biro", UnitHead), (pause.GetProperty("actor").GetString(), pause.GetProperty("actorName").GetString()));
        Assert.All(entries.Where(e => e.GetProperty("actor").GetString() == "system"), e => Assert.False(e.TryGetProperty("actorName", out var name) && name.ValueKind == JsonValueKind.String));
    }

    [Fact]
    public async Task Outages_say_who_reported_and_who_annulled_them()
    {
        using var admin = await service.ApiClientAsync("admin");
        using var reported = await admin.PostAsJsonAsync("/api/v1/outages", new { from = "2026-02-27T09:00", to = "2026-02-27T09:30", reason = "Jaringan" });
        var outage = await reported.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains($"<span class=\"break\">{Administrator}</span>", await PageAsync("auditor", "/admin/outages"), StringComparison.Ordinal);
        using var annulled = await admin.PostAsJsonAsync($"/api/v1/outages/{outage.GetProperty("id").GetGuid()}/annul", new { reason = "Salah jam" });
        annulled.EnsureSuccessStatusCode();

        Assert.Contains($"Dibatalkan oleh {Administrator}, ", await PageAsync("auditor", "/admin/outages"), StringComparison.Ordinal);
        Assert.Contains("Waktu WIB;", await PageAsync("admin", "/admin/outages"), StringComparison.Ordinal);
        Assert.Equal(("admin", Administrator), (outage.GetProperty("detectedBy").GetString(), outage.GetProperty("reportedByName").GetString()));
    }

    [Fact]
    public async Task The_calendar_says_who_confirmed_and_who_withdrew()
    {
        using var admin = await service.ApiClientAsync("admin");
        foreach (var (date, withdraws) in new[] { ("2026-07-01", true), ("2026-07-02", false) })
        {
            using var added = await admin.PostAsJsonAsync(
                "/api/v1/calendar/closed-days", new { date, name = "Banjir", kind = "localClosing", reason = "Kantor terendam", confirmed = true });
            var id = (await added.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("edits")[0].GetProperty("id").GetGuid();
            if (withdraws)
                (await admin.PostAsJsonAsync($"/api/v1/calendar/closed-days/{id}/withdraw", new { reason = "Surut" })).EnsureSuccessStatusCode();
        }

        var page = await PageAsync("auditor", "/admin/calendar?year=2026&month=7");

        Assert.Contains($"{Administrator}, Senin, 2 Mar 2026 09.", page, StringComparison.Ordinal);
        Assert.Contains("WIB: Surut", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">admin, ", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absence_says_who_entered_it()
    {
        using var head = await service.ApiClientAsync("kepala.biro");
        using var recorded = await head.PostAsJsonAsync("/api/v1/absences", new
        {
            officerUserName = "petugas.informasi",
            kind = "leave",
            firstDay = "2026-04-01",
            lastDay = "2026-04-01"
        });
        var absence = await recorded.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(("kepala.biro", UnitHead), (absence.GetProperty("recordedBy").GetString(), absence.GetProperty("recordedByName").GetString()));
        Assert.Contains($"oleh {UnitHead}, ", await PageAsync("petugas.informasi", $"/absences/{absence.GetProperty("id").GetGuid()}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_reached_nobody_says_who_told_it()
    {
        await service.OfDatabaseAsync(async db =>
        {
            db.Events.Add(new EventRow
            {
                Id = Guid.CreateVersion7(),
                UniqueKey = "nobody-waits",
                Name = "Laporan pihak ketiga",
                ToldBy = "kepala.biro",
                CreatedAt = service.Time.GetUtcNow(),
                ExpiresAt = service.Time.GetUtcNow(),
                State = EventState.Dead,
                DeadAt = service.Time.GetUtcNow(),
                DeadReason = "expired"
            });
            return await db.SaveChangesAsync();
        });

        var page = await PageAsync("pengelola.sop", "/admin/events");

        Assert.Contains($">oleh {UnitHead}</small>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("kepala.biro", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_of_the_board_and_an_offered_transfer_say_plh()
    {
        await using var own = new TestService();
        using var admin = await own.ApiClientAsync("admin");
        using var appointed = await admin.PostAsJsonAsync("/api/v1/appointments", new
        {
            officerUserName = "kasubid.dokumentasi",
            role = "INFORMATION_HEAD",
            capacity = "plh",
            letterNumber = "800/7/BU/2026",
            letterDate = "2026-03-02",
            firstDay = "2026-03-02",
            lastDay = "2026-03-02"
        });
        Assert.Equal(HttpStatusCode.Created, appointed.StatusCode);
        await OpenCaseAsync(own, "kasubid.informasi");
        Assert.Contains($"Alihkan ke {Acting}", await PageAsync(own, "kepala.biro", "/board"), StringComparison.Ordinal);

        // Whoever acts goes away himself: what he has is offered on, from him in that post.
        await OpenCaseAsync(own, "kasubid.dokumentasi");
        using var acting = await own.ApiClientAsync("kasubid.dokumentasi");
        using var recorded = await acting.PostAsJsonAsync(
            "/api/v1/absences", new { kind = "sick", firstDay = "2026-03-02", lastDay = "2026-03-02", substituteUserName = "petugas.dokumentasi" });
        Assert.Equal(HttpStatusCode.Created, recorded.StatusCode);
        Assert.Contains($"<dd>{Acting} ", await PageAsync(own, "petugas.dokumentasi", "/transfers"), StringComparison.Ordinal);
    }

    private Task<string> PageAsync(string userName, string address) => PageAsync(service, userName, address);

    private static async Task<string> PageAsync(TestService service, string userName, string address)
    {
        using var browser = await service.BrowserAsync(userName);
        return WebUtility.HtmlDecode(await browser.GetStringAsync(address));
    }

    private async Task<string> HistoryAsync(string userName, Guid caseId)
    {
        var page = await PageAsync(userName, $"/cases/{caseId}");
        return page[page.IndexOf("data-testid=\"history\"", StringComparison.Ordinal)..];
    }

    private Task<(Guid Case, Guid Task)> OpenCaseAsync(string userName) => OpenCaseAsync(service, userName);

    private static int _determination;

    private static async Task<(Guid Case, Guid Task)> OpenCaseAsync(TestService service, string userName)
    {
        using var head = await service.ApiClientAsync(userName);
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{Interlocked.Increment(ref _determination)}/2026",
            determinationDate = "2026-02-02"
        });
        var id = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        return (id, await service.OfDatabaseAsync(db => db.WorkItems.Where(w => w.CaseId == id).Select(w => w.Id).SingleAsync()));
    }
}
