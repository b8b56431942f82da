using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Which work items an officer sees.</summary>
public sealed partial class TaskInbox
{
    private static readonly string[] States = ["open", "overdue", "atRisk", "paused", "completed", "returned", "cancelled", "closed", "all"];

    /// <summary>Open ones by urgency, closed ones newest first.</summary>
    public async Task<Result<Page<TaskSummary>>> ListAsync(Actor actor, TaskQuery query, CancellationToken cancellation = default)
    {
        if (query.PageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        if (!States.Contains(query.State))
            return Problem.Invalid("unknown-state-filter", "state", string.Join(", ", States));
        var after = query.After is { Length: > 0 } text ? Cursor.Parse(text) : null;
        if (query.After is { Length: > 0 } && after is null)
            return Problem.Invalid("cursor-invalid", "after");

        var now = time.Now();
        var roles = actor.Roles.ToArray();
        var items = db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee).AsQueryable();
        items = query.Mine
            ? items.Where(w => w.AssigneeId == actor.Id || (w.AssigneeId == null && roles.Contains(w.Role))
                || db.TaskHelpers.Where(h => h.OfficerId == actor.Id).Select(h => h.WorkItemId).Contains(w.Id))
            : items.Where(w => db.Cases.VisibleTo(db, actor).Any(c => c.Id == w.CaseId));
        var worked = office.LastWorked(now);
        items = query.State switch
        {
            "open" => items.Where(w => w.Closure == WorkItemClosure.Open),
            "overdue" => items.Where(w => w.Closure == WorkItemClosure.Open && w.Clock!.State == ClockState.Running
                && (w.Clock.DueAt < worked || w.Clock.ConsumedMs > w.Clock.BudgetMs)),
            "atRisk" => items.Where(w =>
                w.Closure == WorkItemClosure.Open && w.Clock!.State == ClockState.Running && w.Clock.AtRiskAt <= now && w.Clock.DueAt >= worked
                && w.Clock.ConsumedMs <= w.Clock.BudgetMs),
            "paused" => items.Where(w => w.Closure == WorkItemClosure.Open && w.Clock!.State == ClockState.Paused),
            "completed" => items.Where(w => w.Closure == WorkItemClosure.Completed),
            "returned" => items.Where(w => w.Closure == WorkItemClosure.Returned),
            "cancelled" => items.Where(w => w.Closure == WorkItemClosure.Cancelled),
            "closed" => items.Where(w => w.Closure != WorkItemClosure.Open),
            _ => items
        };
        var newestFirst = query.State is not ("open" or "overdue" or "atRisk" or "paused");
        var page = newestFirst
            ? await items.Where(w => after == null || w.ReceivedAt < after.Value.At || (w.ReceivedAt == after.Value.At && w.Id < after.Value.Id))
                .OrderByDescending(w => w.ReceivedAt).ThenByDescending(w => w.Id).Take(query.PageSize + 1).ToListAsync(cancellation)
            : await items.Where(w => after == null || (w.Clock!.DueAt ?? DateTimeOffset.MaxValue) > after.Value.At
                    || ((w.Clock!.DueAt ?? DateTimeOffset.MaxValue) == after.Value.At && w.Id > after.Value.Id))
                .OrderBy(w => w.Clock!.DueAt ?? DateTimeOffset.MaxValue).ThenBy(w => w.Id).Take(query.PageSize + 1).ToListAsync(cancellation);
        var last = page.Count > query.PageSize ? page[query.PageSize - 1] : null;
        var shown = new List<TaskSummary>();
        foreach (var item in page.Take(query.PageSize))
        {
            var summary = reader.Summary(item) with
            {
                IsHelping = query.Mine && item.AssigneeId != actor.Id && (item.AssigneeId is not null || !roles.Contains(item.Role))
            };
            // In whose stead, or as what, costs a question: only where somebody stands in.
            shown.Add(item.InSteadOfId is null && item.AppointmentId is null ? summary
                : summary with { Assignee = await reader.AssigneeAsync(item, cancellation) });
        }
        return new Page<TaskSummary>(
            shown,
            last is null ? null
                : new Cursor(newestFirst ? last.ReceivedAt : last.Clock!.DueAt ?? DateTimeOffset.MaxValue, last.Id).ToString());
    }

    public async Task<Result<TaskView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        await reader.FindAsync(actor, id, cancellation) is { } item
            ? await reader.ViewAsync(actor, item, cancellation)
            : Problem.NotFound("task-not-found");
}
