using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// SOP steps as a person edits them in Elsa Studio, and as they are kept: minutes are typed as minutes (<c>PT15M</c> ↔ <c>15</c>), rungs of the
/// ladder are ticked in a list (an object each ↔ a line each). What has no such form is shown and kept as it is; to Studio and back changes
/// nothing.
/// </summary>
public static class SopForm
{
    /// <summary>For Studio. Changes the document given: a root activity or a whole definition.</summary>
    public static void ToStudio(JsonObject document) => Visit(document, step =>
    {
        Replace(step["standardTime"], "Literal", Minutes);
        Replace(step["escalation"], "Object", Lines);
    });

    /// <summary>From Studio. Changes the document given: a root activity or a whole definition.</summary>
    public static void FromStudio(JsonObject document) => Visit(document, step =>
    {
        Replace(step["standardTime"], "Literal", Span);
        Replace(step["escalation"], "Object", Rungs);
    });

    private static void Visit(JsonNode? node, Action<JsonObject> change)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list)
                    Visit(item, change);
                break;
            case JsonObject members:
                if (members["type"] is JsonValue type && type.TryGetValue<string>(out var name) && name.StartsWith("Ppid.", StringComparison.Ordinal))
                    change(members);
                foreach (var (key, value) in members)
                    if (value is JsonArray || (value is JsonObject && key is not ("metadata" or "customProperties")))
                        Visit(value, change);
                break;
        }
    }

    private static void Replace(JsonNode? input, string language, Func<string, string?> rewrite)
    {
        if (input is JsonObject wrapped && wrapped["expression"] is JsonObject expression && expression["type"]?.ToString() == language
            && expression["value"] is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
            && rewrite(value.ToString()) is { } rewritten)
            expression["value"] = rewritten;
    }

    private static string? Minutes(string span) =>
        span is ['P', 'T', .. var digits, 'M'] && IsMinutes(digits) ? digits : null;

    private static string? Span(string minutes) => IsMinutes(minutes.Trim()) ? $"PT{minutes.Trim()}M" : null;

    private static bool IsMinutes(string digits) => digits.Length is > 0 and <= 6 && digits[0] != '0' && digits.All(char.IsAsciiDigit);

    private static string? Lines(string json)
    {
        if (Parse(json) is not { Count: > 0 } rungs)
            return null;
        var lines = rungs.Select(rung => rung is JsonObject o ? EscalationLadder.ToLine(o) : null).ToArray();
        if (lines.Any(line => line is null))
            return null;
        var shown = JsonSerializer.Serialize(lines);
        return Rungs(shown) == json ? shown : null;
    }

    private static string? Rungs(string json)
    {
        if (Parse(json) is not { Count: > 0 } lines)
            return null;
        var rungs = lines.Select(line => line is JsonValue ? EscalationLadder.FromLine(line.ToString()) : null).ToArray();
        return rungs.Any(rung => rung is null) ? null : $"[{string.Join(", ", rungs.Select(rung => Spaced(rung!)))}]";
    }

    private static JsonArray? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonArray;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // As the definitions of workflows/ write it: one line, a space after each comma and colon.
    private static string Spaced(JsonNode node) => node switch
    {
        JsonObject members => $"{{{string.Join(", ", members.Select(m => $"{JsonSerializer.Serialize(m.Key)}: {Spaced(m.Value!)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(i => Spaced(i!)))}]",
        _ => node.ToJsonString(AsWritten)
    };

    // "+PT5M" as people write it, not as an escape.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
