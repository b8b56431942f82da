using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// PostgreSQL: many writers, on one node or several. Every step runs on a snapshot (<see cref="WriteGate.Isolation"/>); of two that change the
/// same rows the later one is refused by the server and run again by <see cref="Committer"/>. All changes of a case meet at the head of its
/// audit chain, all of the administration at theirs, so steps of one case behave as if they had come one after the other.
/// </summary>
public static class PostgreSqlStore
{
    private const string IdleTimeout = "idle_in_transaction_session_timeout";

    /// <summary>Statements whose plans a connection keeps.</summary>
    private const int MostPlans = 200;

    /// <summary>Contexts that wait for the next scope; they hold no connection meanwhile.</summary>
    private const int MostIdleContexts = 128;

    /// <param name="services">Of the host.</param>
    /// <param name="connectionString">As the operator wrote it.</param>
    /// <param name="idleTransactionSeconds"><see cref="DatabaseOptions.IdleTransactionSeconds"/>.</param>
    public static IServiceCollection AddPostgreSqlStore(
        this IServiceCollection services, string connectionString, int idleTransactionSeconds = DatabaseOptions.UsualIdleSeconds)
    {
        connectionString = Completed(connectionString, idleTransactionSeconds);
        services.AddPooledDbContextFactory<PostgreSqlPpidDbContext>(
            options => options
                .UseNpgsql(connectionString, npgsql => npgsql.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery))
                .AddInterceptors(WriteAheadGuard.Instance, OutOfStepConnections.Instance)
                // A lost race is daily bread; what stays a failure the committer or the host writes down.
                .ConfigureWarnings(events => events.Log(
                    (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.OptimisticConcurrencyException, LogLevel.Debug),
                    (RelationalEventId.CommandError, LogLevel.Debug))),
            MostIdleContexts);
        // Under one type only, as on SQLite.
        services.AddScoped<PpidDbContext>(provider =>
        {
            var context = provider.GetRequiredService<IDbContextFactory<PostgreSqlPpidDbContext>>().CreateDbContext();
            context.ForgetStep();
            return context;
        });
        services.AddSingleton(_ => new WriteGate(oneWriter: false));
        return services;
    }

    /// <summary>
    /// Clocks of one half of the cases that are due. By case and not by clock: two that write at once never touch the same audit chain.
    /// </summary>
    /// <param name="db">On PostgreSQL.</param>
    /// <param name="now">The instant up to which they are due.</param>
    /// <param name="half">0 or 1.</param>
    internal static IQueryable<StepClock> DueOfHalf(PpidDbContext db, DateTimeOffset now, int half) => db.StepClocks.FromSql($"""
        SELECT * FROM "StepClocks" WHERE "NextFireAt" <= {now} AND (uuid_hash("CaseId") & 1) = {half}
        """);

    /// <summary>
    /// Lets the present transaction of a copy sit while the other database is written or read: that may take longer than a step that hangs.
    /// </summary>
    public static Task LetRestAsync(PpidDbContext db, CancellationToken cancellation = default) => db.Database.IsNpgsql()
        ? db.Database.ExecuteSqlRawAsync($"SET LOCAL {IdleTimeout} = 0", cancellation)
        : Task.CompletedTask;

    /// <summary>
    /// What the operator has not set himself. A node that hangs within a step keeps its locks, and the others wait for it: after a while the server
    /// ends its session, as if it had died. The questions of every step are the same: each connection keeps its plans of them. And no step leaves
    /// anything in its session, so none has to be cleaned before the next one.
    /// </summary>
    internal static string Completed(string connectionString, int idleTransactionSeconds)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (idleTransactionSeconds > 0 && settings.Options?.Contains(IdleTimeout, StringComparison.OrdinalIgnoreCase) != true)
                settings.Options = string.Create(CultureInfo.InvariantCulture, $"{settings.Options} -c {IdleTimeout}={idleTransactionSeconds}s").Trim();
            var given = new DbConnectionStringBuilder { ConnectionString = connectionString }.Keys.Cast<string>()
                .Select(key => key.Replace(" ", "", StringComparison.Ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (!given.Contains(nameof(settings.MaxAutoPrepare)))
                settings.MaxAutoPrepare = MostPlans;
            if (!given.Contains(nameof(settings.NoResetOnClose)))
                settings.NoResetOnClose = true;
            return settings.ToString();
        }
        catch (ArgumentException)
        {
            // Told with its key when the settings are checked.
            return connectionString;
        }
    }
}
