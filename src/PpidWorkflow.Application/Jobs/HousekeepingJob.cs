using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Hourly: seals the audit chains, deletes cut-off uploads, forgets answers whose Idempotency-Key has run out, and nodes long gone.
/// </summary>
public sealed class HousekeepingJob(PpidDbContext db, WriteGate gate, AuditSealer sealer, DossierVault vault, TimeProvider time)
{
    /// <summary>How long an Idempotency-Key is kept (design.md §5).</summary>
    public static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);

    /// <summary>No upload takes longer.</summary>
    private static readonly TimeSpan LongestUpload = TimeSpan.FromHours(24);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await sealer.SealAsync(cancellation);
        var now = time.Now();
        vault.Sweep(now - LongestUpload);
        using var turn = await gate.EnterAsync(cancellation);
        var keysBefore = now - KeysKept;
        await db.IdempotencyRecords.Where(r => r.CreatedAt < keysBefore).ExecuteDeleteAsync(cancellation);
        var nodesBefore = now - TimeSpan.FromDays(400);
        await db.NodeHeartbeats.Where(n => n.LastBeatAt < nodesBefore).ExecuteDeleteAsync(cancellation);
    }
}
