using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
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
    private const long BeatMs = 15_000;

    public static readonly DateTimeOffset Begin = new(2026, 11, 2, 7, 0, 0, TimeSpan.FromHours(7));

    private static readonly Lazy<Task<Template>> Shared = new(BuildTemplateAsync);

    private readonly SqliteConnection _connection = new("Data Source=:memory:;Foreign Keys=True");
    private readonly IInterceptor? _saboteur;
    private readonly Dice _jitter;
    private readonly string _folder;
    private readonly Machine _machine = Machine.Take();
    private readonly SqliteCommand _beatRow;
    private long _startedAt;
    private long _beatAt;

    private SimulatedOffice(Dice dice, IInterceptor? saboteur)
    {
        _saboteur = saboteur;
        _jitter = dice;
        _folder = Directory.CreateTempSubdirectory("ppid-sim-").FullName;
        _beatRow = _connection.CreateCommand();
        _beatRow.CommandText = "UPDATE NodeHeartbeats SET LastBeatAt = $at WHERE NodeId = $node";
        _beatRow.Parameters.Add("$at", SqliteType.Text);
        _beatRow.Parameters.Add("$node", SqliteType.Text);
    }

    /// <summary>The clock of the machine. Set by the simulation only; may be set back.</summary>
    public MachineClock Time { get; } = new(Begin);

    public MailServer MailServer { get; } = new();

    public ProcessFate Fate { get; private set; } = new();

    public Mirror Mirror { get; private set; } = null!;

    public SqliteConnection Connection => _connection;

    public IReadOnlyDictionary<string, Actor> Actors { get; private set; } = new Dictionary<string, Actor>();

    public bool IsUp => _machine.IsUp;

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
        _startedAt = _beatAt = Time.Real;
        _machine.Start(new ProcessMemory(
            _connection, Time, MailServer, _folder, new OutboxPace(new SeededRandom(_jitter.Branch())), [Fate, .. _saboteur is null ? [] : new[] { _saboteur }]));
        await AskAsync<RevisionDesk, int>(d => d.EnterDueAsync());
        await AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await AskAsync<OutageWatch, Outage?>(w => w.BeatAsync(CancellationToken.None));
        await AskAsync<OutboxSweep, bool>(async s =>
        {
            await s.ForgetDeadLeasesAsync();
            return true;
        });
    }

    /// <summary>The process is gone, by order or by death.</summary>
    public void Stop() => _machine.Stop();

    /// <summary>Asks one service in a scope of its own, as a request does.</summary>
    public Task<T> AskAsync<TService, T>(Func<TService, Task<T>> question) where TService : notnull => _machine.AskAsync(question);

    /// <summary>As the alarm process does after each commit and at each instant it sleeps for; the next instant.</summary>
    public Task<DateTimeOffset?> FireAsync() => AlarmProcess.FireDueAsync(_machine.Scopes, CancellationToken.None);

    /// <summary>
    /// The beats of the process between two events, written as the last of them: each would have done nothing but replace the one before.
    /// </summary>
    /// <param name="now">Real time, milliseconds since 1970.</param>
    /// <returns>What that beat says, by the machine's clock; null: none was due.</returns>
    public long? KeepBeating(long now)
    {
        var beat = now - (now - _startedAt) % BeatMs;
        if (!IsUp || beat <= _beatAt)
            return null;
        _beatAt = beat;
        Time.Set(beat);
        var pulse = _machine.Get<ServicePulse>();
        _beatRow.Parameters[0].Value = Time.Now.UtcDateTime;
        _beatRow.Parameters[1].Value = pulse.NodeId;
        if (_beatRow.ExecuteNonQuery() != 1)
            throw new InvalidOperationException("The process lives, and has no heartbeat.");
        pulse.Beat(Time.Now);
        var told = Time.Now.ToUnixTimeMilliseconds();
        Time.Set(now);
        return told;
    }

    /// <summary>As the revision process does; the next date of effect.</summary>
    public Task<DateTimeOffset?> EnterRevisionsAsync() =>
        RevisionProcess.EnterDueAsync(_machine.Scopes, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _beatRow.DisposeAsync();
        Mirror?.Dispose();
        await _connection.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Template> BuildTemplateAsync()
    {
        var connection = new SqliteConnection("Data Source=:memory:;Foreign Keys=True");
        await connection.OpenAsync();
        using var machine = Machine.Take();
        machine.Start(new ProcessMemory(connection, new MachineClock(Begin.AddDays(-1)), new MailServer(), "", new OutboxPace(new Random(1)), []));
        var actors = await machine.AskAsync<PpidDbContext, IReadOnlyDictionary<string, Actor>>(async db =>
        {
            await db.Database.EnsureCreatedAsync();
            var people = new OfficeRoster(db);
            foreach (var officer in Staff.All)
                people.Add(officer.UserName, officer.Name, officer.Supervisor, officer.Role);
            db.Roles.Add(new OfficeRole
            {
                Id = Guid.CreateVersion7(),
                Name = PrintedSop.VacantRole,
                NormalizedName = PrintedSop.VacantRole,
                DisplayName = "Kasubid Arsip"
            });
            await db.SaveChangesAsync();
            return people.Actors;
        });
        await machine.AskAsync<DefinitionSeeder, bool>(async seeder =>
        {
            var workflows = Path.Combine(AppContext.BaseDirectory, "workflows");
            Assert.All(await seeder.SeedAsync(workflows, "Propose"), outcome => Assert.DoesNotContain(outcome.Problems, p => p.Severity == ProblemSeverity.Error));
            var revised = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(workflows, SopFolder.Slug, "definition.json")))!.AsObject();
            revised.Step("Step2").Set("standardTime", "PT20M");
            revised.Step("Step2").Set("escalation", PrintedSop.InsistentLadder);
            revised.Step("Step3").Set("escalation", PrintedSop.RelievingLadder);
            revised.Step("Step4").Set("measuredFrom", "started");
            revised.Step("Step4").Set("escalation", PrintedSop.AwaitingLadder);
            revised.Step("Step5").Set("measuredFrom", "started");
            revised.Step("Step5").Set("escalation", PrintedSop.HelpingLadder);
            var draft = await seeder.ImportAsync(
                Encoding.UTF8.GetBytes(revised.ToJsonString()), SopFolder.Slug, publish: false, inForce: false, null, Staff.Manager);
            Assert.True(draft.Succeeded && draft.Value.Changed);
            return true;
        });
        await machine.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return new Template(connection, actors);
    }

    private sealed record Template(SqliteConnection Database, IReadOnlyDictionary<string, Actor> Actors);
}

