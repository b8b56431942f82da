using System.Globalization;

namespace PpidWorkflow.Application.Tests.TimeStandards;

/// <summary>Something that happens to the clock, or to the calendar, of a case.</summary>
/// <param name="Kind">paused, resumed, started, closed or open.</param>
/// <param name="Day">The day that is closed or opened.</param>
public sealed record ClockAct(string Kind, DateTimeOffset At, DateOnly? Day);

/// <summary>What a case shows: used or late in working minutes at an instant, or the instant of a rung.</summary>
public sealed record ClockCheck(string Kind, DateTimeOffset At, double Minutes, int Percent);

/// <summary>One row of <c>clock-cases.md</c>. Every instant carries its weekday, which must be the date's: a slip of the hand is noticed.</summary>
public sealed record ClockCase(
    int Number, string Group, DateTimeOffset Received, int Minutes, IReadOnlyList<ClockAct> Acts, DateTimeOffset? Due, IReadOnlyList<ClockCheck> Checks,
    string Why)
{
    public override string ToString() => $"{Number} {Group}: {Why}";

    public static IReadOnlyList<ClockCase> ReadAll() =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "TimeStandards", "clock-cases.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsDigit(line[2]))
            .Select(line => Read([.. line.Split('|')[1..^1].Select(cell => cell.Trim())]))
    ];

    private static ClockCase Read(string[] cells) => new(
        int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], Instant(cells[2]), int.Parse(cells[3], CultureInfo.InvariantCulture),
        [.. Parts(cells[4]).Select(Act)], cells[5] == "-" ? null : Instant(cells[5]), [.. Parts(cells[6]).Select(Check)], cells[7]);

    private static string[] Parts(string cell) => cell.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // "paused Mon 2026-11-23 15:55" or "closed 2026-11-24 at Mon 2026-11-23 15:59".
    private static ClockAct Act(string text)
    {
        var (kind, rest) = (text[..text.IndexOf(' ', StringComparison.Ordinal)], text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        return rest.Split(" at ") is [var day, var at]
            ? new ClockAct(kind, Instant(at), DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture))
            : new ClockAct(kind, Instant(rest), null);
    }

    // "used Mon 2026-11-23 23:00 = 2" or "rung 80% = Tue 2026-11-24 07:32".
    private static ClockCheck Check(string text)
    {
        var sides = text.Split(" = ");
        return sides[0].StartsWith("rung ", StringComparison.Ordinal)
            ? new ClockCheck("rung", Instant(sides[1]), 0, int.Parse(sides[0][5..^1], CultureInfo.InvariantCulture))
            : new ClockCheck(sides[0][..4], Instant(sides[0][5..]), double.Parse(sides[1], CultureInfo.InvariantCulture), 0);
    }

    private static DateTimeOffset Instant(string text) =>
        new(DateTime.ParseExact(text, "ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), TimeSpan.FromHours(7));
}
