using System.Security.Cryptography;
using System.Text;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// One office, one seed: events in simulated time, one after the other, on the real services; after each the rows are held against the
/// oracle. What happens is planned by <see cref="OfficeLife"/> and <see cref="Misfortunes"/>; here is the loop, and what the service does by
/// itself between two events.
/// </summary>
internal sealed class Simulation : IAsyncDisposable
{
    private const int RememberedEvents = 20;

    private readonly PriorityQueue<(long At, Func<Task> Run, Func<bool>? IsStale), (long, long)> _queue = new();
    private readonly IncrementalHash _log = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<string> _last = new();
    private readonly ulong _seed;
    private readonly int _days;
    private readonly Pace _pace;
    private readonly Sabotage _sabotage;
    private readonly Inspector _inspector;
    private long _sequence;
    private long? _wake;
    private int _events;

    private Simulation(ulong seed, int days, Pace pace, Sabotage sabotage, SimulatedOffice office, Dice dice)
    {
        (_seed, _days, _pace, _sabotage, Office, Dice) = (seed, days, pace, sabotage, office, dice);
        Model = new OfficeModel(CalendarRowsOf(office), office.Mirror.TellingOf, () => Clock);
        _inspector = new Inspector(Model, office.Mirror, office.MailServer, name => office.Actors[name].Id);
        Now = SimulatedOffice.Begin.ToUnixTimeMilliseconds();
        End = SimulatedOffice.Begin.AddDays(days).ToUnixTimeMilliseconds();
        Life = new OfficeLife(this, dice.Branch());
        Misfortunes = new Misfortunes(this, dice.Branch());
        Absentees = new Absentees(this, dice.Branch());
        Reports = new Reports(this, dice.Branch());
        Mornings = new Mornings(this, dice.Branch());
    }

    public SimulatedOffice Office { get; }

    public OfficeModel Model { get; }

    public Dice Dice { get; }

    public OfficeLife Life { get; }

    public Misfortunes Misfortunes { get; }

    public Absentees Absentees { get; }

    public Reports Reports { get; }

    public Mornings Mornings { get; }

    /// <summary>The real time, milliseconds since 1970.</summary>
    public long Now { get; private set; }

    public long End { get; }

    /// <summary>How far the machine's clock is ahead of the real time, milliseconds.</summary>
    public long Skew
    {
        get => Office.Time.Skew;
        set => Office.Time.Skew = value;
    }

    /// <summary>What the service takes for the time.</summary>
    public long Clock => Now + Skew;

    /// <summary>When the approved revision comes into force, by the service's clock; null: none waits.</summary>
    public long? Effective { get; set; }

    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    public static async Task<SimulationResult> RunAsync(ulong seed, int days, Pace pace = Pace.Busy, Sabotage sabotage = Sabotage.None)
    {
        var dice = new Dice(seed);
        var office = await SimulatedOffice.OpenAsync(dice.Branch(), sabotage == Sabotage.None ? null : new Saboteur(sabotage));
        office.MailServer.Forgets = sabotage == Sabotage.ForgetToSend;
        await using var simulation = new Simulation(seed, days, pace, sabotage, office, dice);
        await simulation.RunAsync();
        return new SimulationResult(seed, simulation._events, Convert.ToHexStringLower(simulation._log.GetCurrentHash()), simulation.Counts);
    }

    /// <param name="at">Real time.</param>
    /// <param name="run">What happens.</param>
    /// <param name="isStale">True: by now it is not to happen any more.</param>
    public void Plan(long at, Func<Task> run, Func<bool>? isStale = null) => _queue.Enqueue((at, run, isStale), (at, _sequence++));

    /// <summary>One line of the log. No ids: they are not the seed's.</summary>
    public void Tell(string what)
    {
        var line = $"{_events,6} {Inspector.Text(Now)} {what}";
        _log.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        _last.Enqueue(line);
        if (_last.Count > RememberedEvents)
            _last.Dequeue();
    }

