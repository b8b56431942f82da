using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What part of the board; every part may be left out.</summary>
/// <param name="Role">Candidate role of the step.</param>
/// <param name="Person">User name of the holder; <see cref="Unclaimed"/>: steps that nobody has taken.</param>
/// <param name="DefinitionId">The SOP.</param>
/// <param name="State">open (all of them), overdue, atRisk or paused.</param>
/// <param name="After">Where the page before ended.</param>
/// <param name="PageSize">Rows, 1 to 200.</param>
public sealed record BoardQuery(
    string? Role = null, string? Person = null, string? DefinitionId = null, string? State = null, string? After = null, int PageSize = 50)
{
    /// <summary>As <see cref="Person"/>: no user name begins with a hyphen.</summary>
    public const string Unclaimed = "-";
}

/// <summary>An open step as those who answer for it look at it.</summary>
public sealed record BoardRow
{
    public required Guid Id { get; init; }

    /// <summary>Of the work item: acts name it, a stale one is refused.</summary>
    public required int Revision { get; init; }

    /// <summary>Of its clock: together with <see cref="Revision"/> it tells whether anything has changed.</summary>
    public required int ClockRevision { get; init; }
    public required Guid CaseId { get; init; }
    public required string CaseNumber { get; init; }

    /// <summary>Null for an administrator, who watches over the time and not over the case (need to know).</summary>
    public string? CaseTitle { get; init; }
    public required string DefinitionId { get; init; }
    public required StepView Step { get; init; }
    public required string Role { get; init; }

    /// <summary>Null: nobody has taken it yet.</summary>
    public PersonView? Assignee { get; init; }

    /// <summary>open, atRisk, overdue or paused.</summary>
    public required string State { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>UTC instant at which the standard is used up; null while paused or not begun.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The due instant lies beyond the last year with a list of holidays: it may still move.</summary>
    public bool Provisional { get; init; }

    /// <summary>Working minutes left, negative when overdue.</summary>
    public double? RemainingMinutes { get; init; }

    /// <summary>Since when, by whom and why it is paused; null while it is not.</summary>
    public BoardNote? Paused { get; init; }

    /// <summary>The last reminder to whoever has it now, with the note if there was one; null: none.</summary>
    public BoardNote? Reminded { get; init; }

    /// <summary>What the reader may do: remind, reassign, pause, resume.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>To whom it can be given: other holders of its role. Empty where the reader may not reassign.</summary>
    public IReadOnlyList<PersonView> Assignable { get; init; } = [];
}

/// <summary>Something done to a step, by whom, with a reason or a note.</summary>
/// <param name="At">UTC.</param>
/// <param name="By">Name of the officer, with the capacity of then; null: the service.</param>
/// <param name="Text">As it was written; null: nothing.</param>
public sealed record BoardNote(DateTimeOffset At, string? By, string? Text)
{
    /// <summary>What happened to a clock, by the names of those who did it.</summary>
    internal static BoardNote Of(ClockEvent happening, IReadOnlyDictionary<string, string> names) => new(
        happening.At, names.GetValueOrDefault(happening.ActorUserName ?? "") is { } name ? OfficerDirectory.Printed(name, happening.Capacity) : null,
        happening.Reason);
}

/// <summary>How an open step stands: another mark, and something about it has changed.</summary>
public readonly record struct BoardMark(int Revision, int ClockRevision);

/// <summary>What stands around the rows of the board page: figures and choices of the filters.</summary>
/// <param name="Open">All open steps that the reader may see. Figures stop at <see cref="Most"/>: nobody counts thousands on a page.</param>
/// <param name="Overdue">Those past their due instant.</param>
/// <param name="AtRisk">Those whose first rung below the standard is reached.</param>
/// <param name="Paused">Those that stand.</param>
/// <param name="Roles">Codes and names of the roles that open steps have.</param>
/// <param name="People">Holders of open steps.</param>
/// <param name="Definitions">Ids and names of the SOPs of open steps.</param>
public sealed record BoardFrame(
    int Open, int Overdue, int AtRisk, int Paused, IReadOnlyList<(string Code, string Name)> Roles, IReadOnlyList<PersonView> People,
    IReadOnlyList<(string Id, string Name)> Definitions)
{
    /// <summary>A figure of this much means so many or more.</summary>
    public const int Most = 1000;
}
