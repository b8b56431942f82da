using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Execution;

/// <summary>Why an instance cannot go on with another version.</summary>
public enum MigrationObstacleKind
{
    /// <summary>It has ended, or a fault stopped it: mend that first.</summary>
    NotWaiting,

    /// <summary>An activity at which it stands, or a container around it, is not in the new version.</summary>
    ActivityMissing,

    /// <summary>That activity is of another type there.</summary>
    ActivityTypeChanged,

    /// <summary>That activity lies in another container there, or the sequence around it was changed before it.</summary>
    ContainerChanged,

    /// <summary>A branch waits at a join by a connection that the new version does not have.</summary>
    TokenMissing,

    /// <summary>A step that was finished would come again.</summary>
    FinishedAgain,

    /// <summary>A join ahead would wait for a branch that this instance never entered.</summary>
    JoinOutOfReach,

    /// <summary>The new version requires an input that the instance was not given.</summary>
    InputMissing,

    /// <summary>A variable that holds a value is of another type.</summary>
    VariableTypeChanged
}

/// <param name="Kind">What stands against it.</param>
/// <param name="Subject">Number of the step, or name of the activity, input or variable; null: the instance as a whole.</param>
public sealed record MigrationObstacle(MigrationObstacleKind Kind, string? Subject);

/// <summary>What becomes of an instance under another version.</summary>
/// <param name="State">The state for the new version; null where there are obstacles.</param>
/// <param name="Obstacles">Everything that stands against it.</param>
/// <param name="ChangedTasks">Open SOP tasks that differ, by bookmark id: whether they can be sent back. Text and standard stay as begun.</param>
/// <param name="Ahead">Steps that only the new version has and that will be done, in order of the flow.</param>
/// <param name="Skipped">Steps that only the new version has and that this instance has passed already.</param>
public sealed record MigrationPlan(
    WorkflowState? State, IReadOnlyList<MigrationObstacle> Obstacles, IReadOnlyDictionary<string, SopTask> ChangedTasks,
    IReadOnlyList<SopStepOutline> Ahead, IReadOnlyList<SopStepOutline> Skipped);

/// <summary>
/// Moves a waiting instance from one version of a definition to another, without running anything: it stands where it stood, and what
/// follows is the new version's. Activities are the same where their ids are. Pure; the given state is never changed.
/// </summary>
public static class StateMigration
{
    /// <param name="from">The version that the instance runs.</param>
    /// <param name="to">The version that it is to run.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="finished">Ids of the activities that have completed in it; none of them may come again unless the old version led
    /// there too.</param>
    public static MigrationPlan Plan(CompiledWorkflow from, CompiledWorkflow to, WorkflowState state, IReadOnlySet<string> finished)
    {
        var obstacles = new List<MigrationObstacle>();
        if (state.Status != WorkflowStatus.Running || state.Incidents.Count > 0 || state.Scheduled.Count > 0)
            return new MigrationPlan(null, [new MigrationObstacle(MigrationObstacleKind.NotWaiting, null)], new Dictionary<string, SopTask>(), [], []);

        foreach (var execution in state.Activities)
            CheckPlace(from, to, execution, obstacles);
        foreach (var input in to.Definition.Inputs.Where(i => i.IsRequired && i.DefaultValue is null
            && !state.Input.Any(given => given.Key.Equals(i.Name, StringComparison.OrdinalIgnoreCase) && given.Value is not null)))
            obstacles.Add(new MigrationObstacle(MigrationObstacleKind.InputMissing, input.DisplayName ?? input.Name));

        HashSet<string> ahead = [];
        if (obstacles.Count == 0)
        {
            CheckTokens(from, to, state, obstacles);
            ahead = Ahead(to, state);
            foreach (var again in Ahead(to, state).Intersect(finished).Except(Ahead(from, state)).Order(StringComparer.Ordinal))
                obstacles.Add(new MigrationObstacle(MigrationObstacleKind.FinishedAgain, Label(from, to, again)));
        }

        var known = from.SopSteps.Select(s => s.ActivityId).ToHashSet();
        var added = to.SopSteps.Where(s => !known.Contains(s.ActivityId)).ToList();
        if (obstacles.Count > 0)
            return new MigrationPlan(null, obstacles, new Dictionary<string, SopTask>(), [], []);

        var moved = state.Copy();
        var changed = new Dictionary<string, SopTask>();
        moved.Bookmarks = [.. moved.Bookmarks.Select(bookmark => Move(bookmark, to, changed))];
        return new MigrationPlan(
            moved, [], changed, [.. added.Where(s => ahead.Contains(s.ActivityId))], [.. added.Where(s => !ahead.Contains(s.ActivityId))]);
    }

