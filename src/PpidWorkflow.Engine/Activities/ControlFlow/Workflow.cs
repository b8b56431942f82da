using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>
/// The workflow itself, around the definition's root (Elsa contract: activity <c>Workflow1</c> of type <c>Elsa.Workflow</c>); also within an
/// activity that is another workflow.
/// </summary>
internal sealed class Workflow : Activity
{
    public const string RootId = "Workflow1";

    public IActivity? Root { get; internal set; }

    /// <summary>What it runs: the definition of the instance, or one that is used as an activity.</summary>
    public required Definitions.WorkflowDefinition Definition { get; init; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (context.ParentActivityExecutionContext is null)
            context.TakeInput();
        return context.ScheduleActivityAsync(Root, OnRootCompletedAsync);
    }

    private ValueTask OnRootCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}
