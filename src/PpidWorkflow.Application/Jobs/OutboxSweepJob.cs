using Hangfire;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// The minutely net under <see cref="OutboxProcess"/>: sends whatever is due. Two at once are safe, see <see cref="OutboxSweep"/>. Hangfire
/// does not repeat it: retries belong to the outbox rows, and the next minute comes anyway.
/// </summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class OutboxSweepJob(OutboxSweep sweep)
{
    public Task RunAsync(CancellationToken cancellation) => sweep.RunAsync(cancellation);
}
