using System.Collections;
using System.Globalization;
using System.Net;
using System.Text;
using PpidWorkflow.Engine.Execution;
using Scriban.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Standard filters of Liquid that Scriban lacks or gives otherwise, with the results of Fluid, which is Elsa's Liquid. Lists and texts are bounded:
/// what a filter makes is made in one native step, between the template's own limits.
/// </summary>
internal static class LiquidStandardFilters
{
    /// <summary>Elements of a list that a filter goes through.</summary>
    private const int MaxItems = 100_000;

    /// <summary>Letters of a text that a filter makes; as many as a template may print.</summary>
    private const int MaxLetters = 1_000_000;

    /// <summary>Lists within lists that <c>sum</c> follows; a template can put a list into itself.</summary>
    private const int MaxDepth = 64;

    // The defaults of the parameters are Scriban's as well: it reads them from the methods.
    public static IEnumerable<(string Name, Delegate Body)> All { get; } =
    [
        ("plus", new Func<object?, object?, object>((value, other) => Plainly(Number(value) + Number(other)))),
        ("minus", new Func<object?, object?, object>((value, other) => Plainly(Number(value) - Number(other)))),
        ("times", new Func<object?, object?, object>((value, other) => Plainly(Number(value) * Number(other)))),
        ("divided_by", new Func<object?, object?, object>(Divide)),
        ("modulo", new Func<object?, object?, object>((value, other) => Plainly(Number(value) % Number(other)))),
        ("abs", new Func<object?, object>(value => Plainly(Math.Abs(Number(value))))),
        ("ceil", new Func<object?, object>(value => Plainly(decimal.Ceiling(Number(value))))),
        ("floor", new Func<object?, object>(value => Plainly(decimal.Floor(Number(value))))),
        ("round", new Func<object?, int, object>(Round)),
        ("default", new Func<object?, object?, object?>((value, otherwise) => value is null or false || IsEmpty(value) ? otherwise : value)),
        ("slice", new Func<object?, int, int?, object?>(Slice)),
        ("join", new Func<object?, object?, object?>(Join)),
        ("split", new Func<object?, object?, ScriptArray>(Split)),
        ("where", new Func<object?, string?, object?, ScriptArray>(Where)),
        ("reject", new Func<object?, string?, object?, ScriptArray>(Reject)),
        ("find", new Func<object?, string?, object?, object?>(Find)),
        ("find_index", new Func<object?, string?, object?, int?>(FindIndex)),
        ("has", new Func<object?, string?, object?, bool>(Has)),
        ("sum", new Func<object?, string?, object>(Sum)),
        ("sort_natural", new Func<object?, string?, object?>(SortNatural)),
        ("at_least", new Func<object?, object?, object>((value, least) => Plainly(Math.Max(Number(value), Number(least))))),
        ("at_most", new Func<object?, object?, object>((value, most) => Plainly(Math.Min(Number(value), Number(most))))),
        ("remove_last", new Func<object?, object?, object?>((value, what) => ReplaceLast(value, what, null))),
        ("replace_last", new Func<object?, object?, object?, object?>(ReplaceLast)),
        ("escape_once", new Func<object?, string?>(value => Text(value) is { } text ? WebUtility.HtmlEncode(WebUtility.HtmlDecode(Bounded(text))) : null)),
        ("url_encode", new Func<object?, string?>(value => WebUtility.UrlEncode(Text(value) is { } text ? Bounded(text) : null)?.Replace("!", "%21", StringComparison.Ordinal))),
        ("url_decode", new Func<object?, string?>(value => WebUtility.UrlDecode(Text(value)))),
        ("base64_encode", new Func<object?, string>(Encode)),
        ("base64_decode", new Func<object?, string>(value => Decode(value, isUrlSafe: false))),
        ("base64_url_safe_encode", new Func<object?, string>(value => Encode(value).TrimEnd('=').Replace('+', '-').Replace('/', '_'))),
        ("base64_url_safe_decode", new Func<object?, string>(value => Decode(value, isUrlSafe: true)))
    ];

    /// <summary>What a loop goes through: an object in pairs of name and value, a text and what is no list as it is in Fluid.</summary>
    /// <param name="items">The list.</param>
    /// <param name="offset">What is passed over.</param>
    /// <param name="limit">How many are taken of the rest.</param>
    public static object Looped(object? items, int? offset = null, int? limit = null)
    {
        var all = items switch
        {
            null => new ScriptArray(),
            ScriptObject members => new ScriptArray(members.Select(m => new ScriptArray { m.Key, m.Value })),
            string text => text.Length == 0 ? new ScriptArray() : new ScriptArray { text },
            IEnumerable list => list,
            _ => new ScriptArray()
        };
        return offset is null && limit is null ? all : new ScriptArray(all.Cast<object?>().Skip(offset ?? 0).Take(limit ?? int.MaxValue));
    }

