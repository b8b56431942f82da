using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace PpidWorkflow.Benchmarks;

/// <summary>
/// Small parts by themselves, each beside a hand-written floor of the same work measured in the same run (design.md §7). Prints the figures as
/// the verb <c>bench</c> does, which measures the whole service; with <c>--json</c> one object a line: name, value, unit, floor, ratio, settings.
/// </summary>
/// <remarks>
/// <c>--quick</c> finishes in less than two minutes and is good to about a fifth; <c>--filter word</c> takes the names that hold the word. Runs in
/// this process: a second build by BenchmarkDotNet would measure the same code.
/// </remarks>
internal static class BenchmarkRun
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public static async Task<int> RunAsync(string[] args)
    {
        var quick = args.Contains("--quick");
        var json = args.Contains("--json");
        var filter = Array.IndexOf(args, "--filter") is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : "";
        var settings = $"{(quick ? "quick" : "full")}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {BuildOf()}, load {LoadAverage()}";
        if (BuildOf() == "Debug")
            await Console.Error.WriteLineAsync("A Debug build: the figures say nothing. Run with -c Release.");
        var failed = false;
        foreach (var type in typeof(BenchmarkRun).Assembly.GetTypes().Where(t => t.GetMethods().Any(m => m.IsDefined(typeof(BenchmarkDotNet.Attributes.BenchmarkAttribute), false))).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (!type.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                continue;
            var summary = BenchmarkRunner.Run(type, Configure(quick));
            failed |= summary.HasCriticalValidationErrors || summary.Reports.Any(r => !r.Success);
            foreach (var line in FiguresOf(summary, settings))
                await Console.Out.WriteLineAsync(json ? JsonSerializer.Serialize(line, Wire) : line.ToString());
        }
        return failed ? 1 : 0;
    }

    private static ManualConfig Configure(bool quick)
    {
        var job = Job.Default.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(10), logOutput: false));
        job = quick
            ? job.WithWarmupCount(2).WithIterationCount(5).WithIterationTime(TimeInterval.FromMilliseconds(100))
            : job.WithWarmupCount(5).WithIterationCount(15).WithIterationTime(TimeInterval.FromMilliseconds(400));
        return ManualConfig.CreateEmpty().AddJob(job).AddColumnProvider(DefaultColumnProviders.Instance).AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance).WithOptions(ConfigOptions.DisableOptimizationsValidator)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), $"ppid-benchmarks-{Environment.ProcessId}"));
    }

    // Each category is one thing measured; the baseline of the category is its floor.
    private static IEnumerable<MicroFigure> FiguresOf(Summary summary, string settings)
    {
        foreach (var kind in summary.Reports.Where(r => r.ResultStatistics is not null).GroupBy(r => r.BenchmarkCase.Descriptor.Categories.Single()))
        {
            var floor = kind.FirstOrDefault(r => r.BenchmarkCase.Descriptor.Baseline);
            foreach (var report in kind.Where(r => !r.BenchmarkCase.Descriptor.Baseline))
            {
                var (value, least) = (report.ResultStatistics!.Mean / 1000, floor?.ResultStatistics!.Mean / 1000);
                var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
                yield return new MicroFigure(
                    $"{summary.BenchmarksCases[0].Descriptor.Type.Name}.{kind.Key}", Math.Round(value, 3), "us", least is { } f ? Math.Round(f, 3) : null,
                    least is { } g ? Math.Round(g / value, 3) : null, bytes,
                    string.Create(CultureInfo.InvariantCulture, $"± {report.ResultStatistics.StandardError / 10 / value:0.#} %, {settings}"));
            }
        }
    }

    private static string BuildOf() => typeof(PpidWorkflow.Engine.Execution.WorkflowRunner).Assembly
        .GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), false).OfType<System.Diagnostics.DebuggableAttribute>()
        .Any(d => d.IsJITOptimizerDisabled) ? "Debug" : "Release";

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}

/// <summary>One figure: time of one operation, microseconds, beside its floor.</summary>
/// <param name="Ratio">Floor by value: 1 is as fast as the floor.</param>
/// <param name="Bytes">Allocated an operation.</param>
internal sealed record MicroFigure(string Name, double Value, string Unit, double? Floor, double? Ratio, long Bytes, string Settings)
{
    public override string ToString()
    {
        var floor = Floor is null ? "" : string.Create(CultureInfo.InvariantCulture, $"floor {Floor:0.###}, ratio {Ratio:0.###}");
        return string.Create(CultureInfo.InvariantCulture, $"{Name,-48} {Value,12:0.###} {Unit,-3} {floor,-34} {Bytes,10} B  {Settings}");
    }
}
