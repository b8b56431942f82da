using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Mails that failed because of a mistyped address, sent again once an administrator has mended it.</summary>
public class MailRetryTests
{
    private const string Mended = "kasubid@ppid.example";

    [Fact]
    public async Task A_mail_sent_again_goes_to_the_address_that_its_officer_has_now()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        // The step's first warning is an alert: its fire record names the addressees, and the guarantees count them.
        await office.AdvanceAsync(TimeSpan.FromMinutes(4));
        var failed = (await office.MailAsync()).Where(m => m.Template is "task" or "warning").ToList();
        Assert.Equal(["task", "warning"], failed.Select(m => m.Template));
        await FailAsync(office);
        await MendAsync(office, failed[0].OfficerId!.Value);

        foreach (var mail in failed)
            Assert.Equal(Mended, (await RetryAsync(office, mail.Id)).ToAddress);

        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.All((await office.MailAsync()).Where(m => m.Template is "task" or "warning"), m => Assert.Equal((OutboxState.Sent, Mended), (m.State, m.ToAddress)));
        Assert.Equal([$"[\"{Mended}\"]"], await office.RowsAsync(db => db.FireRecords.Select(f => f.Addressees).ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_link_to_an_account_goes_nowhere_but_to_the_address_that_it_was_made_for()
    {
        await using var office = await Office.OpenAsync();
        var officer = office[Office.InformationHead].Id;
        await office.InScopeAsync(services => services.Get<Committer>().RunAsync<bool>(() =>
        {
            services.Get<Outbox>().Add(
                "email-change", null, new MailAddressee("baru@ppid.example", "Kasubid", officer), new Dictionary<string, object?> { ["userName"] = "kasubid.informasi" });
            return Task.FromResult<Result<bool>>(true);
        }, default));
        await FailAsync(office);
        await MendAsync(office, officer);

        var mail = Assert.Single(await office.MailAsync());
        Assert.Equal("baru@ppid.example", (await RetryAsync(office, mail.Id)).ToAddress);
    }

    private static Task<int> FailAsync(Office office) => office.RowsAsync(
        db => db.Outbox.ExecuteUpdateAsync(s => s.SetProperty(m => m.State, OutboxState.Failed).SetProperty(m => m.LastError, "550 5.1.1")));

    private static Task<int> MendAsync(Office office, Guid officer) => office.RowsAsync(
        db => db.Users.Where(o => o.Id == officer).ExecuteUpdateAsync(s => s.SetProperty(o => o.Email, Mended).SetProperty(o => o.NormalizedEmail, Mended.ToUpperInvariant())));

    private static async Task<MailLogEntry> RetryAsync(Office office, Guid id)
    {
        var retried = await office.AskAsync<MailLog, Result<MailLogEntry>>(l => l.RetryAsync(office["admin"], id));
        Assert.True(retried.Succeeded);
        return retried.Value;
    }
}
