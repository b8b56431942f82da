using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>Somebody is not there. Instants by the service's clock, milliseconds since 1970.</summary>
internal sealed class PaperAbsence(string who, DateOnly first, long begins, long plannedEnd, string? substitute)
{
    public Guid Id { get; set; }

    public string Who => who;

    public DateOnly First => first;

    public long Begins => begins;

    public long Ends => EndedAt < plannedEnd ? EndedAt.Value : plannedEnd;

    public long? EndedAt { get; set; }

    public bool Withdrawn { get; set; }

    public string? Substitute { get; set; } = substitute;

    /// <summary>Those concerned were told of the begin, and of the return.</summary>
    public bool BeginTold { get; set; }
    public bool ReturnTold { get; set; }

    public bool Covers(long at) => !Withdrawn && Begins <= at && at < Ends;
}

/// <summary>Somebody acts in a post: Plh. for <paramref name="inSteadOf"/>, or Plt. in a vacant one (null).</summary>
internal sealed class PaperAppointment(string who, string role, string? inSteadOf, DateOnly first, DateOnly last, long recordedAt)
{
    public Guid Id { get; set; }

    public string Who => who;

    public string Role => role;

    public string? InSteadOf => inSteadOf;

    public DateOnly First => first;

    public DateOnly Last => last;

    /// <summary>No right is given backwards.</summary>
    public long Begins { get; } = Math.Max(WorkHours.At(first, 0), recordedAt);

    public long Ends => EndedAt < WorkHours.At(last.AddDays(1), 0) ? EndedAt.Value : WorkHours.At(last.AddDays(1), 0);

    public long? EndedAt { get; set; }

    public bool Withdrawn { get; set; }

    public bool BeginTold { get; set; }

    public bool HandedBack { get; set; }

    public bool Covers(long at) => !Withdrawn && Begins <= at && at < Ends;
}

/// <summary>Open work of who is away, offered to who stands in; null: to nobody, his supervisors decide.</summary>
internal sealed class PaperOffer(ModelItem item, string from, string? to, PaperAbsence? absence, PaperAppointment? appointment)
{
    public Guid Id { get; set; }

    public ModelItem Item => item;

    public string From => from;

    public string? To => to;

    public PaperAbsence? Absence => absence;

    public PaperAppointment? Appointment => appointment;

    public string State { get; set; } = "Offered";

    public bool StandsAt(long now) => State == "Offered" && item.IsOpen && item.Assignee == from && (absence?.Covers(now) ?? appointment!.Covers(now));
}

/// <summary>Who gets a step, in whose stead, and who is told of it.</summary>
internal sealed record PaperChoice(string? Assignee, string? InSteadOf, IReadOnlyList<string> Told);

/// <summary>
/// Who is there and who has which right, as the office's rules say (README.md, decisions on absences; domain.md §3): a substitute gets tasks, an
/// acting officer the role. Asked of the lists as of now, like a clerk with a calendar would.
/// </summary>
internal sealed partial class OfficeModel
{
    public List<PaperAbsence> Absences { get; } = [];

    public List<PaperAppointment> Appointments { get; } = [];

    public List<PaperOffer> Offers { get; } = [];

    private long Now => clock();

    public bool IsAbsent(string who, long? at = null) => Absences.Exists(a => a.Who == who && a.Covers(at ?? Now));

    /// <summary>His own role, or one in which he acts now.</summary>
    public bool Is(string who, string role) => Staff.Of(who).Role == role || ActingIn(who, role) is not null;

    /// <summary>By what letter he has a role now; null: it is his own, or not his.</summary>
    public PaperAppointment? ActingIn(string who, string role) =>
        Staff.Of(who).Role == role ? null : Appointments.Find(a => a.Who == who && a.Role == role && a.Covers(Now));

    /// <summary>By name: whose role it is, and who acts in it.</summary>
    public IReadOnlyList<Staff> HoldersOf(string role) => Appointments.Exists(a => a.Role == role && a.Covers(Now))
        ? [.. Staff.All.Where(s => Is(s.UserName, role)).OrderBy(s => s.Name, StringComparer.Ordinal)]
        : Staff.Holding(role);

    public bool ActsSomewhere(string who) => Appointments.Exists(a => a.Who == who && a.Covers(Now));

    public IReadOnlyList<Staff> PerformersOf(ModelItem item) => item.Assignee is { } one ? [Staff.Of(one)] : HoldersOf(item.Step.Role);

    /// <summary>May he start or complete it: what somebody has by a letter is his no more once the letter has run out.</summary>
    public bool MayPerform(string who, ModelItem item) => item.Helpers.Contains(who)
        || (item.Assignee is null ? Is(who, item.Step.Role) : item.Assignee == who && (item.Appointment is null || Is(who, item.Step.Role)));

