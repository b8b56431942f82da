using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <param name="Provider">Sqlite or PostgreSql.</param>
/// <param name="Server">Of PostgreSQL where it is not to be killed; null: one of the run's own.</param>
public sealed record ChaosOptions(string Provider, string? Server, int Rounds, int Nodes, int Seed, ChaosTarget Target);

/// <summary>
/// <c>bench chaos</c>: load over HTTP, one blow a round, and after each a comparison of everything that clients, mail server and database know.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options, Func<string, Task> tell, FigurePrinter printer) : IAsyncDisposable
{
    private const int Clerks = 3;
    private const int OldAnswersARound = 15;
    private static readonly TimeSpan AfterBlow = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly MailSink _mails = new();
    private readonly List<Fault> _faults = [];
    private readonly List<string> _violations = [];
    private readonly HashSet<Guid> _left = [];
    private readonly List<ChaosNode> _nodes = [];
    private OwnPostgres? _postgres;
    private ChaosOffice _office = null!;
    private ChaosClients _clients = null!;
    private ChaosLoad _load = null!;
    private int _replayed;
    private volatile bool _leaves;

    /// <returns>How many things did not agree.</returns>
    public async Task<int> RunAsync()
    {
        var watch = Stopwatch.StartNew();
        if (options.Provider == Databases.PostgreSql && options.Server is null)
            _postgres = await OwnPostgres.StartAsync();
        _office = new ChaosOffice(options.Provider, options.Server ?? _postgres?.Connection, _mails.Port);
        await StartAsync();
        _clients = new ChaosClients(_nodes, _office.Password);
        _load = new ChaosLoad(_clients, Clerks);
        var plan = ChaosPlan.Of(options.Seed, options.Rounds, options.Nodes, options.Target);
        var rounds = 0;
        // Stopped from outside, a long run ends after the round in hand and prints what it has.
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave))
        using (PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave))
        {
            while (rounds < plan.Count && !_leaves)
            {
                await RoundAsync(rounds, plan[rounds]);
                rounds++;
            }
        }
        await FinishAsync();
        await PrintAsync([.. plan.Take(rounds)], watch.Elapsed);
        return _violations.Count;
    }

    private void Leave(PosixSignalContext signal) => (_leaves, signal.Cancel) = (true, true);

    public async ValueTask DisposeAsync()
    {
        _clients?.Dispose();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_office is not null)
            await _office.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _mails.Dispose();
    }

    // The first node makes the tables; the others find them.
    private async Task StartAsync()
    {
        for (var i = 0; i < options.Nodes; i++)
        {
            var node = new ChaosNode(i, _office.Settings, _office.Folder);
            _nodes.Add(node);
            node.Launch();
            if (i == 0)
                await node.ReadyAsync();
        }
        await ReadyAsync();
    }

    private async Task RoundAsync(int round, Strike strike)
    {
        var watch = Stopwatch.StartNew();
        var (told, violations) = (_clients.Told.Count, _violations.Count);
        _load.Resume();
        await Task.Delay(strike.After);
        await StrikeAsync(strike);
        await ReadyAsync();
        await Task.Delay(AfterBlow);
        await _load.PauseAsync();
        foreach (var dead in _nodes.Where(n => n.HasDied))
            _violations.Add($"node {dead.Number} ended by itself:\n{dead.Log}");
        await SettleAsync();
        await CompareAsync(_clients.Told.Skip(told).ToList());
        await tell(string.Create(CultureInfo.InvariantCulture,
            $"ronde {round + 1}/{options.Rounds}: {Words(strike)}; {_clients.Told.Count - told} jawaban, {_violations.Count - violations} pelanggaran, {watch.Elapsed.TotalSeconds:0.0} s"));
        foreach (var violation in _violations.Skip(violations))
            await tell($"  {violation}");
    }

    private async Task StrikeAsync(Strike strike)
    {
        var node = _nodes[strike.Node];
        var begin = DateTimeOffset.UtcNow;
        switch (strike.Kind)
        {
            case StrikeKind.Node:
                await node.KillAsync();
                Struck(strike.Kind, begin);
                node.Launch();
                if (strike.Again is not { } again)
                    break;
                await Task.Delay(again);
                begin = DateTimeOffset.UtcNow;
                await node.KillAsync();
                Struck(strike.Kind, begin);
                node.Launch();
                break;
            case StrikeKind.Stop:
                await node.StopAsync();
                await Task.Delay(strike.Lasts);
                await node.WakeAsync();
                Struck(strike.Kind, begin);
                break;
            default:
                await _postgres!.KillAsync();
                await _postgres.StartServerAsync();
                Struck(strike.Kind, begin);
                break;
        }
    }

    private void Struck(StrikeKind kind, DateTimeOffset begin) => _faults.Add(new Fault(kind, begin, DateTimeOffset.UtcNow));

    private Task ReadyAsync() => Task.WhenAll(_nodes.Select(n => n.ReadyAsync()));

    /// <summary>Waits until nothing is due any more; what stays due is what the guarantees will name.</summary>
    private async Task SettleAsync()
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && await _office.DueAsync() > 0;)
            await Task.Delay(100);
    }

    private async Task CompareAsync(IReadOnlyList<Told> ofThisRound)
    {
        _left.UnionWith(_load.Resting);
        var readAt = DateTimeOffset.UtcNow;
        var rows = await _office.RowsAsync();
        var sunk = _mails.Mails;
        _violations.AddRange(ChaosJudge.Orders(rows, _clients.Told));
        _violations.AddRange(ChaosJudge.Rungs(rows, _left));
        _violations.AddRange(ChaosJudge.Mails(rows, sunk, _faults, readAt));
        _violations.AddRange((await _office.BrokenGuaranteesAsync()).Select(g => $"guarantee {g}"));
        _violations.AddRange(_clients.Wrong.Select(w => $"answer: {w}"));
        var older = _clients.Told.SkipLast(ofThisRound.Count).ToArray();
        foreach (var told in ofThisRound.Concat(older.Length == 0 ? [] : Random.Shared.GetItems(older, OldAnswersARound)))
            await ReplayAsync(told);
        foreach (var clock in rows.Clocks.Where(c => c.NextFireAt is null))
            _load.Wake(clock.CaseId);
    }

    private async Task ReplayAsync(Told told)
    {
        _replayed++;
        var (same, answer) = await _clients.ReplayAsync(told);
        if (!same)
            _violations.Add($"another answer to {told.Order.Key}: {told.Status} {told.Body} became {answer}");
    }

    /// <summary>All ladders run out, all cases are finished, all mails have gone: then everything once more, every answer included.</summary>
    private async Task FinishAsync()
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; await Task.Delay(200))
        {
            await _load.FinishAsync();
            var rows = await _office.RowsAsync();
            _left.UnionWith(_load.Resting);
            foreach (var clock in rows.Clocks.Where(c => c.NextFireAt is null))
                _load.Wake(clock.CaseId);
            if (rows.Items.All(i => i.Closure == Application.Tasks.WorkItemClosure.Completed) && rows.Mails.All(m => m.State == Application.Notifications.OutboxState.Sent))
                break;
        }
        var before = _violations.Count;
        if (await _office.OwedAsync() is var owed and > 0)
            _violations.Add(string.Create(CultureInfo.InvariantCulture, $"mail: {owed} were not sent within {Patience.TotalSeconds:0} s of the last round"));
        await CompareAsync(_clients.Told);
        foreach (var violation in _violations.Skip(before))
            await tell($"  {violation}");
    }

    private async Task PrintAsync(IReadOnlyList<Strike> plan, TimeSpan took)
    {
        var rows = await _office.RowsAsync();
        var settings = $"seed {options.Seed}, {options.Nodes} nodes, {Clerks} clerks; {await _office.DurabilityAsync()}";
        var (sunk, late) = (_mails.Mails, rows.Fires.Count == 0 ? 0 : rows.Fires.Max(f => (f.FiredAt - f.DueAt).TotalSeconds));
        foreach (var (name, value, unit, what) in new (string, double, string, string)[]
        {
            ("rounds", plan.Count, "rounds", $"{took.TotalSeconds:0} s in all"),
            ("kills.node", _faults.Count(f => f.Kind == StrikeKind.Node), "kills", "kill -9 of a node"),
            ("kills.database", _faults.Count(f => f.Kind == StrikeKind.Database), "kills", "kill -9 of PostgreSQL"),
            ("stops.node", _faults.Count(f => f.Kind == StrikeKind.Stop), "stops", $"SIGSTOP, longest {plan.Max(s => s.Lasts).TotalSeconds:0.0} s"),
            ("cases", rows.Cases.Count, "cases", "opened and finished"),
            ("answers.kept", _clients.Told.Count, "answers", $"2xx, all found again; {_replayed} replays with their keys"),
            ("answers.none", _clients.Unanswered, "orders", $"left without an answer and sent again; {_clients.Refused} times 503"),
            ("mails", sunk.DistinctBy(m => m.MessageId).Count(), "mails", "by Message-ID"),
            ("mails.twice", ChaosJudge.Twice(sunk), "mails", "came once more, with the same Message-ID"),
            ("rungs", rows.Fires.Count, "rungs", $"fired; {_left.Count} ladders run out whole"),
            ("rungs.latest", late, "s", "from due to fired, while nodes and database came and went"),
            ("violations", _violations.Count, "", "of guarantees, and between rows, answers and mails")
        })
        {
            await printer.PrintAsync($"chaos.{name}", value, unit, $"{what}; {settings}");
        }
    }

    private static string Words(Strike strike) => strike.Kind switch
    {
        StrikeKind.Stop => string.Create(CultureInfo.InvariantCulture, $"simpul {strike.Node} dibekukan setelah {strike.After.TotalMilliseconds:0} ms selama {strike.Lasts.TotalSeconds:0.0} s"),
        StrikeKind.Database => string.Create(CultureInfo.InvariantCulture, $"PostgreSQL dimatikan setelah {strike.After.TotalMilliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"simpul {strike.Node} dimatikan setelah {strike.After.TotalMilliseconds:0} ms")
            + (strike.Again is { } again ? string.Create(CultureInfo.InvariantCulture, $", lagi {again.TotalMilliseconds:0} ms sesudah dijalankan") : "")
    };
}
