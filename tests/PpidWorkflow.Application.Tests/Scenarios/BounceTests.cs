using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Notifications.Bounces;
using PpidWorkflow.Application.Tests.Notifications;
using PpidWorkflow.TestSupport;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Bounces read by IMAP from a server of their own.</summary>
public class BounceTests
{
    [Fact]
    public async Task A_bounced_mail_fails_with_its_code_once_and_the_administrator_is_told_once()
    {
        await using var server = await ImapServerFixture.StartAsync();
        await using var office = await OfficeAsync(server);
        var mail = await SentAsync(office);
        await AppendAsync(office, server, BounceSamples.Answer(mail.MessageId), BounceSamples.Exchange("asing@lain.example"), "Subject: tidak jelas\nContent-Type: multipart/report; boundary=x\n\n--x",
            BounceSamples.Postfix(mail.MessageId), BounceSamples.Exchange(mail.MessageId));

        var report = await ReadAsync(office);
        var again = await ReadAsync(office);

        Assert.Equal((5, 1, null), (report.Read, report.Marked, report.Failure));
        Assert.Equal((0, 0, null), (again.Read, again.Marked, again.Failure));
        var after = (await office.MailAsync()).Single(m => m.Id == mail.Id);
        Assert.Equal((OutboxState.Failed, "Bounced: 5.1.1", mail.SentAt), (after.State, after.LastError, after.SentAt));
        var told = Assert.Single(await office.MailAsync(), m => m.Template == BounceDesk.Template);
        Assert.Equal("admin@ppid.example", told.ToAddress);
        Assert.Contains((await office.RowsAsync(db => db.Cases.SingleAsync())).Number, told.Model, StringComparison.Ordinal);
        Assert.DoesNotContain("RAHASIA", told.Model, StringComparison.Ordinal);
        var history = (await office.CaseAsync(mail.CaseId!.Value)).Events.Single(e => e.Action == "mail-bounced");
        Assert.Equal("5.1.1", history.Data.GetProperty("status").GetString());
        Assert.Equal(5, await CountAsync(server));
        Assert.Empty(await office.ViolatedAsync());
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Equal(OutboxState.Sent, (await office.MailAsync()).Single(m => m.Id == told.Id).State);
    }

    [Fact]
    public async Task A_delayed_mail_stays_sent_is_marked_and_told_to_nobody()
    {
        await using var server = await ImapServerFixture.StartAsync();
        await using var office = await OfficeAsync(server);
        var mail = await SentAsync(office);
        await AppendAsync(office, server, BounceSamples.Postfix(mail.MessageId, "delayed", "4.4.1"), BounceSamples.Postfix(mail.MessageId, "delayed", "4.4.1"));

        Assert.Equal((2, 1, null), await OutcomeAsync(office));

        var after = (await office.MailAsync()).Single(m => m.Id == mail.Id);
        Assert.Equal((OutboxState.Sent, "Delayed: 4.4.1"), (after.State, after.LastError));
        Assert.DoesNotContain(await office.MailAsync(), m => m.Template == BounceDesk.Template);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Sent_again_by_hand_a_mail_is_not_failed_by_the_bounce_of_the_first_time_though_the_mailbox_be_made_anew()
    {
        await using var first = await ImapServerFixture.StartAsync();
        await using var office = await OfficeAsync(first);
        var mail = await SentAsync(office);
        await AppendAsync(office, first, BounceSamples.Postfix(mail.MessageId));
        Assert.Equal((1, 1, null), await OutcomeAsync(office));
        office.Time.Advance(TimeSpan.FromHours(1));
        Assert.True((await office.AskAsync<MailLog, Result<MailLogEntry>>(l => l.RetryAsync(office["admin"], mail.Id))).Succeeded);
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());

        // As after UIDVALIDITY has changed: all of it is new.
        await office.RowsAsync(db => db.ServiceFacts.Where(f => f.Name.StartsWith("bounces:")).ExecuteUpdateAsync(s => s.SetProperty(f => f.Value, "77:1")));
        var report = await ReadAsync(office);

        Assert.Equal((1, 0), (report.Read, report.Marked));
        Assert.Equal(OutboxState.Sent, (await office.MailAsync()).Single(m => m.Id == mail.Id).State);
    }

    [Theory]
    [InlineData("UserName", "sign-in refused")]
    [InlineData("Folder", "no such folder")]
    [InlineData("Security", "")]
    public async Task A_mailbox_that_cannot_be_read_is_said_and_changes_nothing(string wrong, string reason)
    {
        await using var server = await ImapServerFixture.StartAsync();
        await using var office = await OfficeAsync(server, change: box =>
        {
            switch (wrong)
            {
                case "UserName":
                    box.UserName = "orang";
                    break;
                case "Folder":
                    box.Folder = "Tidak ada";
                    break;
                default:
                    box.Security = "StartTls";
                    break;
            }
        });

        var report = await ReadAsync(office);

        Assert.Equal((0, 0), (report.Read, report.Marked));
        Assert.Contains(reason, report.Failure, StringComparison.Ordinal);
        Assert.False(await office.RowsAsync(db => db.ServiceFacts.AnyAsync(f => f.Name.StartsWith("bounces:"))));
    }

    private static Task<Office> OfficeAsync(ImapServerFixture server, Action<BounceOptions>? change = null) => Office.OpenAsync(
        change: services => services.Configure<MailOptions>(o =>
        {
            o.Bounces.Host = "127.0.0.1";
            o.Bounces.Port = server.Port;
            o.Bounces.Security = "None";
            (o.Bounces.UserName, o.Bounces.Password) = (ImapServerFixture.User, ImapServerFixture.Password);
            change?.Invoke(o.Bounces);
        }));

    private static Task<BounceReport> ReadAsync(Office office) => office.AskAsync<BounceSweep, BounceReport>(s => s.RunAsync());

    private static async Task<(int, int, string?)> OutcomeAsync(Office office)
    {
        var report = await ReadAsync(office);
        return (report.Read, report.Marked, report.Failure);
    }

    private static async Task<OutboxMessage> SentAsync(Office office)
    {
        await office.OpenCaseAsync();
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        var mail = (await office.MailAsync()).First(m => m.CaseId is not null);
        Assert.Equal(OutboxState.Sent, mail.State);
        return mail;
    }

    private static async Task AppendAsync(Office office, ImapServerFixture server, params string[] mails)
    {
        using var client = await OpenAsync(server);
        await client.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        foreach (var mail in mails)
            await client.Inbox.AppendAsync(BounceSamples.Load(mail), MessageFlags.None, office.Time.GetUtcNow());
        await client.DisconnectAsync(true);
    }

    private static async Task<int> CountAsync(ImapServerFixture server)
    {
        using var client = await OpenAsync(server);
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        return client.Inbox.Count;
    }

    private static async Task<ImapClient> OpenAsync(ImapServerFixture server)
    {
        var client = new ImapClient();
        await client.ConnectAsync("127.0.0.1", server.Port, SecureSocketOptions.None);
        await client.AuthenticateAsync(ImapServerFixture.User, ImapServerFixture.Password);
        return client;
    }
}
