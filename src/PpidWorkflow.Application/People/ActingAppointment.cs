using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>How somebody acts in a post that is not his own (domain.md §3).</summary>
public enum ActingCapacity
{
    /// <summary>Pelaksana harian: the holder is away for a time.</summary>
    Plh,

    /// <summary>Pelaksana tugas: the post is vacant.</summary>
    Plt
}

/// <summary>
/// An officer who takes over a role for a period, by a letter. The right begins and ends by time alone: roles are computed from these rows as
/// of now, for tokens and cookies given out before as well. Never deleted: one that does not happen is withdrawn, one that ends early keeps
/// the instant.
/// </summary>
public sealed class ActingAppointment
{
    public required Guid Id { get; init; }

    /// <summary>Who acts.</summary>
    public required Guid OfficerId { get; init; }
    public Officer? Officer { get; init; }

    /// <summary>Code of the role, upper case.</summary>
    public required string Role { get; init; }

    /// <summary>The holder in whose stead he acts; null: the post is vacant.</summary>
    public Guid? ForOfficerId { get; init; }
    public Officer? ForOfficer { get; init; }
    public required ActingCapacity Capacity { get; init; }

    /// <summary>Nomor surat.</summary>
    public required string LetterNumber { get; init; }
    public DateOnly? LetterDate { get; init; }

    /// <summary>In the office's zone, first and last included.</summary>
    public required DateOnly FirstDay { get; init; }
    public required DateOnly LastDay { get; init; }
    public string? BackdatedReason { get; init; }
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Ended before its last day, UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }
    public string? EndedBy { get; set; }
    public DateTimeOffset? WithdrawnAt { get; set; }
    public string? WithdrawnBy { get; set; }

    /// <summary>When the open tasks of the post were offered to him; null: not yet.</summary>
    public DateTimeOffset? BeginToldAt { get; set; }

    /// <summary>When what he had not finished went back to the post; null: not yet.</summary>
    public DateTimeOffset? HandedBackAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }

    /// <summary>First instant, UTC: midnight in the office. Never before it was recorded: no right is given backwards.</summary>
    public DateTimeOffset Begins(OfficeTime office)
    {
        var planned = office.Instant(FirstDay, TimeOnly.MinValue);
        return planned < RecordedAt ? RecordedAt : planned;
    }

    /// <summary>First instant after it, UTC.</summary>
    public DateTimeOffset Ends(OfficeTime office)
    {
        var planned = office.Instant(LastDay.AddDays(1), TimeOnly.MinValue);
        return EndedAt < planned ? EndedAt.Value : planned;
    }

    /// <summary>Whether he acts at an instant.</summary>
    public bool Covers(DateTimeOffset at, OfficeTime office) => WithdrawnAt is null && Begins(office) <= at && at < Ends(office);

    /// <summary>"Plh. Kepala Biro Umum".</summary>
    public static string Title(ActingCapacity capacity, string roleName) => $"{capacity}. {roleName}";
}

/// <summary>A role that an actor has only because he acts in it.</summary>
/// <param name="Title">"Plh. Kepala Biro Umum", as it is printed.</param>
/// <param name="ForOfficerId">In whose stead; null: the post is vacant.</param>
/// <param name="Until">UTC; from then on he has it no more.</param>
public sealed record ActingRole(Guid AppointmentId, string Role, string Title, Guid? ForOfficerId, DateTimeOffset Until);
