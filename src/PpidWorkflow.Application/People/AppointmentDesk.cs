using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Acting appointments (Plh., Plt.), entered by an administrator from the letter that makes them; never by whom it appoints. A right given
/// here begins and ends by time alone.
/// </summary>
public sealed class AppointmentDesk(
    PpidDbContext db, Committer committer, TransferDesk transfers, PeopleMail mail, OfficerDirectory directory,
    OfficeCalendar office, AuditTrail audit, Identifiers identifiers, TimeProvider time)
{
    private const int LongestDays = 366;
    private const int LongestText = 500;
    private const int LongestLetter = 100;

    /// <summary>Whoever checks the work, or gives the rights, is not replaced by a letter.</summary>
    private static readonly string[] NotActable = [Roles.Admin, Roles.Auditor];

    /// <summary>Administrators, head of the unit and auditors see all, everybody those that concern him.</summary>
    public async Task<IReadOnlyList<AppointmentView>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        var since = office.Time.Today(time.Now()).AddDays(-366);
        var all = actor.Is(Roles.Admin) || actor.SeesAllCases;
        var found = await db.ActingAppointments.AsNoTracking().Include(a => a.Officer).Include(a => a.ForOfficer)
            .Where(a => a.LastDay >= since && (all || a.OfficerId == actor.Id || a.ForOfficerId == actor.Id))
            .OrderByDescending(a => a.FirstDay).ThenBy(a => a.Role).Take(500).ToListAsync(cancellation);
        var views = new List<AppointmentView>();
        foreach (var appointment in found)
            views.Add(await ViewAsync(actor, appointment, appointment.Officer!, appointment.ForOfficer, cancellation));
        return views;
    }

    /// <summary>Roles that somebody can act in.</summary>
    public async Task<IReadOnlyList<RoleView>> RolesAsync(CancellationToken cancellation = default) =>
        await db.Roles.AsNoTracking().Where(r => !NotActable.Contains(r.Name)).OrderBy(r => r.DisplayName)
            .Select(r => new RoleView(r.Name!, r.DisplayName)).ToListAsync(cancellation);

    public Task<Result<AppointmentView>> RecordAsync(Actor actor, AppointmentForm form, CancellationToken cancellation = default) =>
        committer.RunAsync<AppointmentView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var now = time.Now();
            var problems = CheckText(form, now);
            var (officer, role, capacity) = await CheckPersonAsync(actor, form, problems, cancellation);
            if (problems.Count > 0)
                return Result<AppointmentView>.Refused(problems);
            var (refused, holder) = await HolderAsync(form, officer!, role!, capacity, cancellation);
            if (refused is not null)
                return refused;
            if (await ConflictAsync(officer!, role!, holder, form.FirstDay!.Value, form.LastDay!.Value, cancellation) is { } conflict)
                return conflict;
            var appointment = new ActingAppointment
            {
                Id = identifiers.Next(),
                OfficerId = officer!.Id,
                Role = role!.NormalizedName!,
                ForOfficerId = holder?.Id,
                Capacity = capacity,
                LetterNumber = form.LetterNumber!.Trim(),
                LetterDate = form.LetterDate,
                FirstDay = form.FirstDay.Value,
                LastDay = form.LastDay.Value,
                BackdatedReason = form.FirstDay < office.Time.Today(now) ? form.BackdatedReason?.Trim() : null,
                RecordedBy = actor.UserName,
                RecordedAt = now
            };
            db.ActingAppointments.Add(appointment);
            Record(actor, "appointment-recorded", appointment);
            mail.Appointed(appointment, officer, holder, role.DisplayName);
            if (appointment.Covers(now, office.Time))
                await transfers.BeginAsync(appointment, officer, now, cancellation);
            return await ViewAsync(actor, appointment, officer, holder, cancellation);
        }, cancellation);

    /// <summary>Ends an appointment that has begun, withdraws one that has not. What was done under it stands.</summary>
    public Task<Result<AppointmentView>> EndAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        committer.RunAsync<AppointmentView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var now = time.Now();
            var appointment = await db.ActingAppointments.Include(a => a.Officer).Include(a => a.ForOfficer).SingleOrDefaultAsync(a => a.Id == id, cancellation);
            if (appointment is null)
                return Problem.NotFound("appointment-not-found");
            if (revision is not { } expected)
                return Problem.Invalid("revision-required", "revision");
            if (expected != appointment.Revision)
                return Problem.Conflict("stale-revision");
            if (appointment.WithdrawnAt is not null || appointment.Ends(office.Time) <= now)
                return Problem.Conflict("appointment-over");
            appointment.Revision++;
            if (appointment.Begins(office.Time) > now)
                (appointment.WithdrawnAt, appointment.WithdrawnBy) = (now, actor.UserName);
            else
                (appointment.EndedAt, appointment.EndedBy) = (now, actor.UserName);
            Record(actor, appointment.WithdrawnAt is null ? "appointment-ended" : "appointment-withdrawn", appointment);
            // A standard of five minutes does not wait for the sweep: until somebody has it, nobody may do it.
            if (appointment.EndedAt is not null)
                await transfers.EndAsync(appointment, now, cancellation);
            return await ViewAsync(actor, appointment, appointment.Officer!, appointment.ForOfficer, cancellation);
        }, cancellation);

    private List<Problem> CheckText(AppointmentForm form, DateTimeOffset now)
    {
        var problems = new List<Problem>();
        var today = office.Time.Today(now);
        if (string.IsNullOrWhiteSpace(form.LetterNumber))
            problems.Add(Problem.Invalid("letter-number-required", "letterNumber"));
        else if (form.LetterNumber.Trim().Length > LongestLetter)
            problems.Add(Problem.Invalid("text-too-long", "letterNumber", LongestLetter));
        if (form.FirstDay is null)
            problems.Add(Problem.Invalid("day-required", "firstDay"));
        if (form.LastDay is null)
            problems.Add(Problem.Invalid("day-required", "lastDay"));
        if (form.BackdatedReason?.Length > LongestText)
            problems.Add(Problem.Invalid("text-too-long", "backdatedReason", LongestText));
        if (form is not { FirstDay: { } first, LastDay: { } last })
            return problems;
        if (last < first)
            problems.Add(Problem.Invalid("absence-end-before-start", "lastDay"));
        else if (last.DayNumber - first.DayNumber >= LongestDays)
            problems.Add(Problem.Invalid("absence-too-long", "lastDay", LongestDays));
        else if (last < today)
            problems.Add(Problem.Invalid("appointment-past", "lastDay"));
        if (Math.Abs(first.DayNumber - today.DayNumber) > LongestDays)
            problems.Add(Problem.Invalid("absence-too-far", "firstDay", LongestDays));
        if (first < today && string.IsNullOrWhiteSpace(form.BackdatedReason))
            problems.Add(Problem.Invalid("backdated-reason-required", "backdatedReason"));
        return problems;
    }

    private async Task<(Officer? Officer, OfficeRole? Role, ActingCapacity Capacity)> CheckPersonAsync(
        Actor actor, AppointmentForm form, List<Problem> problems, CancellationToken cancellation)
    {
        var wanted = form.Role?.Trim().ToUpperInvariant();
        var role = await db.Roles.AsNoTracking().SingleOrDefaultAsync(r => r.NormalizedName == wanted, cancellation);
        if (role is null)
            problems.Add(Problem.Invalid("role-unknown", "role"));
        else if (NotActable.Contains(role.Name))
            problems.Add(Problem.Invalid("role-not-actable", "role"));
        var capacity = form.Capacity?.Trim().ToUpperInvariant() switch { "PLH" => ActingCapacity.Plh, "PLT" => ActingCapacity.Plt, _ => (ActingCapacity?)null };
        if (capacity is null)
            problems.Add(Problem.Invalid("capacity-unknown", "capacity"));
        var officer = await FindAsync(form.OfficerUserName, cancellation);
        if (officer is not { IsActive: true })
            problems.Add(Problem.Invalid("officer-unknown", "officerUserName"));
        else if (officer.Id == actor.Id)
            problems.Add(Problem.Invalid("appointment-for-oneself", "officerUserName"));
        else if (await HoldsAsync(officer.Id, Roles.Auditor, cancellation))
            problems.Add(Problem.Invalid("substitute-auditor", "officerUserName"));
        else if (role is not null && await HoldsAsync(officer.Id, role.NormalizedName!, cancellation))
            problems.Add(Problem.Invalid("acting-holds-role", "officerUserName"));
        return (officer, role, capacity ?? ActingCapacity.Plh);
    }

    // Plh. stands in for a holder; Plt. takes a post that nobody holds.
    private async Task<(Problem? Problem, Officer? Holder)> HolderAsync(
        AppointmentForm form, Officer officer, OfficeRole role, ActingCapacity capacity, CancellationToken cancellation)
    {
        var holders = await db.Users.AsNoTracking()
            .Where(o => o.IsActive && db.UserRoles.Any(l => l.UserId == o.Id && l.RoleId == role.Id)).ToListAsync(cancellation);
        var named = string.IsNullOrWhiteSpace(form.ForUserName) ? null : await FindAsync(form.ForUserName, cancellation);
        if (!string.IsNullOrWhiteSpace(form.ForUserName) && named is null)
            return (Problem.Invalid("officer-unknown", "forUserName"), null);
        if (named?.Id == officer.Id)
            return (Problem.Invalid("appointment-for-oneself", "forUserName"), null);
        if (capacity == ActingCapacity.Plt)
        {
            return holders.Count > 0
                ? (Problem.Invalid("post-not-vacant", "capacity", holders[0].DisplayName), null)
                : (null, named);
        }
        if (named is null && holders.Count > 1)
            return (Problem.Invalid("holder-required", "forUserName"), null);
        var holder = named is null ? holders.FirstOrDefault() : holders.Find(h => h.Id == named.Id);
        return holder is null ? (Problem.Invalid(named is null ? "post-vacant" : "holder-unknown", named is null ? "capacity" : "forUserName"), null) : (null, holder);
    }

    private async Task<Problem?> ConflictAsync(
        Officer officer, OfficeRole role, Officer? holder, DateOnly first, DateOnly last, CancellationToken cancellation)
    {
        var holderId = holder?.Id;
        var (begins, ends) = (office.Time.Instant(first, TimeOnly.MinValue), office.Time.Instant(last.AddDays(1), TimeOnly.MinValue));
        // One post has one acting officer, and nobody acts in one role twice at a time.
        var others = await db.ActingAppointments.AsNoTracking().Include(a => a.Officer)
            .Where(a => a.Role == role.NormalizedName && a.WithdrawnAt == null && a.FirstDay <= last && a.LastDay >= first
                && (a.ForOfficerId == holderId || a.OfficerId == officer.Id)).ToListAsync(cancellation);
        // It begins when it is recorded, if its first day has begun: one that was ended before does not stand in its way.
        if (others.Find(a => (begins < time.Now() ? time.Now() : begins) < a.Ends(office.Time)) is { } other)
        {
            return Problem.Conflict("appointment-overlaps", other.Officer!.DisplayName, OfficeTime.Date(other.FirstDay), OfficeTime.Date(other.LastDay))
                with
            { Field = "firstDay" };
        }
        var away = (await db.Absences.AsNoTracking().Where(a => a.OfficerId == officer.Id && a.WithdrawnAt == null && a.LastDay >= first).ToListAsync(cancellation))
            .Find(a => a.Begins(office.Time) < ends && begins < a.Ends(office.Time));
        return away is null ? null : Problem.Invalid("substitute-absent", "officerUserName", OfficeTime.Date(away.FirstDay), OfficeTime.Date(away.LastDay));
    }

    private Task<bool> HoldsAsync(Guid officerId, string normalizedRole, CancellationToken cancellation) => db.UserRoles.AnyAsync(
        l => l.UserId == officerId && db.Roles.Any(r => r.Id == l.RoleId && r.NormalizedName == normalizedRole), cancellation);

    private Task<Officer?> FindAsync(string? userName, CancellationToken cancellation)
    {
        var wanted = AbsenceRules.Normal(userName);
        return db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.NormalizedUserName == wanted, cancellation);
    }

    private async Task<AppointmentView> ViewAsync(Actor actor, ActingAppointment a, Officer officer, Officer? holder, CancellationToken cancellation)
    {
        var now = time.Now();
        var roleName = await directory.RoleNameAsync(a.Role, cancellation);
        var (begins, ends) = (a.Begins(office.Time), a.Ends(office.Time));
        var state = a.WithdrawnAt is not null ? "withdrawn" : ends <= now ? "past" : begins <= now ? "current" : "planned";
        var title = ActingAppointment.Title(a.Capacity, roleName);
        return new AppointmentView(
            a.Id, a.Revision, TaskReader.Person(officer)! with { Capacity = title }, a.Role, roleName, a.Capacity == ActingCapacity.Plh ? "plh" : "plt", title,
            TaskReader.Person(holder), a.LetterNumber, a.LetterDate, a.FirstDay, a.LastDay, begins, ends, state, a.RecordedBy, a.RecordedAt,
            !actor.Is(Roles.Admin) ? [] : state == "current" ? ["end"] : state == "planned" ? ["withdraw"] : []);
    }

    private void Record(Actor actor, string action, ActingAppointment a) =>
        audit.Add(AuditTrail.Administration, actor.UserName, action, new JsonObject
        {
            ["appointmentId"] = a.Id,
            ["officerId"] = a.OfficerId,
            ["role"] = a.Role,
            ["capacity"] = a.Capacity.ToString(),
            ["forOfficerId"] = a.ForOfficerId,
            ["letterNumber"] = a.LetterNumber,
            ["firstDay"] = a.FirstDay.ToString("O", CultureInfo.InvariantCulture),
            ["lastDay"] = a.LastDay.ToString("O", CultureInfo.InvariantCulture)
        });
}
