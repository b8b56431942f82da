using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Composition;

/// <summary>
/// Starts an instance of another definition and goes on when it has ended, or when it is at rest where nobody waits for its end. A child that
/// faulted or was cancelled is told by the result, as in Elsa; one that could not be started is an incident here.
/// </summary>
[Activity("Elsa", "Composition", "Menjalankan alur kerja lain sebagai instans tersendiri.", DisplayName = "Laksanakan alur kerja", Kind = ActivityKind.Task)]
public sealed class ExecuteWorkflow : Activity
{
    [Input(DisplayName = "Alur kerja", Description = "Definisi yang dijalankan, versi yang berlaku.", UIHint = "workflow-definition-picker")]
    public Input<string>? WorkflowDefinitionId { get; set; }

    [Input(DisplayName = "Kunci korelasi", Description = "Kunci korelasi instans itu.", Order = 1)]
    public Input<string>? CorrelationId { get; set; }

    [Input(DisplayName = "Masukan", Description = "Masukan bagi alur kerja itu.", UIHint = "dropdown", Order = 2)]
    public Input<JsonObject>? Input { get; set; }

    [Input(DisplayName = "Tunggu sampai selesai", Description = "Lanjut setelah alur kerja itu berakhir.", UIHint = "checkbox", Order = 3)]
    public Input<bool>? WaitForCompletion { get; set; }

    [Output(Description = "Instans, keadaan dan keluarannya.", TypeName = "ExecuteWorkflowResult")]
    public Output<JsonObject>? Result { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var definition = Children.Definition(context, WorkflowDefinitionId);
        var (correlation, input, waits) = (context.Get(CorrelationId), context.Get(Input), context.Get(WaitForCompletion));
        context.StartChild(
            context.CreateBookmark(Children.Stimulus(definition, waits), ChildAnsweredAsync), definition, correlation, input,
            waits ? ChildAnswerTime.Ended : ChildAnswerTime.AtRest);
    }

    private ValueTask ChildAnsweredAsync(ActivityExecutionContext context)
    {
        var child = Children.OnlyAnswer(context);
        context.Set(Result, new JsonObject
        {
            ["WorkflowInstanceId"] = child.InstanceId,
            ["Status"] = child.Status.ToString(),
            ["SubStatus"] = child.SubStatus.ToString(),
            ["Output"] = Children.Output(child)
        });
        return context.CompleteActivityAsync();
    }
}
