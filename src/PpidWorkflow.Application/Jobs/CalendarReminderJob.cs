using Hangfire;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Hourly: <see cref="CalendarReminder"/>, which does nothing but while a list of holidays or the hours of Ramadan are missing. Not repeated
/// when it fails: the next hour comes anyway.
/// </summary>
[AutomaticRetry(Attempts = 0)]
public sealed class CalendarReminderJob(CalendarReminder reminder)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        await reminder.RemindAsync(cancellation);
        await reminder.RemindOfRamadanAsync(cancellation);
    }
}
