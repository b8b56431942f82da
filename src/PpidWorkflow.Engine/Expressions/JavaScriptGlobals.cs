using System.Security.Cryptography;
using System.Text;
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
internal sealed class JavaScriptGlobals(JintEngine engine, ActivityExecutionContext context, string code)
{
    private Dictionary<string, JsonNode?>? _variablesBefore;
    private JsObject? _variables;

    public void Install()
    {
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
        Function("toJson", a => ToJs((ValueConverter.ToJson(JavaScriptEvaluator.ToPlain(engine, a.At(0))) ?? "null").ToJsonString(ValueConverter.Json)));
        foreach (var name in (ReadOnlySpan<string>)["newGuid", "newGuidString", "getGuidString"])
            Function(name, _ => ToJs(new Guid(NextRandom().AsSpan(0, 16)).ToString()));
        foreach (var name in (ReadOnlySpan<string>)["newShortGuid", "getShortGuid"])
            Function(name, _ => ToJs(Convert.ToHexStringLower(NextRandom(), 0, 11)));
        if (Mentions("random"))
            engine.Global.Get("Math").AsObject().Set("random", new ClrFunction(engine, "random",
                (_, _) => (BitConverter.ToUInt64(NextRandom()) >> 11) * (1.0 / (1UL << 53))));
        LimitTextGrowth();
        InstallNamedAccessors();
    }

    /// <summary>What the script changed in <c>variables</c> becomes the value of the variables, as in Elsa.</summary>
    public void WriteBackVariables()
    {
        if (_variables is null)
            return;
        foreach (var (name, before) in _variablesBefore!)
        {
            var after = ValueConverter.ToJson(JavaScriptEvaluator.ToPlain(engine, _variables.Get(name)));
            if (!JsonNode.DeepEquals(before, after))
                context.SetVariable(name, after);
        }
    }

    private void InstallNamedAccessors()
    {
        foreach (var name in context.VariableNames)
        {
            var pascal = Pascal(name);
            Function($"get{pascal}", _ => ToJs(context.GetVariable(name)));
            Function($"set{pascal}", a => SetVariable(name, a.At(0)));
        }

        foreach (var input in context.Definition.Inputs)
            Function($"get{input.Name}", _ => ToJs(context.GetWorkflowInput(input.Name)));
        if (code.Contains("From", StringComparison.Ordinal))
            foreach (var (activity, output) in context.KnownOutputs)
                Function($"get{output}From{activity}", _ => ToJs(context.GetOutputFrom(activity, output)));
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

    /// <summary>
    /// These make a long text in one native step, where neither the clock nor the memory limit can break in: a billion letters would be there
    /// before the next check.
    /// </summary>
    private void LimitTextGrowth()
    {
        const double max = 1_000_000;
        var prototype = engine.Global.Get("String").AsObject().Get("prototype").AsObject();
        foreach (var name in (ReadOnlySpan<string>)["repeat", "padStart", "padEnd"])
        {
            if (!Mentions(name) && !code.Contains('['))
                continue;
            var original = prototype.Get(name);
            var factor = name == "repeat";
            prototype.Set(name, new ClrFunction(engine, name, (self, arguments) =>
            {
                var length = TypeConverter.ToNumber(arguments.At(0)) * (factor ? Math.Max(1, TypeConverter.ToString(self).Length) : 1);
                return length > max
                    ? throw new ActivityFaultException("script-limit", "Skrip dihentikan: memori habis.")
                    : engine.Call(original, self, arguments);
            }));
        }
    }

    private JsBoolean SetVariable(string name, JsValue value)
    {
        var plain = JavaScriptEvaluator.ToPlain(engine, value);
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
            engine.SetValue(name, new ClrFunction(engine, name, (_, arguments) => body(arguments)));
    }

    private bool Mentions(string name) => code.Contains(name, StringComparison.Ordinal);
    private JsValue ToJs(object? value) => JavaScriptEvaluator.FromPlain(engine, value);
    private static string Text(JsValue[] arguments, int index) => TypeConverter.ToString(arguments.At(index));
    private static string Pascal(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];
    private byte[] NextRandom() => SHA256.HashData(Encoding.UTF8.GetBytes($"{context.WorkflowInstanceId}/{context.NextNumber()}"));

    private static JsValue Do(Action action)
    {
        action();
        return JsValue.Undefined;
    }
}
