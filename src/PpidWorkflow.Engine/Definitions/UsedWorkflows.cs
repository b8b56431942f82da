using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Composition;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Expressions;
using static PpidWorkflow.Engine.Definitions.DefinitionReader;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>Workflows that are used as activities: the version meant is built in their place, under ids that begin with the activity's.</summary>
internal sealed partial class ActivityFactory
{
    /// <summary>What a store keeps of an activity's id and type.</summary>
    private const int LongestId = 200;
    private const int LongestType = 100;

    private readonly Dictionary<WorkflowReference, WorkflowDefinition?> _used = [];

    private Activity? CreateWorkflow(JsonObject source, string? id, string type, string definitionId, ActivityNode parent, int depth)
    {
        if (string.IsNullOrEmpty(id))
            return Refuse<Activity>("missing-activity-id", null, $"Sebuah aktivitas berjenis \"{type}\" tidak punya pengenal (id).");
        if (id.Length > LongestId || type.Length > LongestType)
            return Unusable("workflow-activity-too-long", $"punya pengenal lebih dari {LongestId} atau jenis lebih dari {LongestType} huruf.");
        var reference = new WorkflowReference(definitionId, Text(source, "workflowDefinitionVersionId"), Whole(source["version"]) ?? 1);
        for (var scope = parent.Scope; scope is not null; scope = scope.Parent?.Scope)
            if (((Workflow)scope.Activity).Definition.DefinitionId == definitionId)
                return Unusable("workflow-activity-cycle", $"memakai alur kerja \"{type}\" di dalam dirinya sendiri.");
        if (!_used.TryGetValue(reference, out var definition))
            definition = _used[reference] = library.Find(reference);
        if (definition is null)
            return Unusable(
                "workflow-activity-not-found",
                $"memakai alur kerja \"{type}\" ({definitionId}, versi {reference.Version}), yang tidak ada atau belum pernah berlaku.");
        if (!definition.IsUsableAsActivity)
            return Unusable(
                "workflow-activity-not-usable", $"memakai alur kerja \"{definition.Name}\" versi {definition.Version}, yang tidak boleh dipakai sebagai aktivitas.");

        var activity = new WorkflowDefinitionActivity(definition)
        {
            Id = id,
            Type = type,
            Name = Text(source, "name"),
            CustomProperties = source["customProperties"] as JsonObject ?? []
        };
        var node = new ActivityNode(activity, parent, [], Text(source, "id")) { DisplayText = DisplayText(source) };
        if (!Nodes.TryAdd(id, node))
            Refuse("duplicate-activity-id", id, $"Pengenal \"{id}\" dipakai oleh lebih dari satu aktivitas.");
        ReadLogPersistence(node, activity.CustomProperties);
        foreach (var input in definition.Inputs)
            if (Member(source, input.Name) is { } value && ReadInput(node, input.Name, value) is { } bound)
                activity.Inputs[input.Name] = bound;
        foreach (var output in definition.Outputs)
        {
            var reader = new Output<object>
            {
                Name = output.Name,
                VariableId = (Member(source, output.Name) as JsonObject)?["memoryReference"] is JsonObject memory ? Text(memory, "id") : null
            };
            activity.Outputs[output.Name] = reader;
            if (reader.VariableId is not null)
                BoundOutputs.Add((node, reader));
        }

        var body = new Workflow { Id = $"{id}/{Workflow.RootId}", Type = "Elsa.Workflow", Definition = definition };
        var inner = new ActivityNode(body, node, WorkflowDefinitionActivity.VariablesOf(definition), Workflow.RootId);
        Nodes.TryAdd(body.Id, inner);
        ReadLogPersistence(inner, definition.CustomProperties);
        activity.Body = body;
        body.Root = Create(definition.Root, inner, depth + 1);
        return activity;

        Activity? Unusable(string code, string what)
        {
            Refuse(code, id, $"Aktivitas {Label(id, source)} {what}");
            return isStored ? Missing(source, id, type, parent) : null;
        }
    }

    /// <summary>An input of a workflow, or null where it is bound to nothing.</summary>
    private Input<object>? ReadInput(ActivityNode node, string name, JsonNode value)
    {
        var wrapped = value as JsonObject;
        var expression = wrapped?["expression"] as JsonObject;
        if (wrapped is not null && expression is null && (wrapped.ContainsKey("typeName") || wrapped.ContainsKey("memoryReference")))
            return null;
        var type = expression is null ? "Literal" : Text(expression, "type") ?? "Literal";
        var content = expression is null ? value : expression["value"];
        return (content is null && type == "Literal") || Compile(node, name, type, content) is not { } read ? null
            : new Input<object> { Expression = read, Name = name };
    }

    /// <summary>Elsa writes inputs in camel case, and marks a name that an activity has already with an underscore.</summary>
    private static JsonNode? Member(JsonObject source, string name)
    {
        if (Reserved.Contains(name))
            name = "_" + name;
        foreach (var (key, value) in source)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        return null;
    }

    /// <summary>Properties of Elsa's class of such an activity.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "WorkflowDefinitionId", "WorkflowDefinitionVersionId", "LatestAvailablePublishedVersion", "LatestAvailablePublishedVersionId", "Variables", "ResultVariable",
        "Root", "Id", "NodeId", "Name", "Type", "Version", "CustomProperties", "SyntheticProperties", "Metadata", "CanStartWorkflow", "RunAsynchronously",
        "CommitStrategy", "Result"
    };

    private static int? Whole(JsonNode? value) => value is JsonValue number && number.TryGetValue<int>(out var whole) ? whole : null;
}
