using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Branching", "Menjalankan aktivitas dari kasus yang syaratnya terpenuhi.", DisplayName = "Pilih kasus")]
public sealed class Switch : Activity, IHoldsActivities
{
    private const string Remaining = "Remaining";

    [Input(DisplayName = "Kasus", Description = "Kasus dengan syaratnya.", UIHint = "switch-editor")]
    public IReadOnlyList<SwitchCase> Cases { get; set; } = [];

    [Input(DisplayName = "Cara", Description = "MatchFirst: kasus pertama yang terpenuhi; MatchAny: semua yang terpenuhi.", UIHint = "dropdown",
        Options = ["MatchFirst", "MatchAny"], Order = 1)]
    public Input<SwitchMode> Mode { get; set; } = new(SwitchMode.MatchFirst);

    [Port]
    public IActivity? Default { get; set; }

    /// <summary>Never set, as in Elsa, whose activity declares it all the same.</summary>
    [Output(Description = "Nilai yang dipilah.")]
    public Output<object>? Output { get; set; }

    IEnumerable<IActivity> IHoldsActivities.Children => Cases.Select(c => c.Activity).OfType<IActivity>();

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var matching = SwitchCase.Matching(context, Cases, context.Get(Mode));
        var chosen = (matching.Count > 0 ? matching.Select(c => c.Activity) : [Default]).OfType<IActivity>().ToList();
        context.SetProperty(Remaining, chosen.Count);
        foreach (var activity in chosen)
            await context.ScheduleActivityAsync(activity, OnChildCompletedAsync);
        if (chosen.Count == 0)
            await context.CompleteActivityAsync();
    }

    private async ValueTask OnChildCompletedAsync(ActivityCompletedContext completed)
    {
        var remaining = completed.TargetContext.GetProperty<int>(Remaining) - 1;
        completed.TargetContext.SetProperty(Remaining, remaining);
        if (remaining == 0)
            await completed.TargetContext.CompleteActivityAsync();
    }
}
