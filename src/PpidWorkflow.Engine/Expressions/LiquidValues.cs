using System.Collections;
using System.Globalization;
using Scriban.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>What the values of a template are to filters and operators, as in Fluid 2.31.0.</summary>
internal static class LiquidValues
{
    /// <summary>Elements of a list that a filter goes through.</summary>
    public const int MaxItems = 100_000;

    /// <summary>Letters of a text that a filter makes; as many as a template may print.</summary>
    public const int MaxLetters = 1_000_000;

    /// <summary>Lists and objects within each other; a template can put a list into itself.</summary>
    public const int MaxDepth = 64;

    /// <summary>What a value goes through: the elements of a list, an object's pairs of name and value, a text as a whole. Anything else has nothing.</summary>
    public static IEnumerable<object?> Items(object? value)
    {
        if (value is string text)
        {
            yield return text;
            yield break;
        }
        var count = 0;
        if (value is ScriptObject members)
            foreach (var (name, member) in members)
                yield return ++count > MaxItems ? throw LiquidFilters.TooLarge() : new ScriptArray { name, member };
        else if (value is IEnumerable items)
            foreach (var item in items)
                yield return ++count > MaxItems ? throw LiquidFilters.TooLarge() : item;
    }

    /// <summary>A member by its name; lists have <c>first</c>, <c>last</c> and <c>size</c>, and texts the same of their letters.</summary>
    public static object? Member(object? value, string name) => (value, name) switch
    {
        (LiquidState, _) => null,
        (ScriptObject members, _) => members.TryGetValue(name, out var member) ? member : name == "size" ? members.Count : null,
        (string text, "size") => text.Length,
        (string { Length: > 0 } text, "first") => text[..1],
        (string { Length: > 0 } text, "last") => text[^1..],
        (string, _) => null,
        (ScriptArray list, "size") => list.Count,
        (ScriptArray { Count: > 0 } list, "first") => list[0],
        (ScriptArray { Count: > 0 } list, "last") => list[^1],
        (IEnumerable, "size") => Items(value).Count(),
        (IEnumerable, "first") => Items(value).FirstOrDefault(),
        (IEnumerable, "last") => Items(value).LastOrDefault(),
        _ => null
    };

    /// <summary>What is not there, and the words <c>empty</c> and <c>blank</c>.</summary>
    public static bool IsNothing(object? value) => value is null or LiquidState;

    public static bool IsEmpty(object? value) => value is "" or ScriptArray { Count: 0 } or ScriptObject { Count: 0 };

    public static bool IsNumber(object? value) => value is int or long or double or float or decimal or System.Numerics.BigInteger;

    /// <summary>A text that is a number counts as one, true as 1 and a list as the number of its elements; anything else is 0.</summary>
    public static decimal Number(object? value) => value switch
    {
        decimal number => number,
        string text => decimal.TryParse(text, NumberStyles.Any, CultureInfo.InvariantCulture, out var read) ? read : 0,
        bool flag => flag ? 1 : 0,
        _ when IsNumber(value) => decimal.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => LiquidFilters.IsList(value) ? Items(value).Count() : 0
    };

    /// <summary>A number as a range or an argument takes it: the next whole one, the even one of two.</summary>
    public static int Rounded(object? value) => Convert.ToInt32(Number(value));

    /// <summary>What was reckoned: a decimal knows by its scale that it had a fraction.</summary>
    public static object Reckoned(decimal number) =>
        number.Scale == 0 && Math.Abs(number) <= long.MaxValue ? decimal.ToInt64(number) : number;

    /// <summary>A value as text; nothing is an empty one.</summary>
    public static string Text(object? value) => LiquidFilters.Text(value) ?? "";

    public static string Bounded(string text) => text.Length <= MaxLetters ? text : throw LiquidFilters.TooLarge();
}

/// <summary>The words <c>empty</c> and <c>blank</c>: they print nothing, and only comparisons tell them apart.</summary>
internal sealed class LiquidState : ScriptObject
{
    private LiquidState() => IsReadOnly = true;

    public static LiquidState Empty { get; } = new();

    public static LiquidState Blank { get; } = new();
}
