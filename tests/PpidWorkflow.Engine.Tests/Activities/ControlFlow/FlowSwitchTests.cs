using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class FlowSwitchTests
{
    [Theory]
    [InlineData("MatchFirst", "getN() == 1", "getN() > 0", "A")]
    [InlineData("MatchFirst", "false", "getN() > 0", "B")]
    [InlineData("MatchAny", "getN() == 1", "getN() > 0", "A,B")]
    [InlineData("MatchAny", "false", "null", "Default")]
    [InlineData("MatchFirst", "false", "false", "Default")]
    public async Task It_leaves_by_the_ports_of_the_cases_that_hold(string mode, string a, string b, string path)
    {
        var run = await RunAsync(mode, a, b);

        Assert.Equal(path, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Outcomes_stand_in_the_journal()
    {
        var run = await RunAsync("MatchAny", "true", "true");

        Assert.Equal("""{"Outcomes":["A","B"]}""", run.Journal.Single(e => e is { ActivityId: "w", EventName: "Completed" }).Payload!.ToJsonString());
    }

    [Fact]
    public async Task A_condition_that_fails_is_an_incident() =>
        Assert.Equal("script-error", Assert.Single((await RunAsync("MatchFirst", "nobody.home", "true")).State.Incidents).Code);

    [Fact]
    public async Task A_condition_that_is_not_true_or_false_is_an_incident() =>
        Assert.Equal("value-conversion", Assert.Single((await RunAsync("MatchFirst", "'maybe'", "true")).State.Incidents).Code);

    [Fact]
    public async Task Branches_of_all_matching_cases_wait_and_join()
    {
        var run = await new EngineHarness(Flow(
            "w:A->a w:B->b a->j b->j j->end", Switch("MatchAny", "true", "true"), Of("Elsa.Event", "a", "'eventName':'a'"),
            Of("Elsa.Event", "b", "'eventName':'b'"), Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'"), Write("end"))).StartAsync();
        await run.ResumeAsync("b");
        Assert.Empty(run.Lines);
        await run.ResumeAsync("a");

        Assert.Equal(["end"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public void A_connection_from_a_case_that_is_not_there_is_refused()
    {
        var problems = new WorkflowCompiler().Validate(Flow("w:A->x w:C->x w:Default->x", Switch("MatchFirst", "true", "true"), Write("x")));

        Assert.Equal("dangling-connection", Assert.Single(problems).Code);
        Assert.Contains("\"C\"", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_that_cannot_be_read_is_refused() =>
        Assert.Equal("expression-syntax-error", Assert.Single(new WorkflowCompiler().Validate(Flow("", Switch("MatchFirst", "1 +", "true")))).Code);

    private static string Switch(string mode, string a, string b) =>
        Of("Elsa.FlowSwitch", "w", $"'mode':'{mode}','cases':[{SwitchTests.Case("A", a)},{SwitchTests.Case("B", b)}]");

    private static Task<EngineHarness> RunAsync(string mode, string a, string b) => new EngineHarness(Definition(
        FlowJson("w:A->A w:B->B w:Default->Default", Switch(mode, a, b), Write("A"), Write("B"), Write("Default")),
        "[{'id':'n','name':'n','typeName':'Int32','value':1}]")).StartAsync();
}
