using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>The recorded requests of Studio about instances, sent to this service with our ids; the answers compared field by field.</summary>
public sealed class InstanceContractTests(TestService service) : IClassFixture<TestService>
{
    private const string Order = "47a6593bab06639f";
    private const string Five = "1a2c35b4be8a8618";

    [Fact]
    public async Task Runs_are_answered_as_recorded()
    {
        using var client = await ClientAsync();
        var execute = ElsaContract.Load("POST_workflow-definitions_definitionId_execute");
        foreach (var recorded in execute.Where(s => s.Status == 200 && Known(s)))
        {
            var body = await SendAsync(client, "POST_workflow-definitions_definitionId_execute", recorded, []);
            Assert.NotEmpty(body!["workflowState"]!["bookmarks"]!.AsArray());
        }
        foreach (var recorded in ElsaContract.Load("POST_workflow-definitions_definitionId_dispatch"))
            await SendAsync(client, "POST_workflow-definitions_definitionId_dispatch", recorded, []);
    }

    [Theory]
    [InlineData("GET_workflow-instances_id")]
    [InlineData("GET_workflow-instances_id_execution-state")]
    [InlineData("GET_workflow-instances_id_variables")]
    [InlineData("GET_workflow-instances_id_journal")]
    [InlineData("POST_workflow-instances_id_journal")]
    [InlineData("POST_workflow-instances")]
    [InlineData("GET_activity-executions_list")]
    [InlineData("GET_activity-executions_by-id")]
    [InlineData("GET_activity-executions_count")]
    [InlineData("GET_activity-executions_id_call-stack")]
    [InlineData("GET_activity-execution-summaries_list")]
    [InlineData("POST_activity-executions_report")]
    [InlineData("GET_bookmark-queue_dead-letters")]
    [InlineData("GET_runtime_status")]
    [InlineData("POST_bookmarks_resume")]
    public async Task What_the_viewer_and_the_list_read_is_answered_as_recorded(string endpoint)
    {
        using var client = await ClientAsync();
        foreach (var recorded in ElsaContract.Load(endpoint).Where(s => s.Step != "viewer: faulted instance"))
        {
            var ids = await SceneAsync(client, finished: recorded.Step is "viewer: call stack tab" or "viewer: journal toggles" || recorded.By != "Studio");
            await SendAsync(client, endpoint, recorded, ids);
        }
    }

    [Fact]
    public async Task An_activity_is_tested_by_itself_as_recorded_and_nothing_is_stored()
    {
        using var client = await ClientAsync();
        var recorded = ElsaContract.Load("POST_tests_activities").Single();
        var version = await service.OfDatabaseAsync(db => Task.FromResult(db.DefinitionVersions.Single(v => v.DefinitionId == Order).Id));
        var before = await service.OfDatabaseAsync(db => Task.FromResult(db.Instances.Count()));

        var answer = await SendAsync(client, "POST_tests_activities", recorded, new() { ["e698536af74eaddf"] = version.ToString("n") });

        Assert.Equal("Completed", (string?)answer!["status"]);
        Assert.Equal(before, await service.OfDatabaseAsync(db => Task.FromResult(db.Instances.Count())));
    }

    [Theory]
    [InlineData("POST_tasks_taskId_complete")]
    [InlineData("POST_events_eventName_trigger")]
    [InlineData("POST_cancel_workflow-instances_id")]
    [InlineData("POST_bulk-actions_cancel_workflow-instances_")]
    [InlineData("DELETE_workflow-instances_id")]
    [InlineData("POST_bulk-actions_delete_workflow-instances_by-id")]
    public async Task What_changes_a_trial_is_answered_as_recorded(string endpoint)
    {
        using var client = await ClientAsync();
        foreach (var recorded in ElsaContract.Load(endpoint))
            await SendAsync(client, endpoint, recorded, await SceneAsync(client, finished: false));
    }

    /// <summary>Our ids for the recorded ones: instances of both definitions, waiting at their task or further on, and a cancelled one.</summary>
    private static async Task<Dictionary<string, string>> SceneAsync(HttpClient client, bool finished)
    {
        var order = await client.ExecuteAsync(Order, new { versionOptions = "Latest", correlationId = "c0", input = StudioCalls.Customer("ACME 0") });
        var five = await client.ExecuteAsync(Five, new { correlationId = "k1", input = StudioCalls.Customer("ACME") });
        var (orderTask, fiveTask) = (await client.WaitingAsync(order), await client.WaitingAsync(five));
        if (finished)
        {
            await client.AskAsync($"/tasks/{orderTask}/complete", new { result = new { approved = true } });
            await client.AskAsync("/events/OrderShipped/trigger", new { workflowInstanceId = order });
            await client.AskAsync($"/tasks/{fiveTask}/complete", new { result = new { approved = true, by = "me" } });
            await client.AskAsync("/events/Shipped/trigger", new { workflowInstanceId = five });
        }
        var extra = new List<string>();
        for (var n = 0; n < 3; n++)
            extra.Add(await client.ExecuteAsync(Order, new { versionOptions = "Latest" }));
        var suspended = finished ? await client.ExecuteAsync(Five, new { input = StudioCalls.Customer("D") }) : five;
        return new Dictionary<string, string>
        {
            ["682537350830521c"] = order,
            ["e6a7b6f1b91862dd"] = five,
            ["d5dd6abd05890c1"] = suspended,
            ["b6319c3e262db582"] = extra[0],
            ["114d67768b38cca8"] = extra[1],
            ["309fff1c286d637b"] = extra[2],
            ["22bdba0583195bf6"] = orderTask,
            ["978cc7fd39eaf83e"] = await client.WaitingAsync(extra[0]),
            ["cdfa9feeab01b53"] = fiveTask,
            ["a7ea72e43d2ed9af"] = await RunOfAsync(client, order, "Workflow1:1519fb0920ce5ccf"),
            ["9fe51b1fd618514f"] = await RunOfAsync(client, order, "Workflow1:1519fb0920ce5ccf:c37c4ad2367eba0a"),
            ["175f4e605cde76a5"] = await RunOfAsync(client, five, "Workflow1:FlowchartA"),
            ["1cd98b7746d1aea4"] = Guid.NewGuid().ToString("n")
        };
    }

    private static async Task<string> RunOfAsync(HttpClient client, string instance, string node) =>
        (string)(await client.ReadAsync($"/activity-execution-summaries/list?WorkflowInstanceId={instance}&ActivityNodeId={node}"))["items"]![0]!["id"]!;

    private static async Task<JsonNode?> SendAsync(HttpClient client, string endpoint, ElsaSample recorded, Dictionary<string, string> ids)
    {
        using var request = recorded.Adapt(ids);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var header in recorded.ResponseHeaders.Keys.Where(h => h.StartsWith("x-elsa", StringComparison.OrdinalIgnoreCase)))
            Assert.True(answer.Headers.Contains(header), header);
        return await ElsaContract.AssertAsync(endpoint, recorded, answer);
    }

    private static bool Known(ElsaSample sample) =>
        sample.Path.Contains(Order, StringComparison.Ordinal) || sample.Path.Contains(Five, StringComparison.Ordinal);

    private async Task<HttpClient> ClientAsync()
    {
        await service.ImportAsync("exports/editor-workflow-definition-order-flow-47a6593bab06639f-1cd98b7746d1aea4.json");
        await service.ImportAsync("exports/server-five.json");
        return await service.ApiClientAsync(StudioCalls.Manager);
    }
}
