using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What the page behind a mail's link shows: what the mail itself said, nothing more.</summary>
/// <param name="TaskId">The work item.</param>
/// <param name="OfficerId">Whose link it is.</param>
/// <param name="OfficerName">His name.</param>
/// <param name="CaseNumber">Number of the case; never its title.</param>
/// <param name="Step">The SOP's step, in its public words.</param>
/// <param name="ReceivedAt">UTC.</param>
/// <param name="DueAt">UTC; null: the clock has not begun.</param>
/// <param name="Started">The step was started through this link, or since.</param>
public sealed record MailLinkView(
    Guid TaskId, Guid OfficerId, string OfficerName, string CaseNumber, StepView Step, DateTimeOffset ReceivedAt, DateTimeOffset? DueAt, bool Started);

/// <summary>
/// Acts on a mail's link, as the officer to whom the mail went and with his rights of this moment. A link is good while the work item stands
/// as it stood when the mail was written; each act ends it.
/// </summary>
public sealed class MailLinkDesk(PpidDbContext db, IMailLinkSeal seal, OfficerDirectory directory, TaskInbox inbox, TimeProvider time)
{
    /// <summary>How the audit names an act that came this way.</summary>
    public const string Via = "mail-link";

    /// <summary>What the link is about. Changes nothing: mail scanners open links.</summary>
    /// <returns>The view, or link-invalid, link-expired, link-used.</returns>
    public async Task<Result<MailLinkView>> ReadAsync(string? token, CancellationToken cancellation = default)
    {
        var checkedLink = await CheckAsync(token, cancellation);
        return checkedLink.Succeeded ? View(checkedLink.Value.Item, checkedLink.Value.Actor) : checkedLink.As<MailLinkView>();
    }

    /// <summary>Mulai, by the link: accepts the hand-over.</summary>
    /// <returns>The view, or link-invalid, link-expired, link-used, or what a start is refused for.</returns>
    public async Task<Result<MailLinkView>> StartAsync(string? token, CancellationToken cancellation = default)
    {
        var checkedLink = await CheckAsync(token, cancellation);
        if (!checkedLink.Succeeded)
            return checkedLink.As<MailLinkView>();
        var (link, item, actor) = checkedLink.Value;
        var started = await inbox.StartAsync(actor, item.Id, link.Revision, cancellation: cancellation);
        if (started.Succeeded)
            return View(item, actor) with { Started = true, DueAt = started.Value.DueAt };
        return started.Problems is [{ Code: "stale-revision" or "already-started" or "task-closed" or "task-not-found" }]
            ? Problem.Conflict("link-used")
            : started.As<MailLinkView>();
    }

    private async Task<Result<(MailLink Link, WorkItem Item, Actor Actor)>> CheckAsync(string? token, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(token) || seal.Open(token) is not { } link
            || await directory.ActorAsync(link.OfficerId, cancellation) is not { } actor)
            return new Problem("link-invalid", ProblemKind.Malformed);
        if (link.ExpiresAt < time.Now())
            return Problem.Conflict("link-expired");
        var item = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock)
            .SingleOrDefaultAsync(w => w.Id == link.WorkItemId, cancellation);
        return item is { IsOpen: true, StartedAt: null } && item.Revision == link.Revision && TaskReader.IsPerformer(actor, item)
            ? (link, item, actor with { Via = Via })
            : Problem.Conflict("link-used");
    }

    private static MailLinkView View(WorkItem item, Actor actor) => new(
        item.Id, actor.Id, actor.DisplayName, item.Case!.Number, TaskReader.Step(item, StepDesk.TaskOf(item)), item.ReceivedAt, item.Clock!.DueAt,
        item.StartedAt is not null);
}
