using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Interop;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// The functions of lists that put together or sort in one native step what is in them. Each element is read once here, and counted while the result grows:
/// one that is a getter says something else to whoever looks first and reads then. The engine's own ones look at the limits only within long lists, and
/// not where short lists stand in each other or in a row. A result is a plain list, also that of a class of the script's own.
/// </summary>
internal sealed class JavaScriptLists(JintEngine engine)
{
    /// <summary>Elements, holes included; as many as a list may be made with.</summary>
    private const int MaxElements = 100_000;

    /// <summary>Letters that a text of all elements may have.</summary>
    private const int MaxJoinedLetters = 4_000_000;

    /// <summary>Letters of all texts that are compared in one step.</summary>
    private const int MaxSortedLetters = 1_000_000;

    /// <summary>Lists within lists that <c>flat</c> takes apart.</summary>
    private const int MaxFlat = 32;

    /// <summary>Elements between two looks at the limits.</summary>
    private const int PerLook = 1_000;

    private readonly HashSet<JsArray> _joining = new(ReferenceEqualityComparer.Instance);
    private readonly JsValue _toObject = engine.Global.Get("Object");
    private readonly JsValue _spreads = engine.Global.Get("Symbol").AsObject().Get("isConcatSpreadable");
    private int _read;

    public void Install()
    {
        var prototype = engine.Global.Get("Array").AsObject().Get("prototype").AsObject();
        Replace("join", (self, arguments, _) => Join(self, arguments));
        Replace("toLocaleString", (self, _, _) => Join(self, []));
        Replace("concat", Concat);
        Replace("flat", Flat);
        Replace("sort", (self, arguments, original) => Sort(self, arguments, original, isCopy: false));
        Replace("toSorted", (self, arguments, original) => Sort(self, arguments, original, isCopy: true));

        void Replace(string name, Func<JsValue, JsValue[], JsValue, JsValue> body)
        {
            var original = prototype.Get(name);
            prototype.Set(name, new ClrFunction(engine, name, (self, arguments) => body(self, arguments, original)));
        }
    }

    /// <summary>Array.prototype.join, which looks at its length while it grows: what the elements come to is not known before.</summary>
    private JsString Join(JsValue self, JsValue[] arguments)
    {
        engine.Constraints.Check();
        if (self is not JsArray { Length: <= MaxElements } array)
            throw OutOfMemory();
        // A list within itself is empty there.
        if (!_joining.Add(array))
            return new JsString("");
        try
        {
            var separator = arguments.At(0).IsUndefined() ? "," : TypeConverter.ToString(arguments.At(0));
            var text = new StringBuilder();
            var length = array.Length;
            for (var i = 0u; i < length; i++)
            {
                if (i > 0)
                    text.Append(separator);
                if (array.Get(i) is var element && !element.IsNull() && !element.IsUndefined())
                    text.Append(TypeConverter.ToString(element));
                if (text.Length > MaxJoinedLetters)
                    throw OutOfMemory();
            }
            return new JsString(text.ToString());
        }
        finally
        {
            _joining.Remove(array);
        }
    }

    private JsValue Concat(JsValue self, JsValue[] arguments, JsValue original)
    {
        if (ToObject(self) is not { } first)
            return engine.Call(original, self, arguments);
        var (all, left) = (new List<JsValue?>(), MaxElements);
        foreach (var part in arguments.Prepend(first))
        {
            if (part is not ObjectInstance list || !Spreads(list))
            {
                Count(ref left);
                all.Add(part);
                continue;
            }
            var length = Length(list);
            for (var i = 0u; i < length; i++)
            {
                Count(ref left);
                all.Add(TryRead(list, i, out var element) ? element : null);
            }
        }
        // What is null is a hole.
        return new JsArray(engine, [.. all.Select(element => element!)]);
    }

    private bool Spreads(ObjectInstance part)
    {
        var spreads = part.Get(_spreads);
        return spreads.IsUndefined() ? part is JsArray : TypeConverter.ToBoolean(spreads);
    }

    private JsValue Flat(JsValue self, JsValue[] arguments, JsValue original)
    {
        if (ToObject(self) is not { } list)
            return engine.Call(original, self, arguments);
        var length = Length(list);
        var depth = arguments.At(0).IsUndefined() ? 1 : TypeConverter.ToNumber(arguments.At(0));
        var (all, left) = (new List<JsValue>(), MaxElements);
        Flatten(list, length, double.IsNaN(depth) ? 0 : depth, 0, all, ref left);
        return new JsArray(engine, [.. all]);
    }

    private void Flatten(ObjectInstance list, uint length, double depth, int within, List<JsValue> all, ref int left)
    {
        if (within > MaxFlat)
            throw OutOfMemory();
        for (var i = 0u; i < length; i++)
        {
            Count(ref left);
            if (!TryRead(list, i, out var element))
                continue;
            if (depth >= 1 && element is JsArray inner)
                Flatten(inner, Length(inner), depth - 1, within + 1, all, ref left);
            else
                all.Add(element);
        }
    }

    /// <summary>By the texts of the elements. Where the script compares, it is looked at the limits each time, and the engine's own does.</summary>
    private JsValue Sort(JsValue self, JsValue[] arguments, JsValue original, bool isCopy)
    {
        if (!arguments.At(0).IsUndefined() || ToObject(self) is not { } list)
            return engine.Call(original, self, arguments);
        var length = Length(list);
        var (keyed, left, letters) = (new List<(JsValue Element, string? Key)>(), MaxElements, 0);
        for (var i = 0u; i < length; i++)
        {
            Count(ref left);
            if (!TryRead(list, i, out var element) && !isCopy)
                continue;
            var key = element.IsUndefined() ? null : TypeConverter.ToString(element);
            if ((letters += key?.Length ?? 0) > MaxSortedLetters)
                throw OutOfMemory();
            keyed.Add((element, key));
        }
        JsValue[] sorted = [.. keyed.OrderBy(k => k.Key is null).ThenBy(k => k.Key, StringComparer.Ordinal).Select(k => k.Element)];
        if (isCopy)
            return new JsArray(engine, sorted);
        for (var i = 0u; i < length; i++)
        {
            Look();
            if (i < sorted.Length)
                list.Set(Key(i), sorted[i], true);
            else
                list.Delete(Key(i));
        }
        return list;
    }

    /// <summary>Null: there is nothing.</summary>
    private ObjectInstance? ToObject(JsValue self) =>
        self.IsNull() || self.IsUndefined() ? null : self as ObjectInstance ?? engine.Call(_toObject, JsValue.Undefined, [self]).AsObject();

    private static uint Length(ObjectInstance list)
    {
        if (list is JsArray array)
            return array.Length <= MaxElements ? array.Length : throw OutOfMemory();
        var length = TypeConverter.ToNumber(list.Get("length"));
        return length > MaxElements ? throw OutOfMemory() : length >= 1 ? (uint)length : 0;
    }

    private static bool TryRead(ObjectInstance list, uint index, out JsValue element)
    {
        if (list is JsArray array)
            return array.TryGetValue(index, out element);
        var isThere = list.HasProperty(Key(index));
        element = isThere ? list.Get(Key(index)) : JsValue.Undefined;
        return isThere;
    }

    private static JsString Key(uint index) => new(index.ToString(CultureInfo.InvariantCulture));

    private void Count(ref int left)
    {
        if (--left < 0)
            throw OutOfMemory();
        Look();
    }

    private void Look()
    {
        if (++_read % PerLook == 0)
            engine.Constraints.Check();
    }

    private static ActivityFaultException OutOfMemory() => new("script-limit", "Skrip dihentikan: memori habis.");
}
