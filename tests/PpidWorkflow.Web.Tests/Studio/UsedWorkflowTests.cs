using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>A definition that others use as an activity, as Studio sees it: palette, pins, drawing, consumers.</summary>
public sealed class UsedWorkflowTests(TestService service) : IClassFixture<TestService>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stands_in_the_palette_is_drawn_runs_and_tells_who_uses_it()
    {
        using var studio = await StudioClient.SignInAsync(service);
        await PublishAsync("sub-flow", "Sub Flow", "Ask");
        var descriptor = await DescriptorAsync(studio, "SubFlow");
        var recorded = JsonNode.Parse(ElsaContract.Export("descriptors-all.json"))!["items"]!.AsArray().Single(i => (string)i!["typeName"]! == "SubFlow")!;
        ElsaContract.AssertShape("GET_descriptors_activities SubFlow", recorded, descriptor);
        Assert.Equal("SubFlow", (string)(await StudioClient.BodyAsync(await studio.GetAsync("/descriptors/activities/SubFlow")))["name"]!);

        var saved = await studio.SavedAsync(Using("Pemakai", descriptor, "Sub1"));
        var sub = saved["root"]!["activities"]![0]!;
        Assert.Equal((1, descriptor["customProperties"]!["WorkflowDefinitionVersionId"]!.ToString()),
            ((int)sub["latestAvailablePublishedVersion"]!, (string)sub["latestAvailablePublishedVersionId"]!));
        // What is newest is for whoever looks: saved as it was shown, the content is the same.
        Assert.Equal(saved["id"]!.ToString(), (await studio.SavedAsync(saved))["id"]!.ToString());
        Assert.DoesNotContain("latestAvailable", await studio.ExportAsync((string)saved["definitionId"]!), StringComparison.Ordinal);
        Assert.Equal([(string)saved["definitionId"]!], await ConsumersAsync(studio, "sub-flow"));

        var graph = await StudioClient.BodyAsync(await studio.GetAsync($"/workflow-definitions/subgraph/{saved["id"]}?parentNodeId=Workflow1:flow:Sub1"));
        ElsaContract.AssertShape(
            "GET_workflow-definitions_subgraph_id", ElsaContract.Load("GET_workflow-definitions_subgraph_id")[0].ResponseBody!, graph);
        Assert.Equal("Workflow1:flow:Sub1:Workflow1:inner:Ask", (string)graph["activity"]!["root"]!["root"]!["activities"]![0]!["nodeId"]!);
        var segments = await StudioClient.BodyAsync(await studio.GetAsync(
            $"/workflow-definitions/subgraph/segments/{saved["id"]}?childNodeId=Workflow1:flow:Sub1:Workflow1:inner:Ask"));
        Assert.Equal(["Sub1"], segments["pathSegments"]!.AsArray().Select(s => (string)s!["activityId"]!));

        var instance = await studio.Http.ExecuteAsync((string)saved["definitionId"]!);
        var marks = (await studio.Http.AskAsync("/activity-executions/report", new { workflowInstanceId = instance }))["stats"]!.AsArray();
        Assert.Contains(marks, m => (string)m!["activityNodeId"]! == "Workflow1:flow:Sub1:Workflow1:inner:Ask" && (bool)m["isBlocked"]!);
        var journal = await studio.Http.AskAsync(
            $"/workflow-instances/{instance}/journal", new { filter = new { activityNodeIds = (string[])["Workflow1:flow:Sub1:Workflow1:inner:Ask"] } });
        Assert.Equal(["Started", "Suspended"], journal["items"]!.AsArray().Select(j => (string)j!["eventName"]!));
    }

    [Fact]
    public async Task A_newer_version_changes_nothing_until_the_consumers_are_brought_onto_it()
    {
        using var studio = await StudioClient.SignInAsync(service);
        await PublishAsync("sub-old", "Sub Old", "Satu");
        var saved = await studio.SavedAsync(Using("Pemakai lama", await DescriptorAsync(studio, "SubOld"), "Sub1"));
        await PublishAsync("sub-old", "Sub Old", "Dua");

        var (id, definition) = ((string)saved["id"]!, (string)saved["definitionId"]!);
        Assert.Equal(
            [(1, false), (2, true)],
            (await DescriptorsAsync(studio)).Where(d => (string)d["typeName"]! == "SubOld").Select(d => ((int)d["version"]!, (bool)d["isBrowsable"]!)).Order());
        Assert.Equal("Satu", await InnerAsync(studio, id));
        Assert.Equal(2, (int)(await studio.OpenAsync(definition))["root"]!["activities"]![0]!["latestAvailablePublishedVersion"]!);

        var updated = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/sub-old/update-references", new JsonObject()));
        Assert.Equal(["Pemakai lama"], updated["affectedWorkflows"]!.AsArray().Select(w => (string)w!));
        Assert.Equal("Dua", await InnerAsync(studio, (string)(await studio.OpenAsync(definition))["id"]!));
        var again = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/sub-old/update-references", new JsonObject()));
        Assert.Empty(again["affectedWorkflows"]!.AsArray());
    }

    [Fact]
    public async Task A_cycle_is_refused_on_save_and_what_is_not_in_force_before_it_is_proposed()
    {
        using var studio = await StudioClient.SignInAsync(service);
        await PublishAsync("sub-ring", "Sub Ring", "Satu");
        var descriptor = await DescriptorAsync(studio, "SubRing");
        var ring = Using("Sub Ring", descriptor, "Sub1");
        ring["definitionId"] = "sub-ring";
        using var cycle = await studio.SaveAsync(ring);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, cycle.StatusCode);
        Assert.Contains("di dalam dirinya sendiri", await cycle.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        descriptor["customProperties"]!["WorkflowDefinitionId"] = "nobody";
        var draft = Using("Pemakai yang salah", descriptor, "Sub1");
        using var proposed = await studio.SaveAsync(draft, publish: true);
        Assert.Contains("belum pernah berlaku", await proposed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.True((await studio.SaveAsync(draft)).IsSuccessStatusCode);
    }

    private static async Task<string> InnerAsync(StudioClient studio, string versionId) => (string)(await StudioClient.BodyAsync(
        await studio.GetAsync($"/workflow-definitions/subgraph/{versionId}?parentNodeId=Workflow1:flow:Sub1")))["activity"]!["root"]!["root"]!["activities"]![0]!["id"]!;

    private static async Task<IEnumerable<string>> ConsumersAsync(StudioClient studio, string definitionId) =>
        (await StudioClient.BodyAsync(await studio.GetAsync($"/workflow-definitions/{definitionId}/consumers")))["consumingWorkflowDefinitionIds"]!.AsArray()
        .Select(id => (string)id!);

    private static async Task<List<JsonObject>> DescriptorsAsync(StudioClient studio) =>
        [.. (await StudioClient.BodyAsync(await studio.GetAsync("/descriptors/activities")))["items"]!.AsArray().Select(i => i!.AsObject())];

    private static async Task<JsonObject> DescriptorAsync(StudioClient studio, string typeName) =>
        (await DescriptorsAsync(studio)).Last(d => (string)d["typeName"]! == typeName).DeepClone().AsObject();

    /// <summary>A definition with one activity, as Studio makes it of a descriptor.</summary>
    private static JsonObject Using(string name, JsonObject descriptor, string id)
    {
        var definition = StudioClient.NewDefinition(name);
        definition["root"]!["activities"]!.AsArray().Add(new JsonObject
        {
            ["workflowDefinitionId"] = descriptor["customProperties"]!["WorkflowDefinitionId"]!.DeepClone(),
            ["workflowDefinitionVersionId"] = descriptor["customProperties"]!["WorkflowDefinitionVersionId"]!.DeepClone(),
            ["latestAvailablePublishedVersion"] = 0,
            ["latestAvailablePublishedVersionId"] = null,
            ["id"] = id,
            ["name"] = id,
            ["type"] = descriptor["typeName"]!.DeepClone(),
            ["version"] = descriptor["version"]!.DeepClone(),
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["who"] = new JsonObject
            {
                ["typeName"] = "String",
                ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = "Bob" },
                ["memoryReference"] = new JsonObject { ["id"] = $"{id}:input-who" }
            }
        });
        return definition;
    }

    /// <summary>The recorded sub flow, in force.</summary>
    private Task<bool> PublishAsync(string id, string name, string activity) => service.InScopeAsync<DefinitionSeeder, bool>(async seeder =>
    {
        var definition = new JsonObject
        {
            ["definitionId"] = id,
            ["name"] = name,
            ["description"] = "usable as activity",
            ["options"] = new JsonObject { ["usableAsActivity"] = true, ["autoUpdateConsumingWorkflows"] = false, ["activityCategory"] = "Custom" },
            ["inputs"] = JsonNode.Parse("""
                [{"uiHint":"singleline","storageDriverType":"WorkflowInstanceStorageDriver","type":"String","name":"Who","displayName":"Who","description":"","category":"Primitives"}]
                """),
            ["outputs"] = JsonNode.Parse("""[{"type":"String","name":"Said","displayName":"Said","description":"","category":"Primitives"}]"""),
            ["outcomes"] = new JsonArray("Done", "Refused"),
            ["root"] = new JsonObject
            {
                ["id"] = "inner",
                ["name"] = "inner",
                ["type"] = "Elsa.Flowchart",
                ["activities"] = new JsonArray(new JsonObject
                {
                    ["id"] = activity,
                    ["name"] = activity,
                    ["type"] = "Elsa.RunTask",
                    ["metadata"] = JsonNode.Parse("""{"designer":{"position":{"x":0,"y":0},"size":{"width":0,"height":0}}}"""),
                    ["taskName"] = JsonNode.Parse("""{"typeName":"String","expression":{"type":"Literal","value":"Ask"}}""")
                }),
                ["connections"] = new JsonArray()
            }
        };
        var imported = await seeder.ImportAsync(Encoding.UTF8.GetBytes(definition.ToJsonString()), null, publish: true, inForce: true, null, "system", Cancellation);
        Assert.Equal(RevisionState.InForce, imported.Value.State);
        return true;
    });
}
