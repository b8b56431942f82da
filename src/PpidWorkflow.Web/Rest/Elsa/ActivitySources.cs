using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// What an execution was given and what it gave, in Elsa's shape: what the definition says literally, and what the journal holds. What its
/// log-persistence mode excludes is left out; long values are cut, and what looks like a secret is never told.
/// </summary>
internal sealed class ActivitySources
{
    private readonly CompiledWorkflow _workflow;
    private readonly JournaledValues _journaled;
    private readonly Dictionary<string, JsonObject> _byId = [];

    /// <param name="journaled">Of the instance.</param>
    public ActivitySources(CompiledWorkflow workflow, JournaledValues journaled)
    {
        (_workflow, _journaled) = (workflow, journaled);
        Collect(workflow.Definition.Root);
    }

    /// <summary>Inputs under PascalCase names, nulls kept; null: the activity takes nothing.</summary>
    public JsonObject? Inputs(string activityId, ExecutionValues? values)
    {
        if (_byId.GetValueOrDefault(activityId) is not { } source || ActivityCatalog.Default.Find(source["type"]!.GetValue<string>()) is not { } descriptor)
        {
            // A workflow that is used as an activity, or an activity within it, whose definition is another.
            return values is null ? null : new JsonObject(values.Inputs.Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone())));
        }
        if (descriptor.Inputs.Count == 0)
            return null;
        var inputs = new JsonObject();
        foreach (var input in descriptor.Inputs)
        {
            if (values?.Inputs.TryGetValue(input.Name, out var noted) == true)
                inputs[input.Name] = noted?.DeepClone();
            else if (IsLiteral(input, source[input.JsonName], out var literal) && (!input.IsWrapped || MayTell(activityId, input.Name)))
                inputs[input.Name] = JournalValue.Of(input.Name, literal)?.DeepClone();
        }
        return inputs;
    }

    /// <summary>Outputs by name, as far as the journal may hold them, null where it has set none; null: the activity gives nothing.</summary>
    public JsonObject? Outputs(string activityId, ExecutionValues? values)
    {
        if (_workflow.FindActivity(activityId) is not { } activity)
            return null;
        var names = ActivityCatalog.Default.Find(activity.Type)?.Outputs.Select(o => o.Name).ToList() ?? values?.Outputs.Keys.ToList() ?? [];
        return names.Count == 0
            ? null
            : new JsonObject(names
                .Where(name => values?.Outputs.ContainsKey(name) == true || _workflow.JournalIncludes(activityId, name, isInput: false, _journaled) == true)
                .Select(name => KeyValuePair.Create(name, values?.Outputs.GetValueOrDefault(name)?.DeepClone())));
    }

    // The definition's own words: told unless it excludes them. Where an expression decides, it has decided while the activity ran.
    private bool MayTell(string activityId, string input) =>
        _workflow.FindActivity(activityId) is SopActivity || _workflow.JournalIncludes(activityId, input, isInput: true, JournaledValues.UnlessExcluded) == true;

    private static bool IsLiteral(InputDescriptor input, JsonNode? given, out JsonNode? literal)
    {
        literal = given;
        if (!input.IsWrapped || given is not JsonObject wrapped)
            return true;
        if (wrapped["expression"] is not JsonObject expression)
        {
            literal = wrapped.ContainsKey("typeName") || wrapped.Count == 0 ? null : wrapped;
            return true;
        }
        literal = expression["value"];
        return expression["type"] is null || expression["type"]!.GetValue<string>() is "Literal" or "Object" or "Json";
    }

    private void Collect(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
                Collect(item);
        }
        else if (node is JsonObject members)
        {
            if (members["id"] is JsonValue id && id.TryGetValue<string>(out var key) && members["type"] is JsonValue type && type.TryGetValue<string>(out _))
                _byId.TryAdd(key, members);
            foreach (var (_, member) in members)
                Collect(member);
        }
    }
}
