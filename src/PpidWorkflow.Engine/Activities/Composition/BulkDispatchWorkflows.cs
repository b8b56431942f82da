using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Composition;

/// <summary>
/// Starts an instance of another definition for each item. Where it waits, each child that ends runs <see cref="ChildCompleted"/> or
/// <see cref="ChildFaulted"/>, and the last one completes the activity.
/// </summary>
[Activity("Elsa", "Composition", "Memulai alur kerja lain untuk setiap unsur sebuah daftar.", DisplayName = "Kirim banyak alur kerja", Kind = ActivityKind.Task)]
[FlowNode("Completed", "Canceled", "Done")]
public sealed class BulkDispatchWorkflows : Activity
{
    /// <summary>All of them start in the commit of the step that wants them.</summary>
    private const int MaxItems = 1_000;

    private const string Dispatched = "DispatchedInstancesCount";
    private const string Ended = "CompletedInstancesCount";

    /// <summary>Property of an execution: whether it waits. Instances stored before 28 November 2026 have none.</summary>
    private const string Waits = "WaitForCompletion";

    [Input(DisplayName = "Alur kerja", Description = "Definisi yang dimulai, versi yang berlaku.", UIHint = "workflow-definition-picker")]
    public Input<string>? WorkflowDefinitionId { get; set; }

    [Input(DisplayName = "Unsur", Description = "Daftar; satu instans untuk setiap unsurnya.", TypeName = "Object", Order = 1)]
    public Input<JsonArray>? Items { get; set; }

    [Input(DisplayName = "Nama masukan unsur", Description = "Nama masukan yang menerima unsur itu, bila unsurnya bukan objek.", DefaultValue = "Item", Order = 2)]
    public Input<string> DefaultItemInputKey { get; set; } = new("Item");

    [Input(DisplayName = "Kunci korelasi", Description = "Dihitung untuk setiap unsur.", AutoEvaluate = false, Order = 3)]
    public Input<string>? CorrelationIdFunction { get; set; }

    [Input(DisplayName = "Masukan", Description = "Masukan lain bagi semua alur kerja itu.", UIHint = "dropdown", Order = 4)]
    public Input<JsonObject>? Input { get; set; }

    [Input(DisplayName = "Tunggu sampai selesai", Description = "Lanjut setelah semuanya berakhir.", UIHint = "checkbox", DefaultValue = true, Order = 5)]
    public Input<bool> WaitForCompletion { get; set; } = new(true);

    [Input(DisplayName = "Jejak baru", Description = "Tidak berpengaruh di sini.", UIHint = "checkbox", Category = "Open Telemetry", Order = 6)]
    public Input<bool>? StartNewTrace { get; set; }

    [Input(DisplayName = "Saluran", Description = "Tidak berpengaruh di sini: hanya ada satu.", UIHint = "dropdown", Options = [""], OptionTexts = ["Default"], Order = 7)]
    public Input<string>? ChannelName { get; set; }

    [Port]
    public IActivity? ChildCompleted { get; set; }

    [Port]
    public IActivity? ChildFaulted { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var items = LoopItems.Read(context, Items);
        if (items.Count > MaxItems)
            throw new ActivityFaultException("too-many-items", $"Lebih dari {MaxItems} alur kerja sekaligus.");
        if (items.Count == 0)
        {
            await context.CompleteActivityWithOutcomesAsync("Done");
            return;
        }

        var definition = Children.Definition(context, WorkflowDefinitionId);
        var (shared, waits, key) = (context.Get(Input), context.Get(WaitForCompletion), context.Get(DefaultItemInputKey) is { Length: > 0 } name ? name : "Item");
        var wanted = items.Select(item => (Input: InputOf(item, shared, key), Correlation: CorrelationOf(context, item, key))).ToList();
        context.SetProperty(Dispatched, items.Count);
        context.SetProperty(Ended, 0);
        context.SetProperty(Waits, waits);
        var bookmark = context.CreateBookmark(
            new CreateBookmarkArgs { Stimulus = Children.Stimulus(definition, waits), Callback = ChildrenAnsweredAsync, Stays = true });
        foreach (var (input, correlation) in wanted)
            context.StartChild(bookmark, definition, correlation, input, waits ? ChildAnswerTime.Ended : ChildAnswerTime.Started);
    }

    private static JsonObject InputOf(JsonNode? item, JsonObject? shared, string key)
    {
        var input = shared?.DeepClone().AsObject() ?? [];
        if (item is JsonObject members)
            foreach (var (name, value) in members)
                input[name] = value?.DeepClone();
        else
            input[key] = item?.DeepClone();
        return input;
    }

    private string? CorrelationOf(ActivityExecutionContext context, JsonNode? item, string key) =>
        context.Get(CorrelationIdFunction, new Dictionary<string, JsonNode?> { [key] = item });

    private async ValueTask ChildrenAnsweredAsync(ActivityExecutionContext context)
    {
        var answers = ChildAnswers.Of(context.BookmarkInput);
        // What starts none of them is the activity's own fault; one that could not start among others counts as a child that faulted.
        if (answers.Count > 0 && answers.Count == context.GetProperty<int>(Dispatched) && answers.All(a => a.ErrorCode is not null))
            Children.Refuse(answers[0]);
        context.SetProperty(Ended, context.GetProperty<int>(Ended) + answers.Count);
        if (IsWaiting(context))
            foreach (var child in answers)
                if ((child.SubStatus, child.ErrorCode) switch
                {
                    (WorkflowSubStatus.Faulted, _) or (_, not null) => ChildFaulted,
                    (WorkflowSubStatus.Finished, _) => ChildCompleted,
                    _ => null
                } is { } port)
                    await context.ScheduleActivityAsync(port, PortCompletedAsync, variables: new Dictionary<string, object?>
                    {
                        ["ChildInstanceId"] = child.InstanceId,
                        ["WorkflowInstanceId"] = child.InstanceId,
                        ["WorkflowStatus"] = child.Status.ToString(),
                        ["WorkflowSubStatus"] = child.SubStatus.ToString(),
                        ["WorkflowOutput"] = Children.Output(child)
                    });
        await CompleteWhenAllEndedAsync(context);
    }

    private ValueTask PortCompletedAsync(ActivityCompletedContext completed) => CompleteWhenAllEndedAsync(completed.TargetContext);

    private ValueTask CompleteWhenAllEndedAsync(ActivityExecutionContext context)
    {
        if (context.GetProperty<int>(Ended) < context.GetProperty<int>(Dispatched) || context.HasScheduledChildren || context.Children.Any())
            return ValueTask.CompletedTask;
        return IsWaiting(context)
            ? context.CompleteActivityWithOutcomesAsync("Completed", "Done")
            : context.CompleteActivityWithOutcomesAsync("Done");
    }

    /// <summary>As it was when the children were started: what the expression reads may have changed since.</summary>
    private bool IsWaiting(ActivityExecutionContext context) =>
        context.PeekProperty(Waits) is { } waits ? waits.GetValue<bool>() : context.Get(WaitForCompletion);
}
