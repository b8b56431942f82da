using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Retention;

/// <summary>Plans of alterations, a year after their last job: what was done to whom and why stays in the audit chains. Hourly; fixed.</summary>
public sealed class OldPlans(PpidDbContext db, WriteGate gate) : IRetainedClass
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public string Name => "alterations";

    public string? Setting => null;

    public DateTimeOffset? Before(DateTimeOffset now) => now - Kept;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(p => p.CreatedAt), g.Max(p => p.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var count = await CountAsync(before, cancellation);
        using var turn = await gate.EnterAsync(cancellation);
        await Due(before).ExecuteDeleteAsync(cancellation);
        return count;
    }

    private IQueryable<AlterationPlanRow> Due(DateTimeOffset before) => db.AlterationPlans.Where(p => p.CompletedAt != null && p.CompletedAt < before);
}
