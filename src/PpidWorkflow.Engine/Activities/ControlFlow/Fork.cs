using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>When a <see cref="Fork"/> completes.</summary>
public enum ForkJoinMode
{
    /// <summary>When all branches have completed.</summary>
    WaitAll,

    /// <summary>When the first branch has completed; the others are cancelled.</summary>
    WaitAny
}

[Activity("Elsa", "Control Flow", "Membagi jalannya menjadi beberapa cabang.", DisplayName = "Cabang", IsBrowsable = false)]
public sealed class Fork : Activity, IHoldsActivities, IReadsDefinition, IBreakable
{
    private const string Remaining = "Remaining";

    [Input(DisplayName = "Cara", Description = "WaitAll: selesai bila semua cabang selesai; WaitAny: bila satu cabang selesai.", UIHint = "dropdown",
        Options = ["WaitAll", "WaitAny"])]
    public ForkJoinMode JoinMode { get; set; }

    public IReadOnlyList<IActivity> Branches { get; private set; } = [];

    IEnumerable<IActivity> IHoldsActivities.Children => Branches;

    void IReadsDefinition.Read(JsonObject source, IActivityParts parts) =>
        Branches = [.. DefinitionReader.Objects(source["branches"]).Select(parts.Child).OfType<IActivity>()];

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        context.SetProperty(Remaining, Branches.Count);
        foreach (var branch in Branches)
            await context.ScheduleActivityAsync(branch, OnBranchCompletedAsync);
        if (Branches.Count == 0)
            await context.CompleteActivityAsync();
    }

    private async ValueTask OnBranchCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        var remaining = context.GetProperty<int>(Remaining) - 1;
        context.SetProperty(Remaining, remaining);
        if (remaining == 0 || JoinMode == ForkJoinMode.WaitAny || context.IsBreaking)
            await context.CompleteActivityAsync();
    }
}
