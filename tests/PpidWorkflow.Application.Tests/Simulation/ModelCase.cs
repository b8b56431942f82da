namespace PpidWorkflow.Application.Tests.Simulation;

internal enum ClockIs
{
    NotBegun,
    Running,
    Paused,
    Closed
}

/// <summary>One firing that the oracle expects: position in the ladder, repetition, instant.</summary>
internal readonly record struct PaperFire(int Rung, int Repetition, long At);

/// <summary>A stretch of a clock's time that is not charged, and what it was worth when it was last counted, working milliseconds.</summary>
/// <param name="ofStandard">False: it was waited before the start from which the standard is measured; nothing was charged for it.</param>
internal sealed class PaperCredit(PaperOutage outage, long from, long to, long worth, bool ofStandard)
{
    public PaperOutage Outage => outage;

    public long From => from;

    public long To => to;

    public bool OfStandard { get; set; } = ofStandard;

    public long Worth { get; set; } = worth;

    /// <summary>By how much it lowered what closed work items were charged, and what is shown of them.</summary>
    public Dictionary<ModelItem, PaperShare> Shares { get; } = [];
}

/// <summary>Of what was used of the standard, of the waiting before the start, and of the work after it.</summary>
internal readonly record struct PaperShare(long OfStandard, long Waiting, long Processing);

/// <summary>The oracle's clock of one visit: what was worked, and since when it runs. Everything else follows from these.</summary>
internal sealed class ModelClock(PaperStep step, long received)
{
    private readonly List<(long From, long To)> _ran = [];

    // A closing that was taken back never ended the stretch, though the counting begins anew there.
    private long? _runsSince = step.FromStart ? null : received;

    // Where the standard is measured from.
    private long? _startedAt;

    private readonly List<(long From, long? To)> _pauses = [];

    public Guid Id { get; set; }

    /// <summary>Those who work by it: 5a and 5b share one.</summary>
    public List<ModelItem> Items { get; } = [];

    /// <summary>What outages took, given back; no two overlap.</summary>
    public List<PaperCredit> Credits { get; } = [];

    public long Credited => Credits.Sum(c => c.Worth);

    public PaperStep Step { get; } = step;

    public long ReceivedAt { get; } = received;

    public ClockIs State { get; private set; } = step.FromStart ? ClockIs.NotBegun : ClockIs.Running;

    public long Consumed { get; private set; }

    public long? Since { get; private set; } = step.FromStart ? null : received;

    public long? ClosedAt { get; private set; }

    /// <summary>When somebody first began to work in it; null: nobody has, and the rungs for that speak.</summary>
    public long? BegunAt { get; private set; }

    /// <summary>When it was last paused or resumed: nothing is back-dated past that.</summary>
    public long? TurnedAt { get; private set; }

    /// <summary>Rungs told already; they are never told again, whatever happens to the clock.</summary>
    public HashSet<(int Rung, int Repetition)> Fired { get; } = [];

    /// <summary>When a supervisor had its performer reminded.</summary>
    public List<long> Reminded { get; } = [];

    /// <summary>Whom a rung relieved of it; null among them: nobody had it yet.</summary>
    public HashSet<string?> Relieved { get; } = [];

    /// <summary>Cached answers; null: to be worked out anew.</summary>
    public (long? Due, long? AtRisk, long? NextFire)? Known { get; set; }

    /// <param name="hours">By which a stretch is counted that turns out to have been worked in.</param>
    /// <param name="at">When it was begun.</param>
    /// <param name="later">It is entered later than that.</param>
    public void Begin(WorkHours hours, long at, bool later)
    {
        (BegunAt, Known) = (BegunAt ?? at, null);
        if (State != ClockIs.NotBegun)
            return;
        // One whose beginning was taken back has been counted on all the while.
        (State, Since, _runsSince, _startedAt) = (ClockIs.Running, at, _runsSince ?? at, at);
        // What outages took after it was waiting, as far as anybody knew, and is of the standard now.
        foreach (var credit in Credits.Where(c => later && c.To > at).ToList())
        {
            Credits.Remove(credit);
            if (credit.From < at)
                Credits.Add(new PaperCredit(credit.Outage, credit.From, at, hours.Worked(credit.From, at), false));
            var begin = Math.Max(credit.From, at);
            Credits.Add(new PaperCredit(credit.Outage, begin, credit.To, hours.Worked(begin, credit.To), true));
            Consumed -= Credits[^1].Worth;
        }
    }

