using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>One pause of a clock: who, when, why, how long.</summary>
/// <param name="From">UTC.</param>
/// <param name="By">Name of the supervisor who paused, with the capacity of then.</param>
/// <param name="Reason">In his words.</param>
/// <param name="Until">UTC; null: it stands still.</param>
/// <param name="ResumedBy">Likewise.</param>
/// <param name="ResumeReason">If one was given.</param>
/// <param name="WorkingMinutes">Working time within it, until now where it stands still.</param>
public sealed record PauseView(
    DateTimeOffset From, string By, string? Reason, DateTimeOffset? Until, string? ResumedBy, string? ResumeReason, double WorkingMinutes);

/// <summary>The pauses of clocks, read from their events.</summary>
public sealed class PauseLedger(PpidDbContext db, OfficeCalendar office)
{
    /// <summary>Pauses of one clock that reach into a stretch of time, in order. 5a and 5b share a clock: each shows its own.</summary>
    /// <param name="events">Of the clock.</param>
    /// <param name="from">When the work item was received.</param>
    /// <param name="to">When it was closed; now where it is open.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<PauseView>> ReadAsync(
        IEnumerable<ClockEvent> events, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var pauses = Pauses(events).Where(p => p.Paused.At <= to && (p.Resumed is null || p.Resumed.At >= from)).ToList();
        if (pauses.Count == 0)
            return [];
        var users = pauses.SelectMany(p => new[] { p.Paused.ActorUserName, p.Resumed?.ActorUserName }).OfType<string>().Distinct().ToList();
        var names = await db.Users.AsNoTracking().Where(o => users.Contains(o.UserName!))
            .ToDictionaryAsync(o => o.UserName!, o => o.DisplayName, cancellation);
        string? Name(ClockEvent? happening) =>
            happening?.ActorUserName is not { } user ? null : OfficerDirectory.Printed(names.GetValueOrDefault(user, user), happening.Capacity);
        return [.. pauses.Select(p => new PauseView(
            p.Paused.At, Name(p.Paused) ?? "", p.Paused.Reason, p.Resumed?.At, Name(p.Resumed), p.Resumed?.Reason,
            Math.Round(office.Current.Between(p.Paused.At, p.Resumed?.At ?? to).TotalMinutes, 2)))];
    }

    /// <summary>Working milliseconds of a stretch of time that lay within pauses.</summary>
    public long PausedMs(IEnumerable<ClockEvent> events, DateTimeOffset from, DateTimeOffset to) => (long)Pauses(events).Sum(p => office.Current.Between(
        p.Paused.At > from ? p.Paused.At : from, p.Resumed is { } resumed && resumed.At < to ? resumed.At : to).TotalMilliseconds);

    // By their ids, which ascend though the machine's clock be set back.
    private static IEnumerable<(ClockEvent Paused, ClockEvent? Resumed)> Pauses(IEnumerable<ClockEvent> events)
    {
        ClockEvent? open = null;
        foreach (var happening in events.Where(e => e.Kind is "paused" or "resumed").OrderBy(e => e.Id))
        {
            if (happening.Kind == "paused")
                open = happening;
            else if (open is not null)
            {
                yield return (open, happening);
                open = null;
            }
        }
        if (open is not null)
            yield return (open, null);
    }
}
