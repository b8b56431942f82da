using System.Collections.Frozen;
using Acornima.Ast;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Scripts that call built-in functions by name and do nothing else with them: none is stored, handed on, bound or looked up by a name that is
/// computed. The engine can then not be made to call one where the script cannot be interrupted, and the guards before all of them, which cost
/// more than most scripts, are left out. Decided by what the parser read; whatever is not understood is not such a script.
/// </summary>
internal static class CallingScript
{
    /// <summary>What gives a built-in function without naming it, or calls one with something else.</summary>
    private static readonly FrozenSet<string> Reflective = FrozenSet.Create(
        "bind", "call", "apply", "constructor", "getPrototypeOf", "getOwnPropertyDescriptor", "getOwnPropertyDescriptors", "__proto__",
        "__lookupGetter__", "__lookupSetter__", "withResolvers", "fromAsync", "Promise", "Iterator", "Intl", "Temporal", "Function", "compile");

    public static bool Is(Node program) => Is(program, program);

    private static bool Is(Node node, Node parent) => node switch
    {
        IFunction { Async: true } or IFunction { Generator: true } => false,
        IClass or WithStatement or MetaProperty or ImportExpression or ThisExpression or Super or TaggedTemplateExpression => false,
        MemberExpression { Computed: true } member => member.Property is NumericLiteral && Is(member.Object, member),
        MemberExpression { Property: Identifier name } member => IsHarmless(name.Name, IsCalled(member, parent)) && Is(member.Object, member),
        MemberExpression => false,
        Identifier name => IsHarmless(name.Name, IsCalled(name, parent) || parent is MemberExpression),
        Property { Computed: false } property when parent is ObjectPattern =>
            property.Key is Identifier name && IsHarmless(name.Name, false) && Is(property.Value, property),
        Property when parent is ObjectPattern => false,
        Property { Computed: false } property => Is(property.Value, property),
        _ => node.ChildNodes.All(child => Is(child, node))
    };

    private static bool IsCalled(Node node, Node parent) =>
        parent is CallExpression call && call.Callee == node || parent is NewExpression creation && creation.Callee == node;

    private static bool IsHarmless(string name, bool isCalled) =>
        !Reflective.Contains(name) && (isCalled || !BuiltInNames.All.Contains(name));
}
