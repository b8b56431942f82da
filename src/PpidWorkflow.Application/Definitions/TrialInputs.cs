using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What a trial runs with: Studio's Execute asks for nothing, so what is required gets a value that shows it is none.</summary>
internal static class TrialInputs
{
    /// <summary>The version that a word of Elsa names: Latest, LatestOrPublished, Published, a number; null: in force, else the latest.</summary>
    public static async Task<DefinitionVersion?> ChosenAsync(
        this IQueryable<DefinitionVersion> all, string definitionId, string? word, CancellationToken cancellation)
    {
        var versions = all.AsNoTracking().Where(v => v.DefinitionId == definitionId);
        return word switch
        {
            "Latest" or "LatestOrPublished" => await versions.OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation),
            "Published" => await versions.SingleOrDefaultAsync(v => v.State == RevisionState.InForce, cancellation),
            null or "" => await versions.OrderByDescending(v => v.State == RevisionState.InForce).ThenByDescending(v => v.Version)
                .FirstOrDefaultAsync(cancellation),
            _ => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? await versions.SingleOrDefaultAsync(v => v.Version == number, cancellation)
                : null
        };
    }

    /// <summary>The values given and samples for required ones that are missing; and the names of those.</summary>
    public static (IReadOnlyDictionary<string, JsonNode?> Values, IReadOnlyList<string> Samples) Complete(
        WorkflowDefinition definition, IReadOnlyDictionary<string, JsonNode?>? given, DateTimeOffset now)
    {
        var values = given?.ToDictionary() ?? [];
        var samples = new List<string>();
        var form = CaseForm.Of(definition);
        foreach (var input in definition.Inputs)
        {
            var field = form.Fields.First(f => f.Name == input.Name);
            if (!field.IsRequired || input.DefaultValue is not null || values.GetValueOrDefault(input.Name) is not null)
                continue;
            values[input.Name] = Sample(input, field, now);
            samples.Add(input.Name);
        }
        return (values, samples);
    }

    private static JsonNode Sample(InputDefinition input, CaseField field, DateTimeOffset now)
    {
        if (input.IsArray || input.TypeName.EndsWith("[]", StringComparison.Ordinal) || input.TypeName.StartsWith("List<", StringComparison.Ordinal)
            || input.TypeName.Equals("JsonArray", StringComparison.OrdinalIgnoreCase))
            return new JsonArray();
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return input.TypeName.ToUpperInvariant() switch
        {
            "BOOLEAN" => true,
            "BYTE" or "INT16" or "SHORT" or "INT32" or "INT" or "INT64" or "LONG" or "SINGLE" or "FLOAT" or "DOUBLE" or "DECIMAL" => 1,
            "DATETIME" or "DATETIMEOFFSET" => now,
            "DATEONLY" => day,
            "TIMEONLY" => "09:00:00",
            "TIMESPAN" => "00:15:00",
            "GUID" => Guid.Empty,
            "STRING" or "OBJECT" => field.IsDate ? day : field.Options.Count > 0 ? field.Options[0].Value : $"[Contoh] {field.Label}",
            _ => new JsonObject()
        };
    }
}
