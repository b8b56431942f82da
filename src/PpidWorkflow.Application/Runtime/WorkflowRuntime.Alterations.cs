using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>Changes of an instance by hand: first computed, which changes nothing, then stored like any burst.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>What changes would make of an instance; null: it does not come to rest in <see cref="TrialBurst"/>.</summary>
    /// <param name="instance">Not changed.</param>
    /// <param name="workflow">What it runs, or would run after a migration.</param>
    /// <param name="state">Where it stands, or would stand.</param>
    /// <param name="changes">Empty: the whole instance is cancelled.</param>
    /// <exception cref="AlterationRefusedException">One of them cannot be applied.</exception>
    internal async Task<RunResult?> TryAlterAsync(
        WorkflowInstance instance, CompiledWorkflow workflow, WorkflowState state, IReadOnlyList<Alteration> changes, CancellationToken cancellation)
    {
        var now = time.Now();
        return changes.Count == 0
            ? await runner.CancelAsync(workflow, state, now, cancellation)
            : await BurstAsync(instance, limit => runner.AlterAsync(workflow, state, changes, now, limit), cancellation);
    }

    /// <summary>Stores what <see cref="TryAlterAsync"/> computed in the same step.</summary>
    /// <param name="record">Null: the instance is no case's own.</param>
    internal async Task AlterAsync(WorkflowInstance instance, Case? record, RunResult result, OpeningCause cause, CancellationToken cancellation)
    {
        using var burst = Observability.Traces.Burst("alter", instance, record);
        CannotBeTakenBack(instance);
        await ApplyAsync(instance, record, await SlugAsync(instance, cancellation), result, cause, time.Now(), cancellation);
    }
}
