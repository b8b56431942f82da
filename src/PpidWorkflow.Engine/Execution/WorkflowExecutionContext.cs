using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// One burst of one instance: the working copy of its state, the queue, and what the burst will report. The methods are the moves of an
/// execution: it is scheduled, runs, waits at bookmarks, completes (which tells its parent at once), faults or is cancelled. Activities are
/// scheduled at the end of the queue, as in Elsa, so branches take turns.
/// <para>
/// Every call into an activity goes through <see cref="AttemptAsync"/>: an exception there becomes an incident of that execution, and what
/// the
/// failed call had scheduled, bookmarked or noted as properties is undone, so that a retry starts from the same place.
/// </para>
/// </summary>
internal sealed class WorkflowExecutionContext
{
    /// <summary>Deeper than any definition the reader accepts can nest; only activities that schedule themselves get here.</summary>
    private const int MaxDepth = 64;

    /// <summary>The outcome of what has none of its own; never changed.</summary>
    internal static readonly string[] Done = ["Done"];

    private readonly Dictionary<string, ActivityExecutionContext> _contexts = [];
    private readonly List<Bookmark> _newBookmarks = [];
    private readonly List<string> _burntBookmarkIds = [];
    private readonly List<Incident> _newIncidents = [];
    private readonly int _maxBookmarks;

    public WorkflowExecutionContext(CompiledWorkflow workflow, WorkflowState state, DateTimeOffset now, EngineOptions options, CancellationToken cancellation)
    {
        _maxBookmarks = options.MaxBookmarks;
        Workflow = workflow;
        State = state;
        Journal = new BurstJournal(state, now);
        Outputs = new ActivityOutputs(workflow, state);
        Now = now;
        Cancellation = cancellation;
        foreach (var activity in state.Activities)
            _contexts[activity.Id] = Attach(activity);
    }

    public CompiledWorkflow Workflow { get; }
    public WorkflowState State { get; }
    public DateTimeOffset Now { get; }
    public CancellationToken Cancellation { get; }
    public WorkQueue Queue { get; } = new();

    /// <summary>What happened, in its order.</summary>
    public BurstJournal Journal { get; }

    /// <summary>What activities have given out so far, in this burst and before.</summary>
    public ActivityOutputs Outputs { get; }

    public List<string> Lines { get; } = [];
    public List<PublishedEvent> PublishedEvents { get; } = [];
    public List<ChildWorkflow> Children { get; } = [];

    /// <summary>What started the instance, until that activity has run; null: nobody but a person or another instance.</summary>
    public (string ActivityId, JsonObject? Input)? Trigger { get; set; }

    /// <summary>The execution of the workflow itself; gone when the workflow has ended.</summary>
    public ActivityExecutionContext? Root => State.Activities.Find(a => a.ParentId is null) is { } root ? _contexts[root.Id] : null;

    public ActivityExecutionContext? Find(string executionId) => _contexts.GetValueOrDefault(executionId);
    public long NextNumber() => ++State.Counter;
    public string NewId() => $"{State.InstanceId}-{NextNumber()}";

    public ActivityExecutionContext Create(ActivityNode node, ActivityExecutionContext? parent, ScheduledActivity? work)
    {
        var state = new ActivityExecutionState
        {
            Id = NewId(),
            ActivityId = node.Activity.Id,
            ParentId = parent?.Id,
            CompletionCallback = work?.CompletionCallback,
            Tag = work?.Tag,
            Variables = work?.Variables
        };
        State.Activities.Add(state);
        return _contexts[state.Id] = new ActivityExecutionContext(this, node, state, parent);
    }

