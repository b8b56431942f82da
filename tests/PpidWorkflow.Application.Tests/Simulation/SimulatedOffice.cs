using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// The real services of one simulated process on SQLite in memory. The database, the mail server and the vault outlive the process; it can be
/// stopped, die and be started anew. Every office begins as a copy of one template database: officers, calendar, the delivered SOP, and a
/// draft of its revision.
/// </summary>
internal sealed class SimulatedOffice : IAsyncDisposable
{
    public static readonly DateTimeOffset Begin = new(2026, 11, 2, 7, 0, 0, TimeSpan.FromHours(7));

    // What never changes is shared by all processes: as if each had been started from the same build.
    private static readonly Lazy<Task<Template>> Shared = new(BuildTemplateAsync);
    private static readonly MailTemplates MailTexts = new(Path.Combine(AppContext.BaseDirectory, "workflows"));
    private static readonly WorkflowCompiler Compiler = new();
    private static readonly CompiledDefinitions Compiled = new(Compiler);

    private readonly SqliteConnection _connection = new("Data Source=:memory:;Foreign Keys=True");
    private readonly IInterceptor? _saboteur;
    private readonly Dice _jitter;
    private readonly string _folder;
    private ServiceProvider? _services;
    private DateTimeOffset _startedAt;

    private SimulatedOffice(Dice dice, IInterceptor? saboteur)
    {
        _saboteur = saboteur;
        _jitter = dice;
        _folder = Directory.CreateTempSubdirectory("ppid-sim-").FullName;
    }

    /// <summary>The clock of the machine. Set by the simulation only; may be set back.</summary>
    public MachineClock Time { get; } = new(Begin);

    public MailServer MailServer { get; } = new();

    public ProcessFate Fate { get; private set; } = new();

    public Mirror Mirror { get; private set; } = null!;

    public SqliteConnection Connection => _connection;

    public IReadOnlyDictionary<string, Actor> Actors { get; private set; } = new Dictionary<string, Actor>();

    public bool IsUp => _services is not null;

    public static async Task<SimulatedOffice> OpenAsync(Dice dice, IInterceptor? saboteur)
    {
        var template = await Shared.Value;
        var office = new SimulatedOffice(dice, saboteur) { Actors = template.Actors };
        await office._connection.OpenAsync();
        lock (template)
            template.Database.BackupDatabase(office._connection);
        office.Mirror = new Mirror(office._connection);
        await office.StartAsync();
        return office;
    }

    /// <summary>A new process on the same database: what <c>StartUp</c> does of it that concerns running cases.</summary>
    public async Task StartAsync()
    {
        Fate = new ProcessFate();
        _startedAt = Time.Now;
        _services = Build(_connection, Time, _folder, MailServer, new OutboxPace(new SeededRandom(_jitter.Branch())), [Fate, .. _saboteur is null ? [] : new[] { _saboteur }]);
        await AskAsync<RevisionDesk, int>(d => d.EnterDueAsync());
        await AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await AskAsync<OutboxSweep, bool>(async s =>
        {
            await s.ForgetDeadLeasesAsync();
            return true;
        });
    }

    /// <summary>The process is gone, by order or by death.</summary>
    public async Task StopAsync()
    {
        if (_services is null)
            return;
        await _services.DisposeAsync();
        _services = null;
    }