    /// <summary>Whole numbers divide to whole ones, rounded down.</summary>
    private static object Divide(object? value, object? by)
    {
        var quotient = Number(value) / Number(by);
        return Plainly(IsWhole(value) && IsWhole(by) ? decimal.Floor(quotient) : quotient);
    }

    private static object Round(object? value, int digits = 0) => Plainly(Math.Round(Number(value), Math.Clamp(digits, 0, 15)));

    private static bool IsWhole(object? value) => value is string text ? !text.Contains('.', StringComparison.Ordinal) : value is not (double or float or decimal);

    public static bool IsEmpty(object? value) => value is "" or ScriptArray { Count: 0 } or ScriptObject { Count: 0 };

    /// <summary>Whether a text stands in a text, or a value in a list.</summary>
    public static bool Holds(object? whole, object? part) => whole switch
    {
        string text => text.Contains(Text(part) ?? "", StringComparison.Ordinal),
        IEnumerable items and not ScriptObject => Items(items).Any(item => Same(item, part)),
        _ => false
    };

    /// <summary>Part of a text or a list; from the end where it begins below 0, and nothing where that lies before the beginning.</summary>
    private static object? Slice(object? value, int start, int? length = null)
    {
        var items = LiquidFilters.IsList(value) ? Items(value).ToList() : null;
        var text = items is null ? Text(value) ?? "" : "";
        var size = items?.Count ?? text.Length;
        var from = start < 0 ? size + start : Math.Min(start, size);
        var count = from < 0 ? 0 : Math.Clamp(length ?? 1, 0, size - from);
        return items is null ? from < 0 ? "" : text.Substring(from, count) : new ScriptArray(from < 0 ? [] : items.GetRange(from, count));
    }

    /// <summary>What is in a list with a text between, a blank where none is given; what is no list stays as it is.</summary>
    private static object? Join(object? value, object? by = null)
    {
        if (!LiquidFilters.IsList(value))
            return value;
        var (text, between, isFirst) = (new StringBuilder(), Text(by) ?? " ", true);
        foreach (var item in Items(value))
        {
            text.Append(isFirst ? "" : between).Append(Text(item));
            isFirst = false;
            if (text.Length > MaxLetters)
                throw TooLarge();
        }
        return text.ToString();
    }

    /// <summary>By nothing: into letters; by a blank: at all that is blank.</summary>
    private static ScriptArray Split(object? value, object? by)
    {
        var (text, separator) = (Bounded(Text(value) ?? ""), Text(by) ?? "");
        if (text.Length == 0 || text == separator)
            return [];
        var parts = separator switch
        {
            "" => [.. text.Take(MaxItems + 1).Select(letter => letter.ToString())],
            " " => text.Split((char[]?)null, MaxItems + 1, StringSplitOptions.RemoveEmptyEntries),
            _ => text.Split(separator, MaxItems + 1)
        };
        return parts.Length > MaxItems ? throw TooLarge() : new ScriptArray(parts);
    }

    private static ScriptArray Where(object? items, string? member, object? target = null) =>
        new(member is null ? [] : Items(items).Where(item => item is not string && Matches(item, member, target)));

    private static ScriptArray Reject(object? items, string? member, object? target = null) =>
        new(Items(items).Where(item => member is null || !Matches(item, member, target)));

    private static object? Find(object? items, string? member, object? target = null) =>
        member is null ? null : Items(items).FirstOrDefault(item => Matches(item, member, target));

    private static int? FindIndex(object? items, string? member, object? target = null)
    {
        var index = member is null ? -1 : Items(items).ToList().FindIndex(item => Matches(item, member, target));
        return index < 0 ? null : index;
    }

    private static bool Has(object? items, string? member, object? target = null) =>
        member is not null && Items(items).Any(item => Matches(item, member, target));

    /// <summary>Whether a member is there and neither false nor nothing; with a target: whether it is the same. A text has no members: it matches what stands in it.</summary>
    private static bool Matches(object? item, string member, object? target)
    {
        if (item is string text)
            return target is null ? text.Contains(member, StringComparison.Ordinal) : target is string same && same == text;
        var value = Member(item, member);
        return target is null ? value is not (null or false) : Same(value, target);
    }

