namespace PpidWorkflow.Application.Audit;

/// <summary>One fact of a chain. Each hash covers the one before, so a changed or missing row shows.</summary>
public sealed class AuditRecord
{
    /// <summary><c>case:{id}</c> or <c>administration</c>.</summary>
    public required string Chain { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>User name, or <c>system</c>.</summary>
    public required string Actor { get; init; }
    public required string Action { get; init; }

    /// <summary>JSON object with ids and facts.</summary>
    public required string Data { get; init; }
    public required string PreviousHash { get; init; }
    public required string Hash { get; init; }
}

/// <summary>The head of a chain: what the next record links to.</summary>
public sealed class AuditChain
{
    public required string Name { get; init; }
    public long Sequence { get; set; }
    public required string Head { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>A seal over all heads, chained itself: rewriting a whole chain shows against the seals taken before.</summary>
public sealed class AuditSeal
{
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>How many chains were sealed.</summary>
    public required int Chains { get; init; }

    /// <summary>JSON: name, sequence and head of each chain that moved since the last seal.</summary>
    public required string Heads { get; init; }
    public required string PreviousHash { get; init; }
    public required string Hash { get; init; }
}
