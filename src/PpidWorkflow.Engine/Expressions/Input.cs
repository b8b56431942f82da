using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>An input of an activity: an expression, evaluated each time the activity asks for it.</summary>
public abstract class Input
{
    internal Expression? Expression { get; set; }

    /// <summary>As the activity calls it; empty where the definition gives no value.</summary>
    internal string Name { get; set; } = "";
}

/// <summary>An input whose value is converted to <typeparamref name="T"/>.</summary>
public sealed class Input<T> : Input
{
    public Input()
    {
    }

    /// <summary>A default that stands until the definition gives another.</summary>
    public Input(T literal) => Literal = literal;

    internal T? Literal { get; }

    /// <summary>
    /// The value where it is a literal of the definition (or the class's default), that is, known before the activity runs.
    /// </summary>
    internal bool TryGetLiteral(out JsonNode? value)
    {
        value = Expression is null ? ValueConverter.ToJson(Literal) : Expression.Value;
        return Expression is null or { IsLiteral: true };
    }

    /// <summary>The same as its type; false also where it does not convert.</summary>
    internal bool TryGetFixed([NotNullWhen(true)] out T? value)
    {
        value = default;
        if (!TryGetLiteral(out var literal) || literal is null)
            return false;
        try
        {
            value = ValueConverter.To<T>(literal);
            return value is not null;
        }
        catch (Execution.ActivityFaultException)
        {
            return false;
        }
    }
}

/// <summary>An output of an activity; bound to a variable, its value lands there too.</summary>
public abstract class Output
{
    /// <summary>Id (or name) of the variable, null where the output is not bound.</summary>
    internal string? VariableId { get; set; }

    internal string Name { get; set; } = "";
}

/// <summary>An output of type <typeparamref name="T"/>.</summary>
public sealed class Output<T> : Output;

/// <summary>A reference to a variable in scope.</summary>
public class Variable
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
}

/// <summary>A reference to a variable of type <typeparamref name="T"/>.</summary>
public sealed class Variable<T> : Variable;