    /// <summary>Handed over on paper before the service knew of it, and worked in then: it counts from there, unless it has stood meanwhile.</summary>
    public void Backdate(long handedOver)
    {
        if (State == ClockIs.Running && Consumed == 0 && Since == ReceivedAt && handedOver < ReceivedAt)
            (Since, Known) = (handedOver, null);
    }

    public void Pause(WorkHours hours, long now)
    {
        Stop(hours, now);
        (State, TurnedAt) = (ClockIs.Paused, now);
        _pauses.Add((now, null));
    }

    public void Resume(long now)
    {
        (State, Since, _runsSince, TurnedAt, Known) = (ClockIs.Running, now, now, now, null);
        EndPause(now);
    }

    private void EndPause(long now)
    {
        if (_pauses is [.., (var from, null)])
            _pauses[^1] = (from, now);
    }

    /// <summary>Working time of a stretch in which nothing stood in the way: no pause, and nothing that was given back.</summary>
    public long Spent(WorkHours hours, long from, long to) => hours.Worked(from, to)
        - _pauses.Sum(p => hours.Worked(Math.Max(p.From, from), Math.Min(p.To ?? to, to)))
        - Credits.Where(c => c.Worth > 0).Sum(c => hours.Worked(Math.Max(c.From, from), Math.Min(c.To, to)));

    /// <param name="hours">Of now.</param>
    /// <param name="at">When the work was done.</param>
    /// <param name="later">It is entered later than that: what outages took since then is nobody's.</param>
    public void Close(WorkHours hours, long at, bool later = false)
    {
        foreach (var credit in Credits.Where(c => later && c.To > at).ToList())
        {
            Credits.Remove(credit);
            Consumed += credit.OfStandard ? credit.Worth : 0;
            if (credit.From >= at)
                continue;
            var rest = new PaperCredit(credit.Outage, credit.From, at, hours.Worked(credit.From, at), credit.OfStandard);
            Consumed -= rest.OfStandard ? rest.Worth : 0;
            foreach (var (item, share) in credit.Shares)
                rest.Shares[item] = share;
            Credits.Add(rest);
        }
        Stop(hours, at);
        (State, ClosedAt) = (ClockIs.Closed, at);
    }

    /// <summary>As if it had never stopped; one that only the completion had begun waits again.</summary>
    public void Reopen(bool begun)
    {
        var waits = Step.FromStart && !begun;
        (State, Since, ClosedAt, Known) = (waits ? ClockIs.NotBegun : ClockIs.Running, waits ? null : ClosedAt, null, null);
        _runsSince = waits ? null : _ran[^1].From;
        _startedAt = waits ? null : _startedAt;
        BegunAt = begun ? BegunAt : null;
        _ran.RemoveAt(_ran.Count - 1);
    }

    /// <summary>The beginning is taken back while it goes on (5a): nobody has begun; one measured from the start waits again.</summary>
    public void Unbegin(long now)
    {
        (BegunAt, Known) = (null, null);
        if (!Step.FromStart)
            return;
        if (State == ClockIs.Paused)
            TurnedAt = now;
        EndPause(now);
        (State, Since, _startedAt, Consumed) = (ClockIs.NotBegun, null, null, 0);
        foreach (var credit in Credits)
        {
            credit.OfStandard = false;
            credit.Shares.Clear();
        }
    }

    /// <summary>Gives back what of a stretch was counted and not given back before; says which pieces.</summary>
    /// <param name="onlyCounting">Nothing of before the clock last began to count: that is settled.</param>
    public IReadOnlyList<PaperCredit> GiveBack(WorkHours hours, PaperOutage outage, long from, long to, long now, bool onlyCounting = false)
    {
        var given = new List<PaperCredit>();
        foreach (var (begin, end) in Counted(now))
        {
            var (at, last) = (Math.Max(begin, from), Math.Min(end, to));
            foreach (var known in Credits.Where(c => c.To > at && c.From < last).OrderBy(c => c.From).ToList())
            {
                Give(at, known.From);
                at = Math.Max(at, known.To);
            }
            Give(at, last);
        }
        return given;

        void Give(long piece, long end)
        {
            if (piece >= end || (onlyCounting && State != ClockIs.NotBegun && piece < Since))
                return;
            var credit = new PaperCredit(outage, piece, end, hours.Worked(piece, end), !Step.FromStart || piece >= _startedAt);
            Credits.Add(credit);
            given.Add(credit);
            Consumed -= credit.OfStandard ? credit.Worth : 0;
            Known = null;
        }
    }

