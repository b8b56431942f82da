using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Retention;

/// <summary>
/// The engine's journal of cases closed long ago, whole cases only. What happened to a case stands in its audit chain, steps and clocks and stays;
/// the journal is how the engine got there. With it goes the state before the last completion, which nobody can go back to any more.
/// </summary>
public sealed class CaseJournals(
    PpidDbContext db, Committer committer, AuditTrail audit, IOptions<RetentionOptions> options, TimeProvider time) : IRetainedClass
{
    /// <summary>A case has a few dozen lines.</summary>
    private const int RowsPerCase = 10;

    public string Name => "journal";

    public string Setting => "Retention:JournalMonths";

    public DateTimeOffset? Before(DateTimeOffset now) => RetentionRules.Before(options.Value.JournalMonths, now);

    public Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        CountAsync(db.Journal.AsNoTracking().Where(j => Due(before).Any(c => c.InstanceId == j.InstanceId)), cancellation);

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = RetentionCount.None;
        var from = DateTimeOffset.MinValue;
        var size = Math.Max(1, options.Value.BatchRows / RowsPerCase);
        while (true)
        {
            var rows = await Due(before).Where(c => c.CreatedAt >= from).OrderBy(c => c.CreatedAt).Take(size)
                .Select(c => new { c.InstanceId, c.CreatedAt }).ToListAsync(cancellation);
            if (rows.Count == 0)
                return removed;
            var wanted = rows.Select(r => r.InstanceId).ToArray();
            var batch = await committer.RunAsync<RetentionCount>(async () =>
            {
                var now = time.Now();
                var ids = await Due(before).Where(c => EF.Parameter(wanted).Contains(c.InstanceId)).Select(c => c.InstanceId).ToArrayAsync(cancellation);
                var cases = ids.Length;
                // Instances that a case's started, once they have ended themselves.
                var roots = ids;
                ids = [.. ids, .. await db.Instances.Where(i => EF.Parameter(roots).Contains(i.RootInstanceId!.Value) && i.FinishedAt != null && i.JournalRemovedAt == null)
                    .Select(i => i.Id).ToArrayAsync(cancellation)];
                var lines = db.Journal.Where(j => EF.Parameter(ids).Contains(j.InstanceId));
                var count = await CountAsync(lines.AsNoTracking(), cancellation);
                await lines.ExecuteDeleteAsync(cancellation);
                await db.Instances.Where(i => EF.Parameter(ids).Contains(i.Id)).ExecuteUpdateAsync(
                    set => set.SetProperty(i => i.JournalRemovedAt, now).SetProperty(i => i.StateBefore, (string?)null)
                        .SetProperty(i => i.StateBeforeWorkItemId, (Guid?)null).SetProperty(i => i.Revision, i => i.Revision + 1), cancellation);
                if (cases > 0)
                {
                    var data = RetentionRules.Data(Name, count, before, options.Value);
                    data["cases"] = cases;
                    audit.Add(AuditTrail.Administration, "system", RetentionRules.Action, data);
                }
                return count;
            }, cancellation);
            if (!batch.Succeeded)
                return batch;
            removed = removed.And(batch.Value);
            if (rows.Count < size)
                return removed;
            from = rows[^1].CreatedAt;
        }
    }

    private static async Task<RetentionCount> CountAsync(IQueryable<JournalRow> lines, CancellationToken cancellation) =>
        await lines.GroupBy(_ => 1).Select(g => new RetentionCount(g.LongCount(), g.Min(j => j.At), g.Max(j => j.At))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    private IQueryable<Case> Due(DateTimeOffset before) => db.Cases.AsNoTracking().Where(c =>
        c.CreatedAt < before && c.ClosedAt != null && c.ClosedAt < before
        && db.Instances.Any(i => i.Id == c.InstanceId && i.FinishedAt != null && i.JournalRemovedAt == null));
}
