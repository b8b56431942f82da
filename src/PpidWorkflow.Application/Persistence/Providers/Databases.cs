using System.Data.SqlTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Chooses the database (<c>Database:Provider</c>, <c>ConnectionStrings:Ppid</c>). A new provider is a file beside this one and a line
/// here.
/// </summary>
public static class Databases
{
    public const string Sqlite = "Sqlite";
    public const string PostgreSql = "PostgreSql";
    public const string SqlServer = "SqlServer";

    /// <summary>Values of <c>Database:Provider</c>.</summary>
    public static IReadOnlyList<string> Known { get; } = [Sqlite, PostgreSql, SqlServer];

    /// <summary>As <see cref="Known"/> spells it, whatever the capitals; null: none of them.</summary>
    public static string? Find(string? provider) => Known.FirstOrDefault(k => k.Equals(provider, StringComparison.OrdinalIgnoreCase));

    /// <summary>What cannot work is left to the options' validation, which names the key; until then a default stands in for it.</summary>
    public static IServiceCollection AddPpidDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        var dataPath = Path.GetFullPath(
            configuration["Storage:DataPath"] is { } path && !string.IsNullOrWhiteSpace(path) ? path : new StorageOptions().DataPath);
        var given = configuration.GetConnectionString("Ppid");
        _ = Find(configuration["Database:Provider"]) switch
        {
            PostgreSql => services.AddPostgreSqlStore(
                given ?? "", int.TryParse(configuration["Database:IdleTransactionSeconds"], out var seconds) ? seconds : DatabaseOptions.UsualIdleSeconds),
            SqlServer => services.AddSqlServerStore(given ?? ""),
            _ => services.AddSqliteStore(string.IsNullOrWhiteSpace(given) ? SqliteStore.ConnectionString(dataPath) : given)
        };
        services.AddScoped<SchemaUpgrade>();
        services.AddScoped<SchemaWatch>();
        return services;
    }

    /// <summary>A database beside the configured one, without a container: source or target of a copy.</summary>
    /// <param name="provider">One of <see cref="Known"/>.</param>
    /// <param name="connection">For SQLite too a connection string.</param>
    public static PpidDbContext Open(string provider, string connection) => provider switch
    {
        PostgreSql => new PostgreSqlPpidDbContext(new DbContextOptionsBuilder<PostgreSqlPpidDbContext>().UseNpgsql(connection).Options),
        SqlServer => new SqlServerPpidDbContext(new DbContextOptionsBuilder<SqlServerPpidDbContext>().UseSqlServer(connection).Options),
        _ => new SqlitePpidDbContext(new DbContextOptionsBuilder<SqlitePpidDbContext>().UseSqlite(connection).Options)
    };

    /// <summary>Ids as the database orders them, for lists that are put together of several of its answers.</summary>
    public static Comparison<Guid> OrderOfIds(PpidDbContext db) =>
        db.Database.IsSqlServer() ? (a, b) => new SqlGuid(a).CompareTo(new SqlGuid(b)) : (a, b) => a.CompareTo(b);

    /// <summary>
    /// EF Core's lock against two migrating processes is a row on SQLite: a killed process leaves it behind, and the next start would wait
    /// for it for ever. A migration of this file takes seconds, so a lock older than a minute has no owner any more.
    /// </summary>
    public static async Task ForgetDeadMigrationLockAsync(PpidDbContext db, CancellationToken cancellation)
    {
        if (!db.Database.IsSqlite() || !await db.Database.CanConnectAsync(cancellation))
            return;
        const string exists = "SELECT COUNT(*) AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'";
        if (await db.Database.SqlQueryRaw<int>(exists).SingleAsync(cancellation) > 0)
            await db.Database.ExecuteSqlRawAsync("DELETE FROM __EFMigrationsLock WHERE Timestamp < datetime('now', '-1 minute')",
                cancellation);
    }
}

/// <summary>For <c>dotnet ef</c> (dev/add-migration.sh): a context without a host; no database is opened.</summary>
public sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqlitePpidDbContext>
{
    public SqlitePpidDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlitePpidDbContext>().UseSqlite("Data Source=design-time.db").Options);
}

/// <summary>The same for PostgreSQL.</summary>
public sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<PostgreSqlPpidDbContext>
{
    public PostgreSqlPpidDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgreSqlPpidDbContext>().UseNpgsql("Host=localhost;Database=design-time").Options);
}

/// <summary>The same for SQL Server.</summary>
public sealed class SqlServerDesignTimeFactory : IDesignTimeDbContextFactory<SqlServerPpidDbContext>
{
    public SqlServerPpidDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlServerPpidDbContext>().UseSqlServer("Server=localhost;Database=design-time").Options);
}
