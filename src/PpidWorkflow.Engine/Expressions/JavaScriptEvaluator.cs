using System.Text.Json.Nodes;
using Acornima;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Runtime;
using PpidWorkflow.Engine.Execution;
using JintEngine = Jint.Engine;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// JavaScript in Jint without access to .NET. A fresh engine serves each evaluation, so nothing leaks from one case into another; the parsed
/// script is kept with the compiled definition. Time, memory, statements, recursion and array sizes are limited: a hostile
/// script is a fault of its activity, never a hung or dead host.
/// </summary>
internal sealed class JavaScriptEvaluator : IExpressionEvaluator
{
    private const int MaxResultLength = 1_000_000;
    private const int MaxScriptLength = 100_000;

    private static readonly ScriptPreparationOptions Preparation = new()
    {
        ParsingOptions = new ScriptParsingOptions { AllowReturnOutsideFunction = true, RegexTimeout = TimeSpan.FromMilliseconds(200) }
    };

    public string Type => "JavaScript";

    public object? Compile(JsonNode? value)
    {
        var code = ValueConverter.ToText(value) ?? "";
        if (code.Length > MaxScriptLength)
            throw new ExpressionSyntaxException($"Skrip terlalu panjang (paling banyak {MaxScriptLength} huruf).");
        try
        {
            return new Script(code, JintEngine.PrepareScript(code, "expression", false, Preparation));
        }
        catch (ParseErrorException e)
        {
            throw new ExpressionSyntaxException($"Skrip tidak dapat dibaca: {e.Description} (baris {e.LineNumber}).");
        }
        catch (ScriptPreparationException e)
        {
            throw new ExpressionSyntaxException(
                e.InnerException is ParseErrorException parse
                    ? $"Skrip tidak dapat dibaca: {parse.Description} (baris {parse.LineNumber})."
                    : "Skrip tidak dapat dibaca.");
        }
    }

    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context)
    {
        var script = (Script)compiled!;
        if (string.IsNullOrWhiteSpace(script.Code))
            return null;
        try
        {
            using var engine = CreateEngine(context);
            var globals = new JavaScriptGlobals(engine, context, script.Code);
            globals.Install();
            var result = ToPlain(engine, engine.Evaluate(script.Prepared));
            globals.WriteBackVariables();
            return result;
        }
        catch (JavaScriptException e)
        {
            throw new ActivityFaultException("script-error", Describe(e));
        }
        catch (Exception e) when (Limit(e) is { } limit)
        {
            throw new ActivityFaultException("script-limit", $"Skrip dihentikan: {limit}.");
        }
    }

    /// <summary>JSON scalars directly, everything else through JSON text: the script's objects never leave its engine.</summary>
    internal static object? ToPlain(JintEngine engine, JsValue value)
    {
        if (value.IsNull() || value.IsUndefined())
            return null;
        if (value.IsBoolean())
            return value.AsBoolean();
        if (value.IsNumber())
        {
            var number = value.AsNumber();
            return double.IsFinite(number)
                ? number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number : number
                : throw new ActivityFaultException("script-error", "Hasil skrip bukan bilangan yang terhingga.");
        }

        var text = value.IsString() ? value.AsString() : new JsonSerializer(engine).Serialize(value) is { } json && json.IsString() ? json.AsString() : null;
        if (text?.Length > MaxResultLength)
            throw new ActivityFaultException("script-limit", "Skrip dihentikan: hasilnya terlalu besar.");
        return value.IsString() || text is null ? text : JsonNode.Parse(text);
    }

    internal static JsValue FromPlain(JintEngine engine, object? value) => ValueConverter.Plain(value) switch
    {
        null => JsValue.Null,
        string text => new JsString(text),
        bool flag => flag ? JsBoolean.True : JsBoolean.False,
        long number => JsNumber.Create(number),
        double number => JsNumber.Create(number),
        var other => new JsonParser(engine).Parse(ValueConverter.ToJson(other)!.ToJsonString(ValueConverter.Json))
    };

    private static JintEngine CreateEngine(ActivityExecutionContext context) => new(options =>
    {
        options.TimeoutInterval(TimeSpan.FromSeconds(1)).LimitMemory(16 * 1024 * 1024).LimitRecursion(64).MaxStatements(500_000)
            .CancellationToken(context.CancellationToken).DisableStringCompilation();
        options.Constraints.MaxArraySize = 100_000;
        options.Constraints.RegexTimeout = TimeSpan.FromMilliseconds(200);
        options.TimeSystem = new BurstTime(context.Now);
    });

    /// <summary>The kind of error and its line. Messages of thrown errors may repeat data of the case and are left out.</summary>
    private static string Describe(JavaScriptException exception)
    {
        var name = exception.Error.IsObject() ? exception.Error.Get("name").ToString() : "Error";
        var detail = name is "ReferenceError" or "SyntaxError" ? $": {exception.Message}" : "";
        return $"Skrip gagal ({name}{detail}, baris {exception.Location.Start.Line}).";
    }

    private static string? Limit(Exception exception) => exception switch
    {
        System.Text.RegularExpressions.RegexMatchTimeoutException => "pola teks terlalu rumit",
        TimeoutException or ExecutionCanceledException => "waktu habis",
        MemoryLimitExceededException or OutOfMemoryException => "memori habis",
        StatementsCountOverflowException => "terlalu banyak pernyataan",
        RecursionDepthOverflowException or InsufficientExecutionStackException => "rekursi terlalu dalam",
        JintException or ArgumentException or ArithmeticException or InvalidOperationException => "batas mesin skrip tercapai",
        _ => null
    };

    private sealed record Script(string Code, Prepared<Acornima.Ast.Script> Prepared);
}
