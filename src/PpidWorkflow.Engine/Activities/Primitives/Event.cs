using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

/// <summary>Waits for a named event; what the host resumes it with becomes <see cref="CodeActivity{T}.Result"/>.</summary>
[Activity("Elsa", "Primitives", "Menunggu sebuah peristiwa.", DisplayName = "Peristiwa")]
public sealed class Event : CodeActivity<object>, ITrigger
{
    [Input(DisplayName = "Nama peristiwa", Description = "Peristiwa yang ditunggu.")]
    public Input<string>? EventName { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        context.CreateBookmark(
            new JsonObject
            {
                ["eventName"] = context.Get(EventName) is { Length: > 0 } name
                    ? name
                    : throw new ActivityFaultException("missing-input", "Nama peristiwa kosong.")
            },
            ResumeAsync);

    private ValueTask ResumeAsync(ActivityExecutionContext context)
    {
        context.Set(Result, context.BookmarkInput);
        return context.CompleteActivityAsync();
    }
}
