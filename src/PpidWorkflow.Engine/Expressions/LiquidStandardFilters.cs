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
    // The defaults of the parameters are Scriban's as well: it reads them from the methods.
    public static IEnumerable<(string Name, Delegate Body)> All { get; } =
    [
        ("plus", new Func<object?, object?, object>((value, other) => Plainly(Number(value) + Number(other)))),
        ("minus", new Func<object?, object?, object>((value, other) => Plainly(Number(value) - Number(other)))),
        ("times", new Func<object?, object?, object>((value, other) => Plainly(Number(value) * Number(other)))),
        ("divided_by", new Func<object?, object?, object>(Divide)),
        ("modulo", new Func<object?, object?, object>((value, other) => Plainly(Rounded(value) % Rounded(other)))),
        ("abs", new Func<object?, object>(value => Plainly(Math.Abs(Number(value))))),
        ("ceil", new Func<object?, object>(value => Plainly(decimal.Ceiling(Number(value))))),
        ("floor", new Func<object?, object>(value => Plainly(decimal.Floor(Number(value))))),
        ("round", new Func<object?, int, object>(Round)),
        ("at_least", new Func<object?, object?, object?>((value, least) => Number(value) < Number(least) ? least : value)),
        ("at_most", new Func<object?, object?, object?>((value, most) => Number(value) > Number(most) ? most : value)),
        ("default", new Func<object?, object?, object?>((value, otherwise) => value is null or false || IsEmpty(value) ? otherwise : value)),
        ("date", new Func<Scriban.TemplateContext, object?, string?, object?>(LiquidDates.Date)),
        ("capitalize", new Func<object?, string>(Capitalize)),
        ("escape", new Func<object?, string>(value => WebUtility.HtmlEncode(Bounded(Text(value))))),
        ("escape_once", new Func<object?, string>(value => WebUtility.HtmlEncode(WebUtility.HtmlDecode(Bounded(Text(value)))))),
        ("newline_to_br", new Func<object?, string>(value =>
            Text(value).Replace("\r\n", "<br />", StringComparison.Ordinal).Replace("\n", "<br />", StringComparison.Ordinal))),
        ("remove", new Func<object?, object?, string>((value, what) =>
            Text(what) is { Length: > 0 } sought ? Text(value).Replace(sought, "", StringComparison.Ordinal) : Text(value))),
        ("remove_last", new Func<object?, object?, object?>((value, what) => ReplaceLast(value, what, null))),
        ("replace_last", new Func<object?, object?, object?, object?>(ReplaceLast)),
        ("strip_html", new Func<object?, string>(WithoutTags)),
        ("truncate", new Func<object?, int?, string?, object?>(Truncate)),
        ("truncatewords", new Func<object?, int?, string?, string>(TruncateWords)),
        ("url_encode", new Func<object?, string>(value => WebUtility.UrlEncode(Bounded(Text(value))))),
        ("url_decode", new Func<object?, string>(value => WebUtility.UrlDecode(Text(value)))),
        ("base64_encode", new Func<object?, string>(Encode)),
        ("base64_decode", new Func<object?, string>(Decode)),
        ("base64_url_safe_encode", new Func<object?, string>(value => Encode(value).TrimEnd('=').Replace('+', '-').Replace('/', '_'))),
        ("base64_url_safe_decode", new Func<object?, string>(DecodeUrlSafe))
    ];

    /// <summary>By a whole number: rounded down to one.</summary>
    private static object Divide(object? value, object? by)
    {
        var quotient = Number(value) / Number(by);
        return Plainly(IsWhole(by) ? decimal.Floor(quotient) : quotient);
    }

    private static bool IsWhole(object? value) => value is string text ? !text.Contains('.', StringComparison.Ordinal) : value is not (double or float or decimal);

    private static int Rounded(object? value) => Convert.ToInt32(Number(value));

    private static object Round(object? value, int digits = 0) => Plainly(Math.Round(Number(value), digits));

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

    private static object? Truncate(object? value, int? length = null, string? ending = null)
    {
        var (text, most, end) = (Text(value), length ?? 50, ending ?? "...");
        return text.Length <= most ? value : Bounded(string.Concat(text.AsSpan(0, Math.Clamp(most - end.Length, 0, text.Length)), end));
    }

    /// <summary>The ending also stands behind a text of just so many words.</summary>
    private static string TruncateWords(object? value, int? count = null, string? ending = null)
    {
        var most = Math.Max(1, count ?? 15);
        var words = Bounded(Text(value)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Take(most)) + (words.Length >= most ? ending ?? "..." : "");
    }

    private static object? ReplaceLast(object? value, object? what, object? with)
    {
        var (text, sought, insert) = (Text(value), Text(what), Text(with));
        if (text.LastIndexOf(sought, StringComparison.Ordinal) is not (>= 0 and var at))
            return value;
        return text.Length - sought.Length + insert.Length > MaxLetters
            ? throw LiquidFilters.TooLarge()
            : string.Concat(text.AsSpan(0, at), insert, text.AsSpan(at + sought.Length));
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