    /// <summary>Asks one service in a scope of its own, as a request does.</summary>
    public async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> question) where TService : notnull
    {
        await using var scope = _services!.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>As the alarm process does after each commit and at each instant it sleeps for; the next instant.</summary>
    public Task<DateTimeOffset?> FireAsync() => AlarmProcess.FireDueAsync(_services!.GetRequiredService<IServiceScopeFactory>(), CancellationToken.None);

    /// <summary>The sign of life that <c>verify</c> judges by: this process has lived since its start.</summary>
    public Task BeatAsync() => AskAsync<PpidDbContext, int>(async db =>
    {
        var beat = await db.NodeHeartbeats.SingleOrDefaultAsync(b => b.NodeId == "sim");
        if (beat is null || beat.StartedAt != _startedAt)
        {
            await db.NodeHeartbeats.Where(b => b.NodeId == "sim").ExecuteDeleteAsync();
            db.ChangeTracker.Clear();
            db.NodeHeartbeats.Add(beat = new NodeHeartbeat { NodeId = "sim", StartedAt = _startedAt });
        }
        beat.LastBeatAt = Time.Now;
        return await db.SaveChangesAsync();
    });

    /// <summary>As the revision process does; the next date of effect.</summary>
    public Task<DateTimeOffset?> EnterRevisionsAsync() =>
        RevisionProcess.EnterDueAsync(_services!.GetRequiredService<IServiceScopeFactory>(), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Mirror?.Dispose();
        await _connection.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static ServiceProvider Build(
        SqliteConnection connection, TimeProvider time, string folder, MailServer server, OutboxPace pace, IReadOnlyList<IInterceptor> interceptors)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.Configure<StorageOptions>(o => o.DataPath = folder);
        services.AddDbContext<SqlitePpidDbContext>(options => options.UseSqlite(connection).AddInterceptors(interceptors));
        services.AddScoped<PpidDbContext>(sp => sp.GetRequiredService<SqlitePpidDbContext>());
        services.AddSingleton(_ => new WriteGate(oneWriter: true));
        services.AddPpidApplication();
        services.AddSingleton(Compiler);
        services.AddSingleton(Compiled);
        services.AddSingleton(MailTexts);
        services.AddSingleton(pace);
        services.RemoveAll<INotificationChannel>();
        services.AddSingleton<INotificationChannel>(server);
        return services.BuildServiceProvider();
    }

    private static async Task<Template> BuildTemplateAsync()
    {
        var connection = new SqliteConnection("Data Source=:memory:;Foreign Keys=True");
        await connection.OpenAsync();
        await using var services = Build(connection, new MachineClock(Begin.AddDays(-1)), "", new MailServer(), new OutboxPace(new Random(1)), []);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PpidDbContext>();
        await db.Database.EnsureCreatedAsync();
        var people = new OfficeRoster(db);
        foreach (var officer in Staff.All)
            people.Add(officer.UserName, officer.Name, officer.Supervisor, officer.Role);
        await db.SaveChangesAsync();
        var workflows = Path.Combine(AppContext.BaseDirectory, "workflows");
        var seeder = scope.ServiceProvider.GetRequiredService<DefinitionSeeder>();
        Assert.All(await seeder.SeedAsync(workflows, "Propose"), outcome => Assert.DoesNotContain(outcome.Problems, p => p.Severity == ProblemSeverity.Error));
        await scope.ServiceProvider.GetRequiredService<CalendarWatch>().ApplyAsync();

        var revised = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(workflows, SopFolder.Slug, "definition.json")))!.AsObject();
        revised.Step("Step2").Set("standardTime", "PT20M");
        revised.Step("Step2").Set("escalation", PrintedSop.InsistentLadder);
        revised.Step("Step4").Set("measuredFrom", "started");
        var draft = await seeder.ImportAsync(Encoding.UTF8.GetBytes(revised.ToJsonString()), SopFolder.Slug, publish: false, inForce: false, null, Staff.Manager);
        Assert.True(draft.Succeeded && draft.Value.Changed);
        return new Template(connection, people.Actors);
    }

    private sealed record Template(SqliteConnection Database, IReadOnlyDictionary<string, Actor> Actors);
}

/// <summary>The machine's clock, which the simulation sets, back as well.</summary>
internal sealed class MachineClock(DateTimeOffset begin) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = begin;

    public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
}

/// <summary>Who works in the simulated office: five officers of the SOP, and two who stand in for them.</summary>
internal sealed record Staff(string UserName, string Name, string? Supervisor, string Role)
{
    public const string Head = "kepala.biro";
    public const string Manager = "pengelola.sop";
    public const string Admin = "admin";

    public string Address => $"{UserName}@ppid.example";

    public static IReadOnlyList<Staff> All { get; } =
    [
        new(Head, "Kepala Biro Umum", null, Roles.UnitPpidHead),
        new("kasubid.informasi", "Dra. Sari Wulan, M.Si.", Head, Roles.InformationHead),
        new("petugas.informasi", "Budi Santoso, A.Md.", "kasubid.informasi", Roles.InformationOfficer),
        new("petugas.informasi.dua", "Citra Dewi", "kasubid.informasi", Roles.InformationOfficer),
        new("kasubid.dokumentasi", "Drs. Rahmat Hidayat", Head, Roles.DocumentationHead),
        new("kasubid.dokumentasi.dua", "Endang Lestari", Head, Roles.DocumentationHead),
        new("petugas.dokumentasi", "Ani Lestari, S.IP.", "kasubid.dokumentasi", Roles.DocumentationOfficer),
        new(Manager, "Pengelola SOP", null, Roles.SopManager),
        new("auditor", "Inspektur Pembantu", null, Roles.Auditor),
        new(Admin, "Administrator", null, Roles.Admin)
    ];

    public static Staff Of(string userName) => All.First(s => s.UserName == userName);

    public static IReadOnlyList<Staff> Holding(string role) => [.. All.Where(s => s.Role == role)];
}
