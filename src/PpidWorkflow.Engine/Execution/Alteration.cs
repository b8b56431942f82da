using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// One change of a running instance by hand (Elsa contract: alterations). Several are applied as a whole or not at all
/// (<see cref="WorkflowRunner.AlterAsync"/>); a dry run is the same call with its result dropped. Moving to another version is
/// <see cref="StateMigration"/>.
/// </summary>
public abstract record Alteration;

/// <summary>Gives a variable another value, in the workflow or in whatever container declares it and is under way.</summary>
/// <param name="VariableId">Its id; a variable of the workflow itself is also found by its name.</param>
/// <param name="Value">Converted to the variable's type.</param>
public sealed record ModifyVariable(string VariableId, JsonNode? Value) : Alteration;

/// <summary>
/// Cancels an activity with everything in it. What holds it takes that as its end without an outcome: in a flowchart nothing follows, a
/// sequence or a loop goes on, whoever waits for several waits for one less.
/// </summary>
/// <param name="ActivityId">Cancels every execution of that activity, where no instance is named.</param>
/// <param name="ActivityInstanceId">The one execution.</param>
public sealed record CancelActivity(string? ActivityId, string? ActivityInstanceId = null) : Alteration;

/// <summary>
/// Runs an activity: an execution that waits or has faulted, from its beginning (what it had begun is cancelled), or anew within a flowchart that
/// is under way.
/// </summary>
/// <param name="ActivityId">The activity to run anew, where no instance is named.</param>
/// <param name="ActivityInstanceId">The execution to begin again.</param>
public sealed record ScheduleActivity(string? ActivityId, string? ActivityInstanceId = null) : Alteration;

/// <summary>Alterations that were not applied; none of them was.</summary>
/// <param name="code"><c>instance-ended</c>, <c>variable-not-found</c>, <c>variable-not-stored</c>, <c>value-conversion</c>,
/// <c>activity-not-running</c>, <c>activity-already-running</c>, <c>activity-not-schedulable</c>, <c>alterations-contradict</c>,
/// <c>alteration-strands</c>.</param>
/// <param name="subject">Variable or activity that it is about; null: the instance.</param>
public sealed class AlterationRefusedException(string code, string? subject)
    : Exception($"The alteration was refused: {code}{(subject is null ? "" : $" ({subject})")}.")
{
    public string Code { get; } = code;
    public string? Subject { get; } = subject;
}
