using System.Text.Json.Nodes;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class SwitchTests
{
    [Theory]
    [InlineData("MatchFirst", "b")]
    [InlineData("MatchAny", "b", "c")]
    public async Task The_mode_says_which_cases_run(string mode, params string[] ran)
    {
        var run = await RunAsync(mode, "false", "true", "getN() == 1");

        Assert.Equal(ran, run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Where_no_case_holds_the_default_runs() => Assert.Equal(["default"], (await RunAsync("MatchFirst", "false", "null", "undefined")).Lines);

    [Fact]
    public async Task A_case_without_activity_counts_all_the_same()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Switch", "s", $"'cases':[{{'label':'b','condition':{{'type':'Literal','value':'true'}}}}],'default':{Write("default")}"))).StartAsync();

        Assert.Empty(run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_condition_that_fails_is_an_incident()
    {
        var run = await RunAsync("MatchFirst", "nobody.home");

        run.ShouldBeFaulted();
        Assert.Equal(("s", "script-error"), (run.State.Incidents[0].ActivityId, run.State.Incidents[0].Code));
        Assert.Empty(run.Lines);
    }

    [Fact]
    public async Task It_waits_for_all_its_cases()
    {
        var waits = Of("Elsa.Event", "e1", "'eventName':'a'");
        var more = Of("Elsa.Event", "e2", "'eventName':'b'");
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Switch", "s", $"'mode':'MatchAny','cases':[{Case("a", "true", waits)},{Case("b", "true", more)}]"))).StartAsync();
        Assert.Equal(2, run.State.Bookmarks.Count);
        await run.ResumeAsync("e2");
        run.ShouldBeSuspended();
        await run.ResumeAsync("e1");

        Assert.Single(run.Path, "s Completed");
        run.ShouldBeFinished();
    }

    internal static string Case(string label, string condition, string activity = "null") =>
        $$"""{"label":"{{label}}","condition":{"type":"JavaScript","value":{{JsonValue.Create(condition).ToJsonString()}} },"activity":{{activity}} }""";

    private static Task<EngineHarness> RunAsync(string mode, params string[] conditions)
    {
        var cases = string.Join(',', conditions.Select((c, i) => Case($"{(char)('a' + i)}", c, Write($"{(char)('a' + i)}"))));
        return new EngineHarness(Definition(
            Of("Elsa.Switch", "s", $"'mode':'{mode}','cases':[{cases}],'default':{Write("default")}"), "[{'id':'n','name':'n','typeName':'Int32','value':1}]"))
            .StartAsync();
    }
}
