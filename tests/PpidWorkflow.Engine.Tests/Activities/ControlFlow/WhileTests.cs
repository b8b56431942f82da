using System.Diagnostics;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class WhileTests
{
    private const string N = "[{'id':'n','name':'n','typeName':'Int32','value':0}]";

    [Fact]
    public async Task It_asks_its_condition_before_each_round()
    {
        var run = await RunAsync("getN() < 3", Count);

        Assert.Equal(["1", "2", "3"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_runs_nothing() => Assert.Empty((await RunAsync("false", Count)).Lines);

    [Fact]
    public async Task Each_round_may_wait()
    {
        var run = await RunAsync("getN() < 2", Of("Elsa.Sequence", "q", $"'activities':[{Of("Elsa.Event", "e", "'eventName':'go'")},{Count}]"));
        await run.ResumeAsync("e");
        run.ShouldBeSuspended();
        await run.ResumeAsync("e");

        Assert.Equal(["1", "2"], run.Lines);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("nobody.home", "script-error")]
    [InlineData("'maybe'", "value-conversion")]
    public async Task A_condition_that_fails_is_an_incident(string condition, string code) =>
        Assert.Equal(("loop", code), ((await RunAsync(condition, Count)).State.Incidents[0].ActivityId, (await RunAsync(condition, Count)).State.Incidents[0].Code));

    [Fact]
    public async Task A_loop_without_end_is_an_incident_within_a_second()
    {
        var watch = Stopwatch.StartNew();
        var run = await new EngineHarness(Definition(Of("Elsa.While", "loop", $"'condition':true,'body':{Of("Elsa.SetName", "x", "'value':'y'")}"))).StartAsync();

        Assert.Equal(WorkflowRunner.BurstLimitCode, Assert.Single(run.State.Incidents).Code);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.InRange(run.State.ToJson().Length, 100, 2_000);
    }

    [Fact]
    public async Task A_loop_without_body_is_an_incident_while_its_condition_holds() => Assert.Equal(
        "missing-child", Assert.Single((await new EngineHarness(Definition(Of("Elsa.While", "loop", "'condition':true"))).StartAsync()).State.Incidents).Code);

    private static string Count { get; } = Of("Elsa.WriteLine", "w", $"'text':{Js("setN(getN() + 1); getN()")}");

    private static Task<EngineHarness> RunAsync(string condition, string body) =>
        new EngineHarness(Definition(Of("Elsa.While", "loop", $"'condition':{Js(condition)},'body':{body}"), N)).StartAsync();
}