    public void Count(string what, int times = 1)
    {
        if (times > 0)
            Counts[what] = Counts.GetValueOrDefault(what) + times;
    }

    public void Fail(params string[] problems) => throw new SimulationFailedException(_seed, _days, _pace, _events, problems, _last);

    public async ValueTask DisposeAsync()
    {
        _log.Dispose();
        await Office.DisposeAsync();
    }

    private async Task RunAsync()
    {
        Model.ServiceStarts(Clock);
        Life.Begin(_pace);
        Misfortunes.Begin();
        Absentees.Begin();
        Reports.Begin();
        Mornings.Begin(_pace);
        for (var day = 0; day < _days; day++)
            Plan(Now + day * 86_400_000L + 16 * 3_600_000L, EndOfDayAsync);
        while (_queue.TryDequeue(out var next, out _) && next.At <= End)
        {
            if (next.IsStale?.Invoke() != true)
                await StepAsync(next.At, next.Run);
        }
        await SettleAsync();
    }

    private async Task StepAsync(long at, Func<Task> run)
    {
        // Two events never share an instant: what happened first would be a matter of taste.
        Now = Math.Max(at, Now + 1);
        Office.Time.Set(Now);
        if (Office.KeepBeating(Now) is { } beat)
            Model.Beat(beat);
        _events++;
        Model.Forget();
        Office.Mirror.Follow(forget: true);
        Office.MailServer.Sent = 0;
        await run();
        await ServeAsync();
        Office.Mirror.Follow();
        if (_inspector.Check(Clock, Office.IsUp) is { Count: > 0 } problems)
            Fail([.. problems]);
        Note();
        PlanWake();
        Life.PlanNext();
    }

    /// <summary>A process begins, and what none lived through is settled.</summary>
    public async Task StartProcessAsync()
    {
        await Office.StartAsync();
        Model.ServiceStarts(Clock);
        Absentees.PlanLook(Now);
    }

    /// <summary>Somebody with the roles that he has now, as each request finds him.</summary>
    public async Task<Actor> ActorAsync(string userName)
    {
        var known = Office.Actors[userName];
        return Model.ActsSomewhere(userName) ? (await Office.AskAsync<OfficerDirectory, Actor?>(d => d.ActorAsync(known.Id, CancellationToken.None)))! : known;
    }

    /// <summary>What the background processes do after every commit and when their instant has come.</summary>
    private async Task ServeAsync()
    {
        if (!Office.IsUp)
            return;
        if (Effective is { } effective && effective <= Clock && await SurvivesAsync(() => Office.EnterRevisionsAsync()))
            (Effective, Model.InForce) = (null, PrintedSop.Revised);
        // The alarm process sleeps until the earliest instant that stands in the rows; by the oracle it should be awake when a rung is due.
        Office.Mirror.Follow();
        if (Office.IsUp && (Office.Mirror.NextFireAt <= Clock + Early || Model.NextFire() <= Clock) && !await RingAsync())
            return;
        Office.Mirror.Follow();
        if (Office.IsUp && Office.Mirror.NextMailAt <= Clock)
            await SweepAsync();
    }

