using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using Scriban;
using Scriban.Functions;
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

    /// <summary>Letters of a format: each may become thirty.</summary>
    private const int MaxFormat = 1_000;

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
        Add("date", new Func<TemplateContext, object?, string?, object?>(Date));
        Add("json", new Func<object?, string>(value => ToJson(value)?.ToJsonString(ValueConverter.Json) ?? "null"));
        Add("keys", new Func<object?, object?>(value => value is ScriptObject members ? new ScriptArray(members.Keys) : null));
        Add("base64", new Func<object?, string?>(Base64));
        Add("newline_to_br", new Func<object?, string?>(value => Text(value)?.ReplaceLineEndings("<br />\n")));
        foreach (var (name, body) in LiquidStandardFilters.All)
            Add(name, body);
        Add(LiquidSource.Up, new Func<TemplateContext, string, int>((context, name) => ((LiquidContext)context).Count(name, 1) - 1));
        Add(LiquidSource.Down, new Func<TemplateContext, string, int>((context, name) => ((LiquidContext)context).Count(name, -1)));
        Add(LiquidTree.Same, new Func<object?, object?, bool>(LiquidStandardFilters.Same));
        Add(LiquidTree.Holds, new Func<object?, object?, bool>(LiquidStandardFilters.Holds));
        Add(LiquidTree.Empty, new Func<object?, bool>(LiquidStandardFilters.IsEmpty));
        Add(LiquidTree.Blank, new Func<object?, bool>(value => value is null or false || value is string text && string.IsNullOrWhiteSpace(text) || LiquidStandardFilters.IsEmpty(value)));
        Add(LiquidTree.Items, new Func<object?, int?, int?, object>(LiquidStandardFilters.Looped));
        filters.IsReadOnly = true;
        return filters;

        void Add(string name, Delegate body)
        {
            filters.Remove(name);
            filters.Import(name, body);
        }
    }

    /// <summary>An instant in the words of strftime; a number counts the seconds since 1970, and text that is no instant stays as it is. "now" is the burst's instant.</summary>
    private static object? Date(TemplateContext context, object? value, string? format = null) =>
        Text(value) switch
        {
            "now" or "today" => Format(((LiquidContext)context).Now, format),
            { Length: < 12 } digits when long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) =>
                Format(DateTimeOffset.FromUnixTimeSeconds(seconds), format),
            { } text when Instants.TryParse(text, out var at) => Format(at, format),
            _ => value
        };

    private static string? Format(DateTimeOffset at, string? format)
    {
        if (format?.Length > MaxFormat)
            throw TooLarge();
        return format is null ? at.ToString("u", CultureInfo.InvariantCulture) : Scriban(at, WithOwn(at, format));
    }

    private static string? Scriban(DateTimeOffset at, string format) => new DateTimeFunctions().ToString(at.DateTime, format, CultureInfo.InvariantCulture);

    /// <summary>
    /// What Scriban would take from the machine's zone, the seconds since 1970 and the offset, and what it does not know: a sign before the letter, for
    /// no zeros in front (<c>%-d</c>), blanks in their place (<c>%_d</c>) or capitals (<c>%^b</c>).
    /// </summary>
    private static string WithOwn(DateTimeOffset at, string format)
    {
        var own = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            var letter = format[i] == '%' && i + 1 < format.Length ? format[++i] : '\0';
            own.Append(letter switch
            {
                '\0' => format[i..(i + 1)],
                's' => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                'Z' => at.ToString("zzz", CultureInfo.InvariantCulture),
                'z' => at.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal),
                '-' or '_' or '^' when i + 1 < format.Length && char.IsAsciiLetter(format[i + 1]) => Signed(letter, Scriban(at, $"%{format[++i]}") ?? ""),
                _ => $"%{letter}"
            });
        }
        return own.ToString();
    }

    private static string Signed(char sign, string part) => sign switch
    {
        '^' => part.ToUpperInvariant(),
        _ when part.TrimStart('0', ' ') is var rest && sign == '_' => rest.PadLeft(part.Length),
        _ => part.TrimStart('0', ' ')
    };

    private static string? Base64(object? value) =>
        (IsList(value) || value is ScriptObject ? ToJson(value)!.ToJsonString(ValueConverter.Json) : Text(value)) is { } text
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text))
            : null;

    /// <summary>A value as text: a list is what is in it, one after the other, and an object its JSON.</summary>
    public static string? Text(object? value)
    {
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

    public LiquidContext(DateTimeOffset now) : base(LiquidFilters.All)
    {
        Now = now;
        Language = ScriptLang.Liquid;
        IsLiquid = true;
        EnableBreakAndContinueAsReturnOutsideLoop = true;
    }

    public DateTimeOffset Now { get; }

    /// <summary>A counter of <c>increment</c> and <c>decrement</c>, which begins at 0 and is no variable.</summary>
    public int Count(string name, int step) => _counters[name] = _counters.GetValueOrDefault(name) + step;

    protected override IObjectAccessor? GetMemberAccessorImpl(object target) => target is ScriptArray ? LiquidListMembers.All : base.GetMemberAccessorImpl(target);

    public override string? ObjectToString(object? value, bool nested = false) =>
        LiquidFilters.IsList(value) ? LiquidFilters.Text(value) : base.ObjectToString(value, nested);

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > MaxAllocated)
            throw new ActivityFaultException("template-limit", "Templat dihentikan: memori habis.");
        return base.Evaluate(scriptNode, aliasReturnedFunction);
    }
}
