using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Which work items stand on a page of a list, by keys alone: each reason to be on it is a short range of an index of its own, and only the rows
/// of the page are then read whole. What is done costs a list of open work nothing, however much it is.
/// </summary>
public sealed class TaskLists(PpidDbContext db, SeenCases seen, OfficeCalendar office, TimeProvider time)
{
    /// <summary>Who sees no more cases than this is looked for by them; among the work of all the others one of his comes soon.</summary>
    private const int FewCases = 200;

    private readonly Comparison<Guid> _order = Databases.OrderOfIds(db);

    /// <summary>Open work by due instant; what has none comes last.</summary>
    /// <param name="actor">Who looks.</param>
    /// <param name="mine">His own, what is offered to him and where he helps; else all that he may see.</param>
    /// <param name="state">open, overdue, atRisk or paused.</param>
    /// <param name="after">Where the page before ended: due instant and id.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task<List<Cursor>> UrgentAsync(Actor actor, bool mine, string state, Cursor? after, int count, CancellationToken cancellation)
    {
        var now = time.Now();
        var worked = office.LastWorked(now);
        Expression<Func<WorkItem, bool>> wanted = state switch
        {
            "overdue" => w => w.Clock!.State == ClockState.Running && (w.Clock.DueAt < worked || w.Clock.ConsumedMs > w.Clock.BudgetMs),
            "atRisk" => w => w.Clock!.State == ClockState.Running && w.Clock.AtRiskAt <= now && w.Clock.DueAt >= worked
                && w.Clock.ConsumedMs <= w.Clock.BudgetMs,
            "paused" => w => w.Clock!.State == ClockState.Paused,
            _ => w => true
        };
        var keys = new List<Cursor>();
        foreach (var range in Ranges(actor, mine, WorkItemClosure.Open))
        {
            var due = range.Where(wanted).Select(w => new { At = w.Clock!.DueAt ?? DateTimeOffset.MaxValue, w.Id });
            if (after is { } from)
                due = due.Where(k => k.At > from.At || (k.At == from.At && k.Id > from.Id));
            keys.AddRange((await due.OrderBy(k => k.At).ThenBy(k => k.Id).Take(count).ToListAsync(cancellation)).Select(k => new Cursor(k.At, k.Id)));
        }
        return [.. keys.Distinct().Order(Comparer<Cursor>.Create(Compare)).Take(count)];
    }

    /// <summary>Work by its receipt, newest first.</summary>
    /// <param name="actor">Who looks.</param>
    /// <param name="mine">As in <see cref="UrgentAsync"/>.</param>
    /// <param name="state">completed, returned, cancelled, closed or all.</param>
    /// <param name="after">Where the page before ended: receipt and id.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task<List<Cursor>> NewestAsync(Actor actor, bool mine, string state, Cursor? after, int count, CancellationToken cancellation)
    {
        WorkItemClosure[] closures = state switch
        {
            "completed" => [WorkItemClosure.Completed],
            "returned" => [WorkItemClosure.Returned],
            "cancelled" => [WorkItemClosure.Cancelled],
            "closed" => [WorkItemClosure.Completed, WorkItemClosure.Returned, WorkItemClosure.Cancelled],
            _ => [WorkItemClosure.Open, WorkItemClosure.Completed, WorkItemClosure.Returned, WorkItemClosure.Cancelled]
        };
        Guid[]? few = mine || actor.SeesAllCases ? null
            : [.. (await seen.NewestAsync(actor, null, null, FewCases + 1, cancellation)).Select(k => k.Id)];
        var keys = new List<Cursor>();
        foreach (var range in closures.SelectMany(c => few is { Length: <= FewCases } ? [Of(c).Where(w => few.Contains(w.CaseId))] : Ranges(actor, mine, c)))
        {
            var received = range.Select(w => new { At = w.ReceivedAt, w.Id });
            // The first condition is what an index can be entered by.
            if (after is { } from)
                received = received.Where(k => k.At <= from.At && (k.At < from.At || k.Id < from.Id));
            keys.AddRange((await received.OrderByDescending(k => k.At).ThenByDescending(k => k.Id).Take(count).ToListAsync(cancellation))
                .Select(k => new Cursor(k.At, k.Id)));
        }
        return [.. keys.Distinct().OrderDescending(Comparer<Cursor>.Create(Compare)).Take(count)];
    }

    private IEnumerable<IQueryable<WorkItem>> Ranges(Actor actor, bool mine, WorkItemClosure closure)
    {
        var roles = actor.Roles.ToArray();
        var items = Of(closure);
        return mine
            ?
            [
                items.Where(w => w.AssigneeId == actor.Id),
                items.Where(w => w.AssigneeId == null && roles.Contains(w.Role)),
                db.TaskHelpers.Where(h => h.OfficerId == actor.Id).Join(items, h => h.WorkItemId, w => w.Id, (_, w) => w)
            ]
            : actor.SeesAllCases ? [items] : [items.Where(w => db.Cases.VisibleTo(db, actor).Any(c => c.Id == w.CaseId))];
    }

    // Spelled out, not as a parameter: only then a database sees that the index of such rows alone will do.
    private IQueryable<WorkItem> Of(WorkItemClosure closure)
    {
        var items = db.WorkItems.AsNoTracking();
        return closure switch
        {
            WorkItemClosure.Open => items.Where(w => w.Closure == WorkItemClosure.Open),
            WorkItemClosure.Completed => items.Where(w => w.Closure != WorkItemClosure.Open && w.Closure == WorkItemClosure.Completed),
            WorkItemClosure.Returned => items.Where(w => w.Closure == WorkItemClosure.Returned),
            _ => items.Where(w => w.Closure == WorkItemClosure.Cancelled)
        };
    }

    private int Compare(Cursor a, Cursor b) => a.At.CompareTo(b.At) is var order and not 0 ? order : _order(a.Id, b.Id);
}
