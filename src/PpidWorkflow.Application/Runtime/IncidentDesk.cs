namespace PpidWorkflow.Application.Runtime;

public sealed record IncidentView(
    Guid Id, Guid InstanceId, string? CaseNumber, Guid? CaseId, string ActivityId, string ActivityType, string Code, string Message, DateTimeOffset At,
    DateTimeOffset? ResolvedAt);

/// <summary>Incidents: what stopped an instance, and the retry of exactly that activity.</summary>
public sealed class IncidentDesk
{
    public Task<Page<IncidentView>> ListAsync(bool openOnly, string? after, int pageSize, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<IncidentView>> RetryAsync(People.Actor actor, Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
}
