using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// Where the paths of a rehearsal begin: shortly before the office closes for the night, for the break of a Friday, for a holiday. Found in
/// the calendar in force, whatever its hours; nothing is known here of 16.00 or of Christmas.
/// </summary>
public static class RehearsalStarts
{
    /// <summary>Days looked through: over a year, so that every yearly holiday is met.</summary>
    private const int Horizon = 400;

    private static readonly TimeSpan BeforeNight = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BeforeBreak = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BeforeHoliday = TimeSpan.FromMinutes(8);

    /// <param name="from">The first day that may be chosen.</param>
    public static DateTimeOffset Of(RehearsalSpan span, WorkingCalendar calendar, DateOnly from) => span switch
    {
        RehearsalSpan.Night => Night(calendar, from),
        RehearsalSpan.FridayBreak => FridayBreak(calendar, from),
        _ => Holiday(calendar, from)
    };

    // The next Monday followed by a working Tuesday, ten minutes before closing.
    private static DateTimeOffset Night(WorkingCalendar calendar, DateOnly from)
    {
        var monday = Days(from).FirstOrDefault(
            d => d.DayOfWeek == DayOfWeek.Monday && IsWorkingDay(calendar, d) && IsWorkingDay(calendar, d.AddDays(1)), from);
        return At(calendar, monday, Closing(calendar, monday) - BeforeNight);
    }

    // The next Friday with a break, five minutes before it.
    private static DateTimeOffset FridayBreak(WorkingCalendar calendar, DateOnly from)
    {
        var fridays = Days(from).Where(d => d.DayOfWeek == DayOfWeek.Friday && IsWorkingDay(calendar, d)).DefaultIfEmpty(from).ToList();
        var friday = fridays.FirstOrDefault(d => Windows(calendar, d).Count > 1, fridays[0]);
        return At(calendar, friday, (Windows(calendar, friday) is [var first, ..] ? first.Closes : TimeSpan.FromHours(12)) - BeforeBreak);
    }

    // The last working day before the next holiday that takes a working day away, else before the last one that the calendar knows.
    private static DateTimeOffset Holiday(WorkingCalendar calendar, DateOnly from)
    {
        var closings = calendar.Holidays.Where(h => calendar.RegimeOn(h.Date)?.Windows.GetValueOrDefault(h.Date.DayOfWeek) is { Count: > 0 })
            .Select(h => LastWorkingDayBefore(calendar, h.Date)).OfType<DateOnly>().ToList();
        var day = closings.Where(d => d >= from).Select(d => (DateOnly?)d).FirstOrDefault()
            ?? (closings.Count > 0 ? closings[^1] : Days(from).FirstOrDefault(d => IsWorkingDay(calendar, d), from));
        return At(calendar, day, Closing(calendar, day) - BeforeHoliday);
    }

    private static DateOnly? LastWorkingDayBefore(WorkingCalendar calendar, DateOnly day)
    {
        for (var earlier = day.AddDays(-1); earlier > day.AddDays(-30); earlier = earlier.AddDays(-1))
        {
            if (IsWorkingDay(calendar, earlier))
                return earlier;
        }
        return null;
    }

    private static IEnumerable<DateOnly> Days(DateOnly from) => Enumerable.Range(0, Horizon).Select(from.AddDays);

    private static bool IsWorkingDay(WorkingCalendar calendar, DateOnly day) => Windows(calendar, day).Count > 0;

    private static TimeSpan Closing(WorkingCalendar calendar, DateOnly day) =>
        Windows(calendar, day) is { Count: > 0 } windows ? windows[^1].Closes : TimeSpan.FromHours(16);

    private static List<WorkingWindow> Windows(WorkingCalendar calendar, DateOnly day) =>
        calendar.HolidayOn(day) is null && calendar.RegimeOn(day)?.Windows.GetValueOrDefault(day.DayOfWeek) is { } windows
            ? [.. windows.OrderBy(w => w.Opens)]
            : [];

    private static DateTimeOffset At(WorkingCalendar calendar, DateOnly day, TimeSpan time)
    {
        var local = day.ToDateTime(TimeOnly.MinValue) + time;
        // A local time that the clocks skip is no instant: the one after the skip.
        while (calendar.Zone.IsInvalidTime(local))
            local = local.AddMinutes(30);
        return new DateTimeOffset(local, calendar.Zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
