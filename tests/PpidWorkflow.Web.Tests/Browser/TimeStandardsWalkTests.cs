using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>
/// A step that is late, was paused and had an outage, as its performer, his supervisor and an administrator see it (issue 4), in both languages
/// and on both screens.
/// </summary>
[Collection("Browser")]
public class TimeStandardsWalkTests(OfficeBrowser office)
{
    [Theory]
    [InlineData(1280, false)]
    [InlineData(390, true)]
    public async Task Times_pauses_credits_and_causes_can_be_read_and_entered(int width, bool english)
    {
        var language = english ? "-english" : "";
        using var head = await ApiAsync("kasubid.informasi");
        using var admin = await ApiAsync("admin");
        var (caseId, number) = await OpenCaseAsync(head);
        await AgeAsync(caseId, TimeSpan.FromMinutes(40));
        await ActAsync(head, caseId, "complete", new() { ["assignTo"] = "petugas.informasi" });
        await AgeAsync(caseId, TimeSpan.FromMinutes(50));
        await ActAsync(head, caseId, "pause", new() { ["reason"] = "Menunggu lampiran dari bagian hukum" });
        await AgeAsync(caseId, TimeSpan.FromMinutes(7));
        await ActAsync(head, caseId, "resume", new() { ["reason"] = "Lampiran datang" });
        using var reported = await admin.PostAsJsonAsync("/api/v1/outages", new { from = Local(-40), to = Local(-30), reason = "Listrik kantor padam" });
        reported.EnsureSuccessStatusCode();

        await using var officer = await office.VisitAsync(width);
        await officer.SignInAsync("petugas.informasi");
        if (english)
            await officer.PressAsync("language");
        await officer.OpenTaskAsync(number);
        await Assertions.Expect(officer.Test("pause")).ToContainTextAsync("Menunggu lampiran");
        await Assertions.Expect(officer.Test("credit").First).ToContainTextAsync("10");
        await officer.Test("actual-complete").ClickAsync();
        await officer.CheckPageAsync($"task-late{language}");
        // What stays out is asked for with its field; what was chosen stays chosen.
        await officer.Page.SelectOptionAsync("[name=delayCause]", "other");
        await officer.Page.FillAsync("[name='Hardcopy[0].Description']", "Laporan, satu jilid");
        await officer.PressAsync("complete");
        await Assertions.Expect(officer.Test("problems")).ToBeVisibleAsync();
        await Assertions.Expect(officer.Page.Locator("[name=delayCause]")).ToHaveValueAsync("other");
        await officer.CheckPageAsync($"task-late-refused{language}");
        await officer.Page.SelectOptionAsync("[name=delayCause]", "workload");
        await officer.PressAsync("complete");
        await Assertions.Expect(officer.Test("notice")).ToContainTextAsync(number);

        await using var supervisor = await office.VisitAsync(width);
        await supervisor.SignInAsync("kasubid.informasi");
        if (english)
            await supervisor.PressAsync("language");
        await supervisor.Page.GotoAsync($"/cases/{caseId}");
        await Assertions.Expect(supervisor.Page.Locator("[data-testid=credit]").First).ToBeVisibleAsync();
        await supervisor.CheckPageAsync($"case-times{language}");
        var task = await OpenTaskAsync(head, caseId);
        await supervisor.Page.GotoAsync($"/tasks/{task.Id}");
        await supervisor.Test("reassign").ClickAsync();
        await supervisor.Test("pause").First.ClickAsync();
        await supervisor.CheckPageAsync($"task-supervised{language}");
        await supervisor.Page.GotoAsync("/board");
        await Assertions.Expect(supervisor.Test("week")).ToBeVisibleAsync();
        await Assertions.Expect(supervisor.Test("week")).ToContainTextAsync(english ? "Workload" : "Beban kerja");
        await supervisor.CheckPageAsync($"board-week{language}");
        await supervisor.Page.GotoAsync("/preferences");
        await supervisor.CheckPageAsync($"preferences{language}");

        await using var watcher = await office.VisitAsync(width);
        await watcher.SignInAsync("admin");
        if (english)
            await watcher.PressAsync("language");
        foreach (var (address, name) in (IReadOnlyList<(string, string)>)
            [
                ("/admin/health", "admin-health"), ("/admin/outages", "admin-outages-list"), ("/admin/calendar?year=2026&month=12", "calendar-december"),
                ("/admin/appointments", "appointments-list"), ("/absences", "absences-list"), ("/board", "board-admin")
            ])
        {
            await watcher.Page.GotoAsync(address);
            await Assertions.Expect(watcher.Page.Locator("h1")).ToBeVisibleAsync();
            await watcher.CheckPageAsync($"{name}{language}");
        }
    }

