using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class ForkTests
{
    [Theory]
    [InlineData("WaitAll", 1)]
    [InlineData("WaitAny", 0)]
    public async Task The_mode_says_how_many_branches_it_waits_for(string mode, int waiting)
    {
        var run = await StartAsync(mode);
        Assert.Equal(2, run.State.Bookmarks.Count);
        await run.ResumeAsync("b");
        Assert.Equal(waiting, run.State.Bookmarks.Count);
        if (waiting > 0)
            await run.ResumeAsync("a");
        else
            Assert.Contains("a Canceled", run.Path);

        Assert.Equal(["after"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Branches_take_turns()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Fork", "f", $"'branches':[{Of("Elsa.Sequence", "s", $"'activities':[{Write("a1")},{Write("a2")}]")},{Write("b1")}]"))).StartAsync();

        Assert.Equal(["b1", "a1", "a2"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task No_branch_at_all_completes() =>
        (await new EngineHarness(Definition(Of("Elsa.Fork", "f", "'branches':[]"))).StartAsync()).ShouldBeFinished();

    [Fact]
    public async Task A_fault_in_one_branch_leaves_the_other_waiting()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Fork", "f", $"'joinMode':'WaitAll','branches':[{Of("Elsa.Fault", "bad", "'code':'E1'")},{Of("Elsa.Event", "b", "'eventName':'b'")}]")))
            .StartAsync();

        run.ShouldBeFaulted();
        Assert.Equal("b", Assert.Single(run.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void A_mode_that_is_not_there_is_refused() => Assert.Equal(
        "invalid-choice",
        Assert.Single(new Engine.Definitions.WorkflowCompiler().Validate(Definition(Of("Elsa.Fork", "f", "'joinMode':'WaitSome'")))).Code);

    private static Task<EngineHarness> StartAsync(string mode)
    {
        var fork = Of("Elsa.Fork", "f", $"'joinMode':'{mode}','branches':[{Of("Elsa.Event", "a", "'eventName':'a'")},{Of("Elsa.Event", "b", "'eventName':'b'")}]");
        return new EngineHarness(Definition(Of("Elsa.Sequence", "s", $"'activities':[{fork},{Write("after")}]"))).StartAsync();
    }
}
