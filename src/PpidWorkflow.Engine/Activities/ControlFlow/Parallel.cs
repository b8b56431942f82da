using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

[Activity("Elsa", "Workflows", "Beberapa aktivitas bersama-sama.", DisplayName = "Bersama-sama", IsBrowsable = false)]
public sealed class Parallel : Container
{
    private const string Remaining = "Remaining";

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        context.SetProperty(Remaining, Activities.Count);
        foreach (var activity in Activities)
            await context.ScheduleActivityAsync(activity, OnChildCompletedAsync);
        if (Activities.Count == 0)
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
