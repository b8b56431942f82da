using System.Linq.Expressions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Need to know (domain.md §5): a case is seen by those who work or worked on it, by those to whom a step of it is offered, by their
/// supervisors (of a step that nobody has taken: those of the holders of its role), by whom an alert of it reached, by the head of the unit and by auditors. For everybody else it is not there: also for one to
/// whom a step had been given by mistake and was taken back before he began.
/// </summary>
public static class Visibility
{
    public static IQueryable<Case> VisibleTo(this IQueryable<Case> cases, PpidDbContext db, Actor actor) =>
        actor.SeesAllCases ? cases : cases.Where(Involves(db, actor));

    private static Expression<Func<Case, bool>> Involves(PpidDbContext db, Actor actor)
    {
        var roles = actor.Roles.ToArray();
        return record => record.CreatedById == actor.Id
            || db.WorkItems.Any(w => w.CaseId == record.Id
                && ((w.AssigneeId == actor.Id && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
                    || (w.Assignee!.SupervisorId == actor.Id && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
                    || w.ClosedById == actor.Id
                    || (w.AssigneeId == null && w.Closure == WorkItemClosure.Open
                        && (roles.Contains(w.Role) || db.UserRoles.Any(l =>
                            db.Roles.Any(r => r.Id == l.RoleId && r.Name == w.Role)
                            && db.Users.Any(u => u.Id == l.UserId && u.IsActive && u.SupervisorId == actor.Id))))))
            || db.Outbox.Any(m => m.CaseId == record.Id && m.FireRecordId != null && m.OfficerId == actor.Id);
    }
}
