using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// A whole office on a real database (<see cref="OfficeStore"/>): the real services, the delivered SOP, its officers, and a clock that only the test moves. Begins on
/// Monday 23 November 2026, 08.00 WIB, an ordinary working day.
/// </summary>
public sealed class Office : IAsyncDisposable
{
    public const string InformationHead = "kasubid.informasi";
    public const string InformationOfficer = "petugas.informasi";
    public const string DocumentationHead = "kasubid.dokumentasi";
    public const string DocumentationOfficer = "petugas.dokumentasi";
    public const string UnitHead = "kepala.biro";

    private readonly string _folder;
    private readonly IOfficeStore _store;
    private readonly bool _keep;
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, Actor> _actors = [];
    private int _determination;

    private Office(DateTimeOffset? begin, Action<IServiceCollection>? change, string? folder, bool keep)
    {
        _folder = folder ?? System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        _keep = keep;
        Time = new FakeTimeProvider(begin ?? new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.FromHours(7)));
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.Configure<StorageOptions>(o => o.DataPath = _folder);
        _store = OfficeStore.For(_folder);
        _store.Register(services);
        services.AddPpidApplication();
        change?.Invoke(services);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public FakeTimeProvider Time { get; }

    public string Folder => _folder;

    /// <param name="begin">When the test begins.</param>
    /// <param name="change">Other settings or services.</param>
    /// <param name="roster">More officers.</param>
    /// <param name="folder">Data of an office that was open before.</param>
    /// <param name="keep">Leaves the data for another one.</param>
    public static async Task<Office> OpenAsync(
        DateTimeOffset? begin = null, Action<IServiceCollection>? change = null, Action<OfficeRoster>? roster = null, string? folder = null,
        bool keep = false)
    {
        var office = new Office(begin, change, folder, keep);
        await office.AskAsync<PpidDbContext, bool>(async db =>
        {
            if (!await office._store.CreateAsync(db))
            {
                foreach (var known in await db.Users.ToListAsync())
                {
                    var roles = await (
                        from link in db.UserRoles
                        join role in db.Roles on link.RoleId equals role.Id
                        where link.UserId == known.Id
                        select role.Name!).ToListAsync();
                    office._actors[known.UserName!] = new Actor(known.Id, known.UserName!, known.DisplayName, roles.ToHashSet());
                }
                return true;
            }
            var people = new OfficeRoster(db);
            people.Add(UnitHead, "Kepala Biro Umum", null, Roles.UnitPpidHead);
            people.Add(InformationHead, "Dra. Sari Wulan, M.Si.", UnitHead, Roles.InformationHead);
            people.Add(InformationOfficer, "Budi Santoso, A.Md.", InformationHead, Roles.InformationOfficer);
            people.Add(DocumentationHead, "Drs. Rahmat Hidayat", UnitHead, Roles.DocumentationHead);
            people.Add(DocumentationOfficer, "Ani Lestari, S.IP.", DocumentationHead, Roles.DocumentationOfficer);
            people.Add("auditor", "Inspektur Pembantu", null, Roles.Auditor);
            people.Add("admin", "Administrator", null, Roles.Admin);
            roster?.Invoke(people);
            await db.SaveChangesAsync();
            foreach (var (name, actor) in people.Actors)
                office._actors[name] = actor;
            return true;
        });
        var seeded = await office.AskAsync<DefinitionSeeder, IReadOnlyList<ImportOutcome>>(s =>
            s.SeedAsync(Path.Combine(AppContext.BaseDirectory, "workflows"), "Propose"));
        Assert.All(seeded, outcome => Assert.DoesNotContain(outcome.Problems, p => p.Severity == Engine.Definitions.ProblemSeverity.Error));
        return office;
    }

    public Actor this[string userName] => _actors[userName];