/// <summary>The machine's clock, which the simulation sets, back as well; its monotonic one follows the real time.</summary>
internal sealed class MachineClock(DateTimeOffset begin) : TimeProvider
{
    /// <summary>Milliseconds since 1970.</summary>
    public long Real { get; private set; } = begin.ToUnixTimeMilliseconds();

    /// <summary>How far the clock is ahead of the real time, milliseconds.</summary>
    public long Skew { get; set; }

    /// <summary>What the machine takes for the time.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Real + Skew);

    public override long TimestampFrequency => 1000;

    public void Set(long real) => Real = real;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Real;
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

    /// <summary>Those whose absence the SOP feels: its officers and heads, and the head of the unit.</summary>
    public static IReadOnlyList<Staff> OfTheSop { get; } = [.. All.Take(7)];

    private static readonly Dictionary<string, Staff> ByName = All.ToDictionary(s => s.UserName);
    private static readonly Dictionary<string, IReadOnlyList<Staff>> ByRole = All.GroupBy(s => s.Role)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<Staff>)[.. g.OrderBy(s => s.Name, StringComparer.Ordinal)]);

    public static Staff Of(string userName) => ByName[userName];

    /// <summary>Whose own role it is, by name.</summary>
    public static IReadOnlyList<Staff> Holding(string role) => ByRole.GetValueOrDefault(role, []);
}
