using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Composition;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <content>What an activity reads and writes: its inputs and outputs, those of the workflows around it, variables.</content>
public sealed partial class ActivityExecutionContext
{
    /// <summary>Inputs with which the workflow was started.</summary>
    public IReadOnlyDictionary<string, JsonNode?> WorkflowInput => _workflow.State.Input;

    /// <summary>Evaluates an input. Evaluated anew on each call.</summary>
    /// <exception cref="ActivityFaultException">The expression failed or its value does not fit.</exception>
    public T? Get<T>(Input<T>? input)
    {
        if (input is null)
            return default;
        if (input.Expression is null)
            return input.Literal;
        var value = ValueConverter.To<T>(input.Expression.Evaluate(this));
        if (_workflow.State.Journaled != JournaledValues.None)
            _workflow.Journal.NoteInput(this, input, value);
        return value;
    }

    /// <summary>Sets an output: later expressions can read it, and the variable it is bound to takes its value.</summary>
    public void Set<T>(Output<T>? output, T? value)
    {
        if (output is null)
            return;
        var json = ValueConverter.ToJson(value);
        Record(output.Name, json);
        if (output.VariableId is not null)
            SetVariable(output.VariableId, json);
    }

    /// <summary>Sets the activity's output of that name, bound or not.</summary>
    public void SetResult(string outputName, object? value) => Record(outputName, ValueConverter.ToJson(value));

    private void Record(string outputName, JsonNode? value)
    {
        _workflow.Outputs.Record(Activity.Id, outputName, value);
        if (_workflow.State.Journaled != JournaledValues.None)
            _workflow.Journal.NoteValue(this, outputName, value, isInput: false);
    }

    /// <summary>Sets an output of the workflow around this activity: of one that is used as an activity, else of the instance.</summary>
    public void SetWorkflowOutput(string name, object? value)
    {
        foreach (var (body, used) in UsedWorkflows())
        {
            if (used.Definition.Outputs.All(o => o.Name != name))
                continue;
            body.SetVariable(WorkflowDefinitionActivity.OutputId(name), value);
            used.Give(body.ParentActivityExecutionContext!, name, body.GetVariable(WorkflowDefinitionActivity.OutputId(name)));
            return;
        }
        _workflow.State.Output[name] = Definition.Outputs.FirstOrDefault(o => o.Name == name) is { } declared
            ? TypeAliases.Coerce(value, declared.TypeName, declared.IsArray)
            : ValueConverter.ToJson(value);
    }

    /// <summary>
    /// Gives the instance's inputs their declared types: numbers written as text become numbers, bags of stock Elsa what they hold. Instants,
    /// days and spans only have to be readable, and stay as they were written.
    /// </summary>
    /// <exception cref="ActivityFaultException">Code <c>input-type</c>; the value itself is not repeated.</exception>
    internal void TakeInput()
    {
        var given = _workflow.State.Input;
        foreach (var declared in Definition.Inputs)
        {
            var name = given.Keys.FirstOrDefault(key => key.Equals(declared.Name, StringComparison.OrdinalIgnoreCase));
            if (name is null || given[name] is not { } value)
                continue;
            try
            {
                var typed = TypeAliases.Coerce(value, declared.TypeName, declared.IsArray);
                if (typed is not JsonValue || typed.GetValueKind() != System.Text.Json.JsonValueKind.String || value is not JsonValue
                    || value.GetValueKind() != System.Text.Json.JsonValueKind.String)
                    given[name] = typed;
            }
            catch (ActivityFaultException)
            {
                throw new ActivityFaultException("input-type", $"Masukan \"{declared.Name}\" bukan {declared.TypeName}{(declared.IsArray ? "[]" : "")}.");
            }
        }
    }

