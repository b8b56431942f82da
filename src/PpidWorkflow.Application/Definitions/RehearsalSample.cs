using System.Globalization;
using System.Text.Json;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>Values for the fields that a new case wants, made up from what the definition says of them.</summary>
internal static class RehearsalSample
{
    // Tried in this order where a field wants a pattern: letters, figures, numbers of letters, both together.
    private static readonly string[] Guesses =
    [
        "Contoh", "contoh", "CONTOH", "1", "12", "123", "1234", "12345678", "A", "a", "A1", "A-1", "1/2026", "188.44/1/2026",
        "123456789012345678", "contoh@ppid.example"
    ];

    /// <summary>The values, or the label of the first field for which none was found.</summary>
    public static (IReadOnlyDictionary<string, JsonElement>? Values, string? Missing) Of(WorkflowDefinition definition, DateOnly today)
    {
        var form = CaseForm.Of(definition);
        var values = new Dictionary<string, JsonElement>();
        foreach (var field in form.Fields.Where(f => f.IsRequired || f.Name == form.TitleInput))
        {
            var input = definition.Inputs.First(i => i.Name == field.Name);
            var given = Candidates(field, input, today).Select(text => text.Length > field.MaxLength ? text[..Math.Max(0, field.MaxLength)] : text)
                .FirstOrDefault(text => IsTaken(form, field, text, today));
            if (given is not null)
                values[field.Name] = JsonSerializer.SerializeToElement(given);
            else if (field.IsRequired)
                return (null, field.Label);
        }
        return (values, null);
    }

    private static IEnumerable<string> Candidates(CaseField field, InputDefinition input, DateOnly today)
    {
        if (field.Options.Count > 0)
            return field.Options.Select(o => o.Value);
        if (field.IsDate)
            return [today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)];
        var hint = field.Placeholder is { } placeholder ? placeholder[(placeholder.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() : null;
        var preset = input.DefaultValue is System.Text.Json.Nodes.JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        return ((string?[])[preset, hint]).OfType<string>().Concat(Guesses);
    }

    // The form itself is asked: what is refused here would be refused at the opening.
    private static bool IsTaken(CaseForm form, CaseField field, string text, DateOnly today)
    {
        var (values, problems) = form.Check(new Dictionary<string, JsonElement> { [field.Name] = JsonSerializer.SerializeToElement(text) }, today);
        return values.ContainsKey(field.Name) && problems.All(p => p.Field != field.Name);
    }
}