    /// <summary>Asks one service in a scope of its own, as a request does.</summary>
    public async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> question) where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Several services of one scope.</summary>
    public async Task<T> InScopeAsync<T>(Func<ScopedServices, Task<T>> question)
    {
        await using var scope = _services.CreateAsyncScope();
        return await question(new ScopedServices(scope.ServiceProvider));
    }

    public Task<T> RowsAsync<T>(Func<PpidDbContext, Task<T>> question) => AskAsync(question);

    /// <summary>A step of thousands of rows, as the alarms of one instant are.</summary>
    public Task<Result<T>> RunManyAsync<T>(Func<PpidDbContext, Task<Result<T>>> step) => InScopeAsync(
        scope => scope.Get<Committer>().RunManyAsync(() => step(scope.Get<PpidDbContext>()), default));

    /// <summary>Changes rows behind the service's back.</summary>
    public Task TamperAsync(string sql) => RowsAsync(db => db.Database.ExecuteSqlRawAsync(_store.Dialect(sql, db.Model)));

    /// <summary>The database takes no change, or takes them again.</summary>
    public Task RefuseWritesAsync(bool refuse) => InScopeAsync(async services =>
    {
        var db = services.Get<PpidDbContext>();
        await _store.RefuseWritesAsync(db, refuse);
        // Steps share a connection of their own there.
        if (_store is SqliteOffice)
        {
            await services.Get<Committer>().RunAsync<bool>(async () =>
            {
                await _store.RefuseWritesAsync(db, refuse);
                return true;
            });
        }
        return true;
    });

    /// <summary>Fails every insertion of a mail with this template; null: no more.</summary>
    public Task FailMailAsync(string? template) => RowsAsync(db => _store.FailMailAsync(db, template));

    public async Task<CaseView> OpenCaseAsync(string title = "Laporan hasil pemeriksaan internal", string by = InformationHead)
    {
        var result = await TryOpenCaseAsync(Inputs(title), by);
        return result.Value;
    }

    public Task<Result<CaseView>> TryOpenCaseAsync(Dictionary<string, object?> inputs, string by = InformationHead) =>
        AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(this[by], new NewCase(
            null, inputs.ToDictionary(i => i.Key, i => JsonSerializer.SerializeToElement(i.Value)))));

    public Dictionary<string, object?> Inputs(string title = "Laporan hasil pemeriksaan internal") => new()
    {
        ["title"] = title,
        ["exemptionBasis"] = "j",
        ["determinationNumber"] = $"188.44/{++_determination}/2026",
        ["determinationDate"] = "2026-11-02"
    };

    public Task<CaseView> CaseAsync(Guid id) => AskAsync<CaseRegister, CaseView>(async r => (await r.GetAsync(this[UnitHead], id)).Value);

    /// <summary>The one open work item of a case.</summary>
    public async Task<TaskView> OpenTaskAsync(Guid caseId, string? asSeenBy = null)
    {
        var id = await RowsAsync(db => db.WorkItems.Where(w => w.CaseId == caseId && w.Closure == WorkItemClosure.Open).Select(w => w.Id).SingleAsync());
        return (await AskAsync<TaskInbox, Result<TaskView>>(i => i.GetAsync(this[asSeenBy ?? UnitHead], id))).Value;
    }

    public Task<Result<TaskView>> InboxAsync(Func<TaskInbox, Task<Result<TaskView>>> act) => AskAsync(act);

    public async Task<Result<TaskView>> CompleteAsync(TaskView task, string by, Completion? completion = null) =>
        await InboxAsync(i => i.CompleteAsync(this[by], task.Id, (completion ?? new Completion()) with { Revision = task.Revision }));

    /// <summary>Completes the open step as its performer would, with the least it wants.</summary>
    public async Task<TaskView> CompleteOpenAsync(Guid caseId)
    {
        var task = await OpenTaskAsync(caseId);
        var by = task.Assignee!.UserName;
        var completion = (task.Step.Label, task.Step.Act) switch
        {
            (_, "assign") => new Completion { AssignTo = task.Assignable![0] },
            (_, "prepare") => new Completion { Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan, satu jilid", 1, "asli")] } },
            (_, "document") => new Completion
            {
                Fields = new CompletionFields
                {
                    Location = new LocationView("Gedung B", "Lemari 2", null, "A", null, null),
                    MissingMedia = task.Files.Any(f => f.ReplacedById is null) ? null : [new MissingMediumView("softcopy", "Belum dipindai")]
                }
            },
            _ => null
        };
        var result = await CompleteAsync(task, by, completion);
        Assert.True(result.Succeeded, result.Succeeded ? "" : $"{task.Step.Label}: {result.Problems[0]}");
        return result.Value;
    }

    /// <summary>Walks a case to the step with this label, which is then open.</summary>
    public async Task<TaskView> WalkToAsync(Guid caseId, string label)
    {
        while (true)
        {
            var task = await OpenTaskAsync(caseId);
            if (task.Step.Label == label)
                return (await InboxAsync(i => i.GetAsync(this[task.Assignee?.UserName ?? UnitHead], task.Id))).Value;
            await CompleteOpenAsync(caseId);
        }
    }

    public Task<Result<FileView>> UploadAsync(TaskView task, string by, string name, string content, Guid? replaces = null) =>
        AskAsync<Archive.DossierVault, Result<FileView>>(async v =>
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content));
            return await v.AddAsync(this[by], task.Id, name, "application/pdf", stream, replaces);
        });

    /// <summary>Moves the clock, then fires what came due, as the alarm process would.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        Time.Advance(by);
        await FireAsync();
    }

    public Task FireAsync() => FireAsync(AlarmProcess.Batch);

    /// <param name="batch">Clocks in one commit.</param>
    public Task FireAsync(int batch) =>
        AlarmProcess.FireDueAsync(_services.GetRequiredService<IServiceScopeFactory>(), CancellationToken.None, batch);

    public Task<List<OutboxMessage>> MailAsync() => RowsAsync(db => db.Outbox.AsNoTracking().OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).ToListAsync());

    public async Task<IReadOnlyList<string>> ViolatedAsync() =>
        [.. (await AskAsync<Guarantees, IReadOnlyList<GuaranteeReading>>(g => g.ReadAsync(deep: true))).Where(g => g.Violations > 0).Select(g => g.Name)];

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_keep)
            return;
        await _store.DropAsync();
        System.IO.Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Services of one scope, as one request has them.</summary>
