using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

public sealed record IncidentView(
    Guid Id, Guid InstanceId, string? CaseNumber, Guid? CaseId, string ActivityId, string ActivityType, string Code, string Message, DateTimeOffset At,
    DateTimeOffset? ResolvedAt);

/// <summary>Incidents: what stopped an instance, and the retry of exactly that activity.</summary>
public sealed class IncidentDesk(PpidDbContext db, Committer committer, WorkflowRuntime runtime, AuditTrail audit)
{
    /// <summary>Newest first.</summary>
    public async Task<Result<Page<IncidentView>>> ListAsync(bool openOnly, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var from = after is { Length: > 0 } ? Cursor.Parse(after) : null;
        if (after is { Length: > 0 } && from is null)
            return Problem.Invalid("cursor-invalid", "after");
        var incidents = db.Incidents.AsNoTracking().Where(i => !openOnly || i.ResolvedAt == null);
        if (from is { } cursor)
            incidents = incidents.Where(i => i.At < cursor.At || (i.At == cursor.At && i.Id < cursor.Id));
        var page = await (
            from incident in incidents
            join instance in db.Instances on incident.InstanceId equals instance.Id
            join record in db.Cases on instance.RootInstanceId ?? instance.Id equals record.InstanceId into cases
            from record in cases.DefaultIfEmpty()
            orderby incident.At descending, incident.Id descending
            select new IncidentView(
                incident.Id, incident.InstanceId, record!.Number, record == null ? null : record.Id, incident.ActivityId, incident.ActivityType, incident.Code,
                incident.Message, incident.At, incident.ResolvedAt)).Take(pageSize + 1).ToListAsync(cancellation);
        var shown = page.Take(pageSize).ToList();
        return new Page<IncidentView>(shown, page.Count > pageSize ? new Cursor(shown[^1].At, shown[^1].Id).ToString() : null);
    }

    public Task<Result<IncidentView>> RetryAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        committer.RunAsync<IncidentView>(async () =>
        {
            if (!actor.Is(Roles.Admin) && !actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await db.Incidents.SingleOrDefaultAsync(i => i.Id == id, cancellation) is not { } incident)
                return Problem.NotFound("incident-not-found");
            if (incident.ResolvedAt is not null)
                return Problem.Conflict("incident-not-open");
            var instance = await db.Instances.SingleAsync(i => i.Id == incident.InstanceId, cancellation);
            var record = await db.CaseOfAsync(instance, cancellation);
            var facts = new JsonObject { ["activityId"] = incident.ActivityId };
            if (record is null)
                facts["instanceId"] = instance.Id;
            audit.Add(record is null ? AuditTrail.Administration : AuditTrail.ChainOf(record.Id), actor.UserName, "incident-retried", facts);
            try
            {
                await runtime.RetryAsync(instance, record, incident, new OpeningCause(actor.UserName, actor.DisplayName), cancellation);
            }
            catch (IncidentNotFoundException)
            {
                return Problem.Conflict("incident-not-open");
            }
            return new IncidentView(
                incident.Id, incident.InstanceId, record?.Number, record?.Id, incident.ActivityId, incident.ActivityType, incident.Code, incident.Message,
                incident.At, incident.ResolvedAt);
        }, cancellation);
}
