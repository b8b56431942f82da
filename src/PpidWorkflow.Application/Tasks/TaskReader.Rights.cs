using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Who may do what with an item.</summary>
public sealed partial class TaskReader
{
    /// <summary>Contents are for those who work on the case, the head of the unit and auditors; not for a pool that has not claimed it.</summary>
    public async Task<bool> MayOpenFilesAsync(Actor actor, Guid caseId, CancellationToken cancellation)
    {
        var supervised = Visibility.StoodInFor(actor);
        return actor.SeesAllCases
        || db.WorkItems.Local.Any(w => w.CaseId == caseId && (w.ClosedById == actor.Id || (w.AssigneeId == actor.Id && w.IsOpen)))
        || await db.WorkItems.AnyAsync(
            w => w.CaseId == caseId && (w.ClosedById == actor.Id
                || ((w.AssigneeId == actor.Id || w.InSteadOfId == actor.Id || w.Assignee!.SupervisorId == actor.Id
                        || supervised.Contains(w.Assignee!.SupervisorId))
                    && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))), cancellation)
        || await db.TaskHelpers.AnyAsync(h => h.CaseId == caseId && h.OfficerId == actor.Id, cancellation);
    }

    /// <summary>
    /// Supervisors act on the clock and the assignee: the performer's own supervisors and those of whom he stands in for, who acts for one of
    /// them, or the head of the unit. Nobody supervises himself by acting.
    /// </summary>
    public async Task<bool> SupervisesAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        if (actor.Is(Roles.UnitPpidHead) && (item.AssigneeId != actor.Id || actor.ActingIn(Roles.UnitPpidHead) is null))
            return true;
        return (await PerformersAsync(item, cancellation)).Any(p => p.SupervisorId == actor.Id || (p.Id != actor.Id && actor.ActingFor(p.SupervisorId) is not null));
    }

    /// <summary>"Plh. Kasubid ..." where the actor supervises an item only in the stead of the supervisor; null: by himself.</summary>
    public async Task<string?> SupervisingTitleAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        var performers = await PerformersAsync(item, cancellation);
        return performers.Exists(p => p.SupervisorId == actor.Id) ? null
            : performers.Select(p => actor.ActingFor(p.SupervisorId)?.Title).FirstOrDefault(t => t is not null) ?? actor.ActingIn(Roles.UnitPpidHead)?.Title;
    }

    /// <summary>In what capacity an actor speaks about an item, as printed; null: in his own.</summary>
    public async Task<string?> SpeakingTitleAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        IsPerformer(actor, item) ? await CapacityAsync(actor, item, cancellation)
        : await SupervisesAsync(actor, item, cancellation) ? await SupervisingTitleAsync(actor, item, cancellation)
        : null;

    private async Task<List<Officer>> PerformersAsync(WorkItem item, CancellationToken cancellation)
    {
        List<Officer> performers = item.AssigneeId is { } id
            ? [await directory.GetAsync(id, cancellation)]
            : [.. await directory.HoldersOfAsync(item.Role, cancellation)];
        if (item.InSteadOfId is { } absent)
            performers.Add(await directory.GetAsync(absent, cancellation));
        return performers;
    }

    /// <summary>Whoever has it, may take it, or helps with it. What somebody has as Plh. or Plt. is his no more once the appointment has ended.</summary>
    public static bool IsPerformer(Actor actor, WorkItem item) =>
        (item.AssigneeId is { } assignee ? assignee == actor.Id && (item.AppointmentId is null || actor.Is(item.Role)) : actor.Is(item.Role))
        || item.Helpers.Exists(h => h.OfficerId == actor.Id);

    /// <summary>Whether the last completion of the instance was this item's, and nothing has begun since.</summary>
    public async Task<bool> MayTakeBackAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        item.Closure == WorkItemClosure.Completed && item.ClosedById == actor.Id && item.Case!.State == CaseState.Running
        && (item.AppointmentId is null || actor.Is(item.Role))
        && await IsLastCompletionAsync(item, cancellation)
        && !await IsFollowerStartedAsync(item, cancellation);

    // The step in hand has all open ones of the instance in memory, those that it has opened included.
    private async Task<bool> IsFollowerStartedAsync(WorkItem item, CancellationToken cancellation) =>
        db.Remembered.ContainsKey((typeof(WorkItem), item.InstanceId))
            ? db.WorkItems.Local.Any(w => w.InstanceId == item.InstanceId && w is { IsOpen: true, StartedAt: not null } && w.Id != item.Id)
            : await HotQueries.Of(db).IsFollowerStarted(db, item.InstanceId, item.Id, cancellation);

    // The step in hand may be that completion, not stored yet.
    private async Task<bool> IsLastCompletionAsync(WorkItem item, CancellationToken cancellation) =>
        db.Remembered.TryGetValue((typeof(WorkflowInstance), item.InstanceId), out var instance)
            ? ((WorkflowInstance)instance).StateBeforeWorkItemId == item.Id
            : await HotQueries.Of(db).IsLastCompletion(db, item.InstanceId, item.Id, cancellation);

    private async Task<IReadOnlyList<string>> ActionsAsync(Actor actor, WorkItem item, SopTask task, WorkItemState state, CancellationToken cancellation)
    {
        var actions = new List<string>();
        if (item.IsOpen)
        {
            var performer = IsPerformer(actor, item);
            if (performer && state != WorkItemState.Paused)
            {
                if (item.StartedAt is null)
                    actions.Add("start");
                if (item.AssigneeId is null && actor.Is(item.Role))
                    actions.Add("claim");
                actions.Add("complete");
                if (task.Returnable)
                    actions.Add("return");
                if (ActOf(task.Act) is "prepare" or "document")
                    actions.Add("upload");
            }
            if (item.AssigneeId == actor.Id && item.StartedAt is null && (await directory.HoldersOfAsync(item.Role, cancellation)).Count > 1)
                actions.Add("release");
            if (await SupervisesAsync(actor, item, cancellation))
            {
                if (state != WorkItemState.Paused)
                    actions.Add("remind");
                if (item.Clock!.State == ClockState.Running)
                    actions.Add("pause");
                if (item.Clock.State == ClockState.Paused)
                    actions.Add("resume");
                actions.Add("reassign");
            }
        }
        else if (await MayTakeBackAsync(actor, item, cancellation))
        {
            actions.Add("takeBack");
        }
        if (!actor.Is(Roles.Auditor))
            actions.Add("comment");
        return actions;
    }
}
