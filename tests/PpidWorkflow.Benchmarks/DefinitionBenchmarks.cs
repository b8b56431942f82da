using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Benchmarks;

/// <summary>Definitions read, compiled and hashed. Floors: the same bytes through the JSON parser alone.</summary>
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
public class DefinitionBenchmarks
{
    private readonly WorkflowCompiler _compiler = new();
    private readonly byte[] _sop = Samples.DeliveredSop();
    private readonly byte[] _large = Samples.Sequence(500);
    private readonly byte[] _chart = Samples.Flowchart(500);

    [Benchmark, BenchmarkCategory("compile-500-activities")]
    public CompiledWorkflow Large() => _compiler.Compile(DefinitionReader.Read(_large));

    [Benchmark(Baseline = true), BenchmarkCategory("compile-500-activities")]
    public int LargeFloor() => Count(JsonNode.Parse(_large));

    [Benchmark, BenchmarkCategory("compile-500-activities-of-a-flowchart")]
    public CompiledWorkflow Chart() => _compiler.Compile(DefinitionReader.Read(_chart));

    [Benchmark(Baseline = true), BenchmarkCategory("compile-500-activities-of-a-flowchart")]
    public int ChartFloor() => Count(JsonNode.Parse(_chart));

    [Benchmark, BenchmarkCategory("compile-the-sop")]
    public CompiledWorkflow Sop() => _compiler.Compile(DefinitionReader.Read(_sop));

    [Benchmark(Baseline = true), BenchmarkCategory("compile-the-sop")]
    public int SopFloor() => Count(JsonNode.Parse(_sop));

    [Benchmark, BenchmarkCategory("content-hash-of-the-sop")]
    public string Hash() => DefinitionWriter.ContentHash(DefinitionReader.Read(_sop));

    [Benchmark(Baseline = true), BenchmarkCategory("content-hash-of-the-sop")]
    public byte[] HashFloor() => System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(JsonNode.Parse(_sop)!.ToJsonString()));

    // Parsing is lazy: what is not looked at is not read.
    private static int Count(JsonNode? node) => node switch
    {
        JsonObject properties => 1 + properties.Sum(p => Count(p.Value)),
        JsonArray items => 1 + items.Sum(Count),
        _ => 1
    };
}
