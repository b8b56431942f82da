using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Engine.Catalog;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>A definition as a tree of nodes, found by their paths (Elsa contract: ActivityNode).</summary>
internal sealed class DefinitionGraph
{
    private const string RootId = "Workflow1";
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly ActivityCatalog _catalog;

    public DefinitionGraph(DefinitionView view, JsonObject content, ActivityCatalog catalog)
    {
        _catalog = catalog;
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
        foreach (var embedded in _catalog.Find(node.Text("type") ?? "")?.EmbeddedPorts ?? [])
            if (activity[JsonNamingPolicy.CamelCase.ConvertName(embedded.Name)] is JsonObject child)
                Add(child, embedded.Name, node);
    }

    private static JsonObject Workflow(DefinitionView view, JsonObject content)
    {
        var version = view.Version;
        return new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["definitionId"] = version.DefinitionId,
                ["version"] = version.Version,
                ["id"] = DefinitionModel.Id(version.Id)
            },
            ["publication"] = new JsonObject { ["isLatest"] = view.IsLatest, ["isPublished"] = version.State == RevisionState.InForce },
            ["inputs"] = content["inputs"]!.DeepClone(),
            ["outputs"] = content["outputs"]!.DeepClone(),
            ["outcomes"] = content["outcomes"]!.DeepClone(),
            ["workflowMetadata"] = new JsonObject
            {
                ["name"] = version.Name,
                ["description"] = version.Description ?? "",
                ["createdAt"] = version.CreatedAt
            },
            ["options"] = content["options"]!.DeepClone(),
            ["isReadonly"] = false,
            ["isSystem"] = false,
            ["definitionHandle"] = new JsonObject { ["definitionVersionId"] = DefinitionModel.Id(version.Id) },
            ["result"] = null,
            ["root"] = content["root"]!.DeepClone(),
            ["id"] = RootId,
            ["nodeId"] = RootId,
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
