using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>An activity that starts instances of its definition while the version is in force.</summary>
/// <param name="ActivityId">In the definition.</param>
/// <param name="ActivityType">Type name on the wire.</param>
/// <param name="Stimulus">What starts it.</param>
public sealed record WorkflowTrigger(string ActivityId, string ActivityType, TriggerStimulus Stimulus);

/// <summary>The triggers of a definition: activities whose box says that they start it, standing where a run can begin.</summary>
internal static class WorkflowTriggers
{
    /// <summary>Those that can be served; the others are problems (<see cref="Check"/>).</summary>
    public static IReadOnlyList<WorkflowTrigger> Of(IActivity? root) =>
    [
        .. from activity in Entrances(root)
           where activity is ITrigger { Stimulus: not null } && Flowchart.CanStartWorkflow(activity)
           select new WorkflowTrigger(activity.Id, activity.Type, ((ITrigger)activity).Stimulus!)
    ];

    /// <summary>
    /// A trigger that could not be served is refused by name, not left silent: one that stands within something, one whose value is only known when it
    /// runs, one of a definition whose instances nobody but a person can begin.
    /// </summary>
    public static void Check(WorkflowDefinition definition, IActivity? root, IEnumerable<ActivityNode> nodes, List<DefinitionProblem> problems)
    {
        var all = nodes.ToList();
        var triggers = all.Where(n => n.Activity is ITrigger && Flowchart.CanStartWorkflow(n.Activity)).ToList();
        if (triggers.Count == 0)
            return;
        var entrances = Entrances(root).Select(a => a.Id).ToHashSet();
        var steps = all.Exists(n => n.Activity is SopActivity);
        var missing = definition.Inputs.FirstOrDefault(i => i.IsRequired && i.DefaultValue is null);
        foreach (var trigger in triggers)
        {
            var label = ActivityFactory.Label(trigger);
            if (!entrances.Contains(trigger.Activity.Id))
                Refuse(trigger, "trigger-nested", $"Aktivitas {label} ditandai dapat memulai alur, tetapi tidak berada di tingkat teratas; hapus tandanya atau pindahkan.");
            else if (((ITrigger)trigger.Activity).Stimulus is null)
                Refuse(trigger, "trigger-not-fixed", $"Aktivitas {label} ditandai dapat memulai alur: nilainya harus tetap dan benar (bukan ekspresi), dan selang pewaktu sekurangnya satu detik.");
            else if (steps)
                Refuse(trigger, "trigger-with-sop-steps", $"Aktivitas {label} ditandai dapat memulai alur, tetapi alur ini memuat langkah SOP: berkasnya dibuka oleh petugas. Hapus tanda \"dapat memulai alur\".");
            else if (missing is not null)
                Refuse(trigger, "trigger-without-input", $"Aktivitas {label} ditandai dapat memulai alur, tetapi masukan \"{missing.Name}\" wajib diisi; beri nilai bawaan.");
        }

        void Refuse(ActivityNode at, string code, string message) => problems.Add(new DefinitionProblem(code, at.Activity.Id, message));
    }

    private static IEnumerable<IActivity> Entrances(IActivity? root) => root switch
    {
        null => [],
        Flowchart flowchart => flowchart.Activities,
        Sequence { Activities: [var first, ..] } => [first],
        _ => [root]
    };
}
