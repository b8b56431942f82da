using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// A service on a database of its own, made for one benchmark and gone afterwards: the delivered SOP, the demo officers, hours around the
/// clock, mails to a pickup folder. Its cases are copies of one that was opened through <see cref="CaseRegister"/>.
/// </summary>
internal sealed class BenchOffice : IAsyncDisposable
{
    /// <summary>Of a copied clock: long enough that only its first rung comes due while a benchmark lasts.</summary>
    private static readonly TimeSpan Standard = TimeSpan.FromHours(5);
    private static readonly string[] Silent =
        ["Default", "Override:Microsoft", "Override:Microsoft.Hosting.Lifetime", "Override:Hangfire", "Override:System"];
    private static int _count;

    /// <summary>Of every officer of a benchmark.</summary>
    public const string Password = "Tolok-ukur-2026";

    private readonly string _folder;
    private readonly string? _server;
    private readonly int? _mailPort;
    private readonly string _database = $"ppid_bench_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";
    private Guid _case;
    private int _copies;

    private BenchOffice(string provider, string? server, int? mailPort)
    {
        (Provider, _server, _mailPort) = (provider, server, mailPort);
        _folder = Directory.CreateTempSubdirectory("ppid-bench-").FullName;
        Connection = provider == Databases.PostgreSql
            ? new NpgsqlConnectionStringBuilder(server) { Database = _database, MaxPoolSize = 50 }.ToString()
            : SqliteStore.ConnectionString(_folder);
    }

    public string Provider { get; }

    public string Connection { get; }

    public WebApplication App { get; private set; } = null!;

    public string Folder => _folder;

