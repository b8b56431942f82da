using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// <c>bench inbox</c>: every list that officers look at, through the methods of pages and API, over databases of growing size (design.md §7), the
/// inbox beside a hand-written query with an index made for it. One question at a time, each in a scope of its own, as a request has it.
/// </summary>
internal sealed class InboxBench(string provider, string? server, bool quick, FigurePrinter printer)
{
    private readonly int _open = quick ? 2_000 : 10_000;
    private readonly int _warmUp = quick ? 20 : 100;
    private readonly TimeSpan _longestWarmUp = TimeSpan.FromSeconds(quick ? 0.5 : 4);
    private readonly TimeSpan _longest = TimeSpan.FromSeconds(quick ? 1 : 15);
    private const int FullHistories = 100_000;
    private readonly int _rounds = quick ? 30 : 500;
    private readonly Dictionary<string, List<(int Cases, double P50)>> _growth = [];

    /// <param name="sizes">Finished cases of each database, ascending; empty: the usual ones.</param>
    public async Task RunAsync(IReadOnlyList<int> sizes)
    {
        foreach (var size in sizes.Count > 0 ? sizes : quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000])
            await MeasureAsync(size);
        foreach (var (name, figures) in _growth.Where(g => g.Value.Count > 1))
        {
            var text = string.Join(", ", figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Cases}: {f.P50:0.##} ms")));
            await printer.PrintAsync($"inbox.{name} growth", figures[^1].P50 / figures[0].P50, "x", $"p50 at {text}");
        }
    }

    private async Task MeasureAsync(int size)
    {
        await using var office = await BenchOffice.OpenAsync(provider, server);
        var mill = new CaseMill(office);
        var watch = Stopwatch.StartNew();
        var finished = await mill.WalkAsync("2", null);
        var (atHead, atOfficer) = (await mill.WalkAsync("3", "1"), await mill.WalkAsync("4", "2"));
        await office.EmptyOutboxAsync();
        await mill.StaffAsync();
        var isLean = size > FullHistories;
        await mill.FinishAsync(finished, size, isLean);
        var settings = $"{size} finished cases, {_open} open tasks of {CaseMill.Sections * 2} officers; {await office.DurabilityAsync()}, {AlarmBench.BuildOf}";
        await StorageAsync(office, finished, size, isLean, settings);
        await mill.OpenAsync(atHead, _open / 2);
        await mill.OpenAsync(atOfficer, _open / 2);
        await mill.SettleAsync();
        await printer.PrintAsync("inbox.fill", watch.Elapsed.TotalSeconds, "s", isLean ? $"journal, audit and clock events of one case in a hundred; {settings}" : settings);

        await using (var floor = await InboxFloor.OpenAsync(office, "petugas.informasi"))
            await ListsAsync(office, size, settings, floor);
    }

