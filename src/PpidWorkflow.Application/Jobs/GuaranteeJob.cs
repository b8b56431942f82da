using Hangfire;
using PpidWorkflow.Application.Audit;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Every <c>Guarantees:CheckMinutes</c>: <see cref="GuaranteeWatch"/>. Not repeated by Hangfire when it fails: the next one comes anyway.
/// </summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class GuaranteeJob(GuaranteeWatch watch)
{
    public Task RunAsync(CancellationToken cancellation) => watch.CheckAsync(cancellation);
}
