using Scriban;
using Scriban.Syntax;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// What Scriban reads from a template and Liquid means otherwise. <c>and</c> and <c>or</c> bind equally, from the right; a loop goes through an object in
/// pairs of name and value, and takes its part of a list before it turns it round; how two values compare is said by <see cref="LiquidComparison"/>, also
/// those of <c>case</c> and <c>when</c>. Filters have names of their own, which no variable hides. Trees may be as deep as a template is long: nothing here
/// recurses.
/// </summary>
internal static class LiquidTree
{
    /// <summary>Filters: what a loop goes through, what its limit leaves of it, and a range of numbers.</summary>
    public const string Items = "looped", Cut = "cut", Range = "range";

    /// <summary>Filters: whether two values are the same, and whether one is in the other, at its beginning or at its end.</summary>
    public const string Same = "is_same", Holds = "does_hold", Begins = "does_begin", Ends = "does_end";

    /// <summary>Filters: how two values follow each other.</summary>
    public const string Less = "is_less", AtMost = "is_at_most", More = "is_more", AtLeast = "is_at_least";

    /// <summary>Filters: what a <c>case</c> asks, whether a <c>when</c> meets it, and whether none did.</summary>
    public const string Ask = "case_asks", Meets = "case_meets", MetNone = "case_met_none";

    public static void Mend(Template template)
    {
        var open = new Stack<ScriptNode>([template.Page!]);
        var cases = 0;
        while (open.TryPop(out var node))
        {
            if (node is ScriptBlockStatement block)
                for (var i = 0; i < block.Statements.Count; i++)
                    if (block.Statements[i] is ScriptCaseStatement { Value: not null } choice)
                        block.Statements[i] = Unfolded(choice, ++cases);
            if (node is ScriptBinaryExpression logical && IsLogical(logical) && !(logical.Parent is ScriptBinaryExpression around && IsLogical(around)))
                BindFromTheRight(logical);
            if (node is ScriptBinaryExpression { Left: { } left, Right: { } right } comparison && FilterOf(comparison.Operator) is { } filter)
                Compare(comparison, filter, left, right);
            if (node is ScriptBinaryExpression { Operator: ScriptBinaryOperator.RangeInclude, Left: { } lower, Right: { } upper } range)
            {
                // Scriban's goes down where it ends below its beginning. In its place: a call, by the operator that takes what is not nothing.
                (range.Left, range.OperatorToken, range.Right) = (null, null, null);
                range.Operator = ScriptBinaryOperator.EmptyCoalescing;
                (range.Left, range.Right) = (Call(Range, lower, upper), new ScriptLiteral(null));
            }
            if (node is ScriptPipeCall pipe && (pipe.To is ScriptPipeCall next ? next.From : pipe.To) is ScriptFunctionCall called)
                NameFilter(called);
            if (node is ScriptForStatement { Iterator: not null } loop)
                TakeItems(loop);
            for (var i = 0; i < node.ChildrenCount; i++)
                if (node.GetChildren(i) is { } child)
                    open.Push(child);
        }
    }

    /// <summary>Under what name a filter is kept: no variable can have it.</summary>
    public static string Named(string filter) => "|" + filter;

    private static void NameFilter(ScriptFunctionCall call)
    {
        if (call.Target is ScriptVariableGlobal { Name: { } name } target)
            call.Target = new ScriptVariableGlobal(Named(name)) { Span = target.Span };
    }

    private static string? FilterOf(ScriptBinaryOperator comparison) => comparison switch
    {
        ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual => Same,
        ScriptBinaryOperator.LiquidContains => Holds,
        ScriptBinaryOperator.LiquidStartsWith => Begins,
        ScriptBinaryOperator.LiquidEndsWith => Ends,
        ScriptBinaryOperator.CompareLess => Less,
        ScriptBinaryOperator.CompareLessOrEqual => AtMost,
        ScriptBinaryOperator.CompareGreater => More,
        ScriptBinaryOperator.CompareGreaterOrEqual => AtLeast,
        _ => null
    };

    private static void Compare(ScriptBinaryExpression comparison, string filter, ScriptExpression left, ScriptExpression right)
    {
        (comparison.Left, comparison.OperatorToken, comparison.Right) = (null, null, null);
        if (comparison.Operator != ScriptBinaryOperator.CompareNotEqual)
            comparison.Operator = ScriptBinaryOperator.CompareEqual;
        (comparison.Left, comparison.Right) = (Call(filter, left, right), new ScriptLiteral(true));
    }

    /// <summary>
    /// A <c>case</c> as a row of questions. Scriban compares texts; and as in Fluid each <c>when</c> that is met is printed, and what stands before the
    /// first is not.
    /// </summary>
    private static ScriptBlockStatement Unfolded(ScriptCaseStatement choice, int number)
    {
        var row = new ScriptBlockStatement { Span = choice.Span };
        var value = choice.Value!;
        choice.Value = null;
        Add(Call(Ask, new ScriptLiteral(number), value), new ScriptBlockStatement());
        ScriptConditionStatement? next = choice.Body?.Statements.OfType<ScriptWhenStatement>().FirstOrDefault();
        for (; next is ScriptWhenStatement when; next = when.Next)
        {
            if (when.Values is [ScriptLiteral { Value: LiquidSource.Never }])
                continue;
            var values = new ScriptArrayInitializerExpression { Span = when.Span };
            foreach (var option in when.Values.ToArray())
            {
                when.Values.Remove(option);
                values.Values.Add(option);
            }
            var body = when.Body ?? new ScriptBlockStatement();
            when.Body = null;
            Add(Call(Meets, new ScriptLiteral(number), values), body);
        }
        if (next is ScriptElseStatement { Body: { } otherwise } rest)
        {
            rest.Body = null;
            Add(Call(MetNone, new ScriptLiteral(number) { Span = rest.Span }), otherwise);
        }
        return row;

        void Add(ScriptExpression condition, ScriptBlockStatement then) =>
            row.Statements.Add(new ScriptIfStatement { Condition = condition, Then = then, Span = condition.Span });
    }

    private static ScriptFunctionCall Call(string filter, params ScriptExpression[] arguments)
    {
        var call = new ScriptFunctionCall { Target = new ScriptVariableGlobal(Named(filter)), ExplicitCall = true, Span = arguments[^1].Span };
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
        if (loop is not ScriptTableRowStatement && loop.NamedArguments.Any(a => a.Name?.Name == "reversed"))
            foreach (var name in (string[])["offset", "limit"])
            {
                ScriptExpression value = new ScriptLiteral(null);
                if (Argument(name) is { Value: { } given } argument)
                {
                    argument.Value = null;
                    loop.NamedArguments.Remove(argument);
                    value = given;
                }
                items.Arguments.Add(value);
            }
        // Scriban takes all where a limit is not above 0.
        else if (Argument("limit") is { Value: { } most })
            items = Call(Cut, items, (ScriptExpression)most.Clone()!);
        loop.Iterator = items;

        ScriptNamedArgument? Argument(string name) => loop.NamedArguments.FirstOrDefault(a => a.Name?.Name == name);
    }
}
