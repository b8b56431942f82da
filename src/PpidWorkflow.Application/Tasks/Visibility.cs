using System.Linq.Expressions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Need to know (domain.md §5): a case is seen by those who work or worked on it, by those to whom a step of it is offered, by their
/// supervisors and who acts for these (of a step that nobody has taken: the supervisors of the holders of its role), by whom was stood in for and
/// those of his own, by whom an alert of it reached, by the head of the unit and by auditors. For everybody else it is not there: also for one to
/// whom a step had been given by mistake and was taken back before he began.
/// </summary>
public static class Visibility
{
    public static IQueryable<Case> VisibleTo(this IQueryable<Case> cases, PpidDbContext db, Actor actor) =>
        actor.SeesAllCases ? cases : cases.Where(Involves(db, actor));

    /// <summary>
    /// Whether an item alone makes its case the actor's, as most items are of those who open them: the first of the rules, answered without asking
    /// the database for the others.
    /// </summary>
    public static bool IsOwn(Actor actor, WorkItem item) =>
        actor.SeesAllCases || (item.AssigneeId == actor.Id && (item.Closure != WorkItemClosure.Cancelled || item.StartedAt is not null));

    /// <summary>In whose stead the actor acts: their staff are his for the time being.</summary>
    public static Guid?[] StoodInFor(Actor actor) => [.. actor.Acting.Select(a => a.ForOfficerId).OfType<Guid>().Select(id => (Guid?)id)];

    private static Expression<Func<Case, bool>> Involves(PpidDbContext db, Actor actor)
    {
        var roles = actor.Roles.ToArray();
        var supervised = StoodInFor(actor);
        return record => record.CreatedById == actor.Id
            || db.WorkItems.Any(w => w.CaseId == record.Id
                && ((w.AssigneeId == actor.Id && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
                    || w.InSteadOfId == actor.Id
                    || (w.InSteadOfId != null && db.Users.Any(u => u.Id == w.InSteadOfId && (u.SupervisorId == actor.Id || supervised.Contains(u.SupervisorId))))
                    || ((w.Assignee!.SupervisorId == actor.Id || supervised.Contains(w.Assignee!.SupervisorId)) && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
                    || w.ClosedById == actor.Id
                    || (w.AssigneeId == null && w.Closure == WorkItemClosure.Open
                        && (roles.Contains(w.Role) || db.UserRoles.Any(l =>
                            db.Roles.Any(r => r.Id == l.RoleId && r.Name == w.Role)
                            && db.Users.Any(u => u.Id == l.UserId && u.IsActive
                                && (u.SupervisorId == actor.Id || supervised.Contains(u.SupervisorId))))))))
            || db.Outbox.Any(m => m.CaseId == record.Id && m.FireRecordId != null && m.OfficerId == actor.Id);
    }
}
