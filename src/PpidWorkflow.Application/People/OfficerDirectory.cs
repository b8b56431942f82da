using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Who holds which role, who acts in one, who answers for whom and who is away, as of now. Remembers what it read for the length of one
/// request or sweep.
/// </summary>
public sealed class OfficerDirectory(PpidDbContext db, RoleNames roleNames, OfficeCalendar office, TimeProvider time)
{
    private readonly Dictionary<Guid, Officer> _officers = [];
    private readonly Dictionary<string, IReadOnlyList<Holder>> _holders = [];
    private readonly Dictionary<Guid, List<Absence>> _absences = [];
    private readonly Dictionary<string, Officer?> _byName = [];
    private readonly HashSet<Guid> _ended = [];
    private List<ActingAppointment>? _acting;

    public async Task<Officer> GetAsync(Guid id, CancellationToken cancellation)
    {
        if (!_officers.TryGetValue(id, out var officer))
            _officers[id] = officer = await HotQueries.Of(db).Officer(db, id, cancellation);
        return officer;
    }

    /// <summary>Takes note of an officer that was read with something else, so that nobody asks for him again.</summary>
    public void Know(Officer? officer)
    {
        if (officer is not null)
            _officers.TryAdd(officer.Id, officer);
    }

    /// <summary>
    /// Reads officers, their supervisors up to the top, and when all of them are away: whoever goes on to ask for hundreds asks the database a few
    /// times and not once each.
    /// </summary>
    public async Task PrepareAsync(IEnumerable<Guid> officers, CancellationToken cancellation)
    {
        for (var wanted = Unknown(officers); wanted.Length > 0;)
        {
            var found = await db.Users.AsNoTracking().Where(o => EF.Parameter(wanted).Contains(o.Id)).ToListAsync(cancellation);
            found.ForEach(Know);
            wanted = Unknown(found.Select(o => o.SupervisorId).OfType<Guid>());
        }
        var unasked = _officers.Keys.Where(id => !_absences.ContainsKey(id)).ToArray();
        if (unasked.Length == 0)
            return;
        var (_, today) = Now();
        var absences = (await db.Absences.AsNoTracking().Where(a => EF.Parameter(unasked).Contains(a.OfficerId) && a.WithdrawnAt == null && a.LastDay >= today)
            .OrderBy(a => a.FirstDay).ToListAsync(cancellation)).ToLookup(a => a.OfficerId);
        foreach (var id in unasked)
            _absences[id] = [.. absences[id]];
    }

    /// <summary>An appointment that the commit in hand ends counts no more for whoever is asked from now on, though its row still says otherwise.</summary>
    public void Ended(Guid appointmentId)
    {
        _ended.Add(appointmentId);
        _holders.Clear();
        _acting = null;
    }

    private Guid[] Unknown(IEnumerable<Guid> officers) => [.. officers.Where(id => !_officers.ContainsKey(id)).Distinct()];

    /// <summary>The officer as one who acts, as of this moment; null: unknown, or his account is closed.</summary>
    public Task<Actor?> ActorAsync(Guid id, CancellationToken cancellation) => ActorAsync(id, null, cancellation);

    /// <summary>The actor that an active officer is now: his own roles and those in which he acts. Null: nobody, or inactive.</summary>
    /// <param name="stamp">Security stamp of the sign-in; null where nobody signed in.</param>
    public async Task<Actor?> ActorAsync(Guid id, string? stamp, CancellationToken cancellation) =>
        (await ActorsAsync(o => o.Id == id && (stamp == null || o.SecurityStamp == stamp), cancellation)).SingleOrDefault();

    /// <summary>All active officers as the actors that they are now.</summary>
    public Task<IReadOnlyList<Actor>> ActorsAsync(CancellationToken cancellation) => ActorsAsync(_ => true, cancellation);

