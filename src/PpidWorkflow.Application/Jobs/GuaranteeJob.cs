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

/// <summary>Hourly: the reading of everything, where last night's is wanting (<see cref="GuaranteeWatch.CheckDeeplyWhenDueAsync"/>).</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class DeepGuaranteeJob(GuaranteeWatch watch)
{
    public Task RunAsync(CancellationToken cancellation) => watch.CheckDeeplyWhenDueAsync(cancellation);
}
