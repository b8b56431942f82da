using System.Text.Json;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>
/// Reads definition JSON under limits of size and depth, so that a hostile file costs little and breaks nothing. The bytes are scanned once
/// before anything is built: size, depth and references are refused there, with memory that does not grow with the input.
/// </summary>
public static class DefinitionReader
{
    /// <summary>Bytes; about fifty times the largest definition seen.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    /// <summary>Levels of JSON; a flowchart within a flowchart takes three.</summary>
    public const int MaxDepth = 64;

    private const int ScanDepth = 1_000_000;

    /// <summary>Levels of what is stored; beyond any that was ever accepted.</summary>
    private const int StoredDepth = 512;

    /// <exception cref="DefinitionInvalidException">Malformed, too large, too deep, or not a definition.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> utf8Json)
    {
        if (utf8Json.Length > MaxBytes)
            throw new DefinitionInvalidException("definition-too-large", $"Definisi lebih besar dari {MaxBytes / 1024 / 1024} MB.");
        var bytes = utf8Json.Span is [0xEF, 0xBB, 0xBF, ..] ? utf8Json[3..] : utf8Json;
        try
        {
            Scan(bytes.Span);
            var node = JsonNode.Parse(bytes.Span, null, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            var document = node as JsonObject ?? throw NotADefinition();
            if (!document.ContainsKey("root") && document["model"] is JsonObject model)
            {
                document.Remove("model");
                document = model;
            }

            return FromDocument(document);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new DefinitionInvalidException("definition-malformed", "Definisi bukan JSON yang sah.");
        }
    }

    /// <summary>
    /// What was accepted once and is stored. Limits belong to what comes in: a version that ran stays readable, whatever a later release
    /// would refuse.
    /// </summary>
    /// <exception cref="DefinitionInvalidException">Not JSON, or not a definition: what is stored is damaged.</exception>
    public static WorkflowDefinition ReadStored(string content)
    {
        try
        {
            return FromDocument(JsonNode.Parse(content, null, new JsonDocumentOptions { MaxDepth = StoredDepth }) as JsonObject ?? throw NotADefinition());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new DefinitionInvalidException("definition-malformed", "Definisi yang tersimpan rusak.");
        }
    }

    /// <summary>A definition over a document already at hand; the document must not be changed afterwards.</summary>
    /// <exception cref="DefinitionInvalidException">Not a definition.</exception>
    public static WorkflowDefinition FromDocument(JsonObject document)
    {
        if (document["root"] is not JsonObject root || Text(root, "type") is null)
            throw NotADefinition();
        Materialise(document);
        return new WorkflowDefinition(document)
        {
            Id = Text(document, "id") ?? "",
            DefinitionId = Text(document, "definitionId") ?? "",
            Version = document["version"] is JsonValue version && version.TryGetValue<int>(out var number) ? number : 1,
            Name = Text(document, "name"),
            Description = Text(document, "description"),
            IsLatest = Flag(document, "isLatest"),
            IsPublished = Flag(document, "isPublished"),
            Variables = Variables(document["variables"]),
            Inputs = [.. Objects(document["inputs"]).Select(Input)],
            Outputs =
            [
                .. Objects(document["outputs"]).Select(o =>
                    new OutputDefinition(Text(o, "name") ?? "", Text(o, "type") ?? "Object", Flag(o, "isArray"), Text(o, "displayName")))
            ],
            Outcomes = [.. (document["outcomes"] as JsonArray ?? []).OfType<JsonValue>().Select(o => o.TryGetValue<string>(out var text) ? text : "").Where(o => o.Length > 0)],
            IsUsableAsActivity = document["options"] is JsonObject options && Flag(options, "usableAsActivity"),
            ActivityCategory = document["options"] is JsonObject category && Text(category, "activityCategory") is { Length: > 0 } text ? text : null,
            CustomProperties = document["customProperties"] as JsonObject ?? [],
            ContinuesWithIncidents = IncidentStrategy(document) == "ContinueWithIncidentsStrategy",
            Root = root
        };
    }

    internal static IReadOnlyList<VariableDefinition> Variables(JsonNode? node) =>
    [
        .. Objects(node).Select(v => new VariableDefinition(
            Text(v, "id") ?? Text(v, "name") ?? "", Text(v, "name") ?? "", Text(v, "typeName") ?? "Object", Flag(v, "isArray"), v["value"],
            Text(v, "storageDriverTypeName")))
    ];

    internal static IEnumerable<JsonObject> Objects(JsonNode? node) => node is JsonArray array ? array.OfType<JsonObject>() : [];

    internal static string? Text(JsonObject source, string property) =>
        source[property] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    internal static bool Flag(JsonObject source, string property) =>
        source[property] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    /// <summary>
    /// Class name of the incident strategy that the definition's options choose: Studio writes the class alone, a server its full name. Null: none.
    /// </summary>
    internal static string? IncidentStrategy(JsonObject document) =>
        document["options"] is JsonObject options && Text(options, "incidentStrategyType") is { Length: > 0 } type ? type.Split(',')[0].Split('.')[^1].Trim() : null;

    private static InputDefinition Input(JsonObject input) => new(
        Text(input, "name") ?? "", Text(input, "type") ?? "Object", Flag(input, "isArray"), Text(input, "displayName"),
        Text(input, "description"),
        input["defaultValue"], IsRequired(input), input);

    private static bool IsRequired(JsonObject input) =>
        input["customProperties"] is JsonObject custom && (Flag(custom, "required") || Flag(custom, "isRequired"));

    private static void Scan(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = ScanDepth });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxDepth && reader.TokenType is (JsonTokenType.StartArray or JsonTokenType.StartObject))
                throw new DefinitionInvalidException("definition-too-deep", $"Definisi bersarang lebih dari {MaxDepth} tingkat.");
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("$ref"u8))
                throw new DefinitionInvalidException("definition-reference",
                    "Definisi memuat rujukan ($ref); rujukan, apalagi yang melingkar, tidak diterima.");
        }
    }

    /// <summary>Nodes parse themselves on first use and are not safe to do so from two threads; after this they only answer.</summary>
    internal static void Materialise(JsonNode? node)
    {
        if (node is JsonObject members)
            foreach (var member in members)
                Materialise(member.Value);
        else if (node is JsonArray items)
            foreach (var item in items)
                Materialise(item);
    }

    private static DefinitionInvalidException NotADefinition() =>
        new("definition-malformed", "Berkas bukan definisi alur kerja: tidak ada aktivitas akar (root).");
}
