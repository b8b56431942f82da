using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Catalog;

/// <summary>
/// A step of a workflow. One object per activity of a compiled definition, shared by all instances and threads:
/// what belongs to one run lives in <see cref="ActivityExecutionContext"/>, never in a field.
/// </summary>
public interface IActivity
{
    string Id { get; set; }
    string? Name { get; set; }

    /// <summary>Type name on the wire, such as <c>Elsa.WriteLine</c>.</summary>
    string Type { get; set; }

    /// <summary>Free properties of the definition (<c>mergeMode</c>, <c>canStartWorkflow</c> ...). Read only.</summary>
    JsonObject CustomProperties { get; set; }

    ValueTask ExecuteAsync(ActivityExecutionContext context);
}
