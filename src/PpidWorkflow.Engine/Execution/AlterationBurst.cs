using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// Applies alterations to the working copy of a burst. In Elsa's order: variables and schedules as they are written, cancellations last, so that
/// "cancel this one, run that one" does not end the flowchart in between.
/// </summary>
internal sealed class AlterationBurst(WorkflowExecutionContext burst)
{
    public async ValueTask ApplyAsync(IReadOnlyList<Alteration> alterations)
    {
        if (burst.Root is null)
            throw new AlterationRefusedException("instance-ended", null);
        var cancelled = alterations.OfType<CancelActivity>().SelectMany(Targets).DistinctBy(c => c.Id).ToList();
        var begunAgain = new List<ActivityExecutionContext>();
        var scheduled = new List<(string ParentId, string ActivityId)>();
        foreach (var alteration in alterations)
        {
            if (alteration is ModifyVariable variable)
                Modify(variable);
            else if (alteration is ScheduleActivity { ActivityInstanceId: { } instance })
                begunAgain.Add(Running(instance));
            else if (alteration is ScheduleActivity { ActivityId: { } activity })
                scheduled.Add(await ScheduleAsync(activity, cancelled));
            else if (alteration is ScheduleActivity)
                throw new AlterationRefusedException("activity-not-schedulable", null);
        }

        foreach (var context in cancelled.Where(c => burst.Find(c.Id) is not null))
            await burst.CancelByHandAsync(context);
        if (scheduled.Find(s => !burst.Queue.Has(s.ParentId)) is { ActivityId: { } lost })
            throw new AlterationRefusedException("alterations-contradict", lost);
        foreach (var context in begunAgain)
        {
            if (burst.Find(context.Id) is null)
                throw new AlterationRefusedException("alterations-contradict", context.Activity.Id);
            await burst.BeginAgainAsync(context);
        }
    }

    /// <summary>An execution that would be under way for ever: it waits for nothing, holds nothing and has no incident.</summary>
    /// <exception cref="AlterationRefusedException">There is one.</exception>
    public void RefuseStranded()
    {
        var parents = burst.State.Activities.Select(a => a.ParentId).ToHashSet();
        var waiting = burst.State.Bookmarks.Select(b => b.ActivityInstanceId).ToHashSet();
        var stranded = burst.State.Activities.Find(a => a.Status == ActivityStatus.Running && !parents.Contains(a.Id) && !waiting.Contains(a.Id)
            && !burst.State.Scheduled.Exists(s => s.ParentId == a.Id));
        if (stranded is not null)
            throw new AlterationRefusedException("alteration-strands", stranded.ActivityId);
    }

    private IEnumerable<ActivityExecutionContext> Targets(CancelActivity alteration)
    {
        if (alteration.ActivityInstanceId is { } instance)
            return [Running(instance)];
        var all = burst.State.Activities.Where(a => a.ActivityId == alteration.ActivityId && a.ParentId is not null).Select(a => burst.Find(a.Id)!).ToList();
        return all.Count > 0 ? all : throw new AlterationRefusedException("activity-not-running", alteration.ActivityId);
    }

    private ActivityExecutionContext Running(string instance) => burst.Find(instance) is { ParentActivityExecutionContext: not null } found
        ? found
        : throw new AlterationRefusedException("activity-not-running", instance);

    private void Modify(ModifyVariable alteration)
    {
        var node = burst.Workflow.Nodes.Values.FirstOrDefault(n => n.Variables.Any(v => v.Id == alteration.VariableId));
        if (node is null && burst.Root!.Node.FindVariable(alteration.VariableId) is not null)
            node = burst.Root.Node;
        var execution = node is null ? null : burst.State.Activities.Find(a => a.ActivityId == node.Activity.Id);
        if (execution is null)
            throw new AlterationRefusedException("variable-not-found", alteration.VariableId);
        var variable = node!.FindVariable(alteration.VariableId)!;
        if (variable.IsInMemory())
            throw new AlterationRefusedException("variable-not-stored", variable.Name);
        try
        {
            (execution.Variables ??= [])[variable.Id] = TypeAliases.Coerce(alteration.Value?.DeepClone(), variable.TypeName, variable.IsArray);
        }
        catch (ActivityFaultException e)
        {
            throw new AlterationRefusedException(e.Code, variable.Name);
        }
    }

    private async ValueTask<(string ParentId, string ActivityId)> ScheduleAsync(string activityId, List<ActivityExecutionContext> cancelled)
    {
        var parent = burst.Workflow.Nodes.GetValueOrDefault(activityId)?.Parent;
        if (parent?.Activity is not Flowchart flowchart || burst.State.Activities.FindLast(a => a.ActivityId == parent.Activity.Id) is not { } execution)
            throw new AlterationRefusedException("activity-not-schedulable", activityId);
        if (burst.State.Activities.Exists(a => a.ActivityId == activityId && a.ParentId == execution.Id && !cancelled.Exists(c => c.Id == a.Id)))
            throw new AlterationRefusedException("activity-already-running", activityId);
        await flowchart.ScheduleByHandAsync(burst.Find(execution.Id)!, activityId);
        return (execution.Id, activityId);
    }
}
