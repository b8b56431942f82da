namespace PpidWorkflow.Application.TimeStandards;

public enum HolidayKind
{
    /// <summary>Libur nasional.</summary>
    NationalHoliday,

    /// <summary>Cuti bersama.</summary>
    CollectiveLeave,

    /// <summary>The office alone is closed (regional election, flood, repair).</summary>
    LocalClosing
}

/// <summary>A day on which the office stays closed, whatever its hours say (domain.md §4).</summary>
/// <param name="Source">The decree: the yearly SKB 3 Menteri, which is amended during the year at times, or a Keppres.</param>
public sealed record Holiday(DateOnly Date, string Name, HolidayKind Kind, string Source = "");
