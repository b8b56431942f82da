using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Calls of Elsa Studio that several tests need.</summary>
internal static class StudioCalls
{
    public const string Manager = "pengelola.sop";

    /// <summary>Input of the recorded definitions, in their spelling.</summary>
    public static Dictionary<string, string> Customer(string name) => new() { ["Customer"] = name };

    /// <summary>A definition of the recordings, in force or as a draft, under its own id or another.</summary>
    public static Task ImportAsync(
        this TestService service, string export, string? asId = null, Action<JsonNode>? change = null, bool publish = true) =>
        service.InScopeAsync<DefinitionSeeder, bool>(async seeder =>
        {
            var document = JsonNode.Parse(ElsaContract.Export(export))!;
            change?.Invoke(document);
            var imported = await seeder.ImportAsync(
                Encoding.UTF8.GetBytes(document.ToJsonString()), null, publish, inForce: true, asId, "system");
            if (publish)
                Assert.DoesNotContain(imported.Value.Problems, p => p.Severity == Engine.Definitions.ProblemSeverity.Error);
            return true;
        });

    /// <summary>Runs a trial; the id of the instance.</summary>
    public static async Task<string> ExecuteAsync(this HttpClient client, string definitionId, object? body = null)
    {
        using var answer = await client.PostAsJsonAsync($"/elsa/api/workflow-definitions/{definitionId}/execute", body ?? new { versionOptions = "Latest" });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("x-elsa-workflow-instance-id").Single();
    }

    public static async Task<JsonNode> ReadAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync("/elsa/api" + path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public static async Task<JsonNode> AskAsync(this HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync("/elsa/api" + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>What the only waiting step of an instance waits at.</summary>
    public static async Task<string> WaitingAsync(this HttpClient client, string instanceId) =>
        (string)(await client.ReadAsync($"/workflow-instances/{instanceId}"))["workflowState"]!["bookmarks"]!.AsArray().Single()!["id"]!;

    /// <summary>Marks of the nodes as the viewer asks for them: started, completed, waiting.</summary>
    public static async Task<Dictionary<string, (long Started, long Completed, bool Waits)>> MarksAsync(this HttpClient client, string instanceId) =>
        (await client.AskAsync("/activity-executions/report", new { workflowInstanceId = instanceId }))["stats"]!.AsArray().ToDictionary(
            s => (string)s!["activityId"]!, s => ((long)s!["startedCount"]!, (long)s["completedCount"]!, (bool)s["isBlocked"]!));

    /// <summary>A case by the API of officers; its id and its instance's.</summary>
    public static async Task<(Guid Case, string Instance)> OpenCaseAsync(this TestService service, string determination, string title)
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var answer = await client.PostAsJsonAsync(
            "/api/v1/cases", new { title, exemptionBasis = "j", determinationNumber = determination, determinationDate = "2026-02-02" });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        var instance = await service.OfDatabaseAsync(db => Task.FromResult(db.Cases.Single(c => c.Id == id).InstanceId));
        return (id, instance.ToString("n"));
    }

    /// <summary>The head of information assigns the officer: step 1 is done.</summary>
    public static async Task AssignAsync(this TestService service, Guid caseId)
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        var item = await service.OfDatabaseAsync(db => Task.FromResult(db.WorkItems.Single(w => w.CaseId == caseId && w.StepNumber == "1")));
        using var answer = await client.PostAsJsonAsync(
            $"/api/v1/tasks/{item.Id}/complete", new { revision = item.Revision, assignTo = "petugas.informasi" });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
