using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Makes the views of work items: state and times are derived here, at the moment of reading.</summary>
public sealed partial class TaskReader(
    PpidDbContext db, OfficeCalendar office, ClockKeeper clocks, PauseLedger pauses, OfficerDirectory directory, TaskAssignment assignment, TimeProvider time)
{
    public static string Wire(WorkItemState state) => state == WorkItemState.AtRisk ? "atRisk" : state.ToString().ToLowerInvariant();

    public static StepView Step(WorkItem item, SopTask task) => new()
    {
        Number = item.StepNumber,
        Part = item.StepPart,
        Act = ActOf(task.Act),
        ActivityId = item.ActivityId,
        Description = task.Description,
        RequiredInput = task.RequiredInput,
        Output = task.Output,
        Remarks = task.Remarks,
        StandardMinutes = task.StandardTime.TotalMinutes
    };

    /// <summary>The act as the wire calls it.</summary>
    public static string ActOf(SopAct act) => act switch
    {
        SopAct.Assign => "assign",
        SopAct.Prepare => "prepare",
        SopAct.Report => "report",
        SopAct.HandOver => "handOver",
        SopAct.Document => "document",
        _ => "step"
    };

    /// <summary>Its due instant may still move, because no list of holidays reaches there.</summary>
    internal bool IsProvisional(WorkItem item) => item.IsOpen && item.Clock!.DueAt is { } due && office.Current.IsProvisional(due);

    /// <summary>completed, returned, cancelled; else paused &gt; overdue &gt; atRisk &gt; open (design.md §4).</summary>
    public WorkItemState StateOf(WorkItem item, DateTimeOffset now) => item switch
    {
        { Closure: WorkItemClosure.Completed } => WorkItemState.Completed,
        { Closure: WorkItemClosure.Returned } => WorkItemState.Returned,
        { Closure: WorkItemClosure.Cancelled } => WorkItemState.Cancelled,
        _ => StateOf(item.Clock!, now)
    };

    /// <summary>The state of an open item by its clock.</summary>
    public WorkItemState StateOf(StepClock clock, DateTimeOffset now) => StateOf(clock.State, ClockKeeper.Standard(clock), clock.AtRiskAt, now);

    /// <summary>The same by what it follows from, for a list that reads no more of its clocks.</summary>
    internal WorkItemState StateOf(ClockState state, StandardClock standard, DateTimeOffset? atRiskAt, DateTimeOffset now) =>
        state == ClockState.Paused ? WorkItemState.Paused
        : standard.Read(office.Current, now).IsOverdue ? WorkItemState.Overdue
        : atRiskAt <= now ? WorkItemState.AtRisk
        : WorkItemState.Open;

    /// <summary>Working minutes left, negative when overdue; null for closed items and clocks that have not begun.</summary>
    public double? RemainingMinutes(WorkItem item, DateTimeOffset now)
    {
        if (!item.IsOpen)
            return null;
        var reading = ClockKeeper.Standard(item.Clock!).Read(office.Current, now);
        return Math.Round((reading.Remaining - reading.Lateness).TotalMinutes, 2);
    }

    /// <summary>Working minutes from receipt to start and from start to closing, or to now; pauses count as neither.</summary>
    /// <param name="events">What happened to the item's clock; needed for open items, closed ones carry their figures.</param>
    public (double Waiting, double Processing) Spent(WorkItem item, IReadOnlyCollection<ClockEvent> events, DateTimeOffset now)
    {
        var (waiting, processing) = item is { WaitingMs: { } waited, ProcessingMs: { } processed }
            ? (waited, processed)
            : clocks.Spent(ReceivedAt(item), item.ActualStartedAt ?? item.StartedAt, now, events);
        return (Math.Round(waiting / 60_000.0, 2), Math.Round(processing / 60_000.0, 2));
    }

    /// <summary>Working minutes within the item's pauses; closed items carry theirs.</summary>
    public double PausedMinutes(WorkItem item, IEnumerable<ClockEvent> events, DateTimeOffset now) =>
        Math.Round((item.PausedMs ?? pauses.PausedMs(events, ReceivedAt(item), item.ClosedAt ?? now)) / 60_000.0, 2);

    /// <summary>The pauses of the item's clock while the item was open.</summary>
    public Task<IReadOnlyList<PauseView>> PausesAsync(
        WorkItem item, IEnumerable<ClockEvent> events, DateTimeOffset now, CancellationToken cancellation) =>
        pauses.ReadAsync(events, item.ReceivedAt, item.ClosedAt ?? now, cancellation);

    /// <summary>When it was really begun, where that was entered later.</summary>
    public static ActualTime? ActualStart(WorkItem item) =>
        item.ActualStartedAt is { } at ? new ActualTime(at, item.ActualStartReason) : null;

    /// <summary>When it was really done, where that was entered later.</summary>
    public static ActualTime? ActualCompletion(WorkItem item) =>
        item.ActualClosedAt is { } at ? new ActualTime(at, item.ActualCloseReason) : null;

    /// <summary>The rungs of the item's clock that fired while it was open.</summary>
    public static IReadOnlyList<FiredRungView> Alerts(WorkItem item, IEnumerable<FireRecord> fires)
    {
        var standard = ClockKeeper.Standard(item.Clock!);
        var ladder = ClockKeeper.LadderOf(item.Clock!);
        return [.. fires.Where(f => f.ClockId == item.ClockId && f.FiredAt >= item.ReceivedAt && (item.ClosedAt is not { } closed || f.FiredAt <= closed))
            .OrderBy(f => f.FiredAt).ThenBy(f => f.Rung).ThenBy(f => f.Repetition).Select(f => new FiredRungView(
                f.FiredAt, f.DueAt, (int)(standard.RungTarget(ladder[f.Rung], f.Repetition).Ticks * 100 / standard.Budget.Ticks),
                System.Text.Json.JsonSerializer.Deserialize<List<string>>(f.Addressees)!.Count, f.FiredAt > item.ActualClosedAt))];
    }

    // Handed over on paper, where its performer has said that he worked before the service knew of it.
    private static DateTimeOffset ReceivedAt(WorkItem item) => item.WaitedSince(item.ActualStartedAt);

    /// <summary>What outages gave back while the item was open. 5a and 5b share a clock: each shows its own.</summary>
    public async Task<IReadOnlyList<CreditView>> CreditsAsync(WorkItem item, IReadOnlyCollection<ClockEvent> events, CancellationToken cancellation)
    {
        var open = new Span(item.ReceivedAt, item.ClosedAt ?? DateTimeOffset.MaxValue);
        var pieces = OutageCredits.PiecesOf(events).Where(p => p.Ms > 0 && !p.Span.Within(open).IsEmpty).ToList();
        if (pieces.Count == 0)
            return [];
        var ids = pieces.ConvertAll(p => p.OutageId);
        var outages = await db.Outages.AsNoTracking().Where(o => ids.Contains(o.Id)).ToDictionaryAsync(o => o.Id, cancellation);
        return [.. pieces.Where(p => outages.ContainsKey(p.OutageId)).Select(p => new CreditView(
            p.OutageId, OutageDesk.Wire(outages[p.OutageId].Kind), p.Span.From, p.Span.To, Math.Round(p.Ms / 60_000.0, 2), outages[p.OutageId].Reason))];
    }

    public TaskSummary Summary(WorkItem item)
    {
        var now = time.Now();
        return new TaskSummary
        {
            Id = item.Id,
            Revision = item.Revision,
            CaseId = item.CaseId,
            CaseNumber = item.Case!.Number,
            CaseTitle = item.Case.Title,
            Step = Step(item, StepDesk.TaskOf(item)),
            Role = item.Role,
            Assignee = item.IsOpen || item.Assignee is null ? Person(item.Assignee) : Person(item.Assignee)! with { Capacity = item.Capacity },
            State = Wire(StateOf(item, now)),
            ReceivedAt = item.ReceivedAt,
            StartedAt = item.StartedAt,
            CompletedAt = item.ClosedAt,
            DueAt = item.IsOpen ? item.Clock!.DueAt : item.DueAt,
            Provisional = IsProvisional(item),
            RemainingMinutes = RemainingMinutes(item, now),
            PausedSince = item.IsOpen ? item.Clock!.PausedAt : null
        };
    }

    /// <summary>The item with its case, clock and assignee, where the actor may see it.</summary>
    public async Task<WorkItem?> FindAsync(Actor actor, Guid id, CancellationToken cancellation)
    {
        if (await ReadAsync(id, cancellation) is not { } item)
            return null;
        directory.Know(item.Assignee);
        return Visibility.IsOwn(actor, item) || await db.Cases.VisibleTo(db, actor).AnyAsync(c => c.Id == item.CaseId, cancellation) ? item : null;
    }

    private async Task<WorkItem?> ReadAsync(Guid id, CancellationToken cancellation)
    {
        if (db.Database.CurrentTransaction is null)
            return await HotQueries.Of(db).Item(db, id, cancellation);
        if (await HotQueries.Of(db).ItemToAct(db, id, cancellation) is not { } row)
            return null;
        Remember(row);
        return row.Item;
    }

    private void Remember(ItemRow row)
    {
        var item = row.Item;
        if (!row.HasOthers)
            db.RememberNone<WorkItem>(item.InstanceId);
        // A visit that goes on has a clock that is not closed, unless a fault came between its parts.
        if (!row.HasOtherClocks && row.Instance.OpenIncidents == 0)
            db.RememberNone<StepClock>(item.InstanceId);
        if (!row.HasDocumented)
            db.RememberNone<Archive.StorageLocation>(item.CaseId);
        if (!row.HasFiles)
            db.RememberNone<Archive.DossierFile>(item.CaseId);
        if (!row.HasHardcopies)
            db.RememberNone<Archive.HardcopyItem>(item.CaseId);
        if (!row.HasComments)
            db.RememberNone<TaskComment>(item.Id);
        if (!row.HasFires)
            db.RememberNone<FireRecord>(item.ClockId);
        if (!row.HasOutages)
            db.RememberNone<Outage>(item.ClockId);
    }

    public async Task<TaskView> ViewAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        var now = time.Now();
        var task = StepDesk.TaskOf(item);
        var state = StateOf(item, now);
        var events = await clocks.EventsAsync(item.ClockId, cancellation);
        var (waiting, processing) = Spent(item, events, now);
        // The one of the commit in hand is not among the rows yet.
        var reminder = !item.IsOpen ? null : events.Concat(db.ClockEvents.Local.Where(e => e.ClockId == item.ClockId))
            .Where(e => e.Kind == "reminded" && e.At >= item.ReceivedAt).MaxBy(e => e.Id);
        var candidates = item.AssigneeId is null && item.IsOpen ? await PeopleAsync(item.Role, cancellation) : [];
        var recipientRole = item.IsOpen ? task.RecipientRole : null;
        var recipients = recipientRole is null ? [] : await PeopleAsync(recipientRole, cancellation);
        var assignable = recipientRole is not null && ActOf(task.Act) == "assign" ? recipients : null;
        var mayOpenFiles = await MayOpenFilesAsync(actor, item.CaseId, cancellation);
        return new TaskView
        {
            Id = item.Id,
            Revision = item.Revision,
            CaseId = item.CaseId,
            CaseNumber = item.Case!.Number,
            CaseTitle = item.Case.Title,
            DefinitionId = item.Case.DefinitionId,
            DefinitionVersion = item.Case.DefinitionVersion,
            Step = Step(item, task),
            Role = item.Role,
            RoleName = await directory.RoleNameAsync(item.Role, cancellation),
            Assignee = await AssigneeAsync(item, cancellation),
            Helpers = await HelpersAsync(item, cancellation),
            Candidates = candidates,
            State = Wire(state),
            ReceivedAt = item.ReceivedAt,
            StartedAt = item.StartedAt,
            CompletedAt = item.ClosedAt,
            DueAt = item.IsOpen ? item.Clock!.DueAt : item.DueAt,
            Provisional = IsProvisional(item),
            RemainingMinutes = RemainingMinutes(item, now),
            WaitingMinutes = waiting,
            ProcessingMinutes = processing,
            PausedMinutes = PausedMinutes(item, events, now),
            PausedSince = item.IsOpen ? item.Clock!.PausedAt : null,
            Pauses = await PausesAsync(item, events, now, cancellation),
            ActualStart = ActualStart(item),
            ActualCompletion = ActualCompletion(item),
            Alerts = Alerts(item, db.HasNone<FireRecord>(item.ClockId) ? [] : await HotQueries.ListAsync(HotQueries.Of(db).Fires(db, item.ClockId), cancellation)),
            Credits = await CreditsAsync(item, events, cancellation),
            CountedFrom = CountedFrom(item),
            Closed = ClosedUntilDue(item),
            DueMoves = DueMoves(item, events),
            MeasuredFrom = task.MeasuredFrom == MeasuredFrom.Started ? "started" : "received",
            Note = item.Note,
            DelayReason = item.DelayReason,
            DelayCause = item.DelayCause,
            ReturnReason = item.ReturnReason,
            Reminded = reminder is null
                ? null
                : BoardNote.Of(reminder, await directory.NamesAsync([reminder.ActorUserName], cancellation)),
            ReturnedFrom = await ReturnedFromAsync(item, cancellation),
            RecipientRoleName = recipientRole is null ? null : await directory.RoleNameAsync(recipientRole, cancellation),
            Recipients = recipients,
            Assignable = assignable?.Select(p => p.UserName).ToList(),
            AssignablePeople = assignable,
            Fields = Fields(ActOf(task.Act), state),
            Actions = await ActionsAsync(actor, item, task, state, cancellation),
            Files = mayOpenFiles ? await FilesAsync(item.CaseId, cancellation, item.ActivityId) : [],
            HardcopyItems = mayOpenFiles ? await HardcopyAsync(item.CaseId, cancellation) : [],
            Comments = await CommentsAsync(item.CaseId, item.Id, cancellation)
        };
    }

    /// <param name="activityId">The step whose own files may still be replaced; null: none.</param>
    public async Task<IReadOnlyList<FileView>> FilesAsync(Guid caseId, CancellationToken cancellation, string? activityId = null)
    {
        var files = db.HasNone<Archive.DossierFile>(caseId) ? [] : await HotQueries.ListAsync(HotQueries.Of(db).Files(db, caseId), cancellation);
        files.AddRange(db.DossierFiles.Local.Where(f => f.CaseId == caseId && files.TrueForAll(known => known.Id != f.Id)));
        var views = new List<FileView>();
        foreach (var file in files)
        {
            var own = activityId is not null && file.ReplacedById is null
                && await db.WorkItems.AnyAsync(w => w.Id == file.WorkItemId && w.ActivityId == activityId, cancellation);
            views.Add(await FileAsync(file, cancellation) with { Replaceable = own });
        }
        return views;
    }

    public async Task<FileView> FileAsync(Archive.DossierFile file, CancellationToken cancellation) => new(
        file.Id, file.Name, file.ContentType, file.Size, file.Sha256, Named(await directory.GetAsync(file.UploadedById, cancellation), file.UploaderCapacity),
        file.UploadedAt, file.ReplacedById, file.ReplacedAt);

    private static string Named(Officer officer, string? capacity) => OfficerDirectory.Printed(officer.DisplayName, capacity);

    public async Task<IReadOnlyList<HardcopyItemView>> HardcopyAsync(Guid caseId, CancellationToken cancellation)
    {
        if (!db.HasNone<Archive.HardcopyItem>(caseId))
            await HotQueries.ListAsync(HotQueries.Of(db).Hardcopies(db, caseId), cancellation);
        return [.. db.HardcopyItems.Local.Where(h => h.CaseId == caseId && h.ReplacedAt is null).OrderBy(h => h.Position)
            .Select(h => new HardcopyItemView(h.Description, h.Quantity, h.CopyStatus))];
    }

    private static List<FieldView> Fields(string act, WorkItemState state)
    {
        if (state is WorkItemState.Completed or WorkItemState.Returned or WorkItemState.Cancelled)
            return [];
        List<FieldView> fields = act switch
        {
            "assign" => [new("assignTo", true)],
            "prepare" => [new("files", false), new("hardcopyItems", false)],
            "document" => [new("files", false), new("location", false), new("missingMedia", false)],
            _ => []
        };
        fields.Add(new("note", false));
        if (state == WorkItemState.Overdue)
            fields.AddRange([new("delayCause", false), new("delayReason", false)]);
        return fields;
    }

    private async Task<ReturnView?> ReturnedFromAsync(WorkItem item, CancellationToken cancellation)
    {
        if (item.ReturnedFromId is not { } id)
            return null;
        var source = db.WorkItems.Local.FirstOrDefault(w => w.Id == id) ?? await db.WorkItems.AsNoTracking().SingleAsync(w => w.Id == id, cancellation);
        var by = await directory.GetAsync(source.ClosedById!.Value, cancellation);
        return new ReturnView(source.StepLabel, Named(by, source.Capacity), source.ReturnReason ?? "", source.ClosedAt!.Value);
    }

    private async Task<IReadOnlyList<CommentView>> CommentsAsync(Guid caseId, Guid workItemId, CancellationToken cancellation)
    {
        if (!db.HasNone<TaskComment>(workItemId))
            await HotQueries.ListAsync(HotQueries.Of(db).Comments(db, caseId, workItemId), cancellation);
        var views = new List<CommentView>();
        foreach (var comment in db.TaskComments.Local.Where(c => c.WorkItemId == workItemId).OrderBy(c => c.At).ThenBy(c => c.Id))
            views.Add(new CommentView(Named(await directory.GetAsync(comment.AuthorId, cancellation), comment.Capacity), comment.Text, comment.At));
        return views;
    }
}
