using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// SQL Server 2019 or newer: many writers, as on PostgreSQL (<see cref="PostgreSqlStore"/>). The snapshots that steps run on must be allowed in
/// the database; the first migration allows them.
/// </summary>
public static class SqlServerStore
{
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
