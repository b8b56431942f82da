using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>Rehearsals of stored versions, through the API and as a page.</summary>
public sealed class RehearsalTests(TestService service) : IClassFixture<TestService>
{
    private const string Version = "definitions/pendokumentasian-informasi-dikecualikan/versions/1";

    [Fact]
    public async Task The_API_answers_with_three_timetables_of_the_offices_own_officers()
    {
        using var client = await service.ApiClientAsync("pengelola.sop");

        using var answer = await client.GetAsync(new Uri($"/api/v1/{Version}/rehearsal?from=2026-11-20", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(report.GetProperty("succeeded").GetBoolean());
        Assert.Equal(
            ["Senin, 23 Nov 2026 15.50 WIB", "Jumat, 20 Nov 2026 11.25 WIB", "Rabu, 23 Des 2026 15.52 WIB"],
            report.GetProperty("timetables").EnumerateArray().Select(t => t.GetProperty("beginsAtLocalTime").GetString()));
        var rung = report.GetProperty("timetables")[2].GetProperty("rows").EnumerateArray().First(r => r.GetProperty("what").GetString() == "overdueMail");
        Assert.Equal("Dra. Hj. Ratna Kusumawati, M.Si.", rung.GetProperty("who").GetString());
        Assert.DoesNotContain("ppid.example", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("petugas.informasi", "versions/1/rehearsal", HttpStatusCode.Forbidden, "forbidden")]
    [InlineData("auditor", "versions/9/rehearsal", HttpStatusCode.NotFound, "definition-not-found")]
    [InlineData("admin", "versions/1/rehearsal?from=kemarin", HttpStatusCode.UnprocessableEntity, "date-invalid")]
    [InlineData("admin", "versions/1/rehearsal?from=0001-01-01", HttpStatusCode.UnprocessableEntity, "date-invalid")]
    public async Task What_the_API_refuses_it_names(string userName, string path, HttpStatusCode status, string code)
    {
        using var client = await service.ApiClientAsync(userName);

        using var answer = await client.GetAsync(new Uri($"/api/v1/definitions/pendokumentasian-informasi-dikecualikan/{path}", UriKind.Relative));

        Assert.Equal((status, code), (answer.StatusCode, await answer.CodeAsync()));
    }

    [Theory]
    [InlineData("kepala.biro", "", HttpStatusCode.OK)]
    [InlineData("kasubid.informasi", "", HttpStatusCode.Forbidden)]
    [InlineData("auditor", "?from=kemarin", HttpStatusCode.UnprocessableEntity)]
    public async Task The_page_is_for_those_who_look_into_definitions(string userName, string query, HttpStatusCode status)
    {
        using var browser = await service.BrowserAsync(userName);

        using var answer = await browser.GetAsync(new Uri($"/{Version}/rehearse{query}", UriKind.Relative));

        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.OK)
            Assert.Contains("Jalur keterlambatan", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_draft_with_errors_lists_them_and_rehearses_nothing()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        var file = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "workflows", "pendokumentasian-informasi-dikecualikan", "definition.json"),
            TestContext.Current.CancellationToken);
        var draft = await service.InScopeAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            Encoding.UTF8.GetBytes(file.Replace("role:UNIT_PPID_HEAD", "role:KEPALA_GUDANG", StringComparison.Ordinal)), null, publish: false,
            inForce: false, "latihan-uji", "pengelola.sop"));
        Assert.Equal(RevisionState.Draft, draft.Value.State);

        var page = await browser.GetStringAsync(new Uri("/definitions/latihan-uji/versions/1/rehearse", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("data-testid=\"not-rehearsed\"", page, StringComparison.Ordinal);
        Assert.Contains("data-code=\"ladder-without-addressee\"", page, StringComparison.Ordinal);
        Assert.Contains("peran KEPALA_GUDANG belum dipegang", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-testid=\"timetable\"", page, StringComparison.Ordinal);
    }
}
