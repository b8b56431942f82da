using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Notifications;

/// <summary>Reads once what all digests of a morning are made of.</summary>
public sealed class DigestReader(PpidDbContext db, TaskReader tasks, OfficerDirectory directory, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    /// <summary>Reads open steps, who answers for whom, and the closed steps of the week before <paramref name="monday"/>.</summary>
    /// <param name="monday">Of the week that begins; null: no weekly summary is wanted.</param>
    /// <param name="now">As of when states are told.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<DigestDay> ReadAsync(DateOnly? monday, DateTimeOffset now, CancellationToken cancellation)
    {
        var officers = await db.Users.AsNoTracking().Where(o => o.IsActive).ToDictionaryAsync(o => o.Id, cancellation);
        var actors = (await directory.ActorsAsync(cancellation)).ToDictionary(a => a.Id);
        List<DigestClosed> closed = [];
        if (monday is { } begin)
        {
            var (from, until) = (office.Time.Instant(begin.AddDays(-7), TimeOnly.MinValue), office.Time.Instant(begin, TimeOnly.MinValue));
            closed = await db.WorkItems.AsNoTracking()
                .Where(w => w.Closure == WorkItemClosure.Completed && w.ClosedAt >= from && w.ClosedAt < until && w.ClosedById != null)
                .OrderBy(w => w.ClosedAt).ThenBy(w => w.Id)
                .Select(w => new DigestClosed(w.ClosedById!.Value, w.Case!.Number, w.StepNumber, w.StepPart, w.Act, w.Capacity)
                {
                    LateMs = w.ConsumedMs > w.Clock!.BudgetMs ? w.ConsumedMs.Value - w.Clock.BudgetMs : 0,
                    CreditedMs = w.Clock.CreditedMs,
                    PausedMs = w.PausedMs ?? 0,
                    // Words are read only where no code was chosen, and no further than to here.
                    Cause = DelayCauses.Counted(w.DelayCause, w.DelayCause == null ? w.DelayReason : null)
                }).ToListAsync(cancellation);
        }
        foreach (var officer in officers.Values)
            directory.Know(officer);
        return new DigestDay(
            await DesksAsync(now, cancellation), closed, officers, actors, office, options.Value.PublicUrl.TrimEnd('/'), office.Time.Today(now), monday);
    }

    // Row by row in the order of deadlines: of however many steps are open, each desk keeps its first ones and counts the rest.
    private async Task<IReadOnlyList<DeskOfSteps>> DesksAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var desks = new Dictionary<(Guid? Assignee, string Role, Guid? InSteadOf), DeskOfSteps>();
        var rows = db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open)
            .OrderBy(w => w.Clock!.DueAt == null).ThenBy(w => w.Clock!.DueAt).ThenBy(w => w.Id)
            .Select(w => new
            {
                w.Id,
                w.AssigneeId,
                w.Role,
                w.InSteadOfId,
                w.Case!.Number,
                w.StepNumber,
                w.StepPart,
                w.Act,
                w.Clock!.State,
                w.Clock.BudgetMs,
                w.Clock.ConsumedMs,
                w.Clock.RunningSince,
                w.Clock.AtRiskAt,
                w.Clock.DueAt
            })
            .AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            var place = (row.AssigneeId, row.Role, row.InSteadOfId);
            if (!desks.TryGetValue(place, out var desk))
                desks[place] = desk = new DeskOfSteps(row.AssigneeId, row.Role, row.InSteadOfId);
            var state = tasks.StateOf(row.State, ClockKeeper.Standard(row.BudgetMs, row.ConsumedMs, row.RunningSince), row.AtRiskAt, now);
            desk.Add(new DigestStep(row.Id, row.Number, row.StepNumber + row.StepPart, row.Act, row.DueAt, state, desk));
        }
        // Not while the rows come: a connection answers one question at a time.
        foreach (var desk in desks.Values.Where(d => d.AssigneeId is not null))
            desk.Holder = await tasks.HolderAsync(desk.AssigneeId!.Value, desk.Role, desk.InSteadOfId, cancellation);
        return [.. desks.Values];
    }
}

/// <summary>An open step and how it stands.</summary>
public sealed record DigestStep(
    Guid Id, string CaseNumber, string StepLabel, SopAct Act, DateTimeOffset? DueAt, WorkItemState State, DeskOfSteps Desk);

/// <summary>
/// The open steps of one officer in one role, for himself or in another's stead, or those that wait for any holder of a role: all are counted, the
/// first by their deadline are kept.
/// </summary>
public sealed class DeskOfSteps(Guid? assigneeId, string role, Guid? inSteadOfId)
{
    /// <summary>Steps listed one by one; the rest are counted.</summary>
    public const int MostListed = 30;

    private readonly Dictionary<WorkItemState, int> _counts = [];
    private readonly List<DigestStep> _first = [];

