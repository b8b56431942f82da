namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>A mail that the event in hand owes to somebody.</summary>
/// <param name="Case">Null: of an absence or a letter.</param>
/// <param name="NotBefore">When it may go at the earliest.</param>
/// <param name="IsUnwanted">Its addressee has turned such mails off: it is on record and does not go.</param>
/// <param name="Figures">What it counts; null: it is no digest.</param>
internal readonly record struct PaperMail(string Template, string Address, ModelCase? Case, long NotBefore, bool IsUnwanted, string? Figures = null);

/// <summary>
/// The oracle: the office on paper. It is told what people did (and only that), and knows for each open step what was consumed, when it is
/// due, which rungs have fired and will fire, and which mails each event owes. Written from design.md §4, not from the product's code.
/// </summary>
/// <param name="hours">Of the calendar as it is delivered.</param>
/// <param name="mailsOf">The mails that tell of a work item: when they went out is the mail server's doing.</param>
/// <param name="clock">What the service takes for the time.</param>
internal sealed partial class OfficeModel(WorkHours hours, Func<Guid, IEnumerable<MailRow>> mailsOf, Func<long> clock)
{
    public WorkHours Hours { get; } = hours;

    public List<ModelCase> Cases { get; } = [];

    public PrintedSop InForce { get; set; } = PrintedSop.Delivered;

    /// <summary>Of the event in hand.</summary>
    public List<PaperMail> Mails { get; } = [];

    public List<PaperFireRecord> Fires { get; } = [];

    /// <summary>Items whose task mails need not go out any more, if they have not.</summary>
    public List<ModelItem> TakenBack { get; } = [];

    /// <summary>Cases that the event in hand touched.</summary>
    public HashSet<ModelCase> Touched { get; } = [];

    public IEnumerable<ModelItem> OpenItems => _open;

    private readonly List<ModelItem> _open = [];

    public void Forget()
    {
        Mails.Clear();
        Fires.Clear();
        TakenBack.Clear();
        Touched.Clear();
    }

    public void CalendarChanged(long now)
    {
        Hours.Changed();
        foreach (var clock in OpenClocks)
        {
            clock.Revalue(Hours);
            if (clock.State is ClockIs.Running or ClockIs.NotBegun)
                Settle(clock, now, onlyCounting: true);
        }
    }

    public ModelCase OpenCase(string by, long now)
    {
        var opened = new ModelCase(InForce);
        Cases.Add(opened);
        opened.Players[opened.Sop.First.Role] = by;
        Receive(opened, opened.Sop.First, now, null, by);
        return opened;
    }

    /// <param name="actual">When he really began; null: now.</param>
    public void Start(ModelItem item, string by, long now, long? actual)
    {
        Doubt(item, now);
        Take(item, by);
        item.IsBegun = true;
        Begin(item, now, actual);
        Touched.Add(item.Case);
    }

    public void Claim(ModelItem item, string by)
    {
        Take(item, by);
        Touched.Add(item.Case);
    }

    public void Release(ModelItem item, string by)
    {
        (item.Assignee, item.InSteadOf, item.Appointment) = (null, null, null);
        item.Case.Players.Remove(item.Step.Role);
        foreach (var other in HoldersOf(item.Step.Role).Where(s => s.UserName != by))
            Owe("task", other.Address, item.Case);
    }

    /// <param name="actual">When it was really done; null: now.</param>
    public void Complete(ModelItem item, string by, string? assignTo, long now, long? actual)
    {
        Doubt(item, now);
        Take(item, by);
        if (assignTo is not null)
            item.Case.Players[item.Step.AssignsRole!] = assignTo;
        Close(item, "Completed", by, now, actual);
        item.Case.LastCompleted = item;
        if (item.Step.Next is { } next)
        {
            var step = item.Case.Sop[next];
            Receive(item.Case, step, now, null, by, actual, sharing: step.Row == item.Step.Row ? item.Clock : null);
            if (step.Row != item.Step.Row)
                item.Clock.Close(Hours, actual ?? now, actual is not null);
            return;
        }
        item.Clock.Close(Hours, actual ?? now, actual is not null);
        item.Case.State = "Documented";
        foreach (var performer in item.Case.Items.Where(i => i.Closure == "Completed").Select(i => i.Assignee!).Distinct())
            Owe("documented", Staff.Of(performer).Address, item.Case);
    }

