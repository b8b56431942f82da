using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

public class IncidentTests
{
    private static readonly string[] Unlucky =
    [
        Write("before"), Of("Elsa.RunTask", "ask", "'taskName':'t','result':{'typeName':'Object','memoryReference':{'id':'n'}}"), Write("after")
    ];

    [Fact]
    public async Task A_fault_is_an_incident_and_a_retry_runs_only_what_failed()
    {
        var definition = Definition(
            FlowJson("before->bad bad->after", Write("before"), $$"""{"type":"Elsa.WriteLine","id":"bad","text":{{Js("if (getCorrelationId() != 'ok') throw new Error(getInput('Name')); 'fine'")}}}""",
                Of("Elsa.Event", "wait", "'eventName':'e'"), Write("after")),
            inputs: "[{'name':'Name','type':'String'}]");
        var run = await new EngineHarness(definition).StartAsync(("Name", "rahasia"));

        run.ShouldBeFaulted();
        var incident = Assert.Single(run.Last.NewIncidents);
        Assert.Equal(("bad", "Elsa.WriteLine", "script-error"), (incident.ActivityId, incident.ActivityType, incident.Code));
        Assert.DoesNotContain("rahasia", incident.Message, StringComparison.Ordinal);
        Assert.Contains("bad Faulted", run.Path);

        run.State.CorrelationId = "ok";
        await run.RetryAsync(incident.Id);

        run.ShouldBeFinished();
        Assert.Empty(run.State.Incidents);
        Assert.Equal(["before", "fine", "after"], run.Lines);
        await Assert.ThrowsAsync<IncidentNotFoundException>(() => run.RetryAsync(incident.Id));
    }

    [Fact]
    public async Task A_fault_while_resuming_keeps_the_input_for_the_retry()
    {
        var run = await new EngineHarness(Definition(
            FlowJson("before->ask ask->after", Unlucky), "[{'id':'n','name':'n','typeName':'Int32'}]")).StartAsync();
        await run.ResumeAsync("ask", new JsonObject { ["answer"] = "not a number" });

        run.ShouldBeFaulted();
        Assert.Empty(run.State.Bookmarks);
        var first = Assert.Single(run.State.Incidents);
        Assert.Equal("value-conversion", first.Code);

        await run.RetryAsync(first.Id);

        Assert.Equal("value-conversion", Assert.Single(run.State.Incidents).Code);
        Assert.Equal(["before"], run.Lines);
    }

    [Theory]
    [InlineData("", "0", "General", "System")]
    [InlineData("'code':'E7','category':'HTTP','faultType':'Business','message':'sebab'", "E7", "HTTP", "Business")]
    [InlineData("'code':'','category':''", "0", "General", "System")]
    public async Task A_fault_tells_its_code_category_and_type(string inputs, string code, string category, string type)
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Fault", "bad", inputs))).StartAsync();

