namespace PpidWorkflow.Application.Notifications;

public enum OutboxState
{
    Pending,
    Sent,

    /// <summary>Given up: the address was refused. Shown to an administrator, who may try again.</summary>
    Failed
}

/// <summary>
/// A mail that a commit owes to somebody. Keeps the template's name and a small model; rendered when sent. <see cref="MessageId"/> is fixed
/// here, so that a second delivery after a crash is recognised as the same mail.
/// </summary>
public sealed class OutboxMessage
{
    public required Guid Id { get; init; }

    /// <summary>RFC 5322 Message-ID without brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>task, warning, overdue, escalation, returned, documented, or an account mail.</summary>
    public required string Template { get; init; }

    /// <summary>Folder of the SOP whose template it is; null: the service's own.</summary>
    public string? SopSlug { get; init; }

    /// <summary>JSON object; never a title, file name or content.</summary>
    public required string Model { get; init; }

    public required string ToAddress { get; init; }
    public required string ToName { get; init; }
    public Guid? OfficerId { get; init; }
    public Guid? CaseId { get; init; }
    public Guid? WorkItemId { get; init; }
    public Guid? FireRecordId { get; init; }
    public OutboxState State { get; set; }
    public int Attempts { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>Until when a sweep has it for itself; a dead sweep's claim ends by itself.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The server's last answer, without any content.</summary>
    public string? LastError { get; set; }
}
