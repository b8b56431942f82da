using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// SQL Server 2019 or newer: many writers, as on PostgreSQL (<see cref="PostgreSqlStore"/>). The snapshots that steps run on must be allowed in
/// the database; <see cref="SchemaUpgrade"/> sees to it.
/// </summary>
public static class SqlServerStore
{
    /// <summary>Outside a transaction; does nothing where it is so already.</summary>
    public const string AllowSnapshots =
        "IF (SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()) = 0 ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON";

    public static IServiceCollection AddSqlServerStore(this IServiceCollection services, string connectionString)
    {
        services.AddDbContext<SqlServerPpidDbContext>(options => options
            .UseSqlServer(connectionString, server => server.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery))
            // As on PostgreSQL: a lost race is daily bread.
            .ConfigureWarnings(events => events.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.OptimisticConcurrencyException, LogLevel.Debug),
                (RelationalEventId.CommandError, LogLevel.Debug))));
        services.AddScoped<PpidDbContext>(sp => sp.GetRequiredService<SqlServerPpidDbContext>());
        services.AddSingleton(_ => new WriteGate(oneWriter: false, IsolationLevel.Snapshot));
        return services;
    }
}
