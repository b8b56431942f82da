using FsCheck.Xunit;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

[Properties(Arbitrary = [typeof(CalendarSamples)], MaxTest = 300, QuietOnSuccess = true)]
public class WorkingCalendarLawTests
{
    private static readonly TimeSpan Tick = new(1);

    [Property]
    public void Who_receives_later_is_never_due_earlier(CalendarSample sample, Moment a, Moment b, Working work)
    {
        var (first, second) = a.At <= b.At ? (a.At, b.At) : (b.At, a.At);

        Assert.True(sample.Calendar.Add(first, work.Time) <= sample.Calendar.Add(second, work.Time));
    }

    [Property]
    public void More_work_is_never_due_earlier(CalendarSample sample, Moment from, Working a, Working b) =>
        Assert.Equal(a.Time.CompareTo(b.Time), sample.Calendar.Add(from.At, a.Time).CompareTo(sample.Calendar.Add(from.At, b.Time)));

    [Property]
    public void Adding_in_two_parts_is_adding_at_once(CalendarSample sample, Moment from, Working a, Working b) =>
        Assert.Equal(sample.Calendar.Add(from.At, a.Time + b.Time), sample.Calendar.Add(sample.Calendar.Add(from.At, a.Time), b.Time));

    [Property]
    public void Between_gives_back_what_was_added(CalendarSample sample, Moment from, Working work) =>
        Assert.Equal(work.Time, sample.Calendar.Between(from.At, sample.Calendar.Add(from.At, work.Time)));

    [Property]
    public void One_tick_before_the_answer_the_time_has_not_elapsed(CalendarSample sample, Moment from, Working work)
    {
        var due = sample.Calendar.Add(from.At, work.Time);

        if (work.Time > TimeSpan.Zero)
            Assert.Equal(work.Time - Tick, sample.Calendar.Between(from.At, due - Tick));
        else
            Assert.Equal(from.At, due);
    }

    [Property]
    public void An_answer_lies_in_open_time_or_at_a_closing(CalendarSample sample, Moment from, Working work)
    {
        if (work.Time > TimeSpan.Zero)
            Assert.True(sample.Calendar.IsOpen(sample.Calendar.Add(from.At, work.Time) - Tick));
    }

    [Property]
    public void Between_adds_up_over_an_instant_in_the_middle(CalendarSample sample, Moment a, Moment b, Moment c)
    {
        var moments = new[] { a.At, b.At, c.At }.Order().ToArray();

        Assert.Equal(
            sample.Calendar.Between(moments[0], moments[2]),
            sample.Calendar.Between(moments[0], moments[1]) + sample.Calendar.Between(moments[1], moments[2]));
    }

    [Property]
    public void Between_is_zero_backwards_and_never_more_than_the_time_that_passed(CalendarSample sample, Moment a, Moment b)
    {
        var (first, second) = a.At <= b.At ? (a.At, b.At) : (b.At, a.At);

        Assert.InRange(sample.Calendar.Between(first, second), TimeSpan.Zero, second - first);
        Assert.Equal(TimeSpan.Zero, sample.Calendar.Between(second, first));
    }

    [Property]
    public void The_clock_runs_exactly_while_the_office_is_open(CalendarSample sample, Moment moment) =>
        Assert.Equal(sample.Calendar.IsOpen(moment.At) ? Tick : TimeSpan.Zero, sample.Calendar.Between(moment.At, moment.At + Tick));

    [Property]
    public void The_next_opening_is_open_and_no_working_time_away(CalendarSample sample, Moment moment)
    {
        var opening = sample.Calendar.NextOpening(moment.At);

        Assert.True(sample.Calendar.IsOpen(opening));
        Assert.True(opening >= moment.At);
        Assert.Equal(TimeSpan.Zero, sample.Calendar.Between(moment.At, opening));
        Assert.Equal(sample.Calendar.IsOpen(moment.At), opening == moment.At);
    }

