using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Shapes of definitions on Elsa's wire. What an actor may do is in the links: without them Studio only looks.</summary>
internal sealed class DefinitionModel(DefinitionList list, DraftDesk drafts, WorkflowCompiler compiler, IWorkflowLibrary library)
{
    /// <summary>A version row's id as Studio sees it.</summary>
    public static string Id(Guid id) => id.ToString("N");

    /// <summary>The whole definition with its links (Elsa contract: LinkedWorkflowDefinitionModel).</summary>
    public async Task<JsonObject> WholeAsync(Actor actor, DefinitionView view, CancellationToken cancellation) =>
        (await WholeAsync(actor, [view], cancellation))[0];

    public async Task<IReadOnlyList<JsonObject>> WholeAsync(Actor actor, IReadOnlyList<DefinitionView> views, CancellationToken cancellation)
    {
        var links = await LinksAsync(actor, views, cancellation);
        var models = views.Select(view => Whole(actor, view, links(view.Version.DefinitionId))).ToList();
        await TellNewestAsync(models, cancellation);
        return models;
    }

    public async Task<JsonArray> SummariesAsync(Actor actor, IReadOnlyList<DefinitionView> views, CancellationToken cancellation)
    {
        var links = await LinksAsync(actor, views, cancellation);
        return new JsonArray([.. views.Select(view =>
        {
            var summary = new JsonObject { ["links"] = links(view.Version.DefinitionId), ["isMaterializerAvailable"] = true };
            foreach (var (name, value) in Summary(view))
                summary[name] = value?.DeepClone();
            return summary;
        })]);
    }

    /// <summary>A version without its content and links (Elsa contract: WorkflowDefinitionSummary).</summary>
    public static JsonObject Summary(DefinitionView view)
    {
        var version = view.Version;
        var summary = new JsonObject
        {
            ["id"] = Id(version.Id),
            ["definitionId"] = version.DefinitionId,
            ["name"] = version.Name,
            ["description"] = version.Description,
            ["version"] = version.Version,
            ["toolVersion"] = JsonNode.Parse(version.Content)!["toolVersion"]?.DeepClone(),
            ["isLatest"] = view.IsLatest,
            ["isPublished"] = version.State == RevisionState.InForce,
            ["materializerName"] = "Json",
            ["createdAt"] = version.CreatedAt,
            ["isReadonly"] = false
        };
        foreach (var name in (string[])["description", "toolVersion"])
            if (summary[name] is null)
                summary.Remove(name);
        return summary;
    }

    /// <summary>Links of the list itself.</summary>
    public static JsonArray ListLinks(Actor actor)
    {
        var links = new JsonArray(
            Link("/workflow-definitions", "self", "GET"),
            Link("/workflow-definitions/validation/is-name-unique", "is-name-unique", "GET"),
            Link("/workflow-definitions/query/count", "count", "GET"),
            Link("/workflow-definitions/many-by-id", "many-by-id", "GET"));
        if (MayWrite(actor))
        {
            links.Add(Link("/bulk-actions/delete/workflow-definitions/by-definition-id", "bulk-delete-by-definition-id", "POST"));
            links.Add(Link("/bulk-actions/delete/workflow-definitions/by-id", "bulk-delete-by-id", "POST"));
            links.Add(Link("/bulk-actions/publish/workflow-definitions/by-definition-ids", "bulk-publish", "POST"));
            links.Add(Link("/bulk-actions/retract/workflow-definitions/by-definition-ids", "bulk-retract", "POST"));
            links.Add(Link("/workflow-definitions/import", "import", "POST"));
            links.Add(Link("/workflow-definitions/import-files", "import-files", "POST"));
            links.Add(Link("/workflow-definitions", "create", "POST"));
        }
        return links;
    }

    /// <summary>The content in normal form, as people edit it in Studio.</summary>
    public JsonObject Content(DefinitionVersion version)
    {
        var content = NormalForm.Of(JsonNode.Parse(version.Content)!.AsObject(), compiler.Catalog);
        SopForm.ToStudio(content);
        return content;
    }

    public ActivityCatalog Catalog => compiler.Catalog;

    public IWorkflowLibrary Library => library;