    /// <summary>Null: not claimed yet.</summary>
    public Guid? AssigneeId => assigneeId;

    public string Role => role;

    public Guid? InSteadOfId => inSteadOfId;

    /// <summary>Who has them, as printed; null: nobody yet.</summary>
    public string? Holder { get; internal set; }

    public int Count { get; private set; }

    /// <summary>In the order of their deadlines, at most <see cref="MostListed"/>.</summary>
    public IReadOnlyList<DigestStep> First => _first;

    public int CountOf(WorkItemState state) => _counts.GetValueOrDefault(state);

    /// <summary>Steps come in the order of their deadlines.</summary>
    public void Add(DigestStep step)
    {
        Count++;
        _counts[step.State] = CountOf(step.State) + 1;
        if (_first.Count < MostListed)
            _first.Add(step);
    }
}

/// <summary>A step completed in the week told of. Times are working milliseconds.</summary>
/// <param name="By">Who completed it.</param>
/// <param name="Capacity">As what, where not in a role of his own.</param>
public sealed record DigestClosed(Guid By, string CaseNumber, string StepNumber, string StepPart, SopAct Act, string? Capacity)
{
    /// <summary>Beyond the standard, after pauses and what outages gave back; 0: on time.</summary>
    public long LateMs { get; init; }

    /// <summary>What outages gave back to its clock.</summary>
    public long CreditedMs { get; init; }
    public long PausedMs { get; init; }

    /// <summary>Why it was late, as a code (<see cref="DelayCauses.Counted"/>), never in the completer's words; null: nothing was said.</summary>
    public string? Cause { get; init; }

    public bool IsLate => LateMs > 0;

    /// <summary>5a and 5b share a clock: what its outages gave back is told once, with 5b.</summary>
    public bool EndsRow => StepPart != "a";
}

/// <summary>A digest's model, and whether it says anything.</summary>
public sealed record Digest(IReadOnlyDictionary<string, object?> Model, bool IsEmpty);

