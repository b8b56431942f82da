using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Alerts that a mail server held up until after hours wait for the office to open, as late alarms do (issue 4: never at midnight unless the
/// rung says so). Any other mail goes when it can.
/// </summary>
public sealed class NightRest(PpidDbContext db, WriteGate gate, OfficeCalendar office)
{
    /// <summary>What a row says that waits for the morning.</summary>
    public const string Waits = "After hours: waits for the office to open.";

    /// <summary>An alert due at the closing instant leaves a moment after it, and still goes out that day.</summary>
    private static readonly TimeSpan SentAtOnce = TimeSpan.FromMinutes(5);

    /// <summary>An alarm that fired so late disturbs nobody before the office opens.</summary>
    public static bool IsLate(DateTimeOffset firedAt, DateTimeOffset dueAt) => firedAt - dueAt > SentAtOnce;

    /// <summary>Puts off those of these mails that disturb; true: there were some.</summary>
    /// <param name="due">Mails that a sweep is about to send.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellation">Counts until the update.</param>
    public async Task<bool> PutOffAsync(IReadOnlyList<OutboxMessage> due, DateTimeOffset now, CancellationToken cancellation)
    {
        // By the reminder of a supervisor or a new task somebody is told of what he is to do; an alert only presses.
        var late = due.Where(m => m is { FireRecordId: not null, Template: not "task" } && now - m.CreatedAt > SentAtOnce).ToList();
        if (late.Count == 0 || office.Current.IsOpen(now))
            return false;
        var fires = late.Select(m => m.FireRecordId!.Value).Distinct().ToList();
        var rungs = await (
            from fire in db.FireRecords.AsNoTracking()
            join clock in db.StepClocks.AsNoTracking() on fire.ClockId equals clock.Id
            where fires.Contains(fire.Id)
            select new { fire.Id, fire.Rung, Clock = clock }).ToListAsync(cancellation);
        var anyTime = rungs.Where(r => ClockKeeper.LadderOf(r.Clock)[r.Rung].AnyTime).Select(r => r.Id).ToHashSet();
        var ids = late.Where(m => !anyTime.Contains(m.FireRecordId!.Value)).Select(m => m.Id).ToList();
        if (ids.Count == 0)
            return false;
        var opening = office.Current.NextOpening(now);
        using var turn = await gate.EnterAsync(cancellation);
        await db.Outbox.Where(m => ids.Contains(m.Id) && m.State == OutboxState.Pending && (m.LeasedUntil == null || m.LeasedUntil <= now))
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.NextAttemptAt, opening).SetProperty(x => x.LastError, Waits), cancellation);
        return true;
    }
}
