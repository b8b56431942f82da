using System.Text.Json;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Values as stock Elsa stores and exports them: property bags with <c>_type</c>, lists as <c>_items</c> (or <c>$values</c>) beside it, JSON as
/// text in <c>_island</c>. Here they become what they hold. The name of a type is read by nobody: a value cannot ask for a class.
/// </summary>
internal static class TypedBag
{
    private const string Type = "_type";

    /// <summary>The plain value; the same node where there is no bag in it.</summary>
    public static JsonNode? Unwrap(JsonNode? value) => HoldsBag(value) ? Plain(value) : value;

    private static bool HoldsBag(JsonNode? value) => value switch
    {
        JsonObject members => IsBag(members) || members.Any(m => HoldsBag(m.Value)),
        JsonArray items => items.Any(HoldsBag),
        _ => false
    };

    private static bool IsBag(JsonObject members) =>
        members.TryGetPropertyValue(Type, out var type) && type is JsonValue name && name.GetValueKind() == JsonValueKind.String;

    private static JsonNode? Plain(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject bag when IsBag(bag) && (bag["_items"] ?? bag["$values"]) is JsonArray items:
                return Plain(items);
            case JsonObject bag when IsBag(bag) && bag["_island"] is JsonValue island && island.TryGetValue<string>(out var text):
                return Parse(text);
            case JsonObject members:
                var isBag = IsBag(members);
                return new JsonObject(members.Where(m => !isBag || m.Key != Type).Select(m => KeyValuePair.Create(m.Key, Plain(m.Value))));
            case JsonArray list:
                return new JsonArray([.. list.Select(Plain)]);
            default:
                return value?.DeepClone();
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
