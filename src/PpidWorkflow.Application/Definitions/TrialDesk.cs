using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What a trial is to run.</summary>
/// <param name="DefinitionId">The definition.</param>
/// <param name="Version"><c>Latest</c>, <c>Published</c>, <c>LatestOrPublished</c>, a number, or null: the version in force, else the latest.</param>
/// <param name="Input">Values of inputs by name; required ones that are missing get a sample value.</param>
/// <param name="CorrelationId">Free.</param>
/// <param name="Name">Free.</param>
public sealed record TrialRequest(
    string DefinitionId, string? Version = null, IReadOnlyDictionary<string, JsonNode?>? Input = null, string? CorrelationId = null, string? Name = null);

/// <summary>
/// Trials: a manager runs any version to see what it does. A trial has no case, work item, clock or mail, never enters the register, goes on
/// with the content it began with while the draft changes, and may be removed. Only an SOP manager acts here; every act is in the
/// administration's audit chain.
/// </summary>
public sealed class TrialDesk(
    PpidDbContext db, Committer committer, CompiledDefinitions compiled, WorkflowRuntime runtime, AuditTrail audit,
    Identifiers identifiers, TimeProvider time)
{
    /// <summary>Trials begun by one request.</summary>
    public const int MostAtOnce = 20;

    /// <summary>Longest correlation id and name of a trial.</summary>
    public const int LongestName = 200;

    /// <summary>Starts trials of one version; a run that faults is a trial with an incident, not a refusal.</summary>
    public Task<Result<IReadOnlyList<Guid>>> StartAsync(
        Actor actor, TrialRequest request, int count = 1, CancellationToken cancellation = default) =>
        committer.RunAsync<IReadOnlyList<Guid>>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (count is < 1 or > MostAtOnce)
                return Problem.Invalid("trial-count-invalid", "count", MostAtOnce);
            if (request.CorrelationId?.Length > LongestName)
                return Problem.Invalid("text-too-long", "correlationId", LongestName);
            if (request.Name?.Length > LongestName)
                return Problem.Invalid("text-too-long", "name", LongestName);
            if (await db.DefinitionVersions.ChosenAsync(request.DefinitionId, request.Version, cancellation) is not { } version)
                return Problem.NotFound("definition-not-found");
            CompiledWorkflow workflow;
            try
            {
                workflow = compiled.Get(version);
            }
            catch (DefinitionInvalidException invalid)
            {
                return Problem.Invalid("definition-has-errors", "definition", invalid.Problems[0].Message);
            }

            var started = new List<Guid>();
            var (input, samples) = TrialInputs.Complete(workflow.Definition, request.Input, time.Now());
            for (var n = 0; n < count; n++)
            {
                var trial = new WorkflowInstance
                {
                    Id = identifiers.Next(),
                    DefinitionVersionId = version.Id,
                    DefinitionId = version.DefinitionId,
                    DefinitionVersion = version.Version,
                    CorrelationId = request.CorrelationId,
                    Name = request.Name,
                    IsTrial = true,
                    StartedBy = actor.UserName,
                    TrialContent = version.State == RevisionState.Draft ? version.Content : null,
                    State = "",
                    CreatedAt = time.Now()
                };
                if (await runtime.StartTrialAsync(trial, input, samples, Cause(actor), cancellation) is { } refused)
                    return refused;
                Audit(actor, "trial-started", trial, new JsonObject { ["version"] = version.Version, ["contentHash"] = version.ContentHash });
                started.Add(trial.Id);
            }
            return started;
        }, cancellation);

    /// <summary>Does what the performer of a waiting step would: <paramref name="outcome"/> Done or Returned.</summary>
    /// <param name="bookmarkId">Null: the only one.</param>
    public Task<Result<Guid>> CompleteStepAsync(
        Actor actor, Guid id, string? bookmarkId, string outcome, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, async trial =>
        {
            var waiting = WorkflowState.FromJson(trial.State).Bookmarks.Where(b => b.Name == SopTask.StimulusName && (bookmarkId is null || b.Id == bookmarkId))
                .ToList();
            if (waiting.Count != 1)
                return Problem.Conflict("stale-revision");
            if (outcome is not ("Done" or "Returned"))
                return Problem.Invalid("outcome-unknown", "outcome");
            if (outcome == "Returned" && !SopTask.FromJson(waiting[0].Payload!).Returnable)
                return Problem.Conflict("return-not-possible");
            Audit(actor, "trial-step-completed", trial, new JsonObject { ["activityId"] = waiting[0].ActivityId, ["outcome"] = outcome });
            var result = new SopTaskResult { Outcome = outcome, CompletedBy = actor.UserName, AssignedTo = outcome == "Done" ? actor.UserName : null };
            return await runtime.ResumeAsync(trial, null, waiting[0].Id, result.ToJson(), Cause(actor), cancellation);
        }, cancellation);

    /// <summary>Resumes a bookmark of any other kind (a task of another program, an event) with what came of it.</summary>
    public Task<Result<Guid>> ResumeAsync(Actor actor, Guid id, string bookmarkId, JsonObject? input, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, async trial =>
        {
            Audit(actor, trial.IsRun ? "run-resumed" : "trial-resumed", trial);
            return await runtime.ResumeAsync(trial, null, bookmarkId, input, Cause(actor), cancellation);
        }, cancellation, runsToo: true);

    /// <summary>Ends a trial as cancelled, or a run that a trigger started; one that has ended stays as it is.</summary>
    public Task<Result<Guid>> CancelAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, async trial =>
        {
            if (trial.SubStatus is WorkflowSubStatus.Finished or WorkflowSubStatus.Cancelled)
                return null;
            Audit(actor, trial.IsRun ? "run-cancelled" : "trial-cancelled", trial);
            await runtime.CancelAsync(trial, null, Cause(actor), cancellation);
            return null;
        }, cancellation, runsToo: true);

    /// <summary>Gives variables of the workflow other values.</summary>
    public Task<Result<Guid>> SetVariablesAsync(
        Actor actor, Guid id, IReadOnlyList<(string NameOrId, JsonNode? Value)> values, CancellationToken cancellation = default) =>
        ChangeAsync(actor, id, async trial =>
        {
            try
            {
                if (!await runtime.SetVariablesAsync(trial, values, cancellation))
                    return Problem.Invalid("variable-not-settable", "variables");
            }
            catch (ActivityFaultException)
            {
                return Problem.Invalid("variable-wrong-type", "variables");
            }
            Audit(actor, "trial-variables-set", trial, new JsonObject { ["variables"] = new JsonArray([.. values.Select(v => (JsonNode?)v.NameOrId)]) });
            return null;
        }, cancellation);

    /// <summary>Removes a trial with every row of it.</summary>
    public async Task<Result<Guid>> RemoveAsync(Actor actor, Guid id, CancellationToken cancellation = default)
    {
        var removed = await ChangeAsync(actor, id, async trial =>
        {
            // Whoever waits for it is told that it will not end any more.
            if (trial.ReportsTo is not null)
                await runtime.CancelAsync(trial, null, Cause(actor), cancellation);
            foreach (var child in await db.Instances.Where(i => i.RootInstanceId == trial.Id).ToListAsync(cancellation))
                await RemoveRowsAsync(child, cancellation);
            await RemoveRowsAsync(trial, cancellation);
            Audit(actor, "trial-removed", trial);
            return null;
        }, cancellation);
        if (removed.Succeeded)
            compiled.ForgetTrial(id);
        return removed;
    }

    private async Task<Result<Guid>> ChangeAsync(Actor actor, Guid id, Func<WorkflowInstance, Task<Problem?>> change, CancellationToken cancellation, bool runsToo = false) =>
        await committer.RunAsync<Guid>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await db.Instances.SingleOrDefaultAsync(i => i.Id == id, cancellation) is not { } instance)
                return Problem.NotFound("instance-not-found");
            if (!instance.IsTrial && !(runsToo && instance.IsRun))
                return Problem.Conflict(instance.IsRun ? "instance-of-run" : "instance-of-case");
            return await change(instance) is { } refused ? refused : id;
        }, cancellation);

    private async Task RemoveRowsAsync(WorkflowInstance trial, CancellationToken cancellation)
    {
        var bookmarks = await db.Bookmarks.Where(b => b.InstanceId == trial.Id).ToListAsync(cancellation);
        await db.ReleaseEventsAsync(bookmarks, cancellation);
        db.Bookmarks.RemoveRange(bookmarks);
        db.Journal.RemoveRange(await db.Journal.Where(j => j.InstanceId == trial.Id).ToListAsync(cancellation));
        db.Incidents.RemoveRange(await db.Incidents.Where(i => i.InstanceId == trial.Id).ToListAsync(cancellation));
        db.Instances.Remove(trial);
    }

    private void Audit(Actor actor, string action, WorkflowInstance trial, JsonObject? facts = null)
    {
        var data = facts ?? [];
        data["instanceId"] = trial.Id;
        data["definitionId"] = trial.DefinitionId;
        audit.Add(AuditTrail.Administration, actor.UserName, action, data);
    }

    private static OpeningCause Cause(Actor actor) => new(actor.UserName, actor.DisplayName);
}
