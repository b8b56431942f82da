using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Absences: entered by the officer himself, his supervisors, the head of the unit or an administrator; withdrawn, ended early, given another
/// substitute by the same. What begins now is acted upon in the same commit, the rest when its time comes (<see cref="TransferDesk"/>).
/// </summary>
public sealed class AbsenceDesk(
    PpidDbContext db, Committer committer, AbsenceRules rules, TransferDesk transfers, OfficerDirectory directory, OfficeCalendar office, AuditTrail audit,
    Identifiers identifiers, TimeProvider time)
{
    private static readonly string[] Scopes = ["mine", "staff", "all"];
    private const int MostShown = 500;

    /// <summary>Absences not over yet, and those of the last 90 days, the nearest first.</summary>
    /// <param name="scope">mine; staff (whom the actor supervises, or all for head of the unit and administrators); all (both).</param>
    public async Task<Result<IReadOnlyList<AbsenceView>>> ListAsync(Actor actor, string scope, CancellationToken cancellation = default)
    {
        if (!Scopes.Contains(scope))
            return Problem.Invalid("unknown-scope", "scope", string.Join(", ", Scopes));
        var since = office.Time.Today(time.Now()).AddDays(-90);
        var wanted = db.Absences.AsNoTracking().Include(a => a.Officer).Include(a => a.Substitute).Where(a => a.LastDay >= since);
        if (scope == "mine")
            wanted = wanted.Where(a => a.OfficerId == actor.Id);
        else if (!AbsenceRules.ManagesAll(actor))
        {
            var staff = await rules.StaffOfAsync(actor, cancellation);
            wanted = scope == "all" ? wanted.Where(a => a.OfficerId == actor.Id || staff.Contains(a.OfficerId)) : wanted.Where(a => staff.Contains(a.OfficerId));
        }
        var found = await wanted.OrderByDescending(a => a.FirstDay).ThenBy(a => a.Officer!.DisplayName).Take(MostShown).ToListAsync(cancellation);
        var names = await directory.NamesAsync(found.Select(a => a.RecordedBy), cancellation);
        var views = new List<AbsenceView>();
        foreach (var absence in found)
            views.Add(await ViewAsync(actor, absence, names, cancellation));
        return views;
    }

    public async Task<Result<AbsenceView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default)
    {
        var absence = await db.Absences.AsNoTracking().Include(a => a.Officer).Include(a => a.Substitute).SingleOrDefaultAsync(a => a.Id == id, cancellation);
        return absence is not null && await rules.MayManageAsync(actor, absence.Officer!, cancellation)
            ? await ViewAsync(actor, absence, await RecorderAsync(absence, cancellation), cancellation)
            : Problem.NotFound("absence-not-found");
    }

    /// <summary>Whom the actor may enter absences for, by name; himself first.</summary>
    public async Task<IReadOnlyList<PersonView>> ManageableAsync(Actor actor, CancellationToken cancellation = default)
    {
        var everybody = await db.Users.AsNoTracking().Where(o => o.IsActive).OrderBy(o => o.DisplayName).ToListAsync(cancellation);
        var staff = AbsenceRules.ManagesAll(actor) ? null : await rules.StaffOfAsync(actor, cancellation);
        return [.. everybody.Where(o => o.Id == actor.Id).Concat(everybody.Where(o => o.Id != actor.Id && staff?.Contains(o.Id) != false))
            .Select(o => TaskReader.Person(o)!)];
    }

    /// <summary>Who can be named as a substitute: active, and no auditor.</summary>
    public async Task<IReadOnlyList<PersonView>> SubstitutesAsync(CancellationToken cancellation = default) =>
        [.. (await rules.Substitutes().OrderBy(o => o.DisplayName).ToListAsync(cancellation)).Select(o => TaskReader.Person(o)!)];

    public Task<Result<AbsenceView>> RecordAsync(Actor actor, AbsenceForm form, CancellationToken cancellation = default) =>
        committer.RunAsync<AbsenceView>(async () =>
        {
            var now = time.Now();
            var officer = await rules.OfficerAsync(form.OfficerUserName, actor, cancellation);
            if (officer is not { IsActive: true })
                return Problem.Invalid("officer-unknown", "officerUserName");
            if (!await rules.MayManageAsync(actor, officer, cancellation))
                return Problem.Forbidden("absence-not-yours");
            var (problems, substitute) = await rules.CheckAsync(form, officer, now, cancellation);
            if (problems.Count > 0)
                return Result<AbsenceView>.Refused(problems);
            var absence = new Absence
            {
                Id = identifiers.Next(),
                OfficerId = officer.Id,
                FirstDay = form.FirstDay!.Value,
                LastDay = form.LastDay!.Value,
                FromNoon = form.FromNoon,
                UntilNoon = form.UntilNoon,
                Kind = AbsenceRules.KindOf(form.Kind)!.Value,
                Note = Blank(form.Note),
                SubstituteId = substitute?.Id,
                RecordedBy = actor.UserName,
                RecordedAt = now,
                BackdatedReason = form.FirstDay < office.Time.Today(now) ? Blank(form.BackdatedReason) : null
            };
            db.Absences.Add(absence);
            Record(actor, "absence-recorded", absence);
            if (absence.Begins(office.Time) <= now)
                await transfers.BeginAsync(absence, now, cancellation);
            return await ViewAsync(actor, absence, await RecorderAsync(absence, cancellation), cancellation, officer, substitute);
        }, cancellation);

    /// <summary>Back now: ends an absence that has begun, withdraws one that has not.</summary>
    public Task<Result<AbsenceView>> EndAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, revision, async (absence, now) =>
        {
            if (absence.Begins(office.Time) > now)
            {
                absence.WithdrawnAt = now;
                absence.WithdrawnBy = actor.UserName;
                Record(actor, "absence-withdrawn", absence);
                return null;
            }
            absence.EndedAt = now;
            absence.EndedBy = actor.UserName;
            Record(actor, "absence-ended", absence);
            await transfers.ReturnAsync(absence, now, cancellation);
            return null;
        }, cancellation);

    /// <summary>Another substitute, or none; the open tasks are offered to the new one.</summary>
    public Task<Result<AbsenceView>> SubstituteAsync(
        Actor actor, Guid id, int? revision, string? substituteUserName, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, revision, async (absence, now) =>
        {
            var (problem, substitute) = await rules.SubstituteAsync(
                substituteUserName, absence.Officer!, absence.FirstDay, absence.LastDay, absence.FromNoon, absence.UntilNoon, cancellation);
            if (problem is not null)
                return problem;
            absence.SubstituteId = substitute?.Id;
            absence.Substitute = null;
            Record(actor, "absence-substitute", absence);
            if (absence.BeginToldAt is not null)
                await transfers.BeginAsync(absence, now, cancellation);
            return null;
        }, cancellation);

    private Task<Result<AbsenceView>> ChangeAsync(
        Actor actor, Guid id, int? revision, Func<Absence, DateTimeOffset, Task<Problem?>> act, CancellationToken cancellation) =>
        committer.RunAsync<AbsenceView>(async () =>
        {
            var now = time.Now();
            var absence = await db.Absences.Include(a => a.Officer).SingleOrDefaultAsync(a => a.Id == id, cancellation);
            if (absence is null || !await rules.MayManageAsync(actor, absence.Officer!, cancellation))
                return Problem.NotFound("absence-not-found");
            if (revision is not { } expected)
                return Problem.Invalid("revision-required", "revision");
            if (expected != absence.Revision)
                return Problem.Conflict("stale-revision");
            if (absence.WithdrawnAt is not null || absence.Ends(office.Time) <= now)
                return Problem.Conflict("absence-over");
            absence.Revision++;
            return await act(absence, now) is { } problem
                ? problem
                : await ViewAsync(
                    actor, absence, await RecorderAsync(absence, cancellation), cancellation, absence.Officer,
                    absence.SubstituteId is { } substitute ? await directory.GetAsync(substitute, cancellation) : null);
        }, cancellation);

    private Task<IReadOnlyDictionary<string, string>> RecorderAsync(Absence absence, CancellationToken cancellation) =>
        directory.NamesAsync([absence.RecordedBy], cancellation);

    private async Task<AbsenceView> ViewAsync(
        Actor actor, Absence absence, IReadOnlyDictionary<string, string> names, CancellationToken cancellation, Officer? officer = null,
        Officer? substitute = null)
    {
        var now = time.Now();
        var (begins, ends) = (absence.Begins(office.Time), absence.Ends(office.Time));
        var state = absence.WithdrawnAt is not null ? "withdrawn" : ends <= now ? "past" : begins <= now ? "current" : "planned";
        var open = state == "current"
            ? await db.WorkItems.CountAsync(w => w.AssigneeId == absence.OfficerId && w.Closure == WorkItemClosure.Open, cancellation)
            : 0;
        return new AbsenceView(
            absence.Id, absence.Revision, TaskReader.Person(officer ?? absence.Officer)!, AbsenceRules.Wire(absence.Kind), absence.FirstDay, absence.LastDay,
            absence.FromNoon, absence.UntilNoon, TaskReader.Person(substitute ?? absence.Substitute), absence.Note, state, begins, ends, absence.RecordedBy,
            absence.RecordedAt, absence.BackdatedReason, open,
            state == "current" ? ["end", "substitute"] : state == "planned" ? ["withdraw", "substitute"] : [])
        {
            RecordedByName = names.GetValueOrDefault(absence.RecordedBy, absence.RecordedBy)
        };
    }

    // Ids and dates: why somebody is away is nobody's matter who reads the audit.
    private void Record(Actor actor, string action, Absence absence) =>
        audit.Add(AuditTrail.Administration, actor.UserName, action, new JsonObject
        {
            ["absenceId"] = absence.Id,
            ["officerId"] = absence.OfficerId,
            ["firstDay"] = absence.FirstDay.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["lastDay"] = absence.LastDay.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["substituteId"] = absence.SubstituteId
        });

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