    private async Task<IReadOnlyList<Actor>> ActorsAsync(Expression<Func<Officer, bool>> which, CancellationToken cancellation)
    {
        var (now, today) = Now();
        var rows = await db.Users.AsNoTracking().Where(o => o.IsActive).Where(which)
            .Select(o => new
            {
                o.Id,
                o.UserName,
                o.DisplayName,
                Roles = db.UserRoles.Where(l => l.UserId == o.Id).Join(db.Roles, l => l.RoleId, r => r.Id, (l, r) => r.Name!).ToList(),
                Acting = db.ActingAppointments
                    .Where(a => a.OfficerId == o.Id && a.WithdrawnAt == null && a.FirstDay <= today && a.LastDay >= today)
                    .Join(db.Roles, a => a.Role, r => r.NormalizedName, (a, r) => new { Appointment = a, r.Name, r.DisplayName }).ToList()
            }).ToListAsync(cancellation);
        var actors = new List<Actor>();
        foreach (var found in rows)
        {
            var acting = found.Acting.Where(a => a.Appointment.Covers(now, office.Time) && !found.Roles.Contains(a.Name!))
                .Select(a => new ActingRole(
                    a.Appointment.Id, a.Name!, ActingAppointment.Title(a.Appointment.Capacity, a.DisplayName), a.Appointment.ForOfficerId,
                    a.Appointment.Ends(office.Time)))
                .ToList();
            actors.Add(new Actor(found.Id, found.UserName!, found.DisplayName, found.Roles.Concat(acting.Select(a => a.Role)).ToHashSet()) { Acting = acting });
        }
        return actors;
    }

    /// <summary>Active holders by name, those who act in it among them; empty for an unknown role. Who is away is in the list as well.</summary>
    public async Task<IReadOnlyList<Officer>> HoldersOfAsync(string role, CancellationToken cancellation) =>
        [.. (await HoldingAsync(role, cancellation)).Select(h => h.Officer)];

    /// <summary>The appointment by which an officer has a role now; null: it is his own, or not his.</summary>
    public async Task<ActingAppointment?> ActingInAsync(Guid officerId, string role, CancellationToken cancellation) =>
        (await HoldingAsync(role, cancellation)).FirstOrDefault(h => h.Officer.Id == officerId)?.Acting;

    /// <summary>Who acts in a role now in the stead of its holder; null: nobody.</summary>
    public async Task<Officer?> ActingForAsync(Guid holderId, string role, CancellationToken cancellation) =>
        (await HoldingAsync(role, cancellation)).FirstOrDefault(h => h.Acting?.ForOfficerId == holderId)?.Officer;

    /// <summary>"Plh. Kepala Biro Umum" where an officer only acts in the role now, else null.</summary>
    public async Task<string?> TitleAsync(Guid officerId, string role, CancellationToken cancellation) =>
        await ActingInAsync(officerId, role, cancellation) is { } acting
            ? ActingAppointment.Title(acting.Capacity, await RoleNameAsync(role, cancellation))
            : null;

    /// <summary>The same as of an instant (UTC) that may be long past: appointments are kept.</summary>
    public async Task<string?> TitleAsync(Guid officerId, string role, DateTimeOffset at, CancellationToken cancellation)
    {
        var (normalized, day) = (role.ToUpperInvariant(), office.Time.Today(at));
        var acting = (await db.ActingAppointments.AsNoTracking()
            .Where(a => a.OfficerId == officerId && a.Role == normalized && a.WithdrawnAt == null && a.FirstDay <= day && a.LastDay >= day)
            .ToListAsync(cancellation)).Find(a => a.Covers(at, office.Time));
        return acting is null ? null : ActingAppointment.Title(acting.Capacity, await RoleNameAsync(role, cancellation));
    }

    /// <summary>An officer's name as it is printed under an act of a role now: "Budi Santoso, A.Md. (Plh. Kasubid Informasi)".</summary>
    public async Task<string> NameInAsync(Guid officerId, string role, CancellationToken cancellation)
    {
        var name = (await GetAsync(officerId, cancellation)).DisplayName;
        return await TitleAsync(officerId, role, cancellation) is { } title ? $"{name} ({title})" : name;
    }

    /// <summary>A name as it is printed under an act done in a capacity that is not one's own: "Budi Santoso, A.Md. (Plh. Kasubid Informasi)".</summary>
    public static string Printed(string name, string? capacity) => capacity is null ? name : $"{name} ({capacity})";

