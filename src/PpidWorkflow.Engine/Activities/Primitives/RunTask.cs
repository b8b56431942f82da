using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

/// <summary>Asks an outside program for a task and waits; what the host resumes it with becomes <see cref="Result"/>.</summary>
[Activity("Elsa", "Primitives", "Meminta sebuah tugas kepada program lain dan menunggu hasilnya.", DisplayName = "Jalankan tugas")]
public sealed class RunTask : Activity
{
    [Input(DisplayName = "Nama tugas", Description = "Tugas yang diminta.")]
    public Input<string>? TaskName { get; set; }

    [Input(DisplayName = "Muatan", Description = "Data yang disertakan.", UIHint = "multiline", Order = 1)]
    public Input<JsonObject>? Payload { get; set; }

    [Output(Description = "Pengenal tugas.")]
    public Output<string>? TaskId { get; set; }

    [Output(Description = "Hasil tugas.")]
    public Output<object>? Result { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var stimulus = new JsonObject { ["taskName"] = context.Get(TaskName) };
        if (context.Get(Payload) is { } payload)
            stimulus["payload"] = payload;
        var bookmark = context.CreateBookmark(stimulus, ResumeAsync);
        context.Set(TaskId, bookmark.Id);
    }

    private ValueTask ResumeAsync(ActivityExecutionContext context)
    {
        context.Set(Result, context.BookmarkInput);
        return context.CompleteActivityAsync();
    }
}
