using System.Text.Json;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>A person as pages and API show one.</summary>
public sealed record PersonView(string UserName, string DisplayName, string? Position)
{
    /// <summary>"Plh. Kasubid ..." or "menggantikan ..." where he does it in no role of his own.</summary>
    public string? Capacity { get; init; }

    /// <summary>When he is back, UTC; null: he is there.</summary>
    public DateTimeOffset? AwayUntil { get; init; }

    /// <summary>Who gets, while he is away, what is assigned to him; null: he himself, or whoever else is there.</summary>
    public string? StandIn { get; init; }

    /// <summary>The name as it is printed.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Printed => Capacity is null ? DisplayName : $"{DisplayName} ({Capacity})";
}

/// <summary>A row of the SOP: texts of the version the case runs on.</summary>
public sealed record StepView
{
    /// <summary>"5", and part "a" or "b" where a row holds two acts.</summary>
    public required string Number { get; init; }
    public string Part { get; init; } = "";

    /// <summary>assign, prepare, report, handOver, document or step.</summary>
    public required string Act { get; init; }
    public required string ActivityId { get; init; }
    public required string Description { get; init; }
    public string? RequiredInput { get; init; }
    public string? Output { get; init; }
    public string? Remarks { get; init; }

    /// <summary>Working minutes.</summary>
    public required double StandardMinutes { get; init; }

    public string Label => Number + Part;
}

/// <summary>A field that completing the task wants: note, delayReason, assignTo, files, hardcopyItems, location, missingMedia.</summary>
public sealed record FieldView(string Name, bool Required);

/// <summary>A work item in a list.</summary>
public sealed record TaskSummary
{
    public required Guid Id { get; init; }
    public required int Revision { get; init; }
    public required Guid CaseId { get; init; }
    public required string CaseNumber { get; init; }
    public required string CaseTitle { get; init; }
    public required StepView Step { get; init; }
    public required string Role { get; init; }
    public PersonView? Assignee { get; init; }

    /// <summary>The reader was added to it and may do what the assignee may.</summary>
    public bool IsHelping { get; init; }

    /// <summary>open, atRisk, overdue, paused, completed, returned or cancelled.</summary>
    public required string State { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>UTC instant at which the standard is used up; null while paused or not begun.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The due instant lies beyond the last year with a list of holidays: it may still move.</summary>
    public bool Provisional { get; init; }

    /// <summary>Working minutes left, negative when overdue; null for closed items.</summary>
    public double? RemainingMinutes { get; init; }

    /// <summary>Since when its clock is paused; null: it is not.</summary>
    public DateTimeOffset? PausedSince { get; init; }
}

/// <summary>A work item with all that its page needs.</summary>
public sealed record TaskView
{
    public required Guid Id { get; init; }

    /// <summary>Send it back with every act; a stale one is refused.</summary>
    public required int Revision { get; init; }
    public required Guid CaseId { get; init; }
    public required string CaseNumber { get; init; }
    public required string CaseTitle { get; init; }
    public required string DefinitionId { get; init; }
    public required int DefinitionVersion { get; init; }
    public required StepView Step { get; init; }
    public required string Role { get; init; }
    public required string RoleName { get; init; }
    public PersonView? Assignee { get; init; }

    /// <summary>Who was added by the ladder and may do what the assignee may, in the order of time.</summary>
    public IReadOnlyList<PersonView> Helpers { get; init; } = [];

