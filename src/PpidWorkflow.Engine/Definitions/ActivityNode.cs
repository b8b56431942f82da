using System.Collections.Concurrent;
using System.Reflection;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>An activity's place in a compiled definition, with what is looked up once and used by every instance.</summary>
internal sealed class ActivityNode(IActivity activity, ActivityNode? parent, IReadOnlyList<VariableDefinition> variables)
{
    private const BindingFlags AnyInstance =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private readonly ConcurrentDictionary<string, ExecuteActivityDelegate> _resumeCallbacks = [];
    private readonly ConcurrentDictionary<string, ActivityCompletionCallback> _completionCallbacks = [];

    public IActivity Activity { get; } = activity;
    public ActivityNode? Parent { get; } = parent;
    public string NodeId { get; } = parent is null ? activity.Id : $"{parent.NodeId}:{activity.Id}";

    /// <summary>Variables declared here; in scope for everything below.</summary>
    public IReadOnlyList<VariableDefinition> Variables { get; } = variables;

    /// <summary>What stands on the activity's box in the drawing; null: nothing of its own.</summary>
    public string? DisplayText { get; init; }

    public VariableDefinition? FindVariable(string nameOrId)
    {
        foreach (var variable in Variables)
            if (variable.Id == nameOrId || variable.Name == nameOrId)
                return variable;
        return null;
    }

    public ExecuteActivityDelegate ResumeCallback(string method) => _resumeCallbacks.GetOrAdd(method, Bind<ExecuteActivityDelegate>);
    public ActivityCompletionCallback CompletionCallback(string method) =>
        _completionCallbacks.GetOrAdd(method, Bind<ActivityCompletionCallback>);

    /// <summary>The name under which a callback is stored in the state.</summary>
    /// <exception cref="InvalidOperationException">A lambda or a method of something else: it could not be found again after a
    /// restart.</exception>
    public static string NameOf(Delegate callback, IActivity owner) => callback.Target == owner && !callback.Method.Name.Contains('<')
        ? callback.Method.Name
        : throw new InvalidOperationException($"A callback of {owner.Type} must be a method of it: its name is stored.");

    private T Bind<T>(string method) where T : Delegate
    {
        for (var type = Activity.GetType(); type is not null; type = type.BaseType)
            if (type.GetMethod(method, AnyInstance) is { } found)
                return found.CreateDelegate<T>(Activity);
        throw new InvalidOperationException($"{Activity.Type} no longer has the method {method} that a stored state refers to.");
    }
}
