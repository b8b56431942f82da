using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>The value as it is written.</summary>
internal sealed class LiteralEvaluator : IExpressionEvaluator
{
    public string Type => "Literal";
    public object? Compile(JsonNode? value) => null;
    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) => value;
}

/// <summary>JSON, written as text or directly.</summary>
internal sealed class ObjectEvaluator(string type) : IExpressionEvaluator
{
    public string Type => type;

    public object? Compile(JsonNode? value)
    {
        if (ValueConverter.Plain(value) is not string text)
            return Ready(TypedBag.Unwrap(value));
        try
        {
            var node = string.IsNullOrWhiteSpace(text)
                ? null
                : JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return Ready(TypedBag.Unwrap(node));
        }
        catch (JsonException)
        {
            throw new ExpressionSyntaxException("Ekspresi bukan JSON yang sah.");
        }
    }

    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) => compiled;

    private static JsonNode? Ready(JsonNode? node)
    {
        DefinitionReader.Materialise(node);
        return node;
    }
}

/// <summary>A variable in scope; written as its name, its id or Elsa's object <c>{id, name}</c>.</summary>
internal sealed class VariableEvaluator : IExpressionEvaluator
{
    public string Type => "Variable";
    public object? Compile(JsonNode? value) => Reference(value) ?? throw new ExpressionSyntaxException("Ekspresi tidak menyebut variabel.");
    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) => context.GetVariable((string)compiled!);

    internal static string? Reference(JsonNode? value) => value switch
    {
        JsonObject reference => Text(reference["id"]) ?? Text(reference["name"]),
        _ => Text(value)
    };

    private static string? Text(JsonNode? node) => ValueConverter.Plain(node) is string { Length: > 0 } text ? text : null;
}

/// <summary>An input of the workflow, by name.</summary>
internal sealed class InputEvaluator : IExpressionEvaluator
{
    public string Type => "Input";

    public object? Compile(JsonNode? value) =>
        VariableEvaluator.Reference(value) ?? throw new ExpressionSyntaxException("Ekspresi tidak menyebut masukan.");

    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) =>
        context.GetWorkflowInput((string)compiled!);
}

/// <summary>The output of an activity that ran earlier: <c>ActivityId</c> or <c>ActivityId.OutputName</c>.</summary>
internal sealed class OutputEvaluator : IExpressionEvaluator
{
    public string Type => "Output";

    public object? Compile(JsonNode? value) =>
        VariableEvaluator.Reference(value)?.Split('.', 2) ?? throw new ExpressionSyntaxException("Ekspresi tidak menyebut aktivitas.");

    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context)
    {
        var path = (string[])compiled!;
        return context.GetOutputFrom(path[0], path.Length > 1 ? path[1] : "Result");
    }
}
