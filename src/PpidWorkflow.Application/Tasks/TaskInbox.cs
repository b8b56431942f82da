using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// What officers do with their work items (life cycle: design.md §4). Pages, API and tests call these same methods. Each act reads the item
/// inside the commit, refuses in a fixed order (not there, closed, not yours, stale, paused, fields) and answers with the new view.
/// </summary>
public sealed partial class TaskInbox(
    PpidDbContext db, Committer committer, TaskReader reader, CompletionRules rules, ActualTimes actualTimes, PauseLedger pauses,
    WorkflowRuntime runtime, StepDesk steps, ClockKeeper clocks, OutageCredits credits, ServicePulse pulse, OfficerDirectory directory, TaskAssignment assignment, StepMail mail, AuditTrail audit,
    OfficeCalendar office, Identifiers identifiers, TimeProvider time)
{
    /// <summary>Mulai. Claims the item where nobody had.</summary>
    /// <param name="actor">Who starts.</param>
    /// <param name="id">The work item.</param>
    /// <param name="revision">As it was seen.</param>
    /// <param name="actual">When it was really begun, where that is entered later.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<TaskView>> StartAsync(
        Actor actor, Guid id, int? revision, ActualTime? actual = null, CancellationToken cancellation = default) =>
        PerformAsync(actor, id, revision, async (item, _, now) =>
        {
            if (item.StartedAt is not null)
                return Problem.Conflict("already-started");
            var (counted, wrong) = await actualTimes.CheckAsync(item, actual, now, cancellation);
            if (wrong.Count > 0)
                return wrong[0];
            await TakeAsync(actor, item, cancellation);
            await StartAsync(item, actor, now, counted, Trimmed(actual?.Reason), cancellation);
            await BeginAsync(item.Clock!, actor, now, counted, item.ActualStartReason, cancellation);
            await AuditAsync(actor, item, "task-started", cancellation, Told(counted, actual?.Reason));
            return null;
        }, cancellation);

    public Task<Result<TaskView>> ClaimAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, revision, async (item, _) =>
        {
            if (item.AssigneeId is not null)
                return Problem.Conflict("already-claimed");
            if (!actor.Is(item.Role))
                return Problem.Forbidden("not-a-candidate");
            await TakeAsync(actor, item, cancellation);
            await AuditAsync(actor, item, "task-claimed", cancellation);
            return null;
        }, cancellation);

    /// <summary>Gives a claimed item back to all holders of the role, who are told again. The clock goes on.</summary>
    public Task<Result<TaskView>> ReleaseAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, revision, async (item, slug) =>
        {
            if (item.AssigneeId != actor.Id)
                return Problem.Forbidden("not-your-task");
            if (item.StartedAt is not null)
                return Problem.Conflict("already-started");
            var holders = await directory.HoldersOfAsync(item.Role, cancellation);
            if (holders.Count < 2)
                return Problem.Conflict("release-not-possible");
            item.AssigneeId = null;
            item.Assignee = null;
            item.InSteadOfId = null;
            item.AppointmentId = null;
            db.CaseRolePlayers.RemoveRange(
                await db.CaseRolePlayers.Where(p => p.CaseId == item.CaseId && p.Role == item.Role).ToListAsync(cancellation));
            foreach (var holder in holders.Where(h => h.Id != actor.Id))
            {
                mail.Task("task", slug, item.Case!, item, StepDesk.TaskOf(item), item.Clock!, holder, actor.NameIn(item.Role), isPool: true,
                    title: await directory.TitleAsync(holder.Id, item.Role, cancellation));
            }
            Audit(actor, item, "task-released");
            return null;
        }, cancellation);

    /// <summary>Selesai. Never refused for being late; a reason is asked for and kept.</summary>
    public Task<Result<TaskView>> CompleteAsync(Actor actor, Guid id, Completion completion, CancellationToken cancellation = default) =>
        PerformAsync(actor, id, completion.Revision, async (item, instance, now) =>
        {
            var task = StepDesk.TaskOf(item);
            var (actual, wrong) = await actualTimes.CheckAsync(item, new ActualTime(completion.ActualAt, completion.ActualReason), now, cancellation);
            var problems = await rules.ApplyAsync(item, task, completion, now, cancellation);
            if (problems.Count > 0 || wrong.Count > 0)
                return Result<bool>.Refused([.. wrong, .. problems]);

            await TakeAsync(actor, item, cancellation);
            if (completion.AssignTo is { } chosen && task.RecipientRole is { } role)
            {
                var officer = (await directory.HoldersOfAsync(role, cancellation)).First(o => o.UserName == chosen);
                await steps.RememberPlayerAsync(item.CaseId, role, officer.Id, cancellation);
            }
            await CloseAsync(item, actor, WorkItemClosure.Completed, now, cancellation, actual, Trimmed(completion.ActualReason));
            var late = item.ConsumedMs > item.Clock!.BudgetMs;
            item.Note = Trimmed(completion.Note);
            item.DelayReason = Trimmed(completion.DelayReason);
            item.DelayCause = completion.DelayCause;
            var told = Told(actual, completion.ActualReason);
            told["late"] = late;
            told["assignedTo"] = completion.AssignTo;
            told["hardcopyItems"] = completion.Fields?.HardcopyItems?.Count;
            if (completion.DelayCause is { } cause)
                told["delayCause"] = cause;
            await AuditAsync(actor, item, "task-completed", cancellation, told);
            db.Happened.Add(() => Metrics.Completed(item, instance.DefinitionId, late));
            instance.StateBefore = instance.State;
            instance.StateBeforeWorkItemId = item.Id;
            return Refusal(await runtime.ResumeAsync(
                instance, item.Case!, item.BookmarkId, new SopTaskResult { CompletedBy = actor.UserName, AssignedTo = completion.AssignTo }.ToJson(),
                Cause(actor, item) with { ActualAt = actual }, cancellation));
        }, cancellation);

    /// <summary>Sends back what was handed over, with the reason: the earlier step gets a new visit with a fresh standard.</summary>
    /// <param name="actor">Whose step it is.</param>
    /// <param name="id">The work item.</param>
    /// <param name="revision">As it was seen.</param>
    /// <param name="reason">What is missing; required.</param>
    /// <param name="actual">When it was really handed back, where that is entered later: the new visit counts from there as after a completion.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<TaskView>> ReturnAsync(
        Actor actor, Guid id, int? revision, string? reason, ActualTime? actual = null, CancellationToken cancellation = default) =>
        PerformAsync(actor, id, revision, async (item, instance, now) =>
        {
            if (Reason(reason, CompletionRules.LongestNote) is { } refused)
                return refused;
            if (!StepDesk.TaskOf(item).Returnable)
                return Problem.Conflict("return-not-possible");
            var (counted, wrong) = await actualTimes.CheckAsync(item, actual, now, cancellation);
            if (wrong.Count > 0)
                return Result<bool>.Refused([.. wrong]);
            await TakeAsync(actor, item, cancellation);
            await CloseAsync(item, actor, WorkItemClosure.Returned, now, cancellation, counted, Trimmed(actual?.Reason));
            item.ReturnReason = reason!.Trim();
            await AuditAsync(actor, item, "task-returned", cancellation, Told(counted, actual?.Reason));
            db.Happened.Add(() => Metrics.Returned(item, instance.DefinitionId));
            instance.StateBefore = null;
            instance.StateBeforeWorkItemId = null;
            return Refusal(await runtime.ResumeAsync(
                instance, item.Case!, item.BookmarkId, new SopTaskResult { Outcome = "Returned", CompletedBy = actor.UserName }.ToJson(),
                Cause(actor, item, item) with { ActualAt = counted }, cancellation));
        }, cancellation);

    /// <summary>Tarik kembali: a mistaken Selesai is undone by its author while nobody has started what followed.</summary>
    public Task<Result<TaskView>> TakeBackAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) =>
        SeenAsync(actor, id, revision, item => Task.FromResult(item.ClosedById == actor.Id ? null : Problem.Forbidden("not-your-task")), async item =>
        {
            if (!await reader.MayTakeBackAsync(actor, item, cancellation))
                return Problem.Conflict("take-back-not-possible");
            var now = time.Now();
            var instance = await db.Instances.SingleAsync(i => i.Id == item.InstanceId, cancellation);
            var standing = WorkflowState.FromJson(instance.StateBefore!).Bookmarks.Select(b => b.Id).ToList();
            foreach (var follower in await db.WorkItems.Include(w => w.Clock)
                .Where(w => w.InstanceId == item.InstanceId && w.Closure == WorkItemClosure.Open && !standing.Contains(w.BookmarkId))
                .ToListAsync(cancellation))
            {
                follower.Closure = WorkItemClosure.Cancelled;
                follower.ClosedAt = now;
                follower.ClosedById = actor.Id;
                follower.ConsumedMs = (long)clocks.Read(follower.Clock!, now).Consumed.TotalMilliseconds;
                follower.Revision++;
                if (follower.ClockId != item.ClockId)
                    clocks.Close(follower.Clock!, actor.UserName, now);
                foreach (var message in await db.Outbox
                    .Where(m => m.WorkItemId == follower.Id && m.State == OutboxState.Pending && (m.LeasedUntil == null || m.LeasedUntil < now))
                    .ToListAsync(cancellation))
                    message.State = OutboxState.Withdrawn;
            }
            await runtime.RestoreAsync(instance, item.Case!, cancellation);
            await ForgetAnswersAsync(item, now, cancellation);
            // 5b goes on what 5a began.
            var begun = item.StartedAt != item.ClosedAt || await db.WorkItems.AnyAsync(
                w => w.ClockId == item.ClockId && w.Id != item.Id && w.StartedAt != null && w.Closure != WorkItemClosure.Cancelled, cancellation);
            if (item.Clock!.State == ClockState.Closed)
                await clocks.ReopenAsync(item.Clock, begun, actor.UserName, now, cancellation);
            else if (!begun)
                await clocks.UnstartAsync(item.Clock, actor.UserName, now, cancellation);
            item.Reopen();
            // It runs as if it had never stopped: an outage since then was one for it, too.
            await credits.SettleAsync([item.Clock], now, cancellation);
            Audit(actor, item, "task-taken-back");
            return true;
        }, cancellation);

    public Task<Result<TaskView>> CommentAsync(Actor actor, Guid id, string? text, CancellationToken cancellation = default) =>
        committer.RunAsync<TaskView>(async () =>
        {
            if (await reader.FindAsync(actor, id, cancellation) is not { } item)
                return Problem.NotFound("task-not-found");
            if (actor.Is(Roles.Auditor))
                return Problem.Forbidden("forbidden");
            if (string.IsNullOrWhiteSpace(text))
                return Problem.Invalid("text-required", "text");
            if (text.Length > CompletionRules.LongestNote)
                return Problem.Invalid("text-too-long", "text", CompletionRules.LongestNote);
            var capacity = await reader.SpeakingTitleAsync(actor, item, cancellation);
            db.TaskComments.Add(new TaskComment
            {
                Id = identifiers.Next(),
                CaseId = item.CaseId,
                WorkItemId = item.Id,
                AuthorId = actor.Id,
                Capacity = capacity,
                Text = text.Trim(),
                At = time.Now()
            });
            Audit(actor, item, "task-commented", capacity is null ? null : new JsonObject { ["capacity"] = capacity });
            return await reader.ViewAsync(actor, item, cancellation);
        }, cancellation);

    // Acts of the performer: those of ChangeAsync, and it must be his, and not paused.
    private Task<Result<TaskView>> PerformAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, WorkflowInstance, DateTimeOffset, Task<Result<bool>?>> act, CancellationToken cancellation) =>
        OpenAsync(actor, id, revision, item => Task.FromResult(TaskReader.IsPerformer(actor, item) ? null : Problem.Forbidden("not-your-task")), async item =>
        {
            if (item.Clock!.State == ClockState.Paused)
                return Problem.Conflict("task-paused");
            // Read with the item.
            var instance = db.Instances.Local.First(i => i.Id == item.InstanceId);
            db.Remembered[(typeof(WorkflowInstance), instance.Id)] = instance;
            item.Revision++;
            // Begins though no mail has told of it: what he could not know of is credited before anything is judged late.
            if (pulse.MailDoubtful)
                await credits.SettleAsync([item.Clock], time.Now(), cancellation);
            return await act(item, instance, time.Now()) ?? true;
        }, cancellation);

    private Task<Result<TaskView>> ChangeAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, string?, Task<Problem?>> act, CancellationToken cancellation) =>
        OpenAsync(actor, id, revision, _ => Task.FromResult<Problem?>(null), async item =>
        {
            item.Revision++;
            return await act(item, await SlugAsync(item, cancellation)) is { } problem ? problem : true;
        }, cancellation);

    private Task<Result<TaskView>> OpenAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, Task<Problem?>> permit, Func<WorkItem, Task<Result<bool>>> act,
        CancellationToken cancellation) =>
        SeenAsync(actor, id, revision, async item => item.IsOpen ? await permit(item) : Problem.Conflict("task-closed"), act, cancellation);

    private Task<Result<TaskView>> SeenAsync(
        Actor actor, Guid id, int? revision, Func<WorkItem, Task<Problem?>> permit, Func<WorkItem, Task<Result<bool>>> act,
        CancellationToken cancellation) =>
        committer.RunAsync<TaskView>(async () =>
        {
            if (await reader.FindAsync(actor, id, cancellation) is not { } item)
                return Problem.NotFound("task-not-found");
            Traces.About(item);
            if (await permit(item) is { } refused)
                return refused;
            if (revision is not { } expected)
                return Problem.Invalid("revision-required", "revision");
            if (expected != item.Revision)
                return Problem.Conflict("stale-revision");
            var done = await act(item);
            return done.Succeeded ? await reader.ViewAsync(actor, item, cancellation) : done.As<TaskView>();
        }, cancellation);

    private static OpeningCause Cause(Actor actor, WorkItem item, WorkItem? returned = null) =>
        new(actor.UserName, actor.NameIn(item.Role), returned);

    // An act of the performer, with the capacity in which he acts.
    private async Task AuditAsync(Actor actor, WorkItem item, string action, CancellationToken cancellation, JsonObject? more = null)
    {
        var data = more ?? [];
        if (await reader.CapacityAsync(actor, item, cancellation) is { } capacity && TaskReader.IsPerformer(actor, item))
            data["capacity"] = capacity;
        Audit(actor, item, action, data);
    }

    // Both times are in the history: the record's own, and the one that counts with its reason.
    private static JsonObject Told(DateTimeOffset? actual, string? reason) => actual is null
        ? []
        : new JsonObject { ["actualAt"] = actual, ["actualReason"] = Trimmed(reason) };

    // What the taken-back completion had recorded is asked for again; what it had replaced stands again.
    private async Task ForgetAnswersAsync(WorkItem item, DateTimeOffset now, CancellationToken cancellation)
    {
        var listed = await db.HardcopyItems.Where(h => h.CaseId == item.CaseId).ToListAsync(cancellation);
        foreach (var paper in listed)
        {
            if (paper.WorkItemId == item.Id && paper.ReplacedAt is null)
                paper.ReplacedAt = now;
            else if (paper.ReplacedAt == item.ClosedAt)
                paper.ReplacedAt = null;
        }
    }

    private Task<string?> SlugAsync(WorkItem item, CancellationToken cancellation) => StepMail.SlugAsync(db, item, cancellation);

    private void Audit(Actor actor, WorkItem item, string action, JsonObject? more = null)
    {
        var data = more ?? [];
        data["taskId"] = item.Id;
        data["step"] = item.StepLabel;
        if (actor.Via is { } via)
            data["via"] = via;
        audit.Add(AuditTrail.ChainOf(item.CaseId), actor.UserName, action, data);
    }

    private static Problem? Reason(string? reason, int longest) => string.IsNullOrWhiteSpace(reason)
        ? Problem.Invalid("reason-required", "reason")
        : reason.Length > longest ? Problem.Invalid("reason-too-long", "reason", longest) : null;

    private static Result<bool>? Refusal(Problem? problem) => problem is { } refused ? (Result<bool>)refused : null;

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
