using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Alterations;

/// <summary>
/// Carries out one job of a plan: instance, work items, journal, audit, job and the plan's count in one commit. The plan's revision makes its jobs take
/// turns, so that exactly one of them is the last.
/// </summary>
public sealed class AlterationJobs(
    PpidDbContext db, Committer committer, AlterationRehearsal rehearsal, InstanceMigration migration, WorkflowRuntime runtime, CompiledDefinitions compiled,
    AuditTrail audit, TimeProvider time)
{
    /// <summary>Alters the instance, or writes down why not; refused as stale where another node was faster.</summary>
    public Task<Result<bool>> CarryOutAsync(Guid id, CancellationToken cancellation)
    {
        Guid? moved = null;
        return committer.RunThenAsync<bool>(async () =>
        {
            moved = null;
            if (await PendingAsync(id, cancellation) is not { } pending)
                return Problem.Conflict("stale-revision");
            var (job, plan) = pending;
            if (await db.Instances.SingleOrDefaultAsync(i => i.Id == job.InstanceId, cancellation) is not { } instance)
            {
                End(job, plan, [AlterationNote.Of(Problem.NotFound("instance-not-found"))]);
                return true;
            }
            var wanted = WantedAlterations.Read([.. JsonNode.Parse(plan.Alterations)!.AsArray().Select(a => a as JsonObject)]);
            var tried = wanted.Succeeded
                ? await rehearsal.TryAsync(instance, wanted.Value, cancellation)
                : AlterationTry.Refused(wanted.Problems);
            if (!tried.IsRefused)
            {
                moved = tried.Target is null ? null : instance.Id;
                await ApplyAsync(instance, plan, tried, cancellation);
            }
            End(job, plan, tried.Notes);
            return true;
        }, () =>
        {
            if (moved is { } trial)
                compiled.ForgetTrial(trial);
        }, cancellation);
    }

    /// <summary>Something unforeseen came up, and the same would come up again.</summary>
    public Task<Result<bool>> GiveUpAsync(Guid id, CancellationToken cancellation) => committer.RunAsync<bool>(async () =>
    {
        if (await PendingAsync(id, cancellation) is not { } pending)
            return Problem.Conflict("stale-revision");
        End(pending.Job, pending.Plan, [AlterationNote.Of(Problem.Conflict("alteration-broke"))]);
        return true;
    }, cancellation);

    private async Task ApplyAsync(WorkflowInstance instance, AlterationPlanRow plan, AlterationTry tried, CancellationToken cancellation)
    {
        var record = await db.CaseOfAsync(instance, cancellation);
        if (tried.Target is { } target)
        {
            compiled.ForgetTrial(instance.Id);
            await migration.MoveAsync(instance, record, target.Version, target.Plan, plan.OrderedBy, plan.Reason, cancellation);
        }
        // Of a case's migration its own record tells; of an instance that a case started, the case's chain does.
        if (record is null || tried.Result is not null)
        {
            var ofCase = record?.Id ?? (instance.RootInstanceId is { } root
                ? await db.Cases.Where(c => c.InstanceId == root).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(cancellation)
                : null);
            audit.Add(ofCase is { } id ? AuditTrail.ChainOf(id) : AuditTrail.Administration, plan.OrderedBy, ofCase is null ? "instance-altered" : "case-altered",
                new JsonObject
                {
                    ["planId"] = plan.Id,
                    ["instanceId"] = instance.Id,
                    ["definitionId"] = instance.DefinitionId,
                    ["reason"] = plan.Reason,
                    ["did"] = new JsonArray([.. tried.Notes.Select(n => (JsonNode)new JsonObject
                    {
                        ["what"] = n.Code,
                        ["of"] = new JsonArray([.. n.Arguments.Select(a => (JsonNode)a)])
                    })])
                });
        }
        if (tried.Result is { } result)
            await runtime.AlterAsync(instance, record, result, new OpeningCause(plan.OrderedBy, plan.OrderedByName), cancellation);
    }

    private async Task<(AlterationJobRow Job, AlterationPlanRow Plan)?> PendingAsync(Guid id, CancellationToken cancellation) =>
        await db.AlterationJobs.SingleOrDefaultAsync(j => j.Id == id && j.State == AlterationJobState.Pending, cancellation) is { } job
        && await db.AlterationPlans.SingleOrDefaultAsync(p => p.Id == job.PlanId, cancellation) is { } plan ? (job, plan) : null;

    private void End(AlterationJobRow job, AlterationPlanRow plan, IReadOnlyList<AlterationNote> notes)
    {
        var now = time.Now();
        job.State = notes.Any(n => n.Refuses) ? AlterationJobState.Failed : AlterationJobState.Completed;
        job.Log = JsonSerializer.Serialize(notes);
        job.DoneAt = now;
        job.Revision++;
        plan.Done++;
        plan.Revision++;
        if (plan.Done < plan.Jobs)
            return;
        plan.CompletedAt = now;
        if (plan.OfCases)
            plan.Alterations = WithoutValues(plan.Alterations);
    }

    private static string WithoutValues(string alterations)
    {
        var all = JsonNode.Parse(alterations)!.AsArray();
        foreach (var alteration in all.OfType<JsonObject>())
            alteration.Remove("value");
        return all.ToJsonString();
    }
}
