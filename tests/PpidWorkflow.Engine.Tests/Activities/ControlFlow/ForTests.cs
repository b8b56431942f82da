using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class ForTests
{
    [Theory]
    [InlineData("'start':1,'end':3", "1,2,3")]
    [InlineData("'start':1,'end':3,'outerBoundInclusive':false", "1,2")]
    [InlineData("'start':3,'end':1,'step':-1", "3,2,1")]
    [InlineData("'start':3,'end':1,'step':-1,'outerBoundInclusive':false", "3,2")]
    [InlineData("'start':0,'end':5,'step':2", "0,2,4")]
    [InlineData("'start':0,'end':4,'step':2,'outerBoundInclusive':false", "0,2")]
    [InlineData("'start':0,'end':5,'step':2,'outerBoundInclusive':false", "0,2,4")]
    [InlineData("'start':5,'end':1", "")]
    [InlineData("", "0")]
    [InlineData("'start':2147483646,'end':2147483647", "2147483646,2147483647")]
    public async Task It_counts_as_Elsa_does(string bounds, string lines)
    {
        var run = await RunAsync(bounds);

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_step_of_nothing_is_an_incident()
    {
        var run = await RunAsync("'start':1,'end':3,'step':0");

        Assert.Equal(("loop", "loop-step-zero"), (run.State.Incidents[0].ActivityId, Assert.Single(run.State.Incidents).Code));
        Assert.Empty(run.Lines);
    }

    [Fact]
    public async Task A_loop_without_body_completes() =>
        (await new EngineHarness(Definition(Of("Elsa.For", "loop", "'start':1,'end':3"))).StartAsync()).ShouldBeFinished();

    [Fact]
    public async Task Its_current_value_lands_in_a_variable_and_its_bounds_do_not_move()
    {
        var run = await new EngineHarness(Definition(
            Of("Elsa.For", "loop", $$"""
                'start':1,'end':{{Js("getN() + 2")}},'currentValue':{'typeName':'Object','memoryReference':{'id':'n'} },'body':{{Write("x")}}
                """),
            "[{'id':'n','name':'n','typeName':'Int32','value':1}]")).StartAsync();

        Assert.Equal(3, run.Lines.Count);
        Assert.Equal(3, (int)run.State.GetVariables(run.Workflow)["n"]!);
    }

    [Fact]
    public async Task Each_round_may_wait()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.For", "loop", $"'start':1,'end':2,'body':{LoopBody}"))).StartAsync();
        await run.ResumeAsync("e");
        run.ShouldBeSuspended();
        await run.ResumeAsync("e");

        Assert.Equal(["1", "2"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_loop_over_all_numbers_meets_the_limit_of_a_burst()
    {
        var run = await RunAsync("'start':-2147483648,'end':2147483647");

        Assert.Equal(Engine.Execution.WorkflowRunner.BurstLimitCode, Assert.Single(run.State.Incidents).Code);
    }

    private static string LoopBody { get; } =
        Of("Elsa.Sequence", "q", $"'activities':[{Of("Elsa.Event", "e", "'eventName':'go'")},{Of("Elsa.WriteLine", "w", $"'text':{Js("getCurrentValue()")}")}]");

    private static Task<EngineHarness> RunAsync(string bounds) => new EngineHarness(Definition(Of(
        "Elsa.For", "loop", $"{(bounds.Length > 0 ? bounds + "," : "")}'body':{Of("Elsa.WriteLine", "w", $"'text':{Js("getVariable('CurrentValue')")}")}")))
        .StartAsync();
}
