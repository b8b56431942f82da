using Hangfire;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Every five minutes: offers the open tasks of those whose absence has begun and tells those who are back. Only mails and offers wait for it; who gets
/// new tasks and who has which right follows from the rows at once. Not repeated by Hangfire when it fails: the next one comes anyway.
/// </summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class AbsenceSweepJob(TransferDesk transfers)
{
    public Task RunAsync(CancellationToken cancellation) => transfers.SweepAsync(cancellation);
}
