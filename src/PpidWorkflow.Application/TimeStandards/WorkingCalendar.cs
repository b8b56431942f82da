using System.Collections.Concurrent;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Turns instants into working time and back (domain.md §4). Working time is counted in ticks and never rounded; instants go in and come
/// out as UTC.
/// <para>
/// How it works: the windows of one year of the office's zone, as UTC ticks, with the working time that lies before each window, are laid
/// down in a <see cref="YearIndex"/> when the year is first touched. A question is then a binary search in one year, and long spans hop
/// over whole years by their totals. Immutable and safe to share between threads; a changed holiday means a new calendar.
/// </para>
/// </summary>
public sealed class WorkingCalendar
{
    private readonly ConcurrentDictionary<int, YearIndex> _years = new();
    private readonly Func<int, YearIndex> _buildYear;
    private readonly Dictionary<DateOnly, Holiday> _holidays;

    // In the order in which they are asked: temporary regimes first, then the one that began last.
    private readonly DatedHours[] _hours;
    private readonly long _baseOffset;
    private readonly bool _isAroundTheClock;
    private readonly HashSet<int> _listedYears;

    /// <exception cref="InvalidDataException">The data are contradictory or never open; the message names entry and cure.</exception>
    public WorkingCalendar(CalendarData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Problems() is { Count: > 0 } problems)
            throw CalendarData.Refusal("calendar", problems);

