using System.Diagnostics;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// <c>bench cases</c>: cases a second and the time of a step (design.md §7), in process through the methods of pages and API and over HTTP, closed
/// (each client goes on as soon as it is answered) and open (cases arrive whether or not the last ones are done), beside hand-written ADO.NET.
/// All real work is done: engine, rules, audit, outbox rows. The mails themselves are sent only in the HTTP part, where the whole service runs.
/// </summary>
internal sealed class CaseBench(string provider, string? server, bool quick, FigurePrinter printer)
{
    private const string Closed = "closed", Open = "open", Http = "http";

    /// <summary>What can be measured by itself.</summary>
    public static IReadOnlyList<string> Parts { get; } = [Closed, Open, Http];

    private static readonly int[] Clients = [1, 8, 32];
    private readonly TimeSpan _time = TimeSpan.FromSeconds(quick ? 4 : 20);
    private readonly TimeSpan _warmUp = TimeSpan.FromSeconds(quick ? 4 : 12);
    private readonly int _warmUpCases = quick ? 200 : 1_000;
    private string _settings = "";

    /// <param name="part">One of <see cref="Parts"/>; null: all.</param>
    public async Task RunAsync(string? part)
    {
        bool Wants(string other) => part is null || part == other;
        using var mails = new MailSink();
        await using var office = await BenchOffice.OpenAsync(provider, server, mails.Port);
        var (walk, recorder) = await WarmAsync(office);
        if (Wants(Closed))
        {
            await CostAsync(office, walk, recorder);
            // Before the floor: its rows are copies that nobody reasoned about.
            await ViolationsAsync(office);
            foreach (var clients in Clients)
            {
                using var floorWriter = new CaseFloor(office, recorder);
                var floor = await floorWriter.MeasureAsync(clients, _time / 2);
                var own = await ClosedAsync(clients, _time, walk.RunAsync, office);
                await printer.PrintAsync($"cases.closed.{clients}-clients.per-second", own.PerSecond, "1/s", $"{walk.Acts} commits a case; {_settings}", floor.PerSecond);
                await printer.DistributionAsync($"cases.closed.{clients}-clients.step", own.Milliseconds, _settings);
                await printer.DistributionAsync($"cases.closed.{clients}-clients.floor-step", floor.Milliseconds, _settings);
            }
        }
        if (Wants(Open))
            await HalfLoadAsync("cases.open.half-load.step", office, walk);
        if (Wants(Http))
            await HttpAsync(office, walk, "cases.http");
        if (!Wants(Closed))
            await ViolationsAsync(office);
    }

    /// <summary>
    /// <c>bench step</c>: the time of one step alone, as a clerk waits for it: one client by itself beside the floor, then at half of what eight reach,
    /// in process and over HTTP.
    /// </summary>
    public async Task RunStepAsync()
    {
        using var mails = new MailSink();
        await using var office = await BenchOffice.OpenAsync(provider, server, mails.Port);
        var (walk, recorder) = await WarmAsync(office);
        using (var floorWriter = new CaseFloor(office, recorder))
            await printer.DistributionAsync("step.one-client.floor", (await floorWriter.MeasureAsync(1, _time / 2)).Milliseconds, _settings);
        await printer.DistributionAsync("step.one-client", (await ClosedAsync(1, _time, walk.RunAsync, office)).Milliseconds, _settings);
        await HalfLoadAsync("step.half-load", office, walk);
        await HttpAsync(office, walk, "step.http");
    }

    private async Task<(CaseWalk Walk, CommitRecorder Recorder)> WarmAsync(BenchOffice office)
    {
        _settings = $"{await office.DurabilityAsync()}, {AlarmBench.BuildOf}";
        var (walk, recorder) = (new CaseWalk(office), new CommitRecorder());
        // Once unseen, so that what only the first case writes is not taken for what every case does.
        await walk.LearnAsync();
        await walk.LearnAsync(recorder.Listen);
        await ClosedAsync(8, _warmUp, walk.RunAsync, office, _warmUpCases);
        return (walk, recorder);
    }

    private async Task HalfLoadAsync(string name, BenchOffice office, CaseWalk walk)
    {
        var most = (await ClosedAsync(8, _time / 2, walk.RunAsync, office)).PerSecond;
        await printer.DistributionAsync(name, await OpenAsync(most / 2, walk.RunAsync), $"{most / 2:0} cases a second arrive; {_settings}");
    }

