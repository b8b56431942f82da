using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>Reads once what all digests of a morning are made of.</summary>
public sealed class DigestReader(PpidDbContext db, TaskReader tasks, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    /// <summary>Reads open steps, who answers for whom, and the closed steps of the week before <paramref name="monday"/>.</summary>
    /// <param name="monday">Of the week that begins; null: no weekly summary is wanted.</param>
    /// <param name="now">As of when states are told.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<DigestDay> ReadAsync(DateOnly? monday, DateTimeOffset now, CancellationToken cancellation)
    {
        var open = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Where(w => w.Closure == WorkItemClosure.Open)
            .ToListAsync(cancellation);
        var officers = await db.Users.AsNoTracking().Where(o => o.IsActive).ToDictionaryAsync(o => o.Id, cancellation);
        var roles = (await (
            from link in db.UserRoles
            join role in db.Roles on link.RoleId equals role.Id
            select new { link.UserId, role.Name }).ToListAsync(cancellation)).ToLookup(l => l.UserId, l => l.Name!);
        List<DigestClosed> closed = [];
        if (monday is { } begin)
        {
            var (from, until) = (office.Time.Instant(begin.AddDays(-7), TimeOnly.MinValue), office.Time.Instant(begin, TimeOnly.MinValue));
            closed = await db.WorkItems.AsNoTracking()
                .Where(w => w.Closure == WorkItemClosure.Completed && w.ClosedAt >= from && w.ClosedAt < until && w.ClosedById != null)
                .Select(w => new DigestClosed(w.ClosedById!.Value, w.ConsumedMs > w.Clock!.BudgetMs, w.DelayReason)).ToListAsync(cancellation);
        }
        return new DigestDay(
            [.. open.Select(w => new DigestStep(w, tasks.StateOf(w, now))).OrderBy(s => s.Item.Clock!.DueAt ?? DateTimeOffset.MaxValue).ThenBy(s => s.Item.Id)],
            closed, officers, roles, office, options.Value.PublicUrl.TrimEnd('/'), office.Time.Today(now), monday);
    }
}

/// <summary>An open step and how it stands.</summary>
public sealed record DigestStep(WorkItem Item, WorkItemState State);

/// <summary>A step completed in the week told of.</summary>
/// <param name="By">Who completed it.</param>
/// <param name="IsLate">Later than its standard.</param>
/// <param name="Reason">Why, in the completer's words.</param>
public sealed record DigestClosed(Guid By, bool IsLate, string? Reason);

/// <summary>A digest's model, and whether it says anything.</summary>
public sealed record Digest(IReadOnlyDictionary<string, object?> Model, bool IsEmpty);

