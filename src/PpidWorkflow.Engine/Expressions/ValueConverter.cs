using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Turns what expressions and JSON give into what activities ask for, by Elsa's habits: numbers and flags may be written as text,
/// a list may be written as JSON text, one value may stand for a list of one. The target type always comes from code, never from the
/// definition, so a definition cannot name a type to be created.
/// </summary>
public static class ValueConverter
{
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 64,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }
    };

    /// <exception cref="ActivityFaultException">Code <c>value-conversion</c>; the value itself is not repeated.</exception>
    public static T? To<T>(object? value)
    {
        // What activities count by: no boxes on the way.
        if (typeof(T) == typeof(int) && value is JsonValue scalar && scalar.TryGetValue<int>(out var number))
            return (T)(object)number;
        return (T?)To(value, typeof(T));
    }

    /// <inheritdoc cref="To{T}"/>
    public static object? To(object? value, Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
            return type.IsValueType && target == type ? Activator.CreateInstance(type) : null;
        if (target == typeof(object))
            return Plain(value);
        if (target.IsInstanceOfType(value))
            return value is JsonNode own ? own.DeepClone() : value;

        try
        {
            return target.IsAssignableTo(typeof(JsonNode))
                ? ToNode(value, target)
                : Scalar(Plain(value), target) ?? Structure(value, target);
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException or ArgumentException or JsonException
            or NotSupportedException or InvalidOperationException)
        {
            throw new ActivityFaultException("value-conversion", $"Sebuah nilai tidak dapat diubah menjadi {target.Name}.");
        }
    }

    /// <summary>A node that belongs to no document; null for null and for the JSON null.</summary>
    public static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        JsonNode { Parent: null } node => node,
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        TimeSpan span => JsonValue.Create(span.ToString("c", CultureInfo.InvariantCulture)),
        _ => JsonSerializer.SerializeToNode(value, value.GetType(), Json)
    };

    /// <summary>Text as people read it: strings as they are, numbers and dates invariant, structures as JSON.</summary>
    public static string? ToText(object? value) => Plain(value) switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "True" : "False",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        JsonNode node => node.ToJsonString(Json),
        var other => JsonSerializer.Serialize(other, Json)
    };

    /// <summary>JSON scalars as string, bool, long or double; everything else as it is.</summary>
    internal static object? Plain(object? value)
    {
        if (value is not JsonValue scalar)
            return value;
        return scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => Number(scalar),
            _ => null
        };
    }

    private static object Number(JsonValue value)
    {
        if (value.TryGetValue<long>(out var whole))
            return whole;
        if (value.TryGetValue<int>(out var small))
            return (long)small;
        var real = value.TryGetValue<double>(out var d) ? d : (double)value.GetValue<decimal>();
        return real == Math.Floor(real) && Math.Abs(real) < 1L << 53 ? (long)real : (object)real;
    }

    private static object? Scalar(object? value, Type target)
    {
        if (target == typeof(string))
            return ToText(value);
        if (target.IsEnum)
            return Defined(value is string name
                ? Enum.Parse(target, name, ignoreCase: true)
                : value is long number ? Enum.ToObject(target, number) : null);
        if (value is string text)
        {
            if (target == typeof(TimeSpan))
                return Duration.TryParse(text, out var span) ? span : throw new FormatException();
            if (target == typeof(DateTimeOffset))
                return Instants.Parse(text);
            if (target == typeof(DateTime))
                return Instants.Parse(text).UtcDateTime;
            if (target == typeof(DateOnly))
                return Instants.NamesDay(text) && DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var day)
                    ? day
                    : DateOnly.FromDateTime(Instants.Parse(text).DateTime);
            if (target == typeof(TimeOnly))
                return TimeOnly.Parse(text, CultureInfo.InvariantCulture);
            if (target == typeof(Guid))
                return Guid.Parse(text);
            if (text.Length == 0 && target.IsPrimitive)
                return Activator.CreateInstance(target);
        }

        return value is IConvertible convertible && (target.IsPrimitive || target == typeof(decimal) || target == typeof(DateTime))
            ? Convert.ChangeType(convertible, target, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>A number that stands for none of the choices is none.</summary>
    private static object? Defined(object? choice) => choice is null || Enum.IsDefined(choice.GetType(), choice) ? choice : throw new FormatException();

    private static object? Structure(object value, Type target)
    {
        var node = ParseIfJson(value);
        if (node is not JsonArray && target != typeof(string) && target.IsAssignableTo(typeof(IEnumerable)) && !IsDictionary(target))
            node = new JsonArray(node?.DeepClone());
        return node.Deserialize(target, Json);
    }

    private static bool IsDictionary(Type type) =>
        type.IsAssignableTo(typeof(IDictionary)) || (type.IsGenericType && type.Name.Contains("Dictionary", StringComparison.Ordinal));

    private static JsonNode? ToNode(object value, Type target)
    {
        var node = ParseIfJson(value);
        return target == typeof(JsonNode) || target.IsInstanceOfType(node) ? node?.DeepClone() : throw new InvalidCastException();
    }

    private static JsonNode? ParseIfJson(object value)
    {
        if (Plain(value) is not string text)
            return ToJson(value);
        var trimmed = text.AsSpan().TrimStart();
        return trimmed is ['[' or '{', ..] ? JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 64 }) : JsonValue.Create(text);
    }
}
