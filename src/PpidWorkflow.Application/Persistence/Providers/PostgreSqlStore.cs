using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
            .UseNpgsql(connectionString, npgsql => npgsql.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery)));
        services.AddScoped<PpidDbContext>(sp => sp.GetRequiredService<PostgreSqlPpidDbContext>());
        services.AddSingleton(_ => new WriteGate(oneWriter: false));
        return services;
    }
}
