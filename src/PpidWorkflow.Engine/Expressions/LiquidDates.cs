using System.Globalization;
using System.Text;
using Scriban;
using static PpidWorkflow.Engine.Expressions.LiquidValues;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>The filter <c>date</c> as in Fluid 2.31.0, with English names. A text's offset is kept; one without an offset is in UTC.</summary>
internal static class LiquidDates
{
    /// <summary>Letters of a format: each may become a hundred.</summary>
    private const int MaxFormat = 1_000;

    /// <summary>Letters that a part of a format can ask for (<c>%10d</c>).</summary>
    private const int MaxWidth = 100;

    private static readonly CultureInfo Names = CultureInfo.InvariantCulture;

    /// <summary>An instant in the words of strftime; a number counts the seconds since 1970, and "now" is the burst's instant. What is no instant is nothing.</summary>
    public static object? Date(TemplateContext context, object? value, object? format = null)
    {
        var words = Text(format);
        if (words.Length > MaxFormat)
            throw LiquidFilters.TooLarge();
        return Read(context, value) is not { } at ? null : IsNothing(format) ? at.ToString("u", Names) : Format(at, words);
    }

    private static DateTimeOffset? Read(TemplateContext context, object? value) => value switch
    {
        "now" or "today" => ((LiquidContext)context).Now,
        string text when Instants.TryParse(text, out var at) => at,
        string text => DateTimeOffset.TryParseExact(text, "yyyy", Names, DateTimeStyles.AssumeUniversal, out var year) ? year : null,
        _ => IsNumber(value) ? DateTimeOffset.FromUnixTimeMilliseconds(decimal.ToInt64(Number(value) * 1000)) : null
    };

    private static string Format(DateTimeOffset at, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            var (signs, width) = ("", (int?)null);
            for (i++; i < format.Length && (format[i] is '^' or '-' or '_' or ':' || char.IsAsciiDigit(format[i])); i++)
                if (!char.IsAsciiDigit(format[i]))
                    signs += format[i];
                else if ((width = (width ?? 0) * 10 + format[i] - '0') > MaxWidth)
                    throw LiquidFilters.TooLarge();
            if (i < format.Length)
                text.Append(new Part(at, signs, width).Of(format[i]));
        }
        return text.ToString();
    }

    /// <summary>One part of a format.</summary>
    /// <param name="At">The instant.</param>
    /// <param name="Signs">No zeros in front (<c>-</c>), blanks in their place (<c>_</c>), capitals (<c>^</c>), a colon in the offset (<c>:</c>).</param>
    /// <param name="Width">Letters at least; null: as many as such a part has.</param>
    private sealed record Part(DateTimeOffset At, string Signs, int? Width)
    {
        public string Of(char letter) => letter switch
        {
            'a' => Cased(Names.DateTimeFormat.AbbreviatedDayNames[(int)At.DayOfWeek]),
            'A' => Cased(Names.DateTimeFormat.DayNames[(int)At.DayOfWeek]),
            'b' => Cased(Names.DateTimeFormat.AbbreviatedMonthNames[At.Month - 1]),
            'B' => Cased(Names.DateTimeFormat.MonthNames[At.Month - 1]),
            'c' => Cased(At.ToString("F", Names)),
            'C' => Digits(At.Year / 100, 2),
            'd' => Digits(At.Day, 2),
            'D' => Cased(Format(At, "%m/%d/%y")),
            'e' => Digits(At.Day, 2, ' '),
            'F' => Cased(Format(At, "%Y-%m-%d")),
            'g' => Digits(YearOfWeek % 100),
            'G' => Digits(YearOfWeek),
            'h' => Format(At, "%b"),
            'H' => At.ToString("HH", Names),
            'I' => Digits(HourOfHalfDay, 2),
            'j' => Digits(At.DayOfYear, 3),
            'k' => At.Hour.ToString(Names),
            'l' => Digits(HourOfHalfDay, 2, ' '),
            'L' => Digits(At.Millisecond, 3),
            'm' => Digits(At.Month, 2),
            'M' => Digits(At.Minute, 2),
            'n' => new string('\n', Width ?? 1),
            'N' => Fraction(Width ?? 9),
            'p' => At.ToString("tt", Names).ToUpper(Names),
            'P' => At.ToString("tt", Names).ToLower(Names),
            'r' => Cased(Format(At, "%I:%M:%S %p")),
            'R' => Cased(Format(At, "%H:%M")),
            's' => Digits(At.ToUnixTimeSeconds()),
            'S' => Digits(At.Second, 2),
            't' => new string('\t', Width ?? 1),
            'T' => Cased(Format(At, "%H:%M:%S")),
            'u' => (At.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)At.DayOfWeek).ToString(Names),
            'U' => Digits(Week(DayOfWeek.Sunday), 2),
            'v' => Cased(Format(At, "%e-%b-%Y")),
            'V' => Digits(At.DayOfYear / 7 + 1, 2),
            'w' => ((int)At.DayOfWeek).ToString(Names),
            'W' => Digits(Week(DayOfWeek.Monday), 2),
            'x' => Cased(At.ToString("d", Names)),
            'X' => Cased(At.ToString("t", Names)),
            'y' => Digits(At.Year % 100, 2),
            'Y' => Digits(At.Year, 4),
            'z' => Signs.Contains(':') ? Offset : Offset.Replace(":", "", StringComparison.Ordinal),
            'Z' => Offset,
            '%' => "%",
            '+' => Cased(Format(At, "%a %b %e %H:%M:%S %Z %Y")),
            _ => $"%{letter}"
        };

        private string Offset => At.ToString("zzz", Names);

        private int HourOfHalfDay => (At.Hour + 11) % 12 + 1;

        private int YearOfWeek => At.Month == 1 && WeekOfYear(DayOfWeek.Monday) >= 52 ? At.Year - 1 : At.Year;

        private int Week(DayOfWeek first) => At.Month == 1 && WeekOfYear(first) >= 52 ? 0 : WeekOfYear(first);

        private int WeekOfYear(DayOfWeek first) => Names.Calendar.GetWeekOfYear(At.DateTime, CalendarWeekRule.FirstFullWeek, first);

        private string Fraction(int width)
        {
            var ticks = (At.Ticks % TimeSpan.TicksPerSecond).ToString(Names);
            return ticks.Length >= width ? ticks[..width] : ticks.PadRight(width, '0');
        }

        private string Cased(string text) => Signs.Contains('^') ? text.ToUpper(Names) : text;

        private string Digits(long number, int width = 0, char before = '0') => Signs.Contains('-')
            ? number.ToString(Names).TrimStart('0')
            : number.ToString(Names).PadLeft(Width ?? width, Signs.Contains('_') ? ' ' : before);
    }
}
