using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// A fault that an activity or expression explains itself. <see cref="Code"/> and the message go into the incident, to be read by people
/// who may not see the matter: they must not repeat values of inputs.
/// </summary>
public sealed class ActivityFaultException(string code, string message) : Exception(message)
{
    /// <summary>Stable, kebab-case.</summary>
    public string Code { get; } = code;

    /// <summary>What the author says of it besides code and message; part of the journal's line. Null: nothing.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>A retry runs the activity from its beginning, not the call that failed.</summary>
    public bool StartsAnew { get; init; }
}
