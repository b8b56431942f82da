using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// Sees that a newer version has upgraded the database under this running process (a rolling upgrade). From then on this one writes nothing
/// (<see cref="WriteGate.NewerSchema"/>), says so once in its log, and answers what would write with <c>schema-newer</c>. A database that was put
/// back is written to again.
/// </summary>
public sealed class SchemaWatch(PpidDbContext db, WriteGate gate, ILogger<SchemaWatch> logger)
{
    /// <returns>Whether this process may write.</returns>
    public async Task<bool> FollowAsync(CancellationToken cancellation = default)
    {
        // One question, as it is asked with every heartbeat.
        var applied = await db.Database.SqlQueryRaw<string>("SELECT \"MigrationId\" AS \"Value\" FROM \"__EFMigrationsHistory\"").ToListAsync(cancellation);
        var newer = applied.Except(db.Database.GetMigrations()).Order(StringComparer.Ordinal).LastOrDefault();
        if (newer is not null && gate.NewerSchema is null)
        {
            logger.LogError(
                "The database has been upgraded by a newer version (migration {Migration}): this node writes nothing any more; stop it and start that version", newer);
        }
        gate.NewerSchema = newer;
        return newer is null;
    }
}
