using FsCheck.Xunit;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tests.TimeStandards;

[Properties(Arbitrary = [typeof(CalendarSamples)], MaxTest = 200, QuietOnSuccess = true)]
public class StandardClockTests
{
    private static readonly WorkingCalendar Kalteng = new(CalendarData.Kalteng());
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private static readonly EscalationRung[] DefaultLadder = [At(80), At(100), At(200)];

    [Fact]
    public void The_default_ladder_of_a_five_minute_step_climbs_over_the_closing_time()
    {
        var clock = Received("2026-11-23 15:55");

        Assert.Equal(Wib.At("2026-11-23 15:59"), clock.RungInstant(Kalteng, DefaultLadder[0]));
        Assert.Equal(Wib.At("2026-11-23 16:00"), clock.RungInstant(Kalteng, DefaultLadder[1]));
        Assert.Equal(Wib.At("2026-11-24 07:35"), clock.RungInstant(Kalteng, DefaultLadder[2]));
    }

    [Fact]
    public void Each_rung_counts_working_time_of_its_own()
    {
        var clock = Received("2026-11-23 15:57");

        Assert.Equal(
            [Wib.At("2026-11-24 07:31"), Wib.At("2026-11-24 07:32"), Wib.At("2026-11-24 07:37")],
            DefaultLadder.Select(rung => clock.RungInstant(Kalteng, rung)!.Value));
    }

    [Fact]
    public void A_rung_repeats_in_working_time_and_stops_at_its_maximum()
    {
        var rung = At(100) with { Every = FiveMinutes, Max = 3 };
        var clock = Received("2026-11-23 15:48");

        var fires = clock.DueRungs(Kalteng, [rung], Wib.At("2026-11-30 12:00"));

        Assert.Equal(
            [
                new RungFire(0, 1, Wib.At("2026-11-23 15:53")),
                new RungFire(0, 2, Wib.At("2026-11-23 15:58")),
                new RungFire(0, 3, Wib.At("2026-11-24 07:33"))
            ],
            fires);
    }

    [Fact]
    public void Due_firings_come_in_order_with_the_next_one_after_them()
    {
        EscalationRung[] ladder = [At(200), At(80) with { Every = TimeSpan.FromMinutes(1), Max = 10 }, After(5)];
        var clock = Received("2026-11-23 09:00");

        var fires = clock.DueRungs(Kalteng, ladder, Wib.At("2026-11-23 09:05"));

        Assert.Equal(
            [
                new RungFire(1, 1, Wib.At("2026-11-23 09:04")),
                new RungFire(1, 2, Wib.At("2026-11-23 09:05")),
                new RungFire(2, 1, Wib.At("2026-11-23 09:05")),
                new RungFire(1, 3, Wib.At("2026-11-23 09:06"))
            ],
            fires);
    }

    [Fact]
    public void Before_the_first_rung_only_the_next_one_is_named() =>
        Assert.Equal(
            new RungFire(0, 1, Wib.At("2026-11-24 07:32")),
            Assert.Single(Received("2026-11-23 15:58").DueRungs(Kalteng, DefaultLadder, Wib.At("2026-11-23 15:58"))));

    [Fact]
    public void An_exhausted_ladder_has_no_next_firing()
    {
        var now = Wib.At("2026-11-25 12:00");

        var fires = Received("2026-11-23 09:00").DueRungs(Kalteng, DefaultLadder, now).ToList();

        Assert.Equal(3, fires.Count);
        Assert.All(fires, fire => Assert.True(fire.FireAt <= now));
    }

