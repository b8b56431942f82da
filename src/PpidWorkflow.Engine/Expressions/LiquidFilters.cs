using System.Collections;
using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// The filters of Liquid. What Scriban offers beyond them is taken away: it reads the clock, draws random numbers, evaluates templates that
/// are put together while running and runs regular expressions.
/// </summary>
internal static class LiquidFilters
{
    private const int MaxDepth = 64;
    /// <summary>Letters of all texts and names together; a value counts as ten. The same text counts as often as it stands there.</summary>
    private const int MaxLetters = 1_000_000;
    private const int PerValue = 10;

    private static readonly string[] NotLiquid =
    [
        "array", "date", "html", "include", "include_join", "math", "object", "regex", "string", "timespan", "try_liquid_to_scriban"
    ];

    /// <summary>Read only, and shared by all evaluations.</summary>
    public static ScriptObject All { get; } = Create();

    private static ScriptObject Create()
    {
        var filters = (ScriptObject)new LiquidTemplateContext().BuiltinObject;
        foreach (var name in NotLiquid)
            filters.Remove(name);
        Add("json", new Func<object?, string>(value => ToJson(value)?.ToJsonString(ValueConverter.Json) ?? "null"));
        Add("keys", new Func<object?, object?>(value => value is ScriptObject members ? new ScriptArray(members.Keys) : null));
        Add("base64", new Func<object?, string?>(Base64));
        foreach (var (name, body) in LiquidStandardFilters.All.Concat(LiquidListFilters.All))
            Add(name, body);
        Add(LiquidSource.Up, new Func<TemplateContext, string, int>((context, name) => ((LiquidContext)context).Count(name, 1)));
        Add(LiquidSource.Down, new Func<TemplateContext, string, int>((context, name) => ((LiquidContext)context).Count(name, -1)));
        Add(LiquidTree.Same, new Func<object?, object?, bool>((left, right) => new LiquidComparison().Same(left, right)));
        Add(LiquidTree.Holds, new Func<object?, object?, bool>(LiquidComparison.Holds));
        Add(LiquidTree.Less, new Func<object?, object?, bool>((left, right) => LiquidComparison.Order(left, right) < 0));
        Add(LiquidTree.AtMost, new Func<object?, object?, bool>((left, right) => LiquidComparison.Order(left, right) <= 0));
        Add(LiquidTree.More, new Func<object?, object?, bool>((left, right) => LiquidComparison.Order(left, right) > 0));
        Add(LiquidTree.AtLeast, new Func<object?, object?, bool>((left, right) => LiquidComparison.Order(left, right) >= 0));
        Add(LiquidTree.Ask, new Func<TemplateContext, int, object?, bool>((context, number, value) => ((LiquidContext)context).Ask(number, value)));
        Add(LiquidTree.Meets, new Func<TemplateContext, int, ScriptArray, bool>((context, number, values) => ((LiquidContext)context).Meets(number, values)));
        Add(LiquidTree.MetNone, new Func<TemplateContext, int, bool>((context, number) => ((LiquidContext)context).MetNone(number)));
        Add(LiquidTree.Items, new Func<object?, int?, int?, object>(LiquidListFilters.Looped));
        foreach (var (name, state) in (ReadOnlySpan<(string, LiquidState)>)[("empty", LiquidState.Empty), ("blank", LiquidState.Blank)])
        {
            filters.Remove(name);
            filters[name] = state;
        }
        filters.IsReadOnly = true;
        return filters;

        void Add(string name, Delegate body)
        {
            filters.Remove(name);
            filters.Import(name, body);
        }
    }

