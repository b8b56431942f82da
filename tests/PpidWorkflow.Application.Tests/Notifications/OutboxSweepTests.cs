using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>Sweeps that meet, die, are stopped, or find nobody at the other end.</summary>
public sealed class OutboxSweepTests
{
    [Fact]
    public async Task Sweeps_at_the_same_time_send_each_mail_once()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        for (var i = 0; i < 2 * OutboxSweep.BatchSize + 20; i++)
            await office.OweAsync($"petugas{i}@ppid.example");

        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => office.SweepAsync())));

        var mails = await server.MailsAsync();
        Assert.Equal(120, reports.Sum(r => r.Sent));
        Assert.Equal(120, mails.Count);
        Assert.Equal(120, mails.Select(m => m.Parse().MessageId).Distinct().Count());
        Assert.All(await office.RowsAsync(), r => Assert.Equal((OutboxState.Sent, 1, null), (r.State, r.Attempts, r.LeasedUntil)));
    }

    [Fact]
    public async Task A_dead_sweeps_mail_is_left_alone_until_its_lease_ends()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var id = await office.OweAsync("rina@ppid.example");
        await office.RewriteAsync(id, OutboxState.Pending, office.Time.GetUtcNow() + MailOffice.Lease);

        var early = await office.SweepAsync();
        var due = await office.InScopeAsync(p => p.GetRequiredService<OutboxSweep>().NextDueAsync());
        office.Time.Advance(MailOffice.Lease);
        var late = await office.SweepAsync();

        Assert.Equal((0, 1), (early.Handled, late.Sent));
        Assert.Equal(office.Time.GetUtcNow(), due);
    }

    [Fact]
    public async Task After_a_start_alone_with_the_database_a_dead_sweeps_mail_goes_at_once()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var id = await office.OweAsync("rina@ppid.example");
        await office.RewriteAsync(id, OutboxState.Pending, office.Time.GetUtcNow() + MailOffice.Lease);

        await office.InScopeAsync(async p =>
        {
            await p.GetRequiredService<OutboxSweep>().ForgetDeadLeasesAsync();
            return true;
        });

        Assert.Equal(1, (await office.SweepAsync()).Sent);
    }

    [Fact]
    public async Task The_oldest_mail_due_goes_first()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        await office.OweAsync("grey-1@ppid.example");
        await office.SweepAsync();
        office.Time.Advance(TimeSpan.FromSeconds(30));
        await office.OweAsync("kedua@ppid.example");
        office.Time.Advance(TimeSpan.FromSeconds(30));
        await office.OweAsync("ketiga@ppid.example");

        await office.SweepAsync();

        Assert.Equal(["kedua@ppid.example", "grey-1@ppid.example", "ketiga@ppid.example"], (await server.MailsAsync()).Select(m => m.To));
    }

    [Fact]
    public async Task An_outage_holds_one_attempt_per_try_against_one_mail_and_loses_none()
    {
        var port = SmtpServerFixture.FreePort();
        await using var office = await MailOffice.WithSmtpAsync(port);
        for (var i = 0; i < OutboxSweep.BatchSize + 10; i++)
            await office.OweAsync($"petugas{i}@ppid.example");

        await office.SweepAsync();
        await office.SweepAsync();
        var first = await office.RowsAsync();
        var newcomer = await office.OweAsync("baru@ppid.example", takes: TimeSpan.Zero);
        await office.SweepAsync();
        var late = await office.RowAsync(newcomer);
        for (var tries = 1; tries < 5; tries++)
        {
            office.Time.Advance(TimeSpan.FromMinutes(5));
            await office.SweepAsync();
        }
        var atEnd = await office.RowsAsync();
        await using var server = await SmtpServerFixture.StartAsync("--port", $"{port}");
        office.Time.Advance(TimeSpan.FromMinutes(5));
        await office.SweepAsync();
        await office.SweepAsync();

        Assert.Equal(1, first.Sum(r => r.Attempts));
        Assert.All(first, r => Assert.Equal(
            (OutboxState.Pending, office.Time.GetUtcNow() - TimeSpan.FromMinutes(24), null), (r.State, r.NextAttemptAt, r.LeasedUntil)));
        Assert.All(first, r => Assert.Contains("cannot be reached", r.LastError));
        Assert.Equal((0, first[0].NextAttemptAt), (late.Attempts, late.NextAttemptAt));
        Assert.Equal(5, atEnd.Sum(r => r.Attempts));
        Assert.All(await office.RowsAsync(), r => Assert.Equal((OutboxState.Sent, null), (r.State, r.LastError)));
        var mails = await server.MailsAsync();
        Assert.Equal(OutboxSweep.BatchSize + 11, mails.Count);
        Assert.Equal(mails.Count, mails.Select(m => m.Parse().MessageId).Distinct().Count());
    }

    [Fact]
    public async Task During_an_outage_the_server_is_asked_every_five_minutes_at_most_and_at_least()
    {
        await using var office = await MailOffice.WithSmtpAsync(SmtpServerFixture.FreePort());
        var id = await office.OweAsync("rina@ppid.example");

        var waits = new List<double>();
        for (var tries = 0; tries < 6; tries++)
        {
            await office.SweepAsync();
            var wait = (await office.RowAsync(id)).NextAttemptAt - office.Time.GetUtcNow();
            waits.Add(wait.TotalMinutes);
            office.Time.Advance(wait);
        }

        Assert.Equal([1, 1, 2, 5, 5, 5], waits);
    }

    [Fact]
    public async Task A_sweep_that_is_stopped_gives_its_mails_back()
    {
        await using var office = await MailOffice.WithPickupAsync();
        await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => office.SweepAsync(stopping.Token));

        Assert.All(await office.RowsAsync(), r => Assert.Equal((OutboxState.Pending, 0, null), (r.State, r.Attempts, r.LeasedUntil)));
        Assert.Equal(2, (await office.SweepAsync()).Sent);
    }

    [Fact]
    public async Task A_mail_that_cannot_be_composed_at_all_does_not_hold_up_the_queue()
    {
        await using var office = await MailOffice.WithPickupAsync();
        var odd = await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");
        await office.InScopeAsync(p => p.GetRequiredService<PpidDbContext>().Outbox.Where(m => m.Id == odd)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.Model, "[bukan objek")));

        var report = await office.SweepAsync();

        Assert.Equal(new SweepReport(1, 0, 1), report);
        Assert.Equal(OutboxState.Failed, (await office.RowAsync(odd)).State);
    }

    [Fact]
    public async Task A_bug_met_by_one_mail_is_that_mails_delay_alone()
    {
        await using var office = await MailOffice.WithChannelAsync((message, _) => message.ToAddress == "rina@ppid.example"
            ? throw new InvalidOperationException("a bug")
            : Task.FromResult(Delivery.Sent));
        var unlucky = await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");

        var report = await office.SweepAsync();

        Assert.Equal(new SweepReport(1, 1, 0), report);
        var row = await office.RowAsync(unlucky);
        Assert.Equal((OutboxState.Pending, 1, null), (row.State, row.Attempts, row.LeasedUntil));
        Assert.Equal("Internal error while sending: InvalidOperationException.", row.LastError);
    }

    [Fact]
    public async Task While_a_slow_server_has_a_mail_the_lease_of_the_batch_is_renewed_and_no_other_sweep_gets_any_of_it()
    {
        var sent = new List<Guid>();
        var others = 0;
        await using var office = await MailOffice.WithChannelAsync(async (message, office) =>
        {
            sent.Add(message.Id);
            var timers = office.Time.Timers;
            // A delivery of twice the lease, in steps shorter than it; the sweep's own clock ticks with it.
            for (var waited = TimeSpan.Zero; waited < 2 * MailOffice.Lease; waited += MailOffice.Lease / 3)
            {
                var before = (await office.RowAsync(message.Id)).LeasedUntil;
                await UntilAsync(() => Task.FromResult(office.Time.Timers > timers));
                timers = office.Time.Timers;
                office.Time.Advance(MailOffice.Lease / 3);
                await UntilAsync(async () => (await office.RowAsync(message.Id)).LeasedUntil > before);
                others += (await office.InScopeAsync(p => p.GetRequiredService<PpidDbContext>().Outbox.ToListAsync()))
                    .Count(m => m.State == OutboxState.Pending && !(m.LeasedUntil > office.Time.GetUtcNow()));
            }
            return Delivery.Sent;
        });
        for (var i = 0; i < 4; i++)
            await office.OweAsync($"petugas{i}@ppid.example");

        await office.SweepAsync();

        Assert.Equal(0, others);
        Assert.Equal(4, sent.Distinct().Count());
        Assert.Equal(4, sent.Count);
        Assert.All(await office.RowsAsync(), row => Assert.Equal(OutboxState.Sent, row.State));
    }

    [Fact]
    public async Task Where_a_node_may_be_silent_for_years_a_mail_that_went_is_still_recorded_as_sent()
    {
        await using var office = await MailOffice.WithChannelAsync((_, _) => Task.FromResult(Delivery.Sent));
        office.Services.GetRequiredService<IOptions<OutageOptions>>().Value.GapSeconds = 10 * 365 * 24 * 60 * 60;
        await office.OweAsync("rina@ppid.example");

        Assert.Equal(1, (await office.SweepAsync()).Sent);
        Assert.Equal(OutboxState.Sent, Assert.Single(await office.RowsAsync()).State);
    }

    [Fact]
    public async Task A_sweep_that_was_suspended_past_its_lease_sends_no_more_of_what_another_one_has_taken()
    {
        var sent = new List<Guid>();
        await using var office = await MailOffice.WithChannelAsync(async (message, office) =>
        {
            sent.Add(message.Id);
            // The process stood still: its lease ended, and another node's sweep has claimed the rest.
            if (sent.Count == 1)
            {
                foreach (var other in (await office.RowsAsync()).Where(r => r.Id != message.Id))
                    await office.RewriteAsync(other.Id, OutboxState.Pending, office.Time.GetUtcNow().AddHours(1));
                office.Time.Advance(2 * MailOffice.Lease);
            }
            return Delivery.Sent;
        });
        var first = await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");
        await office.OweAsync("siti@ppid.example");

        await office.SweepAsync();

        Assert.Equal([first], sent);
        Assert.Equal([OutboxState.Sent, OutboxState.Pending, OutboxState.Pending], (await office.RowsAsync()).Select(r => r.State));
        Assert.All((await office.RowsAsync()).Skip(1), r => Assert.True(r.LeasedUntil > office.Time.GetUtcNow()));
    }

    [Theory]
    [InlineData(DeliveryVerdict.Sent, OutboxState.Sent, false)]
    [InlineData(DeliveryVerdict.Refused, OutboxState.Pending, true)]
    [InlineData(DeliveryVerdict.RetryLater, OutboxState.Pending, true)]
    public async Task A_sweep_that_lost_its_lease_may_only_record_that_the_mail_went(
        DeliveryVerdict verdict, OutboxState state, bool leased)
    {
        await using var office = await MailOffice.WithChannelAsync(async (message, office) =>
        {
            await office.RewriteAsync(message.Id, OutboxState.Pending, office.Time.GetUtcNow().AddHours(1));
            return new Delivery(verdict, "450 later");
        });
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal((state, leased), (row.State, row.LeasedUntil is not null));
    }

    [Fact]
    public async Task A_stop_in_the_middle_records_the_mail_in_hand_and_gives_back_the_rest()
    {
        using var stopping = new CancellationTokenSource();
        await using var office = await MailOffice.WithChannelAsync(async (_, _) =>
        {
            await stopping.CancelAsync();
            return Delivery.Sent;
        });
        for (var i = 0; i < 3; i++)
            await office.OweAsync($"petugas{i}@ppid.example");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => office.SweepAsync(stopping.Token));

        var rows = await office.RowsAsync();
        Assert.Equal([OutboxState.Sent, OutboxState.Pending, OutboxState.Pending], rows.Select(r => r.State));
        Assert.All(rows, r => Assert.Null(r.LeasedUntil));
    }

    [Fact]
    public async Task Nothing_owed_means_nothing_due_and_nothing_done()
    {
        await using var office = await MailOffice.WithPickupAsync();
        Assert.Null(await office.InScopeAsync(p => p.GetRequiredService<OutboxSweep>().NextDueAsync()));

        Assert.Equal(0, (await office.SweepAsync()).Handled);
        Assert.False(Directory.Exists(office.PickupFolder));
    }

    [Fact]
    public async Task A_machine_too_busy_to_write_a_mail_in_time_costs_attempts_and_not_the_mail()
    {
        await using var office = await MailOffice.WithPickupAsync(patience: TimeSpan.Zero);
        var id = await office.OweAsync("rina@ppid.example");

        for (var attempt = 1; attempt < OutboxSweep.MostSlowRenderings; attempt++)
        {
            await office.SweepAsync();

            var row = await office.RowAsync(id);
            Assert.Equal((OutboxState.Pending, attempt), (row.State, row.Attempts));
            Assert.Contains("took longer", row.LastError, StringComparison.Ordinal);
            office.Time.Advance(row.NextAttemptAt - office.Time.GetUtcNow());
        }

        // Too slow every time: that is the template.
        await office.SweepAsync();
        Assert.Equal(OutboxState.Failed, (await office.RowAsync(id)).State);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); !await holds(); await Task.Yield())
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "Waited in vain.");
    }
}
