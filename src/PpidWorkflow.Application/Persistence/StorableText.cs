using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// What no desk has refused but a database cannot keep: text longer than its column, and the NUL character. SQLite takes both, PostgreSQL
/// neither; the same request gets the same answer on every provider, and what one database holds another can take over.
/// </summary>
internal static class StorableText
{
    private const char Nul = '\0';

    /// <summary>The first text at fault among the rows about to be saved, as a refusal with its wire name; null if all can be kept.</summary>
    internal static Problem? FirstProblem(PpidDbContext db)
    {
        foreach (var entry in db.ChangeTracker.Entries())
        {
            if (entry.State is not (EntityState.Added or EntityState.Modified))
                continue;
            foreach (var property in entry.Metadata.GetProperties())
            {
                if (property.ClrType != typeof(string) || entry.CurrentValues[property] is not string text
                    || entry.State == EntityState.Modified && !entry.Property(property).IsModified)
                    continue;
                var field = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                if (property.GetMaxLength() is { } most && text.Length > most)
                    return Problem.Invalid("text-too-long", field, most);
                if (text.Contains(Nul))
                    return Problem.Invalid("text-not-storable", field);
            }
        }
        return null;
    }
}
