using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Application.Retention;

/// <summary>Events that reached nobody, a month after they were given up. Hourly; fixed.</summary>
public sealed class DeadLetters(PpidDbContext db, WriteGate gate) : IRetainedClass
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public string Name => "events";

    public string? Setting => null;

    public DateTimeOffset? Before(DateTimeOffset now) => now - Kept;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(e => e.CreatedAt), g.Max(e => e.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var count = await CountAsync(before, cancellation);
        using var turn = await gate.EnterAsync(cancellation);
        await Due(before).ExecuteDeleteAsync(cancellation);
        return count;
    }

    private IQueryable<EventRow> Due(DateTimeOffset before) => db.Events.Where(e => e.DeadAt != null && e.DeadAt < before);
}