    /// <summary>Environment of a process of its own on this database, which sends its mails to a port of this machine.</summary>
    public IReadOnlyDictionary<string, string> NodeSettings(int mailPort) => new Dictionary<string, string>
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["Storage__DataPath"] = _folder,
        ["Database__Provider"] = Provider,
        ["ConnectionStrings__Ppid"] = Connection,
        ["Office__Calendar"] = "AroundTheClock",
        ["Demo__Enabled"] = "false",
        ["Digest__Enabled"] = "false",
        ["Guarantees__CheckMinutes"] = "0",
        ["Mail__Delivery"] = "Smtp",
        ["Mail__Smtp__Host"] = "127.0.0.1",
        ["Mail__Smtp__Port"] = mailPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["Mail__Smtp__Security"] = "None"
    };

    /// <param name="provider">One of <see cref="Databases.Known"/>.</param>
    /// <param name="server">Connection string of a PostgreSQL on which databases may be created.</param>
    /// <param name="mailPort">Of this machine, where a server takes the mails; null: a folder does, which costs the disk a flush a mail.</param>
    public static async Task<BenchOffice> OpenAsync(string provider, string? server, int? mailPort = null)
    {
        var office = new BenchOffice(provider, server, mailPort);
        office.App = office.Build();
        await office.InScopeAsync(async services =>
        {
            await services.GetRequiredService<SchemaUpgrade>().ApplyAsync();
            await services.GetRequiredService<RoleSeed>().RunAsync();
            return await services.GetRequiredService<DemoOfficers>().AddAsync(Password);
        });
        await StartUp.RunAsync(office.App.Services);
        office._case = await office.OpenCaseAsync("1");
        return office;
    }

    /// <summary>A case through the register, as an officer opens it; it stands at its first step.</summary>
    public Task<Guid> OpenCaseAsync(string determination) => InScopeAsync(async services =>
    {
        var inputs = new Dictionary<string, string>
        {
            ["title"] = "Tolok ukur",
            ["exemptionBasis"] = "j",
            ["determinationNumber"] = determination,
            ["determinationDate"] = "2026-11-02"
        };
        return (await services.GetRequiredService<CaseRegister>().CreateAsync(await ActorAsync(services, "kasubid.informasi"), new NewCase(
            null, inputs.ToDictionary(i => i.Key, i => JsonSerializer.SerializeToElement(i.Value))))).Value.Id;
    });

    /// <summary>An officer as a request has him.</summary>
    public static async Task<Actor> ActorAsync(IServiceProvider services, string userName)
    {
        var officer = await services.GetRequiredService<PpidDbContext>().Users.AsNoTracking().SingleAsync(o => o.UserName == userName);
        return (await services.GetRequiredService<OfficerDirectory>().ActorAsync(officer.Id, default))!;
    }

    /// <summary>A service on this database, as a start of the program makes it.</summary>
    public WebApplication Build() => ServiceHost.Build(
    [
        "--environment=Production", "--applicationName=PpidWorkflow.Web", "--urls=http://127.0.0.1:0", $"--Storage:DataPath={_folder}", $"--Database:Provider={Provider}",
        $"--ConnectionStrings:Ppid={Connection}", "--Office:Calendar=AroundTheClock", $"--Mail:Delivery={(_mailPort is null ? "Pickup" : "Smtp")}",
        "--Mail:Smtp:Host=127.0.0.1", $"--Mail:Smtp:Port={_mailPort ?? 25}", "--Mail:Smtp:Security=None",
        .. Silent.Select(source => $"--Serilog:MinimumLevel:{source}=Fatal")
    ], serves: true);

    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = App.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    /// <summary>An open case, work item and clock each, whose next rung is due at the instant given (UTC).</summary>
    public async Task CopyAsync(IEnumerable<DateTimeOffset> fireAt)
    {
        foreach (var chunk in fireAt.Chunk(2000))
        {
            // Alive all the while: on a slow machine the copying itself would look like an outage.
            await BeatAsync();
            await InScopeAsync(services => CopyAsync(services, chunk));
        }
    }

    /// <summary>Tells the database that this process lives.</summary>
    public Task<Outage?> BeatAsync() => InScopeAsync(services => services.GetRequiredService<OutageWatch>().BeatAsync(default));

    /// <summary>As if no node had lived for so long.</summary>
    public Task<int> FallSilentAsync(TimeSpan silence) => InScopeAsync(services =>
    {
        var last = TimeProvider.System.Now() - silence;
        return services.GetRequiredService<PpidDbContext>().NodeHeartbeats.ExecuteUpdateAsync(b => b.SetProperty(x => x.LastBeatAt, last));
    });

    private async Task<bool> CopyAsync(IServiceProvider services, DateTimeOffset[] fireAt)
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var identifiers = services.GetRequiredService<Identifiers>();
        var template = await db.Cases.AsNoTracking().SingleAsync(c => c.Id == _case);
        var instance = await db.Instances.AsNoTracking().SingleAsync(i => i.Id == template.InstanceId);
        var item = await db.WorkItems.AsNoTracking().SingleAsync(w => w.CaseId == _case);
        var bookmark = await db.Bookmarks.AsNoTracking().SingleAsync(b => b.InstanceId == instance.Id);
        var clock = await db.StepClocks.AsNoTracking().SingleAsync(c => c.Id == item.ClockId);
        var received = await db.ClockEvents.AsNoTracking().SingleAsync(e => e.ClockId == clock.Id && e.Kind == "received");
        await using var transaction = await db.Database.BeginTransactionAsync();
        foreach (var at in fireAt)
        {
            var (caseId, instanceId, clockId, n) = (identifiers.Next(), identifiers.Next(), identifiers.Next(), ++_copies);
            // Its journal is not copied.
            Add(db, instance, ("Id", instanceId), ("JournalSequence", 0L));
            Add(db, template, ("Id", caseId), ("InstanceId", instanceId), ("Number", $"TOLOK/{n}"), ("UniqueKey", $"tolok {n}"));
            var copy = Add(db, clock, ("Id", clockId), ("CaseId", caseId), ("InstanceId", instanceId), ("BudgetMs", (long)Standard.TotalMilliseconds));
            Aim(services, copy, at);
            // An outage is credited to what ran by its events.
            db.Entry(copy).Property(c => c.ReceivedAt).CurrentValue = copy.RunningSince!.Value;
            Add(db, received, ("Id", identifiers.Next()), ("ClockId", clockId), ("CaseId", caseId), ("At", copy.ReceivedAt), ("DueAfter", copy.DueAt!.Value));
            Add(db, item, ("Id", identifiers.Next()), ("CaseId", caseId), ("InstanceId", instanceId), ("ClockId", clockId), ("BookmarkId", $"{bookmark.Id}-{n}"),
                ("ReceivedAt", copy.ReceivedAt));
            Add(db, bookmark, ("Id", $"{bookmark.Id}-{n}"), ("InstanceId", instanceId));
        }
        await BulkSave.SaveAsync(db, default);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Open clocks alone, far from due, as many as asked for.</summary>
    public async Task FillClocksAsync(int count)
    {
        var later = TimeProvider.System.Now().AddDays(20);
        for (var done = 0; done < count; done += 10_000)
        {
            await BeatAsync();
            await InScopeAsync(async services =>
            {
                var db = services.GetRequiredService<PpidDbContext>();
                var identifiers = services.GetRequiredService<Identifiers>();
                var clock = await db.StepClocks.AsNoTracking().OrderBy(c => c.Id).FirstAsync();
                await using var transaction = await db.Database.BeginTransactionAsync();
                for (var i = 0; i < Math.Min(10_000, count - done); i++)
                {
                    Aim(services, Add(db, clock, ("Id", identifiers.Next()), ("InstanceId", identifiers.Next()),
                        ("BudgetMs", (long)Standard.TotalMilliseconds)), later.AddSeconds(done + i));
                }
                await BulkSave.SaveAsync(db, default);
                await transaction.CommitAsync();
                return true;
            });
        }
    }

    // Moves the clock's beginning so that its next rung is due exactly then: around the clock every shift is exact.
    private static void Aim(IServiceProvider services, StepClock clock, DateTimeOffset at)
    {
        var keeper = services.GetRequiredService<ClockKeeper>();
        (clock.State, clock.ConsumedMs, clock.RunningSince) = (ClockState.Running, 0, at);
        clock.RunningSince = at - (keeper.DerivedInstants(clock, new HashSet<(int, int)>()).NextFireAt!.Value - at);
        (clock.DueAt, clock.AtRiskAt, clock.NextFireAt) = keeper.DerivedInstants(clock, new HashSet<(int, int)>());
        if (clock.NextFireAt != at)
            throw new InvalidOperationException($"The rung is due at {clock.NextFireAt:O} and not at {at:O}.");
    }

    /// <summary>A copy of a row, with other values.</summary>
    internal static T Add<T>(PpidDbContext db, T template, params (string Property, object Value)[] other) where T : class
    {
        var entry = db.Entry((T)db.Entry(template).CurrentValues.ToObject());
        foreach (var (property, value) in other)
            entry.Property(property).CurrentValue = value;
        entry.State = EntityState.Added;
        return entry.Entity;
    }

    /// <summary>What earlier measurements left in the outbox must not be sent during the next.</summary>
    public Task<int> EmptyOutboxAsync() => InScopeAsync(services => services.GetRequiredService<PpidDbContext>().Outbox
        .Where(m => m.State == OutboxState.Pending)
        .ExecuteUpdateAsync(m => m.SetProperty(x => x.State, OutboxState.Sent).SetProperty(x => x.SentAt, TimeProvider.System.Now())));

    /// <summary>Mails that are owed now.</summary>
    public Task<int> CountUnsentAsync() => InScopeAsync(services =>
    {
        var now = TimeProvider.System.Now();
        return services.GetRequiredService<PpidDbContext>().Outbox.CountAsync(m => m.State == OutboxState.Pending && m.NextAttemptAt <= now);
    });

    /// <summary>Size of the database on disk; of SQLite without the log.</summary>
    public Task<double> BytesAsync() => InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        return (double)await db.Database.SqlQueryRaw<long>(Provider == Databases.PostgreSql
            ? "SELECT pg_database_size(current_database()) AS \"Value\""
            : "SELECT page_count * page_size AS \"Value\" FROM pragma_page_count(), pragma_page_size()").SingleAsync();
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
            return Convert.ToString(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture)!;
        }
        return Provider == Databases.PostgreSql
            ? $"PostgreSQL {await AskAsync("SHOW server_version")}, fsync={await AskAsync("SHOW fsync")}, synchronous_commit={await AskAsync("SHOW synchronous_commit")}"
            : $"SQLite {await AskAsync("SELECT sqlite_version()")}, journal={await AskAsync("PRAGMA journal_mode")}, synchronous={await AskAsync("PRAGMA synchronous")}";
    });

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        if (Provider == Databases.PostgreSql)
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ToString());
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)", connection);
            await command.ExecuteNonQueryAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
