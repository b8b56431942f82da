using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Persistence;

/// <summary>Brings the database's tables to this version; never touches a database that a newer version has already changed.</summary>
public sealed class SchemaUpgrade(PpidDbContext db)
{
    /// <summary>Migrations applied to the database that this version does not know; empty: it may be opened.</summary>
    public async Task<IReadOnlyList<string>> UnknownMigrationsAsync(CancellationToken cancellation = default) =>
        [.. (await db.Database.GetAppliedMigrationsAsync(cancellation)).Except(db.Database.GetMigrations())];

    /// <summary>The embedded file, which belongs to this process alone; false: a server's database.</summary>
    public bool IsEmbedded => db.Database.IsSqlite();

    /// <summary>Migrations of this version that the database does not have, oldest first; all of them where it does not exist yet.</summary>
    /// <exception cref="System.Data.Common.DbException">Its server cannot be asked: that is no new database.</exception>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken cancellation = default) =>
        await ExistsAsync(cancellation)
            ? [.. await db.Database.GetPendingMigrationsAsync(cancellation)]
            : [.. db.Database.GetMigrations()];

    /// <summary>Whether nothing has ever been migrated here: there is nothing to back up.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellation = default) =>
        !await ExistsAsync(cancellation) || !(await db.Database.GetAppliedMigrationsAsync(cancellation)).Any();

    /// <summary>Whether the database is reachable and has exactly this version's tables.</summary>
    public async Task<bool> IsCurrentAsync(CancellationToken cancellation = default) =>
        await db.Database.CanConnectAsync(cancellation)
        && !(await db.Database.GetPendingMigrationsAsync(cancellation)).Any()
        && (await UnknownMigrationsAsync(cancellation)).Count == 0;

    private Task<bool> ExistsAsync(CancellationToken cancellation) => db.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellation);

    /// <summary>
    /// What keeps this database from taking a restore or a copy: the first table that has rows, the newest migration of an older or newer version's
    /// tables, or <c>*</c> where somebody else's tables are; null: nothing, it is new or has this version's tables without rows. Changes nothing:
    /// a database in use that is named by mistake must not be upgraded before it is refused.
    /// </summary>
    public async Task<string?> OccupiedByAsync(CancellationToken cancellation = default)
    {
        if (!await ExistsAsync(cancellation))
            return null;
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellation)).ToList();
        if (applied.Count == 0)
            return await db.GetService<IRelationalDatabaseCreator>().HasTablesAsync(cancellation) ? "*" : null;
        if (!applied.SequenceEqual(db.Database.GetMigrations()))
            return applied[^1];
        return await DatabaseCopy.OccupiedAsync(db, cancellation) is [var occupied, ..] ? occupied : null;
    }

    public async Task ApplyAsync(CancellationToken cancellation = default)
    {
        if ((await db.Database.GetPendingMigrationsAsync(cancellation)).Any())
        {
            await Databases.ForgetDeadMigrationLockAsync(db, cancellation);
            await db.Database.MigrateAsync(cancellation);
        }
        // Each time: a migration that was cut off after its tables, or a database made by other tools, would stay without.
        if (db.Database.IsSqlServer())
            await db.Database.ExecuteSqlRawAsync(SqlServerStore.AllowSnapshots, cancellation);
        await CaseSearch.EnsureAsync(db, cancellation);
    }
}
