using Hangfire;
using PpidWorkflow.Application.Notifications.Bounces;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Every <c>Mail:Bounces:Minutes</c> where a mailbox is configured: <see cref="BounceSweep"/>. Not repeated when it fails: the next look comes anyway.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class BounceJob(BounceSweep sweep)
{
    public Task RunAsync(CancellationToken cancellation) => sweep.RunAsync(cancellation);
}
