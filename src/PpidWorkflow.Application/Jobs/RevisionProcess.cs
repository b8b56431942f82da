using Hangfire;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Tells <see cref="RevisionProcess"/> of this process that a date of effect may have come forward. A hint only.</summary>
public sealed class EffectiveDates
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change; take it before looking.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Changed() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

/// <summary>
/// Sleeps inside the Hangfire server until the next approved revision takes effect, and puts it into force: never early. Not woken by
/// ordinary commits, so that it costs one read a minute when idle; that minute is also the net under a lost hint or another node's approval.
/// </summary>
public sealed class RevisionProcess(IServiceScopeFactory scopes, EffectiveDates dates, TimeProvider time, ILogger<RevisionProcess> logger)
    : IBackgroundProcess
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>One round: enter what is due, then sleep. Hangfire calls it again and again.</summary>
    public void Execute(BackgroundProcessContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RoundAsync(context.StoppingToken).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
    }

    internal async Task RoundAsync(CancellationToken stopping)
    {
        var changed = dates.Next;
        TimeSpan sleep;
        try
        {
            var next = await EnterDueAsync(scopes, stopping);
            var left = next is { } at ? at - time.GetUtcNow() : LongestSleep;
            // Due, yet refused: asked again after a breath. Else a millisecond more, as timers may ring a little early.
            sleep = left <= TimeSpan.Zero ? AfterFailure : left < LongestSleep ? left + TimeSpan.FromMilliseconds(1) : LongestSleep;
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            logger.LogError("Revisions could not be put into force, trying again in {Seconds} s: {Failure}", AfterFailure.TotalSeconds,
                failure.GetType().Name);
            (changed, sleep) = (Task.Delay(Timeout.InfiniteTimeSpan, stopping), AfterFailure);
        }
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(changed, Task.Delay(sleep, time, done.Token));
        await done.CancelAsync();
    }

    /// <summary>Puts into force what is due; the instant of what comes next.</summary>
    public static async Task<DateTimeOffset?> EnterDueAsync(IServiceScopeFactory scopes, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var desk = scope.ServiceProvider.GetRequiredService<RevisionDesk>();
        var next = await desk.NextEffectiveAsync(cancellation);
        if (next is null || next > scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow())
            return next;
        await desk.EnterDueAsync(cancellation);
        return await desk.NextEffectiveAsync(cancellation);
    }
}

/// <summary>The net under <see cref="RevisionProcess"/>, every five minutes. Not repeated by Hangfire when it fails: the next one comes anyway.</summary>
[AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class RevisionSweepJob(IServiceScopeFactory scopes)
{
    public Task RunAsync(CancellationToken cancellation) => RevisionProcess.EnterDueAsync(scopes, cancellation);
}
