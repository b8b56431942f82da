using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>The list that a loop goes through.</summary>
internal static class LoopItems
{
    /// <summary>As many as a burst may run activities by default: more than that is not a list of an office.</summary>
    private const int Max = 10_000;

    /// <exception cref="ActivityFaultException">Codes <c>not-a-collection</c> and <c>too-many-items</c>; those of the expression.</exception>
    public static JsonArray Read(ActivityExecutionContext context, Input<JsonArray>? input)
    {
        JsonArray items;
        try
        {
            items = context.Get(input) ?? [];
        }
        catch (ActivityFaultException e) when (e.Code == "value-conversion")
        {
            throw new ActivityFaultException("not-a-collection", "Unsur pengulangan bukan sebuah daftar.");
        }

        return items.Count <= Max
            ? items
            : throw new ActivityFaultException("too-many-items", $"Pengulangan atas lebih dari {Max} unsur.");
    }
}
