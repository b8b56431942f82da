using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Who holds which role, who answers for whom and who is away, as of now. Remembers what it read for the length of one request or sweep.
/// </summary>
public sealed class OfficerDirectory(PpidDbContext db, OfficeCalendar office)
{
    private readonly Dictionary<Guid, List<Absence>> _absences = [];
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

    /// <summary>The officer as one who acts, with his roles of this moment; null: unknown, or his account is closed.</summary>
    public async Task<Actor?> ActorAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id && o.IsActive, cancellation) is not { } officer)
            return null;
        var roles = await db.UserRoles.Where(l => l.UserId == id).Join(db.Roles, l => l.RoleId, r => r.Id, (_, r) => r.Name!)
            .ToListAsync(cancellation);
        return new Actor(id, officer.UserName!, officer.DisplayName, roles.ToHashSet());
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

    /// <summary>An active officer by user name; null: none is called so.</summary>
    public async Task<Officer?> FindAsync(string userName, CancellationToken cancellation)
    {
        var normalized = userName.ToUpperInvariant();
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(o => o.NormalizedUserName == normalized && o.IsActive, cancellation) is not { } officer)
            return null;
        return _officers[officer.Id] = officer;
    }

    /// <summary>The absence that an officer is on at an instant (UTC); null: he is there.</summary>
    public async Task<Absence?> AbsenceOfAsync(Guid officerId, DateTimeOffset at, CancellationToken cancellation) =>
        (await AbsencesOfAsync(officerId, cancellation)).Find(a => a.Covers(at, office.Time));

    /// <summary>Whether an officer is away at an instant (UTC).</summary>
    public async Task<bool> IsAbsentAsync(Guid officerId, DateTimeOffset at, CancellationToken cancellation) =>
        await AbsenceOfAsync(officerId, at, cancellation) is not null;

    /// <summary>When an officer who is away at an instant is back, UTC: absences that follow without a gap are one. Null: he is there.</summary>
    public async Task<DateTimeOffset?> AwayUntilAsync(Guid officerId, DateTimeOffset at, CancellationToken cancellation)
    {
        DateTimeOffset? until = null;
        while (await AbsenceOfAsync(officerId, until ?? at, cancellation) is { } absence)
            until = absence.Ends(office.Time);
        return until;
    }

    /// <summary>The nearest active supervisor upwards who is there at an instant (UTC), and whom that passed over.</summary>
    public async Task<PresentSupervisor> PresentSupervisorAsync(Guid of, DateTimeOffset at, CancellationToken cancellation)
    {
        var seen = new HashSet<Guid> { of };
        var skipped = new List<SkippedOfficer>();
        var current = await GetAsync(of, cancellation);
        while (current.SupervisorId is { } next && seen.Add(next))
        {
            current = await GetAsync(next, cancellation);
            if (!current.IsActive)
                continue;
            if (await AwayUntilAsync(current.Id, at, cancellation) is not { } until)
                return new PresentSupervisor(current, skipped);
            skipped.Add(new SkippedOfficer(current, until));
        }
        return new PresentSupervisor(null, skipped);
    }

    private async Task<List<Absence>> AbsencesOfAsync(Guid officerId, CancellationToken cancellation)
    {
        if (!_absences.TryGetValue(officerId, out var absences))
        {
            _absences[officerId] = absences = await db.Absences.AsNoTracking().Where(a => a.OfficerId == officerId && a.WithdrawnAt == null)
                .OrderBy(a => a.FirstDay).ToListAsync(cancellation);
        }
        return absences;
    }

    /// <summary>Indonesian name of a role; its code where the office gave it none.</summary>
    public async Task<string> RoleNameAsync(string role, CancellationToken cancellation)
    {
        var normalized = role.ToUpperInvariant();
        return await db.Roles.AsNoTracking().Where(r => r.NormalizedName == normalized).Select(r => r.DisplayName).FirstOrDefaultAsync(cancellation) ?? role;
    }
}