/// <summary>One morning of the office, out of which each officer's mails are cut.</summary>
public sealed class DigestDay(
    IReadOnlyList<DeskOfSteps> open, IReadOnlyList<DigestClosed> closed, IReadOnlyDictionary<Guid, Officer> officers,
    IReadOnlyDictionary<Guid, Actor> actors, OfficeCalendar office, string publicUrl, DateOnly today, DateOnly? monday)
{
    private const int MostListed = DeskOfSteps.MostListed;

    /// <summary>Open steps of an officer, and of those for whom he answers.</summary>
    public Digest Daily(Officer officer, CultureInfo culture)
    {
        var mine = open.Where(d => d.AssigneeId == officer.Id || (d.AssigneeId is null && Is(officer, d.Role))).ToList();
        var people = open.Except(mine).Where(d => AnswersFor(officer, d)).ToList();
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
        var paused = open.Where(d => d.AssigneeId == officer.Id || AnswersFor(officer, d)).Sum(d => d.CountOf(WorkItemState.Paused));
        var model = Base(officer, culture, people.Count > 0 ? "board" : "");
        model["from"] = OfficeTime.Date(first, culture);
        model["until"] = OfficeTime.Date(first.AddDays(6), culture);
        Count(model, "mine", mine);
        Count(model, "people", people);
        model["paused"] = paused;
        var rows = people.GroupBy(c => (c.By, c.Capacity)).Select(g => Row(
            ("name", NameOf(g.First())), ("completed", g.Count()), ("late", g.Count(c => c.IsLate)), ("share", Share([.. g]))))
            .OrderBy(r => (string)r["name"]!, StringComparer.Ordinal).ToList();
        model["rows"] = rows.Take(MostListed).ToList();
        model["rowsMore"] = Math.Max(0, rows.Count - MostListed);
        var all = mine.Concat(people).ToList();
        var late = all.Where(c => c.IsLate).OrderByDescending(c => c.LateMs).ToList();
        model["causes"] = CausesOf(late, culture);
        model["lateRows"] = late.Take(MostListed).Select(c => LateRow(c, officer, culture)).ToList();
        model["lateMore"] = Math.Max(0, late.Count - MostListed);
        model["lateTime"] = Time(late.Where(c => c.EndsRow).Sum(c => c.LateMs), culture);
        var credited = all.Where(c => c.EndsRow && c.CreditedMs > 0).ToList();
        model["creditedSteps"] = credited.Count;
        model["creditedTime"] = Time(credited.Sum(c => c.CreditedMs), culture);
        model["pausedTime"] = Time(all.Sum(c => c.PausedMs), culture);
        return new Digest(model, mine.Count + people.Count + paused == 0);
    }

    private Dictionary<string, object?> Base(Officer officer, CultureInfo culture, string path) => new()
    {
        ["recipientName"] = officer.DisplayName,
        ["url"] = $"{publicUrl}/{path}",
        ["preferencesUrl"] = $"{publicUrl}/preferences",
        ["officeName"] = StepMail.OfficeName
    };

    private void Fill(Dictionary<string, object?> model, string name, List<DeskOfSteps> desks, CultureInfo culture, bool withHolder)
    {
        var count = desks.Sum(d => d.Count);
        model[$"{name}Open"] = count;
        model[$"{name}Overdue"] = desks.Sum(d => d.CountOf(WorkItemState.Overdue));
        model[$"{name}AtRisk"] = desks.Sum(d => d.CountOf(WorkItemState.AtRisk));
        model[$"{name}Paused"] = desks.Sum(d => d.CountOf(WorkItemState.Paused));
        model[$"{name}More"] = Math.Max(0, count - MostListed);
        var first = desks.SelectMany(d => d.First).OrderBy(s => s.DueAt ?? DateTimeOffset.MaxValue).ThenBy(s => s.Id).Take(MostListed);
        model[name] = first.Select(s => Row(
            ("caseNumber", s.CaseNumber), ("step", $"{s.StepLabel} {StepMail.ActName(s.Act, culture)}"),
            ("state", Wire(s.State)), ("due", s.DueAt is { } due ? Due(due, culture) : null),
            ("holder", withHolder ? s.Desk.Holder : null))).ToList();
    }

    private string Due(DateTimeOffset due, CultureInfo culture) => office.Time.DateAndTime(due, culture)
        + (!office.Current.IsProvisional(due) ? "" : culture.TwoLetterISOLanguageName == "en" ? " (provisional)" : " (sementara)");

    private static void Count(Dictionary<string, object?> model, string name, List<DigestClosed> steps)
    {
        model[$"{name}Completed"] = steps.Count;
        model[$"{name}Late"] = steps.Count(s => s.IsLate);
        model[$"{name}Share"] = Share(steps);
    }

    /// <summary>On time, whole per cent, rounded down: 100 means all of them. Null: nothing to share.</summary>
    private static int? Share(List<DigestClosed> steps) => steps.Count == 0 ? null : steps.Count(s => !s.IsLate) * 100 / steps.Count;

    private static List<Dictionary<string, object?>> CausesOf(List<DigestClosed> late, CultureInfo culture) =>
        [.. late.GroupBy(c => c.Cause).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Row(("cause", DelayCauses.NameOf(g.Key, culture)), ("count", g.Count())))];

    private Dictionary<string, object?> LateRow(DigestClosed step, Officer reader, CultureInfo culture) => Row(
        ("caseNumber", step.CaseNumber), ("step", $"{step.StepNumber}{step.StepPart} {StepMail.ActName(step.Act, culture)}"),
        ("name", step.By == reader.Id ? null : NameOf(step)), ("late", Time(Math.Max(step.LateMs, 1000), culture)),
        ("cause", DelayCauses.NameOf(step.Cause, culture)),
        ("credited", Time(step.EndsRow ? step.CreditedMs : 0, culture)), ("paused", Time(step.PausedMs, culture)));

    private string? NameOf(DigestClosed step) =>
        officers.TryGetValue(step.By, out var by) ? OfficerDirectory.Printed(by.DisplayName, step.Capacity) : null;

    private static string? Time(long ms, CultureInfo culture) => ms == 0 ? null : OfficeTime.Duration(TimeSpan.FromMilliseconds(ms), culture);

    // As TaskReader.SupervisesAsync: who acts for a supervisor answers for his people, and for whom somebody stands in his supervisor, too.
    private bool AnswersFor(Officer officer, DeskOfSteps desk) => desk.AssigneeId is { } id
        ? AnswersFor(officer, id) || (desk.InSteadOfId is { } absent && AnswersFor(officer, absent))
        : Is(officer, Roles.UnitPpidHead) || officers.Values.Any(o => Is(o, desk.Role) && AnswersFor(officer, o));

    private bool AnswersFor(Officer officer, Guid performer) => officers.TryGetValue(performer, out var known)
        ? AnswersFor(officer, known)
        : Is(officer, Roles.UnitPpidHead);

    private bool AnswersFor(Officer officer, Officer performer) => performer.Id != officer.Id
        && (Is(officer, Roles.UnitPpidHead) || performer.SupervisorId == officer.Id
            || (actors.TryGetValue(officer.Id, out var actor) && actor.ActingFor(performer.SupervisorId) is not null));

    private bool Is(Officer officer, string role) => actors.TryGetValue(officer.Id, out var actor) && actor.Is(role);

    private static string Wire(WorkItemState state) => TaskReader.Wire(state);

    private static Dictionary<string, object?> Row(params (string Name, object? Value)[] values) => values.ToDictionary(v => v.Name, v => v.Value);
}
