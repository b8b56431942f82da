using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>Somebody whom a rung tells, and in whose place, because they are away.</summary>
/// <param name="Who">Null: a mailbox.</param>
internal sealed record PaperTold(string Address, string? Who, IReadOnlyList<string> Skipped, bool IsLastResort = false)
{
    public static PaperTold Of(string who, params IReadOnlyList<string> skipped) => new(Staff.Of(who).Address, who, skipped);
}

/// <summary>A fire record that the event in hand must have made.</summary>
/// <param name="Target">To whom the task went, or who was added; null: nobody.</param>
/// <param name="Former">Who had the task before.</param>
internal sealed record PaperFireRecord(
    ModelItem Item, PaperFire Fire, long FiredAt, string Action, IReadOnlyList<PaperTold> Told, string? Target = null, string? Former = null);

/// <summary>What an officer has chosen. Minutes of the day.</summary>
/// <param name="DigestAt">Null: as the day's hours begin.</param>
internal sealed record PaperWish(int QuietFrom, int QuietUntil, bool NoWarnings, bool NoDigest = false, bool NoWeekly = false, int? DigestAt = null)
{
    /// <summary>Tells somebody of work that he has to do.</summary>
    public static bool IsWork(string template) => template is "task" or "returned" or "reassigned" or "helper" or "reminder" or "resumed";

    /// <summary>
    /// When a mail goes that could go at an instant: at night after the quiet hours; what presses waits only while the office is closed, and work
    /// never longer than until it opens.
    /// </summary>
    public long Quiet(string template, long at, WorkHours hours)
    {
        var until = QuietUntilAt(at);
        if (until == at || ((IsWork(template) || template is "overdue" or "escalation" or "not-started") && hours.Opening(at) == at))
            return at;
        return IsWork(template) ? Math.Min(until, hours.Opening(at)) : until;
    }

    private long QuietUntilAt(long at)
    {
        if (QuietFrom == QuietUntil)
            return at;
        var today = WorkHours.DateOf(at);
        foreach (var day in new[] { today.AddDays(-1), today })
        {
            var (from, until) = (WorkHours.At(day, QuietFrom), WorkHours.At(QuietUntil > QuietFrom ? day : day.AddDays(1), QuietUntil));
            if (from <= at && at < until)
                return until;
        }
        return at;
    }
}

/// <summary>The ladder: whom a rung tells when it fires, and what it does (design.md §4).</summary>
internal sealed partial class OfficeModel
{
    private const long AtOnce = 300_000;

    private readonly Dictionary<string, PaperWish> _wishes = [];

    /// <param name="address">Of a mail.</param>
    public PaperWish? WishOf(string address) => _wishes.GetValueOrDefault(address);

    public void Wish(string who, PaperWish wish) => _wishes[Staff.Of(who).Address] = wish;

    /// <summary>The alarms look at their clock: all that is due is told now, and never again.</summary>
    public void Ring(long now)
    {
        HoldUp(now);
        // Who has how much to do is asked of what stood there before.
        var load = _open.Where(i => i.Assignee is not null).CountBy(i => i.Assignee!).ToDictionary();
        foreach (var item in _open)
        {
            foreach (var fire in item.Clock.DueAt(Hours, now))
            {
                item.Clock.Fired.Add((fire.Rung, fire.Repetition));
                item.Clock.Known = null;
                Fires.Add(Fire(item, fire, now, load));
            }
        }
    }

    private PaperFireRecord Fire(ModelItem item, PaperFire fire, long now, Dictionary<string, int> load)
    {
        var rung = item.Step.Ladder[fire.Rung];
        // What is late disturbs nobody before the office opens, unless the rung says so.
        var goesOut = now - fire.At > AtOnce && !rung.AnyTime ? Hours.Opening(now) : now;
        if (rung.Action is "reassign" or "addHelper" && Able(rung, item, load) is { } able)
            return rung.Action == "reassign" ? Relieve(item, fire, able, now, goesOut) : Help(item, fire, able, now, goesOut);
        var told = Told(rung, item);
        var template = TemplateOf(rung, item, fire);
        foreach (var to in told)
            Owe(template, to.Address, item.Case, goesOut, rung.AnyTime);
        return new PaperFireRecord(item, fire, now, rung.Action, told);
    }

    // Before the standard is used up it warns, as it is used up it says so, after it it escalates. One that counts plain time asks what was used by then.
    private string TemplateOf(PaperRung rung, ModelItem item, PaperFire fire)
    {
        if (rung.NotStarted)
            return "not-started";
        var used = rung.AnyTime ? item.Clock.ConsumedAt(Hours, fire.At) : rung.Target(item.Step.Budget, fire.Repetition);
        return used < item.Step.Budget ? "warning"
            : used == item.Step.Budget && (!rung.AnyTime || fire.At <= item.Clock.Instants(Hours).Due) ? "overdue" : "escalation";
    }

