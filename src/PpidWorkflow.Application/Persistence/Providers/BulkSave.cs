using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Saves what a unit of work holds, in the change tracker and beside it (<see cref="BulkRows"/>), as <c>SaveChanges</c> would, concurrency tokens
/// included, but without its price: on SQLite by one prepared statement a table, on PostgreSQL a step's rows in one message (<see cref="RowBatch"/>),
/// thousands by binary <c>COPY</c> and one <c>UPDATE</c> from arrays. Elsewhere, and for what has no class of its own, EF Core writes
/// (docs/performance.md).
/// </summary>
public static class BulkSave
{
    private static readonly ConditionalWeakTable<IEntityType, IProperty[]> Plain = [];

    // Written by EF Core.
    private static readonly IProperty[] NotPlain = [null!];

    /// <summary>Writes inside the transaction in hand.</summary>
    /// <exception cref="DbUpdateConcurrencyException">A row was changed by somebody else.</exception>
    public static async Task SaveAsync(PpidDbContext db, CancellationToken cancellation)
    {
        db.OnWriting();
        if (db.Ahead is { } ahead)
            await ahead.DoneAsync();
        var isAble = IsAble(db);
        if (db.Bulk is { } bulk)
        {
            if (isAble)
                await WriteAsync(db, bulk, cancellation);
            else
                Track(db, bulk);
            db.Bulk = new BulkRows();
        }
        if (db.ChangeTracker.AutoDetectChangesEnabled)
            db.ChangeTracker.DetectChanges();
        var entries = db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).ToList();
        if (!isAble || !entries.TrueForAll(IsPlain))
        {
            await db.SaveChangesAsync(cancellation);
            return;
        }
        var tables = InOrder([.. entries.GroupBy(e => e.Metadata)]).ToList();
        if (entries.Count <= RowBatch.Most && db.Database.GetDbConnection() is NpgsqlConnection)
        {
            await RowBatch.WriteAsync(db, tables, cancellation);
            db.ChangeTracker.AcceptAllChanges();
            return;
        }
        await ExpectManyAsync(db, cancellation);
        // First what goes, whoever refers to others before these: a key may be given out again by the same commit.
        foreach (var rows in Enumerable.Reverse(tables))
        {
            if (rows.Where(e => e.State == EntityState.Deleted).ToList() is { Count: > 0 } gone)
                await DeleteAsync(db, BulkTable.Of(db, rows.Key), gone, cancellation);
        }
        foreach (var rows in tables)
        {
            var table = BulkTable.Of(db, rows.Key);
            if (rows.Where(e => e.State == EntityState.Added).Select(e => e.Entity).ToList() is { Count: > 0 } added)
                await InsertAsync(db, table, added, cancellation);
            foreach (var alike in rows.Where(e => e.State == EntityState.Modified).GroupBy(Changed).Where(g => g.Key.Length > 0))
                await UpdateAsync(db, table, alike.Key.Split('\n'), [.. alike], cancellation);
        }
        db.ChangeTracker.AcceptAllChanges();
    }

    /// <summary>The database has a way of its own for thousands of rows.</summary>
    internal static bool IsAble(PpidDbContext db) => db.Database.GetDbConnection() is SqliteConnection or NpgsqlConnection;

    /// <summary>
    /// Within a transaction of thousands of rows: plans are made for it. Those that a connection to PostgreSQL keeps were made for a step's few, or
    /// when a table was small, and may walk through the table for each row.
    /// </summary>
    internal static Task ExpectManyAsync(PpidDbContext db, CancellationToken cancellation) => db.Database.GetDbConnection() is NpgsqlConnection
        ? db.Database.ExecuteSqlRawAsync("SET LOCAL plan_cache_mode = force_custom_plan", cancellation)
        : Task.CompletedTask;

    // On a database without a bulk way of its own SaveChanges writes them, with the same tokens.
    private static void Track(PpidDbContext db, BulkRows bulk)
    {
        foreach (var (_, rows) in bulk.New)
            db.AddRange(rows);
        foreach (var (_, columns, rows) in bulk.Changed)
        {
            foreach (var (row, revision) in rows)
            {
                var entry = db.Attach(row);
                foreach (var column in columns)
                    entry.Property(column).IsModified = true;
                foreach (var token in entry.Properties.Where(p => p.Metadata.IsConcurrencyToken))
                    token.OriginalValue = revision;
            }
        }
    }

    /// <summary>Writes rows that are not tracked inside the transaction in hand; the change tracker is not touched.</summary>
    /// <exception cref="DbUpdateConcurrencyException">A row was changed by somebody else.</exception>
    internal static async Task WriteAsync(PpidDbContext db, BulkRows bulk, CancellationToken cancellation)
    {
        foreach (var (type, rows) in bulk.New)
            await InsertAsync(db, BulkTable.Of(db, db.Model.FindEntityType(type)!), rows, cancellation);
        foreach (var (type, columns, rows) in bulk.Changed)
        {
            var table = BulkTable.Of(db, db.Model.FindEntityType(type)!);
            await UpdateAsync(
                db, table, [.. columns.Select(table.Of)], [.. table.Key, table.Token!], rows.Count,
                (column, i) => column.Of(rows[i].Row), (column, i) => column == table.Token ? rows[i].Revision : column.Of(rows[i].Row), cancellation);
        }
    }

    // Whom a row refers to comes before it. A table that refers to itself is written in the order of its ids.
    private static IEnumerable<IGrouping<IEntityType, EntityEntry>> InOrder(List<IGrouping<IEntityType, EntityEntry>> tables)
    {
        while (tables.Count > 0)
        {
            var next = tables.Find(t => t.Key.GetForeignKeys().All(key =>
                key.PrincipalEntityType == t.Key || tables.TrueForAll(other => other.Key != key.PrincipalEntityType))) ?? tables[0];
            tables.Remove(next);
            yield return next;
        }
    }

    // A token may be null (an officer that no UserManager has saved yet).
    private static string Same(BulkColumn column) => column.Property is { IsConcurrencyToken: true, IsNullable: true } ? "IS" : "=";

    // What a table of its own holds as its class has it, under keys that it was given here.
    private static bool IsPlain(EntityEntry entry) =>
        Plain.GetValue(entry.Metadata, PlainOf) is var generated && generated != NotPlain
        && (entry.State != EntityState.Added || Array.TrueForAll(generated, p => !entry.Property(p).IsTemporary));

    // The properties that may hold what only the database will know: numbers that it counts up.
    private static IProperty[] PlainOf(IEntityType type) =>
        type.IsOwned() || type.BaseType is not null || type.GetDirectlyDerivedTypes().Any()
            || type.GetProperties().Any(p => p.IsShadowProperty() || !SqliteStatement.Storable.Contains(Stored(p)))
            ? NotPlain
            : [.. type.GetProperties().Where(p => p.ClrType != typeof(Guid) && p.ClrType != typeof(Guid?)
                && (p.ValueGenerated != ValueGenerated.Never || p.IsForeignKey()))];

    /// <summary>Type of what a column holds.</summary>
    internal static Type Stored(IProperty property)
    {
        var type = property.GetRelationalTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    private static async Task DeleteAsync(PpidDbContext db, BulkTable table, List<EntityEntry> rows, CancellationToken cancellation)
    {
        var where = table.Key.Concat(table.Columns.Where(c => c.Property.IsConcurrencyToken)).Distinct().ToArray();
        object? Original(int row, int column) => where[column].Stored(rows[row].OriginalValues[where[column].Property]);
        int deleted;
        if (db.Database.GetDbConnection() is NpgsqlConnection connection)
        {
            await using var command = new NpgsqlCommand(
                $"DELETE FROM {table.Name} AS t USING unnest({string.Join(", ", where.Select((_, i) => $"${i + 1}"))}) "
                + $"AS v({string.Join(", ", where.Select((_, i) => $"w{i}"))}) WHERE {string.Join(" AND ", where.Select((c, i) => $"t.{c.Name} = v.w{i}"))}",
                connection, (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
            for (var column = 0; column < where.Length; column++)
            {
                var of = column;
                command.Parameters.Add(where[column].Array(rows.Count, row => Original(row, of)));
            }
            deleted = await command.ExecuteNonQueryAsync(cancellation);
        }
        else
        {
            deleted = Each(
                db, $"DELETE FROM {table.Name} WHERE {string.Join(" AND ", where.Select((c, i) => $"{c.Name} {Same(c)} @p{i}"))}", rows.Count, where.Length, Original,
                cancellation);
        }
        if (deleted != rows.Count)
            throw new DbUpdateConcurrencyException($"{rows.Count - deleted} rows of {table.Name} were changed by somebody else.");
    }

    private static string Changed(EntityEntry entry) =>
        string.Join('\n', entry.Metadata.GetProperties().Where(p => entry.Property(p).IsModified).Select(p => p.Name));

    private static async Task InsertAsync(PpidDbContext db, BulkTable table, List<object> rows, CancellationToken cancellation)
    {
        var names = string.Join(", ", table.Columns.Select(c => c.Name));
        if (db.Database.GetDbConnection() is NpgsqlConnection connection)
        {
            await CopyAsync(connection, table, names, rows, cancellation);
            return;
        }
        Each(
            db, $"INSERT INTO {table.Name} ({names}) VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"))})",
            rows.Count, table.Columns.Count, (row, column) => table.Columns[column].Of(rows[row]), cancellation);
    }

    private static Task UpdateAsync(PpidDbContext db, BulkTable table, string[] changed, List<EntityEntry> rows, CancellationToken cancellation)
    {
        var where = table.Key.Concat(table.Columns.Where(c => c.Property.IsConcurrencyToken)).Distinct().ToArray();
        return UpdateAsync(
            db, table, [.. changed.Select(table.Of)], where, rows.Count,
            (column, i) => column.Of(rows[i].Entity), (column, i) => column.Stored(rows[i].OriginalValues[column.Property]), cancellation);
    }

    private static async Task UpdateAsync(
        PpidDbContext db, BulkTable table, BulkColumn[] set, BulkColumn[] where, int count, Func<BulkColumn, int, object?> current,
        Func<BulkColumn, int, object?> original, CancellationToken cancellation)
    {
        int written;
        if (db.Database.GetDbConnection() is NpgsqlConnection connection)
        {
            await using var command = new NpgsqlCommand(
                $"UPDATE {table.Name} AS t SET {string.Join(", ", set.Select((c, i) => $"{c.Name} = v.s{i}"))} "
                + $"FROM unnest({string.Join(", ", set.Concat(where).Select((_, i) => $"${i + 1}"))}) "
                + $"AS v({string.Join(", ", set.Select((_, i) => $"s{i}").Concat(where.Select((_, i) => $"w{i}")))}) "
                + $"WHERE {string.Join(" AND ", where.Select((c, i) => $"t.{c.Name} = v.w{i}"))}",
                connection, (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
            foreach (var column in set)
                command.Parameters.Add(column.Array(count, i => current(column, i)));
            foreach (var column in where)
                command.Parameters.Add(column.Array(count, i => original(column, i)));
            written = await command.ExecuteNonQueryAsync(cancellation);
        }
        else
        {
            var i = 0;
            var sql = $"UPDATE {table.Name} SET {string.Join(", ", set.Select(c => $"{c.Name} = @p{i++}"))} "
                + $"WHERE {string.Join(" AND ", where.Select(c => $"{c.Name} {Same(c)} @p{i++}"))}";
            written = Each(
                db, sql, count, i, (row, value) => value < set.Length ? current(set[value], row) : original(where[value - set.Length], row), cancellation);
        }
        if (written != count)
            throw new DbUpdateConcurrencyException($"{count - written} rows of {table.Name} were changed by somebody else.");
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, BulkTable table, string names, List<object> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {table.Name} ({names}) FROM STDIN (FORMAT BINARY)", cancellation);
        foreach (var row in rows)
        {
            copy.StartRow();
            foreach (var column in table.Columns)
                Write(copy, column, column.Of(row));
        }
        await copy.CompleteAsync(cancellation);
    }

    // Into a buffer that is sent when it is full: awaiting each value would cost more than writing it.
    private static void Write(NpgsqlBinaryImporter copy, BulkColumn column, object? value)
    {
        switch (value)
        {
            case null:
                copy.WriteNull();
                break;
            case string text:
                copy.Write(text, NpgsqlDbType.Text);
                break;
            case Guid id:
                copy.Write(id, NpgsqlDbType.Uuid);
                break;
            case DateTime instant:
                copy.Write(instant, NpgsqlDbType.TimestampTz);
                break;
            case int number:
                copy.Write(number, NpgsqlDbType.Integer);
                break;
            case long number:
                copy.Write(number, NpgsqlDbType.Bigint);
                break;
            case bool flag:
                copy.Write(flag, NpgsqlDbType.Boolean);
                break;
            default:
                copy.Write(value, column.StoreType);
                break;
        }
    }

    // One statement, prepared once. SQLite is in this process: there is nothing to be saved by sending several rows together, nor by awaiting.
    private static int Each(
        PpidDbContext db, string sql, int rows, int values, Func<int, int, object?> value, CancellationToken cancellation)
    {
        var statement = KeptStatements.Writing((SqliteConnection)db.Database.GetDbConnection(), sql);
        var written = 0;
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < values; i++)
                statement.Bind(i + 1, value(row, i));
            cancellation.ThrowIfCancellationRequested();
            written += statement.Execute();
        }
        return written;
    }
}
