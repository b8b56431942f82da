using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>Moves one instance to another version, within a step of whoever asks; never saves. Nothing runs (<see cref="StateMigration"/>).</summary>
public sealed class InstanceMigration(PpidDbContext db, DefinitionLibrary library, AuditTrail audit, TimeProvider time)
{
    /// <summary>What would become of an instance under a version.</summary>
    /// <exception cref="Engine.Definitions.DefinitionInvalidException">The version is a draft with errors.</exception>
    public async Task<MigrationPlan> PlanAsync(WorkflowInstance instance, DefinitionVersion target, CancellationToken cancellation) =>
        await PlanAsync(instance, target, (await FinishedAsync([instance.Id], cancellation)).Select(f => f.ActivityId).ToHashSet(), cancellation);

    /// <summary>The same, where what has finished was read already.</summary>
    public async Task<MigrationPlan> PlanAsync(
        WorkflowInstance instance, DefinitionVersion target, IReadOnlySet<string> finished, CancellationToken cancellation) =>
        StateMigration.Plan(
            await library.OfAsync(instance, cancellation), await library.PinnedAsync(target.Id, cancellation), WorkflowState.FromJson(instance.State), finished);

    /// <summary>Activities that have completed in these instances.</summary>
    public async Task<List<(Guid InstanceId, string ActivityId)>> FinishedAsync(IReadOnlyList<Guid> instances, CancellationToken cancellation) =>
    [
        .. (await db.Journal.AsNoTracking().Where(j => instances.Contains(j.InstanceId) && j.EventName == "Completed")
            .Select(j => new { j.InstanceId, j.ActivityId }).Distinct().ToListAsync(cancellation)).Select(j => (j.InstanceId, j.ActivityId))
    ];

    /// <summary>Carries out a plan without obstacles.</summary>
    /// <param name="record">The case; its chain says who moved it and why. Null: whoever asks writes the audit.</param>
    public async Task MoveAsync(
        WorkflowInstance instance, Case? record, DefinitionVersion target, MigrationPlan plan, string by, string? reason, CancellationToken cancellation)
    {
        if (record is not null)
        {
            var facts = new JsonObject
            {
                ["fromVersion"] = instance.DefinitionVersion,
                ["toVersion"] = target.Version,
                ["contentHash"] = target.ContentHash
            };
            if (reason is not null)
                facts["reason"] = reason;
            audit.Add(AuditTrail.ChainOf(record.Id), by, "case-migrated", facts);
            record.DefinitionVersion = target.Version;
            record.Revision++;
        }
        instance.State = plan.State!.ToJson();
        instance.DefinitionVersionId = target.Id;
        instance.DefinitionVersion = target.Version;
        // A trial goes on with the draft as it stands now.
        instance.TrialContent = instance.IsTrial && target.State == RevisionState.Draft ? target.Content : null;
        // The state before is one of the old version: a completion from then cannot be taken back any more.
        instance.StateBefore = null;
        instance.StateBeforeWorkItemId = null;
        instance.UpdatedAt = time.Now();
        instance.Revision++;
        var tasks = plan.ChangedTasks.Keys.ToList();
        foreach (var item in await db.WorkItems.Where(w => w.InstanceId == instance.Id && tasks.Contains(w.BookmarkId)).ToListAsync(cancellation))
        {
            item.Task = (StepDesk.TaskOf(item) with { Returnable = plan.ChangedTasks[item.BookmarkId].Returnable }).ToJson().ToJsonString();
            item.Revision++;
        }
    }

    /// <summary>The refusal that an obstacle is.</summary>
    public static Problem Obstacle(MigrationObstacle obstacle) => obstacle.Kind switch
    {
        MigrationObstacleKind.NotWaiting => Problem.Conflict("migration-not-waiting"),
        MigrationObstacleKind.ActivityMissing => Problem.Conflict("migration-activity-missing", obstacle.Subject ?? ""),
        MigrationObstacleKind.ActivityTypeChanged => Problem.Conflict("migration-activity-type-changed", obstacle.Subject ?? ""),
        MigrationObstacleKind.ContainerChanged => Problem.Conflict("migration-container-changed", obstacle.Subject ?? ""),
        MigrationObstacleKind.TokenMissing => Problem.Conflict("migration-token-missing", obstacle.Subject ?? ""),
        MigrationObstacleKind.FinishedAgain => Problem.Conflict("migration-finished-again", obstacle.Subject ?? ""),
        MigrationObstacleKind.JoinOutOfReach => Problem.Conflict("migration-join-out-of-reach", obstacle.Subject ?? ""),
        MigrationObstacleKind.InputMissing => Problem.Conflict("migration-input-missing", obstacle.Subject ?? ""),
        _ => Problem.Conflict("migration-variable-type-changed", obstacle.Subject ?? "")
    };
}
