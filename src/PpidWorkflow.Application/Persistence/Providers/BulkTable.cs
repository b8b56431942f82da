using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>An entity's table as its database has it; made once per model.</summary>
internal sealed class BulkTable
{
    private static readonly ConditionalWeakTable<IEntityType, BulkTable> Known = [];

    private BulkTable(IEntityType type, bool isNpgsql)
    {
        Name = Quoted(type.GetTableName()!);
        Columns = [.. type.GetProperties().Select(p => new BulkColumn(type, p, isNpgsql))];
        Key = [.. type.FindPrimaryKey()!.Properties.Select(Of)];
        Token = Columns.SingleOrDefault(c => c.Property is { IsConcurrencyToken: true } && c.Property.ClrType == typeof(int));
    }

    /// <summary>Quoted.</summary>
    public string Name { get; }

    public IReadOnlyList<BulkColumn> Columns { get; }

    public IReadOnlyList<BulkColumn> Key { get; }

    /// <summary>The integer revision; null: the table has none.</summary>
    public BulkColumn? Token { get; }

    public static BulkTable Of(PpidDbContext db, IEntityType type) => Known.GetValue(type, t => new BulkTable(t, db.Database.IsNpgsql()));

    public BulkColumn Of(IReadOnlyProperty property) => Columns.Single(c => c.Property == property);

    public BulkColumn Of(string property) => Columns.Single(c => c.Property.Name == property);

    public static string Quoted(string name) => $"\"{name}\"";
}

/// <summary>A property as its database has it.</summary>
internal sealed class BulkColumn
{
    private readonly RelationalTypeMapping _mapping;
    private readonly IClrPropertyGetter? _getter;

    public BulkColumn(IEntityType type, IProperty property, bool isNpgsql)
    {
        (Property, _mapping) = (property, property.GetRelationalTypeMapping());
        Name = Quoted(property.GetColumnName(StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema()))!);
        StoreType = isNpgsql ? _mapping.StoreTypeNameBase : _mapping.StoreType;
        _getter = property.IsShadowProperty() ? null : property.GetGetter();
    }

    public IProperty Property { get; }

    /// <summary>Quoted.</summary>
    public string Name { get; }

    /// <summary>Without length.</summary>
    public string StoreType { get; }

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
