using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>An expression of a definition, compiled once per version.</summary>
internal sealed record Expression(string Type, JsonNode? Value, IExpressionEvaluator Evaluator, object? Compiled)
{
    public object? Evaluate(ActivityExecutionContext context) => Evaluator.Evaluate(Value, Compiled, context);

    /// <summary>The definition says the value itself.</summary>
    public bool IsLiteral => Type is "Literal" or "Object" or "Json";
}

/// <summary>
/// A language of expressions. Implementations are thread-safe, touch nothing outside the context and end in bounded time and memory.
/// </summary>
public interface IExpressionEvaluator
{
    /// <summary>Name on the wire: <c>Literal</c>, <c>JavaScript</c> ...</summary>
    string Type { get; }

    /// <summary>Checks and prepares the expression; what it returns is handed to every <see cref="Evaluate"/>.</summary>
    /// <exception cref="ExpressionSyntaxException">The expression cannot be parsed.</exception>
    object? Compile(JsonNode? value);

    /// <returns>A <see cref="JsonNode"/> or a plain CLR value.</returns>
    /// <exception cref="ActivityFaultException">The evaluation failed or met a limit.</exception>
    object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context);
}

/// <summary>An expression that cannot be parsed; the message is Indonesian and for the author.</summary>
public sealed class ExpressionSyntaxException(string message) : Exception(message);
