using System.Collections.Frozen;
using Acornima;
using Acornima.Ast;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Scripts that only read, compare and put together: they run on the caller's thread and without <see cref="JavaScriptGuards"/>. What they
/// may be made of is a closed list, decided by what the parser read and never by the letters of the script. Nothing in it stores a function
/// where the engine would call it, changes a built-in, repeats a step, or makes one text long by another.
/// </summary>
internal static class PlainScript
{
    private const int MaxSeparator = 10;

    /// <summary>Methods that make nothing deep or much longer.</summary>
    private static readonly FrozenSet<string> Methods = FrozenSet.Create(
        "toString", "toFixed", "toUpperCase", "toLowerCase", "trim", "includes", "startsWith", "endsWith", "indexOf", "slice", "substring",
        "toISOString", "getTime");

    private static readonly FrozenSet<string> Conversions = FrozenSet.Create("String", "Number", "Boolean");

    /// <summary>How the names of Elsa's functions begin; no built-in function that could do harm begins so.</summary>
    private static readonly string[] Beginnings = ["get", "set", "is", "new", "to", "bytes", "string", "parse"];

    /// <summary>Members that the engine itself asks for, or that lead to the built-ins.</summary>
    private static readonly FrozenSet<string> Asked = FrozenSet.Create(
        "toString", "valueOf", "toJSON", "toLocaleString", "then", "constructor", "prototype", "name", "message", "__proto__",
        "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__");

    public static bool Is(Node node) => node switch
    {
        Program program => All(program.Body),
        BlockStatement block => All(block.Body),
        EmptyStatement => true,
        ExpressionStatement { Expression: AssignmentExpression set } => IsVariable(set),
        ExpressionStatement statement => Is(statement.Expression),
        ReturnStatement statement => statement.Argument is null || Is(statement.Argument),
        ThrowStatement statement => Is(statement.Argument),
        IfStatement choice => Is(choice.Test) && Is(choice.Consequent) && (choice.Alternate is null || Is(choice.Alternate)),
        RegExpLiteral => false,
        Literal or Identifier => true,
        TemplateLiteral template => All(template.Expressions),
        ParenthesizedExpression inner => Is(inner.Expression),
        ChainExpression chain => Is(chain.Expression),
        SequenceExpression sequence => All(sequence.Expressions),
        ConditionalExpression choice => Is(choice.Test) && Is(choice.Consequent) && Is(choice.Alternate),
        UpdateExpression => false,
        UnaryExpression unary => unary.Operator != Operator.Delete && Is(unary.Argument),
        BinaryExpression binary => Is(binary.Left) && Is(binary.Right),
        MemberExpression member => IsMember(member) && Is(member.Object),
        ArrayExpression array => array.Elements.All(element => element is not null && Is(element)),
        ObjectExpression members => members.Properties.All(IsProperty),
        NewExpression creation => creation.Callee is Identifier { Name: "Date" or "Error" } && All(creation.Arguments),
        CallExpression call => IsCall(call) && All(call.Arguments),
        _ => false
    };

    private static bool All<T>(NodeList<T> nodes) where T : Node => nodes.All(Is);

    private static bool IsMember(MemberExpression member) =>
        member.Computed ? member.Property is NumericLiteral : member.Property is Identifier;

    private static bool IsProperty(Node node) => node is ObjectProperty
    {
        Kind: PropertyKind.Init, Computed: false, Method: false, Key: Identifier or StringLiteral, Value: { } value
    } property && !Asked.Contains(property.Key is Identifier key ? key.Name : ((StringLiteral)property.Key).Value) && Is(value);

    /// <summary>Elsa's <c>variables.Name = …</c>.</summary>
    private static bool IsVariable(AssignmentExpression set) => set is
    {
        Operator: Operator.Assignment, Left: MemberExpression { Computed: false, Object: Identifier { Name: "variables" }, Property: Identifier name }
    } && !Asked.Contains(name.Name) && Is(set.Right) && !HoldsVariables(set.Right);

    /// <summary>A list or an object that is made of variables: put into one again and again, it would hold itself a million times over.</summary>
    private static bool HoldsVariables(Node right) => right.DescendantNodesAndSelf().ToArray() is var parts
        && parts.Any(p => p is ArrayExpression or ObjectExpression) && parts.Any(p => p is Identifier { Name: "variables" or "globalThis" });

    private static bool IsCall(CallExpression call) => call.Callee switch
    {
        Identifier callee => Conversions.Contains(callee.Name) || Beginnings.Any(b => callee.Name.StartsWith(b, StringComparison.Ordinal)),
        MemberExpression { Computed: false, Property: Identifier { Name: "join" } } join =>
            Is(join.Object) && call.Arguments.All(a => a is StringLiteral { Value.Length: <= MaxSeparator }),
        MemberExpression { Computed: false, Property: Identifier method } member => Methods.Contains(method.Name) && Is(member.Object),
        _ => false
    };
}
