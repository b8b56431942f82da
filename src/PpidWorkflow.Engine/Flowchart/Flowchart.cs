using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Flowcharts;

/// <summary>
/// Activities joined by connections. Flow is told by tokens (Elsa's decision records 0005 and 0007): a completed activity sends one along
/// every connection of its outcomes; a token waits at its target until the target's merge mode lets it run, and is gone when the target
/// completes. A target that cannot run yet is looked at again after every completion, since the branch it waits for may end elsewhere. When
/// nothing runs, is scheduled or has faulted, the flowchart is complete: tokens that then still wait at a join wait for paths not taken.
/// </summary>
[Activity("Elsa", "Flow", "Aktivitas yang dihubungkan dengan garis alur.", IsBrowsable = false)]
public sealed class Flowchart : Container
{
    /// <summary>Property of an execution that holds its tokens.</summary>
    internal const string Tokens = "Tokens";

    /// <summary>Property of an execution: where it began, if elsewhere than <see cref="StartActivity"/>.</summary>
    private const string Begin = "Start";
    private readonly ConcurrentDictionary<string, FlowGraph> _graphs = new();
    private FlowGraph? _graph;
    private Dictionary<string, (IActivity Activity, MergeMode Mode)>? _byId;
    private Entrance? _entrance;

    // One for all executions: a flowchart has many children.
    private ActivityCompletionCallback? _childCompleted;

    public IReadOnlyList<Connection> Connections { get; internal set; } = [];

    /// <summary>
    /// Where the flow begins: the Start activity, else one marked "can start workflow", else the first without inbound connection, else the
    /// first.
    /// </summary>
    public IActivity? StartActivity => FindEntrance().Activity;

    /// <summary>False where the drawing does not tell where to begin, because everything has an inbound connection.</summary>
    internal bool HasStart => FindEntrance().IsDrawn;

    internal FlowGraph Graph => _graph ??= new FlowGraph(Connections, StartActivity?.Id);

