using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Catalog;

/// <summary>An activity that says itself when it is complete, or waits at a bookmark or for its children.</summary>
public abstract class Activity : IActivity
{
    public string Id { get; set; } = "";
    public string? Name { get; set; }
    public string Type { get; set; } = "";
    public JsonObject CustomProperties { get; set; } = [];

    ValueTask IActivity.ExecuteAsync(ActivityExecutionContext context) => RunAsync(context);

    private protected virtual ValueTask RunAsync(ActivityExecutionContext context) => ExecuteAsync(context);

    protected virtual ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        Execute(context);
        return ValueTask.CompletedTask;
    }

    protected virtual void Execute(ActivityExecutionContext context)
    {
    }
}

/// <summary>An activity that is complete once its code has run, unless it has chosen outcomes or made a bookmark.</summary>
public abstract class CodeActivity : Activity
{
    private protected override async ValueTask RunAsync(ActivityExecutionContext context)
    {
        await ExecuteAsync(context);
        if (context is { Status: ActivityStatus.Running, HasBookmarks: false })
            await context.CompleteActivityAsync();
    }
}

/// <summary>A <see cref="CodeActivity"/> with one result.</summary>
public abstract class CodeActivity<T> : CodeActivity
{
    [Output(Description = "Hasil aktivitas.")]
    public Output<T>? Result { get; set; }
}

/// <summary>Ends the flowchart that holds it (Elsa contract: terminal node).</summary>
public interface ITerminalNode;

/// <summary>Where a flowchart begins, if it holds one.</summary>
public interface IStartNode;
