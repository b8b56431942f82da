using System.Text;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// A year's list of closed days as a spreadsheet saves it: <c>date;name;kind[;source]</c>, semicolons or commas, quotes as in RFC 4180 but
/// within a line, a heading or none, a byte order mark or none.
/// </summary>
internal static class ClosedDayCsv
{
    /// <summary>Characters; a year's list has some 2,000.</summary>
    public const int Largest = 100_000;

    /// <summary>A year has no more days.</summary>
    private const int MostLines = 366;

    /// <summary>Faults told at once; mending these shows the next ones.</summary>
    private const int MostProblems = 25;

    private const string Field = "csv";

    private static readonly Dictionary<string, HolidayKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["libur nasional"] = HolidayKind.NationalHoliday,
        ["nasional"] = HolidayKind.NationalHoliday,
        ["nationalholiday"] = HolidayKind.NationalHoliday,
        ["national holiday"] = HolidayKind.NationalHoliday,
        ["cuti bersama"] = HolidayKind.CollectiveLeave,
        ["cuti"] = HolidayKind.CollectiveLeave,
        ["collectiveleave"] = HolidayKind.CollectiveLeave,
        ["collective leave"] = HolidayKind.CollectiveLeave,
        ["kantor tutup"] = HolidayKind.LocalClosing,
        ["tutup lokal"] = HolidayKind.LocalClosing,
        ["lokal"] = HolidayKind.LocalClosing,
        ["localclosing"] = HolidayKind.LocalClosing,
        ["local closing"] = HolidayKind.LocalClosing
    };

    /// <summary>The days in their order, at least one, all of one year; else every fault with its line (from 1, as an editor counts).</summary>
    /// <param name="csv">The file's text.</param>
    /// <param name="source">For lines without one.</param>
    public static Result<IReadOnlyList<DayEntry>> Read(string? csv, string? source)
    {
        var problems = new List<Problem>();
        if (CalendarEntries.Line(source).Length > CalendarDesk.LongestSource)
            problems.Add(Problem.Invalid("text-too-long", "source", CalendarDesk.LongestSource));
        if (string.IsNullOrWhiteSpace(csv?.Trim('\uFEFF')))
            problems.Add(Problem.Invalid("csv-empty", Field));
        else if (csv.Length > Largest)
            problems.Add(Problem.Invalid("csv-too-large", Field, Largest));
        else if (csv.AsSpan().ContainsAny('\uFFFD', '\0'))
            problems.Add(Problem.Invalid("csv-encoding", Field));
        if (problems.Count > 0)
            return Result<IReadOnlyList<DayEntry>>.Refused(problems);

        var days = new Dictionary<DateOnly, (DayEntry Entry, int Line)>();
        var lines = csv!.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        var separator = Separator(lines);
        var isFirst = true;
        for (var i = 0; i < lines.Length && problems.Count < MostProblems; i++)
        {
            if (lines[i].Trim(' ', '\t', separator).Length == 0)
                continue;
            var cells = Cells(lines[i], separator);
            var isHeading = isFirst && cells is not null && CalendarEntries.ParseDate(cells[0]) is null && !cells[0].Any(char.IsAsciiDigit);
            isFirst = false;
            if (isHeading)
                continue;
            if (Entry(cells, i + 1, CalendarEntries.Line(source), problems) is not { } entry)
                continue;
            if (days.TryGetValue(entry.Date, out var twin))
                problems.Add(Problem.Invalid("csv-line-twice", Field, i + 1, twin.Line, entry.Date));
            else if (days.Count > 0 && days.First().Key.Year is var year && year != entry.Date.Year)
                problems.Add(Problem.Invalid("csv-line-other-year", Field, i + 1, year));
            else if (days.Count == MostLines)
                problems.Add(Problem.Invalid("csv-too-large", Field, Largest));
            else
                days.Add(entry.Date, (entry, i + 1));
        }
        if (problems.Count == 0 && days.Count == 0)
            problems.Add(Problem.Invalid("csv-empty", Field));
        return problems.Count > 0
            ? Result<IReadOnlyList<DayEntry>>.Refused(problems)
            : days.Values.Select(d => d.Entry).OrderBy(d => d.Date).ToList();
    }

    private static DayEntry? Entry(List<string>? cells, int line, string source, List<Problem> problems)
    {
        if (cells is not { Count: 3 or 4 })
        {
            problems.Add(Problem.Invalid("csv-line-columns", Field, line));
            return null;
        }
        var before = problems.Count;
        var date = CalendarEntries.ParseDate(cells[0]);
        if (date is null)
            problems.Add(Problem.Invalid("csv-line-date", Field, line, CalendarEntries.FirstYear, CalendarEntries.LastYear));
        if (cells[1].Length is 0 or > CalendarDesk.LongestName)
            problems.Add(Problem.Invalid("csv-line-name", Field, line, CalendarDesk.LongestName));
        if (!Kinds.TryGetValue(cells[2], out var kind))
            problems.Add(Problem.Invalid("csv-line-kind", Field, line));
        if (cells.Count == 4 && cells[3].Length > CalendarDesk.LongestSource)
            problems.Add(Problem.Invalid("csv-line-source", Field, line, CalendarDesk.LongestSource));
        return problems.Count > before
            ? null
            : new DayEntry(date!.Value, cells[1], kind, cells.Count == 4 && cells[3].Length > 0 ? cells[3] : source);
    }

    // By the first line that has one: a name may hold a comma, hardly ever a semicolon.
    private static char Separator(string[] lines) =>
        lines.FirstOrDefault(line => line.AsSpan().ContainsAny(';', ','))?.Contains(';', StringComparison.Ordinal) == true ? ';' : ',';

    /// <summary>Null: a quote that does not end.</summary>
    private static List<string>? Cells(string line, char separator)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[++i]);
            else if (c == '"' && (quoted || cell.ToString().Trim().Length == 0))
                quoted = !quoted;
            else if (c == separator && !quoted)
                Take();
            else
                cell.Append(c);
        }
        Take();
        // Spreadsheets fill up short lines.
        while (cells.Count > 3 && cells[^1].Length == 0)
            cells.RemoveAt(cells.Count - 1);
        return quoted ? null : cells;

        void Take()
        {
            cells.Add(CalendarEntries.Line(cell.ToString()));
            cell.Clear();
        }
    }
}
