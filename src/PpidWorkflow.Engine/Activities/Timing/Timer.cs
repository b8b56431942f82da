using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Timing;

/// <summary>Waits for an interval, like <see cref="Delay"/>; in Elsa it can start a workflow again and again, too.</summary>
[Activity("Elsa", "Scheduling", "Berjalan setiap selang waktu tertentu.", DisplayName = "Pewaktu")]
public sealed class Timer : Activity, ITrigger
{
    [Input(DisplayName = "Selang", Description = "Misalnya 00:05:00 atau PT5M.", DefaultValue = "00:01:00")]
    public Input<TimeSpan> Interval { get; set; } = new(TimeSpan.FromMinutes(1));

    protected override void Execute(ActivityExecutionContext context)
    {
        var interval = context.Get(Interval);
        if (interval <= TimeSpan.Zero || interval > TimeSpan.FromDays(3660))
            throw new ActivityFaultException("timer-interval", "Selang pewaktu harus lebih dari nol dan paling lama sepuluh tahun.");
        Waiting.Until(context, context.Now + interval, new JsonObject { ["interval"] = ValueConverter.ToJson(interval) });
    }
}
