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
/// own commits do not wake it. One read a round, one round a minute when idle.
/// </remarks>
public sealed class OutboxProcess(IServiceScopeFactory scopes, WakeUps wakeUps, ServicePulse pulse, TimeProvider time, ILogger<OutboxProcess> logger)
    : IBackgroundProcess
{
    internal static readonly TimeSpan IdleWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitInCompany = TimeSpan.FromSeconds(5);

    private int _failures;

    /// <summary>One round; Hangfire calls it again and again, on a thread of its own.</summary>
    public void Execute(BackgroundProcessContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RoundAsync(context.StoppingToken).GetAwaiter().GetResult();
    }

    /// <exception cref="OperationCanceledException">The node stops.</exception>
    internal async Task RoundAsync(CancellationToken stopping)
    {
        Task? woken = wakeUps.Next;
        TimeSpan wait;
        try
        {
            wait = await LookAsync(stopping);
            _failures = 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // The outbox keeps what is owed, so going on loses nothing; a store or a bug that fails at once must not be hammered.
            wait = TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(_failures++, 6)));
            logger.LogError(failure, "The outbox could not be swept; next try in {Seconds} s", wait.TotalSeconds);
            woken = null;
        }
        if (wait <= TimeSpan.Zero)
            return;
        using var round = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var alarm = Task.Delay(wait, time, round.Token);
        await Task.WhenAny(woken ?? alarm, alarm);
        await round.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private TimeSpan LongestWait => pulse.Rank is null ? IdleWait : WaitInCompany;

    /// <returns>How long to sleep; zero: look again at once, a sweep has changed the picture.</returns>
    private async Task<TimeSpan> LookAsync(CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sweep = scope.ServiceProvider.GetRequiredService<OutboxSweep>();
        var now = time.Now();
        if (await sweep.NextDueAsync(stopping) is not { } due)
            return LongestWait;
        if (due > now)
            return due - now < LongestWait ? due - now : LongestWait;
        var report = await sweep.RunAsync(stopping);
        // Due, yet nothing done: another sweep has it, or the server is away and all was put off. Looking again at once could spin.
        return report.Handled > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1);
    }
}
