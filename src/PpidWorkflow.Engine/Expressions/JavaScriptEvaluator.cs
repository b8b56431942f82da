using System.Globalization;
using System.Text.Json.Nodes;
using Acornima;
using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Json;
using Jint.Native.Object;
using Jint.Runtime;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// JavaScript in Jint without access to .NET. A fresh engine serves each evaluation, so nothing leaks from one case into another; the parsed
/// script is kept with the compiled definition. Time, memory, statements, recursion and array sizes are limited: a hostile
/// script is a fault of its activity, never a hung or dead host. Jint looks at these limits between statements, so single native steps that
/// could run away (long texts, deep structures, functions of the engine that call each other) are guarded in <see cref="JavaScriptGuards"/> and
/// <see cref="JavaScriptSteps"/>, and statements of many steps by <see cref="LongStatements"/>.
/// </summary>
internal sealed class JavaScriptEvaluator : IExpressionEvaluator
{
    private const int MaxResultLength = 1_000_000;

    /// <summary>What a list or an object counts beside what is in it, in letters: the same one may stand in many places.</summary>
    private const int PerHolder = 10;
    private const int MaxResultDepth = 32;
    private const int MaxScriptLength = 20_000;

    /// <summary>Letters. Below it even a script of nothing but brackets fits the caller's stack.</summary>
    private const int ShortScript = 1_000;

    private static readonly ScriptPreparationOptions Preparation = new()
    {
        ParsingOptions = new ScriptParsingOptions { AllowReturnOutsideFunction = true, RegexTimeout = TimeSpan.FromMilliseconds(200) }
    };

    public string Type => "JavaScript";

    public object? Compile(JsonNode? value) => Prepare(value);

    /// <summary>Parses a script; the result is for <see cref="Run(object, ActivityExecutionContext, List{string}?)"/>.</summary>
    /// <exception cref="ExpressionSyntaxException">The script cannot be parsed, or is too long.</exception>
    internal static object Prepare(JsonNode? value)
    {
        var code = ValueConverter.ToText(value) ?? "";
        if (code.Length > MaxScriptLength)
            throw new ExpressionSyntaxException($"Skrip terlalu panjang (paling banyak {MaxScriptLength} huruf).");
        return code.Length > ShortScript ? DeepStack.Run(() => Prepare(code))! : Prepare(code);
    }

    private static Script Prepare(string code)
    {
        try
        {
            var prepared = JintEngine.PrepareScript(code, "expression", false, Preparation);
            var program = prepared.Program!;
            if (program.DescendantNodesAndSelf().Any(n => n is BigIntLiteral))
                throw new ExpressionSyntaxException("Bilangan BigInt tidak didukung.");
            var shape = Shape(code, program);
            return LongStatements.Weave(code, program, out var look) is { } woven
                ? new Script(code, JintEngine.PrepareScript(woven, "expression", false, Preparation), shape, look)
                : new Script(code, prepared, shape, null);
        }
        catch (InsufficientExecutionStackException)
        {
            throw TooDeep();
        }
        catch (ParseErrorException e)
        {
            throw new ExpressionSyntaxException($"Skrip tidak dapat dibaca: {e.Description} (baris {e.LineNumber}).");
        }
        catch (ScriptPreparationException e)
        {
            throw e.InnerException switch
            {
                ParseErrorException parse => new ExpressionSyntaxException($"Skrip tidak dapat dibaca: {parse.Description} (baris {parse.LineNumber})."),
                // Jint's 256 levels (its HoistingScope), which are none of its settings; Elsa's scripts meet them, too.
                ScriptPreparationException or InsufficientExecutionStackException => TooDeep(),
                _ => new ExpressionSyntaxException("Skrip tidak dapat dibaca.")
            };
        }
    }

    /// <summary>Authors nest without knowing it: each further part of a sum, and each further <c>else if</c>, lies one level deeper.</summary>
    private static ExpressionSyntaxException TooDeep() => new(
        "Skrip bersarang terlalu dalam: satu pernyataan paling banyak memuat sekitar 250 bagian berturut-turut dengan +, ||, ? : atau else if, dan sekitar 110 "
        + "panggilan berantai. Pecah menjadi beberapa pernyataan, atau gabungkan sebuah daftar dengan join.");

