using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>
/// Counts. Bounds and step are taken once, when the loop begins: Elsa takes them anew after each suspension, so that there the path depends on
/// when the state was stored.
/// </summary>
[Activity("Elsa", "Looping", "Mengulang aktivitas untuk setiap bilangan dari awal sampai akhir.", DisplayName = "Ulang dengan hitungan")]
public sealed class For : Activity, ILoop
{
    private const string Bounds = "Bounds";
    private const string Current = "CurrentStep";

    [Input(DisplayName = "Awal", Description = "Bilangan pertama.")]
    public Input<int> Start { get; set; } = new(0);

    [Input(DisplayName = "Akhir", Description = "Bilangan terakhir.", Order = 1)]
    public Input<int> End { get; set; } = new(0);

    [Input(DisplayName = "Langkah", Description = "Selisih dua bilangan; negatif untuk menghitung mundur.", Order = 2)]
    public Input<int> Step { get; set; } = new(1);

    [Input(DisplayName = "Termasuk bilangan akhir", Description = "Apakah bilangan terakhir ikut dijalani.", UIHint = "checkbox", DefaultValue = true,
        Order = 3)]
    public Input<bool> OuterBoundInclusive { get; set; } = new(true);

    [Port]
    public IActivity? Body { get; set; }

    [Output(Description = "Bilangan yang sedang dijalani.")]
    public Output<object>? CurrentValue { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var (start, end, step) = (context.Get(Start), context.Get(End), context.Get(Step));
        if (step == 0)
            throw new ActivityFaultException("loop-step-zero", "Langkah pengulangan nol: pengulangan tidak akan pernah selesai.");
        var last = context.Get(OuterBoundInclusive) ? end : end - (long)Math.Sign(step);
        context.SetProperty(Bounds, new[] { last, step });
        return IterateAsync(context, start);
    }

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        return context.IsBreaking
            ? context.CompleteActivityAsync()
            : IterateAsync(context, context.GetProperty<long>(Current) + context.GetProperty<long[]>(Bounds)![1]);
    }

    private ValueTask IterateAsync(ActivityExecutionContext context, long value)
    {
        var (last, step) = context.GetProperty<long[]>(Bounds) is [var l, var s] ? (l, s) : default;
        if (Body is null || (step > 0 ? value > last : value < last))
            return context.CompleteActivityAsync();
        context.SetProperty(Current, value);
        context.Set(CurrentValue, value);
        return context.ScheduleActivityAsync(
            Body, OnBodyCompletedAsync, variables: new Dictionary<string, object?> { ["CurrentValue"] = value });
    }
}
