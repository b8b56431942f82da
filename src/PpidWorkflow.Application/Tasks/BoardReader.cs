using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// The board of issue 4: open steps by urgency, for those who answer for them. Overdue first, then at risk, then by due instant; paused ones
/// last. A page costs the same few statements however many steps are open.
/// </summary>
public sealed class BoardReader(PpidDbContext db, TaskReader reader, OfficeCalendar office, OfficerDirectory directory, TimeProvider time)
{
    private static readonly string[] States = ["open", "overdue", "atRisk", "paused"];

    /// <summary>Different role, holder and SOP of the filters' choices: more than an office has.</summary>
    private const int MostChoices = 500;

    /// <summary>Rows of the board that the actor may see, most urgent first.</summary>
    public async Task<Result<Page<BoardRow>>> ListAsync(Actor actor, BoardQuery query, CancellationToken cancellation = default)
    {
        if (query.PageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        if (!States.Contains(query.State ?? "open"))
            return Problem.Invalid("unknown-state-filter", "state", string.Join(", ", States));
        var after = query.After is { Length: > 0 } text ? BoardCursor.Parse(text) : null;
        if (query.After is { Length: > 0 } && after is null)
            return Problem.Invalid("cursor-invalid", "after");

        // All pages of one look are ordered as of its first: a step that becomes urgent meanwhile cannot slip by between two pages.
        var asOf = after?.AsOf ?? time.Now();
        var ranked = Ranked(Filtered(Open(actor), query), asOf);
        ranked = (query.State ?? "open") switch
        {
            "overdue" => ranked.Where(r => r.Rank == Rank.Overdue),
            "atRisk" => ranked.Where(r => r.Rank == Rank.AtRisk),
            "paused" => ranked.Where(r => r.Rank == Rank.Paused),
            _ => ranked
        };
        if (after is { } from)
            ranked = ranked.Where(r => r.Rank > from.Rank || (r.Rank == from.Rank && (r.Due > from.Due || (r.Due == from.Due && r.Item.Id > from.Id))));
        // Sorted by keys alone; only the rows of the page are read whole.
        var page = await ranked.OrderBy(r => r.Rank).ThenBy(r => r.Due).ThenBy(r => r.Item.Id).Take(query.PageSize + 1)
            .Select(r => new { r.Rank, r.Due, r.Item.Id }).ToListAsync(cancellation);
        var last = page.Count > query.PageSize ? page[query.PageSize - 1] : null;
        if (page.Count == 0)
            return new Page<BoardRow>([], null);
        var ids = page.Take(query.PageSize).Select(r => r.Id).ToList();
        var items = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee)
            .Where(w => ids.Contains(w.Id)).ToDictionaryAsync(w => w.Id, cancellation);
        return new Page<BoardRow>(
            await RowsAsync(actor, ids.ConvertAll(id => items[id]), cancellation),
            last is null ? null : new BoardCursor(asOf, last.Rank, last.Due, last.Id).ToString());
    }

    /// <summary>Figures and choices for the page, of all that the actor may see.</summary>
    public async Task<BoardFrame> FrameAsync(Actor actor, CancellationToken cancellation = default)
    {
        // One walk through what is open, for figures and choices alike.
        var groups = await Ranked(Open(actor), time.Now())
            .GroupBy(r => new { r.Rank, r.Item.Role, r.Item.Case!.DefinitionId, r.Item.AssigneeId, r.Item.AppointmentId })
            .Select(g => new { g.Key.Rank, g.Key.Role, g.Key.DefinitionId, g.Key.AssigneeId, g.Key.AppointmentId, Count = g.Count() })
            .ToListAsync(cancellation);
        int Figure(int? rank) => Math.Min(BoardFrame.Most, groups.Where(g => rank is null || g.Rank == rank).Sum(g => g.Count));
        var holders = groups.Select(g => g.AssigneeId).OfType<Guid>().Distinct().ToList();
        var people = holders.Count == 0 ? [] : await db.Users.AsNoTracking().Where(o => holders.Contains(o.Id)).ToDictionaryAsync(o => o.Id, cancellation);
        var choices = groups.Select(g => (g.Role, g.DefinitionId, g.AssigneeId, g.AppointmentId)).Distinct().Take(MostChoices)
            .Select(g => (g.Role, g.DefinitionId, g.AppointmentId, Holder: g.AssigneeId is { } id ? people[id] : null)).ToList();
        var codes = choices.Select(c => c.Role).Distinct().ToList();
        var ids = choices.Select(c => c.DefinitionId).Distinct().ToList();
        var roles = await db.Roles.AsNoTracking().Where(r => codes.Contains(r.Name!)).Select(r => new { r.Name, r.DisplayName }).ToListAsync(cancellation);
        var names = (await db.DefinitionVersions.AsNoTracking().Where(v => ids.Contains(v.DefinitionId)).OrderBy(v => v.Version)
            .Select(v => new { v.DefinitionId, v.Name }).ToListAsync(cancellation)).ToLookup(v => v.DefinitionId, v => v.Name);
        var titles = await TitlesAsync([.. choices.Select(c => c.AppointmentId).OfType<Guid>().Distinct()], cancellation);
        return new BoardFrame(
            Figure(null), Figure(Rank.Overdue), Figure(Rank.AtRisk), Figure(Rank.Paused),
            [.. codes.Select(code => (code, roles.Find(r => r.Name == code)?.DisplayName ?? code)).OrderBy(r => r.Item2, StringComparer.Ordinal)],
            [.. choices.Where(c => c.Holder is not null).GroupBy(c => c.Holder!)
                .Select(c => new PersonView(c.Key.UserName!, c.Key.DisplayName, c.Key.Position)
                {
                    Capacity = c.Select(x => x.AppointmentId is { } id ? titles.GetValueOrDefault(id) : null).FirstOrDefault(t => t is not null)
                }).OrderBy(p => p.DisplayName, StringComparer.Ordinal)],
            [.. ids.Select(id => (id, names[id].LastOrDefault(n => !string.IsNullOrWhiteSpace(n)) ?? id)).OrderBy(d => d.Item2, StringComparer.Ordinal)]);
    }