    private static Bookmark Move(Bookmark bookmark, CompiledWorkflow to, Dictionary<string, SopTask> changed)
    {
        var moved = bookmark with { ActivityNodeId = to.Nodes[bookmark.ActivityId].NodeId };
        if (bookmark.Name != SopTask.StimulusName || bookmark.Payload is null)
            return moved;
        var task = SopTask.FromJson(bookmark.Payload);
        // Part b goes back to part a within the activity; anything else needs the connection, or sending back would end the flow.
        var returnable = task.Part == "b" ? task.Returnable : to.IsPortConnected(bookmark.ActivityId, "Returned");
        if (returnable == task.Returnable)
            return moved;
        changed[bookmark.Id] = task with { Returnable = returnable };
        return moved with { Payload = changed[bookmark.Id].ToJson() };
    }

    private static void CheckPlace(CompiledWorkflow from, CompiledWorkflow to, ActivityExecutionState execution, List<MigrationObstacle> obstacles)
    {
        var id = execution.ActivityId;
        if (!from.Nodes.TryGetValue(id, out var old))
            throw new InvalidOperationException($"Activity {id} of the state is not in the version that it runs.");
        if (!to.Nodes.TryGetValue(id, out var now))
            obstacles.Add(new MigrationObstacle(MigrationObstacleKind.ActivityMissing, Label(from, to, id)));
        else if (now.Activity.Type != old.Activity.Type)
            obstacles.Add(new MigrationObstacle(MigrationObstacleKind.ActivityTypeChanged, Label(from, to, id)));
        else if (now.Parent?.Activity.Id != old.Parent?.Activity.Id || !SameSoFar(old.Activity, now.Activity, execution))
            obstacles.Add(new MigrationObstacle(MigrationObstacleKind.ContainerChanged, Label(from, to, id)));
        else
        {
            foreach (var variable in old.Variables.Where(v => execution.Variables?.ContainsKey(v.Id) == true))
            {
                if (now.Variables.FirstOrDefault(v => v.Id == variable.Id) is { } same
                    && (same.TypeName != variable.TypeName || same.IsArray != variable.IsArray))
                    obstacles.Add(new MigrationObstacle(MigrationObstacleKind.VariableTypeChanged, variable.Name));
            }
        }
    }

    /// <summary>
    /// A sequence counts its children: those up to the open one must be the same. A state machine stands in a state: what leads out of it must be the same.
    /// </summary>
    private static bool SameSoFar(IActivity old, IActivity now, ActivityExecutionState execution) =>
        old is StateMachine machine && now is StateMachine next ? next.Continues(machine, Text(execution, StateMachine.Current), Text(execution, StateMachine.Accepted))
        : old is not Sequence before || now is not Sequence after
        || before.Activities.Take(Begun(execution)).Select(a => a.Id).SequenceEqual(after.Activities.Take(Begun(execution)).Select(a => a.Id));

    private static string? Text(ActivityExecutionState execution, string property) => ValueConverter.ToText(execution.Properties?.GetValueOrDefault(property));

    private static int Begun(ActivityExecutionState execution) => ValueConverter.To<int>(execution.Properties?.GetValueOrDefault(Sequence.Next));

    private static void CheckTokens(CompiledWorkflow from, CompiledWorkflow to, WorkflowState state, List<MigrationObstacle> obstacles)
    {
        foreach (var (execution, flow, tokens, open) in Flows(to, state))
        {
            var connections = flow.Connections.ToHashSet();
            // A token that its target has taken only says that the target is at work; any other is looked for by its connection.
            foreach (var token in tokens.Unanswered().Where(token => !connections.Contains(token)))
                obstacles.Add(new MigrationObstacle(MigrationObstacleKind.TokenMissing, Label(from, to, token.Target)));
            var old = ((Flowchart)from.Nodes[execution.ActivityId].Activity).Connections.ToHashSet();
            var reach = Following(flow, open);
            var able = reach.Union(open).ToHashSet();
            foreach (var join in flow.Activities.Where(a => reach.Contains(a.Id)))
            {
                var wanted = Wanted(flow, join);
                if (wanted.Count > 1 && wanted.Any(c => !able.Contains(c.Source) && !tokens.Has(c, TokenState.Waiting) && !old.Contains(c)))
                    obstacles.Add(new MigrationObstacle(MigrationObstacleKind.JoinOutOfReach, Label(from, to, join.Id)));
            }
        }
    }

