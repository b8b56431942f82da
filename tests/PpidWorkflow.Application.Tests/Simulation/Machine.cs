using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// What one simulated process keeps in memory: the application's singletons, made when first asked for, and gone with it. And what it sees of
/// the world: database, clock, mail server, data folder.
/// </summary>
internal sealed class ProcessMemory(
    SqliteConnection connection, TimeProvider time, INotificationChannel mailServer, string folder, OutboxPace pace, IReadOnlyList<IInterceptor> interceptors)
{
    private readonly Dictionary<Type, object> _singletons = new() { [typeof(OutboxPace)] = pace };

    private readonly PooledDbContextFactory<SqlitePpidDbContext> _contexts = new(
        new DbContextOptionsBuilder<SqlitePpidDbContext>().UseSqlite(connection).AddInterceptors(interceptors).AddInterceptors(KeptStatements.Instance).Options);

    public TimeProvider Time => time;

    public INotificationChannel MailServer => mailServer;

    public IOptions<StorageOptions> Storage { get; } = Options.Create(new StorageOptions { DataPath = folder });

    public SqlitePpidDbContext NewContext() => _contexts.CreateDbContext();

    public object Get(Type type, Func<object> make) => _singletons.TryGetValue(type, out var known) ? known : _singletons[type] = make();
}

/// <summary>
/// The machine that processes run on, one after the other: the container of the real registrations, built once. A process that is gone leaves
/// nothing on it (<see cref="ProcessMemory"/>); what only the program text decides, such as how a service is put together, is worked out once.
/// </summary>
internal sealed class Machine : IDisposable
{
    // Definitions, compiled, and mail templates never change: as if each process had been started from the same build.
    private static readonly MailTemplates MailTexts = new(Path.Combine(AppContext.BaseDirectory, "workflows")) { Patience = TimeSpan.FromMinutes(5) };
    private static readonly WorkflowCompiler Compiler = new();
    private static readonly CompiledDefinitions Compiled = new(Compiler);
    private static readonly ConcurrentBag<Machine> Free = [];

    private readonly ServiceProvider _services;
    private ProcessMemory? _memory;

    private Machine()
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.AddScoped(_ => Memory.Time);
        services.AddScoped(_ => Memory.Storage);
        services.AddScoped<PpidDbContext>(_ => Memory.NewContext());
        services.AddSingleton(_ => new WriteGate(oneWriter: true));
        services.AddPpidApplication();
        // Nothing is checked by itself: the life is held against the invariants after each event.
        services.Configure<GuaranteeOptions>(guarantees => guarantees.CheckMinutes = 0);
        // Those that end with the process instead of with the container. A gate is free again whatever the process died of.
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { Lifetime: ServiceLifetime.Singleton, ImplementationInstance: null } single
                && single.ServiceType.Namespace?.StartsWith("PpidWorkflow.", StringComparison.Ordinal) == true
                && !typeof(IDisposable).IsAssignableFrom(single.ServiceType))
            {
                services[i] = ServiceDescriptor.Scoped(single.ServiceType, sp => Memory.Get(
                    single.ServiceType,
                    () => single.ImplementationFactory?.Invoke(sp) ?? ActivatorUtilities.CreateInstance(sp, single.ImplementationType!)));
            }
        }
        services.AddSingleton(Compiler);
        services.AddSingleton(Compiled);
        services.AddSingleton(MailTexts);
        services.RemoveAll<INotificationChannel>();
        services.AddScoped(_ => Memory.MailServer);
        _services = services.BuildServiceProvider();
    }

    /// <summary>A process runs.</summary>
    public bool IsUp => _memory is not null;

    private ProcessMemory Memory => _memory ?? throw new InvalidOperationException("No process runs on this machine.");

    /// <summary>One that nobody uses; to be given back by <see cref="Dispose"/>.</summary>
    public static Machine Take() => Free.TryTake(out var machine) ? machine : new Machine();

    public void Start(ProcessMemory memory) => _memory = memory;

    /// <summary>The process is gone, and all that it had in memory.</summary>
    public void Stop() => _memory = null;

    public IServiceScopeFactory Scopes => _services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Asks one service in a scope of its own, as a request does.</summary>
    public async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> question) where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>One of the process's singletons.</summary>
    public TService Get<TService>() where TService : notnull
    {
        using var scope = _services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<TService>();
    }

    /// <summary>Free for others again.</summary>
    public void Dispose()
    {
        Stop();
        Free.Add(this);
    }
}