    private async Task ListsAsync(BenchOffice office, int size, string settings, InboxFloor floor)
    {
        const string officer = "petugas.informasi", head = "kasubid.informasi", unit = "kepala.biro";
        var (cases, items) = await office.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<PpidDbContext>();
            var at = TimeProvider.System.Now().AddDays(-3 * 365 / 2);
            return (await db.Cases.Where(c => c.CreatedAt >= at).OrderBy(c => c.CreatedAt).Select(c => new { c.Id, c.Number, c.Title }).FirstAsync(),
                await db.WorkItems.Where(w => w.Closure == WorkItemClosure.Open && w.StepNumber == "2").OrderBy(w => w.ReceivedAt).Select(w => w.Id).FirstAsync());
        });
        var unitName = cases.Title[(cases.Title.LastIndexOf(' ') + 1)..];

        var beside = await SampleAsync(office, (_, _) => floor.PageAsync(null), officer);
        await MeasureAsync(office, size, "officer.first", officer, (s, a) => Tasks(s, a, new TaskQuery(PageSize: 25)), settings, beside);
        if (await CursorAsync(office, officer, (s, a, after) => Tasks(s, a, new TaskQuery(After: after, PageSize: 25)), 19) is { } deep)
            await MeasureAsync(office, size, "officer.page-20", officer, (s, a) => Tasks(s, a, new TaskQuery(After: deep, PageSize: 25)), settings,
                await SampleAsync(office, (_, _) => floor.PageAsync(deep), officer));
        await MeasureAsync(office, size, "officer.overdue", officer, (s, a) => Tasks(s, a, new TaskQuery(State: "overdue", PageSize: 25)), settings);
        await MeasureAsync(office, size, "unit-head.all-open", unit, (s, a) => Tasks(s, a, new TaskQuery(Mine: false, PageSize: 25)), settings);
        await MeasureAsync(office, size, "head.all-open", head, (s, a) => Tasks(s, a, new TaskQuery(Mine: false, PageSize: 25)), settings);

        await MeasureAsync(office, size, "closed.officer.first", officer, (s, a) => Tasks(s, a, new TaskQuery(State: "closed", PageSize: 25)), settings);
        if (await CursorAsync(office, officer, (s, a, after) => Tasks(s, a, new TaskQuery(State: "closed", After: after, PageSize: 25)), 19) is { } done)
            await MeasureAsync(office, size, "closed.officer.page-20", officer, (s, a) => Tasks(s, a, new TaskQuery(State: "closed", After: done, PageSize: 25)), settings);
        await MeasureAsync(office, size, "closed.unit-head.all", unit, (s, a) => Tasks(s, a, new TaskQuery(false, "closed", null, 25)), settings);
        await MeasureAsync(office, size, "closed.unit-head.returned", unit, (s, a) => Tasks(s, a, new TaskQuery(false, "returned", null, 25)), settings);
        await MeasureAsync(office, size, "closed.head.all", head, (s, a) => Tasks(s, a, new TaskQuery(false, "closed", null, 25)), settings);
        await MeasureAsync(office, size, "closed.newcomer.all", CaseMill.Newcomer, (s, a) => Tasks(s, a, new TaskQuery(false, "closed", null, 25)), settings);

        foreach (var who in (string[])[unit, "auditor", head, officer, CaseMill.Newcomer])
            await MeasureAsync(office, size, $"register.{who}.first", who, (s, a) => Cases(s, a, new CaseQuery()), settings);
        foreach (var who in (string[])[unit, officer])
        {
            if (await CursorAsync(office, who, (s, a, after) => Cases(s, a, new CaseQuery(After: after)), 19) is { } far)
                await MeasureAsync(office, size, $"register.{who}.page-20", who, (s, a) => Cases(s, a, new CaseQuery(After: far)), settings);
        }
        await MeasureAsync(office, size, "register.unit-head.running", unit, (s, a) => Cases(s, a, new CaseQuery(State: "running")), settings);
        await MeasureAsync(office, size, "register.officer.running", officer, (s, a) => Cases(s, a, new CaseQuery(State: "running")), settings);
        await MeasureAsync(office, size, "register.newcomer.running", CaseMill.Newcomer, (s, a) => Cases(s, a, new CaseQuery(State: "running")), settings);
        await MeasureAsync(office, size, "register.officer.documented", officer, (s, a) => Cases(s, a, new CaseQuery(State: "documented")), settings);

        await MeasureAsync(office, size, "search.number", unit, (s, a) => Cases(s, a, new CaseQuery(cases.Number)), settings);
        await MeasureAsync(office, size, "search.rare-word", unit, (s, a) => Cases(s, a, new CaseQuery(unitName)), settings);
        await MeasureAsync(office, size, "search.rare-word.officer", officer, (s, a) => Cases(s, a, new CaseQuery(unitName)), settings);
        await MeasureAsync(office, size, "search.common-word", unit, (s, a) => Cases(s, a, new CaseQuery("kepegawaian")), settings);
        await MeasureAsync(office, size, "search.nothing", unit, (s, a) => Cases(s, a, new CaseQuery("tidak-ada-kata-ini")), settings);

        await MeasureAsync(office, size, "board.unit-head.first", unit, (s, a) => Board(s, a), settings);
        await MeasureAsync(office, size, "board.head.first", head, (s, a) => Board(s, a), settings);
        await MeasureAsync(office, size, "board.unit-head.figures", unit, async (s, a) => { await s.GetRequiredService<BoardReader>().FrameAsync(a); return null; }, settings);
        await MeasureAsync(office, size, "board.head.figures", head, async (s, a) => { await s.GetRequiredService<BoardReader>().FrameAsync(a); return null; }, settings);
        await MeasureAsync(office, size, "board.unit-head.week", unit, async (s, a) => { await s.GetRequiredService<BoardWeekReader>().ReadAsync(a); return null; }, settings);

        await MeasureAsync(office, size, "case.page", unit, async (s, a) => (await s.GetRequiredService<CaseRegister>().GetAsync(a, cases.Id)).Value.Number, settings);
        await MeasureAsync(office, size, "task.page", unit, async (s, a) => (await s.GetRequiredService<TaskInbox>().GetAsync(a, items)).Value.CaseNumber, settings);
    }

    private static async Task<string?> Tasks(IServiceProvider services, Actor actor, TaskQuery query) =>
        (await services.GetRequiredService<TaskInbox>().ListAsync(actor, query)).Value.Next;

    private static async Task<string?> Cases(IServiceProvider services, Actor actor, CaseQuery query) =>
        (await services.GetRequiredService<CaseRegister>().ListAsync(actor, query)).Value.Next;

    private static async Task<string?> Board(IServiceProvider services, Actor actor) =>
        (await services.GetRequiredService<BoardReader>().ListAsync(actor, new BoardQuery())).Value.Next;

    // Null: there are not so many pages.
    private static async Task<string?> CursorAsync(BenchOffice office, string who, Func<IServiceProvider, Actor, string?, Task<string?>> page, int pages)
    {
        string? after = null;
        for (var i = 0; i < pages; i++)
        {
            var from = after;
            after = await office.InScopeAsync(async services => await page(services, await BenchOffice.ActorAsync(services, who), from));
            if (after is null)
                return null;
        }
        return after;
    }

    private async Task MeasureAsync(
        BenchOffice office, int size, string name, string who, Func<IServiceProvider, Actor, Task<string?>> question, string settings, double[]? floor = null)
    {
        var samples = await SampleAsync(office, question, who);
        await printer.PrintAsync($"inbox.{name} p50", Share(samples, 0.5), "ms", settings, floor is null ? null : Share(floor, 0.5));
        await printer.PrintAsync($"inbox.{name} p99", Share(samples, 0.99), "ms", settings, floor is null ? null : Share(floor, 0.99));
        if (!_growth.TryGetValue(name, out var known))
            _growth[name] = known = [];
        known.Add((size, Share(samples, 0.5)));
    }

    // The officer is read for each request, unmeasured here: every page and endpoint has done so before it asks for a list. What takes long by far
    // is asked less often, so that a run ends before the day does.
    private async Task<double[]> SampleAsync(BenchOffice office, Func<IServiceProvider, Actor, Task<string?>> question, string who)
    {
        async Task<double> AskAsync() => await office.InScopeAsync(async services =>
        {
            var actor = await BenchOffice.ActorAsync(services, who);
            var watch = Stopwatch.StartNew();
            await question(services, actor);
            return watch.Elapsed.TotalMilliseconds;
        });
        // Before, unmeasured: the code is compiled as in a service that has run for a while, pages are in memory.
        var all = Stopwatch.StartNew();
        for (var round = 0; round < _warmUp && (round < 3 || all.Elapsed < _longestWarmUp); round++)
            await AskAsync();
        all.Restart();
        var samples = new List<double>();
        while (samples.Count < _rounds && (samples.Count < 10 || all.Elapsed < _longest))
            samples.Add(await AskAsync());
        return [.. samples.Order()];
    }

    private static double Share(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * (sorted.Length - 1))];

    private async Task StorageAsync(BenchOffice office, Guid finished, int size, bool isLean, string settings)
    {
        var tables = await office.InScopeAsync(services => CaseMill.ReadAsync(services.GetRequiredService<PpidDbContext>(), finished));
        await printer.PrintAsync("inbox.storage.rows-a-case", tables.Sum(t => t.Rows.Count), "rows",
            string.Join(", ", tables.Where(t => t.Rows.Count > 0).Select(t => $"{t.Name} {t.Rows.Count}")));
        await printer.PrintAsync("inbox.storage.values-a-case", tables.Sum(t => t.Bytes), "bytes",
            string.Join(", ", tables.Where(t => t.Rows.Count > 0).OrderByDescending(t => t.Bytes).Select(t => $"{t.Name} {t.Bytes}")));
        if (isLean || await TableBytesAsync(office, [.. tables.Select(t => t.Name)]) is not { } stored)
            return;
        await printer.PrintAsync("inbox.storage.bytes-a-case", stored.Tables / (double)size, "bytes", $"tables without indexes, before the open ones are added; {settings}");
        await printer.PrintAsync("inbox.storage.index-bytes-a-case", stored.Indexes / (double)size, "bytes", settings);
    }

    // Null: this SQLite cannot tell.
    private static Task<(long Tables, long Indexes)?> TableBytesAsync(BenchOffice office, string[] tables) => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var names = string.Join(", ", tables.Select(t => $"'{t}'"));
        if (office.Provider == Databases.PostgreSql)
        {
            var of = $"FROM pg_class WHERE relkind = 'r' AND relname IN ({names})";
            return ((long, long)?)(await AskAsync($"SELECT SUM(pg_table_size(oid))::bigint AS \"Value\" {of}"), await AskAsync($"SELECT SUM(pg_indexes_size(oid))::bigint AS \"Value\" {of}"));
        }
        if (await AskAsync("SELECT COUNT(*) AS \"Value\" FROM pragma_compile_options WHERE compile_options LIKE '%DBSTAT%'") == 0)
            return null;
        return (await AskAsync($"SELECT SUM(pgsize) AS \"Value\" FROM dbstat WHERE name IN ({names})"),
            await AskAsync($"SELECT SUM(pgsize) AS \"Value\" FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ({names}))"));

        Task<long> AskAsync(string sql) => db.Database.SqlQueryRaw<long>(sql).SingleAsync();
    });
}
