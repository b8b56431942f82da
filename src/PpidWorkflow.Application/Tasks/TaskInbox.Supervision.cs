using System.Text.Json.Nodes;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What supervisors do with the items of their people: the clock, and who has it.</summary>
public sealed partial class TaskInbox
{
    public Task<Result<TaskView>> PauseAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) =>
        SuperviseAsync(actor, id, revision, async (item, now) =>
        {
            if (Reason(reason, CompletionRules.LongestReason) is { } refused)
                return refused;
            if (item.Clock!.State != ClockState.Running)
                return Problem.Conflict("pause-not-possible");
            clocks.Pause(item.Clock, actor.UserName, reason!.Trim(), now, await reader.SupervisingTitleAsync(actor, item, cancellation));
            await AuditSupervisedAsync(actor, item, "task-paused", cancellation);
            return null;
        }, cancellation);

    public Task<Result<TaskView>> ResumeAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) =>
        SuperviseAsync(actor, id, revision, async (item, now) =>
        {
            if (reason?.Length > CompletionRules.LongestReason)
                return Problem.Invalid("reason-too-long", "reason", CompletionRules.LongestReason);
            if (item.Clock!.State != ClockState.Paused)
                return Problem.Conflict("not-paused");
            var capacity = await reader.SupervisingTitleAsync(actor, item, cancellation);
            await clocks.ResumeAsync(item.Clock, actor.UserName, Trimmed(reason), now, capacity, cancellation);
            await AuditSupervisedAsync(actor, item, "task-resumed", cancellation);
            await TellResumedAsync(actor, item, now, cancellation);
            return null;
        }, cancellation);

    /// <summary>Who may be given an item of a role by hand, those of them who are there.</summary>
    public Task<IReadOnlyList<PersonView>> CandidatesAsync(string role, CancellationToken cancellation = default) =>
        reader.CandidatesAsync(role, cancellation);

    /// <summary>
    /// A supervisor gives the item to another holder of its role, and both are told; the clock goes on. The reason stands in the case's history
    /// and in no mail: it may say what is in the dossier (design.md §2.7).
    /// </summary>
    public Task<Result<TaskView>> ReassignAsync(
        Actor actor, Guid id, int? revision, string? assignTo, string? reason, CancellationToken cancellation = default) =>
        SuperviseAsync(actor, id, revision, async (item, now) =>
        {
            if (string.IsNullOrWhiteSpace(assignTo))
                return Problem.Invalid("assign-to-required", "assignTo");
            if (reason?.Length > CompletionRules.LongestReason)
                return Problem.Invalid("reason-too-long", "reason", CompletionRules.LongestReason);
            var candidate = (await assignment.CandidatesAsync(item.Role, cancellation)).FirstOrDefault(c => c.Assignee!.UserName == assignTo);
            if (candidate is not { Assignee: { } chosen })
                return Problem.Invalid("assign-to-not-assignable", "assignTo");
            if (await directory.AwayUntilAsync(chosen.Id, now, cancellation) is { } until)
            {
                return await assignment.StandInAsync(chosen, item.Role, cancellation) is { } standIn
                    ? Problem.Invalid("assign-to-away-stood-in", "assignTo", office.Time.Until(until), standIn.DisplayName)
                    : Problem.Invalid("assign-to-away", "assignTo", office.Time.Until(until));
            }
            var facts = new JsonObject { ["assignee"] = chosen.UserName };
            if (candidate.InSteadOf is { } absent)
                facts["inSteadOf"] = absent.UserName;
            var former = item.AssigneeId is { } had && had != chosen.Id ? await directory.GetAsync(had, cancellation) : null;
            if (former is not null)
                facts["former"] = former.UserName;
            if (Trimmed(reason) is { } why)
                facts["reason"] = why;
            await AuditSupervisedAsync(actor, item, "task-reassigned", cancellation, facts);
            // As a supervisor of whoever had it: whoever has it now may have another one.
            var by = await SupervisorNameAsync(actor, item, cancellation);
            await MoveAsync(item, chosen, candidate.InSteadOf, by, cancellation);
            if (former is { IsActive: true } && former.Id != actor.Id)
            {
                mail.Relieved(
                    await SlugAsync(item, cancellation), item, former, await directory.NameInAsync(chosen.Id, item.Role, cancellation), by, now,
                    await directory.TitleAsync(former.Id, item.Role, cancellation));
            }
            return null;
        }, cancellation);

    private Task<Result<TaskView>> SuperviseAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, DateTimeOffset, Task<Problem?>> act, CancellationToken cancellation) =>
        OpenAsync(actor, id, revision, async item => await reader.SupervisesAsync(actor, item, cancellation) ? null : Problem.Forbidden("not-supervisor"), async item =>
        {
            item.Revision++;
            return await act(item, time.Now()) is { } problem ? problem : true;
        }, cancellation);

    // Whoever ended the pause knows; a step that nobody has taken is every holder's.
    private async Task TellResumedAsync(Actor actor, WorkItem item, DateTimeOffset now, CancellationToken cancellation)
    {
        var performers = item.AssigneeId is { } assignee
            ? [await directory.GetAsync(assignee, cancellation)]
            : await directory.HoldersOfAsync(item.Role, cancellation);
        var (slug, by) = (await SlugAsync(item, cancellation), await SupervisorNameAsync(actor, item, cancellation));
        foreach (var performer in performers.Where(p => p.IsActive && p.Id != actor.Id))
            mail.Resumed(slug, item, performer, by, now, await directory.TitleAsync(performer.Id, item.Role, cancellation));
    }

    private async Task<string> SupervisorNameAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        OfficerDirectory.Printed(actor.DisplayName, await reader.SupervisingTitleAsync(actor, item, cancellation));

    private async Task AuditSupervisedAsync(Actor actor, WorkItem item, string action, CancellationToken cancellation, JsonObject? more = null)
    {
        var data = more ?? [];
        if (await reader.SupervisingTitleAsync(actor, item, cancellation) is { } title)
            data["capacity"] = title;
        Audit(actor, item, action, data);
    }
}
