using Hangfire;
using PpidWorkflow.Application.Alterations;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Minutely: goes on with plans of alterations that a crash cut off. Not repeated by Hangfire: the next minute comes anyway.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class AlterationSweepJob(AlterationDesk desk)
{
    public Task RunAsync(CancellationToken cancellation) => desk.ContinueAsync(cancellation);
}
