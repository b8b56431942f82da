using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What the page behind a mail's link shows: what the mail itself said, nothing more.</summary>
public sealed record MailLinkView
{
    /// <summary>What the link is for.</summary>
    public required MailLinkAct Act { get; init; }

    /// <summary>The work item.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Whose link it is.</summary>
    public required Actor Officer { get; init; }

    /// <summary>His name as it is printed: with the post in which he acts, where it is not his own.</summary>
    public required string OfficerName { get; init; }

    /// <summary>Number of the case; never its title.</summary>
    public required string CaseNumber { get; init; }

    /// <summary>The SOP's step, in its public words.</summary>
    public required StepView Step { get; init; }

    /// <summary>When the step was received, or the alert fired; UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>UTC; null: the clock has not begun, or is paused.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The act was done, by this very request.</summary>
    public bool Done { get; init; }
}

/// <summary>
/// Acts on a mail's link, as the officer to whom the mail went and with his rights of this moment. A link to start is good while the work item
/// stands as it stood when the mail was written; a link to take note of an alert while it does and nobody has.
/// </summary>
public sealed class MailLinkDesk(
    PpidDbContext db, IMailLinkSeal seal, OfficerDirectory directory, TaskInbox inbox, TaskReader reader, AlertDesk alerts, TimeProvider time)
{
    /// <summary>How the audit names an act that came this way.</summary>
    public const string Via = "mail-link";

    private static readonly string[] SomebodyWasFaster = ["stale-revision", "already-started", "task-closed", "task-not-found", "not-your-task"];

    /// <summary>What the link is about. Changes nothing: mail scanners open links.</summary>
    /// <returns>The view, or link-invalid, link-expired, link-used.</returns>
    public async Task<Result<MailLinkView>> ReadAsync(string? token, CancellationToken cancellation = default)
    {
        var opened = await OpenAsync(token, cancellation);
        return opened.Succeeded ? opened.Value.View : opened.As<MailLinkView>();
    }

    /// <summary>Does what the link is for: the step is started, or the alert taken note of.</summary>
    /// <returns>The view, or link-invalid, link-expired, link-used, or what the act is refused for.</returns>
    public async Task<Result<MailLinkView>> ActAsync(string? token, CancellationToken cancellation = default)
    {
        var opened = await OpenAsync(token, cancellation);
        if (!opened.Succeeded)
            return opened.As<MailLinkView>();
        var (link, view) = opened.Value;
        if (link.Act == MailLinkAct.Acknowledge)
        {
            var noted = await alerts.AcknowledgeAsync(link.SubjectId, view.Officer, cancellation);
            return noted.Succeeded ? view with { Done = true } : noted.As<MailLinkView>();
        }
        var started = await inbox.StartAsync(view.Officer, link.SubjectId, link.Revision, cancellation: cancellation);
        if (started.Succeeded)
            return view with { Done = true, DueAt = started.Value.DueAt };
        return SomebodyWasFaster.Contains(started.Problems[0].Code) ? Problem.Conflict("link-used") : started.As<MailLinkView>();
    }

    private async Task<Result<(MailLink Link, MailLinkView View)>> OpenAsync(string? token, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(token) || seal.Open(token) is not { } link
            || await directory.ActorAsync(link.OfficerId, cancellation) is not { } officer)
            return new Problem("link-invalid", ProblemKind.Malformed);
        if (link.ExpiresAt < time.Now())
            return Problem.Conflict("link-expired");
        officer = officer with { Via = Via };
        return (link.Act == MailLinkAct.Start ? await StepAsync(link, officer, cancellation) : await AlertAsync(link, officer, cancellation)) is { } view
            ? (link, view)
            : Problem.Conflict("link-used");
    }

    private async Task<MailLinkView?> StepAsync(MailLink link, Actor officer, CancellationToken cancellation)
    {
        var item = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock)
            .SingleOrDefaultAsync(w => w.Id == link.SubjectId, cancellation);
        return item is { IsOpen: true, StartedAt: null } && item.Revision == link.Revision && TaskReader.IsPerformer(officer, item)
            ? new MailLinkView
            {
                Act = link.Act,
                TaskId = item.Id,
                Officer = officer,
                OfficerName = OfficerDirectory.Printed(officer.DisplayName, await reader.CapacityAsync(officer, item, cancellation)),
                CaseNumber = item.Case!.Number,
                Step = TaskReader.Step(item, StepDesk.TaskOf(item)),
                At = item.ReceivedAt,
                DueAt = item.Clock!.DueAt
            }
            : null;
    }

    private async Task<MailLinkView?> AlertAsync(MailLink link, Actor officer, CancellationToken cancellation) =>
        await alerts.StandingAsync(link.SubjectId, officer, cancellation) is { } alert
            // Its step may have gone on to another work item of the same clock: the mail says of which it was.
            && await db.WorkItems.AnyAsync(w => w.Id == alert.TaskId && w.Revision == link.Revision
                && db.Outbox.Any(m => m.FireRecordId == alert.Id && m.OfficerId == officer.Id && m.WorkItemId == w.Id), cancellation)
            ? new MailLinkView
            {
                Act = link.Act,
                TaskId = alert.TaskId,
                Officer = officer,
                OfficerName = OfficerDirectory.Printed(officer.DisplayName, await alerts.CapacityAsync(officer, alert.TaskId, cancellation)),
                CaseNumber = alert.CaseNumber,
                Step = alert.Step,
                At = alert.FiredAt,
                DueAt = alert.DueAt
            }
            : null;
}
