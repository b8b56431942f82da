namespace PpidWorkflow.Application.Definitions;

/// <summary>Life of a revision: draft, proposed, approved, in force, superseded; or rejected, withdrawn (design.md §4).</summary>
public enum RevisionState
{
    Draft,
    Proposed,
    Approved,
    InForce,
    Superseded,
    Rejected,
    Withdrawn
}

/// <summary>One version of a definition. What is in force or was is immutable: content and hash never change again.</summary>
public sealed class DefinitionVersion
{
    public required Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required int Version { get; init; }
    public required string Name { get; set; }

    /// <summary>The definition as JSON, as <c>DefinitionWriter</c> writes it.</summary>
    public required string Content { get; set; }

    /// <summary>SHA-256 over what the definition means, lower-case hex.</summary>
    public required string ContentHash { get; set; }

    /// <summary>Folder under <c>workflows/</c> that holds its mail templates; null: the general ones.</summary>
    public string? SopSlug { get; set; }

    public RevisionState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? InForceSince { get; set; }
    public DateTimeOffset? SupersededAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>A content of <c>workflows/</c> that was seeded once; never again (seeding rule, design.md §3).</summary>
public sealed class SeededContent
{
    public required string DefinitionId { get; init; }
    public required string ContentHash { get; init; }
    public required DateTimeOffset At { get; init; }
}