    /// <summary>Who may claim it while it has no assignee.</summary>
    public IReadOnlyList<PersonView> Candidates { get; init; } = [];
    public required string State { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The due instant lies beyond the last year with a list of holidays: it may still move.</summary>
    public bool Provisional { get; init; }
    public double? RemainingMinutes { get; init; }

    /// <summary>Working minutes from receipt to start, and from start to completion (or now).</summary>
    public double WaitingMinutes { get; init; }
    public double ProcessingMinutes { get; init; }

    /// <summary>Working minutes within pauses: neither waiting nor processing.</summary>
    public double PausedMinutes { get; init; }

    /// <summary>Since when its clock is paused; null: it is not.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>Its pauses, in order.</summary>
    public IReadOnlyList<PauseView> Pauses { get; init; } = [];

    /// <summary>When it was really begun and done, where that was entered later; the clock counts by these.</summary>
    public ActualTime? ActualStart { get; init; }
    public ActualTime? ActualCompletion { get; init; }

    /// <summary>Rungs that fired. What was told stays told, whatever actual time is entered later.</summary>
    public IReadOnlyList<FiredRungView> Alerts { get; init; } = [];

    /// <summary>Working time that outages gave back, in order; not part of waiting and processing minutes.</summary>
    public IReadOnlyList<CreditView> Credits { get; init; } = [];

    /// <summary>From when on the standard is counted, UTC; null while nothing is due: paused, not begun, closed.</summary>
    public DateTimeOffset? CountedFrom { get; init; }

    /// <summary>Closed time from there to <see cref="DueAt"/>, in order, with the reason; of the first 31 days.</summary>
    public IReadOnlyList<ClosedSpan> Closed { get; init; } = [];

    /// <summary>How changed calendars and outages moved the due instant while it was open, in order.</summary>
    public IReadOnlyList<DueMoveView> DueMoves { get; init; } = [];

    /// <summary>received or started: from when the standard runs.</summary>
    public required string MeasuredFrom { get; init; }
    public string? Note { get; init; }
    public string? DelayReason { get; init; }

    /// <summary>One of the causes that a completion may name; null: none was.</summary>
    public string? DelayCause { get; init; }
    public string? ReturnReason { get; init; }

    /// <summary>The last reminder of a supervisor; null: none, or closed.</summary>
    public BoardNote? Reminded { get; init; }

    /// <summary>Why it came back, where this visit was caused by a return.</summary>
    public ReturnView? ReturnedFrom { get; init; }

    /// <summary>Who receives the result: the role's name, and who holds it now. Null and empty where the step names none, and once closed.</summary>
    public string? RecipientRoleName { get; init; }
    public IReadOnlyList<PersonView> Recipients { get; init; } = [];

    /// <summary>User names from which <c>assignTo</c> chooses; null where nobody is to be chosen.</summary>
    public IReadOnlyList<string>? Assignable { get; init; }

    /// <summary>The same people with their names, for pages.</summary>
    public IReadOnlyList<PersonView>? AssignablePeople { get; init; }

    /// <summary>Fields wanted at completion.</summary>
    public IReadOnlyList<FieldView> Fields { get; init; } = [];

    /// <summary>What the reader may do now: start, claim, release, complete, return, remind, pause, resume, reassign, takeBack, comment,
    /// upload.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];
    public IReadOnlyList<FileView> Files { get; init; } = [];
    public IReadOnlyList<HardcopyItemView> HardcopyItems { get; init; } = [];
    public IReadOnlyList<CommentView> Comments { get; init; } = [];
}

public sealed record ReturnView(string StepLabel, string By, string Reason, DateTimeOffset At);

public sealed record FileView(
    Guid Id, string Name, string ContentType, long Size, string Sha256, string UploadedBy, DateTimeOffset UploadedAt, Guid? ReplacedById, DateTimeOffset? ReplacedAt)
{
    /// <summary>Whether another file may take its place now: it belongs to the step in hand (design.md §4: before completion).</summary>
    public bool Replaceable { get; init; }
}

public sealed record HardcopyItemView(string Description, int Quantity, string? CopyStatus);

public sealed record LocationView(string? Building, string? Cabinet, string? Shelf, string? Box, string? Folder, string? Text);

public sealed record MissingMediumView(string Medium, string Reason);

public sealed record CommentView(string By, string Text, DateTimeOffset At);

/// <summary>A case in a list.</summary>
public sealed record CaseSummary(
    Guid Id, string Number, string Title, string State, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt, string? CurrentStep, string? CurrentHolder,
    DateTimeOffset? DueAt);

/// <summary>One visit of a step, or a step not reached yet (no <see cref="ReceivedAt"/>).</summary>
public sealed record VisitView
{
    public Guid? TaskId { get; init; }
    public required StepView Step { get; init; }

    /// <summary>pending for a step not reached; else as a task's state.</summary>
    public required string State { get; init; }
    public PersonView? Assignee { get; init; }
    public DateTimeOffset? ReceivedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The due instant lies beyond the last year with a list of holidays: it may still move.</summary>
    public bool Provisional { get; init; }
    public double WaitingMinutes { get; init; }
    public double ProcessingMinutes { get; init; }

    /// <summary>Working minutes within pauses: neither waiting nor processing.</summary>
    public double PausedMinutes { get; init; }

    /// <summary>Its pauses, in order.</summary>
    public IReadOnlyList<PauseView> Pauses { get; init; } = [];

    /// <summary>When it was really begun and done, where that was entered later; the clock counts by these.</summary>
    public ActualTime? ActualStart { get; init; }
    public ActualTime? ActualCompletion { get; init; }