    private async Task SweepAsync()
    {
        Office.MailServer.Tried.Clear();
        await SurvivesAsync(() => Office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync()));
        Office.Mirror.Follow();
        foreach (var (messageId, answered, wasHeldUp) in Office.MailServer.Tried)
        {
            if (!answered)
                Model.MailFails(Clock);
            else if (Office.Mirror.MailOf(messageId) is { State: "Sent" } mail)
                Model.MailGoesOut(wasHeldUp ? Model.TellsOf(mail) : null, wasHeldUp, Clock);
        }
    }

    private int Early => _sabotage == Sabotage.FireEarly ? 1 : 0;

    private async Task<bool> RingAsync()
    {
        // A tick fast: what comes due in a millisecond is told now.
        if (_sabotage == Sabotage.FireEarly)
            Office.Time.Set(Now + 1);
        var commits = Office.Fate.Commits;
        Misfortunes.EndangerSweep(Model.NextFire() <= Clock);
        DateTimeOffset? next = null;
        var lives = await SurvivesAsync(async () => next = await Office.FireAsync());
        Office.Time.Set(Now);
        if (lives || Office.Fate.Commits > commits)
            Model.Ring(Clock);
        if (!lives)
            return false;
        if (next?.ToUnixTimeMilliseconds() != Model.NextFire())
            Fail($"the alarm process sleeps until {Inspector.Text(next?.ToUnixTimeMilliseconds())}, by the oracle until {Inspector.Text(Model.NextFire())}");
        return true;
    }

    /// <summary>Runs something in the process. False: the process has died of it.</summary>
    public async Task<bool> SurvivesAsync<T>(Func<Task<T>> work)
    {
        try
        {
            await work();
        }
        catch (Exception) when (Office.Fate.IsDead)
        {
        }
        if (!Office.Fate.IsDead)
        {
            Office.Fate.Spare();
            return true;
        }
        Office.MailServer.Danger = null;
        Office.Stop();
        // Accepted by the server, and nobody left to write that down: once more is allowed, with the same Message-ID.
        Office.Mirror.Follow();
        foreach (var mail in Office.Mirror.PendingMails.Where(m => Office.MailServer.Accepted.ContainsKey(m.MessageId)))
            Office.MailServer.InDoubt.Add(mail.MessageId);
        Tell("the process has died");
        Count("deaths");
        Misfortunes.PlanRestart();
        return false;
    }

    private void Note()
    {
        Count("rungs fired", Model.Fires.Count);
        Count("rungs for steps not begun", Model.Fires.Count(f => f.Item.Step.Ladder[f.Fire.Rung].NotStarted));
        Count("rungs at any time", Model.Fires.Count(f => f.Item.Step.Ladder[f.Fire.Rung].AnyTime));
        Count("of these after hours", Model.Fires.Count(f => f.Item.Step.Ladder[f.Fire.Rung].AnyTime && Model.Hours.Opening(f.FiredAt) > f.FiredAt));
        Count("rungs past who is away", Model.Fires.Count(f => f.Told.Any(t => t.Skipped.Count > 0)));
        Count("tasks reassigned by rungs", Model.Fires.Count(f => f is { Action: "reassign", Target: not null }));
        Count("helpers added by rungs", Model.Fires.Count(f => f is { Action: "addHelper", Target: not null }));
        Count("banners raised", Model.Fires.Where(f => f.Action == "banner").Sum(f => f.Told.Count));
        Count("mails held by quiet hours", Model.Mails.Count(m => m.NotBefore > Clock));
        Count("tasks to a stand-in", Model.Touched.SelectMany(c => c.Items).Count(i => i.ReceivedAt == Clock && i.InSteadOf is not null));
        Count("mails owed", Model.Mails.Count);
        Count("mails sent", Office.MailServer.Sent);
        foreach (var fire in Model.Fires)
            Tell($"  rung {fire.Fire.Rung}/{fire.Fire.Repetition} of {fire.Item} → {string.Join(", ", fire.Told.Select(t => t.Address))}{(fire.Target is null ? "" : $", {fire.Action} {fire.Target}")} ({(fire.FiredAt - fire.Fire.At).ToString(System.Globalization.CultureInfo.InvariantCulture)} ms late)");
        if (Model.Mails.Count + Office.MailServer.Sent > 0)
            Tell($"  mails: {Model.Mails.Count} owed, {Office.MailServer.Sent} sent");
    }

    // The alarm and outbox processes sleep until the next instant; a busy machine wakes them a little late.
    private void PlanWake()
    {
        var next = Model.NextFire();
        if (Office.Mirror.NextMailAt is { } mail && (next is null || mail < next))
            next = mail;
        next -= Skew;
        if (next == _wake || next is null)
            return;
        _wake = next;
        Plan(
            next.Value - Early + (Dice.Chance(8) ? Dice.Between(1, 400) : 0), () => Task.CompletedTask,
            () => !Office.IsUp || !(Model.NextFire() <= Clock + Early + next - Now || Office.Mirror.NextMailAt <= Clock + next - Now));
    }

    private async Task EndOfDayAsync()
    {
        if (!Office.IsUp)
            return;
        await SurvivesAsync(async () =>
        {
            await Office.AskAsync<HousekeepingJob, bool>(async j =>
            {
                await j.RunAsync(CancellationToken.None);
                return true;
            });
            return true;
        });
        if (_pace == Pace.Busy || WorkHours.DateOf(Now).DayOfWeek == DayOfWeek.Friday)
            await VerifyAsync(g => g.ReadRecentAsync());
        Count("days");
    }

    /// <summary>The product's own <c>verify</c>: it must agree with the oracle.</summary>
    private async Task VerifyAsync(Func<Guarantees, Task<IReadOnlyList<GuaranteeReading>>> read)
    {
        var readings = await Office.AskAsync(read);
        if (readings.Where(r => r.Violations > 0).ToList() is { Count: > 0 } broken)
            Fail([.. broken.Select(r => $"verify: {r.Name}: {r.Violations} of {r.Checked}, {string.Join(", ", r.Examples)}")]);
        Count("guarantees read", readings.Count);
    }

    /// <summary>Whatever was broken is mended, and time passes: then nothing may be owed any more, and everything must verify.</summary>
    private async Task SettleAsync()
    {
        await StepAsync(Now, async () =>
        {
            Misfortunes.Mend();
            if (!Office.IsUp)
                await StartProcessAsync();
            Tell("all is mended");
        });
        for (var round = 0; round < 24 && (round < 2 || Office.Mirror.PendingMails.Count > 0); round++)
        {
            var next = Office.Mirror.NextMailAt - Skew;
            await StepAsync(Math.Max(Now + 3_600_000, next ?? 0), () => Task.CompletedTask);
        }
        if (Office.Mirror.PendingMails.Count > 0)
            Fail($"{Office.Mirror.PendingMails.Count} mails never went out");
        if (Office.MailServer.InDoubt.Count > 0)
            Fail("mails in doubt never came again");
        await VerifyAsync(g => g.ReadAsync(deep: true));
        Count("outages of mail", Model.Outages.Count(o => o.OfMail));
        Count("outages of the service", Model.Outages.Count(o => o.Kind == OutageIs.OfService));
        Count("credited minutes", (int)(Model.Cases.SelectMany(c => c.Items).Select(i => i.Clock).Distinct().Sum(c => c.Credited) / 60_000));
        Count("cases", Model.Cases.Count);
        Count("cases documented", Model.Cases.Count(c => c.State == "Documented"));
    }

    private static WorkHours CalendarRowsOf(SimulatedOffice office)
    {
        var hours = new WorkHours();
        using var command = office.Connection.CreateCommand();
        command.CommandText = "SELECT Date, Name FROM ClosedDays";
        using (var days = command.ExecuteReader())
        {
            while (days.Read())
                hours.Closed[DateOnly.Parse(days.GetString(0), System.Globalization.CultureInfo.InvariantCulture)] = days.GetString(1);
        }
        command.CommandText = "SELECT Name, \"From\", Until, Windows FROM HoursRegimes";
        using var regimes = command.ExecuteReader();
        while (regimes.Read())
            hours.Regimes.Add(HoursOfWeek.Read(regimes.GetString(0), Date(regimes, 1), Date(regimes, 2), regimes.GetString(3)));
        return hours;

        static DateOnly? Date(Microsoft.Data.Sqlite.SqliteDataReader row, int column) =>
            row.IsDBNull(column) ? null : DateOnly.Parse(row.GetString(column), System.Globalization.CultureInfo.InvariantCulture);
    }
}
