using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Sends mails right after the commit that owes them: sleeps in the Hangfire server until <see cref="WakeUps"/> says that something was
/// committed, the next attempt is due, or a minute has passed, beside other nodes a few seconds (one of them may have committed and died). Then
/// looks, and sweeps if anything is due.
/// </summary>
/// <remarks>
/// The signal is taken before the look, so that none is lost between looking and sleeping; and afresh after each sweep, so that the sweep's
/// own commits do not wake it. One read a round, one round a minute when idle. The first mail after a rest leaves at once; while mails keep coming, what
/// a tenth of a second owes is claimed together, as each claim costs the steps beside it a commit.
/// </remarks>
public sealed class OutboxProcess(IServiceScopeFactory scopes, WakeUps wakeUps, ServicePulse pulse, TimeProvider time, ILogger<OutboxProcess> logger)
    : IBackgroundProcess
{
    internal static readonly TimeSpan IdleWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitInCompany = TimeSpan.FromSeconds(5);

    /// <summary>Between the end of a sweep and the next one.</summary>
    internal static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private int _failures;
    private long? _swept;

    /// <summary>One round; Hangfire calls it again and again, on a thread of its own.</summary>
    public void Execute(BackgroundProcessContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RoundAsync(context.StoppingToken).GetAwaiter().GetResult();
    }

    /// <exception cref="OperationCanceledException">The node stops.</exception>
    internal async Task RoundAsync(CancellationToken stopping)
    {
        var woken = wakeUps.Next;
        Rest rest;
        try
        {
            rest = await LookAsync(stopping);
            _failures = 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // The outbox keeps what is owed, so going on loses nothing; a store or a bug that fails at once must not be hammered.
            rest = new Rest(TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(_failures++, 6))), IsUndisturbed: true);
            logger.LogError(failure, "The outbox could not be swept; next try in {Seconds} s", rest.Length.TotalSeconds);
        }
        if (rest.Length <= TimeSpan.Zero)
            return;
        using var round = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var alarm = Task.Delay(rest.Length, time, round.Token);
        await Task.WhenAny(rest.IsUndisturbed ? alarm : woken, alarm);
        await round.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private TimeSpan LongestWait => pulse.Rank is null ? IdleWait : WaitInCompany;

    /// <returns>How long to sleep; zero: look again at once, a sweep has changed the picture.</returns>
    private async Task<Rest> LookAsync(CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sweep = scope.ServiceProvider.GetRequiredService<OutboxSweep>();
        var now = time.Now();
        if (await sweep.NextDueAsync(stopping) is not { } due)
            return new Rest(LongestWait);
        if (due > now)
            return new Rest(due - now < LongestWait ? due - now : LongestWait);
        if (_swept is { } swept && Gathering - time.GetElapsedTime(swept) is { Ticks: > 0 } left)
            return new Rest(left, IsUndisturbed: true);
        var report = await sweep.RunAsync(stopping);
        _swept = time.GetTimestamp();
        // Due, yet nothing done: another sweep has it, or the server is away and all was put off. Looking again at once could spin.
        return new Rest(report.Handled > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
    }

    /// <param name="Length">How long.</param>
    /// <param name="IsUndisturbed">No commit shortens it.</param>
    private readonly record struct Rest(TimeSpan Length, bool IsUndisturbed = false);
}
