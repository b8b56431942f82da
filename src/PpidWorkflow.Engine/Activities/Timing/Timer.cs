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

    /// <summary>Every so often from when the version came into force.</summary>
    TriggerStimulus? ITrigger.Stimulus => IsFixed(out var interval)
        ? TriggerStimulus.At((since, after) => since + interval * (1 + Math.Max(0, (after - since).Ticks / interval.Ticks)))
        : null;

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (context.TryTakeTrigger(out _))
            return context.CompleteActivityAsync();
        var interval = context.Get(Interval);
        if (!IsPossible(interval))
            throw new ActivityFaultException("timer-interval", "Selang pewaktu harus lebih dari nol dan paling lama sepuluh tahun.");
        Waiting.Until(context, context.Now + interval, new JsonObject { ["interval"] = ValueConverter.ToJson(interval) });
        return ValueTask.CompletedTask;
    }

    // Whatever starts a workflow more often than that is a slip of the pen, and would fill the database.
    private bool IsFixed(out TimeSpan interval) => Interval.TryGetFixed(out interval) && IsPossible(interval) && interval >= TimeSpan.FromSeconds(1);

    private static bool IsPossible(TimeSpan interval) => interval > TimeSpan.Zero && interval <= TimeSpan.FromDays(3660);
}
