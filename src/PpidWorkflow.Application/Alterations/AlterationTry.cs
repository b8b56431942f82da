using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Alterations;

/// <summary>What alterations make of one instance.</summary>
/// <param name="Notes">What is done, or the refusals alone.</param>
/// <param name="Target">The version that it moves to, and how; null: it stays.</param>
/// <param name="Result">What the engine made of it; null: nothing runs or changes but the version.</param>
internal sealed record AlterationTry(
    IReadOnlyList<AlterationNote> Notes, (DefinitionVersion Version, MigrationPlan Plan)? Target = null, RunResult? Result = null)
{
    public bool IsRefused => Notes.Any(n => n.Refuses);

    public static AlterationTry Refused(params IEnumerable<Problem> problems) => new([.. problems.Select(AlterationNote.Of)]);
}

/// <summary>
/// Computes what alterations make of an instance: the dry run, and the first half of carrying them out. Reads, and changes nothing, so that what is
/// refused is refused as a whole.
/// </summary>
public sealed class AlterationRehearsal(PpidDbContext db, DefinitionLibrary library, InstanceMigration migration, WorkflowRuntime runtime)
{
    internal async Task<AlterationTry> TryAsync(WorkflowInstance instance, WantedAlterations wanted, CancellationToken cancellation)
    {
        if (instance.FinishedAt is not null)
            return AlterationTry.Refused(Problem.Conflict("alteration-instance-ended"));
        (DefinitionVersion Version, MigrationPlan Plan)? target = null;
        var notes = new List<AlterationNote>();
        if (wanted.TargetVersion is { } number)
        {
            var (moved, refused) = await MoveAsync(instance, number, cancellation);
            if (refused.Count > 0)
                return AlterationTry.Refused(refused);
            target = moved;
            notes.Add(moved is null
                ? new AlterationNote("altered-not-migrated", [$"{number}"])
                : new AlterationNote("altered-migrated", [$"{instance.DefinitionVersion}", $"{number}"]));
        }
        if (wanted is { Cancels: false, Changes.Count: 0 })
            return new AlterationTry(notes, target);

        var workflow = target is { } to ? await library.PinnedAsync(to.Version.Id, cancellation) : await library.OfAsync(instance, cancellation);
        var state = target?.Plan.State ?? WorkflowState.FromJson(instance.State);
        var names = new AlterationNames(workflow, state);
        if (wanted.Changes.Select(names.UnknownActivity).FirstOrDefault(id => id is not null) is { } unknown)
            return AlterationTry.Refused(Problem.Conflict("alteration-activity-unknown", unknown));
        RunResult? result;
        try
        {
            result = await runtime.TryAlterAsync(instance, workflow, state, [.. wanted.Changes.SelectMany(c => FaultedAgain(c, state))], cancellation);
        }
        catch (AlterationRefusedException refused)
        {
            return AlterationTry.Refused(Problem.Conflict($"alteration-{refused.Code}", names.Subject(refused)));
        }
        if (result is null)
            return AlterationTry.Refused(Problem.Conflict("trial-too-long", WorkflowRuntime.TrialBurst.TotalSeconds));
        if (await db.CaseOfAsync(instance, cancellation) is not null)
        {
            var finished = (await migration.FinishedAsync([instance.Id], cancellation)).Select(f => f.ActivityId).ToHashSet();
            if (StepOrder.Refusal(workflow, state, result, finished) is { } outOfOrder)
                return AlterationTry.Refused(outOfOrder);
        }
        return new AlterationTry([.. notes, .. names.Notes(wanted, result)], target, result);
    }

    private async Task<((DefinitionVersion, MigrationPlan)? Moved, IReadOnlyList<Problem> Refused)> MoveAsync(
        WorkflowInstance instance, int number, CancellationToken cancellation)
    {
        if (await db.DefinitionVersions.AsNoTracking().SingleOrDefaultAsync(v => v.DefinitionId == instance.DefinitionId && v.Version == number, cancellation)
            is not { } version)
            return (null, [Problem.Conflict("alteration-version-unknown", number)]);
        // What works for the office goes on with what is in force; a manager may try out any version.
        if (!instance.IsTrial && version.State != RevisionState.InForce)
            return (null, [Problem.Conflict("migration-target-not-in-force")]);
        if (instance.DefinitionVersionId == version.Id && (instance.TrialContent is null || instance.TrialContent == version.Content))
            return (null, []);
        try
        {
            var plan = await migration.PlanAsync(instance, version, cancellation);
            return plan.State is null ? (null, [.. plan.Obstacles.Select(InstanceMigration.Obstacle)]) : ((version, plan), []);
        }
        catch (DefinitionInvalidException invalid)
        {
            return (null, [Problem.Conflict("definition-has-errors", invalid.Problems[0].Message)]);
        }
    }

    /// <summary>To run an activity that has faulted is to run that execution again, as Elsa does, not another one beside it.</summary>
    private static IEnumerable<Alteration> FaultedAgain(Alteration change, WorkflowState state)
    {
        var faulted = change is ScheduleActivity { ActivityId: { } id, ActivityInstanceId: null }
            ? state.Incidents.Where(i => i.ActivityId == id).Select(i => i.ActivityInstanceId).Distinct().ToList()
            : [];
        return faulted.Count == 0 ? [change] : faulted.Select(execution => new ScheduleActivity(null, execution));
    }
}