    private static bool MayWrite(Actor actor) => actor.Is(Roles.SopManager);

    private JsonObject Whole(Actor actor, DefinitionView view, JsonArray links)
    {
        var version = view.Version;
        var content = Content(version);
        var custom = content["customProperties"]!.DeepClone().AsObject();
        if (view.IsLatest && MayWrite(actor))
            custom[DraftToken.Property] = DraftToken.Of(version).Pack();
        var model = new JsonObject
        {
            ["links"] = links,
            ["id"] = Id(version.Id),
            ["definitionId"] = version.DefinitionId,
            ["name"] = version.Name,
            ["description"] = version.Description,
            ["createdAt"] = version.CreatedAt,
            ["version"] = version.Version
        };
        if (version.Description is null)
            model.Remove("description");
        if (content["toolVersion"] is { } tool)
            model["toolVersion"] = tool.DeepClone();
        foreach (var name in (string[])["variables", "inputs", "outputs", "outcomes"])
            model[name] = content[name]!.DeepClone();
        model["customProperties"] = custom;
        model["isReadonly"] = false;
        model["isSystem"] = false;
        model["isLatest"] = view.IsLatest;
        model["isPublished"] = version.State == RevisionState.InForce;
        model["options"] = content["options"]!.DeepClone();
        model["root"] = content["root"]!.DeepClone();
        return model;
    }

    // Whether a newer version of a workflow that is used is in force: Studio offers it where it is (Elsa contract: WorkflowDefinitionActivity).
    private async Task TellNewestAsync(IEnumerable<JsonObject> models, CancellationToken cancellation)
    {
        var uses = models.SelectMany(m => NormalForm.Activities(m["root"]!.AsObject())).Where(a => a["workflowDefinitionId"] is JsonValue).ToList();
        if (uses.Count == 0)
            return;
        var newest = await list.InForceAsync([.. uses.Select(u => u["workflowDefinitionId"]!.ToString()).Distinct()], cancellation);
        foreach (var use in uses)
        {
            if (!newest.TryGetValue(use["workflowDefinitionId"]!.ToString(), out var version))
                continue;
            use["latestAvailablePublishedVersion"] = version.Number;
            use["latestAvailablePublishedVersionId"] = Id(version.Id);
        }
    }

    private async Task<Func<string, JsonArray>> LinksAsync(Actor actor, IReadOnlyList<DefinitionView> views, CancellationToken cancellation)
    {
        var ids = views.Select(v => v.Version.DefinitionId).Distinct().ToArray();
        var deletable = MayWrite(actor) ? await drafts.DeletableAsync(ids, cancellation) : new HashSet<string>();
        var withdrawable = MayWrite(actor) ? await list.WithdrawableAsync(ids, cancellation) : new HashSet<string>();
        return id => Links(actor, id, withdrawable.Contains(id), deletable.Contains(id));
    }

    private static JsonArray Links(Actor actor, string definitionId, bool mayRetract, bool mayDelete)
    {
        var path = $"/workflow-definitions/{definitionId}";
        var links = new JsonArray(
            Link(path, "self", "GET"), Link($"/workflow-definitions/by-definition-id/{definitionId}", "self", "GET"),
            Link($"{path}/versions", "versions", "GET"));
        if (MayWrite(actor))
        {
            links.Add(Link($"{path}/bulk-dispatch", "bulk-dispatch", "POST"));
            links.Add(Link($"{path}/dispatch", "dispatch", "POST"));
            links.Add(Link($"{path}/execute", "execute", "POST"));
        }
        links.Add(Link($"{path}/export", "export", "POST"));
        if (!MayWrite(actor))
            return links;
        links.Add(Link($"{path}/publish", "publish", "POST"));
        if (mayRetract)
            links.Add(Link($"{path}/retract", "retract", "POST"));
        if (mayDelete)
            links.Add(Link(path, "delete", "DELETE"));
        links.Add(Link($"{path}/import", "import", "PUT"));
        links.Add(Link($"{path}/update-references", "update-references", "POST"));
        return links;
    }

    private static JsonObject Link(string href, string rel, string method) => new JsonObject { ["href"] = href, ["rel"] = rel, ["method"] = method };
}
