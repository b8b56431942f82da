using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Writes the rows of an ordinary step to PostgreSQL in one message, without EF Core's savepoint around them and without a statement's text made
/// anew: it depends on the table and on which columns have changed alone, so that the connection keeps its plan. Revisions are checked as EF Core
/// does.
/// </summary>
internal static class RowBatch
{
    /// <summary>Rows of one message; more are written a table at a time (<see cref="BulkSave"/>).</summary>
    public const int Most = 200;

    /// <summary>Writes inside the transaction in hand.</summary>
    /// <param name="db">On PostgreSQL.</param>
    /// <param name="tables">Whom others refer to first.</param>
    /// <param name="cancellation">Counts until the server has answered.</param>
    /// <exception cref="DbUpdateConcurrencyException">A row was changed by somebody else.</exception>
    public static async Task WriteAsync(PpidDbContext db, List<IGrouping<IEntityType, EntityEntry>> tables, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(
            (NpgsqlConnection)db.Database.GetDbConnection(), (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
        // First what goes, whoever refers to others before these: a key may be given out again by the same commit.
        foreach (var rows in Enumerable.Reverse(tables))
        {
            var table = BulkTable.Of(db, rows.Key);
            foreach (var row in Ordered(table, rows, EntityState.Deleted))
                Identify(Add(batch, table.Delete), table, row);
        }
        foreach (var rows in tables)
        {
            var table = BulkTable.Of(db, rows.Key);
            foreach (var row in rows)
            {
                if (row.State != EntityState.Added)
                    continue;
                var command = Add(batch, table.Insert);
                foreach (var column in table.Columns)
                    Set(command, column, column.Of(row.Entity));
            }
            foreach (var row in Ordered(table, rows, EntityState.Modified))
            {
                if (table.UpdateOf(row) is not { } update)
                    continue;
                var command = Add(batch, update.Sql);
                foreach (var column in update.Set)
                    Set(command, column, column.Of(row.Entity));
                Identify(command, table, row);
            }
        }
        if (batch.BatchCommands.Count == 0)
            return;
        await batch.ExecuteNonQueryAsync(cancellation);
        foreach (var command in batch.BatchCommands)
        {
            if (command.RecordsAffected != 1)
                throw new DbUpdateConcurrencyException($"A row was changed by somebody else: {command.CommandText}");
        }
    }

    // By their keys, so that two steps that change the same rows wait for each other at the first one instead of crosswise.
    private static List<EntityEntry> Ordered(BulkTable table, IEnumerable<EntityEntry> rows, EntityState state)
    {
        var chosen = rows.Where(r => r.State == state).ToList();
        if (chosen.Count > 1)
            chosen.Sort((a, b) => table.Key.Select(k => Compare(k.Of(a.Entity), k.Of(b.Entity))).FirstOrDefault(order => order != 0));
        return chosen;
    }

    private static int Compare(object? a, object? b) =>
        a is string text ? string.CompareOrdinal(text, (string?)b) : System.Collections.Comparer.DefaultInvariant.Compare(a, b);

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    private static void Identify(NpgsqlBatchCommand command, BulkTable table, EntityEntry row)
    {
        foreach (var column in table.Identity)
            Set(command, column, column.Stored(row.Property(column.Property).OriginalValue));
    }

    private static void Set(NpgsqlBatchCommand command, BulkColumn column, object? value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = column.Kind, Value = value ?? DBNull.Value });
}
