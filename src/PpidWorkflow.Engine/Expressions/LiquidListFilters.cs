using System.Globalization;
using System.Text;
using PpidWorkflow.Engine.Execution;
using Scriban.Runtime;
using static PpidWorkflow.Engine.Expressions.LiquidValues;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Standard filters of Liquid for lists, with the results of Fluid 2.31.0, Elsa's Liquid, but that <c>sum</c> with a member adds up objects, of which that
/// version counts none. Lists are bounded as texts are.
/// </summary>
internal static class LiquidListFilters
{
    public static IEnumerable<(string Name, Delegate Body)> All { get; } =
    [
        ("size", new LiquidFilter(value => Member(value, "size"))),
        ("first", new LiquidFilter(value => Member(value, "first"))),
        ("last", new LiquidFilter(value => Member(value, "last"))),
        ("join", new LiquidFilterOfOne(Join)),
        ("split", new LiquidFilterOfOne(Split)),
        ("slice", new LiquidFilterOfTwo(Slice)),
        ("concat", new LiquidFilterOfOne(Concat)),
        ("compact", new LiquidFilter(value => new ScriptArray(Items(value).Where(item => !IsNothing(item))))),
        ("map", new LiquidFilterOfOne(Map)),
        ("reverse", new LiquidFilter(Reverse)),
        ("uniq", new LiquidFilter(value => new ScriptArray(Items(value).Distinct(new LiquidComparison())))),
        ("where", new LiquidFilterOfTwo((value, member, target) => Choose(value, Text(member), target, true))),
        ("reject", new LiquidFilterOfTwo((value, member, target) => Choose(value, Text(member), target, false))),
        ("find", new LiquidFilterOfTwo(Find)),
        ("find_index", new LiquidFilterOfTwo(FindIndex)),
        ("has", new LiquidFilterOfTwo((value, member, target) => !new LiquidComparison().Same(Find(value, member, target), null))),
        ("sum", new LiquidFilterOfOne(Sum)),
        ("sort", new LiquidFilterOfOne((value, member) => Sort(value, member, StringComparer.Ordinal))),
        ("sort_natural", new LiquidFilterOfOne((value, member) => Sort(value, member, StringComparer.OrdinalIgnoreCase)))
    ];

    /// <summary>What a loop goes through.</summary>
    /// <param name="items">The list.</param>
    /// <param name="offset">What is passed over.</param>
    /// <param name="limit">How many are taken of the rest; below 0: all but so many.</param>
    public static object Looped(object? items, int? offset = null, int? limit = null)
    {
        // Not made a list where it is none: a loop counts what it goes through.
        if (offset is null && limit is null && IsList(items))
            return items!;
        var all = Items(items).Skip(offset ?? 0);
        return new ScriptArray(limit is { } most ? most >= 0 ? all.Take(most) : all.SkipLast(-most) : all);
    }

    /// <summary>The whole numbers from one to another; none where that is below it.</summary>
    public static ScriptArray Range(object? from, object? to)
    {
        var (lower, upper) = (Rounded(from), Rounded(to));
        return (long)upper - lower >= MaxItems
            ? throw LiquidFilters.TooLarge()
            : new ScriptArray(Enumerable.Range(lower, Math.Max(0, upper - lower + 1)).Cast<object?>());
    }

    /// <summary>What a loop's limit leaves where it is none: nothing, or below 0 all but so many.</summary>
    public static object? Cut(object? items, object? limit) => Number(limit) is var most && most >= 1 ? items : Looped(items, null, (int)most);

    private static bool IsList(object? value) => LiquidFilters.IsList(value);

    /// <summary>What is in a list with a text between; what is no list stays as it is.</summary>
    private static object? Join(object? value, object? by)
    {
        if (!IsList(value))
            return value;
        var (text, between, isFirst) = (new StringBuilder(), Text(by), true);
        foreach (var item in Items(value))
        {
            text.Append(isFirst ? "" : between).Append(Text(item));
            isFirst = false;
            if (text.Length > MaxLetters)
                throw LiquidFilters.TooLarge();
        }
        return text.ToString();
    }