/// <summary>One morning of the office, out of which each officer's mails are cut.</summary>
public sealed class DigestDay(
    IReadOnlyList<DigestStep> open, IReadOnlyList<DigestClosed> closed, IReadOnlyDictionary<Guid, Officer> officers, ILookup<Guid, string> roles,
    OfficeCalendar office, string publicUrl, DateOnly today, DateOnly? monday)
{
    /// <summary>Steps listed one by one; the rest are counted.</summary>
    private const int MostListed = 30;

    /// <summary>What may be chosen as the cause of a delay; free text may say what is in a dossier and stays out of mails.</summary>
    private static readonly (string Indonesian, string English)[] Causes =
    [
        ("pejabat rapat/dinas luar", "official in a meeting or travelling"), ("listrik/jaringan padam", "power or network failure"),
        ("menunggu kelengkapan", "waiting for documents"), ("beban kerja", "workload")
    ];

    /// <summary>Open steps of an officer, and of those for whom he answers.</summary>
    public Digest Daily(Officer officer, CultureInfo culture)
    {
        var own = roles[officer.Id].ToHashSet();
        var mine = open.Where(s => s.Item.AssigneeId == officer.Id || (s.Item.AssigneeId is null && own.Contains(s.Item.Role))).ToList();
        var people = open.Except(mine).Where(s => AnswersFor(officer, s.Item)).ToList();
        var model = Base(officer, culture, people.Count > 0 ? "board" : "");
        Fill(model, "mine", mine, culture, withHolder: false);
        Fill(model, "people", people, culture, withHolder: true);
        model["day"] = $"{OfficeTime.DayName(today.DayOfWeek, culture)}, {OfficeTime.Date(today, culture)}";
        return new Digest(model, mine.Count + people.Count == 0);
    }

    /// <summary>What an officer and those for whom he answers completed in the week before, and what stands.</summary>
    public Digest Weekly(Officer officer, CultureInfo culture)
    {
        var first = (monday ?? today).AddDays(-7);
        var people = closed.Where(c => c.By != officer.Id && officers.TryGetValue(c.By, out var by) && AnswersFor(officer, by)).ToList();
        var mine = closed.Where(c => c.By == officer.Id).ToList();
        var paused = open.Count(s => s.State == WorkItemState.Paused
            && (s.Item.AssigneeId == officer.Id || AnswersFor(officer, s.Item)));
        var model = Base(officer, culture, people.Count > 0 ? "board" : "");
        model["from"] = OfficeTime.Date(first, culture);
        model["until"] = OfficeTime.Date(first.AddDays(6), culture);
        Count(model, "mine", mine);
        Count(model, "people", people);
        model["paused"] = paused;
        model["rows"] = people.GroupBy(c => c.By).Select(g => Row(
            ("name", officers[g.Key].DisplayName), ("completed", g.Count()), ("late", g.Count(c => c.IsLate)), ("share", Share([.. g]))))
            .OrderBy(r => (string)r["name"]!, StringComparer.Ordinal).Take(MostListed).ToList();
        model["causes"] = CausesOf([.. mine.Concat(people).Where(c => c.IsLate)], culture);
        return new Digest(model, mine.Count + people.Count + paused == 0);
    }

    private Dictionary<string, object?> Base(Officer officer, CultureInfo culture, string path) => new()
    {
        ["recipientName"] = officer.DisplayName,
        ["url"] = $"{publicUrl}/{path}",
        ["preferencesUrl"] = $"{publicUrl}/preferences",
        ["officeName"] = StepMail.OfficeName
    };

    private void Fill(Dictionary<string, object?> model, string name, List<DigestStep> steps, CultureInfo culture, bool withHolder)
    {
        model[$"{name}Open"] = steps.Count;
        model[$"{name}Overdue"] = steps.Count(s => s.State == WorkItemState.Overdue);
        model[$"{name}AtRisk"] = steps.Count(s => s.State == WorkItemState.AtRisk);
        model[$"{name}Paused"] = steps.Count(s => s.State == WorkItemState.Paused);
        model[$"{name}More"] = Math.Max(0, steps.Count - MostListed);
        model[name] = steps.Take(MostListed).Select(s => Row(
            ("caseNumber", s.Item.Case!.Number), ("step", $"{s.Item.StepLabel} {StepMail.ActName(s.Item.Act, culture)}"),
            ("state", Wire(s.State)), ("due", s.Item.Clock!.DueAt is { } due ? office.Time.DateAndTime(due, culture) : null),
            ("holder", withHolder && s.Item.AssigneeId is { } id && officers.TryGetValue(id, out var holder) ? holder.DisplayName : null))).ToList();
    }

    private static void Count(Dictionary<string, object?> model, string name, List<DigestClosed> steps)
    {
        model[$"{name}Completed"] = steps.Count;
        model[$"{name}Late"] = steps.Count(s => s.IsLate);
        model[$"{name}Share"] = Share(steps);
    }

    /// <summary>On time, whole per cent, rounded down: 100 means all of them. Null: nothing to share.</summary>
    private static int? Share(List<DigestClosed> steps) => steps.Count == 0 ? null : steps.Count(s => !s.IsLate) * 100 / steps.Count;

    private static List<Dictionary<string, object?>> CausesOf(List<DigestClosed> late, CultureInfo culture)
    {
        var english = OfficeTime.IsEnglish(culture);
        return [.. late.GroupBy(c => Array.FindIndex(Causes, cause => c.Reason?.StartsWith(cause.Indonesian, StringComparison.Ordinal) == true))
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => Row(("cause", g.Key < 0 ? english ? "other or not given" : "lainnya atau tidak diisi"
                : english ? Causes[g.Key].English : Causes[g.Key].Indonesian), ("count", g.Count())))];
    }

    private bool AnswersFor(Officer officer, WorkItem item) =>
        roles[officer.Id].Contains(Roles.UnitPpidHead)
        || (item.AssigneeId is { } id
            ? officers.TryGetValue(id, out var holder) && holder.SupervisorId == officer.Id
            : officers.Values.Any(o => o.SupervisorId == officer.Id && roles[o.Id].Contains(item.Role)));

    private bool AnswersFor(Officer officer, Officer performer) =>
        roles[officer.Id].Contains(Roles.UnitPpidHead) || performer.SupervisorId == officer.Id;

    private static string Wire(WorkItemState state) => TaskReader.Wire(state);

    private static Dictionary<string, object?> Row(params (string Name, object? Value)[] values) => values.ToDictionary(v => v.Name, v => v.Value);
}
