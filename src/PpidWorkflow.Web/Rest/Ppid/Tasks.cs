using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Work items and what officers do with them. Every act names the revision it has seen; a stale one is refused.</summary>
internal static class Tasks
{
    public sealed record ActBody(int? Revision);

    /// <param name="Revision">As it was seen.</param>
    /// <param name="ActualAt">When it was really begun, where that is entered later (UTC).</param>
    /// <param name="ActualReason">Why it is entered later; wanted with a time.</param>
    public sealed record StartBody(int? Revision, DateTimeOffset? ActualAt, string? ActualReason);

    public sealed record ReasonBody(int? Revision, string? Reason);

    /// <param name="Revision">As it was seen.</param>
    /// <param name="Reason">What is missing.</param>
    /// <param name="ActualAt">When it was really handed back, where that is entered later (UTC).</param>
    /// <param name="ActualReason">Why it is entered later; wanted with a time.</param>
    public sealed record ReturnBody(int? Revision, string? Reason, DateTimeOffset? ActualAt, string? ActualReason);

    public sealed record ReassignBody(int? Revision, string? AssignTo, string? Reason);

    /// <summary>A reminder; the revision may be left out, the note is for the task's page.</summary>
    public sealed record RemindBody(int? Revision, string? Note);

    public sealed record CommentBody(string? Text);

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapGet("", ListAsync)
            .Answers<Page<TaskSummary>>("Lists work items: ?mine=true|false, ?state=open, overdue, atRisk, closed, all");
        tasks.MapGet("/{id:guid}", GetAsync).Answers<TaskView>("A work item with the fields that its completion wants");
        Act<StartBody>(tasks, "start", "Begins the work; claims it where nobody has",
            (inbox, actor, id, body, c) => inbox.StartAsync(actor, id, body.Revision, new ActualTime(body.ActualAt, body.ActualReason), c));
        Act<ActBody>(tasks, "claim", "Takes it from the pool of its role",
            (inbox, actor, id, body, c) => inbox.ClaimAsync(actor, id, body.Revision, c));
        Act<ActBody>(tasks, "release", "Puts it back into the pool",
            (inbox, actor, id, body, c) => inbox.ReleaseAsync(actor, id, body.Revision, c));
        Act<Completion>(tasks, "complete", "Completes it", (inbox, actor, id, body, c) => inbox.CompleteAsync(actor, id, body, c));
        Act<ReturnBody>(tasks, "return", "Sends it back to the step before",
            (inbox, actor, id, body, c) => inbox.ReturnAsync(actor, id, body.Revision, body.Reason, new ActualTime(body.ActualAt, body.ActualReason), c));
        Act<ActBody>(tasks, "take-back", "Takes a mistaken completion back while the next step is unstarted",
            (inbox, actor, id, body, c) => inbox.TakeBackAsync(actor, id, body.Revision, c));
        Act<ReasonBody>(tasks, "pause", "Stops its clock",
            (inbox, actor, id, body, c) => inbox.PauseAsync(actor, id, body.Revision, body.Reason, c));
        Act<ReasonBody>(tasks, "resume", "Lets its clock run on",
            (inbox, actor, id, body, c) => inbox.ResumeAsync(actor, id, body.Revision, body.Reason, c));
        Act<ReassignBody>(tasks, "reassign", "Gives it to another holder of the role",
            (inbox, actor, id, body, c) => inbox.ReassignAsync(actor, id, body.Revision, body.AssignTo, body.Reason, c));
        tasks.MapPost("/{id:guid}/remind", (Guid id, ApiCall call, TaskReminder reminder, CancellationToken cancellation) =>
                call.ChangeAsync<RemindBody, TaskView>((actor, body) => reminder.RemindAsync(actor, id, body.Revision, body.Note, cancellation)))
            .Accepts<RemindBody>(isOptional: true, "application/json")
            .Answers<TaskView>("Has its performer reminded by mail now, at most once in five minutes");
        Act<CommentBody>(tasks, "comments", "Adds a remark", (inbox, actor, id, body, c) => inbox.CommentAsync(actor, id, body.Text, c));
    }

    private static void Act<TBody>(
        RouteGroupBuilder tasks, string act, string summary,
        Func<TaskInbox, Actor, Guid, TBody, CancellationToken, Task<Result<TaskView>>> change)
        where TBody : class =>
        tasks.MapPost($"/{{id:guid}}/{act}", (Guid id, ApiCall call, TaskInbox inbox, CancellationToken cancellation) =>
                call.ChangeAsync<TBody, TaskView>((actor, body) => change(inbox, actor, id, body, cancellation)))
            .Accepts<TBody>(isOptional: true, "application/json").Answers<TaskView>(summary);

    private static Task<IResult> ListAsync(
        ApiCall call, TaskInbox inbox, CancellationToken cancellation, string? mine = null, string? state = null, string? after = null,
        string? pageSize = null) =>
        call.ReadAsync<Page<TaskSummary>>(async actor =>
        {
            var size = ApiCall.PageSize(pageSize);
            if (!size.Succeeded)
                return size.As<Page<TaskSummary>>();
            if (!bool.TryParse(mine ?? "true", out var isMine))
                return Problem.Invalid("wrong-type", "mine");
            return await inbox.ListAsync(actor, new TaskQuery(isMine, state ?? "open", after, size.Value), cancellation);
        });

    private static Task<IResult> GetAsync(Guid id, ApiCall call, TaskInbox inbox, CancellationToken cancellation) =>
        call.ReadAsync(actor => inbox.GetAsync(actor, id, cancellation));
}
