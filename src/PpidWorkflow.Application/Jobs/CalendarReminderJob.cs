using Hangfire;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Hourly: <see cref="CalendarReminder"/>, which does nothing but in December and while a list is missing. Not repeated when it fails: the next hour comes anyway.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class CalendarReminderJob(CalendarReminder reminder)
{
    public Task RunAsync(CancellationToken cancellation) => reminder.RemindAsync(cancellation);
}
