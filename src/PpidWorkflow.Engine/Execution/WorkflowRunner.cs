using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>Limits of the engine (configuration section <c>Engine</c>).</summary>
public sealed record EngineOptions
{
    /// <summary>Activities one burst may run before it is stopped as a fault; a loop that never yields must not hold a server.</summary>
    public int MaxActivitiesPerBurst { get; init; } = 10_000;

    /// <summary>Places at which one instance may wait at once; each is a row and a part of its state.</summary>
    public int MaxBookmarks { get; init; } = 2_000;

    /// <summary>
    /// What the journals of runs hold of evaluated inputs and of outputs (Elsa's configured log-persistence mode). Trials hold all that is not excluded,
    /// cases nothing.
    /// </summary>
    public JournaledValues JournaledValues { get; init; } = JournaledValues.WhereIncluded;
}

/// <summary>With what an instance starts. <paramref name="Now"/> is the host's UTC clock: the engine has none of its own.</summary>
public sealed record StartOptions(
    string InstanceId, DateTimeOffset Now, IReadOnlyDictionary<string, JsonNode?>? Input = null, string? CorrelationId = null,
    string? Name = null)
{
    /// <summary>The activity that starts it: it does not wait, and a flowchart begins there. Null: it begins where its drawing says.</summary>
    public string? TriggerActivityId { get; init; }

    /// <summary>What that activity is given (an event's payload).</summary>
    public JsonObject? TriggerInput { get; init; }

    /// <summary>What the journal may hold of evaluated inputs and of outputs.</summary>
    public JournaledValues Journaled { get; init; }
}

/// <summary>
/// The engine: definition + state + stimulus give new state, bookmarks and journal. Thread-safe, no I/O, and the same call gives the
/// same result. The given state is never changed: what a burst does, it does on a copy, and an exception leaves nothing behind.
/// <para>
/// Each of the verbs makes its first move and then lets the burst run until nothing is left to do. After that the instance has ended,
/// waits at bookmarks (Running/Suspended), or holds incidents (Finished/Faulted, Elsa's default strategy; Running/Suspended where the definition continues
/// with them). In the last case its bookmarks still stand and may be resumed, so that one branch's fault does not hold up the others;
/// <see cref="RetryAsync"/> makes it run again.
/// </para>
/// </summary>
public sealed class WorkflowRunner(EngineOptions options)
{
    /// <summary>Code of the incident of a burst that met <see cref="EngineOptions.MaxActivitiesPerBurst"/>.</summary>
    public const string BurstLimitCode = "engine-burst-limit";

    /// <summary>Code of the incident of an instance that would wait at more than <see cref="EngineOptions.MaxBookmarks"/> places.</summary>
    public const string BookmarkLimitCode = "too-many-bookmarks";

    /// <exception cref="ArgumentException">A required input is missing; the message names it.</exception>
    public async ValueTask<RunResult> StartAsync(CompiledWorkflow workflow, StartOptions start, CancellationToken cancellation = default)
    {
        var missing = workflow.Definition.Inputs
            .Where(i => i.IsRequired && i.DefaultValue is null && start.Input?.GetValueOrDefault(i.Name) is null)
            .Select(i => i.Name).ToArray();
        if (missing.Length > 0)
            throw new ArgumentException($"Required workflow input missing: {string.Join(", ", missing)}.", nameof(start));

        var state = new WorkflowState
        {
            InstanceId = start.InstanceId,
            CorrelationId = start.CorrelationId,
            Name = start.Name,
            Input = start.Input?.ToDictionary(i => i.Key, i => i.Value?.DeepClone()) ?? [],
            Journaled = start.Journaled
        };
        var burst = new WorkflowExecutionContext(workflow, state, start.Now, options, cancellation);
        if (start.TriggerActivityId is { } trigger)
            burst.Trigger = (trigger, start.TriggerInput?.DeepClone().AsObject());
        var root = burst.Create(workflow.RootNode, null, null);
        burst.Journal.Add(root, "Started");
        await burst.AttemptAsync(root, new Attempt());
        return await RunAsync(burst);
    }

    /// <summary>Resumes exactly the bookmark named; <see cref="BookmarkNotFoundException"/> where it stands no more.</summary>
    public async ValueTask<RunResult> ResumeAsync(
        CompiledWorkflow workflow, WorkflowState state, string bookmarkId, JsonObject? input, DateTimeOffset now,
        CancellationToken cancellation = default)
    {
        var burst = new WorkflowExecutionContext(workflow, state.Copy(), now, options, cancellation);
        var bookmark = burst.State.Bookmarks.Find(b => b.Id == bookmarkId);
        if (bookmark is null || burst.Find(bookmark.ActivityInstanceId) is not { } context)
            throw new BookmarkNotFoundException(bookmarkId);

        if (!bookmark.Stays)
            burst.Burn(bookmark);
        burst.Journal.Add(context, "Resumed");
        await burst.AttemptAsync(context, new Attempt(bookmark.Callback, TypedBag.Unwrap(input?.DeepClone()) as JsonObject, BookmarkId: bookmark.Id));
        return await RunAsync(burst);
    }

