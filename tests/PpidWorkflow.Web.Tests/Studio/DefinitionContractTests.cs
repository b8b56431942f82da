using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// The recorded requests about definitions, sent to our service: every answer has the recorded shape. Each test has definitions of its own in
/// one service.
/// </summary>
public sealed class DefinitionContractTests(TestService service) : IClassFixture<TestService>
{
    private const string RecordedDefinition = "47a6593bab06639f";
    private const string RecordedVersion = "e698536af74eaddf";
    private readonly Dictionary<string, string> _ids = [];

    [Fact]
    public async Task Creating_and_saving_answer_as_recorded()
    {
        using var studio = await StudioClient.SignInAsync(service);

        foreach (var sample in ElsaContract.Load("POST_workflow-definitions").Where(s => s.RequestBody is JsonObject))
        {
            var saved = await ReplayAsync(studio, "POST_workflow-definitions", sample);
            Know(RecordedDefinition, saved!["workflowDefinition"]!["definitionId"]!);
            Know(RecordedVersion, saved["workflowDefinition"]!["id"]!);
        }
        Assert.Matches("^[0-9a-f]{16}$", _ids[RecordedDefinition]);
    }

    [Fact]
    public async Task Publishing_with_a_save_answers_as_recorded_and_proposes()
    {
        using var studio = await StudioClient.SignInAsync(service);
        await CreateAsync(studio);
        var sample = ElsaContract.Load("POST_workflow-definitions.publish-true")[0];

        // The recorded flow sets a variable from an empty script: an error here, harmless there.
        using var answer = await studio.Http.SendAsync(
            sample.Adapt(_ids, body => SetScript(body["model"]!["root"]!, "getOrderId()")), TestContext.Current.CancellationToken);
        var saved = await ElsaContract.AssertAsync("POST_workflow-definitions", sample with { ResponseHeaders = JsonHeaders }, answer);

        Assert.False(saved!["workflowDefinition"]!["isPublished"]!.GetValue<bool>());
        Assert.True(saved["workflowDefinition"]!["isLatest"]!.GetValue<bool>());
    }

    /// <summary>The list holds all there is: a service of its own, with the recorded definition in it and no other.</summary>
    [Fact]
    public async Task The_list_answers_as_recorded()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        await CreateAsync(studio, "2423c8fab0fe945f");

