using System.Globalization;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// The fasting month as the Umm al-Qura calendar has it, so that the office is asked for its hours in time. It decides no deadline: in
/// Indonesia the government announces the first and the last day (sidang isbat), at times a day beside these.
/// </summary>
/// <param name="HijriYear">1448.</param>
/// <param name="First">First day of the fast.</param>
/// <param name="Last">Last day of the fast, the 29th or 30th.</param>
public sealed record RamadanMonth(int HijriYear, DateOnly First, DateOnly Last)
{
    private const int Ninth = 9;
    private static readonly UmAlQuraCalendar Hijri = new();
    private static readonly int LastYear = Hijri.GetYear(Hijri.MaxSupportedDateTime);

    /// <summary>The month in which a day lies, else the next one. Null where the calendar's tables end (1900 and 2077).</summary>
    public static RamadanMonth? NotOverOn(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        if (midnight < Hijri.MinSupportedDateTime || midnight > Hijri.MaxSupportedDateTime)
            return null;
        var year = Hijri.GetYear(midnight);
        var month = Of(year);
        return day <= month.Last ? month : year < LastYear ? Of(year + 1) : null;
    }

    /// <summary>
    /// Whether hours of the kind Ramadan hold on a day of this month: one is enough, as its first and last day may be announced otherwise than
    /// they were computed.
    /// </summary>
    public bool HasHoursIn(WorkingCalendar calendar)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        for (var day = First; day <= Last; day = day.AddDays(1))
        {
            if (calendar.RegimeOn(day)?.Kind == RegimeKind.Ramadan)
                return true;
        }
        return false;
    }

    private static RamadanMonth Of(int year)
    {
        var first = DateOnly.FromDateTime(Hijri.ToDateTime(year, Ninth, 1, 0, 0, 0, 0));
        return new RamadanMonth(year, first, first.AddDays(Hijri.GetDaysInMonth(year, Ninth) - 1));
    }
}
