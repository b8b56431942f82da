using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class ParallelForEachTests
{
    [Theory]
    [InlineData("'abc'", "not-a-collection")]
    [InlineData("'[1,'", "not-a-collection")]
    public async Task What_is_no_list_is_an_incident(string items, string code) => Assert.Equal(
        code,
        Assert.Single((await new EngineHarness(Definition(Of("Elsa.ParallelForEach", "p", $"'items':{items},'body':{Write("x")}"))).StartAsync()).State.Incidents).Code);

    [Fact]
    public async Task A_list_that_is_too_long_is_an_incident_and_leaves_a_small_state()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.ParallelForEach", "p", $"'items':{Js("Array(10001).fill(0)")},'body':{Write("x")}"))).StartAsync();

        Assert.Equal("too-many-items", Assert.Single(run.State.Incidents).Code);
        Assert.InRange(run.State.ToJson().Length, 100, 2_000);
    }
}
