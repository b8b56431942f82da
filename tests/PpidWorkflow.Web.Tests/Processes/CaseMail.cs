using System.Text.RegularExpressions;
using MimeKit;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>A mail of a case as an officer finds it in the mailbox.</summary>
/// <param name="Kind">task, warning, overdue, escalation, returned or documented, told from the subject.</param>
/// <param name="Step">Label of the step; empty for documented.</param>
public sealed partial record CaseMail(string CaseNumber, string Kind, string Step, string To, string MessageId, DateTimeOffset At, MimeMessage Message, string Raw)
{
    public static async Task<IReadOnlyList<CaseMail>> AtAsync(SmtpServerFixture smtp) =>
        [.. (await smtp.MailsAsync()).Where(m => m.Accepted).Select(Read).OrderBy(m => m.At)];

    /// <summary>Of these cases only: what else the office was told (of a broken guarantee, say) is not looked at.</summary>
    public static async Task<IReadOnlyList<CaseMail>> OfAsync(SmtpServerFixture smtp, params IEnumerable<CaseWalk> walks) =>
        [.. (await smtp.MailsAsync()).Where(m => m.Accepted && walks.Any(w => m.Parse().Subject?.StartsWith($"[{w.Number}]", StringComparison.Ordinal) == true))
            .Select(Read).OrderBy(m => m.At)];

    /// <summary>Everything in it that a reader or a program could see, decoded.</summary>
    public string AllText => $"{Raw}\n{Message.Headers}\n{Message.Subject}\n{Message.TextBody}\n{Message.HtmlBody}";

    private static CaseMail Read(ReceivedMail mail)
    {
        var message = mail.Parse();
        var title = message.Subject ?? "";
        var subject = Subject().Match(title);
        Assert.True(subject.Success, $"Not the subject of a case mail: {title}");
        var kind = subject.Groups["what"].Value switch
        {
            var what when what.StartsWith("Tugas", StringComparison.Ordinal) => "task",
            var what when what.StartsWith("Lewat batas", StringComparison.Ordinal) => "overdue",
            var what when what.StartsWith("Perlu perhatian", StringComparison.Ordinal) => "escalation",
            var what when what.StartsWith("Dikembalikan", StringComparison.Ordinal) => "returned",
            var what when what.StartsWith("Berkas telah didokumentasikan", StringComparison.Ordinal) => "documented",
            _ => "warning"
        };
        return new CaseMail(
            subject.Groups["number"].Value, kind, StepOf().Match(title).Groups[1].Value, mail.To, message.MessageId ?? "", mail.At, message, mail.Raw);
    }

    [GeneratedRegex(@"^\[(?<number>PPID/\d{4}/\d{4})\] (?<what>.+)")]
    private static partial Regex Subject();

    [GeneratedRegex(@"langkah (\d[ab]?)")]
    private static partial Regex StepOf();
}
