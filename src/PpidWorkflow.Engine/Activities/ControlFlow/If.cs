using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Branching", "Menjalankan salah satu dari dua aktivitas menurut sebuah syarat.", DisplayName = "Jika")]
public sealed class If : Activity
{
    [Input(DisplayName = "Syarat", Description = "Benar atau salah.")]
    public Input<bool> Condition { get; set; } = new(false);

    [Port]
    public IActivity? Then { get; set; }

    [Port]
    public IActivity? Else { get; set; }

    [Output(Description = "Nilai syarat.")]
    public Output<bool>? Result { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var holds = context.Get(Condition);
        context.Set(Result, holds);
        var next = holds ? Then : Else;
        return next is null ? context.CompleteActivityAsync() : context.ScheduleActivityAsync(next, OnBranchCompletedAsync);
    }

    private ValueTask OnBranchCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}