    private static string? Base64(object? value) =>
        (IsList(value) || value is ScriptObject ? ToJson(value)?.ToJsonString(ValueConverter.Json) : Text(value)) is { } text
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text))
            : null;

    /// <summary>A value as text: a list is what is in it, one after the other, and an object its JSON.</summary>
    public static string? Text(object? value)
    {
        if (value is LiquidState)
            return "";
        if (!IsList(value) && value is not ScriptObject)
            return value is bool flag ? flag ? "true" : "false" : ValueConverter.ToText(value);
        var budget = MaxLetters;
        var text = new StringBuilder();
        Write(value, text, 0, ref budget);
        return text.ToString();
    }

    private static void Write(object? value, StringBuilder text, int depth, ref int budget)
    {
        if (depth > MaxDepth)
            throw TooLarge();
        if (IsList(value))
        {
            foreach (var item in (IEnumerable)value!)
            {
                Spend(PerValue, ref budget);
                Write(item, text, depth + 1, ref budget);
            }
            return;
        }
        var part = value is ScriptObject ? ToJson(value, depth, ref budget)?.ToJsonString(ValueConverter.Json) : Text(value);
        Spend(part?.Length ?? 0, ref budget);
        text.Append(part);
    }

    public static bool IsList(object? value) => value is IEnumerable and not (string or ScriptObject);

    private static JsonNode? ToJson(object? value)
    {
        var budget = MaxLetters;
        return ToJson(value, 0, ref budget);
    }

    /// <summary>A template can make objects that hold themselves.</summary>
    private static JsonNode? ToJson(object? value, int depth, ref int budget)
    {
        if (depth > MaxDepth)
            throw TooLarge();
        Spend(PerValue, ref budget);
        switch (value)
        {
            case string text:
                Spend(text.Length, ref budget);
                return JsonValue.Create(text);
            case LiquidState:
                return null;
            case ScriptObject members:
                var json = new JsonObject();
                foreach (var (name, member) in members)
                {
                    Spend(name.Length, ref budget);
                    json[name] = ToJson(member, depth + 1, ref budget);
                }

                return json;
            case IEnumerable items:
                var array = new JsonArray();
                foreach (var item in items)
                    array.Add(ToJson(item, depth + 1, ref budget));
                return array;
            case IScriptObject:
                return null;
            default:
                return ValueConverter.ToJson(value);
        }
    }

    private static void Spend(int letters, ref int budget)
    {
        if ((budget -= letters) < 0)
            throw TooLarge();
    }

    public static ActivityFaultException TooLarge() =>
        new("template-limit", "Templat dihentikan: sebuah nilai terlalu besar, terlalu dalam atau melingkar.");
}

/// <summary>One evaluation: Liquid's rules, our filters, and the burst's instant as the clock.</summary>
internal sealed class LiquidContext : TemplateContext
{
    /// <summary>Bytes that a template may use, what it lets go again included: it could keep a long text under each of seven hundred names.</summary>
    private const long MaxAllocated = 64 * 1024 * 1024;

    private readonly long _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
    private readonly Dictionary<string, int> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (object? Value, bool IsMet)> _cases = [];

    public LiquidContext(DateTimeOffset now) : base(LiquidFilters.All)
    {
        Now = now;
        Language = ScriptLang.Liquid;
        IsLiquid = true;
        EnableBreakAndContinueAsReturnOutsideLoop = true;
    }

    public DateTimeOffset Now { get; }

    /// <summary>A counter of <c>increment</c> and <c>decrement</c>, which both begin with 0 and share it; it is no variable.</summary>
    public int Count(string name, int step) => _counters[name] = _counters.TryGetValue(name, out var count) ? count + step : 0;

    /// <summary>A <c>case</c> begins.</summary>
    /// <returns>False: nothing is printed for it.</returns>
    public bool Ask(int number, object? value)
    {
        _cases[number] = (value, false);
        return false;
    }

    /// <summary>Whether the value of a <c>case</c> is one of those of a <c>when</c>.</summary>
    public bool Meets(int number, ScriptArray values)
    {
        var (asked, comparison) = (_cases[number].Value, new LiquidComparison());
        if (!values.Any(value => comparison.Same(asked, value)))
            return false;
        _cases[number] = (asked, true);
        return true;
    }

    public bool MetNone(int number) => !_cases[number].IsMet;

    protected override IObjectAccessor? GetMemberAccessorImpl(object target) => target is ScriptArray ? LiquidListMembers.All : base.GetMemberAccessorImpl(target);

    public override string? ObjectToString(object? value, bool nested = false) =>
        value is LiquidState || LiquidFilters.IsList(value) ? LiquidFilters.Text(value) : base.ObjectToString(value, nested);

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > MaxAllocated)
            throw new ActivityFaultException("template-limit", "Templat dihentikan: memori habis.");
        return base.Evaluate(scriptNode, aliasReturnedFunction);
    }
}
