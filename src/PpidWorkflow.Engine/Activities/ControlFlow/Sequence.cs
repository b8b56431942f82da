using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Workflows", "Aktivitas satu demi satu.", DisplayName = "Urutan", IsBrowsable = false)]
public sealed class Sequence : Container, IBreakable
{
    /// <summary>Property of an execution: how many children have begun.</summary>
    internal const string Next = "Next";

    // One for all executions: a sequence has many children.
    private ActivityCompletionCallback? _childCompleted;

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => ContinueAsync(context);

    private ValueTask OnChildCompletedAsync(ActivityCompletedContext completed) =>
        completed.TargetContext.IsBreaking || completed.ChildContext.Activity is ITerminalNode
            ? completed.TargetContext.CompleteActivityAsync()
            : ContinueAsync(completed.TargetContext);

    private ValueTask ContinueAsync(ActivityExecutionContext context)
    {
        var next = context.GetProperty<int>(Next);
        if (next >= Activities.Count)
            return context.CompleteActivityAsync();
        context.SetProperty(Next, next + 1);
        return context.ScheduleActivityAsync(Activities[next], _childCompleted ??= OnChildCompletedAsync);
    }
}