    // Standards last minutes and tests do not wait: what has happened to the case so far happened earlier, all of it by the same span.
    private async Task AgeAsync(Guid caseId, TimeSpan by)
    {
        var earlier = string.Create(CultureInfo.InvariantCulture, $"-{by.TotalSeconds:0} seconds");
        await using var connection = new SqliteConnection($"Data Source={office.Service.DatabasePath}");
        await connection.OpenAsync();
        foreach (var (table, columns) in (IReadOnlyList<(string, string[])>)
            [
                ("StepClocks", ["ReceivedAt", "StartedAt", "ClosedAt", "RunningSince", "PausedAt", "DueAt", "AtRiskAt", "NextFireAt"]),
                ("WorkItems", ["ReceivedAt", "StartedAt", "ClosedAt", "DueAt"]), ("ClockEvents", ["At", "DueBefore", "DueAfter"]), ("Cases", ["CreatedAt"])
            ])
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"UPDATE {table} SET {string.Join(", ", columns.Select(c => $"{c} = strftime('%Y-%m-%d %H:%M:%f', {c}, $by)"))} "
                + $"WHERE {(table == "Cases" ? "Id" : "CaseId")} = $case";
            command.Parameters.AddWithValue("$by", earlier);
            command.Parameters.AddWithValue("$case", caseId.ToString().ToUpperInvariant());
            await command.ExecuteNonQueryAsync();
        }
    }

    private static string Local(int minutes) =>
        DateTimeOffset.UtcNow.AddMinutes(minutes).ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    // Alarms may be firing at the same moment, and the step's revision with them.
    private static async Task ActAsync(HttpClient client, Guid caseId, string act, Dictionary<string, object> body)
    {
        var task = await OpenTaskAsync(client, caseId);
        body["revision"] = task.Revision;
        using var answer = await client.PostAsJsonAsync($"/api/v1/tasks/{task.Id}/{act}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(Guid Id, int Revision)> OpenTaskAsync(HttpClient client, Guid caseId)
    {
        var steps = (await client.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{caseId}")).GetProperty("steps").EnumerateArray();
        var id = steps.Last(s => s.GetProperty("state").GetString() is "open" or "atRisk" or "overdue" or "paused").GetProperty("taskId").GetGuid();
        return (id, (await client.GetFromJsonAsync<JsonElement>($"/api/v1/tasks/{id}")).GetProperty("revision").GetInt32());
    }

    private static async Task<(Guid Id, string Number)> OpenCaseAsync(HttpClient head)
    {
        using var answer = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan hasil pemeriksaan internal triwulan tiga",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{Guid.NewGuid():n}",
            determinationDate = "2026-02-02"
        });
        var opened = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return (opened.GetProperty("id").GetGuid(), opened.GetProperty("number").GetString()!);
    }

    private async Task<HttpClient> ApiAsync(string userName)
    {
        Assert.SkipWhen(office.Service.Address is null, "PPID_NO_BROWSER is set: pages are not tested in this run.");
        var client = new HttpClient { BaseAddress = office.Service.Address };
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName, password = TestService.DemoPassword });
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        return client;
    }
}
