using System.Collections.Concurrent;
using System.Diagnostics;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// The same alarms as Hangfire's own scheduled jobs, in the storage that belongs to the provider (memory, or a schema of the same PostgreSQL):
/// lateness at its default polling interval and at one second, and jobs a second when many are due at one instant. The jobs do nothing but say
/// when they ran; ours store record, mails, audit and clock.
/// </summary>
internal sealed class HangfireBench(string provider, string connection, FigurePrinter printer, string settings)
{
    private static readonly ConcurrentBag<(long DueAt, double Late)> Ran = [];

    public async Task RunAsync(int count, TimeSpan window, int burst)
    {
        foreach (var polling in (int[])[15, 1])
        {
            using var server = Start(polling, out var client, out var storage);
            Ran.Clear();
            var begin = TimeProvider.System.Now() + TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(count * 4);
            for (var i = 0; i < count; i++)
            {
                var at = begin + TimeSpan.FromMilliseconds(window.TotalMilliseconds * i / count);
                client.Schedule(() => Run(at.UtcTicks), at);
            }
            await UntilAsync(count, begin + window + TimeSpan.FromMinutes(1));
            await printer.DistributionAsync($"hangfire.lateness.poll-{polling}-s", [.. Ran.Select(r => r.Late)],
                $"{Ran.Count} of {count} scheduled jobs over {window.TotalSeconds:0} s, {storage}; {settings}");
            if (polling != 1)
                continue;
            Ran.Clear();
            var due = TimeProvider.System.Now() + TimeSpan.FromSeconds(2) + TimeSpan.FromMilliseconds(burst * 4);
            for (var i = 0; i < burst; i++)
                client.Schedule(() => Run(due.UtcTicks), due);
            await UntilAsync(burst, due + TimeSpan.FromMinutes(2));
            await printer.PrintAsync("hangfire.burst.jobs-per-second", Ran.IsEmpty ? 0 : Ran.Count / (Ran.Max(r => r.Late) / 1000), "1/s",
                $"{Ran.Count} of {burst} scheduled jobs due at one instant, empty jobs, {storage}; {settings}");
        }
    }

    /// <summary>The job.</summary>
    public static void Run(long dueAt) => Ran.Add((dueAt, (TimeProvider.System.GetUtcNow().UtcTicks - dueAt) / (double)TimeSpan.TicksPerMillisecond));

    private BackgroundJobServer Start(int polling, out BackgroundJobClient client, out string name)
    {
        JobStorage storage = provider == Databases.PostgreSql
            ? new PostgreSqlStorage(new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(connection, new PostgreSqlStorageOptions()),
                new PostgreSqlStorageOptions { SchemaName = "hangfire_bench", QueuePollInterval = TimeSpan.FromMilliseconds(200) })
            : new InMemoryStorage();
        name = provider == Databases.PostgreSql ? "Hangfire.PostgreSql" : "Hangfire.InMemory";
        client = new BackgroundJobClient(storage);
        return new BackgroundJobServer(new BackgroundJobServerOptions { SchedulePollingInterval = TimeSpan.FromSeconds(polling), WorkerCount = 10 }, storage);
    }

    private static async Task UntilAsync(int count, DateTimeOffset last)
    {
        var watch = Stopwatch.StartNew();
        while (Ran.Count < count && TimeProvider.System.Now() < last && watch.Elapsed < TimeSpan.FromMinutes(5))
            await Task.Delay(100);
    }
}
