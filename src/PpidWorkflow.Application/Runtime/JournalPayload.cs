using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// What stands in a journal line's payload: what the activity noted and its outcomes, and on an execution's last line its evaluated inputs and
/// outputs, in a member of their own. One column: whatever removes or hides a payload takes the values along.
/// </summary>
public static class JournalPayload
{
    private const string Values = "_values";

    /// <summary>JSON; null: nothing to keep.</summary>
    public static string? Pack(JsonObject? payload, ExecutionValues? values)
    {
        if (values is null)
            return payload?.ToJsonString();
        var packed = payload?.DeepClone().AsObject() ?? [];
        packed[Values] = JsonSerializer.SerializeToNode(values, Options);
        return packed.ToJsonString();
    }

    /// <summary>The payload without the values; null: none.</summary>
    public static JsonObject? TellableOf(string? payload)
    {
        if (payload is null || JsonNode.Parse(payload) is not JsonObject told)
            return null;
        return told.Remove(Values) && told.Count == 0 ? null : told;
    }

    /// <summary>Null: none.</summary>
    public static ExecutionValues? ValuesOf(string? payload)
    {
        if (payload?.Contains(Values, StringComparison.Ordinal) != true || (JsonNode.Parse(payload) as JsonObject)?[Values] is not JsonObject values)
            return null;
        try
        {
            return values.Deserialize<ExecutionValues>(Options);
        }
        // A line of an imported trial.
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);
}
