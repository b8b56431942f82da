using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>A definition as a tree of nodes, found by their paths (Elsa contract: ActivityNode).</summary>
internal sealed class DefinitionGraph
{
    private const string RootId = "Workflow1";
    private const int MaxWithin = 16;
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly ActivityCatalog _catalog;
    private readonly IWorkflowLibrary _library;

    public DefinitionGraph(DefinitionView view, JsonObject content, ActivityCatalog catalog, IWorkflowLibrary library)
    {
        _catalog = catalog;
        _library = library;
        Root = new Node(RootId, "Root", Workflow(view, content), null);
        _nodes[RootId] = Root;
        Add(Root.Activity["root"]!.AsObject(), "Root", Root);
    }

    public Node Root { get; }

    public Node? Find(string nodeId) => _nodes.GetValueOrDefault(nodeId);

    /// <summary>From a node up to the nearest container that is no flowchart, as Studio's breadcrumbs show it.</summary>
    public static JsonObject Segments(Node child)
    {
        var segments = new List<JsonObject>();
        var ancestors = new List<Node>();
        var below = child;
        for (var node = child.Parent; node is not null; below = node, node = node.Parent)
        {
            ancestors.Add(node);
            if (node.Text("type") is "Elsa.Workflow" or "Elsa.Flowchart")
                continue;
            segments.Insert(0, new JsonObject
            {
                ["activityNodeId"] = node.NodeId,
                ["activityId"] = node.Text("id"),
                ["activityType"] = node.Text("type"),
                ["portName"] = below.Port,
                ["activityName"] = node.Text("name") ?? node.Text("type")
            });
        }
        var container = segments.Count > 0 ? ancestors.First(a => a.Text("id") == segments[^1]["activityId"]!.GetValue<string>())
            : ancestors.Count > 0 ? ancestors[^1] : child;
        return new JsonObject
        {
            ["childNode"] = child.ToJson(),
            ["container"] = container.ToJson(),
            ["pathSegments"] = new JsonArray([.. segments])
        };
    }

    private void Add(JsonObject activity, string port, Node parent)
    {
        var node = new Node(activity["nodeId"]?.ToString() ?? "", port, activity, parent);
        _nodes.TryAdd(node.NodeId, node);
        foreach (var child in (activity["activities"] as JsonArray ?? []).OfType<JsonObject>())
            Add(child, "Activities", node);
        if (node.Text("type") == "Elsa.StateMachine")
            foreach (var child in StateMachine.ActivitiesIn(activity))
                Add(child, "Activities", node);
        foreach (var embedded in _catalog.Find(node.Text("type") ?? "")?.EmbeddedPorts ?? [])
            if (activity[JsonNamingPolicy.CamelCase.ConvertName(embedded.Name)] is JsonObject child)
                Add(child, embedded.Name, node);
        if (_catalog.Find(node.Text("type") ?? "") is null && Used(node) is { } used)
        {
            // A workflow that is used as an activity shows what it holds (Elsa contract).
            activity["root"] = used;
            var body = new Node($"{node.NodeId}:{RootId}", "Root", used, node);
            _nodes.TryAdd(body.NodeId, body);
            Add(used["root"]!.AsObject(), "Root", body);
        }
    }

    private JsonObject? Used(Node node)
    {
        // A workflow within itself was never accepted; what is drawn must end all the same.
        var within = 0;
        for (var above = node.Parent; above is not null; above = above.Parent)
            within += above.Text("workflowDefinitionId") is null ? 0 : 1;
        if (node.Text("workflowDefinitionId") is not { } id || within > MaxWithin
            || _library.Find(new WorkflowReference(id, node.Text("workflowDefinitionVersionId"), (int?)node.Activity["version"] ?? 1)) is not { } definition)
            return null;
        var content = NormalForm.Of(definition.Document, _catalog);
        Rebase(content["root"]!, $"{node.NodeId}:");
        return Workflow(content, definition.Id, definition.DefinitionId, definition.Version, definition.IsPublished, $"{node.NodeId}:{RootId}");
    }

    private static void Rebase(JsonNode? within, string prefix)
    {
        if (within is JsonObject members)
        {
            if (members["nodeId"] is JsonValue path)
                members["nodeId"] = prefix + path;
            foreach (var (_, member) in members.ToList())
                Rebase(member, prefix);
        }
        else if (within is JsonArray items)
        {
            foreach (var item in items)
                Rebase(item, prefix);
        }
    }

    private static JsonObject Workflow(DefinitionView view, JsonObject content)
    {
        var version = view.Version;
        var workflow = Workflow(
            content, DefinitionModel.Id(version.Id), version.DefinitionId, version.Version, version.State == RevisionState.InForce, RootId);
        workflow["publication"]!["isLatest"] = view.IsLatest;
        workflow["workflowMetadata"] = new JsonObject
        {
            ["name"] = version.Name,
            ["description"] = version.Description ?? "",
            ["createdAt"] = version.CreatedAt
        };
        return workflow;
    }

    private static JsonObject Workflow(JsonObject content, string id, string definitionId, int version, bool isPublished, string nodeId)
    {
        return new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["definitionId"] = definitionId,
                ["version"] = version,
                ["id"] = id
            },
            ["publication"] = new JsonObject { ["isLatest"] = content["isLatest"]?.DeepClone() ?? false, ["isPublished"] = isPublished },
            ["inputs"] = content["inputs"]!.DeepClone(),
            ["outputs"] = content["outputs"]!.DeepClone(),
            ["outcomes"] = content["outcomes"]!.DeepClone(),
            ["workflowMetadata"] = new JsonObject
            {
                ["name"] = content["name"]?.DeepClone(),
                ["description"] = content["description"]?.DeepClone() ?? "",
                ["createdAt"] = content["createdAt"]?.DeepClone()
            },
            ["options"] = content["options"]!.DeepClone(),
            ["isReadonly"] = false,
            ["isSystem"] = false,
            ["definitionHandle"] = new JsonObject { ["definitionVersionId"] = id },
            ["result"] = null,
            ["root"] = content["root"]!.DeepClone(),
            ["id"] = RootId,
            ["nodeId"] = nodeId,
            ["name"] = null,
            ["type"] = "Elsa.Workflow",
            ["version"] = 1,
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject()
        };
    }

    /// <summary>An activity in its place.</summary>
    internal sealed record Node(string NodeId, string Port, JsonObject Activity, Node? Parent)
    {
        public string? Text(string name) => Activity[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        public JsonObject ToJson() => new() { ["nodeId"] = NodeId, ["port"] = Port, ["activity"] = Activity.DeepClone() };
    }
}
