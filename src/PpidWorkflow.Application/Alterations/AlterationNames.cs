using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Alterations;

/// <summary>Activities and variables as whoever alters knows them: by number or name, else by id.</summary>
internal sealed class AlterationNames(CompiledWorkflow workflow, WorkflowState state)
{
    private const int MostNamed = 10;

    /// <summary>The id of an activity that the definition does not have; null: it has it, or it is about none.</summary>
    public string? UnknownActivity(Alteration change)
    {
        // Where an execution is named it counts, and of executions the engine knows.
        var activity = change switch
        {
            CancelActivity { ActivityInstanceId: null } cancel => cancel.ActivityId,
            ScheduleActivity { ActivityInstanceId: null } schedule => schedule.ActivityId,
            _ => null
        };
        return activity is not null && workflow.FindActivity(activity) is null ? Short(activity) : null;
    }

    /// <summary>What a refusal of the engine is about.</summary>
    public string Subject(AlterationRefusedException refused) =>
        refused.Subject is not { } subject ? "" : workflow.FindActivity(subject) is null ? Short(VariableName(subject)) : Activity(subject);

    /// <summary>What was done and what came of it.</summary>
    public IEnumerable<AlterationNote> Notes(WantedAlterations wanted, RunResult result)
    {
        if (wanted.Cancels)
        {
            yield return new AlterationNote("altered-cancelled", []);
            yield break;
        }
        foreach (var change in wanted.Changes)
        {
            yield return change switch
            {
                ModifyVariable variable => new AlterationNote("altered-variable", [VariableName(variable.VariableId)]),
                CancelActivity cancel => new AlterationNote("altered-activity-cancelled", [Activity(cancel.ActivityId, cancel.ActivityInstanceId)]),
                ScheduleActivity schedule => new AlterationNote("altered-activity-scheduled", [Activity(schedule.ActivityId, schedule.ActivityInstanceId)]),
                _ => throw new InvalidOperationException($"Unknown alteration {change.GetType().Name}.")
            };
        }
        if (result.Children.Count > 0)
            yield return new AlterationNote("altered-starts", [$"{result.Children.Count}"]);
        if (result.PublishedEvents.Count > 0)
            yield return new AlterationNote("altered-publishes", [$"{result.PublishedEvents.Count}"]);
        if (result.NewIncidents.Count > 0)
            yield return new AlterationNote("altered-incident", [Several(result.NewIncidents.Select(i => i.ActivityId))]);
        if (result.State is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
            yield return new AlterationNote("altered-ended", []);
        else if (result.State.Bookmarks.Count > 0)
            yield return new AlterationNote("altered-waits", [Several(result.State.Bookmarks.Select(b => b.ActivityId))]);
    }

    private string Activity(string? id, string? instance) =>
        Activity(instance is null ? id!
            : state.Bookmarks.Find(b => b.ActivityInstanceId == instance)?.ActivityId
                ?? state.Incidents.Find(i => i.ActivityInstanceId == instance)?.ActivityId ?? id ?? instance);

    private string Activity(string id) =>
        workflow.SopSteps.FirstOrDefault(s => s.ActivityId == id) is { Number.Length: > 0 } step ? step.Number
        : workflow.FindActivity(id)?.Name is { Length: > 0 } name ? Short(name) : Short(id);

    private string Several(IEnumerable<string> ids)
    {
        var all = ids.Distinct().Select(Activity).ToList();
        return string.Join(", ", all.Take(MostNamed)) + (all.Count > MostNamed ? $" … ({all.Count})" : "");
    }

    private string VariableName(string id) => workflow.Definition.Variables.FirstOrDefault(v => v.Id == id)?.Name ?? Short(id);

    private static string Short(string text) => text.Length > 100 ? text[..100] + "…" : text;
}
