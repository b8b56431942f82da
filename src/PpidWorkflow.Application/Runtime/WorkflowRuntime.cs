using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Runs bursts of the engine inside a commit and turns what they did into rows: state, bookmarks, journal, incidents, work items, the end of
/// the case. Called within <see cref="Committer.RunAsync"/> only; it never saves.
/// </summary>
public sealed partial class WorkflowRuntime(
    PpidDbContext db, DefinitionLibrary library, WorkflowRunner runner, StepDesk steps, ClockKeeper clocks, OfficerDirectory directory, StepMail mail,
    AuditTrail audit, Identifiers identifiers, IOptions<EventOptions> events, EngineOptions engine, TimeProvider time)
{
    /// <summary>How many events led to the burst in hand without anybody or any time between them.</summary>
    internal int EventDepth { get; set; }

    /// <summary>The burst in hand comes of an event that an instance published, not of time or of somebody outside.</summary>
    internal bool HearsOfInstance { get; set; }

    /// <summary>How long one burst of a trial may take; those of the office's own definitions take milliseconds.</summary>
    public static readonly TimeSpan TrialBurst = TimeSpan.FromSeconds(3);

    /// <summary>Name in the payload of a trial's first journal line.</summary>
    public const string SampleInputs = "SampleInputs";

    /// <summary>Starts the case's instance on a version.</summary>
    public async Task StartAsync(
        DefinitionVersion version, Case record, IReadOnlyDictionary<string, JsonNode?> input, OpeningCause cause, CancellationToken cancellation)
    {
        var now = time.Now();
        var instance = new WorkflowInstance
        {
            Id = record.InstanceId,
            DefinitionVersionId = version.Id,
            DefinitionId = version.DefinitionId,
            DefinitionVersion = version.Version,
            CorrelationId = record.Number,
            State = "",
            CreatedAt = now
        };
        db.Instances.Add(instance);
        using var burst = Traces.Burst("start", instance, record);
        var workflow = await library.OfAsync(instance, cancellation);
        var result = await runner.StartAsync(
            workflow, new StartOptions(record.InstanceId.ToString("n"), now, input, CorrelationId: record.Number), cancellation);
        await ApplyAsync(instance, record, version.SopSlug, result, cause, now, cancellation);
    }

    /// <summary>
    /// Starts a trial: the same engine and the same rows, but no case, work item, clock or mail. The caller has made the instance.
    /// </summary>
    /// <param name="samples">Names of inputs that hold sample values; the journal's first line says so.</param>
    /// <returns>A refusal where it does not come to rest in <see cref="TrialBurst"/>.</returns>
    public async Task<Problem?> StartTrialAsync(
        WorkflowInstance trial, IReadOnlyDictionary<string, JsonNode?> input, IReadOnlyList<string> samples, OpeningCause cause,
        CancellationToken cancellation)
    {
        var now = time.Now();
        db.Instances.Add(trial);
        using var burst = Traces.Burst("start", trial, null);
        var workflow = await library.OfAsync(trial, cancellation);
        var start = new StartOptions(trial.Id.ToString("n"), now, input, trial.CorrelationId, trial.Name) { Journaled = JournaledValues.UnlessExcluded };
        if (await BurstAsync(trial, limit => runner.StartAsync(workflow, start, limit), cancellation) is not { } result)
            return Problem.Conflict("trial-too-long", TrialBurst.TotalSeconds);
        if (samples.Count > 0)
        {
            result = result with
            {
                Journal =
                [
                    result.Journal[0] with
                    {
                        Message = "Uji coba dengan nilai contoh.",
                        Payload = new JsonObject { [SampleInputs] = new JsonArray([.. samples.Select(name => (JsonNode?)name)]) }
                    },
                    .. result.Journal.Skip(1)
                ]
            };
        }
        await ApplyAsync(trial, null, null, result, cause, now, cancellation);
        return null;
    }

    /// <summary>Starts a run: no case, no work item, no clock, no mail. The caller has made the instance.</summary>
    /// <param name="triggerActivityId">The activity that starts it; null: it begins where its drawing says.</param>
    /// <param name="triggerInput">What that activity is given.</param>
    public async Task StartRunAsync(WorkflowInstance run, string? triggerActivityId, JsonObject? triggerInput, CancellationToken cancellation)
    {
        var now = time.Now();
        db.Instances.Add(run);
        using var burst = Traces.Burst("start", run, null);
        var workflow = await library.OfAsync(run, cancellation);
        var start = new StartOptions(run.Id.ToString("n"), now, null, run.CorrelationId, run.Name)
        {
            TriggerActivityId = triggerActivityId,
            // An event that an instance of the office published may carry what is in a dossier.
            Journaled = HearsOfInstance ? JournaledValues.None : engine.JournaledValues,
            TriggerInput = triggerInput
        };
        await ApplyAsync(run, null, null, await runner.StartAsync(workflow, start, cancellation), new OpeningCause("system", "PpidWorkflow"), now, cancellation);
    }

    /// <summary>Ends an instance as cancelled.</summary>
    public async Task CancelAsync(WorkflowInstance instance, Case? record, OpeningCause cause, CancellationToken cancellation)
    {
        var now = time.Now();
        using var burst = Traces.Burst("cancel", instance, record);
        var result = await runner.CancelAsync(
            await library.OfAsync(instance, cancellation), WorkflowState.FromJson(instance.State), now, cancellation);
        await ApplyAsync(instance, record, await SlugAsync(instance, cancellation), result, cause, now, cancellation);
    }

    /// <summary>Gives a trial's variables other values; false where one of them cannot be set.</summary>
    /// <exception cref="ActivityFaultException">A value does not fit its variable's type.</exception>
    public async Task<bool> SetVariablesAsync(
        WorkflowInstance trial, IReadOnlyList<(string NameOrId, JsonNode? Value)> values, CancellationToken cancellation)
    {
        var workflow = await library.OfAsync(trial, cancellation);
        var state = WorkflowState.FromJson(trial.State);
        foreach (var (nameOrId, value) in values)
        {
            if (state.WithVariable(workflow, nameOrId, value) is not { } changed)
                return false;
            state = changed;
        }
        Keep(trial, state, time.Now());
        return true;
    }

    /// <summary>Resumes one bookmark. Refused as stale where it stands no more.</summary>
    /// <param name="record">Null: a trial.</param>
    public async Task<Problem?> ResumeAsync(
        WorkflowInstance instance, Case? record, string bookmarkId, JsonObject? input, OpeningCause cause, CancellationToken cancellation)
    {
        var now = time.Now();
        using var burst = Traces.Burst("resume", instance, record);
        try
        {
            var workflow = await library.OfAsync(instance, cancellation);
            var state = WorkflowState.FromJson(instance.State);
            if (HearsOfInstance && !instance.IsTrial)
                state = state.WithoutValues();
            var result = await BurstAsync(instance, limit => runner.ResumeAsync(workflow, state, bookmarkId, input, now, limit), cancellation)
                ?? await runner.CancelAsync(workflow, state, now, cancellation);
            await ApplyAsync(instance, record, await SlugAsync(instance, cancellation), result, cause, now, cancellation);
            return null;
        }
        catch (BookmarkNotFoundException)
        {
            return Problem.Conflict("stale-revision");
        }
    }

    /// <summary>
    /// Resumes a bookmark for no officer: its instant has come, or its event. A completion before it cannot be taken back any more: that would bring
    /// the bookmark back, to be resumed a second time.
    /// </summary>
    public async Task<Problem?> ResumeByItselfAsync(WorkflowInstance instance, string bookmarkId, JsonObject? input, CancellationToken cancellation)
    {
        instance.StateBefore = null;
        instance.StateBeforeWorkItemId = null;
        return await ResumeAsync(
            instance, await db.CaseOfAsync(instance, cancellation), bookmarkId, input, new OpeningCause("system", "PpidWorkflow"), cancellation);
    }

    /// <summary>Runs the activity of an incident again.</summary>
    /// <param name="record">Null: a trial.</param>
    public async Task RetryAsync(WorkflowInstance instance, Case? record, IncidentRow incident, OpeningCause cause, CancellationToken cancellation)
    {
        var now = time.Now();
        using var burst = Traces.Burst("retry", instance, record);
        var workflow = await library.OfAsync(instance, cancellation);
        var state = WorkflowState.FromJson(instance.State);
        var result = await BurstAsync(instance, limit => runner.RetryAsync(workflow, state, incident.EngineIncidentId, now, limit), cancellation)
            ?? await runner.CancelAsync(workflow, state, now, cancellation);
        incident.ResolvedAt = now;
        incident.ResolvedBy = cause.ActorUserName;
        await ApplyAsync(instance, record, await SlugAsync(instance, cancellation), result, cause, now, cancellation);
    }

    /// <summary>
    /// Puts the instance back to where it stood before the last completion. What the completion opened must have been closed by the caller.
    /// Counters go on, so that no id is ever given out twice.
    /// </summary>
    public async Task RestoreAsync(WorkflowInstance instance, Case record, CancellationToken cancellation)
    {
        var now = time.Now();
        var state = WorkflowState.FromJson(instance.StateBefore!).WithCountersOf(WorkflowState.FromJson(instance.State));
        var former = await db.Bookmarks.Where(b => b.InstanceId == instance.Id).ToListAsync(cancellation);
        await db.ReleaseEventsAsync(former, cancellation);
        db.Bookmarks.RemoveRange(former);
        foreach (var bookmark in state.Bookmarks)
            db.Bookmarks.Add(Row(bookmark, instance.Id));
        Keep(instance, state, now);
        instance.StateBefore = null;
        instance.StateBeforeWorkItemId = null;
        record.State = CaseState.Running;
        record.Revision++;
    }

    private async Task ApplyAsync(
        WorkflowInstance instance, Case? record, string? sopSlug, RunResult result, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        // An attempt that broke off before its family was followed has left what it made.
        if (!_follows)
            ForgetFamily();
        var gone = await StoreAsync(instance, record, sopSlug, result, cause, now, cancellation);
        await FollowFamilyAsync(instance, result, gone, cause, cancellation);
    }

    /// <returns>Rows of the bookmarks that are gone.</returns>
    private async Task<IReadOnlyList<BookmarkRow>> StoreAsync(
        WorkflowInstance instance, Case? record, string? sopSlug, RunResult result, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        List<BookmarkRow> gone = [];
        if (result.BurntBookmarkIds.Count > 0)
        {
            gone = [.. result.BurntBookmarkIds.Where(_made.ContainsKey).Select(id => _made[id])];
            if (gone.Count == 0 && result.BurntBookmarkIds is [var only])
            {
                gone = db.Bookmarks.Local.FirstOrDefault(b => b.Id == only) is { } read ? [read]
                    : await HotQueries.ListAsync(HotQueries.Of(db).Bookmark(db, only), cancellation);
            }
            else if (gone.Count < result.BurntBookmarkIds.Count)
                gone.AddRange(await db.Bookmarks.Where(b => result.BurntBookmarkIds.Contains(b.Id)).ToListAsync(cancellation));
            await db.ReleaseEventsAsync(gone, cancellation);
            db.Bookmarks.RemoveRange(gone);
        }
        foreach (var bookmark in result.NewBookmarks)
            db.Bookmarks.Add(_made[bookmark.Id] = Row(bookmark, instance.Id));
        foreach (var published in result.PublishedEvents)
            db.Events.Add(published.Row(identifiers.Next(), instance, EventDepth, now, events.Value));
        foreach (var entry in result.Journal)
            db.Journal.Add(Row(entry, instance.Id, result.Values.GetValueOrDefault(entry.Sequence)));
        foreach (var incident in result.NewIncidents)
            db.Incidents.Add(Row(incident, instance.Id, identifiers.Next()));
        var standing = result.State.Incidents.Select(i => i.Id).ToHashSet();
        if (instance.OpenIncidents > 0)
        {
            await db.Incidents.Where(i => i.InstanceId == instance.Id && i.ResolvedAt == null).LoadAsync(cancellation);
            foreach (var ended in db.Incidents.Local.Where(i => i.InstanceId == instance.Id && i.ResolvedAt is null && !standing.Contains(i.EngineIncidentId)))
            {
                ended.ResolvedAt = now;
                ended.ResolvedBy = cause.ActorUserName;
            }
        }
        instance.JournalSequence = Math.Max(instance.JournalSequence, result.Journal.Count == 0 ? 0 : result.Journal[^1].Sequence);
        instance.OpenIncidents = result.State.Incidents.Count;
        Keep(instance, result.State, now);

        // A trial's SOP bookmarks just stand: nobody is asked for anything.
        if (record is null)
            return gone;
        foreach (var bookmark in result.NewBookmarks.Where(b => b.Name == SopTask.StimulusName))
            await steps.OpenAsync(record, sopSlug, bookmark, cause, now, cancellation);
        await CloseWhatEndedAsync(instance, result, cause, now, cancellation);
        await FollowAsync(instance, record, sopSlug, result, cause, now, cancellation);
        return gone;
    }

    // The store waits for a burst, and nobody has approved what a trial runs: null where it takes too long. Under way, it is cancelled then,
    // or its timer would take as long again at the next sweep.
    private static async Task<RunResult?> BurstAsync(
        WorkflowInstance instance, Func<CancellationToken, ValueTask<RunResult>> burst, CancellationToken cancellation)
    {
        if (!instance.IsTrial)
            return await burst(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TrialBurst);
        try
        {
            return await burst(limit.Token);
        }
        // A script that was cut off speaks of a fault.
        catch (Exception cut) when (cut is OperationCanceledException or ActivityFaultException
            && limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Keep(WorkflowInstance instance, WorkflowState state, DateTimeOffset now)
    {
        instance.State = state.ToJson();
        instance.Status = state.Status;
        instance.Name = state.Name;
        instance.CorrelationId = state.CorrelationId;
        instance.SubStatus = state.SubStatus;
        instance.UpdatedAt = now;
        instance.FinishedAt = state is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted } ? now : null;
        instance.Revision++;
    }

    // Work items whose bookmark is gone (a cancelled branch) end with it; a clock without any open work item ends too.
    private async Task CloseWhatEndedAsync(WorkflowInstance instance, RunResult result, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        // The step in hand may have read all of them: the item that it acts on, and no other one is open.
        if (!db.HasNone<WorkItem>(instance.Id) || !result.BurntBookmarkIds.All(id => db.WorkItems.Local.Any(w => w.BookmarkId == id)))
        {
            var hot = HotQueries.Of(db);
            await HotQueries.ListAsync(
                result.BurntBookmarkIds is [var only] ? hot.StandingOrOf(db, instance.Id, only) : hot.Standing(db, instance.Id, result.BurntBookmarkIds), cancellation);
        }
        db.Remembered[(typeof(WorkItem), instance.Id)] = instance;
        var items = db.WorkItems.Local.Where(w => w.InstanceId == instance.Id).ToList();
        foreach (var orphan in items.Where(w => w.IsOpen && result.BurntBookmarkIds.Contains(w.BookmarkId)))
        {
            orphan.Closure = WorkItemClosure.Cancelled;
            orphan.ClosedAt = now;
            orphan.ConsumedMs = (long)clocks.Read(orphan.Clock!, now).Consumed.TotalMilliseconds;
            orphan.Revision++;
        }
        foreach (var clock in items.Select(w => w.Clock!).DistinctBy(c => c.Id))
        {
            if (clock.State != ClockState.Closed && !items.Any(w => w.IsOpen && w.ClockId == clock.Id))
                await steps.EndClockAsync(clock, cause, now, cancellation);
        }
    }

    private async Task FollowAsync(
        WorkflowInstance instance, Case record, string? sopSlug, RunResult result, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        var state = instance switch
        {
            { OpenIncidents: > 0 } => CaseState.Faulted,
            { Status: WorkflowStatus.Running } => CaseState.Running,
            { SubStatus: WorkflowSubStatus.Cancelled } => CaseState.Cancelled,
            _ => CaseState.Documented
        };
        foreach (var incident in result.NewIncidents)
        {
            audit.Add(AuditTrail.ChainOf(record.Id), "system", "incident", new JsonObject
            {
                ["activityId"] = incident.ActivityId,
                ["code"] = incident.Code
            });
        }
        if (record.State == state)
            return;
        record.State = state;
        record.Revision++;
        if (state is CaseState.Documented or CaseState.Cancelled)
            record.ClosedAt = now;
        if (state != CaseState.Documented)
            return;

        audit.Add(AuditTrail.ChainOf(record.Id), cause.ActorUserName, "case-documented");
        db.Happened.Add(() => Metrics.Documented(record.DefinitionId));
        // From the case to its officers: the other way round SQLite looks through all that each officer has ever done.
        var involved = await db.WorkItems.AsNoTracking().Where(w => w.CaseId == record.Id && w.AssigneeId != null && w.Closure == WorkItemClosure.Completed)
            .Select(w => w.Assignee!).Distinct().ToListAsync(cancellation);
        involved.ForEach(directory.Know);
        foreach (var id in involved.Select(o => o.Id).Union(db.WorkItems.Local.Where(w => w.CaseId == record.Id && w is { AssigneeId: not null, Closure: WorkItemClosure.Completed }).Select(w => w.AssigneeId!.Value)).Order())
        {
            if (await directory.GetAsync(id, cancellation) is { IsActive: true } officer)
                mail.Documented(sopSlug, record, officer, cause.ActorDisplayName);
        }
    }

    // A trial writes no mail.
    private async Task<string?> SlugAsync(WorkflowInstance instance, CancellationToken cancellation) =>
        instance.IsTrial ? null : await library.SlugAsync(instance.DefinitionVersionId, cancellation);

    internal static BookmarkRow Row(Bookmark bookmark, Guid instanceId) => new()
    {
        Id = bookmark.Id,
        InstanceId = instanceId,
        Name = bookmark.Name,
        ActivityId = bookmark.ActivityId,
        // Up to what every database keeps exactly: never early.
        DueAt = bookmark.DueAt is { } due ? ClockKeeper.Whole(due) : null,
        EventName = Engine.Activities.Primitives.Event.NameOf(bookmark),
        CreatedAt = bookmark.CreatedAt
    };

    private static JournalRow Row(JournalEntry entry, Guid instanceId, ExecutionValues? values) => new()
    {
        InstanceId = instanceId,
        Sequence = entry.Sequence,
        At = entry.At,
        EventName = entry.EventName,
        ActivityId = entry.ActivityId,
        ActivityType = entry.ActivityType,
        ActivityInstanceId = entry.ActivityInstanceId,
        ParentActivityInstanceId = entry.ParentActivityInstanceId,
        Message = entry.Message,
        Payload = JournalPayload.Pack(entry.Payload, values)
    };

    internal static IncidentRow Row(Incident incident, Guid instanceId, Guid id) => new()
    {
        Id = id,
        InstanceId = instanceId,
        EngineIncidentId = incident.Id,
        ActivityId = incident.ActivityId,
        ActivityType = incident.ActivityType,
        Code = incident.Code,
        Message = incident.Message,
        At = incident.At
    };
}
