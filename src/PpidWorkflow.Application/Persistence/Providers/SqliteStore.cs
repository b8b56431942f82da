using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// The embedded default: one file, write-ahead log, <c>synchronous=FULL</c>, so that an answered commit survives the power cut. One writer at
/// a time is SQLite's nature; <see cref="WriteGate"/> makes the queue fair.
/// </summary>
public static class SqliteStore
{
    /// <summary>Contexts that wait for the next scope, each with its open connection; more are made and go when they are not enough.</summary>
    private const int MostIdleContexts = 32;

    public static IServiceCollection AddSqliteStore(this IServiceCollection services, string connectionString)
    {
        services.AddPooledDbContextFactory<SqlitePpidDbContext>(
            options => options
                .UseSqlite(connectionString, sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery))
                .AddInterceptors(Pragmas.Instance, new LastingConnections(connectionString), WriteAheadGuard.Instance, KeptStatements.Instance),
            MostIdleContexts);
        // Under one type only: a container disposes of what each of its registrations made, and a context given back twice would serve two at once.
        services.AddScoped<PpidDbContext>(provider =>
        {
            var context = provider.GetRequiredService<IDbContextFactory<SqlitePpidDbContext>>().CreateDbContext();
            context.ForgetStep();
            // What an earlier scope has opened by hand and left open counts on with a pooled context.
            context.Database.CloseConnection();
            return context;
        });
        services.AddSingleton(provider => new WriteGate(oneWriter: true, file: connectionString, time: provider.GetService<TimeProvider>()));
        return services;
    }

    /// <summary>The file in the data folder, where no connection string says otherwise.</summary>
    public static string ConnectionString(string dataPath) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(dataPath, "ppid.db"),
        ForeignKeys = true,
        DefaultTimeout = 30
    }.ToString();

    /// <summary>Journal mode stays with the file; the rest belongs to each connection.</summary>
    internal static void SetPragmas(DbConnection connection)
    {
        // EF Core looks whether the file exists through a read-only connection, which may not change the journal of a restored copy.
        if (connection.ConnectionString.Contains("Mode=ReadOnly", StringComparison.OrdinalIgnoreCase))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;";
        command.ExecuteNonQuery();
    }

    private sealed class Pragmas : DbConnectionInterceptor
    {
        public static readonly Pragmas Instance = new();

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => SetPragmas(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            SetPragmas(connection);
            return Task.CompletedTask;
        }
    }
}
