using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>What an absence must be like, and whose matter it is. All problems of a form are found at once.</summary>
public sealed class AbsenceRules(PpidDbContext db, OfficeCalendar office, TimeProvider time)
{
    public const int LongestText = 500;

    /// <summary>Cuti di luar tanggungan negara lasts three years.</summary>
    private const int LongestDays = 3 * 366;

    /// <summary>How far back, and how far ahead, a first day may lie.</summary>
    private const int FurthestDays = 366;

    public static AbsenceKind? KindOf(string? wire) => wire switch
    {
        "leave" => AbsenceKind.Leave,
        "officialTravel" => AbsenceKind.OfficialTravel,
        "sick" => AbsenceKind.Sick,
        "other" => AbsenceKind.Other,
        _ => null
    };

    public static string Wire(AbsenceKind kind) => kind switch
    {
        AbsenceKind.Leave => "leave",
        AbsenceKind.OfficialTravel => "officialTravel",
        AbsenceKind.Sick => "sick",
        _ => "other"
    };

    /// <summary>A user name as Identity keeps it to compare.</summary>
    internal static string Normal(string? userName) => (userName ?? "").Trim().Normalize().ToUpperInvariant();

    /// <summary>Head of the unit and administrators keep everybody's.</summary>
    public static bool ManagesAll(Actor actor) => actor.Is(Roles.Admin) || actor.Is(Roles.UnitPpidHead);

    /// <summary>Himself, his supervisors up to the top, who acts for one of them, and who manages all.</summary>
    public async Task<bool> MayManageAsync(Actor actor, Officer officer, CancellationToken cancellation)
    {
        if (officer.Id == actor.Id || ManagesAll(actor))
            return true;
        var seen = new HashSet<Guid> { officer.Id };
        for (var next = officer.SupervisorId; next is { } id && seen.Add(id);)
        {
            if (id == actor.Id || actor.ActingFor(id) is not null)
                return true;
            next = await db.Users.Where(o => o.Id == id).Select(o => o.SupervisorId).SingleOrDefaultAsync(cancellation);
        }
        return false;
    }

    /// <summary>Ids of all below the actor, and below whom he acts for.</summary>
    public async Task<List<Guid>> StaffOfAsync(Actor actor, CancellationToken cancellation)
    {
        var bySupervisor = (await db.Users.AsNoTracking().Where(o => o.SupervisorId != null).Select(o => new { o.Id, o.SupervisorId }).ToListAsync(cancellation))
            .ToLookup(o => o.SupervisorId!.Value, o => o.Id);
        var staff = new HashSet<Guid>();
        var above = new Queue<Guid>(actor.Acting.Select(a => a.ForOfficerId).OfType<Guid>().Prepend(actor.Id));
        while (above.TryDequeue(out var supervisor))
        {
            foreach (var id in bySupervisor[supervisor].Where(id => id != actor.Id && staff.Add(id)))
                above.Enqueue(id);
        }
        return [.. staff];
    }