    private async Task ViolationsAsync(BenchOffice office)
    {
        var readings = await office.InScopeAsync(s => s.GetRequiredService<Guarantees>().ReadAsync(deep: false));
        await printer.PrintAsync("cases.violations", readings.Count(r => r.Violations > 0), "rules",
            $"{readings.Sum(r => r.Checked)} rows checked {string.Join(", ", readings.Where(r => r.Violations > 0).Select(r => $"{r.Name} {r.Violations}"))}".TrimEnd());
    }

    private static async Task<(double PerSecond, IReadOnlyCollection<double> Milliseconds)> ClosedAsync(
        int clients, TimeSpan time, Func<ICollection<double>, Task> run, BenchOffice office, int atLeast = 0)
    {
        // Alive all the while: this process runs no heartbeat of its own here.
        await office.BeatAsync();
        var (done, until) = (0, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
        var latencies = new List<double>[clients];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            await Task.Yield();
            latencies[client] = [];
            // A cold process on a busy machine needs longer to compile its code.
            while (Stopwatch.GetTimestamp() < until || Volatile.Read(ref done) < atLeast)
            {
                await run(latencies[client]);
                Interlocked.Increment(ref done);
            }
        }));
        return (done / watch.Elapsed.TotalSeconds, [.. latencies.SelectMany(l => l)]);
    }

    // Arrivals keep their rhythm: who waits because the service is behind, waits in the figures.
    private async Task<IReadOnlyCollection<double>> OpenAsync(double perSecond, Func<ICollection<double>, Task> run)
    {
        var (cases, latencies) = (new List<Task>(), new List<List<double>>());
        var (begin, count) = (Stopwatch.GetTimestamp(), (int)(perSecond * _time.TotalSeconds));
        for (var i = 0; i < count; i++)
        {
            var wait = TimeSpan.FromSeconds(i / perSecond) - Stopwatch.GetElapsedTime(begin);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            var own = new List<double>();
            latencies.Add(own);
            cases.Add(Task.Run(() => run(own)));
        }
        await Task.WhenAll(cases);
        return [.. latencies.SelectMany(l => l)];
    }

    // One client alone: what a case costs this process and its database.
    private async Task CostAsync(BenchOffice office, CaseWalk walk, CommitRecorder recorder)
    {
        const int Cases = 50;
        using var statements = await StatementCounter.ListenAsync();
        var before = await office.BytesAsync();
        statements.Reset();
        var (allocated, cpu, latencies) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, new List<double>());
        for (var i = 0; i < Cases; i++)
            await walk.RunAsync(latencies);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        await printer.PrintAsync("cases.cost.statements-a-case", (double)statements.Count / Cases, "",
            $"of EF Core, in {walk.Acts} commits; {recorder.Commits.Sum(c => c.Count)} rows are written{(provider == Databases.Sqlite ? " by prepared statements besides" : " in a message a commit besides")}; {_settings}");
        await printer.PrintAsync("cases.cost.cpu-us-a-step", cpu.TotalMicroseconds / Cases / walk.Acts, "us", $"of this process alone; {_settings}");
        await printer.PrintAsync("cases.cost.allocated-kb-a-step", allocated / 1024.0 / Cases / walk.Acts, "kB", _settings);
        await printer.PrintAsync("cases.cost.database-kb-a-case", (await office.BytesAsync() - before) / 1024.0 / Cases, "kB", $"tables, indexes and free room; {_settings}");
    }

    // The whole service, mails and all, and clients of the API on the same two cores.
    private async Task HttpAsync(BenchOffice office, CaseWalk walk, string name)
    {
        Hosting.HangfireSetup.ScheduleJobs(office.App.Services);
        // What was done in process has sent no mail yet: thousands would be sent beside what is measured here.
        await office.EmptyOutboxAsync();
        await office.App.StartAsync();
        using var client = await ApiWalk.OpenAsync(office, walk);
        await ClosedAsync(8, _warmUp, client.RunAsync, office, _warmUpCases);
        var closed = await ClosedAsync(8, _time, client.RunAsync, office);
        await printer.PrintAsync($"{name}.8-clients.per-second", closed.PerSecond, "1/s", $"clients in the same process, mails being sent; {_settings}");
        await printer.DistributionAsync($"{name}.8-clients.step", closed.Milliseconds, _settings);
        await printer.PrintAsync($"{name}.8-clients.mails-behind", await office.CountUnsentAsync(), "", $"owed when the last client was answered; {_settings}");
        while (await office.CountUnsentAsync() > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        await printer.DistributionAsync($"{name}.half-load.step", await OpenAsync(closed.PerSecond / 2, client.RunAsync), $"{closed.PerSecond / 2:0} cases a second arrive; {_settings}");
        await printer.PrintAsync($"{name}.half-load.mails-behind", await office.CountUnsentAsync(), "", _settings);
        await office.App.StopAsync();
    }
}
