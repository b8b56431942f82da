using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Persistence;

/// <summary>Brings the database's tables to this version; never touches a database that a newer version has already changed.</summary>
public sealed class SchemaUpgrade(PpidDbContext db)
{
    /// <summary>Migrations applied to the database that this version does not know; empty: it may be opened.</summary>
    public async Task<IReadOnlyList<string>> UnknownMigrationsAsync(CancellationToken cancellation = default) =>
        [.. (await db.Database.GetAppliedMigrationsAsync(cancellation)).Except(db.Database.GetMigrations())];

    /// <summary>Whether the database is reachable and has exactly this version's tables.</summary>
    public async Task<bool> IsCurrentAsync(CancellationToken cancellation = default) =>
        await db.Database.CanConnectAsync(cancellation)
        && !(await db.Database.GetPendingMigrationsAsync(cancellation)).Any()
        && (await UnknownMigrationsAsync(cancellation)).Count == 0;

    public async Task ApplyAsync(CancellationToken cancellation = default)
    {
        if (!(await db.Database.GetPendingMigrationsAsync(cancellation)).Any())
            return;
        await Databases.ForgetDeadMigrationLockAsync(db, cancellation);
        await db.Database.MigrateAsync(cancellation);
    }
}
