using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class BreakTests
{
    [Theory]
    [InlineData("Elsa.For", "'start':1,'end':5")]
    [InlineData("Elsa.ForEach", "'items':[1,2,3,4,5]")]
    [InlineData("Elsa.While", "'condition':true")]
    public async Task It_ends_every_kind_of_loop(string type, string more)
    {
        var run = await RunAsync(Loop(type, more, "getN() == 3"));

        Assert.Equal(["1", "2", "3", "after"], run.Lines);
        Assert.Single(run.Path, "loop Completed");
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task It_ends_the_inner_loop_only()
    {
        var inner = Loop("Elsa.While", "'condition':true", "getN() % 2 == 0");
        var run = await RunAsync(Of("Elsa.For", "outer", $"'start':1,'end':2,'body':{inner}"));

        Assert.Equal(["1", "2", "3", "4", "after"], run.Lines);
    }

    [Fact]
    public async Task It_ends_a_flowchart_that_holds_it()
    {
        var body = FlowJson("w->d d:True->b d:False->x", Count, Of("Elsa.FlowDecision", "d", $"'condition':{Js("getN() == 2")}"), Of("Elsa.Break", "b"), Write("x"));
        var run = await RunAsync(Of("Elsa.While", "loop", $"'condition':true,'body':{body}"));

        Assert.Equal(["1", "x", "2", "after"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task It_ends_a_fork_and_cancels_what_waits_in_its_other_branches()
    {
        var fork = Of("Elsa.Fork", "f", $"'branches':[{Of("Elsa.Event", "e", "'eventName':'go'")},{Of("Elsa.Break", "b")}]");
        var run = await RunAsync(Of("Elsa.While", "loop", $"'condition':true,'body':{fork}"));

        Assert.Equal(["after"], run.Lines);
        Assert.Contains("e Canceled", run.Path);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task In_a_parallel_loop_the_other_items_go_on_and_the_loop_outside_ends()
    {
        var body = Of("Elsa.Sequence", "q", $$"""
            'activities':[
            {'type':'Elsa.If','id':'i','condition':{{Js("getCurrentValue() == 2")}},'then':{'type':'Elsa.Break','id':'b'} },
            {'type':'Elsa.Event','id':'e','eventName':'go'},
            {'type':'Elsa.WriteLine','id':'w','text':{{Js("getCurrentValue()")}}}]
            """);
        var run = await RunAsync(Of("Elsa.While", "loop", $"'condition':true,'body':{Of("Elsa.ParallelForEach", "p", $"'items':[1,2,3],'body':{body}")}"));
        Assert.Equal(2, run.State.Bookmarks.Count);
        await run.ResumeAsync(run.State.Bookmarks[1]);
        await run.ResumeAsync(run.State.Bookmarks[0]);

        Assert.Equal(["3", "1", "after"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task It_is_remembered_across_a_wait()
    {
        var parallel = Of("Elsa.Parallel", "p", $"'activities':[{Of("Elsa.Event", "e", "'eventName':'go'")},{Of("Elsa.Break", "b")}]");
        var run = await RunAsync(Of("Elsa.For", "loop", $"'start':1,'end':3,'body':{parallel}"));
        run.ShouldBeSuspended();
        await run.ResumeAsync("e");

        Assert.Equal(["after"], run.Lines);
        Assert.Single(run.Path, "p Completed");
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Outside_any_loop_it_ends_what_holds_it()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Sequence", "s", $"'activities':[{Of("Elsa.Break", "b")},{Write("x")}]"))).StartAsync();

        Assert.Empty(run.Lines);
        run.ShouldBeFinished();
    }

    private static string Count { get; } = Of("Elsa.WriteLine", "w", $"'text':{Js("setN(getN() + 1); getN()")}");

    private static string Loop(string type, string more, string condition) => Of(type, "loop", $$"""
        {{more}},'body':{'type':'Elsa.Sequence','id':'q','activities':[{{Count}},
        {'type':'Elsa.If','id':'i','condition':{{Js(condition)}},'then':{'type':'Elsa.Sequence','id':'t','activities':[{'type':'Elsa.Break','id':'b'},{{Write("never")}}]} }]}
        """);

    private static Task<EngineHarness> RunAsync(string loop) => new EngineHarness(Definition(
        Of("Elsa.Sequence", "s", $"'activities':[{loop},{Write("after")}]"), "[{'id':'n','name':'n','typeName':'Int32','value':0}]")).StartAsync();
}
