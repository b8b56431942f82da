using System.Globalization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>The office's working time, for callers that plan.</summary>
internal static class Calendar
{
    /// <summary>A year of working minutes is about 117,000; nobody plans a step of ten.</summary>
    private const double MostMinutes = 1_000_000;

    public sealed record DueTime(DateTimeOffset DueAt);

    public static void Map(RouteGroupBuilder calendar) =>
        calendar.MapGet("/due", Due).Answers<DueTime>("When a standard of ?minutes= working minutes received at ?receivedAt= is used up");

    private static IResult Due(OfficeCalendar calendar, string? receivedAt = null, string? minutes = null)
    {
        var problems = new List<Problem>();
        if (!DateTimeOffset.TryParse(receivedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from)
            || from.Year is < 2000 or > 2200)
            problems.Add(Problem.Invalid("instant-invalid", "receivedAt"));
        if (!double.TryParse(minutes, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var working)
            || working is not (>= 0 and <= MostMinutes))
            problems.Add(Problem.Invalid("minutes-invalid", "minutes", MostMinutes));
        return problems.Count > 0
            ? new ProblemAnswer(problems)
            : TypedResults.Ok(new DueTime(calendar.Current.Add(from, TimeSpan.FromMinutes(working)).ToUniversalTime()));
    }
}
