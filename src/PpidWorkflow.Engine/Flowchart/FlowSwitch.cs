using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Flowcharts;

[Activity("Elsa", "Branching", "Memilih jalur menurut kasus yang syaratnya terpenuhi.", DisplayName = "Pilih kasus (alur)")]
[FlowNode("Default")]
public sealed class FlowSwitch : Activity
{
    [Input(DisplayName = "Kasus", Description = "Kasus dengan syaratnya; nama kasus adalah nama jalurnya.", UIHint = "flow-switch-editor")]
    public IReadOnlyList<SwitchCase> Cases { get; set; } = [];

    [Input(DisplayName = "Cara", Description = "MatchFirst: kasus pertama yang terpenuhi; MatchAny: semua yang terpenuhi.", UIHint = "dropdown",
        Options = ["MatchFirst", "MatchAny"], Order = 1)]
    public Input<SwitchMode> Mode { get; set; } = new(SwitchMode.MatchFirst);

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var matching = SwitchCase.Matching(context, Cases, context.Get(Mode));
        return context.CompleteActivityWithOutcomesAsync(matching.Count > 0 ? [.. matching.Select(c => c.Label)] : ["Default"]);
    }
}
