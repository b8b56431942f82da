using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using PpidWorkflow.Web.Tests;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Xunit.v3;

[assembly: LogOfFailedTests]

namespace PpidWorkflow.Web.Tests;

/// <summary>
/// What the services of the tests log: kept by the class (or collection) whose fixture started them, and printed with a test that fails instead
/// of between all that pass.
/// </summary>
internal sealed class ServiceLog : ILogEventSink
{
    private const int Kept = 300;
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<(DateTimeOffset At, string Line)>> Logs = new();
    private static readonly MessageTemplateTextFormatter Format = new(
        "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture);

    private readonly ConcurrentQueue<(DateTimeOffset At, string Line)> _lines =
        Logs.GetOrAdd(Owner ?? "", _ => new ConcurrentQueue<(DateTimeOffset At, string Line)>());

    private static string? Owner =>
        TestContext.Current.TestClass?.TestClassName ?? TestContext.Current.TestCollection?.TestCollectionDisplayName;

    public void Emit(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Format.Format(logEvent, text);
        Add(text.ToString().TrimEnd());
    }

    public void Add(string line)
    {
        _lines.Enqueue((DateTimeOffset.UtcNow, line));
        while (_lines.Count > Kept)
            _lines.TryDequeue(out _);
    }

    /// <summary>What the present test's services have logged since then, at most the last <see cref="Kept"/> lines each.</summary>
    public static IReadOnlyList<string> Since(DateTimeOffset begin)
    {
        string?[] owners = [TestContext.Current.TestCollection?.TestCollectionDisplayName, TestContext.Current.TestClass?.TestClassName];
        return [.. owners.Distinct().Where(o => o is not null && Logs.ContainsKey(o))
            .SelectMany(o => Logs[o!]).Where(l => l.At >= begin).OrderBy(l => l.At).Select(l => l.Line)];
    }
}

/// <summary>Prints the log of its services with each test that failed.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class LogOfFailedTestsAttribute : BeforeAfterTestAttribute
{
    private static readonly ConcurrentDictionary<string, DateTimeOffset> Begun = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Begun[test.UniqueID] = DateTimeOffset.UtcNow;

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Begun.TryRemove(test.UniqueID, out var begin);
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
            return;
        foreach (var line in ServiceLog.Since(begin))
            TestContext.Current.TestOutputHelper?.WriteLine(line);
    }
}
