using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>What the calendar's page says to whom, and where a deadline is called provisional.</summary>
public class CalendarPageTests(TestService unchanged) : IClassFixture<TestService>
{
    [Fact]
    public async Task Readers_see_the_calendar_without_forms_and_officers_not_at_all()
    {
        foreach (var reader in (string[])["auditor", "kepala.biro", "pengelola.sop"])
        {
            using var browser = await unchanged.BrowserAsync(reader);
            var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/admin/calendar?year=2026&month=3"));
            Assert.Contains("Nyepi", page, StringComparison.Ordinal);
            Assert.Contains("08.00–12.00", page, StringComparison.Ordinal);
            Assert.Contains("href=\"/admin/calendar\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("confirm-year", page, StringComparison.Ordinal);
            Assert.DoesNotContain("new-day", page, StringComparison.Ordinal);
            using var form = await browser.GetAsync("/admin/calendar/days/new");
            Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        }
        using var officer = await unchanged.BrowserAsync("petugas.informasi");
        using var refused = await officer.GetAsync("/admin/calendar");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Theory]
    [InlineData("?year=2026&month=13", HttpStatusCode.UnprocessableEntity)]
    [InlineData("?year=9999&month=1", HttpStatusCode.UnprocessableEntity)]
    [InlineData("?year=x&month=-1", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/days/6f2f4d1e-0000-7000-8000-000000000000", HttpStatusCode.NotFound)]
    [InlineData("/regimes/6f2f4d1e-0000-7000-8000-000000000000", HttpStatusCode.NotFound)]
    public async Task An_address_that_names_no_month_or_entry_is_refused_with_a_page(string address, HttpStatusCode status)
    {
        using var browser = await unchanged.BrowserAsync("admin");

        using var answer = await browser.GetAsync("/admin/calendar" + address);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("<h1", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_December_administrators_are_warned_and_deadlines_beyond_the_list_are_called_provisional()
    {
        await using var service = new TestService();
        using var admin = await service.BrowserAsync("admin");
        Assert.DoesNotContain("calendar-missing", await admin.GetStringAsync("/admin/calendar"), StringComparison.Ordinal);
        service.Time.SetUtcNow(new DateTimeOffset(2026, 12, 31, 15, 58, 0, TimeSpan.FromHours(7)));
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        });
        var id = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();

        using var again = await service.BrowserAsync("admin");
        using var auditor = await service.BrowserAsync("auditor");
        using var performer = await service.BrowserAsync("kasubid.informasi");
        const string due = "Jumat, 1 Jan 2027 07.33 WIB (sementara)";
        Assert.Contains("calendar-missing", await again.GetStringAsync("/admin/calendar"), StringComparison.Ordinal);
        Assert.DoesNotContain("calendar-missing", await auditor.GetStringAsync("/admin/calendar"), StringComparison.Ordinal);
        Assert.Contains(due, await performer.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains(due, await performer.GetStringAsync("/cases"), StringComparison.Ordinal);
        Assert.Contains(due, await performer.GetStringAsync($"/cases/{id}"), StringComparison.Ordinal);
        var model = await service.OfDatabaseAsync(db => Task.FromResult(db.Outbox.Single(m => m.Template == "task").Model));
        Assert.True(JsonDocument.Parse(model).RootElement.GetProperty("provisional").GetBoolean());
        var task = (await head.GetFromJsonAsync<JsonElement>("/api/v1/tasks?mine=true&state=open")).GetProperty("items")[0];
        Assert.True(task.GetProperty("provisional").GetBoolean());
        Assert.True((await head.GetFromJsonAsync<JsonElement>($"/api/v1/tasks/{task.GetProperty("id").GetString()}")).GetProperty("provisional").GetBoolean());
        Assert.True((await head.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{id}")).GetProperty("steps")[0].GetProperty("provisional").GetBoolean());
        Assert.True((await head.GetFromJsonAsync<JsonElement>("/api/v1/board")).GetProperty("items")[0].GetProperty("provisional").GetBoolean());
    }

    [Fact]
    public async Task A_task_says_why_it_is_due_when_it_is_to_who_may_not_open_the_calendar()
    {
        await using var service = new TestService();
        service.Time.SetUtcNow(new DateTimeOffset(2026, 3, 2, 14, 58, 0, TimeSpan.FromHours(7)));
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        });
        opened.EnsureSuccessStatusCode();
        var id = (await head.GetFromJsonAsync<JsonElement>("/api/v1/tasks?mine=true&state=open")).GetProperty("items")[0].GetProperty("id").GetGuid();
        using var browser = await service.BrowserAsync("kasubid.informasi");
        using var calendar = await browser.GetAsync("/admin/calendar");
        Assert.Equal(HttpStatusCode.Forbidden, calendar.StatusCode);
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync($"/tasks/{id}"));
        Assert.Contains("Mengapa batas waktunya demikian?", page, StringComparison.Ordinal);
        Assert.Contains(
            "Waktu baku 5 menit dihitung dalam jam kerja, sejak Senin, 2 Mar 2026 14.58 WIB, dan habis pada Selasa, 3 Mar 2026 08.03 WIB.", page, StringComparison.Ordinal);
        Assert.Contains(
            "Senin, 2 Mar 2026 15.00 WIB sampai Selasa, 3 Mar 2026 08.00 WIB <small>di luar jam kerja</small>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("due-moved", page, StringComparison.Ordinal);

        using var admin = await service.ApiClientAsync("admin");
        using var added = await admin.PostAsJsonAsync(
            "/api/v1/calendar/closed-days", new { date = "2026-03-03", name = "Banjir", kind = "localClosing", reason = "Kantor terendam" });
        added.EnsureSuccessStatusCode();

        var moved = WebUtility.HtmlDecode(await browser.GetStringAsync($"/tasks/{id}"));
        Assert.Contains("<small>kantor tutup: Banjir</small>", moved, StringComparison.Ordinal);
        Assert.Contains(
            "dari Selasa, 3 Mar 2026 08.03 WIB ke Rabu, 4 Mar 2026 08.03 WIB. <small>Hari tutup ditambahkan: 3 Mar 2026 (Banjir). Kantor terendam</small>",
            moved, StringComparison.Ordinal);
        var task = await head.GetFromJsonAsync<JsonElement>($"/api/v1/tasks/{id}");
        Assert.Equal("2026-03-02T07:58:00+00:00", task.GetProperty("countedFrom").GetString());
        Assert.Equal(3, task.GetProperty("closed").GetArrayLength());
        Assert.Equal(1, task.GetProperty("dueMoves").GetArrayLength());
    }
}
