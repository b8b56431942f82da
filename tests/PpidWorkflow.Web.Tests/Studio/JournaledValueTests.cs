using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What Studio's viewer shows of inputs and outputs: evaluated, by log-persistence mode; of a case only what the definition says.</summary>
public sealed class JournaledValueTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public async Task Records_and_state_of_a_trial_hold_evaluated_inputs_and_outputs_and_the_journals_payload_does_not()
    {
        await service.ImportAsync("exports/server-five.json", "values-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("values-five", new { input = StudioCalls.Customer("ACME") });

        var waiting = await RunsAsync(client, trial);
        Assert.Equal("""{"Text":"Hello ACME"}""", waiting["Hello"]["activityState"]!.ToJsonString());
        Assert.Equal("""{"TaskName":"Approve","Payload":{"n":3}}""", waiting["Approve"]["activityState"]!.ToJsonString());
        var state = (await client.ReadAsync($"/workflow-instances/{trial}"))["workflowState"]!["activityExecutionContexts"]!.AsArray();
        Assert.Equal("""{"n":3}""", state.Single(c => ((string)c!["scheduledActivityNodeId"]!).EndsWith(":Approve", StringComparison.Ordinal))!["activityState"]!["Payload"]!.ToJsonString());

        await client.AskAsync($"/tasks/{await client.WaitingAsync(trial)}/complete", new { result = new { approved = true } });
        var done = await RunsAsync(client, trial);
        Assert.Contains("approved", done["Approve"]["outputs"]!["Result"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("ok-3", (string?)done["Decide"]["activityState"]!["Value"]);
        Assert.Equal("ok-3", (string?)done["Emit"]["activityState"]!["OutputValue"]);
        var one = await client.ReadAsync($"/activity-executions/by-id?id={done["Decide"]["id"]}");
        Assert.Equal("ok-3", (string?)one["activityState"]!["Value"]);

        foreach (var journal in new[] { await client.ReadAsync($"/workflow-instances/{trial}/journal"), await client.AskAsync($"/workflow-instances/{trial}/journal", new { }) })
        {
            Assert.Equal(done.Count, journal["items"]!.AsArray().Count(l => (string?)l!["eventName"] == "Started"));
            Assert.All(journal["items"]!.AsArray(), l => Assert.Null(l!["payload"]?["_values"]));
        }
        // Taken elsewhere and back, it shows the same.
        using var export = await client.GetAsync($"/elsa/api/workflow-instances/{trial}/export?includeActivityExecutionLog=true&includeWorkflowExecutionLog=true");
        var file = await export.Content.ReadAsByteArrayAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "files", "a.json" } };
        using var imported = await client.PostAsync("/elsa/api/bulk-actions/import/workflow-instances", form);
        Assert.True(imported.IsSuccessStatusCode, await imported.Content.ReadAsStringAsync());
        var copy = await service.OfDatabaseAsync(db => db.Instances.Where(i => i.DefinitionId == "values-five").OrderByDescending(i => i.Id).Select(i => i.Id).FirstAsync());
        Assert.NotEqual(trial, copy.ToString("n"));
        var again = await RunsAsync(client, copy.ToString("n"));
        Assert.Equal(done.Select(r => Told(r).Replace(trial, copy.ToString("n"), StringComparison.Ordinal)), again.Select(Told));

        static string Told(KeyValuePair<string, JsonNode> run) => $"{run.Key} {run.Value["activityState"]?.ToJsonString()} {run.Value["outputs"]?.ToJsonString()}";
    }

    [Fact]
    public async Task What_a_definition_excludes_is_left_out_literals_too()
    {
        await service.ImportAsync("exports/server-five.json", "quiet-five", document =>
        {
            document["customProperties"]!["logPersistenceConfig"] = new JsonObject { ["default"] = Strategy("Exclude") };
            foreach (var activity in document["root"]!["activities"]!.AsArray())
            {
                if ((string)activity!["id"]! == "Approve")
                {
                    activity["customProperties"]!["logPersistenceConfig"] =
                        new JsonObject { ["inputs"] = new JsonObject { ["payload"] = Strategy("Include") }, ["outputs"] = new JsonObject { ["taskId"] = Strategy("Include") } };
                }
            }
        });
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("quiet-five", new { input = StudioCalls.Customer("ACME") });
        await client.AskAsync($"/tasks/{await client.WaitingAsync(trial)}/complete", new { result = new { approved = true } });

        var runs = await RunsAsync(client, trial);
        Assert.Equal("{}", runs["Hello"]["activityState"]!.ToJsonString());
        Assert.Equal("""{"Payload":{"n":3}}""", runs["Approve"]["activityState"]!.ToJsonString());
        Assert.Equal(["TaskId"], runs["Approve"]["outputs"]!.AsObject().Select(o => o.Key));
        Assert.DoesNotContain("ok-3", runs["Decide"].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_case_only_what_the_definition_says_is_shown_even_to_who_may_see_it()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/journaled", "Laporan rahasia");
        await service.AssignAsync(id);
        using var client = await service.ApiClientAsync("auditor");

        var runs = await RunsAsync(client, instance);

        var step = runs.Values.First(r => (string?)r["activityType"] == "Ppid.AssignOfficer");
        Assert.Equal("INFORMATION_HEAD", (string?)step["activityState"]!["PerformerRole"]);
        Assert.Equal("{}", step["outputs"]!.ToJsonString());
        Assert.All(runs.Values, r => Assert.DoesNotContain("petugas.informasi", $"{r["activityState"]}{r["outputs"]}{r["payload"]}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Studio_is_offered_the_modes_that_stock_Elsa_has()
    {
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var offered = (await client.ReadAsync("/descriptors/log-persistence-strategies"))["items"]!.AsArray().Select(s => (string)s!["typeName"]!);
        var recorded = ElsaContract.Load("GET_descriptors_log-persistence-strategies")[0].ResponseBody!["items"]!.AsArray().Select(s => (string)s!["typeName"]!);
        Assert.Equal(recorded, offered);
    }

    [Fact]
    public async Task One_activity_run_by_itself_shows_what_its_input_came_to()
    {
        await service.ImportAsync("exports/server-five.json", "tested-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var tested = await client.AskAsync("/tests/activities", new
        {
            workflowDefinitionHandle = new { definitionId = "tested-five", versionOptions = "Latest" },
            activityHandle = new { activityId = "Decide" }
        });
        Assert.Equal("ok-3", (string?)tested["activityState"]!["Value"]);
    }

    private static JsonObject Strategy(string name) =>
        new() { ["evaluationMode"] = "Strategy", ["strategyType"] = $"Elsa.Workflows.LogPersistence.Strategies.{name}, Elsa.Workflows.Core" };

    private static async Task<Dictionary<string, JsonNode>> RunsAsync(HttpClient client, string instance) =>
        (await client.ReadAsync($"/activity-executions/list?workflowInstanceId={instance}"))["items"]!.AsArray().GroupBy(r => (string)r!["activityId"]!)
            .ToDictionary(g => g.Key, g => g.Last()!);
}
