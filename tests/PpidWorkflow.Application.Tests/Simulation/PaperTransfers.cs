namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>What absences and letters do to open work: offers, hand-backs, and the mails of both.</summary>
internal sealed partial class OfficeModel
{
    /// <summary>A new absence may begin yesterday, and must not meet one of then.</summary>
    private const long RememberedFor = 6 * 86_400_000L;

    public void Record(PaperAbsence absence)
    {
        Absences.Add(absence);
        if (absence.Begins <= Now)
            Begin(absence);
    }

    /// <summary>He is back, or does not go.</summary>
    public void End(PaperAbsence absence)
    {
        if (absence.Begins > Now)
        {
            absence.Withdrawn = true;
            return;
        }
        absence.EndedAt = Now;
        Return(absence);
    }

    public void Name(PaperAbsence absence, string? substitute)
    {
        absence.Substitute = substitute;
        if (absence.BeginTold)
            Begin(absence);
    }

    public void Record(PaperAppointment appointment)
    {
        Appointments.Add(appointment);
        Owe("acting-appointed", Staff.Of(appointment.Who).Address, null);
        if (appointment.InSteadOf is { } holder)
            Owe("acting-appointed", Staff.Of(holder).Address, null);
        if (appointment.Covers(Now))
            Begin(appointment);
    }

    public void End(PaperAppointment appointment)
    {
        if (appointment.Begins > Now)
        {
            appointment.Withdrawn = true;
            return;
        }
        appointment.EndedAt = Now;
        HandBack(appointment);
    }

    /// <summary>When something is next to be told of by the sweep; null: nothing.</summary>
    public long? NextTurn()
    {
        long? next = null;
        foreach (var a in Absences.Where(a => !a.Withdrawn && !a.ReturnTold))
            Sooner(a.BeginTold ? a.Ends : a.Begins);
        foreach (var a in Appointments.Where(a => !a.Withdrawn && !a.HandedBack))
            Sooner(a.BeginTold ? a.Ends : a.Begins);
        return next;

        void Sooner(long at) => next = next is null || at < next ? at : next;
    }

    /// <summary>Whatever began or ended since somebody looked.</summary>
    public void Turn()
    {
        foreach (var absence in Absences.Where(a => !a.Withdrawn && !a.ReturnTold).OrderBy(a => a.First).ToList())
        {
            if (absence.Ends <= Now)
                Return(absence);
            else if (!absence.BeginTold && absence.Begins <= Now)
                Begin(absence);
        }
        var letters = Appointments.Where(a => !a.Withdrawn && !a.HandedBack).ToList();
        letters.Where(a => a.Ends <= Now).ToList().ForEach(HandBack);
        letters.Where(a => !a.BeginTold && a.Covers(Now)).ToList().ForEach(Begin);
        // Nobody asks for them any more, not even by a clock that is set back.
        Absences.RemoveAll(a => a.Withdrawn || (a.ReturnTold && a.Ends < Now - RememberedFor));
        Appointments.RemoveAll(a => a.Withdrawn || (a.HandedBack && a.Ends < Now - RememberedFor));
        Offers.RemoveAll(o => o.State != "Offered" && (o.Absence?.ReturnTold ?? o.Appointment!.HandedBack) && !o.Item.IsOpen);
    }

    /// <summary>Who takes it over by accepting: whom it was offered to, or the supervisor himself where nobody is there for it.</summary>
    public void Accept(PaperOffer offer, string by)
    {
        var to = offer.To is null || offer.To == by || IsAbsent(offer.To) ? by : offer.To;
        Move(offer.Item, to, offer.Appointment is { InSteadOf: null } ? null : offer.From, isTold: to != by);
        offer.State = "Accepted";
        foreach (var other in Offers.Where(o => o.Item == offer.Item && o.State == "Offered"))
            other.State = "Lapsed";
    }

    public void Decline(PaperOffer offer, string by)
    {
        offer.State = "Declined";
        if (offer.To != by)
            return;
        foreach (var supervisor in SupervisorsToTell(offer.From, by))
            Owe("transfer-declined", Staff.Of(supervisor).Address, offer.Item.Case);
    }

