using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Which work items an officer sees.</summary>
public sealed partial class TaskInbox
{
    private readonly TaskLists _lists = new(db, new SeenCases(db), office, time);
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

        var roles = actor.Roles.ToArray();
        var newestFirst = query.State is not ("open" or "overdue" or "atRisk" or "paused");
        var keys = newestFirst
            ? await _lists.NewestAsync(actor, query.Mine, query.State, after, query.PageSize + 1, cancellation)
            : await _lists.UrgentAsync(actor, query.Mine, query.State, after, query.PageSize + 1, cancellation);
        if (keys.Count == 0)
            return new Page<TaskSummary>([], null);
        var ids = keys.ConvertAll(k => k.Id);
        var items = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee)
            .Where(w => ids.Contains(w.Id)).ToDictionaryAsync(w => w.Id, cancellation);
        var shown = new List<TaskSummary>();
        foreach (var item in ids.Take(query.PageSize).Select(id => items[id]))
        {
            var summary = reader.Summary(item) with
            {
                IsHelping = query.Mine && item.AssigneeId != actor.Id && (item.AssigneeId is not null || !roles.Contains(item.Role))
            };
            // In whose stead, or as what, costs a question: only where somebody stands in.
            shown.Add(item.InSteadOfId is null && item.AppointmentId is null ? summary
                : summary with { Assignee = await reader.AssigneeAsync(item, cancellation) });
        }
        return new Page<TaskSummary>(shown, keys.Count > query.PageSize ? keys[query.PageSize - 1].ToString() : null);
    }

    public async Task<Result<TaskView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        await reader.FindAsync(actor, id, cancellation) is { } item
            ? await reader.ViewAsync(actor, item, cancellation)
            : Problem.NotFound("task-not-found");
}
