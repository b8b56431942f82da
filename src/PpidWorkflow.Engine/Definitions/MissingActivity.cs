using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>Keeps the place of an activity whose type is not run here any more, in a version that was published when it was.</summary>
internal sealed class MissingActivity : Activity
{
    protected override void Execute(ActivityExecutionContext context) =>
        throw new ActivityFaultException(RefusedActivities.Unknown, $"Aktivitas berjenis \"{Type}\" tidak lagi dijalankan di sini.");
}

/// <summary>Keeps the place of an expression that cannot be read any more: an input left unset would be something else than was written.</summary>
internal sealed class UnusableEvaluator(string type, string code, string message) : IExpressionEvaluator
{
    public string Type => type;
    public object? Compile(JsonNode? value) => null;
    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) => throw new ActivityFaultException(code, message);
}
