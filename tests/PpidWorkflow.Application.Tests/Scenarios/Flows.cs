using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Small definitions without SOP steps, as Studio would save them, and what becomes of their instances.</summary>
internal static class Flows
{
    public const string Manager = Revisions.Manager;

    /// <param name="id">Of the definition.</param>
    /// <param name="activities">The first is where it begins.</param>
    /// <param name="connections"><c>A-B</c>: from A's Done to B; <c>A:Port-B</c>: from another port.</param>
    public static string Flow(string id, IEnumerable<JsonObject> activities, params IEnumerable<string> connections) => new JsonObject
    {
        ["definitionId"] = id,
        ["name"] = id,
        ["version"] = 1,
        ["root"] = new JsonObject
        {
            ["id"] = "Flow",
            ["type"] = "Elsa.Flowchart",
            ["activities"] = new JsonArray([.. activities]),
            ["connections"] = new JsonArray([.. connections.Select(c => (JsonNode)Connection(c))])
        }
    }.ToJsonString();

    public static JsonObject Of(string id, string type, params IEnumerable<(string Input, JsonNode? Value)> inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = "Elsa." + type };
        foreach (var (input, value) in inputs)
            activity[input] = new JsonObject { ["typeName"] = "Object", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        return activity;
    }

    public static JsonObject Script(this JsonObject activity, string input, string code)
    {
        activity[input] = new JsonObject { ["typeName"] = "Object", ["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = code } };
        return activity;
    }

    public static JsonObject Trigger(this JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return activity;
    }

    public static JsonObject Delay(string id, string span) => Of(id, "Delay", ("timeSpan", span));

    public static JsonObject Event(string id, string name) => Of(id, "Event", ("eventName", name));

    public static JsonObject RunTask(string id) => Of(id, "RunTask", ("taskName", id));

    /// <summary>Imports it: a draft, or in force (the next version where there is one).</summary>
    public static async Task<DefinitionVersion> KeepAsync(this Office office, string definition, bool inForce = false)
    {
        var imported = await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s =>
            s.ImportAsync(Encoding.UTF8.GetBytes(definition), null, publish: inForce, inForce, asId: null, Manager));
        Assert.True(imported.Succeeded && imported.Value.Changed, imported.Succeeded ? string.Join(", ", imported.Value.Problems.Select(p => p.Message)) : imported.Problems[0].Code);
        return await office.RowsAsync(db => db.DefinitionVersions.AsNoTracking()
            .SingleAsync(v => v.DefinitionId == imported.Value.DefinitionId && v.Version == imported.Value.Version));
    }

    public static async Task<Guid> TrialAsync(this Office office, string definitionId, string? correlationId = null)
    {
        var started = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(t =>
            t.StartAsync(office[Manager], new TrialRequest(definitionId, "Latest", CorrelationId: correlationId)));
        Assert.True(started.Succeeded, started.Succeeded ? "" : started.Problems[0].ToString());
        return started.Value.Single();
    }

    public static async Task<WorkflowState> StateAsync(this Office office, Guid instanceId) =>
        WorkflowState.FromJson(await office.RowsAsync(db => db.Instances.Where(i => i.Id == instanceId).Select(i => i.State).SingleAsync()));

    /// <summary>Activities that an instance waits at.</summary>
    public static async Task<string[]> WaitsAtAsync(this Office office, Guid instanceId) =>
        [.. (await office.StateAsync(instanceId)).Bookmarks.Select(b => b.ActivityId).Order(StringComparer.Ordinal)];

    public static Task<Result<Guid>> ResumeAsync(this Office office, Guid instanceId, string bookmarkId, JsonObject? input = null) =>
        office.AskAsync<TrialDesk, Result<Guid>>(t => t.ResumeAsync(office[Manager], instanceId, bookmarkId, input));

    /// <summary>A node lives, and has for an hour.</summary>
    public static Task<int> BeatAsync(this Office office) => office.RowsAsync(async db =>
    {
        db.NodeHeartbeats.RemoveRange(db.NodeHeartbeats);
        db.NodeHeartbeats.Add(new NodeHeartbeat { NodeId = "uji", StartedAt = office.Time.GetUtcNow().AddHours(-1), LastBeatAt = office.Time.GetUtcNow() });
        return await db.SaveChangesAsync();
    });

    /// <summary>How often an activity of an instance has begun.</summary>
    public static Task<int> CountAsync(this Office office, Guid instanceId, string activityId, string eventName = "Started") =>
        office.RowsAsync(db => db.Journal.CountAsync(j => j.InstanceId == instanceId && j.ActivityId == activityId && j.EventName == eventName));

    private static JsonObject Connection(string told)
    {
        var (from, to) = (told.Split('-')[0], told.Split('-')[1]);
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from.Split(':')[0], ["port"] = from.Contains(':') ? from.Split(':')[1] : "Done" },
            ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" }
        };
    }
}
