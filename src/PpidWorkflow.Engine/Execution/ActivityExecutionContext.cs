using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// Code of an activity that runs when a bookmark is resumed. A method of the activity itself, never a lambda: its name is stored.
/// </summary>
public delegate ValueTask ExecuteActivityDelegate(ActivityExecutionContext context);

/// <summary>
/// Code of an activity that runs when a child completes. A method of the activity itself, never a lambda: its name is stored.
/// </summary>
public delegate ValueTask ActivityCompletionCallback(ActivityCompletedContext context);

/// <summary>What a parent is told when its child completes.</summary>
public readonly record struct ActivityCompletedContext(ActivityExecutionContext TargetContext, ActivityExecutionContext ChildContext,
    IReadOnlyList<string> Outcomes);

/// <summary>What an activity keeps as an object during a burst, because writing it down after each step would cost more than the step.</summary>
internal interface ILiveProperty
{
    /// <summary>As it is stored; null: nothing to store.</summary>
    JsonNode? ToJson();
}

/// <summary>How a bookmark is to be made.</summary>
public sealed record CreateBookmarkArgs
{
    /// <summary>Stimulus name; null: the activity's type.</summary>
    public string? BookmarkName { get; init; }

    /// <summary>Payload; anything that serialises to a JSON object.</summary>
    public object? Stimulus { get; init; }

    /// <summary>Runs on resumption; null: the activity completes.</summary>
    public ExecuteActivityDelegate? Callback { get; init; }

    /// <summary>UTC instant at which the host resumes it by itself.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Resuming it does not burn it: it goes when the activity ends.</summary>
    public bool Stays { get; init; }
}

/// <summary>
/// One execution of an activity during a burst: everything an activity may do. A view over the execution's state; what is to
/// survive the burst is put into properties or variables.
/// </summary>
public sealed partial class ActivityExecutionContext
{
    private const string Breaking = "IsBreaking";
    private readonly WorkflowExecutionContext _workflow;
    private Extras? _extras;

