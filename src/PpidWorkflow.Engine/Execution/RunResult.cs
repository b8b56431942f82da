using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PpidWorkflow.Engine.Execution;

/// <summary>What one burst did: the new state and everything the host must store beside it, in one commit.</summary>
public sealed record RunResult
{
    public required WorkflowState State { get; init; }

    /// <summary>Entries to append, in order. Sequence numbers continue those of earlier bursts.</summary>
    public required IReadOnlyList<JournalEntry> Journal { get; init; }

    /// <summary>
    /// Evaluated inputs and outputs of the executions that ended, as far as the journal may hold them, by <see cref="JournalEntry.Sequence"/> of their
    /// last entry.
    /// </summary>
    public IReadOnlyDictionary<long, ExecutionValues> Values { get; init; } = NoValues;

    internal static readonly IReadOnlyDictionary<long, ExecutionValues> NoValues = new Dictionary<long, ExecutionValues>();

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

    /// <summary>
    /// Instances that this burst wants started, in order; starting them is the host's, and so is resuming the bookmark with
    /// <see cref="ChildAnswers"/>. A wait that the same burst cancelled starts nothing.
    /// </summary>
    public IReadOnlyList<ChildWorkflow> Children { get; init; } = [];
}

/// <summary>When the host answers an activity that wants an instance started.</summary>
public enum ChildAnswerTime
{
    /// <summary>Once it is certain that it starts (Elsa: dispatched, nobody waits).</summary>
    Started,

    /// <summary>Once it has ended or waits for something.</summary>
    AtRest,

    /// <summary>Once it has ended: finished, faulted or cancelled.</summary>
    Ended
}

/// <summary>An instance to be started.</summary>
/// <param name="BookmarkId">Bookmark of the parent to resume with what became of it; several children may share one.</param>
/// <param name="DefinitionId">Its definition; the version in force.</param>
/// <param name="CorrelationId">Null: none.</param>
/// <param name="Input">Values of its inputs by name, <c>ParentInstanceId</c> among them.</param>
/// <param name="Answer">When to resume the bookmark.</param>
public sealed record ChildWorkflow(
    string BookmarkId, string DefinitionId, string? CorrelationId, IReadOnlyDictionary<string, JsonNode?> Input, ChildAnswerTime Answer)
{
    /// <summary>What its journal may hold: as its parent's.</summary>
    public JournaledValues Journaled { get; init; }
}

/// <summary>What became of a child, as its parent is told.</summary>
public sealed record ChildAnswer
{
    /// <summary>The child's instance; null: it was not started.</summary>
    public string? InstanceId { get; init; }
    public WorkflowStatus Status { get; init; }
    public WorkflowSubStatus SubStatus { get; init; }
    public IReadOnlyDictionary<string, JsonNode?> Output { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>Code of why it was not started; it becomes the parent's incident.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Sentence of why it was not started, Indonesian.</summary>
    public string? Error { get; init; }
}

/// <summary>The answers with which a host resumes the bookmark of an activity that wanted instances started: all that there are at that time.</summary>
public static class ChildAnswers
{
    private const string Children = "children";

    public static JsonObject ToInput(IEnumerable<ChildAnswer> answers) =>
        new() { [Children] = new JsonArray([.. answers.Select(a => Expressions.ValueConverter.ToJson(a))]) };

    /// <summary>Empty where the bookmark was resumed with something else.</summary>
    internal static IReadOnlyList<ChildAnswer> Of(JsonObject? input) =>
        Expressions.ValueConverter.To<ChildAnswer[]>(input?[Children]) ?? [];
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

    /// <summary>Stands until its activity ends, however often it is resumed.</summary>
    [JsonInclude]
    public bool Stays { get; internal init; }
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
