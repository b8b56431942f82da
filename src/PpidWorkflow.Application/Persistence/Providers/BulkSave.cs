using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Saves what a unit of work tracks as <c>SaveChanges</c> would, concurrency tokens included, but thousands of rows at a time: on SQLite by
/// one prepared statement a table, on PostgreSQL by binary <c>COPY</c> and one <c>UPDATE</c> from arrays. For the alarms of one instant, where
/// EF Core's own way is the bottleneck (docs/performance.md); anything else has no use for it.
/// </summary>
public static class BulkSave
{
    /// <summary>Writes inside the transaction in hand.</summary>
    /// <exception cref="DbUpdateConcurrencyException">A row was changed by somebody else.</exception>
    public static async Task SaveAsync(PpidDbContext db, CancellationToken cancellation)
    {
        db.ChangeTracker.DetectChanges();
        var entries = db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).ToList();
        if (entries.Exists(e => e.State == EntityState.Deleted) || !(db.Database.IsSqlite() || db.Database.IsNpgsql()))
        {
            await db.SaveChangesAsync(cancellation);
            return;
        }
        foreach (var table in InOrder([.. entries.GroupBy(e => e.Metadata)]))
        {
            if (table.Where(e => e.State == EntityState.Added).ToList() is { Count: > 0 } added)
                await InsertAsync(db, table.Key, added, cancellation);
            foreach (var alike in table.Where(e => e.State == EntityState.Modified).GroupBy(Changed))
                await UpdateAsync(db, table.Key, alike.Key.Split('\n'), [.. alike], cancellation);
        }
        db.ChangeTracker.AcceptAllChanges();
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

    private static string Changed(EntityEntry entry) =>
        string.Join('\n', entry.Metadata.GetProperties().Where(p => entry.Property(p).IsModified).Select(p => p.Name));

    private static Task InsertAsync(PpidDbContext db, IEntityType type, List<EntityEntry> rows, CancellationToken cancellation)
    {
        var columns = type.GetProperties().Select(p => new Column(db, type, p)).ToList();
        return db.Database.GetDbConnection() is NpgsqlConnection connection
            ? CopyAsync(connection, type, columns, rows, cancellation)
            : EachAsync(db, $"INSERT INTO {Quoted(type.GetTableName()!)} ({Names(columns)}) VALUES ({Marks(columns)})",
                rows.Select(row => row.CurrentValues).Select(row => columns.Select(c => c.Of(row))), columns.Count, cancellation);
    }

