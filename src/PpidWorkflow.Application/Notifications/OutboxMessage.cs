namespace PpidWorkflow.Application.Notifications;

public enum OutboxState
{
    Pending,
    Sent,

    /// <summary>Given up: the address was refused. Shown to an administrator, who may try again.</summary>
    Failed,

    /// <summary>Not owed any more: what it told of was taken back before it went out.</summary>
    Withdrawn
}

/// <summary>
/// A mail that a commit owes to somebody. Keeps the template's name and a small model; rendered when sent. <see cref="MessageId"/> is fixed
/// here, so that a second delivery after a crash is recognised as the same mail. Its life: pending, then sent or failed; failed becomes
/// pending again only by an administrator's hand.
/// </summary>
public sealed class OutboxMessage
{
    public required Guid Id { get; init; }

    /// <summary>RFC 5322 Message-ID without brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>task, warning, overdue, escalation, returned, reminder, documented, or a mail of an account or a revision.</summary>
    public required string Template { get; init; }

    /// <summary>Folder of the SOP whose template it is; null: the service's own.</summary>
    public string? SopSlug { get; init; }

    /// <summary>en where the mail is written in English; null: Indonesian.</summary>
    public string? Language { get; init; }

    /// <summary>JSON object; never a title, file name or content.</summary>
    public required string Model { get; set; }

    /// <summary>Where it goes; sent again by hand, to the address that its officer has by then (<see cref="MailLog.RetryAsync"/>).</summary>
    public required string ToAddress { get; set; }
    public required string ToName { get; init; }
    public Guid? OfficerId { get; init; }
    public Guid? CaseId { get; init; }

    /// <summary>Of an alert: when its case was opened, UTC; lists of the cases of which an officer was alerted run in that order.</summary>
    public DateTimeOffset? CaseCreatedAt { get; init; }
    public Guid? WorkItemId { get; init; }
    public Guid? FireRecordId { get; init; }
    public OutboxState State { get; set; }

    /// <summary>Deliveries tried with an answer about this mail; postponing it because the server is away does not count.</summary>
    public int Attempts { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>Until when a sweep has it for itself; a dead sweep's claim ends by itself.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The server's last answer, without any content.</summary>
    public string? LastError { get; set; }

    /// <summary>When <see cref="Model"/> was emptied by retention, UTC; null: it was not.</summary>
    public DateTimeOffset? ContentRemovedAt { get; set; }

    /// <summary>
    /// From so many attempts on a pending mail is shown as troubled: somebody should look, though it is still being tried.
    /// </summary>
    public const int TroubledFrom = 3;

    public void MarkSent(DateTimeOffset at)
    {
        Attempts++;
        State = OutboxState.Sent;
        SentAt = at;
        // An account mail holds a link that opens an account: nothing of it stays once it has gone out.
        if (MailTemplates.AccountTemplates.Contains(Template))
            Model = "{}";
        LastError = null;
        LeasedUntil = null;
    }

    /// <summary>Not now: stays pending and is tried again at <paramref name="at"/>, for as long as it takes.</summary>
    public void RetryAt(DateTimeOffset at, string reason)
    {
        Attempts++;
        NextAttemptAt = at;
        LastError = reason;
        LeasedUntil = null;
    }

    /// <summary>Never by itself again: the address or the mail was refused, or its template cannot be rendered.</summary>
    public void GiveUp(string reason)
    {
        Attempts++;
        State = OutboxState.Failed;
        LastError = reason;
        LeasedUntil = null;
    }

    /// <summary>What <see cref="LastError"/> begins with where a mail came back after it had gone out; the status code follows.</summary>
    public const string Bounced = "Bounced: ";

    /// <summary>The same where the receiving side goes on trying.</summary>
    public const string Delayed = "Delayed: ";

    /// <summary>The mail came back, or is being held up on its way.</summary>
    /// <param name="isFinal">It will not arrive: as failed as one that was refused at once.</param>
    /// <param name="status">Code of RFC 3463.</param>
    /// <param name="at">When the bounce arrived, UTC: one of an earlier sending does not count.</param>
    /// <param name="skew">By how much clocks may differ.</param>
    /// <returns>False: nothing new, or not of this sending.</returns>
    public bool MarkBounced(bool isFinal, string status, DateTimeOffset at, TimeSpan skew)
    {
        var error = (isFinal ? Bounced : Delayed) + status;
        if (State != OutboxState.Sent || at < SentAt - skew || LastError == error)
            return false;
        if (isFinal)
            State = OutboxState.Failed;
        LastError = error;
        return true;
    }

    /// <summary>An administrator has mended the cause. The count starts anew, so that the first waits are short again.</summary>
    /// <returns>False: it has not failed, so there is nothing to repeat; or nothing of it is left.</returns>
    public bool TryAgain(DateTimeOffset now)
    {
        if (State != OutboxState.Failed || ContentRemovedAt is not null)
            return false;
        State = OutboxState.Pending;
        Attempts = 0;
        NextAttemptAt = now;
        return true;
    }
}
