using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>A stretch of a clock's time that an outage gave back, and the working time within it that counts now.</summary>
public sealed record CreditPiece(Guid OutageId, Span Span, long Ms)
{
    /// <summary>Settled, though perhaps worth nothing: by the hours by which the clock was charged there was nothing to give back.</summary>
    public bool IsSettled { get; init; } = Ms > 0;
}

/// <summary>
/// Gives the officers back what outages took: the working time in which a clock ran within an outage, once, however many outages overlap
/// there. Only ever adds what is missing, so it may be asked again and again; taking back is an event of its own. Of a step measured from its
/// start the waiting is given back as well: it is shown, and rungs for a step not started count it.
/// </summary>
/// <remarks>
/// A service outage and a reported one stand for all who worked in it. A mail outage is credited to the steps whose task mail it held up: from
/// the receipt (or the outage's beginning) until the mail went out, or the officer began without it. Everything within the commit in hand.
/// </remarks>
public sealed partial class OutageCredits(PpidDbContext db, OfficeCalendar office, ClockKeeper clocks, AuditTrail audit)
{
    /// <summary>How long after a mail outage mails may still wait for their next attempt.</summary>
    public static readonly TimeSpan MailCatchesUp = TimeSpan.FromMinutes(15);

    /// <summary>So many clocks are in memory at a time, however many are open when an outage ends.</summary>
    private const int Chunk = 2000;

    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");

    /// <summary>Credits an outage to every clock that ran within it, also to those closed since; few at a time, all in the commit in hand.</summary>
    /// <param name="outage">Added to the context.</param>
    /// <param name="now">End of one that lasts.</param>
    /// <param name="written">Writes what a chunk has changed within the commit in hand, and forgets it.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    /// <returns>How many clocks were credited, and with how much working time together, milliseconds.</returns>
    public async Task<(int Clocks, long Ms)> SettleAllAsync(
        Outage outage, DateTimeOffset now, Func<CancellationToken, Task> written, CancellationToken cancellation)
    {
        var (from, to) = (outage.From, outage.To ?? now);
        // One after the other, each along its own index: together they would be looked for among all the years.
        var open = await SettleAllAsync(db.StepClocks.Where(c => c.State != ClockState.Closed && c.ReceivedAt < to), outage, now, written, cancellation);
        var closed = await SettleAllAsync(
            db.StepClocks.Where(c => c.State == ClockState.Closed && c.ClosedAt > from && c.ReceivedAt < to), outage, now, written, cancellation);
        return (open.Clocks + closed.Clocks, open.Ms + closed.Ms);
    }

    private async Task<(int Clocks, long Ms)> SettleAllAsync(
        IQueryable<StepClock> meant, Outage outage, DateTimeOffset now, Func<CancellationToken, Task> written, CancellationToken cancellation)
    {
        var (credited, worth, after) = (0, 0L, Guid.Empty);
        while (true)
        {
            var some = await meant.Where(c => c.Id > after).OrderBy(c => c.Id).Take(Chunk).ToListAsync(cancellation);
            if (some.Count == 0)
                return (credited, worth);
            var (first, last) = (some[0].Id, some[^1].Id);
            var before = some.Sum(c => c.CreditedMs);
            credited += await SettleAsync(
                some, [outage], meant.Where(c => c.Id >= first && c.Id <= last).Select(c => c.Id), office.Current, false, now, cancellation);
            worth += some.Sum(c => c.CreditedMs) - before;
            after = last;
            await written(cancellation);
        }
    }

    /// <summary>Credits to some clocks whatever outages they ran within; two statements where there were none.</summary>
    /// <returns>How many clocks were credited.</returns>
    public Task<int> SettleAsync(IReadOnlyList<StepClock> some, DateTimeOffset now, CancellationToken cancellation) =>
        SettleAsync(some, office.Current, false, now, cancellation);

    private async Task<int> SettleAsync(
        IReadOnlyList<StepClock> some, WorkingCalendar calendar, bool running, DateTimeOffset now, CancellationToken cancellation)
    {
        if (some.Count == 0 || (some is [var only] && db.HasNone<Outage>(only.Id)))
            return 0;
        var (from, to) = (some.Min(c => c.ReceivedAt), some.Max(c => c.ClosedAt) is { } closed && some.All(c => c.ClosedAt is not null) ? closed : now);
        var outages = await HotQueries.ListAsync(HotQueries.Of(db).Outages(db, from, to), cancellation);
        if (outages.Count == 0)
            return 0;
        return await SettleAsync(some, outages, Which(some), calendar, running, now, cancellation);
    }

