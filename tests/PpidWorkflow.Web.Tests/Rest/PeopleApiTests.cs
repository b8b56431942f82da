using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>
/// Absences, acting appointments and transfers over HTTP and on pages. Monday 2 March 2026, 09.00 WIB; each test has officers of its own, so
/// that one service serves them all.
/// </summary>
public sealed class PeopleApiTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public async Task A_signed_in_officer_has_the_post_from_midnight_to_midnight_with_the_same_token_and_cookie()
    {
        // In the evening: tokens and cookies last eight hours.
        service.Time.SetUtcNow(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
        using var admin = await service.ApiClientAsync("admin");
        using var acting = await service.ApiClientAsync("kasubid.dokumentasi");
        using var browser = await service.BrowserAsync("kasubid.dokumentasi");
        using var recorded = await admin.PostAsJsonAsync("/api/v1/appointments", new
        {
            officerUserName = "kasubid.dokumentasi",
            role = "INFORMATION_HEAD",
            capacity = "plh",
            letterNumber = "800/7/BU/2026",
            letterDate = "2026-03-02",
            firstDay = "2026-03-03",
            lastDay = "2026-03-03"
        });
        Assert.Equal(HttpStatusCode.Created, recorded.StatusCode);
        var view = await recorded.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("Plh. Kasubid Pengelolaan dan Pelayanan Informasi", view.GetProperty("title").GetString());
        Assert.Equal("planned", view.GetProperty("state").GetString());

        using (var early = await OpenCaseAsync(acting, "Terlalu awal"))
            Assert.Equal("role-cannot-start-case", await early.CodeAsync());
        // 17.00 UTC is midnight in the office; the token of this morning is still good.
        service.Time.SetUtcNow(new DateTimeOffset(2026, 3, 2, 17, 0, 0, TimeSpan.Zero));
        using var opened = await OpenCaseAsync(acting, "Sebagai Plh.");
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        var record = await CaseOfAsync(acting, opened);
        var step = record.GetProperty("steps")[0];
        Assert.Equal("Plh. Kasubid Pengelolaan dan Pelayanan Informasi", step.GetProperty("assignee").GetProperty("capacity").GetString());
        var page = await browser.GetStringAsync("/");
        Assert.Contains("data-testid=\"acting\"", page, StringComparison.Ordinal);
        Assert.Contains("Plh. Kasubid Pengelolaan dan Pelayanan Informasi", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("data-testid=\"new-case\"", page, StringComparison.Ordinal);
        var shown = WebUtility.HtmlDecode(await browser.GetStringAsync($"/cases/{record.GetProperty("id").GetGuid()}"));
        Assert.Contains("Yulius Tandi, S.IP. (Plh. Kasubid Pengelolaan dan Pelayanan Informasi)", shown, StringComparison.Ordinal);
        Assert.Single(await service.OfDatabaseAsync(db => Task.FromResult(db.Outbox.Where(m => m.Template == "acting-appointed"
            && m.ToAddress == "kasubid.dokumentasi@ppid.example").ToList())));

        service.Time.SetUtcNow(new DateTimeOffset(2026, 3, 3, 17, 0, 0, TimeSpan.Zero));
        using var fresh = await service.ApiClientAsync("kasubid.dokumentasi");
        using (var late = await OpenCaseAsync(fresh, "Terlambat"))
            Assert.Equal("role-cannot-start-case", await late.CodeAsync());
        using var again = await service.BrowserAsync("kasubid.dokumentasi");
        Assert.DoesNotContain("data-testid=\"acting\"", await again.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_tasks_of_who_is_away_are_offered_over_the_api_and_on_the_page_and_taken()
    {
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var officer = await service.ApiClientAsync("petugas.informasi");
        using var substitute = await service.ApiClientAsync("petugas.dokumentasi");
        using var opened = await OpenCaseAsync(head, "Laporan yang ditinggalkan");
        var record = await CaseOfAsync(head, opened);
        var assign = record.GetProperty("steps")[0].GetProperty("taskId").GetGuid();
        using var assigned = await head.PostAsJsonAsync($"/api/v1/tasks/{assign}/complete", new { revision = 0, assignTo = "petugas.informasi" });
        assigned.EnsureSuccessStatusCode();
        var today = DateOnly.FromDateTime(service.Time.GetUtcNow().AddHours(7).DateTime).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        using var recorded = await officer.PostAsJsonAsync("/api/v1/absences", new
        {
            kind = "sick",
            firstDay = today,
            lastDay = today,
            substituteUserName = "petugas.dokumentasi",
            note = "Surat dokter menyusul"
        });
        Assert.Equal(HttpStatusCode.Created, recorded.StatusCode);
        var absence = await recorded.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("current", absence.GetProperty("state").GetString());

        var offers = await substitute.GetFromJsonAsync<JsonElement>("/api/v1/transfers");
        var offer = Assert.Single(offers.EnumerateArray(), o => o.GetProperty("caseNumber").GetString() == record.GetProperty("number").GetString());
        Assert.DoesNotContain("ditinggalkan", offers.GetRawText(), StringComparison.Ordinal);
        using var browser = await service.BrowserAsync("petugas.dokumentasi");
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/transfers"));
        Assert.Contains(record.GetProperty("number").GetString()!, page, StringComparison.Ordinal);
        Assert.DoesNotContain("ditinggalkan", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Sakit", page, StringComparison.Ordinal);
        Assert.Contains("offers-waiting", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        using var away = await service.BrowserAsync("petugas.informasi");
        Assert.Contains("data-testid=\"away\"", await away.GetStringAsync("/"), StringComparison.Ordinal);

        using var stale = await substitute.PostAsJsonAsync($"/api/v1/transfers/{offer.GetProperty("id").GetGuid()}/accept", new { revision = 7 });
        Assert.Equal((HttpStatusCode.Conflict, "stale-revision"), (stale.StatusCode, await stale.CodeAsync()));
        using var accepted = await substitute.PostAsJsonAsync("/api/v1/transfers/accept", new { });
        Assert.True((await accepted.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<TransfersAccepted>())!.Accepted >= 1);
        var mine = await substitute.GetFromJsonAsync<JsonElement>("/api/v1/tasks?mine=true&pageSize=200");
        var task = mine.GetProperty("items").EnumerateArray().Single(t => t.GetProperty("caseId").GetGuid() == record.GetProperty("id").GetGuid());
        Assert.Equal("2", task.GetProperty("step").GetProperty("number").GetString());

        // Reading another's absence is not everybody's; the head reads his officer's, with its kind.
        var id = absence.GetProperty("id").GetGuid();
        using var hidden = await substitute.GetAsync($"/api/v1/absences/{id}");
        Assert.Equal((HttpStatusCode.NotFound, "absence-not-found"), (hidden.StatusCode, await hidden.CodeAsync()));
        var staff = await head.GetFromJsonAsync<JsonElement>("/api/v1/absences?scope=staff");
        Assert.Contains(staff.EnumerateArray(), a => a.GetProperty("id").GetGuid() == id && a.GetProperty("kind").GetString() == "sick");
        using var ended = await officer.PostAsJsonAsync($"/api/v1/absences/{id}/end", new
        {
            revision = (await officer.GetFromJsonAsync<JsonElement>($"/api/v1/absences/{id}")).GetProperty("revision").GetInt32()
        });
        Assert.Equal("past", (await ended.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("/api/v1/absences", """{"kind":"leave","firstDay":"2026-02-30","lastDay":"2026-03-09"}""", "wrong-type", 422)]
    [InlineData("/api/v1/absences", """{"kind":"leave","firstDay":"2026-03-20","lastDay":"2026-03-19"}""", "absence-end-before-start", 422)]
    [InlineData("/api/v1/absences", """{"kind":"liburan","firstDay":"2026-03-20","lastDay":"2026-03-20"}""", "absence-kind-unknown", 422)]
    [InlineData("/api/v1/absences", """{"officerUserName":"kepala.biro","kind":"leave","firstDay":"2026-03-20","lastDay":"2026-03-20"}""", "absence-not-yours", 403)]
    [InlineData("/api/v1/absences", """{"kind":"leave","firstDay":"2026-03-20","lastDay":"9999-12-31"}""", "absence-too-long", 422)]
    [InlineData("/api/v1/absences", """{"kind":"leave","firstDay":"9999-12-31","lastDay":"9999-12-31"}""", "absence-too-far", 422)]
    [InlineData("/api/v1/absences", "[]", "malformed-request", 400)]
    [InlineData("/api/v1/appointments", "{}", "forbidden", 403)]
    [InlineData("/api/v1/transfers/6f2f4d1e-0000-7000-8000-000000000000/accept", """{"revision":0}""", "transfer-not-found", 404)]
    public async Task What_cannot_be_is_refused_with_a_code(string path, string body, string code, int status)
    {
        using var client = await service.ApiClientAsync("petugas.informasi");
        using var answer = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal((status, code), ((int)answer.StatusCode, await answer.CodeAsync()));
    }

    [Fact]
    public async Task Acting_appointments_are_kept_by_administrators_only()
    {
        using var browser = await service.BrowserAsync("kepala.biro");
        using var page = await browser.GetAsync("/admin/appointments");
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        using var head = await service.ApiClientAsync("kepala.biro");
        using var read = await head.GetAsync("/api/v1/appointments");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var scope = await head.GetAsync("/api/v1/absences?scope=everybody");
        Assert.Equal("unknown-scope", await scope.CodeAsync());
    }

    private static async Task<JsonElement> CaseOfAsync(HttpClient client, HttpResponseMessage opened) =>
        await client.GetFromJsonAsync<JsonElement>(
            $"/api/v1/cases/{(await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid()}");

    private static int _determination;

    private static Task<HttpResponseMessage> OpenCaseAsync(HttpClient client, string title) => client.PostAsJsonAsync("/api/v1/cases", new
    {
        title,
        exemptionBasis = "j",
        determinationNumber = $"188.44/{Interlocked.Increment(ref _determination)}/2026",
        determinationDate = "2026-02-02"
    });
}
