using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PpidWorkflow.Application.Notifications;

/// <summary>What a mail may let its reader do without a password: acts that show nothing confidential.</summary>
public enum MailLinkAct : byte
{
    /// <summary>Mulai: accepts the hand-over of a step.</summary>
    Start = 1,

    /// <summary>Takes note of an alert.</summary>
    Acknowledge = 2
}

/// <summary>
/// What a link in a mail allows without a password: one act of one officer on one thing as it stood when the mail was written (issue 4,
/// "mail that is acted on"). Nothing of it is stored: it lives sealed in the link. The state of the thing makes it work once and revokes it
/// at the next change.
/// </summary>
/// <param name="Act">What may be done.</param>
/// <param name="SubjectId">The work item to start, or the fire record of the alert.</param>
/// <param name="OfficerId">Who alone may use it.</param>
/// <param name="Revision">The work item's revision when the mail was written: any change of it ends the link.</param>
/// <param name="ExpiresAt">UTC; used later, it is refused.</param>
public sealed record MailLink(MailLinkAct Act, Guid SubjectId, Guid OfficerId, int Revision, DateTimeOffset ExpiresAt);

/// <summary>Makes a link unforgeable and unreadable. The host holds the keys.</summary>
public interface IMailLinkSeal
{
    /// <returns>Text that fits into a query; null where this process holds no keys, and its mails have no such link.</returns>
    string? Seal(MailLink link);

    /// <returns>Null: not sealed by this service, or changed since.</returns>
    MailLink? Open(string token);
}

/// <summary>Where no web host is: rehearsals and tests write mails without such links.</summary>
public sealed class NoMailLinks : IMailLinkSeal
{
    public string? Seal(MailLink link) => null;

    public MailLink? Open(string token) => null;
}

/// <summary>
/// Puts the link into a mail at the moment it is rendered: the row in the outbox, which operators and backups see, holds no key to anything.
/// </summary>
public sealed class MailLinks(IMailLinkSeal seal, IOptions<MailOptions> mail, IOptions<OfficeOptions> office, TimeProvider time)
{
    /// <summary>Path of the page, below <c>Office:PublicUrl</c>.</summary>
    public const string Path = "act";

    /// <summary>Name in a mail's model: the work item's revision, where its reader may start it; absent or null elsewhere.</summary>
    public const string RevisionKey = "startRevision";

    /// <summary>Name in an alert's model: the revision of its work item when it fired.</summary>
    public const string AlertRevisionKey = "alertRevision";

    /// <summary>Names in a template: the link, null where there is none. A mail has one of them at most.</summary>
    public const string StartKey = "startUrl", AcknowledgeKey = "acknowledgeUrl";

    /// <summary>How long a link works after its mail went out: over a weekend.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>Mails that tell of an alert.</summary>
    private static readonly string[] Alerts = ["not-started", "warning", "overdue", "escalation"];

    /// <summary>
    /// Adds the link to a model about to be rendered: to start, where the mail says that its reader may; else, in an alert, to take note of it.
    /// None where the office has switched such links off (<c>Mail:ActionLinks</c>).
    /// </summary>
    public void AddTo(Dictionary<string, object?> model, OutboxMessage message)
    {
        if (!mail.Value.ActionLinks || message.OfficerId is not { } officer)
            return;
        if (message.WorkItemId is { } item && Revision(model, RevisionKey) is { } start)
            model[StartKey] = Url(new MailLink(MailLinkAct.Start, item, officer, start, time.Now() + Lifetime));
        else if (message.FireRecordId is { } fire && Alerts.Contains(message.Template) && Revision(model, AlertRevisionKey) is { } alerted)
            model[AcknowledgeKey] = Url(new MailLink(MailLinkAct.Acknowledge, fire, officer, alerted, time.Now() + Lifetime));
    }

    private static int? Revision(Dictionary<string, object?> model, string key) =>
        model.GetValueOrDefault(key) is JsonElement { ValueKind: JsonValueKind.Number } revision ? revision.GetInt32() : null;

    private string? Url(MailLink link) =>
        seal.Seal(link) is { } token ? $"{office.Value.PublicUrl.TrimEnd('/')}/{Path}?t={Uri.EscapeDataString(token)}" : null;
}