    [Property]
    public void Closed_spans_and_working_time_fill_the_whole_time_without_overlap(CalendarSample sample, Moment a, Moment b)
    {
        var (first, second) = a.At <= b.At ? (a.At, b.At) : (b.At, a.At);

        var spans = sample.Calendar.Explain(first, second);

        Assert.Equal(second - first, sample.Calendar.Between(first, second) + new TimeSpan(spans.Sum(span => (span.To - span.From).Ticks)));
        Assert.All(spans, span => Assert.Equal(TimeSpan.Zero, sample.Calendar.Between(span.From, span.To)));
        var neighbours = spans.Zip(spans.Skip(1)).ToList();
        Assert.All(neighbours, pair => Assert.True(pair.First.To <= pair.Second.From));
        Assert.DoesNotContain(neighbours, pair => pair.First.To == pair.Second.From && pair.First.Reason == pair.Second.Reason);
    }

    [Property(MaxTest = 150)]
    public void Counting_minute_by_minute_gives_the_same_due_instant(SteadySample steady, Moment from, Working work)
    {
        var received = WholeMinutes(from.At);
        var minutes = (int)(work.Time.TotalMinutes % 600);

        var due = steady.Sample.Calendar.Add(received, TimeSpan.FromMinutes(minutes));

        Assert.Equal(new MinuteCounter(steady).Add(received, minutes), due);
    }

    [Property(MaxTest = 150)]
    public void Counting_minute_by_minute_gives_the_same_working_time(SteadySample steady, Moment from, Working elapsed)
    {
        var start = WholeMinutes(from.At);
        var end = start + TimeSpan.FromMinutes((int)elapsed.Time.TotalMinutes);

        Assert.Equal(TimeSpan.FromMinutes(new MinuteCounter(steady).Between(start, end)), steady.Sample.Calendar.Between(start, end));
    }

    private static DateTimeOffset WholeMinutes(DateTimeOffset instant) => instant.AddTicks(-(instant.UtcTicks % TimeSpan.TicksPerMinute));

    /// <summary>Independent of the code under test: walks through time and looks each minute up in the raw data.</summary>
    private sealed class MinuteCounter(SteadySample steady)
    {
        private readonly CalendarData _data = steady.Sample.Data;
        private readonly HashSet<DateOnly> _closed = [.. steady.Sample.Data.Holidays.Select(holiday => holiday.Date)];

        public DateTimeOffset Add(DateTimeOffset from, int minutes)
        {
            var now = from;
            for (var counted = 0; counted < minutes; now = now.AddMinutes(1))
            {
                if (IsOpen(now))
                    counted++;
            }
            return now;
        }

        public int Between(DateTimeOffset from, DateTimeOffset to)
        {
            var counted = 0;
            for (var now = from; now < to; now = now.AddMinutes(1))
                counted += IsOpen(now) ? 1 : 0;
            return counted;
        }

        private bool IsOpen(DateTimeOffset minute)
        {
            var local = minute.UtcDateTime + steady.Offset;
            var day = DateOnly.FromDateTime(local);
            if (_closed.Contains(day))
                return false;

            WorkingRegime? inForce = null;
            foreach (var regime in _data.Regimes)
            {
                var begun = regime.From is null || day >= regime.From;
                var over = regime.Until is not null && day > regime.Until;
                if (begun && !over && (inForce is null || GoesBefore(regime, inForce)))
                    inForce = regime;
            }
            foreach (var window in inForce?.Windows.GetValueOrDefault(day.DayOfWeek) ?? [])
            {
                if (local.TimeOfDay >= window.Opens && local.TimeOfDay < window.Closes)
                    return true;
            }
            return false;
        }

        private static bool GoesBefore(WorkingRegime a, WorkingRegime b)
        {
            if (a.Until.HasValue != b.Until.HasValue)
                return a.Until.HasValue;
            return b.From is null || a.From > b.From;
        }
    }
}
