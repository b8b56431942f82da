using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>What a clock shows at one instant. All durations are working time.</summary>
/// <param name="Remaining">Zero once the standard is used up.</param>
/// <param name="Lateness">Working time beyond the standard; done at the due instant is on time.</param>
/// <param name="DueAt">UTC; null while the clock stands.</param>
public sealed record ClockReading(TimeSpan Consumed, TimeSpan Remaining, TimeSpan Lateness, DateTimeOffset? DueAt)
{
    public bool IsRunning => DueAt is not null;

    public bool IsOverdue => Lateness > TimeSpan.Zero;
}

/// <summary>One firing of a rung: the key that makes it unique (with the clock), and when it is to happen (UTC).</summary>
/// <param name="RungIndex">Position in the ladder, from 0.</param>
/// <param name="Repetition">From 1 to the rung's <see cref="EscalationRung.Max"/>.</param>
public readonly record struct RungFire(int RungIndex, int Repetition, DateTimeOffset FireAt);

/// <summary>
/// The clock of one visit of a step (design.md §2.5): pure values, no time of its own. It keeps only what cannot be derived, so a
/// corrected calendar re-derives due and fire instants from the same values.
/// </summary>
/// <param name="Budget">The standard (waktu, mutu baku) as working time.</param>
/// <param name="Consumed">Working time used before <paramref name="RunningSince"/>.</param>
/// <param name="RunningSince">Null while paused, or not yet begun where the standard is measured from the start.</param>
public sealed record StandardClock(TimeSpan Budget, TimeSpan Consumed = default, DateTimeOffset? RunningSince = null)
{
    /// <summary>
    /// The last instant that a clock names. What would come later comes here instead: an office that opens for minutes a year has no room for
    /// a long standard, and neither a new case nor a correction of the calendar may fail for it. A day before the end of time, so that every
    /// zone can write it.
    /// </summary>
    public static readonly DateTimeOffset Last = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Runs on from <paramref name="at"/>; a clock that runs already is left alone.</summary>
    public StandardClock Resume(DateTimeOffset at) => RunningSince is null ? this with { RunningSince = at.ToUniversalTime() } : this;

    /// <summary>Stops, and keeps what was consumed by the hours of <paramref name="calendar"/>.</summary>
    public StandardClock Pause(WorkingCalendar calendar, DateTimeOffset at) =>
        this with { Consumed = ConsumedAt(calendar, at), RunningSince = null };

