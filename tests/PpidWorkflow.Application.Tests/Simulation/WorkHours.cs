using System.Globalization;
using System.Text.Json;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// The oracle's working time: day after day, window after window, in whole milliseconds since 1970. Knows nothing of the product's calendar
/// and takes another way than it: no index, no years, no time zone data (WIB is UTC+7).
/// </summary>
internal sealed class WorkHours
{
    private const long Day = 86_400_000;
    private const long Zone = 7 * 3_600_000;

    private readonly Dictionary<long, (long Opens, long Closes)[]> _days = [];

    public List<HoursOfWeek> Regimes { get; } = [];

    public Dictionary<DateOnly, string> Closed { get; } = [];

    /// <summary>After a change of regimes or closed days.</summary>
    public void Changed()
    {
        _days.Clear();
        Revision++;
    }

    /// <summary>How often they changed.</summary>
    public int Revision { get; private set; }

    public static DateOnly DateOf(long instant) => DateOnly.FromDayNumber((int)((instant + Zone) / Day) + new DateOnly(1970, 1, 1).DayNumber);

    /// <summary>A time of a day, WIB.</summary>
    public static long At(DateOnly date, long minuteOfDay) => (date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * Day - Zone + minuteOfDay * 60_000;

    /// <summary>Working milliseconds between two instants; 0 where the second is not later.</summary>
    public long Worked(long from, long to)
    {
        long sum = 0;
        for (var day = (from + Zone) / Day; day <= (to + Zone) / Day; day++)
        {
            foreach (var (opens, closes) in On(day))
                sum += Math.Max(0, Math.Min(to, closes) - Math.Max(from, opens));
        }
        return sum;
    }

    /// <summary>The earliest instant at which so much has been worked since.</summary>
    public long After(long from, long work)
    {
        if (work == 0)
            return from;
        for (var day = (from + Zone) / Day; ; day++)
        {
            foreach (var (opens, closes) in On(day))
            {
                var begin = Math.Max(from, opens);
                if (closes <= begin)
                    continue;
                if (work <= closes - begin)
                    return begin + work;
                work -= closes - begin;
            }
        }
    }

    /// <summary>The instant itself while the office works, else when it next begins to.</summary>
    public long Opening(long instant)
    {
        for (var day = (instant + Zone) / Day; ; day++)
        {
            foreach (var (opens, closes) in On(day))
            {
                if (instant < closes)
                    return Math.Max(instant, opens);
            }
        }
    }

    /// <summary>When a day's hours begin and end; null: nobody works.</summary>
    public (long Opens, long Closes)? HoursOf(DateOnly date) =>
        On(date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) is { Length: > 0 } windows ? (windows[0].Opens, windows[^1].Closes) : null;

    private (long Opens, long Closes)[] On(long day)
    {
        if (_days.TryGetValue(day, out var known))
            return known;
        var date = DateOnly.FromDayNumber((int)day + new DateOnly(1970, 1, 1).DayNumber);
        var midnight = day * Day - Zone;
        var windows = Closed.ContainsKey(date) ? [] : (RegimeOf(date)?.Windows.GetValueOrDefault(date.DayOfWeek) ?? [])
            .Select(w => (midnight + w.Opens * 60_000L, midnight + w.Closes * 60_000L)).ToArray();
        return _days[day] = windows;
    }

    // One with an end goes before one without; among equals the one that began last.
    private HoursOfWeek? RegimeOf(DateOnly date)
    {
        HoursOfWeek? best = null;
        foreach (var regime in Regimes)
        {
            if (regime.From > date || regime.Until < date)
                continue;
            var better = best is null
                || (regime.Until is not null && best.Until is null)
                || (regime.Until is null == best.Until is null && (regime.From ?? DateOnly.MinValue) > (best.From ?? DateOnly.MinValue));
            if (better)
                best = regime;
        }
        return best;
    }
}

/// <summary>Hours of a week between two dates, in minutes of the day.</summary>
internal sealed record HoursOfWeek(
    string Name, DateOnly? From, DateOnly? Until, IReadOnlyDictionary<DayOfWeek, (int Opens, int Closes)[]> Windows)
{
    /// <summary>{"monday":["07:30-12:00","13:00-16:00"]}.</summary>
    public static HoursOfWeek Read(string name, DateOnly? from, DateOnly? until, string windows) => new(
        name, from, until, JsonSerializer.Deserialize<Dictionary<string, string[]>>(windows)!.ToDictionary(
            day => Enum.Parse<DayOfWeek>(day.Key, ignoreCase: true), day => day.Value.Select(Window).ToArray()));

    public static (int Opens, int Closes) Window(string text)
    {
        var ends = text.Split('-').Select(t => t.Split(':').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return (ends[0][0] * 60 + ends[0][1], ends[1][0] * 60 + ends[1][1]);
    }
}