    /// <summary>An outage was none: what it gave back is charged again.</summary>
    public void TakeBack(PaperOutage outage)
    {
        foreach (var credit in Credits.Where(c => c.Outage == outage).ToList())
        {
            Credits.Remove(credit);
            Consumed += credit.OfStandard ? credit.Worth : 0;
            foreach (var (item, share) in credit.Shares)
            {
                item.ConsumedAtClose += share.OfStandard;
                item.Waited += share.Waiting;
                item.Processed += share.Processing;
            }
        }
        Known = null;
    }

    /// <summary>After a change of the hours: what is counted now is worth what it is worth by the new ones; the rest is settled.</summary>
    public void Revalue(WorkHours hours)
    {
        Known = null;
        foreach (var credit in Credits.Where(c => State == ClockIs.NotBegun || (State == ClockIs.Running && c.From >= Since)))
        {
            var worth = hours.Worked(credit.From, credit.To);
            Consumed -= credit.OfStandard ? worth - credit.Worth : 0;
            credit.Worth = worth;
        }
    }

    // When it ran; of a step that is measured from its start also when it waited for it, in stretches of one or the other. Never before the receipt:
    // who says that he worked on paper then was not kept from it.
    private List<(long From, long To)> Counted(long now)
    {
        List<(long From, long To)> ran = [.. _ran];
        if (_runsSince is { } since)
            ran.Add((since, now));
        ran.RemoveAll(r => r.To <= r.From);
        if (!Step.FromStart)
            return ran;
        ran.Insert(0, (ReceivedAt, ran.Count > 0 ? ran[0].From : ClosedAt ?? now));
        var start = _startedAt ?? long.MaxValue;
        return [.. ran.Select(r => (From: Math.Max(r.From, ReceivedAt), r.To)).SelectMany(r => new[] { (r.From, Math.Min(r.To, start)), (Math.Max(r.From, start), r.To) })];
    }

    public long ConsumedAt(WorkHours hours, long now) => Since is { } since ? Consumed + hours.Worked(since, now) : Consumed;

    public (long? Due, long? AtRisk, long? NextFire) Instants(WorkHours hours) => Known ??= Derive(hours);

    /// <summary>When the standard would be used up had so much more been consumed; it runs.</summary>
    public long DueAfter(WorkHours hours, long more) => hours.After(Since!.Value, Math.Max(0, Step.Budget - Consumed - more));

    /// <summary>Whatever is due and untold, in the order of its instants.</summary>
    public IReadOnlyList<PaperFire> DueAt(WorkHours hours, long now) => Instants(hours).NextFire is { } next && next <= now
        ? [.. Firings(hours).Where(f => f.At <= now && !Fired.Contains((f.Rung, f.Repetition))).OrderBy(f => f.At).ThenBy(f => f.Rung)]
        : [];

    private (long? Due, long? AtRisk, long? NextFire) Derive(WorkHours hours)
    {
        if (State is ClockIs.Paused or ClockIs.Closed)
            return (null, null, null);
        long? risk = null, next = null;
        foreach (var fire in Firings(hours))
        {
            if (State == ClockIs.Running && fire.Repetition == 1 && Step.Ladder[fire.Rung].Target(Step.Budget, 1) < Step.Budget)
                risk = Math.Min(risk ?? fire.At, fire.At);
            if (!Fired.Contains((fire.Rung, fire.Repetition)))
                next = Math.Min(next ?? fire.At, fire.At);
        }
        return (State == ClockIs.Running ? InstantOf(hours, Step.Budget) : null, risk, next);
    }

