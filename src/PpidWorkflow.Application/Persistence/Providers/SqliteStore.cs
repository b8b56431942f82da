using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>The embedded default: one file in the data folder, WAL (EF Core creates it so), every commit synced to disk.</summary>
public static class SqliteStore
{
    public const string Name = "Sqlite";

    /// <param name="dataPath">Absolute data folder.</param>
    public static string DefaultConnectionString(string dataPath) =>
        new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataPath, "ppid.db"), ForeignKeys = true }.ToString();

    public static void Use(DbContextOptionsBuilder builder, string connectionString) =>
        builder.UseSqlite(connectionString).AddInterceptors(SyncEveryCommit.Instance);

    /// <summary>
    /// EF Core's lock against two migrating processes is a row that a killed process leaves behind, and the next start would wait for it for
    /// ever. A migration of this file takes seconds, so a lock older than a minute has no owner any more.
    /// </summary>
    public static async Task ForgetDeadMigrationLockAsync(PpidDbContext db, CancellationToken cancellation)
    {
        const string exists = "SELECT COUNT(*) AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'";
        if (await db.Database.SqlQueryRaw<int>(exists).SingleAsync(cancellation) > 0)
            await db.Database.ExecuteSqlRawAsync("DELETE FROM __EFMigrationsLock WHERE Timestamp < datetime('now', '-1 minute')", cancellation);
    }

    /// <summary>A setting of the connection, not of the file: WAL would otherwise sync at checkpoints only, if a build's default said so.</summary>
    private sealed class SyncEveryCommit : DbConnectionInterceptor
    {
        public static readonly SyncEveryCommit Instance = new();

        private const string SetUp = "PRAGMA synchronous = FULL";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = SetUp;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = SetUp;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}

/// <summary>For <c>dotnet ef</c> (dev/add-migration.sh): a context without a host; the file is never opened.</summary>
public sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqlitePpidDbContext>
{
    public SqlitePpidDbContext CreateDbContext(string[] args)
    {
        var builder = new DbContextOptionsBuilder<SqlitePpidDbContext>();
        SqliteStore.Use(builder, "Data Source=design-time.db");
        return new SqlitePpidDbContext(builder.Options);
    }
}
