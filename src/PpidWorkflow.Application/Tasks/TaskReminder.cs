using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Ingatkan: a supervisor has whoever holds a step reminded by mail, now, and not more often than every <see cref="Pause"/>. It moves no
/// deadline and leaves the work item's revision alone: the performer's half-filled form must not go stale by being reminded of it.
/// </summary>
public sealed class TaskReminder(
    PpidDbContext db, Committer committer, TaskReader reader, ClockKeeper clocks, OfficerDirectory directory, StepMail mail, AuditTrail audit,
    TimeProvider time)
{
    /// <summary>Between two reminders of one step, plain time.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    /// <param name="actor">A supervisor of the holder, or the head of the unit.</param>
    /// <param name="id">The work item.</param>
    /// <param name="revision">If given, the one that was looked at; a stale one is refused.</param>
    /// <param name="note">For the performer, at most 500 characters. Shown on the task's page, never in the mail (design.md §2.7).</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<TaskView>> RemindAsync(Actor actor, Guid id, int? revision, string? note, CancellationToken cancellation = default) =>
        committer.RunAsync<TaskView>(async () =>
        {
            if (await reader.FindAsync(actor, id, cancellation) is not { } item)
                return Problem.NotFound("task-not-found");
            if (!item.IsOpen)
                return Problem.Conflict("task-closed");
            if (!await reader.SupervisesAsync(actor, item, cancellation))
                return Problem.Forbidden("not-supervisor");
            if (revision is { } expected && expected != item.Revision)
                return Problem.Conflict("stale-revision");
            if (item.Clock!.State == ClockState.Paused)
                return Problem.Conflict("task-paused");
            note = string.IsNullOrWhiteSpace(note) ? null : note.Trim();
            if (note?.Length > CompletionRules.LongestReason)
                return Problem.Invalid("text-too-long", "note", CompletionRules.LongestReason);
            var now = time.Now();
            var since = now - Pause;
            if (await db.ClockEvents.AnyAsync(e => e.ClockId == item.ClockId && e.Kind == "reminded" && e.At > since && e.At >= item.ReceivedAt, cancellation))
                return Problem.Conflict("reminded-recently", (int)Pause.TotalMinutes);
            var performers = item.AssigneeId is { } assignee
                ? [await directory.GetAsync(assignee, cancellation)]
                : await directory.HoldersOfAsync(item.Role, cancellation);
            var told = performers.Where(p => p.IsActive).ToList();
            if (told.Count == 0)
                return Problem.Conflict("nobody-to-remind");

            var capacity = await reader.SupervisingTitleAsync(actor, item, cancellation);
            clocks.Remind(item.Clock, actor.UserName, note, now, capacity);
            var slug = await StepMail.SlugAsync(db, item, cancellation);
            foreach (var officer in told)
            {
                mail.Reminder(
                    slug, item.Case!, item, StepDesk.TaskOf(item), item.Clock, officer, OfficerDirectory.Printed(actor.DisplayName, capacity), note is not null,
                    now, await directory.TitleAsync(officer.Id, item.Role, cancellation));
            }
            var facts = new JsonObject
            {
                ["taskId"] = item.Id,
                ["step"] = item.StepLabel,
                ["told"] = told.Count
            };
            if (capacity is not null)
                facts["capacity"] = capacity;
            audit.Add(AuditTrail.ChainOf(item.CaseId), actor.UserName, "task-reminded", facts);
            return await reader.ViewAsync(actor, item, cancellation);
        }, cancellation);
}
