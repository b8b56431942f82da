using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Members that a server fills in where they are missing: empty, they say what their absence says.</summary>
    private static readonly HashSet<string> EmptyMeansNothing = new(StringComparer.Ordinal)
    {
        "vertices", "metadata", "designer", "customProperties", "variables", "inputs", "outputs", "outcomes", "options", "notFoundConnections",
        "activities", "connections", "VariableTestValues"
    };

    /// <summary>Switches that are off where nobody says otherwise.</summary>
    private static readonly HashSet<string> FalseMeansNothing = new(StringComparer.Ordinal)
    {
        "canStartWorkflow", "runAsynchronously", "isArray", "autoUpdateConsumingWorkflows"
    };

    /// <summary>
    /// Lower-case hex SHA-256 over what the definition means. Left out: ids, version, dates and marks of the version row, links, paths
    /// derived from the tree (<c>nodeId</c>), sizes that the browser measured, type names that follow from the catalog, nulls and defaults,
    /// which Studio writes or drops as it pleases. The order of properties and of a container's activities in a flowchart means nothing and
    /// does not count; positions in the drawing do.
    /// </summary>
    public static string ContentHash(WorkflowDefinition definition)
    {
        var content = new JsonObject();
        foreach (var (name, value) in definition.Document)
            if (!NotContent.Contains(name))
                content[name] = value?.DeepClone();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(content, "").ToJsonString())));
    }

    /// <summary>The same over one activity, its children left out: tells which activities of two contents differ.</summary>
    public static string ActivityHash(JsonObject activity)
    {
        var own = new JsonObject();
        foreach (var (name, value) in activity)
            if (name is not ("activities" or "connections") && !(value is JsonObject child && child["type"] is JsonValue && child["id"] is JsonValue))
                own[name] = value?.DeepClone();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(own, "").ToJsonString())));
    }

    private static int Rank(string property) => Array.IndexOf(Order, property) is >= 0 and var index ? index : Order.Length;

    private static void WriteValue(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            value.WriteTo(writer);
    }

    private static JsonNode Canonical(JsonNode value, string name) => value switch
    {
        JsonObject members => Canonical(members, name),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Canonical(item, ""))]),
        _ => value.DeepClone()
    };

    private static JsonObject Canonical(JsonObject members, string owner)
    {
        var isFlowchart = members["connections"] is JsonArray;
        var isBound = members.ContainsKey("expression") || members.ContainsKey("memoryReference");
        var isVariable = !isBound && members["typeName"] is JsonValue && members["name"] is JsonValue;
        var canonical = new JsonObject();
        foreach (var (key, member) in members.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (member is null || key == "nodeId" || (key == "size" && owner == "designer") || (key == "typeName" && isBound)
                || (key == "version" && members["type"] is JsonValue && member.ToJsonString() == "1")
                || (FalseMeansNothing.Contains(key) && member.GetValueKind() == JsonValueKind.False))
                continue;
            // Studio keeps the initial value of a variable as text, whatever its type.
            var reduced = key == "value" && isVariable && member.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                ? JsonValue.Create(member.ToJsonString())
                : isFlowchart && key == "activities" && member is JsonArray activities
                    ? new JsonArray([.. activities.OrderBy(a => (a as JsonObject)?["id"]?.ToString(), StringComparer.Ordinal)
                        .Select(a => a is null ? null : Canonical(a, ""))])
                    : Canonical(member, key);
            if (!EmptyMeansNothing.Contains(key) || reduced is not (JsonObject { Count: 0 } or JsonArray { Count: 0 }))
                canonical[key] = reduced;
        }
        return canonical;
    }
}