    private async Task<Dictionary<Guid, string>> TitlesAsync(IReadOnlyCollection<Guid> appointments, CancellationToken cancellation) =>
        appointments.Count == 0 ? [] : await db.ActingAppointments.AsNoTracking().Where(a => appointments.Contains(a.Id))
            .Join(db.Roles, a => a.Role, r => r.NormalizedName, (a, r) => new { a.Id, a.Capacity, r.DisplayName })
            .ToDictionaryAsync(a => a.Id, a => ActingAppointment.Title(a.Capacity, a.DisplayName), cancellation);

    /// <summary>Revisions of all open work items and of their clocks: what has changed since, no more.</summary>
    public async Task<Dictionary<Guid, BoardMark>> MarksAsync(CancellationToken cancellation = default) =>
        await db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open)
            .Select(w => new { w.Id, w.Revision, Clock = w.Clock!.Revision })
            .ToDictionaryAsync(w => w.Id, w => new BoardMark(w.Revision, w.Clock), cancellation);

    /// <summary>Which open work items the actor may know of.</summary>
    /// <param name="actor">Who looks.</param>
    /// <param name="among">Of these; null: of all.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task<HashSet<Guid>> VisibleAsync(Actor actor, IReadOnlyCollection<Guid>? among, CancellationToken cancellation = default)
    {
        var open = Open(actor);
        return [.. await (among is null ? open : open.Where(w => among.Contains(w.Id))).Select(w => w.Id).ToListAsync(cancellation)];
    }

    /// <summary>Whether every open step is the actor's to see.</summary>
    public static bool SeesAll(Actor actor) => actor.SeesAllCases || actor.Is(Roles.Admin);

    /// <summary>Open work items of which the actor may know; an administrator sees all, without the case's title.</summary>
    internal IQueryable<WorkItem> Open(Actor actor)
    {
        var open = db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open);
        return SeesAll(actor) ? open : open.Where(w => db.Cases.VisibleTo(db, actor).Any(c => c.Id == w.CaseId));
    }

    private static IQueryable<WorkItem> Filtered(IQueryable<WorkItem> items, BoardQuery query)
    {
        if (!string.IsNullOrEmpty(query.Role))
            items = items.Where(w => w.Role == query.Role);
        if (!string.IsNullOrEmpty(query.DefinitionId))
            items = items.Where(w => w.Case!.DefinitionId == query.DefinitionId);
        return query.Person switch
        {
            null or "" => items,
            BoardQuery.Unclaimed => items.Where(w => w.AssigneeId == null),
            _ => items.Where(w => w.Assignee!.UserName == query.Person)
        };
    }

    private IQueryable<RankedItem> Ranked(IQueryable<WorkItem> items, DateTimeOffset now)
    {
        var worked = office.LastWorked(now);
        return items.Select(w => new RankedItem
        {
            Item = w,
            Rank = w.Clock!.State == ClockState.Paused ? Rank.Paused
                : w.Clock.State == ClockState.NotBegun ? Rank.NotBegun
                : w.Clock.DueAt < worked || w.Clock.ConsumedMs > w.Clock.BudgetMs ? Rank.Overdue
                : w.Clock.AtRiskAt <= now ? Rank.AtRisk
                : Rank.Running,
            Due = w.Clock.DueAt ?? w.ReceivedAt
        });
    }

    private async Task<IReadOnlyList<BoardRow>> RowsAsync(Actor actor, IReadOnlyList<WorkItem> items, CancellationToken cancellation)
    {
        var now = time.Now();
        var clocks = items.Select(w => w.ClockId).ToList();
        var events = (await db.ClockEvents.AsNoTracking().Where(e => clocks.Contains(e.ClockId) && (e.Kind == "paused" || e.Kind == "reminded"))
            .ToListAsync(cancellation)).ToLookup(e => e.ClockId);
        var cases = items.Select(w => w.CaseId).Distinct().ToList();
        var mayOpen = actor.Is(Roles.Admin) && !actor.SeesAllCases
            ? (await db.Cases.VisibleTo(db, actor).Where(c => cases.Contains(c.Id)).Select(c => c.Id).ToListAsync(cancellation)).ToHashSet()
            : null;
        var names = await directory.NamesAsync(events.SelectMany(e => e).Select(e => e.ActorUserName), cancellation);
        BoardNote? Note(ClockEvent? happening) => happening is null ? null : BoardNote.Of(happening, names);
        foreach (var item in items)
            directory.Know(item.Assignee);
        var rows = new List<BoardRow>();
        foreach (var item in items)
        {
            var state = reader.StateOf(item, now);
            var actions = await ActionsAsync(actor, item, state, cancellation);
            var known = events[item.ClockId].OrderBy(e => e.Id).ToList();
            rows.Add(new BoardRow
            {
                Id = item.Id,
                Revision = item.Revision,
                ClockRevision = item.Clock!.Revision,
                CaseId = item.CaseId,
                CaseNumber = item.Case!.Number,
                CaseTitle = mayOpen is null || mayOpen.Contains(item.CaseId) ? item.Case.Title : null,
                DefinitionId = item.Case.DefinitionId,
                Step = TaskReader.Step(item, StepDesk.TaskOf(item)),
                Role = item.Role,
                Assignee = await reader.AssigneeAsync(item, cancellation) is { } assignee
                    ? assignee with { AwayUntil = await directory.AwayUntilAsync(item.AssigneeId!.Value, now, cancellation) }
                    : null,
                State = TaskReader.Wire(state),
                ReceivedAt = item.ReceivedAt,
                StartedAt = item.StartedAt,
                DueAt = item.Clock.DueAt,
                Provisional = reader.IsProvisional(item),
                RemainingMinutes = reader.RemainingMinutes(item, now),
                Paused = state == WorkItemState.Paused ? Note(known.FindLast(e => e.Kind == "paused")) : null,
                Reminded = Note(known.FindLast(e => e.Kind == "reminded" && e.At >= item.ReceivedAt)),
                Actions = actions,
                Assignable = actions.Contains("reassign")
                    ? [.. (await reader.CandidatesAsync(item.Role, cancellation)).Where(p => p.UserName != item.Assignee?.UserName)]
                    : []
            });
        }
        return rows;
    }

    private async Task<IReadOnlyList<string>> ActionsAsync(Actor actor, WorkItem item, WorkItemState state, CancellationToken cancellation) =>
        !await reader.SupervisesAsync(actor, item, cancellation) ? []
        : state == WorkItemState.Paused ? ["resume", "reassign"]
        : item.Clock!.State == ClockState.Running ? ["remind", "reassign", "pause"]
        : ["remind", "reassign"];

    private static class Rank
    {
        public const int Overdue = 0;
        public const int AtRisk = 1;
        public const int Running = 2;
        public const int NotBegun = 3;
        public const int Paused = 4;
    }

    private sealed class RankedItem
    {
        public required WorkItem Item { get; init; }
        public required int Rank { get; init; }
        public required DateTimeOffset Due { get; init; }
    }
}

/// <summary>Where the board's next page begins, and as of when its order holds; opaque to callers.</summary>
internal readonly record struct BoardCursor(DateTimeOffset AsOf, int Rank, DateTimeOffset Due, Guid Id)
{
    public override string ToString() => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{AsOf.UtcTicks}|{Rank}|{Due.UtcTicks}|{Id:n}")));

    /// <summary>Null for anything this type did not write.</summary>
    public static BoardCursor? Parse(string text)
    {
        try
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('|');
            return parts.Length == 4 && Instant(parts[0]) is { } asOf && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var rank)
                && Instant(parts[2]) is { } due && Guid.TryParseExact(parts[3], "n", out var id)
                ? new BoardCursor(asOf, rank, due, id)
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Down to the year 2000: what lies before cannot have been written by this service. A step without end is due on the last day there is.
    private static DateTimeOffset? Instant(string ticks) =>
        long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value > new DateTime(2000, 1, 1).Ticks && value <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(value, TimeSpan.Zero)
            : null;
}
