namespace PpidWorkflow.Application.People;

/// <summary>An absence as somebody enters it.</summary>
public sealed record AbsenceForm
{
    /// <summary>Whose; null: the actor's own.</summary>
    public string? OfficerUserName { get; init; }

    /// <summary>leave, officialTravel, sick or other.</summary>
    public string? Kind { get; init; }

    /// <summary>In the office's zone, first and last included.</summary>
    public DateOnly? FirstDay { get; init; }
    public DateOnly? LastDay { get; init; }

    /// <summary>The first day only from noon, the last one only until noon.</summary>
    public bool FromNoon { get; init; }
    public bool UntilNoon { get; init; }
    public string? SubstituteUserName { get; init; }
    public string? Note { get; init; }

    /// <summary>Why it is entered only now; required where the first day lies in the past.</summary>
    public string? BackdatedReason { get; init; }
}

/// <summary>An absence as those concerned see it.</summary>
/// <param name="Kind">leave, officialTravel, sick, other; null for a reader whose matter it is not.</param>
/// <param name="State">planned, current, past or withdrawn; derived.</param>
/// <param name="BeginsAt">UTC, as <paramref name="EndsAt"/>: the first instant after it.</param>
/// <param name="OpenTasks">His open tasks while it is current; else 0.</param>
/// <param name="Actions">end, withdraw, substitute: what the reader may do.</param>
public sealed record AbsenceView(
    Guid Id, int Revision, Tasks.PersonView Officer, string? Kind, DateOnly FirstDay, DateOnly LastDay, bool FromNoon, bool UntilNoon,
    Tasks.PersonView? Substitute, string? Note, string State, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, string RecordedBy, DateTimeOffset RecordedAt,
    string? BackdatedReason, int OpenTasks, IReadOnlyList<string> Actions)
{
    /// <summary>Name of who entered it; the user name where nobody is called so.</summary>
    public string RecordedByName { get; init; } = "";
}

/// <summary>An acting appointment as an administrator enters it.</summary>
public sealed record AppointmentForm
{
    public string? OfficerUserName { get; init; }
    public string? Role { get; init; }

    /// <summary>plh or plt.</summary>
    public string? Capacity { get; init; }

    /// <summary>Plh.: the holder who is away; may be left out where the role has one holder. Plt.: the former holder, if there was one.</summary>
    public string? ForUserName { get; init; }
    public string? LetterNumber { get; init; }
    public DateOnly? LetterDate { get; init; }
    public DateOnly? FirstDay { get; init; }
    public DateOnly? LastDay { get; init; }
    public string? BackdatedReason { get; init; }
}

/// <summary>An acting appointment as it is shown.</summary>
/// <param name="Title">"Plh. Kepala Biro Umum".</param>
/// <param name="State">planned, current, past or withdrawn; derived.</param>
/// <param name="Actions">end, withdraw.</param>
public sealed record AppointmentView(
    Guid Id, int Revision, Tasks.PersonView Officer, string Role, string RoleName, string Capacity, string Title, Tasks.PersonView? For, string LetterNumber,
    DateOnly? LetterDate, DateOnly FirstDay, DateOnly LastDay, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, string State, string RecordedBy,
    DateTimeOffset RecordedAt, IReadOnlyList<string> Actions);
