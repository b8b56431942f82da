using PpidWorkflow.Engine.Catalog;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>A definition made ready to run: compiled once per version, immutable, shared by all its instances.</summary>
public sealed class CompiledWorkflow
{
    private Dictionary<string, string>? _byNodeId;

    public required WorkflowDefinition Definition { get; init; }

    /// <summary>SOP steps in the order of the flow, for timelines and forms; empty for a definition without any.</summary>
    public IReadOnlyList<SopStepOutline> SopSteps { get; init; } = [];

    /// <summary>Activities that start instances while the version is in force; empty where only people and other instances do.</summary>
    public IReadOnlyList<WorkflowTrigger> Triggers { get; init; } = [];

    internal ActivityNode RootNode { get; init; } = null!;

    /// <summary>All activities by id, the workflow's own node included.</summary>
    internal IReadOnlyDictionary<string, ActivityNode> Nodes { get; init; } = new Dictionary<string, ActivityNode>();

    /// <summary>Ports that have a connection, as (activity id, port).</summary>
    internal IReadOnlySet<(string ActivityId, string Port)> ConnectedPorts { get; init; } = new HashSet<(string, string)>();

    public IActivity? FindActivity(string activityId) => Nodes.GetValueOrDefault(activityId)?.Activity;

    /// <summary>Path of an activity (<c>Workflow1:Flowchart1:Step2</c>), null where there is none of that id.</summary>
    public string? FindNodeId(string activityId) => Nodes.GetValueOrDefault(activityId)?.NodeId;

    /// <summary>The id as its author wrote it; within a workflow that is used as an activity, ids here begin with where that is.</summary>
    public string OwnIdOf(string activityId) => Nodes.GetValueOrDefault(activityId)?.OwnId ?? activityId;

    /// <summary>The activity at a path, null where there is none.</summary>
    public string? FindActivityId(string nodeId)
    {
        _byNodeId ??= Nodes.Values.GroupBy(n => n.NodeId).ToDictionary(g => g.Key, g => g.First().Activity.Id);
        return _byNodeId.GetValueOrDefault(nodeId);
    }

    /// <summary>
    /// Whether the journal of an instance may hold a value of this activity; null: an expression decides while it runs. Of SOP steps never.
    /// </summary>
    public bool? JournalIncludes(string activityId, string name, bool isInput, Execution.JournaledValues journaled) =>
        journaled == Execution.JournaledValues.None || !Nodes.TryGetValue(activityId, out var node) ? false
        : LogPersistence.Lets(node, name, isInput, journaled == Execution.JournaledValues.UnlessExcluded, null);

    /// <summary>Whether a connection leaves that port of the activity.</summary>
    public bool IsPortConnected(string activityId, string port) => ConnectedPorts.Contains((activityId, port));
}

/// <summary>What is known of a step before it runs: literals of the definition.</summary>
public sealed record SopStepOutline(
    string ActivityId, string ActivityType, Activities.Human.SopAct Act, string Number, string Description, string PerformerRole,
    string? RecipientRole,
    string? RequiredInput,
    TimeSpan StandardTime, string? Output, string? Remarks)
{
    /// <summary>From when the standard runs.</summary>
    public Activities.Human.MeasuredFrom MeasuredFrom { get; init; }

    /// <summary>The step as its author knows it, in quotes: the text on its box, else its name, with the id.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether the recipient's role is needed to carry on: the next performer is chosen from it.</summary>
    public bool NeedsRecipient { get; init; }

    /// <summary>The ladder, the default one where none is written; empty where it cannot be read.</summary>
    public IReadOnlyList<Activities.Human.EscalationRung> Escalation { get; init; } = [];
}
