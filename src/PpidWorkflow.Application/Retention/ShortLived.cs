using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Retention;

/// <summary>Answers whose Idempotency-Key has run out (design.md §5: 24 h). Hourly; fixed.</summary>
public sealed class OldAnswers(PpidDbContext db, WriteGate gate) : IRetainedClass
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public string Name => "answers";

    public string? Setting => null;

    public DateTimeOffset? Before(DateTimeOffset now) => now - Kept;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(r => r.CreatedAt), g.Max(r => r.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var count = await CountAsync(before, cancellation);
        using var turn = await gate.EnterAsync(cancellation);
        await Due(before).ExecuteDeleteAsync(cancellation);
        return count;
    }

    private IQueryable<IdempotencyRecord> Due(DateTimeOffset before) => db.IdempotencyRecords.Where(r => r.CreatedAt < before);
}

/// <summary>Heartbeats of nodes long gone: outages that they showed have rows of their own. Hourly; fixed.</summary>
public sealed class OldNodes(PpidDbContext db, WriteGate gate) : IRetainedClass
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    public string Name => "nodes";

    public string? Setting => null;

    public DateTimeOffset? Before(DateTimeOffset now) => now - Kept;

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(n => n.LastBeatAt), g.Max(n => n.LastBeatAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var count = await CountAsync(before, cancellation);
        using var turn = await gate.EnterAsync(cancellation);
        await Due(before).ExecuteDeleteAsync(cancellation);
        return count;
    }

    private IQueryable<NodeHeartbeat> Due(DateTimeOffset before) => db.NodeHeartbeats.Where(n => n.LastBeatAt < before);
}
