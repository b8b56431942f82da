using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What made a work item open: who acted, and whether he sent the step back.</summary>
public sealed record OpeningCause(string ActorUserName, string ActorDisplayName, WorkItem? ReturnedItem = null)
{
    /// <summary>When the step before was really done, where that was entered later (UTC).</summary>
    public DateTimeOffset? ActualAt { get; init; }
}

/// <summary>Turns the engine's SOP bookmarks into work items, clocks and task mails, within the commit in hand.</summary>
public sealed class StepDesk(
    PpidDbContext db, ClockKeeper clocks, OutageCredits credits, OfficerDirectory directory, TaskAssignment assignment, StepMail mail, AuditTrail audit,
    Identifiers identifiers)
{
    public static SopTask TaskOf(WorkItem item)
    {
        // A few texts serve all items of a version, and a burst of alarms asks for them thousands of times a second.
        if (KnownTasks.TryGetValue(item.Task, out var known))
            return known;
        if (KnownTasks.Count >= MostTasks)
            KnownTasks.Clear();
        return KnownTasks[item.Task] = SopTask.FromJson(JsonNode.Parse(item.Task)!.AsObject());
    }

    private const int MostTasks = 1000;
    private static readonly ConcurrentDictionary<string, SopTask> KnownTasks = new(StringComparer.Ordinal);

    /// <summary>Opens the work item of a bookmark. A visit that runs already (5b after 5a) shares its clock and ladder.</summary>
    public async Task<WorkItem> OpenAsync(
        Case record, string? sopSlug, Bookmark bookmark, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        var task = SopTask.FromJson(bookmark.Payload!);
        var running = db.StepClocks.Local.FirstOrDefault(c => IsVisit(c, record, bookmark, task))
            ?? (db.HasNone<StepClock>(record.InstanceId) ? null
                : await HotQueries.Of(db).Visit(db, record.InstanceId, bookmark.ActivityInstanceId, task.Visit, cancellation));
        // A visit keeps the number, standard and ladder that it began with, though the case may run on another version since.
        if (running is not null)
        {
            task = task with
            {
                Number = running.StepNumber,
                StandardTime = TimeSpan.FromMilliseconds(running.BudgetMs),
                Escalation = ClockKeeper.LadderOf(running)
            };
        }
        var clock = running ?? clocks.Open(task, record.Id, record.InstanceId, bookmark.ActivityId, bookmark.ActivityInstanceId, now);
        var wanted = await LastPerformerAsync(record.Id, bookmark.ActivityId, task, cause, cancellation)
            ?? (await PlayerAsync(record.Id, task.PerformerRole, cancellation))?.OfficerId;
        var (assignee, inSteadOf, recipients) = await assignment.ChooseAsync(task.PerformerRole, wanted, cause.ActorUserName, cancellation);
        var item = new WorkItem
        {
            Id = identifiers.Next(),
            CaseId = record.Id,
            Case = db.Entry(record).State == EntityState.Detached ? null : record,
            CaseCreatedAt = record.CreatedAt,
            InstanceId = record.InstanceId,
            BookmarkId = bookmark.Id,
            ClockId = clock.Id,
            Clock = clock,
            ActivityId = bookmark.ActivityId,
            StepNumber = task.Number,
            StepPart = task.Part,
            Act = task.Act,
            Task = task.ToJson().ToJsonString(),
            Role = task.PerformerRole,
            AssigneeId = assignee?.Id,
            InSteadOfId = inSteadOf?.Id,
            AppointmentId = assignee is null ? null : (await directory.ActingInAsync(assignee.Id, task.PerformerRole, cancellation))?.Id,
            ReceivedAt = now,
            HandedOverAt = cause.ActualAt,
            ReturnedFromId = cause.ReturnedItem?.Id
        };
        db.WorkItems.Add(item);

        foreach (var recipient in recipients)
        {
            mail.Task(
                cause.ReturnedItem is null ? "task" : "returned", sopSlug, record, item, task, clock, recipient, cause.ActorDisplayName,
                isPool: assignee is null, inSteadOf, await directory.TitleAsync(recipient.Id, item.Role, cancellation));
        }
        var opened = new JsonObject
        {
            ["taskId"] = item.Id,
            ["step"] = item.StepLabel,
            ["role"] = item.Role,
            ["assignee"] = assignee?.UserName,
            ["dueAt"] = clock.DueAt
        };
        if (inSteadOf is not null)
            opened["inSteadOf"] = inSteadOf.UserName;
        audit.Add(AuditTrail.ChainOf(record.Id), cause.ActorUserName, "task-opened", opened);
        return item;
    }

    /// <summary>Nobody works by it any more. Where the step was really done earlier, it counted up to there.</summary>
    public async Task EndClockAsync(StepClock clock, OpeningCause cause, DateTimeOffset now, CancellationToken cancellation)
    {
        if (cause.ActualAt is { } at)
            await credits.EndAsync(clock, at, cause.ActorUserName, now, cancellation);
        clocks.Close(clock, cause.ActorUserName, now, cause.ActualAt);
    }

    /// <summary>Remembers who plays a role in a case: its next step of that role goes to the same person.</summary>
    public async Task RememberPlayerAsync(Guid caseId, string role, Guid officerId, CancellationToken cancellation)
    {
        var player = await PlayerAsync(caseId, role, cancellation);
        if (player is null)
            db.CaseRolePlayers.Add(new CaseRolePlayer { CaseId = caseId, Role = role, OfficerId = officerId });
        else
            player.OfficerId = officerId;
    }

    private static bool IsVisit(StepClock clock, Case record, Bookmark bookmark, SopTask task) =>
        clock.InstanceId == record.InstanceId && clock.ActivityInstanceId == bookmark.ActivityInstanceId && clock.Visit == task.Visit;

    // All of a case at once: a step asks for two roles or three.
    private async Task<CaseRolePlayer?> PlayerAsync(Guid caseId, string role, CancellationToken cancellation)
    {
        if (!db.HasNone<CaseRolePlayer>(caseId) && db.Remembered.TryAdd((typeof(CaseRolePlayer), caseId), caseId))
            await HotQueries.ListAsync(HotQueries.Of(db).Players(db, caseId), cancellation);
        return db.CaseRolePlayers.Local.FirstOrDefault(p => p.CaseId == caseId && p.Role == role);
    }

    // A step sent back goes to whoever did it, though the role may have been given to somebody else since.
    private async Task<Guid?> LastPerformerAsync(Guid caseId, string activityId, SopTask task, OpeningCause cause, CancellationToken cancellation)
    {
        if (cause.ReturnedItem is null)
            return null;
        var last = await db.WorkItems
            .Where(w => w.CaseId == caseId && w.ActivityId == activityId && w.StepPart == task.Part && w.Closure == WorkItemClosure.Completed)
            .OrderByDescending(w => w.ClosedAt).Select(w => new { w.AssigneeId, w.InSteadOfId }).FirstOrDefaultAsync(cancellation);
        var holders = await directory.HoldersOfAsync(task.PerformerRole, cancellation);
        return holders.FirstOrDefault(h => h.Id == last?.AssigneeId)?.Id ?? holders.FirstOrDefault(h => h.Id == last?.InSteadOfId)?.Id;
    }
}
