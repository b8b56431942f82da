using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// The calendar by which this office's standards run now: its rows, in the zone and mode of the configuration (<c>Office:Calendar</c>,
/// <c>Office:TimeZone</c>). Kept in memory; no clock asks the database. A change made here is taken over in its own commit, one made on
/// another node when its revision is noticed (<see cref="CalendarWatch.FollowAsync"/>).
/// </summary>
public sealed class OfficeCalendar
{
    public const string WorkingHours = "WorkingHours";
    public const string AroundTheClock = "AroundTheClock";

    /// <summary>Whoever is asked for the hours of Ramadan must still find the governor's letter.</summary>
    private const int RamadanAskedDaysBefore = 30;

    private readonly OfficeOptions _office;
    private readonly Lock _taking = new();
    private volatile State _now;

    /// <summary>Until the rows are read: the calendar delivered with the program.</summary>
    public OfficeCalendar(IOptions<OfficeOptions> options)
    {
        _office = options.Value;
        _now = Build(0, CalendarData.Kalteng());
        Time = new OfficeTime(_now.Calendar);
    }

    public WorkingCalendar Current => _now.Calendar;

    /// <summary>Dates and times as the office writes them.</summary>
    public OfficeTime Time { get; }

    /// <summary>Changes whenever hours or closed days do; open clocks derived under another one are re-derived at start.</summary>
    public string Fingerprint => _now.Fingerprint;

    /// <summary>Of the rows in use; 0: not read yet.</summary>
    public int Revision => _now.Revision;

    /// <summary>Standards are plain time: rows are kept, but count for nothing.</summary>
    public bool IsAroundTheClock => _office.Calendar == AroundTheClock;

    /// <summary>Up to which revision the open clocks were derived by this process.</summary>
    internal int SettledRevision { get; set; }

    /// <summary>
    /// A year whose list of holidays is wanted and not there: this year's, and from 1 December the next year's (issue 4). Null: none.
    /// </summary>
    public int? MissingYear(DateTimeOffset now)
    {
        var today = Time.Today(now);
        return IsAroundTheClock ? null
            : !Current.HasListFor(today.Year) ? today.Year
            : today.Month == 12 && !Current.HasListFor(today.Year + 1) ? today.Year + 1
            : null;
    }

    /// <summary>
    /// A Ramadan for which no hours were entered: from 30 days before its first day until its last one. Null: none, or one beyond what
    /// <see cref="RamadanMonth"/> knows.
    /// </summary>
    public RamadanMonth? MissingRamadan(DateTimeOffset now)
    {
        var today = Time.Today(now);
        return !IsAroundTheClock && RamadanMonth.NotOverOn(today) is { } month && today >= month.First.AddDays(-RamadanAskedDaysBefore)
            && !month.HasHoursIn(Current)
                ? month
                : null;
    }

    /// <summary>
    /// The last instant at or before <paramref name="now"/> at which the office was open: a due instant before it is overdue, one at it is not.
    /// </summary>
    public DateTimeOffset LastWorked(DateTimeOffset now)
    {
        if (Current.IsOpen(now))
            return now;
        var from = now.AddDays(-30);
        return Current.Add(from, Current.Between(from, now));
    }

    /// <summary>Takes over the rows if their revision is not the one in use; one query where it is. True: another one is in use now.</summary>
    /// <exception cref="InvalidDataException">The rows are no calendar: somebody changed them by hand.</exception>
    public async Task<bool> RefreshAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var stored = await db.CalendarStates.AsNoTracking().Select(s => (int?)s.Revision).SingleOrDefaultAsync(cancellation);
        if (stored is not { } revision || revision == Revision)
            return false;
        return Take(Build(revision, Data(
            await db.HoursRegimes.AsNoTracking().Where(r => r.WithdrawnAt == null).ToListAsync(cancellation),
            await db.ClosedDays.AsNoTracking().Where(d => d.WithdrawnAt == null).ToListAsync(cancellation))));
    }

    /// <summary>The rows as a calendar is made of them; withdrawn ones do not count.</summary>
    internal CalendarData Data(IEnumerable<HoursRegime> regimes, IEnumerable<ClosedDay> days) => new()
    {
        ZoneId = _office.TimeZone,
        Regimes = [.. regimes.Where(r => r.WithdrawnAt is null).OrderBy(r => r.From).ThenBy(r => r.Until).Select(r => r.ToRegime())],
        Holidays = [.. days.Where(d => d.WithdrawnAt is null).OrderBy(d => d.Date).Select(d => d.ToHoliday())]
    };

    /// <exception cref="InvalidDataException">The data are no calendar.</exception>
    internal State Build(int revision, CalendarData data)
    {
        data = data with { ZoneId = _office.TimeZone };
        return IsAroundTheClock
            ? new State(revision, WorkingCalendar.AroundTheClock(_office.TimeZone), $"{AroundTheClock} {_office.TimeZone}")
            : new State(revision, new WorkingCalendar(data), $"{_office.Calendar} {HashOf(data)}");
    }

    /// <summary>False: a newer one is in use already.</summary>
    internal bool Take(State next)
    {
        lock (_taking)
        {
            if (next.Revision < _now.Revision)
                return false;
            _now = next;
            return true;
        }
    }

    // Only what moves an instant: names, sources and confirmations do not.
    private static string HashOf(CalendarData data) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
    {
        data.ZoneId,
        Regimes = data.Regimes.Select(r => new { r.From, r.Until, Windows = CalendarData.WriteWindows(r.Windows) }),
        Closed = data.Holidays.Select(h => h.Date)
    })));

    internal sealed record State(int Revision, WorkingCalendar Calendar, string Fingerprint);
}
