using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What was completed in the last seven days, as the board sums it up. Times are working minutes.</summary>
/// <param name="Completed">Steps.</param>
/// <param name="Late">Of them, later than their standard after pauses and what outages gave back.</param>
/// <param name="LateMinutes">How much later, together; a row's two acts share one clock and count once.</param>
/// <param name="CreditedMinutes">What outages gave back.</param>
/// <param name="PausedMinutes">What pauses took out.</param>
/// <param name="Causes">Of the late steps: code (<see cref="DelayCauses.All"/>; null: not given) and count, the most frequent first.</param>
public sealed record BoardWeek(
    int Completed, int Late, double LateMinutes, double CreditedMinutes, double PausedMinutes, IReadOnlyList<(string? Cause, int Count)> Causes)
{
    /// <summary>Share on time, whole per cent, rounded down: 100 means all of them. Null: nothing was completed.</summary>
    public int? OnTimePercent => Completed == 0 ? null : (Completed - Late) * 100 / Completed;
}

/// <summary>Sums up the last seven days for the board, of the cases that the reader may see.</summary>
public sealed class BoardWeekReader(PpidDbContext db, TimeProvider time)
{
    private static readonly TimeSpan Span = TimeSpan.FromDays(7);

    /// <summary>One statement, however much was done.</summary>
    public async Task<BoardWeek> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        var since = time.Now() - Span;
        var done = db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Completed && w.ClosedAt >= since);
        if (!BoardReader.SeesAll(actor))
            done = done.Where(w => db.Cases.VisibleTo(db, actor).Any(c => c.Id == w.CaseId));
        // Joined by name: through the navigation each sum would be a question of its own, for each group.
        var groups = await done.Join(db.StepClocks, w => w.ClockId, k => k.Id, (w, k) => new
        {
            w.DelayCause,
            HasReason = w.DelayReason != null,
            Late = w.ConsumedMs > k.BudgetMs ? 1 : 0,
            LateMs = w.ConsumedMs > k.BudgetMs && w.StepPart != "a" ? w.ConsumedMs.Value - k.BudgetMs : 0,
            CreditedMs = w.StepPart != "a" ? k.CreditedMs : 0,
            PausedMs = w.PausedMs ?? 0
        })
            .GroupBy(w => new { w.DelayCause, w.HasReason })
            .Select(g => new
            {
                g.Key.DelayCause,
                g.Key.HasReason,
                Completed = g.Count(),
                Late = g.Sum(w => w.Late),
                LateMs = g.Sum(w => w.LateMs),
                CreditedMs = g.Sum(w => w.CreditedMs),
                PausedMs = g.Sum(w => w.PausedMs)
            }).ToListAsync(cancellation);
        return new BoardWeek(
            groups.Sum(g => g.Completed), groups.Sum(g => g.Late), Minutes(groups.Sum(g => g.LateMs)), Minutes(groups.Sum(g => g.CreditedMs)),
            Minutes(groups.Sum(g => g.PausedMs)),
            [.. groups.Where(g => g.Late > 0).GroupBy(g => g.DelayCause ?? (g.HasReason ? DelayCauses.Other : null))
                .Select(g => (g.Key, g.Sum(x => x.Late))).OrderByDescending(g => g.Item2).ThenBy(g => g.Key, StringComparer.Ordinal)]);
    }

    private static double Minutes(long ms) => Math.Round(ms / 60_000.0, 2);
}
