namespace PpidWorkflow.Application.Tasks;

public enum CaseState
{
    Running,
    Documented,
    Cancelled,
    Faulted
}

/// <summary>
/// One dossier of exempted information on its way through the SOP. It cites a determination made elsewhere: the office never declares an
/// exemption itself (domain.md §1.3).
/// </summary>
public sealed class Case
{
    public required Guid Id { get; init; }

    /// <summary>Running number, <c>PPID/2026/0001</c>; year of the office's zone.</summary>
    public required string Number { get; init; }

    public required int Year { get; init; }
    public required int SequenceNo { get; init; }

    /// <summary>May be shown widely; never in mails, logs, URLs.</summary>
    public required string Title { get; init; }

    /// <summary>Values of the definition's inputs as given, JSON object.</summary>
    public required string Fields { get; init; }

    /// <summary>Values of the inputs that the definition names as unique key, joined; null: none. Unique per definition.</summary>
    public string? UniqueKey { get; init; }

    public required string DefinitionId { get; init; }
    public required int DefinitionVersion { get; set; }
    public required Guid InstanceId { get; init; }
    public CaseState State { get; set; }
    public required Guid CreatedById { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>The last running number given out in a year of the office.</summary>
public sealed class CaseNumberSequence
{
    public required int Year { get; init; }
    public int Last { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>Who plays a role in a case: chosen by an assigning step, or the first to act in it. The next step of that role goes to the same person.</summary>
public sealed class CaseRolePlayer
{
    public required Guid CaseId { get; init; }
    public required string Role { get; init; }
    public required Guid OfficerId { get; set; }
}

/// <summary>A remark of somebody on a work item.</summary>
public sealed class TaskComment
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required Guid WorkItemId { get; init; }
    public required Guid AuthorId { get; init; }

    /// <summary>In what capacity, as printed: "Plh. Kepala Biro Umum"; null: in his own.</summary>
    public string? Capacity { get; init; }
    public required string Text { get; init; }
    public required DateTimeOffset At { get; init; }
}
