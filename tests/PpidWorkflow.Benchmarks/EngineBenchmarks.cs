using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Benchmarks;

/// <summary>Bursts of the engine. Floors: the same steps as straight C# that makes the same journal and state JSON.</summary>
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
public class EngineBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);
    private static readonly JsonObject Done = new SopTaskResult { CompletedBy = "kasubid.informasi", AssignedTo = "petugas.informasi" }.ToJson();

    private static readonly Dictionary<string, JsonNode?> Three = new() { ["n"] = 3 };
    private static readonly Jint.Prepared<Acornima.Ast.Script> Known = Jint.Engine.PrepareScript("[1, 2, 3].map(n2 => n2 * n).reduce((a, b) => a + b)");

    private readonly WorkflowRunner _runner = new(new EngineOptions());
    private CompiledWorkflow _sop = null!;
    private CompiledWorkflow _hundred = null!;
    private CompiledWorkflow _flowchart = null!;
    private CompiledWorkflow _script = null!;
    private string _state = null!;
    private string _bookmark = null!;
    private JsonObject _task = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var compiler = new WorkflowCompiler();
        _sop = compiler.Compile(DefinitionReader.Read(Samples.DeliveredSop()));
        _hundred = compiler.Compile(DefinitionReader.Read(Samples.Sequence(100)));
        _flowchart = compiler.Compile(DefinitionReader.Read(Samples.Flowchart(100)));
        _script = compiler.Compile(DefinitionReader.Read(Samples.Script()));
        var begun = Wait(_runner.StartAsync(_sop, new StartOptions("instance", Now, Samples.CaseInput)));
        _state = begun.State.ToJson();
        _bookmark = begun.State.Bookmarks.Single().Id;
        _task = begun.State.Bookmarks.Single().Payload!;
    }

    /// <summary>Stored state read, one SOP step completed, the next one waiting, state written.</summary>
    [Benchmark, BenchmarkCategory("sop-step")]
    public string SopStep() => Wait(_runner.ResumeAsync(_sop, WorkflowState.FromJson(_state), _bookmark, Done, Now)).State.ToJson();

    [Benchmark(Baseline = true), BenchmarkCategory("sop-step")]
    public string SopStepFloor()
    {
        var state = JsonNode.Parse(_state)!.AsObject();
        var journal = new List<JournalEntry>();
        for (var i = 0; i < 4; i++)
            journal.Add(Line(i));
        state["bookmarks"] = new JsonArray(new JsonObject { ["id"] = "instance-2", ["payload"] = _task.DeepClone() });
        state["journalSequence"] = journal.Count;
        return state.ToJsonString();
    }

    /// <summary>An instance of a hundred activities that do nothing, from its start to its end.</summary>
    [Benchmark, BenchmarkCategory("hundred-activities")]
    public int Hundred() => Wait(_runner.StartAsync(_hundred, new StartOptions("instance", Now))).Journal.Count;

    [Benchmark(Baseline = true), BenchmarkCategory("hundred-activities")]
    public int HundredFloor()
    {
        var journal = new List<JournalEntry>();
        for (var i = 0; i < 202; i++)
            journal.Add(Line(i));
        return journal.Count;
    }

    /// <summary>The same along the connections of a flowchart.</summary>
    [Benchmark, BenchmarkCategory("hundred-activities-in-a-flowchart")]
    public int HundredInFlow() => Wait(_runner.StartAsync(_flowchart, new StartOptions("instance", Now))).Journal.Count;

    [Benchmark(Baseline = true), BenchmarkCategory("hundred-activities-in-a-flowchart")]
    public int HundredInFlowFloor() => HundredFloor();

    /// <summary>A definition with a JavaScript expression that was never seen, compiled and run once; the process itself is warm.</summary>
    [Benchmark, BenchmarkCategory("javascript-first-use")]
    public int FirstScript() => Wait(_runner.StartAsync(new WorkflowCompiler().Compile(DefinitionReader.Read(Samples.Script())), new StartOptions("instance", Now, Three))).Journal.Count;

    /// <summary>A start with one JavaScript expression, its script known by now.</summary>
    [Benchmark, BenchmarkCategory("javascript-expression")]
    public int Script() => Wait(_runner.StartAsync(_script, new StartOptions("instance", Now, Three))).Journal.Count;

    [Benchmark(Baseline = true), BenchmarkCategory("javascript-expression")]
    public int ScriptFloor() => new Jint.Engine().SetValue("n", 3).Evaluate(Known) is Jint.Native.JsNumber { } sum && sum.ToString() == "18" ? 4 : 0;

    private static JournalEntry Line(int i) => new(i, Now, "instance-1", null, "activity", "root:activity", "Elsa.Sequence", null, "Started", null, null);

    private static RunResult Wait(ValueTask<RunResult> burst) => burst.AsTask().GetAwaiter().GetResult();
}
