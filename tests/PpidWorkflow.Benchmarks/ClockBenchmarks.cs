using BenchmarkDotNet.Attributes;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Benchmarks;

/// <summary>
/// Working time and the clock of a step, over the delivered calendar. Floor: a loop over days and their windows, as one would write it first
/// for a week without holidays, regimes and zones.
/// </summary>
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
public class ClockBenchmarks
{
    private static readonly DateTimeOffset From = new(2026, 11, 23, 1, 17, 0, TimeSpan.Zero);
    private static readonly (TimeSpan Opens, TimeSpan Closes)[] Day = [(new(7, 0, 0), new(12, 0, 0)), (new(12, 45, 0), new(15, 30, 0))];
    private static readonly DateTimeOffset Now = From.AddMinutes(20);

    private readonly WorkingCalendar _calendar = new(CalendarData.Kalteng());
    private readonly StandardClock _clock = new(TimeSpan.FromMinutes(15), TimeSpan.Zero, From);

    [Benchmark, BenchmarkCategory("add-15-minutes")]
    public DateTimeOffset Minutes() => _calendar.Add(From, TimeSpan.FromMinutes(15));

    [Benchmark(Baseline = true), BenchmarkCategory("add-15-minutes")]
    public DateTimeOffset MinutesFloor() => AddByDays(From, TimeSpan.FromMinutes(15));

    [Benchmark, BenchmarkCategory("add-5-days")]
    public DateTimeOffset Days() => _calendar.Add(From, TimeSpan.FromHours(37.5));

    [Benchmark(Baseline = true), BenchmarkCategory("add-5-days")]
    public DateTimeOffset DaysFloor() => AddByDays(From, TimeSpan.FromHours(37.5));

    [Benchmark, BenchmarkCategory("add-2-years")]
    public DateTimeOffset Years() => _calendar.Add(From, TimeSpan.FromHours(3_900));

    [Benchmark(Baseline = true), BenchmarkCategory("add-2-years")]
    public DateTimeOffset YearsFloor() => AddByDays(From, TimeSpan.FromHours(3_900));

    /// <summary>Due instant, first warning and next rung of the delivered ladder.</summary>
    [Benchmark, BenchmarkCategory("derive-a-clock")]
    public DateTimeOffset? Derive()
    {
        DateTimeOffset? next = null;
        foreach (var fire in _clock.DueRungs(_calendar, EscalationLadder.Default, Now))
            next = fire.FireAt;
        return _clock.DueAt(_calendar) > next ? next : _clock.RungInstant(_calendar, EscalationLadder.Default[0]);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("derive-a-clock")]
    public DateTimeOffset DeriveFloor()
    {
        var risk = AddByDays(From, TimeSpan.FromMinutes(12));
        var due = AddByDays(From, TimeSpan.FromMinutes(15));
        var last = AddByDays(From, TimeSpan.FromMinutes(30));
        return risk > Now ? risk : due > Now ? due : last;
    }

    private static DateTimeOffset AddByDays(DateTimeOffset from, TimeSpan working)
    {
        var local = from.UtcDateTime.AddHours(7);
        for (var day = local.Date; ; day = day.AddDays(1))
        {
            if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                continue;
            foreach (var (opens, closes) in Day)
            {
                var start = day + opens > local ? day + opens : local;
                var left = day + closes - start;
                if (left <= TimeSpan.Zero)
                    continue;
                if (working <= left)
                    return new DateTimeOffset((start + working).Ticks, TimeSpan.FromHours(7)).ToUniversalTime();
                working -= left;
            }
        }
    }
}
