using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>Due instants of a clock before and after the hours were changed, UTC; null: it stands or waits.</summary>
public sealed record MovedClock(Guid ClockId, DateTimeOffset? Before, DateTimeOffset? After);

/// <summary>What a change of the hours has moved.</summary>
/// <param name="Moved">How many clocks have another due instant, beginning of the risk or next rung.</param>
/// <param name="Due">How many of them are due at another instant, credits included.</param>
/// <param name="Named">The first of those by their ids.</param>
public sealed record RederivedClocks(int Moved, int Due, IReadOnlyList<MovedClock> Named);

/// <summary>
/// A change of the hours, as the open steps feel it: their instants are derived anew, what outages gave back is worth what it is by the hours of
/// now, alerts wait for the new opening. Few clocks at a time, however many are open, and all in the commit in hand: no alarm sees one half by the
/// old hours and the other by the new ones.
/// </summary>
public sealed class Rederivation(PpidDbContext db, ClockKeeper clocks, OutageCredits credits, Outbox outbox)
{
    /// <summary>So many rows are in memory at a time.</summary>
    internal const int Page = 500;

    /// <param name="before">The hours until now; null: not known any more.</param>
    /// <param name="calendar">In use from this commit on.</param>
    /// <param name="reason">Kept with each date that moves.</param>
    /// <param name="actor">Who changed the hours; null: the service.</param>
    /// <param name="now">The instant of the change, UTC.</param>
    /// <param name="named">How many of the moved clocks are named.</param>
    /// <param name="written">Writes what a page has changed within the commit in hand, and forgets it.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public async Task<RederivedClocks> RunAsync(
        WorkingCalendar? before, WorkingCalendar calendar, string reason, string? actor, DateTimeOffset now, int named,
        Func<CancellationToken, Task> written, CancellationToken cancellation)
    {
        var hasOutages = await db.Outages.AnyAsync(cancellation);
        var (moved, due, first) = (0, 0, new List<MovedClock>());
        for (var after = Guid.Empty; ;)
        {
            var open = await db.StepClocks.Where(c => c.State != ClockState.Closed && c.Id > after).OrderBy(c => c.Id).Take(Page).ToListAsync(cancellation);
            if (open.Count == 0)
                break;
            var page = await clocks.RederiveAsync(open, calendar, reason, actor, now, cancellation);
            if (hasOutages)
            {
                if (before is not null)
                    await credits.KeepWorthlessAsync(open, before, calendar, reason, actor, now, cancellation);
                await credits.RevalueAsync(open, calendar, reason, actor, now, cancellation);
            }
            var elsewhere = page.Where(m => m.Before != m.Clock.DueAt).Select(m => new MovedClock(m.Clock.Id, m.Before, m.Clock.DueAt)).ToList();
            first.AddRange(elsewhere.Take(named - first.Count));
            (moved, due, after) = (moved + page.Count, due + elsewhere.Count, open[^1].Id);
            await written(cancellation);
        }
        if (hasOutages && before is not null)
            await KeepOfClosedAsync(before, calendar, reason, actor, now, written, cancellation);
        await outbox.FollowAsync(calendar, now, written, cancellation);
        return new RederivedClocks(moved, due, first);
    }

    // Closed ones that may run on: the last completion of a case may be taken back.
    private async Task KeepOfClosedAsync(
        WorkingCalendar before, WorkingCalendar calendar, string reason, string? actor, DateTimeOffset now, Func<CancellationToken, Task> written,
        CancellationToken cancellation)
    {
        // By the running cases, and ids alone: closed clocks are those of all the years.
        var some = await (
            from record in db.Cases
            join instance in db.Instances on record.InstanceId equals instance.Id
            join item in db.WorkItems on instance.StateBeforeWorkItemId equals item.Id
            join clock in db.StepClocks on item.ClockId equals clock.Id
            where record.State == CaseState.Running && clock.State == ClockState.Closed
            orderby clock.Id
            select clock.Id).ToListAsync(cancellation);
        foreach (var ids in some.Chunk(Page))
        {
            var closed = await db.StepClocks.Where(c => ids.Contains(c.Id)).OrderBy(c => c.Id).ToListAsync(cancellation);
            await credits.KeepWorthlessAsync(closed, before, calendar, reason, actor, now, cancellation);
            await written(cancellation);
        }
    }
}
