namespace PpidWorkflow.Application.TimeStandards;

/// <summary>How an act on the calendar is meant.</summary>
/// <param name="Preview">Only say what would happen; nothing is stored.</param>
/// <param name="Revision">The calendar's revision that the actor saw; another one by now is refused. Null: whatever it is.</param>
public sealed record CalendarAsk(bool Preview = false, int? Revision = null);

/// <summary>A closed day as administrators enter one: texts, so that each fault can be told with its field.</summary>
public record ClosedDayForm
{
    /// <summary>2027-01-31 or 31/1/2027.</summary>
    public string? Date { get; init; }
    public string? Name { get; init; }

    /// <summary>nationalHoliday, collectiveLeave or localClosing.</summary>
    public string? Kind { get; init; }
    public string? Source { get; init; }

    /// <summary>The actor has held it against its source.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Why; wanted for a change of a day that is there already.</summary>
    public string? Reason { get; init; }
}

/// <summary>A regime as administrators enter one.</summary>
public record RegimeForm
{
    public string? Name { get; init; }

    /// <summary>normal, ramadan or office.</summary>
    public string? Kind { get; init; }
    public string? From { get; init; }

    /// <summary>Null: a standing regime.</summary>
    public string? Until { get; init; }

    /// <summary>By weekday (monday to sunday): "07:30-12:00, 13:00-16:00"; none or empty: no working day.</summary>
    public IReadOnlyDictionary<string, string?>? Windows { get; init; }
    public string? Source { get; init; }
    public string? Remark { get; init; }
    public bool Confirmed { get; init; }
    public string? Reason { get; init; }
}

/// <summary>A year's list as a file.</summary>
/// <param name="Csv">Lines <c>date;name;kind[;source]</c>, separated by semicolons or commas, with or without a heading.</param>
/// <param name="Source">For lines that bring none.</param>
/// <param name="Confirmed">The actor has held the list against its source.</param>
public sealed record ClosedDayList(string? Csv, string? Source, bool Confirmed);

/// <summary>A closed day with where it comes from.</summary>
/// <param name="Kind">nationalHoliday, collectiveLeave or localClosing.</param>
/// <param name="WithdrawnReason">Not null: withdrawn, and why.</param>
public sealed record ClosedDayView(
    Guid Id, DateOnly Date, string Name, string Kind, string Source, DateTimeOffset? ConfirmedAt, string? ConfirmedBy,
    DateTimeOffset? WithdrawnAt, string? WithdrawnBy, string? WithdrawnReason);

/// <summary>A regime with where it comes from.</summary>
/// <param name="Kind">normal, ramadan or office.</param>
/// <param name="Windows">By weekday, Monday first: "07:30-12:00".</param>
public sealed record RegimeView(
    Guid Id, string Name, string Kind, DateOnly? From, DateOnly? Until, IReadOnlyDictionary<string, IReadOnlyList<string>> Windows, string Source,
    string Remark, double WeekHours, DateTimeOffset? ConfirmedAt, string? ConfirmedBy, DateTimeOffset? WithdrawnAt, string? WithdrawnBy,
    string? WithdrawnReason);

/// <summary>One day of the month view: what the clocks count by.</summary>
/// <param name="Windows">"07:30-12:00"; empty: closed.</param>
/// <param name="Closed">The holiday, if one.</param>
public sealed record CalendarDayView(DateOnly Date, string? Regime, string? RegimeKind, IReadOnlyList<string> Windows, ClosedDayView? Closed);

/// <summary>A month of the office.</summary>
/// <param name="Revision">Send it back with an act; a stale one is refused.</param>
public sealed record CalendarMonthView(int Year, int Month, int Revision, IReadOnlyList<CalendarDayView> Days);

/// <summary>A year's list and the regimes.</summary>
/// <param name="HasList">The list of the year's national holidays was entered; without, deadlines there are provisional.</param>
/// <param name="MissingYear">A list that is wanted by now and not there.</param>
/// <param name="AroundTheClock">The office counts plain time: none of this counts.</param>
public sealed record CalendarYearView(
    int Year, int Revision, string TimeZone, bool AroundTheClock, bool HasList, int? MissingYear, IReadOnlyList<ClosedDayView> ClosedDays,
    IReadOnlyList<RegimeView> Regimes)
{
    /// <summary>Names by user name, of all who confirmed or withdrew one of them and are known here.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();
}

/// <summary>A row that an act touches.</summary>
/// <param name="Act">added, changed, withdrawn, confirmed, kept; of an import also absent: not in the list, and not touched.</param>
/// <param name="Date">Of a closed day; null for a regime.</param>
public sealed record CalendarEdit(string Act, Guid Id, string Name, string Kind, DateOnly? Date);

/// <summary>An open step whose due instant an act moves.</summary>
/// <param name="Provisional">The new due instant lies beyond the last list of holidays: it may move again.</param>
public sealed record MovedStep(
    Guid CaseId, string CaseNumber, string Step, string? Assignee, DateTimeOffset? DueBefore, DateTimeOffset? DueAfter, bool Provisional);

/// <summary>What an act on the calendar did, or would do.</summary>
/// <param name="Applied">False: a preview, nothing is stored.</param>
/// <param name="Revision">Of the calendar after the act; of the calendar as it is, for a preview.</param>
/// <param name="MovedCount">Open steps whose due instant moves; <paramref name="Moved"/> names the first <see cref="CalendarDesk.MostNamed"/>.</param>
public sealed record CalendarOutcome(
    bool Applied, int Revision, IReadOnlyList<CalendarEdit> Edits, int MovedCount, IReadOnlyList<MovedStep> Moved);
