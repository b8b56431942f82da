using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>Where an event is on its way.</summary>
public enum EventState
{
    /// <summary>Committed with what published it; nobody has been looked for yet.</summary>
    Pending,

    /// <summary>Somebody waited for it or was started by it; the row goes when the last of them has been resumed.</summary>
    Told,

    /// <summary>Nobody waited: kept until somebody does (Elsa's bookmark queue), or until it expires.</summary>
    Kept,

    /// <summary>Nobody came for it in time, or it could not be delivered: shown as a dead letter.</summary>
    Dead
}

/// <summary>
/// An event on its way from who published it to who waits for it. It commits with the burst that published it, so that a burst that is repeated or
/// undone publishes nothing twice or in vain. To whom it goes is settled in one commit (<see cref="BookmarkRow.EventId"/> is the claim), so that a wait
/// made after that is another event's; each is then resumed in a commit of its own.
/// </summary>
public sealed class EventRow
{
    public required Guid Id { get; init; }

    /// <summary>Of the engine (<see cref="PublishedEvent.Id"/>), the same for a repeated burst; of an outside event its own.</summary>
    public required string UniqueKey { get; init; }
    public required string Name { get; init; }

    /// <summary>Only for instances of this correlation; null: of any.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Only for this instance; null: for all.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>Published by a trial, which only trials hear of; by a case or run, of which no trial hears; null: told from outside.</summary>
    public bool? OfTrial { get; init; }

    /// <summary>JSON; null: none. May hold what is confidential, and is shown nowhere.</summary>
    public string? Payload { get; init; }

    /// <summary>User name of who told it from outside; null: an instance published it.</summary>
    public string? ToldBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC; nobody who begins to wait at this instant or later gets it.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Of a start that is owed: the event that it is owed to, which may be gone by now, and the trigger.</summary>
    public Guid? CauseId { get; init; }
    public Guid? TriggerId { get; init; }

    /// <summary>How many events led to it, each published by what the one before resumed or started.</summary>
    public int Depth { get; set; }

    public EventState State { get; set; }

    /// <summary>How many were resumed or started by it so far.</summary>
    public int Deliveries { get; set; }

    /// <summary>How often somebody was looked for: once when it was told, and at each delivery ordered by hand.</summary>
    public int Attempts { get; set; }

    /// <summary>Of a dead one: when it was given up, UTC, and why: <c>expired</c>, <c>instance-ended</c>, <c>event-loop</c>.</summary>
    public DateTimeOffset? DeadAt { get; set; }
    public string? DeadReason { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }

    /// <summary>Gives it up.</summary>
    public void Bury(string reason, DateTimeOffset now)
    {
        (State, DeadReason, DeadAt) = (EventState.Dead, reason, now);
        Revision++;
    }
}

/// <summary>An event of a burst as a row.</summary>
internal static class PublishedEvents
{
    public static EventRow Row(this PublishedEvent published, Guid id, WorkflowInstance by, int depth, DateTimeOffset now, EventOptions options) => new()
    {
        Id = id,
        UniqueKey = published.Id,
        Name = published.Name,
        CorrelationId = published.CorrelationId,
        InstanceId = published.WorkflowInstanceId is null ? null : by.Id,
        OfTrial = by.IsTrial,
        Payload = published.Payload?.ToJsonString(),
        CreatedAt = now,
        ExpiresAt = now + TimeSpan.FromMinutes(options.KeptMinutes),
        Depth = depth
    };
}

/// <summary>Events (configuration section <c>Events</c>).</summary>
public sealed class EventOptions
{
    /// <summary>How long an event for which nobody waits is kept, minutes; 1 to a week.</summary>
    public int KeptMinutes { get; set; } = 60;

    public const int MostMinutes = 7 * 24 * 60;
}

/// <summary>
/// An activity that starts instances of a definition while its version is in force. Rows are made in the commit that puts the version into force and go
/// with the one that supersedes it. Moving <see cref="NextAt"/> on in the commit of the start is the claim.
/// </summary>
public sealed class TriggerRow
{
    public required Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required Guid DefinitionVersionId { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>Null: time starts it.</summary>
    public string? EventName { get; init; }

    /// <summary>When the version came into force, UTC: a timer counts from there.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>UTC instant of the next start; null: never again, or an event's.</summary>
    public DateTimeOffset? NextAt { get; set; }

    /// <summary>Instant for which it last started one, UTC.</summary>
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}
