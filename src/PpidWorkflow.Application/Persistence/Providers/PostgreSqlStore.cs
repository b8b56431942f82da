using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// PostgreSQL: many writers, on one node or several. Every step runs on a snapshot (<see cref="WriteGate.Isolation"/>); of two that change the
/// same rows the later one is refused by the server and run again by <see cref="Committer"/>. All changes of a case meet at the head of its
/// audit chain, all of the administration at theirs, so steps of one case behave as if they had come one after the other.
/// </summary>
public static class PostgreSqlStore
{
    public static IServiceCollection AddPostgreSqlStore(this IServiceCollection services, string connectionString)
    {
        services.AddDbContext<PostgreSqlPpidDbContext>(options => options
            .UseNpgsql(connectionString, npgsql => npgsql.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery))
            // A lost race is daily bread; what stays a failure the committer or the host writes down.
            .ConfigureWarnings(events => events.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.OptimisticConcurrencyException, LogLevel.Debug),
                (RelationalEventId.CommandError, LogLevel.Debug))));
        services.AddScoped<PpidDbContext>(sp => sp.GetRequiredService<PostgreSqlPpidDbContext>());
        services.AddSingleton(_ => new WriteGate(oneWriter: false));
        return services;
    }
}
