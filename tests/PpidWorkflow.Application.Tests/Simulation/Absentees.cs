using Microsoft.Data.Sqlite;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// Who is away, officers and supervisors alike, with and without a substitute, known beforehand or afterwards, back early; who acts meanwhile by
/// a letter (Plh.), or in a post that nobody holds (Plt.); who takes over open work or declines; and what people want to be told, and when.
/// </summary>
internal sealed class Absentees(Simulation sim, Dice dice)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    /// <summary>The sweep looks every five minutes.</summary>
    private const long LooksEvery = 5 * Minute;

    private int _letters;

    public void Begin()
    {
        for (var day = sim.Now - 7 * Hour; day < sim.End; day += 24 * Hour)
        {
            At(day, 16, SomebodyAwayAsync);
            At(day, 4, VacantPostAsync);
            At(day, 8, WishAsync);
        }

        void At(long day, int percent, Func<Task> happens)
        {
            if (dice.Chance(percent))
                sim.Plan(day + dice.Between(6 * Hour, 18 * Hour), happens);
        }
    }

    /// <summary>The sweep of absences and letters comes around within five minutes of this instant, real time.</summary>
    public void PlanLook(long at) => sim.Plan(at + dice.Between(0, LooksEvery), LookAsync);

    /// <summary>Somebody to whom open work was offered, or a supervisor, decides; false: nobody is there to.</summary>
    public async Task<bool> DecideAsync(PaperOffer offer)
    {
        var able = Staff.OfTheSop.Select(s => s.UserName)
            .Where(s => (s == offer.To || (s != offer.From && sim.Model.Supervises(s, offer.Item))) && !sim.Model.IsAbsent(s)).ToList();
        if (able.Count == 0)
            return false;
        var by = offer.To is { } to && able.Contains(to) && dice.Chance(75) ? to : dice.Pick(able);
        var accepts = dice.Chance(75);
        var (actor, row) = (await sim.ActorAsync(by), sim.Office.Mirror.Offers[offer.Id]);
        var done = await sim.Life.DoAsync<TransferDesk, TransferOfferView>(t =>
            accepts ? t.AcceptAsync(actor, row.Id, row.Revision) : t.DeclineAsync(actor, row.Id, row.Revision, "Pekerjaan sendiri menumpuk"));
        var what = $"{by} {(accepts ? "accepts" : "declines")} {offer.Item} of {offer.From} for {offer.To ?? "himself"}";
        sim.Life.Expect(done, what);
        if (OfficeLife.IsDone(done))
        {
            if (accepts)
                sim.Model.Accept(offer, by);
            else
                sim.Model.Decline(offer, by);
        }
        sim.Tell($"{what} ({done})");
        sim.Count(accepts ? "transfers accepted" : "transfers declined", OfficeLife.IsDone(done) ? 1 : 0);
        return true;
    }

    private async Task LookAsync()
    {
        if (!sim.Office.IsUp)
            return;
        await sim.Office.AskAsync<TransferDesk, int>(t => t.SweepAsync());
        sim.Model.Turn();
        if (sim.Model.NextTurn() is { } next && next <= sim.Clock + 2 * LooksEvery)
            PlanLook(sim.Now + LooksEvery);
    }

    private async Task SomebodyAwayAsync()
    {
        if (!sim.Office.IsUp)
            return;
        var (who, today) = (dice.Pick(Staff.OfTheSop).UserName, WorkHours.DateOf(sim.Clock));
        var first = today.AddDays(dice.Pick((5, 0), (2, 1), (2, 3), (1, -1)));
        var last = first.AddDays((int)dice.Between(first < today ? 1 : 0, 4));
        var fromNoon = dice.Chance(15);
        var untilNoon = dice.Chance(15) && (first < last || !fromNoon);
        var (begins, ends) = (WorkHours.At(first, fromNoon ? 720 : 0), untilNoon ? WorkHours.At(last, 720) : WorkHours.At(last.AddDays(1), 0));
        if (ends <= sim.Clock || Away(who, begins, ends))
            return;
        var substitute = dice.Chance(60) ? SubstituteOf(who, begins, ends) : null;
        var by = dice.Pick((5, who), (3, Staff.Of(who).Supervisor ?? who), (1, Staff.Admin), (1, Staff.Head));
        var form = new AbsenceForm
        {
            OfficerUserName = who,
            Kind = dice.Pick((3, "leave"), (2, "officialTravel"), (1, "sick"), (1, "other")),
            FirstDay = first,
            LastDay = last,
            FromNoon = fromNoon,
            UntilNoon = untilNoon,
            SubstituteUserName = substitute,
            BackdatedReason = first < today ? "Baru dikabari" : null
        };
        var absence = new PaperAbsence(who, first, begins, ends, substitute);
        absence.Id = (await AskAsync<AbsenceDesk, AbsenceView>(by, "an absence", (d, actor) => d.RecordAsync(actor, form))).Id;
        sim.Model.Record(absence);
        sim.Tell($"{who} is away from {Inspector.Text(begins)} until {Inspector.Text(ends)}, {substitute ?? "nobody"} stands in (told by {by})");
        sim.Count("absences");
        sim.Count("absences of supervisors", Staff.All.Any(s => s.Supervisor == who) ? 1 : 0);
        PlanLook(Math.Max(sim.Now + 1, begins - sim.Skew));
        PlanLook(ends - sim.Skew);
        if (dice.Chance(35))
            await ActingAsync(who, Staff.Of(who).Role, "plh", first, last);
        if (dice.Chance(20))
            sim.Plan(sim.Now + dice.Between(Minute, Math.Max(Hour, ends - sim.Clock)), () => BackAsync(absence));
        if (dice.Chance(15))
            sim.Plan(sim.Now + dice.Between(Minute, Math.Max(Hour, ends - sim.Clock)), () => OtherSubstituteAsync(absence, begins, ends));
    }

    private async Task BackAsync(PaperAbsence absence)
    {
        if (!sim.Office.IsUp || absence.Withdrawn || absence.Ends <= sim.Clock)
            return;
        await AskAsync<AbsenceDesk, AbsenceView>(absence.Who, "a return", (d, actor) => d.EndAsync(actor, absence.Id, RevisionOf("Absences", absence.Id)));
        sim.Model.End(absence);
        sim.Tell($"{absence.Who} {(absence.Withdrawn ? "does not go" : "is back early")}");
        sim.Count("absences ended early");
    }

    private async Task OtherSubstituteAsync(PaperAbsence absence, long begins, long ends)
    {
        if (!sim.Office.IsUp || absence.Withdrawn || absence.Ends <= sim.Clock)
            return;
        var substitute = SubstituteOf(absence.Who, begins, ends);
        await AskAsync<AbsenceDesk, AbsenceView>(
            Staff.Admin, "another substitute", (d, actor) => d.SubstituteAsync(actor, absence.Id, RevisionOf("Absences", absence.Id), substitute));
        sim.Model.Name(absence, substitute);
        sim.Tell($"{substitute ?? "nobody"} stands in for {absence.Who} from now on");
        sim.Count("substitutes changed");
    }

    private async Task VacantPostAsync()
    {
        if (!sim.Office.IsUp)
            return;
        var first = WorkHours.DateOf(sim.Clock).AddDays((int)dice.Between(0, 1));
        await ActingAsync(null, PrintedSop.VacantRole, "plt", first, first.AddDays((int)dice.Between(0, 9)));
    }

    private async Task ActingAsync(string? holder, string role, string capacity, DateOnly first, DateOnly last)
    {
        var (begins, ends, today) = (WorkHours.At(first, 0), WorkHours.At(last.AddDays(1), 0), WorkHours.DateOf(sim.Clock));
        bool Meanwhile(PaperAppointment a) => a.Role == role && !a.Withdrawn && a.First <= last && a.Last >= first && Math.Max(begins, sim.Clock) < a.Ends;
        var able = Staff.OfTheSop.Where(s => s.UserName != holder && s.Role != role
            && !sim.Model.Absences.Exists(a => a.Who == s.UserName && !a.Withdrawn && a.Begins < ends && begins < a.Ends)
            && !sim.Model.Appointments.Exists(a => a.Who == s.UserName && Meanwhile(a))).ToList();
        if (last < today || able.Count == 0 || sim.Model.Appointments.Exists(a => a.InSteadOf == holder && Meanwhile(a)))
            return;
        var who = dice.Pick(able).UserName;
        var form = new AppointmentForm
        {
            OfficerUserName = who,
            Role = role,
            Capacity = capacity,
            ForUserName = holder,
            LetterNumber = $"800/{++_letters}/SP/2026",
            FirstDay = first,
            LastDay = last,
            BackdatedReason = first < today ? "Surat terlambat" : null
        };
        var appointment = new PaperAppointment(who, role, holder, first, last, sim.Clock);
        appointment.Id = (await AskAsync<AppointmentDesk, AppointmentView>(Staff.Admin, "a letter", (d, actor) => d.RecordAsync(actor, form))).Id;
        sim.Model.Record(appointment);
        sim.Tell($"{who} acts as {role} ({capacity}) for {holder ?? "nobody"} from {first:yyyy-MM-dd} to {last:yyyy-MM-dd}");
        sim.Count(holder is null ? "letters Plt." : "letters Plh.");
        PlanLook(Math.Max(sim.Now + 1, begins - sim.Skew));
        PlanLook(ends - sim.Skew);
        if (dice.Chance(20))
            sim.Plan(sim.Now + dice.Between(Minute, Math.Max(Hour, ends - sim.Clock)), () => RecallAsync(appointment));
    }

    private async Task RecallAsync(PaperAppointment appointment)
    {
        if (!sim.Office.IsUp || appointment.Withdrawn || appointment.Ends <= sim.Clock)
            return;
        await AskAsync<AppointmentDesk, AppointmentView>(
            Staff.Admin, "a recall", (d, actor) => d.EndAsync(actor, appointment.Id, RevisionOf("ActingAppointments", appointment.Id)));
        sim.Model.End(appointment);
        sim.Tell($"{appointment.Who} acts as {appointment.Role} no more");
        sim.Count("letters recalled");
        PlanLook(sim.Now + 1);
    }

    private async Task WishAsync()
    {
        if (!sim.Office.IsUp)
            return;
        var who = dice.Pick(Staff.All).UserName;
        var (from, until) = dice.Pick((3, (17, 7)), (2, (12, 13)), (1, (22, 5)), (1, (6, 18)), (2, (0, 0)));
        var digestAt = dice.Pick<int?>((6, null), (2, 10 * 60 + 30), (1, 6 * 60), (1, 13 * 60), (1, 19 * 60));
        var wish = new PaperWish(from * 60, until * 60, dice.Chance(30), NoDigest: dice.Chance(20), NoWeekly: dice.Chance(20), digestAt);
        await AskAsync<PreferenceDesk, PreferenceView>(who, "a preference", (d, actor) => d.SetAsync(actor, new PreferenceForm(
            Digest: !wish.NoDigest, DigestAt: digestAt is { } minute ? $"{minute / 60:00}:{minute % 60:00}" : null, Weekly: !wish.NoWeekly,
            EarlyWarnings: !wish.NoWarnings, Language: dice.Chance(20) ? "en" : null,
            QuietFrom: from == until ? null : $"{from:00}:00", QuietUntil: from == until ? null : $"{until:00}.00")));
        sim.Model.Wish(who, wish);
        sim.Tell($"{who} wants quiet from {from} to {until}{(wish.NoWarnings ? ", and no early warnings" : "")}{(wish.NoDigest ? ", no digest" : "")}");
        sim.Count("preferences changed");
    }

    private string? SubstituteOf(string who, long begins, long ends)
    {
        var able = Staff.OfTheSop.Where(s => s.UserName != who && !Away(s.UserName, begins, ends)).ToList();
        return able.Count == 0 ? null : dice.Pick(able).UserName;
    }

    // Who came back early may be away again the same day.
    private bool Away(string who, long begins, long ends) =>
        sim.Model.Absences.Exists(a => a.Who == who && !a.Withdrawn && a.Begins < ends && begins < a.Ends && !(a.EndedAt <= sim.Clock));

    private async Task<T> AskAsync<TService, T>(string by, string what, Func<TService, Actor, Task<Result<T>>> act) where TService : notnull
    {
        var actor = await sim.ActorAsync(by);
        var result = await sim.Office.AskAsync<TService, Result<T>>(s => act(s, actor));
        if (!result.Succeeded)
            sim.Fail($"{what} by {by}: refused ({result.Problems[0].Code})");
        return result.Value;
    }

    private int RevisionOf(string table, Guid id)
    {
        using var command = sim.Office.Connection.CreateCommand();
#pragma warning disable CA2100 // names of this file
        command.CommandText = $"SELECT Revision FROM {table} WHERE Id = $id";
#pragma warning restore CA2100
        command.Parameters.Add("$id", SqliteType.Text).Value = id;
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
