using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Timing;

/// <summary>Waits until an instant; one that has passed does not hold anything up.</summary>
[Activity("Elsa", "Scheduling", "Berjalan pada saat tertentu.", DisplayName = "Pada saat")]
public sealed class StartAt : Activity, ITrigger
{
    [Input(DisplayName = "Saat", Description = "Misalnya 2026-12-01T08:00:00+07:00; tanpa zona berarti UTC.")]
    public Input<DateTimeOffset>? DateTime { get; set; }

    /// <summary>Once; an instant that had passed when the version came into force starts nothing.</summary>
    TriggerStimulus? ITrigger.Stimulus => DateTime is not null && DateTime.TryGetFixed(out var at)
        ? TriggerStimulus.At((since, after) => at > after && at > since ? at.ToUniversalTime() : null)
        : null;

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (context.TryTakeTrigger(out _))
            return context.CompleteActivityAsync();
        if (DateTime is null)
            throw new ActivityFaultException("missing-input", "Saat yang ditunggu kosong.");
        var at = context.Get(DateTime).ToUniversalTime();
        if (at <= context.Now)
            return context.CompleteActivityAsync();
        Waiting.Until(context, at, []);
        return ValueTask.CompletedTask;
    }
}
