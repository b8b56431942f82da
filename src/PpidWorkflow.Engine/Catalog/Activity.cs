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

/// <summary>
/// An activity that can start a workflow, too (Elsa contract: kind <c>Trigger</c>), where its box says so. Starting instances is the host's; the
/// activity that started one does not wait (<see cref="ActivityExecutionContext.TryTakeTrigger"/>).
/// </summary>
public interface ITrigger
{
    /// <summary>What starts it; null where the definition does not say it as a value that stands before anything runs.</summary>
    TriggerStimulus? Stimulus { get; }
}

/// <summary>What starts a workflow: an event of this name, or an instant.</summary>
/// <param name="EventName">Null: time starts it.</param>
/// <param name="Next">Of the instant since when the version is in force and the one after which to look, both UTC: the next instant at which it is to
/// start; null: never again.</param>
public sealed record TriggerStimulus(string? EventName, Func<DateTimeOffset, DateTimeOffset, DateTimeOffset?>? Next = null)
{
    /// <summary>The instants of a timer.</summary>
    public static TriggerStimulus At(Func<DateTimeOffset, DateTimeOffset, DateTimeOffset?> next) => new(null, next);
}

/// <summary>
/// An activity that learns of a Break within it: it completes once the child that is running has completed. The Break goes on outwards until
/// it meets an <see cref="ILoop"/>.
/// </summary>
public interface IBreakable;

/// <summary>What a Break ends.</summary>
public interface ILoop : IBreakable;

/// <summary>An activity that holds children elsewhere than in its ports.</summary>
internal interface IHoldsActivities
{
    IEnumerable<IActivity> Children { get; }
}

/// <summary>An activity that reads more of its definition than inputs, outputs and ports.</summary>
internal interface IReadsDefinition
{
    /// <param name="source">The activity as written.</param>
    void Read(JsonObject source, IActivityParts parts);
}

/// <summary>Parts of a definition, as an activity reads them; problems come with its label and id.</summary>
internal interface IActivityParts
{
    /// <summary>The activity as its author knows it.</summary>
    string Label { get; }

    /// <summary>An activity within; null where there is none, or it was refused.</summary>
    IActivity? Child(JsonNode? source);

    /// <summary>An expression, wrapped as inputs are; null where nothing is said, or it was refused.</summary>
    Expression? Expression(string name, JsonNode? wrapped);

    void Refuse(string code, string message);
    void Warn(string code, string message);
}

/// <summary>An activity that checks or prepares itself once per version, when all it holds has been read.</summary>
internal interface IPrepared
{
    /// <exception cref="Expressions.ExpressionSyntaxException">What the definition says cannot be read; the message is for the author.</exception>
    void Prepare();
}
