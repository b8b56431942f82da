using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>What a list has in Liquid: <c>first</c>, <c>last</c> and <c>size</c>.</summary>
internal sealed class LiquidListMembers : IObjectAccessor
{
    private static readonly string[] Names = ["first", "last", "size"];

    public static LiquidListMembers All { get; } = new();

    public bool HasIndexer => false;

    public Type IndexType => typeof(object);

    public int GetMemberCount(TemplateContext context, SourceSpan span, object target) => Names.Length;

    public IEnumerable<string> GetMembers(TemplateContext context, SourceSpan span, object target) => Names;

    public bool HasMember(TemplateContext context, SourceSpan span, object target, string member) => Names.Contains(member);

    public bool TryGetValue(TemplateContext context, SourceSpan span, object target, string member, out object? value)
    {
        var list = (ScriptArray)target;
        value = member switch
        {
            "first" => list.Count > 0 ? list[0] : null,
            "last" => list.Count > 0 ? list[^1] : null,
            "size" => list.Count,
            _ => null
        };
        return HasMember(context, span, target, member);
    }

    public bool TrySetValue(TemplateContext context, SourceSpan span, object target, string member, object? value) => false;

    public bool TryGetItem(TemplateContext context, SourceSpan span, object target, object index, out object? value)
    {
        value = null;
        return false;
    }

    public bool TrySetItem(TemplateContext context, SourceSpan span, object target, object index, object? value) => false;
}
