using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// What a link in a mail allows without a password: one act of one officer on one work item as it stood when the mail was written (issue 4,
/// "mail that is acted on"). Nothing of it is stored: it lives sealed in the link. The work item's revision makes it work once and revokes
/// it at the next state change.
/// </summary>
/// <param name="WorkItemId">The work item to start.</param>
/// <param name="OfficerId">Who alone may use it.</param>
/// <param name="Revision">The item's revision when the mail was written.</param>
/// <param name="ExpiresAt">UTC; used later, it is refused.</param>
public sealed record MailLink(Guid WorkItemId, Guid OfficerId, int Revision, DateTimeOffset ExpiresAt);

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

    /// <summary>Name in a template: the link, null where there is none.</summary>
    public const string UrlKey = "startUrl";

    /// <summary>How long a link works after its mail went out: over a weekend.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <returns>Null: this mail allows nothing without a password, or the office has switched such links off (<c>Mail:ActionLinks</c>).</returns>
    public string? StartUrl(OutboxMessage message, IReadOnlyDictionary<string, object?> model)
    {
        if (!mail.Value.ActionLinks || message is not { WorkItemId: { } item, OfficerId: { } officer }
            || model.GetValueOrDefault(RevisionKey) is not JsonElement { ValueKind: JsonValueKind.Number } revision)
            return null;
        var token = seal.Seal(new MailLink(item, officer, revision.GetInt32(), time.Now() + Lifetime));
        return token is null ? null : $"{office.Value.PublicUrl.TrimEnd('/')}/{Path}?t={Uri.EscapeDataString(token)}";
    }
}
