using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// A pause that nobody ends: whoever paused and the performer's supervisor are reminded by mail after one working day, and again after every
/// five more, within working hours, until the clock runs on. A paused clock fires no rung, so nothing else would tell of it.
/// </summary>
public sealed class PauseReminder(
    PpidDbContext db, Committer committer, ClockKeeper clocks, OfficeCalendar office, EscalationAddressees addressees, OfficerDirectory directory,
    StepMail mail, AuditTrail audit, TimeProvider time)
{
    /// <summary>Working days until the first reminder, and between the later ones.</summary>
    private const int FirstAfter = 1, ThenEvery = 5;

    private static readonly EscalationRung Supervisor = new() { Percent = 100, To = ["supervisor"] };

    /// <summary>How many clocks were told of.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellation)
    {
        var now = time.Now();
        if (!office.Current.IsOpen(now))
            return 0;
        var paused = await db.StepClocks.AsNoTracking().Where(c => c.State == ClockState.Paused && c.PausedAt < now)
            .Select(c => new { c.Id, c.PausedAt, c.PauseReminders }).ToListAsync(cancellation);
        var told = 0;
        foreach (var clock in paused.Where(c => NextAt(c.PausedAt!.Value, c.PauseReminders) <= now))
        {
            var done = await committer.RunAsync<bool>(() => RemindAsync(clock.Id, clock.PauseReminders, now, cancellation), cancellation);
            told += done.Succeeded ? 1 : 0;
        }
        return told;
    }

    /// <summary>When a pause is told of next.</summary>
    /// <param name="pausedAt">UTC.</param>
    /// <param name="told">How often it was.</param>
    internal DateTimeOffset NextAt(DateTimeOffset pausedAt, int told)
    {
        var at = pausedAt;
        for (var day = 0; day < FirstAfter + told * ThenEvery && at < StandardClock.Last; day++)
            at = office.Current.TryAdd(at, DayOf(at)) is { } next && next < StandardClock.Last ? next : StandardClock.Last;
        return at;
    }

    // The work of the day on which the clock would run: seven and a half hours, less in Ramadan.
    private TimeSpan DayOf(DateTimeOffset at) => office.Current.WindowsOf(office.Time.Today(office.Current.NextOpening(at)))
        .Aggregate(TimeSpan.Zero, (sum, window) => sum + (window.Closes - window.Opens));

    private async Task<Result<bool>> RemindAsync(Guid clockId, int told, DateTimeOffset now, CancellationToken cancellation)
    {
        var item = await db.WorkItems.Include(w => w.Case).Include(w => w.Clock)
            .FirstOrDefaultAsync(w => w.ClockId == clockId && w.Closure == WorkItemClosure.Open, cancellation);
        if (item?.Clock is not { State: ClockState.Paused } clock || clock.PauseReminders != told)
            return Problem.Conflict("stale-revision");
        var recipients = (await addressees.ResolveAsync(Supervisor, item, now, cancellation)).Select(r => r.Mail).ToList();
        var by = await db.ClockEvents.AsNoTracking().Where(e => e.ClockId == clockId && e.Kind == "paused").OrderByDescending(e => e.Id)
            .Select(e => new { User = e.ActorUserName, e.Capacity }).FirstOrDefaultAsync(cancellation);
        var pauser = by?.User is null ? null : await directory.FindAsync(by.User, cancellation);
        if (pauser is not null && recipients.TrueForAll(r => r.Address != pauser.Email))
            recipients.Add(StepMail.Addressee(pauser));
        foreach (var recipient in recipients)
            mail.StillPaused(item.Case!, item, StepDesk.TaskOf(item), clock.PausedAt!.Value, OfficerDirectory.Printed(pauser?.DisplayName ?? by?.User ?? "", by?.Capacity), recipient);
        clocks.PauseReminded(clock, now);
        audit.Add(AuditTrail.ChainOf(clock.CaseId), "system", "pause-reminded", new JsonObject
        {
            ["taskId"] = item.Id,
            ["step"] = item.StepLabel,
            ["addressees"] = recipients.Count
        });
        return true;
    }
}
