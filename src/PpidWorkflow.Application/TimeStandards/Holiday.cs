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

/// <summary>A day on which the office stays closed, whatever its hours say (domain.md §4: SKB 3 Menteri, amended during the year at times).</summary>
public sealed record Holiday(DateOnly Date, string Name, HolidayKind Kind, string Source = "");