    /// <summary>Connections by all of which something must arrive before the activity runs; empty where it does not wait for all.</summary>
    private static List<Connection> Wanted(Flowchart flow, IActivity activity)
    {
        if (activity is FlowJoin join)
        {
            var read = join.Mode.TryGetLiteral(out var mode) ? ValueConverter.ToText(mode) : null;
            return Enum.TryParse<FlowJoinMode>(read, ignoreCase: true, out var known) && known != FlowJoinMode.WaitAll
                ? []
                : flow.Graph.ForwardInbound(activity.Id);
        }
        var text = activity.CustomProperties["mergeMode"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
        return Enum.TryParse<MergeMode>(text, ignoreCase: true, out var merge) && merge is MergeMode.Merge or MergeMode.Converge
            ? merge == MergeMode.Converge ? flow.Graph.Inbound(activity.Id) : flow.Graph.ForwardInbound(activity.Id)
            : [];
    }

    /// <summary>All that may still come from where the instance stands, unless somebody sends a step back.</summary>
    public static HashSet<string> Ahead(CompiledWorkflow version, WorkflowState state)
    {
        var ahead = new HashSet<string>();
        foreach (var (_, flow, _, open) in Flows(version, state))
        {
            foreach (var id in Following(flow, open))
                AddWithAllBelow(version.Nodes[id].Activity, ahead);
        }
        foreach (var execution in state.Activities)
        {
            if (version.Nodes.GetValueOrDefault(execution.ActivityId)?.Activity is Sequence sequence)
            {
                foreach (var child in sequence.Activities.Skip(Begun(execution)))
                    AddWithAllBelow(child, ahead);
            }
            else if (version.Nodes.GetValueOrDefault(execution.ActivityId)?.Activity is StateMachine machine)
            {
                foreach (var child in machine.Ahead(Text(execution, StateMachine.Current)))
                    AddWithAllBelow(child, ahead);
            }
        }
        return ahead;
    }

    private static void AddWithAllBelow(IActivity activity, HashSet<string> into)
    {
        if (!into.Add(activity.Id))
            return;
        foreach (var child in FlowOrder.Children(activity))
            AddWithAllBelow(child, into);
    }

    /// <summary>Flowcharts that are running, with their tokens and where they stand.</summary>
    private static IEnumerable<(ActivityExecutionState Execution, Flowchart Flow, TokenList Tokens, HashSet<string> Open)> Flows(
        CompiledWorkflow version, WorkflowState state)
    {
        foreach (var execution in state.Activities)
        {
            if (version.Nodes.GetValueOrDefault(execution.ActivityId)?.Activity is not Flowchart flow)
                continue;
            var tokens = TokenList.FromJson(execution.Properties?.GetValueOrDefault(Flowchart.Tokens));
            var open = state.Activities.Where(a => a.ParentId == execution.Id).Select(a => a.ActivityId)
                .Concat(tokens.Waiting().Select(c => c.Target)).ToHashSet();
            yield return (execution, flow, tokens, open);
        }
    }

    private static HashSet<string> Following(Flowchart flow, IEnumerable<string> open)
    {
        var found = new HashSet<string>();
        var rest = new Stack<string>(open);
        while (rest.TryPop(out var current))
        {
            foreach (var connection in flow.Graph.Outbound(current).Where(c => c.Port != "Returned"))
            {
                if (found.Add(connection.Target))
                    rest.Push(connection.Target);
            }
        }
        return found;
    }

    private static string Label(CompiledWorkflow from, CompiledWorkflow to, string id) =>
        from.SopSteps.Concat(to.SopSteps).FirstOrDefault(s => s.ActivityId == id) is { Number.Length: > 0 } step
            ? step.Number
            : (from.FindActivity(id) ?? to.FindActivity(id))?.Name ?? id;
}
