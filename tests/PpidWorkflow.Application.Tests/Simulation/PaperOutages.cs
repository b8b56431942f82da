namespace PpidWorkflow.Application.Tests.Simulation;

internal enum OutageIs
{
    OfService,
    OfMail,
    Reported
}

/// <summary>A time in which the office could not work, or not hear of its work.</summary>
internal sealed class PaperOutage(OutageIs kind, long from, long? to)
{
    public Guid Id { get; set; }

    public OutageIs Kind => kind;

    public bool OfMail => kind == OutageIs.OfMail;

    /// <summary>It was none, says an administrator.</summary>
    public bool IsAnnulled { get; set; }

    public long From => from;

    /// <summary>Null: it lasts.</summary>
    public long? To { get; set; } = to;
}

/// <summary>
/// What the oracle knows of outages. No node beat for more than 45 s, or an administrator reports that there was no electricity: nobody is charged
/// for it whose clock ran. No mail could leave: nobody is charged until he could know of his task, by the mail or because he began without it. No
/// minute is given back twice; what an annulled outage gave back is charged again, unless another one took the same minutes.
/// </summary>
internal sealed partial class OfficeModel
{
    private const long Gap = 45_000;
    private const long MailCatchesUp = 15 * 60_000;

    private readonly List<PaperOutage> _outages = [];
    private readonly List<long> _beats = [];
    private PaperOutage? _mailAway;

    /// <summary>The process does not know whether mail can leave: it has just begun, or the last try failed.</summary>
    public bool MailDoubtful { get; private set; } = true;

    public IReadOnlyList<PaperOutage> Outages => _outages;

    private IEnumerable<ModelClock> OpenClocks => _open.Select(i => i.Clock).Distinct();

    /// <summary>The living process has told the database that it lives.</summary>
    public void Beat(long at) => _beats[^1] = at;

    /// <summary>A process begins: what no other one lived through was an outage.</summary>
    public void ServiceStarts(long now)
    {
        MailDoubtful = true;
        // From the future: of a clock that was set back since. Somebody lived until then, whenever that was.
        for (var i = 0; i < _beats.Count; i++)
            _beats[i] = _beats[i] > now + Gap ? now : _beats[i];
        if (_beats.Count > 0 && now - _beats.Max() > Gap)
        {
            Note(new PaperOutage(OutageIs.OfService, _beats.Max(), now), now);
        }
        _beats.Add(now);
    }

    /// <summary>An administrator enters one of the past.</summary>
    public void Report(long from, long to, long now) => Note(new PaperOutage(OutageIs.Reported, from, to), now);

    /// <summary>An administrator says that it was none.</summary>
    public void Annul(PaperOutage outage, long now)
    {
        outage.IsAnnulled = true;
        foreach (var clock in Clocks)
        {
            var gave = clock.Credits.Exists(c => c.Outage == outage && c.Worth > 0);
            clock.TakeBack(outage);
            if (!gave)
                continue;
            Settle(clock, now);
            Touched.Add(clock.Items[0].Case);
        }
    }

    private void Note(PaperOutage outage, long now)
    {
        _outages.Add(outage);
        foreach (var clock in Clocks)
            GiveBack(clock, outage, outage.From, outage.To!.Value, now, false);
    }

    private IEnumerable<ModelClock> Clocks => Cases.SelectMany(c => c.Items).Select(i => i.Clock).Distinct();

    /// <summary>The mail server did not answer.</summary>
    public void MailFails(long now)
    {
        MailDoubtful = true;
        if (_mailAway is null)
            _outages.Add(_mailAway = new PaperOutage(OutageIs.OfMail, now, null));
    }

    /// <summary>A mail went out.</summary>
    /// <param name="item">Whose task or return it told of; null: another mail.</param>
    /// <param name="wasHeldUp">It had been put off before.</param>
    public void MailGoesOut(ModelItem? item, bool wasHeldUp, long now)
    {
        if (!wasHeldUp && !MailDoubtful)
            return;
        if (_mailAway is not null)
            _mailAway.To = Math.Max(now, _mailAway.From + 1);
        (_mailAway, MailDoubtful) = (null, false);
        if (wasHeldUp && item is not null)
            Settle(item.Clock, now);
    }

    /// <summary>The work item of which a mail tells; null: of none.</summary>
    public ModelItem? TellsOf(MailRow mail) => mail is { ItemId: { } id, Template: "task" or "returned" }
        ? Cases.Find(c => c.Id == mail.CaseId)!.Items.Find(i => i.Id == id)
        : null;

    // He begins though perhaps no mail has told him.
    private void Doubt(ModelItem item, long now)
    {
        if (MailDoubtful)
            Settle(item.Clock, now);
    }

    // Nobody is warned of a task of which he could not know.
    private void HoldUp(long now)
    {
        if (!_outages.Exists(o => o is { OfMail: true, IsAnnulled: false } && (o.To is null || o.To > now - MailCatchesUp)))
            return;
        foreach (var clock in OpenClocks.Where(c => c.Instants(Hours).NextFire <= now).ToList())
            Settle(clock, now);
    }

    private void Settle(ModelClock clock, long now, bool onlyCounting = false)
    {
        foreach (var outage in _outages.Where(o => !o.IsAnnulled))
        {
            var end = outage.To ?? now;
            if (!outage.OfMail)
            {
                GiveBack(clock, outage, outage.From, end, now, onlyCounting);
                continue;
            }
            foreach (var item in clock.Items)
            {
                var unaware = Math.Min(ToldAt(item, now), Math.Min(item.StartedAt ?? now, item.ClosedAt ?? now));
                if (Math.Max(item.ReceivedAt, outage.From) < Math.Min(unaware, end))
                    GiveBack(clock, outage, Math.Max(item.ReceivedAt, outage.From), unaware, now, onlyCounting);
            }
        }
    }

    // Of several whoever is told first can begin. What was refused or withdrawn was not held up.
    private long ToldAt(ModelItem item, long now)
    {
        var told = mailsOf(item.Id).Where(m => m.State is "Pending" or "Sent").Select(m => m.SentAt ?? now).ToList();
        return told.Count == 0 ? item.ReceivedAt : told.Min();
    }

    private void GiveBack(ModelClock clock, PaperOutage outage, long from, long to, long now, bool onlyCounting)
    {
        foreach (var piece in clock.GiveBack(Hours, outage, from, to, now, onlyCounting))
        {
            // After a change of the hours what is closed keeps what it was charged by those of then.
            foreach (var item in clock.Items.Where(i => !onlyCounting && i is { ConsumedAtClose: not null, Closure: not "Cancelled" }))
            {
                var (begun, end) = (item.BegunAt!.Value, item.ChargedUntil!.Value);
                var share = new PaperShare(
                    piece.OfStandard ? Of(clock.ReceivedAt, end) : 0, Of(Math.Max(item.CountedFrom, clock.ReceivedAt), Math.Min(begun, end)), Of(Math.Max(begun, clock.ReceivedAt), end));
                piece.Shares[item] = share;
                item.ConsumedAtClose -= share.OfStandard;
                item.Waited -= share.Waiting;
                item.Processed -= share.Processing;
            }
            Touched.Add(clock.Items[0].Case);

            long Of(long since, long until) => Hours.Worked(Math.Max(piece.From, since), Math.Min(piece.To, until));
        }
    }
}
