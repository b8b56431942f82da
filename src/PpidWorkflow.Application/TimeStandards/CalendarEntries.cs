using System.Globalization;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>A closed day whose form was in order.</summary>
internal sealed record DayEntry(DateOnly Date, string Name, HolidayKind Kind, string Source);

/// <summary>A regime whose form was in order.</summary>
internal sealed record RegimeEntry(
    string Name, RegimeKind Kind, DateOnly? From, DateOnly? Until, IReadOnlyDictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> Windows, string Source,
    string Remark);

/// <summary>Reads what administrators typed: an entry, or every fault with its field.</summary>
internal static class CalendarEntries
{
    /// <summary>No calendar of an office reaches further; a mistyped year is refused instead of being believed.</summary>
    public const int FirstYear = 2000, LastYear = 2199;

    /// <summary>An office with more windows a day than this has mistyped something.</summary>
    private const int MostWindows = 8;

    public static (DayEntry? Entry, List<Problem> Problems) Day(ClosedDayForm form, bool needsReason)
    {
        var problems = new List<Problem>();
        var date = Date(form.Date, "date", problems, isNeeded: true);
        var name = Text(form.Name, "name", CalendarDesk.LongestName, problems, isNeeded: true);
        var kind = Kind<HolidayKind>(form.Kind, problems);
        var source = Text(form.Source, "source", CalendarDesk.LongestSource, problems);
        if (ReasonProblem(form.Reason, needsReason) is { } reason)
            problems.Add(reason);
        return (problems.Count > 0 ? null : new DayEntry(date!.Value, name, kind!.Value, source), problems);
    }

    public static (RegimeEntry? Entry, List<Problem> Problems) Regime(RegimeForm form, bool needsReason)
    {
        var problems = new List<Problem>();
        var name = Text(form.Name, "name", CalendarDesk.LongestName, problems, isNeeded: true);
        var kind = Kind<RegimeKind>(form.Kind, problems);
        var from = Date(form.From, "from", problems);
        var until = Date(form.Until, "until", problems);
        if (until < from)
            problems.Add(Problem.Invalid("regime-until-before-from", "until"));
        if (until is not null && string.IsNullOrWhiteSpace(form.From))
            problems.Add(Problem.Invalid("regime-from-required", "from"));
        var windows = Week(form.Windows, problems);
        var source = Text(form.Source, "source", CalendarDesk.LongestSource, problems);
        var remark = Text(form.Remark, "remark", CalendarDesk.LongestRemark, problems);
        if (ReasonProblem(form.Reason, needsReason) is { } reason)
            problems.Add(reason);
        return (problems.Count > 0 ? null : new RegimeEntry(name, kind!.Value, from, until, windows, source, remark), problems);
    }

    /// <summary>
    /// Two regimes of one rank on one day leave open which holds: temporary ones must not overlap, standing ones (each holds until the next
    /// begins) must not begin on one day.
    /// </summary>
    public static IEnumerable<Problem> Rivals(RegimeEntry entry, IEnumerable<HoursRegime> others) => others
        .Where(other => other.Until is null == entry.Until is null)
        .Where(other => entry.Until is null ? other.From == entry.From : other.From <= entry.Until && entry.From <= other.Until)
        .Take(1).Select(other => entry.Until is null
            ? Problem.Invalid("regime-same-start", "from", other.Name)
            : Problem.Invalid("regimes-overlap", "from", other.Name, other.From!.Value, other.Until!.Value));

    public static Problem? ReasonProblem(string? reason, bool isNeeded) =>
        Line(reason) switch
        {
            "" when isNeeded => Problem.Invalid("reason-required", "reason"),
            { Length: > CalendarDesk.LongestReason } => Problem.Invalid("reason-too-long", "reason", CalendarDesk.LongestReason),
            _ => null
        };

    /// <summary>One line: control characters (line breaks above all) become spaces.</summary>
    public static string Line(string? text) =>
        text is null ? "" : new string([.. text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)]).Trim();

    /// <summary>2027-01-31 or 31/1/2027 within the years that a calendar may have.</summary>
    public static DateOnly? ParseDate(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "d/M/yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        && date.Year is >= FirstYear and <= LastYear ? date : null;

    /// <summary>The wire word, whatever its case; null: none.</summary>
    public static TKind? ParseKind<TKind>(string text) where TKind : struct, Enum =>
        Enum.GetValues<TKind>().Where(kind => string.Equals(kind.ToString(), text, StringComparison.OrdinalIgnoreCase)).Select(kind => (TKind?)kind)
            .FirstOrDefault();

    private static DateOnly? Date(string? text, string field, List<Problem> problems, bool isNeeded = false)
    {
        var line = Line(text);
        if (line.Length == 0)
        {
            if (isNeeded)
                problems.Add(Problem.Invalid("field-required", field));
            return null;
        }
        var date = ParseDate(line);
        if (date is null)
            problems.Add(Problem.Invalid("calendar-date-invalid", field, FirstYear, LastYear));
        return date;
    }

    private static string Text(string? text, string field, int longest, List<Problem> problems, bool isNeeded = false)
    {
        var line = Line(text);
        if (line.Length == 0 && isNeeded)
            problems.Add(Problem.Invalid("field-required", field));
        if (line.Length > longest)
            problems.Add(Problem.Invalid("text-too-long", field, longest));
        return line;
    }

    private static TKind? Kind<TKind>(string? text, List<Problem> problems) where TKind : struct, Enum
    {
        var line = Line(text);
        var kind = ParseKind<TKind>(line);
        if (kind is null)
            problems.Add(line.Length == 0 ? Problem.Invalid("field-required", "kind") : Problem.Invalid("calendar-kind-unknown", "kind"));
        return kind;
    }

    private static Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> Week(IReadOnlyDictionary<string, string?>? given, List<Problem> problems)
    {
        var week = new Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>>();
        foreach (var (name, text) in given ?? new Dictionary<string, string?>())
        {
            var field = $"windows.{name}";
            if (ParseKind<DayOfWeek>(name) is not { } day || week.ContainsKey(day))
                problems.Add(Problem.Invalid("weekday-unknown", "windows"));
            else if (Windows(Line(text), field, problems) is { Count: > 0 } windows)
                week[day] = windows;
        }
        if (week.Count == 0 && problems.TrueForAll(p => p.Field?.StartsWith("windows", StringComparison.Ordinal) != true))
            problems.Add(Problem.Invalid("regime-without-hours", "windows.monday"));
        return week;
    }

    private static List<WorkingWindow> Windows(string text, string field, List<Problem> problems)
    {
        var windows = new List<WorkingWindow>();
        var parts = text.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length > MostWindows)
        {
            problems.Add(Problem.Invalid("too-many-windows", field, MostWindows));
            return windows;
        }
        foreach (var part in parts)
        {
            if (CalendarData.TryReadWindow(part) is not { } window)
                problems.Add(Problem.Invalid("window-invalid", field, part.Length <= 40 ? part : part[..40]));
            else if (window.Closes <= window.Opens)
                problems.Add(Problem.Invalid("window-ends-before-start", field, window));
            else
                windows.Add(window);
        }
        windows.Sort((a, b) => a.Opens.CompareTo(b.Opens));
        for (var i = 1; i < windows.Count; i++)
        {
            if (windows[i].Opens < windows[i - 1].Closes)
                problems.Add(Problem.Invalid("windows-overlap", field, windows[i - 1], windows[i]));
        }
        return windows;
    }
}
