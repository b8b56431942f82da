using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>A row as it is stored: <see cref="Guid"/>, <see cref="DateTime"/> (UTC), numbers and text, and those of its ids that are its own.</summary>
internal sealed record CaseRow(object?[] Values, IReadOnlyList<Guid> Keys);

/// <summary>The rows that one case has in one table.</summary>
internal sealed record CaseTable(string Name, List<string> Columns, List<CaseRow> Rows)
{
    /// <summary>Reads the rows of <paramref name="type"/> of which a property has this value.</summary>
    public static async Task<CaseTable> ReadAsync(PpidDbContext db, IEntityType type, string property, object value)
    {
        var table = StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;
        var properties = type.GetProperties().ToList();
        var columns = properties.ConvertAll(p => p.GetColumnName(table)!);
        var keys = type.FindPrimaryKey()!.Properties.Where(p => p.ClrType == typeof(Guid)).Select(p => properties.IndexOf((IProperty)p)).ToList();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"SELECT {string.Join(", ", columns.Select(c => $"\"{c}\""))} FROM \"{table.Name}\" WHERE \"{type.FindProperty(property)!.GetColumnName(table)}\" = @value";
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@value", value);
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<CaseRow>();
        while (await reader.ReadAsync())
        {
            var row = new object?[columns.Count];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : Typed(reader.GetValue(i), properties[i]);
            rows.Add(new CaseRow(row, [.. keys.Select(k => (Guid)row[k]!)]));
        }
        return new CaseTable(table.Name, columns, rows);
    }

    // SQLite keeps ids and instants as text.
    private static object Typed(object value, IProperty property)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return value switch
        {
            string text when type == typeof(Guid) => Guid.Parse(text),
            string text when type == typeof(DateTimeOffset) => DateTime.Parse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
            _ => value
        };
    }

    /// <summary>Bytes of the rows' values as text, for comparing tables; not what a database needs around them.</summary>
    public long Bytes => Rows.Sum(r => r.Values.Sum(v => v switch { null => 0L, string text => text.Length, Guid => 16, DateTime => 8, _ => 8 }));
}
