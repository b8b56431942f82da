using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;

/// <summary>States, and what leads from one to the next (Elsa contract: StateMachine).</summary>
public class StateMachineTests
{
    private const string New = """{"name":"New"}""", Paid = """{"name":"Paid"}""", Closed = """{"name":"Closed"}""";

    [Fact]
    public async Task What_is_accepted_runs_action_exit_and_entry_in_this_order_and_tells_the_last_state()
    {
        var run = await new EngineHarness(Machine([Full("New"), Full("Paid"), Closed],
            [Way("New", "Paid", Event("pay"), action: Write("act")), Way("Paid", "Closed", Event("close"))])).StartAsync();
        Assert.Equal("pay", Assert.Single(run.State.Bookmarks).ActivityId);

        await run.ResumeAsync("pay");
        Assert.Equal("close", Assert.Single(run.State.Bookmarks).ActivityId);
        await run.ResumeAsync("close");

        run.ShouldBeFinished();
        Assert.Equal(["in New", "act", "out New", "in Paid", "out Paid"], run.Lines);
        Assert.Equal("""{"CurrentState":"Closed"}""", run.Journal.Single(j => j is { ActivityId: "m", EventName: "Completed" }).Payload!.ToJsonString());
    }

    [Fact]
    public async Task The_first_trigger_to_complete_wins_and_the_others_are_cancelled_with_their_incidents()
    {
        var run = await new EngineHarness(Machine([New, Paid, Closed],
            [
                Way("New", "Paid", Event("pay")), Way("New", "Closed", Event("cancel")),
                Way("New", "Closed", Of("Elsa.Sequence", "broken", $"'activities':[{Of("Elsa.Fault", "bad", "'code':'E1'")}]"))
            ])).StartAsync();
        run.ShouldBeFaulted();
        Assert.Equal(["cancel", "pay"], run.State.Bookmarks.Select(b => b.ActivityId).Order());

        await run.ResumeAsync("cancel");

        run.ShouldBeFinished();
        Assert.Equal(["bad Canceled", "broken Canceled", "pay Canceled"], run.Path.Where(p => p.EndsWith("Canceled", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_trigger_that_would_follow_in_the_queue_does_not_run_once_another_has_won()
    {
        var run = await new EngineHarness(Machine([New, Paid, Closed],
            [Way("New", "Paid", Write("first")), Way("New", "Closed", Write("second"))])).StartAsync();

        run.ShouldBeFinished();
        Assert.Equal(["first"], run.Lines);
    }

    [Fact]
    public async Task Where_the_condition_does_not_hold_the_trigger_begins_again_and_the_others_stand()
    {
        var run = await new EngineHarness(Machine([New, Paid, Closed],
            [Way("New", "Paid", Event("pay"), Js("getOutputFrom('pay', 'Result') == 'lunas'")), Way("New", "Closed", Event("cancel"))])).StartAsync();
        var (pay, cancel) = (run.State.Bookmarks.Single(b => b.ActivityId == "pay").Id, run.State.Bookmarks.Single(b => b.ActivityId == "cancel").Id);

        await run.ResumeAsync("pay", Answer("belum"));
        run.ShouldBeSuspended();
        Assert.NotEqual(pay, run.State.Bookmarks.Single(b => b.ActivityId == "pay").Id);
        Assert.Equal(cancel, run.State.Bookmarks.Single(b => b.ActivityId == "cancel").Id);
        await run.ResumeAsync("pay", Answer("lunas"));

        run.ShouldBeFinished();
        Assert.Equal(["cancel Canceled"], run.Path.Where(p => p.EndsWith("Canceled", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("""{"typeName":"Boolean","expression":{"type":"Literal","value":"True"}}""", true)]
    [InlineData("""{"typeName":"Boolean","expression":{"type":"Literal","value":false}}""", false)]
    [InlineData("""{"typeName":"Boolean","expression":{"type":"JavaScript","value":"null"}}""", false)]
    // Nothing said, in each way in which that is written.
    [InlineData("null", true)]
    [InlineData("{}", true)]
    [InlineData("""{"typeName":"Boolean"}""", true)]
    public async Task Conditions_are_read_as_inputs_are(string condition, bool holds)
    {
        var run = await new EngineHarness(Machine([New, Paid], [Way("New", "Paid", Event("pay"), condition)])).StartAsync();
        await run.ResumeAsync("pay");
        Assert.Equal(holds ? WorkflowStatus.Finished : WorkflowStatus.Running, run.State.Status);
    }

    [Fact]
    public async Task Entry_action_and_exit_may_wait_and_each_run_begins_anew()
    {
        string Waits(string id) => Of("Elsa.Sequence", $"{id}-s", $"'activities':[{Of("Elsa.Event", id, $"'eventName':'{id}'")},{Write($"{id} done")}]");
        var run = new EngineHarness(Machine(
            [$$"""{"name":"New","entry":{{Waits("entry")}},"exit":{{Waits("exit")}} }""", $$"""{"name":"Paid","entry":{{Waits("next")}} }"""],
            [Way("New", "Paid", Event("pay"), action: Waits("act")), Way("New", "New", Event("again"))]));

        for (var round = 1; round <= 2; round++)
        {
            await run.StartAsync();
            foreach (var wait in (string[])["entry", "again", "exit", "entry", "pay", "act", "exit", "next"])
            {
                run.ShouldBeSuspended();
                await run.ResumeAsync(wait);
            }
            run.ShouldBeFinished();
            Assert.Equal(Enumerable.Repeat((string[])["entry done", "exit done", "entry done", "act done", "exit done", "next done"], round).SelectMany(l => l), run.Lines);
        }
    }

    [Fact]
    public async Task Of_two_ways_with_the_same_ends_the_one_whose_trigger_completed_is_taken()
    {
        var run = await new EngineHarness(Machine([New, Paid],
            [Way("New", "Paid", Event("a"), action: Write("by a")), Way("New", "Paid", Event("b"), action: Write("by b"))])).StartAsync();
        await run.ResumeAsync("b");
        Assert.Equal(["by b"], run.Lines);
    }

    [Fact]
    public async Task A_fault_of_a_condition_leaves_all_triggers_as_they_were_and_a_retry_goes_on_from_it()
    {
        var run = await new EngineHarness(Machine([New, Paid, Closed],
            [Way("New", "Paid", Event("pay"), Js("if (getCorrelationId() == null) nobody.home; true")), Way("New", "Closed", Event("cancel"))])).StartAsync();
        await run.ResumeAsync("pay");
        run.ShouldBeFaulted();
        Assert.Equal(("m", "script-error", "cancel"), (run.State.Incidents[0].ActivityId, run.State.Incidents[0].Code, Assert.Single(run.State.Bookmarks).ActivityId));

        run.State.CorrelationId = "mended";
        await run.RetryAsync(run.State.Incidents[0].Id);
        run.ShouldBeFinished();
        Assert.Equal(1, run.Path.Count(p => p == "pay Started"));
    }

    [Fact]
    public async Task Automatic_transitions_without_end_are_a_named_incident()
    {
        var run = await new EngineHarness(
            Machine([New, Paid], [Way("New", "Paid", Write("there")), Way("Paid", "New", Write("back"))]), options: new EngineOptions { MaxActivitiesPerBurst = 200 }).StartAsync();

        run.ShouldBeFaulted();
        Assert.Equal(WorkflowRunner.BurstLimitCode, Assert.Single(run.State.Incidents).Code);
        Assert.InRange(run.Lines.Count, 190, 200);
        // So is a condition that never holds behind a trigger that does not wait.
        var stuck = await new EngineHarness(Machine([New, Paid], [Way("New", "Paid", Write("there"), "false")]), options: new EngineOptions { MaxActivitiesPerBurst = 200 }).StartAsync();
        Assert.Equal(WorkflowRunner.BurstLimitCode, Assert.Single(stuck.State.Incidents).Code);
        await stuck.RetryAsync(stuck.State.Incidents[0].Id);
        Assert.Equal(WorkflowRunner.BurstLimitCode, Assert.Single(stuck.State.Incidents).Code);
    }

    [Fact]
    public async Task A_break_within_ends_it_and_the_loop_around_it()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.While", "l", $$"""
            "condition":true,"body":{{MachineJson([New, Paid], [
                Way("New", "Paid", Of("Elsa.Sequence", "q", $"'activities':[{Write("once")},{Of("Elsa.Break", "b")}]"), action: Write("never")), Way("New", "Paid", Event("other"))])}}
            """))).StartAsync();

        run.ShouldBeFinished();
        Assert.Equal(["once"], run.Lines);
    }

    [Fact]
    public async Task A_trigger_cancelled_by_hand_closes_its_way_and_the_last_one_cannot_be()
    {
        var run = await new EngineHarness(Machine([New, Paid, Closed], [Way("New", "Paid", Event("pay")), Way("New", "Closed", Event("cancel"))])).StartAsync();
        await run.AlterAsync(new CancelActivity("pay"));
        Assert.Equal("cancel", Assert.Single(run.State.Bookmarks).ActivityId);

        var refused = await Assert.ThrowsAsync<AlterationRefusedException>(() => run.AlterAsync(new CancelActivity("cancel")));
        Assert.Equal("alteration-strands", refused.Code);
        await run.ResumeAsync("cancel");
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task It_begins_in_the_current_state_that_the_definition_says()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.StateMachine", "m", $$"""
            "initialState":"New","currentState":"Paid","states":[{{Full("New")}},{{Full("Paid")}}],"transitions":[]
            """))).StartAsync();
        run.ShouldBeFinished();
        Assert.Equal(["in Paid"], run.Lines);
    }

    [Theory]
    [InlineData("""[{"name":"A"}]""", "[]", "null", "unknown-state")]
    [InlineData("""[{"name":"A"}]""", "[]", "\"Z\"", "unknown-state")]
    [InlineData("""[{"name":"A"},{"name":"A"}]""", "[]", "\"A\"", "duplicate-state")]
    [InlineData("""[{"name":"A"},{"name":" "}]""", "[]", "\"A\"", "state-without-name")]
    [InlineData("""[{"name":"A"}]""", """[{"name":"t","from":"A","to":"Z","trigger":{"type":"Elsa.Event","id":"e","eventName":"x"}}]""", "\"A\"", "unknown-state")]
    [InlineData("""[{"name":"A"}]""", """[{"from":"Z","to":"A","trigger":{"type":"Elsa.Event","id":"e","eventName":"x"}}]""", "\"A\"", "unknown-state")]
    [InlineData("""[{"name":"A"}]""", """[{"from":"A","to":"A"}]""", "\"A\"", "transition-without-trigger")]
    [InlineData("""[{"name":"A","entry":{"type":"Elsa.RunCSharp","id":"c"}}]""", "[]", "\"A\"", "forbidden-activity-type")]
    [InlineData("""[{"name":"A","entry":{"type":"Elsa.WriteLine","id":"e"}}]""", """[{"from":"A","to":"A","trigger":{"type":"Elsa.WriteLine","id":"e"}}]""", "\"A\"", "duplicate-activity-id")]
    [InlineData("""[{"name":"A"}]""", """[{"from":"A","to":"A","trigger":{"type":"Elsa.Event","id":"e","eventName":"x"},"condition":{"expression":{"type":"JavaScript","value":"1 +"}}}]""", "\"A\"", "expression-syntax-error")]
    [InlineData("""[{"name":"A"}]""", """[{"from":"A","to":"A","trigger":{"type":"Elsa.Event","id":"e","eventName":"x","customProperties":{"canStartWorkflow":true}}}]""", "\"A\"", "trigger-nested")]
    public void What_is_wrong_is_named_when_it_is_proposed(string states, string transitions, string initial, string code)
    {
        var definition = Definition(Of("Elsa.StateMachine", "m", $"\"states\":{states},\"transitions\":{transitions},\"initialState\":{initial}"));
        var problem = new WorkflowCompiler().Validate(definition).First(p => p.Severity == ProblemSeverity.Error);
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public async Task An_empty_one_is_a_warning_and_completes()
    {
        var definition = Definition(Of("Elsa.StateMachine", "m"));
        Assert.Contains(new WorkflowCompiler().Validate(definition), p => p is { Code: "empty-state-machine", Severity: ProblemSeverity.Warning });
        (await new EngineHarness(definition).StartAsync()).ShouldBeFinished();
    }

    [Fact]
    public async Task Of_what_is_stored_a_state_that_is_not_there_is_an_incident_where_it_is_met()
    {
        var lost = Machine([New], [Way("New", "Gone", Event("go"))]);
        var run = await new EngineHarness(lost, isStored: true).StartAsync();
        run.ShouldBeSuspended();
        await run.ResumeAsync("go");
        run.ShouldBeFaulted();
        Assert.Equal(("m", "unknown-state"), (run.State.Incidents[0].ActivityId, run.State.Incidents[0].Code));
        await run.RetryAsync(run.State.Incidents[0].Id);
        Assert.Equal("unknown-state", Assert.Single(run.State.Incidents).Code);

        var nowhere = await new EngineHarness(Definition(Of("Elsa.StateMachine", "m", $"\"states\":[{New}]")), isStored: true).StartAsync();
        Assert.Equal("unknown-state", Assert.Single(nowhere.State.Incidents).Code);
    }

    [Theory]
    // A way that leads out elsewhere, or is new elsewhere, changes nothing here.
    [InlineData("New,Paid,Closed", "New>Closed:pay Paid>Closed:late", null)]
    [InlineData("New,Paid,Closed", "New>Paid:pay New>Closed:cancel", MigrationObstacleKind.ContainerChanged)]
    [InlineData("Paid,Closed", "Paid>Closed:pay", MigrationObstacleKind.ContainerChanged)]
    [InlineData("New,Paid", "New>Paid:other", MigrationObstacleKind.ActivityMissing)]
    public async Task Another_version_is_taken_where_the_same_ways_lead_out_of_the_state(string states, string ways, MigrationObstacleKind? obstacle)
    {
        var run = await new EngineHarness(Machine([New, Paid], [Way("New", "Paid", Event("pay"))])).StartAsync();
        var next = Machine([.. states.Split(',').Select(s => $$"""{"name":"{{s}}"}""")],
            [.. ways.Split(' ').Select(w => Way(w.Split('>')[0], w.Split('>')[1].Split(':')[0], Event(w.Split(':')[1])))], states.Split(',')[0]);

        var plan = StateMigration.Plan(run.Workflow, new WorkflowCompiler().Compile(next), run.State, new HashSet<string>());

        if (obstacle is { } expected)
        {
            Assert.Contains(expected, plan.Obstacles.Select(o => o.Kind));
            return;
        }
        Assert.Empty(plan.Obstacles);
        var moved = EngineHarness.At(next, plan.State!);
        await moved.ResumeAsync("pay");
        moved.ShouldBeFinished();
        Assert.Equal("Closed", (string?)moved.Journal.Single(j => j is { ActivityId: "m", EventName: "Completed" }).Payload!["CurrentState"]);
    }

    [Fact]
    public async Task A_finished_activity_may_come_again_where_the_old_version_led_back_too()
    {
        string[] loop = [Way("New", "Paid", Event("pay"), action: Write("act")), Way("Paid", "New", Event("back"))];
        var run = await new EngineHarness(Machine([New, Paid], loop)).StartAsync();
        await run.ResumeAsync("pay");
        var once = new WorkflowCompiler().Compile(Machine([New, Paid], loop));
        Assert.NotNull(StateMigration.Plan(run.Workflow, once, run.State, new HashSet<string> { "pay", "act" }).State);

        // From a version without the way back, the finished ones would come again.
        var straight = new WorkflowCompiler().Compile(Machine([New, Paid, Closed], [loop[0], Way("Paid", "Closed", Event("back"))]));
        Assert.Contains(StateMigration.Plan(straight, once, run.State, new HashSet<string> { "pay", "act" }).Obstacles, o => o.Kind == MigrationObstacleKind.FinishedAgain);
    }

    private static WorkflowDefinition Machine(string[] states, string[] transitions, string initial = "New") => Definition(MachineJson(states, transitions, initial));

    private static string MachineJson(string[] states, string[] transitions, string initial = "New") => Of("Elsa.StateMachine", "m",
        $"\"initialState\":\"{initial}\",\"states\":[{string.Join(',', states)}],\"transitions\":[{string.Join(',', transitions)}]");

    private static string Full(string name) => $$"""{"name":"{{name}}","entry":{{Write($"in {name}")}},"exit":{{Write($"out {name}")}} }""";

    private static string Way(string from, string to, string trigger, string condition = "null", string action = "null") =>
        $$"""{"from":"{{from}}","to":"{{to}}","trigger":{{trigger}},"condition":{{condition}},"action":{{action}} }""";

    private static string Event(string id) => Of("Elsa.Event", id, $"'eventName':'{id}'");

    private static JsonObject Answer(string payload) => PpidWorkflow.Engine.Activities.Primitives.Event.InputOf(JsonValue.Create(payload))!;
}
