using System.Globalization;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Reads instants from texts. .NET completes a text without a day or a year (<c>10:00</c>, <c>1/2</c>) by the machine's clock and today's date: the
/// same burst would give another result tomorrow. Such a text is none.
/// </summary>
internal static partial class Instants
{
    /// <summary>An instant; without a zone: UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        instant = default;
        return NamesDay(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is none.</exception>
    public static DateTimeOffset Parse(string text) => TryParse(text, out var instant) ? instant : throw new FormatException();

    /// <summary>Whether a text that can be read as an instant says which year: in four digits, or as one of three parts of a day.</summary>
    public static bool NamesDay(string text)
    {
        if (text.Length > MostLetters)
            return false;
        var day = Time().Replace(text, " ");
        var numbers = Number().Matches(day);
        return numbers.Any(n => n.Length >= 4) || numbers.Count + (Month().IsMatch(day) ? 1 : 0) >= 3;
    }

    /// <summary>No instant is written with more.</summary>
    private const int MostLetters = 200;

    [GeneratedRegex(@"\d{1,2}(:\d{2}){1,2}([.,]\d+)?(\s*[AP]M?\b)?(\s*[+-]\d{1,2}:?\d{2})?|\d{1,2}\s*[AP]M?\b|\s[+-]\d{4}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Month();
}