    private static ScriptShape Shape(string code, Node program) =>
        code.Length <= ShortScript && PlainScript.Is(program) ? ScriptShape.Plain
        : CallingScript.Is(program) ? ScriptShape.Calling
        : ScriptShape.Any;

    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context) => Run(compiled!, context, null);

    /// <summary>The value of a prepared script.</summary>
    /// <param name="prepared">What <see cref="Prepare(JsonNode?)"/> gave.</param>
    /// <param name="context">The activity that runs it.</param>
    /// <param name="outcomes">Takes what the script chooses with <c>setOutcome</c>; null: a script that has no such choice.</param>
    /// <exception cref="ActivityFaultException">Codes <c>script-error</c> and <c>script-limit</c>.</exception>
    internal static object? Run(object prepared, ActivityExecutionContext context, List<string>? outcomes)
    {
        var script = (Script)prepared;
        if (string.IsNullOrWhiteSpace(script.Code))
            return null;
        return script.Shape == ScriptShape.Plain ? Run(script, context, outcomes) : DeepStack.Run(() => Run(script, context, outcomes));
    }

    private static object? Run(Script script, ActivityExecutionContext context, List<string>? outcomes)
    {
        try
        {
            using var engine = CreateEngine(context);
            var globals = new JavaScriptGlobals(engine, context, script.Code, script.Shape, outcomes);
            globals.Install();
            if (script.Look is not null)
                JavaScriptSteps.InstallLook(engine, script.Look);
            var result = ToPlain(Settled(engine.Evaluate(script.Prepared)));
            globals.WriteBackVariables();
            return result;
        }
        catch (JavaScriptException e)
        {
            throw new ActivityFaultException("script-error", JavaScriptErrors.Describe(e, script.Code));
        }
        catch (PromiseRejectedException e)
        {
            throw new ActivityFaultException("script-error", JavaScriptErrors.Describe(e.RejectedValue, script.Code, "dalam Promise"));
        }
        catch (Exception e) when (JavaScriptErrors.Limit(e) is { } limit)
        {
            throw new ActivityFaultException("script-limit", $"Skrip dihentikan: {limit}.");
        }
    }

    /// <summary>What a promise came to, as in Elsa. Whatever could settle it has run: nothing here happens later.</summary>
    private static JsValue Settled(JsValue value) => value.UnwrapIfPromise(TimeSpan.FromMilliseconds(1));

    /// <summary>The value as plain data: the script's objects never leave its engine.</summary>
    internal static object? ToPlain(JsValue value)
    {
        var budget = MaxResultLength;
        return ToPlain(value, 0, ref budget);
    }

    /// <summary>
    /// Written here and not left to Jint's serialiser, whose recursion follows the script's objects as deep as they go: a list of ten
    /// thousand links would end the process. Cycles meet the same limit.
    /// </summary>
    private static object? ToPlain(JsValue value, int depth, ref int budget)
    {
        if (--budget < 0)
            throw TooLarge();
        if (depth > MaxResultDepth)
            throw new ActivityFaultException("script-limit", "Skrip dihentikan: hasilnya bersarang terlalu dalam atau melingkar.");
        switch (value)
        {
            case JsBoolean:
                return value.AsBoolean();
            case JsNumber:
                var number = value.AsNumber();
                if (!double.IsFinite(number))
                    throw new ActivityFaultException("script-error", "Hasil skrip bukan bilangan yang terhingga.");
                if (number == Math.Floor(number) && Math.Abs(number) < 1L << 53)
                    return (long)number;
                return number;
            case JsString:
                var text = value.AsString();
                budget -= text.Length;
                return budget >= 0 ? text : throw TooLarge();
            case JsDate date:
                return date.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            case JsArray items:
                budget -= PerHolder;
                var array = new JsonArray();
                for (var i = 0u; i < items.Length; i++)
                    array.Add(ValueConverter.ToJson(ToPlain(items.Get(i), depth + 1, ref budget)));
                return array;
            case Function:
                return null;
            case ObjectInstance instance:
                budget -= PerHolder;
                var members = new JsonObject();
                foreach (var (key, property) in instance.GetOwnProperties())
                    if (key.IsString() && property.Enumerable && instance.Get(key) is var member && !member.IsUndefined()
                        && member is not Function)
                        members[key.AsString()] = ValueConverter.ToJson(ToPlain(member, depth + 1, ref budget));
                return members;
            default:
                return null;
        }
    }

    private static ActivityFaultException TooLarge() => new("script-limit", "Skrip dihentikan: hasilnya terlalu besar.");

    /// <summary>Plain data as a value of the script.</summary>
    /// <param name="engine">The script's engine.</param>
    /// <param name="value">Plain data.</param>
    /// <param name="letters">How many letters it came to.</param>
    internal static JsValue FromPlain(JintEngine engine, object? value, out int letters)
    {
        letters = 0;
        switch (ValueConverter.Plain(value))
        {
            case null:
                return JsValue.Null;
            case string text:
                letters = text.Length;
                return new JsString(text);
            case bool flag:
                return flag ? JsBoolean.True : JsBoolean.False;
            case long number:
                return JsNumber.Create(number);
            case double number:
                return JsNumber.Create(number);
            case var other:
                var json = ValueConverter.ToJson(other)!.ToJsonString(ValueConverter.Json);
                letters = json.Length;
                return new JsonParser(engine).Parse(json);
        }
    }

    private static JintEngine CreateEngine(ActivityExecutionContext context) => new(options =>
    {
        options.TimeoutInterval(TimeSpan.FromSeconds(1)).LimitMemory(16 * 1024 * 1024).LimitRecursion(64).MaxStatements(500_000)
            .CancellationToken(context.CancellationToken).DisableStringCompilation().Constraint(new StackLimit());
        options.Constraints.MaxArraySize = 100_000;
        options.Constraints.RegexTimeout = TimeSpan.FromMilliseconds(200);
        options.TimeSystem = new BurstTime(context.Now);
    });

    /// <param name="Code">As it was written.</param>
    /// <param name="Prepared">As it is run: <see cref="LongStatements"/> may have put something in.</param>
    /// <param name="Shape">Which guards it needs.</param>
    /// <param name="Look">Name of the function that was put in; null: none was.</param>
    private sealed record Script(string Code, Prepared<Acornima.Ast.Script> Prepared, ScriptShape Shape, string? Look);
}
