using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>
/// Where the nodes of a run work: one data folder and one database, made for it and gone afterwards, the delivered SOP with a standard of two
/// seconds at step 2, hours around the clock. Reads the rows behind the nodes' backs.
/// </summary>
internal sealed class ChaosOffice : IAsyncDisposable
{
    private const string Slug = "pendokumentasian-informasi-dikecualikan";
    private static readonly string[] Silent =
        ["Default", "Override:Microsoft", "Override:Microsoft.Hosting.Lifetime", "Override:Hangfire", "Override:System"];

    private readonly string _provider;
    private readonly string? _server;
    private readonly string _database = $"ppid_chaos_{Environment.ProcessId}";
    private readonly WebApplication _app;

    /// <param name="provider">Sqlite or PostgreSql.</param>
    /// <param name="server">Connection string of a PostgreSQL on which databases may be created.</param>
    /// <param name="mailPort">Where mails go.</param>
    public ChaosOffice(string provider, string? server, int mailPort)
    {
        (_provider, _server) = (provider, server);
        var dataPath = Path.Combine(Folder, "data");
        UseShortStandards();
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Storage__DataPath"] = dataPath,
            ["Database__Provider"] = provider,
            ["ConnectionStrings__Ppid"] = provider == Databases.PostgreSql
                ? new NpgsqlConnectionStringBuilder(server) { Database = _database, MaxPoolSize = 40 }.ToString()
                : SqliteStore.ConnectionString(dataPath),
            ["Office__Calendar"] = "AroundTheClock",
            ["Digest__Enabled"] = "false",
            ["Guarantees__CheckMinutes"] = "0",
            ["Definitions__Path"] = Path.Combine(Folder, "workflows"),
            ["Demo__Enabled"] = "true",
            ["Demo__Password"] = Password,
            ["Outages__BeatSeconds"] = "1",
            ["Outages__GapSeconds"] = Gap.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ["Mail__Delivery"] = "Smtp",
            ["Mail__Smtp__Host"] = "127.0.0.1",
            ["Mail__Smtp__Port"] = mailPort.ToString(CultureInfo.InvariantCulture),
            ["Mail__Smtp__Security"] = "None",
            ["Serilog__MinimumLevel__Override__Serilog.AspNetCore"] = "Warning",
            // Lives for seconds: counting calls for a better compilation would cost more than it brings.
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_TC_CallCounting"] = "0"
        };
        Settings = settings;
        _app = ServiceHost.Build(
        [
            "--environment=Production", $"--Storage:DataPath={dataPath}", $"--Database:Provider={provider}",
            // Without a pool: the server may have been killed since the last question.
            $"--ConnectionStrings:Ppid={settings["ConnectionStrings__Ppid"]};Pooling=false", "--Office:Calendar=AroundTheClock",
            $"--Outages:GapSeconds={settings["Outages__GapSeconds"]}", "--Outages:BeatSeconds=1",
            .. Silent.Select(source => $"--Serilog:MinimumLevel:{source}=Fatal")
        ], serves: false);
    }

    /// <summary>Without any beat for so long the service was away.</summary>
    public static TimeSpan Gap { get; } = TimeSpan.FromSeconds(10);

    public string Folder { get; } = Directory.CreateTempSubdirectory("ppid-chaos-").FullName;

    /// <summary>Of the demo officers.</summary>
    public string Password { get; } = $"Uji-{Guid.NewGuid():n}";

    /// <summary>Environment of every node.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The invariants of design.md §6, by the code of <c>verify</c>. A rule counts as broken when two looks find it so: nodes go on meanwhile.</summary>
    public async Task<IReadOnlyList<string>> BrokenGuaranteesAsync()
    {
        var first = await ReadAsync();
        if (first.Count == 0)
            return [];
        await Task.Delay(TimeSpan.FromSeconds(2));
        var second = (await ReadAsync()).Select(r => r.Name).ToHashSet();
        return [.. first.Where(r => second.Contains(r.Name)).Select(r => $"{r.Name}: {r.Violations} ({string.Join(", ", r.Examples)})")];

        Task<List<GuaranteeReading>> ReadAsync() => InScopeAsync(async services =>
            (await services.GetRequiredService<Guarantees>().ReadAsync(deep: true)).Where(r => r.Violations > 0).ToList());
    }

    /// <summary>Rungs whose instant has come and that have no record yet.</summary>
    public Task<int> DueAsync() => InScopeAsync(services =>
    {
        var now = services.GetRequiredService<TimeProvider>().Now();
        return services.GetRequiredService<PpidDbContext>().StepClocks.CountAsync(c => c.NextFireAt <= now);
    });

    /// <summary>Mails that are still owed.</summary>
    public Task<int> OwedAsync() => InScopeAsync(services =>
        services.GetRequiredService<PpidDbContext>().Outbox.CountAsync(m => m.State == OutboxState.Pending));

    /// <summary>All that is to be compared.</summary>
    public Task<ChaosRows> RowsAsync() => InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        return new ChaosRows(
            await db.Cases.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.Number),
            await db.WorkItems.AsNoTracking().Select(w => new ItemRow(w.Id, w.CaseId, w.StepLabel, w.Closure)).ToListAsync(),
            await db.DossierFiles.AsNoTracking().ToDictionaryAsync(f => f.Id, f => f.Sha256),
            await db.AuditRecords.AsNoTracking().GroupBy(r => r.Action).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count),
            await db.IdempotencyRecords.AsNoTracking().Select(r => r.Key).ToListAsync(),
            await db.Outbox.AsNoTracking().Select(m => new MailRow(m.MessageId, m.ToAddress, m.State, m.Template, m.WorkItemId, m.CaseId, m.FireRecordId)).ToListAsync(),
            await db.FireRecords.AsNoTracking().Select(f => new FireRow(f.ClockId, f.Rung, f.Repetition, f.DueAt, f.FiredAt)).ToListAsync(),
            [.. (await db.StepClocks.AsNoTracking().Where(c => c.StepNumber == "2").ToListAsync())
                .Select(c => new ClockRow(c.Id, c.CaseId, c.State, c.NextFireAt, ClockKeeper.LadderOf(c).Count))]);
    });

    /// <summary>Durability as the database itself reports it.</summary>
    public Task<string> DurabilityAsync() => InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        await db.Database.OpenConnectionAsync();
        async Task<string> AskAsync(string sql)
        {
            await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = sql;
            return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
        }
        return _provider == Databases.PostgreSql
            ? $"PostgreSQL {await AskAsync("SHOW server_version")}, fsync={await AskAsync("SHOW fsync")}, synchronous_commit={await AskAsync("SHOW synchronous_commit")}"
            : $"SQLite {await AskAsync("SELECT sqlite_version()")}, journal={await AskAsync("PRAGMA journal_mode")}, synchronous={await AskAsync("PRAGMA synchronous")}";
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
        if (_provider != Databases.PostgreSql)
            return;
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    // The ladder of step 2 comes within four seconds, all others' not within a run's round.
    private void UseShortStandards()
    {
        var source = Path.Combine(new DefinitionOptions().WorkflowsPath, Slug);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Folder, "workflows", Slug, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var definition = Path.Combine(Folder, "workflows", Slug, "definition.json");
        var root = JsonNode.Parse(File.ReadAllText(definition))!;
        foreach (var activity in root["root"]!["activities"]!.AsArray().Where(a => a!["number"] is not null))
        {
            activity!["standardTime"]!["expression"]!["value"] =
                activity["number"]!["expression"]!["value"]!.GetValue<string>() == "2" ? "PT2S" : "PT24H";
        }
        File.WriteAllText(definition, root.ToJsonString());
    }
}
