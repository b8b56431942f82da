using System.Globalization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>
/// The office's working time, for callers that plan, and the acts of administrators on it. Every act takes <c>preview: true</c>, which says
/// what would happen and stores nothing, and the <c>revision</c> of the calendar that was seen.
/// </summary>
internal static class Calendar
{
    /// <summary>A year of working minutes is about 117,000; nobody plans a step of ten.</summary>
    private const double MostMinutes = 1_000_000;

    /// <param name="DueAt">When the standard is used up.</param>
    /// <param name="Provisional">The list of holidays of that year is not there yet: the instant may move.</param>
    public sealed record DueTime(DateTimeOffset DueAt, bool Provisional);

    public sealed record DayBody : ClosedDayForm
    {
        public bool Preview { get; init; }
        public int? Revision { get; init; }
    }

    public sealed record RegimeBody : RegimeForm
    {
        public bool Preview { get; init; }
        public int? Revision { get; init; }
    }

    public sealed record WithdrawBody(string? Reason, bool Preview, int? Revision);

    public sealed record ConfirmBody(IReadOnlyList<Guid>? Ids, bool Preview, int? Revision);

    public sealed record ImportBody(string? Csv, string? Source, bool Confirmed, bool Preview, int? Revision);

    public static void Map(RouteGroupBuilder calendar)
    {
        calendar.MapGet("/due", Due).Answers<DueTime>("When a standard of ?minutes= working minutes received at ?receivedAt= is used up");
        calendar.MapGet("/month", MonthAsync).Answers<CalendarMonthView>("The days of ?year= and ?month= as the clocks count them");
        calendar.MapGet("/year", YearAsync).Answers<CalendarYearView>("The closed days of ?year= with source and confirmation, and all regimes");
        Act<DayBody>(calendar, "/closed-days", "Adds a closed day", (desk, actor, body, c) =>
            desk.AddDayAsync(actor, body, new(body.Preview, body.Revision), c));
        Act<DayBody>(calendar, "/closed-days/{id:guid}", "Changes a closed day", (desk, actor, id, body, c) =>
            desk.ChangeDayAsync(actor, id, body, new(body.Preview, body.Revision), c));
        Act<WithdrawBody>(calendar, "/closed-days/{id:guid}/withdraw", "Withdraws a closed day; it stays in the list with the reason",
            (desk, actor, id, body, c) => desk.WithdrawDayAsync(actor, id, body.Reason, new(body.Preview, body.Revision), c));
        Act<RegimeBody>(calendar, "/regimes", "Adds working hours", (desk, actor, body, c) =>
            desk.AddRegimeAsync(actor, body, new(body.Preview, body.Revision), c));
        Act<RegimeBody>(calendar, "/regimes/{id:guid}", "Changes working hours", (desk, actor, id, body, c) =>
            desk.ChangeRegimeAsync(actor, id, body, new(body.Preview, body.Revision), c));
        Act<WithdrawBody>(calendar, "/regimes/{id:guid}/withdraw", "Withdraws working hours", (desk, actor, id, body, c) =>
            desk.WithdrawRegimeAsync(actor, id, body.Reason, new(body.Preview, body.Revision), c));
        Act<ConfirmBody>(calendar, "/confirm", "Confirms closed days and regimes: held against their source", (desk, actor, body, c) =>
            desk.ConfirmAsync(actor, body.Ids ?? [], new(body.Preview, body.Revision), c));
        Act<ImportBody>(calendar, "/import", "Brings in a year's list: lines date;name;kind[;source]", (desk, actor, body, c) =>
            desk.ImportAsync(actor, new(body.Csv, body.Source, body.Confirmed), new(body.Preview, body.Revision), c));
    }

    private static void Act<TBody>(
        RouteGroupBuilder calendar, string route, string summary, Func<CalendarDesk, Actor, TBody, CancellationToken, Task<Result<CalendarOutcome>>> act)
        where TBody : class =>
        calendar.MapPost(route, (ApiCall call, CalendarDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<TBody, CalendarOutcome>((actor, body) => act(desk, actor, body, cancellation)))
            .Accepts<TBody>(isOptional: true, "application/json").Answers<CalendarOutcome>(summary);

    private static void Act<TBody>(
        RouteGroupBuilder calendar, string route, string summary,
        Func<CalendarDesk, Actor, Guid, TBody, CancellationToken, Task<Result<CalendarOutcome>>> act)
        where TBody : class =>
        calendar.MapPost(route, (Guid id, ApiCall call, CalendarDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<TBody, CalendarOutcome>((actor, body) => act(desk, actor, id, body, cancellation)))
            .Accepts<TBody>(isOptional: true, "application/json").Answers<CalendarOutcome>(summary);

    private static IResult Due(OfficeCalendar calendar, string? receivedAt = null, string? minutes = null)
    {
        var problems = new List<Problem>();
        if (!DateTimeOffset.TryParse(receivedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from)
            || from.Year is < 2000 or > 2200)
            problems.Add(Problem.Invalid("instant-invalid", "receivedAt"));
        if (!double.TryParse(minutes, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var working)
            || working is not (>= 0 and <= MostMinutes))
            problems.Add(Problem.Invalid("minutes-invalid", "minutes", MostMinutes));
        if (problems.Count > 0)
            return new ProblemAnswer(problems);
        var due = new StandardClock(TimeSpan.FromMinutes(working)).Resume(from).DueAt(calendar.Current)!.Value;
        return TypedResults.Ok(new DueTime(due, calendar.Current.IsProvisional(due)));
    }

    private static Task<IResult> MonthAsync(
        ApiCall call, CalendarDesk desk, OfficeCalendar calendar, TimeProvider time, CancellationToken cancellation, string? year = null,
        string? month = null)
    {
        var today = calendar.Time.Today(time.GetUtcNow());
        return call.ReadAsync(actor => desk.MonthAsync(actor, Number(year, today.Year), Number(month, today.Month), cancellation));
    }

    private static Task<IResult> YearAsync(
        ApiCall call, CalendarDesk desk, OfficeCalendar calendar, TimeProvider time, CancellationToken cancellation, string? year = null) =>
        call.ReadAsync(actor => desk.YearAsync(actor, Number(year, calendar.Time.Year(time.GetUtcNow())), cancellation));

    // What is no number is no month either: the desk says so.
    private static int Number(string? text, int otherwise) =>
        text is null ? otherwise : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
