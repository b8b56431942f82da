using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>How the officers of a rehearsal behave.</summary>
public enum RehearsalPath
{
    /// <summary>Everybody begins after a minute and is done well within the standard.</summary>
    Main,

    /// <summary>Every step that may be sent back is sent back once, with a reason, then done.</summary>
    Returned,

    /// <summary>Nobody does anything until every rung of the ladder has fired; then the step is completed late, with a reason.</summary>
    Overdue
}

/// <summary>What closed time the path begins before.</summary>
public enum RehearsalSpan
{
    Night,
    FridayBreak,
    Holiday
}

/// <summary>What happened to whom.</summary>
public enum RehearsalEvent
{
    CaseOpened,

    /// <summary>Got the step, by mail.</summary>
    TaskMail,

    /// <summary>Got the step back, by mail.</summary>
    ReturnMail,
    Started,
    Completed,
    CompletedLate,
    SentBack,

    /// <summary>A rung for a step that nobody has begun.</summary>
    NotStartedMail,

    /// <summary>A rung below the standard.</summary>
    WarningMail,

    /// <summary>The rung at the standard.</summary>
    OverdueMail,

    /// <summary>A rung beyond the standard.</summary>
    EscalationMail,

    /// <summary>A rung gave the task to somebody else, who got it …</summary>
    HandedOverMail,

    /// <summary>… and who had it before was told.</summary>
    ReassignedMail,

    /// <summary>A rung added a helper, who was asked …</summary>
    HelperMail,

    /// <summary>… and whom he helps was told.</summary>
    HelpedMail,

    /// <summary>A rung raised a banner on somebody's pages.</summary>
    Banner,
    DocumentedMail,

    /// <summary>Another mail of the definition's.</summary>
    OtherMail,
    CaseClosed,
    CaseFaulted
}

/// <summary>How a path ended.</summary>
public enum RehearsalEnd
{
    /// <summary>The case was closed, as it should be.</summary>
    Finished,

    /// <summary>Stopped after as many acts or as long a time as no SOP takes.</summary>
    NeverEnds,

    /// <summary>The flow waits for something that no officer does (an event from outside).</summary>
    Waits,

    /// <summary>An activity failed; the detail names it.</summary>
    Faulted,

    /// <summary>The service refused an act; the detail is the problem's code.</summary>
    Refused
}

/// <summary>One line of a timetable.</summary>
public sealed record RehearsalRow
{
    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>"Senin, 23 Nov 2026 15.58 WIB", the office's zone.</summary>
    public required string LocalTime { get; init; }

    /// <summary>Working minutes since the case was opened.</summary>
    public required double WorkingMinutes { get; init; }

    /// <summary>"5a"; null for what belongs to the case.</summary>
    public string? Step { get; init; }

    /// <summary>Name of the officer, or the mailbox.</summary>
    public required string Who { get; init; }

    public required RehearsalEvent What { get; init; }

    /// <summary>Of a rung: percent of the standard.</summary>
    public int? Percent { get; init; }

    /// <summary>Of a late completion: working minutes beyond the standard.</summary>
    public double? LateMinutes { get; init; }

    /// <summary>Of a task: when its standard is used up, UTC.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary><see cref="DueAt"/> as <see cref="LocalTime"/>.</summary>
    public string? DueLocalTime { get; init; }
}

/// <summary>One path from the opening of a case to its end.</summary>
public sealed record RehearsalTimetable
{
    public required RehearsalPath Path { get; init; }
    public required RehearsalSpan Span { get; init; }

    /// <summary>When the case was opened, UTC.</summary>
    public required DateTimeOffset BeginsAt { get; init; }
    public required string BeginsAtLocalTime { get; init; }

    /// <summary>Closed time between opening and end: what the path really spanned.</summary>
    public required IReadOnlyList<ClosedSpan> Closed { get; init; }

    public required IReadOnlyList<RehearsalRow> Rows { get; init; }
    public required RehearsalEnd End { get; init; }

    /// <summary>What else there is to say of the end: label of an activity, code of a problem.</summary>
    public string? EndDetail { get; init; }
}

/// <summary>A definition run on a fake clock, or why it was not.</summary>
public sealed record RehearsalReport
{
    public required string DefinitionId { get; init; }
    public required int Version { get; init; }
    public required string Name { get; init; }
    public required string ContentHash { get; init; }

    /// <summary>The first day that the paths may begin on, the office's zone.</summary>
    public required DateOnly From { get; init; }

    /// <summary>True: one invented officer a role, because there was no office to copy.</summary>
    public required bool HasAssumedOfficers { get; init; }

    /// <summary>Errors and warnings. With an error nothing is rehearsed.</summary>
    public required IReadOnlyList<DefinitionProblem> Problems { get; init; }

    /// <summary>False: the definition has no SOP step, so there is nothing to rehearse.</summary>
    public required bool HasSopSteps { get; init; }

    /// <summary>One a path; empty where nothing was rehearsed.</summary>
    public IReadOnlyList<RehearsalTimetable> Timetables { get; init; } = [];

    /// <summary>Rehearsed, and every path came to its end.</summary>
    public bool Succeeded => Timetables.Count > 0 && Timetables.All(t => t.End == RehearsalEnd.Finished);
}
