using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// The closed map from type names of variables and inputs to types. Names outside it are refused at validation; no name of a
/// definition ever reaches <see cref="Type.GetType(string)"/>.
/// </summary>
public static class TypeAliases
{
    private static readonly FrozenDictionary<string, Type> Types = new Dictionary<string, Type>
    {
        ["Object"] = typeof(object),
        ["String"] = typeof(string),
        ["Boolean"] = typeof(bool),
        ["Byte"] = typeof(byte),
        ["Int16"] = typeof(short),
        ["Short"] = typeof(short),
        ["Int32"] = typeof(int),
        ["Int"] = typeof(int),
        ["Int64"] = typeof(long),
        ["Long"] = typeof(long),
        ["Single"] = typeof(float),
        ["Float"] = typeof(float),
        ["Double"] = typeof(double),
        ["Decimal"] = typeof(decimal),
        ["Guid"] = typeof(Guid),
        ["DateTime"] = typeof(DateTime),
        ["DateTimeOffset"] = typeof(DateTimeOffset),
        ["DateOnly"] = typeof(DateOnly),
        ["TimeOnly"] = typeof(TimeOnly),
        ["TimeSpan"] = typeof(TimeSpan),
        ["JsonNode"] = typeof(JsonNode),
        ["JsonElement"] = typeof(JsonNode),
        ["JsonObject"] = typeof(JsonObject),
        ["JsonArray"] = typeof(JsonArray),
        ["ObjectDictionary"] = typeof(JsonObject),
        ["StringDictionary"] = typeof(JsonObject),
        ["StringMap"] = typeof(JsonObject),
        ["ExpandoObject"] = typeof(JsonObject),
        ["Dictionary"] = typeof(JsonObject)
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Aliases an author may choose, for the designer.</summary>
    public static IEnumerable<string> Names => Types.Keys;

    /// <summary>
    /// The type, null where the name is not known. <c>String[]</c>, <c>List&lt;String&gt;</c> and <c>isArray</c> give arrays.
    /// </summary>
    public static Type? Find(string? name, bool isArray = false)
    {
        if (string.IsNullOrEmpty(name))
            return isArray ? typeof(JsonArray) : typeof(object);
        var element = name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2]
            : name.StartsWith("List<", StringComparison.Ordinal) && name.EndsWith('>') ? name[5..^1]
            : name;
        if (!Types.TryGetValue(element, out var type))
            return null;
        return isArray || element.Length != name.Length ? typeof(JsonArray) : type;
    }

    /// <summary>
    /// The value as JSON of the variable's type, elements of lists as well; a value that does not fit stays as it is for <c>Object</c> and
    /// faults otherwise. Bags of stock Elsa (<c>_type</c>) become what they hold.
    /// </summary>
    internal static JsonNode? Coerce(object? value, string? typeName, bool isArray)
    {
        var type = Find(typeName, isArray) ?? typeof(object);
        if (value is JsonObject or JsonArray)
            value = TypedBag.Unwrap((JsonNode)value);
        if (value is null || type == typeof(object))
            return ValueConverter.ToJson(value);
        if (ValueConverter.Plain(value) is string { Length: 0 } && type != typeof(string))
            return null;
        var json = ValueConverter.ToJson(ValueConverter.To(value, type));
        return json is JsonArray items && ElementOf(typeName, isArray) is { } element && element != typeof(object)
            ? new JsonArray([.. items.Select(item => item is null ? null : ValueConverter.ToJson(ValueConverter.To(item, element)))])
            : json;
    }

    /// <summary>Type of the elements of a list; null: not a list, or one of anything.</summary>
    private static Type? ElementOf(string? typeName, bool isArray) => typeName switch
    {
        null or "" => null,
        _ when typeName.EndsWith("[]", StringComparison.Ordinal) => Find(typeName[..^2]),
        ['L', 'i', 's', 't', '<', .. var element, '>'] => Find(element),
        _ => isArray ? Find(typeName) : null
    };
}
