using FsCheck;
using FsCheck.Xunit;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Flowchart;

public class RandomFlowchartTests
{
    private static readonly string[] Modes = ["None", "Stream", "Merge", "Converge", "Cascade", "Race"];

    /// <summary>Whatever is drawn: it ends, waits or faults within its limits, and the state between bursts may as well be text.</summary>
    [Property(MaxTest = 150)]
    public void Any_drawing_behaves_and_does_not_notice_that_its_state_was_stored(byte[] kinds, (byte From, byte To, bool Second)[] arrows)
    {
        kinds = kinds is null or { Length: 0 } ? [1] : [.. kinds.Take(9)];
        var names = kinds.Select((_, i) => $"n{i}").ToArray();
        var activities = kinds.Select((kind, i) => Activity(kind, names[i])).Prepend(Of("Elsa.Start", "s")).ToArray();
        var connections = (arrows ?? []).Take(20).Select(a => (From: a.From % kinds.Length, To: a.To % kinds.Length, a.Second))
            .Select(a => $"{names[a.From]}:{Port(kinds[a.From], a.Second)}->{names[a.To]}").Distinct();
        var definition = Flow("s->n0 " + string.Join(' ', connections), activities);
        if (new Engine.Definitions.WorkflowCompiler().Validate(definition).Any(p => p.Severity == Engine.Definitions.ProblemSeverity.Error))
            return;

        var stored = WalkAsync(new EngineHarness(definition, true, new EngineOptions { MaxActivitiesPerBurst = 200 })).GetAwaiter().GetResult();
        var kept = WalkAsync(new EngineHarness(definition, false, new EngineOptions { MaxActivitiesPerBurst = 200 })).GetAwaiter().GetResult();

        Assert.Equal(kept, stored);
    }

    private static async Task<string> WalkAsync(EngineHarness run)
    {
        await run.StartAsync();
        for (var i = 0; i < 8 && run.State.Bookmarks.Count > 0; i++)
            await run.ResumeAsync(run.State.Bookmarks[i % run.State.Bookmarks.Count]);
        if (run.State.Status == WorkflowStatus.Running)
            Assert.NotEmpty(run.State.Bookmarks);
        Assert.Equal(Enumerable.Range(0, run.Journal.Count).Select(i => (long)i), run.Journal.Select(e => e.Sequence));
        return $"{run.State.SubStatus}: {string.Join(' ', run.Journal.Select(e => $"{e.ActivityInstanceId}/{e.ActivityId}/{e.EventName}"))}";
    }

    private static string Port(byte kind, bool second) => (kind % 6) switch
    {
        1 => second ? "True" : "False",
        2 => second ? "A" : "B",
        _ => "Done"
    };

    private static string Activity(byte kind, string id)
    {
        var custom = $"'customProperties':{{'mergeMode':'{Modes[kind / 6 % Modes.Length]}'}}";
        return (kind % 6) switch
        {
            1 => Of("Elsa.FlowDecision", id, $"'condition':{(kind % 4 < 2 ? "true" : "false")},{custom}"),
            2 => Of("Elsa.FlowFork", id, $"'branches':['A','B'],{custom}"),
            3 => Of("Elsa.Event", id, $"'eventName':'e',{custom}"),
            4 => Of("Elsa.FlowJoin", id, $"'mode':'{(kind % 3) switch { 0 => "WaitAll", 1 => "WaitAny", _ => "WaitAllActive" }}'"),
            5 => Of(kind > 200 ? "Elsa.Fault" : "Elsa.WriteLine", id, custom),
            _ => Of("Elsa.WriteLine", id, custom)
        };
    }
}