    [Fact]
    public void A_paused_clock_consumes_nothing_and_fires_nothing()
    {
        var paused = Received("2026-11-23 09:00").Pause(Kalteng, Wib.At("2026-11-23 09:02"));

        var reading = paused.Read(Kalteng, Wib.At("2026-11-25 12:00"));

        Assert.Equal(new ClockReading(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3), TimeSpan.Zero, null), reading);
        Assert.False(reading.IsRunning);
        Assert.Null(paused.RungInstant(Kalteng, DefaultLadder[0]));
        Assert.Empty(paused.DueRungs(Kalteng, DefaultLadder, Wib.At("2026-11-25 12:00")));
    }

    [Fact]
    public void After_a_pause_due_and_rungs_move_by_what_was_left()
    {
        var clock = Received("2026-11-23 09:00")
            .Pause(Kalteng, Wib.At("2026-11-23 09:02"))
            .Resume(Wib.At("2026-11-23 15:58"));

        Assert.Equal(Wib.At("2026-11-24 07:31"), clock.DueAt(Kalteng));
        Assert.Equal(
            [Wib.At("2026-11-23 16:00"), Wib.At("2026-11-24 07:31"), Wib.At("2026-11-24 07:36")],
            DefaultLadder.Select(rung => clock.RungInstant(Kalteng, rung)!.Value));
    }

    [Theory]
    [InlineData("2026-11-23 15:50", 15, "2026-11-23 15:55 > 2026-11-24 07:30", "2026-11-24 07:40", "over a night, resumed at the opening: 10 min left")]
    [InlineData("2026-11-23 15:50", 15, "2026-11-23 15:55 > 2026-11-23 17:00", "2026-11-24 07:40", "resumed after hours: goes on at the opening")]
    [InlineData("2026-11-23 15:50", 15, "2026-11-23 15:58 > 2026-11-24 09:00", "2026-11-24 09:07", "over a night, resumed at nine: 7 min left")]
    [InlineData("2026-11-23 15:55", 15, "2026-11-23 18:00 > 2026-11-24 06:00", "2026-11-24 07:40", "paused and resumed while closed: nothing lost")]
    [InlineData("2026-11-23 15:58", 5, "2026-11-23 20:00 > 2026-11-23 21:00", "2026-11-24 07:33", "paused within one night: as if not")]
    [InlineData("2026-11-23 11:50", 15, "2026-11-23 11:55 > 2026-11-23 12:30", "2026-11-23 13:10", "over the beginning of lunch")]
    [InlineData("2026-11-27 11:25", 15, "2026-11-27 11:28 > 2026-11-27 12:59", "2026-11-27 13:12", "into the Friday gap: 3 min used, 12 left")]
    [InlineData("2026-11-27 16:20", 15, "2026-11-27 16:25 > 2026-11-30 10:00", "2026-11-30 10:10", "over a weekend")]
    [InlineData("2026-02-18 15:50", 15, "2026-02-18 15:55 > 2026-02-19 07:45", "2026-02-19 08:10", "paused on the last normal day, resumed before Ramadan's opening")]
    [InlineData("2026-08-14 16:20", 15, "2026-08-14 16:24 > 2026-08-17 09:00", "2026-08-18 07:41", "resumed on a public holiday: 11 min left")]
    [InlineData("2026-12-23 15:50", 45, "2026-12-23 15:59 > 2026-12-24 10:00", "2026-12-28 08:06", "resumed on a cuti bersama: 36 min left")]
    [InlineData("2026-11-23 09:00", 15, "2026-11-23 09:05 > 2026-11-23 09:20 > 2026-11-23 09:25 > 2026-11-23 15:58", "2026-11-24 07:33", "paused twice: 5 min left, 2 of them on Monday")]
    [InlineData("2026-11-23 15:50", 5, "2026-11-23 15:57 > 2026-11-24 08:00", "2026-11-24 08:00", "late before the pause: due where it was resumed")]
    public void A_pause_moves_what_was_left(string received, int minutes, string pauses, string due, string why)
    {
        var clock = new StandardClock(TimeSpan.FromMinutes(minutes)).Resume(Wib.At(received));
        foreach (var pair in pauses.Split(" > ").Chunk(2))
            clock = clock.Pause(Kalteng, Wib.At(pair[0])).Resume(Wib.At(pair[1]));

        Assert.True(Wib.At(due) == clock.DueAt(Kalteng), $"{why}: {clock.DueAt(Kalteng):u} (UTC)");
    }

    [Fact]
    public void What_passed_before_the_pause_is_never_set_before_the_resumption()
    {
        var resumed = Wib.At("2026-11-23 14:00");
        var clock = Received("2026-11-23 09:00").Pause(Kalteng, Wib.At("2026-11-23 09:07")).Resume(resumed);

        var reading = clock.Read(Kalteng, resumed);

        Assert.Equal(new ClockReading(TimeSpan.FromMinutes(7), TimeSpan.Zero, TimeSpan.FromMinutes(2), resumed), reading);
        Assert.Equal(
            [new RungFire(0, 1, resumed), new RungFire(1, 1, resumed), new RungFire(2, 1, Wib.At("2026-11-23 14:03"))],
            clock.DueRungs(Kalteng, DefaultLadder, resumed));
    }

    [Fact]
    public void What_passed_before_the_pause_and_is_resumed_at_night_waits_for_the_morning()
    {
        var clock = Received("2026-11-23 09:00").Pause(Kalteng, Wib.At("2026-11-23 09:07")).Resume(Wib.At("2026-11-23 21:00"));

        Assert.Equal(Wib.At("2026-11-24 07:30"), clock.RungInstant(Kalteng, At(80)));
        Assert.Equal(Wib.At("2026-11-23 21:00"), clock.RungInstant(Kalteng, At(80) with { AnyTime = true }));
    }

    [Theory]
    [InlineData("2026-11-23 15:50", -4, "2026-11-23 15:51", "one minute after the receipt")]
    [InlineData("2026-11-23 15:58", -1, "2026-11-24 07:32", "over the night")]
    [InlineData("2026-11-23 09:00", -20, "2026-11-23 09:00", "earlier than the receipt is at the receipt")]
    [InlineData("2026-11-23 15:50", 10, "2026-11-24 07:35", "ten working minutes after due")]
    [InlineData("2026-11-27 11:24", 5, "2026-11-27 13:04", "over the Friday break")]
    public void Minutes_before_and_after_the_due_instant_are_working_minutes(string received, int fromDue, string fires, string why) =>
        Assert.True(Wib.At(fires) == Received(received).RungInstant(Kalteng, FromDue(fromDue)), why);

    [Fact]
    public void A_rung_at_any_time_counts_plain_minutes_after_due_and_between_repetitions()
    {
        var clock = Received("2026-11-23 15:50");
        var rung = FromDue(90) with { AnyTime = true, Every = TimeSpan.FromHours(5), Max = 3 };

        Assert.Equal(
            [Wib.At("2026-11-23 17:25"), Wib.At("2026-11-23 22:25"), Wib.At("2026-11-24 03:25")],
            Enumerable.Range(1, 3).Select(i => clock.RungInstant(Kalteng, rung, i)!.Value));
        Assert.Equal(Wib.At("2026-11-23 15:51"), clock.RungInstant(Kalteng, FromDue(-4) with { AnyTime = true }));
    }

    [Fact]
    public void Done_at_due_is_on_time_and_a_tick_later_is_late()
    {
        var clock = Received("2026-11-23 15:58");
        var due = Wib.At("2026-11-24 07:33");

        Assert.Equal(due, clock.DueAt(Kalteng));
        Assert.False(clock.Read(Kalteng, due).IsOverdue);
        Assert.Equal(TimeSpan.FromTicks(1), clock.Read(Kalteng, due.AddTicks(1)).Lateness);
    }

    [Fact]
    public void A_night_adds_no_lateness()
    {
        var reading = Received("2026-11-23 15:50").Read(Kalteng, Wib.At("2026-11-24 07:32"));

        Assert.Equal(TimeSpan.FromMinutes(7), reading.Lateness);
        Assert.Equal(Wib.At("2026-11-23 15:55"), reading.DueAt);
    }

    [Fact]
    public void A_clock_that_has_not_begun_stands()
    {
        var clock = new StandardClock(FiveMinutes);

        Assert.Null(clock.DueAt(Kalteng));
        Assert.Equal(FiveMinutes, clock.Read(Kalteng, Wib.At("2026-11-23 09:00")).Remaining);
    }

    [Fact]
    public void Resuming_a_running_clock_changes_nothing()
    {
        var clock = Received("2026-11-23 09:00");

        Assert.Equal(clock, clock.Resume(Wib.At("2026-11-23 10:00")));
    }

    [Fact]
    public void A_holiday_entered_later_moves_due_from_the_same_values()
    {
        var data = CalendarData.Kalteng();
        var flood = new Holiday(new DateOnly(2026, 11, 24), "Banjir", HolidayKind.LocalClosing);

        var corrected = new WorkingCalendar(data with { Holidays = [.. data.Holidays, flood] });

        Assert.Equal(Wib.At("2026-11-25 07:33"), Received("2026-11-23 15:58").DueAt(corrected));
    }

    [Fact]
    public void A_percent_that_does_not_divide_is_rounded_to_later() =>
        Assert.Equal(TimeSpan.FromTicks(1), new StandardClock(TimeSpan.FromTicks(3)).RungTarget(At(1), 1));

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_repetition_the_rung_does_not_have_is_refused(int repetition) => Assert.Throws<ArgumentOutOfRangeException>(
        () => Received("2026-11-23 09:00").RungInstant(Kalteng, At(100) with { Every = FiveMinutes, Max = 3 }, repetition));

    [Fact]
    public void A_rung_without_interval_fires_once_whatever_its_maximum() =>
        Assert.Single(Received("2026-11-23 09:00").DueRungs(Kalteng, [At(100) with { Max = 3 }], Wib.At("2026-11-24 09:00")));

    [Fact]
    public void A_rung_with_both_or_neither_measure_is_refused()
    {
        var clock = Received("2026-11-23 09:00");

        Assert.Throws<ArgumentException>(() => clock.RungInstant(Kalteng, At(80) with { After = FiveMinutes }));
        Assert.Throws<ArgumentException>(() => clock.RungInstant(Kalteng, At(80) with { FromDue = FiveMinutes }));
        Assert.Throws<ArgumentException>(() => clock.RungInstant(Kalteng, At(80) with { Percent = null }));
    }

    [Property]
    public void Pausing_and_resuming_at_once_moves_nothing(CalendarSample sample, Moment from, Moment pause, Working budget)
    {
        var clock = new StandardClock(budget.Time).Resume(from.At);
        var due = clock.DueAt(sample.Calendar)!.Value;

        if (pause.At < from.At || pause.At >= due)
            return;
        Assert.Equal(due, clock.Pause(sample.Calendar, pause.At).Resume(pause.At).DueAt(sample.Calendar));
    }

    [Property]
    public void At_due_the_standard_is_consumed_to_the_tick(CalendarSample sample, Moment from, Working budget)
    {
        var clock = new StandardClock(budget.Time).Resume(from.At);

        var reading = clock.Read(sample.Calendar, clock.DueAt(sample.Calendar)!.Value);

        Assert.Equal((budget.Time, TimeSpan.Zero, TimeSpan.Zero), (reading.Consumed, reading.Remaining, reading.Lateness));
    }

    [Property]
    public void Firings_are_ordered_and_only_the_last_may_lie_ahead(CalendarSample sample, Moment from, Moment now, Working budget)
    {
        EscalationRung[] ladder = [.. DefaultLadder, After(3) with { Every = TimeSpan.FromMinutes(7), Max = 10 }, FromDue(2) with { Every = TimeSpan.FromMinutes(7), Max = 10, AnyTime = true }];

        var fires = new StandardClock(budget.Time).Resume(from.At).DueRungs(sample.Calendar, ladder, now.At).ToList();

        Assert.Equal(fires.OrderBy(fire => (fire.FireAt, fire.RungIndex, fire.Repetition)), fires);
        Assert.All(fires.SkipLast(1), fire => Assert.True(fire.FireAt <= now.At));
        Assert.Equal(fires.Count, fires.DistinctBy(fire => (fire.RungIndex, fire.Repetition)).Count());
        Assert.True(fires.Count == 23 || fires[^1].FireAt > now.At);
    }

    private static StandardClock Received(string at) => new StandardClock(FiveMinutes).Resume(Wib.At(at));

    private static EscalationRung At(int percent) => new() { Percent = percent, To = ["assignee"] };

    private static EscalationRung FromDue(int minutes) => new() { FromDue = TimeSpan.FromMinutes(minutes), To = ["assignee"] };

    private static EscalationRung After(int minutes) => new() { After = TimeSpan.FromMinutes(minutes), To = ["supervisor"] };
}
