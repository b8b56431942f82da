using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Limits of single steps: built-in functions that make something long or deep at once, where neither the clock nor the memory limit can break
/// in: a billion letters would be there before the next check. By the script's shape and not by names in its text: a name can be written with
/// escapes, or be found by looking through a prototype.
/// </summary>
internal sealed class JavaScriptSteps(JintEngine engine)
{
    private const double MaxLetters = 1_000_000;

    /// <summary>Letters that become members of an object.</summary>
    private const int MaxMembers = 100_000;

    /// <summary>Letters that regular expressions may have caught by the end of the script.</summary>
    private const double MaxCaught = 4_000_000;
    private const int MaxPattern = 10_000;

    private double _caught;

    /// <summary>
    /// Takes away endless native recursion (proxies), memory outside the limit (buffers, big integers) and things nobody needs in an expression.
    /// </summary>
    public static void RemoveDangerousGlobals(JintEngine engine)
    {
        foreach (var name in (ReadOnlySpan<string>)
                 ["Proxy", "Reflect", "ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "BigInt", "WeakRef",
                     "FinalizationRegistry", "ShadowRealm", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
                     "Int32Array", "Uint32Array",
                     "Float16Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "eval", "Function"])
            engine.Global.Delete(name);
    }

    /// <summary>The function that <see cref="LongStatements"/> puts around steps. No script has its name.</summary>
    public static void InstallLook(JintEngine engine, string name) => engine.Global.Set(name, new ClrFunction(engine, name, (_, arguments) =>
    {
        engine.Constraints.Check();
        return arguments.At(0);
    }));

    public void Install()
    {
        foreach (var name in (ReadOnlySpan<string>)["repeat", "padStart", "padEnd"])
            WrapText(name, (text, arguments) => (name == "repeat" ? Math.Max(1, text.Length) : 1) * Number(arguments, 0) <= MaxLetters);
        foreach (var name in (ReadOnlySpan<string>)["replace", "replaceAll"])
            WrapText(name, (text, arguments) => IsShortReplacement(text, arguments, arguments.At(0)));
        WrapText("concat", (text, arguments) => IsShortTogether(text, arguments));
        new JavaScriptLists(engine).Install();
        Holder("String").Delete("raw");
        foreach (var name in (ReadOnlySpan<string>)["match", "matchAll", "search"])
            LimitSearch(name);
        foreach (var name in (ReadOnlySpan<string>)["getOwnPropertyDescriptors", "entries", "values", "keys", "assign", "getOwnPropertyNames"])
            Wrap(Holder("Object"), name, (_, arguments) => arguments.All(a => a is not JsString { Length: > MaxMembers }));
        LimitPatterns();
    }

    /// <summary>
    /// The functions of texts that make a pattern of whatever they are given. An object is asked once how it searches; what is no pattern is turned into
    /// its text here, whose length is known then.
    /// </summary>
    private void LimitSearch(string name)
    {
        var prototype = Prototype("String");
        var original = prototype.Get(name);
        var symbol = Holder("Symbol").Get(name);
        prototype.Set(name, new ClrFunction(engine, name, (self, arguments) =>
        {
            // matchAll refuses a pattern that finds one match only.
            if (self.IsNull() || self.IsUndefined() || name == "matchAll" && arguments.At(0) is JsRegExp { Flags: var flags } && !flags.Contains('g'))
                return engine.Call(original, self, arguments);
            if (arguments.At(0) is ObjectInstance pattern && pattern.Get(symbol) is var own && !own.IsNull() && !own.IsUndefined())
                return engine.Call(own, pattern, [self]);
            var text = new JsString(TypeConverter.ToString(self));
            JsValue[] sought = arguments.At(0).IsUndefined() ? [] : [new JsString(TypeConverter.ToString(arguments.At(0)))];
            return sought is [JsString { Length: > MaxPattern }] ? throw LongPattern() : engine.Call(original, text, sought);
        }));
    }

    /// <summary>
    /// The engine's own <c>exec</c> replaced, it searches by calling this one for each match: here the clock and the memory are looked at, and what
    /// is caught is counted.
    /// </summary>
    private void LimitPatterns()
    {
        var prototype = Prototype("RegExp");
        var exec = prototype.Get("exec");
        prototype.Set("exec", new ClrFunction(engine, "exec", (self, arguments) =>
        {
            engine.Constraints.Check();
            var text = TypeConverter.ToString(arguments.At(0));
            if (self is JsRegExp { Source: var source })
            {
                if (source.Length > MaxPattern)
                    throw LongPattern();
                if ((double)text.Length * source.Count(c => c == '(') > MaxCaught)
                    throw OutOfMemory();
            }
            var found = engine.Call(exec, self, [new JsString(text)]);
            if (found is JsArray parts)
                for (var i = 0u; i < parts.Length; i++)
                    if (parts.Get(i) is JsString part)
                        _caught += part.Length;
            return _caught <= MaxCaught ? found : throw OutOfMemory();
        }));
        var symbol = Holder("Symbol").Get("replace");
        var replace = prototype.Get(symbol);
        prototype.Set(symbol, new ClrFunction(engine, "[Symbol.replace]", (self, arguments) =>
        {
            var text = TypeConverter.ToString(arguments.At(0));
            JsValue[] own = [new JsString(text), arguments.At(1)];
            return IsShortReplacement(text, own, self) ? engine.Call(replace, self, own) : throw OutOfMemory();
        }));
        prototype.Delete("compile");
        var constructor = new PatternConstructor(engine, (Constructor)Holder("RegExp"), prototype);
        prototype.Set("constructor", constructor);
        engine.Global.Set("RegExp", constructor);
    }

    /// <summary>RegExp, which is told how long a pattern may be: reading one takes a hundred times its length.</summary>
    private sealed class PatternConstructor : Constructor
    {
        private readonly Constructor _original;

        public PatternConstructor(JintEngine engine, Constructor original, ObjectInstance prototype) : base(engine, "RegExp")
        {
            _original = original;
            SetOwnProperty("prototype", new PropertyDescriptor(prototype, false, false, false));
            foreach (var (key, property) in original.GetOwnProperties())
                if (property.Configurable && !HasOwnProperty(key))
                    FastSetProperty(key, key.IsString() && property.Get is Function ? Forward(property) : property);
        }

        /// <summary>What was found last (<c>RegExp.$1</c>) is told to the engine's own constructor only.</summary>
        private GetSetPropertyDescriptor Forward(PropertyDescriptor property) => new(
            new ClrFunction(Engine, "get", (_, _) => Engine.Call(property.Get!, _original, [])),
            property.Set is Function set ? new ClrFunction(Engine, "set", (_, arguments) => Engine.Call(set, _original, arguments)) : null,
            property.Enumerable, property.Configurable);

        public override ObjectInstance Construct(JsValue[] arguments, JsValue newTarget) =>
            _original.Construct(Limited(arguments), newTarget == this ? _original : newTarget);

        protected override JsValue Call(JsValue thisObject, JsValue[] arguments) =>
            arguments.At(0) is JsRegExp same && arguments.At(1).IsUndefined() ? same : Construct(arguments, this);

        private static JsValue[] Limited(JsValue[] arguments)
        {
            if (arguments.At(0) is JsRegExp { Source.Length: <= MaxPattern } || arguments.At(0).IsUndefined())
                return arguments;
            JsValue[] own = [.. arguments];
            return Said(own, 0).Length <= MaxPattern ? own : throw LongPattern();
        }
    }

    private static ActivityFaultException LongPattern() =>
        new("script-limit", $"Skrip dihentikan: sebuah pola teks lebih panjang dari {MaxPattern} huruf.");

    private ObjectInstance Holder(string type) => engine.Global.Get(type).AsObject();
    private ObjectInstance Prototype(string type) => Holder(type).Get("prototype").AsObject();

    private void Wrap(ObjectInstance holder, string name, Func<JsValue, JsValue[], bool> isHarmless)
    {
        var original = holder.Get(name);
        holder.Set(name, new ClrFunction(engine, name, (self, arguments) => isHarmless(self, arguments)
            ? engine.Call(original, self, arguments)
            : throw OutOfMemory()));
    }

    /// <summary>The same of a text. What it and the arguments came to is what is handed on: an object could say something else when it is asked again.</summary>
    private void WrapText(string name, Func<string, JsValue[], bool> isHarmless)
    {
        var prototype = Prototype("String");
        var original = prototype.Get(name);
        prototype.Set(name, new ClrFunction(engine, name, (self, arguments) =>
        {
            var text = self.IsNull() || self.IsUndefined() ? self : new JsString(TypeConverter.ToString(self));
            var own = arguments.ToArray();
            return text is not JsString || isHarmless(text.ToString(), own)
                ? engine.Call(original, text, own)
                : throw OutOfMemory();
        }));
    }

    private static double Number(JsValue[] arguments, int index)
    {
        if (index >= arguments.Length)
            return 0;
        var number = TypeConverter.ToNumber(arguments[index]);
        arguments[index] = JsNumber.Create(number);
        return number;
    }

    private static string Said(JsValue[] arguments, int index)
    {
        var text = TypeConverter.ToString(arguments[index]);
        arguments[index] = new JsString(text);
        return text;
    }

    private static bool IsShortTogether(string text, JsValue[] arguments)
    {
        double letters = text.Length;
        for (var i = 0; i < arguments.Length && letters <= MaxLetters; i++)
            letters += Said(arguments, i).Length;
        return letters <= MaxLetters;
    }

    private static bool IsShortReplacement(string text, JsValue[] arguments, JsValue pattern) =>
        arguments.Length < 2 || arguments[1] is Function or BindFunction
        || (double)text.Length * (Said(arguments, 1).Length + 1) * (Widens(pattern, Said(arguments, 1)) ? text.Length : 1) <= MaxLetters;

    /// <summary>Whether each match may bring in the whole text again: what stands before or after it, or what a look around it has caught.</summary>
    private static bool Widens(JsValue pattern, string replacement) => replacement.Contains('$')
        && (replacement.Contains("$`", StringComparison.Ordinal) || replacement.Contains("$'", StringComparison.Ordinal)
            || LooksAround(pattern));

    /// <summary>A look around a place may catch the whole text at each of them.</summary>
    private static bool LooksAround(JsValue pattern) => pattern is JsRegExp { Source: var source }
        && (source.Contains("(?=", StringComparison.Ordinal) || source.Contains("(?<=", StringComparison.Ordinal));

    private static ActivityFaultException OutOfMemory() => new("script-limit", "Skrip dihentikan: memori habis.");
}