    /// <summary>Runs the activity of an incident again, and nothing that had finished.</summary>
    /// <exception cref="IncidentNotFoundException">The incident was retried before, or never was.</exception>
    public async ValueTask<RunResult> RetryAsync(
        CompiledWorkflow workflow, WorkflowState state, string incidentId, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var burst = new WorkflowExecutionContext(workflow, state.Copy(), now, options, cancellation);
        var incident = burst.State.Incidents.Find(i => i.Id == incidentId);
        if (incident is null || burst.Find(incident.ActivityInstanceId) is not { } context)
            throw new IncidentNotFoundException(incidentId);

        burst.State.Incidents.Remove(incident);
        if (incident.Code is BurstLimitCode or BookmarkLimitCode)
            burst.TakeUpScheduled();
        if (context.State.Faulted is { } attempt)
        {
            context.State.Status = ActivityStatus.Running;
            context.State.Faulted = null;
            if (attempt.Child is null)
                burst.Journal.Add(context, attempt.BookmarkId is null ? "Started" : "Resumed");
            await burst.AttemptAsync(context, attempt.Again());
        }

        return await RunAsync(burst);
    }

    /// <summary>Ends the instance as Cancelled; every bookmark is burnt. An instance that has ended already stays as it is.</summary>
    public ValueTask<RunResult> CancelAsync(
        CompiledWorkflow workflow, WorkflowState state, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var burst = new WorkflowExecutionContext(workflow, state.Copy(), now, options, cancellation);
        if (burst.Root is { } root)
        {
            burst.Cancel(root);
            burst.Queue.Clear();
            burst.State.Status = WorkflowStatus.Finished;
            burst.State.SubStatus = WorkflowSubStatus.Cancelled;
        }

        return ValueTask.FromResult(burst.ToResult());
    }

    /// <summary>
    /// Changes an instance by hand and lets run what that sets going: all alterations or none. A dry run is the same call, its result dropped.
    /// </summary>
    /// <exception cref="AlterationRefusedException">One cannot be applied, or would leave an activity under way for ever.</exception>
    public async ValueTask<RunResult> AlterAsync(
        CompiledWorkflow workflow, WorkflowState state, IReadOnlyList<Alteration> alterations, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var burst = new WorkflowExecutionContext(workflow, state.Copy(), now, options, cancellation);
        var alteration = new AlterationBurst(burst);
        await alteration.ApplyAsync(alterations);
        await DrainAsync(burst);
        alteration.RefuseStranded();
        Settle(burst);
        return burst.ToResult();
    }

    private async ValueTask<RunResult> RunAsync(WorkflowExecutionContext burst)
    {
        await DrainAsync(burst);
        RefuseToStall(burst);
        Settle(burst);
        return burst.ToResult();
    }

    private async ValueTask DrainAsync(WorkflowExecutionContext burst)
    {
        for (var executed = 0; burst.Queue.Count > 0; executed++)
        {
            burst.Cancellation.ThrowIfCancellationRequested();
            if (burst.IsFull)
            {
                burst.KeepScheduled();
                break;
            }
            if (executed >= options.MaxActivitiesPerBurst)
            {
                StopAtLimit(burst, burst.Queue.First);
                break;
            }

            await ExecuteAsync(burst, burst.Queue.Take());
        }
    }

    private static async ValueTask ExecuteAsync(WorkflowExecutionContext burst, ScheduledActivity work)
    {
        if (burst.Find(work.ParentId) is not { } parent)
            return;
        var context = burst.Create(burst.Workflow.Nodes[work.ActivityId], parent, work);
        burst.Journal.Add(context, "Started");
        await burst.AttemptAsync(context, new Attempt());
    }

    /// <summary>Keeps what was scheduled, so that a retry of the incident goes on from here with a fresh allowance.</summary>
    private void StopAtLimit(WorkflowExecutionContext burst, ScheduledActivity next)
    {
        burst.KeepScheduled();
        burst.Raise(
            burst.Find(next.ParentId) ?? burst.Root!, burst.Workflow.Nodes[next.ActivityId], BurstLimitCode,
            $"Lebih dari {options.MaxActivitiesPerBurst} aktivitas berjalan tanpa henti; periksa apakah alurnya berputar tanpa akhir.");
    }

    /// <summary>
    /// A running instance waits for something or somebody. An activity that neither completed nor made a bookmark would leave it waiting for nothing,
    /// unseen for ever; it becomes an incident.
    /// </summary>
    private static void RefuseToStall(WorkflowExecutionContext burst)
    {
        var state = burst.State;
        if (burst.Root is null || state.Bookmarks.Count > 0 || state.Incidents.Count > 0)
            return;
        var idle = state.Activities.Where(a => !state.Activities.Exists(child => child.ParentId == a.Id)).ToArray();
        foreach (var leaf in idle)
            burst.Fault(
                burst.Find(leaf.Id)!, new Attempt(),
                new ActivityFaultException("activity-stalled", "Aktivitas tidak selesai dan tidak menunggu apa pun."));
    }

    /// <summary>
    /// An incident stops the instance as Faulted, or leaves it Suspended where its definition says so (Elsa's incident strategies): its bookmarks
    /// stand and its incidents can be retried either way.
    /// </summary>
    private static void Settle(WorkflowExecutionContext burst) =>
        (burst.State.Status, burst.State.SubStatus) = (burst.Root is null, burst.State.Incidents.Count) switch
        {
            (true, _) => (WorkflowStatus.Finished, WorkflowSubStatus.Finished),
            (false, > 0) when !burst.Workflow.Definition.ContinuesWithIncidents => (WorkflowStatus.Finished, WorkflowSubStatus.Faulted),
            _ => (WorkflowStatus.Running, WorkflowSubStatus.Suspended)
        };
}

/// <summary>The bookmark was burnt already, or never stood.</summary>
public sealed class BookmarkNotFoundException(string bookmarkId)
    : Exception($"Bookmark {bookmarkId} does not stand; it was resumed or cancelled.");

/// <summary>The incident was retried already, or never was.</summary>
public sealed class IncidentNotFoundException(string incidentId)
    : Exception($"Incident {incidentId} does not stand; it was retried or its activity cancelled.");
