using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>How a work item ended.</summary>
public enum WorkItemClosure
{
    Open,
    Completed,
    Returned,
    Cancelled
}

/// <summary>What a reader sees; derived, never stored (design.md §4).</summary>
public enum WorkItemState
{
    Open,
    AtRisk,
    Overdue,
    Paused,
    Completed,
    Returned,
    Cancelled
}

/// <summary>One act of one person: received, started, completed. Belongs to exactly one bookmark and one clock.</summary>
public sealed class WorkItem
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public Case? Case { get; init; }

    /// <summary>When its case was opened, UTC: lists of the cases of whoever works on it run in that order (<see cref="SeenCases"/>).</summary>
    public required DateTimeOffset CaseCreatedAt { get; init; }
    public required Guid InstanceId { get; init; }
    public required string BookmarkId { get; init; }
    public required Guid ClockId { get; init; }
    public TimeStandards.StepClock? Clock { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>Row of the SOP as printed, "5".</summary>
    public required string StepNumber { get; init; }

    /// <summary>"a" or "b" where one row holds two acts.</summary>
    public required string StepPart { get; init; }

    public required SopAct Act { get; init; }

    /// <summary>
    /// The <see cref="SopTask"/> as JSON: texts, roles and standard of the version on which the step began. Only a migration of the case
    /// changes it, and then only whether the step can be sent back.
    /// </summary>
    public required string Task { get; set; }

    /// <summary>Candidate role.</summary>
    public required string Role { get; init; }

    /// <summary>Null: not claimed yet, every holder of the role may.</summary>
    public Guid? AssigneeId { get; set; }

    public Officer? Assignee { get; set; }

    /// <summary>Who would have it, were he there: the assignee acts (Plh.) or substitutes for him. Null: nobody is stood in for.</summary>
    public Guid? InSteadOfId { get; set; }

    /// <summary>In what capacity it was closed, as printed: "Plh. Kepala Biro Umum", "menggantikan Budi Santoso, A.Md."; null: in his own role.</summary>
    public string? Capacity { get; set; }

    /// <summary>The appointment by which its assignee has it, or by which it was closed; null: none is needed. It ends with its right.</summary>
    public Guid? AppointmentId { get; set; }
    /// <summary>Officers whom rungs added: they may do what the performer may. Loaded where acts are permitted or shown.</summary>
    public List<TaskHelper> Helpers { get; } = [];

    /// <summary>UTC; server time of the hand-over.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>When it was really begun and done, where that was entered later, UTC; each with its reason, beside the server's own times.</summary>
    public DateTimeOffset? ActualStartedAt { get; set; }
    public string? ActualStartReason { get; set; }
    public DateTimeOffset? ActualClosedAt { get; set; }
    public string? ActualCloseReason { get; set; }

    /// <summary>When the step before was really done, where that was entered later: on paper it was handed over then. UTC.</summary>
    public DateTimeOffset? HandedOverAt { get; init; }
    public Guid? ClosedById { get; set; }

    /// <summary>Working time that the visit's clock showed at closing, milliseconds: later changes of the calendar leave it alone.</summary>
    public long? ConsumedMs { get; set; }

    /// <summary>Working time from receipt to start and from start to closing, without pauses, milliseconds; fixed at closing.</summary>
    public long? WaitingMs { get; set; }
    public long? ProcessingMs { get; set; }

    /// <summary>Working time within pauses, milliseconds; fixed at closing.</summary>
    public long? PausedMs { get; set; }

    /// <summary>The due instant as it stood at closing, UTC.</summary>
    public DateTimeOffset? DueAt { get; set; }
    public WorkItemClosure Closure { get; set; }
    public string? Note { get; set; }

    /// <summary>Why it was late, in the completer's words; asked for, never a barrier.</summary>
    public string? DelayReason { get; set; }

    /// <summary>Why it was late, as one of <see cref="DelayCauses.All"/>.</summary>
    public string? DelayCause { get; set; }

    public string? ReturnReason { get; set; }

    /// <summary>The returned item that caused this visit, if one did.</summary>
    public Guid? ReturnedFromId { get; init; }

    /// <summary>Concurrency token; callers send it back, a stale one is refused.</summary>
    public int Revision { get; set; }

    /// <summary>Since when it waited (UTC): who worked on paper before the service knew of it had it on paper from its hand-over on.</summary>
    /// <param name="started">When it was really begun; null: not yet.</param>
    public DateTimeOffset WaitedSince(DateTimeOffset? started) => started < ReceivedAt ? HandedOverAt ?? ReceivedAt : ReceivedAt;

    /// <summary>A closing that was taken back: received again, or started where it had been before it was completed.</summary>
    public void Reopen()
    {
        if (StartedAt == ClosedAt)
        {
            StartedAt = ActualStartedAt = null;
            ActualStartReason = null;
        }
        ActualClosedAt = null;
        ActualCloseReason = null;
        PausedMs = null;
        Closure = WorkItemClosure.Open;
        ClosedAt = null;
        ClosedById = null;
        Capacity = null;
        ConsumedMs = WaitingMs = ProcessingMs = null;
        DueAt = null;
        Revision++;
    }

    public bool IsOpen => Closure == WorkItemClosure.Open;

    /// <summary>"5a".</summary>
    public string StepLabel => StepNumber + StepPart;
}
