using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>Repeats while a condition holds; the condition is evaluated before each round.</summary>
[Activity("Elsa", "Looping", "Mengulang aktivitas selama sebuah syarat terpenuhi.", DisplayName = "Selama")]
public sealed class While : Activity, ILoop
{
    [Input(DisplayName = "Syarat", Description = "Benar atau salah; dinilai sebelum setiap putaran.")]
    public Input<bool> Condition { get; set; } = new(false);

    [Port]
    public IActivity? Body { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => IterateAsync(context);

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed) => IterateAsync(completed.TargetContext);

    private ValueTask IterateAsync(ActivityExecutionContext context) => !context.IsBreaking && context.Get(Condition)
        ? context.ScheduleActivityAsync(Body, OnBodyCompletedAsync)
        : context.CompleteActivityAsync();
}
