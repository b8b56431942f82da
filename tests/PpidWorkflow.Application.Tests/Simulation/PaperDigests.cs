using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// Who gets a morning digest or a weekly summary when somebody looks, and what it counts: once a working day and once a week each, not before
/// one's time, not after closing (an hour of grace), not while one is away, and nothing where there is nothing to say.
/// </summary>
internal sealed partial class OfficeModel
{
    private const long Grace = 3_600_000;

    private readonly Dictionary<string, DateOnly> _dailies = [];
    private readonly Dictionary<string, DateOnly> _weeklies = [];

    /// <summary>The day of the last digest of each, and the Monday of the last summary, whether or not there was anything to say.</summary>
    public IEnumerable<(string Who, string Kind, DateOnly Day)> Digested =>
        _dailies.Select(d => (d.Key, "digest", d.Value)).Concat(_weeklies.Select(w => (w.Key, "weekly", w.Value)));

    /// <summary>Who is to be told now.</summary>
    public IReadOnlyList<string> DigestsDue()
    {
        var today = WorkHours.DateOf(Now);
        if (Hours.HoursOf(today) is not { } hours)
            return [];
        return [.. Staff.All.Select(s => s.UserName).Where(who =>
        {
            var at = WishOf(Staff.Of(who).Address)?.DigestAt is { } wanted ? WorkHours.At(today, wanted) : hours.Opens;
            return !(_dailies.GetValueOrDefault(who) >= today) && !IsAbsent(who) && at <= Now && (Now < hours.Closes || Now < at + Grace);
        })];
    }

    /// <summary>One of them is told, or has nothing to be told.</summary>
    public void Digest(string who)
    {
        var (today, wish) = (WorkHours.DateOf(Now), WishOf(Staff.Of(who).Address));
        var monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        _dailies[who] = today;
        List<ModelItem> mine = [.. _open.Where(i => i.Assignee == who || (i.Assignee is null && Is(who, i.Step.Role)))];
        List<ModelItem> others = [.. _open.Except(mine).Where(i => Supervises(who, i))];
        if (mine.Count + others.Count > 0 && wish is not { NoDigest: true })
            Owe("digest", Staff.Of(who).Address, null, figures: $"{Stand(mine)}; {Stand(others)}");
        if (_weeklies.GetValueOrDefault(who) >= monday)
            return;
        _weeklies[who] = monday;
        var (from, until) = (WorkHours.At(monday.AddDays(-7), 0), WorkHours.At(monday, 0));
        List<ModelItem> done = [.. Cases.SelectMany(c => c.Items).Where(i => i.Closure == "Completed" && i.ClosedAt >= from && i.ClosedAt < until)];
        List<ModelItem> own = [.. done.Where(i => i.ClosedBy == who)];
        List<ModelItem> people = [.. done.Where(i => i.ClosedBy != who && AnswersFor(who, i.ClosedBy!))];
        var paused = _open.Count(i => i.Clock.State == ClockIs.Paused && (i.Assignee == who || Supervises(who, i)));
        if (own.Count + people.Count + paused > 0 && wish is not { NoWeekly: true })
            Owe("weekly", Staff.Of(who).Address, null, figures: $"{Done(own)}; {Done(people)}; {paused}; {own.Concat(people).Count(i => i.Step.Label != "5a" && i.Clock.Credited > 0)}");
    }

    // Open, overdue, at risk, paused.
    private string Stand(List<ModelItem> items)
    {
        var (paused, overdue, atRisk) = (0, 0, 0);
        foreach (var clock in items.Select(i => i.Clock))
        {
            if (clock.State == ClockIs.Paused)
                paused++;
            else if (clock.ConsumedAt(Hours, Now) > clock.Step.Budget)
                overdue++;
            else if (clock.Instants(Hours).AtRisk <= Now)
                atRisk++;
        }
        return $"{items.Count}, {overdue}, {atRisk}, {paused}";
    }

    private static string Done(List<ModelItem> items) => $"{items.Count}, {items.Count(i => i.ConsumedAtClose > i.Step.Budget)}";

    private bool AnswersFor(string who, string performer) => performer != who
        && (Is(who, Roles.UnitPpidHead) || Staff.Of(performer).Supervisor == who || (Staff.Of(performer).Supervisor is { } above && ActsFor(who, above)));
}