    /// <summary>Takes back what an annulled outage had credited; what another outage covers as well is credited to that one. Few clocks at a time.</summary>
    /// <param name="outage">Annulled by the commit in hand.</param>
    /// <param name="actor">Who annulled it.</param>
    /// <param name="now">The instant of the act, UTC.</param>
    /// <param name="written">Writes what a chunk has changed within the commit in hand, and forgets it.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    /// <returns>How many clocks it had been credited to.</returns>
    public async Task<int> ReverseAsync(
        Outage outage, string actor, DateTimeOffset now, Func<CancellationToken, Task> written, CancellationToken cancellation)
    {
        // Their ids alone: looked for chunk by chunk, the credits would all be read for each chunk.
        var credited = await db.ClockEvents.Where(e => e.OutageId == outage.Id).Select(e => e.ClockId).Distinct().OrderBy(id => id).ToListAsync(cancellation);
        foreach (var ids in credited.Chunk(Rederivation.Page))
        {
            var some = await db.StepClocks.Where(c => ids.Contains(c.Id)).OrderBy(c => c.Id).ToListAsync(cancellation);
            var rows = await RowsAsync(Which(some), cancellation);
            foreach (var clock in some)
            {
                foreach (var piece in PiecesOf(rows.Events[clock.Id]).Where(p => p.OutageId == outage.Id && p.Ms > 0))
                    Apply(clock, outage, piece with { Ms = -piece.Ms }, rows, office.Current, actor, now);
            }
            await SettleAsync(some, now, cancellation);
            await written(cancellation);
        }
        return credited.Count;
    }

