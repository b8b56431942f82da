using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Waktu sebenarnya: when an act was really done, where it is entered later than that (paper first, entry later; domain.md §4). The server's
/// own time stays beside it.
/// </summary>
/// <param name="At">UTC; null: now, as usual.</param>
/// <param name="Reason">Why it is entered later; wanted with a time, and only with one.</param>
public sealed record ActualTime(DateTimeOffset? At, string? Reason);

/// <summary>Whether an actual time can be true: after what came before in the same step, and not in the future.</summary>
public sealed class ActualTimes(PpidDbContext db, OfficeCalendar office)
{
    /// <summary>The instant that counts, cut to whole milliseconds, or every reason why it cannot be; null: the server's own.</summary>
    public async Task<(DateTimeOffset? At, IReadOnlyList<Problem> Problems)> CheckAsync(WorkItem item, ActualTime? actual, DateTimeOffset now, CancellationToken cancellation)
    {
        var (at, reason) = (actual?.At, actual?.Reason);
        if (at is not { } given)
        {
            return (null, string.IsNullOrWhiteSpace(reason) ? [] : [Problem.Invalid("actual-time-required", "actualAt")]);
        }
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(reason))
            problems.Add(Problem.Invalid("actual-reason-required", "actualReason"));
        else if (reason.Length > CompletionRules.LongestReason)
            problems.Add(Problem.Invalid("reason-too-long", "actualReason", CompletionRules.LongestReason));
        var instant = new DateTimeOffset(given.UtcTicks - given.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        var earliest = await EarliestAsync(item, cancellation);
        // Forms know whole minutes: the minute in which it was begun is no earlier than its beginning.
        if (instant < earliest && instant.UtcTicks % TimeSpan.TicksPerMinute == 0 && earliest - instant < TimeSpan.FromMinutes(1))
            instant = earliest;
        if (instant > now)
            problems.Add(Problem.Invalid("actual-time-in-future", "actualAt"));
        else if (instant < earliest)
            problems.Add(Problem.Invalid("actual-time-too-early", "actualAt", office.Time.DateAndTime(earliest, CultureInfo.CurrentUICulture)));
        return (problems.Count > 0 ? null : instant, problems);
    }

    // Handed over (on paper, where the step before was back-dated too), started, paused or resumed: nothing is done before what came before it.
    private async Task<DateTimeOffset> EarliestAsync(WorkItem item, CancellationToken cancellation)
    {
        var earliest = item.HandedOverAt ?? item.ReceivedAt;
        if ((item.ActualStartedAt ?? item.StartedAt) is { } started && started > earliest)
            earliest = started;
        var stopped = await db.ClockEvents.AsNoTracking().Where(e => e.ClockId == item.ClockId && (e.Kind == "paused" || e.Kind == "resumed"))
            .OrderByDescending(e => e.Id).Select(e => (DateTimeOffset?)e.At).FirstOrDefaultAsync(cancellation);
        return stopped > earliest ? stopped.Value : earliest;
    }
}