    /// <summary>Whether an officer is not to get new work of a role now: he is absent, or somebody acts in his stead.</summary>
    public async Task<bool> IsAwayAsync(Guid officerId, string role, CancellationToken cancellation) =>
        await IsAbsentAsync(officerId, time.Now(), cancellation) || await ActingForAsync(officerId, role, cancellation) is not null;

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
        if (_byName.TryGetValue(normalized, out var known))
            return known;
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(o => o.NormalizedUserName == normalized && o.IsActive, cancellation) is not { } officer)
            return _byName[normalized] = null;
        return _byName[normalized] = _officers[officer.Id] = officer;
    }

    /// <summary>The absence that an officer is on at an instant (UTC), now or to come; null: he is there.</summary>
    public async Task<Absence?> AbsenceOfAsync(Guid officerId, DateTimeOffset at, CancellationToken cancellation) =>
        (await AbsencesOfAsync(officerId, cancellation)).Find(a => a.Covers(at, office.Time));

    /// <summary>Whether an officer is away at an instant (UTC), now or to come.</summary>
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

    /// <summary>
    /// The nearest active supervisor upwards who is there at an instant (UTC), or who acts in the stead of one who is not, and whom that passed
    /// over.
    /// </summary>
    public async Task<PresentSupervisor> PresentSupervisorAsync(Guid of, DateTimeOffset at, CancellationToken cancellation)
    {
        var seen = new HashSet<Guid> { of };
        var skipped = new List<SkippedOfficer>();
        var current = await GetAsync(of, cancellation);
        while (current.SupervisorId is { } next && seen.Add(next))
        {
            current = await GetAsync(next, cancellation);
            var acting = (await ActingAsync(cancellation)).Find(a => a.ForOfficerId == next && a.Covers(at, office.Time));
            var until = await AwayUntilAsync(next, at, cancellation) ?? acting?.Ends(office.Time);
            if (current.IsActive && until is null)
                return new PresentSupervisor(current, skipped);
            if (current.IsActive)
                skipped.Add(new SkippedOfficer(current, until!.Value));
            // The acting one may be the very person whose supervisor is wanted: nobody answers to himself.
            if (acting is not null && acting.OfficerId != of && await GetAsync(acting.OfficerId, cancellation) is { IsActive: true } deputy
                && !await IsAbsentAsync(deputy.Id, at, cancellation))
            {
                var title = ActingAppointment.Title(acting.Capacity, await RoleNameAsync(acting.Role, cancellation));
                return new PresentSupervisor(deputy, skipped) { Title = title };
            }
        }
        return new PresentSupervisor(null, skipped);
    }

    /// <summary>Indonesian name of a role; its code where the office gave it none.</summary>
    public Task<string> RoleNameAsync(string role, CancellationToken cancellation) => roleNames.OfAsync(db, role, cancellation);

    private async Task<IReadOnlyList<Holder>> HoldingAsync(string role, CancellationToken cancellation)
    {
        var normalized = role.ToUpperInvariant();
        if (_holders.TryGetValue(normalized, out var known))
            return known;
        var (now, today) = Now();
        var rows = await HotQueries.ListAsync(HotQueries.Of(db).Holders(db, normalized, today), cancellation);
        var holders = new List<Holder>();
        foreach (var row in rows)
        {
            _officers[row.Officer.Id] = row.Officer;
            _absences[row.Officer.Id] = row.Absences;
            var acting = row.IsOwn ? null : row.Acting.Find(a => a.Covers(now, office.Time) && !_ended.Contains(a.Id));
            if (row.IsOwn || acting is not null)
                holders.Add(new Holder(row.Officer, acting));
        }
        return _holders[normalized] = holders;
    }

    private async Task<List<Absence>> AbsencesOfAsync(Guid officerId, CancellationToken cancellation)
    {
        if (!_absences.TryGetValue(officerId, out var absences))
        {
            var (_, today) = Now();
            _absences[officerId] = absences = await db.Absences.AsNoTracking()
                .Where(a => a.OfficerId == officerId && a.WithdrawnAt == null && a.LastDay >= today).OrderBy(a => a.FirstDay).ToListAsync(cancellation);
        }
        return absences;
    }

    private async Task<List<ActingAppointment>> ActingAsync(CancellationToken cancellation)
    {
        var (_, today) = Now();
        return _acting ??= [.. (await db.ActingAppointments.AsNoTracking().Where(a => a.WithdrawnAt == null && a.LastDay >= today)
            .OrderBy(a => a.FirstDay).ToListAsync(cancellation)).Where(a => !_ended.Contains(a.Id))];
    }

    private (DateTimeOffset Now, DateOnly Today) Now()
    {
        var now = time.Now();
        return (now, office.Time.Today(now));
    }

    /// <param name="Acting">Null: the role is his own.</param>
    private sealed record Holder(Officer Officer, ActingAppointment? Acting);
}