    public void Schedule(
        ActivityExecutionContext owner, IActivity activity, ActivityCompletionCallback? callback, string? tag,
        IReadOnlyDictionary<string, object?>? variables)
    {
        if (owner.Depth >= MaxDepth)
            throw new ActivityFaultException("recursion-limit", $"Aktivitas bersarang lebih dari {MaxDepth} tingkat.");
        if (!Workflow.Nodes.ContainsKey(activity.Id))
            throw new InvalidOperationException($"Activity {activity.Id} is not part of the definition.");
        Queue.Add(new ScheduledActivity(
            owner.Id, activity.Id, callback is null ? null : owner.Node.NameOf(callback), tag,
            variables?.ToDictionary(v => v.Key, v => ValueConverter.ToJson(v.Value))));
    }

    public bool HasScheduled(ActivityExecutionContext owner) =>
        Queue.Has(owner.Id) || State.Scheduled.Exists(s => s.ParentId == owner.Id);

    /// <summary>An activity found no room for its bookmark: what is still scheduled would not either, and each would be an incident.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Leaves what is scheduled for a retry of the incident.</summary>
    public void KeepScheduled()
    {
        State.Scheduled.AddRange(Queue.All);
        Queue.Clear();
    }

    /// <summary>
    /// Takes up what a burst that met its limit had left; only a retry of that incident may, or any resumption would start the loop again.
    /// </summary>
    public void TakeUpScheduled()
    {
        foreach (var work in State.Scheduled)
            Queue.Add(work);
        State.Scheduled.Clear();
    }

    public IEnumerable<ActivityExecutionContext> ChildrenOf(ActivityExecutionContext parent) =>
        State.Activities.Where(a => a.ParentId == parent.Id).Select(a => _contexts[a.Id]).ToArray();

    public Bookmark CreateBookmark(ActivityExecutionContext context, CreateBookmarkArgs args)
    {
        var bookmark = new Bookmark(
            NewId(), args.BookmarkName ?? context.Activity.Type, context.Activity.Id, context.Node.NodeId, context.Id,
            ValueConverter.ToJson(args.Stimulus) as JsonObject, Now, args.DueAt)
        {
            Callback = args.Callback is null ? null : context.Node.NameOf(args.Callback),
            Stays = args.Stays
        };
        if (State.Bookmarks.Count >= _maxBookmarks)
        {
            IsFull = true;
            throw new ActivityFaultException(
                WorkflowRunner.BookmarkLimitCode, $"Instans menunggu di lebih dari {_maxBookmarks} tempat sekaligus; selesaikan sebagian, lalu ulangi.");
        }
        State.Bookmarks.Add(bookmark);
        _newBookmarks.Add(bookmark);
        return bookmark;
    }

    public void Burn(Bookmark bookmark)
    {
        State.Bookmarks.Remove(bookmark);
        if (!_newBookmarks.Remove(bookmark))
            _burntBookmarkIds.Add(bookmark.Id);
    }

    public async ValueTask CompleteAsync(ActivityExecutionContext context, IReadOnlyList<string> outcomes)
    {
        if (!End(context, ActivityStatus.Completed, outcomes))
            return;
        var parent = context.ParentActivityExecutionContext;
        if (parent is null or { Status: not ActivityStatus.Running } || context.State.CompletionCallback is not { } callback)
            return;
        var completion = new ChildCompletion(context.State, outcomes == Done ? Done : [.. outcomes]);
        await AttemptAsync(parent, new Attempt(callback, Child: completion), context);
    }

    public void Cancel(ActivityExecutionContext context) => End(context, ActivityStatus.Canceled, []);

    public void CancelChildren(ActivityExecutionContext parent)
    {
        foreach (var child in ChildrenOf(parent))
            Cancel(child);
        Queue.Remove(parent.Id);
        State.Scheduled.RemoveAll(s => s.ParentId == parent.Id);
    }

    /// <summary>Cancels an execution on somebody's wish: its parent is told, as of an end without an outcome.</summary>
    public async ValueTask CancelByHandAsync(ActivityExecutionContext context)
    {
        Cancel(context);
        if (context.ParentActivityExecutionContext is { Status: ActivityStatus.Running } parent && context.State.CompletionCallback is { } callback)
            await AttemptAsync(parent, new Attempt(callback, Child: new ChildCompletion(context.State, [])), context);
    }

