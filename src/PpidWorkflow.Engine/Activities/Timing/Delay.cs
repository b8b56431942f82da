using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Timing;

/// <summary>
/// Waits for a span of wall-clock time; the host resumes the bookmark at its <see cref="Bookmark.DueAt"/>, never earlier.
/// </summary>
[Activity("Elsa", "Scheduling", "Menunggu selama waktu tertentu.", DisplayName = "Jeda")]
public sealed class Delay : Activity
{
    [Input(DisplayName = "Lama", Description = "Misalnya 00:05:00 atau PT5M.", DefaultValue = "00:01:00")]
    public Input<TimeSpan> TimeSpan { get; set; } = new(System.TimeSpan.Zero);

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var span = context.Get(TimeSpan);
        if (span <= System.TimeSpan.Zero)
            return context.CompleteActivityAsync();
        if (span > System.TimeSpan.FromDays(3660))
            throw new ActivityFaultException("delay-too-long", "Jeda lebih lama dari sepuluh tahun.");
        var dueAt = context.Now + span;
        context.CreateBookmark(new CreateBookmarkArgs { Stimulus = new JsonObject { ["resumeAt"] = dueAt }, DueAt = dueAt });
        return ValueTask.CompletedTask;
    }
}
