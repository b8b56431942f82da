using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// The functions that Elsa gives to JavaScript. Only those whose name occurs in the script are installed: most expressions use one or none.
/// What is not the same on every run in Elsa is made so here: the clock stands at the burst's instant, and identifiers and
/// random numbers are drawn from the instance's own counter.
/// </summary>
internal sealed class JavaScriptGlobals(JintEngine engine, ActivityExecutionContext context, string code, ScriptShape shape, List<string>? outcomes)
{
    private const int MaxBytes = 100_000;
    private const int MaxOutcomes = 100;

    /// <summary>Letters that a plain script may be given: nothing looks at its memory while it puts them together.</summary>
    private const int MaxGiven = 4_000_000;

    private static readonly JsonSerializerOptions Indented = new(ValueConverter.Json) { WriteIndented = true };

    private Dictionary<string, JsonNode?>? _variablesBefore;
    private JsObject? _variables;
    private JavaScriptGuards? _guards;
    private long _given;

    public void Install()
    {
        JavaScriptSteps.RemoveDangerousGlobals(engine);
        if (shape != ScriptShape.Plain)
        {
            _guards = new JavaScriptGuards(engine);
            new JavaScriptSteps(engine).Install();
            engine.Global.Get("JSON").AsObject().Set("stringify", new ClrFunction(engine, "stringify", (_, arguments) => _guards.Within(() => Stringify(arguments))));
            if (shape == ScriptShape.Calling)
                _guards.InstallUnasked();
            else
                _guards.InstallAll();
        }

        Function("getVariable", a => ToJs(context.GetVariable(Text(a, 0))));
        Function("setVariable", a => SetVariable(Text(a, 0), a.At(1)));
        Function("getInput", a => ToJs(context.GetWorkflowInput(Text(a, 0))));
        Function("getOutputFrom", a => ToJs(context.GetOutputFrom(Text(a, 0), a.At(1).IsString() ? a.At(1).AsString() : "Result")));
        Function("getLastResult", _ => ToJs(context.GetLastResult()));
        Function("getWorkflowInstanceId", _ => ToJs(context.WorkflowInstanceId));
        Function("getWorkflowDefinitionId", _ => ToJs(context.Definition.DefinitionId));
        Function("getWorkflowDefinitionVersionId", _ => ToJs(context.Definition.Id));
        Function("getWorkflowDefinitionVersion", _ => ToJs((long)context.Definition.Version));
        Function("getCorrelationId", _ => ToJs(context.CorrelationId));
        Function("setCorrelationId", a => Do(() => context.CorrelationId = a.At(0).IsNull() ? null : Text(a, 0)));
        Function("getWorkflowInstanceName", _ => ToJs(context.WorkflowInstanceName));
        Function("setWorkflowInstanceName", a => Do(() => context.WorkflowInstanceName = a.At(0).IsNull() ? null : Text(a, 0)));
        Function("isNullOrWhiteSpace", a => a.At(0).IsNull() || a.At(0).IsUndefined() || string.IsNullOrWhiteSpace(Text(a, 0)));
        Function("isNullOrEmpty", a => a.At(0).IsNull() || a.At(0).IsUndefined() || Text(a, 0).Length == 0);
        Function("toJson", a => ToJs(Json(a.At(0), false)));
        foreach (var name in (ReadOnlySpan<string>)["newGuid", "newGuidString", "getGuidString"])
            Function(name, _ => ToJs(new Guid(NextRandom().AsSpan(0, 16)).ToString()));
        foreach (var name in (ReadOnlySpan<string>)["newShortGuid", "getShortGuid"])
            Function(name, _ => ToJs(Convert.ToHexStringLower(NextRandom(), 0, 11)));
        InstallEncodings();
        if (outcomes is not null)
        {
            Function("setOutcome", a => Do(() => Choose([Text(a, 0)])));
            Function("setOutcomes", a => Do(() => Choose(ValueConverter.To<string[]>(JavaScriptEvaluator.ToPlain(a.At(0))) ?? [])));
        }

        if (Mentions("random"))
            engine.Global.Get("Math").AsObject().Set("random", new ClrFunction(engine, "random",
                (_, _) => (BitConverter.ToUInt64(NextRandom()) >> 11) * (1.0 / (1UL << 53))));
        InstallNamedAccessors();
    }

    /// <summary>What the script changed in <c>variables</c> becomes the value of the variables, as in Elsa.</summary>
    public void WriteBackVariables()
    {
        if (_variables is null)
            return;
        foreach (var (name, before) in _variablesBefore!)
        {
            var after = ValueConverter.ToJson(JavaScriptEvaluator.ToPlain(_variables.Get(name)));
            if (!JsonNode.DeepEquals(before, after))
                context.SetVariable(name, after);
        }
    }

    private void Choose(string[] names)
    {
        if (names.Length > MaxOutcomes || names.Any(name => name.Length > MaxOutcomes))
            throw new ActivityFaultException("script-limit", "Skrip dihentikan: terlalu banyak hasil, atau namanya terlalu panjang.");
        outcomes!.Clear();
        outcomes.AddRange(names);
    }