    public TimeSpan ConsumedAt(WorkingCalendar calendar, DateTimeOffset instant)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        return RunningSince is { } since ? Consumed + calendar.Between(since, instant) : Consumed;
    }

    /// <summary>
    /// The earliest instant at which consumed = budget. Null while the clock stands. A clock that was resumed after its standard had passed
    /// is due where it was resumed.
    /// </summary>
    public DateTimeOffset? DueAt(WorkingCalendar calendar) => InstantOf(calendar, Budget);

    public ClockReading Read(WorkingCalendar calendar, DateTimeOffset instant)
    {
        var consumed = ConsumedAt(calendar, instant);
        var left = Budget - consumed;
        return left >= TimeSpan.Zero
            ? new ClockReading(consumed, left, TimeSpan.Zero, DueAt(calendar))
            : new ClockReading(consumed, TimeSpan.Zero, -left, DueAt(calendar));
    }

    /// <summary>
    /// Working time of the visit at which a rung fires: percents in ticks, rounded up because an alarm is never early. Of a rung that counts
    /// plain time (<see cref="EscalationRung.AnyTime"/>) nominally, as if the office never closed.
    /// </summary>
    /// <param name="repetition">From 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rung does not fire that often.</exception>
    /// <exception cref="ArgumentException">Not exactly one of Percent, After and FromDue is set.</exception>
    public TimeSpan RungTarget(EscalationRung rung, int repetition)
    {
        ArgumentNullException.ThrowIfNull(rung);
        ArgumentOutOfRangeException.ThrowIfLessThan(repetition, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(repetition, Repetitions(rung));
        var first = rung switch
        {
            { Percent: { } percent, After: null, FromDue: null } => new TimeSpan(checked((long)(((Int128)Budget.Ticks * percent + 99) / 100))),
            { Percent: null, After: { } after, FromDue: null } => after,
            // Earlier than the beginning is at the beginning.
            { Percent: null, After: null, FromDue: { } span } => Budget + span is var target && target > TimeSpan.Zero ? target : TimeSpan.Zero,
            _ => throw new ArgumentException("A rung needs exactly one of Percent, After and FromDue; correct the step's escalation.", nameof(rung))
        };
        return first + new TimeSpan(checked((rung.Every ?? TimeSpan.Zero).Ticks * (repetition - 1)));
    }

    /// <summary>
    /// When a repetition of a rung fires, never before the clock last began to run; null while the clock stands. Within working hours, unless
    /// the rung may at any time. Whether it has fired already is for the fire records to say.
    /// </summary>
    public DateTimeOffset? RungInstant(WorkingCalendar calendar, EscalationRung rung, int repetition = 1)
    {
        var target = RungTarget(rung, repetition);
        if (!rung.AnyTime)
        {
            // Passed already when the clock ran on, which may be in the night.
            return InstantOf(calendar, target) is { } at ? target <= Consumed ? calendar.NextOpening(at) : at : null;
        }
        var plain = new TimeSpan((rung.Every ?? TimeSpan.Zero).Ticks * (repetition - 1));
        var working = target - plain;
        if (rung.FromDue is { } after && after > TimeSpan.Zero)
            (working, plain) = (Budget, plain + after);
        return InstantOf(calendar, working) is { } from ? plain < Last - from ? from + plain : Last : null;
    }

    /// <summary>
    /// Every firing whose instant has come at <paramref name="now"/>, and the first one after it, ordered by instant, then rung, then
    /// repetition. Nothing while the clock stands; nothing after <paramref name="now"/> once the ladder is exhausted.
    /// </summary>
    /// <param name="calendar">The hours by which the clock runs.</param>
    /// <param name="ladder">The whole ladder: a rung is known by its place in it.</param>
    /// <param name="now">Up to when.</param>
    /// <param name="applies">Rungs for which it is false are silent; null: none are.</param>
    public IEnumerable<RungFire> DueRungs(
        WorkingCalendar calendar, IReadOnlyList<EscalationRung> ladder, DateTimeOffset now, Func<EscalationRung, bool>? applies = null)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        ArgumentNullException.ThrowIfNull(ladder);
        return Merge();

        IEnumerable<RungFire> Merge()
        {
            // Without LINQ: a burst of alarms asks thousands of times a second.
            var heads = new List<RungFire>(ladder.Count);
            for (var index = 0; index < ladder.Count; index++)
            {
                if (applies?.Invoke(ladder[index]) != false && Fire(index, 1) is { } first)
                    heads.Add(first);
            }
            while (heads.Count > 0)
            {
                var earliest = 0;
                for (var i = 1; i < heads.Count; i++)
                {
                    if (IsBefore(heads[i], heads[earliest]))
                        earliest = i;
                }
                var next = heads[earliest];
                yield return next;
                if (next.FireAt > now)
                    yield break;
                heads.RemoveAt(earliest);
                if (Fire(next.RungIndex, next.Repetition + 1) is { } following)
                    heads.Add(following);
            }
        }

        static bool IsBefore(RungFire one, RungFire other) =>
            one.FireAt < other.FireAt || (one.FireAt == other.FireAt && one.RungIndex < other.RungIndex);

        RungFire? Fire(int index, int repetition) =>
            repetition <= Repetitions(ladder[index]) && RungInstant(calendar, ladder[index], repetition) is { } at
                ? new RungFire(index, repetition, at)
                : null;
    }

    // Without an interval, or with one that does not advance, all repetitions would fall on one instant.
    private static int Repetitions(EscalationRung rung) => rung.Every > TimeSpan.Zero ? rung.Max : Math.Min(rung.Max, 1);

    private DateTimeOffset? InstantOf(WorkingCalendar calendar, TimeSpan target)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        if (RunningSince is not { } since)
            return null;
        if (target <= Consumed)
            return since.ToUniversalTime();
        return calendar.TryAdd(since, target - Consumed) is { } at && at < Last ? at : Last;
    }
}
