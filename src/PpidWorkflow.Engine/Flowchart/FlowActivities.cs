using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Flowcharts;

[Activity("Elsa", "Flow", "Awal alur.", DisplayName = "Mulai")]
public sealed class Start : CodeActivity, IStartNode;

[Activity("Elsa", "Flow", "Akhir alur.", DisplayName = "Selesai")]
public sealed class End : CodeActivity, ITerminalNode;

[Activity("Elsa", "Branching", "Memilih jalur menurut sebuah syarat.", DisplayName = "Keputusan")]
[FlowNode("True", "False")]
public sealed class FlowDecision : Activity
{
    [Input(DisplayName = "Syarat", Description = "Benar atau salah.")]
    public Input<bool> Condition { get; set; } = new(false);

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) =>
        context.CompleteActivityWithOutcomesAsync(context.Get(Condition) ? "True" : "False");
}

[Activity("Elsa", "Branching", "Membagi alur menjadi beberapa cabang yang berjalan bersama.", DisplayName = "Cabang (alur)")]
public sealed class FlowFork : CodeActivity
{
    [Input(DisplayName = "Cabang", Description = "Nama cabang yang berjalan bersama.", UIHint = "dynamic-outcomes")]
    public Input<string[]>? Branches { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) =>
        context.CompleteActivityWithOutcomesAsync(context.Get(Branches) ?? ["Done"]);
}

/// <summary>Joins branches; the joining itself is the flowchart's, which asks for <see cref="Mode"/> before it runs this.</summary>
[Activity("Elsa", "Branching", "Menyatukan beberapa cabang.", DisplayName = "Gabung")]
public sealed class FlowJoin : CodeActivity
{
    [Input(DisplayName = "Cara", Description = "WaitAny: cukup satu cabang; WaitAll: semua; WaitAllActive: semua yang sedang berjalan.",
        UIHint = "dropdown", DefaultValue = FlowJoinMode.WaitAny,
        Options = ["WaitAll", "WaitAllActive", "WaitAny"])]
    public Input<FlowJoinMode> Mode { get; set; } = new(FlowJoinMode.WaitAny);
}

[Activity("Elsa", "Flow", "Wadah bagi satu aktivitas.", DisplayName = "Wadah")]
public sealed class FlowNode : Activity
{
    [Port]
    public IActivity? Body { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) =>
        Body is null ? context.CompleteActivityAsync() : context.ScheduleActivityAsync(Body, OnBodyCompletedAsync);

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}
