using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// Part <c>kill</c> of <c>bench alarms</c>: alarms over a minute in a process of its own that sends their mails by SMTP, killed with -9 in the
/// middle and started again (issue 4, <i>Must show</i>). Each rung must have fired once, none early, and each mail have come, twice at most
/// where the process died with it in its hands.
/// </summary>
internal sealed class AlarmKillBench(string provider, string? server, int count, TimeSpan window, FigurePrinter printer)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public async Task RunAsync(string build)
    {
        await using var office = await BenchOffice.OpenAsync(provider, server);
        using var sink = new MailSink();
        var settings = $"{await office.DurabilityAsync()}, {build}";
        await office.EmptyOutboxAsync();
        // Time enough to store them and to start the process, on a busy machine too.
        var begin = TimeProvider.System.Now() + TimeSpan.FromSeconds(15) + TimeSpan.FromMilliseconds(count * 8);
        await office.CopyAsync(Enumerable.Range(0, count).Select(i => begin + TimeSpan.FromMilliseconds((int)(window.TotalMilliseconds * i / count))));
        await using var node = new ChaosNode(0, office.NodeSettings(sink.Port), office.Folder);
        node.Launch();
        await node.ReadyAsync();
        if (TimeProvider.System.Now() > begin)
            throw new InvalidOperationException("The machine is too busy: the service had not started before the first was due.");
        await Task.Delay(begin + window / 2 - TimeProvider.System.Now());
        var watch = Stopwatch.StartNew();
        await node.KillAsync();
        var firedBefore = await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().FireRecords.CountAsync());
        node.Launch();
        await node.ReadyAsync();
        var away = watch.Elapsed;
        for (var until = begin + window + Patience; await LeftAsync(office) > 0 && TimeProvider.System.Now() < until;)
            await Task.Delay(500);
        await node.KillAsync();

        var fires = await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().FireRecords.AsNoTracking()
            .Select(f => new { f.ClockId, f.Rung, f.Repetition, f.DueAt, f.FiredAt }).ToListAsync());
        var late = fires.ConvertAll(f => (f.FiredAt - f.DueAt).TotalMilliseconds);
        await printer.DistributionAsync($"alarms.kill.{count}-over-{window.TotalSeconds:0}-s", late,
            $"from due to fired, all; killed after {firedBefore} and ready again after {away.TotalSeconds:0.0} s; {settings}");
        await printer.PrintAsync("alarms.kill.early", late.Count(ms => ms < 0), "fires", settings);
        await printer.PrintAsync("alarms.kill.lost", count - fires.Select(f => f.ClockId).Distinct().Count(), "rungs", $"of {count}; {settings}");
        await printer.PrintAsync("alarms.kill.doubled", fires.Count - fires.DistinctBy(f => (f.ClockId, f.Rung, f.Repetition)).Count(), "rungs", settings);
        var owed = await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().Outbox.AsNoTracking()
            .Where(m => m.FireRecordId != null).Select(m => m.MessageId).ToListAsync());
        var came = sink.Mails.GroupBy(m => m.MessageId).ToDictionary(g => g.Key, g => g.Count());
        await printer.PrintAsync("alarms.kill.mails-lost", owed.Count(id => !came.ContainsKey(id)), "mails", $"of {owed.Count}; {settings}");
        await printer.PrintAsync("alarms.kill.mails-twice", owed.Count(id => came.GetValueOrDefault(id) > 1), "mails", $"with the same Message-ID; {settings}");
        await AlarmBench.ViolationsAsync(office, "alarms.kill.violations", printer);
    }

    private static Task<int> LeftAsync(BenchOffice office) => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var soon = TimeProvider.System.Now().AddMinutes(2);
        return await db.StepClocks.CountAsync(c => c.NextFireAt <= soon) + await db.Outbox.CountAsync(m => m.State == OutboxState.Pending);
    });
}