    /// <summary>After a change of the calendar: what the outages of running clocks are worth by the hours of now. Others keep theirs.</summary>
    /// <param name="some">Of the open clocks, tracked.</param>
    /// <param name="calendar">In use from this commit on.</param>
    /// <param name="reason">Kept with each credit that changed.</param>
    /// <param name="actor">Who changed the calendar; null: the service.</param>
    /// <param name="now">The instant of the change, UTC.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    internal async Task RevalueAsync(
        IEnumerable<StepClock> some, WorkingCalendar calendar, string reason, string? actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var running = some.Where(c => c.State is ClockState.Running or ClockState.NotBegun).ToList();
        if (running.Count == 0)
            return;
        var which = Which(running).Where(id => db.ClockEvents.Any(e => e.ClockId == id && e.OutageId != null));
        var rows = await RowsAsync(which, cancellation);
        var counting = await db.Outages.Where(o => o.AnnulledAt == null).ToDictionaryAsync(o => o.Id, cancellation);
        foreach (var clock in running)
        {
            // One worth nothing was taken back, or by the hours of then; the settling below finds what is owed again.
            foreach (var piece in PiecesOf(rows.Events[clock.Id]).Where(p => p.IsSettled))
            {
                // Before a pause what was consumed stays consumed, and what was credited stays credited.
                var change = Worth(piece.Span, calendar) - piece.Ms;
                if (change != 0 && MovesStill(clock, piece.Span) && counting.TryGetValue(piece.OutageId, out var outage))
                    clocks.Credit(
                        clock, outage, piece.Span, change, $"{Outage.NameOf(outage.Kind)}: {reason}", rows.Fired[clock.Id], actor, now, calendar,
                        Spans.IsOfStandard(clock, piece.Span));
            }
        }
        await SettleAsync(running, calendar, true, now, cancellation);
    }

    /// <summary>
    /// After a change of the calendar, before <see cref="RevalueAsync"/>: a night, say, within which a clock ran before it was paused. It was charged
    /// nothing for it and is owed nothing, though the new hours make working time of that night. Noted, or the next settling would take it for owed.
    /// </summary>
    /// <param name="some">That have run and may run on, tracked: others are never settled again.</param>
    /// <param name="before">The hours until now.</param>
    /// <param name="calendar">In use from this commit on.</param>
    /// <param name="reason">Kept with each note.</param>
    /// <param name="actor">Who changed the calendar; null: the service.</param>
    /// <param name="now">The instant of the change, UTC.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    internal async Task KeepWorthlessAsync(
        IEnumerable<StepClock> some, WorkingCalendar before, WorkingCalendar calendar, string reason, string? actor, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var stopped = some.Where(c => c.State != ClockState.NotBegun).ToList();
        if (stopped.Count == 0)
            return;
        var since = stopped.Min(c => c.ReceivedAt);
        var outages = await db.Outages.Where(o => o.AnnulledAt == null && (o.To == null || o.To > since)).OrderBy(o => o.Id).ToListAsync(cancellation);
        if (outages.Count == 0)
            return;
        var which = Which(stopped);
        var rows = await RowsAsync(which, cancellation);
        var delays = outages.Exists(o => o.Kind == OutageKind.Mail) ? await DelaysAsync(which, now, cancellation) : NoDelays;
        var annulled = await db.Outages.AsNoTracking().Where(o => o.AnnulledAt != null).Select(o => o.Id).ToListAsync(cancellation);
        foreach (var clock in stopped)
        {
            var events = rows.Events[clock.Id].ToList();
            foreach (var outage in outages)
            {
                foreach (var span in Owed(clock, outage, events, delays[clock.Id], annulled, now).ToList())
                {
                    if (!MovesStill(clock, span) && Worth(span, before) == 0 && Worth(span, calendar) > 0)
                    {
                        events.Add(clocks.Credit(
                            clock, outage, span, 0, $"{Outage.NameOf(outage.Kind)}: {reason}", rows.Fired[clock.Id], actor, now, calendar,
                            Spans.IsOfStandard(clock, span)));
                    }
                }
            }
        }
    }

    /// <summary>What counts of a clock's credits, in order of their stretches.</summary>
    public static IReadOnlyList<CreditPiece> PiecesOf(IEnumerable<ClockEvent> events) =>
        [.. events.Where(e => e.OutageId is not null).GroupBy(e => (e.OutageId, e.CreditFrom, e.CreditTo))
            .Select(g => new CreditPiece(g.Key.OutageId!.Value, new Span(g.Key.CreditFrom!.Value, g.Key.CreditTo!.Value), g.Sum(e => e.CreditMs))
            {
                IsSettled = g.Sum(e => e.CreditMs) > 0 || g.MaxBy(e => e.Id)!.CreditMs == 0
            })
            .OrderBy(p => p.Span.From).ThenBy(p => p.OutageId)];

    /// <summary>What is still owed to a clock for an outage; <c>verify</c> expects nothing.</summary>
    /// <param name="items">Of a mail outage: when the task mails of the clock's work items were due and went out.</param>
    public static IEnumerable<Span> Owed(
        StepClock clock, Outage outage, IReadOnlyList<ClockEvent> events, IEnumerable<MailDelay> items, IReadOnlyCollection<Guid> annulled, DateTimeOffset now)
    {
        var taken = PiecesOf(events).Where(p => p.IsSettled && !annulled.Contains(p.OutageId)).Select(p => p.Span).ToList();
        var whole = new Span(outage.From, outage.To ?? now);
        var stretches = outage.Kind == OutageKind.Mail
            ? items.Where(i => !i.Held.Within(whole).IsEmpty).Select(i => i.Held with { From = i.Held.From > whole.From ? i.Held.From : whole.From })
            : [whole];
        var counted = Spans.Counted(clock, events, now);
        foreach (var stretch in stretches)
        {
            foreach (var free in counted.Select(r => r.Within(stretch)).Where(r => !r.IsEmpty).SelectMany(r => Spans.Less(r, taken)).ToList())
            {
                taken.Add(free);
                yield return free;
            }
        }
    }

    private async Task<int> SettleAsync(
        IReadOnlyList<StepClock> some, IReadOnlyList<Outage> outages, IQueryable<Guid> which, WorkingCalendar calendar, bool running,
        DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = await RowsAsync(which, cancellation);
        var delays = outages.Any(o => o.Kind == OutageKind.Mail) ? await DelaysAsync(which, now, cancellation) : NoDelays;
        var annulled = await db.Outages.AsNoTracking().Where(o => o.AnnulledAt != null).Select(o => o.Id).ToListAsync(cancellation);
        annulled.AddRange(db.Outages.Local.Where(o => !o.Counts).Select(o => o.Id));
        var credited = 0;
        foreach (var clock in some)
        {
            var events = rows.Events[clock.Id].ToList();
            var before = clock.CreditedMs;
            foreach (var outage in outages.Where(o => o.Counts))
            {
                foreach (var span in Owed(clock, outage, events, delays[clock.Id], annulled, now).SelectMany(s => Parted(s, rows.Closed[clock.Id], rows.Starts[clock.Id])).ToList())
                {
                    var worth = Worth(span, calendar);
                    if (worth > 0 && (!running || MovesStill(clock, span)))
                        events.Add(Apply(clock, outage, new CreditPiece(outage.Id, span, worth), rows, calendar, null, now, closedKeep: running));
                }
            }
            if (clock.CreditedMs == before)
                continue;
            credited++;
            audit.Add(AuditTrail.ChainOf(clock.CaseId), "system", "time-credited", new JsonObject
            {
                ["step"] = clock.StepNumber,
                ["minutes"] = Math.Round((clock.CreditedMs - before) / 60_000.0, 2),
                ["dueAt"] = clock.DueAt
            });
        }
        return credited;
    }

    private ClockEvent Apply(
        StepClock clock, Outage outage, CreditPiece piece, Rows rows, WorkingCalendar calendar, string? actor, DateTimeOffset now, bool closedKeep = false)
    {
        var time = office.Time;
        var reason = $"{Outage.NameOf(outage.Kind)} {time.DateAndTime(piece.Span.From, Indonesian)}–{time.Time(piece.Span.To, Indonesian)}"
            + (piece.Ms < 0 ? ", dibatalkan" : "");
        var isOfStandard = Spans.IsOfStandard(clock, piece.Span);
        var happening = clocks.Credit(clock, outage, piece.Span, piece.Ms, reason, rows.Fired[clock.Id], actor, now, calendar, isOfStandard);
        // A step closed meanwhile keeps its instants; what it is charged is set right, unless it is the hours that changed.
        foreach (var item in closedKeep ? [] : rows.Closed[clock.Id])
        {
            // It was charged up to when it was done, though it was entered later and its clock goes on (5b after 5a).
            var ended = item.ActualClosedAt ?? item.ClosedAt!.Value;
            var started = item.ActualStartedAt ?? item.StartedAt ?? ended;
            var lived = piece.Span.Within(new Span(clock.ReceivedAt, ended));
            var whole = piece.Ms > 0 ? piece.Ms : GivenTo(item, piece, rows);
            if (isOfStandard)
                item.ConsumedMs -= Share(lived);
            item.WaitingMs -= Share(lived.Within(new Span(item.WaitedSince(started), started)));
            item.ProcessingMs -= Share(lived.Within(new Span(started, ended)));

            // Of a part by the hours of now: what it was worth by those of then nobody knows any more.
            long Share(Span part) => part.IsEmpty ? 0 : part == piece.Span ? whole : Math.Sign(whole) * Math.Min(Math.Abs(whole), Worth(part, calendar));
        }
        return happening;
    }

    // The hours may have changed since: what is taken back from a closed step is what it was given, and not what that would be by the hours of now.
    private static long GivenTo(WorkItem item, CreditPiece piece, Rows rows)
    {
        var events = rows.Events[item.ClockId].Where(e => e.OutageId == piece.OutageId && e.CreditFrom == piece.Span.From && e.CreditTo == piece.Span.To)
            .OrderBy(e => e.Id).ToList();
        var before = events.Where(e => e.At <= item.ClosedAt).ToList();
        return before.Count > 0 ? -before.Sum(e => e.CreditMs) : -events[0].CreditMs;
    }

    // Where somebody began in it and where a step of it ended (5a), so that each piece is wholly of one or of none, and of waiting or of work.
    private static IEnumerable<Span> Parted(Span span, IEnumerable<WorkItem> closed, IEnumerable<DateTimeOffset> starts)
    {
        var ends = closed.SelectMany(w => new[] { w.ActualClosedAt ?? w.ClosedAt, w.ActualStartedAt ?? w.StartedAt }).OfType<DateTimeOffset>();
        foreach (var at in ends.Concat(starts).Where(at => at > span.From && at < span.To).Distinct().Order())
        {
            yield return span with { To = at };
            span = span with { From = at };
        }
        yield return span;
    }

    // By the hours of now: what was consumed before a pause stays as it is.
    private static bool MovesStill(StepClock clock, Span span) => clock.State == ClockState.NotBegun || span.From >= clock.RunningSince;

    private static long Worth(Span span, WorkingCalendar calendar) => span.IsEmpty ? 0 : (long)calendar.Between(span.From, span.To).TotalMilliseconds;

    private IQueryable<Guid> Which(IReadOnlyList<StepClock> some)
    {
        var ids = some.Select(c => c.Id).ToList();
        return db.StepClocks.Where(c => ids.Contains(c.Id)).Select(c => c.Id);
    }

    private async Task<Rows> RowsAsync(IQueryable<Guid> which, CancellationToken cancellation)
    {
        var events = await db.ClockEvents.AsNoTracking().Where(e => which.Contains(e.ClockId)).ToListAsync(cancellation);
        // What the commit in hand has added is not there to be read yet.
        events.AddRange(db.ChangeTracker.Entries<ClockEvent>().Where(e => e.State == EntityState.Added).Select(e => e.Entity));
        var fired = await db.FireRecords.AsNoTracking().Where(f => which.Contains(f.ClockId))
            .Select(f => new { f.ClockId, f.Rung, f.Repetition }).ToListAsync(cancellation);
        var closed = await db.WorkItems.Where(w => w.ConsumedMs != null && w.Closure != WorkItemClosure.Cancelled && which.Contains(w.ClockId))
            .ToListAsync(cancellation);
        // Nor is what it has closed. What was withdrawn is late for nobody and keeps its figure: the time of a 5b whose 5a was taken back is 5a's again.
        closed.AddRange(db.WorkItems.Local.Where(w => w.Closure != WorkItemClosure.Cancelled).Except(closed));
        var starts = await db.WorkItems.AsNoTracking().Where(w => w.StartedAt != null && w.Closure == WorkItemClosure.Open && which.Contains(w.ClockId))
            .Select(w => new { w.ClockId, At = w.ActualStartedAt ?? w.StartedAt!.Value }).ToListAsync(cancellation);
        return new Rows(
            events.ToLookup(e => e.ClockId), new FiredRungs(fired.ToLookup(f => f.ClockId, f => (f.Rung, f.Repetition))),
            closed.Where(w => w.ConsumedMs is not null && w.ClosedAt is not null).ToLookup(w => w.ClockId),
            starts.ToLookup(s => s.ClockId, s => s.At));
    }

    private async Task<ILookup<Guid, MailDelay>> DelaysAsync(IQueryable<Guid> which, DateTimeOffset now, CancellationToken cancellation)
    {
        var items = await db.WorkItems.AsNoTracking().Where(w => which.Contains(w.ClockId))
            .Select(w => new { w.Id, w.ClockId, w.ReceivedAt, w.StartedAt, w.ClosedAt }).ToListAsync(cancellation);
        var mails = (await db.Outbox.AsNoTracking()
                .Where(m => m.WorkItemId != null && (m.Template == "task" || m.Template == "returned")
                    && db.WorkItems.Any(w => w.Id == m.WorkItemId && which.Contains(w.ClockId)))
                .Select(m => new { WorkItemId = m.WorkItemId!.Value, m.State, m.SentAt }).ToListAsync(cancellation))
            .ToLookup(m => m.WorkItemId);
        return items.Select(item =>
        {
            // Of a pool whoever is told first can begin. What was refused or withdrawn was not held up by the server.
            var known = mails[item.Id].Where(m => m.State is OutboxState.Pending or OutboxState.Sent).Select(m => m.SentAt ?? now).ToList();
            var told = known.Count == 0 ? item.ReceivedAt : known.Min();
            var ends = new[] { told, item.StartedAt ?? now, item.ClosedAt ?? now };
            return new MailDelay(item.ClockId, new Span(item.ReceivedAt, ends.Min()));
        }).ToLookup(d => d.ClockId);
    }

    private static readonly ILookup<Guid, MailDelay> NoDelays = Array.Empty<MailDelay>().ToLookup(d => d.ClockId);

    private sealed record Rows(ILookup<Guid, ClockEvent> Events, FiredRungs Fired, ILookup<Guid, WorkItem> Closed, ILookup<Guid, DateTimeOffset> Starts);

    private sealed class FiredRungs(ILookup<Guid, (int, int)> fired)
    {
        public IReadOnlySet<(int, int)> this[Guid clock] => fired[clock].ToHashSet();
    }
}

/// <summary>From the receipt of a work item until its performer could know of it.</summary>
public sealed record MailDelay(Guid ClockId, Span Held);
