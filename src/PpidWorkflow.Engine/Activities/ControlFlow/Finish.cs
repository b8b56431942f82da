using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Primitives", "Mengakhiri seluruh alur kerja.", DisplayName = "Akhiri alur kerja")]
public sealed class Finish : Activity, ITerminalNode
{
    protected override void Execute(ActivityExecutionContext context) => context.FinishWorkflow();
}

/// <summary>In Elsa the end of a workflow used as an activity; a workflow here is never one, so it ends the workflow.</summary>
[Activity("Elsa", "Composition", "Mengakhiri alur kerja dengan hasil tertentu.", DisplayName = "Selesaikan")]
public sealed class Complete : Activity, ITerminalNode
{
    [Input(DisplayName = "Hasil", Description = "Hasil yang disampaikan kepada wadahnya.", UIHint = "outcome-picker")]
    public Input<object>? Outcomes { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.FinishWorkflow();
}
