using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>One execution of an activity, from its first line in the journal to its end.</summary>
/// <param name="Id">Of this execution.</param>
/// <param name="ActivityId">The activity in the definition.</param>
/// <param name="NodeId">Its path, <c>Workflow1:Flowchart1:Step2</c>.</param>
/// <param name="ActivityType">Type name on the wire.</param>
/// <param name="ActivityName">Null: it has none.</param>
/// <param name="ParentId">The execution around it; null: the workflow's own.</param>
/// <param name="Depth">0 for the workflow's own.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="CompletedAt">UTC; null: under way.</param>
/// <param name="Status">As it stands now, also after a completion was taken back.</param>
/// <param name="HasBookmarks">It waits.</param>
/// <param name="Faults">Standing incidents in it and below it.</param>
/// <param name="Outcome">JSON payload of its completion; null: none.</param>
/// <param name="Values">Evaluated inputs and outputs as far as the journal holds them; null: none.</param>
public sealed record ActivityRun(
    string Id, string ActivityId, string NodeId, string ActivityType, string? ActivityName, string? ParentId, int Depth, DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt, ActivityStatus Status, bool HasBookmarks, int Faults, string? Outcome,
    ExecutionValues? Values);

/// <summary>What the instance viewer marks a node with (Elsa contract: activity execution stats).</summary>
/// <param name="ActivityId">The activity in the definition.</param>
/// <param name="NodeId">Its path.</param>
/// <param name="Started">How often it ran.</param>
/// <param name="Completed">How often it ended.</param>
/// <param name="IsBlocked">It waits.</param>
/// <param name="IsFaulted">An incident stands in it.</param>
/// <param name="Faults">Standing incidents in it and below it.</param>
public sealed record NodeStats(string ActivityId, string NodeId, long Started, long Completed, bool IsBlocked, bool IsFaulted, int Faults)
{
    /// <summary>How many of its executions are under way.</summary>
    public long Uncompleted => Started - Completed;
}

/// <summary>
/// Reads executions out of the journal. The journal is never rewritten, so the state has the last word on what is under way: an execution
/// whose completion was taken back is running again, and one that the taking back undid has been cancelled.
/// </summary>
public static class InstanceHistory
{
    /// <summary>Executions in the order of their start.</summary>
    public static IReadOnlyList<ActivityRun> Runs(CompiledWorkflow workflow, WorkflowState state, IEnumerable<JournalRow> journal)
    {
        var standing = state.GetExecutions().ToDictionary(e => e.Id);
        var waiting = state.Bookmarks.Select(b => b.ActivityInstanceId).ToHashSet();
        var faults = new Dictionary<string, int>();
        foreach (var incident in state.Incidents)
            for (var at = standing.GetValueOrDefault(incident.ActivityInstanceId); at is not null; at = at.ParentId is { } up ? standing.GetValueOrDefault(up) : null)
                faults[at.Id] = faults.GetValueOrDefault(at.Id) + 1;

        var depths = new Dictionary<string, int>();
        var runs = new List<ActivityRun>();
        foreach (var lines in journal.OrderBy(j => j.Sequence).GroupBy(j => j.ActivityInstanceId))
        {
            var first = lines.First();
            var end = lines.LastOrDefault(j => j.EventName is "Completed" or "Canceled");
            var live = standing.GetValueOrDefault(first.ActivityInstanceId);
            depths[first.ActivityInstanceId] = first.ParentActivityInstanceId is { } parent ? depths.GetValueOrDefault(parent) + 1 : 0;
            runs.Add(new ActivityRun(
                first.ActivityInstanceId, first.ActivityId, workflow.FindNodeId(first.ActivityId) ?? first.ActivityId, first.ActivityType,
                workflow.FindActivity(first.ActivityId)?.Name, first.ParentActivityInstanceId, depths[first.ActivityInstanceId], first.At,
                live is not null ? null : end?.At ?? lines.Last().At,
                live?.Status ?? (end?.EventName == "Completed" ? ActivityStatus.Completed : ActivityStatus.Canceled),
                waiting.Contains(first.ActivityInstanceId), faults.GetValueOrDefault(first.ActivityInstanceId), live is null ? end?.Payload : null,
                live is null ? JournalPayload.ValuesOf(end?.Payload) : state.GetValues(live.Id)));
        }
        return runs;
    }

    /// <summary>Marks by node, in the order in which the nodes were first reached; nodes that never ran have none.</summary>
    public static IReadOnlyList<NodeStats> Stats(IEnumerable<ActivityRun> runs) =>
    [
        .. runs.GroupBy(r => r.NodeId).Select(node => new NodeStats(
            node.First().ActivityId, node.Key, node.Count(), node.Count(r => r.CompletedAt is not null), node.Any(r => r.HasBookmarks),
            node.Any(r => r.Status == ActivityStatus.Faulted), node.Sum(r => r.Faults)))
    ];
}
