using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// A row of the mail log; no model, no body: an administrator sees that a mail went, not what confidential matter it concerns.
/// </summary>
/// <param name="State">pending, troubled (pending after several attempts), sent or failed.</param>
/// <param name="ContentRemovedAt">Since when there is nothing left to send again, UTC; null: there is.</param>
public sealed record MailLogEntry(
    Guid Id, string Template, string ToAddress, string? CaseNumber, string State, int Attempts, DateTimeOffset CreatedAt,
    DateTimeOffset NextAttemptAt, DateTimeOffset? SentAt, string? LastError, string MessageId, DateTimeOffset? ContentRemovedAt);

/// <summary>What administrators see of the outbox, and their one remedy: try a failed mail again.</summary>
public sealed class MailLog(PpidDbContext db, Committer committer, AuditTrail audit, OutboxPace pace, TimeProvider time)
{
    private const int MaxPageSize = 200;

    /// <summary>Newest first.</summary>
    /// <param name="state">pending (troubled ones included), troubled, sent, failed, or null for all.</param>
    /// <param name="after">The last page's <c>Next</c>.</param>
    /// <param name="pageSize">1 to 200; beyond is cut.</param>
    /// <returns>Or the problem <c>cursor-invalid</c> or <c>state-unknown</c>.</returns>
    public async Task<Result<Page<MailLogEntry>>> ListAsync(
        string? state, string? after, int pageSize, CancellationToken cancellation = default)
    {
        var messages = db.Outbox.AsNoTracking();
        switch (state)
        {
            case null:
                break;
            case "pending":
                messages = messages.Where(m => m.State == OutboxState.Pending);
                break;
            case "troubled":
                messages = messages.Where(m => m.State == OutboxState.Pending && m.Attempts >= OutboxMessage.TroubledFrom);
                break;
            case "sent":
                messages = messages.Where(m => m.State == OutboxState.Sent);
                break;
            case "failed":
                messages = messages.Where(m => m.State == OutboxState.Failed);
                break;
            default:
                return Problem.Invalid("state-unknown", "state");
        }
        if (!string.IsNullOrEmpty(after))
        {
            if (Cursor.Read(after) is not { } last)
                return new Problem("cursor-invalid", ProblemKind.Malformed, "after");
            messages = messages.Where(m => m.CreatedAt < last.CreatedAt || (m.CreatedAt == last.CreatedAt && m.Id.CompareTo(last.Id) < 0));
        }

        var size = Math.Clamp(pageSize, 1, MaxPageSize);
        var rows = await messages.OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Take(size + 1)
            .Select(m => new { Message = m, CaseNumber = db.Cases.Where(c => c.Id == m.CaseId).Select(c => c.Number).FirstOrDefault() })
            .ToListAsync(cancellation);
        var items = rows.Take(size).Select(r => Entry(r.Message, r.CaseNumber)).ToList();
        return new Page<MailLogEntry>(items, rows.Count > size ? Cursor.Write(items[^1]) : null);
    }

    /// <summary>
    /// Sends a failed mail again, now, to the address that its officer has now. Also ends a pause of the mail server: whoever asks has mended
    /// something.
    /// </summary>
    /// <returns>Or the problem <c>mail-not-found</c>, <c>mail-not-failed</c> or <c>mail-content-removed</c>.</returns>
    public async Task<Result<MailLogEntry>> RetryAsync(Actor actor, Guid id, CancellationToken cancellation = default)
    {
        return await committer.RunAsync<MailLogEntry>(
            async () =>
            {
                if (await db.Outbox.SingleOrDefaultAsync(m => m.Id == id, cancellation) is not { } message)
                    return Problem.NotFound("mail-not-found");
                var attempts = message.Attempts;
                // An account mail that went out kept nothing of its link, and may come back all the same.
                if (message.ContentRemovedAt is not null || (message.Model == "{}" && MailTemplates.AccountTemplates.Contains(message.Template)))
                    return Problem.Conflict("mail-content-removed");
                if (!message.TryAgain(time.Now()))
                    return Problem.Conflict("mail-not-failed");
                var moved = await FollowAsync(message, cancellation);
                audit.Add(
                    AuditTrail.Administration, actor.UserName, "mail-retried",
                    new JsonObject { ["mailId"] = id, ["caseId"] = message.CaseId, ["attempts"] = attempts, ["newAddress"] = moved });
                // The commit wakes the outbox process: the pause has to be over by then.
                pace.Resume();
                var number = await db.Cases.Where(c => c.Id == message.CaseId).Select(c => c.Number).SingleOrDefaultAsync(cancellation);
                return Entry(message, number);
            },
            cancellation);
    }

    /// <summary>
    /// A mail fails because its address was wrong, and is sent again once that is mended. Links to an account prove an address: they go where
    /// they were made for, or nowhere.
    /// </summary>
    private async Task<bool> FollowAsync(OutboxMessage message, CancellationToken cancellation)
    {
        if (message.OfficerId is not { } officer || MailTemplates.AccountTemplates.Contains(message.Template))
            return false;
        var address = await db.Users.AsNoTracking().Where(o => o.Id == officer).Select(o => o.Email).SingleOrDefaultAsync(cancellation);
        if (address is null || address == message.ToAddress)
            return false;
        if (message.FireRecordId is { } fire)
            (await db.FireRecords.SingleAsync(f => f.Id == fire, cancellation)).Readdress(message.ToAddress, address);
        message.ToAddress = address;
        return true;
    }

    private static MailLogEntry Entry(OutboxMessage m, string? caseNumber) => new(
        m.Id, m.Template, m.ToAddress, caseNumber, StateOf(m), m.Attempts, m.CreatedAt, m.NextAttemptAt, m.SentAt, m.LastError,
        m.MessageId, m.ContentRemovedAt);

    private static string StateOf(OutboxMessage message) => message.State switch
    {
        OutboxState.Sent => "sent",
        OutboxState.Failed => "failed",
        _ => message.Attempts >= OutboxMessage.TroubledFrom ? "troubled" : "pending"
    };

    /// <summary>Where a page ended; opaque to callers.</summary>
    private static class Cursor
    {
        public static string Write(MailLogEntry last)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{last.CreatedAt.UtcTicks}:{last.Id:n}");
            return Base64Url.EncodeToString(Encoding.ASCII.GetBytes(place));
        }

        public static (DateTimeOffset CreatedAt, Guid Id)? Read(string text)
        {
            // Stack space for the longest cursor there is: 19 digits, a colon, 32 digits.
            Span<byte> bytes = stackalloc byte[64];
            if (text.Length > 80 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length))
                return null;
            var parts = Encoding.ASCII.GetString(bytes[..length]).Split(':');
            return parts.Length == 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                && ticks <= DateTimeOffset.MaxValue.Ticks
                && Guid.TryParseExact(parts[1], "n", out var id)
                    ? (new DateTimeOffset(ticks, TimeSpan.Zero), id)
                    : null;
        }
    }
}
