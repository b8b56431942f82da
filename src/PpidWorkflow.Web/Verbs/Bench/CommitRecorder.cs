using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>A row that a commit wrote.</summary>
/// <param name="Sql">INSERT or UPDATE with @p0, @p1 …</param>
/// <param name="Values">As the database has them.</param>
internal sealed record WrittenRow(string Table, string[] Columns, string Sql, object?[] Values);

/// <summary>Notes which rows the commits of a scope write, in order, as they would be written by hand.</summary>
internal sealed class CommitRecorder
{
    private readonly List<List<WrittenRow>> _commits = [];
    private readonly HashSet<Guid> _ids = [];

    /// <summary>One list a commit.</summary>
    public IReadOnlyList<IReadOnlyList<WrittenRow>> Commits => _commits;

    /// <summary>Keys of all rows that were added.</summary>
    public IReadOnlyCollection<Guid> Ids => _ids;

    public void Listen(IServiceProvider scope)
    {
        var db = scope.GetRequiredService<PpidDbContext>();
        db.Writing += (_, _) =>
        {
            db.ChangeTracker.DetectChanges();
            _commits.Add(
            [
                .. db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified)
                    .OrderBy(e => e.State == EntityState.Modified).ThenBy(e => Depth(e.Metadata, 0)).Select(Row).OfType<WrittenRow>()
            ]);
        };
    }

    private static int Depth(Microsoft.EntityFrameworkCore.Metadata.IEntityType type, int depth) => depth > 6 ? depth
        : type.GetForeignKeys().Where(k => k.PrincipalEntityType != type).Select(k => Depth(k.PrincipalEntityType, depth + 1)).DefaultIfEmpty(depth).Max();

    private WrittenRow? Row(Microsoft.EntityFrameworkCore.ChangeTracking.EntityEntry entry)
    {
        var table = entry.Metadata.GetTableName()!;
        var properties = entry.Metadata.GetProperties().ToList();
        object? Stored(Microsoft.EntityFrameworkCore.Metadata.IProperty property) => entry.CurrentValues[property] is not { } value ? null
            : property.GetRelationalTypeMapping().Converter is { } converter ? converter.ConvertToProvider(value) : value;
        if (entry.State == EntityState.Added)
        {
            foreach (var key in entry.Metadata.FindPrimaryKey()!.Properties)
            {
                if (entry.CurrentValues[key] is Guid id)
                    _ids.Add(id);
            }
            return new WrittenRow(table, [.. properties.Select(p => p.GetColumnName())],
                $"INSERT INTO \"{table}\" ({string.Join(", ", properties.Select(p => $"\"{p.GetColumnName()}\""))}) VALUES ({string.Join(", ", properties.Select((_, i) => $"@p{i}"))})",
                [.. properties.Select(Stored)]);
        }
        var keys = entry.Metadata.FindPrimaryKey()!.Properties;
        var changed = properties.Where(p => entry.Property(p.Name).IsModified).ToList();
        if (changed.Count == 0)
            return null;
        var all = changed.Concat(keys).ToList();
        return new WrittenRow(table, [.. all.Select(p => p.GetColumnName())],
            $"UPDATE \"{table}\" SET {string.Join(", ", changed.Select((p, i) => $"\"{p.GetColumnName()}\" = @p{i}"))} WHERE {string.Join(" AND ", keys.Select((p, i) => $"\"{p.GetColumnName()}\" = @p{changed.Count + i}"))}",
            [.. all.Select(Stored)]);
    }
}
