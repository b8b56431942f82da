using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Opens, stops and re-derives the clocks of steps. Every change rewrites the cached instants in the same commit and leaves an event that
/// says when the due instant moved, by whom and why (design.md §2.5).
/// </summary>
public sealed class ClockKeeper(PpidDbContext db, OfficeCalendar office, Identifiers identifiers)
{
    private static readonly JsonSerializerOptions LadderJson = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault
    };

    /// <summary>A new visit's clock: runs from now, or waits for the start where the step is measured from it.</summary>
    public StepClock Open(SopTask task, Guid caseId, Guid instanceId, string activityId, string activityInstanceId, DateTimeOffset now)
    {
        var clock = new StepClock
        {
            Id = identifiers.Next(),
            CaseId = caseId,
            InstanceId = instanceId,
            ActivityId = activityId,
            ActivityInstanceId = activityInstanceId,
            Visit = task.Visit,
            StepNumber = task.Number,
            BudgetMs = (long)Math.Ceiling(task.StandardTime.TotalMilliseconds),
            MeasuredFrom = task.MeasuredFrom,
            Escalation = JsonSerializer.Serialize(task.Escalation, LadderJson),
            ReceivedAt = now,
            State = task.MeasuredFrom == MeasuredFrom.Started ? ClockState.NotBegun : ClockState.Running,
            RunningSince = task.MeasuredFrom == MeasuredFrom.Started ? null : now
        };
        Derive(clock, NothingFired);
        db.StepClocks.Add(clock);
        Note(clock, "received", now, null, null, null);
        return clock;
    }

    /// <summary>Begins a clock that waited for the start; any other goes on, without the rungs for a step that nobody has begun.</summary>
    /// <param name="clock">Of the visit.</param>
    /// <param name="actor">Who began.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="actual">When it was really begun, where that is entered later: the clock counts from there.</param>
    /// <param name="reason">Why it is entered later.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public async Task BeginAsync(
        StepClock clock, string actor, DateTimeOffset now, DateTimeOffset? actual, string? reason, CancellationToken cancellation)
    {
        var before = clock.DueAt;
        await MarkStartedAsync(clock, actual ?? now, cancellation);
        clock.Revision++;
        Note(clock, "started", now, actor, actual is null ? null : reason, before, actual);
    }

    /// <summary>
    /// The visit was handed over on paper before the service knew of it, and its performer says that he worked then: the standard counts from
    /// the hand-over. A clock that has stood meanwhile stays as it is.
    /// </summary>
    public async Task BackdateAsync(
        StepClock clock, DateTimeOffset handedOverAt, string actor, DateTimeOffset now, string? reason, CancellationToken cancellation)
    {
        if (clock.State != ClockState.Running || clock.ConsumedMs != 0 || clock.RunningSince != clock.ReceivedAt || handedOverAt >= clock.ReceivedAt)
            return;
        var before = clock.DueAt;
        clock.RunningSince = handedOverAt;
        clock.Revision++;
        Derive(clock, await FiredAsync(clock.Id, cancellation));
        Note(clock, "backdated", now, actor, reason, before, handedOverAt);
    }

    /// <summary>The same for a step that was completed without a start.</summary>
    public async Task MarkStartedAsync(StepClock clock, DateTimeOffset now, CancellationToken cancellation)
    {
        var first = clock.StartedAt is null;
        clock.StartedAt ??= now;
        if (clock.State == ClockState.NotBegun)
        {
            clock.State = ClockState.Running;
            clock.RunningSince = now;
        }
        else if (!first || !LadderOf(clock).Any(rung => rung.When == RungCondition.NotStarted))
        {
            return;
        }
        Derive(clock, await FiredAsync(clock.Id, cancellation));
    }

    /// <summary>
    /// A start that was taken back while the visit goes on (5a): its clock is again one of a step that nobody has begun. One that waits cannot be
    /// paused: a pause of 5b ends with it.
    /// </summary>
    public async Task UnstartAsync(StepClock clock, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var wasPaused = clock.State == ClockState.Paused;
        clock.StartedAt = null;
        if (clock.MeasuredFrom == MeasuredFrom.Started)
        {
            clock.State = ClockState.NotBegun;
            clock.RunningSince = null;
            clock.PausedAt = null;
            clock.ConsumedMs = 0;
        }
        clock.Revision++;
        Derive(clock, await FiredAsync(clock.Id, cancellation));
        if (wasPaused && clock.State == ClockState.NotBegun)
            Note(clock, "resumed", now, actor, null, null);
    }

    public void Pause(StepClock clock, string actor, string reason, DateTimeOffset now, string? capacity)
    {
        var before = clock.DueAt;
        Stop(clock, ClockState.Paused, now);
        clock.PausedAt = now;
        clock.PauseReminders = 0;
        Note(clock, "paused", now, actor, reason, before, capacity: capacity);
    }

    public async Task ResumeAsync(
        StepClock clock, string actor, string? reason, DateTimeOffset now, string? capacity, CancellationToken cancellation)
    {
        clock.State = ClockState.Running;
        clock.RunningSince = now;
        clock.PausedAt = null;
        clock.Revision++;
        Derive(clock, await FiredAsync(clock.Id, cancellation));
        Note(clock, "resumed", now, actor, reason, null, capacity: capacity);
    }

    /// <summary>A supervisor had the performer reminded. Nothing runs otherwise than before; the new revision makes a second one wait.</summary>
    public void Remind(StepClock clock, string actor, string? note, DateTimeOffset now, string? capacity)
    {
        clock.Revision++;
        Note(clock, "reminded", now, actor, note, clock.DueAt, capacity: capacity);
    }

    /// <summary>A paused clock has told of its pause once more.</summary>
    public void PauseReminded(StepClock clock, DateTimeOffset now)
    {
        clock.PauseReminders++;
        clock.Revision++;
        Note(clock, "pause-reminded", now, null, null, null);
    }

    /// <param name="clock">Of the visit.</param>
    /// <param name="actor">Who closed.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="actual">When the work was really done, where that is entered later: the clock counts up to there.</param>
    public void Close(StepClock clock, string actor, DateTimeOffset now, DateTimeOffset? actual = null)
    {
        Stop(clock, ClockState.Closed, actual ?? now);
        clock.PausedAt = null;
        clock.ClosedAt = actual ?? now;
        Note(clock, "closed", now, actor, null, null, actual);
    }

    /// <summary>
    /// A closing that was taken back: the clock runs on as if it had never stopped; one that only the completion had begun waits again.
    /// </summary>
    /// <param name="begun">False: nobody had begun the step before the completion.</param>
    public async Task ReopenAsync(StepClock clock, bool begun, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var waits = clock.MeasuredFrom == MeasuredFrom.Started && !begun;
        if (!begun)
            clock.StartedAt = null;
        clock.State = waits ? ClockState.NotBegun : ClockState.Running;
        clock.RunningSince = waits ? null : clock.ClosedAt;
        clock.ClosedAt = null;
        clock.Revision++;
        Derive(clock, await FiredAsync(clock.Id, cancellation));
        Note(clock, "reopened", now, actor, null, null);
    }

    /// <summary>Gives working time back, or takes it back; the dates that follow from it keep the reason.</summary>
    /// <param name="span">The stretch that is not charged.</param>
    /// <param name="ms">Working time within it, milliseconds; below zero: charged again.</param>
    /// <param name="fired">Rungs fired already: they are facts, and stay.</param>
    /// <param name="actor">Null: the service.</param>
    /// <param name="isOfStandard">False: waiting before a start from which the step is measured; the standard has not been charged with it.</param>
    internal ClockEvent Credit(
        StepClock clock, Outage outage, Span span, long ms, string reason, IReadOnlySet<(int, int)> fired, string? actor, DateTimeOffset now,
        WorkingCalendar calendar, bool isOfStandard)
    {
        var before = clock.DueAt;
        clock.ConsumedMs -= isOfStandard ? ms : 0;
        clock.CreditedMs += ms;
        clock.Revision++;
        (clock.DueAt, clock.AtRiskAt, clock.NextFireAt) = DerivedInstants(clock, fired, calendar);
        var happening = new ClockEvent
        {
            Id = identifiers.Next(),
            ClockId = clock.Id,
            CaseId = clock.CaseId,
            At = now,
            Kind = "credited",
            ActorUserName = actor,
            Reason = reason.Length <= 500 ? reason : reason[..500],
            DueBefore = before,
            DueAfter = clock.DueAt,
            OutageId = outage.Id,
            CreditFrom = span.From,
            CreditTo = span.To,
            CreditMs = ms
        };
        db.ClockEvents.Add(happening);
        return happening;
    }

    /// <summary>What <see cref="Advance"/> changes of a clock.</summary>
    internal static readonly string[] Advanced =
        [nameof(StepClock.DueAt), nameof(StepClock.AtRiskAt), nameof(StepClock.NextFireAt), nameof(StepClock.Revision)];

    /// <summary>After a rung fired: the next one.</summary>
    public void Advance(StepClock clock, IReadOnlySet<(int Rung, int Repetition)> fired)
    {
        clock.Revision++;
        Derive(clock, fired);
    }

    /// <summary>
    /// Derives the instants of some open clocks anew, by the hours of <paramref name="calendar"/>, and notes why; says which moved, with what
    /// their due instant was. Those that stand keep theirs: what was consumed before a pause stays consumed.
    /// </summary>
    /// <param name="some">Tracked.</param>
    /// <param name="calendar">In use from this commit on.</param>
    /// <param name="reason">Kept with each clock that moved.</param>
    /// <param name="actor">Who changed the calendar; null: the service.</param>
    /// <param name="now">The instant of the change.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    internal async Task<IReadOnlyList<(StepClock Clock, DateTimeOffset? Before)>> RederiveAsync(
        IReadOnlyList<StepClock> some, WorkingCalendar calendar, string reason, string? actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = some.Select(c => c.Id).ToList();
        var fired = (await db.FireRecords.AsNoTracking().Where(f => ids.Contains(f.ClockId)).Select(f => new { f.ClockId, f.Rung, f.Repetition })
            .ToListAsync(cancellation)).ToLookup(f => f.ClockId, f => (f.Rung, f.Repetition));
        var moved = new List<(StepClock, DateTimeOffset?)>();
        foreach (var clock in some.Where(c => c.State is ClockState.Running or ClockState.NotBegun))
        {
            var (due, risk, fire) = (clock.DueAt, clock.AtRiskAt, clock.NextFireAt);
            (clock.DueAt, clock.AtRiskAt, clock.NextFireAt) = DerivedInstants(clock, fired[clock.Id].ToHashSet(), calendar);
            if (due == clock.DueAt && risk == clock.AtRiskAt && fire == clock.NextFireAt)
                continue;
            clock.Revision++;
            moved.Add((clock, due));
            Note(clock, "rederived", now, actor, reason, due);
        }
        return moved;
    }

    /// <summary>What happened to a clock, with what the commit in hand has added.</summary>
    public async Task<List<ClockEvent>> EventsAsync(Guid clockId, CancellationToken cancellation)
    {
        // Asked for twice by most steps. Outside of a commit others may have added some meanwhile.
        var isInCommit = db.Database.CurrentTransaction is not null;
        var stored = isInCommit && db.Remembered.TryGetValue((typeof(ClockEvent), clockId), out var known) ? (List<ClockEvent>)known
            : await HotQueries.ListAsync(HotQueries.Of(db).Events(db, clockId), cancellation);
        if (isInCommit)
            db.Remembered[(typeof(ClockEvent), clockId)] = stored;
        var events = new List<ClockEvent>(stored);
        events.AddRange(db.ChangeTracker.Entries<ClockEvent>().Where(e => e.State == EntityState.Added && e.Entity.ClockId == clockId).Select(e => e.Entity));
        return events;
    }

    /// <summary>The ladder as the version has it.</summary>
    public static IReadOnlyList<EscalationRung> LadderOf(StepClock clock)
    {
        // A few ladders serve all clocks, and a burst of alarms asks for them thousands of times a second.
        if (Ladders.TryGetValue(clock.Escalation, out var known))
            return known;
        if (Ladders.Count >= MostLadders)
            Ladders.Clear();
        return Ladders[clock.Escalation] = JsonSerializer.Deserialize<List<EscalationRung>>(clock.Escalation, LadderJson) ?? [];
    }

    private const int MostLadders = 1000;
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, IReadOnlyList<EscalationRung>> Ladders = new(StringComparer.Ordinal);

    public static StandardClock Standard(StepClock clock) => Standard(clock.BudgetMs, clock.ConsumedMs, clock.RunningSince);

    internal static StandardClock Standard(long budgetMs, long consumedMs, DateTimeOffset? runningSince) =>
        new(TimeSpan.FromMilliseconds(budgetMs), TimeSpan.FromMilliseconds(consumedMs), runningSince);

    /// <summary>
    /// Working milliseconds from receipt to start and from start to <paramref name="end"/>, less what lay within pauses and credited outages.
    /// </summary>
    public (long WaitingMs, long ProcessingMs) Spent(
        DateTimeOffset received, DateTimeOffset? started, DateTimeOffset end, IReadOnlyCollection<ClockEvent> events)
    {
        var start = started ?? end;
        var (waiting, processing) = (office.Current.Between(received, start), office.Current.Between(start, end));
        DateTimeOffset? pausedAt = null;
        foreach (var piece in OutageCredits.PiecesOf(events).Where(p => p.Ms > 0))
        {
            waiting -= Within(piece.Span.From, piece.Span.To, received, start);
            processing -= Within(piece.Span.From, piece.Span.To, start, end);
        }
        // By their ids, which ascend though the machine's clock be set back.
        foreach (var happening in events.Where(e => e.Kind is "paused" or "resumed").OrderBy(e => e.Id).Append(null))
        {
            if (happening?.Kind == "paused")
                pausedAt = happening.At;
            else if (pausedAt is { } from)
            {
                var to = happening?.At ?? end;
                waiting -= Within(from, to, received, start);
                processing -= Within(from, to, start, end);
                pausedAt = null;
            }
        }
        return ((long)waiting.TotalMilliseconds, (long)processing.TotalMilliseconds);
    }

    private TimeSpan Within(DateTimeOffset from, DateTimeOffset to, DateTimeOffset begin, DateTimeOffset end) =>
        office.Current.Between(from > begin ? from : begin, to < end ? to : end);

    /// <summary>What the clock shows at an instant.</summary>
    public ClockReading Read(StepClock clock, DateTimeOffset at) => Standard(clock).Read(office.Current, at);

    /// <summary>What a step is charged that ends at an instant while its clock may go on.</summary>
    /// <param name="more">Working milliseconds that the clock was given back since then.</param>
    public (long ConsumedMs, DateTimeOffset? DueAt) ChargedAt(StepClock clock, DateTimeOffset at, long more)
    {
        var standard = Standard(clock.BudgetMs, clock.ConsumedMs + more, clock.RunningSince);
        return ((long)standard.Read(office.Current, at).Consumed.TotalMilliseconds, more == 0 ? clock.DueAt : Whole(standard.DueAt(office.Current)));
    }

    /// <summary>The instants that belong to the clock now; <c>verify</c> compares them with the cached ones.</summary>
    public (DateTimeOffset? DueAt, DateTimeOffset? AtRiskAt, DateTimeOffset? NextFireAt) DerivedInstants(
        StepClock clock, IReadOnlySet<(int Rung, int Repetition)> fired) => DerivedInstants(clock, fired, office.Current);

    private static (DateTimeOffset? DueAt, DateTimeOffset? AtRiskAt, DateTimeOffset? NextFireAt) DerivedInstants(
        StepClock clock, IReadOnlySet<(int Rung, int Repetition)> fired, WorkingCalendar calendar)
    {
        DateTimeOffset? next = null;
        foreach (var fire in Firings(clock, calendar, DateTimeOffset.MaxValue))
        {
            if (fired.Contains((fire.RungIndex, fire.Repetition)))
                continue;
            next = fire.FireAt;
            break;
        }
        if (clock.State != ClockState.Running)
            return (null, null, Whole(next));
        var standard = Standard(clock);
        DateTimeOffset? atRisk = null;
        foreach (var rung in LadderOf(clock).Where(rung => Applies(clock, rung) && standard.RungTarget(rung, 1) < standard.Budget))
        {
            var at = standard.RungInstant(calendar, rung);
            if (atRisk is null || at < atRisk)
                atRisk = at;
        }
        return (Whole(standard.DueAt(calendar)), Whole(atRisk), Whole(next));
    }

    // A clock that waits for the start has only its rungs for that, counted from the receipt: nothing else would ever tell of the step.
    private static IEnumerable<RungFire> Firings(StepClock clock, WorkingCalendar calendar, DateTimeOffset now) => clock.State switch
    {
        ClockState.Running => Standard(clock).DueRungs(calendar, LadderOf(clock), now, rung => Applies(clock, rung)),
        ClockState.NotBegun => SinceReceipt(clock).DueRungs(calendar, LadderOf(clock), now, rung => rung is { When: RungCondition.NotStarted, FromDue: null }),
        _ => []
    };

    private static bool Applies(StepClock clock, EscalationRung rung) => rung.When == RungCondition.NotFinished || clock.StartedAt is null;

    // All that outages have given back to a clock that waits was waiting.
    private static StandardClock SinceReceipt(StepClock clock) =>
        new(TimeSpan.FromMilliseconds(clock.BudgetMs), TimeSpan.FromMilliseconds(-clock.CreditedMs), clock.ReceivedAt);

    public async Task<HashSet<(int Rung, int Repetition)>> FiredAsync(Guid clockId, CancellationToken cancellation) =>
        db.HasNone<FireRecord>(clockId) ? []
            : [.. (await HotQueries.ListAsync(HotQueries.Of(db).Fires(db, clockId), cancellation)).Select(f => (f.Rung, f.Repetition))];

    private static readonly HashSet<(int, int)> NothingFired = [];

    /// <summary>Firings whose instant has come, fired or not, in order.</summary>
    public IEnumerable<RungFire> FiringsUpTo(StepClock clock, DateTimeOffset now) =>
        Firings(clock, office.Current, now).TakeWhile(f => Whole(f.FireAt) <= now);

    /// <summary>Up to the next whole millisecond, which is what the databases keep: never early.</summary>
    public static DateTimeOffset Whole(DateTimeOffset at) => at.UtcTicks % TimeSpan.TicksPerMillisecond is var rest and not 0
        ? new DateTimeOffset(at.UtcTicks + TimeSpan.TicksPerMillisecond - rest, TimeSpan.Zero)
        : at.ToUniversalTime();

    private static DateTimeOffset? Whole(DateTimeOffset? instant) => instant is { } at ? Whole(at) : null;

    private void Derive(StepClock clock, IReadOnlySet<(int, int)> fired) =>
        (clock.DueAt, clock.AtRiskAt, clock.NextFireAt) = DerivedInstants(clock, fired);

    private void Stop(StepClock clock, ClockState state, DateTimeOffset now)
    {
        clock.ConsumedMs = (long)Standard(clock).ConsumedAt(office.Current, now).TotalMilliseconds;
        clock.RunningSince = null;
        clock.State = state;
        clock.Revision++;
        Derive(clock, NothingFired);
    }

    private void Note(
        StepClock clock, string kind, DateTimeOffset now, string? actor, string? reason, DateTimeOffset? before, DateTimeOffset? actual = null,
        string? capacity = null) =>
        db.ClockEvents.Add(new ClockEvent
        {
            Id = identifiers.Next(),
            ClockId = clock.Id,
            CaseId = clock.CaseId,
            At = now,
            ActualAt = actual,
            Kind = kind,
            ActorUserName = actor,
            Capacity = capacity,
            Reason = reason,
            DueBefore = before,
            DueAfter = clock.DueAt
        });
}
