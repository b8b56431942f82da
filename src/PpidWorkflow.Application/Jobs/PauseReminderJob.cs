using Hangfire;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Hourly: <see cref="PauseReminder"/>; one query where nothing is paused. Not repeated when it fails: the next hour comes anyway.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class PauseReminderJob(PauseReminder reminder)
{
    public Task RunAsync(CancellationToken cancellation) => reminder.RemindAsync(cancellation);
}
