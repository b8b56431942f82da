using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>A filter without arguments.</summary>
internal delegate object? LiquidFilter(object? value);

/// <summary>A filter with an argument; one that is not given is nothing.</summary>
internal delegate object? LiquidFilterOfOne(object? value, object? first = null);

/// <inheritdoc cref="LiquidFilterOfOne"/>
internal delegate object? LiquidFilterOfTwo(object? value, object? first = null, object? second = null);

/// <summary>
/// The filters of Liquid. None of Scriban's is among them: those read the clock, draw random numbers, evaluate templates that are put together while
/// running and run regular expressions.
/// </summary>
internal static class LiquidFilters
{
    private const int MaxDepth = 64;
    /// <summary>Letters of all texts and names together; a value counts as ten. The same text counts as often as it stands there.</summary>
    private const int MaxLetters = 1_000_000;
    private const int PerValue = 10;

    /// <summary>Read only, and shared by all evaluations.</summary>
    public static ScriptObject All { get; } = Create();

    private static ScriptObject Create()
    {
        var filters = new ScriptObject();
        Add("json", new LiquidFilter(value => ToJson(value)?.ToJsonString(ValueConverter.Json) ?? "null"));
        Add("keys", new LiquidFilter(value =>
            value is ScriptObject members ? new ScriptArray(members.Keys) : throw new ActivityFaultException("template-error", "Templat gagal: keys memerlukan sebuah objek.")));
        Add("base64", new LiquidFilter(Base64));
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
        Add(LiquidTree.Begins, new Func<object?, object?, bool>(LiquidComparison.Begins));
        Add(LiquidTree.Ends, new Func<object?, object?, bool>(LiquidComparison.Ends));
        Add(LiquidTree.Items, new Func<object?, int?, int?, object>(LiquidListFilters.Looped));
        Add(LiquidTree.Cut, new Func<object?, object?, object?>(LiquidListFilters.Cut));
        Add(LiquidTree.Range, new Func<object?, object?, ScriptArray>(LiquidListFilters.Range));
        Add(LiquidSource.Cycle, Next);
        (filters["empty"], filters["blank"]) = (LiquidState.Empty, LiquidState.Blank);
        filters.IsReadOnly = true;
        return filters;

        void Add(string name, Delegate body) => filters.Import(LiquidTree.Named(name), body);
    }

    private static object? Next(TemplateContext context, object? group, params object?[] values) => ((LiquidContext)context).Next(Text(group) ?? "", values);

    /// <summary>Elsa's own: lists and objects as their JSON, and true and false with a capital.</summary>
    private static string? Base64(object? value) =>
        (IsList(value) || value is ScriptObject ? ToJson(value)?.ToJsonString(ValueConverter.Json) : value is bool flag ? flag.ToString() : Text(value)) is { } text
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

    private readonly TimeLimit _time = new(TimeProvider.System, () => Environment.CpuUsage.TotalTime);
    private readonly long _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
    private readonly Dictionary<string, int> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (object? Value, bool IsMet)> _cases = [];
    private readonly Dictionary<string, int> _cycles = new(StringComparer.Ordinal);

    public LiquidContext(DateTimeOffset now) : base(LiquidFilters.All)
    {
        Now = now;
        Language = ScriptLang.Liquid;
        IsLiquid = true;
        EnableBreakAndContinueAsReturnOutsideLoop = true;
        TryGetMember = SizeOf;
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

    /// <summary>The next value of a <c>cycle</c>. Those without a name are one row, whatever their values are.</summary>
    public object? Next(string group, object?[] values)
    {
        var turn = _cycles.GetValueOrDefault(group) % values.Length;
        _cycles[group] = turn + 1;
        return values[turn];
    }

    protected override IObjectAccessor? GetMemberAccessorImpl(object target) =>
        target is string or ScriptArray ? LiquidListMembers.All : base.GetMemberAccessorImpl(target);

    /// <summary>An object's own member of that name goes before the number of its members.</summary>
    private static bool SizeOf(TemplateContext context, SourceSpan span, object target, string member, out object? value)
    {
        value = member == "size" && target is ScriptObject members ? members.Count : null;
        return value is not null;
    }

    protected override IListAccessor? GetListAccessorImpl(object target, Type type) => target is ScriptArray ? LiquidListMembers.All : null;

    /// <summary>As it is printed: of a number without an end of zeros, but for one where it was reckoned with a fraction (<c>7.0</c>).</summary>
    public override string? ObjectToString(object? value, bool nested = false) => value switch
    {
        decimal { Scale: 0 } whole => whole.ToString(CultureInfo.InvariantCulture),
        decimal number => number.ToString(decimal.IsInteger(number) ? "F1" : "G29", CultureInfo.InvariantCulture),
        LiquidState => "",
        _ => LiquidFilters.IsList(value) ? LiquidFilters.Text(value) : base.ObjectToString(value, nested)
    };

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if (_time.IsOver)
            throw new ActivityFaultException("template-limit", "Templat dihentikan: waktu habis.");
        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > MaxAllocated)
            throw new ActivityFaultException("template-limit", "Templat dihentikan: memori habis.");
        return base.Evaluate(scriptNode, aliasReturnedFunction);
    }
}
