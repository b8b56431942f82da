using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PpidWorkflow.Engine.Execution;

/// <summary>What one burst did: the new state and everything the host must store beside it, in one commit.</summary>
public sealed record RunResult
{
    public required WorkflowState State { get; init; }

    /// <summary>Entries to append, in order. Sequence numbers continue those of earlier bursts.</summary>
    public required IReadOnlyList<JournalEntry> Journal { get; init; }

    /// <summary>Bookmarks that this burst made and that still stand.</summary>
    public required IReadOnlyList<Bookmark> NewBookmarks { get; init; }

    /// <summary>Bookmarks of earlier bursts that are gone now (resumed or cancelled).</summary>
    public required IReadOnlyList<string> BurntBookmarkIds { get; init; }

    /// <summary>Incidents that this burst raised.</summary>
    public required IReadOnlyList<Incident> NewIncidents { get; init; }

    /// <summary>Lines of WriteLine activities, in order.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>Events that PublishEvent activities gave out, in order; delivering them is the host's.</summary>
    public IReadOnlyList<PublishedEvent> PublishedEvents { get; init; } = [];
}

/// <summary>An event for whoever waits for it (or is started by it).</summary>
/// <param name="Id">Unique over all instances and the same for a repeated burst, so that a host can deliver it once.</param>
/// <param name="Name">As <c>Elsa.Event</c> waits for it: <c>eventName</c> of the bookmark's payload.</param>
/// <param name="CorrelationId">Only for instances of this correlation; null: for all.</param>
/// <param name="WorkflowInstanceId">Only for this instance (a local event); null: for all.</param>
/// <param name="Payload">What the waiting activity is resumed with.</param>
public sealed record PublishedEvent(string Id, string Name, string? CorrelationId, string? WorkflowInstanceId, JsonNode? Payload);

/// <summary>A place where the instance waits; resuming it burns it.</summary>
/// <param name="Id">Unique over all instances; derived from the instance id and a counter in its state, so a repeated burst gives the same
/// id.</param>
/// <param name="Name">Stimulus name: the activity type unless the activity names another (<c>Ppid.SopTask</c>, <c>Elsa.Event</c>,
/// <c>Elsa.Delay</c>, <c>Elsa.RunTask</c>).</param>
/// <param name="ActivityId">Activity in the definition.</param>
/// <param name="ActivityNodeId">Path of the activity, <c>Workflow1:Flowchart1:Step2</c>.</param>
/// <param name="ActivityInstanceId">This execution of the activity.</param>
/// <param name="Payload">What the stimulus needs: event name, due instant, the SOP task.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="DueAt">UTC instant at which the host resumes it by itself (Delay); null: by a stimulus only.</param>
public sealed record Bookmark(
    string Id, string Name, string ActivityId, string ActivityNodeId, string ActivityInstanceId, JsonObject? Payload,
    DateTimeOffset CreatedAt, DateTimeOffset? DueAt = null)
{
    /// <summary>Method of the activity to call on resumption; null: the activity completes.</summary>
    [JsonInclude]
    public string? Callback { get; internal init; }
}

/// <summary>A fault that stopped an activity; kept with the instance until it is retried (Elsa contract: incident).</summary>
public sealed record Incident(
    string Id, string ActivityId, string ActivityNodeId, string ActivityInstanceId, string ActivityType, string Code, string Message,
    DateTimeOffset At);

/// <summary>
/// One line of the execution log (Elsa contract: Started, Completed, Suspended, Resumed, Faulted, Canceled ...). Appended, never rewritten.
/// </summary>
public sealed record JournalEntry(
    long Sequence, DateTimeOffset At, string ActivityInstanceId, string? ParentActivityInstanceId, string ActivityId, string ActivityNodeId,
    string ActivityType, string? ActivityName, string EventName, string? Message, JsonObject? Payload);
