using System.Globalization;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// The identity block of an SOP (<c>customProperties.sop</c>) as far as a revision writes it: number of the revision and its date. A
/// definition without the block is no printed SOP and stays without.
/// </summary>
public static class IdentityBlock
{
    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");

    /// <summary>The block, or null.</summary>
    public static JsonObject? Of(WorkflowDefinition definition) => definition.CustomProperties["sop"] as JsonObject;

    /// <summary>Number of the revision as the block has it; null: none, or not a whole number.</summary>
    public static int? RevisionNumberOf(WorkflowDefinition definition) =>
        Of(definition)?["revisionNumber"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    /// <summary>Date of the revision as the block has it; null: none, or not a whole date.</summary>
    public static DateOnly? RevisedOnOf(WorkflowDefinition definition)
    {
        var written = Of(definition)?["revisedOn"];
        var text = (written is JsonObject dated ? dated["value"] : written) is JsonValue value && value.TryGetValue<string>(out var date) ? date : null;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    }

    /// <summary>A member of the block as a reader sees it; null for lists and what is not printed as one value.</summary>
    public static string? Printed(JsonNode? value) => value switch
    {
        JsonValue => value.ToString(),
        JsonObject printed when printed["asPrinted"] is JsonValue text => text.ToString(),
        JsonObject person when person["name"] is JsonValue name => name.ToString(),
        _ => null
    };

    /// <summary>The definition with both written into its block, in the form of <c>sop.json</c>; the same definition where it has no block.</summary>
    public static WorkflowDefinition Stamp(WorkflowDefinition definition, int revisionNumber, DateOnly revisedOn)
    {
        if (Of(definition) is null)
            return definition;
        var document = definition.Document.DeepClone().AsObject();
        var block = document["customProperties"]!["sop"]!.AsObject();
        block["revisionNumber"] = revisionNumber;
        block["revisedOn"] = new JsonObject
        {
            ["value"] = revisedOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["precision"] = "day",
            ["asPrinted"] = OfficeTime.FormalDate(revisedOn, Indonesian)
        };
        return DefinitionReader.FromDocument(document);
    }
}
