using System.Collections;
using Scriban.Runtime;
using static PpidWorkflow.Engine.Expressions.LiquidValues;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Whether two values of a template are the same, as in Fluid 2.31.0: the left one decides what the right one counts as. A number asks for the number that the
/// other is (<c>1 == '1'</c>), true and false whether it counts as true, a text for the same text; lists and objects are compared by what is in them. What is
/// gone through is counted over all that one filter compares: lists may stand in each other many times over.
/// </summary>
/// <remarks>Here <c>empty</c> is an object without members only; in Fluid 2.31.0 it is every object where it stands on the left.</remarks>
internal sealed class LiquidComparison : IEqualityComparer<object?>
{
    /// <summary>Values that one filter compares.</summary>
    private const int MaxSteps = 250_000;

    /// <summary>Elements, and lists within lists, that a hash is made of.</summary>
    private const int Hashed = 4;

    private int _left = MaxSteps;

    public bool Same(object? left, object? right) => Same(left, right, 0);

    /// <summary>Whether a text stands in a text, or a value in a list.</summary>
    public static bool Holds(object? whole, object? part)
    {
        if (whole is string text)
            return text.Contains(Text(part), StringComparison.Ordinal);
        var comparison = new LiquidComparison();
        return LiquidFilters.IsList(whole) && Items(whole).Any(item => comparison.Same(item, part));
    }

    /// <summary>Whether a text begins with a text, or a list with a value.</summary>
    public static bool Begins(object? whole, object? part) =>
        LiquidFilters.IsList(whole) ? new LiquidComparison().Same(Member(whole, "first"), part) : Text(whole).StartsWith(Text(part), StringComparison.Ordinal);

    /// <inheritdoc cref="Begins"/>
    public static bool Ends(object? whole, object? part) =>
        LiquidFilters.IsList(whole) ? new LiquidComparison().Same(Member(whole, "last"), part) : Text(whole).EndsWith(Text(part), StringComparison.Ordinal);

    /// <summary>How two values follow each other: numbers by what the other counts as, texts by their letters. Null: neither goes before the other.</summary>
    public static int? Order(object? left, object? right) => (left, right) switch
    {
        _ when IsNothing(left) && IsNothing(right) => 0,
        _ when IsNothing(left) || IsNothing(right) => null,
        (string text, _) => string.CompareOrdinal(text, Text(right)),
        _ => IsNumber(left) ? Number(left).CompareTo(Number(right)) : null
    };

    private bool Same(object? left, object? right, int depth)
    {
        if (--_left < 0 || depth > MaxDepth)
            throw LiquidFilters.TooLarge();
        return left switch
        {
            null => right is null || right == LiquidState.Blank,
            LiquidState state => IsIn(state, right),
            string text => right is LiquidState state ? IsIn(state, text) : right is string other && text == other,
            bool flag => flag == right is not (null or false),
            ScriptObject members => IsNothing(right) ? members.Count == 0 : right is ScriptObject others && SameMembers(members, others, depth),
            IEnumerable items => IsNothing(right) ? !Items(items).Any() : LiquidFilters.IsList(right) && SameItems(items, (IEnumerable)right!, depth),
            _ => IsNumber(left) && !IsNothing(right) && Number(left) == Number(right)
        };
    }

    private static bool IsIn(LiquidState state, object? value) =>
        value is LiquidState || (state == LiquidState.Empty ? IsEmpty(value) : value is null or false || value is string text && string.IsNullOrWhiteSpace(text));

    private bool SameMembers(ScriptObject left, ScriptObject right, int depth)
    {
        if (left.Count != right.Count)
            return false;
        foreach (var (name, member) in left)
            if (!right.TryGetValue(name, out var other) || !Same(member, other, depth + 1))
                return false;
        return true;
    }

    private bool SameItems(IEnumerable left, IEnumerable right, int depth)
    {
        using var others = Items(right).GetEnumerator();
        foreach (var item in Items(left))
            if (!others.MoveNext() || !Same(item, others.Current, depth + 1))
                return false;
        return !others.MoveNext();
    }

    /// <summary>For <c>uniq</c>, which knows the text 1 from the number.</summary>
    bool IEqualityComparer<object?>.Equals(object? left, object? right) => Kind(left) == Kind(right) && Same(left, right);

    int IEqualityComparer<object?>.GetHashCode(object? value) => Hash(value, 0);

    private static int Hash(object? value, int depth) => HashCode.Combine(Kind(value), value switch
    {
        string or bool => value.GetHashCode(),
        ScriptObject members => members.Count,
        IEnumerable items => depth > Hashed ? 0 : Items(items).Take(Hashed).Aggregate(0, (hash, item) => HashCode.Combine(hash, Hash(item, depth + 1))),
        _ => IsNumber(value) ? Number(value).GetHashCode() : 0
    });

    private static char Kind(object? value) => value switch
    {
        string => 't',
        bool => 'b',
        ScriptObject => 'o',
        IEnumerable => 'l',
        _ => IsNumber(value) ? 'n' : '-'
    };
}