    /// <param name="actual">When he really sent it back; null: now.</param>
    public void Return(ModelItem item, string by, long now, long? actual)
    {
        Doubt(item, now);
        Take(item, by);
        Close(item, "Returned", by, now, actual);
        item.Case.LastCompleted = null;
        Receive(item.Case, item.Case.Sop[item.Step.BackTo!], now, item, by, actual);
        item.Clock.Close(Hours, actual ?? now, actual is not null);
    }

    /// <summary>May be refused: <see cref="MayTakeBack"/>.</summary>
    public void TakeBack(ModelItem item, string by, long now)
    {
        var follower = item.Case.Open!;
        (follower.Closure, follower.ClosedAt, follower.ClosedBy) = ("Cancelled", now, by);
        Charge(follower, now, null);
        _open.Remove(follower);
        TakenBack.Add(follower);
        if (follower.Clock != item.Clock)
            follower.Clock.Close(Hours, now);
        // 5b goes on what 5a began.
        var begun = item.IsBegun || item.Clock.Items.Exists(i => i != item && i.StartedAt is not null && i.Closure != "Cancelled");
        if (item.Clock.State == ClockIs.Closed)
            item.Clock.Reopen(begun);
        else if (!begun)
            item.Clock.Unbegin(now);
        // It runs as if it had never stopped: an outage since then was one for it, too.
        Settle(item.Clock, now);
        foreach (var credit in item.Clock.Credits)
            credit.Shares.Remove(item);
        (item.Closure, item.ClosedAt, item.ReallyClosedAt, item.ClosedBy, item.ConsumedAtClose, item.DueAtClose) = ("Open", null, null, null, null, null);
        (item.Waited, item.Processed) = (null, null);
        if (!item.IsBegun)
            item.StartedAt = item.ReallyStartedAt = null;
        _open.Add(item);
        item.Case.LastCompleted = null;
        Touched.Add(item.Case);
    }

    public bool MayTakeBack(ModelItem item) =>
        item.Case.State == "Running" && item.Case.LastCompleted == item && item.Case.Open is { StartedAt: null }
        && (item.Appointment is null || Is(item.ClosedBy!, item.Step.Role));

    public void Pause(ModelItem item, long now)
    {
        item.Clock.Pause(Hours, now);
        Touched.Add(item.Case);
    }

    /// <summary>Whoever has it is told that it runs again, or all who may take it; who did it knows.</summary>
    public void Resume(ModelItem item, string by, long now)
    {
        item.Clock.Resume(now);
        foreach (var told in (item.Assignee is null ? HoldersOf(item.Step.Role) : [Staff.Of(item.Assignee)]).Where(s => s.UserName != by))
            Owe("resumed", told.Address, item.Case);
        Touched.Add(item.Case);
    }

    /// <summary>A supervisor has whoever has it reminded, or all who may take it.</summary>
    public void Remind(ModelItem item, long now)
    {
        item.Clock.Reminded.Add(now);
        foreach (var told in PerformersOf(item))
            Owe("reminder", told.Address, item.Case);
    }

    /// <summary>A supervisor gives it to somebody else; both are told.</summary>
    public void Reassign(ModelItem item, string by, string to, string? inSteadOf)
    {
        if (item.Assignee is { } former && former != by)
            Owe("reassigned", Staff.Of(former).Address, item.Case);
        Move(item, to, inSteadOf, isTold: true);
    }

    /// <summary>When there is next something to tell.</summary>
    public long? NextFire()
    {
        long? next = null;
        foreach (var item in _open)
        {
            if (item.Clock.Instants(Hours).NextFire is { } at && (next is null || at < next))
                next = at;
        }
        return next;
    }

