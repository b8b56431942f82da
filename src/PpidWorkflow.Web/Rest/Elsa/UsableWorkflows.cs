using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Definitions that others may use as activities, as Elsa describes them: a descriptor for each version that is in force or was; only what is in
/// force can be dragged onto a drawing.
/// </summary>
/// <param name="VersionId">Id of the version row.</param>
/// <param name="TypeName">The definition's name in Elsa's writing.</param>
/// <param name="IsInForce">False: superseded, still run by whoever pins it.</param>
/// <param name="Descriptor">Elsa contract: ActivityDescriptor. Not to be changed.</param>
internal sealed record UsableWorkflow(Guid VersionId, string TypeName, bool IsInForce, JsonObject Descriptor)
{
    private const string Mark = "%\"usableAsActivity\"%";

    public static async Task<IReadOnlyList<UsableWorkflow>> ReadAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var versions = await db.DefinitionVersions.AsNoTracking()
            .Where(v => v.State == RevisionState.InForce || v.State == RevisionState.Superseded).Where(v => EF.Functions.Like(v.Content, Mark))
            .OrderBy(v => v.DefinitionId).ThenByDescending(v => v.Version).ToListAsync(cancellation);
        return
        [
            .. from version in versions
               let definition = DefinitionReader.ReadStored(version.Content)
               where definition.IsUsableAsActivity
               select new UsableWorkflow(
                   version.Id, definition.ActivityTypeName, version.State == RevisionState.InForce, Describe(version, definition))
        ];
    }

    private static JsonObject Describe(DefinitionVersion version, WorkflowDefinition definition)
    {
        const string clrType =
            "UnregisteredClrType:Elsa.Workflows.Management.Activities.WorkflowDefinitionActivity.WorkflowDefinitionActivity, Elsa.Workflows.Management";
        var descriptor = new JsonObject
        {
            ["typeName"] = definition.ActivityTypeName,
            ["clrType"] = clrType,
            ["name"] = definition.ActivityTypeName,
            ["version"] = version.Version,
            ["category"] = definition.ActivityCategory ?? "Workflows",
            ["displayName"] = version.Name
        };
        if (version.Description is { } description)
            descriptor["description"] = description;
        descriptor["inputs"] = new JsonArray([.. definition.Inputs.Select(i => (JsonNode)Input(i))]);
        descriptor["outputs"] = new JsonArray([.. definition.Outputs.Select(o => (JsonNode)Output(o, definition))]);
        descriptor["kind"] = "Action";
        descriptor["runAsynchronously"] = false;
        descriptor["ports"] = new JsonArray(
            [Port("Root", "Embedded", isBrowsable: false), .. definition.Outcomes.Select(name => (JsonNode)Port(name, "Flow", isBrowsable: true))]);
        descriptor["customProperties"] = new JsonObject
        {
            ["RootType"] = "WorkflowDefinitionActivity",
            ["WorkflowDefinitionId"] = version.DefinitionId,
            ["WorkflowDefinitionVersionId"] = DefinitionModel.Id(version.Id)
        };
        descriptor["constructionProperties"] = new JsonObject
        {
            ["WorkflowDefinitionId"] = version.DefinitionId,
            ["WorkflowDefinitionVersionId"] = DefinitionModel.Id(version.Id),
            ["Version"] = version.Version
        };
        descriptor["isContainer"] = false;
        descriptor["isBrowsable"] = version.State == RevisionState.InForce;
        descriptor["isStart"] = false;
        descriptor["isTerminal"] = false;
        return descriptor;
    }

    private static JsonObject Input(InputDefinition input) => new()
    {
        ["isWrapped"] = true,
        ["uiHint"] = Text(input.Source, "uiHint") ?? "singleline",
        ["category"] = Text(input.Source, "category") ?? "",
        ["isSensitive"] = false,
        ["storageDriverType"] = Text(input.Source, "storageDriverType"),
        ["autoEvaluate"] = true,
        ["name"] = input.Name,
        ["typeName"] = input.IsArray ? input.TypeName + "[]" : input.TypeName,
        ["displayName"] = input.DisplayName ?? input.Name,
        ["description"] = input.Description ?? "",
        ["order"] = 0,
        ["isBrowsable"] = true,
        ["isSynthetic"] = true
    };

    private static JsonObject Output(OutputDefinition output, WorkflowDefinition definition) => new()
    {
        ["name"] = output.Name,
        ["typeName"] = output.IsArray ? output.TypeName + "[]" : output.TypeName,
        ["displayName"] = output.DisplayName ?? output.Name,
        ["description"] = (definition.Document["outputs"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(o => Text(o, "name") == output.Name) is { } written
            ? Text(written, "description") ?? "" : "",
        ["order"] = 0,
        ["isBrowsable"] = true,
        ["isSynthetic"] = true
    };

    private static JsonObject Port(string name, string type, bool isBrowsable) =>
        new() { ["name"] = name, ["displayName"] = name == "Done" ? "Selesai" : name, ["type"] = type, ["isBrowsable"] = isBrowsable };

    private static string? Text(JsonObject source, string name) => source[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