    /// <summary>The drawing as it is when the flow begins at that activity.</summary>
    internal FlowGraph GraphFrom(string start) => start == StartActivity?.Id ? Graph : _graphs.GetOrAdd(start, id => new FlowGraph(Connections, id));

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var start = StartActivity;
        // A flowchart may hold several triggers: it begins at the one that started it.
        if (context.TriggerActivityId is { } trigger && trigger != start?.Id && ById.TryGetValue(trigger, out var other))
        {
            context.SetProperty(Begin, trigger);
            start = other.Activity;
        }
        return start is null ? context.CompleteActivityAsync() : context.ScheduleActivityAsync(start, _childCompleted ??= OnChildCompletedAsync);
    }

    private FlowGraph GraphOf(ActivityExecutionContext context) => context.PeekProperty(Begin) is { } begin ? GraphFrom((string)begin!) : Graph;

    private ValueTask OnChildCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        var activity = completed.ChildContext.Activity;
        if (activity is ITerminalNode)
            return context.CompleteActivityAsync();

        var wins = activity is FlowJoin join && context.Get(join.Mode) == FlowJoinMode.WaitAny;
        if (context.GetLive<TokenList>() is not { } tokens)
            context.SetLive(Tokens, tokens = TokenList.FromJson(context.PeekProperty(Tokens)));
        tokens.Remember();
        tokens.Answered(activity.Id);
        var graph = GraphOf(context);
        // What was scheduled already when the race was won has begun since.
        if (wins)
            CancelBefore(context, graph, tokens, activity.Id);
        foreach (var connection in graph.Outbound(activity.Id))
            if (Contains(completed.Outcomes, connection.Port) && !tokens.Remove(connection, TokenState.Blocked))
                tokens.Add(connection, TokenState.Waiting);
        return FollowAsync(context, graph, tokens);
    }

    /// <summary>Runs what may run now. Completes when nothing is left to run or to wait for.</summary>
    private async ValueTask FollowAsync(ActivityExecutionContext context, FlowGraph graph, TokenList tokens)
    {
        try
        {
            foreach (var arrival in tokens.Waiting())
                if (tokens.Has(arrival, TokenState.Waiting) && MayRun(context, graph, tokens, arrival))
                {
                    if (IsCascade(arrival.Target))
                        tokens.Take(arrival);
                    else
                        tokens.Take(arrival.Target);
                    await context.ScheduleActivityAsync(Find(arrival.Target), _childCompleted ??= OnChildCompletedAsync);
                }
        }
        catch
        {
            // A mode that cannot be read is a fault of this flowchart; its retry must find the tokens as they were.
            tokens.Restore();
            throw;
        }

        if (tokens.HasBlocked)
            Unblock(graph, tokens);
        if (!context.HasScheduledChildren && !context.HasChildren)
            await context.CompleteActivityAsync();
    }

    /// <summary>Runs one of the activities without a token having reached it (an alteration).</summary>
    internal ValueTask ScheduleByHandAsync(ActivityExecutionContext context, string activityId) =>
        context.ScheduleActivityAsync(Find(activityId), _childCompleted ??= OnChildCompletedAsync);

    private bool MayRun(ActivityExecutionContext context, FlowGraph graph, TokenList tokens, Connection arrival)
    {
        var target = arrival.Target;
        var forward = graph.ForwardInbound(target);
        var (activity, mode) = ById[target];
        if (activity is FlowJoin join)
        {
            var wanted = context.Get(join.Mode);
            if (wanted == FlowJoinMode.WaitAllActive)
                return !graph.Ancestors(target).Any(tokens.IsPending);
            mode = wanted == FlowJoinMode.WaitAny ? MergeMode.Race : MergeMode.Merge;
        }
        switch (mode)
        {
            case MergeMode.Merge:
                return forward.Count <= 1 || !forward.Contains(arrival) || forward.All(c => tokens.Has(c, TokenState.Waiting));
            case MergeMode.Converge:
                return graph.Inbound(target) is var all && (all.Count <= 1 || all.All(c => tokens.Has(c, TokenState.Waiting)));
            case MergeMode.Cascade:
                return true;
            case MergeMode.Race:
                WinRace(context, graph, tokens, arrival);
                return true;
            default:
                foreach (var connection in forward)
                    if (tokens.IsPending(connection.Source))
                        return false;
                return true;
        }
    }

    private bool IsCascade(string target) => ById[target] is { Mode: MergeMode.Cascade, Activity: not FlowJoin };

    /// <summary>Cancels what runs before the target, and blocks the connections by which something scheduled may yet arrive.</summary>
    private static void WinRace(ActivityExecutionContext context, FlowGraph graph, TokenList tokens, Connection arrival)
    {
        CancelBefore(context, graph, tokens, arrival.Target);
        foreach (var other in graph.ForwardInbound(arrival.Target))
            if (other != arrival && IsAlive(graph, tokens, other) && !tokens.Has(other, TokenState.Waiting))
                tokens.Add(other, TokenState.Blocked);
    }

    private static void CancelBefore(ActivityExecutionContext context, FlowGraph graph, TokenList tokens, string target)
    {
        var ancestors = graph.Ancestors(target);
        foreach (var loser in context.Children.Where(c => ancestors.Contains(c.Activity.Id)))
        {
            context.CancelChild(loser);
            tokens.Answered(loser.Activity.Id);
        }
    }

    private static void Unblock(FlowGraph graph, TokenList tokens) => tokens.Unblock(c => IsAlive(graph, tokens, c));

    /// <summary>Whether something may still come along this connection.</summary>
    private static bool IsAlive(FlowGraph graph, TokenList tokens, Connection connection) =>
        tokens.IsPending(connection.Source) || graph.Ancestors(connection.Source).Any(tokens.IsPending);

    private Entrance FindEntrance()
    {
        return _entrance ??= Drawn() is { } drawn ? new Entrance(drawn, true) : new Entrance(Activities.Count > 0 ? Activities[0] : null, false);

        IActivity? Drawn()
        {
            if ((Activities.FirstOrDefault(a => a is IStartNode) ?? Activities.FirstOrDefault(CanStartWorkflow)) is { } marked)
                return marked;
            var targets = Connections.Select(c => c.Target).ToHashSet();
            return Activities.FirstOrDefault(a => !targets.Contains(a.Id));
        }
    }

    /// <summary>Where the flow begins, and whether the drawing says so.</summary>
    private sealed record Entrance(IActivity? Activity, bool IsDrawn);

    /// <summary>Its box says that it starts the workflow (Elsa contract).</summary>
    internal static bool CanStartWorkflow(IActivity activity) =>
        activity.CustomProperties["canStartWorkflow"] is JsonValue value && value.TryGetValue<bool>(out var can) && can;

    private Dictionary<string, (IActivity Activity, MergeMode Mode)> ById =>
        _byId ??= Activities.DistinctBy(a => a.Id).ToDictionary(a => a.Id, a => (a, MergeModeOf(a)), StringComparer.Ordinal);

    private IActivity Find(string id) => ById[id].Activity;

    private static bool Contains(IReadOnlyList<string> outcomes, string port)
    {
        for (var i = 0; i < outcomes.Count; i++)
            if (outcomes[i] == port)
                return true;
        return false;
    }

    private static MergeMode MergeModeOf(IActivity activity) =>
        activity.CustomProperties["mergeMode"] is JsonValue value && value.TryGetValue<string>(out var name)
        && Enum.TryParse<MergeMode>(name, ignoreCase: true, out var mode)
            ? mode
            : MergeMode.None;
}
