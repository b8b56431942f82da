using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>Writes a definition byte-stably: the same content gives the same bytes, so that hashes and text diffs mean something.</summary>
public static class DefinitionWriter
{
    /// <summary>Order in which Elsa writes the properties of a definition; others follow, by name.</summary>
    private static readonly string[] Order =
    [
        "$schema", "id", "definitionId", "name", "description", "createdAt", "version", "toolVersion", "variables", "inputs", "outputs",
        "outcomes", "customProperties", "isReadonly", "isSystem", "isLatest", "isPublished", "options", "root"
    ];

    /// <summary>Which row of the database a definition is, not what it means.</summary>
    private static readonly HashSet<string> NotContent = new(StringComparer.Ordinal)
    {
        "$schema", "id", "definitionId", "createdAt", "version", "toolVersion", "isLatest", "isPublished", "isReadonly", "isSystem",
        "links", "tenantId", "providerName", "materializerName"
    };

    private static readonly JsonWriterOptions Pretty = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>UTF-8 JSON, two-space indent, LF, in Elsa's order of properties, unknown ones kept.</summary>
    public static byte[] Write(WorkflowDefinition definition)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Pretty))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in definition.Document.OrderBy(p => Rank(p.Key)).ThenBy(p => p.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                WriteValue(writer, value);
            }

            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>
    /// Lower-case hex SHA-256 over what the definition means. Left out: ids, version, dates and marks of the version row, links, paths
    /// derived from
    /// the tree (<c>nodeId</c>), sizes that the browser measured, and nulls, which Studio writes or drops as it pleases. The order of
    /// properties
    /// and of a container's activities in a flowchart means nothing and does not count; positions in the drawing do.
    /// </summary>
    public static string ContentHash(WorkflowDefinition definition)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            var content = definition.Document.Where(p => !NotContent.Contains(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal);
            foreach (var (name, value) in content)
                WriteCanonical(writer, name, value, "");
            writer.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static int Rank(string property) => Array.IndexOf(Order, property) is >= 0 and var index ? index : Order.Length;

    private static void WriteValue(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            value.WriteTo(writer);
    }

    private static void WriteCanonical(Utf8JsonWriter writer, string name, JsonNode? value, string owner)
    {
        if (value is null || name == "nodeId" || (name == "size" && owner == "designer"))
            return;
        writer.WritePropertyName(name);
        WriteCanonical(writer, value, name);
    }

    private static void WriteCanonical(Utf8JsonWriter writer, JsonNode? value, string name)
    {
        switch (value)
        {
            case JsonObject members:
                var isFlowchart = members["connections"] is JsonArray;
                writer.WriteStartObject();
                foreach (var (key, member) in members.OrderBy(p => p.Key, StringComparer.Ordinal))
                    if (isFlowchart && key == "activities" && member is JsonArray activities)
                        WriteArray(writer, key, activities.OrderBy(a => (a as JsonObject)?["id"]?.ToString(), StringComparer.Ordinal));
                    else
                        WriteCanonical(writer, key, member, name);
                writer.WriteEndObject();
                break;
            case JsonArray items:
                WriteArray(writer, null, items);
                break;
            default:
                WriteValue(writer, value);
                break;
        }
    }

    private static void WriteArray(Utf8JsonWriter writer, string? name, IEnumerable<JsonNode?> items)
    {
        if (name is null)
            writer.WriteStartArray();
        else
            writer.WriteStartArray(name);
        foreach (var item in items)
            WriteCanonical(writer, item, "");
        writer.WriteEndArray();
    }
}
