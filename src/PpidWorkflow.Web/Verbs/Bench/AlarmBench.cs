using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// <c>bench alarms</c>: lateness, a burst at one instant, start over a million open clocks, and what an idle service asks of its database
/// (design.md §7), beside hand-written ADO.NET and Hangfire's own scheduled jobs.
/// </summary>
internal sealed class AlarmBench(string provider, string? server, bool quick, FigurePrinter printer)
{
    private const string Burst = "burst", Late = "lateness", Idle = "idle", Hangfire = "hangfire", Start = "start", Kill = "kill";

    /// <summary>What can be measured by itself.</summary>
    public static IReadOnlyList<string> Parts { get; } = [Burst, Late, Idle, Hangfire, Start, Kill];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly int _burst = quick ? 2_000 : 20_000;
    private readonly int _overTime = quick ? 300 : 2_000;
    private readonly TimeSpan _window = TimeSpan.FromSeconds(quick ? 9 : 60);
    private readonly int _dense = quick ? 1_000 : 5_000;
    private readonly int _clocks = quick ? 100_000 : 1_000_000;
    private readonly int _credited = quick ? 1_000 : 10_000;
    private readonly TimeSpan _idle = TimeSpan.FromSeconds(quick ? 15 : 60);
    private string _settings = "";

