using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>The sleeper that sends mails right after the commit that owes them.</summary>
public sealed class OutboxProcessTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private MailOffice _office = null!;
    private OutboxProcess _process = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await MailOffice.WithPickupAsync();
        _process = new OutboxProcess(
            _office.Services.GetRequiredService<IServiceScopeFactory>(), _office.Services.GetRequiredService<WakeUps>(), _office.Services.GetRequiredService<ServicePulse>(), _office.Time,
            NullLogger<OutboxProcess>.Instance);
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task A_commit_wakes_it_and_the_mail_leaves_with_the_clock_standing_still()
    {
        var sleeping = _process.RoundAsync(CancellationToken.None);

        var id = await _office.OweAsync("rina@ppid.example");
        await sleeping.WaitAsync(Patience);
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
    }

    [Fact]
    public async Task A_commit_between_two_rounds_is_not_lost()
    {
        var id = await _office.OweAsync("rina@ppid.example");

        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
    }

    [Fact]
    public async Task After_its_own_commits_it_goes_to_sleep()
    {
        await _office.OweAsync("rina@ppid.example");
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        using var stopping = new CancellationTokenSource();
        var sleeping = _process.RoundAsync(stopping.Token);

        Assert.False(sleeping.IsCompleted);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleeping.WaitAsync(Patience));
    }

    [Fact]
    public async Task Mails_that_follow_a_sweep_closely_are_gathered_and_claimed_together()
    {
        await _office.OweAsync("rina@ppid.example");
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        var second = await _office.OweAsync("dewi@ppid.example");
        var gathering = Asleep();
        var third = await _office.OweAsync("agus@ppid.example");
        Assert.False(gathering.IsCompleted);
        _office.Time.Advance(OutboxProcess.Gathering);
        await gathering.WaitAsync(Patience);
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((OutboxState.Sent, OutboxState.Sent), ((await _office.RowAsync(second)).State, (await _office.RowAsync(third)).State));
    }

    [Fact]
    public async Task It_looks_again_after_a_minute_for_what_other_nodes_committed()
    {
        var sleeping = Asleep();

        _office.Time.Advance(OutboxProcess.IdleWait);

        await sleeping.WaitAsync(Patience);
    }

    [Fact]
    public async Task It_wakes_when_the_next_attempt_is_due()
    {
        await File.WriteAllTextAsync(_office.PickupFolder, "in the way");
        var id = await _office.OweAsync("rina@ppid.example");
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);
        File.Delete(_office.PickupFolder);
        var sleeping = Asleep();

        _office.Time.Advance(TimeSpan.FromMinutes(1));
        await sleeping.WaitAsync(Patience);
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((OutboxState.Sent, 2), ((await _office.RowAsync(id)).State, (await _office.RowAsync(id)).Attempts));
    }

    [Fact]
    public async Task It_survives_a_failing_store_and_waits_longer_each_time()
    {
        await SqlAsync("ALTER TABLE Outbox RENAME TO Away");
        foreach (var seconds in (int[])[1, 2, 4])
        {
            var sleeping = Asleep();
            _office.Services.GetRequiredService<WakeUps>().Signal();
            _office.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(sleeping.IsCompleted);
            _office.Time.Advance(TimeSpan.FromMilliseconds(1));
            await sleeping.WaitAsync(Patience);
        }
        await SqlAsync("ALTER TABLE Away RENAME TO Outbox");

        var id = await _office.OweAsync("rina@ppid.example");
        await _process.RoundAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
    }

    [Fact]
    public async Task The_minutely_job_sends_what_no_signal_announced()
    {
        var id = await _office.OweAsync("rina@ppid.example");

        await _office.InScopeAsync(async p =>
        {
            await new OutboxSweepJob(p.GetRequiredService<OutboxSweep>()).RunAsync(CancellationToken.None);
            return true;
        });

        Assert.Equal(OutboxState.Sent, (await _office.RowAsync(id)).State);
    }

    private Task<int> SqlAsync(string statement) =>
        _office.InScopeAsync(p => p.GetRequiredService<PpidDbContext>().Database.ExecuteSqlRawAsync(statement));

    /// <summary>
    /// A round that has looked and now sleeps: SQLite answers on the calling thread, so the round is asleep when it returns.
    /// </summary>
    private Task Asleep()
    {
        var round = _process.RoundAsync(CancellationToken.None);
        Assert.False(round.IsCompleted);
        return round;
    }
}
