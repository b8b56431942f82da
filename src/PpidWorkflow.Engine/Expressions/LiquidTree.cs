using Scriban;
using Scriban.Syntax;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// What Scriban reads from a template and Liquid means otherwise. <c>and</c> and <c>or</c> bind equally, from the right; a loop goes through an object in
/// pairs of name and value, and takes its part of a list before it turns it round; values of two kinds are never the same. Trees may be as deep as a template is long: nothing here recurses.
/// </summary>
internal static class LiquidTree
{
    /// <summary>Filters: what a loop goes through, whether two values are the same, one is in the other, and there is nothing in one.</summary>
    public const string Items = "looped", Same = "is_same", Holds = "does_hold", Empty = "is_empty", Blank = "is_blank";

    public static void Mend(Template template)
    {
        var open = new Stack<ScriptNode>([template.Page!]);
        while (open.TryPop(out var node))
        {
            if (node is ScriptBinaryExpression choice && IsLogical(choice) && !(choice.Parent is ScriptBinaryExpression around && IsLogical(around)))
                BindFromTheRight(choice);
            if (node is ScriptBinaryExpression { Left: { } left, Right: { } right } comparison)
                Ask(comparison, left, right);
            if (node is ScriptForStatement { Iterator: not null } loop)
                TakeItems(loop);
            for (var i = 0; i < node.ChildrenCount; i++)
                if (node.GetChildren(i) is { } child)
                    open.Push(child);
        }
    }

    /// <summary>Scriban takes the text 1 for the number, finds no number in a list that came from JSON, and no text empty.</summary>
    private static void Ask(ScriptBinaryExpression comparison, ScriptExpression left, ScriptExpression right)
    {
        var isContained = comparison.Operator == ScriptBinaryOperator.LiquidContains;
        if (!isContained && comparison.Operator is not (ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual))
            return;
        (comparison.Left, comparison.OperatorToken, comparison.Right) = (null, null, null);
        var question = isContained ? Call(Holds, left, right)
            : StateOf(right) is { } state ? Call(state, left)
            : StateOf(left) is { } other ? Call(other, right)
            : Call(Same, left, right);
        comparison.Operator = isContained ? ScriptBinaryOperator.CompareEqual : comparison.Operator;
        (comparison.Left, comparison.Right) = (question, new ScriptLiteral(true));
    }

    private static string? StateOf(ScriptExpression side) => side is ScriptVariable { BaseName: var name } ? name switch
    {
        "empty" => Empty,
        "blank" => Blank,
        _ => null
    } : null;

    private static ScriptFunctionCall Call(string filter, params ScriptExpression[] arguments)
    {
        var call = new ScriptFunctionCall { Target = new ScriptVariableGlobal(filter), ExplicitCall = true, Span = arguments[0].Span };
        foreach (var argument in arguments)
            call.Arguments.Add(argument);
        return call;
    }

    private static bool IsLogical(ScriptBinaryExpression choice) => choice.Operator is ScriptBinaryOperator.And or ScriptBinaryOperator.Or;

    private static void BindFromTheRight(ScriptBinaryExpression whole)
    {
        var (operands, operators, inner) = (new List<ScriptExpression>(), new List<ScriptBinaryOperator>(), new Stack<ScriptBinaryExpression>());
        var open = new Stack<object>([whole]);
        while (open.TryPop(out var part))
        {
            if (part is ScriptBinaryOperator which)
                operators.Add(which);
            else if (part is ScriptBinaryExpression { Left: { } left, Right: { } right } choice && IsLogical(choice))
            {
                if (choice != whole)
                    inner.Push(choice);
                open.Push(right);
                open.Push(choice.Operator);
                open.Push(left);
            }
            else if (part is ScriptExpression operand)
                operands.Add(operand);
        }
        if (operators.Distinct().Count() < 2 || operands.Count != operators.Count + 1)
            return;

        foreach (var choice in inner.Append(whole))
            (choice.Left, choice.OperatorToken, choice.Right) = (null, null, null);
        var result = operands[^1];
        for (var i = operators.Count - 1; i >= 0; i--)
        {
            var choice = i == 0 ? whole : inner.Pop();
            (choice.Left, choice.Operator, choice.Right) = (operands[i], operators[i], result);
            result = choice;
        }
    }

    private static void TakeItems(ScriptForStatement loop)
    {
        var source = loop.Iterator!;
        loop.Iterator = null;
        var items = Call(Items, source);
        loop.Iterator = items;
        if (loop is ScriptTableRowStatement || !loop.NamedArguments.Any(a => a.Name?.Name == "reversed"))
            return;
        foreach (var name in (string[])["offset", "limit"])
        {
            ScriptExpression value = new ScriptLiteral(null);
            if (loop.NamedArguments.FirstOrDefault(a => a.Name?.Name == name) is { Value: { } given } argument)
            {
                argument.Value = null;
                loop.NamedArguments.Remove(argument);
                value = given;
            }
            items.Arguments.Add(value);
        }
    }
}