    /// <param name="part">One of <see cref="Parts"/>; null: all.</param>
    public async Task RunAsync(string? part)
    {
        bool Wants(string other) => part is null || part == other;
        await using (var office = await BenchOffice.OpenAsync(provider, server))
        {
            _settings = $"{await office.DurabilityAsync()}, {BuildOf}";
            if (Wants(Burst))
                await BurstAsync(office);
            await office.EmptyOutboxAsync();
            if (Wants(Late) || Wants(Idle))
                await LiveAsync(office, Wants(Late), Wants(Idle));
            if (Wants(Hangfire))
                await new HangfireBench(provider, office.Connection, printer, _settings).RunAsync(_overTime, _window, quick ? 200 : 2_000);
        }
        if (Wants(Kill))
            await new AlarmKillBench(provider, server, _overTime, _window, printer).RunAsync(BuildOf);
        if (!Wants(Start))
            return;
        await using var full = await BenchOffice.OpenAsync(provider, server);
        await full.FillClocksAsync(_clocks);
        await StartAsync(full, "alarms.start.ready-seconds", $"{_clocks} open clocks");
        // Each of these is owed the outage, in the commit in which the service comes back.
        await using var away = await BenchOffice.OpenAsync(provider, server);
        await away.CopyAsync(Enumerable.Repeat(TimeProvider.System.Now().AddHours(1), _credited));
        await away.FallSilentAsync(TimeSpan.FromMinutes(10));
        await StartAsync(away, "alarms.start.after-outage-seconds", $"{_credited} open clocks to be credited ten minutes");
        var credits = await away.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().ClockEvents.CountAsync(e => e.Kind == "credited"));
        await printer.PrintAsync("alarms.start.after-outage-credits", credits, "clocks", _settings);
        await ViolationsAsync(away, "alarms.start.after-outage-violations");
    }

    /// <summary>Debug or Release.</summary>
    public static string BuildOf => typeof(AlarmBench).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false).OfType<DebuggableAttribute>()
        .Any(d => d.IsJITOptimizerDisabled) ? "Debug" : "Release";

    private async Task BurstAsync(BenchOffice office)
    {
        var scopes = office.App.Services.GetRequiredService<IServiceScopeFactory>();
        // Before, unmeasured: code is compiled as in a service that has run for a while, pages are in memory.
        for (var round = 0; round < 6; round++)
        {
            await office.CopyAsync(Enumerable.Repeat(TimeProvider.System.Now().AddSeconds(-1), 600));
            await AlarmProcess.FireDueAsync(scopes, default);
            await Task.Delay(300);
        }
        var dueAt = TimeProvider.System.Now().AddSeconds(-1);
        await office.CopyAsync(Enumerable.Repeat(dueAt, _burst));
        var mails = await OutboxAsync(office);
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await AlarmProcess.FireDueAsync(scopes, default);
        watch.Stop();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        var fired = await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().FireRecords.CountAsync(f => f.DueAt == dueAt));
        var floor = await AlarmFloor.MeasureAsync(office, dueAt, AlarmProcess.Batch);
        await printer.PrintAsync("alarms.burst.fired-per-second", fired / watch.Elapsed.TotalSeconds, "1/s",
            $"{fired} clocks due at one instant, {await OutboxAsync(office) - mails} mails stored, {AlarmProcess.Batch} clocks a commit; {_settings}", floor.FiresPerSecond);
        // What a busy machine does not change.
        await printer.PrintAsync("alarms.burst.cpu-us-a-fire", cpu.TotalMicroseconds / fired, "us", $"of this process alone; {_settings}", floor.CpuMicroseconds);
        await ViolationsAsync(office, "alarms.burst.violations");
    }

    private static Task<int> OutboxAsync(BenchOffice office) => office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().Outbox.CountAsync());

    // The whole service, as it runs in an office.
    private async Task LiveAsync(BenchOffice office, bool late, bool idle)
    {
        HangfireSetup.ScheduleJobs(office.App.Services);
        await office.App.StartAsync();
        await LatenessAsync(office, "alarms.warm-up", 1_000, TimeSpan.FromSeconds(3), print: false);
        if (late)
        {
            await LatenessAsync(office, $"alarms.lateness.{_overTime}-over-{_window.TotalSeconds:0}-s", _overTime, _window);
            await LatenessAsync(office, "alarms.lateness.500-a-second", _dense, TimeSpan.FromSeconds(_dense / 500.0));
            await ViolationsAsync(office, "alarms.lateness.violations");
        }
        if (idle)
            await IdleAsync(office);
        await office.App.StopAsync();
    }

    private async Task IdleAsync(BenchOffice office)
    {
        await office.EmptyOutboxAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        using var statements = await StatementCounter.ListenAsync();
        var (before, watch) = (await ServerCommitsAsync(office), Stopwatch.StartNew());
        statements.Reset();
        await Task.Delay(_idle);
        var count = statements.Count;
        await printer.PrintAsync("alarms.idle.statements-per-second", count / watch.Elapsed.TotalSeconds, "1/s", $"of the service, over {_idle.TotalSeconds:0} s; {_settings}");
        if (await ServerCommitsAsync(office) - before is { } commits)
            await printer.PrintAsync("alarms.idle.server-transactions-per-second", commits / watch.Elapsed.TotalSeconds, "1/s", $"all of the database, Hangfire's storage included; {_settings}");
    }

    private async Task LatenessAsync(BenchOffice office, string name, int count, TimeSpan window, bool print = true)
    {
        var seen = new ConcurrentBag<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Meter.Name == Metrics.MeterName && instrument.Name == Lateness.Name)
                it.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => seen.Add(value));
        listener.Start();
        // Time enough to store them all before the first is due, on a busy machine too.
        var begin = TimeProvider.System.Now() + TimeSpan.FromSeconds(2) + TimeSpan.FromMilliseconds(count * 8);
        await office.CopyAsync(Enumerable.Range(0, count).Select(i => begin + TimeSpan.FromMilliseconds((int)(window.TotalMilliseconds * i / count))));
        if (TimeProvider.System.Now() > begin)
            throw new InvalidOperationException("The machine is too busy: the clocks were not stored before the first was due.");
        office.App.Services.GetRequiredService<WakeUps>().Signal();
        var until = begin + window + Patience;
        while (seen.Count < count && TimeProvider.System.Now() < until)
            await Task.Delay(100);
        if (!print)
            return;
        await printer.DistributionAsync(name, [.. seen], $"{seen.Count} of {count} fired, from due to commit, service with outbox running; {_settings}");
        await printer.PrintAsync($"{name} early", seen.Count(ms => ms < 0), "fires", _settings);
    }

    private async Task StartAsync(BenchOffice office, string name, string what)
    {
        var watch = Stopwatch.StartNew();
        await using var app = office.Build();
        await StartUp.RunAsync(app.Services);
        await using var scope = app.Services.CreateAsyncScope();
        var next = await scope.ServiceProvider.GetRequiredService<AlarmRinger>().NextAsync(default);
        watch.Stop();
        await printer.PrintAsync(name, watch.Elapsed.TotalSeconds, "s",
            $"{what}, host built to next instant known ({(next is null ? "none" : "found")}), code compiled before; {_settings}");
    }

    private Task ViolationsAsync(BenchOffice office, string name) => ViolationsAsync(office, name, printer);

    /// <summary>All invariants of design.md §6, read on the data as it stands.</summary>
    internal static async Task ViolationsAsync(BenchOffice office, string name, FigurePrinter printer)
    {
        var readings = await office.InScopeAsync(s => s.GetRequiredService<Guarantees>().ReadAsync(deep: false));
        var broken = readings.Where(r => r.Violations > 0).Select(r => $"{r.Name} {r.Violations}").ToList();
        await printer.PrintAsync(name, broken.Count, "rules", broken.Count == 0 ? $"{readings.Sum(r => r.Checked)} rows checked" : string.Join(", ", broken));
    }

    private static Task<double?> ServerCommitsAsync(BenchOffice office) => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        return db.Database.IsNpgsql()
            ? (double?)await db.Database.SqlQueryRaw<long>("SELECT xact_commit + xact_rollback AS \"Value\" FROM pg_stat_database WHERE datname = current_database()").SingleAsync()
            : null;
    });
}

/// <summary>Counts the statements that EF Core sends.</summary>
internal sealed class StatementCounter : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private long _count;

    private StatementCounter() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <summary>Counts from now on. A context looks only once a second whether anybody listens, and a pooled one has looked before.</summary>
    public static async Task<StatementCounter> ListenAsync()
    {
        var counter = new StatementCounter();
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        return counter;
    }

    public long Count => Interlocked.Read(ref _count);

    public void Reset() => Interlocked.Exchange(ref _count, 0);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
            _subscriptions.Add(value.Subscribe(this, name => name == "Microsoft.EntityFrameworkCore.Database.Command.CommandExecuting"));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == "Microsoft.EntityFrameworkCore.Database.Command.CommandExecuting")
            Interlocked.Increment(ref _count);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(s => s.Dispose());
}
