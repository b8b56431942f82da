using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Looping", "Menjalankan aktivitas untuk setiap unsur, bersama-sama.", DisplayName = "Untuk setiap (bersama)")]
public sealed class ParallelForEach : Activity
{
    private const string Remaining = "Remaining";

    [Input(DisplayName = "Unsur", Description = "Daftar yang dijalani.")]
    public Input<JsonArray>? Items { get; set; }

    [Port]
    public IActivity? Body { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var items = LoopItems.Read(context, Items);
        if (items.Count == 0)
        {
            await context.CompleteActivityAsync();
            return;
        }

        context.SetProperty(Remaining, items.Count);
        for (var index = 0; index < items.Count; index++)
            await context.ScheduleActivityAsync(
                Body, OnBodyCompletedAsync,
                variables: new Dictionary<string, object?> { ["CurrentValue"] = items[index], ["CurrentIndex"] = index });
    }

    private async ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        var remaining = context.GetProperty<int>(Remaining) - 1;
        context.SetProperty(Remaining, remaining);
        if (remaining == 0)
            await context.CompleteActivityAsync();
    }
}
