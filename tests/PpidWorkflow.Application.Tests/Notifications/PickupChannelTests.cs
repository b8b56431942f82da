using System.Text;
using MimeKit;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>The message itself, and the folder it is written to.</summary>
public sealed class PickupChannelTests : IAsyncLifetime
{
    private MailOffice _office = null!;

    public async ValueTask InitializeAsync() => _office = await MailOffice.WithPickupAsync();

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task A_mail_is_one_file_named_after_its_message_id()
    {
        var id = await _office.OweAsync("rina@ppid.example");

        var report = await _office.SweepAsync();

        var row = await _office.RowAsync(id);
        Assert.Equal(new SweepReport(1, 0, 0), report);
        Assert.Equal([$"{row.MessageId}.eml"], Directory.GetFileSystemEntries(_office.PickupFolder).Select(Path.GetFileName));
        Assert.Equal((OutboxState.Sent, 1, _office.Time.GetUtcNow(), null), (row.State, row.Attempts, row.SentAt, row.LeasedUntil));
    }

    [Fact]
    public async Task The_headers_are_complete_and_keep_machines_from_answering()
    {
        var id = await _office.OweAsync("rina@ppid.example", "Rina Wati, S.Kom.", takes: TimeSpan.Zero);
        await _office.SweepAsync();

        var mail = Read();

        Assert.Equal((await _office.RowAsync(id)).MessageId, mail.MessageId);
        Assert.Equal("PPID Biro Umum <ppid@ppid.example>", mail.From.ToString().Replace("\"", "", StringComparison.Ordinal));
        var to = Assert.Single(mail.To.Mailboxes);
        Assert.Equal(("rina@ppid.example", "Rina Wati, S.Kom."), (to.Address, to.Name));
        Assert.Equal(_office.Time.GetUtcNow(), mail.Date);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal("All", mail.Headers["X-Auto-Response-Suppress"]);
        Assert.Empty(mail.ReplyTo);
        Assert.Null(mail.Headers["Precedence"]);
        Assert.Null(mail.InReplyTo);
    }

    [Fact]
    public async Task An_Indonesian_subject_travels_as_ASCII_and_reads_the_same()
    {
        await _office.OweAsync("rina@ppid.example", "Siti Nurhaliza – Kasubbag");
        await _office.SweepAsync();

        var raw = await File.ReadAllBytesAsync(Directory.GetFiles(_office.PickupFolder).Single());

        Assert.All(raw, b => Assert.InRange(b, (byte)0, (byte)127));
        Assert.Contains("=?utf-8?", Encoding.ASCII.GetString(raw));
        Assert.Equal("[PPID/2026/0001] Tugas langkah 5b: Mendokumentasikan — batas 15.58 WIB, Senin, 23 Nov 2026", Read().Subject);
        Assert.Equal("Siti Nurhaliza – Kasubbag", Read().To.Mailboxes.Single().Name);
    }

    [Fact]
    public async Task Text_and_HTML_are_alternatives_the_richer_last()
    {
        await _office.OweAsync("rina@ppid.example");
        await _office.SweepAsync();

        var body = Assert.IsType<MultipartAlternative>(Read().Body);

        Assert.Equal(["text/plain", "text/html"], body.Select(p => p.ContentType.MimeType));
        Assert.Contains("http://localhost:5080/tasks/17", body.TextBody);
        Assert.Contains("href=\"http://localhost:5080/tasks/17\"", body.HtmlBody);
    }

    [Fact]
    public async Task The_mails_of_a_case_share_one_thread_and_those_of_another_do_not()
    {
        var (first, second) = (await _office.OpenCaseAsync(1), await _office.OpenCaseAsync(2));
        await _office.OweAsync("rina@ppid.example", caseId: first.Id);
        await _office.OweAsync("budi@ppid.example", template: "overdue", caseId: first.Id);
        await _office.OweAsync("budi@ppid.example", caseId: second.Id);

        await _office.SweepAsync();

        var mails = ReadAll();
        Assert.Equal(2, mails.Count(m => m.InReplyTo == $"case-{first.Id:n}@localhost"));
        Assert.Equal(1, mails.Count(m => m.InReplyTo == $"case-{second.Id:n}@localhost"));
        Assert.All(mails, m => Assert.Equal(m.InReplyTo, Assert.Single(m.References)));
    }

