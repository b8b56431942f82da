using Hangfire;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Retention;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Nightly where anything is configured: <see cref="RetentionDesk"/>. Not repeated by Hangfire when it fails: the next night comes anyway.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class RetentionJob(RetentionDesk desk, ILogger<RetentionJob> logger)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var reading in await desk.RunAsync(cancellation))
        {
            if (reading.Refusal is { } refusal)
                logger.LogError("Retention of {Class} refused: {Problem}", reading.Name, refusal);
            else if (reading.Count.Rows > 0)
                logger.LogInformation("Retention of {Class}: {Rows} removed, from before {Before}", reading.Name, reading.Count.Rows, reading.Before);
        }
    }
}
