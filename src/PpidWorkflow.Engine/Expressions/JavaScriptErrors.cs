using System.Collections.Frozen;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// What went wrong in a script, in words that repeat nothing of the case: what a script throws is its own, and so are the members of it. Its
/// members are looked at and never asked, because to ask one may run the script again.
/// </summary>
internal static class JavaScriptErrors
{
    private const string NotDefined = " is not defined";
    private const int MaxPrototypes = 10;

    private static readonly FrozenSet<string> Kinds = FrozenSet.Create(
        "Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "AggregateError");

    /// <summary>The kind of error and its line, and of an unknown name that name, if the script's own text has it.</summary>
    public static string Describe(JavaScriptException exception, string code) =>
        Describe(exception.Error, code, $"baris {exception.Location.Start.Line}");

    /// <param name="error">What was thrown.</param>
    /// <param name="code">The script.</param>
    /// <param name="place">Where.</param>
    public static string Describe(JsValue error, string code, string place)
    {
        var kind = Text(error, "name") is { } name && Kinds.Contains(name) ? name : "Error";
        var detail = kind == "ReferenceError" && Text(error, "message") is { } message
            && message.EndsWith(NotDefined, StringComparison.Ordinal)
            && message[..^NotDefined.Length] is { Length: > 0 } unknown && IsNamed(code, unknown)
                ? $": {message}"
                : "";
        return $"Skrip gagal ({kind}{detail}, {place}).";
    }

    /// <summary>Which limit an exception of the engine stands for; null: none.</summary>
    public static string? Limit(Exception exception) => exception switch
    {
        System.Text.RegularExpressions.RegexMatchTimeoutException => "pola teks terlalu rumit",
        TimeoutException or ExecutionCanceledException => "waktu habis",
        MemoryLimitExceededException or OutOfMemoryException => "memori habis",
        StatementsCountOverflowException => "terlalu banyak pernyataan",
        RecursionDepthOverflowException or InsufficientExecutionStackException => "rekursi terlalu dalam",
        JintException or ArgumentException or ArithmeticException or InvalidOperationException => "batas mesin skrip tercapai",
        _ => null
    };

    private static bool IsNamed(string code, string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$') && code.Contains(name, StringComparison.Ordinal);

    private static string? Text(JsValue error, string member)
    {
        var holder = error as ObjectInstance;
        for (var i = 0; holder is not null && i < MaxPrototypes; i++, holder = holder.Prototype)
            if (holder.GetOwnProperty(member) is { } property && property != Jint.Runtime.Descriptors.PropertyDescriptor.Undefined)
                return property.IsDataDescriptor() && property.Value is JsString text ? text.ToString() : null;
        return null;
    }
}
