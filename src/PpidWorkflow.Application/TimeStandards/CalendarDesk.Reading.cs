using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>The calendar as it is shown: months, years and single entries.</summary>
public sealed partial class CalendarDesk
{
    public static bool MayRead(Actor actor) =>
        actor.Is(Roles.Admin) || actor.Is(Roles.SopManager) || actor.Is(Roles.UnitPpidHead) || actor.Is(Roles.Auditor);

    public static string Wire(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The days of a month as the clocks count them.</summary>
    public async Task<Result<CalendarMonthView>> MonthAsync(Actor actor, int year, int month, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("forbidden");
        if (year is < CalendarEntries.FirstYear or > CalendarEntries.LastYear || month is < 1 or > 12)
            return Problem.Invalid("calendar-month-invalid", "month", CalendarEntries.FirstYear, CalendarEntries.LastYear);
        await office.RefreshAsync(db, cancellation);
        var calendar = office.Current;
        var (first, end) = (new DateOnly(year, month, 1), new DateOnly(year, month, 1).AddMonths(1));
        var closed = await db.ClosedDays.AsNoTracking().Where(d => d.Date >= first && d.Date < end && d.WithdrawnAt == null).ToListAsync(cancellation);
        var days = Enumerable.Range(0, end.DayNumber - first.DayNumber).Select(first.AddDays).Select(date =>
        {
            var regime = calendar.RegimeOn(date);
            return new CalendarDayView(
                date, regime?.Name, regime is null ? null : Wire(regime.Kind), [.. calendar.WindowsOf(date).Select(w => w.ToString())],
                closed.Where(d => d.Date == date && !office.IsAroundTheClock).Select(View).FirstOrDefault());
        });
        return new CalendarMonthView(year, month, office.Revision, [.. days]);
    }

    /// <summary>A year's closed days, withdrawn ones last, and every regime.</summary>
    public async Task<Result<CalendarYearView>> YearAsync(Actor actor, int year, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("forbidden");
        if (year is < CalendarEntries.FirstYear or > CalendarEntries.LastYear)
            return Problem.Invalid("calendar-month-invalid", "year", CalendarEntries.FirstYear, CalendarEntries.LastYear);
        await office.RefreshAsync(db, cancellation);
        var (first, end) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
        var days = await db.ClosedDays.AsNoTracking().Where(d => d.Date >= first && d.Date <= end).ToListAsync(cancellation);
        var regimes = await db.HoursRegimes.AsNoTracking().ToListAsync(cancellation);
        return new CalendarYearView(
            year, office.Revision, office.Current.Zone.Id, office.IsAroundTheClock, office.Current.HasListFor(year), office.MissingYear(time.Now()),
            [.. days.OrderBy(d => d.WithdrawnAt is not null).ThenBy(d => d.Date).Select(View)],
            [.. regimes.OrderBy(r => r.WithdrawnAt is not null).ThenBy(r => r.Until is not null).ThenBy(r => r.From).Select(View)])
        {
            Names = await directory.NamesAsync(
                days.SelectMany(d => new[] { d.ConfirmedBy, d.WithdrawnBy }).Concat(regimes.SelectMany(r => new[] { r.ConfirmedBy, r.WithdrawnBy })), cancellation)
        };
    }

    /// <summary>A closed day that counts.</summary>
    public async Task<Result<ClosedDayView>> DayAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        !MayRead(actor) ? Problem.Forbidden("forbidden")
        : await db.ClosedDays.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.WithdrawnAt == null, cancellation) is { } day ? View(day)
        : Problem.NotFound("closed-day-not-found");

    /// <summary>A regime that counts.</summary>
    public async Task<Result<RegimeView>> RegimeAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        !MayRead(actor) ? Problem.Forbidden("forbidden")
        : await db.HoursRegimes.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.WithdrawnAt == null, cancellation) is { } regime ? View(regime)
        : Problem.NotFound("regime-not-found");

    /// <summary>Which state of the calendar is in force; send it with an act that builds on what was seen.</summary>
    public Task<int> RevisionAsync(CancellationToken cancellation = default) =>
        db.CalendarStates.AsNoTracking().Select(s => s.Revision).SingleOrDefaultAsync(cancellation);

    private static ClosedDayView View(ClosedDay day) => new(
        day.Id, day.Date, day.Name, Wire(day.Kind), day.Source, day.ConfirmedAt, day.ConfirmedBy, day.WithdrawnAt, day.WithdrawnBy, day.WithdrawnReason);

    private static RegimeView View(HoursRegime row)
    {
        var regime = row.ToRegime();
        var week = regime.Windows.Where(day => day.Value.Count > 0).OrderBy(day => ((int)day.Key + 6) % 7).ToDictionary(
            day => Wire(day.Key), day => (IReadOnlyList<string>)[.. day.Value.Select(window => window.ToString())]);
        var hours = regime.Windows.Values.SelectMany(day => day).Sum(window => (window.Closes - window.Opens).TotalHours);
        return new RegimeView(
            row.Id, row.Name, Wire(row.Kind), row.From, row.Until, week, row.Source, row.Remark, hours, row.ConfirmedAt, row.ConfirmedBy,
            row.WithdrawnAt, row.WithdrawnBy, row.WithdrawnReason);
    }
}
