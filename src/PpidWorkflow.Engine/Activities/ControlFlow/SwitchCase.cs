using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>Which cases of a switch count.</summary>
public enum SwitchMode
{
    /// <summary>The first that holds.</summary>
    MatchFirst,

    /// <summary>All that hold.</summary>
    MatchAny
}

/// <summary>A case of a switch. All conditions are evaluated, in order, as Elsa does; null is false.</summary>
public sealed class SwitchCase
{
    private readonly Expression? _condition;

    internal SwitchCase(string label, Expression? condition, IActivity? activity) => (Label, _condition, Activity) = (label, condition, activity);

    /// <summary>Name of the case and, in a flowchart, of its port.</summary>
    public string Label { get; }

    /// <summary>What runs where the condition holds; none in a flowchart.</summary>
    public IActivity? Activity { get; }

    internal static IReadOnlyList<SwitchCase> Matching(ActivityExecutionContext context, IReadOnlyList<SwitchCase> cases, SwitchMode mode)
    {
        var matching = cases.Where(c => ValueConverter.To<bool?>(c._condition?.Evaluate(context)) == true).ToList();
        return mode == SwitchMode.MatchFirst ? [.. matching.Take(1)] : matching;
    }
}
