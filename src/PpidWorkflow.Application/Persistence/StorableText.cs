using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// What no desk has refused but a database cannot keep: text longer than its column, and the NUL character. SQLite takes both, PostgreSQL
/// neither; the same request gets the same answer on every provider, and what one database holds another can take over.
/// </summary>
internal static class StorableText
{
    private const char Nul = '\0';

    private static readonly ConditionalWeakTable<ITypeBase, (IProperty Property, int Most, Func<EntityEntry, string?> Read)[]> Texts = [];

    /// <summary>The first text at fault among the rows about to be saved, as a refusal with its wire name; null if all can be kept.</summary>
    internal static Problem? FirstProblem(PpidDbContext db)
    {
        foreach (var entry in db.ChangeTracker.Entries())
        {
            if (entry.State is not (EntityState.Added or EntityState.Modified))
                continue;
            foreach (var (property, most, read) in Texts.GetValue(entry.Metadata, TextsOf))
            {
                if (read(entry) is not { } text || (text.Length <= most && !text.Contains(Nul))
                    || (entry.State == EntityState.Modified && !entry.Property(property).IsModified))
                    continue;
                var field = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                return text.Length > most ? Problem.Invalid("text-too-long", field, most) : Problem.Invalid("text-not-storable", field);
            }
        }
        return null;
    }

    private static (IProperty Property, int Most, Func<EntityEntry, string?> Read)[] TextsOf(ITypeBase type) =>
    [
        .. type.GetProperties().Where(p => p.ClrType == typeof(string)).Select(property =>
        {
            // What the class itself holds is read from it: every row of every step comes by here.
            Func<EntityEntry, string?> read = property.IsShadowProperty() || property.IsIndexerProperty()
                ? entry => (string?)entry.CurrentValues[property]
                : entry => (string?)property.GetGetter().GetClrValue(entry.Entity);
            return (property, property.GetMaxLength() ?? int.MaxValue, read);
        })
    ];
}
