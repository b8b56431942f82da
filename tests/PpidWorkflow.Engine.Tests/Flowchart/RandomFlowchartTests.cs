using FsCheck;
using FsCheck.Xunit;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Flowcharts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Flowchart;

public class RandomFlowchartTests
{
    private const int Kinds = 9;
    private static readonly string[] Modes = ["None", "Stream", "Merge", "Converge", "Cascade", "Race"];

    /// <summary>Whatever is drawn: it ends, waits or faults within its limits, and the state between bursts may as well be text.</summary>
    [Property(MaxTest = 150)]
    public void Any_drawing_behaves_and_does_not_notice_that_its_state_was_stored(byte[] kinds, (byte From, byte To, byte Port)[] arrows) =>
        Check(kinds, arrows);

    /// <summary>
    /// Drawings of the full size, which FsCheck's growing arrays seldom reach: 30 activities, up to 60 connections. More of them where
    /// <c>PPID_DRAWINGS</c> says how many; the seed of one that fails is in the message.
    /// </summary>
    [Fact]
    public void Large_drawings_behave_as_well_and_most_of_them_are_run()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PPID_DRAWINGS"), out var more) ? more : 12;
        var (run, waits, loops, finished) = (0, 0, 0, 0);
        for (var seed = 1; seed <= count; seed++)
        {
            var chance = new Random(seed);
            var kinds = new byte[29];
            chance.NextBytes(kinds);
            // A chain through all of them, some of its links turned back, and as many connections again across it.
            var arrows = Enumerable.Range(0, 28).Select(i => ((byte)i, (byte)(chance.Next(5) == 0 ? chance.Next(29) : i + 1), (byte)chance.Next(6)))
                .Concat(Enumerable.Range(0, 24).Select(_ => ((byte)chance.Next(29), (byte)chance.Next(29), (byte)chance.Next(6)))).ToArray();
            try
            {
                var walked = Check(kinds, arrows);
                run += walked.Journal.Count > 30 ? 1 : 0;
                finished += walked.State.SubStatus == WorkflowSubStatus.Finished ? 1 : 0;
                waits += walked.Journal.Any(e => e.EventName == "Resumed") ? 1 : 0;
                loops += walked.Journal.Where(e => e.EventName == "Started").GroupBy(e => e.ActivityId).Any(g => g.Count() > 1) ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"Drawing of seed {seed}: {e}");
            }
        }
        // What is never run shows nothing.
        Assert.True(run >= count / 3 && waits >= count / 8 && loops >= count / 8 && finished >= count / 8,
            $"Of {count} drawings {run} ran for more than a few activities, {waits} waited, {loops} looped, {finished} finished.");
    }

    /// <summary>Few activities and mostly forward connections, so that most end and show whether something was left behind.</summary>
    [Fact]
    public void Small_drawings_lose_nothing_and_most_of_them_finish()
    {
        const int count = 400;
        var finished = 0;
        for (var seed = 1; seed <= count; seed++)
        {
            var chance = new Random(seed);
            var kinds = new byte[4 + chance.Next(6)];
            chance.NextBytes(kinds);
            // The first forks or decides; each is reached from one before it, some from a second, and one in four drawings has a way back.
            kinds[0] = (byte)(kinds[0] / Kinds * Kinds % 200 + 1 + chance.Next(2));
            var arrows = Enumerable.Range(1, kinds.Length - 1).Select(i => (chance.Next(i), i))
                .Concat(Enumerable.Range(0, kinds.Length).Select(_ => chance.Next(1, kinds.Length)).Select(i => (chance.Next(i), i)))
                .Concat(chance.Next(4) == 0 ? [(chance.Next(kinds.Length), chance.Next(kinds.Length))] : [])
                .Select(a => ((byte)a.Item1, (byte)a.Item2, (byte)chance.Next(6))).ToArray();
            try
            {
                finished += Check(kinds, arrows).State.SubStatus == WorkflowSubStatus.Finished ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"Small drawing of seed {seed}: {e}");
            }
        }
        Assert.True(finished >= count / 2, $"Of {count} drawings {finished} finished.");
    }

    private static EngineHarness Check(byte[] kinds, (byte From, byte To, byte Port)[] arrows)
    {
        kinds = kinds is null or { Length: 0 } ? [1] : [.. kinds.Take(29)];
        var names = kinds.Select((_, i) => $"n{i}").ToArray();
        var activities = kinds.Select((kind, i) => Activity(kind, names[i])).Prepend(Of("Elsa.Start", "s")).ToArray();
        var connections = (arrows ?? []).Take(60).Select(a => (From: a.From % kinds.Length, To: a.To % kinds.Length, a.Port))
            .Select(a => (From: names[a.From], Port: Port(kinds[a.From], a.Port), To: names[a.To])).Append((From: "s", Port: "Done", To: "n0")).ToHashSet();
        var definition = Flow(string.Join(' ', connections.Select(c => $"{c.From}:{c.Port}->{c.To}")), activities);

        // All of them are run, as a version published long ago is: what today's checks say of it (loops without end, say) does not keep the engine from it.
        Assert.NotNull(new Engine.Definitions.WorkflowCompiler().Validate(definition));
        var stored = WalkAsync(new EngineHarness(definition, true, new EngineOptions { MaxActivitiesPerBurst = 100 }, isStored: true)).GetAwaiter().GetResult();
        var kept = WalkAsync(new EngineHarness(definition, false, new EngineOptions { MaxActivitiesPerBurst = 100 }, isStored: true)).GetAwaiter().GetResult();

        Assert.Equal(Told(kept), Told(stored));
        CheckLives(stored);
        CheckTokens(stored, connections);
        if (stored.State.SubStatus == WorkflowSubStatus.Finished)
            CheckNothingWasLost(stored, connections);
        return stored;
    }

    /// <summary>Every execution starts once within one that runs, ends at most once, and is silent afterwards.</summary>
    private static void CheckLives(EngineHarness run)
    {
        var running = new HashSet<string>();
        var known = new HashSet<string>();
        foreach (var entry in run.Journal)
        {
            if (entry.EventName == "Started" && known.Add(entry.ActivityInstanceId))
            {
                Assert.True(entry.ParentActivityInstanceId is null || running.Contains(entry.ParentActivityInstanceId));
                running.Add(entry.ActivityInstanceId);
            }

            Assert.Contains(entry.EventName, (string[])["Started", "Suspended", "Resumed", "Completed", "Faulted", "Canceled"]);
            Assert.Contains(entry.ActivityInstanceId, running);
            if (entry.EventName is "Completed" or "Canceled")
                running.Remove(entry.ActivityInstanceId);
        }

        if (run.State.SubStatus == WorkflowSubStatus.Finished)
            Assert.Empty(running);
        Assert.Subset(running, run.State.Bookmarks.Select(b => b.ActivityInstanceId).ToHashSet());
    }

    /// <summary>Nothing runs but what a token has reached: each start answers an outcome that was given before, and no outcome twice.</summary>
    private static void CheckTokens(EngineHarness run, HashSet<(string From, string Port, string To)> connections)
    {
        var tokens = connections.ToDictionary(c => c, _ => 0);
        foreach (var entry in run.Journal.Where(e => connections.Any(c => c.From == e.ActivityId || c.To == e.ActivityId)))
        {
            var inbound = connections.Where(c => c.To == entry.ActivityId).ToList();
            if (entry.EventName == "Started" && inbound.Count > 0)
            {
                Assert.Contains(inbound, c => tokens[c] > 0);
                tokens[inbound.First(c => tokens[c] > 0)]--;
            }

            if (entry.EventName == "Completed")
                foreach (var connection in connections.Where(c => c.From == entry.ActivityId && Outcomes(entry).Contains(c.Port)))
                    tokens[connection]++;
        }
    }

    /// <summary>
    /// The other side: what was to run has run. A cascade starts for each arrival, what waits for all as often as all of them have come, and nothing
    /// else is left waiting at the end but behind one that waits for all.
    /// </summary>
    private static void CheckNothingWasLost(EngineHarness run, HashSet<(string From, string Port, string To)> connections)
    {
        var graph = new FlowGraph([.. connections.Select(c => new Connection(c.From, c.Port, c.To))], "s");
        var waiting = connections.Select(c => c.To).Distinct().ToDictionary(id => id, _ => new HashSet<Connection>());
        var (wanted, started) = (waiting.Keys.ToDictionary(id => id, _ => 0), waiting.Keys.ToDictionary(id => id, _ => 0));
        foreach (var entry in run.Journal)
        {
            if (entry.EventName == "Started" && waiting.TryGetValue(entry.ActivityId, out var before))
            {
                started[entry.ActivityId]++;
                if (!WaitsForAll(run, entry.ActivityId))
                    before.Clear();
            }
            if (entry.EventName == "Completed")
                foreach (var arrivals in graph.Outbound(entry.ActivityId).Where(c => Outcomes(entry).Contains(c.Port)).GroupBy(c => c.Target))
                    Arrive(arrivals.Key, arrivals);
        }

        foreach (var (id, left) in waiting)
        {
            if (WaitsForAll(run, id) || ModeOf(run, id) == "Cascade")
                Assert.True(wanted[id] == started[id], $"{id} ({ModeOf(run, id)}) was to start {wanted[id]} times and started {started[id]} times.");
            else if (left.Count > 0 && ModeOf(run, id) is not ("Race" or "WaitAny"))
                Assert.Contains(ModeOf(run, id) == "WaitAllActive" ? graph.Ancestors(id) : graph.ForwardInbound(id).Select(c => c.Source), a => waiting.TryGetValue(a, out var theirs) && theirs.Count > 0);
        }

        void Arrive(string id, IEnumerable<Connection> arrivals)
        {
            var (all, here) = (arrivals.ToList(), waiting[id]);
            here.UnionWith(all);
            if (ModeOf(run, id) == "Cascade")
                wanted[id] += all.Count;
            if (!WaitsForAll(run, id))
                return;
            var needed = ModeOf(run, id) == "Converge" ? graph.Inbound(id) : graph.ForwardInbound(id);
            if (needed.Count > 1 && all.TrueForAll(needed.Contains) && !needed.TrueForAll(here.Contains))
                return;
            wanted[id]++;
            here.Clear();
        }
    }

    private static bool WaitsForAll(EngineHarness run, string id) => ModeOf(run, id) is "Merge" or "Converge" or "WaitAll";

    /// <summary>The mode of a join, else the merge mode.</summary>
    private static string ModeOf(EngineHarness run, string id) => run.Workflow.FindActivity(id) switch
    {
        FlowJoin join => join.Mode.TryGetFixed(out var mode) ? mode.ToString() : "WaitAny",
        { } other => (string?)other.CustomProperties["mergeMode"] ?? "None",
        null => "None"
    };

    private static IEnumerable<string> Outcomes(JournalEntry completed) =>
        completed.Payload?["Outcomes"]?.AsArray().Select(o => (string)o!) ?? ["Done"];

    private static async Task<EngineHarness> WalkAsync(EngineHarness run)
    {
        await run.StartAsync();
        // A fan within a loop doubles what waits with every round: enough has been seen by then.
        for (var i = 0; i < 20 && run.State.Bookmarks.Count is > 0 and <= 15; i++)
            await run.ResumeAsync(run.State.Bookmarks[i % run.State.Bookmarks.Count]);
        if (run.State.Status == WorkflowStatus.Running)
            Assert.NotEmpty(run.State.Bookmarks);
        Assert.Equal(Enumerable.Range(0, run.Journal.Count).Select(i => (long)i), run.Journal.Select(e => e.Sequence));
        return run;
    }

    private static string Told(EngineHarness run) =>
        $"{run.State.SubStatus}: {string.Join(' ', run.Journal.Select(e => $"{e.ActivityInstanceId}/{e.ActivityId}/{e.EventName}/{e.Payload?.ToJsonString()}"))}";

    private static string Port(byte kind, byte port) => (kind % Kinds) switch
    {
        1 => port % 2 == 0 ? "True" : "False",
        2 => port % 2 == 0 ? "A" : "B",
        6 => (port % 3) switch { 0 => "A", 1 => "B", _ => "Default" },
        _ => "Done"
    };

    private static string Activity(byte kind, string id)
    {
        var custom = $"'customProperties':{{'mergeMode':'{Modes[kind / Kinds % Modes.Length]}'}}";
        return (kind % Kinds) switch
        {
            1 => Of("Elsa.FlowDecision", id, $"'condition':{(kind % 4 < 2 ? "true" : "false")},{custom}"),
            2 => Of("Elsa.FlowFork", id, $"'branches':['A','B'],{custom}"),
            3 => Of("Elsa.Event", id, $"'eventName':'e',{custom}"),
            4 => Of("Elsa.FlowJoin", id, $"'mode':'{(kind % 3) switch { 0 => "WaitAll", 1 => "WaitAny", _ => "WaitAllActive" }}'"),
            5 => Of(kind > 200 ? "Elsa.Fault" : "Elsa.WriteLine", id, custom),
            6 => Of("Elsa.FlowSwitch", id,
                $"'mode':'{(kind % 2 == 0 ? "MatchAny" : "MatchFirst")}','cases':[{Case("A", kind % 3 < 2)},{Case("B", kind % 5 < 2)}],{custom}"),
            7 => Of("Elsa.For", id, $"'start':1,'end':{kind % 3},'body':{(kind % 2 == 0 ? Of("Elsa.Event", id + "e", "'eventName':'e'") : Write(id + "w"))},{custom}"),
            _ => Of("Elsa.WriteLine", id, custom)
        };
    }

    private static string Case(string label, bool holds) =>
        $"{{'label':'{label}','condition':{{'type':'Literal','value':{(holds ? "true" : "false")}}}}}";
}
