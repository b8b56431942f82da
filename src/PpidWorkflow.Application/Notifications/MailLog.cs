namespace PpidWorkflow.Application.Notifications;

/// <summary>A row of the mail log; no model, no body: an administrator sees that a mail went, not what confidential matter it concerns.</summary>
public sealed record MailLogEntry(
    Guid Id, string Template, string ToAddress, string? CaseNumber, string State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset NextAttemptAt,
    DateTimeOffset? SentAt, string? LastError, string MessageId);

/// <summary>What administrators see of the outbox, and their one remedy: try a failed mail again.</summary>
public sealed class MailLog
{
    /// <param name="state">pending, sent, failed, or null for all.</param>
    public Task<Page<MailLogEntry>> ListAsync(string? state, string? after, int pageSize, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<MailLogEntry>> RetryAsync(People.Actor actor, Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
}
