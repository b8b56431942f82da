using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Hourly: <see cref="PauseReminder"/>; one query where nothing is paused.</summary>
public sealed class PauseReminderJob(PauseReminder reminder)
{
    public Task RunAsync(CancellationToken cancellation) => reminder.RemindAsync(cancellation);
}