    private void Begin(PaperAbsence absence)
    {
        var again = absence.BeginTold;
        absence.BeginTold = true;
        if (absence.Ends <= Now)
            return;
        var offered = new List<PaperOffer>();
        foreach (var item in _open.Where(i => i.Assignee == absence.Who))
        {
            var to = ActingFor(absence.Who, item.Step.Role) is { } acting && !IsAbsent(acting) ? acting
                : absence.Substitute is not { } named ? null
                : !IsAbsent(named) ? named : StandIn(named, item.Step.Role);
            if (Offer(item, absence.Who, to, absence, null) is { } offer)
                offered.Add(offer);
        }
        foreach (var told in offered.Select(o => o.To).Append(absence.Substitute).OfType<string>().Distinct())
            Owe("absence-begun", Staff.Of(told).Address, null);
        if (offered.Count == 0 || again)
            return;
        foreach (var supervisor in SupervisorsToTell(absence.Who, absence.Substitute))
            Owe("absence-begun", Staff.Of(supervisor).Address, null);
    }

    private void Begin(PaperAppointment appointment)
    {
        appointment.BeginTold = true;
        var offered = _open.Where(i => i.Step.Role == appointment.Role && i.Assignee is not null && i.Assignee == appointment.InSteadOf)
            .Select(i => Offer(i, i.Assignee!, appointment.Who, null, appointment)).OfType<PaperOffer>().ToList();
        foreach (var _ in offered.GroupBy(o => o.From))
            Owe("acting-offered", Staff.Of(appointment.Who).Address, null);
    }

    private void Return(PaperAbsence absence)
    {
        (absence.BeginTold, absence.ReturnTold) = (true, true);
        var moved = Offers.Where(o => o.Absence == absence && o.State == "Accepted").Select(o => o.Item).ToHashSet();
        foreach (var offer in Offers.Where(o => o.Absence == absence && o.State == "Offered"))
            offer.State = "Lapsed";
        var taken = Cases.SelectMany(c => c.Items).Any(i => i.InSteadOf == absence.Who && i.Closure != "Cancelled"
            && ((i.ReceivedAt >= absence.Begins && i.ReceivedAt < absence.Ends) || moved.Contains(i)));
        if (taken || _open.Exists(i => i.Assignee == absence.Who))
            Owe("absence-returned", Staff.Of(absence.Who).Address, null);
    }

    // What was his by the letter only goes back to the post.
    private void HandBack(PaperAppointment appointment)
    {
        appointment.HandedBack = true;
        foreach (var offer in Offers.Where(o => o.Appointment == appointment && o.State == "Offered"))
            offer.State = "Lapsed";
        foreach (var item in _open.Where(i => i.Appointment == appointment).ToList())
        {
            var choice = Choose(item.Step.Role, item.InSteadOf, null);
            if (choice.Assignee is { } to)
            {
                Move(item, to, choice.InSteadOf, isTold: true);
                continue;
            }
            (item.Assignee, item.InSteadOf, item.Appointment) = (null, null, null);
            foreach (var holder in choice.Told)
                Owe("task", Staff.Of(holder).Address, item.Case);
            Touched.Add(item.Case);
        }
    }

    private PaperOffer? Offer(ModelItem item, string from, string? to, PaperAbsence? absence, PaperAppointment? appointment)
    {
        var standing = Offers.Where(o => o.Item == item && o.State == "Offered").ToList();
        if (standing.Exists(o => o.From == from && o.To == to))
            return null;
        standing.ForEach(o => o.State = "Lapsed");
        var offer = new PaperOffer(item, from, to, absence, appointment);
        Offers.Add(offer);
        return offer;
    }

    private void Move(ModelItem item, string to, string? inSteadOf, bool isTold)
    {
        (item.Assignee, item.InSteadOf, item.Appointment) = (to, inSteadOf, ActingIn(to, item.Step.Role));
        item.Case.Players[item.Step.Role] = inSteadOf ?? to;
        if (isTold)
            Owe("task", Staff.Of(to).Address, item.Case);
        Touched.Add(item.Case);
    }
}