        Assert.Equal(code, Assert.Single(run.State.Incidents).Code);
        var payload = Assert.Single(run.Journal, e => e.EventName == "Faulted").Payload!;
        Assert.Equal((category, type), ((string?)payload["Category"], (string?)payload["FaultType"]));
    }

    [Fact]
    public async Task A_code_is_no_longer_than_an_incident_can_keep()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Fault", "bad", $"'code':'{new string('x', 500)}'"))).StartAsync();

        Assert.Equal(new string('x', 60), Assert.Single(run.State.Incidents).Code);
    }

    [Fact]
    public async Task A_fault_in_one_branch_leaves_the_other_waiting()
    {
        var run = await new EngineHarness(Flow(
            "s->bad s->wait wait->end", Of("Elsa.Start", "s"), Of("Elsa.Fault", "bad", "'code':'E1','message':'sebab'"),
            Of("Elsa.Event", "wait", "'eventName':'e'"), Write("end"))).StartAsync();

        run.ShouldBeFaulted();
        Assert.Equal(("E1", "sebab"), (run.State.Incidents[0].Code, run.State.Incidents[0].Message));
        Assert.Single(run.State.Bookmarks);

        await run.ResumeAsync("wait");

        Assert.Equal(["end"], run.Lines);
        run.ShouldBeFaulted();
    }

    [Theory]
    [InlineData("'Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core'", true)]
    [InlineData("'ContinueWithIncidentsStrategy'", true)]
    [InlineData("'Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core'", false)]
    [InlineData("null", false)]
    public async Task The_definition_says_whether_an_incident_stops_the_instance(string strategy, bool goesOn)
    {
        var flow = FlowJson("s->bad s->wait bad->fine wait->end", Of("Elsa.Start", "s"), Activities.Proofs.Parts.Bad("mended"), Of("Elsa.Event", "wait", "'eventName':'e'"),
            Write("fine"), Write("end"));
        var run = await new EngineHarness(Parse(
            $$"""{"id":"v1","definitionId":"d1","version":1,"options":{"incidentStrategyType":{{strategy}} },"root":{{flow}} }""".Replace('\'', '"'))).StartAsync();
        ShouldStand();
        await run.ResumeAsync("wait");
        Assert.Equal(["end"], run.Lines);
        ShouldStand();

        run.State.CorrelationId = "ok";
        await run.RetryAsync(run.State.Incidents[0].Id);
        Assert.Equal(["end", "mended", "fine"], run.Lines);
        run.ShouldBeFinished();

        void ShouldStand()
        {
            Assert.Equal("script-error", Assert.Single(run.State.Incidents).Code);
            if (goesOn)
                run.ShouldBeSuspended();
            else
                run.ShouldBeFaulted();
        }
    }

    [Fact]
    public void An_incident_strategy_that_nobody_knows_is_refused() => Assert.Equal(
        "unknown-incident-strategy",
        Assert.Single(new Engine.Definitions.WorkflowCompiler().Validate(
            Parse("""{"id":"v1","definitionId":"d1","version":1,"options":{"incidentStrategyType":"Evil.Type, Evil"},"root":{"type":"Elsa.WriteLine","id":"w"} }"""))).Code);

    [Fact]
    public async Task A_burst_that_never_yields_is_stopped_and_can_go_on()
    {
        var definition = Flow("s->d d:True->a a->d d:False->end", Of("Elsa.Start", "s"),
            $$"""{"type":"Elsa.FlowDecision","id":"d","condition":{{Js("getCorrelationId() != 'stop'")}}}""", Write("a"), Write("end"));
        var run = await new EngineHarness(definition, options: new EngineOptions { MaxActivitiesPerBurst = 25 }).StartAsync();

        run.ShouldBeFaulted();
        var incident = Assert.Single(run.State.Incidents);
        Assert.Equal(WorkflowRunner.BurstLimitCode, incident.Code);

        run.State.CorrelationId = "stop";
        await run.RetryAsync(incident.Id);

        run.ShouldBeFinished();
        Assert.Equal("end", run.Lines[^1]);
    }

    [Fact]
    public async Task A_stopped_loop_stays_stopped_while_another_branch_goes_on()
    {
        var run = await new EngineHarness(Flow("s->wait s->d d:True->a a->d d:False->a wait->end", Of("Elsa.Start", "s"), Of("Elsa.Event", "wait", "'eventName':'e'"),
            Of("Elsa.FlowDecision", "d"), Write("a"), Write("end")), options: new EngineOptions { MaxActivitiesPerBurst = 25 }).StartAsync();
        var lines = run.Lines.Count;
        await run.ResumeAsync("wait");

        Assert.Equal(["end"], run.Lines.Skip(lines));
        run.ShouldBeFaulted();
    }

    [Fact]
    public async Task Cancelling_burns_every_bookmark()
    {
        var run = await new EngineHarness(Read("exports/server-branches.json")).StartAsync();
        var standing = run.State.Bookmarks.Select(b => b.Id).ToArray();
        await run.CancelAsync();

        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Cancelled), (run.State.Status, run.State.SubStatus));
        Assert.Equal(standing, run.Last.BurntBookmarkIds);
        Assert.Contains("Workflow1 Canceled", run.Path);

        await run.CancelAsync();
        Assert.Empty(run.Last.Journal);
    }

    [Fact]
    public async Task The_given_state_is_never_changed()
    {
        var run = await new EngineHarness(Read("exports/server-five.json"), roundTrip: false).StartAsync(("Customer", "ACME"));
        var before = run.State;
        var text = before.ToJson();
        await run.ResumeAsync("Approve", []);

        Assert.Equal(text, before.ToJson());
        Assert.NotSame(before, run.State);
    }

    [Fact]
    public async Task A_missing_required_input_is_refused_at_the_start()
    {
        var definition = Definition(Of("Elsa.WriteLine", "w"), inputs: "[{'name':'Title','type':'String','customProperties':{'required':true}}]");

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => new EngineHarness(definition).StartAsync());

        Assert.Contains("Title", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeating_a_burst_gives_the_same_result()
    {
        var one = await new EngineHarness(Flow(SopArrows, Activities.SopFlow.Steps)).StartAsync();
        var two = await new EngineHarness(Flow(SopArrows, Activities.SopFlow.Steps), roundTrip: false).StartAsync();

        Assert.Equal(one.State.ToJson(), two.State.ToJson());
        Assert.InRange(one.State.ToJson().Length, 100, 2_500);
    }

    private const string SopArrows = Activities.SopFlow.Arrows;
}