    /// <summary>By nothing: into letters. Parts without a letter are none.</summary>
    private static ScriptArray Split(object? value, object? by)
    {
        var (text, separator) = (Bounded(Text(value)), Text(by));
        string[] parts = separator.Length == 0
            ? [.. text.Take(MaxItems + 1).Select(letter => letter.ToString())]
            : text.Split(separator, MaxItems + 1, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > MaxItems ? throw LiquidFilters.TooLarge() : new ScriptArray(parts);
    }

    /// <summary>
    /// Part of a text or a list, counted from the end where it begins below 0. Of a list that ends before the part does, what lies before its beginning
    /// counts as missing, too: so does Fluid.
    /// </summary>
    private static object? Slice(object? value, object? start, object? length)
    {
        if (!IsInteger(start) || length is not null && !IsInteger(length))
            throw new ActivityFaultException("template-error", "Templat gagal: slice memerlukan bilangan bulat.");
        var (from, count) = (Rounded(start), length is null ? 1 : Rounded(length));
        var items = IsList(value) ? Items(value).ToList() : null;
        var text = items is null ? Text(value) : "";
        var size = items?.Count ?? text.Length;
        if (count <= 0 || from < -size)
            return items is null ? "" : new ScriptArray();
        from = from < 0 ? size + from : Math.Min(from, size);
        count = Math.Min(count, size);
        if (items is null)
            return text.Substring(from, Math.Min(count, size - from));
        return new ScriptArray(items.Skip(from).Take(from > 0 && count + from > size ? count - from : count));
    }

    private static bool IsInteger(object? value) =>
        value is string text ? int.TryParse(text, CultureInfo.InvariantCulture, out _) : IsNumber(value) && Number(value).Scale == 0;

    private static object? Concat(object? value, object? other)
    {
        if (!IsList(value) && !IsList(other))
            return value;
        var all = new ScriptArray(Parts(value).Concat(Parts(other)).Take(MaxItems + 1));
        return all.Count > MaxItems ? throw LiquidFilters.TooLarge() : all;

        static IEnumerable<object?> Parts(object? part) => IsList(part) ? Items(part) : [part];
    }

    private static object? Map(object? value, object? member) =>
        IsList(value) ? new ScriptArray(Items(value).Select(item => Member(item, Text(member)))) : value;

    /// <summary>Of a text: the list of its letters.</summary>
    private static object? Reverse(object? value) => value switch
    {
        "" => "",
        string { Length: > MaxItems } => throw LiquidFilters.TooLarge(),
        string text => new ScriptArray(text.Reverse().Select(letter => letter.ToString())),
        _ => IsList(value) ? new ScriptArray(Items(value).Reverse()) : value
    };

    /// <summary>Those whose member is the target, or is true where there is none.</summary>
    private static object? Choose(object? value, string member, object? target, bool isWanted)
    {
        var (comparison, wanted) = (new LiquidComparison(), IsNothing(target) ? true : target);
        return IsList(value) ? new ScriptArray(Items(value).Where(item => comparison.Same(wanted, Member(item, member)) == isWanted)) : value;
    }

    private static object? Find(object? value, object? member, object? target) =>
        !IsList(value) ? value : Matching(value, Text(member), target) is { } found ? found.Item : null;

    private static object? FindIndex(object? value, object? member, object? target) =>
        !IsList(value) ? value : Matching(value, Text(member), target)?.Index;

    /// <summary>The first whose member is the target; null: there is none, or no target.</summary>
    private static (int Index, object? Item)? Matching(object? value, string member, object? target)
    {
        if (IsNothing(target))
            return null;
        var comparison = new LiquidComparison();
        foreach (var (index, item) in Items(value).Index())
            if (comparison.Same(target, Member(item, member)))
                return (index, item);
        return null;
    }

    private static object Sum(object? value, object? member)
    {
        var room = MaxItems;
        return Reckoned(Total(value, member is null ? null : Text(member), 0, ref room));
    }

    /// <summary>A list may stand in others many times over: what is counted is how often one is gone through.</summary>
    private static decimal Total(object? value, string? member, int depth, ref int room)
    {
        var total = 0m;
        foreach (var item in Items(value))
        {
            if (--room < 0 || depth > MaxDepth)
                throw LiquidFilters.TooLarge();
            if (IsList(item))
                total += Total(item, member, depth + 1, ref room);
            else if (member is not null)
                total += item is ScriptObject ? Number(Member(item, member)) : 0;
            else if (item is string || IsNumber(item))
                total += Number(item);
        }
        return total;
    }

    /// <summary>By texts, also where they are numbers. By a member: by what it is, first what has none; two that cannot be compared are a fault.</summary>
    private static ScriptArray Sort(object? value, object? member, StringComparer texts) => new(member is null
        ? Items(value).OrderBy(Text, texts)
        : Items(value).OrderBy(item => Member(item, Text(member)), Comparer<object?>.Create(CompareMembers)));

    private static int CompareMembers(object? left, object? right) => (left, right) switch
    {
        (null, _) or (_, null) => (left is null ? 0 : 1) - (right is null ? 0 : 1),
        (string text, string other) => CultureInfo.InvariantCulture.CompareInfo.Compare(text, other),
        (bool flag, bool other) => flag.CompareTo(other),
        _ when IsNumber(left) && IsNumber(right) => Number(left).CompareTo(Number(right)),
        _ => throw new ActivityFaultException("template-error", "Templat gagal: nilai yang diurutkan tidak sejenis.")
    };
}
