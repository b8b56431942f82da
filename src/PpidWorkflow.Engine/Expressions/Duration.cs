using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>Spans of time as definitions write them.</summary>
public static class Duration
{
    /// <summary>ISO 8601 (<c>PT15M</c>) or .NET's constant form (<c>00:15:00</c>), as Elsa writes it.</summary>
    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        if (text.TrimStart() is not (['P', ..] or ['-', 'P', ..]))
            return TimeSpan.TryParseExact(text.Trim(), "c", CultureInfo.InvariantCulture, out span);
        try
        {
            span = XmlConvert.ToTimeSpan(text.Trim());
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>
    /// Working time, as a number of minutes (<c>15</c>, <c>"15"</c>) or ISO 8601 in hours, minutes and seconds (<c>PT15M</c>). Days, months
    /// and years are refused: how long a working day is, is not the definition's to say.
    /// </summary>
    public static bool TryParseWorkingTime(JsonNode? value, out TimeSpan span)
    {
        span = default;
        if (value is not JsonValue scalar)
            return false;
        var text = scalar.GetValueKind() == JsonValueKind.Number ? scalar.ToJsonString() : ValueConverter.ToText(scalar)?.Trim();
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var minutes))
        {
            if (double.IsNaN(minutes) || Math.Abs(minutes) > MaxMinutes)
                return false;
            span = TimeSpan.FromMinutes(minutes);
            return true;
        }

        return text is ['P', 'T', ..] && TryParse(text, out span) && Math.Abs(span.TotalMinutes) <= MaxMinutes;
    }

    /// <summary>The shortest standard there is: clocks are kept in whole milliseconds, and one of none would be used up before it began.</summary>
    public static readonly TimeSpan ShortestStandard = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// A year of round-the-clock minutes; no standard of an SOP is longer, and sums of such spans stay far from overflow.
    /// </summary>
    private const double MaxMinutes = 366 * 24 * 60;
}
