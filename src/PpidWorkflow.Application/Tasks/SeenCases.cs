using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// The cases of <see cref="Visibility"/>, newest first, a page at a time. Each reason for which an officer sees a case is a range of an index that
/// runs in the order of the list (his own steps, those of each of his staff, what he opened, alerts): a page costs the same with a million
/// cases as with one. <see cref="Visibility"/> stays the rule for one case.
/// </summary>
public sealed class SeenCases(PpidDbContext db)
{
    /// <summary>Ranges of one statement.</summary>
    private const int MostRanges = 24;

    /// <summary>Rows of a range for each case wanted: an officer has two or three steps of a case.</summary>
    private const int RowsACase = 3;

    private readonly Comparison<Guid> _order = Databases.OrderOfIds(db);

    /// <summary>Keys of the newest cases that the actor may see, in the order of the list.</summary>
    /// <param name="actor">Not one who sees all: he needs no ranges.</param>
    /// <param name="among">Only these.</param>
    /// <param name="after">Where the page before ended.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task<List<Cursor>> NewestAsync(Actor actor, IQueryable<Case>? among, Cursor? after, int count, CancellationToken cancellation)
    {
        var supervised = Visibility.StoodInFor(actor);
        var staff = await db.Users.Where(u => u.SupervisorId == actor.Id || supervised.Contains(u.SupervisorId))
            .Select(u => new { u.Id, u.IsActive }).ToListAsync(cancellation);
        var active = staff.Where(s => s.IsActive).Select(s => s.Id).ToArray();
        string[] roles =
        [
            .. actor.Roles,
            .. active.Length == 0 ? [] : await db.UserRoles.Where(l => active.Contains(l.UserId))
                .Join(db.Roles, l => l.RoleId, r => r.Id, (l, r) => r.Name!).Distinct().ToListAsync(cancellation)
        ];
        var found = new SortedSet<Cursor>(Comparer<Cursor>.Create((a, b) => Compare(b, a)));
        for (var from = after; ;)
        {
            var (end, keys) = await RangesAsync(actor, [.. staff.Select(s => s.Id)], roles, among, from, count, cancellation);
            // Behind the end of a range that was not read whole another one may hold more.
            found.UnionWith(end is { } horizon ? keys.Where(k => Compare(k, horizon) >= 0) : keys);
            if (end is null || found.Count >= count)
                return [.. found.Take(count)];
            from = end;
        }
    }

    private async Task<(Cursor? End, List<Cursor> Keys)> RangesAsync(
        Actor actor, Guid[] staff, string[] roles, IQueryable<Case>? among, Cursor? from, int count, CancellationToken cancellation)
    {
        var take = count * RowsACase;
        Guid[] people = [actor.Id, .. staff];
        List<IQueryable<CaseKey>> ranges =
        [
            Of(db.Cases.Where(c => c.CreatedById == actor.Id).Select(c => new CaseKey { At = c.CreatedAt, Id = c.Id }), 0),
            Of(db.Outbox.Where(m => m.OfficerId == actor.Id && m.CaseCreatedAt != null && m.FireRecordId != null)
                .Select(m => new CaseKey { At = m.CaseCreatedAt!.Value, Id = m.CaseId!.Value }), 1),
            // What a helper closed is not his own step.
            Of(db.TaskHelpers.Where(h => h.OfficerId == actor.Id).Join(db.WorkItems, h => h.WorkItemId, w => w.Id, (h, w) => w).Where(w => w.ClosedById == actor.Id)
                .Select(w => new CaseKey { At = w.CaseCreatedAt, Id = w.CaseId }), 2),
            Of(db.WorkItems.Where(w => w.AssigneeId == null && w.Closure == WorkItemClosure.Open && roles.Contains(w.Role))
                .Select(w => new CaseKey { At = w.CaseCreatedAt, Id = w.CaseId }), 3),
            .. people.SelectMany(p => new[] { Worked(p), StoodInFor(p) }).Select((q, i) => Of(q, 4 + i))
        ];
        var rows = new List<CaseKey>();
        foreach (var some in ranges.Chunk(MostRanges))
            rows.AddRange(await some.Aggregate((a, b) => a.Concat(b)).ToListAsync(cancellation));
        Cursor? end = null;
        foreach (var range in rows.GroupBy(r => r.Range).Where(r => r.Count() == take))
        {
            var last = range.Select(r => new Cursor(r.At, r.Id)).Aggregate((a, b) => Compare(a, b) < 0 ? a : b);
            end = end is { } known && Compare(known, last) > 0 ? known : last;
        }
        return (end, rows.ConvertAll(r => new Cursor(r.At, r.Id)));

        IQueryable<CaseKey> Of(IQueryable<CaseKey> range, int number)
        {
            if (from is { } begin)
            {
                var (at, id) = (begin.At, begin.Id);
                // The first condition is what an index can be entered by.
                range = range.Where(k => k.At <= at && (k.At < at || k.Id < id));
            }
            if (among is not null)
                range = range.Join(among, k => k.Id, c => c.Id, (k, _) => k);
            return range.OrderByDescending(k => k.At).ThenByDescending(k => k.Id).Take(take)
                .Select(k => new CaseKey { At = k.At, Id = k.Id, Range = number });
        }
    }

    private IQueryable<CaseKey> Worked(Guid officer) => db.WorkItems
        .Where(w => w.AssigneeId == officer && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))
        .Select(w => new CaseKey { At = w.CaseCreatedAt, Id = w.CaseId });

    private IQueryable<CaseKey> StoodInFor(Guid officer) => db.WorkItems.Where(w => w.InSteadOfId == officer)
        .Select(w => new CaseKey { At = w.CaseCreatedAt, Id = w.CaseId });

    /// <summary>Older is less.</summary>
    internal int Compare(Cursor a, Cursor b) => a.At.CompareTo(b.At) is var order and not 0 ? order : _order(a.Id, b.Id);

    private sealed class CaseKey
    {
        public DateTimeOffset At { get; init; }
        public Guid Id { get; init; }
        public int Range { get; init; }
    }
}
