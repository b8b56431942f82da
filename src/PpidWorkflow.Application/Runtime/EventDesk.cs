using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Runtime;

/// <summary>An event as another program tells it.</summary>
/// <param name="Name">1 to 200 characters.</param>
/// <param name="CorrelationId">Only for instances of this correlation; null: of any.</param>
/// <param name="InstanceId">Only for this instance; null: for all.</param>
/// <param name="Payload">What the waiting activity gets.</param>
public sealed record OutsideEvent(string Name, string? CorrelationId = null, Guid? InstanceId = null, JsonNode? Payload = null);

/// <summary>What comes from outside: events and results of tasks of other programs. Only an SOP manager acts here.</summary>
public sealed class EventDesk(
    PpidDbContext db, Committer committer, EventPost post, WorkflowRuntime runtime, AuditTrail audit, Identifiers identifiers,
    IOptions<EventOptions> options, TimeProvider time)
{
    /// <summary>Characters of a payload as JSON.</summary>
    public const int LongestPayload = 100_000;

    /// <summary>
    /// Takes an event and delivers it to whoever waits for it now, cases, runs and trials alike, or starts what it starts; kept where nobody does. Once it
    /// is stored it has succeeded: what is not delivered at once is delivered by the next sweep.
    /// </summary>
    public async Task<Result<Guid>> TellAsync(Actor actor, OutsideEvent told, CancellationToken cancellation = default)
    {
        var payload = told.Payload?.ToJsonString();
        var id = identifiers.Next();
        var stored = await committer.RunAsync<Guid>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (string.IsNullOrWhiteSpace(told.Name))
                return Problem.Invalid("field-required", "eventName");
            if (told.Name.Length > Engine.Activities.Primitives.Event.LongestName)
                return Problem.Invalid("text-too-long", "eventName", Engine.Activities.Primitives.Event.LongestName);
            if (told.CorrelationId?.Length > Engine.Activities.Primitives.Event.LongestName)
                return Problem.Invalid("text-too-long", "correlationId", Engine.Activities.Primitives.Event.LongestName);
            if (payload?.Length > LongestPayload)
                return Problem.Invalid("text-too-long", "input", LongestPayload);
            if (told.InstanceId is { } only)
            {
                var ended = await db.Instances.Where(i => i.Id == only).Select(i => (bool?)(i.FinishedAt != null)).SingleOrDefaultAsync(cancellation);
                if (ended is null)
                    return Problem.NotFound("instance-not-found");
                if (ended.Value)
                    return Problem.Conflict("instance-ended");
            }
            var now = time.Now();
            db.Events.Add(new EventRow
            {
                Id = id,
                UniqueKey = $"{id:n}",
                Name = told.Name,
                CorrelationId = string.IsNullOrWhiteSpace(told.CorrelationId) ? null : told.CorrelationId,
                InstanceId = told.InstanceId,
                Payload = payload,
                ToldBy = actor.UserName,
                CreatedAt = now,
                ExpiresAt = now + TimeSpan.FromMinutes(options.Value.KeptMinutes)
            });
            // Not in the chain of administration, for which many at once would wait: the chain of each case that hears of it says who told it.
            return id;
        }, cancellation);
        if (stored.Succeeded)
            await post.DeliverAsync(id, cancellation);
        return stored;
    }

    /// <summary>Resumes what an instance asked of another program (RunTask) with what came of it; of a case as of a run.</summary>
    public Task<Result<Guid>> CompleteTaskAsync(
        Actor actor, Guid instanceId, string bookmarkId, JsonObject? result, CancellationToken cancellation = default) =>
        committer.RunAsync<Guid>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await db.Instances.SingleOrDefaultAsync(i => i.Id == instanceId, cancellation) is not { } instance)
                return Problem.NotFound("instance-not-found");
            if (await db.Bookmarks.AsNoTracking().SingleOrDefaultAsync(b => b.Id == bookmarkId && b.InstanceId == instanceId, cancellation) is not { } waiting)
                return Problem.Conflict("stale-revision");
            // A step of the SOP is an officer's.
            if (waiting.Name != RunTask)
                return Problem.Conflict("instance-of-case");
            var record = await db.CaseOfAsync(instance, cancellation);
            audit.Add(record is null ? AuditTrail.Administration : AuditTrail.ChainOf(record.Id), actor.UserName, "outside-task-completed",
                new JsonObject { ["activityId"] = waiting.ActivityId, ["instanceId"] = instance.Id });
            return await runtime.ResumeByItselfAsync(instance, bookmarkId, result, cancellation) is { } refused ? refused : instanceId;
        }, cancellation);

    private const string RunTask = "Elsa.RunTask";
}
