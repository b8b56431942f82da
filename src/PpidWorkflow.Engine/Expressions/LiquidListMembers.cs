using System.Globalization;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Runtime.Accessors;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>What lists and texts have in Liquid: <c>first</c>, <c>last</c> and <c>size</c>, and lists their elements.</summary>
internal sealed class LiquidListMembers : IObjectAccessor, IListAccessor
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
        var isNumber = int.TryParse(member, NumberStyles.Integer, CultureInfo.InvariantCulture, out var index);
        value = isNumber && target is not string ? GetValue(context, span, target, index) : LiquidValues.Member(target, member);
        return isNumber || HasMember(context, span, target, member);
    }

    public bool TrySetValue(TemplateContext context, SourceSpan span, object target, string member, object? value) => false;

    public bool TryGetItem(TemplateContext context, SourceSpan span, object target, object index, out object? value)
    {
        value = null;
        return false;
    }

    public bool TrySetItem(TemplateContext context, SourceSpan span, object target, object index, object? value) => false;

    /// <summary>None: Scriban counts an index below 0 from a list's end, where Liquid has nothing.</summary>
    public int GetLength(TemplateContext context, SourceSpan span, object target) => 0;

    public object? GetValue(TemplateContext context, SourceSpan span, object target, int index) => ((ScriptArray)target).ElementAtOrDefault(index);

    public void SetValue(TemplateContext context, SourceSpan span, object target, int index, object? value) =>
        ListAccessor.Default.SetValue(context, span, target, index, value);
}
