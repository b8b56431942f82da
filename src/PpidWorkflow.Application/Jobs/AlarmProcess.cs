using Hangfire;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Sleeps inside the Hangfire server until the earliest due instant or the next commit, then fires all that is due. Losing a wake-up costs
/// a minute at most: it looks again at least that often, and so does the minutely job.
/// </summary>
public sealed class AlarmProcess(IServiceScopeFactory scopes, WakeUps wakeUps, ServicePulse pulse, TimeProvider time, ILogger<AlarmProcess> logger)
    : IBackgroundProcess
{
    /// <summary>
    /// Clocks fired in one commit. Where thousands are due at one instant a bigger commit is cheaper by half for each (docs/performance.md), and
    /// keeps other writers waiting for a quarter of a second at most.
    /// </summary>
    public const int Batch = 2_000;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    /// <summary>Beside other nodes: of what they commit nobody is told here, and when one dies its rungs are to be fired within a second.</summary>
    private static readonly TimeSpan SleepInCompany = TimeSpan.FromMilliseconds(750);

    /// <summary>The first of several nodes fires at the instant; each further one a little later, where that one did not.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>Also where something is due that could not be served: a refusal that stays must not become a busy loop.</summary>
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(20);

    /// <summary>One round: fire, then sleep. Hangfire calls it again and again.</summary>
    public void Execute(BackgroundProcessContext context) =>
        RoundAsync(context.StoppingToken).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);

    private async Task RoundAsync(CancellationToken stopping)
    {
        var woken = wakeUps.Next;
        TimeSpan sleep;
        try
        {
            var next = await FireDueAsync(scopes, stopping);
            var longest = pulse.Rank is null ? LongestSleep : SleepInCompany;
            sleep = next is { } at ? at - time.GetUtcNow() + Courtesy * (pulse.Rank ?? 0) : longest;
            sleep = sleep < ShortestSleep ? ShortestSleep : sleep > longest ? longest : sleep + TimeSpan.FromMilliseconds(1);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            logger.LogError("Alarms could not be fired, trying again in {Seconds} s: {Failure}", AfterFailure.TotalSeconds, failure.GetType().Name);
            (woken, sleep) = (Task.Delay(Timeout.InfiniteTimeSpan, stopping), AfterFailure);
        }
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(woken, Task.Delay(sleep, time, done.Token));
        await done.CancelAsync();
    }

    /// <summary>Fires everything due, in commits of bounded size; returns the next instant.</summary>
    /// <param name="scopes">A scope a commit.</param>
    /// <param name="cancellation">Ends it between two commits, or before the one in hand.</param>
    /// <param name="batch">Clocks in one commit.</param>
    public static async Task<DateTimeOffset?> FireDueAsync(IServiceScopeFactory scopes, CancellationToken cancellation, int batch = Batch)
    {
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            // What this process slept through is credited before it is held against anybody.
            await scope.ServiceProvider.GetRequiredService<OutageWatch>().SettleAsync(cancellation);
            var ringer = scope.ServiceProvider.GetRequiredService<AlarmRinger>();
            // Looked up before anything is committed: a commit wakes the sleepers, this process among them.
            var next = await ringer.NextAsync(cancellation);
            if (next is null || next > scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow())
                return next;
            // Due, yet refused, by another node that was faster or for good: asked again after a breath.
            var served = await ringer.RingAsync(batch, cancellation);
            if (served == 0)
                return next;
            // More than a commit takes: a second one reads and composes while the first one's rows are written.
            if (served >= batch && ringer.SharesCases)
                await Task.WhenAll(FireHalfAsync(scopes, 0, batch, cancellation), FireHalfAsync(scopes, 1, batch, cancellation));
        }
    }

    private static async Task FireHalfAsync(IServiceScopeFactory scopes, int half, int batch, CancellationToken cancellation)
    {
        int served;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            served = await scope.ServiceProvider.GetRequiredService<AlarmRinger>().RingRungsAsync(batch, half, cancellation);
        }
        while (served == batch);
    }
}

/// <summary>The minutely net under <see cref="AlarmProcess"/>. Not repeated by Hangfire: the next minute comes anyway.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class AlarmSweepJob(IServiceScopeFactory scopes, StorageWatch storage)
{
    // Of a disk that takes nothing the process tells, and it goes on once the disk does; Hangfire would try ten times and print where it failed.
    public Task RunAsync(CancellationToken cancellation) => storage.Holds() ? AlarmProcess.FireDueAsync(scopes, cancellation) : Task.CompletedTask;
}

/// <summary>
/// Tells the database every 15 s that this node lives (gaps are outages), and notices then that another node changed the calendar.
/// </summary>
public sealed class HeartbeatProcess(IServiceScopeFactory scopes, IOptions<OutageOptions> options, ILogger<HeartbeatProcess> logger) : IBackgroundProcess
{
    public void Execute(BackgroundProcessContext context)
    {
        try
        {
            BeatAsync(context.StoppingToken).Wait(CancellationToken.None);
        }
        catch (AggregateException failure)
        {
            logger.LogWarning("No heartbeat written: {Failure}", failure.InnerException?.GetType().Name);
        }
        context.Wait(options.Value.Beat);
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        // A node that may not write does not count as one that lives.
        if (!await services.GetRequiredService<Persistence.SchemaWatch>().FollowAsync(cancellation))
            return;
        await services.GetRequiredService<People.PreferenceBook>().FollowAsync(services.GetRequiredService<Persistence.PpidDbContext>(), cancellation);
        // Before the turn is taken: following a change takes a turn of its own.
        await services.GetRequiredService<CalendarWatch>().FollowAsync(cancellation);
        await services.GetRequiredService<OutageWatch>().BeatAsync(cancellation);
    }
}
