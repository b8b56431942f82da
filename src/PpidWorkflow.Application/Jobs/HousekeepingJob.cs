using Hangfire;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Retention;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Hourly: seals the audit chains, deletes cut-off uploads, forgets answers whose Idempotency-Key has run out, account links that nobody can use
/// any more, and nodes long gone. Not repeated by Hangfire when it fails: the next hour comes anyway.
/// </summary>
[AutomaticRetry(Attempts = 0)]
public sealed class HousekeepingJob(
    AuditSealer sealer, DossierVault vault, IEnumerable<IRetainedClass> classes, TimeProvider time, ILogger<HousekeepingJob> logger)
{
    /// <summary>No upload takes longer.</summary>
    private static readonly TimeSpan LongestUpload = TimeSpan.FromHours(24);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await sealer.SealAsync(cancellation);
        var now = time.Now();
        await vault.SweepAsync(now - LongestUpload, cancellation);
        foreach (var fixedTime in classes.Where(c => c.Setting is null))
        {
            if (fixedTime.Before(now) is { } before && await fixedTime.RemoveAsync(before, cancellation) is { Succeeded: false } refused)
                logger.LogError("Housekeeping of {Class} refused: {Problem}", fixedTime.Name, refused.Problems[0].Code);
        }
    }
}
