namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// A day on which the office stays closed, as the office keeps it. Never deleted: one that was wrong, or was called off, is withdrawn with a
/// reason, so that a moved deadline can always be explained.
/// </summary>
public sealed class ClosedDay
{
    public required Guid Id { get; init; }

    /// <summary>In the office's zone; at most one day that is not withdrawn has a date.</summary>
    public required DateOnly Date { get; set; }
    public required string Name { get; set; }
    public required HolidayKind Kind { get; set; }

    /// <summary>The decree: the yearly SKB 3 Menteri, which is amended at times, a Keppres, a letter of the office.</summary>
    public string Source { get; set; } = "";

    /// <summary>When somebody held it against its source; null: <i>belum dikonfirmasi</i>.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }
    public string? ConfirmedBy { get; set; }
    public DateTimeOffset? WithdrawnAt { get; set; }
    public string? WithdrawnBy { get; set; }
    public string? WithdrawnReason { get; set; }
    public required DateTimeOffset ChangedAt { get; set; }
    public required string ChangedBy { get; set; }

    public Holiday ToHoliday() => new(Date, Name, Kind, Source);
}

/// <summary>The hours of a week between two dates, as the office keeps them. Never deleted, as <see cref="ClosedDay"/>.</summary>
public sealed class HoursRegime
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public required RegimeKind Kind { get; set; }

    /// <summary>First day in force; null: since ever.</summary>
    public DateOnly? From { get; set; }

    /// <summary>Last day in force; null: a standing regime, until the next one begins.</summary>
    public DateOnly? Until { get; set; }

    /// <summary>JSON: <c>{"monday": ["07:30-12:00", "13:00-16:00"]}</c>; a weekday that is not named is no working day.</summary>
    public required string Windows { get; set; }
    public string Source { get; set; } = "";
    public string Remark { get; set; } = "";

    /// <summary>When somebody held it against its source; null: <i>belum dikonfirmasi</i>.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }
    public string? ConfirmedBy { get; set; }
    public DateTimeOffset? WithdrawnAt { get; set; }
    public string? WithdrawnBy { get; set; }
    public string? WithdrawnReason { get; set; }
    public required DateTimeOffset ChangedAt { get; set; }
    public required string ChangedBy { get; set; }

    /// <exception cref="InvalidDataException">The stored windows cannot be read.</exception>
    public WorkingRegime ToRegime() => new()
    {
        Name = Name,
        Kind = Kind,
        From = From,
        Until = Until,
        Windows = CalendarData.ReadWindows(Windows, Name),
        Confirmed = ConfirmedAt is not null,
        Source = Source,
        Remark = Remark
    };
}

/// <summary>
/// One row: which state of the calendar's rows is in force. Its number is the concurrency token of every change, so that two changes never
/// pass each other, and the cheap question by which other nodes notice one.
/// </summary>
public sealed class CalendarState
{
    public const int TheOnly = 1;

    public required int Id { get; init; }

    /// <summary>Counts changes, from 1. Concurrency token.</summary>
    public required int Revision { get; set; }
    public required DateTimeOffset ChangedAt { get; set; }
    public required string ChangedBy { get; set; }
}
