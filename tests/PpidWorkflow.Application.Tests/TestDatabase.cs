using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests;

/// <summary>A container over a SQLite file of its own, with a clock that stands still until told.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private TestDatabase(ServiceProvider services, WatchedTime time, string folder)
    {
        Services = services;
        Time = time;
        Folder = folder;
    }

    public ServiceProvider Services { get; }

    public WatchedTime Time { get; }

    /// <summary>Holds the database; free for other files, gone afterwards.</summary>
    public string Folder { get; }

    public static async Task<TestDatabase> CreateAsync(Action<IServiceCollection, string>? more = null)
    {
        var folder = Directory.CreateTempSubdirectory("ppid-db-").FullName;
        var time = new WatchedTime(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
        var services = new ServiceCollection();
        services.AddLogging().AddOptions();
        services.AddDbContext<PpidDbContext, SqlitePpidDbContext>(
            options => options.UseSqlite($"Data Source={Path.Combine(folder, "ppid.db")};Pooling=False"));
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton(_ => new WriteGate(oneWriter: true));
        services.AddSingleton<WakeUps>().AddSingleton<Identifiers>().AddSingleton<StorageWatch>();
        services.AddScoped<Committer>().AddScoped<AuditTrail>().AddScoped<Idempotency>();
        services.Configure<StorageOptions>(o => o.DataPath = folder);
        more?.Invoke(services, folder);
        var database = new TestDatabase(services.BuildServiceProvider(validateScopes: true), time, folder);
        await database.InScopeAsync(async provider =>
        {
            var db = provider.GetRequiredService<PpidDbContext>();
            await db.Database.EnsureCreatedAsync();
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL");
            return true;
        });
        return database;
    }

    /// <summary>Each unit of work in a scope of its own, as a request or a job has.</summary>
    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A clock moved by hand that tells how many timers were set on it: who moves it must not do so before somebody waits for it.</summary>
public sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private int _timers;

    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return timer;
    }
}
