using System.Globalization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>What an instance did: its journal, the executions of its activities, and the marks of its nodes.</summary>
internal static class InstanceJournal
{
    private const int DefaultTake = 100;
    internal const int LargestTake = 1000;

    public sealed record JournalFilter(List<string>? ActivityIds, List<string>? ActivityNodeIds, List<string>? ExcludedActivityTypes, List<string>? EventNames);

    public sealed record JournalBody(JournalFilter? Filter);

    public sealed record ReportBody(string? WorkflowInstanceId, List<string>? ActivityNodeIds);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/workflow-instances/{id}/journal", (string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            LinesAsync(id, null, call, reader, cancellation));
        api.MapPost("/workflow-instances/{id}/journal", FilteredAsync);
        api.MapGet("/workflow-instances/{id}/journal/{activityId}", LastLineAsync);
        api.MapPost("/activity-executions/report", ReportAsync);
        api.MapGet("/activity-executions/list", (ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            RunsAsync(call, reader, (view, all, shown) => ElsaApi.Ok(new { Items = InstanceShapes.Runs(view, all, shown), shown.Count }), cancellation));
        api.MapGet("/activity-execution-summaries/list", (ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            RunsAsync(call, reader, (view, _, shown) =>
                ElsaApi.Ok(new { Items = shown.Select(r => InstanceShapes.RunSummary(view, r)), shown.Count }), cancellation));
        api.MapGet("/activity-executions/count", (ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            RunsAsync(call, reader, (_, _, shown) => ElsaApi.Ok(new { shown.Count }), cancellation));
        api.MapGet("/activity-executions/by-id", (string? id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            RunAsync(id, call, reader, (view, all, run) => ElsaApi.Ok(InstanceShapes.Runs(view, all, [run]).Single()), cancellation));
        api.MapGet("/activity-executions/{id}", (string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
            RunAsync(id, call, reader, (view, all, run) => ElsaApi.Ok(InstanceShapes.Runs(view, all, [run]).Single()), cancellation));
        api.MapGet("/activity-executions/{id}/call-stack", CallStackAsync);
        // Nothing is tried again behind an activity's back: a fault is an incident at once.
        api.MapGet("/resilience/retries/{activityInstanceId}", () => ElsaApi.Ok(new { Items = Array.Empty<object>(), TotalCount = 0 }));
        // Nothing here pauses the runtime; stock Elsa without that module answers 404, too.
        api.MapGet("/runtime/status", () => ElsaApi.Missing);
        DeadLetterQueue.Map(api);
    }

    private static async Task<IResult> FilteredAsync(string id, ApiCall call, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<JournalBody>();
        return body.Succeeded ? await LinesAsync(id, body.Value.Value.Filter, call, reader, cancellation) : ElsaApi.Refuse(body.Problems);
    }

    private static Task<IResult> LinesAsync(string id, JournalFilter? filter, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        Instances.WithAsync(call, reader, id, async (_, view) =>
        {
            if (Span(call.Context.Request.Query) is not var (skip, take))
                return ElsaApi.Refuse([Problem.Invalid("page-size-invalid", "take", LargestTake)]);
            var (lines, total) = await reader.JournalAsync(
                view, new JournalQuery(filter?.ActivityIds, filter?.ActivityNodeIds, filter?.ExcludedActivityTypes, filter?.EventNames, skip, take), cancellation);
            return ElsaApi.Ok(new { Items = lines.Select(line => InstanceShapes.Line(view, line)), TotalCount = total });
        }, cancellation);

    private static Task<IResult> LastLineAsync(string id, string activityId, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        Instances.WithAsync(call, reader, id, async (_, view) =>
        {
            var query = new JournalQuery([activityId], EventNames: ["Started", "Completed", "Faulted"], Take: 1);
            var (lines, total) = await reader.JournalAsync(view, query, cancellation);
            if (total > 1)
                (lines, total) = await reader.JournalAsync(view, query with { Skip = (int)total - 1 }, cancellation);
            return lines.Count == 0 ? Instances.NotFound() : ElsaApi.Ok(InstanceShapes.Line(view, lines[^1]));
        }, cancellation);

    private static async Task<IResult> ReportAsync(ApiCall call, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<ReportBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        return await Instances.WithAsync(call, reader, body.Value.Value.WorkflowInstanceId, async (_, view) =>
        {
            var wanted = body.Value.Value.ActivityNodeIds?.ToHashSet();
            var stats = InstanceHistory.Stats(await reader.RunsAsync(view, cancellation)).Where(s => wanted is null || wanted.Contains(s.NodeId));
            return ElsaApi.Ok(new { Stats = stats.Select(InstanceShapes.Stats) });
        }, cancellation);
    }

    private static Task<IResult> RunsAsync(
        ApiCall call, InstanceReader reader, Func<InstanceView, IReadOnlyList<ActivityRun>, IReadOnlyList<ActivityRun>, IResult> answer,
        CancellationToken cancellation)
    {
        var query = call.Context.Request.Query;
        return Instances.WithAsync(call, reader, query["workflowInstanceId"], async (_, view) =>
        {
            var all = await reader.RunsAsync(view, cancellation);
            string? node = query["activityNodeId"], activity = query["activityId"];
            bool? completed = bool.TryParse(query["completed"], out var flag) ? flag : null;
            return answer(view, all,
            [
                .. all.Where(r => (node is null || r.NodeId == node) && (activity is null || r.ActivityId == activity)
                    && (completed is null || (r.CompletedAt is not null) == completed))
            ]);
        }, cancellation);
    }

    // The id of an execution begins with its instance's.
    private static Task<IResult> RunAsync(
        string? id, ApiCall call, InstanceReader reader, Func<InstanceView, IReadOnlyList<ActivityRun>, ActivityRun, IResult> answer,
        CancellationToken cancellation) =>
        Instances.WithAsync(call, reader, id?.Split('-')[0], async (_, view) =>
        {
            var all = await reader.RunsAsync(view, cancellation);
            return all.FirstOrDefault(r => r.Id == id) is { } run ? answer(view, all, run) : Instances.NotFound();
        }, cancellation);

    private static Task<IResult> CallStackAsync(string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        RunAsync(id, call, reader, (view, all, run) =>
        {
            var chain = new List<ActivityRun>();
            for (var at = run; at is not null; at = all.FirstOrDefault(r => r.Id == at.ParentId))
                chain.Insert(0, at);
            return ElsaApi.Ok(new { ActivityExecutionId = run.Id, Items = InstanceShapes.Runs(view, all, chain), TotalCount = chain.Count });
        }, cancellation);

    // skip and take, or page and pageSize; null: not to be read.
    internal static (int Skip, int Take)? Span(IQueryCollection query)
    {
        if (Number("pageSize", DefaultTake) is not { } size || Number("take", size) is not { } take || Number("page", 0) is not { } page
            || take is < 1 or > LargestTake || page > 1_000_000)
            return null;
        return Number("skip", page * take) is { } skip ? (skip, take) : null;

        int? Number(string name, int otherwise) =>
            query[name] is not [{ Length: > 0 } text] ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : null;
    }
}
