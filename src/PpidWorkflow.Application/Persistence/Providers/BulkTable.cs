using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>An entity's table as its database has it; made once per model.</summary>
internal sealed class BulkTable
{
    private static readonly ConditionalWeakTable<IEntityType, BulkTable> Known = [];

    private readonly ConcurrentDictionary<string, RowUpdate> _updates = new(StringComparer.Ordinal);

    private BulkTable(IEntityType type, bool isNpgsql)
    {
        Name = Quoted(type.GetTableName()!);
        Columns = [.. type.GetProperties().Select(p => new BulkColumn(type, p, isNpgsql))];
        Key = [.. type.FindPrimaryKey()!.Properties.Select(Of)];
        Token = Columns.SingleOrDefault(c => c.Property is { IsConcurrencyToken: true } && c.Property.ClrType == typeof(int));
        Identity = [.. Key.Concat(Columns.Where(c => c.Property.IsConcurrencyToken)).Distinct()];
        Insert = $"INSERT INTO {Name} ({string.Join(", ", Columns.Select(c => c.Name))}) VALUES ({string.Join(", ", Columns.Select((_, i) => $"${i + 1}"))})";
        Delete = $"DELETE FROM {Name} WHERE {Identified(1)}";
    }

    /// <summary>Quoted.</summary>
    public string Name { get; }

    public IReadOnlyList<BulkColumn> Columns { get; }

    public IReadOnlyList<BulkColumn> Key { get; }

    /// <summary>The integer revision; null: the table has none.</summary>
    public BulkColumn? Token { get; }

    /// <summary>The key and what else a row must still hold when it is changed.</summary>
    public IReadOnlyList<BulkColumn> Identity { get; }

    /// <summary>One row, all <see cref="Columns"/> as $1, $2 ….</summary>
    public string Insert { get; }

    /// <summary>One row by its <see cref="Identity"/>.</summary>
    public string Delete { get; }

    public static BulkTable Of(PpidDbContext db, IEntityType type) => Known.GetValue(type, t => new BulkTable(t, db.Database.IsNpgsql()));

    public BulkColumn Of(IReadOnlyProperty property) => Columns.Single(c => c.Property == property);

    public BulkColumn Of(string property) => Columns.Single(c => c.Property.Name == property);

    /// <summary>How a changed row is written: what has changed as $1, $2 …, then its <see cref="Identity"/>. Null: nothing has.</summary>
    public RowUpdate? UpdateOf(EntityEntry row)
    {
        var changed = string.Concat(Columns.Select(c => row.Property(c.Property).IsModified ? '1' : '0'));
        return !changed.Contains('1', StringComparison.Ordinal) ? null : _updates.GetOrAdd(changed, static (which, table) =>
        {
            BulkColumn[] set = [.. table.Columns.Where((_, i) => which[i] == '1')];
            var sets = string.Join(", ", set.Select((c, i) => $"{c.Name} = ${i + 1}"));
            return new RowUpdate($"UPDATE {table.Name} SET {sets} WHERE {table.Identified(set.Length + 1)}", set);
        }, this);
    }

    // A token may be null (an officer that no UserManager has saved yet).
    private string Identified(int first) => string.Join(" AND ", Identity.Select((c, i) =>
        $"{c.Name} {(c.Property is { IsConcurrencyToken: true, IsNullable: true } ? "IS NOT DISTINCT FROM" : "=")} ${first + i}"));

    public static string Quoted(string name) => $"\"{name}\"";
}

/// <summary>A statement that changes one row.</summary>
/// <param name="Set">Its first parameters.</param>
internal sealed record RowUpdate(string Sql, IReadOnlyList<BulkColumn> Set);

/// <summary>A property as its database has it.</summary>
internal sealed class BulkColumn
{
    // What SqliteStatement.Storable names: nothing else is written past EF Core.
    private static readonly Dictionary<Type, NpgsqlDbType> Kinds = new()
    {
        [typeof(string)] = NpgsqlDbType.Text,
        [typeof(Guid)] = NpgsqlDbType.Uuid,
        [typeof(DateTime)] = NpgsqlDbType.TimestampTz,
        [typeof(int)] = NpgsqlDbType.Integer,
        [typeof(long)] = NpgsqlDbType.Bigint,
        [typeof(bool)] = NpgsqlDbType.Boolean,
        [typeof(double)] = NpgsqlDbType.Double,
        [typeof(byte[])] = NpgsqlDbType.Bytea,
        [typeof(DateOnly)] = NpgsqlDbType.Date,
        [typeof(TimeOnly)] = NpgsqlDbType.Time
    };

    private readonly RelationalTypeMapping _mapping;
    private readonly IClrPropertyGetter? _getter;

    public BulkColumn(IEntityType type, IProperty property, bool isNpgsql)
    {
        (Property, _mapping) = (property, property.GetRelationalTypeMapping());
        Name = Quoted(property.GetColumnName(StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema()))!);
        StoreType = isNpgsql ? _mapping.StoreTypeNameBase : _mapping.StoreType;
        Kind = Kinds.GetValueOrDefault(BulkSave.Stored(property), NpgsqlDbType.Unknown);
        _getter = property.IsShadowProperty() ? null : property.GetGetter();
    }

    public IProperty Property { get; }

    /// <summary>Quoted.</summary>
    public string Name { get; }

    /// <summary>Without length.</summary>
    public string StoreType { get; }

    /// <summary>Of a parameter on PostgreSQL: a null must not change it, as a statement's plan is kept for its types.</summary>
    public NpgsqlDbType Kind { get; }

    /// <summary>What a row holds, as it is stored.</summary>
    /// <exception cref="InvalidOperationException">Only the change tracker knows it.</exception>
    public object? Of(object row) => Stored((_getter ?? throw new InvalidOperationException($"{Name} is no member of its class.")).GetClrValue(row));

    public object? Stored(object? value) => value is null || _mapping.Converter is not { } converter ? value : converter.ConvertToProvider(value);

    /// <summary>All values of a column as one parameter.</summary>
    public NpgsqlParameter Array(int count, Func<int, object?> value)
    {
        var element = _mapping.Converter?.ProviderClrType ?? Property.ClrType;
        if (element.IsValueType && Nullable.GetUnderlyingType(element) is null)
            element = typeof(Nullable<>).MakeGenericType(element);
        var values = System.Array.CreateInstance(element, count);
        for (var i = 0; i < count; i++)
            values.SetValue(value(i), i);
        return new NpgsqlParameter { Value = values, DataTypeName = StoreType + "[]" };
    }

    private static string Quoted(string name) => BulkTable.Quoted(name);
}