    private void Receive(ModelCase record, PaperStep step, long now, ModelItem? returned, string by, long? handedOver = null, ModelClock? sharing = null)
    {
        var clock = sharing ?? new ModelClock(step, now);
        var choice = Choose(step.Role, (returned is null ? null : LastPerformer(record, step)) ?? record.Players.GetValueOrDefault(step.Role), by);
        var item = new ModelItem(record, step, clock, now, choice.Assignee) { InSteadOf = choice.InSteadOf, HandedOverAt = handedOver };
        item.Appointment = item.Assignee is null ? null : ActingIn(item.Assignee, step.Role);
        record.Items.Add(item);
        clock.Items.Add(item);
        _open.Add(item);
        foreach (var told in choice.Told)
            Owe(returned is null ? "task" : "returned", Staff.Of(told).Address, record);
        Touched.Add(record);
    }

    // Whoever did it last, or for whom it was done, if he still has the role; with several visits the latest counts.
    private string? LastPerformer(ModelCase record, PaperStep step)
    {
        var last = record.Items.Where(i => i.Step.Label == step.Label && i.Closure == "Completed").MaxBy(i => i.ClosedAt);
        return new[] { last?.Assignee, last?.InSteadOf }.FirstOrDefault(who => who is not null && Is(who, step.Role));
    }

    // Whoever is stood in for gets the next step of the role again once he is back. A helper takes nothing over.
    private void Take(ModelItem item, string by)
    {
        item.Assignee ??= by;
        if (item.Assignee == by)
        {
            item.Appointment = ActingIn(by, item.Step.Role);
            item.InSteadOf ??= item.Appointment?.InSteadOf;
        }
        item.Case.Players[item.Step.Role] = item.InSteadOf ?? item.Assignee;
    }

    private void Close(ModelItem item, string closure, string by, long now, long? actual)
    {
        if (item.StartedAt is null)
            Begin(item, now, actual);
        item.Appointment = ActingIn(by, item.Step.Role);
        (item.Closure, item.ClosedAt, item.ReallyClosedAt, item.ClosedBy) = (closure, now, actual, by);
        item.DueAtClose = item.Clock.DueAfter(Hours, Charge(item, now, actual));
        _open.Remove(item);
        Touched.Add(item.Case);
    }

    // An outage after it was done took nothing from it, though it gives the clock its time back where that goes on (5b).
    private long Charge(ModelItem item, long now, long? actual)
    {
        var (more, end) = (0L, actual ?? now);
        item.ConsumedAtClose = item.Clock.ConsumedAt(Hours, end);
        // What was withdrawn is late for nobody, and keeps what it was charged.
        var isWithdrawn = item.Closure == "Cancelled";
        var (begun, received) = (item.BegunAt ?? end, item.CountedFrom);
        if (!isWithdrawn)
            (item.Waited, item.Processed) = (item.Clock.Spent(Hours, received, begun), item.Clock.Spent(Hours, begun, end));
        foreach (var credit in item.Clock.Credits)
        {
            var share = !credit.OfStandard ? 0 : credit.To > end ? Hours.Worked(credit.From, end) : credit.Worth;
            more += credit.OfStandard ? credit.Worth - share : 0;
            if (!isWithdrawn)
                credit.Shares[item] = new PaperShare(share, Of(credit, received, begun), Of(credit, begun, end));
        }
        item.ConsumedAtClose += more;
        return more;

        long Of(PaperCredit credit, long since, long until) => credit.Worth > 0 ? Hours.Worked(Math.Max(credit.From, since), Math.Min(credit.To, until)) : 0;
    }

    private void Begin(ModelItem item, long now, long? actual)
    {
        (item.StartedAt, item.ReallyStartedAt) = (now, actual);
        if (actual < item.ReceivedAt && item.HandedOverAt is { } handedOver)
            item.Clock.Backdate(handedOver);
        item.Clock.Begin(Hours, actual ?? now, actual is not null);
    }

    private void Owe(string template, string address, ModelCase? record, long? goesOutAt = null, bool anyTime = false, string? figures = null)
    {
        var (wish, at) = (_wishes.GetValueOrDefault(address), goesOutAt ?? Now);
        Mails.Add(new PaperMail(
            template, address, record, anyTime || wish is null ? at : wish.Quiet(template, at, Hours), template == "warning" && wish is { NoWarnings: true },
            figures));
        if (record is not null)
            Touched.Add(record);
    }
}
