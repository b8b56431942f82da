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

    public string? Description { get; set; }

    /// <summary>The definition as JSON, as <c>DefinitionWriter</c> writes it.</summary>
    public required string Content { get; set; }

    /// <summary>SHA-256 over what the definition means, lower-case hex.</summary>
    public required string ContentHash { get; set; }

    /// <summary>Folder under <c>workflows/</c> that holds its mail templates; null: the general ones.</summary>
    public string? SopSlug { get; set; }

    public RevisionState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }

    /// <summary>The last save of the draft.</summary>
    public DateTimeOffset UpdatedAt { get; set; }
    public string UpdatedBy { get; set; } = "";

    /// <summary>User names of everybody who ever saved this draft, JSON list: none of them may approve it.</summary>
    public string Authors { get; set; } = "[]";

    /// <summary>The version that the draft was begun from; null: from nothing.</summary>
    public int? BaseVersion { get; set; }

    /// <summary>Number of the revision in the SOP's identity block (not the version of the workflow); given when it is proposed.</summary>
    public int? RevisionNumber { get; set; }

    /// <summary>Date of the revision in the identity block (<i>Tanggal Revisi</i>), the office's zone.</summary>
    public DateOnly? RevisedOn { get; set; }

    public DateTimeOffset? ProposedAt { get; set; }
    public string? ProposedBy { get; set; }

    /// <summary>Why the SOP is revised, in the proposer's words.</summary>
    public string? Reason { get; set; }

    /// <summary>Approved, rejected or withdrawn: when, by whom, and why.</summary>
    public DateTimeOffset? DecidedAt { get; set; }
    public string? DecidedBy { get; set; }

    /// <summary>In what capacity it was decided, as printed: "Plh. Kepala Biro Umum"; null: in his own role.</summary>
    public string? DecidedCapacity { get; set; }
    public string? DecisionReason { get; set; }

    /// <summary>UTC instant from which an approved version is in force.</summary>
    public DateTimeOffset? EffectiveAt { get; set; }
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
