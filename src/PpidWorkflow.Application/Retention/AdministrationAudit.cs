using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Retention;

/// <summary>
/// The oldest part of the audit chain of administration, up to a head that an old seal names; seals and the chains of cases stay for ever. What goes
/// is checked first, record by record: what has been tampered with is not removed, or its traces would go with it.
/// </summary>
public sealed class AdministrationAudit(
    PpidDbContext db, Committer committer, AuditTrail audit, IOptions<RetentionOptions> options, TimeProvider time) : IRetainedClass
{
    /// <summary>How a head of this chain looks in a seal.</summary>
    private const string Named = $"\"{AuditTrail.Administration}\"";

    public string Name => "audit";

    public string Setting => "Retention:AuditMonths";

    public DateTimeOffset? Before(DateTimeOffset now) =>
        options.Value.AuditMonths > 0 ? now.AddMonths(-Math.Max(options.Value.AuditMonths, RetentionOptions.LeastAuditMonths)) : null;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var last = await Seals(before).OrderByDescending(s => s.Sequence).FirstOrDefaultAsync(cancellation);
        return last is not null && HeadIn(last) is { } head ? await CountAsync(head.Sequence, cancellation) : RetentionCount.None;
    }

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = RetentionCount.None;
        while (true)
        {
            var batch = await committer.RunAsync<RetentionCount>(() => RemoveBatchAsync(before, cancellation), cancellation);
            if (!batch.Succeeded)
                return batch;
            if (batch.Value.Rows == 0)
                return removed;
            removed = removed.And(batch.Value);
        }
    }

    private async Task<Result<RetentionCount>> RemoveBatchAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var oldest = await Chain().OrderBy(r => r.Sequence).FirstOrDefaultAsync(cancellation);
        if (oldest is null || await NextAsync(oldest.Sequence, before, cancellation) is not var (seal, head))
            return RetentionCount.None;
        var count = await CountAsync(head.Sequence, cancellation);
        var (sequence, hash) = (oldest.Sequence - 1, oldest.PreviousHash);
        if (sequence == 0 && hash != AuditTrail.Genesis)
            return Problem.Conflict("audit-broken");
        await foreach (var record in Chain().Where(r => r.Sequence <= head.Sequence).OrderBy(r => r.Sequence).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var right = AuditTrail.HashOf(hash, record.Chain, record.Sequence, record.At, record.Actor, record.Action, record.Data);
            if (record.Sequence != ++sequence || record.PreviousHash != hash || record.Hash != right)
                return Problem.Conflict("audit-broken");
            hash = record.Hash;
        }
        var removal = new AuditRemoval(head.Sequence, head.Head, seal.Sequence, time.Now());
        if (sequence != head.Sequence || hash != head.Head || seal.Hash != AuditSealer.HashOf(seal.PreviousHash, seal.Sequence, seal.At, seal.Heads)
            || !removal.IsBornOutBy(seal))
            return Problem.Conflict("audit-broken");
        await db.AuditRecords.Where(r => r.Chain == AuditTrail.Administration && r.Sequence <= head.Sequence).ExecuteDeleteAsync(cancellation);
        var data = RetentionRules.Data(Name, count, before, options.Value);
        removal.AddTo(data);
        audit.Add(AuditTrail.Administration, "system", AuditRemoval.Action, data);
        return count;
    }

    // As far as a batch reaches; at least one seal further.
    private async Task<(AuditSeal Seal, SealedHead Head)?> NextAsync(long first, DateTimeOffset before, CancellationToken cancellation)
    {
        // Where the last removal ended: no seal before it has anything left.
        var passed = (await db.AuditRecords.AsNoTracking().Where(r => r.Chain == AuditTrail.Administration && r.Action == AuditRemoval.Action)
            .OrderByDescending(r => r.Sequence).FirstOrDefaultAsync(cancellation)) is { } last ? AuditRemoval.Of(last)?.Seal ?? 0 : 0;
        (AuditSeal, SealedHead)? found = null;
        await foreach (var seal in Seals(before).Where(s => s.Sequence > passed).OrderBy(s => s.Sequence).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (HeadIn(seal) is not { } head || head.Sequence < first)
                continue;
            if (found is not null && head.Sequence - first >= options.Value.BatchRows)
                break;
            found = (seal, head);
        }
        return found;
    }

    private async Task<RetentionCount> CountAsync(long through, CancellationToken cancellation) =>
        await Chain().Where(r => r.Sequence <= through).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(r => r.At), g.Max(r => r.At))).SingleOrDefaultAsync(cancellation) ?? RetentionCount.None;

    private IQueryable<AuditRecord> Chain() => db.AuditRecords.AsNoTracking().Where(r => r.Chain == AuditTrail.Administration);

    private IQueryable<AuditSeal> Seals(DateTimeOffset before) => db.AuditSeals.AsNoTracking().Where(s => s.At < before && s.Heads.Contains(Named));

    private static SealedHead? HeadIn(AuditSeal seal) => SealedHead.Read(seal.Heads).FirstOrDefault(h => h.Name == AuditTrail.Administration);
}
