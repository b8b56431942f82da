using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>Outages and the health of the service, as people and scripts see them. Monday 2 March 2026, 09.00 WIB, in Ramadan.</summary>
public sealed class OutagePageTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public async Task An_outage_is_reported_on_the_page_shown_with_the_case_and_annulled_again()
    {
        var id = await OpenCaseAsync("188.44/1/2026");
        service.Time.Advance(TimeSpan.FromMinutes(10));
        using var admin = await service.BrowserAsync("admin");

        using var reported = await PostAsync(admin, new() { ["do"] = "report", ["from"] = "2026-03-02T09:00", ["to"] = "2026-03-02T09:04", ["reason"] = "Listrik padam" });
        Assert.Equal(HttpStatusCode.Redirect, reported.StatusCode);
        var list = await PageAsync(admin, "/admin/outages");
        Assert.Contains("Listrik padam", list, StringComparison.Ordinal);
        Assert.Contains("4 menit kerja, 1 langkah", list, StringComparison.Ordinal);

        using var head = await service.BrowserAsync("kasubid.informasi");
        const string credit = "Tidak dihitung 4 menit: gangguan yang dilaporkan, Senin, 2 Mar 2026 09.00 WIB–09.04 WIB";
        Assert.Contains(credit, await PageAsync(head, $"/cases/{id}"), StringComparison.Ordinal);
        var task = await service.OfDatabaseAsync(db => db.WorkItems.Where(w => w.CaseId == id).Select(w => w.Id).SingleAsync());
        Assert.Contains(credit, await PageAsync(head, $"/tasks/{task}"), StringComparison.Ordinal);
        using var api = await service.ApiClientAsync("kasubid.informasi");
        var step = (await api.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{id}")).GetProperty("steps")[0];
        Assert.Equal(("reported", 4.0), (step.GetProperty("credits")[0].GetProperty("kind").GetString(), step.GetProperty("credits")[0].GetProperty("minutes").GetDouble()));

        var outage = await service.OfDatabaseAsync(db => db.Outages.OrderByDescending(o => o.Id).Select(o => o.Id).FirstAsync());
        using var empty = await PostAsync(admin, new() { ["do"] = "annul", ["id"] = outage.ToString(), ["reason"] = "" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        using var annulled = await PostAsync(admin, new() { ["do"] = "annul", ["id"] = outage.ToString(), ["reason"] = "Salah jam" });
        Assert.Equal(HttpStatusCode.Redirect, annulled.StatusCode);
        Assert.Contains("Salah jam", await PageAsync(admin, "/admin/outages"), StringComparison.Ordinal);
        Assert.DoesNotContain("Tidak dihitung 4 menit", await PageAsync(head, $"/cases/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_report_keeps_what_was_typed_and_names_the_field()
    {
        using var admin = await service.BrowserAsync("admin");

        using var refused = await PostAsync(admin, new() { ["do"] = "report", ["from"] = "2026-03-02T08:30", ["to"] = "2026-03-02T08:10", ["reason"] = "Jaringan" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync());
        Assert.Contains("Akhir gangguan harus setelah mulainya.", page, StringComparison.Ordinal);
        Assert.Contains("value=\"Jaringan\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auditors_read_and_officers_do_not()
    {
        using var auditor = await service.BrowserAsync("auditor");
        var page = await PageAsync(auditor, "/admin/outages");
        Assert.DoesNotContain("data-testid=\"report\"", page, StringComparison.Ordinal);
        Assert.Contains("data-name=\"audit-chains\"", await PageAsync(auditor, "/admin/health"), StringComparison.Ordinal);
        using var officer = await service.BrowserAsync("petugas.informasi");
        foreach (var address in (string[])["/admin/outages", "/admin/health"])
        {
            using var answer = await officer.GetAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var api = await service.ApiClientAsync("petugas.informasi");
        using var refused = await api.GetAsync("/api/v1/outages");
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refused.StatusCode, await refused.CodeAsync()));
    }

    [Fact]
    public async Task The_API_reports_lists_and_annuls()
    {
        using var admin = await service.ApiClientAsync("admin");
        using var reported = await admin.PostAsJsonAsync("/api/v1/outages", new { from = "2026-02-27T09:00", to = "2026-02-27T09:30:00+07:00", reason = "Jaringan" });
        var id = (await reported.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var annulled = await admin.PostAsJsonAsync($"/api/v1/outages/{id}/annul", new { reason = "Bukan hari itu" });
        annulled.EnsureSuccessStatusCode();
        using var twice = await admin.PostAsJsonAsync($"/api/v1/outages/{id}/annul", new { reason = "Bukan hari itu" });

        Assert.Equal((HttpStatusCode.Conflict, "outage-annulled"), (twice.StatusCode, await twice.CodeAsync()));
        var listed = (await admin.GetFromJsonAsync<JsonElement>("/api/v1/outages?pageSize=200")).GetProperty("items").EnumerateArray()
            .Single(o => o.GetProperty("id").GetGuid() == id);
        Assert.Equal(("2026-02-27T02:00:00+00:00", "2026-02-27T02:30:00+00:00", "Bukan hari itu"),
            (listed.GetProperty("from").GetString(), listed.GetProperty("to").GetString(), listed.GetProperty("annulledReason").GetString()));
    }

    private async Task<Guid> OpenCaseAsync(string number)
    {
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = number,
            determinationDate = "2026-02-02"
        });
        return (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    private static async Task<string> PageAsync(HttpClient browser, string address) => WebUtility.HtmlDecode(await browser.GetStringAsync(address));

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, Dictionary<string, string> fields) =>
        browser.PostFormAsync("/admin/outages", fields);
}