    /// <summary>Bytes are lists of numbers here: buffers would lie outside the memory limit.</summary>
    private void InstallEncodings()
    {
        Function("parseGuid", a => ToJs((Guid.TryParse(Text(a, 0), out var guid) ? guid : throw Unreadable("Guid")).ToString()));
        Function("bytesToString", a => ToJs(Encoding.UTF8.GetString(Bytes(a))));
        Function("bytesFromString", a => ToJs(FromBytes(Encoding.UTF8.GetBytes(Text(a, 0)))));
        Function("bytesToBase64", a => ToJs(Convert.ToBase64String(Bytes(a))));
        Function("bytesFromBase64", a => ToJs(FromBytes(FromBase64(a))));
        Function("stringToBase64", a => ToJs(Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(a, 0)))));
        Function("stringFromBase64", a => ToJs(Encoding.UTF8.GetString(FromBase64(a))));
    }

    private static byte[] Bytes(JsValue[] arguments)
    {
        var numbers = ValueConverter.To<int[]>(JavaScriptEvaluator.ToPlain(arguments.At(0))) ?? [];
        return numbers.All(n => n is >= 0 and <= byte.MaxValue) ? [.. numbers.Select(n => (byte)n)] : throw Unreadable("byte[]");
    }

    private static byte[] FromBase64(JsValue[] arguments)
    {
        try
        {
            return Convert.FromBase64String(Text(arguments, 0));
        }
        catch (FormatException)
        {
            throw Unreadable("Base64");
        }
    }

    private static JsonArray FromBytes(byte[] bytes) => bytes.Length <= MaxBytes
        ? [.. bytes.Select(b => (JsonNode)b)]
        : throw new ActivityFaultException("script-limit", "Skrip dihentikan: memori habis.");

    private static ActivityFaultException Unreadable(string what) => new("script-error", $"Skrip gagal: sebuah teks bukan {what}.");

    private void InstallNamedAccessors()
    {
        // As Elsa gives them, and by their bare names; variables of the same name come after, as there.
        var arguments = context.Arguments ?? new Dictionary<string, JsonNode?>();
        foreach (var (name, value) in arguments)
        {
            if (Mentions(name))
                engine.SetValue(name, ToJs(value));
            Function($"get{name}", _ => ToJs(value));
        }
        if (Mentions("args"))
            engine.SetValue("args", ToJs(new JsonObject(arguments.Select(a => KeyValuePair.Create(Camel(a.Key), a.Value?.DeepClone())))));
        foreach (var name in context.VariableNames)
        {
            var pascal = Pascal(name);
            Function($"get{pascal}", _ => ToJs(context.GetVariable(name)));
            Function($"set{pascal}", a => SetVariable(name, a.At(0)));
        }

        foreach (var input in context.InputNames)
            Function($"get{input}", _ => ToJs(context.GetWorkflowInput(input)));
        if (code.Contains("From", StringComparison.Ordinal))
            foreach (var (activity, output) in context.KnownOutputs)
                Function($"get{output}From{Pascal(activity)}", _ => ToJs(context.GetOutputFrom(activity, output)));
        if (!Mentions("variables"))
            return;
        _variables = new JsObject(engine);
        _variablesBefore = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var name in context.VariableNames)
        {
            var value = ValueConverter.ToJson(context.GetVariable(name));
            _variablesBefore[name] = value;
            _variables.Set(name, ToJs(value));
        }

        engine.SetValue("variables", _variables);
    }

    private JsValue Stringify(JsValue[] arguments) => arguments.At(1).IsObject()
        ? throw new ActivityFaultException("script-error", "JSON.stringify dengan penyaring tidak didukung.")
        : arguments.At(0).IsUndefined() ? JsValue.Undefined : ToJs(Json(arguments.At(0), !arguments.At(2).IsUndefined()));

    private static string Json(JsValue value, bool indented) =>
        ValueConverter.ToJson(JavaScriptEvaluator.ToPlain(value))?.ToJsonString(indented ? Indented : ValueConverter.Json) ?? "null";

    private JsBoolean SetVariable(string name, JsValue value)
    {
        var plain = JavaScriptEvaluator.ToPlain(value);
        context.SetVariable(name, plain);
        if (_variables is not null)
        {
            _variables.Set(name, ToJs(plain));
            _variablesBefore![name] = ValueConverter.ToJson(plain);
        }

        return JsBoolean.True;
    }

    private void Function(string name, Func<JsValue[], JsValue> body)
    {
        if (Mentions(name))
            engine.SetValue(name, new ClrFunction(engine, name, (_, arguments) => _guards is null ? body(arguments) : _guards.Within(() => body(arguments))));
    }

    private bool Mentions(string name) => code.Contains(name, StringComparison.Ordinal);

    private JsValue ToJs(object? value)
    {
        var given = JavaScriptEvaluator.FromPlain(engine, value, out var letters);
        return shape != ScriptShape.Plain || (_given += letters) <= MaxGiven
            ? given
            : throw new ActivityFaultException("script-limit", "Skrip dihentikan: memori habis.");
    }

    private static string Text(JsValue[] arguments, int index) => TypeConverter.ToString(arguments.At(index));
    private static string Pascal(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];
    private static string Camel(string name) => name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];
    private byte[] NextRandom() => SHA256.HashData(Encoding.UTF8.GetBytes($"{context.WorkflowInstanceId}/{context.NextNumber()}"));

    private static JsValue Do(Action action)
    {
        action();
        return JsValue.Undefined;
    }
}
