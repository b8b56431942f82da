using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Alterations;

/// <summary>
/// What an alteration may never do to a case: take an officer's step from him, leave one out (the archive's is one), have one done twice or too
/// early, or end the case. A case ends by its last step or is cancelled, by its own rules.
/// </summary>
internal static class StepOrder
{
    /// <summary>Null: every step that was to be done still is, once.</summary>
    /// <param name="workflow">What the case runs.</param>
    /// <param name="before">Its state.</param>
    /// <param name="altered">What the alteration made of it.</param>
    /// <param name="finished">Activities that have completed in it.</param>
    public static Problem? Refusal(CompiledWorkflow workflow, WorkflowState before, RunResult altered, IReadOnlySet<string> finished)
    {
        var steps = workflow.SopSteps.ToDictionary(s => s.ActivityId);
        var burnt = altered.BurntBookmarkIds.ToHashSet();
        if (before.Bookmarks.Find(b => b.Name == SopTask.StimulusName && burnt.Contains(b.Id)) is { } taken)
            return Problem.Conflict("alteration-takes-step", Number(taken.ActivityId));
        if (altered.State is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
            return Problem.Conflict("alteration-ends-case");
        var (were, are) = (Open(before), Open(altered.State));
        var ahead = StateMigration.Ahead(workflow, altered.State);
        var (had, has) = (ToDo(StateMigration.Ahead(workflow, before), were), ToDo(ahead, are));
        // In the order of the flow, so that the first is named.
        if (workflow.SopSteps.FirstOrDefault(s => had.Contains(s.ActivityId) && !has.Contains(s.ActivityId)) is { } skipped)
            return Problem.Conflict("alteration-skips-step", skipped.Number);
        if (workflow.SopSteps.FirstOrDefault(s => has.Contains(s.ActivityId) && !had.Contains(s.ActivityId) && finished.Contains(s.ActivityId)) is { } again)
            return Problem.Conflict("alteration-repeats-step", again.Number);
        return workflow.SopSteps.FirstOrDefault(s => are.Contains(s.ActivityId) && !were.Contains(s.ActivityId) && ahead.Contains(s.ActivityId)) is { } early
            ? Problem.Conflict("alteration-opens-early", early.Number)
            : null;

        HashSet<string> ToDo(HashSet<string> all, HashSet<string> open) => [.. all.Union(open).Where(steps.ContainsKey)];

        string Number(string id) => steps.GetValueOrDefault(id)?.Number ?? id;
    }

    private static HashSet<string> Open(WorkflowState state) =>
        [.. state.Bookmarks.Where(b => b.Name == SopTask.StimulusName).Select(b => b.ActivityId)];
}
