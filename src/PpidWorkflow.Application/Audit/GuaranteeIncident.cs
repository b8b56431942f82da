namespace PpidWorkflow.Application.Audit;

/// <summary>
/// A time in which an invariant of design.md §6 did not hold: opened when a check first finds it broken, closed when it is whole again. Told to the
/// administrators once at each end. Never deleted.
/// </summary>
public sealed class GuaranteeIncident
{
    public required Guid Id { get; init; }

    /// <summary>The guarantee's name while it is open, then the id: one open incident for each guarantee.</summary>
    public required string UniqueKey { get; set; }

    /// <summary>Name of the guarantee, kebab-case.</summary>
    public required string Guarantee { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>UTC; null while it is broken.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Rows that broke it when it was last looked at, and most of them at one time.</summary>
    public required long Violations { get; set; }
    public required long MostViolations { get; set; }

    /// <summary>Ids of some of them, at first sight, separated by spaces.</summary>
    public required string Examples { get; init; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>Configuration section <c>Guarantees</c>.</summary>
public sealed class GuaranteeOptions
{
    /// <summary>Every how many minutes the invariants are checked; 0: never by itself.</summary>
    public int CheckMinutes { get; set; } = 5;
}
