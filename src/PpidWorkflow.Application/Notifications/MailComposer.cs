using System.Text;
using Microsoft.Extensions.Options;
using MimeKit;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Makes an RFC 5322 message of a row and its rendered mail: the same Message-ID however often it is made, one thread per case, and marks
/// that keep holiday replies from answering a machine (RFC 3834). Header values are cut to one line here as well, whatever the templates
/// do.
/// </summary>
public sealed class MailComposer(IOptions<MailOptions> options, TimeProvider time)
{
    private static readonly ParserOptions Strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict };

    /// <returns>Null where the row's address is no address: no server need be asked.</returns>
    public MimeMessage? Compose(OutboxMessage row, RenderedMail mail)
    {
        if (Addressee(row) is not { } addressee)
            return null;
        var message = new MimeMessage
        {
            MessageId = row.MessageId,
            Date = time.GetUtcNow(),
            Subject = OneLine(mail.Subject),
            Body = new MultipartAlternative { Part("plain", mail.Text), Part("html", mail.Html) }
        };
        message.From.Add(MailboxAddress.Parse(options.Value.From));
        message.To.Add(addressee);
        message.Headers.Add("Auto-Submitted", "auto-generated");
        // Exchange sends out-of-office notes in spite of Auto-Submitted; this is the mark it does honour.
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        if (row.CaseId is { } caseId)
        {
            // The root is no mail that was ever sent: programs thread by the id alone, and no mail has to be the first.
            var root = $"case-{caseId:n}@{row.MessageId[(row.MessageId.IndexOf('@', StringComparison.Ordinal) + 1)..]}";
            message.InReplyTo = root;
            message.References.Add(root);
        }
        return message;
    }

    private static TextPart Part(string subtype, string text)
    {
        var part = new TextPart(subtype);
        part.SetText(Encoding.UTF8, text);
        return part;
    }

    /// <summary>One bare address with a domain; anything that could smuggle a header, a route or a second addressee is none.</summary>
    private static MailboxAddress? Addressee(OutboxMessage row)
    {
        var address = row.ToAddress;
        var at = address.LastIndexOf('@');
        if (at < 1 || at == address.Length - 1 || address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return null;
        return MailboxAddress.TryParse(Strict, address, out var mailbox) && mailbox.Address == address && mailbox.Route.Count == 0
            ? new MailboxAddress(Encoding.UTF8, OneLine(row.ToName), address)
            : null;
    }

    private static string OneLine(string value) =>
        string.Create(value.Length, value, (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        }).Trim();
}