    /// <summary>By user name; the actor himself for none; null where there is no such account.</summary>
    public async Task<Officer?> OfficerAsync(string? userName, Actor actor, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(userName))
            return await db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.Id == actor.Id, cancellation);
        var wanted = Normal(userName);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.NormalizedUserName == wanted, cancellation);
    }

    /// <summary>Active officers who are no auditors: whoever checks the work does not do it.</summary>
    public IQueryable<Officer> Substitutes() => db.Users.AsNoTracking().Where(o => o.IsActive
        && !db.UserRoles.Any(l => l.UserId == o.Id && db.Roles.Any(r => r.Id == l.RoleId && r.Name == Roles.Auditor)));

    public async Task<(List<Problem> Problems, Officer? Substitute)> CheckAsync(
        AbsenceForm form, Officer officer, DateTimeOffset now, CancellationToken cancellation)
    {
        var problems = new List<Problem>();
        var today = office.Time.Today(now);
        if (KindOf(form.Kind) is null)
            problems.Add(Problem.Invalid("absence-kind-unknown", "kind"));
        if (form.Note?.Length > LongestText)
            problems.Add(Problem.Invalid("text-too-long", "note", LongestText));
        if (form.FirstDay is null)
            problems.Add(Problem.Invalid("day-required", "firstDay"));
        if (form.LastDay is null)
            problems.Add(Problem.Invalid("day-required", "lastDay"));
        if (form is not { FirstDay: { } first, LastDay: { } last })
            return (problems, null);

        if (last < first || (last == first && form is { FromNoon: true, UntilNoon: true }))
            problems.Add(Problem.Invalid("absence-end-before-start", "lastDay"));
        else if (last.DayNumber - first.DayNumber >= LongestDays)
            problems.Add(Problem.Invalid("absence-too-long", "lastDay", LongestDays));
        if (Math.Abs(first.DayNumber - today.DayNumber) > FurthestDays)
            problems.Add(Problem.Invalid("absence-too-far", "firstDay", FurthestDays));
        if (first < today && string.IsNullOrWhiteSpace(form.BackdatedReason))
            problems.Add(Problem.Invalid("backdated-reason-required", "backdatedReason"));
        if (form.BackdatedReason?.Length > LongestText)
            problems.Add(Problem.Invalid("text-too-long", "backdatedReason", LongestText));
        if (problems.Count > 0)
            return (problems, null);

        var (begins, ends) = Span(first, last, form.FromNoon, form.UntilNoon);
        if (await OverlappingAsync(officer.Id, begins, ends, cancellation) is { } other)
            problems.Add(Problem.Conflict("absence-overlaps", OfficeTime.Date(other.FirstDay), OfficeTime.Date(other.LastDay)) with { Field = "firstDay" });
        var (problem, substitute) = await SubstituteAsync(form.SubstituteUserName, officer, first, last, form.FromNoon, form.UntilNoon, cancellation);
        if (problem is not null)
            problems.Add(problem);
        return (problems, substitute);
    }

    /// <summary>
    /// A substitute must be there all the time: else the work would wait on his desk, or come back to whoever is away. Blank: none.
    /// </summary>
    public async Task<(Problem? Problem, Officer? Substitute)> SubstituteAsync(
        string? userName, Officer officer, DateOnly first, DateOnly last, bool fromNoon, bool untilNoon, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(userName))
            return (null, null);
        var wanted = Normal(userName);
        var substitute = await db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.NormalizedUserName == wanted && o.IsActive, cancellation);
        if (substitute is null)
            return (Problem.Invalid("substitute-unknown", "substituteUserName"), null);
        if (substitute.Id == officer.Id)
            return (Problem.Invalid("substitute-self", "substituteUserName"), null);
        if (!await Substitutes().AnyAsync(o => o.Id == substitute.Id, cancellation))
            return (Problem.Invalid("substitute-auditor", "substituteUserName"), null);
        var (begins, ends) = Span(first, last, fromNoon, untilNoon);
        if (await OverlappingAsync(substitute.Id, begins, ends, cancellation) is not { } away)
            return (null, substitute);
        return (
            await LeadsBackAsync(away, officer.Id, begins, ends, cancellation)
                ? Problem.Invalid("substitute-circle", "substituteUserName")
                : Problem.Invalid("substitute-absent", "substituteUserName", OfficeTime.Date(away.FirstDay), OfficeTime.Date(away.LastDay)),
            null);
    }

    // The substitute of the substitute, and so on, is the officer himself.
    private async Task<bool> LeadsBackAsync(Absence away, Guid officerId, DateTimeOffset begins, DateTimeOffset ends, CancellationToken cancellation)
    {
        var seen = new HashSet<Guid>();
        for (var current = away; current?.SubstituteId is { } next && seen.Add(next);)
        {
            if (next == officerId)
                return true;
            current = await OverlappingAsync(next, begins, ends, cancellation);
        }
        return false;
    }

    private async Task<Absence?> OverlappingAsync(Guid officerId, DateTimeOffset begins, DateTimeOffset ends, CancellationToken cancellation) =>
        (await db.Absences.AsNoTracking().Where(a => a.OfficerId == officerId && a.WithdrawnAt == null).OrderBy(a => a.FirstDay).ToListAsync(cancellation))
            // Who came back early may be away again the same day.
            .Find(a => a.Begins(office.Time) < ends && begins < a.Ends(office.Time) && !(a.EndedAt <= time.Now()));

    private (DateTimeOffset Begins, DateTimeOffset Ends) Span(DateOnly first, DateOnly last, bool fromNoon, bool untilNoon) => (
        office.Time.Instant(first, fromNoon ? Absence.Noon : TimeOnly.MinValue),
        untilNoon ? office.Time.Instant(last, Absence.Noon) : office.Time.Instant(last.AddDays(1), TimeOnly.MinValue));
}
