using System.Net;
using System.Text;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Expressions.LiquidValues;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Standard filters of Liquid for numbers and texts that Scriban lacks or gives otherwise, with the results of Fluid 2.31.0, Elsa's Liquid. Texts are
/// bounded: what a filter makes is made in one native step, between the template's own limits.
/// </summary>
internal static class LiquidStandardFilters
{
    public static IEnumerable<(string Name, Delegate Body)> All { get; } =
    [
        ("plus", new LiquidFilterOfOne((value, other) => Reckoned(Number(value) + Number(other)))),
        ("minus", new LiquidFilterOfOne((value, other) => Reckoned(Number(value) - Number(other)))),
        ("times", new LiquidFilterOfOne((value, other) => Reckoned(Number(value) * Number(other)))),
        ("divided_by", new LiquidFilterOfOne(Divide)),
        ("modulo", new LiquidFilterOfOne((value, other) => (long)(Rounded(value) % Rounded(other)))),
        ("abs", new LiquidFilter(value => Reckoned(Math.Abs(Number(value))))),
        ("ceil", new LiquidFilter(value => Reckoned(decimal.Ceiling(Number(value))))),
        ("floor", new LiquidFilter(value => Reckoned(decimal.Floor(Number(value))))),
        ("round", new LiquidFilterOfOne((value, digits) => Reckoned(Math.Round(Number(value), Rounded(digits))))),
        ("at_least", new LiquidFilterOfOne((value, least) => Number(value) < Number(least) ? least : value)),
        ("at_most", new LiquidFilterOfOne((value, most) => Number(value) > Number(most) ? most : value)),
        // The third is allow_false.
        ("default", new LiquidFilterOfTwo((value, otherwise, keepsFalse) =>
            value is null || value is false && keepsFalse is not true || IsEmpty(value) ? otherwise : value)),
        ("date", new Func<Scriban.TemplateContext, object?, object?, object?>(LiquidDates.Date)),
        ("append", new LiquidFilterOfOne((value, end) => Joined(Text(value), Text(end)))),
        ("prepend", new LiquidFilterOfOne((value, beginning) => Joined(Text(beginning), Text(value)))),
        ("upcase", new LiquidFilter(value => Text(value).ToUpperInvariant())),
        ("downcase", new LiquidFilter(value => Text(value).ToLowerInvariant())),
        ("capitalize", new LiquidFilter(Capitalize)),
        ("strip", new LiquidFilter(value => Text(value).Trim())),
        ("lstrip", new LiquidFilter(value => Text(value).TrimStart())),
        ("rstrip", new LiquidFilter(value => Text(value).TrimEnd())),
        ("strip_newlines", new LiquidFilter(value => Text(value).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal))),
        ("raw", new LiquidFilter(Text)),
        ("escape", new LiquidFilter(value => WebUtility.HtmlEncode(Bounded(Text(value))))),
        ("escape_once", new LiquidFilter(value => WebUtility.HtmlEncode(WebUtility.HtmlDecode(Bounded(Text(value)))))),
        ("newline_to_br", new LiquidFilter(value =>
            Bounded(Text(value)).Replace("\r\n", "<br />", StringComparison.Ordinal).Replace("\n", "<br />", StringComparison.Ordinal))),
        ("remove", new LiquidFilterOfOne((value, what) =>
            Text(what) is { Length: > 0 } sought ? Text(value).Replace(sought, "", StringComparison.Ordinal) : Text(value))),
        ("remove_first", new LiquidFilterOfOne((value, what) => ReplaceFirst(value, what, null))),
        ("remove_last", new LiquidFilterOfOne((value, what) => ReplaceLast(value, what, null))),
        ("replace", new LiquidFilterOfTwo(Replace)),
        ("replace_first", new LiquidFilterOfTwo(ReplaceFirst)),
        ("replace_last", new LiquidFilterOfTwo(ReplaceLast)),
        ("strip_html", new LiquidFilter(WithoutTags)),
        ("truncate", new LiquidFilterOfTwo(Truncate)),
        ("truncatewords", new LiquidFilterOfTwo(TruncateWords)),
        ("url_encode", new LiquidFilter(value => WebUtility.UrlEncode(Bounded(Text(value))))),
        ("url_decode", new LiquidFilter(value => WebUtility.UrlDecode(Text(value)))),
        ("base64_encode", new LiquidFilter(Encode)),
        ("base64_decode", new LiquidFilter(Decode)),
        ("base64_url_safe_encode", new LiquidFilter(value => Encode(value).TrimEnd('=').Replace('+', '-').Replace('/', '_'))),
        ("base64_url_safe_decode", new LiquidFilter(DecodeUrlSafe))
    ];

    /// <summary>By a whole number: rounded down to one.</summary>
    private static object Divide(object? value, object? by)
    {
        var (divisor, quotient) = (Number(by), Number(value) / Number(by));
        return Reckoned(divisor.Scale == 0 ? decimal.Floor(quotient) : quotient);
    }

    /// <summary>A capital where a word begins: behind a blank, a stroke or a full stop.</summary>
    private static string Capitalize(object? value)
    {
        var letters = Text(value).ToCharArray();
        for (var i = 0; i < letters.Length; i++)
            if (i == 0 || char.IsWhiteSpace(letters[i - 1]) || letters[i - 1] is '-' or '.')
                letters[i] = char.ToUpperInvariant(letters[i]);
        return new string(letters);
    }

    /// <summary>Whatever stands between &lt; and &gt; goes, whether it is a tag or not.</summary>
    private static string WithoutTags(object? value)
    {
        var (text, isWithin) = (new StringBuilder(), false);
        foreach (var letter in Text(value))
        {
            isWithin = letter == '<' || isWithin && letter != '>';
            if (!isWithin && letter != '>')
                text.Append(letter);
        }
        return text.ToString();
    }

    private static object? Truncate(object? value, object? length, object? ending)
    {
        var (text, most, end) = (Text(value), IsNothing(length) ? 50 : Rounded(length), IsNothing(ending) ? "..." : Text(ending));
        return text.Length <= most ? value ?? "" : Joined(text[..Math.Clamp(most - end.Length, 0, text.Length)], end);
    }

    /// <summary>The ending also stands behind a text of just so many words.</summary>
    private static string TruncateWords(object? value, object? count, object? ending)
    {
        var most = Math.Max(1, IsNothing(count) ? 15 : Rounded(count));
        var words = Bounded(Text(value)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Take(most)) + (words.Length < most ? "" : IsNothing(ending) ? "..." : Text(ending));
    }

    private static string Joined(string text, string end) =>
        text.Length + end.Length > MaxLetters ? throw LiquidFilters.TooLarge() : text + end;

    private static string Replace(object? value, object? what, object? with)
    {
        var (text, sought, insert) = (Text(value), Text(what), Text(with));
        if (sought.Length == 0)
            throw new ActivityFaultException("template-error", "Templat gagal: replace memerlukan teks yang diganti.");
        return text.Length + (long)text.AsSpan().Count(sought) * (insert.Length - sought.Length) > MaxLetters
            ? throw LiquidFilters.TooLarge()
            : text.Replace(sought, insert, StringComparison.Ordinal);
    }

    private static object? ReplaceFirst(object? value, object? what, object? with) =>
        ReplaceAt(value, Text(value).IndexOf(Text(what), StringComparison.Ordinal), what, with);

    private static object? ReplaceLast(object? value, object? what, object? with) =>
        ReplaceAt(value, Text(value).LastIndexOf(Text(what), StringComparison.Ordinal), what, with);

    /// <param name="at">Where it stands; below 0: nowhere, and the value stays what it is.</param>
    private static object? ReplaceAt(object? value, int at, object? what, object? with)
    {
        if (at < 0)
            return value;
        var (text, length, insert) = (Text(value), Text(what).Length, Text(with));
        return text.Length - length + insert.Length > MaxLetters
            ? throw LiquidFilters.TooLarge()
            : string.Concat(text.AsSpan(0, at), insert, text.AsSpan(at + length));
    }

    private static string Encode(object? value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(Bounded(Text(value))));

    private static string Decode(object? value) =>
        TryDecode(Text(value)) ?? throw new ActivityFaultException("template-error", "Templat gagal: sebuah teks bukan Base64.");

    /// <summary>What is none is empty here.</summary>
    private static string DecodeUrlSafe(object? value) =>
        Text(value).Replace('-', '+').Replace('_', '/') is var text && TryDecode(text + (text.Length % 4) switch { 2 => "==", 3 => "=", _ => "" }) is { } said ? said : "";

    private static string? TryDecode(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(Bounded(text)));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
