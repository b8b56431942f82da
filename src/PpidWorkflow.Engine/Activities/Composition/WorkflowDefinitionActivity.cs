using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Composition;

/// <summary>
/// A version of another definition as one activity: it runs within the same instance, as a composite with variables of its own (Elsa
/// contract: WorkflowDefinitionActivity). Its type is the definition's name; the catalog does not know it, the library gives it.
/// <para>
/// What it was given and what it gives live with the execution of <see cref="Body"/>, as variables under ids that no author writes; their
/// names are in scope within, as in Elsa.
/// </para>
/// </summary>
internal sealed class WorkflowDefinitionActivity(WorkflowDefinition definition) : Activity, IHoldsActivities
{
    private const string InputPrefix = "input:";
    private const string OutputPrefix = "output:";

    public WorkflowDefinition Definition { get; } = definition;

    /// <summary>Inputs that the using definition binds, by name.</summary>
    public Dictionary<string, Input<object>> Inputs { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, Output<object>> Outputs { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Workflow? Body { get; set; }

    IEnumerable<IActivity> IHoldsActivities.Children => Body is null ? [] : [Body];

    /// <summary>Ports that it can leave by.</summary>
    public IReadOnlyList<string> Outcomes => [.. Definition.Outcomes.Append("Done").Distinct()];

    /// <summary>Variables of the body: the definition's own first, so that they hide an input of the same name.</summary>
    public static IReadOnlyList<VariableDefinition> VariablesOf(WorkflowDefinition definition) =>
    [
        .. definition.Variables,
        .. definition.Inputs.Select(i => new VariableDefinition(InputId(i.Name), i.Name, i.TypeName, i.IsArray, i.DefaultValue, null)),
        .. definition.Outputs.Select(o => new VariableDefinition(OutputId(o.Name), o.Name, o.TypeName, o.IsArray, null, null))
    ];

    public static string InputId(string name) => InputPrefix + name;
    public static string OutputId(string name) => OutputPrefix + name;

    /// <summary>Gives one output out while the body still runs, and once more when it ends.</summary>
    public void Give(ActivityExecutionContext context, string name, JsonNode? value) => context.Set(Outputs.GetValueOrDefault(name), value);

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var given = new Dictionary<string, object?>();
        foreach (var declared in Definition.Inputs)
        {
            // An input that is bound to nothing keeps its default value.
            if (Inputs.TryGetValue(declared.Name, out var bound) && ValueConverter.ToJson(context.Get(bound)) is { } value)
                given[InputId(declared.Name)] = TypeAliases.Coerce(value, declared.TypeName, declared.IsArray);
            else if (declared is { IsRequired: true, DefaultValue: null })
                throw new ActivityFaultException("missing-input", $"Masukan \"{declared.Name}\" dari alur kerja {Type} kosong.");
        }
        return context.ScheduleActivityAsync(Body, OnBodyCompletedAsync, variables: given);
    }

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed)
    {
        foreach (var name in Outputs.Keys)
            if (completed.ChildContext.GetVariable(OutputId(name)) is { } value)
                Give(completed.TargetContext, name, value);
        return completed.TargetContext.CompleteActivityWithOutcomesAsync([.. completed.Outcomes]);
    }
}
