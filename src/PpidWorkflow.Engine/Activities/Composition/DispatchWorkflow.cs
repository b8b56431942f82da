using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Composition;

/// <summary>Starts an instance of another definition and goes on at once, or when it has ended with its outputs as result.</summary>
[Activity("Elsa", "Composition", "Memulai alur kerja lain tanpa menunggu jalannya.", DisplayName = "Kirim alur kerja")]
public sealed class DispatchWorkflow : Activity
{
    [Input(DisplayName = "Alur kerja", Description = "Definisi yang dimulai, versi yang berlaku.", UIHint = "workflow-definition-picker")]
    public Input<string>? WorkflowDefinitionId { get; set; }

    [Input(DisplayName = "Kunci korelasi", Description = "Kunci korelasi instans itu.", Order = 1)]
    public Input<string>? CorrelationId { get; set; }

    [Input(DisplayName = "Masukan", Description = "Masukan bagi alur kerja itu.", UIHint = "dropdown", Order = 2)]
    public Input<JsonObject>? Input { get; set; }

    [Input(DisplayName = "Tunggu sampai selesai", Description = "Lanjut setelah alur kerja itu berakhir.", UIHint = "checkbox", Order = 3)]
    public Input<bool>? WaitForCompletion { get; set; }

    [Input(DisplayName = "Jejak baru", Description = "Tidak berpengaruh di sini.", UIHint = "checkbox", Category = "Open Telemetry", Order = 4)]
    public Input<bool>? StartNewTrace { get; set; }

    [Input(DisplayName = "Saluran", Description = "Tidak berpengaruh di sini: hanya ada satu.", UIHint = "dropdown", Options = [""], OptionTexts = ["Default"], Order = 5)]
    public Input<string>? ChannelName { get; set; }

    [Output(Description = "Keluaran alur kerja itu bila ditunggu.")]
    public Output<object>? Result { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var definition = Children.Definition(context, WorkflowDefinitionId);
        var (correlation, input, waits) = (context.Get(CorrelationId), context.Get(Input), context.Get(WaitForCompletion));
        context.StartChild(
            context.CreateBookmark(Children.Stimulus(definition, waits), ChildAnsweredAsync), definition, correlation, input,
            waits ? ChildAnswerTime.Ended : ChildAnswerTime.Started);
    }

    private ValueTask ChildAnsweredAsync(ActivityExecutionContext context)
    {
        var child = Children.OnlyAnswer(context);
        if (child.Status == WorkflowStatus.Finished)
            context.Set(Result, Children.Output(child));
        return context.CompleteActivityAsync();
    }
}