    private PaperFireRecord Relieve(ModelItem item, PaperFire fire, PaperTold able, long now, long goesOut)
    {
        var former = item.Assignee;
        item.Clock.Relieved.Add(former);
        item.Assignee = able.Who;
        item.Appointment = ActingIn(able.Who!, item.Step.Role);
        item.InSteadOf = item.Appointment?.InSteadOf;
        // Whoever steps in from outside the role does this step only.
        if (Is(able.Who!, item.Step.Role))
            item.Case.Players[item.Step.Role] = able.Who!;
        Owe("task", able.Address, item.Case, goesOut);
        if (former is not null)
            Owe("reassigned", Staff.Of(former).Address, item.Case, goesOut);
        return new PaperFireRecord(item, fire, now, "reassign", former is null ? [able] : [able, PaperTold.Of(former)], able.Who, former);
    }

    private PaperFireRecord Help(ModelItem item, PaperFire fire, PaperTold able, long now, long goesOut)
    {
        item.Helpers.Add(able.Who!);
        Owe("helper", able.Address, item.Case, goesOut);
        if (item.Assignee is not null)
            Owe("helped", Staff.Of(item.Assignee).Address, item.Case, goesOut);
        return new PaperFireRecord(item, fire, now, "addHelper", item.Assignee is null ? [able] : [able, PaperTold.Of(item.Assignee)], able.Who);
    }

    // The first addressee among whom somebody can: there, no auditor, neither who has it nor who was relieved of it or helps. Who has least to do.
    private PaperTold? Able(PaperRung rung, ModelItem item, Dictionary<string, int> load)
    {
        var performers = PerformersOf(item).Select(p => p.UserName).ToList();
        foreach (var to in rung.To)
        {
            var able = Meant(to, performers).Where(t => t is { Who: { } who, IsLastResort: false } && !IsAbsent(who) && who != item.Assignee
                && Staff.Of(who).Role != Roles.Auditor
                && (rung.Action == "reassign" ? !item.Clock.Relieved.Contains(who) : !item.Helpers.Contains(who) && !performers.Contains(who))).ToList();
            if (able.Count > 0)
                return able.OrderBy(t => load.GetValueOrDefault(t.Who!)).ThenBy(t => Staff.Of(t.Who!).Name, StringComparer.Ordinal).First();
        }
        return null;
    }

    private IReadOnlyList<PaperTold> Told(PaperRung rung, ModelItem item)
    {
        var performers = PerformersOf(item).Select(p => p.UserName).ToList();
        var found = rung.To.SelectMany(to => Meant(to, performers)).ToList();
        if (found.Count == 0)
            found.AddRange(LastResort([]));
        return [.. found.GroupBy(t => t.Address).Select(same => same.First() with { Skipped = [.. same.SelectMany(t => t.Skipped).Distinct()] })];
    }

    private IEnumerable<PaperTold> Meant(string to, IReadOnlyList<string> performers) => to switch
    {
        "assignee" => performers.Select(p => PaperTold.Of(p)),
        "supervisor" => performers.SelectMany(p => SupervisorThere(p) is { Who: { } above } there ? [PaperTold.Of(above, there.Skipped)]
            : SupervisorThere(p).Skipped is { Count: > 0 } away ? LastResort(away) : []),
        _ when to.StartsWith("role:", StringComparison.Ordinal) => Holders([.. HoldersOf(to[5..]).Select(s => s.UserName)]),
        _ => [new PaperTold(to["mailbox:".Length..], null, [])]
    };

    // Whoever of them is there; where all are away, whoever is above each, for the news only.
    private IEnumerable<PaperTold> Holders(IReadOnlyList<string> holders)
    {
        var away = holders.Where(h => IsAbsent(h)).ToList();
        if (away.Count < holders.Count)
            return holders.Except(away).Select(h => PaperTold.Of(h, away));
        return away.SelectMany(h =>
        {
            var (above, between) = SupervisorThere(h);
            IReadOnlyList<string> skipped = [.. away.Concat(between).Distinct()];
            return above is null ? LastResort(skipped) : [PaperTold.Of(above, skipped) with { IsLastResort = true }];
        });
    }

    // A rung never speaks to nobody: the head of the unit if he is there, else the administrators.
    private IEnumerable<PaperTold> LastResort(IReadOnlyList<string> skipped)
    {
        var heads = HoldersOf(Roles.UnitPpidHead).Select(h => h.UserName).ToList();
        var there = heads.Where(h => !IsAbsent(h)).ToList();
        IReadOnlyList<string> away = [.. skipped.Concat(heads.Except(there)).Distinct()];
        return (there.Count > 0 ? there : HoldersOf(Roles.Admin).Select(a => a.UserName)).Select(who => PaperTold.Of(who, away) with { IsLastResort = true });
    }
}