    private static async Task UpdateAsync(
        PpidDbContext db, IEntityType type, string[] changed, List<EntityEntry> rows, CancellationToken cancellation)
    {
        var set = changed.Select(name => new Column(db, type, type.FindProperty(name)!)).ToList();
        var where = type.FindPrimaryKey()!.Properties.Concat(type.GetProperties().Where(p => p.IsConcurrencyToken)).Distinct()
            .Select(p => new Column(db, type, p)).ToList();
        var table = Quoted(type.GetTableName()!);
        int written;
        if (db.Database.GetDbConnection() is NpgsqlConnection connection)
        {
            await using var command = new NpgsqlCommand(
                $"UPDATE {table} AS t SET {string.Join(", ", set.Select((c, i) => $"{Quoted(c.Name)} = v.s{i}"))} "
                + $"FROM unnest({string.Join(", ", set.Concat(where).Select((_, i) => $"${i + 1}"))}) "
                + $"AS v({string.Join(", ", set.Select((_, i) => $"s{i}").Concat(where.Select((_, i) => $"w{i}")))}) "
                + $"WHERE {string.Join(" AND ", where.Select((c, i) => $"t.{Quoted(c.Name)} = v.w{i}"))}",
                connection, (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
            foreach (var column in set)
                command.Parameters.Add(column.Array(rows, column.Current));
            foreach (var column in where)
                command.Parameters.Add(column.Array(rows, column.Original));
            written = await command.ExecuteNonQueryAsync(cancellation);
        }
        else
        {
            var i = 0;
            var sql = $"UPDATE {table} SET {string.Join(", ", set.Select(c => $"{Quoted(c.Name)} = @p{i++}"))} "
                + $"WHERE {string.Join(" AND ", where.Select(c => $"{Quoted(c.Name)} = @p{i++}"))}";
            written = await EachAsync(db, sql, rows.Select(row => set.Select(c => c.Current(row)).Concat(where.Select(c => c.Original(row)))), i, cancellation);
        }
        if (written != rows.Count)
            throw new DbUpdateConcurrencyException($"{rows.Count - written} rows of {type.DisplayName()} were changed by somebody else.");
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, IEntityType type, List<Column> columns, List<EntityEntry> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {Quoted(type.GetTableName()!)} ({Names(columns)}) FROM STDIN (FORMAT BINARY)", cancellation);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellation);
            var values = row.CurrentValues;
            foreach (var column in columns)
            {
                if (column.Of(values) is { } value)
                    await copy.WriteAsync(value, column.StoreType, cancellation);
                else
                    await copy.WriteNullAsync(cancellation);
            }
        }
        await copy.CompleteAsync(cancellation);
    }

    // One statement, prepared once. SQLite is in this process: there is nothing to be saved by sending several rows together.
    private static async Task<int> EachAsync(
        PpidDbContext db, string sql, IEnumerable<IEnumerable<object?>> rows, int values, CancellationToken cancellation)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = sql;
        var parameters = new DbParameter[values];
        for (var i = 0; i < values; i++)
        {
            parameters[i] = command.CreateParameter();
            parameters[i].ParameterName = $"@p{i.ToString(CultureInfo.InvariantCulture)}";
            command.Parameters.Add(parameters[i]);
        }
        var written = 0;
        foreach (var row in rows)
        {
            var i = 0;
            foreach (var value in row)
                parameters[i++].Value = value ?? DBNull.Value;
            written += await command.ExecuteNonQueryAsync(cancellation);
        }
        return written;
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Names(List<Column> columns) => string.Join(", ", columns.Select(c => Quoted(c.Name)));

    private static string Marks(List<Column> columns) => string.Join(", ", columns.Select((_, i) => $"@p{i}"));

    /// <summary>A property as its database has it.</summary>
    private sealed class Column
    {
        private readonly IProperty _property;
        private readonly RelationalTypeMapping _mapping;

        public Column(PpidDbContext db, IEntityType type, IProperty property)
        {
            (_property, _mapping) = (property, property.GetRelationalTypeMapping());
            Name = property.GetColumnName(StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema()))!;
            StoreType = db.Database.IsNpgsql() ? _mapping.StoreTypeNameBase : _mapping.StoreType;
        }

        public string Name { get; }

        /// <summary>Without length.</summary>
        public string StoreType { get; }

        public object? Of(PropertyValues row) => Stored(row[_property]);

        public object? Current(EntityEntry row) => Of(row.CurrentValues);

        public object? Original(EntityEntry row) => Stored(row.OriginalValues[_property]);

        public NpgsqlParameter Array(List<EntityEntry> rows, Func<EntityEntry, object?> value)
        {
            var element = _mapping.Converter?.ProviderClrType ?? _property.ClrType;
            if (element.IsValueType && Nullable.GetUnderlyingType(element) is null)
                element = typeof(Nullable<>).MakeGenericType(element);
            var values = System.Array.CreateInstance(element, rows.Count);
            for (var i = 0; i < rows.Count; i++)
                values.SetValue(value(rows[i]), i);
            return new NpgsqlParameter { Value = values, DataTypeName = StoreType + "[]" };
        }

        private object? Stored(object? value) => value is null || _mapping.Converter is not { } converter ? value : converter.ConvertToProvider(value);
    }
}
