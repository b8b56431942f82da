using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// Open work of who is away: offered to who stands in for him when the absence begins, moved only when somebody accepts. Who is told is told
/// once; what was offered lapses when he is back.
/// </summary>
public sealed class TransferDesk(
    PpidDbContext db, Committer committer, TaskInbox inbox, TaskReader reader, TaskAssignment assignment, PeopleMail mail, OfficerDirectory directory,
    OfficeCalendar office, AuditTrail audit, Identifiers identifiers, TimeProvider time)
{
    private const int MostShown = 200;

    /// <summary>What waits for the actor's decision: offered to him, or of somebody whom he supervises. The most urgent first.</summary>
    public async Task<IReadOnlyList<TransferOfferView>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        var offers = await Live().AsNoTracking().ToListAsync(cancellation);
        var views = new List<TransferOfferView>();
        foreach (var offer in offers.OrderBy(o => o.WorkItem!.Clock!.DueAt ?? DateTimeOffset.MaxValue).ThenBy(o => o.Id))
        {
            if (views.Count < MostShown && await StandsAsync(offer, cancellation) && await MayDecideAsync(actor, offer, cancellation))
                views.Add(await ViewAsync(offer, offer.WorkItem!, cancellation));
        }
        return views;
    }

    /// <summary>Takes the item over, or gives it to whom it was offered where a supervisor accepts for him. Its clock goes on.</summary>
    public Task<Result<TransferOfferView>> AcceptAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        DecideAsync(actor, id, revision, offer => AcceptAsync(actor, offer, cancellation), cancellation);

    /// <summary>All that are offered to the actor himself, in one commit; says how many.</summary>
    public Task<Result<TransfersAccepted>> AcceptAllAsync(Actor actor, CancellationToken cancellation = default) =>
        committer.RunAsync<TransfersAccepted>(async () =>
        {
            var accepted = 0;
            var offers = await Live().Where(o => o.ToId == actor.Id).ToListAsync(cancellation);
            foreach (var offer in offers)
            {
                if (!await StandsAsync(offer, cancellation))
                    continue;
                accepted++;
                offer.Revision++;
                if (await AcceptAsync(actor, offer, cancellation) is { } refused)
                    return refused;
            }
            return new TransfersAccepted(accepted);
        }, cancellation);

    /// <summary>Leaves the item where it is; the supervisor is told where it was declined by whom it was offered to.</summary>
    public Task<Result<TransferOfferView>> DeclineAsync(
        Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) =>
        DecideAsync(actor, id, revision, async offer =>
        {
            if (reason?.Length > CompletionRules.LongestReason)
                return Problem.Invalid("reason-too-long", "reason", CompletionRules.LongestReason);
            offer.State = TransferState.Declined;
            offer.DecidedAt = time.Now();
            offer.DecidedById = actor.Id;
            offer.Reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
            var title = await TitleAsync(actor, offer.WorkItem!, cancellation);
            Record(actor, offer, "transfer-declined", capacity: title);
            if (offer.ToId == actor.Id)
                mail.Declined(offer.WorkItem!, offer.From!, OfficerDirectory.Printed(actor.DisplayName, title), await SupervisorsAsync(offer.From!, actor.Id, cancellation));
            return null;
        }, cancellation);

    /// <summary>Acts upon absences and appointments that began or ended since; says how many. Safe to run twice or side by side.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellation = default)
    {
        var now = time.Now();
        var today = office.Time.Today(now);
        var absences = await db.Absences.AsNoTracking()
            .Where(a => a.WithdrawnAt == null && a.ReturnToldAt == null && a.FirstDay <= today && (a.BeginToldAt == null || a.LastDay <= today))
            .OrderBy(a => a.FirstDay).ToListAsync(cancellation);
        var appointments = await db.ActingAppointments.AsNoTracking()
            .Where(a => a.WithdrawnAt == null && a.HandedBackAt == null && a.FirstDay <= today).ToListAsync(cancellation);
        var served = 0;
        foreach (var id in absences.Where(a => (a.BeginToldAt is null && a.Begins(office.Time) <= now) || a.Ends(office.Time) <= now).Select(a => a.Id))
            served += await AgainAsync(() => TurnAsync(id, now, cancellation), cancellation);
        foreach (var id in appointments.Where(a => a.Ends(office.Time) <= now).Select(a => a.Id))
            served += await AgainAsync(() => HandBackAsync(id, now, cancellation), cancellation);
        foreach (var id in appointments.Where(a => a.BeginToldAt is null && a.Covers(now, office.Time)).Select(a => a.Id))
        {
            served += await AgainAsync(async () =>
            {
                var appointment = await db.ActingAppointments.Include(a => a.Officer).SingleAsync(a => a.Id == id, cancellation);
                if (appointment.BeginToldAt is not null || !appointment.Covers(now, office.Time))
                    return Problem.Conflict("stale-revision");
                await BeginAsync(appointment, appointment.Officer!, now, cancellation);
                return true;
            }, cancellation);
        }
        return served;
    }

    /// <summary>Offers the open tasks of who is away, and tells substitute and supervisor. Once more where another substitute was named.</summary>
    internal async Task BeginAsync(Absence absence, DateTimeOffset now, CancellationToken cancellation)
    {
        var again = absence.BeginToldAt is not null;
        absence.BeginToldAt ??= now;
        absence.Revision++;
        if (absence.Ends(office.Time) <= now)
            return;
        var from = await directory.GetAsync(absence.OfficerId, cancellation);
        var offers = new List<TransferOffer>();
        foreach (var item in await OpenAsync(w => w.AssigneeId == from.Id, cancellation))
        {
            var to = await StandInAsync(from, item.Role, absence.SubstituteId, now, cancellation);
            if (await OfferAsync(item, from, to, absence.Id, null, now, cancellation) is { } offer)
                offers.Add(offer);
        }
        var until = absence.Ends(office.Time);
        var substitute = absence.SubstituteId is { } named ? await directory.GetAsync(named, cancellation) : null;
        foreach (var told in offers.Select(o => o.To).Append(substitute).OfType<Officer>().DistinctBy(o => o.Id))
            mail.Begun(from, told, isSubstitute: true, until, offers.Where(o => o.ToId == told.Id), substitute);
        if (offers.Count == 0 || again)
            return;
        foreach (var supervisor in await SupervisorsAsync(from, substitute?.Id, cancellation))
            mail.Begun(from, supervisor, isSubstitute: false, until, offers, substitute);
    }

    /// <summary>Offers the open tasks of the post to who acts in it.</summary>
    internal async Task BeginAsync(ActingAppointment appointment, Officer officer, DateTimeOffset now, CancellationToken cancellation)
    {
        appointment.BeginToldAt ??= now;
        appointment.Revision++;
        var role = appointment.Role;
        var holders = (await directory.HoldersOfAsync(role, cancellation)).Select(h => (Guid?)h.Id).ToList();
        var left = appointment.ForOfficerId is { } holder && appointment.Capacity == ActingCapacity.Plh
            ? await OpenAsync(w => w.AssigneeId == holder, cancellation)
            : await OpenAsync(w => w.AssigneeId != null && w.AssigneeId != officer.Id && !holders.Contains(w.AssigneeId), cancellation);
        var offers = new List<TransferOffer>();
        foreach (var item in left.Where(w => w.Role.Equals(role, StringComparison.OrdinalIgnoreCase)))
        {
            var from = await directory.GetAsync(item.AssigneeId!.Value, cancellation);
            if (await OfferAsync(item, from, officer, null, appointment.Id, now, cancellation) is { } offer)
                offers.Add(offer);
        }
        foreach (var group in offers.GroupBy(o => o.FromId))
            mail.Offered(appointment, officer, await directory.RoleNameAsync(role, cancellation), group.First().From!, group);
    }

    private async Task<Result<bool>> HandBackAsync(Guid appointmentId, DateTimeOffset now, CancellationToken cancellation)
    {
        var appointment = await db.ActingAppointments.SingleAsync(a => a.Id == appointmentId, cancellation);
        if (appointment.HandedBackAt is not null || appointment.WithdrawnAt is not null || appointment.Ends(office.Time) > now)
            return Problem.Conflict("stale-revision");
        await EndAsync(appointment, now, cancellation);
        return true;
    }

    /// <summary>The right has ended: what was begun under it goes back to the holder, or to whoever is there for him.</summary>
    internal async Task EndAsync(ActingAppointment appointment, DateTimeOffset now, CancellationToken cancellation)
    {
        var appointmentId = appointment.Id;
        directory.Ended(appointmentId);
        appointment.HandedBackAt = now;
        appointment.Revision++;
        foreach (var offer in await db.TransferOffers.Where(o => o.AppointmentId == appointmentId && o.State == TransferState.Offered).ToListAsync(cancellation))
            Lapse(offer, now);
        var former = await directory.GetAsync(appointment.OfficerId, cancellation);
        foreach (var item in await db.WorkItems.Include(w => w.Case).Include(w => w.Clock)
            .Where(w => w.AppointmentId == appointmentId && w.Closure == WorkItemClosure.Open).ToListAsync(cancellation))
        {
            var (to, inSteadOf, told) = await assignment.ChooseAsync(item.Role, item.InSteadOfId, "", cancellation);
            item.Revision++;
            await inbox.ReturnToPostAsync(item, former, to, inSteadOf, told, cancellation);
            var facts = new JsonObject { ["taskId"] = item.Id, ["step"] = item.StepLabel, ["from"] = former.UserName };
            if (to is not null)
                facts["assignee"] = to.UserName;
            audit.Add(AuditTrail.ChainOf(item.CaseId), "system", "task-handed-back", facts);
        }
    }

    /// <summary>He is back: what was offered lapses, and he is told what became of his work.</summary>
    internal async Task ReturnAsync(Absence absence, DateTimeOffset now, CancellationToken cancellation)
    {
        absence.BeginToldAt ??= now;
        absence.ReturnToldAt = now;
        absence.Revision++;
        foreach (var offer in await db.TransferOffers.Where(o => o.AbsenceId == absence.Id && o.State == TransferState.Offered).ToListAsync(cancellation))
            Lapse(offer, now);
        var officer = await directory.GetAsync(absence.OfficerId, cancellation);
        var taken = await TakenOverAsync(absence, cancellation);
        var waiting = await OpenAsync(w => w.AssigneeId == officer.Id, cancellation);
        if (officer.IsActive && taken.Count + waiting.Count > 0)
            mail.Returned(officer, absence, taken, waiting);
    }

    /// <summary>For who was away and those who manage him: what others did, or do, in his stead. Number and step, nothing else.</summary>
    public async Task<IReadOnlyList<TakenOverView>> TakenOverAsync(Guid absenceId, CancellationToken cancellation = default)
    {
        var views = new List<TakenOverView>();
        foreach (var item in await TakenOverAsync(await db.Absences.AsNoTracking().SingleAsync(a => a.Id == absenceId, cancellation), cancellation))
        {
            views.Add(new TakenOverView(
                item.Id, item.Case!.Number, item.StepLabel, StepDesk.TaskOf(item).Description, (await reader.AssigneeAsync(item, cancellation))!,
                TaskReader.Wire(reader.StateOf(item, time.Now()))));
        }
        return views;
    }

    /// <summary>What others did, or do, in an absent officer's stead since his absence began.</summary>
    internal async Task<List<WorkItem>> TakenOverAsync(Absence absence, CancellationToken cancellation)
    {
        var (begins, ends) = (absence.Begins(office.Time), absence.Ends(office.Time));
        var moved = await db.TransferOffers.Where(o => o.AbsenceId == absence.Id && o.State == TransferState.Accepted).Select(o => o.WorkItemId).ToListAsync(cancellation);
        return await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee)
            .Where(w => w.InSteadOfId == absence.OfficerId && w.Closure != WorkItemClosure.Cancelled
                && ((w.ReceivedAt >= begins && w.ReceivedAt < ends) || moved.Contains(w.Id)))
            .OrderBy(w => w.ReceivedAt).Take(MostShown).ToListAsync(cancellation);
    }

    private async Task<Result<bool>> TurnAsync(Guid absenceId, DateTimeOffset now, CancellationToken cancellation)
    {
        var absence = await db.Absences.SingleAsync(a => a.Id == absenceId, cancellation);
        if (absence.WithdrawnAt is not null || absence.ReturnToldAt is not null)
            return Problem.Conflict("stale-revision");
        if (absence.Ends(office.Time) <= now)
            await ReturnAsync(absence, now, cancellation);
        else if (absence.BeginToldAt is null && absence.Begins(office.Time) <= now)
            await BeginAsync(absence, now, cancellation);
        else
            return Problem.Conflict("stale-revision");
        return true;
    }

    private async Task<int> AgainAsync(Func<Task<Result<bool>>> turn, CancellationToken cancellation)
    {
        var done = await committer.RunAsync(turn, cancellation);
        return done.Succeeded ? 1
            : done.Problems[0].Kind == ProblemKind.Unavailable
                ? throw new InvalidOperationException($"Absences were not followed ({done.Problems[0].Code}); they are at the next look.")
                : 0;
    }

    private Task<Result<TransferOfferView>> DecideAsync(
        Actor actor, Guid id, int? revision, Func<TransferOffer, Task<Problem?>> act, CancellationToken cancellation) =>
        committer.RunAsync<TransferOfferView>(async () =>
        {
            var offer = await db.TransferOffers.Include(o => o.WorkItem!.Case).Include(o => o.WorkItem!.Clock).Include(o => o.From).Include(o => o.To)
                .SingleOrDefaultAsync(o => o.Id == id, cancellation);
            if (offer is null || !await MayDecideAsync(actor, offer, cancellation))
                return Problem.NotFound("transfer-not-found");
            if (revision is not { } expected)
                return Problem.Invalid("revision-required", "revision");
            if (offer.State != TransferState.Offered || offer.WorkItem!.Closure != WorkItemClosure.Open || offer.WorkItem.AssigneeId != offer.FromId
                || !await StandsAsync(offer, cancellation))
                return Problem.Conflict("transfer-over");
            if (expected != offer.Revision)
                return Problem.Conflict("stale-revision");
            offer.Revision++;
            return await act(offer) is { } problem ? problem : await ViewAsync(offer, offer.WorkItem, cancellation);
        }, cancellation);

    // In what capacity he decides: acting in the step's role, or for a supervisor.
    private async Task<string?> TitleAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        actor.ActingIn(item.Role)?.Title ?? await reader.SupervisingTitleAsync(actor, item, cancellation);

    private async Task<Problem?> AcceptAsync(Actor actor, TransferOffer offer, CancellationToken cancellation)
    {
        var item = offer.WorkItem!;
        // A supervisor accepts for whom it was offered to; where nobody was found, or he is away himself by now, for himself.
        var self = offer.ToId == actor.Id || offer.To is not { IsActive: true } || await directory.IsAbsentAsync(offer.To.Id, time.Now(), cancellation);
        var to = self ? await directory.GetAsync(actor.Id, cancellation) : offer.To!;
        var vacant = offer.AppointmentId is { } id
            && await db.ActingAppointments.AnyAsync(a => a.Id == id && a.Capacity == ActingCapacity.Plt, cancellation);
        item.Revision++;
        var title = await TitleAsync(actor, item, cancellation);
        await inbox.MoveAsync(
            item, to, vacant ? null : offer.From, OfficerDirectory.Printed(actor.DisplayName, title), cancellation, told: to.Id != actor.Id);
        offer.State = TransferState.Accepted;
        offer.DecidedAt = time.Now();
        offer.DecidedById = actor.Id;
        Record(actor, offer, "task-transferred", to.UserName, title);
        foreach (var other in await db.TransferOffers.Where(o => o.WorkItemId == item.Id && o.Id != offer.Id && o.State == TransferState.Offered).ToListAsync(cancellation))
            Lapse(other, time.Now());
        return null;
    }

    private async Task<TransferOffer?> OfferAsync(
        WorkItem item, Officer from, Officer? to, Guid? absenceId, Guid? appointmentId, DateTimeOffset now, CancellationToken cancellation)
    {
        var earlier = await db.TransferOffers.Where(o => o.WorkItemId == item.Id && o.State == TransferState.Offered).ToListAsync(cancellation);
        if (earlier.Exists(o => o.FromId == from.Id && o.ToId == to?.Id))
            return null;
        foreach (var other in earlier)
            Lapse(other, now);
        var offer = new TransferOffer
        {
            Id = identifiers.Next(),
            WorkItemId = item.Id,
            FromId = from.Id,
            ToId = to?.Id,
            AbsenceId = absenceId,
            AppointmentId = appointmentId,
            OfferedAt = now
        };
        db.TransferOffers.Add(offer);
        audit.Add(AuditTrail.ChainOf(item.CaseId), "system", "transfer-offered", new JsonObject
        {
            ["taskId"] = item.Id,
            ["step"] = item.StepLabel,
            ["from"] = from.UserName,
            ["to"] = to?.UserName
        });
        return new TransferOffer
        {
            Id = offer.Id,
            WorkItemId = item.Id,
            WorkItem = item,
            FromId = from.Id,
            From = from,
            ToId = to?.Id,
            To = to,
            OfferedAt = now
        };
    }

    private async Task<Officer?> StandInAsync(Officer from, string role, Guid? substituteId, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await directory.ActingForAsync(from.Id, role, cancellation) is { } acting && !await directory.IsAbsentAsync(acting.Id, now, cancellation))
            return acting;
        if (substituteId is not { } id)
            return null;
        var substitute = await directory.GetAsync(id, cancellation);
        return substitute.IsActive && !await directory.IsAbsentAsync(id, now, cancellation)
            ? substitute
            : await assignment.StandInAsync(substitute, role, cancellation);
    }

    // The nearest supervisor who is there; failing that the head of the unit, and failing that the administrators.
    private async Task<IReadOnlyList<Officer>> SupervisorsAsync(Officer of, Guid? except, CancellationToken cancellation)
    {
        if ((await directory.PresentSupervisorAsync(of.Id, time.Now(), cancellation)).Officer is { } supervisor)
            return supervisor.Id == except ? [] : [supervisor];
        var heads = (await directory.HoldersOfAsync(Roles.UnitPpidHead, cancellation)).Where(h => h.Id != of.Id && h.Id != except).ToList();
        return heads.Count > 0 ? heads : [.. (await directory.HoldersOfAsync(Roles.Admin, cancellation)).Where(h => h.Id != of.Id && h.Id != except)];
    }

    private Task<List<WorkItem>> OpenAsync(System.Linq.Expressions.Expression<Func<WorkItem, bool>> which, CancellationToken cancellation) =>
        db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Where(w => w.Closure == WorkItemClosure.Open).Where(which)
            .OrderBy(w => w.ReceivedAt).ThenBy(w => w.Id).ToListAsync(cancellation);

    private IQueryable<TransferOffer> Live() => db.TransferOffers
        .Include(o => o.WorkItem!.Case).Include(o => o.WorkItem!.Clock).Include(o => o.From).Include(o => o.To)
        .Where(o => o.State == TransferState.Offered && o.WorkItem!.Closure == WorkItemClosure.Open && o.WorkItem.AssigneeId == o.FromId);

    // Whether its reason holds now: rows lapse within a minute, rights at once.
    private async Task<bool> StandsAsync(TransferOffer offer, CancellationToken cancellation)
    {
        var now = time.Now();
        if (offer.AppointmentId is { } appointment)
            return (await db.ActingAppointments.AsNoTracking().SingleAsync(a => a.Id == appointment, cancellation)).Covers(now, office.Time);
        return (await db.Absences.AsNoTracking().SingleAsync(a => a.Id == offer.AbsenceId, cancellation)).Covers(now, office.Time);
    }

    private async Task<bool> MayDecideAsync(Actor actor, TransferOffer offer, CancellationToken cancellation) =>
        offer.ToId == actor.Id || (offer.FromId != actor.Id && await reader.SupervisesAsync(actor, offer.WorkItem!, cancellation));

    private async Task<TransferOfferView> ViewAsync(TransferOffer offer, WorkItem item, CancellationToken cancellation) => new(
        offer.Id, offer.Revision, item.Id, item.Case!.Number, item.StepLabel, StepDesk.TaskOf(item).Description,
        await reader.PersonInAsync(offer.From!, item.Role, cancellation),
        offer.To is null ? null : await reader.PersonInAsync(offer.To, item.Role, cancellation), offer.OfferedAt, item.Clock!.DueAt,
        await directory.AwayUntilAsync(offer.FromId, time.Now(), cancellation),
        offer.State == TransferState.Offered ? ["accept", "decline"] : []);

    private static void Lapse(TransferOffer offer, DateTimeOffset now)
    {
        offer.State = TransferState.Lapsed;
        offer.DecidedAt = now;
        offer.Revision++;
    }

    private void Record(Actor actor, TransferOffer offer, string action, string? to = null, string? capacity = null)
    {
        var facts = new JsonObject
        {
            ["taskId"] = offer.WorkItemId,
            ["step"] = offer.WorkItem!.StepLabel,
            ["from"] = offer.From!.UserName
        };
        if (to is not null)
            facts["assignee"] = to;
        if (capacity is not null)
            facts["capacity"] = capacity;
        audit.Add(AuditTrail.ChainOf(offer.WorkItem.CaseId), actor.UserName, action, facts);
    }
}
