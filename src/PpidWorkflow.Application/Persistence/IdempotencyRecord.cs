namespace PpidWorkflow.Application.Persistence;

/// <summary>The answer once given for an Idempotency-Key, committed with what it answered (design.md §5; kept 24 h).</summary>
public sealed class IdempotencyRecord
{
    public required Guid OfficerId { get; init; }
    public required string Route { get; init; }
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request's body; another body under the same key is refused.</summary>
    public required string BodyHash { get; init; }

    /// <summary>The answer, JSON.</summary>
    public required string Response { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Proof that a node lives; gaps in it are outages.</summary>
public sealed class NodeHeartbeat
{
    public required string NodeId { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset LastBeatAt { get; set; }
}

/// <summary>Small facts of the database itself: schema owner, calendar in use, set-up done.</summary>
public sealed class ServiceFact
{
    public required string Name { get; init; }
    public required string Value { get; set; }
}