        Zone = TimeZoneInfo.FindSystemTimeZoneById(data.ZoneId);
        Holidays = [.. data.Holidays.OrderBy(holiday => holiday.Date)];
        _holidays = Holidays.ToDictionary(holiday => holiday.Date);
        _hours = [.. data.Regimes
            .OrderBy(regime => regime.Until is null)
            .ThenByDescending(regime => regime.From ?? DateOnly.MinValue)
            .Select(regime => new DatedHours(regime, WeekOf(regime)))];
        _baseOffset = Zone.BaseUtcOffset.Ticks;
        _buildYear = BuildYear;
        _listedYears = [.. Holidays.Where(holiday => holiday.Kind != HolidayKind.LocalClosing).GroupBy(holiday => holiday.Date.Year)
            .Where(IsList).Select(year => year.Key)];
        _isAroundTheClock = Holidays.Count == 0
            && _hours.All(hours => hours.Week.All(day => day is [{ Opens.Ticks: 0, Closes.Ticks: TimeSpan.TicksPerDay }]))
            && _hours[^1].Regime is { From: null, Until: null };
    }

    private static readonly (int Month, int Day)[] FixedHolidays = [(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)];

    /// <summary>The office's zone, in which windows and closing days are meant.</summary>
    public TimeZoneInfo Zone { get; }

    public IReadOnlyList<Holiday> Holidays { get; }

    /// <summary>Always open: for services whose standards are plain time, and for rehearsals.</summary>
    public static WorkingCalendar AroundTheClock(string zoneId = CalendarData.DefaultZoneId)
    {
        IReadOnlyList<WorkingWindow> wholeDay = [new(TimeSpan.Zero, TimeSpan.FromDays(1))];
        return new WorkingCalendar(new CalendarData
        {
            ZoneId = zoneId,
            Regimes =
            [
                new WorkingRegime
                {
                    Name = "24 jam",
                    Kind = RegimeKind.Office,
                    Confirmed = true,
                    Windows = Enum.GetValues<DayOfWeek>().ToDictionary(day => day, _ => wholeDay)
                }
            ]
        });
    }

    /// <summary>
    /// The earliest instant at which <paramref name="working"/> has elapsed since <paramref name="from"/>: 15:55 plus 5 minutes with
    /// closing at 16:00 is 16:00, not the next morning; nothing added is <paramref name="from"/> itself, even after hours.
    /// </summary>
    /// <param name="working">Working time, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative time, or an answer after the year 9999.</exception>
    public DateTimeOffset Add(DateTimeOffset from, TimeSpan working) => TryAdd(from, working)
        ?? throw new ArgumentOutOfRangeException(nameof(working), working, "The answer lies beyond the year 9999.");

    /// <summary><see cref="Add"/>, or null where the answer lies beyond the year 9999: so much work this calendar has no room for.</summary>
    /// <param name="from">Received, started or resumed.</param>
    /// <param name="working">Working time, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative time.</exception>
    public DateTimeOffset? TryAdd(DateTimeOffset from, TimeSpan working)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(working, TimeSpan.Zero);
        if (working == TimeSpan.Zero)
            return from.ToUniversalTime();

        var year = YearAt(from.UtcTicks);
        var elapsed = year.WorkedBefore(from.UtcTicks);
        var left = working.Ticks;
        while (left > year.Total - elapsed)
        {
            left -= year.Total - elapsed;
            elapsed = 0;
            if (year.Number == DateTime.MaxValue.Year)
                return null;
            year = Year(year.Number + 1);
        }
        var ticks = year.InstantAfter(elapsed + left);
        return ticks > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    /// <summary>Working time from <paramref name="from"/> to <paramref name="to"/>; zero when <paramref name="to"/> is not later.</summary>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from)
            return TimeSpan.Zero;
        var first = YearAt(from.UtcTicks);
        var last = YearAt(to.UtcTicks);
        var ticks = last.WorkedBefore(to.UtcTicks) - first.WorkedBefore(from.UtcTicks);
        for (var year = first; year.Number < last.Number; year = Year(year.Number + 1))
            ticks += year.Total;
        return new TimeSpan(ticks);
    }

    /// <summary>Whether the clock runs; the opening instant is open, the closing instant is not.</summary>
    public bool IsOpen(DateTimeOffset instant) => YearAt(instant.UtcTicks).IsOpen(instant.UtcTicks);

    /// <summary>The instant itself while open, else the next opening.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The next opening lies after the year 9999.</exception>
    public DateTimeOffset NextOpening(DateTimeOffset instant)
    {
        for (var year = YearAt(instant.UtcTicks); ; year = Year(year.Number + 1))
        {
            if (year.NextOpening(instant.UtcTicks) is { } ticks && ticks <= DateTime.MaxValue.Ticks)
                return new DateTimeOffset(ticks, TimeSpan.Zero);
            if (year.Number == DateTime.MaxValue.Year)
                throw new ArgumentOutOfRangeException(nameof(instant), instant, "The next opening lies beyond the year 9999.");
        }
    }

    /// <summary>
    /// Whether the list of that year was entered. It counts as there with the five holidays whose dates never move (New Year, Labour Day,
    /// Pancasila, Independence, Christmas) and one that does, or a collective leave: every SKB of the three ministers names those, and whoever
    /// enters only what he knows by heart has no list yet.
    /// </summary>
    public bool HasListFor(int year) => _listedYears.Contains(year);

    /// <summary>
    /// True in a year whose list was not entered (<see cref="HasListFor"/>), after the first one that has it: a due instant there may still move
    /// when that year's SKB comes. Years before the first list count as they were. Never true of a calendar that is open around the clock;
    /// always of another one without any list.
    /// </summary>
    public bool IsProvisional(DateTimeOffset instant) =>
        !_isAroundTheClock && YearAt(instant.UtcTicks).Number is var year && !_listedYears.Contains(year)
        && (_listedYears.Count == 0 || year > _listedYears.Min());

    /// <summary>The hours that hold on a day of the office's zone; null before the first regime.</summary>
    public WorkingRegime? RegimeOn(DateOnly day) => HoursOn(day)?.Regime;

    public Holiday? HolidayOn(DateOnly day) => _holidays.GetValueOrDefault(day);

    /// <summary>When the office is open on a day, in order; empty on closed days.</summary>
    public IReadOnlyList<WorkingWindow> WindowsOf(DateOnly day) => WindowsOn(day);

    /// <summary>
    /// The closed time between two instants, in order and clipped to them, with the reason: why a step received at 15:58 is due tomorrow.
    /// Neighbours with the same reason (the evening and the next early morning) are one span.
    /// </summary>
    public IReadOnlyList<ClosedSpan> Explain(DateTimeOffset from, DateTimeOffset to)
    {
        var spans = new List<ClosedSpan>();
        if (to <= from)
            return spans;

        void Close(long start, long end, ClosedKind kind, string name = "")
        {
            start = Math.Max(start, from.UtcTicks);
            end = Math.Min(end, to.UtcTicks);
            if (end <= start)
                return;
            var until = new DateTimeOffset(end, TimeSpan.Zero);
            if (spans is [.., var last] && last.To.UtcTicks == start && last.Kind == kind && last.Name == name)
                spans[^1] = last with { To = until };
            else
                spans.Add(new ClosedSpan(new DateTimeOffset(start, TimeSpan.Zero), until, kind, name));
        }

        var lastDay = DayAt(to.UtcTicks);
        for (var day = DayAt(from.UtcTicks); ; day = day.AddDays(1))
        {
            var midnight = MidnightOf(day);
            var open = Utc(midnight);
            var end = Utc(midnight + TimeSpan.TicksPerDay);
            if (HolidayOn(day) is { } holiday)
            {
                Close(open, end, KindOf(holiday), holiday.Name);
            }
            else if (WindowsOn(day) is { Length: > 0 } windows)
            {
                var kind = ClosedKind.OutsideHours;
                foreach (var window in windows)
                {
                    Close(open, Utc(midnight + window.Opens.Ticks), kind);
                    open = Utc(midnight + window.Closes.Ticks);
                    kind = ClosedKind.Break;
                }
                Close(open, end, ClosedKind.OutsideHours);
            }
            else
            {
                Close(open, end, day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? ClosedKind.Weekend : ClosedKind.NoWorkingDay);
            }
            if (day >= lastDay)
                return spans;
        }
    }

    private static bool IsList(IEnumerable<Holiday> year)
    {
        var fixedDays = year.Where(holiday => FixedHolidays.Contains((holiday.Date.Month, holiday.Date.Day))).ToList();
        return fixedDays.Count(holiday => holiday.Kind == HolidayKind.NationalHoliday) == FixedHolidays.Length && year.Count() > fixedDays.Count;
    }

    private static ClosedKind KindOf(Holiday holiday) => holiday.Kind switch
    {
        HolidayKind.NationalHoliday => ClosedKind.NationalHoliday,
        HolidayKind.CollectiveLeave => ClosedKind.CollectiveLeave,
        _ => ClosedKind.LocalClosing
    };

    private static WorkingWindow[][] WeekOf(WorkingRegime regime) =>
        [.. Enum.GetValues<DayOfWeek>().Select(day => regime.Windows.TryGetValue(day, out var windows)
            ? windows.OrderBy(window => window.Opens).ToArray()
            : [])];

    private static long MidnightOf(DateOnly day) => day.DayNumber * TimeSpan.TicksPerDay;

    private DatedHours? HoursOn(DateOnly day)
    {
        foreach (var hours in _hours)
        {
            if (hours.Regime.Covers(day))
                return hours;
        }
        return null;
    }

    private WorkingWindow[] WindowsOn(DateOnly day) =>
        _holidays.ContainsKey(day) || HoursOn(day) is not { } hours ? [] : hours.Week[(int)day.DayOfWeek];

    /// <summary>
    /// Local clock ticks (since 0001-01-01 in the office) as UTC ticks. Indonesia has no summer time; elsewhere a local time that the
    /// clocks skip means the instant of the skip, and one that comes twice means the first: later local times never map to earlier
    /// instants.
    /// </summary>
    private long Utc(long local)
    {
        if (local > DateTime.MaxValue.Ticks)
            return local - Zone.GetUtcOffset(DateTime.MaxValue).Ticks;
        var time = new DateTime(local, DateTimeKind.Unspecified);
        if (Zone.IsAmbiguousTime(time))
            return local - Zone.GetAmbiguousTimeOffsets(time).Max().Ticks;
        if (!Zone.IsInvalidTime(time))
            return local - Zone.GetUtcOffset(time).Ticks;

        // Bisect for the skip, the first instant whose local time lies beyond the one that does not exist.
        var (before, after) = (local - _baseOffset - TimeSpan.TicksPerDay, local - _baseOffset + TimeSpan.TicksPerDay);
        while (after - before > 1)
        {
            var middle = before + (after - before) / 2;
            if (middle + Zone.GetUtcOffset(new DateTimeOffset(middle, TimeSpan.Zero)).Ticks <= local)
                before = middle;
            else
                after = middle;
        }
        return after;
    }

    private DateOnly DayAt(long utc)
    {
        var local = utc + Zone.GetUtcOffset(new DateTimeOffset(utc, TimeSpan.Zero)).Ticks;
        return DateOnly.FromDateTime(new DateTime(Math.Clamp(local, 0, DateTime.MaxValue.Ticks)));
    }

    private YearIndex Year(int number) => _years.GetOrAdd(number, _buildYear);

    private YearIndex YearAt(long utc)
    {
        var year = Year(new DateTime(Math.Clamp(utc + _baseOffset, 0, DateTime.MaxValue.Ticks)).Year);
        // The base offset may be off by a summer hour or by a change of law, at New Year's Eve only.
        while (utc < year.Start && year.Number > DateTime.MinValue.Year)
            year = Year(year.Number - 1);
        while (utc >= year.End && year.Number < DateTime.MaxValue.Year)
            year = Year(year.Number + 1);
        return year;
    }

    private YearIndex BuildYear(int number)
    {
        var first = new DateOnly(number, 1, 1);
        var last = new DateOnly(number, 12, 31);
        var opens = new List<long>();
        var closes = new List<long>();
        for (var day = first; ; day = day.AddDays(1))
        {
            var midnight = MidnightOf(day);
            foreach (var window in WindowsOn(day))
            {
                var open = Utc(midnight + window.Opens.Ticks);
                var close = Utc(midnight + window.Closes.Ticks);
                if (close <= open)
                    continue;
                if (closes.Count > 0 && closes[^1] == open)
                {
                    closes[^1] = close;
                }
                else
                {
                    opens.Add(open);
                    closes.Add(close);
                }
            }
            if (day == last)
                break;
        }
        return new YearIndex(number, Utc(MidnightOf(first)), Utc(MidnightOf(last) + TimeSpan.TicksPerDay), [.. opens], [.. closes]);
    }

    private sealed record DatedHours(WorkingRegime Regime, WorkingWindow[][] Week);

    /// <summary>The windows of one year of the office's zone in UTC ticks, sorted and disjoint.</summary>
    private sealed class YearIndex
    {
        private readonly long[] _opens;
        private readonly long[] _closes;

        /// <summary>Working ticks of the year before each window.</summary>
        private readonly long[] _before;

        public YearIndex(int number, long start, long end, long[] opens, long[] closes)
        {
            (Number, Start, End) = (number, start, end);
            (_opens, _closes, _before) = (opens, closes, new long[opens.Length]);
            for (var i = 0; i < opens.Length; i++)
            {
                _before[i] = Total;
                Total += closes[i] - opens[i];
            }
        }

        public int Number { get; }

        public long Start { get; }

        public long End { get; }

        public long Total { get; }

        public long WorkedBefore(long utc)
        {
            var i = LastAtOrBelow(_opens, utc);
            return i < 0 ? 0 : _before[i] + Math.Min(utc, _closes[i]) - _opens[i];
        }

        /// <param name="worked">More than 0, at most <see cref="Total"/>.</param>
        public long InstantAfter(long worked)
        {
            // Strictly below, so that time which ends with a window ends there and not at the next opening.
            var i = LastAtOrBelow(_before, worked - 1);
            return _opens[i] + worked - _before[i];
        }

        public bool IsOpen(long utc)
        {
            var i = LastAtOrBelow(_opens, utc);
            return i >= 0 && utc < _closes[i];
        }

        public long? NextOpening(long utc)
        {
            var i = LastAtOrBelow(_opens, utc);
            if (i >= 0 && utc < _closes[i])
                return utc;
            return i + 1 < _opens.Length ? _opens[i + 1] : null;
        }

        private static int LastAtOrBelow(long[] sorted, long value)
        {
            var i = Array.BinarySearch(sorted, value);
            return i >= 0 ? i : ~i - 1;
        }
    }
}