    /// <summary>Values of one kind only: the text 1 is not the number.</summary>
    public static bool Same(object? value, object? target) => (value, target) switch
    {
        (string left, string right) => left == right,
        (bool left, bool right) => left == right,
        _ when IsNumber(value) && IsNumber(target) => Number(value) == Number(target),
        _ => ReferenceEquals(value, target)
    };

    private static object Sum(object? items, string? member = null) =>
        Plainly(member is null ? Total(items) : Items(items).Sum(item => item is ScriptObject
            ? Number(Member(item, member))
            : throw new ActivityFaultException("template-error", "Templat gagal: sum dengan nama anggota hanya untuk daftar objek.")));

    private static decimal Total(object? items)
    {
        var room = MaxItems;
        return Total(items, 0, ref room);
    }

    /// <summary>A list may stand in others many times over: what is counted is how often one is gone through.</summary>
    private static decimal Total(object? items, int depth, ref int room)
    {
        var total = 0m;
        foreach (var item in Items(items))
        {
            if (--room < 0 || depth > MaxDepth)
                throw TooLarge();
            total += LiquidFilters.IsList(item) ? Total(item, depth + 1, ref room) : Number(item);
        }
        return total;
    }

    /// <summary>Without regard to case; what is not there comes last. Numbers as numbers, but members as text.</summary>
    private static object? SortNatural(object? items, string? member = null)
    {
        if (items is string or ScriptObject or not IEnumerable)
            return items;
        var keyed = Items(items).Select(item => (Item: item, Key: member is null ? item : Member(item, member))).OrderBy(k => k.Key is null);
        var sorted = member is null && keyed.All(k => k.Key is null || IsNumber(k.Key))
            ? keyed.ThenBy(k => Number(k.Key))
            : keyed.ThenBy(k => Text(k.Key), StringComparer.OrdinalIgnoreCase);
        return new ScriptArray(sorted.Select(k => k.Item));
    }

    private static object? ReplaceLast(object? value, object? what, object? with)
    {
        if (Text(value) is not { } text || Text(what) is not { } sought || text.LastIndexOf(sought, StringComparison.Ordinal) is not (>= 0 and var at))
            return value;
        var insert = Text(with) ?? "";
        return text.Length - sought.Length + insert.Length > MaxLetters ? throw TooLarge() : string.Concat(text.AsSpan(0, at), insert, text.AsSpan(at + sought.Length));
    }

    private static string Encode(object? value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(Bounded(Text(value) ?? "")));

    private static string Decode(object? value, bool isUrlSafe)
    {
        var text = Bounded(Text(value) ?? "");
        if (isUrlSafe)
            text = text.Replace('-', '+').Replace('_', '/') + (text.Length % 4) switch { 2 => "==", 3 => "=", _ => "" };
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw new ActivityFaultException("template-error", "Templat gagal: sebuah teks bukan Base64.");
        }
    }

    /// <summary>The elements of a list; anything else is a list of itself, and nothing one of nothing.</summary>
    private static IEnumerable<object?> Items(object? items)
    {
        if (items is null)
            yield break;
        if (items is string or ScriptObject or not IEnumerable)
        {
            yield return items;
            yield break;
        }
        var count = 0;
        foreach (var item in (IEnumerable)items)
            yield return ++count > MaxItems ? throw TooLarge() : item;
    }

    private static object? Member(object? item, string member) => item is ScriptObject members && members.TryGetValue(member, out var value) ? value : null;

    private static bool IsNumber(object? value) => value is int or long or double or float or decimal or System.Numerics.BigInteger;

    /// <summary>What is no number counts as 0, as in Fluid.</summary>
    private static decimal Number(object? value) => value switch
    {
        string text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0,
        _ => IsNumber(value) ? decimal.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, NumberStyles.Float, CultureInfo.InvariantCulture) : 0
    };

    /// <summary>A number as the other filters know it.</summary>
    private static object Plainly(decimal number)
    {
        if (number == decimal.Floor(number) && Math.Abs(number) < 1L << 53)
            return decimal.ToInt64(number);
        return decimal.ToDouble(number);
    }

    private static string? Text(object? value) => LiquidFilters.Text(value);

    private static string Bounded(string text) => text.Length <= MaxLetters ? text : throw TooLarge();

    private static ActivityFaultException TooLarge() => new("template-limit", "Templat dihentikan: sebuah nilai terlalu besar, terlalu dalam atau melingkar.");
}
