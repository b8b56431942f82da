using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>Goes through a list. The list is taken once, when the loop begins (see <see cref="For"/>).</summary>
[Activity("Elsa", "Looping", "Mengulang aktivitas untuk setiap unsur sebuah daftar.", DisplayName = "Untuk setiap")]
public sealed class ForEach : Activity, ILoop
{
    private const string Values = "Items";
    private const string Index = "CurrentIndex";

    [Input(DisplayName = "Unsur", Description = "Daftar yang dijalani.", UIHint = "dropdown")]
    public Input<JsonArray>? Items { get; set; }

    [Port]
    public IActivity? Body { get; set; }

    [Output(Description = "Unsur yang sedang dijalani.")]
    public Output<object>? CurrentValue { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        context.SetProperty(Values, LoopItems.Read(context, Items));
        return IterateAsync(context, 0);
    }

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        return context.IsBreaking ? context.CompleteActivityAsync() : IterateAsync(context, context.GetProperty<int>(Index) + 1);
    }

    private ValueTask IterateAsync(ActivityExecutionContext context, int index)
    {
        var items = (JsonArray)context.PeekProperty(Values)!;
        if (index >= items.Count)
            return context.CompleteActivityAsync();
        context.SetProperty(Index, index);
        context.Set(CurrentValue, items[index]?.DeepClone());
        if (Body is null)
            return context.CompleteActivityAsync();
        return context.ScheduleActivityAsync(
            Body, OnBodyCompletedAsync,
            variables: new Dictionary<string, object?> { ["CurrentIndex"] = index, ["CurrentValue"] = items[index] });
    }
}
