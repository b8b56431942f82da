using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What Studio asks about the server: shapes as recorded, contents our own.</summary>
public sealed class DescriptorTests(TestService service) : IClassFixture<TestService>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET_features_installed")]
    [InlineData("GET_features_installed_fullName")]
    [InlineData("GET_package_version")]
    [InlineData("GET_descriptors_activities_typeName")]
    [InlineData("GET_descriptors_variables")]
    [InlineData("GET_descriptors_storage-drivers")]
    [InlineData("GET_descriptors_expression-descriptors")]
    [InlineData("GET_descriptors_incident-strategies")]
    [InlineData("GET_descriptors_commit-strategies_activities")]
    [InlineData("GET_descriptors_commit-strategies_workflows")]
    [InlineData("GET_descriptors_log-persistence-strategies")]
    [InlineData("GET_descriptors_output-converters")]
    [InlineData("GET_descriptors_workflow-activation-strategies")]
    public async Task Answers_have_the_recorded_shape(string name)
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        foreach (var recorded in ElsaContract.Load(name))
        {
            using var request = recorded.Adapt(new Dictionary<string, string>());
            using var answer = await studio.SendAsync(request, Cancellation);
            await ElsaContract.AssertAsync(name, recorded, answer);
        }
    }

    [Fact]
    public async Task Activities_that_stock_Elsa_has_are_described_as_it_does()
    {
        var recorded = JsonNode.Parse(ElsaContract.Export("descriptors-all.json"))!["items"]!.AsArray()
            .ToDictionary(i => i!["typeName"]!.GetValue<string>(), i => i!);
        var shared = (await ActivitiesAsync()).Where(i => recorded.ContainsKey(i["typeName"]!.GetValue<string>())).ToList();

        Assert.True(shared.Count >= 18, $"{shared.Count}");
        Assert.All(shared, ours => ElsaContract.AssertShape(
            $"GET_descriptors_activities {ours["typeName"]}", recorded[ours["typeName"]!.GetValue<string>()], ours));
    }

    [Fact]
    public async Task Activities_of_our_own_have_the_members_that_Elsa_gives_to_any()
    {
        var recorded = JsonNode.Parse(ElsaContract.Export("descriptors-all.json"))!["items"]!.AsArray().Select(i => i!.AsObject()).ToList();
        var ours = (await ActivitiesAsync()).Where(i => i["namespace"]!.GetValue<string>() == "Ppid").ToList();

        Assert.Equal(6, ours.Count);
        Assert.All(ours, o => Assert.Equal(Keys(recorded[0]), Keys(o)));
        foreach (var list in (string[])["inputs", "outputs", "ports"])
        {
            var known = recorded.SelectMany(r => r[list]!.AsArray()).SelectMany(i => Keys(i!.AsObject())).ToHashSet();
            Assert.All(ours.SelectMany(o => o[list]!.AsArray()), i => Assert.Subset(known, Keys(i!.AsObject()).ToHashSet()));
        }
    }

    [Fact]
    public async Task All_activities_of_the_engine_are_offered_and_no_other()
    {
        var items = await ActivitiesAsync();

        Assert.Equal(ActivityCatalog.Default.Descriptors.Select(d => d.TypeName), items.Select(i => i["typeName"]!.GetValue<string>()));
        Assert.DoesNotContain(items, i => i["typeName"]!.GetValue<string>() is "Elsa.RunCSharp" or "Elsa.RunPython" or "Elsa.SendHttpRequest");
    }

    [Fact]
    public async Task Steps_of_an_SOP_are_described_in_Indonesian()
    {
        var steps = (await ActivitiesAsync()).Where(i => i["category"]!.GetValue<string>() == "SOP").ToDictionary(i => i["typeName"]!.GetValue<string>());

        Assert.Equal(
            ["Langkah SOP", "Melaporkan", "Mendokumentasikan", "Menugaskan", "Menyerahkan", "Menyiapkan"],
            steps.Values.Select(s => s["displayName"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(steps.Values, step =>
        {
            Assert.NotEmpty(step["description"]!.GetValue<string>());
            Assert.Equal(["Done", "Returned"], step["ports"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()));
            Assert.Equal(["Selesai", "Dikembalikan"], step["ports"]!.AsArray().Select(p => p!["displayName"]!.GetValue<string>()));
            Assert.All(step["inputs"]!.AsArray(), input => Assert.NotEmpty(input!["description"]!.GetValue<string>()));
        });
    }

    [Fact]
    public async Task Roles_are_picked_by_the_names_of_the_office()
    {
        var role = Input(await OneAsync("Ppid.PrepareDossier"), "PerformerRole");

        Assert.Equal("dropdown", role["uiHint"]!.GetValue<string>());
        var choices = role["uiSpecifications"]!["dropdown"]!["selectList"]!["items"]!.AsArray()
            .ToDictionary(i => i!["value"]!.GetValue<string>(), i => i!["text"]!.GetValue<string>());
        Assert.Equal("Petugas Pengelolaan Informasi", choices["INFORMATION_OFFICER"]);
        Assert.Equal("(tidak ada)", choices[""]);
    }

    [Fact]
    public async Task Minutes_are_a_plain_field_and_the_ladder_a_list_to_tick()
    {
        var step = await OneAsync("Ppid.PrepareDossier");
        var ladder = Input(step, "Escalation");

        Assert.Equal("singleline", Input(step, "StandardTime")["uiHint"]!.GetValue<string>());
        Assert.Equal("checklist", ladder["uiHint"]!.GetValue<string>());
        Assert.Equal(
            ["80% assignee", "100% supervisor", "200% role:UNIT_PPID_HEAD"], ladder["defaultValue"]!.AsArray().Select(v => v!.GetValue<string>()));
        Assert.Equal(
            "200 % waktu baku: Kepala Biro Umum (PPID Pembantu)", Texts(ladder["uiSpecifications"]!)["200% role:UNIT_PPID_HEAD"]);
    }

    [Theory]
    [InlineData("""["80% assignee","120% mailbox:arsip@ppid.example reassign every PT5M max 2"]""")]
    [InlineData("""[{"at":"120%","to":["mailbox:arsip@ppid.example"],"action":"reassign","every":"PT5M","max":2}]""")]
    public async Task A_ladder_keeps_what_it_holds_when_it_is_looked_at(string current)
    {
        var texts = Texts((await OptionsAsync("Ppid.SopStep", "Escalation", current))!["items"]!);

        Assert.Equal(
            "120 % waktu baku: arsip@ppid.example, tugas dialihkan, diulang tiap 5 menit, paling banyak 2 kali",
            texts["120% mailbox:arsip@ppid.example reassign every PT5M max 2"]);
        Assert.Contains("80% assignee", texts.Keys);
        // Shares of the standard in their order, then what counts minutes.
        Assert.Equal(
            texts.Keys.OrderBy(k => k.Split(' ')[0] is [.. var share, '%'] ? int.Parse(share, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue),
            texts.Keys);
        Assert.Equal("4 menit kerja sebelum batas waktu: pelaksana", texts["-PT4M assignee"]);
        Assert.Equal("50 % waktu baku: pelaksana, hanya bila belum dimulai", texts["50% assignee notStarted"]);
        Assert.Equal("200 % waktu baku: atasan tingkat 2 pelaksana", texts["200% supervisor^2"]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[1, null, {}, [\"x\"]]")]
    public async Task A_ladder_that_nobody_can_read_leaves_the_usual_choices(string current) =>
        Assert.Contains("80% assignee", Texts((await OptionsAsync("Ppid.SopStep", "Escalation", current))!["items"]!).Keys);

    [Fact]
    public async Task Choices_of_what_is_unknown_are_not_found()
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        foreach (var path in (string[])["Ppid.Nothing/options/Escalation", "Ppid.SopStep/options/Nothing"])
        {
            using var answer = await studio.PostAsJsonAsync($"/elsa/api/descriptors/activities/{path}", new { context = new { } }, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var one = await studio.GetAsync("/elsa/api/descriptors/activities/Elsa.RunCSharp", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, one.StatusCode);
    }

    [Fact]
    public async Task Descriptors_are_kept_by_the_browser_until_they_change()
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        studio.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");
        using var first = await studio.GetAsync("/elsa/api/descriptors/activities?Refresh=True", Cancellation);
        var body = await first.Content.ReadAsByteArrayAsync(Cancellation);

        Assert.Equal(["br"], first.Content.Headers.ContentEncoding);
        Assert.True(first.Headers.CacheControl is { Private: true, NoCache: true, NoStore: false });
        Assert.Contains("Accept-Encoding", first.Headers.Vary);
        Assert.True(body.Length < 8_000, $"{body.Length} bytes");
        studio.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await studio.GetAsync("/elsa/api/descriptors/activities?Refresh=True", Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Expression_languages_are_those_that_the_engine_runs()
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        var answer = await studio.GetFromJsonAsync<JsonObject>("/elsa/api/descriptors/expression-descriptors", Cancellation);

        Assert.Equal(new WorkflowCompiler().ExpressionTypes, answer!["items"]!.AsArray().Select(i => i!["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_code_editor_is_told_what_a_script_may_call()
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        using var answer = await studio.PostAsJsonAsync(
            "/elsa/api/scripting/javascript/type-definitions/pendokumentasian-informasi-dikecualikan", new { activityTypeName = "Elsa.SetVariable" },
            Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal("application/x-typescript", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("declare function getVariable(name: string): any;", text, StringComparison.Ordinal);
        Assert.Contains("declare function gettitle(): any;", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pengelola.sop", HttpStatusCode.OK)]
    [InlineData("kepala.biro", HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.OK)]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("petugas.informasi", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task Only_who_may_use_the_designer_reads_them(string? userName, HttpStatusCode expected)
    {
        using var client = userName is null ? service.CreateClient() : await service.ApiClientAsync(userName);
        using var answer = await client.GetAsync("/elsa/api/descriptors/activities", Cancellation);

        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<IReadOnlyList<JsonObject>> ActivitiesAsync()
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        var answer = await studio.GetFromJsonAsync<JsonObject>("/elsa/api/descriptors/activities?Refresh=True", Cancellation);
        return [.. answer!["items"]!.AsArray().Select(i => i!.AsObject())];
    }

    private async Task<JsonObject> OneAsync(string typeName)
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        return (await studio.GetFromJsonAsync<JsonObject>($"/elsa/api/descriptors/activities/{typeName}", Cancellation))!;
    }

    private async Task<JsonObject?> OptionsAsync(string typeName, string property, string current)
    {
        using var studio = await service.ApiClientAsync("pengelola.sop");
        using var answer = await studio.PostAsJsonAsync(
            $"/elsa/api/descriptors/activities/{typeName}/options/{property}",
            new { context = new { escalation = new { typeName = "Object", expression = new { type = "Object", value = current } } } }, Cancellation);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(Cancellation);
    }

    private static IEnumerable<string> Keys(JsonObject members) => members.Select(m => m.Key);

    private static JsonObject Input(JsonObject activity, string name) =>
        activity["inputs"]!.AsArray().Single(i => i!["name"]!.GetValue<string>() == name)!.AsObject();

    private static Dictionary<string, string> Texts(JsonNode specifications) =>
        specifications["checklist"]!["checkList"]!["items"]!.AsArray().ToDictionary(i => i!["value"]!.GetValue<string>(), i => i!["text"]!.GetValue<string>());
}
