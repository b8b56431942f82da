using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Runs definitions from Studio. Every run is a trial. A run that faults is answered with the state that holds its incident; one that was
/// refused says so in the header that Studio reads.
/// </summary>
internal static class InstanceRuns
{
    private const string InstanceIdHeader = "x-elsa-workflow-instance-id";
    private const string CannotStartHeader = "x-elsa-workflow-cannot-start";

    /// <param name="VersionOptions">Latest, Published, LatestOrPublished or a number.</param>
    public sealed record RunBody(
        JsonElement? VersionOptions, Dictionary<string, JsonNode?>? Input, string? CorrelationId, string? Name, int? Count);

    public sealed record VersionHandle(string? DefinitionId, JsonElement? VersionOptions, string? DefinitionVersionId);

    public sealed record ActivityHandle(string? ActivityId, string? ActivityNodeId);

    public sealed record TestBody(VersionHandle? WorkflowDefinitionHandle, ActivityHandle? ActivityHandle);

    public sealed record TaskBody(JsonNode? Result);

    public sealed record EventBody(string? WorkflowInstanceId, string? CorrelationId, JsonNode? Input);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/workflow-definitions/{definitionId}/execute", ExecuteAsync);
        api.MapPost("/workflow-definitions/{definitionId}/dispatch", DispatchAsync);
        api.MapPost("/workflow-definitions/{definitionId}/bulk-dispatch", BulkDispatchAsync);
        api.MapPost("/tasks/{taskId}/complete", CompleteTaskAsync);
        api.MapPost("/events/{eventName}/trigger", TriggerAsync);
        api.MapPost("/tests/activities", TestAsync);
        // No token for a bookmark is ever given out: what waits is resumed by whoever is signed in.
        api.MapMethods("/bookmarks/resume", ["GET", "POST"], () =>
            ElsaApi.Refuse([new Problem("bookmark-token-invalid", ProblemKind.Malformed)]));
    }

    private static Task<IResult> ExecuteAsync(
        string definitionId, ApiCall call, TrialDesk trials, InstanceReader reader, CancellationToken cancellation) =>
        StartAsync(definitionId, call, trials, 1, async (actor, started) =>
        {
            var headers = call.Context.Response.Headers;
            headers[CannotStartHeader] = "False";
            headers[InstanceIdHeader] = InstanceShapes.Id(started[0]);
            headers["x-elsa-response"] = "true";
            return await reader.FindAsync(actor, started[0], cancellation) is { } view
                ? ElsaApi.Ok(new { WorkflowState = InstanceShapes.State(view, await reader.RunsAsync(view, cancellation)) })
                : Instances.NotFound();
        }, cancellation);

    private static Task<IResult> DispatchAsync(string definitionId, ApiCall call, TrialDesk trials, CancellationToken cancellation) =>
        StartAsync(definitionId, call, trials, 1, (_, started) =>
            Task.FromResult(ElsaApi.Ok(new { WorkflowInstanceId = InstanceShapes.Id(started[0]) })), cancellation);

    private static Task<IResult> BulkDispatchAsync(string definitionId, ApiCall call, TrialDesk trials, CancellationToken cancellation) =>
        StartAsync(definitionId, call, trials, null, (_, started) =>
            Task.FromResult(ElsaApi.Ok(new { WorkflowInstanceIds = started.Select(InstanceShapes.Id) })), cancellation);

    private static async Task<IResult> StartAsync(
        string definitionId, ApiCall call, TrialDesk trials, int? count, Func<Actor, IReadOnlyList<Guid>, Task<IResult>> answer,
        CancellationToken cancellation)
    {
        var body = await call.BodyAsync<RunBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var asked = body.Value.Value;
        var actor = await call.ActorAsync();
        var started = await trials.StartAsync(
            actor, new TrialRequest(definitionId, Text(asked.VersionOptions), asked.Input, asked.CorrelationId, asked.Name), count ?? asked.Count ?? 1, cancellation);
        if (started.Succeeded)
            return await answer(actor, started.Value);
        // Studio looks at this header alone, not at the status: without it, it would say that a refused run was started.
        call.Context.Response.Headers[CannotStartHeader] = "True";
        return ElsaApi.Refuse(started.Problems);
    }

    /// <summary>
    /// Completes what a trial waits for: a SOP step with the outcome Done or Returned (<c>{"result": "Returned"}</c>, default Done), a task of
    /// another program with its result. The latter also for cases and runs; their steps are officers'.
    /// </summary>
    private static async Task<IResult> CompleteTaskAsync(
        string taskId, ApiCall call, TrialDesk trials, EventDesk events, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<TaskBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var result = body.Value.Value.Result;
        // The id of a bookmark begins with its instance's.
        return await Instances.WithAsync(call, reader, taskId.Split('-')[0], async (actor, view) =>
        {
            var waiting = view.State.Bookmarks.FirstOrDefault(b => b.Id == taskId);
            var done = !view.Row.IsTrial
                ? await events.CompleteTaskAsync(actor, view.Row.Id, taskId, Wrapped(result), cancellation)
                : waiting?.Name == SopTask.StimulusName
                ? await trials.CompleteStepAsync(actor, view.Row.Id, taskId, Outcome(result), cancellation)
                : await trials.ResumeAsync(actor, view.Row.Id, taskId, Wrapped(result), cancellation);
            return Instances.Answer(done, _ => TypedResults.Ok());
        }, cancellation);
    }

    /// <summary>Tells whoever waits for it of an event: one instance, or all; it starts what it starts, and is kept where nobody waits yet.</summary>
    private static async Task<IResult> TriggerAsync(string eventName, ApiCall call, EventDesk events, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<EventBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var (one, correlationId, input) = body.Value.Value;
        if (!string.IsNullOrEmpty(one) && !Guid.TryParse(one, out _))
            return Instances.NotFound();
        var told = await events.TellAsync(
            await call.ActorAsync(), new OutsideEvent(eventName, correlationId, Guid.TryParse(one, out var only) ? only : null, input), cancellation);
        return Instances.Answer(told, _ => TypedResults.Ok());
    }

    /// <summary>Runs one activity by itself; nothing is stored.</summary>
    private static async Task<IResult> TestAsync(ApiCall call, ActivityTester tester, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<TestBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var version = body.Value.Value.WorkflowDefinitionHandle;
        var handle = body.Value.Value.ActivityHandle;
        // The end of a path names the activity.
        var activityId = handle?.ActivityId ?? handle?.ActivityNodeId?.Split(':')[^1];
        if (string.IsNullOrEmpty(activityId))
            return ElsaApi.Refuse(Problem.Invalid("field-required", "activityHandle"));
        var tested = await tester.RunAsync(
            await call.ActorAsync(), version?.DefinitionVersionId is { Length: > 0 } id ? Guid.TryParse(id, out var key) ? key : Guid.Empty : null,
            version?.DefinitionId, Text(version?.VersionOptions), activityId, cancellation);
        return Instances.Answer(tested, test => ElsaApi.Ok(new
        {
            ActivityState = new ActivitySources(test.Workflow, test.State.Journaled).Inputs(activityId, test.Values) ?? [],
            Outputs = new JsonObject((test.Values?.Outputs ?? []).Select(o => KeyValuePair.Create(o.Key, o.Value?.DeepClone()))),
            Payload = new JsonObject(),
            Exception = test.State.Incidents.Count > 0 ? InstanceShapes.Exception(null, test.State.Incidents[0]) : null,
            test.Status
        }));
    }

    private static string? Text(JsonElement? word) => word?.ValueKind switch
    {
        JsonValueKind.String => word.Value.GetString(),
        JsonValueKind.Number => word.Value.GetRawText(),
        _ => null
    };

    private static string Outcome(JsonNode? result) => (result as JsonObject)?["outcome"] is { } named ? Outcome(named)
        : result is JsonValue value && value.TryGetValue<string>(out var text) ? text
        : "Done";

    private static JsonObject? Wrapped(JsonNode? result) => result switch
    {
        null => null,
        JsonObject members => members,
        _ => new JsonObject { ["result"] = result.DeepClone() }
    };
}
