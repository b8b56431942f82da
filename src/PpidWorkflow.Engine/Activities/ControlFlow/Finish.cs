using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Primitives", "Mengakhiri seluruh alur kerja.", DisplayName = "Akhiri alur kerja")]
public sealed class Finish : Activity, ITerminalNode
{
    protected override void Execute(ActivityExecutionContext context) => context.FinishWorkflow();
}

/// <summary>Ends the workflow that holds it with outcomes of its own: one that is used as an activity, else the instance.</summary>
[Activity("Elsa", "Composition", "Mengakhiri alur kerja dengan hasil tertentu.", DisplayName = "Selesaikan")]
public sealed class Complete : Activity, ITerminalNode
{
    [Input(DisplayName = "Hasil", Description = "Hasil yang disampaikan kepada wadahnya.", UIHint = "outcome-picker")]
    public Input<object>? Outcomes { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) =>
        context.CompleteCompositeAsync(Names(ValueConverter.ToJson(context.Get(Outcomes))));

    private static string[] Names(JsonNode? value) => value switch
    {
        JsonArray list => [.. list.Select(ValueConverter.ToText).OfType<string>()],
        null => ["Done"],
        _ => [ValueConverter.ToText(value) ?? "Done"]
    };
}
