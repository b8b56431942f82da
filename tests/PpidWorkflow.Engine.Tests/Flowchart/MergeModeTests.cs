using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Flowchart;

/// <summary>Two branches that wait for an event each meet at "m".</summary>
public class MergeModeTests
{
    [Theory]
    [InlineData("Stream", "m", 1)]
    [InlineData("Merge", "m", 1)]
    [InlineData("Converge", "m", 1)]
    [InlineData("Cascade", "m,m", 1)]
    [InlineData("Race", "m", 0)]
    public async Task Both_arrive_one_after_the_other(string mode, string lines, int waiting)
    {
        var run = await StartAsync(Of("Elsa.WriteLine", "m", $"'text':'m','customProperties':{{'mergeMode':'{mode}'}}"));
        await run.ResumeAsync("a");
        Assert.Equal(waiting, run.State.Bookmarks.Count);
        if (waiting > 0)
            await run.ResumeAsync("b");

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("WaitAll", 1)]
    [InlineData("WaitAllActive", 1)]
    [InlineData("WaitAny", 0)]
    public async Task An_explicit_join_waits_as_its_mode_says(string mode, int waiting)
    {
        var run = await StartAsync(Of("Elsa.FlowJoin", "m", $"'mode':'{mode}'"));
        await run.ResumeAsync("a");
        Assert.Equal(waiting, run.State.Bookmarks.Count);
        if (waiting > 0)
            await run.ResumeAsync("b");

        Assert.Single(run.Path, "m Completed");
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("WaitAllActive", true)]
    [InlineData("WaitAll", false)]
    public async Task A_branch_that_ends_elsewhere_does_not_hold_up_a_join_of_the_active(string mode, bool runs)
    {
        var run = await new EngineHarness(Flow(
            "s->a s->b a->j b->d d:True->c c->j", Of("Elsa.Start", "s"), Write("a"), Of("Elsa.Event", "b", "'eventName':'e'"), Of("Elsa.FlowDecision", "d"),
            Write("c"), Of("Elsa.FlowJoin", "j", $"'mode':'{mode}'"))).StartAsync();
        run.ShouldBeSuspended();
        await run.ResumeAsync("b");

        Assert.Equal(runs, run.Path.Contains("j Completed"));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_join_of_any_works_again_in_the_next_round_of_a_loop()
    {
        var run = await new EngineHarness(Flow(
            "s->ask ask->d d:True->j d:False->x x->j j->again again:True->ask again:False->end", Of("Elsa.Start", "s"), Of("Elsa.Event", "ask", "'eventName':'e'"),
            $$"""{"type":"Elsa.FlowDecision","id":"d","condition":{{Js("getOutputFrom('ask').v")}} }""", Write("x"), Of("Elsa.FlowJoin", "j"),
            $$"""{"type":"Elsa.FlowDecision","id":"again","condition":{{Js("getOutputFrom('ask').more")}} }""", Write("end"))).StartAsync();
        await run.ResumeAsync("ask", new() { ["v"] = true, ["more"] = true });
        await run.ResumeAsync("ask", new() { ["v"] = false, ["more"] = true });
        await run.ResumeAsync("ask", new() { ["v"] = true, ["more"] = false });

        Assert.Equal(["x", "end"], run.Lines);
        Assert.Equal(3, run.Path.Count(p => p == "j Completed"));
        run.ShouldBeFinished();
    }

    private static Task<EngineHarness> StartAsync(string meeting) => new EngineHarness(Flow(
        "s->a s->b a->m b->m", Of("Elsa.Start", "s"), Of("Elsa.Event", "a", "'eventName':'a'"), Of("Elsa.Event", "b", "'eventName':'b'"), meeting)).StartAsync();
}
