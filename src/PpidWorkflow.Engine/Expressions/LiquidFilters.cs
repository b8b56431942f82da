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
        Add("date", new Func<TemplateContext, object?, string, object?>((context, value, format) => Date(value, format, ((LiquidContext)context).Now)));
        Add("json", new Func<object?, string>(value => ToJson(value)?.ToJsonString(ValueConverter.Json) ?? "null"));
        Add("keys", new Func<object?, object?>(value => value is ScriptObject members ? new ScriptArray(members.Keys) : null));
        Add("base64", new Func<object?, string?>(Base64));
        Add("divided_by", new Func<object?, object?, object>(Divide));
        Add("newline_to_br", new Func<object?, string?>(value => ValueConverter.ToText(value)?.ReplaceLineEndings("<br />\n")));
        foreach (var (name, body) in LiquidStandardFilters.All)
            Add(name, body);
        filters.IsReadOnly = true;
        return filters;

        void Add(string name, Delegate body)
        {
            filters.Remove(name);
            filters.Import(name, body);
        }
    }

    /// <summary>An instant in the words of strftime; text that is no instant stays as it is. "now" is the burst's instant.</summary>
    private static object? Date(object? value, string format, DateTimeOffset now) => ValueConverter.ToText(value) switch
    {
        "now" or "today" => Format(now, format),
        { } text when Instants.TryParse(text, out var at) => Format(at, format),
        _ => value
    };

    private static string? Format(DateTimeOffset at, string? format)
    {
        if (format?.Length > MaxFormat)
            throw TooLarge();
        return new DateTimeFunctions().ToString(at.DateTime, WithZone(at, format ?? ""), CultureInfo.InvariantCulture);
    }

    /// <summary>What Scriban would take from the machine's zone: the seconds since 1970 and the offset.</summary>
    private static string WithZone(DateTimeOffset at, string format)
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
                _ => $"%{letter}"
            });
        }
        return own.ToString();
    }

    private static string? Base64(object? value) =>
        (value is ScriptObject or ScriptArray ? ToJson(value)?.ToJsonString(ValueConverter.Json) : ValueConverter.ToText(value)) is { } text
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text))
            : null;

    /// <summary>Whole numbers divide to whole ones, rounded down.</summary>
    private static object Divide(object? left, object? right)
    {
        if (left is int or long && right is int or long)
            return Math.DivRem(Convert.ToInt64(left, CultureInfo.InvariantCulture), Convert.ToInt64(right, CultureInfo.InvariantCulture)) is var (q, r)
                && r != 0 && r < 0 != Convert.ToInt64(right, CultureInfo.InvariantCulture) < 0 ? q - 1 : q;
        var quotient = ValueConverter.To<double>(left) / ValueConverter.To<double>(right);
        return double.IsFinite(quotient) ? quotient : throw new DivideByZeroException();
    }

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

    private static ActivityFaultException TooLarge() =>
        new("template-limit", "Templat dihentikan: sebuah nilai terlalu besar, terlalu dalam atau melingkar.");
}

/// <summary>One evaluation: Liquid's rules, our filters, and the burst's instant as the clock.</summary>
internal sealed class LiquidContext : TemplateContext
{
    /// <summary>Bytes that a template may use, what it lets go again included: it could keep a long text under each of seven hundred names.</summary>
    private const long MaxAllocated = 64 * 1024 * 1024;

    private readonly long _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();

    public LiquidContext(DateTimeOffset now) : base(LiquidFilters.All)
    {
        Now = now;
        Language = ScriptLang.Liquid;
        IsLiquid = true;
        EnableBreakAndContinueAsReturnOutsideLoop = true;
    }

    public DateTimeOffset Now { get; }

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > MaxAllocated)
            throw new ActivityFaultException("template-limit", "Templat dihentikan: memori habis.");
        return base.Evaluate(scriptNode, aliasReturnedFunction);
    }
}