    /// <summary>Runs an execution from its beginning; what it had begun is gone.</summary>
    public async ValueTask BeginAgainAsync(ActivityExecutionContext context)
    {
        foreach (var child in ChildrenOf(context))
            Cancel(child);
        Queue.Remove(context.Id);
        Forget(context.Id);
        (context.State.Status, context.State.Faulted, context.State.Properties) = (ActivityStatus.Running, null, null);
        Journal.Add(context, "Started");
        await AttemptAsync(context, new Attempt());
    }

    /// <summary>
    /// Completes the containers around <paramref name="context"/> outwards; nobody is called back, since nothing is to follow.
    /// </summary>
    public void Finish(ActivityExecutionContext context)
    {
        for (var scope = context; scope is not null; scope = scope.ParentActivityExecutionContext)
            End(scope, ActivityStatus.Completed, Done);
        Queue.Clear();
    }

    /// <summary>
    /// Completes the containers around <paramref name="context"/> up to <paramref name="workflow"/>, and that one with the outcomes.
    /// </summary>
    public ValueTask CompleteWorkflowAsync(ActivityExecutionContext context, ActivityExecutionContext workflow, IReadOnlyList<string> outcomes)
    {
        for (var scope = context; scope is not null && scope != workflow; scope = scope.ParentActivityExecutionContext)
            End(scope, ActivityStatus.Completed, Done);
        return CompleteAsync(workflow, outcomes);
    }

    /// <summary>Runs an activity's code; a fault in it becomes an incident and undoes what that code had begun.</summary>
    /// <param name="context">The execution.</param>
    /// <param name="attempt">The call.</param>
    /// <param name="child">Execution of <see cref="Attempt.Child"/>, where it was under way until now.</param>
    public async ValueTask AttemptAsync(ActivityExecutionContext context, Attempt attempt, ActivityExecutionContext? child = null)
    {
        var properties = context.PropertyMark;
        var scheduled = Queue.Mark;
        var bookmarks = CountBookmarks(context.Id);
        try
        {
            await RunAsync(context, attempt, child);
            context.KeepProperties(properties);
        }
        catch (Exception e) when (context.Status == ActivityStatus.Running && !Cancellation.IsCancellationRequested)
        {
            Undo(context, properties, scheduled, bookmarks);
            Fault(context, attempt, e);
        }
    }

    private void Undo(ActivityExecutionContext context, int properties, long scheduled, int bookmarks)
    {
        Queue.TakeBack(scheduled, context.Id);
        foreach (var bookmark in State.Bookmarks.Where(b => b.ActivityInstanceId == context.Id).Skip(bookmarks).ToArray())
            Burn(bookmark);
        context.UndoProperties(properties);
    }

    internal int CountBookmarks(string executionId)
    {
        var count = 0;
        foreach (var bookmark in State.Bookmarks)
            count += bookmark.ActivityInstanceId == executionId ? 1 : 0;
        return count;
    }

    public void Raise(ActivityExecutionContext context, ActivityNode at, string code, string message)
    {
        var incident = new Incident(NewId(), at.Activity.Id, at.NodeId, context.Id, at.Activity.Type, code, message, Now);
        State.Incidents.Add(incident);
        _newIncidents.Add(incident);
    }

    public void Fault(ActivityExecutionContext context, Attempt attempt, Exception exception)
    {
        var (code, message) = exception is ActivityFaultException fault
            ? (fault.Code, fault.Message)
            : ("activity-fault", $"Aktivitas gagal ({exception.GetType().Name}).");
        context.State.Status = ActivityStatus.Faulted;
        if (exception is ActivityFaultException { StartsAnew: true })
        {
            attempt = new Attempt();
            Forget(context.Id);
        }
        context.State.Faulted = FaultedAttempt.Of(attempt);
        Raise(context, context.Node, code, message);
        Journal.Add(context, "Faulted", message, (exception as ActivityFaultException)?.Details);
    }