        foreach (var sample in ElsaContract.Load("GET_workflow-definitions"))
            await ReplayAsync(studio, "GET_workflow-definitions", sample);
    }

    [Theory]
    [InlineData("GET_workflow-definitions_by-definition-id_definitionId")]
    [InlineData("GET_workflow-definitions_query_count")]
    [InlineData("GET_workflow-definitions_validation_is-name-unique")]
    public async Task Reading_answers_as_recorded(string name)
    {
        using var studio = await StudioClient.SignInAsync(service);
        await CreateAsync(studio, "2423c8fab0fe945f");

        foreach (var sample in ElsaContract.Load(name))
            await ReplayAsync(studio, name, sample);
    }

    /// <summary>The recorded definition itself is imported first, so that its answer can be compared to the last activity.</summary>
    [Theory]
    [InlineData("GET_workflow-definitions_by-id_id")]
    [InlineData("GET_workflow-definitions_many-by-id")]
    [InlineData("POST_workflow-definitions_definitionId_retract")]
    [InlineData("POST_workflow-definitions_definitionId_publish")]
    public async Task A_recorded_definition_is_answered_as_recorded(string name)
    {
        using var studio = await StudioClient.SignInAsync(service);
        foreach (var sample in ElsaContract.Load(name))
        {
            var recorded = sample.ResponseBody!["workflowDefinition"] ?? sample.ResponseBody["items"]?[0] ?? sample.ResponseBody;
            var definition = ElsaContract.Whole(recorded);
            SetScript(definition["root"]!, "getOrderId()");
            definition["definitionId"] = OwnId();
            var imported = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", definition));
            Know(recorded["definitionId"]!.GetValue<string>(), imported["definitionId"]!);
            Know(recorded["id"]!.GetValue<string>(), imported["id"]!);
            if (name.EndsWith("_retract", StringComparison.Ordinal))
                await StudioClient.BodyAsync(await studio.PostAsync($"/workflow-definitions/{imported["definitionId"]}/publish", new JsonObject()));

            await ReplayAsync(studio, name, sample);
        }
    }

    [Theory]
    [InlineData("GET_workflow-definitions_subgraph_segments_id", "7f24bf8695197887")]
    [InlineData("GET_workflow-definitions_subgraph_id", "622069acebf85116")]
    [InlineData("GET_workflow-definitions_definitionId_consumers", "4a4d2b461172169")]
    [InlineData("GET_workflow-definitions_definitionId_export", RecordedDefinition, "1a2c35b4be8a8618")]
    [InlineData("DELETE_workflow-definitions_definitionId", RecordedDefinition)]
    public async Task Endpoints_of_one_definition_answer_as_recorded(string name, params string[] recorded)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var byDefinition = name.Contains("definitionId", StringComparison.Ordinal);
        var definition = await ImportFiveAsync(studio);
        foreach (var id in recorded)
            Know(id, definition[byDefinition ? "definitionId" : "id"]!);

        foreach (var sample in ElsaContract.Load(name))
            await ReplayAsync(studio, name, name.EndsWith("_export", StringComparison.Ordinal) ? sample with { Query = "?versionOptions=Latest" } : sample);
    }

    [Fact]
    public async Task The_root_of_the_graph_is_the_workflow_as_recorded()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var definition = await ImportFiveAsync(studio);

        var root = await StudioClient.BodyAsync(await studio.GetAsync($"/workflow-definitions/subgraph/{definition["id"]}"));
        var child = await StudioClient.BodyAsync(await studio.GetAsync($"/workflow-definitions/subgraph/{definition["id"]}?parentNodeId=Workflow1:FlowchartA:Wait"));

        var recorded = ElsaContract.Load("GET_workflow-definitions_subgraph_segments_id")[1].ResponseBody!;
        ElsaContract.AssertShape("GET_workflow-definitions_subgraph_segments_id", recorded["container"], root);
        ElsaContract.AssertShape("GET_workflow-definitions_subgraph_segments_id", recorded["childNode"], child);
    }

    [Fact]
    public async Task Importing_answers_as_recorded()
    {
        using var studio = await StudioClient.SignInAsync(service);
        foreach (var sample in ElsaContract.Load("POST_workflow-definitions_import"))
            await ReplayAsync(studio, "POST_workflow-definitions_import", sample);
    }

    [Fact]
    public async Task Rolling_back_answers_as_recorded()
    {
        using var studio = await StudioClient.SignInAsync(service);
        await CreateAsync(studio);
        await studio.SavedAsync(await studio.OpenAsync(_ids[RecordedDefinition]), publish: true);
        var open = await studio.OpenAsync(_ids[RecordedDefinition]);
        open["root"]!["activities"]!.AsArray().Add(StudioClient.Line("l9", "kedua"));
        await studio.SavedAsync(open);
        var sample = ElsaContract.Load("POST_workflow-definitions_definitionId_revert_version")[0];

        using var answer = await studio.Http.SendAsync(sample.Adapt(_ids), TestContext.Current.CancellationToken);
        var summary = await ElsaContract.AssertAsync("POST_workflow-definitions_definitionId_revert_version", sample, answer);

        Assert.Equal(3, summary!["version"]!.GetValue<int>());
        Assert.EndsWith($"/elsa/api/workflow-definitions/by-id/{summary["id"]}", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST_bulk-actions_delete_workflow-definitions_by-definition-id")]
    [InlineData("POST_bulk-actions_delete_workflow-definitions_by-id")]
    [InlineData("POST_bulk-actions_publish_workflow-definitions_by-definition-ids")]
    [InlineData("POST_bulk-actions_retract_workflow-definitions_by-definition-ids")]
    [InlineData("POST_bulk-actions_export_workflow-definitions")]
    [InlineData("DELETE_workflow-definition-versions_id")]
    public async Task Bulk_actions_answer_as_recorded(string name)
    {
        using var studio = await StudioClient.SignInAsync(service);
        await CreateAsync(studio, "2423c8fab0fe945f", "1cd98b7746d1aea4");
        var second = await studio.SavedAsync(StudioClient.NewDefinition("Kedua", "dua"), publish: null);
        foreach (var id in (string[])["84776050724ca6fe", "imported0000001"])
            Know(id, second["definitionId"]!);
        _ids["imported0000001v1"] = second["id"]!.GetValue<string>();
        if (name.Contains("retract", StringComparison.Ordinal))
            foreach (var id in (string[])[_ids[RecordedDefinition], _ids["imported0000001"]])
                await StudioClient.BodyAsync(await studio.PostAsync($"/workflow-definitions/{id}/publish", new JsonObject()));

        foreach (var sample in ElsaContract.Load(name))
        {
            // The longer id first: one contains the other.
            using var answer = await studio.Http.SendAsync(
                sample.Adapt(_ids.OrderByDescending(i => i.Key.Length).ToDictionary()), TestContext.Current.CancellationToken);
            if (sample.ResponseHeaders.GetValueOrDefault("Content-Type") == "application/octet-stream")
                await AssertFileAsync(sample, answer);
            else
                await ElsaContract.AssertAsync(name, sample, answer);
        }
    }

    private static string OwnId() => Guid.NewGuid().ToString("n")[..16];

    private static async Task<JsonNode> ImportFiveAsync(StudioClient studio)
    {
        var five = JsonNode.Parse(ElsaContract.Export("exports/server-five.json"))!;
        five["definitionId"] = OwnId();
        return await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", five));
    }

    private static readonly Dictionary<string, string> JsonHeaders = new() { ["Content-Type"] = "application/json" };

    private async Task<JsonNode?> ReplayAsync(StudioClient studio, string name, ElsaSample sample)
    {
        using var answer = await studio.Http.SendAsync(sample.Adapt(_ids), TestContext.Current.CancellationToken);
        if (sample.ResponseHeaders.GetValueOrDefault("Content-Type") != "application/octet-stream")
            return await ElsaContract.AssertAsync(name, sample, answer);
        await AssertFileAsync(sample, answer);
        return null;
    }

    private static async Task AssertFileAsync(ElsaSample sample, HttpResponseMessage answer)
    {
        Assert.Equal(sample.Status, (int)answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        var was = sample.ResponseHeaders["Content-Disposition"];
        var now = answer.Content.Headers.GetValues("Content-Disposition").Single();
        Assert.Equal(Shape(was), Shape(now));
        if (was.Contains(".json", StringComparison.Ordinal))
        {
            var file = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
            // The recording holds the beginning of the file; the whole one is among the exports.
            ElsaContract.AssertShape(
                "GET_workflow-definitions_definitionId_export", JsonNode.Parse(ElsaContract.Export("exports/server-five.json")), file);
            Assert.Equal("$schema", file.First().Key);
        }
        static string Shape(string header) => System.Text.RegularExpressions.Regex.Replace(
            header, @"workflow-definition-[a-z0-9-]+-[0-9a-zA-Z]+-[0-9a-f]+\.json", "workflow-definition-{name}-{definitionId}-{id}.json");
    }

    /// <summary>A definition of ours under the recorded one's ids.</summary>
    private async Task CreateAsync(StudioClient studio, params string[] otherVersions)
    {
        var definition = StudioClient.NewDefinition("Order Flow", "satu", "dua");
        definition["description"] = "Five steps, one after another";
        var saved = await studio.SavedAsync(definition, publish: null);
        Know(RecordedDefinition, saved["definitionId"]!);
        foreach (var id in (string[])[RecordedVersion, .. otherVersions])
            Know(id, saved["id"]!);
    }

    private void Know(string recorded, JsonNode ours) => _ids[recorded] = ours.GetValue<string>();

    private static void SetScript(JsonNode root, string script)
    {
        foreach (var activity in root["activities"]!.AsArray().Where(a => a!["type"]!.GetValue<string>() == "Elsa.SetVariable"))
            activity!["value"]!["expression"]!["value"] = script;
    }
}
