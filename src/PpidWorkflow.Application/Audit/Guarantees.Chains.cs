using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Audit;

/// <summary>The audit trail, and what retention has taken out of it.</summary>
public sealed partial class Guarantees
{
    private async Task<GuaranteeReading> AuditChainsAsync(bool deep, DateTimeOffset? since, CancellationToken cancellation)
    {
        var reading = new Reading("audit-chains", "Setiap rantai audit utuh sejak baris pertamanya, atau sejak segel yang dinyatakan oleh catatan retensinya.");
        if (!deep)
        {
            var chains = await ChainsAsync(since, cancellation);
            reading.Checked = await chains.LongCountAsync(cancellation);
            foreach (var broken in await chains
                .Where(c => !db.AuditRecords.Any(r => r.Chain == c.Name && r.Sequence == c.Sequence && r.Hash == c.Head)).Select(c => c.Name)
                .ToListAsync(cancellation))
                reading.Blame(broken);
            return reading.Taken;
        }

        var heads = await db.AuditChains.AsNoTracking().ToDictionaryAsync(c => c.Name, cancellation);
        var walked = new Dictionary<string, (long Sequence, string Hash)>();
        var altered = new HashSet<string>();
        var removals = new List<AuditRemoval>();
        (long Sequence, string Hash) anchor = (0, AuditTrail.Genesis);
        await foreach (var record in db.AuditRecords.AsNoTracking().OrderBy(r => r.Chain).ThenBy(r => r.Sequence).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            reading.Checked++;
            if (!walked.TryGetValue(record.Chain, out var last))
            {
                last = (0, AuditTrail.Genesis);
                // Of no other chain is anything ever removed.
                if (record.Chain == AuditTrail.Administration && record.Sequence > 1)
                    anchor = last = (record.Sequence - 1, record.PreviousHash);
            }
            var (sequence, hash) = last;
            var right = AuditTrail.HashOf(hash, record.Chain, record.Sequence, record.At, record.Actor, record.Action, record.Data);
            if (record.Sequence != sequence + 1 || record.PreviousHash != hash || record.Hash != right)
                altered.Add(record.Chain);
            if (AuditRemoval.Of(record) is { } removal)
                removals.Add(removal);
            walked[record.Chain] = (record.Sequence, record.Hash);
        }
        foreach (var (name, head) in heads)
            if (walked.GetValueOrDefault(name) != (head.Sequence, head.Head))
                altered.Add(name);
        foreach (var name in walked.Keys.Where(name => !heads.ContainsKey(name)))
            altered.Add(name);
        if (anchor.Sequence > 0 && !await IsRemovalAsync(anchor, removals, cancellation))
            altered.Add(AuditTrail.Administration);
        foreach (var name in altered.Order(StringComparer.Ordinal))
            reading.Blame(name);
        await SealsAsync(reading, anchor, cancellation);
        return reading.Taken;
    }

    // Where the chain begins late, one of its own records must say so, and a seal that was old by then must have seen that head.
    private async Task<bool> IsRemovalAsync((long Sequence, string Hash) anchor, List<AuditRemoval> removals, CancellationToken cancellation)
    {
        if (removals.Find(r => (r.Through, r.Hash) == anchor) is not { } removal)
            return false;
        return await db.AuditSeals.AsNoTracking().SingleOrDefaultAsync(s => s.Sequence == removal.Seal, cancellation) is { } seal && removal.IsBornOutBy(seal);
    }

    private async Task<IQueryable<AuditChain>> ChainsAsync(DateTimeOffset? since, CancellationToken cancellation)
    {
        if (since is null)
            return db.AuditChains.AsNoTracking();
        var cases = await db.Cases.AsNoTracking().Where(c => c.State == CaseState.Running || c.State == CaseState.Faulted).Select(c => c.Id).ToListAsync(cancellation);
        var closed = await db.WorkItems.AsNoTracking().Where(w => w.Closure != WorkItemClosure.Open && w.ClosedAt >= since).Select(w => w.CaseId)
            .ToListAsync(cancellation);
        List<string> names = [AuditTrail.Administration, .. cases.Union(closed).Select(AuditTrail.ChainOf)];
        return db.AuditChains.AsNoTracking().Where(c => names.Contains(c.Name));
    }

    // A whole chain rewritten with good hashes still differs from what a seal once saw of it. Heads that retention has removed are known by hash only.
    private async Task SealsAsync(Reading reading, (long Sequence, string Hash) anchor, CancellationToken cancellation)
    {
        var previous = AuditTrail.Genesis;
        foreach (var seal in await db.AuditSeals.AsNoTracking().OrderBy(s => s.Sequence).ToListAsync(cancellation))
        {
            reading.Checked++;
            var intact = seal.PreviousHash == previous && seal.Hash == AuditSealer.HashOf(previous, seal.Sequence, seal.At, seal.Heads);
            foreach (var head in SealedHead.Read(seal.Heads))
            {
                if (head.Name == AuditTrail.Administration && head.Sequence <= anchor.Sequence)
                    intact &= head.Sequence < anchor.Sequence || head.Head == anchor.Hash;
                else
                    intact &= await db.AuditRecords.AnyAsync(r => r.Chain == head.Name && r.Sequence == head.Sequence && r.Hash == head.Head, cancellation);
            }
            if (!intact)
                reading.Blame($"seal:{seal.Sequence}");
            previous = seal.Hash;
        }
    }

    // What is gone says so, is of nothing that is still going on, and nothing is gone that does not say so.
    private async Task<GuaranteeReading> RemovedIsMarkedAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("removed-is-marked", "Yang dihapus menurut retensi ditandai dan tidak menyangkut berkas yang berjalan; jurnal lain utuh.");
        var mails = db.Outbox.AsNoTracking().Where(m => m.Id >= first && m.ContentRemovedAt != null);
        // Of the older ones those that wait or stand still; all of them where everything is walked.
        var instances = db.Instances.AsNoTracking().Where(i => !i.IsTrial && i.Id >= first).Concat(
            db.Instances.AsNoTracking().Where(i => !i.IsTrial && i.Id < first && i.FinishedAt == null
                && (db.Bookmarks.Select(b => b.InstanceId).Contains(i.Id) || db.Incidents.Where(o => o.ResolvedAt == null).Select(o => o.InstanceId).Contains(i.Id))));
        reading.Checked = await mails.LongCountAsync(cancellation) + await instances.LongCountAsync(cancellation);
        reading.Blame(await mails.Where(m => m.Model != "{}" || m.State == Notifications.OutboxState.Pending
                || db.Cases.Any(c => c.Id == m.CaseId && c.ClosedAt == null))
            .Select(m => m.Id).ToListAsync(cancellation));
        reading.Blame(await instances.Where(i => i.JournalRemovedAt == null
                ? i.JournalSequence > 0 && !db.Journal.Any(j => j.InstanceId == i.Id && j.Sequence == i.JournalSequence)
                : i.FinishedAt == null || db.Journal.Any(j => j.InstanceId == i.Id))
            .Select(i => i.Id).ToListAsync(cancellation));
        return reading.Taken;
    }
}
