using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What officers do with their work items. Pages, API and tests call these same methods.</summary>
public sealed class TaskInbox
{
    public Task<Page<TaskSummary>> ListAsync(Actor actor, TaskQuery query, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> StartAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> ClaimAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> ReleaseAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> CompleteAsync(Actor actor, Guid id, Completion completion, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> ReturnAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> TakeBackAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> PauseAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> ResumeAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> ReassignAsync(Actor actor, Guid id, int? revision, string? assignTo, string? reason, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<TaskView>> CommentAsync(Actor actor, Guid id, string? text, CancellationToken cancellation = default) => throw new NotSupportedException();
}
