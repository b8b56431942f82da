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
        // Of their own, not of the case in hand: a database answers them once, however many cases it looks at.
        var staff = db.Users.Where(u => u.SupervisorId == actor.Id || supervised.Contains(u.SupervisorId));
        var staffIds = staff.Select(u => u.Id);
        var offered = db.UserRoles.Join(staff.Where(u => u.IsActive), l => l.UserId, u => u.Id, (l, _) => l.RoleId).Join(db.Roles, id => id, r => r.Id, (_, r) => r.Name!);
        return record => record.CreatedById == actor.Id
            || db.WorkItems.Any(w => w.CaseId == record.Id
                && (((w.AssigneeId == actor.Id || (w.AssigneeId != null && staffIds.Contains(w.AssigneeId.Value)))
                        && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
                    || w.InSteadOfId == actor.Id
                    || (w.InSteadOfId != null && staffIds.Contains(w.InSteadOfId.Value))
                    || w.ClosedById == actor.Id
                    || (w.AssigneeId == null && w.Closure == WorkItemClosure.Open && (roles.Contains(w.Role) || offered.Contains(w.Role)))))
            || db.Outbox.Any(m => m.CaseId == record.Id && m.FireRecordId != null && m.OfficerId == actor.Id);
    }
}