    /// <summary>An input of the workflow around this activity, else of the one around that, at last of the instance.</summary>
    public JsonNode? GetWorkflowInput(string name)
    {
        foreach (var (body, used) in UsedWorkflows())
            if (used.Definition.Inputs.FirstOrDefault(i => i.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } declared)
                return body.GetVariable(WorkflowDefinitionActivity.InputId(declared.Name));
        foreach (var (key, value) in _workflow.State.Input)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        return Definition.Inputs.FirstOrDefault(i => i.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.DefaultValue;
    }

    /// <summary>Names of inputs that an expression here may ask for.</summary>
    internal IEnumerable<string> InputNames => UsedWorkflows().SelectMany(w => w.Used.Definition.Inputs).Concat(Definition.Inputs).Select(i => i.Name)
        .Concat(WorkflowInput.Keys).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>The workflows used as activities that this execution is within, innermost first, each with the execution of its body.</summary>
    private IEnumerable<(ActivityExecutionContext Body, WorkflowDefinitionActivity Used)> UsedWorkflows()
    {
        for (var scope = this; scope is not null; scope = scope.ParentActivityExecutionContext)
            if (scope is { Activity: Workflow, ParentActivityExecutionContext.Activity: WorkflowDefinitionActivity used })
                yield return (scope, used);
    }

    /// <summary>Values that expressions may read while an activity evaluates one of its inputs (Elsa contract: arguments).</summary>
    internal IReadOnlyDictionary<string, JsonNode?>? Arguments { get; private set; }

    /// <summary>Evaluates an input with further values at hand.</summary>
    public T? Get<T>(Input<T>? input, IReadOnlyDictionary<string, JsonNode?> arguments)
    {
        Arguments = arguments;
        try
        {
            return Get(input);
        }
        finally
        {
            Arguments = null;
        }
    }

    public T? GetVariable<T>(string nameOrId) => ValueConverter.To<T>(GetVariable(nameOrId));
    public T? GetVariable<T>(Variable variable) => GetVariable<T>(variable.Id.Length > 0 ? variable.Id : variable.Name);

    /// <summary>Value of the nearest variable of that name or id; null where there is none.</summary>
    public JsonNode? GetVariable(string nameOrId)
    {
        for (var scope = this; scope is not null; scope = scope.ParentActivityExecutionContext)
        {
            if (scope.State.Variables?.TryGetValue(nameOrId, out var own) == true)
                return own;
            if (scope.Node.FindVariable(nameOrId) is { } declared)
                return scope.ValueOf(declared);
        }

        return null;
    }

    /// <summary>
    /// Sets the nearest variable of that name or id; one that is not declared becomes a variable of the workflow, as in Elsa.
    /// </summary>
    public void SetVariable(string nameOrId, object? value)
    {
        for (var scope = this; scope is not null; scope = scope.ParentActivityExecutionContext)
        {
            var declared = scope.Node.FindVariable(nameOrId);
            if (declared is null && scope.State.Variables?.ContainsKey(nameOrId) != true
                && scope.ParentActivityExecutionContext is not null)
                continue;
            if (declared is null)
                (scope.State.Variables ??= [])[nameOrId] = ValueConverter.ToJson(value);
            else if (declared.IsInMemory())
                (scope.Rare.Memory ??= [])[declared.Id] = TypeAliases.Coerce(value, declared.TypeName, declared.IsArray);
            else
                (scope.State.Variables ??= [])[declared.Id] = TypeAliases.Coerce(value, declared.TypeName, declared.IsArray);
            return;
        }
    }

    /// <summary>Output of an activity that ran earlier, by the activity's id or name.</summary>
    public JsonNode? GetOutputFrom(string activityIdOrName, string outputName) => _workflow.Outputs.Find(Node, activityIdOrName, outputName);

    public JsonNode? GetLastResult() => _workflow.Outputs.Last;

    internal IEnumerable<(string Activity, string Output)> KnownOutputs => _workflow.Outputs.Known(Node);

    /// <summary>Names of all variables in scope, nearest first, each once.</summary>
    internal IEnumerable<string> VariableNames
    {
        get
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var scope = this; scope is not null; scope = scope.ParentActivityExecutionContext)
            {
                foreach (var declared in scope.Node.Variables)
                    if (seen.Add(declared.Name))
                        yield return declared.Name;
                foreach (var key in scope.State.Variables?.Keys ?? Enumerable.Empty<string>())
                    if (!scope.Node.Variables.Any(v => v.Id == key) && seen.Add(key))
                        yield return key;
            }
        }
    }

    private JsonNode? ValueOf(VariableDefinition declared)
    {
        var values = declared.IsInMemory() ? _extras?.Memory : State.Variables;
        return values is not null && values.TryGetValue(declared.Id, out var value)
            ? value
            : TypeAliases.Coerce(declared.Value, declared.TypeName, declared.IsArray);
    }
}
