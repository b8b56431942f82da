using System.Globalization;
using System.Text.RegularExpressions;
using MimeKit;

namespace PpidWorkflow.Application.Notifications.Bounces;

/// <summary>What a delivery status notification (RFC 3464) says of one of our mails.</summary>
/// <param name="IsFinal">False: only delayed, the server goes on trying.</param>
/// <param name="Status">Status code of RFC 3463, <c>5.1.1</c>; nothing of the free text beside it.</param>
/// <param name="MessageIds">Of the mail it returns, without brackets, the surest first.</param>
public sealed record Bounce(bool IsFinal, string Status, IReadOnlyList<string> MessageIds);

/// <summary>
/// Reads notifications as Postfix, Exchange, Gmail and others write them. Whatever else a mailbox holds (answers, read receipts, reports of abuse,
/// nonsense) is no bounce.
/// </summary>
public static partial class BounceReader
{
    private const int MostIds = 10;
    private const int LongestId = 200;
    private const int MostText = 64 * 1024;
    private const int Deepest = 5;

    /// <returns>Null: no bounce, or none that names a mail.</returns>
    public static Bounce? Read(MimeMessage mail)
    {
        try
        {
            if (Find<MessageDeliveryStatus>(mail.Body, 0) is not { } status || Worst(status) is not { } verdict)
                return null;
            var ids = Ids(mail, status);
            return ids.Count == 0 ? null : new Bounce(verdict.IsFinal, verdict.Status, ids);
        }
        // Whoever can send a mail to the mailbox writes what is read here.
        catch (Exception malformed) when (malformed is FormatException or IOException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    // Our mails have one addressee each; a list behind the address may have several, of whom one failure is enough to look.
    private static (bool IsFinal, string Status)? Worst(MessageDeliveryStatus status)
    {
        (bool IsFinal, string Status)? worst = null;
        foreach (var fields in status.StatusGroups)
        {
            var code = StatusCode().Match(fields["Status"] ?? "") is { Success: true } match ? match.Value : null;
            bool? final = fields["Action"]?.Trim().ToLowerInvariant() switch
            {
                "failed" => true,
                "delayed" => false,
                // Some gateways leave the action out.
                null when code is not null && code[0] == '5' => true,
                _ => null
            };
            if (final is { } isFinal && (worst is null || (isFinal && !worst.Value.IsFinal)))
                worst = (isFinal, code ?? (isFinal ? "5.0.0" : "4.0.0"));
        }
        return worst;
    }

    private static List<string> Ids(MimeMessage mail, MessageDeliveryStatus status)
    {
        var ids = new List<string>();
        foreach (var fields in status.StatusGroups)
            if (fields["Original-Envelope-Id"] is { } envelope)
                Add(ids, Decoded(envelope));
        foreach (var part in Parts(mail.Body, 0))
        {
            // text/rfc822-headers is read as a message without a body.
            if (part is MessagePart { Message: { } returned })
                Add(ids, returned.MessageId);
            else if (part is TextPart { ContentType.MediaSubtype: "rfc822-headers" } headers && MessageId().Match(Beginning(headers)) is { Success: true } match)
                Add(ids, match.Groups[1].Value);
        }
        // Gmail answers in the thread of the mail that came back; where that came along it is the surer.
        if (ids.Count == 0)
        {
            Add(ids, mail.InReplyTo);
            foreach (var reference in mail.References.Reverse())
                Add(ids, reference);
        }
        return ids;
    }

    private static void Add(List<string> ids, string? id)
    {
        id = id?.Trim().Trim('<', '>');
        if (id is { Length: > 0 and <= LongestId } && !id.Contains('\0') && !ids.Contains(id) && ids.Count < MostIds)
            ids.Add(id);
    }

    private static T? Find<T>(MimeEntity? entity, int depth) where T : MimeEntity => Parts(entity, depth).OfType<T>().FirstOrDefault();

    // Of the notification itself: what the returned mail contains is not looked into, it may hold a notification of somebody else.
    private static IEnumerable<MimeEntity> Parts(MimeEntity? entity, int depth)
    {
        if (entity is Multipart multipart && depth < Deepest)
            return multipart.SelectMany(part => Parts(part, depth + 1));
        return entity is null ? [] : [entity];
    }

    private static string Beginning(TextPart part)
    {
        var text = part.Text ?? "";
        return text.Length > MostText ? text[..MostText] : text;
    }

    /// <summary>xtext of RFC 3461: <c>+3D</c> is an equals sign.</summary>
    private static string Decoded(string xtext) => XText().Replace(
        xtext, m => ((char)byte.Parse(m.Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")]
    private static partial Regex StatusCode();

    [GeneratedRegex(@"^Message-ID:\s*<([^<>\s]+)>", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex MessageId();

    [GeneratedRegex(@"\+([0-9A-F]{2})")]
    private static partial Regex XText();
}
