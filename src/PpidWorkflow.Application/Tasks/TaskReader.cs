using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Makes the views of work items: state and times are derived here, at the moment of reading.</summary>
public sealed class TaskReader(
    PpidDbContext db, OfficeCalendar office, ClockKeeper clocks, PauseLedger pauses, OfficerDirectory directory, TaskAssignment assignment, TimeProvider time)
{
    public static string Wire(WorkItemState state) => state == WorkItemState.AtRisk ? "atRisk" : state.ToString().ToLowerInvariant();

    public static PersonView? Person(Officer? officer) =>
        officer is null ? null : new PersonView(officer.UserName!, officer.DisplayName, officer.Position);

    /// <summary>An officer as he stands in a role now: whether he only acts in it, and until when he is away.</summary>
    public async Task<PersonView> PersonInAsync(Officer officer, string role, CancellationToken cancellation) => Person(officer)! with
    {
        Capacity = await directory.TitleAsync(officer.Id, role, cancellation),
        AwayUntil = await directory.AwayUntilAsync(officer.Id, time.Now(), cancellation)
    };

    /// <summary>Who has or had an item: a closed one keeps the capacity of then.</summary>
    public async Task<PersonView?> AssigneeAsync(WorkItem item, CancellationToken cancellation)
    {
        if (item.AssigneeId is not { } id)
            return null;
        var officer = item.Assignee?.Id == id ? item.Assignee : await directory.GetAsync(id, cancellation);
        if (!item.IsOpen)
            return Person(officer)! with { Capacity = item.Capacity };
        var person = await PersonInAsync(officer, item.Role, cancellation);
        return person.Capacity is null ? person with { Capacity = await InSteadAsync(item, id, cancellation) } : person;
    }

    /// <summary>In what capacity an actor does an act of an item, as printed; null: in his own role.</summary>
    public async Task<string?> CapacityAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        actor.ActingIn(item.Role)?.Title ?? (actor.Is(item.Role) ? null : await InSteadAsync(item, actor.Id, cancellation));

    private async Task<string?> InSteadAsync(WorkItem item, Guid officerId, CancellationToken cancellation) =>
        item.InSteadOfId is { } absent && absent != officerId && item.AssigneeId == officerId ? $"menggantikan {(await directory.GetAsync(absent, cancellation)).DisplayName}" : null;

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

    /// <summary>completed, returned, cancelled; else paused &gt; overdue &gt; atRisk &gt; open (design.md §4).</summary>
    public WorkItemState StateOf(WorkItem item, DateTimeOffset now) => item switch
    {
        { Closure: WorkItemClosure.Completed } => WorkItemState.Completed,
        { Closure: WorkItemClosure.Returned } => WorkItemState.Returned,
        { Closure: WorkItemClosure.Cancelled } => WorkItemState.Cancelled,
        { Clock.State: ClockState.Paused } => WorkItemState.Paused,
        _ when ClockKeeper.Standard(item.Clock!).Read(office.Current, now).IsOverdue => WorkItemState.Overdue,
        { Clock.AtRiskAt: { } risk } when risk <= now => WorkItemState.AtRisk,
        _ => WorkItemState.Open
    };

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
    private static DateTimeOffset ReceivedAt(WorkItem item) =>
        item.ActualStartedAt < item.ReceivedAt ? item.HandedOverAt ?? item.ReceivedAt : item.ReceivedAt;


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
            RemainingMinutes = RemainingMinutes(item, now),
            PausedSince = item.IsOpen ? item.Clock!.PausedAt : null
        };
    }

    /// <summary>The item with its case, clock and assignee, where the actor may see it.</summary>
    public async Task<WorkItem?> FindAsync(Actor actor, Guid id, CancellationToken cancellation)
    {
        var item = await db.WorkItems.Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee).Include(w => w.Helpers)
            .SingleOrDefaultAsync(w => w.Id == id, cancellation);
        return item is not null && await db.Cases.VisibleTo(db, actor).AnyAsync(c => c.Id == item.CaseId, cancellation) ? item : null;
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
            RemainingMinutes = RemainingMinutes(item, now),
            WaitingMinutes = waiting,
            ProcessingMinutes = processing,
            PausedMinutes = PausedMinutes(item, events, now),
            PausedSince = item.IsOpen ? item.Clock!.PausedAt : null,
            Pauses = await PausesAsync(item, events, now, cancellation),
            ActualStart = ActualStart(item),
            ActualCompletion = ActualCompletion(item),
            Alerts = Alerts(item, await db.FireRecords.AsNoTracking().Where(f => f.ClockId == item.ClockId).ToListAsync(cancellation)),
            Credits = await CreditsAsync(item, events, cancellation),
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

    /// <summary>
    /// Who may be given an item of a role by hand: its holders, and who stands in for one that is away. Who is away himself is not offered.
    /// </summary>
    public async Task<IReadOnlyList<PersonView>> CandidatesAsync(string role, CancellationToken cancellation)
    {
        var people = new List<PersonView>();
        foreach (var candidate in await assignment.CandidatesAsync(role, cancellation))
        {
            var person = await PersonInAsync(candidate.Assignee!, role, cancellation);
            if (person.AwayUntil is not null)
                continue;
            people.Add(person.Capacity is null && candidate.InSteadOf is { } absent ? person with { Capacity = $"menggantikan {absent.DisplayName}" } : person);
        }
        return people;
    }

    // Who is there first; of who is not, who gets what is meant for him.
    private async Task<List<PersonView>> PeopleAsync(string role, CancellationToken cancellation)
    {
        var (there, away) = (new List<PersonView>(), new List<PersonView>());
        foreach (var officer in await directory.HoldersOfAsync(role, cancellation))
        {
            var person = await PersonInAsync(officer, role, cancellation);
            if (await directory.IsAwayAsync(officer.Id, role, cancellation))
                away.Add(person with { StandIn = await StandInAsync(officer, role, cancellation) });
            else
                there.Add(person);
        }
        return [.. there, .. away];
    }

    private async Task<string?> StandInAsync(Officer absent, string role, CancellationToken cancellation) =>
        await assignment.StandInAsync(absent, role, cancellation) is { } standIn ? await directory.NameInAsync(standIn.Id, role, cancellation) : null;

    /// <param name="activityId">The step whose own files may still be replaced; null: none.</param>
    public async Task<IReadOnlyList<FileView>> FilesAsync(Guid caseId, CancellationToken cancellation, string? activityId = null)
    {
        var files = await db.DossierFiles.Where(f => f.CaseId == caseId).OrderBy(f => f.UploadedAt).ToListAsync(cancellation);
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
        await db.HardcopyItems.Where(h => h.CaseId == caseId && h.ReplacedAt == null).LoadAsync(cancellation);
        return [.. db.HardcopyItems.Local.Where(h => h.CaseId == caseId && h.ReplacedAt is null).OrderBy(h => h.Position)
            .Select(h => new HardcopyItemView(h.Description, h.Quantity, h.CopyStatus))];
    }

    /// <summary>Contents are for those who work on the case, the head of the unit and auditors; not for a pool that has not claimed it.</summary>
    public async Task<bool> MayOpenFilesAsync(Actor actor, Guid caseId, CancellationToken cancellation)
    {
        var supervised = Visibility.StoodInFor(actor);
        return actor.SeesAllCases
        || db.WorkItems.Local.Any(w => w.CaseId == caseId && (w.ClosedById == actor.Id || (w.AssigneeId == actor.Id && w.IsOpen)))
        || await db.WorkItems.AnyAsync(
            w => w.CaseId == caseId && (w.ClosedById == actor.Id
                || ((w.AssigneeId == actor.Id || w.InSteadOfId == actor.Id || w.Assignee!.SupervisorId == actor.Id
                        || supervised.Contains(w.Assignee!.SupervisorId))
                    && (w.Closure != WorkItemClosure.Cancelled || w.StartedAt != null))), cancellation)
        || await db.TaskHelpers.AnyAsync(h => h.CaseId == caseId && h.OfficerId == actor.Id, cancellation);
    }

    /// <summary>
    /// Supervisors act on the clock and the assignee: the performer's own supervisors and those of whom he stands in for, who acts for one of
    /// them, or the head of the unit. Nobody supervises himself by acting.
    /// </summary>
    public async Task<bool> SupervisesAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        if (actor.Is(Roles.UnitPpidHead) && (item.AssigneeId != actor.Id || actor.ActingIn(Roles.UnitPpidHead) is null))
            return true;
        return (await PerformersAsync(item, cancellation)).Any(p => p.SupervisorId == actor.Id || (p.Id != actor.Id && actor.ActingFor(p.SupervisorId) is not null));
    }

    /// <summary>"Plh. Kasubid ..." where the actor supervises an item only in the stead of the supervisor; null: by himself.</summary>
    public async Task<string?> SupervisingTitleAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        var performers = await PerformersAsync(item, cancellation);
        return performers.Exists(p => p.SupervisorId == actor.Id) ? null
            : performers.Select(p => actor.ActingFor(p.SupervisorId)?.Title).FirstOrDefault(t => t is not null) ?? actor.ActingIn(Roles.UnitPpidHead)?.Title;
    }

    /// <summary>In what capacity an actor speaks about an item, as printed; null: in his own.</summary>
    public async Task<string?> SpeakingTitleAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        IsPerformer(actor, item) ? await CapacityAsync(actor, item, cancellation)
        : await SupervisesAsync(actor, item, cancellation) ? await SupervisingTitleAsync(actor, item, cancellation)
        : null;

    private async Task<List<Officer>> PerformersAsync(WorkItem item, CancellationToken cancellation)
    {
        List<Officer> performers = item.AssigneeId is { } id
            ? [await directory.GetAsync(id, cancellation)]
            : [.. await directory.HoldersOfAsync(item.Role, cancellation)];
        if (item.InSteadOfId is { } absent)
            performers.Add(await directory.GetAsync(absent, cancellation));
        return performers;
    }

    /// <summary>Whoever has it, may take it, or helps with it. What somebody has as Plh. or Plt. is his no more once the appointment has ended.</summary>
    public static bool IsPerformer(Actor actor, WorkItem item) =>
        (item.AssigneeId is { } assignee ? assignee == actor.Id && (item.AppointmentId is null || actor.Is(item.Role)) : actor.Is(item.Role))
        || item.Helpers.Exists(h => h.OfficerId == actor.Id);

    /// <summary>Whether the last completion of the instance was this item's, and nothing has begun since.</summary>
    public async Task<bool> MayTakeBackAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        item.Closure == WorkItemClosure.Completed && item.ClosedById == actor.Id && item.Case!.State == CaseState.Running
        && (item.AppointmentId is null || actor.Is(item.Role))
        && await db.Instances.AnyAsync(i => i.Id == item.InstanceId && i.StateBeforeWorkItemId == item.Id, cancellation)
        && !await db.WorkItems.AnyAsync(
            w => w.InstanceId == item.InstanceId && w.Closure == WorkItemClosure.Open && w.StartedAt != null && w.Id != item.Id, cancellation);

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

    private async Task<IReadOnlyList<string>> ActionsAsync(Actor actor, WorkItem item, SopTask task, WorkItemState state, CancellationToken cancellation)
    {
        var actions = new List<string>();
        if (item.IsOpen)
        {
            var performer = IsPerformer(actor, item);
            if (performer && state != WorkItemState.Paused)
            {
                if (item.StartedAt is null)
                    actions.Add("start");
                if (item.AssigneeId is null && actor.Is(item.Role))
                    actions.Add("claim");
                actions.Add("complete");
                if (task.Returnable)
                    actions.Add("return");
                if (ActOf(task.Act) is "prepare" or "document")
                    actions.Add("upload");
            }
            if (item.AssigneeId == actor.Id && item.StartedAt is null && (await directory.HoldersOfAsync(item.Role, cancellation)).Count > 1)
                actions.Add("release");
            if (await SupervisesAsync(actor, item, cancellation))
            {
                if (state != WorkItemState.Paused)
                    actions.Add("remind");
                if (item.Clock!.State == ClockState.Running)
                    actions.Add("pause");
                if (item.Clock.State == ClockState.Paused)
                    actions.Add("resume");
                actions.Add("reassign");
            }
        }
        else if (await MayTakeBackAsync(actor, item, cancellation))
        {
            actions.Add("takeBack");
        }
        if (!actor.Is(Roles.Auditor))
            actions.Add("comment");
        return actions;
    }

    private async Task<IReadOnlyList<PersonView>> HelpersAsync(WorkItem item, CancellationToken cancellation)
    {
        var people = new List<PersonView>();
        foreach (var helper in item.Helpers.OrderBy(h => h.AddedAt))
        {
            var officer = await directory.GetAsync(helper.OfficerId, cancellation);
            people.Add(item.IsOpen ? await PersonInAsync(officer, item.Role, cancellation) : Person(officer)!);
        }
        return people;
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
        await db.TaskComments.Where(c => c.CaseId == caseId && c.WorkItemId == workItemId).LoadAsync(cancellation);
        var views = new List<CommentView>();
        foreach (var comment in db.TaskComments.Local.Where(c => c.WorkItemId == workItemId).OrderBy(c => c.At).ThenBy(c => c.Id))
            views.Add(new CommentView(Named(await directory.GetAsync(comment.AuthorId, cancellation), comment.Capacity), comment.Text, comment.At));
        return views;
    }
}