    /// <summary>Rungs that fired.</summary>
    public IReadOnlyList<FiredRungView> Alerts { get; init; } = [];

    /// <summary>Working minutes beyond the standard; 0 when in time.</summary>
    public double LateMinutes { get; init; }
    public string? Note { get; init; }
    public string? DelayReason { get; init; }
    public string? DelayCause { get; init; }
    public string? ReturnReason { get; init; }

    /// <summary>Working time that outages gave back, in order; not part of waiting, processing and late minutes.</summary>
    public IReadOnlyList<CreditView> Credits { get; init; } = [];

    /// <summary>How changed calendars and outages moved the due instant while the visit was open, in order.</summary>
    public IReadOnlyList<DueMoveView> DueMoves { get; init; } = [];
}

/// <summary>A rung that fired.</summary>
/// <param name="FiredAt">UTC.</param>
/// <param name="DueAt">When it was due, UTC.</param>
/// <param name="Percent">Of the standard.</param>
/// <param name="Addressees">How many were told.</param>
/// <param name="AfterActual">It fired after the work had really been done, which was entered only later.</param>
public sealed record FiredRungView(DateTimeOffset FiredAt, DateTimeOffset DueAt, int Percent, int Addressees, bool AfterActual);

/// <summary>Working minutes of a whole case, its visits together; a visit that was cancelled does not count.</summary>
public sealed record CaseTimes(double WaitingMinutes, double ProcessingMinutes, double PausedMinutes, double LateMinutes);

/// <summary>Time that is not charged because the service or its mail was away.</summary>
/// <param name="Kind">service, mail or reported.</param>
/// <param name="Minutes">Working minutes within it.</param>
/// <param name="Reason">In the words of who reported it; null: observed.</param>
public sealed record CreditView(Guid OutageId, string Kind, DateTimeOffset From, DateTimeOffset To, double Minutes, string? Reason);

/// <summary>A due instant that a changed calendar or an outage moved.</summary>
/// <param name="By">User name; null: the service, at a start with other settings.</param>
public sealed record DueMoveView(DateTimeOffset At, DateTimeOffset? Before, DateTimeOffset? After, string? Reason, string? By);

/// <summary>An entry of the case's history: the audit chain in words' keys.</summary>
public sealed record CaseEventView(DateTimeOffset At, string Actor, string Action, JsonElement Data)
{
    /// <summary>The actor's name as it is printed, with the capacity of then; his user name where nobody is called so; null: the service.</summary>
    public string? ActorName { get; init; }
}

/// <summary>A field of a case in the definition's own words: another SOP brings its own.</summary>
/// <param name="Name">Wire name.</param>
/// <param name="Label">As the form asks for it.</param>
/// <param name="Value">As stored; null: not given.</param>
/// <param name="Text">The chosen option's text; the value itself where there are none.</param>
public sealed record CaseFieldView(string Name, string Label, string? Value, string? Text);

/// <summary>A case with all that its page needs.</summary>
public sealed record CaseView
{
    public required Guid Id { get; init; }
    public required string Number { get; init; }
    public required string Title { get; init; }

    /// <summary>Values of the definition's inputs, by name.</summary>
    public required IReadOnlyDictionary<string, string?> Fields { get; init; }

    /// <summary>The same, in the form's order and words.</summary>
    public IReadOnlyList<CaseFieldView> FieldTexts { get; init; } = [];
    public required string DefinitionId { get; init; }
    public required int DefinitionVersion { get; init; }
    public required string DefinitionName { get; init; }

    /// <summary>running, documented, cancelled or faulted.</summary>
    public required string State { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public IReadOnlyList<VisitView> Steps { get; init; } = [];

    /// <summary>The steps' times together.</summary>
    public CaseTimes Times { get; init; } = new(0, 0, 0, 0);
    public IReadOnlyList<FileView> Files { get; init; } = [];
    public IReadOnlyList<HardcopyItemView> HardcopyItems { get; init; } = [];
    public LocationView? Location { get; init; }
    public IReadOnlyList<MissingMediumView> MissingMedia { get; init; } = [];
    public IReadOnlyList<CaseEventView> Events { get; init; } = [];

    /// <summary>When the engine's journal was removed by retention, UTC; null: it is there.</summary>
    public DateTimeOffset? JournalRemovedAt { get; init; }

    /// <summary>Whether the reader may open files (need to know, domain.md §5).</summary>
    public bool MayOpenFiles { get; init; }

    /// <summary>Open incidents: what stopped the case, for those who can mend it.</summary>
    public int OpenIncidents { get; init; }
}
