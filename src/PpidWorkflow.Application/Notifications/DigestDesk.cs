using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>Digests (configuration section <c>Digest</c>).</summary>
public sealed class DigestOptions
{
    /// <summary>False: nobody gets any, whatever he has chosen.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>True: also when there is nothing to say.</summary>
    public bool SendEmpty { get; set; }
}

/// <summary>
/// The morning digest of each working day and the summary of each week, one mail a person: what is open, at risk and overdue, for supervisors
/// also of their people; case numbers and steps only. Asked every minute; a digest is claimed and mailed in one commit, so that two nodes or
/// a restart make no second one.
/// </summary>
public sealed class DigestDesk(
    PpidDbContext db, Committer committer, DigestReader reader, OfficerDirectory directory, OfficeCalendar office, Outbox outbox,
    IOptions<DigestOptions> settings, IOptions<OfficeOptions> options, TimeProvider time)
{
    /// <summary>Where hours begin in an office that is open around the clock.</summary>
    private static readonly TimeOnly UsualBeginning = new(7, 30);

    /// <summary>After closing, a digest that the service was not there to send is sent this long after its time; then it has lost its use.</summary>
    private static readonly TimeSpan StillWorthIt = TimeSpan.FromHours(1);

    /// <summary>Makes what is due now; says how many mails that were.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        var now = time.Now();
        var today = office.Time.Today(now);
        if (!settings.Value.Enabled || Hours(today) is not { } hours)
            return 0;
        var due = (await (
            from officer in db.Users.AsNoTracking()
            join preference in db.OfficerPreferences.AsNoTracking() on officer.Id equals preference.OfficerId into preferences
            from preference in preferences.DefaultIfEmpty()
            join daily in db.DigestRuns.AsNoTracking().Where(r => r.Kind == DigestRun.Daily) on officer.Id equals daily.OfficerId into dailies
            from daily in dailies.DefaultIfEmpty()
            where officer.IsActive && (daily == null || daily.Day < today)
            orderby officer.Id
            select new { Officer = officer, Preference = preference }).ToListAsync(cancellation))
            .Select(d => (d.Officer, Wish: d.Preference ?? new OfficerPreference { OfficerId = d.Officer.Id }))
            .Where(d => IsDue(office.Time.Instant(today, d.Wish.DigestAt ?? hours.Begins), office.Time.Instant(today, hours.Ends), now)).ToList();
        due = await PresentAsync(due, now, cancellation);
        if (due.Count == 0)
            return 0;
        var week = await IsWeekOwedAsync(due, Monday(today), cancellation) ? Monday(today) : (DateOnly?)null;
        var desk = await reader.ReadAsync(week, now, cancellation);
        var sent = 0;
        foreach (var (officer, wish) in due)
            sent += await MakeAsync(officer, wish, desk, today, week, cancellation);
        return sent;
    }

    // Who is away gets none, and nothing is claimed for him: who is back before closing, or later in the week, gets what is of use then.
    private async Task<List<(Officer Officer, OfficerPreference Wish)>> PresentAsync(
        List<(Officer Officer, OfficerPreference Wish)> due, DateTimeOffset now, CancellationToken cancellation)
    {
        await directory.PrepareAsync(due.Select(d => d.Officer.Id), cancellation);
        var present = new List<(Officer Officer, OfficerPreference Wish)>();
        foreach (var one in due)
        {
            if (!await directory.IsAbsentAsync(one.Officer.Id, now, cancellation))
                present.Add(one);
        }
        return present;
    }

    // On the week's first working day for everybody; on a later one where the service or the officer was not there before.
    private async Task<bool> IsWeekOwedAsync(List<(Officer Officer, OfficerPreference Wish)> due, DateOnly monday, CancellationToken cancellation)
    {
        var told = await db.DigestRuns.AsNoTracking().Where(r => r.Kind == DigestRun.Weekly && r.Day >= monday).Select(r => r.OfficerId).ToListAsync(cancellation);
        return due.Exists(d => !told.Contains(d.Officer.Id));
    }

    // One commit an officer: what refuses the one (another node was faster) does not hold up the others.
    private async Task<int> MakeAsync(
        Officer officer, OfficerPreference wish, DigestDay desk, DateOnly today, DateOnly? week, CancellationToken cancellation)
    {
        var made = await committer.RunAsync<int>(async () =>
        {
            var runs = await db.DigestRuns.Where(r => r.OfficerId == officer.Id).ToListAsync(cancellation);
            if (!Claim(runs, officer, DigestRun.Daily, today))
                return Problem.Conflict("stale-revision");
            var mails = 0;
            if (wish.Digest && desk.Daily(officer, Culture(wish)) is var daily && (!daily.IsEmpty || settings.Value.SendEmpty))
                mails += Add(DigestRun.Daily, officer, today, daily.Model);
            if (week is { } monday && Claim(runs, officer, DigestRun.Weekly, monday)
                && wish.Weekly && desk.Weekly(officer, Culture(wish)) is var weekly && (!weekly.IsEmpty || settings.Value.SendEmpty))
                mails += Add(DigestRun.Weekly, officer, monday, weekly.Model);
            return mails;
        }, cancellation);
        return made.Succeeded ? made.Value : 0;
    }

    private bool Claim(List<DigestRun> runs, Officer officer, string kind, DateOnly day)
    {
        var run = runs.Find(r => r.Kind == kind);
        if (run?.Day >= day)
            return false;
        if (run is null)
            db.DigestRuns.Add(new DigestRun { OfficerId = officer.Id, Kind = kind, Day = day, At = time.Now() });
        else
            (run.Day, run.At) = (day, time.Now());
        return true;
    }

    private int Add(string kind, Officer officer, DateOnly day, IReadOnlyDictionary<string, object?> model)
    {
        // The same day's digest has the same Message-ID wherever it is made: the database takes one.
        outbox.Add(kind, null, StepMail.Addressee(officer), model,
            messageId: string.Create(CultureInfo.InvariantCulture, $"{kind}-{day:yyyyMMdd}-{officer.Id:n}@{new Uri(options.Value.PublicUrl).Host}"));
        return 1;
    }

    private static bool IsDue(DateTimeOffset at, DateTimeOffset closing, DateTimeOffset now) => at <= now && (now < closing || now < at + StillWorthIt);

    // Null: no working day.
    private (TimeOnly Begins, TimeOnly Ends)? Hours(DateOnly day)
    {
        if (office.IsAroundTheClock)
            return (UsualBeginning, TimeOnly.MaxValue);
        var windows = office.Current.WindowsOf(day);
        return windows.Count == 0 ? null : (Clock(windows[0].Opens), Clock(windows[^1].Closes));
    }

    private static TimeOnly Clock(TimeSpan sinceMidnight) => sinceMidnight >= TimeSpan.FromDays(1) ? TimeOnly.MaxValue : TimeOnly.FromTimeSpan(sinceMidnight);

    private static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private static CultureInfo Culture(OfficerPreference wish) => CultureInfo.GetCultureInfo(wish.Language == OfficerPreference.English ? "en-GB" : "id-ID");
}
