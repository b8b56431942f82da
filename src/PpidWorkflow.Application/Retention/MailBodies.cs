using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Retention;

/// <summary>
/// What a mail is rendered from, and with pickup its file. The row stays with ids, addressee, instants and state: that somebody was told, and when,
/// is evidence; the wording may go first. Mails of a case wait until it has been closed for long enough, and what is still owed is never touched.
/// </summary>
public sealed class MailBodies(
    PpidDbContext db, Committer committer, AuditTrail audit, IOptions<RetentionOptions> options, PickupFolder pickup, TimeProvider time) : IRetainedClass
{
    /// <summary>Unsent, they are <see cref="ExpiredLinks"/>.</summary>
    private static readonly string[] AccountMails = [.. MailTemplates.AccountTemplates];

    public string Name => "mail-bodies";

    public string Setting => "Retention:MailBodyMonths";

    public DateTimeOffset? Before(DateTimeOffset now) => RetentionRules.Before(options.Value.MailBodyMonths, now);

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(m => m.CreatedAt), g.Max(m => m.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await SweepAsync(cancellation);
        var removed = RetentionCount.None;
        var from = DateTimeOffset.MinValue;
        while (true)
        {
            // Looked for outside the writer's turn; what has changed meanwhile is left out within it.
            var rows = await Due(before).Where(m => m.CreatedAt >= from).OrderBy(m => m.CreatedAt).Take(options.Value.BatchRows)
                .Select(m => new { m.Id, m.MessageId, m.CreatedAt }).ToListAsync(cancellation);
            if (rows.Count == 0)
                return removed;
            var ids = rows.Select(r => r.Id).ToArray();
            var batch = await committer.RunAsync<RetentionCount>(async () =>
            {
                var now = time.Now();
                var gone = await Due(before).Where(m => EF.Parameter(ids).Contains(m.Id)).ExecuteUpdateAsync(
                    set => set.SetProperty(m => m.Model, "{}").SetProperty(m => m.ContentRemovedAt, now), cancellation);
                var count = new RetentionCount(gone, rows[0].CreatedAt, rows[^1].CreatedAt);
                if (gone > 0)
                    audit.Add(AuditTrail.Administration, "system", RetentionRules.Action, RetentionRules.Data(Name, count, before, options.Value));
                return count;
            }, cancellation);
            if (!batch.Succeeded)
                return batch;
            pickup.Delete(rows.Select(r => r.MessageId));
            removed = removed.And(batch.Value);
            if (rows.Count < options.Value.BatchRows || batch.Value.Rows == 0)
                return removed;
            from = rows[^1].CreatedAt;
        }
    }

    // Files go after the commit that marks their rows: a process that died in between has left some.
    private async Task SweepAsync(CancellationToken cancellation)
    {
        foreach (var names in pickup.MessageIds().Chunk(options.Value.BatchRows))
        {
            pickup.Delete(await db.Outbox.AsNoTracking().Where(m => EF.Parameter(names).Contains(m.MessageId) && m.ContentRemovedAt != null)
                .Select(m => m.MessageId).ToListAsync(cancellation));
        }
    }

    private IQueryable<OutboxMessage> Due(DateTimeOffset before) => db.Outbox.AsNoTracking().Where(m =>
        m.CreatedAt < before && m.ContentRemovedAt == null && (m.State == OutboxState.Sent || !EF.Parameter(AccountMails).Contains(m.Template))
        && m.State != OutboxState.Pending && (m.CaseId == null || db.Cases.Any(c => c.Id == m.CaseId && c.ClosedAt != null && c.ClosedAt < before)));
}

/// <summary>
/// Links of account mails that never went out, from the instant on at which they would have stopped working: nobody can use them, and a failed mail
/// with such a link is of no use either. Hourly; fixed.
/// </summary>
public sealed class ExpiredLinks(PpidDbContext db, Committer committer, TimeProvider time) : IRetainedClass
{
    public string Name => "links";

    public string? Setting => null;

    public DateTimeOffset? Before(DateTimeOffset now) => now - People.AccountMail.LinkLifetime;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(m => m.CreatedAt), g.Max(m => m.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var count = await CountAsync(before, cancellation);
        if (count.Rows == 0)
            return count;
        return await committer.RunAsync<RetentionCount>(async () =>
        {
            var now = time.Now();
            return count with
            {
                Rows = await Due(before).ExecuteUpdateAsync(
                    set => set.SetProperty(m => m.Model, "{}").SetProperty(m => m.ContentRemovedAt, now), cancellation)
            };
        }, cancellation);
    }

    private IQueryable<OutboxMessage> Due(DateTimeOffset before)
    {
        var templates = MailTemplates.AccountTemplates.ToArray();
        return db.Outbox.AsNoTracking().Where(m => (m.State == OutboxState.Failed || m.State == OutboxState.Withdrawn) && m.CreatedAt < before
            && m.ContentRemovedAt == null && EF.Parameter(templates).Contains(m.Template));
    }
}