    // While it waits for the start it speaks of that only; once somebody has begun, of all else.
    private IEnumerable<PaperFire> Firings(WorkHours hours)
    {
        for (var rung = 0; rung < Step.Ladder.Length; rung++)
        {
            var told = Step.Ladder[rung];
            if (told.NotStarted ? BegunAt is not null : State == ClockIs.NotBegun)
                continue;
            for (var repetition = 1; repetition <= told.Max; repetition++)
            {
                var target = told.Target(Step.Budget, repetition);
                var at = InstantOf(hours, target) + told.Plain(repetition);
                // Passed already when the clock ran on, which may have been in the night: people are told when they work, unless the rung may at any time.
                yield return new PaperFire(rung, repetition, target <= Consumed && !told.AnyTime ? hours.Opening(at) : at);
            }
        }
    }

    // What was worked off before the clock last began to run is due where it began. While it waits for the start, time is counted from the receipt.
    private long InstantOf(WorkHours hours, long target) => State == ClockIs.NotBegun ? hours.After(ReceivedAt, target + Credited)
        : target <= Consumed ? Since!.Value : hours.After(Since!.Value, target - Consumed);

    private void Stop(WorkHours hours, long now)
    {
        Consumed = ConsumedAt(hours, now);
        if (_runsSince is { } since)
            _ran.Add((since, now));
        (Since, _runsSince, Known) = (null, null, null);
    }
}

/// <summary>The oracle's work item.</summary>
internal sealed class ModelItem(ModelCase owner, PaperStep step, ModelClock clock, long received, string? assignee)
{
    public Guid Id { get; set; }

    public ModelCase Case { get; } = owner;

    public PaperStep Step { get; } = step;

    public ModelClock Clock { get; } = clock;

    public long ReceivedAt { get; } = received;

    public string? Assignee { get; set; } = assignee;

    /// <summary>Who is away, and for whom it is done; null: for nobody.</summary>
    public string? InSteadOf { get; set; }

    /// <summary>The letter by which its performer has it; null: it is of his own role, or he has none.</summary>
    public PaperAppointment? Appointment { get; set; }

    /// <summary>Whom a rung added.</summary>
    public HashSet<string> Helpers { get; } = [];

    public long? StartedAt { get; set; }

    /// <summary>Somebody pressed Mulai; else the completion counts as the start.</summary>
    public bool IsBegun { get; set; }

    public string Closure { get; set; } = "Open";

    public long? ClosedAt { get; set; }

    public string? ClosedBy { get; set; }

    /// <summary>When it was handed over on paper; null: when the service heard of it.</summary>
    public long? HandedOverAt { get; init; }

    /// <summary>When it was really begun and done, where that was entered later.</summary>
    public long? ReallyStartedAt { get; set; }
    public long? ReallyClosedAt { get; set; }

    public long? ConsumedAtClose { get; set; }

    public long? DueAtClose { get; set; }

    /// <summary>Working time before the start and after it, as shown; null: it is open, or was withdrawn.</summary>
    public long? Waited { get; set; }
    public long? Processed { get; set; }

    /// <summary>From when it waited: who worked on paper before the receipt had it on paper.</summary>
    public long CountedFrom => BegunAt < ReceivedAt ? HandedOverAt ?? ReceivedAt : ReceivedAt;

    /// <summary>When it was begun, as far as is known.</summary>
    public long? BegunAt => ReallyStartedAt ?? StartedAt;

    public bool IsOpen => Closure == "Open";

    /// <summary>Up to when it was charged; null: it is still.</summary>
    public long? ChargedUntil => ReallyClosedAt ?? ClosedAt;

    /// <summary>No act is entered as older than this: what came before it came before it.</summary>
    public long Earliest => Math.Max(Math.Max(HandedOverAt ?? ReceivedAt, ReallyStartedAt ?? StartedAt ?? 0), Clock.TurnedAt ?? 0);

    public override string ToString() => $"{Case.Number} langkah {Step.Label}";
}

/// <summary>The oracle's case.</summary>
internal sealed class ModelCase(PrintedSop sop)
{
    public Guid Id { get; set; }

    public string Number { get; set; } = "?";

    public PrintedSop Sop { get; } = sop;

    public List<ModelItem> Items { get; } = [];

    /// <summary>Who plays a role in this case.</summary>
    public Dictionary<string, string> Players { get; } = [];

    /// <summary>The completion that may still be taken back.</summary>
    public ModelItem? LastCompleted { get; set; }

    public string State { get; set; } = "Running";

    public bool HasFile { get; set; }

    public ModelItem? Open => State == "Running" ? Items[^1] is { IsOpen: true } last ? last : Items.Find(i => i.IsOpen) : null;
}
