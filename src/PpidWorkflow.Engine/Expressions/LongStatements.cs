using System.Text;
using Acornima;
using Acornima.Ast;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Looks at the limits within statements that do much. Jint looks at them between statements and where a function begins: one statement of a
/// thousand steps divided by commas (<c>s += s, s += s …</c>, <c>`${t}`, `${t}` …</c>) would be through before the next look. So each step of such a
/// statement is put into a call of a function that looks at the limits and gives back what it was given. No line is moved.
/// </summary>
internal static class LongStatements
{
    /// <summary>Steps of a statement that nothing looks at; what most statements have is less.</summary>
    private const int MaxSteps = 32;

    /// <summary>What a step counts that may make a text twice as long.</summary>
    private const int Doubling = 8;

    /// <summary>Of calls that follow from each other (<c>a.b().c()…</c>) each eighth is looked at: how deep a script may nest is limited, too.</summary>
    private const int PerChain = 8;

    /// <summary>Within what may break off as a whole (<c>a?.b().c()</c>): nothing can be put around its parts.</summary>
    private const int Optional = -1;

    /// <summary>The script with such calls; null: it needs none.</summary>
    /// <param name="code">The script.</param>
    /// <param name="program">What the parser read in it.</param>
    /// <param name="look">Name of the function: one that the script does not use.</param>
    public static string? Weave(string code, Node program, out string look)
    {
        look = "look";
        var steps = new List<Node>();
        foreach (var child in program.ChildNodes)
            Gather(child, program, steps);
        if (steps.Count == 0)
            return null;
        var names = program.DescendantNodesAndSelf().OfType<Identifier>().Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 1; names.Contains(look); i++)
            look = $"look{i}";

        var opens = new int[code.Length + 1];
        var closes = new int[code.Length + 1];
        foreach (var step in steps)
        {
            opens[step.Start]++;
            closes[step.End]++;
        }
        var woven = new StringBuilder();
        for (var i = 0; i <= code.Length; i++)
        {
            woven.Append(')', closes[i]);
            // A name after a blank: what began a statement without a semicolon before it still does.
            for (var n = 0; n < opens[i]; n++)
                woven.Append(' ').Append(look).Append('(');
            if (i < code.Length)
                woven.Append(code[i]);
        }
        return woven.ToString();
    }

    /// <summary>Adds the steps of what is done between two looks, and of what lies within, where they are too many.</summary>
    private static void Gather(Node unit, Node parent, List<Node> all)
    {
        var own = new List<Node>();
        var count = 0;
        if (unit is Statement)
            foreach (var child in unit.ChildNodes)
                Visit(child, unit, 0);
        else
            Within(unit, parent, 0);
        if (count > MaxSteps)
            all.AddRange(own);

        void Visit(Node node, Node around, int chained)
        {
            if (node is Statement || around is ArrowFunctionExpression arrow && arrow.Body == node)
                Gather(node, around, all);
            else
                Within(node, around, chained);
        }

        void Within(Node node, Node around, int chained)
        {
            count += Weight(node);
            if (Looked(node, around, chained) is { } looked)
                own.Add(looked);
            if (node is TemplateLiteral { Expressions: var parts } && around is not TaggedTemplateExpression)
                own.AddRange(parts);
            foreach (var child in node.ChildNodes)
                Visit(child, node, Chained(node, child, chained));
        }
    }

    private static int Weight(Node node) => node switch
    {
        TemplateLiteral { Expressions.Count: > 0 } template => Doubling + 2 * template.Expressions.Count,
        AssignmentExpression { Operator: Operator.AdditionAssignment } => Doubling,
        CallExpression or NewExpression or TaggedTemplateExpression or AssignmentExpression or UpdateExpression or UnaryExpression
            or NonLogicalBinaryExpression or SpreadElement or ObjectPattern or ArrayPattern => 1,
        MemberExpression { Computed: true, Property: not Literal } => 1,
        _ => 0
    };

    /// <summary>What is put into a call on account of a step; null: nothing, because it is looked at with what is around it or cannot be.</summary>
    private static Node? Looked(Node node, Node around, int chained) => node switch
    {
        CallExpression { Callee: Super } => null,
        CallExpression or TaggedTemplateExpression => chained != Optional && chained % PerChain == 0 ? node : null,
        // One operator after the other: with the last of them.
        NonLogicalBinaryExpression => around is NonLogicalBinaryExpression before && before.Left == node ? null : node,
        ChainExpression => around is UnaryExpression { Operator: Operator.Delete } ? null : node,
        NewExpression or AssignmentExpression or UnaryExpression => node,
        TemplateLiteral => around is TaggedTemplateExpression ? null : node,
        ArrayExpression array => array.Elements.Any(e => e is SpreadElement) ? node : null,
        ObjectExpression members => members.Properties.Any(p => p is SpreadElement) ? node : null,
        MemberExpression { Computed: true, Property: not Literal } member => member.Property,
        VariableDeclarator { Id: not Identifier, Init: { } taken } => taken,
        AssignmentPattern { Left: not Identifier } pattern => pattern.Right,
        _ => null
    };

    private static int Chained(Node node, Node child, int chained) => node switch
    {
        ChainExpression => Optional,
        MemberExpression member when member.Object == child => chained,
        CallExpression call when call.Callee == child => chained == Optional ? Optional : chained + 1,
        _ => 0
    };
}
