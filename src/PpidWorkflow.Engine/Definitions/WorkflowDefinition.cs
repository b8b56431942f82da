using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>
/// One version of a workflow, as Elsa 3 writes it (Elsa contract: workflow-definition v3.0.0). A thin, read-only view over
/// <see cref="Document"/>: what this engine does not know stays in the document and is written back unchanged.
/// </summary>
public sealed partial class WorkflowDefinition
{
    internal WorkflowDefinition(JsonObject document) => Document = document;

    /// <summary>The whole definition as it was read, unknown properties included. Never changed after reading.</summary>
    public JsonObject Document { get; }

    /// <summary>Id of this very version.</summary>
    public required string Id { get; init; }

    /// <summary>Id that all versions of the definition share.</summary>
    public required string DefinitionId { get; init; }

    public required int Version { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public bool IsLatest { get; init; }
    public bool IsPublished { get; init; }
    public IReadOnlyList<VariableDefinition> Variables { get; init; } = [];
    public IReadOnlyList<InputDefinition> Inputs { get; init; } = [];
    public IReadOnlyList<OutputDefinition> Outputs { get; init; } = [];

    /// <summary>Outcomes with which it may complete where it is used as an activity.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = [];

    /// <summary>Others may use it as an activity (<c>options.usableAsActivity</c>).</summary>
    public bool IsUsableAsActivity { get; init; }

    /// <summary>Where the palette shows it; null: Elsa's own word for such activities.</summary>
    public string? ActivityCategory { get; init; }

    /// <summary>Type name as which others use it: its name in Elsa's way of writing ("Sub flow" → <c>SubFlow</c>).</summary>
    public string ActivityTypeName => WordStart().Replace(Name ?? "", match => match.Groups[1].Value.ToUpperInvariant());

    /// <summary>Free properties; <c>sop</c> holds the identity block of the SOP (design.md §3).</summary>
    public required JsonObject CustomProperties { get; init; }

    /// <summary>
    /// Whether an incident leaves the instance Running (Elsa contract: <c>options.incidentStrategyType</c>,
    /// <c>ContinueWithIncidentsStrategy</c>); otherwise it stops as Faulted.
    /// </summary>
    public bool ContinuesWithIncidents { get; init; }

    /// <summary>The root activity as written.</summary>
    public required JsonObject Root { get; init; }

    /// <summary>The same content as another version row: import, publication, a new draft.</summary>
    public WorkflowDefinition WithIdentity(string id, string definitionId, int version, bool isLatest, bool isPublished,
        DateTimeOffset? createdAt = null)
    {
        var document = Document.DeepClone().AsObject();
        document["id"] = id;
        document["definitionId"] = definitionId;
        document["version"] = version;
        document["isLatest"] = isLatest;
        document["isPublished"] = isPublished;
        if (createdAt is { } at)
            document["createdAt"] = at;
        return DefinitionReader.FromDocument(document);
    }

    [GeneratedRegex("(?:[ _-]+|^)([a-zA-Z])")]
    private static partial Regex WordStart();
}

/// <summary>A variable of the workflow or of a container activity.</summary>
public sealed record VariableDefinition(string Id, string Name, string TypeName, bool IsArray, JsonNode? Value,
    string? StorageDriverTypeName)
{
    /// <summary>Lives for one burst only and is never stored (Elsa contract: MemoryStorageDriver).</summary>
    public bool IsInMemory() => StorageDriverTypeName?.Contains("MemoryStorageDriver", StringComparison.Ordinal) == true;
}

/// <summary>
/// An input that whoever starts the workflow gives. <see cref="IsRequired"/> reads the custom property <c>required</c> (or
/// <c>isRequired</c>).
/// </summary>
public sealed record InputDefinition(
    string Name, string TypeName, bool IsArray, string? DisplayName, string? Description, JsonNode? DefaultValue, bool IsRequired,
    JsonObject Source);

/// <summary>An output of the workflow.</summary>
public sealed record OutputDefinition(string Name, string TypeName, bool IsArray, string? DisplayName);
