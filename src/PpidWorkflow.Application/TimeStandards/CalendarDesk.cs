using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// The office's calendar as administrators keep it. An act changes rows, re-derives the clocks of all open steps and is audited in one
/// commit; each moved date keeps its reason, closed steps keep their dates. A preview runs the same and stores nothing.
/// </summary>
public sealed partial class CalendarDesk(
    PpidDbContext db, Committer committer, Rederivation rederivation, OfficeCalendar office, OfficerDirectory directory, AuditTrail audit,
    Identifiers identifiers, TimeProvider time)
{
    /// <summary>How many moved steps an outcome names.</summary>
    public const int MostNamed = 200;

    /// <summary>Lengths of what people type, characters.</summary>
    public const int LongestName = 200, LongestSource = 300, LongestRemark = 500, LongestReason = 300;

    /// <summary>Length of a clock event's reason.</summary>
    private const int LongestNote = 500;

    public Task<Result<CalendarOutcome>> AddDayAsync(Actor actor, ClosedDayForm form, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            var (entry, problems) = CalendarEntries.Day(form, needsReason: false);
            if (entry is not null && rows.Days.FirstOrDefault(d => d.Date == entry.Date) is { } taken)
                problems.Add(Problem.Invalid("closed-day-taken", "date", taken.Date, taken.Name));
            if (entry is null || problems.Count > 0)
                return Result<Change>.Refused(problems);
            var day = NewDay(entry, actor, form.Confirmed);
            rows.Days.Add(day);
            return new Change("closed-day-added", $"Hari tutup ditambahkan: {Told(day)}", form.Reason, [Edit("added", day)]);
        }, cancellation);

    public Task<Result<CalendarOutcome>> ChangeDayAsync(
        Actor actor, Guid id, ClosedDayForm form, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            if (rows.Days.FirstOrDefault(d => d.Id == id) is not { } day)
                return Problem.NotFound("closed-day-not-found");
            var (entry, problems) = CalendarEntries.Day(form, needsReason: true);
            if (entry is not null && rows.Days.FirstOrDefault(d => d.Date == entry.Date && d != day) is { } taken)
                problems.Add(Problem.Invalid("closed-day-taken", "date", taken.Date, taken.Name));
            if (entry is null || problems.Count > 0)
                return Result<Change>.Refused(problems);
            var before = Told(day);
            Fill(day, entry, actor, form.Confirmed);
            return new Change("closed-day-changed", $"Hari tutup diubah: {before} menjadi {Told(day)}", form.Reason, [Edit("changed", day)]);
        }, cancellation);

    /// <summary>Not deleted: it stays in the list with the reason, and no longer counts.</summary>
    public Task<Result<CalendarOutcome>> WithdrawDayAsync(
        Actor actor, Guid id, string? reason, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            if (rows.Days.FirstOrDefault(d => d.Id == id) is not { } day)
                return Problem.NotFound("closed-day-not-found");
            if (CalendarEntries.ReasonProblem(reason, isNeeded: true) is { } problem)
                return problem;
            (day.WithdrawnAt, day.WithdrawnBy, day.WithdrawnReason) = (time.Now(), actor.UserName, CalendarEntries.Line(reason));
            return new Change("closed-day-withdrawn", $"Hari tutup ditarik: {Told(day)}", reason, [Edit("withdrawn", day)]);
        }, cancellation);

    public Task<Result<CalendarOutcome>> AddRegimeAsync(Actor actor, RegimeForm form, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            var (entry, problems) = CalendarEntries.Regime(form, needsReason: false);
            if (entry is not null)
                problems.AddRange(CalendarEntries.Rivals(entry, rows.Regimes));
            if (entry is null || problems.Count > 0)
                return Result<Change>.Refused(problems);
            var regime = new HoursRegime
            {
                Id = identifiers.Next(),
                Name = entry.Name,
                Kind = entry.Kind,
                Windows = "{}",
                ChangedAt = time.Now(),
                ChangedBy = actor.UserName
            };
            Fill(regime, entry, actor, form.Confirmed);
            db.HoursRegimes.Add(regime);
            rows.Regimes.Add(regime);
            return new Change("regime-added", $"Jam kerja ditambahkan: {Told(regime)}", form.Reason, [Edit("added", regime)]);
        }, cancellation);

    public Task<Result<CalendarOutcome>> ChangeRegimeAsync(
        Actor actor, Guid id, RegimeForm form, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            if (rows.Regimes.FirstOrDefault(r => r.Id == id) is not { } regime)
                return Problem.NotFound("regime-not-found");
            var (entry, problems) = CalendarEntries.Regime(form, needsReason: true);
            if (entry is not null)
                problems.AddRange(CalendarEntries.Rivals(entry, rows.Regimes.Where(r => r != regime)));
            if (entry is null || problems.Count > 0)
                return Result<Change>.Refused(problems);
            Fill(regime, entry, actor, form.Confirmed);
            return new Change("regime-changed", $"Jam kerja diubah: {Told(regime)}", form.Reason, [Edit("changed", regime)]);
        }, cancellation);

    public Task<Result<CalendarOutcome>> WithdrawRegimeAsync(
        Actor actor, Guid id, string? reason, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            if (rows.Regimes.FirstOrDefault(r => r.Id == id) is not { } regime)
                return Problem.NotFound("regime-not-found");
            if (CalendarEntries.ReasonProblem(reason, isNeeded: true) is { } problem)
                return problem;
            (regime.WithdrawnAt, regime.WithdrawnBy, regime.WithdrawnReason) = (time.Now(), actor.UserName, CalendarEntries.Line(reason));
            return new Change("regime-withdrawn", $"Jam kerja ditarik: {Told(regime)}", reason, [Edit("withdrawn", regime)]);
        }, cancellation);

    /// <summary>Says that rows were held against their source. Those confirmed before keep who did.</summary>
    /// <param name="actor">Who answers for it.</param>
    /// <param name="ids">Closed days and regimes.</param>
    /// <param name="ask">How it is meant.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<CalendarOutcome>> ConfirmAsync(
        Actor actor, IReadOnlyCollection<Guid> ids, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            var (days, regimes) = (rows.Days.Where(d => ids.Contains(d.Id)).ToList(), rows.Regimes.Where(r => ids.Contains(r.Id)).ToList());
            if (ids.Count == 0)
                return Problem.Invalid("calendar-choose-entries", "ids");
            if (days.Count + regimes.Count != ids.Distinct().Count())
                return Problem.NotFound(regimes.Count == 0 ? "closed-day-not-found" : "regime-not-found");
            foreach (var day in days.Where(d => d.ConfirmedAt is null))
                (day.ConfirmedAt, day.ConfirmedBy) = (time.Now(), actor.UserName);
            foreach (var regime in regimes.Where(r => r.ConfirmedAt is null))
                (regime.ConfirmedAt, regime.ConfirmedBy) = (time.Now(), actor.UserName);
            return new Change(
                "calendar-confirmed", "Kalender dikonfirmasi", null, [.. days.Select(d => Edit("confirmed", d)), .. regimes.Select(r => Edit("confirmed", r))]);
        }, cancellation);

    /// <summary>
    /// Brings in a year's list: days that are not there are added, days that say something else are changed, the same ones are kept; days
    /// that the list does not name stay and are named, to be withdrawn by hand: a decree that moves a day leaves the old one behind. Closings of
    /// the office itself stand in no decree. Any line at fault refuses the whole list.
    /// </summary>
    public Task<Result<CalendarOutcome>> ImportAsync(Actor actor, ClosedDayList list, CalendarAsk ask, CancellationToken cancellation = default) =>
        ActAsync(actor, ask, rows =>
        {
            var read = ClosedDayCsv.Read(list.Csv, list.Source);
            if (!read.Succeeded)
                return read.As<Change>();
            var edits = new List<CalendarEdit>();
            foreach (var entry in read.Value)
            {
                if (rows.Days.FirstOrDefault(d => d.Date == entry.Date) is not { } known)
                {
                    var added = NewDay(entry, actor, list.Confirmed);
                    rows.Days.Add(added);
                    edits.Add(Edit("added", added));
                }
                else if ((known.Name, known.Kind) == (entry.Name, entry.Kind) && (known.Source == entry.Source || entry.Source.Length == 0))
                {
                    if (list.Confirmed && known.ConfirmedAt is null)
                        (known.ConfirmedAt, known.ConfirmedBy) = (time.Now(), actor.UserName);
                    edits.Add(Edit("kept", known));
                }
                else
                {
                    Fill(known, entry, actor, list.Confirmed);
                    edits.Add(Edit("changed", known));
                }
            }
            var year = read.Value[0].Date.Year;
            var listed = read.Value.Select(entry => entry.Date).ToHashSet();
            edits.AddRange(rows.Days.Where(d => d.Date.Year == year && d.Kind != HolidayKind.LocalClosing && !listed.Contains(d.Date))
                .OrderBy(d => d.Date).Select(d => Edit("absent", d)));
            return new Change(
                "closed-days-imported",
                $"Daftar hari tutup {year} diimpor: {edits.Count(e => e.Act == "added")} ditambahkan, {edits.Count(e => e.Act == "changed")} diubah",
                null, edits);
        }, cancellation);

    private async Task<Result<CalendarOutcome>> ActAsync(
        Actor actor, CalendarAsk ask, Func<Rows, Result<Change>> change, CancellationToken cancellation)
    {
        if (!actor.Is(Roles.Admin))
            return Problem.Forbidden("forbidden");
        OfficeCalendar.State? next = null;
        if (!ask.Preview)
            return await committer.RunManyThenAsync(StepAsync, TakeOver, cancellation);
        try
        {
            return await StepAsync();
        }
        finally
        {
            await DropAsync(CancellationToken.None);
        }

        async Task<Result<CalendarOutcome>> StepAsync()
        {
            var state = await db.CalendarStates.SingleAsync(cancellation);
            if (ask.Revision is { } seen && seen != state.Revision)
                return Problem.Conflict("stale-revision");
            var rows = new Rows(
                await db.ClosedDays.Where(d => d.WithdrawnAt == null).ToListAsync(cancellation),
                await db.HoursRegimes.Where(r => r.WithdrawnAt == null).ToListAsync(cancellation));
            var changed = change(rows);
            if (!changed.Succeeded)
                return changed.As<CalendarOutcome>();
            var data = office.Data(rows.Regimes, rows.Days);
            // Everything else was told by field before: what is left is a calendar without a single open window.
            if (data.Problems().Count > 0)
                return Problem.Invalid("calendar-never-open", "windows");
            var now = time.Now();
            next = office.Build(state.Revision + 1, data);
            (state.Revision, state.ChangedAt, state.ChangedBy) = (next.Revision, now, actor.UserName);
            var (action, told, reason, edits) = changed.Value;
            var moved = new RederivedClocks(0, 0, []);
            await CalendarWatch.NoteChangeAsync(db, next.Revision, Note(told, reason), cancellation);
            if (await CalendarWatch.NoteAsync(db, next.Fingerprint, cancellation))
            {
                moved = await rederivation.RunAsync(
                    office.Current, next.Calendar, Note(told, reason), actor.UserName, now, MostNamed,
                    ask.Preview ? DropAsync : committer.WriteSoFarAsync, cancellation);
            }
            audit.Add(AuditTrail.Administration, actor.UserName, action, new JsonObject
            {
                ["entries"] = new JsonArray([.. edits.Where(e => e.Act is not ("kept" or "absent")).Select(e => new JsonObject
                {
                    ["act"] = e.Act,
                    ["id"] = e.Id,
                    ["date"] = e.Date?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                    ["name"] = e.Name,
                    ["kind"] = e.Kind
                })]),
                ["reason"] = CalendarEntries.Line(reason),
                ["calendarRevision"] = next.Revision,
                ["moved"] = moved.Due
            });
            return new CalendarOutcome(
                !ask.Preview, ask.Preview ? next.Revision - 1 : next.Revision, edits, moved.Due, await NameAsync(moved.Named, next.Calendar, cancellation));
        }

        Task DropAsync(CancellationToken _)
        {
            db.ChangeTracker.Clear();
            audit.Clear();
            return Task.CompletedTask;
        }

        void TakeOver()
        {
            if (next is not null && office.Take(next))
                office.SettledRevision = next.Revision;
        }
    }

    private async Task<IReadOnlyList<MovedStep>> NameAsync(
        IReadOnlyList<MovedClock> moved, WorkingCalendar calendar, CancellationToken cancellation)
    {
        var ids = moved.Select(m => m.ClockId).ToList();
        var items = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Assignee)
            .Where(w => ids.Contains(w.ClockId) && w.Closure == WorkItemClosure.Open).ToListAsync(cancellation);
        var open = items.GroupBy(w => w.ClockId).ToDictionary(w => w.Key, w => w.First());
        var steps = new List<MovedStep>();
        foreach (var (clock, before, after) in moved)
        {
            if (!open.TryGetValue(clock, out var item))
                continue;
            directory.Know(item.Assignee);
            // Who acts in the role is named as such; the others cost no question.
            var name = item.AssigneeId is { } id && item.AppointmentId is not null ? await directory.NameInAsync(id, item.Role, cancellation) : item.Assignee?.DisplayName;
            steps.Add(new MovedStep(
                item.CaseId, item.Case!.Number, item.StepLabel, name, before, after, after is { } due && calendar.IsProvisional(due)));
        }
        return [.. steps.OrderBy(s => s.CaseNumber, StringComparer.Ordinal)];
    }

    private ClosedDay NewDay(DayEntry entry, Actor actor, bool confirmed)
    {
        var day = new ClosedDay
        {
            Id = identifiers.Next(),
            Date = entry.Date,
            Name = entry.Name,
            Kind = entry.Kind,
            ChangedAt = time.Now(),
            ChangedBy = actor.UserName
        };
        Fill(day, entry, actor, confirmed);
        db.ClosedDays.Add(day);
        return day;
    }

    // What was confirmed was what stood there before: a change wants a confirmation of its own.
    private void Fill(ClosedDay day, DayEntry entry, Actor actor, bool confirmed)
    {
        (day.Date, day.Name, day.Kind, day.Source) = (entry.Date, entry.Name, entry.Kind, entry.Source);
        (day.ChangedAt, day.ChangedBy) = (time.Now(), actor.UserName);
        (day.ConfirmedAt, day.ConfirmedBy) = (confirmed ? time.Now() : null, confirmed ? actor.UserName : null);
    }

    private void Fill(HoursRegime regime, RegimeEntry entry, Actor actor, bool confirmed)
    {
        (regime.Name, regime.Kind, regime.From, regime.Until) = (entry.Name, entry.Kind, entry.From, entry.Until);
        (regime.Windows, regime.Source, regime.Remark) = (CalendarData.WriteWindows(entry.Windows), entry.Source, entry.Remark);
        (regime.ChangedAt, regime.ChangedBy) = (time.Now(), actor.UserName);
        (regime.ConfirmedAt, regime.ConfirmedBy) = (confirmed ? time.Now() : null, confirmed ? actor.UserName : null);
    }

    private static string Note(string told, string? reason)
    {
        var note = CalendarEntries.Line(reason) is { Length: > 0 } why ? $"{told}. {why}" : told;
        return note.Length <= LongestNote ? note : note[..LongestNote];
    }

    private static string Told(ClosedDay day) => $"{OfficeTime.Date(day.Date)} ({day.Name})";

    private static string Told(HoursRegime regime) => (regime.From, regime.Until) switch
    {
        (null, null) => regime.Name,
        ({ } from, null) => $"{regime.Name}, sejak {OfficeTime.Date(from)}",
        (null, { } until) => $"{regime.Name}, sampai {OfficeTime.Date(until)}",
        ({ } from, { } until) => $"{regime.Name}, {OfficeTime.Date(from)} sampai {OfficeTime.Date(until)}"
    };

    private static CalendarEdit Edit(string act, ClosedDay day) => new(act, day.Id, day.Name, Wire(day.Kind), day.Date);

    private static CalendarEdit Edit(string act, HoursRegime regime) => new(act, regime.Id, regime.Name, Wire(regime.Kind), null);

    /// <summary>The rows that count, tracked: a change adds to these lists too.</summary>
    private sealed record Rows(List<ClosedDay> Days, List<HoursRegime> Regimes);

    /// <param name="Action">In the audit trail.</param>
    /// <param name="Told">Goes before the reason in the clock events.</param>
    /// <param name="Reason">As the administrator gave it.</param>
    /// <param name="Edits">What is touched.</param>
    private sealed record Change(string Action, string Told, string? Reason, IReadOnlyList<CalendarEdit> Edits);
}
