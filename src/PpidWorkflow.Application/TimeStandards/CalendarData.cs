using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// What a <see cref="WorkingCalendar"/> is made of: dated reference data, from the embedded file or from the rows of the manager's page.
/// Hours and holidays come from regulations that change during the year, so none of them is a constant in code (domain.md §4).
/// </summary>
public sealed record CalendarData
{
    public const string DefaultZoneId = "Asia/Pontianak";

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true
    };

    /// <summary>IANA id; the zone of the server never counts (Kaltim and Kalsel are WITA, Kalteng is WIB).</summary>
    public string ZoneId { get; init; } = DefaultZoneId;

    public required IReadOnlyList<WorkingRegime> Regimes { get; init; }

    public IReadOnlyList<Holiday> Holidays { get; init; } = [];

    /// <summary>Hours and holidays of the Government of Kalimantan Tengah, as delivered with the program.</summary>
    public static CalendarData Kalteng()
    {
        var type = typeof(CalendarData);
        using var stream = type.Assembly.GetManifestResourceStream($"{type.Namespace}.Data.calendar-kalteng.json")
            ?? throw new InvalidOperationException("The embedded resource calendar-kalteng.json is missing; rebuild the project.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), "calendar-kalteng.json");
    }

    /// <param name="json">The form of <c>Data/calendar-kalteng.json</c>.</param>
    /// <param name="name">Stands before every message, so that the reader knows which file to mend.</param>
    /// <exception cref="InvalidDataException">All faults at once, one a line, each naming its entry.</exception>
    public static CalendarData Parse(string json, string name = "calendar")
    {
        FileForm? file;
        try
        {
            file = JsonSerializer.Deserialize<FileForm>(json, Strict);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name}: at {e.Path ?? "$"}, line {e.LineNumber + 1}: {e.Message}", e);
        }
        if (file is null)
            throw new InvalidDataException($"{name}: the file holds null; expected an object with zone, regimes and holidays.");

        var problems = new List<string>();
        var data = new CalendarData
        {
            ZoneId = file.Zone ?? DefaultZoneId,
            Regimes = [.. (file.Regimes ?? []).Select((regime, i) => ReadRegime(regime, i, problems))],
            Holidays = [.. (file.Holidays ?? []).Select((holiday, i) => ReadHoliday(holiday, i, problems)).OfType<Holiday>()]
        };
        // Entries that could not be read are left out of `data`: judging the rest would report faults that are not there.
        if (problems.Count == 0)
            problems.AddRange(data.Problems());
        return problems.Count == 0 ? data : throw Refusal(name, problems);
    }

    /// <summary>What keeps these data from being a calendar, each naming the entry and the cure; empty when all is well.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(ZoneId, out _))
            problems.Add($"zone \"{ZoneId}\" is unknown here; use an IANA id such as {DefaultZoneId} and install the machine's tzdata.");

        for (var i = 0; i < Regimes.Count; i++)
        {
            var regime = Regimes[i];
            if (regime.Until < regime.From)
                problems.Add($"{Entry(regime, i)}: until {Iso(regime.Until)} lies before from {Iso(regime.From)}.");
            var rival = Regimes.Take(i).FirstOrDefault(r => r.From == regime.From && r.Until is null == regime.Until is null);
            if (rival is not null)
                problems.Add($"{Entry(regime, i)}: begins on the same day as \"{rival.Name}\"; which of them holds? Move or remove one.");
            foreach (var (day, windows) in regime.Windows.OrderBy(entry => entry.Key))
                CheckWindows($"{Entry(regime, i)}, {day.ToString().ToLowerInvariant()}", windows, problems);
        }

        // Without this rule Add could search for ever, or for a due instant that never comes.
        var last = Regimes.Where(r => r.Until is null).OrderBy(r => r.From ?? DateOnly.MinValue).LastOrDefault();
        if (last is null)
            problems.Add("no open window: there is no standing regime; add one without `until` that has at least one window.");
        else if (last.Windows.Values.All(windows => windows.Count == 0))
            problems.Add($"no open window: regime \"{last.Name}\", the last one standing, has none; give at least one weekday a window.");

        var seen = new Dictionary<DateOnly, string>();
        for (var i = 0; i < Holidays.Count; i++)
        {
            var holiday = Holidays[i];
            var entry = $"holidays[{i}] {Iso(holiday.Date)} \"{holiday.Name}\"";
            if (string.IsNullOrWhiteSpace(holiday.Name))
                problems.Add($"{entry}: has no name.");
            if (!seen.TryAdd(holiday.Date, holiday.Name))
                problems.Add($"{entry}: the date is already taken by \"{seen[holiday.Date]}\"; keep one entry a day.");
        }
        return problems;
    }

    /// <summary>The windows of a week as a row keeps them: <c>{"monday": ["07:30-12:00"]}</c>.</summary>
    /// <exception cref="InvalidDataException">They cannot be read; the message names the regime.</exception>
    internal static IReadOnlyDictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> ReadWindows(string json, string regime)
    {
        var problems = new List<string>();
        try
        {
            var form = new RegimeForm
            {
                Name = regime,
                Kind = nameof(RegimeKind.Office),
                Windows = JsonSerializer.Deserialize<Dictionary<string, List<string?>?>>(json, Strict)
            };
            var windows = ReadRegime(form, 0, problems).Windows;
            return problems.Count == 0 ? windows : throw Refusal("calendar", problems);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"calendar: the windows of regime \"{regime}\" are no JSON.", e);
        }
    }

    /// <summary>The reverse of <see cref="ReadWindows"/>: weekdays from Monday, windows by their opening.</summary>
    internal static string WriteWindows(IReadOnlyDictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> windows) =>
        JsonSerializer.Serialize(windows.Where(entry => entry.Value.Count > 0).OrderBy(entry => ((int)entry.Key + 6) % 7).ToDictionary(
            entry => entry.Key.ToString().ToLowerInvariant(), entry => entry.Value.OrderBy(window => window.Opens).Select(window => window.ToString())));

    /// <summary>"07:30-12:00", also as officers type it: "07.30–12.00"; null: no window. The end may lie before the start.</summary>
    internal static WorkingWindow? TryReadWindow(string text) =>
        text.Replace('.', ':').Replace('–', '-').Split('-') is [var opens, var closes] && TimeOfDay(opens) is { } start && TimeOfDay(closes) is { } end
            ? new WorkingWindow(start, end)
            : null;

    internal static InvalidDataException Refusal(string name, IReadOnlyList<string> problems) =>
        new($"{name} is not a usable calendar:{string.Concat(problems.Select(problem => $"\n- {problem}"))}");

    private static void CheckWindows(string entry, IReadOnlyList<WorkingWindow> windows, List<string> problems)
    {
        var sound = new List<WorkingWindow>();
        foreach (var window in windows)
        {
            if (window.Closes <= window.Opens)
                problems.Add($"{entry}: window {window} ends before it starts.");
            else if (window.Opens < TimeSpan.Zero || window.Closes > TimeSpan.FromDays(1))
                problems.Add($"{entry}: window {window} leaves the day; split it at 24:00.");
            else
                sound.Add(window);
        }
        sound.Sort((a, b) => a.Opens.CompareTo(b.Opens));
        for (var i = 1; i < sound.Count; i++)
        {
            if (sound[i].Opens < sound[i - 1].Closes)
                problems.Add($"{entry}: windows {sound[i - 1]} and {sound[i]} overlap.");
        }
    }

    private static WorkingRegime ReadRegime(RegimeForm? form, int index, List<string> problems)
    {
        form ??= new RegimeForm();
        var name = form.Name ?? "";
        var entry = Entry(name, index);
        if (name.Length == 0)
            problems.Add($"{entry}: has no name.");
        if (form.Windows is null)
            problems.Add($"{entry}: has no windows; give hours for at least one weekday.");

        var windows = new Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>>();
        foreach (var (key, texts) in form.Windows ?? [])
        {
            // IsLetter: Enum.TryParse would take "1" for monday.
            if (!key.All(char.IsLetter) || !Enum.TryParse<DayOfWeek>(key, ignoreCase: true, out var day))
                problems.Add($"{entry}: unknown weekday \"{key}\"; expected monday to sunday.");
            else if (!windows.TryAdd(day, [.. (texts ?? []).Select(text => ReadWindow(text, $"{entry}, {key}", problems))]))
                problems.Add($"{entry}: weekday \"{key}\" is given twice.");
        }
        return new WorkingRegime
        {
            Name = name,
            Kind = ReadKind<RegimeKind>(form.Kind, entry, problems),
            From = form.From is null ? null : ReadDate(form.From, $"{entry}, from", problems),
            Until = form.Until is null ? null : ReadDate(form.Until, $"{entry}, until", problems),
            Windows = windows,
            Confirmed = form.Confirmed,
            Source = form.Source ?? "",
            Remark = form.Remark ?? ""
        };
    }

    private static Holiday? ReadHoliday(HolidayForm? form, int index, List<string> problems)
    {
        form ??= new HolidayForm();
        var entry = $"holidays[{index}] {form.Date} \"{form.Name}\"";
        var kind = ReadKind<HolidayKind>(form.Kind, entry, problems);
        return ReadDate(form.Date, entry, problems) is { } date ? new Holiday(date, form.Name ?? "", kind, form.Source ?? "") : null;
    }

    private static WorkingWindow ReadWindow(string? text, string entry, List<string> problems)
    {
        if (text?.Split('-') is [var opens, var closes] && TimeOfDay(opens) is { } start && TimeOfDay(closes) is { } end)
            return new WorkingWindow(start, end);
        problems.Add($"{entry}: \"{text}\" is not a window; write it as 07:30-12:00.");
        return default;
    }

    private static TimeSpan? TimeOfDay(string text)
    {
        text = text.Trim();
        if (text == "24:00")
            return TimeSpan.FromDays(1);
        return TimeSpan.TryParseExact(text, [@"hh\:mm", @"hh\:mm\:ss"], CultureInfo.InvariantCulture, out var time) ? time : null;
    }

    private static DateOnly? ReadDate(string? text, string entry, List<string> problems)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        problems.Add($"{entry}: \"{text}\" is not a date; write it as 2026-08-17.");
        return null;
    }

    private static TKind ReadKind<TKind>(string? text, string entry, List<string> problems) where TKind : struct, Enum
    {
        if (Enum.GetNames<TKind>().Contains(text, StringComparer.Ordinal))
            return Enum.Parse<TKind>(text!);
        problems.Add($"{entry}: unknown kind \"{text}\"; expected {string.Join(", ", Enum.GetNames<TKind>())}.");
        return default;
    }

    private static string Entry(WorkingRegime regime, int index) => Entry(regime.Name, index);

    private static string Entry(string name, int index) => $"regimes[{index}] \"{name}\"";

    private static string Iso(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-";

    private sealed class FileForm
    {
        public string? Zone { get; init; }
        public List<RegimeForm?>? Regimes { get; init; }
        public List<HolidayForm?>? Holidays { get; init; }
    }

    private sealed class RegimeForm
    {
        public string? Name { get; init; }
        public string? Kind { get; init; }
        public string? From { get; init; }
        public string? Until { get; init; }
        public bool Confirmed { get; init; }
        public string? Source { get; init; }
        public string? Remark { get; init; }
        public Dictionary<string, List<string?>?>? Windows { get; init; }
    }

    private sealed class HolidayForm
    {
        public string? Date { get; init; }
        public string? Name { get; init; }
        public string? Kind { get; init; }
        public string? Source { get; init; }
    }
}
