using Hangfire;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Minutely: <see cref="DigestDesk"/>, which asks one question while nobody's digest is due. The next minute is its retry.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class DigestJob(DigestDesk desk)
{
    public Task RunAsync(CancellationToken cancellation) => desk.RunAsync(cancellation);
}
