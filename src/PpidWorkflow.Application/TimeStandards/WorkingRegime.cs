namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// A stretch of working time within one day, from <paramref name="Opens"/> up to but not including <paramref name="Closes"/>, both as time
/// since midnight in the office's zone; <paramref name="Closes"/> may be 24:00.
/// </summary>
public readonly record struct WorkingWindow(TimeSpan Opens, TimeSpan Closes)
{
    public override string ToString() => $"{Clock(Opens)}-{Clock(Closes)}";

    private static string Clock(TimeSpan time) => FormattableString.Invariant(
        $"{(int)time.TotalHours:00}:{time.Minutes:00}") + (time.Seconds == 0 ? "" : FormattableString.Invariant($":{time.Seconds:00}"));
}

public enum RegimeKind
{
    /// <summary>Hours of the whole region (Perpres 21/2023).</summary>
    Normal,

    /// <summary>Shorter hours while the fast lasts; the dates are entered each year, never computed (domain.md §4).</summary>
    Ramadan,

    /// <summary>Hours which the office set for itself.</summary>
    Office
}

/// <summary>
/// The hours of a week, in force between two dates. Where several cover a day, a temporary regime (one with <see cref="Until"/>) goes
/// before a standing one, and among equals the one that began last.
/// </summary>
public sealed record WorkingRegime
{
    public required string Name { get; init; }

    public RegimeKind Kind { get; init; }

    /// <summary>First day in force; null: since ever.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Last day in force; null: until another standing regime begins.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Several windows a day: the gaps are breaks. A weekday without windows is not a working day.</summary>
    public required IReadOnlyDictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> Windows { get; init; }

    /// <summary>False while nobody has seen the hours in the regulation itself (domain.md §8, question 2).</summary>
    public bool Confirmed { get; init; }

    public string Source { get; init; } = "";

    public string Remark { get; init; } = "";

    internal bool Covers(DateOnly day) => (From is null || From <= day) && (Until is null || day <= Until);
}