    public RunResult ToResult()
    {
        foreach (var context in _contexts.Values)
            context.KeepLive();
        return new RunResult
        {
            State = State,
            Journal = Journal.Entries,
            Values = Journal.Values,
            NewBookmarks = _newBookmarks,
            BurntBookmarkIds = _burntBookmarkIds,
            NewIncidents = _newIncidents,
            Lines = Lines,
            PublishedEvents = PublishedEvents,
            Children = [.. Children.Where(child => State.Bookmarks.Exists(b => b.Id == child.BookmarkId))]
        };
    }

    private async ValueTask RunAsync(ActivityExecutionContext context, Attempt attempt, ActivityExecutionContext? child)
    {
        var made = LatestBookmark(context.Id);
        if (attempt.Child is { } completion)
        {
            child ??= new ActivityExecutionContext(this, Workflow.Nodes[completion.Execution.ActivityId], completion.Execution, context);
            await context.Node.CompletionCallback(attempt.Callback!)(new ActivityCompletedContext(context, child, completion.Outcomes));
        }
        else if (attempt.Callback is not null)
        {
            context.BookmarkInput = attempt.Input;
            await context.Node.ResumeCallback(attempt.Callback)(context);
            context.BookmarkInput = null;
        }
        else if (attempt.BookmarkId is not null)
        {
            await CompleteAsync(context, Done);
        }
        else
        {
            await context.Activity.ExecuteAsync(context);
        }

        if (context.Status == ActivityStatus.Running && LatestBookmark(context.Id) is { } latest && latest != made)
            Journal.Add(context, "Suspended", payload: context.TakeJournalData());
    }

    private Bookmark? LatestBookmark(string executionId)
    {
        for (var i = _newBookmarks.Count - 1; i >= 0; i--)
            if (_newBookmarks[i].ActivityInstanceId == executionId)
                return _newBookmarks[i];
        return null;
    }

    /// <summary>
    /// Takes an execution and all below it out of the state, bookmarks, queue and incidents; false where it had ended before.
    /// </summary>
    private bool End(ActivityExecutionContext context, ActivityStatus status, IReadOnlyList<string> outcomes)
    {
        if (!_contexts.ContainsKey(context.Id))
            return false;
        if (HasChildren(context))
            foreach (var child in ChildrenOf(context))
                End(child, ActivityStatus.Canceled, []);
        Queue.Remove(context.Id);
        if (State.Scheduled.Count > 0 || State.Bookmarks.Count > 0 || State.Incidents.Count > 0)
            Forget(context.Id);
        context.State.Status = status;
        context.State.Faulted = null;
        if (status == ActivityStatus.Canceled)
            Journal.Canceled(context);
        else
            Journal.Completed(context, outcomes);
        if (context.ParentActivityExecutionContext is null)
            State.FinalVariables = context.State.Variables;
        State.Activities.Remove(context.State);
        _contexts.Remove(context.Id);
        return true;
    }

    internal bool HasChildren(ActivityExecutionContext context)
    {
        foreach (var activity in State.Activities)
            if (activity.ParentId == context.Id)
                return true;
        return false;
    }

    private void Forget(string executionId)
    {
        State.Scheduled.RemoveAll(s => s.ParentId == executionId);
        foreach (var bookmark in State.Bookmarks.Where(b => b.ActivityInstanceId == executionId).ToArray())
            Burn(bookmark);
        State.Incidents.RemoveAll(i => i.ActivityInstanceId == executionId);
    }

    private ActivityExecutionContext Attach(ActivityExecutionState activity)
    {
        var node = Workflow.Nodes.GetValueOrDefault(activity.ActivityId)
            ?? throw new InvalidOperationException($"Activity {activity.ActivityId} of the state is not in this version.");
        return new ActivityExecutionContext(this, node, activity, activity.ParentId is null ? null : _contexts[activity.ParentId]);
    }
}
