using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.Timing;

/// <summary>How activities wait for an instant.</summary>
internal static class Waiting
{
    /// <summary>Makes a bookmark that the host resumes at the instant, never earlier; the activity completes then.</summary>
    public static void Until(ActivityExecutionContext context, DateTimeOffset at, JsonObject stimulus)
    {
        stimulus["executeAt"] = at;
        context.JournalData["ExecuteAt"] = at;
        context.CreateBookmark(new CreateBookmarkArgs { Stimulus = stimulus, DueAt = at });
    }
}
