using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>
/// Ends the nearest <see cref="For"/>, <see cref="ForEach"/> or <see cref="While"/> around it. In a <see cref="ParallelForEach"/> it ends the
/// body of its own item only and goes on to the loop outside, as in Elsa; outside any loop it ends what holds it, as every terminal activity.
/// </summary>
[Activity("Elsa", "Looping", "Keluar dari pengulangan.", DisplayName = "Keluar dari pengulangan")]
public sealed class Break : CodeActivity, ITerminalNode
{
    protected override void Execute(ActivityExecutionContext context) => context.Break();
}
