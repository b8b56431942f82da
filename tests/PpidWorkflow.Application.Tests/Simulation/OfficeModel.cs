namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>A mail that the event in hand owes to somebody.</summary>
internal readonly record struct PaperMail(string Template, string Address, ModelCase Case);

/// <summary>A fire record that the event in hand must have made.</summary>
internal sealed record PaperFireRecord(ModelItem Item, PaperFire Fire, long FiredAt, IReadOnlyList<string> Told);

/// <summary>
/// The oracle: the office on paper. It is told what people did (and only that), and knows for each open step what was consumed, when it is
/// due, which rungs have fired and will fire, and which mails each event owes. Written from design.md §4, not from the product's code.
/// </summary>
internal sealed partial class OfficeModel(WorkHours hours, Func<Guid, IEnumerable<MailRow>> mailsOf)
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
        Receive(opened, opened.Sop.First, now, null);
        return opened;
    }

    public void Start(ModelItem item, string by, long now)
    {
        Doubt(item, now);
        Take(item, by);
        (item.StartedAt, item.IsBegun) = (now, true);
        item.Clock.Begin(now);
        Touched.Add(item.Case);
    }

    public void Claim(ModelItem item, string by)
    {
        Take(item, by);
        Touched.Add(item.Case);
    }

    public void Release(ModelItem item, string by)
    {
        item.Assignee = null;
        item.Case.Players.Remove(item.Step.Role);
        foreach (var other in Staff.Holding(item.Step.Role).Where(s => s.UserName != by))
            Owe("task", other.Address, item.Case);
    }

    public void Complete(ModelItem item, string by, string? assignTo, long now)
    {
        Doubt(item, now);
        Take(item, by);
        if (assignTo is not null)
            item.Case.Players[item.Step.AssignsRole!] = assignTo;
        Close(item, "Completed", by, now);
        item.Case.LastCompleted = item;
        if (item.Step.Next is { } next)
        {
            var step = item.Case.Sop[next];
            Receive(item.Case, step, now, null, sharing: step.Row == item.Step.Row ? item.Clock : null);
            if (step.Row != item.Step.Row)
                item.Clock.Close(Hours, now);
            return;
        }
        item.Clock.Close(Hours, now);
        item.Case.State = "Documented";
        foreach (var performer in item.Case.Items.Where(i => i.Closure == "Completed").Select(i => i.Assignee!).Distinct())
            Owe("documented", Staff.Of(performer).Address, item.Case);
    }

    public void Return(ModelItem item, string by, long now)
    {
        Doubt(item, now);
        Take(item, by);
        Close(item, "Returned", by, now);
        item.Case.LastCompleted = null;
        Receive(item.Case, item.Case.Sop[item.Step.BackTo!], now, item);
        item.Clock.Close(Hours, now);
    }

    /// <summary>May be refused: <see cref="MayTakeBack"/>.</summary>
    public void TakeBack(ModelItem item, string by, long now)
    {
        var follower = item.Case.Open!;
        (follower.Closure, follower.ClosedAt, follower.ClosedBy) = ("Cancelled", now, by);
        follower.ConsumedAtClose = follower.Clock.ConsumedAt(Hours, now);
        _open.Remove(follower);
        TakenBack.Add(follower);
        if (follower.Clock != item.Clock)
            follower.Clock.Close(Hours, now);
        if (item.Clock.State == ClockIs.Closed)
            item.Clock.Reopen(item.IsBegun);
        // It runs as if it had never stopped: an outage since then was one for it, too.
        Settle(item.Clock, now);
        (item.Closure, item.ClosedAt, item.ClosedBy, item.ConsumedAtClose, item.DueAtClose) = ("Open", null, null, null, null);
        if (!item.IsBegun)
            item.StartedAt = null;
        _open.Add(item);
        item.Case.LastCompleted = null;
        Touched.Add(item.Case);
    }

    public static bool MayTakeBack(ModelItem item) =>
        item.Case.State == "Running" && item.Case.LastCompleted == item && item.Case.Open is { StartedAt: null };

    public void Pause(ModelItem item, long now)
    {
        item.Clock.Pause(Hours, now);
        Touched.Add(item.Case);
    }

    public void Resume(ModelItem item, long now)
    {
        item.Clock.Resume(now);
        Touched.Add(item.Case);
    }

    public void Reassign(ModelItem item, string to)
    {
        item.Assignee = to;
        item.Case.Players[item.Step.Role] = to;
        Owe("task", Staff.Of(to).Address, item.Case);
    }

    /// <summary>The alarms look at their clock: all that is due is told now, and never again.</summary>
    public void Ring(long now)
    {
        HoldUp(now);
        foreach (var item in _open)
        {
            foreach (var fire in item.Clock.DueAt(Hours, now))
            {
                var rung = item.Step.Ladder[fire.Rung];
                var told = rung.To.SelectMany(to => AddressesOf(to, item)).Distinct().ToList();
                item.Clock.Fired.Add((fire.Rung, fire.Repetition));
                item.Clock.Known = null;
                Fires.Add(new PaperFireRecord(item, fire, now, told));
                var target = rung.Target(item.Step.Budget, fire.Repetition);
                foreach (var address in told)
                    Owe(target < item.Step.Budget ? "warning" : target == item.Step.Budget ? "overdue" : "escalation", address, item.Case);
            }
        }
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

    private static IEnumerable<string> AddressesOf(string to, ModelItem item) => to switch
    {
        "assignee" => item.Performers.Select(p => p.Address),
        "supervisor" => item.Performers.Where(p => p.Supervisor is not null).Select(p => Staff.Of(p.Supervisor!).Address),
        _ when to.StartsWith("role:", StringComparison.Ordinal) => Staff.Holding(to[5..]).Select(s => s.Address),
        _ => [to["mailbox:".Length..]]
    };

    private void Receive(ModelCase record, PaperStep step, long now, ModelItem? returned, ModelClock? sharing = null)
    {
        var clock = sharing ?? new ModelClock(step, now);
        var holders = Staff.Holding(step.Role);
        string? assignee = null;
        if (returned is not null)
        {
            // Whoever did it last; with several visits the latest counts.
            assignee = record.Items.Where(i => i.Step.Label == step.Label && i.Closure == "Completed").MaxBy(i => i.ClosedAt)?.Assignee;
        }
        assignee ??= record.Players.GetValueOrDefault(step.Role) ?? (holders.Count == 1 ? holders[0].UserName : null);
        var item = new ModelItem(record, step, clock, now, assignee);
        record.Items.Add(item);
        clock.Items.Add(item);
        _open.Add(item);
        foreach (var performer in item.Performers)
            Owe(returned is null ? "task" : "returned", performer.Address, record);
        Touched.Add(record);
    }

    private static void Take(ModelItem item, string by)
    {
        item.Assignee ??= by;
        item.Case.Players[item.Step.Role] = item.Assignee;
    }

    private void Close(ModelItem item, string closure, string by, long now)
    {
        if (item.StartedAt is null)
        {
            item.StartedAt = now;
            item.Clock.Begin(now);
        }
        item.ConsumedAtClose = item.Clock.ConsumedAt(Hours, now);
        item.DueAtClose = item.Clock.Instants(Hours).Due;
        (item.Closure, item.ClosedAt, item.ClosedBy) = (closure, now, by);
        _open.Remove(item);
        Touched.Add(item.Case);
    }

    private void Owe(string template, string address, ModelCase record)
    {
        Mails.Add(new PaperMail(template, address, record));
        Touched.Add(record);
    }
}
