using System.Reflection;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>An activity's place in a compiled definition, with what is looked up once and used by every instance.</summary>
internal sealed class ActivityNode(IActivity activity, ActivityNode? parent, IReadOnlyList<VariableDefinition> variables, string? ownId = null)
{
    private const BindingFlags AnyInstance =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private (string Method, ExecuteActivityDelegate Callback)[] _resumeCallbacks = [];
    private (string Method, ActivityCompletionCallback Callback)[] _completionCallbacks = [];
    private (Delegate Callback, string Name)[] _names = [];

    public IActivity Activity { get; } = activity;
    public ActivityNode? Parent { get; } = parent;
    public string NodeId { get; } = parent is null ? activity.Id : $"{parent.NodeId}:{ownId ?? activity.Id}";

    /// <summary>The id as its author wrote it. Within a workflow that is used as an activity, the activity's own id begins with where that is.</summary>
    public string OwnId { get; } = ownId ?? activity.Id;

    /// <summary>The workflow around it: the definition's own, or one that is used as an activity. A workflow is its own scope.</summary>
    public ActivityNode Scope => Activity is Activities.ControlFlow.Workflow ? this : Parent!.Scope;

    /// <summary>What the ids of all activities of this scope begin with; empty for those of the definition itself.</summary>
    public string Prefix { get; } = activity is Activities.ControlFlow.Workflow ? activity.Id[..^Activities.ControlFlow.Workflow.RootId.Length] : parent!.Prefix;

    /// <summary>Variables declared here; in scope for everything below.</summary>
    public IReadOnlyList<VariableDefinition> Variables { get; } = variables;

    /// <summary>What it says about its values in the journal; null: nothing.</summary>
    public LogPersistence? LogPersistence { get; set; }

    /// <summary>What stands on the activity's box in the drawing; null: nothing of its own.</summary>
    public string? DisplayText { get; init; }

    public VariableDefinition? FindVariable(string nameOrId)
    {
        foreach (var variable in Variables)
            if (variable.Id == nameOrId || variable.Name == nameOrId)
                return variable;
        return null;
    }

    public ExecuteActivityDelegate ResumeCallback(string method) => Callback(ref _resumeCallbacks, method);

    public ActivityCompletionCallback CompletionCallback(string method) => Callback(ref _completionCallbacks, method);

    /// <summary>The name under which a callback is stored in the state. Asked of reflection once: an activity has a few and is run often.</summary>
    /// <exception cref="InvalidOperationException">A lambda or a method of something else: it could not be found again after a
    /// restart.</exception>
    public string NameOf(Delegate callback)
    {
        foreach (var (known, name) in _names)
            if (known.Equals(callback))
                return name;
        var method = callback.Method.Name;
        if (callback.Target != Activity || method.Contains('<'))
            throw new InvalidOperationException($"A callback of {Activity.Type} must be a method of it: its name is stored.");
        // Of two at once one may be lost, and is asked for again.
        _names = [.. _names, (callback, method)];
        return method;
    }

    /// <summary>A list and no dictionary: most activities have none, and those that have, one or two.</summary>
    private T Callback<T>(ref (string Method, T Callback)[] known, string method) where T : Delegate
    {
        var met = known;
        foreach (var (name, callback) in met)
            if (name == method)
                return callback;
        var bound = Bind<T>(method);
        // Of two at once one may be lost, and is bound again.
        known = [.. met, (method, bound)];
        return bound;
    }

    private T Bind<T>(string method) where T : Delegate
    {
        for (var type = Activity.GetType(); type is not null; type = type.BaseType)
            if (type.GetMethod(method, AnyInstance) is { } found)
                return found.CreateDelegate<T>(Activity);
        throw new InvalidOperationException($"{Activity.Type} no longer has the method {method} that a stored state refers to.");
    }
}
