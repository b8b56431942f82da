using System.Runtime.CompilerServices;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// A guard before each of the engine's built-in functions. Jint looks at its limits between statements and where a function of the script
/// begins; built-in functions that call each other (an object whose <c>toString</c> is <c>''.trim</c>) meet neither, and a stack overflow ends
/// the process. Whatever the engine calls for a script and a script can store somewhere goes through here, and meets the limits each time.
/// </summary>
/// <remarks>
/// Constructors stay as they are: the engine itself never calls one with something of the script's, and what a script binds to one is
/// guarded by <c>bind</c>.
/// </remarks>
internal sealed class JavaScriptGuards(JintEngine engine)
{
    /// <summary>Built-in functions within each other.</summary>
    private const int MaxDepth = 100;

    /// <summary>What no global name leads to.</summary>
    private static readonly Prepared<Acornima.Ast.Script> Hidden = JintEngine.PrepareScript(
        """
        [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), ''.matchAll(/x/g), [].values().map(x => x), Iterator.from({ next() {} }),
         function*() {}, async function() {}, async function*() {}, (function*() {})(), (async function*() {})()]
        """);

    private int _depth;

    /// <summary>Guards only those that the engine calls unasked and that ask something of the script's objects again.</summary>
    public void InstallUnasked()
    {
        foreach (var type in (ReadOnlySpan<string>)["Error", "RegExp"])
            Guard(engine.Global.Get(type).AsObject().Get("prototype").AsObject(), "toString");
        foreach (var name in (ReadOnlySpan<string>)["join", "toLocaleString"])
            Guard(engine.Intrinsics.Array.Get("prototype").AsObject(), name);

        void Guard(ObjectInstance holder, string name) => holder.Set(name, Guarded(name, holder.Get(name)));
    }

    /// <summary>Puts the guards before all there is at this time: to be called before data of a case comes in.</summary>
    /// <returns>The names of all that was found.</returns>
    public HashSet<string> InstallAll()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<ObjectInstance>(ReferenceEqualityComparer.Instance);
        var open = new Stack<ObjectInstance>();
        Open(engine.Global);
        foreach (var hidden in engine.Evaluate(Hidden).AsArray())
            Open(((ObjectInstance)hidden).Prototype);
        while (open.TryPop(out var holder))
        {
            Open(holder.Prototype);
            foreach (var (key, property) in holder.GetOwnProperties().ToArray())
            {
                if (property.IsAccessorDescriptor() || property.Value is ObjectInstance)
                    names.Add(Name(key));
                if (property.IsAccessorDescriptor())
                    Replace(holder, key, new GetSetPropertyDescriptor(Guarded(key, property.Get), Guarded(key, property.Set), property.Enumerable, property.Configurable));
                else if (property.Value is not ObjectInstance value)
                    continue;
                else if (value is Function function && !LeadsOn(key, function))
                    Replace(holder, key, new PropertyDescriptor(Guarded(Name(key), function), property.Writable, property.Enumerable, property.Configurable));
                else
                    Open(value);
            }
        }

        var prototype = engine.Intrinsics.Function.Get("prototype").AsObject();
        var bind = prototype.Get("bind");
        prototype.Set("bind", new ClrFunction(engine, "bind", (self, arguments) => engine.Call(bind, self, arguments) is var bound && self is ScriptFunction
            ? bound
            : new ClrFunction(engine, "bound", (_, own) => Call(bound, JsValue.Undefined, own))));
        return names;

        void Open(ObjectInstance? holder)
        {
            if (holder is not null && seen.Add(holder))
                open.Push(holder);
        }
    }

    /// <summary>The same function, with the guard before it.</summary>
    public ClrFunction Guarded(string name, JsValue function) => new(engine, name, (self, arguments) => Call(function, self, arguments));

    /// <summary>What <paramref name="body"/> gives, unless it is called too deeply.</summary>
    /// <exception cref="ActivityFaultException">Too deep.</exception>
    public T Within<T>(Func<T> body)
    {
        Enter();
        try
        {
            return body();
        }
        finally
        {
            _depth--;
        }
    }

    private JsValue Call(JsValue function, JsValue self, JsValue[] arguments)
    {
        Enter();
        try
        {
            return engine.Call(function, self, arguments);
        }
        finally
        {
            _depth--;
        }
    }

    private void Enter()
    {
        engine.Constraints.Check();
        if (_depth >= MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ActivityFaultException("script-limit", "Skrip dihentikan: rekursi terlalu dalam.");
        _depth++;
    }

    private JsValue? Guarded(JsValue key, JsValue? function) => function is Function ? Guarded(Name(key), function) : function;

    /// <summary>To other built-ins, and is no function that a script would store.</summary>
    private static bool LeadsOn(JsValue key, Function function) =>
        Name(key) is "prototype" or "constructor" || function.HasOwnProperty("prototype");

    private static string Name(JsValue key) => key.ToString();

    private static void Replace(ObjectInstance holder, JsValue key, PropertyDescriptor property)
    {
        if (property.Configurable)
            holder.DefineOwnProperty(key, property);
    }
}
