using Hangfire;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Every five minutes: <see cref="IncidentReminder"/>. Not repeated when it fails: the next one comes anyway.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class IncidentReminderJob(IncidentReminder reminder)
{
    public Task RunAsync(CancellationToken cancellation) => reminder.RemindAsync(cancellation);
}
