using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Why somebody is not there. Told to himself, his supervisors and administrators only (an illness is nobody else's matter); everybody else
/// reads that he is away, and until when.
/// </summary>
public enum AbsenceKind
{
    /// <summary>Cuti.</summary>
    Leave,

    /// <summary>Dinas luar.</summary>
    OfficialTravel,

    /// <summary>Sakit.</summary>
    Sick,

    /// <summary>Lainnya.</summary>
    Other
}

/// <summary>
/// Days, or halves of days, on which an officer is not there. Never deleted: one that does not happen is withdrawn, one that ends early keeps
/// the instant of the return. Begin and end come by time alone: whether somebody is absent is asked of these rows, as of an instant, and
/// stored nowhere else.
/// </summary>
public sealed class Absence
{
    /// <summary>Where a half day begins or ends, in the office's zone: within the break of every regime of domain.md §4.</summary>
    public static readonly TimeOnly Noon = new(12, 0);

    public required Guid Id { get; init; }
    public required Guid OfficerId { get; init; }
    public Officer? Officer { get; init; }

    /// <summary>In the office's zone, first and last included.</summary>
    public required DateOnly FirstDay { get; set; }
    public required DateOnly LastDay { get; set; }

    /// <summary>The first day only from noon, the last one only until noon.</summary>
    public bool FromNoon { get; set; }
    public bool UntilNoon { get; set; }
    public required AbsenceKind Kind { get; set; }
    public string? Note { get; set; }

    /// <summary>Who gets his new tasks meanwhile; null: nobody named.</summary>
    public Guid? SubstituteId { get; set; }
    public Officer? Substitute { get; set; }

    /// <summary>User name of who entered it, himself or another.</summary>
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Why it was entered after it had begun.</summary>
    public string? BackdatedReason { get; init; }

    /// <summary>Back before the planned end, UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }
    public string? EndedBy { get; set; }
    public DateTimeOffset? WithdrawnAt { get; set; }
    public string? WithdrawnBy { get; set; }

    /// <summary>When the service told those concerned of the begin and of the return; null: not yet. What is told once is told once.</summary>
    public DateTimeOffset? BeginToldAt { get; set; }
    public DateTimeOffset? ReturnToldAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }

    /// <summary>First instant of the absence, UTC.</summary>
    public DateTimeOffset Begins(OfficeTime office) => office.Instant(FirstDay, FromNoon ? Noon : TimeOnly.MinValue);

    /// <summary>First instant after it, UTC: midnight after the last day, noon of it, or the earlier return.</summary>
    public DateTimeOffset Ends(OfficeTime office)
    {
        var planned = UntilNoon ? office.Instant(LastDay, Noon) : office.Instant(LastDay.AddDays(1), TimeOnly.MinValue);
        return EndedAt < planned ? EndedAt.Value : planned;
    }

    /// <summary>Whether the officer is away at an instant; a withdrawn absence never was.</summary>
    public bool Covers(DateTimeOffset at, OfficeTime office) => WithdrawnAt is null && Begins(office) <= at && at < Ends(office);
}

/// <summary>Somebody passed over because he is away at the instant in question.</summary>
/// <param name="Officer">Who.</param>
/// <param name="Until">When he is back, UTC: the end of the absence, and of those that follow it without a gap.</param>
public sealed record SkippedOfficer(Officer Officer, DateTimeOffset Until);

/// <summary>The nearest supervisor who is there.</summary>
/// <param name="Officer">Null: nobody up to the top is there.</param>
/// <param name="Skipped">Those on the way who are away, nearest first; inactive ones are not named.</param>
public sealed record PresentSupervisor(Officer? Officer, IReadOnlyList<SkippedOfficer> Skipped)
{
    /// <summary>"Plh. Kepala Biro Umum" where he only acts in the stead of the supervisor; null: he is the supervisor.</summary>
    public string? Title { get; init; }

    /// <summary>His name as it is printed; null: nobody.</summary>
    public string? Name => Officer is null ? null : Title is null ? Officer.DisplayName : $"{Officer.DisplayName} ({Title})";
}
