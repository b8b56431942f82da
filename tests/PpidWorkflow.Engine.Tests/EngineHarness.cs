using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Tests;

/// <summary>An instance under test: runs bursts and remembers what they reported. With <c>roundTrip</c> the state is written and read back after each;
/// <c>isStored</c> runs what the checks of a publication would refuse.</summary>
internal sealed class EngineHarness(
    WorkflowDefinition definition, bool roundTrip = true, EngineOptions? options = null, IWorkflowLibrary? library = null, bool isStored = false)
{
    private readonly WorkflowRunner _runner = new(options ?? new EngineOptions());

    public CompiledWorkflow Workflow { get; } =
        (library is null ? new WorkflowCompiler() : new WorkflowCompiler(library)) is var compiler && isStored ? compiler.Load(definition) : compiler.Compile(definition);

    public WorkflowState State { get; private set; } = null!;
    public RunResult Last { get; private set; } = null!;
    public List<JournalEntry> Journal { get; } = [];
    public List<string> Lines { get; } = [];

    /// <summary>Values that the journal holds, by the number of their line.</summary>
    public Dictionary<long, ExecutionValues> Values { get; } = [];

    /// <summary>What the journal may hold of values; said at the start.</summary>
    public JournaledValues Journaled { get; init; }
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);

    /// <summary>The journal as "activity event", without the containers.</summary>
    public IEnumerable<string> Path => Journal.Select(e => $"{e.ActivityId} {e.EventName}");

    public async Task<EngineHarness> StartAsync(params (string Name, JsonNode? Value)[] input)
    {
        Take(await _runner.StartAsync(Workflow, new StartOptions("inst", Now, input.ToDictionary(i => i.Name, i => i.Value)) { Journaled = Journaled }, Cancellation));
        return this;
    }

    /// <summary>Started by one of its triggers.</summary>
    public async Task<EngineHarness> StartByAsync(string activityId, JsonObject? input = null)
    {
        Take(await _runner.StartAsync(Workflow, new StartOptions("inst", Now) { TriggerActivityId = activityId, TriggerInput = input }, Cancellation));
        return this;
    }

    /// <summary>An instance that stands where a state says.</summary>
    public static EngineHarness At(WorkflowDefinition definition, WorkflowState state) => new(definition) { State = WorkflowState.FromJson(state.ToJson()) };

    public async Task ResumeAsync(Bookmark bookmark, JsonObject? input = null) =>
        Take(await _runner.ResumeAsync(Workflow, State, bookmark.Id, input, Now, Cancellation));

    public Task ResumeAsync(string activityId, JsonObject? input = null) => ResumeAsync(State.Bookmarks.Single(b => b.ActivityId == activityId), input);
    public Task ReturnAsync(string activityId) => ResumeAsync(activityId, new SopTaskResult { Outcome = "Returned" }.ToJson());
    public async Task RetryAsync(string incidentId) => Take(await _runner.RetryAsync(Workflow, State, incidentId, Now, Cancellation));
    public async Task CancelAsync() => Take(await _runner.CancelAsync(Workflow, State, Now, Cancellation));

    public async Task AlterAsync(params Alteration[] alterations) => Take(await _runner.AlterAsync(Workflow, State, alterations, Now, Cancellation));

    public void ShouldBeFinished() => Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (State.Status, State.SubStatus));
    public void ShouldBeSuspended() => Assert.Equal((WorkflowStatus.Running, WorkflowSubStatus.Suspended), (State.Status, State.SubStatus));
    public void ShouldBeFaulted() => Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Faulted), (State.Status, State.SubStatus));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private void Take(RunResult result)
    {
        Last = result;
        Journal.AddRange(result.Journal);
        Lines.AddRange(result.Lines);
        foreach (var (line, values) in result.Values)
            Values.Add(line, values);
        State = roundTrip ? WorkflowState.FromJson(result.State.ToJson()) : result.State;
    }
}

internal static class Fixtures
{
    public static byte[] Bytes(string path) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "elsa", path));
    public static WorkflowDefinition Read(string path) => DefinitionReader.Read(Bytes(path));
    public static WorkflowDefinition Parse(string json) => DefinitionReader.Read(Encoding.UTF8.GetBytes(json));

    /// <summary>A definition around a root activity; JSON with single quotes for double ones.</summary>
    public static WorkflowDefinition Definition(string root, string variables = "[]", string inputs = "[]") =>
        Parse($$"""{"id":"v1","definitionId":"d1","name":"Uji","version":1,"variables":{{variables}},"inputs":{{inputs}},"root":{{root}}}""".Replace('\'', '"'));

    /// <summary>A flowchart of activities (JSON) and arrows written <c>a:Done->b</c>, separated by blanks.</summary>
    public static WorkflowDefinition Flow(string arrows, params string[] activities) =>
        Definition(FlowJson(arrows, activities));

    public static string FlowJson(string arrows, params string[] activities)
    {
        var connections = string.Join(',', arrows.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Arrow));
        return $$"""{"type":"Elsa.Flowchart","id":"F","activities":[{{string.Join(',', activities)}}],"connections":[{{connections}}] }""";
    }

    public static string Write(string id) => $$"""{"type":"Elsa.WriteLine","id":"{{id}}","text":"{{id}}"}""";
    public static string Of(string type, string id, string more = "") => $$"""{"type":"{{type}}","id":"{{id}}"{{(more.Length > 0 ? "," : "")}}{{more}}}""".Replace('\'', '"');

    public static string Js(string code) => $$"""{"typeName":"Object","expression":{"type":"JavaScript","value":{{JsonValue.Create(code).ToJsonString()}} } }""";

    /// <summary>A text in which «x|3» stands for xxx.</summary>
    public static string Repeated(string code) => Regex.Replace(
        code, "«(.*?)\\|(\\d+)»", m => string.Concat(Enumerable.Repeat(m.Groups[1].Value, int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))), RegexOptions.Singleline);

    private static string Arrow(string arrow)
    {
        var ends = arrow.Split("->");
        var source = ends[0].Split(':');
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source[0], ["port"] = source.Length > 1 ? source[1] : "Done" },
            ["target"] = new JsonObject { ["activity"] = ends[1], ["port"] = "In" }
        }.ToJsonString();
    }
}
