using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Tests.Activities;
using PpidWorkflow.Engine.Tests.Activities.Proofs;

namespace PpidWorkflow.Engine.Tests.Replay;

/// <summary>A definition, the states in which an instance of it came to rest, and what a release made of each of them afterwards.</summary>
/// <param name="Name">What is run.</param>
/// <param name="Definition">As it was stored.</param>
/// <param name="Answers">With what the bookmarks of an activity are resumed; an empty list where it is null.</param>
/// <param name="Stops">Where the instance came to rest, in order.</param>
internal sealed record StoredRun(string Name, JsonNode Definition, IReadOnlyDictionary<string, List<JsonObject?>> Answers, IReadOnlyList<StoredStop> Stops);

/// <summary>A state and its rest: what came after it until the instance could not go on.</summary>
/// <param name="State">As it lay in the database.</param>
/// <param name="Rest">Journal: sequence, execution, activity, event.</param>
/// <param name="Lines">Written afterwards.</param>
/// <param name="End">Sub-status.</param>
/// <param name="Output">Outputs of the workflow at the end.</param>
/// <param name="Variables">Its variables at the end.</param>
internal sealed record StoredStop(string State, List<string> Rest, List<string> Lines, string End, JsonObject Output, JsonObject Variables);

/// <summary>Makes and continues <see cref="StoredRun"/>s.</summary>
internal static class Replays
{
    /// <summary>Bursts. A run that takes more would never come to an end.</summary>
    private const int Most = 100;

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All that is stored with a snapshot: every activity of the catalog as it waits and as it faults, the SOP with its ways back, Elsa's exports.</summary>
    public static async Task<List<StoredRun>> MakeAllAsync()
    {
        var runs = new List<StoredRun>();
        foreach (var (type, proof) in EveryActivityTests.All)
        {
            runs.Add(await MakeAsync($"{type} waits", Fixtures.Definition(proof.Wait.Root, proof.Wait.Variables), Always(proof.Wait.Input)));
            if (proof.Fault is { } fault)
                runs.Add(await MakeAsync($"{type} faults", Fixtures.Definition(fault.Root, fault.Variables), Always(fault.Input)));
        }
        var returned = new SopTaskResult { Outcome = "Returned" }.ToJson();
        runs.Add(await MakeAsync(
            "SOP with two returns", Fixtures.Flow(SopFlow.Arrows, SopFlow.Steps), new() { ["s4"] = [returned, null], ["s5"] = [null, returned, null, null] }));
        runs.Add(await MakeAsync(
            "export server-five", Fixtures.Read("exports/server-five.json"),
            new() { ["Approve"] = [new() { ["approved"] = true, ["by"] = "me" }], ["Shipped"] = [new() { ["carrier"] = "UPS" }] }, ("Customer", "ACME")));
        runs.Add(await MakeAsync("export server-branches", Fixtures.Read("exports/server-branches.json"), []));
        return runs;

        static Dictionary<string, List<JsonObject?>> Always(JsonObject? input) => input is null ? [] : new() { ["*"] = [input] };
    }

    private static async Task<StoredRun> MakeAsync(
        string name, WorkflowDefinition definition, Dictionary<string, List<JsonObject?>> answers, params (string Name, JsonNode? Value)[] input)
    {
        var run = await new EngineHarness(definition).StartAsync(input);
        var stops = new List<StoredStop>();
        var given = new Dictionary<string, int>();
        do
        {
            var state = run.State.ToJson();
            stops.Add(await RestAsync(definition, state, answers, given));
            if (stops.Count > Most)
                throw new InvalidOperationException($"{name} does not come to an end.");
        }
        while (await StepAsync(run, answers, given));
        return new StoredRun(name, JsonNode.Parse(DefinitionWriter.Write(definition))!, answers, stops);
    }

    /// <summary>What comes after a stored state. Answers that were given before it are counted from the state's own journal number on.</summary>
    public static async Task<StoredStop> RestAsync(
        WorkflowDefinition definition, string state, IReadOnlyDictionary<string, List<JsonObject?>> answers, IReadOnlyDictionary<string, int> given)
    {
        var run = EngineHarness.At(definition, WorkflowState.FromJson(state));
        var from = new Dictionary<string, int>(given);
        for (var steps = 0; await StepAsync(run, answers, from); steps++)
            if (steps > Most)
                throw new InvalidOperationException($"What waits at {run.State.Bookmarks[0].ActivityId} does not come to an end.");
        return new StoredStop(
            state, [.. run.Journal.Select(e => $"{e.Sequence} {e.ActivityInstanceId} {e.ActivityId} {e.EventName}")], [.. run.Lines], run.State.SubStatus.ToString(),
            Bag(run.State.Output), Bag(run.State.GetVariables(run.Workflow)));
    }

    /// <summary>
    /// One more burst: the oldest bookmark resumed, or else the oldest incident retried once its cause is gone. False: nothing left to do. What stays
    /// when it is resumed (a wait for many children) is resumed once.
    /// </summary>
    private static async Task<bool> StepAsync(EngineHarness run, IReadOnlyDictionary<string, List<JsonObject?>> answers, Dictionary<string, int> given)
    {
        if (Next(run.State, given) is { } bookmark)
        {
            var list = answers.GetValueOrDefault(KeyOf(bookmark, answers)) ?? [];
            var next = Count(bookmark, answers, given);
            var answer = list.Count == 0 ? null : list[Math.Min(next, list.Count) - 1];
            await run.ResumeAsync(bookmark, answer?.DeepClone().AsObject());
            return true;
        }
        if (run.State.Incidents.Count == 0 || run.State.CorrelationId == "mended")
            return false;
        run.State.CorrelationId = "mended";
        await run.RetryAsync(run.State.Incidents[0].Id);
        return true;
    }

    /// <summary>How many answers of each kind had been given when a stop was reached: stops are one step apart.</summary>
    public static IEnumerable<(StoredStop Stop, Dictionary<string, int> Given)> StopsOf(StoredRun run)
    {
        var given = new Dictionary<string, int>();
        foreach (var stop in run.Stops)
        {
            yield return (stop, new Dictionary<string, int>(given));
            if (Next(WorkflowState.FromJson(stop.State), given) is { } bookmark)
                Count(bookmark, run.Answers, given);
        }
    }

    private static Bookmark? Next(WorkflowState state, Dictionary<string, int> given) => state.Bookmarks.Find(b => !b.Stays || !given.ContainsKey(b.Id));

    /// <summary>How many answers of its kind there are with this one.</summary>
    private static int Count(Bookmark bookmark, IReadOnlyDictionary<string, List<JsonObject?>> answers, Dictionary<string, int> given)
    {
        if (bookmark.Stays)
            given[bookmark.Id] = 1;
        var key = KeyOf(bookmark, answers);
        return given[key] = given.GetValueOrDefault(key) + 1;
    }

    private static string KeyOf(Bookmark bookmark, IReadOnlyDictionary<string, List<JsonObject?>> answers) => answers.ContainsKey("*") ? "*" : bookmark.ActivityId;

    private static JsonObject Bag(IEnumerable<KeyValuePair<string, JsonNode?>> values) =>
        new(values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone())));
}
