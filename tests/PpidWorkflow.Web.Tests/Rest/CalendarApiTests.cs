using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>The calendar over HTTP. Monday 2 March 2026, 09.00 WIB, in Ramadan.</summary>
public sealed class CalendarApiTests(TestService unchanged) : IClassFixture<TestService>
{
    private const string Root = "/api/v1/calendar";

    [Fact]
    public async Task A_closed_day_is_previewed_added_and_withdrawn_and_each_answer_names_what_moves()
    {
        await using var service = new TestService();
        using var admin = await service.ApiClientAsync("admin");
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        });
        var number = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString();
        var day = new { date = "2026-03-02", name = "Banjir", kind = "localClosing", reason = "Kantor terendam", preview = true };

        var preview = await ActAsync(admin, "/closed-days", day);
        var added = await ActAsync(admin, "/closed-days", day with { preview = false });

        Assert.False(preview.GetProperty("applied").GetBoolean());
        Assert.True(added.GetProperty("applied").GetBoolean());
        Assert.Equal(preview.GetProperty("moved").ToString(), added.GetProperty("moved").ToString());
        var moved = Assert.Single(added.GetProperty("moved").EnumerateArray());
        Assert.Equal(number, moved.GetProperty("caseNumber").GetString());
        // 09.05 WIB on Monday becomes 08.05 WIB on Tuesday.
        Assert.Equal("2026-03-02T02:05:00+00:00", moved.GetProperty("dueBefore").GetString());
        Assert.Equal("2026-03-03T01:05:00+00:00", moved.GetProperty("dueAfter").GetString());

        var id = added.GetProperty("edits")[0].GetProperty("id").GetGuid();
        var revision = added.GetProperty("revision").GetInt32();
        using var stale = await admin.PostAsJsonAsync($"{Root}/closed-days/{id}/withdraw", new { reason = "Surut", revision = revision - 1 });
        Assert.Equal((HttpStatusCode.Conflict, "stale-revision"), (stale.StatusCode, await stale.CodeAsync()));
        var withdrawn = await ActAsync(admin, $"/closed-days/{id}/withdraw", new { reason = "Surut", revision });
        Assert.Equal("2026-03-02T02:05:00+00:00", withdrawn.GetProperty("moved")[0].GetProperty("dueAfter").GetString());

        var year = await admin.GetFromJsonAsync<JsonElement>($"{Root}/year?year=2026");
        var kept = year.GetProperty("closedDays").EnumerateArray().Single(d => d.GetProperty("id").GetGuid() == id);
        Assert.Equal("Surut", kept.GetProperty("withdrawnReason").GetString());
    }

    [Fact]
    public async Task Hours_a_list_and_confirmations_come_in_over_the_api()
    {
        await using var service = new TestService();
        using var admin = await service.ApiClientAsync("admin");

        var hours = await ActAsync(admin, "/regimes", new
        {
            name = "Jam kerja 2027",
            kind = "office",
            from = "2027-01-01",
            windows = new { monday = "08:00-12:00, 13:00-16:30" },
            source = "SK Sekda"
        });
        var id = hours.GetProperty("edits")[0].GetProperty("id").GetGuid();
        await ActAsync(admin, $"/regimes/{id}", new
        {
            name = "Jam kerja 2027",
            kind = "office",
            from = "2027-01-04",
            windows = new { monday = "08:00-12:00", tuesday = "08.00–12.00" },
            reason = "Ralat"
        });
        var imported = await ActAsync(admin, "/import", new { csv = "2027-01-01;Tahun Baru;libur nasional\n2027-05-01;Hari Buruh;libur nasional\n2027-06-01;Pancasila;libur nasional\n2027-08-17;Proklamasi;libur nasional\n2027-12-25;Natal;libur nasional\n2027-03-10;Idulfitri;libur nasional", source = "SKB", confirmed = true });
        await ActAsync(admin, "/confirm", new { ids = new[] { id } });

        Assert.Equal("added", imported.GetProperty("edits")[0].GetProperty("act").GetString());
        var year = await admin.GetFromJsonAsync<JsonElement>($"{Root}/year?year=2027");
        Assert.True(year.GetProperty("hasList").GetBoolean());
        Assert.Equal("admin", year.GetProperty("closedDays")[0].GetProperty("confirmedBy").GetString());
        var regime = year.GetProperty("regimes").EnumerateArray().Single(r => r.GetProperty("id").GetGuid() == id);
        Assert.Equal("admin", regime.GetProperty("confirmedBy").GetString());
        Assert.Equal(8, regime.GetProperty("weekHours").GetDouble());

        var month = await admin.GetFromJsonAsync<JsonElement>($"{Root}/month?year=2027&month=1");
        Assert.Equal(31, month.GetProperty("days").GetArrayLength());
        Assert.Equal("Tahun Baru", month.GetProperty("days")[0].GetProperty("closed").GetProperty("name").GetString());
        Assert.Equal("08:00-12:00", month.GetProperty("days")[3].GetProperty("windows")[0].GetString());
        Assert.Equal(0, month.GetProperty("days")[5].GetProperty("windows").GetArrayLength());
        await ActAsync(admin, $"/regimes/{id}/withdraw", new { reason = "Batal" });
    }

    [Theory]
    [InlineData("/closed-days", "{}", "field-required")]
    [InlineData("/closed-days", """{"date":"9999-01-01","name":"x","kind":"localClosing"}""", "calendar-date-invalid")]
    [InlineData("/closed-days", """{"date":"2026-12-25","name":"x","kind":"localClosing"}""", "closed-day-taken")]
    [InlineData("/closed-days", """{"date":20261225,"name":"x","kind":"localClosing"}""", "wrong-type")]
    [InlineData("/regimes", """{"name":"x","kind":"office","windows":null}""", "regime-without-hours")]
    [InlineData("/regimes", """{"name":"x","kind":"office","from":"2026-03-10","until":"2026-04-01","windows":{"monday":"08:00-12:00"}}""", "regimes-overlap")]
    [InlineData("/regimes", """{"name":"x","kind":"office","from":"2027-01-01","windows":{"monday":"12:00-08:00"}}""", "window-ends-before-start")]
    [InlineData("/import", """{"csv":"2027-01-01;;apa"}""", "csv-line-name")]
    [InlineData("/import", "{}", "csv-empty")]
    [InlineData("/confirm", "{}", "calendar-choose-entries")]
    public async Task What_cannot_be_a_calendar_is_422_with_a_sentence_and_changes_nothing(string route, string body, string code)
    {
        using var admin = await unchanged.ApiClientAsync("admin");

        using var answer = await admin.PostAsync(Root + route, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (answer.StatusCode, await answer.CodeAsync()));
        Assert.Equal(1, (await admin.GetFromJsonAsync<JsonElement>($"{Root}/year?year=2026")).GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task Who_may_look_may_not_change_and_who_works_only_asks_for_due_instants()
    {
        using var auditor = await unchanged.ApiClientAsync("auditor");
        using var officer = await unchanged.ApiClientAsync("petugas.informasi");
        using var admin = await unchanged.ApiClientAsync("admin");

        using var change = await auditor.PostAsJsonAsync($"{Root}/closed-days", new { date = "2026-03-02", name = "x", kind = "localClosing", preview = true });
        using var look = await officer.GetAsync($"{Root}/year");
        using var unknown = await admin.PostAsJsonAsync($"{Root}/closed-days/{Guid.NewGuid()}/withdraw", new { reason = "x" });
        using var noMonth = await admin.GetAsync($"{Root}/month?year=2026&month=13");
        using var noYear = await admin.GetAsync($"{Root}/year?year=dua-ribu");
        var due = await officer.GetFromJsonAsync<JsonElement>($"{Root}/due?receivedAt=2026-12-31T15:58:00%2B07:00&minutes=5");

        Assert.Equal(HttpStatusCode.Forbidden, change.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, look.StatusCode);
        Assert.Equal((HttpStatusCode.NotFound, "closed-day-not-found"), (unknown.StatusCode, await unknown.CodeAsync()));
        Assert.Equal("calendar-month-invalid", await noMonth.CodeAsync());
        Assert.Equal("calendar-month-invalid", await noYear.CodeAsync());
        Assert.Equal(2026, (await auditor.GetFromJsonAsync<JsonElement>($"{Root}/year")).GetProperty("year").GetInt32());
        Assert.Equal("2027-01-01T00:33:00+00:00", due.GetProperty("dueAt").GetString());
        Assert.True(due.GetProperty("provisional").GetBoolean());
    }

    private static async Task<JsonElement> ActAsync(HttpClient client, string route, object body)
    {
        using var answer = await client.PostAsJsonAsync(Root + route, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