    /// <summary>The supervisor of who has it, or of whom he stands in for; who acts for one of these; and the head of the unit. Nobody himself.</summary>
    public bool Supervises(string who, ModelItem item)
    {
        if (Is(who, Roles.UnitPpidHead) && (item.Assignee != who || ActingIn(who, Roles.UnitPpidHead) is null))
            return true;
        var performers = PerformersOf(item);
        if (item.InSteadOf is { } absent)
            performers = [.. performers, Staff.Of(absent)];
        return performers.Any(p => p.Supervisor == who || (p.UserName != who && p.Supervisor is { } above && ActsFor(who, above)));
    }

    /// <summary>Who may be given a step by hand, and in whose stead: holders of its role, and who stands in for one that is away.</summary>
    public IReadOnlyList<(string Who, string? InSteadOf)> Candidates(string role)
    {
        var found = HoldersOf(role).Select(h => (h.UserName, ActingIn(h.UserName, role)?.InSteadOf)).ToList();
        foreach (var holder in HoldersOf(role))
        {
            if (IsAway(holder.UserName, role) && StandIn(holder.UserName, role) is { } other && !found.Exists(f => f.UserName == other))
                found.Add((other, holder.UserName));
        }
        return found;
    }

    /// <summary>
    /// New work goes to the one wanted if he is there; else to who acts for him, his substitute, the role's other holders, the nearest supervisor
    /// who is there. Never to nobody. Whoever acts himself is there.
    /// </summary>
    private PaperChoice Choose(string role, string? wanted, string? actor)
    {
        var holders = HoldersOf(role).Select(h => h.UserName).ToList();
        var present = holders.Where(h => h == actor || !IsAway(h, role)).ToList();
        var chosen = wanted is not null && holders.Contains(wanted) ? wanted : present.Count == 1 ? present[0] : null;
        if (chosen is null && present.Count > 1)
            return new PaperChoice(null, null, present);
        if (chosen is not null && present.Contains(chosen))
            return new PaperChoice(chosen, ActingIn(chosen, role)?.InSteadOf, [chosen]);
        foreach (var absent in chosen is null ? holders : [chosen])
        {
            if (StandIn(absent, role) is { } standIn)
                return new PaperChoice(standIn, absent, [standIn]);
        }
        if (present.Count > 0)
            return present.Count == 1 ? new PaperChoice(present[0], chosen, present) : new PaperChoice(null, null, present);
        var left = chosen ?? holders[0];
        return SupervisorThere(left).Who is { } above ? new PaperChoice(above, left, [above]) : new PaperChoice(left, null, [left]);
    }

    // He is not to get new work of the role: he is absent, or somebody acts in his stead.
    private bool IsAway(string who, string role) => IsAbsent(who) || ActingFor(who, role) is not null;

    private string? ActingFor(string holder, string role) =>
        HoldersOf(role).FirstOrDefault(h => ActingIn(h.UserName, role)?.InSteadOf == holder)?.UserName;

    private bool ActsFor(string who, string holder) =>
        Appointments.Exists(a => a.Who == who && a.InSteadOf == holder && a.Covers(Now) && Staff.Of(who).Role != a.Role);

    private string? StandIn(string absent, string role)
    {
        if (ActingFor(absent, role) is { } acting && !IsAbsent(acting))
            return acting;
        HashSet<string> seen = [absent];
        for (var at = absent; Absences.Find(a => a.Who == at && a.Covers(Now))?.Substitute is { } next && seen.Add(next); at = next)
        {
            if (!IsAbsent(next))
                return next;
        }
        return null;
    }

    /// <summary>The nearest supervisor who is there, or who acts for one that is not; and whom that passed over.</summary>
    private (string? Who, IReadOnlyList<string> Skipped) SupervisorThere(string of)
    {
        var skipped = new List<string>();
        for (var above = Staff.Of(of).Supervisor; above is not null; above = Staff.Of(above).Supervisor)
        {
            var acting = Appointments.Where(a => a.InSteadOf == above && a.Covers(Now)).MinBy(a => a.First)?.Who;
            if (acting is null && !IsAbsent(above))
                return (above, skipped);
            skipped.Add(above);
            // Nobody answers to himself.
            if (acting is not null && acting != of && !IsAbsent(acting))
                return (acting, skipped);
        }
        return (null, skipped);
    }

    private List<string> SupervisorsToTell(string of, string? except)
    {
        if (SupervisorThere(of).Who is { } supervisor)
            return supervisor == except ? [] : [supervisor];
        List<string> heads = [.. HoldersOf(Roles.UnitPpidHead).Select(h => h.UserName).Where(h => h != of && h != except)];
        return heads.Count > 0 ? heads : [.. HoldersOf(Roles.Admin).Select(a => a.UserName).Where(a => a != of && a != except)];
    }
}
