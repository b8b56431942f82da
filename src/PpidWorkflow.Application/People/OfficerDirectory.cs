using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>Who holds which role and who answers for whom, as of now. Remembers what it read for the length of one request or sweep.</summary>
public sealed class OfficerDirectory(PpidDbContext db)
{
    private readonly Dictionary<Guid, Officer> _officers = [];
    private readonly Dictionary<string, IReadOnlyList<Officer>> _holders = [];

    public async Task<Officer> GetAsync(Guid id, CancellationToken cancellation)
    {
        if (!_officers.TryGetValue(id, out var officer))
            _officers[id] = officer = await db.Users.AsNoTracking().SingleAsync(o => o.Id == id, cancellation);
        return officer;
    }

    /// <summary>Takes note of an officer that was read with something else, so that nobody asks for him again.</summary>
    public void Know(Officer? officer)
    {
        if (officer is not null)
            _officers.TryAdd(officer.Id, officer);
    }

    /// <summary>Active holders by name; empty for an unknown role.</summary>
    public async Task<IReadOnlyList<Officer>> HoldersOfAsync(string role, CancellationToken cancellation)
    {
        if (_holders.TryGetValue(role, out var known))
            return known;
        var normalized = role.ToUpperInvariant();
        var holders = await (
            from user in db.Users.AsNoTracking()
            join link in db.UserRoles on user.Id equals link.UserId
            join held in db.Roles on link.RoleId equals held.Id
            where held.NormalizedName == normalized && user.IsActive
            orderby user.DisplayName
            select user).ToListAsync(cancellation);
        foreach (var holder in holders)
            _officers[holder.Id] = holder;
        return _holders[role] = holders;
    }

    /// <summary>The nearest active supervisor upwards; null at the top, or where a circle of supervisors holds nobody active.</summary>
    public async Task<Officer?> ActiveSupervisorOfAsync(Guid officerId, CancellationToken cancellation)
    {
        var seen = new HashSet<Guid> { officerId };
        var current = await GetAsync(officerId, cancellation);
        while (current.SupervisorId is { } next && seen.Add(next))
        {
            current = await GetAsync(next, cancellation);
            if (current.IsActive)
                return current;
        }
        return null;
    }

    /// <summary>Names of officers by user name, as history keeps them; one question for all.</summary>
    public async Task<IReadOnlyDictionary<string, string>> NamesAsync(IEnumerable<string?> userNames, CancellationToken cancellation)
    {
        var wanted = userNames.OfType<string>().Distinct().ToList();
        return wanted.Count == 0
            ? new Dictionary<string, string>()
            : await db.Users.AsNoTracking().Where(o => wanted.Contains(o.UserName!)).ToDictionaryAsync(o => o.UserName!, o => o.DisplayName, cancellation);
    }

    /// <summary>Indonesian name of a role; its code where the office gave it none.</summary>
    public async Task<string> RoleNameAsync(string role, CancellationToken cancellation)
    {
        var normalized = role.ToUpperInvariant();
        return await db.Roles.AsNoTracking().Where(r => r.NormalizedName == normalized).Select(r => r.DisplayName).FirstOrDefaultAsync(cancellation) ?? role;
    }
}
