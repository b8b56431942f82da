using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>A state machine as Studio draws it: its own designer opens it, a save changes nothing, and a trial of it goes from state to state.</summary>
[Collection("Browser")]
public sealed class StateMachineDesignerTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private const string Definition = """
        {"definitionId":"mesin","name":"Mesin pembayaran","version":1,"root":{"type":"Elsa.StateMachine","id":"Mesin","version":1,
         "initialState":"Baru","states":[
           {"name":"Baru","exit":{"type":"Elsa.WriteLine","id":"Keluar","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"keluar"}}}},
           {"name":"Lunas"},{"name":"Batal"}],
         "transitions":[
           {"name":"Bayar","displayName":"Bayar","from":"Baru","to":"Lunas","trigger":{"type":"Elsa.RunTask","id":"Bayar","version":1,"taskName":{"typeName":"String","expression":{"type":"Literal","value":"bayar"}}}},
           {"name":"Batal","from":"Baru","to":"Batal","trigger":{"type":"Elsa.Event","id":"Dibatalkan","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"batal"}}},
            "condition":{"typeName":"Boolean","expression":{"type":"Literal","value":true}}}]}}
        """;

    [Fact]
    public async Task It_is_drawn_state_by_state_and_its_trial_follows_the_transition_that_was_taken()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        using var imported = await manager.PostAsJsonAsync("/elsa/api/workflow-definitions/import", JsonNode.Parse(Definition));
        Assert.True(imported.IsSuccessStatusCode, await imported.Content.ReadAsStringAsync());

        await using var studio = await office.VisitAsync("pengelola.sop");
        await studio.OpenAsync("/designer/mesin", ".x6-node");
        foreach (var state in (string[])["Baru", "Lunas", "Batal"])
            await Assertions.Expect(studio.Page.Locator(".x6-node", new PageLocatorOptions { HasText = state }).First).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.Locator(".x6-edge")).ToHaveCountAsync(2);
        await studio.ScreenshotAsync("designer-state-machine");

        var trial = await manager.ExecuteAsync("mesin");
        var waiting = (await manager.ReadAsync($"/workflow-instances/{trial}"))["workflowState"]!["bookmarks"]!.AsArray();
        Assert.Equal(["Bayar", "Dibatalkan"], waiting.Select(b => (string?)b!["activityId"]).Order(StringComparer.Ordinal));
        var version = (string?)(await manager.ReadAsync($"/workflow-instances/{trial}"))["definitionVersionId"];
        var node = await manager.ReadAsync($"/workflow-definitions/subgraph/{version}?parentNodeId=Workflow1:Mesin:Bayar");
        Assert.Equal("Elsa.RunTask", (string?)node["activity"]!["type"]);

        await manager.AskAsync($"/tasks/{(string)waiting.Single(b => (string?)b!["activityId"] == "Bayar")!["id"]!}/complete", new { result = new { } });

        Assert.Equal("Finished", (string?)(await manager.ReadAsync($"/workflow-instances/{trial}"))["subStatus"]);
        var runs = (await manager.ReadAsync($"/activity-executions/list?workflowInstanceId={trial}"))["items"]!.AsArray();
        Assert.Equal("Lunas", (string?)runs.Single(r => (string?)r!["activityId"] == "Mesin")!["payload"]!["CurrentState"]);
        Assert.Equal("Canceled", (string?)runs.Single(r => (string?)r!["activityId"] == "Dibatalkan")!["status"]);
        await studio.OpenAsync($"/designer/instances/{trial}", ".x6-node");
        await studio.ScreenshotAsync("designer-state-machine-instance");
        StudioConflictTests.AssertRefusalsOnly(studio);
    }
}