    [Fact]
    public async Task Sending_again_after_a_crash_writes_over_the_same_file()
    {
        var id = await _office.OweAsync("rina@ppid.example");
        await _office.SweepAsync();
        await _office.RewriteAsync(id, OutboxState.Pending, _office.Time.GetUtcNow());

        await _office.SweepAsync();

        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
        Assert.Single(Directory.GetFiles(_office.PickupFolder));
    }

    [Fact]
    public async Task No_mail_carries_the_title_of_its_case()
    {
        var opened = await _office.OpenCaseAsync();
        foreach (var template in MailTemplates.SopTemplates)
            await _office.OweAsync("rina@ppid.example", template: template, caseId: opened.Id);

        await _office.SweepAsync();

        Assert.Equal(MailTemplates.SopTemplates.Count, ReadAll().Count);
        Assert.All(ReadAll(), m => Assert.DoesNotContain(MailOffice.Canary, m.Headers + m.TextBody + m.HtmlBody));
        Assert.All(await _office.RowsAsync(), r => Assert.DoesNotContain(MailOffice.Canary, r.Model + r.LastError));
    }

    [Fact]
    public async Task Line_breaks_in_a_name_write_no_header()
    {
        await _office.OweAsync("rina@ppid.example", "Rina\r\nBcc: lain@ppid.example\r\n\r\nisi");

        await _office.SweepAsync();

        var mail = Read();
        Assert.Empty(mail.Bcc);
        Assert.Equal("rina@ppid.example", Assert.Single(mail.To.Mailboxes).Address);
        Assert.DoesNotContain(mail.Headers, h => h.Field.Contains("Bcc", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("rina@ppid.example\r\nBcc: lain@ppid.example")]
    [InlineData("rina@ppid.example, lain@ppid.example")]
    [InlineData("Rina <rina@ppid.example>")]
    [InlineData("<rina@ppid.example>")]
    [InlineData("rina")]
    [InlineData("rina@")]
    [InlineData("@ppid.example")]
    [InlineData("")]
    public async Task What_is_no_address_fails_and_others_go_on(string address)
    {
        var malformed = await _office.OweAsync(address);
        var good = await _office.OweAsync("budi@ppid.example");

        var report = await _office.SweepAsync();

        Assert.Equal(new SweepReport(1, 0, 1), report);
        Assert.Equal((OutboxState.Failed, "Malformed address."), Outcome(await _office.RowAsync(malformed)));
        Assert.Equal((OutboxState.Sent, null), Outcome(await _office.RowAsync(good)));
    }

    [Fact]
    public async Task A_template_that_cannot_be_rendered_fails_its_mail_and_others_go_on()
    {
        var unknown = await _office.OweAsync("rina@ppid.example", template: "tidak-ada");
        var incomplete = await _office.OweAsync("rina@ppid.example", model: m => m.Remove("caseNumber"));
        var good = await _office.OweAsync("budi@ppid.example");

        var report = await _office.SweepAsync();

        Assert.Equal(new SweepReport(1, 0, 2), report);
        Assert.Contains("'tidak-ada", (await _office.RowAsync(unknown)).LastError);
        Assert.Contains("caseNumber", (await _office.RowAsync(incomplete)).LastError);
        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(good)).State);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_outage_not_a_failure()
    {
        await File.WriteAllTextAsync(_office.PickupFolder, "in the way");
        var id = await _office.OweAsync("rina@ppid.example");

        await _office.SweepAsync();
        var waiting = await _office.RowAsync(id);
        File.Delete(_office.PickupFolder);
        _office.Time.Advance(TimeSpan.FromMinutes(1));
        await _office.SweepAsync();

        Assert.Equal(OutboxState.Pending, waiting.State);
        Assert.StartsWith("Mail:PickupPath cannot be written", waiting.LastError);
        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
    }

    private MimeMessage Read() => Assert.Single(ReadAll());

    private List<MimeMessage> ReadAll() => [.. Directory.GetFiles(_office.PickupFolder).Select(f => MimeMessage.Load(f))];

    private static (OutboxState, string?) Outcome(OutboxMessage row) => (row.State, row.LastError);
}
