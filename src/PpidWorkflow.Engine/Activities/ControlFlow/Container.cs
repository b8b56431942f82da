using PpidWorkflow.Engine.Catalog;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>An activity that holds a list of others; variables declared on it are in scope for them.</summary>
public abstract class Container : Activity
{
    public IReadOnlyList<IActivity> Activities { get; internal set; } = [];
}
