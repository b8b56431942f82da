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
            return null;
        }, cancellation);

    /// <summary>Who may be given an item of a role by hand, those of them who are there.</summary>
    public Task<IReadOnlyList<PersonView>> CandidatesAsync(string role, CancellationToken cancellation = default) =>
        reader.CandidatesAsync(role, cancellation);

    /// <summary>A supervisor gives the item to another holder of its role; the clock goes on.</summary>
    public Task<Result<TaskView>> ReassignAsync(
        Actor actor, Guid id, int? revision, string? assignTo, string? reason, CancellationToken cancellation = default) =>
        SuperviseAsync(actor, id, revision, async (item, _) =>
        {
            if (string.IsNullOrWhiteSpace(assignTo))
                return Problem.Invalid("assign-to-required", "assignTo");
            if (reason?.Length > CompletionRules.LongestReason)
                return Problem.Invalid("reason-too-long", "reason", CompletionRules.LongestReason);
            var candidate = (await assignment.CandidatesAsync(item.Role, cancellation)).FirstOrDefault(c => c.Assignee!.UserName == assignTo);
            if (candidate is not { Assignee: { } chosen })
                return Problem.Invalid("assign-to-not-assignable", "assignTo");
            if (await directory.AwayUntilAsync(chosen.Id, time.Now(), cancellation) is { } until)
            {
                return await assignment.StandInAsync(chosen, item.Role, cancellation) is { } standIn
                    ? Problem.Invalid("assign-to-away-stood-in", "assignTo", office.Time.Until(until), standIn.DisplayName)
                    : Problem.Invalid("assign-to-away", "assignTo", office.Time.Until(until));
            }
            var facts = new JsonObject { ["assignee"] = chosen.UserName };
            if (candidate.InSteadOf is { } absent)
                facts["inSteadOf"] = absent.UserName;
            await AuditSupervisedAsync(actor, item, "task-reassigned", cancellation, facts);
            await MoveAsync(item, chosen, candidate.InSteadOf, await SupervisorNameAsync(actor, item, cancellation), cancellation);
            return null;
        }, cancellation);

    private Task<Result<TaskView>> SuperviseAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, DateTimeOffset, Task<Problem?>> act, CancellationToken cancellation) =>
        OpenAsync(actor, id, revision, async item => await reader.SupervisesAsync(actor, item, cancellation) ? null : Problem.Forbidden("not-supervisor"), async item =>
        {
            item.Revision++;
            return await act(item, time.Now()) is { } problem ? problem : true;
        }, cancellation);

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
