using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>Outputs of an instance's activities, by activity and name; the latest of each. Expressions read them.</summary>
internal sealed class ActivityOutputs(CompiledWorkflow workflow, WorkflowState state)
{
    public void Record(string activityId, string name, JsonNode? value)
    {
        if (!state.ActivityOutputs.TryGetValue(activityId, out var outputs))
            state.ActivityOutputs[activityId] = outputs = [];
        outputs[name] = value;
        if (name == "Result")
            state.LastResultActivityId = activityId;
    }

    /// <summary>By id or name within the workflow that <paramref name="reader"/> is part of, else in the one around it.</summary>
    public JsonNode? Find(ActivityNode reader, string activityIdOrName, string outputName)
    {
        for (var scope = reader.Scope; scope is not null; scope = scope.Parent?.Scope)
        {
            if (!state.ActivityOutputs.TryGetValue(scope.Prefix + activityIdOrName, out var outputs)
                && workflow.Nodes.Values.FirstOrDefault(n => n.Activity.Name == activityIdOrName && n.Prefix == scope.Prefix) is { } named)
                state.ActivityOutputs.TryGetValue(named.Activity.Id, out outputs);
            if (outputs is not null)
                return outputs.GetValueOrDefault(outputName);
        }

        return null;
    }

    public JsonNode? Last => state.LastResultActivityId is { } id ? state.ActivityOutputs.GetValueOrDefault(id)?.GetValueOrDefault("Result") : null;

    /// <summary>Outputs that <see cref="Find"/> finds, nearest first.</summary>
    public IEnumerable<(string Activity, string Output)> Known(ActivityNode reader)
    {
        for (var scope = reader.Scope; scope is not null; scope = scope.Parent?.Scope)
            foreach (var (id, outputs) in state.ActivityOutputs)
                if (workflow.Nodes.GetValueOrDefault(id) is { } node && node.Prefix == scope.Prefix)
                    foreach (var name in outputs.Keys)
                        yield return (node.Activity.Name ?? node.OwnId, name);
    }
}