public sealed class ScopedServices(IServiceProvider services)
{
    public T Get<T>() where T : notnull => services.GetRequiredService<T>();
}

/// <summary>Officers, their roles and supervisors, as rows.</summary>
public sealed class OfficeRoster(PpidDbContext db)
{
    private readonly Dictionary<string, OfficeRole> _roles = [];
    private readonly Dictionary<string, Officer> _officers = [];

    public Dictionary<string, Actor> Actors { get; } = [];

    public void Add(string userName, string displayName, string? supervisor, params string[] roles)
    {
        var officer = new Officer
        {
            Id = Guid.CreateVersion7(),
            UserName = userName,
            NormalizedUserName = userName.ToUpperInvariant(),
            Email = $"{userName}@ppid.example",
            NormalizedEmail = $"{userName}@ppid.example".ToUpperInvariant(),
            DisplayName = displayName,
            SupervisorId = supervisor is null ? null : _officers[supervisor].Id
        };
        _officers[userName] = officer;
        db.Users.Add(officer);
        foreach (var code in roles)
        {
            if (!_roles.TryGetValue(code, out var role))
            {
                _roles[code] = role = new OfficeRole { Id = Guid.CreateVersion7(), Name = code, NormalizedName = code, DisplayName = code };
                db.Roles.Add(role);
            }
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = officer.Id, RoleId = role.Id });
        }
        Actors[userName] = new Actor(officer.Id, userName, displayName, roles.ToHashSet());
    }
}
