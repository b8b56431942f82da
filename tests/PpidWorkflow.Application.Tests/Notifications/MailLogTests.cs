using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tests.Notifications;

public sealed class MailLogTests
{
    private static readonly Actor Admin = new(Guid.CreateVersion7(), "admin", "Admin", new HashSet<string> { Roles.Admin });

    [Fact]
    public async Task Pages_are_newest_first_without_gap_or_repetition_also_within_one_instant()
    {
        await using var office = await MailOffice.WithPickupAsync();
        for (var i = 0; i < 12; i++)
        {
            await office.OweAsync($"petugas{i}@ppid.example", takes: TimeSpan.Zero);
            if (i % 4 == 3)
                office.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var (seen, pages, after) = (new List<MailLogEntry>(), 0, (string?)null);
        do
        {
            var page = (await ListAsync(office, null, after, 5)).Value;
            seen.AddRange(page.Items);
            after = page.Next;
            pages++;
        }
        while (after is not null);

        Assert.Equal(3, pages);
        Assert.Equal(12, seen.Select(e => e.Id).Distinct().Count());
        Assert.Equal(seen.Select(e => e.CreatedAt).OrderDescending(), seen.Select(e => e.CreatedAt));
    }

    [Fact]
    public async Task A_page_that_holds_all_has_no_next()
    {
        await using var office = await MailOffice.WithPickupAsync();
        await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");

        Assert.Null((await ListAsync(office, null, null, 2)).Value.Next);
    }

    [Theory]
    [InlineData("bukan-kursor")]
    [InlineData("%%%")]
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5OTow")]
    [InlineData("MTp4")]
    [InlineData("ééééé")]
    public async Task A_cursor_that_is_none_is_refused(string after)
    {
        await using var office = await MailOffice.WithPickupAsync();

        var refused = await ListAsync(office, null, after, 5);

        Assert.Equal(("cursor-invalid", ProblemKind.Malformed), (refused.Problems.Single().Code, refused.Problems.Single().Kind));
    }

    [Fact]
    public async Task Filters_tell_pending_troubled_sent_and_failed_apart()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var opened = await office.OpenCaseAsync();
        await office.OweAsync("rina@ppid.example", caseId: opened.Id);
        await office.OweAsync("unknown@ppid.example");
        await office.OweAsync("busy@ppid.example");
        for (var attempt = 0; attempt < OutboxMessage.TroubledFrom; attempt++)
        {
            await office.SweepAsync();
            office.Time.Advance(TimeSpan.FromMinutes(10));
        }
        await office.OweAsync("budi@ppid.example");

        Assert.Equal(["rina@ppid.example"], await AddressesAsync(office, "sent"));
        Assert.Equal(["unknown@ppid.example"], await AddressesAsync(office, "failed"));
        Assert.Equal(["busy@ppid.example"], await AddressesAsync(office, "troubled"));
        Assert.Equal(["budi@ppid.example", "busy@ppid.example"], await AddressesAsync(office, "pending"));
        var all = (await ListAsync(office, null, null, 50)).Value.Items;
        Assert.Equal(["pending", "troubled", "failed", "sent"], all.Select(e => e.State));
        Assert.Equal([null, null, null, "PPID/2026/0001"], all.Select(e => e.CaseNumber));
        Assert.Equal("state-unknown", (await ListAsync(office, "hilang", null, 5)).Problems.Single().Code);
    }

    [Fact]
    public async Task The_log_shows_no_model_and_no_title()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var opened = await office.OpenCaseAsync();
        await office.OweAsync("rina@ppid.example", caseId: opened.Id);

        var json = JsonSerializer.Serialize((await ListAsync(office, null, null, 5)).Value);

        Assert.DoesNotContain(MailOffice.Canary, json);
        Assert.DoesNotContain("Budi Santoso", json);
    }

    [Fact]
    public async Task A_failed_mail_tried_again_is_sent_and_the_retry_is_audited()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var id = await office.OweAsync("rina@ppid.example");
        await office.RewriteAsync(id, OutboxState.Failed, null);
        office.Time.Advance(TimeSpan.FromHours(3));

        var retried = await RetryAsync(office, id);
        await office.SweepAsync();

        Assert.Equal(("pending", 0, office.Time.GetUtcNow()), (retried.Value.State, retried.Value.Attempts, retried.Value.NextAttemptAt));
        Assert.Equal(OutboxState.Sent, (await office.RowAsync(id)).State);
        var record = await office.InScopeAsync(p => p.GetRequiredService<PpidDbContext>().AuditRecords.SingleAsync());
        Assert.Equal((AuditTrail.Administration, "admin", "mail-retried"), (record.Chain, record.Actor, record.Action));
        Assert.Contains($"{id}", record.Data);
    }

    [Fact]
    public async Task Only_failed_mails_can_be_tried_again()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var id = await office.OweAsync("rina@ppid.example");

        var pending = (await RetryAsync(office, id)).Problems.Single();
        await office.SweepAsync();
        var sent = (await RetryAsync(office, id)).Problems.Single();
        var unknown = (await RetryAsync(office, Guid.CreateVersion7())).Problems.Single();

        Assert.Equal(("mail-not-failed", ProblemKind.Conflict), (pending.Code, pending.Kind));
        Assert.Equal("mail-not-failed", sent.Code);
        Assert.Equal(("mail-not-found", ProblemKind.NotFound), (unknown.Code, unknown.Kind));
        Assert.Equal(0, await office.InScopeAsync(p => p.GetRequiredService<PpidDbContext>().AuditRecords.CountAsync()));
    }

    private static Task<Result<Page<MailLogEntry>>> ListAsync(MailOffice office, string? state, string? after, int pageSize) =>
        office.InScopeAsync(p => p.GetRequiredService<MailLog>().ListAsync(state, after, pageSize));

    private static async Task<IEnumerable<string>> AddressesAsync(MailOffice office, string state) =>
        (await ListAsync(office, state, null, 50)).Value.Items.Select(e => e.ToAddress);

    private static Task<Result<MailLogEntry>> RetryAsync(MailOffice office, Guid id) =>
        office.InScopeAsync(p => p.GetRequiredService<MailLog>().RetryAsync(Admin, id));
}
