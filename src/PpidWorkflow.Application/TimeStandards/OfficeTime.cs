using System.Globalization;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Instants and working time as people of the office read them: in the office's zone, Indonesian unless the culture is English. Words and
/// order are spelled out here, because the machine's ICU data differ between versions and a container may have none.
/// </summary>
public sealed class OfficeTime(TimeZoneInfo zone)
{
    private static readonly string[] IndonesianDays = ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"];

    private static readonly string[] IndonesianMonths =
        ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"];

    private static readonly string[] EnglishMonths = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;

    public OfficeTime(WorkingCalendar calendar) : this((calendar ?? throw new ArgumentNullException(nameof(calendar))).Zone)
    {
    }

    public DateOnly Today(DateTimeOffset instant) => DateOnly.FromDateTime(Local(instant).DateTime);

    /// <summary>
    /// The instant (UTC) at which the office's clocks show this. Where they jump over it, the first one after the gap; where they show it
    /// twice, the earlier. At the ends of time, the nearest there is.
    /// </summary>
    public DateTimeOffset Instant(DateOnly day, TimeOnly clock)
    {
        var local = day.ToDateTime(clock);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        var ticks = Math.Clamp(local.Ticks - offset.Ticks, DateTimeOffset.MinValue.UtcTicks, DateTimeOffset.MaxValue.UtcTicks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    /// <summary>The year in which registers number at this instant.</summary>
    public int Year(DateTimeOffset instant) => Local(instant).Year;

    /// <summary>"Senin, 23 Nov 2026 15.58 WIB"; English: "Monday, 23 Nov 2026 15:58 WIB".</summary>
    public string DateAndTime(DateTimeOffset instant, CultureInfo? culture = null) => $"{DayAndDate(instant, culture)} {Time(instant, culture)}";

    /// <summary>"Senin, 23 Nov 2026"; English: "Monday, 23 Nov 2026".</summary>
    public string DayAndDate(DateTimeOffset instant, CultureInfo? culture = null)
    {
        var day = Today(instant);
        return $"{DayName(day.DayOfWeek, culture)}, {Date(day, culture)}";
    }

    /// <summary>
    /// The end of a time as people name it who say "until": one that ends at midnight ends with the day before, "Rabu, 25 Nov 2026"; any other
    /// at its hour, "Rabu, 25 Nov 2026 12.00 WIB".
    /// </summary>
    public string Until(DateTimeOffset end, CultureInfo? culture = null) =>
        Today(end) == Today(end.AddTicks(-1)) ? DateAndTime(end, culture) : DayAndDate(end.AddTicks(-1), culture);

    /// <summary>"15.58 WIB"; English: "15:58 WIB".</summary>
    public string Time(DateTimeOffset instant, CultureInfo? culture = null)
    {
        var local = Local(instant);
        var separator = IsEnglish(culture) ? ':' : '.';
        return string.Create(CultureInfo.InvariantCulture, $"{local.Hour:00}{separator}{local.Minute:00} {Abbreviation(local.Offset)}");
    }

    /// <summary>"WIB": by what the office's clocks go at an instant.</summary>
    public string Zone(DateTimeOffset instant) => Abbreviation(Local(instant).Offset);

    /// <summary>"23 Nov 2026", the day of the instant in the office.</summary>
    public string Date(DateTimeOffset instant, CultureInfo? culture = null) => Date(Today(instant), culture);

    /// <summary>"23 Agu 2026"; English: "23 Aug 2026".</summary>
    public static string Date(DateOnly day, CultureInfo? culture = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{day.Day} {MonthName(day.Month, culture)[..3]} {day.Year}");

    /// <summary>"3 Agustus 2023", as letters and forms print it (domain.md §3).</summary>
    public static string FormalDate(DateOnly day, CultureInfo? culture = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{day.Day} {MonthName(day.Month, culture)} {day.Year}");

    /// <summary>
    /// "sisa 1 jam 5 menit", "terlambat 12 menit"; English: "1 hour 5 minutes left", "12 minutes late". Never more than there is: minutes
    /// are rounded down; seconds show in the last minute and the first late one. Used up to the tick is "sisa 0 detik", still on time.
    /// </summary>
    public static string Remaining(ClockReading reading, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(reading);
        if (!reading.IsOverdue)
            return IsEnglish(culture) ? $"{Duration(reading.Remaining, culture)} left" : $"sisa {Duration(reading.Remaining)}";

        // "0 seconds late" would contradict itself.
        var late = Duration(reading.Lateness < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : reading.Lateness, culture);
        return IsEnglish(culture) ? $"{late} late" : $"terlambat {late}";
    }

    /// <summary>"1 jam 5 menit", "40 detik". Hours are not turned into days: a working day has no fixed length.</summary>
    public static string Duration(TimeSpan working, CultureInfo? culture = null)
    {
        var english = IsEnglish(culture);
        if (working < TimeSpan.FromMinutes(1))
            return Count(Math.Max(0, working.Seconds), "detik", "second", english);
        var hours = working.Ticks / TimeSpan.TicksPerHour;
        return (hours, working.Minutes) switch
        {
            (0, var minutes) => Count(minutes, "menit", "minute", english),
            (_, 0) => Count(hours, "jam", "hour", english),
            (_, var minutes) => $"{Count(hours, "jam", "hour", english)} {Count(minutes, "menit", "minute", english)}"
        };
    }

    internal static bool IsEnglish(CultureInfo? culture) => culture?.TwoLetterISOLanguageName == "en";

    private static string Count(long number, string indonesian, string english, bool isEnglish) => isEnglish
        ? string.Create(CultureInfo.InvariantCulture, $"{number} {english}{(number == 1 ? "" : "s")}")
        : string.Create(CultureInfo.InvariantCulture, $"{number} {indonesian}");

    internal static string DayName(DayOfWeek day, CultureInfo? culture) => IsEnglish(culture) ? day.ToString() : IndonesianDays[(int)day];

    private static string MonthName(int month, CultureInfo? culture) => (IsEnglish(culture) ? EnglishMonths : IndonesianMonths)[month - 1];

    private static string Abbreviation(TimeSpan offset) => offset.Ticks switch
    {
        7 * TimeSpan.TicksPerHour => "WIB",
        8 * TimeSpan.TicksPerHour => "WITA",
        9 * TimeSpan.TicksPerHour => "WIT",
        0 => "UTC",
        _ => $"UTC{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}"
    };

    private DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, zone);
}
