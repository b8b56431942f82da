using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>One running or finished workflow, pinned to its definition version.</summary>
public sealed class WorkflowInstance
{
    public Guid Id { get; init; }
    public required Guid DefinitionVersionId { get; set; }
    public required string DefinitionId { get; init; }
    public required int DefinitionVersion { get; set; }

    /// <summary>Elsa's name and correlation id of the instance; a case's is its number.</summary>
    public string? Name { get; set; }
    public string? CorrelationId { get; set; }

    /// <summary>A marked run of a manager: no case, no work items, no mail, no register; may be removed.</summary>
    public bool IsTrial { get; init; }

    /// <summary>User name of who started it, or told the event that did, <c>system</c> where it was time; null: a case's own record says it.</summary>
    public string? StartedBy { get; init; }

    /// <summary>Neither a case nor a trial: a trigger or another instance started it.</summary>
    public bool IsRun => !IsTrial && StartedBy is not null;

    /// <summary>The definition that a trial runs, as it stood at its start: a draft goes on changing. Null: the version's own.</summary>
    public string? TrialContent { get; set; }

    /// <summary>The instance that started it; null: nobody's child.</summary>
    public Guid? ParentInstanceId { get; init; }

    /// <summary>The outermost of those above it, a case's or a trial's; null: it is that itself.</summary>
    public Guid? RootInstanceId { get; init; }

    /// <summary>How many instances wait above it.</summary>
    public int Depth { get; init; }

    /// <summary>Bookmark of the parent that waits for its end; null: nobody waits, or has been told.</summary>
    public string? ReportsTo { get; set; }

    public WorkflowStatus Status { get; set; }
    public WorkflowSubStatus SubStatus { get; set; }

    /// <summary><see cref="WorkflowState"/> as JSON.</summary>
    public required string State { get; set; }

    /// <summary>State before the last completion, kept only until the next act begins: taking back a mistaken Selesai restores it.</summary>
    public string? StateBefore { get; set; }

    /// <summary>The work item whose completion <see cref="StateBefore"/> undoes.</summary>
    public Guid? StateBeforeWorkItemId { get; set; }

    public int OpenIncidents { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Highest journal sequence stored.</summary>
    public long JournalSequence { get; set; }

    /// <summary>When its journal was removed by retention, UTC; null: it is there.</summary>
    public DateTimeOffset? JournalRemovedAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>A place where an instance waits, as a row so that stimuli and timers find it.</summary>
public sealed class BookmarkRow
{
    public required string Id { get; init; }
    public required Guid InstanceId { get; init; }
    public required string Name { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>An activity that started instances waits here for their ends.</summary>
    public bool IsOfChildren => Name is "Elsa.ExecuteWorkflow" or "Elsa.DispatchWorkflow" or "Elsa.BulkDispatchWorkflows";

    /// <summary>UTC instant at which it resumes by itself (Delay, Timer, Cron, StartAt).</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Event that it waits for; null: it waits for something else.</summary>
    public string? EventName { get; init; }

    /// <summary>The event that it has got and will be resumed with, by whichever node comes to it first; null: none yet.</summary>
    public Guid? EventId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One line of an instance's journal. Appended, never rewritten.</summary>
public sealed class JournalRow
{
    public required Guid InstanceId { get; init; }
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string EventName { get; init; }
    public required string ActivityId { get; init; }
    public required string ActivityType { get; init; }
    public required string ActivityInstanceId { get; init; }

    /// <summary>Null: the workflow's own.</summary>
    public string? ParentActivityInstanceId { get; init; }
    public string? Message { get; init; }

    /// <summary>JSON.</summary>
    public string? Payload { get; init; }
}

/// <summary>A fault that stopped an instance, until somebody retries it.</summary>
public sealed class IncidentRow
{
    public required Guid Id { get; init; }
    public required Guid InstanceId { get; init; }

    /// <summary>Id of the incident in the instance's state.</summary>
    public required string EngineIncidentId { get; init; }
    public required string ActivityId { get; init; }
    public required string ActivityType { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
    public required DateTimeOffset At { get; init; }
    public DateTimeOffset? ResolvedAt { get; set; }
    public string? ResolvedBy { get; set; }
}