    internal ActivityExecutionContext(
        WorkflowExecutionContext workflow, ActivityNode node, ActivityExecutionState state, ActivityExecutionContext? parent)
    {
        _workflow = workflow;
        Node = node;
        State = state;
        ParentActivityExecutionContext = parent;
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    internal ActivityNode Node { get; }
    internal ActivityExecutionState State { get; }
    internal int Depth { get; }

    public string Id => State.Id;
    public IActivity Activity => Node.Activity;
    public ActivityExecutionContext? ParentActivityExecutionContext { get; }
    public ActivityStatus Status => State.Status;

    /// <summary>The host's UTC clock at the start of the burst; the engine has no other.</summary>
    public DateTimeOffset Now => _workflow.Now;

    public CancellationToken CancellationToken => _workflow.Cancellation;
    public string WorkflowInstanceId => _workflow.State.InstanceId;
    public WorkflowDefinition Definition => _workflow.Workflow.Definition;

    /// <summary>Input with which the host resumed the bookmark, while its callback runs.</summary>
    public JsonObject? BookmarkInput
    {
        get => _extras?.BookmarkInput;
        internal set => Rare.BookmarkInput = value;
    }

    /// <summary>Becomes the payload of the execution's next Completed or Suspended journal entry.</summary>
    public JsonObject JournalData => Rare.JournalData ??= [];

    /// <summary>What the parent gave to know this execution by.</summary>
    public string? Tag => State.Tag;

    public bool HasBookmarks => _workflow.CountBookmarks(Id) > 0;

    public string? CorrelationId
    {
        get => _workflow.State.CorrelationId;
        set => _workflow.State.CorrelationId = value;
    }

    public string? WorkflowInstanceName
    {
        get => _workflow.State.Name;
        set => _workflow.State.Name = value;
    }

    /// <summary>Children that are running or faulted.</summary>
    internal IEnumerable<ActivityExecutionContext> Children => _workflow.ChildrenOf(this);

    internal bool HasChildren => _workflow.HasChildren(this);

    internal bool HasScheduledChildren => _workflow.HasScheduled(this);

    /// <summary>
    /// Gives out an event; it becomes part of the burst's result. The last thing an activity does: it is not taken back if the activity
    /// faults afterwards.
    /// </summary>
    /// <param name="name">As <c>Elsa.Event</c> waits for it.</param>
    /// <param name="correlationId">Null: whatever the correlation.</param>
    /// <param name="isLocal">For this instance only.</param>
    /// <param name="payload">What the waiting activity is resumed with.</param>
    public void PublishEvent(string name, string? correlationId, bool isLocal, object? payload) => _workflow.PublishedEvents.Add(
        new PublishedEvent(_workflow.NewId(), name, correlationId, isLocal ? WorkflowInstanceId : null, ValueConverter.ToJson(payload)));

    /// <summary>
    /// Wants an instance of another definition started; it becomes part of the burst's result, as long as the bookmark stands. The last thing an
    /// activity does: it is not taken back if the activity faults afterwards.
    /// </summary>
    public void StartChild(Bookmark bookmark, string definitionId, string? correlationId, JsonObject? input, ChildAnswerTime answer)
    {
        var given = input?.ToDictionary(i => i.Key, i => i.Value?.DeepClone()) ?? [];
        given["ParentInstanceId"] = WorkflowInstanceId;
        _workflow.Children.Add(new ChildWorkflow(bookmark.Id, definitionId, correlationId, given, answer) { Journaled = _workflow.State.Journaled });
    }

    public void WriteLine(string? text) => _workflow.Lines.Add(text ?? "");

    public T? GetProperty<T>(string key) => ValueConverter.To<T>(State.Properties?.GetValueOrDefault(key));

    /// <summary>The stored node itself, not a copy: for reading only.</summary>
    internal JsonNode? PeekProperty(string key) => State.Properties?.GetValueOrDefault(key);

    /// <summary>A value of this execution that survives the burst; null removes it.</summary>
    public void SetProperty(string key, object? value)
    {
        JsonNode? before = null;
        var was = State.Properties?.TryGetValue(key, out before) == true;
        (Rare.Undo ??= []).Add((key, before, was));
        if (value is null)
            State.Properties?.Remove(key);
        else
            (State.Properties ??= [])[key] = ValueConverter.ToJson(value);
    }

    /// <summary>How many changes of properties there were; what a call into the activity changes after it can be undone or kept.</summary>
    internal int PropertyMark => _extras?.Undo?.Count ?? 0;

    internal void KeepProperties(int mark)
    {
        if (_extras?.Undo is { } undo && undo.Count > mark)
            undo.RemoveRange(mark, undo.Count - mark);
    }

    internal void UndoProperties(int mark)
    {
        for (var i = PropertyMark - 1; i >= mark; i--)
        {
            var (key, before, was) = _extras!.Undo![i];
            if (was)
                (State.Properties ??= [])[key] = before;
            else
                State.Properties?.Remove(key);
        }
        KeepProperties(mark);
        if (State.Properties is { Count: 0 })
            State.Properties = null;
    }

    /// <summary>What the activity keeps as an object while the burst lasts; null: only as a property, if at all.</summary>
    internal T? GetLive<T>() where T : class, ILiveProperty => _extras?.Live as T;

    /// <summary>Keeps an object that becomes a property when the burst ends; until then the property may be out of date.</summary>
    internal void SetLive(string key, ILiveProperty value) => (Rare.LiveKey, Rare.Live) = (key, value);

    internal void KeepLive()
    {
        if (_extras is not { Live: { } value, LiveKey: { } key })
            return;
        if (value.ToJson() is { } json)
            (State.Properties ??= [])[key] = json;
        else
            State.Properties?.Remove(key);
        if (State.Properties is { Count: 0 })
            State.Properties = null;
    }

    internal JsonObject? TakeJournalData()
    {
        if (_extras is null)
            return null;
        var data = _extras.JournalData is { Count: > 0 } given ? given : null;
        _extras.JournalData = null;
        return data;
    }

    /// <summary>
    /// Makes the activity wait. Once the burst has nothing else to do, the instance is suspended until the host resumes the bookmark.
    /// </summary>
    public Bookmark CreateBookmark(CreateBookmarkArgs args) => _workflow.CreateBookmark(this, args);

    /// <inheritdoc cref="CreateBookmark(CreateBookmarkArgs)"/>
    public Bookmark CreateBookmark(object? stimulus = null, ExecuteActivityDelegate? callback = null) =>
        CreateBookmark(new CreateBookmarkArgs { Stimulus = stimulus, Callback = callback });

    public ValueTask CompleteActivityAsync() => _workflow.CompleteAsync(this, WorkflowExecutionContext.Done);
    public ValueTask CompleteActivityWithOutcomesAsync(params string[] outcomes) => _workflow.CompleteAsync(this, outcomes);

    /// <summary>Puts a child at the end of the queue; it does not run before the current activity has returned.</summary>
    public ValueTask ScheduleActivityAsync(
        IActivity? activity, ActivityCompletionCallback? callback = null, string? tag = null,
        IReadOnlyDictionary<string, object?>? variables = null)
    {
        if (activity is null)
            throw new ActivityFaultException("missing-child", "Aktivitas tidak berisi aktivitas yang harus dijalankan.");
        _workflow.Schedule(this, activity, callback, tag, variables);
        return ValueTask.CompletedTask;
    }

    public void CancelChild(ActivityExecutionContext child) => _workflow.Cancel(child);

    /// <summary>Cancels all children under way, and those that were to follow.</summary>
    internal void CancelChildren() => _workflow.CancelChildren(this);

    /// <summary>
    /// Tells the activities around this one that the loop is to end, outwards up to and including the nearest loop. They complete when the
    /// child that is running has; nothing is cancelled.
    /// </summary>
    public void Break()
    {
        for (var scope = ParentActivityExecutionContext; scope is not null; scope = scope.ParentActivityExecutionContext)
        {
            if (scope.Activity is IBreakable)
                scope.SetProperty(Breaking, true);
            if (scope.Activity is ILoop)
                return;
        }
    }

    /// <summary>Whether a Break within this activity wants it to end.</summary>
    public bool IsBreaking => State.Properties?.ContainsKey(Breaking) == true;

    /// <summary>
    /// Completes every container around this activity, outwards, up to and including the workflow; their other children are cancelled.
    /// </summary>
    public void FinishWorkflow() => _workflow.Finish(this);

    /// <summary>
    /// Whether this activity is what started the workflow, told once: it completes then instead of waiting for what has happened. When it is reached
    /// again, it waits.
    /// </summary>
    /// <param name="input">What the host started it with.</param>
    public bool TryTakeTrigger(out JsonObject? input)
    {
        input = null;
        if (_workflow.Trigger is not var (activityId, given) || activityId != Activity.Id)
            return false;
        (input, _workflow.Trigger) = (given, null);
        return true;
    }

    /// <summary>The activity that started the workflow, until it has run.</summary>
    internal string? TriggerActivityId => _workflow.Trigger?.ActivityId;

    /// <summary>Completes the workflow around this activity with outcomes: one that is used as an activity, else the instance.</summary>
    public ValueTask CompleteCompositeAsync(IReadOnlyList<string> outcomes)
    {
        foreach (var (body, _) in UsedWorkflows())
            return _workflow.CompleteWorkflowAsync(this, body, outcomes);
        FinishWorkflow();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether the flowchart around this activity has a connection from that port of it.</summary>
    public bool IsPortConnected(string port) => _workflow.Workflow.IsPortConnected(Activity.Id, port);

    internal long NextNumber() => _workflow.NextNumber();

    private Extras Rare => _extras ??= new Extras();

    /// <summary>What few executions have.</summary>
    private sealed class Extras
    {
        public Dictionary<string, JsonNode?>? Memory { get; set; }
        public List<(string Key, JsonNode? Before, bool Was)>? Undo { get; set; }
        public JsonObject? JournalData { get; set; }
        public JsonObject? BookmarkInput { get; set; }
        public string? LiveKey { get; set; }
        public ILiveProperty? Live { get; set; }
    }
}
