using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// A whole office in memory for one path of a rehearsal: the real services on a database that is gone afterwards, the officers of a roster,
/// and a clock that only the rehearsal moves. It shares with the service only what never changes, compiler and calendar: no queue,
/// no wake-ups, no outbox; mails stay rows, files are not taken.
/// </summary>
internal sealed class RehearsalOffice : IAsyncDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:;Foreign Keys=True");
    private readonly ServiceProvider _services;
    private readonly HandClock _clock;

    private RehearsalOffice(DateTimeOffset begin, WorkflowCompiler compiler, OfficeCalendar calendar, EngineOptions engine)
    {
        _clock = new HandClock(begin);
        Calendar = calendar;
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.AddDbContext<SqlitePpidDbContext>(options => options.UseSqlite(_connection));
        services.AddScoped<PpidDbContext>(sp => sp.GetRequiredService<SqlitePpidDbContext>());
        services.AddSingleton(_ => new WriteGate(oneWriter: true) { IsRehearsal = true });
        services.AddPpidApplication();
        services.AddSingleton(compiler);
        services.AddSingleton(calendar);
        services.AddSingleton(engine);
        services.RemoveAll<INotificationChannel>();
        services.RemoveAll<DossierVault>();
        _services = services.BuildServiceProvider();
    }

    public OfficeCalendar Calendar { get; }

    public DateTimeOffset Now => _clock.GetUtcNow();

    public IReadOnlyDictionary<Guid, Actor> Actors { get; private set; } = new Dictionary<Guid, Actor>();

    public static async Task<RehearsalOffice> OpenAsync(
        RehearsalRoster roster, DateTimeOffset begin, WorkflowCompiler compiler, OfficeCalendar calendar, EngineOptions engine,
        CancellationToken cancellation)
    {
        var office = new RehearsalOffice(begin, compiler, calendar, engine);
        try
        {
            await office._connection.OpenAsync(cancellation);
            await office.AskAsync<PpidDbContext, bool>(async db =>
            {
                await db.Database.EnsureCreatedAsync(cancellation);
                await AddOfficersAsync(db, roster, cancellation);
                return true;
            });
            office.Actors = roster.Officers.ToDictionary(o => o.Id, o => new Actor(o.Id, o.UserName, o.DisplayName, o.Roles.ToHashSet()));
            return office;
        }
        catch
        {
            await office.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks one service in a scope of its own, as a request does.</summary>
    public async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> question) where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Fires what is due, as the alarm process would; says when there will be more.</summary>
    public Task<DateTimeOffset?> FireAsync(CancellationToken cancellation) =>
        AlarmProcess.FireDueAsync(_services.GetRequiredService<IServiceScopeFactory>(), cancellation);

    /// <summary>Moves the clock; never back.</summary>
    public void WaitUntil(DateTimeOffset at) => _clock.WaitUntil(at);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task AddOfficersAsync(PpidDbContext db, RehearsalRoster roster, CancellationToken cancellation)
    {
        var roles = roster.Roles.ToDictionary(r => r.Code, r => new OfficeRole
        {
            Id = Guid.CreateVersion7(),
            Name = r.Code,
            NormalizedName = r.Code.ToUpperInvariant(),
            DisplayName = r.Name
        }, StringComparer.OrdinalIgnoreCase);
        db.Roles.AddRange(roles.Values);
        var officers = new Dictionary<Guid, Officer>();
        foreach (var officer in roster.Officers)
        {
            // No mail leaves this office: addresses only tell the officers apart.
            var address = $"{officers.Count + 1}@rehearsal.invalid";
            officers[officer.Id] = new Officer
            {
                Id = officer.Id,
                UserName = officer.UserName,
                NormalizedUserName = officer.UserName.ToUpperInvariant(),
                Email = address,
                NormalizedEmail = address.ToUpperInvariant(),
                DisplayName = officer.DisplayName,
                Position = officer.Position,
                IsActive = officer.IsActive
            };
            db.UserRoles.AddRange(officer.Roles.Where(roles.ContainsKey)
                .Select(code => new IdentityUserRole<Guid> { UserId = officer.Id, RoleId = roles[code].Id }));
        }
        db.Users.AddRange(officers.Values);
        await db.SaveChangesAsync(cancellation);
        // Afterwards: two officers may answer for one another, and neither row could be written first.
        foreach (var officer in roster.Officers.Where(o => o.SupervisorId is { } id && officers.ContainsKey(id)))
            officers[officer.Id].SupervisorId = officer.SupervisorId;
        await db.SaveChangesAsync(cancellation);
    }

    private sealed class HandClock(DateTimeOffset begin) : TimeProvider
    {
        private DateTimeOffset _now = begin;

        public override DateTimeOffset GetUtcNow() => _now;

        public void WaitUntil(DateTimeOffset at) => _now = at > _now ? at : _now;
    }
}
