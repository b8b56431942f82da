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

    /// <summary>Its branch was scheduled before the race was won, and begins before the join does: as in Elsa, where it counts visits.</summary>
    [Fact]
    public async Task A_join_of_any_cancels_what_had_been_scheduled_before_it_and_waits_by_now()
    {
        var run = await new EngineHarness(Flow(
            "s->a s->b a->j b->j j->end", Of("Elsa.Start", "s"), Write("a"), Of("Elsa.Event", "b", "'eventName':'e'"), Of("Elsa.FlowJoin", "j", "'mode':'WaitAny'"),
            Write("end"))).StartAsync();

        Assert.Equal(["a", "end"], run.Lines);
        Assert.Equal(["b Started", "b Suspended", "b Canceled"], run.Path.Where(p => p.StartsWith("b ", StringComparison.Ordinal)));
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

    /// <summary>Where Elsa counts visits (its default), j runs once, after c; by tokens it runs for each that comes while nothing is on its way before it.</summary>
    [Theory]
    [InlineData("None", "a,j,c,j")]
    [InlineData("Merge", "a,c,j")]
    public async Task What_comes_later_runs_it_again_unless_it_waits_for_all(string mode, string lines)
    {
        var run = await new EngineHarness(Flow("s->a s->e e->c a->j c->j", Of("Elsa.Start", "s"), Write("a"), Of("Elsa.Event", "e", "'eventName':'e'"), Write("c"),
            Line("j", mode))).StartAsync();
        await run.ResumeAsync("e");

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("None", "m,z")]
    [InlineData("Merge", "m,z")]
    [InlineData("Cascade", "m,m,z,z")]
    public async Task Two_outcomes_at_once_run_it_once_but_for_a_cascade(string mode, string lines)
    {
        var run = await new EngineHarness(Flow("s->f f:A->m f:B->m m->z", Of("Elsa.Start", "s"), Of("Elsa.FlowFork", "f", "'branches':['A','B']"), Line("m", mode), Write("z"))).StartAsync();

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    /// <summary>Elsa looks at a target only when something arrives there: j would wait for ever for a decision that went elsewhere.</summary>
    [Fact]
    public async Task What_waits_is_looked_at_again_when_the_branch_before_it_ends_elsewhere()
    {
        var run = await new EngineHarness(Flow("s->a s->d a->j d:True->j d:False->x", Of("Elsa.Start", "s"), Write("a"),
            Of("Elsa.FlowDecision", "d", "'condition':false"), Line("j", "Stream"), Write("x"))).StartAsync();

        Assert.Equal(["a", "j", "x"], run.Lines);
        run.ShouldBeFinished();
    }

    /// <summary>Elsa means loops to be passed over (MergeMode.Merge), and asks what comes back through one for all forward tokens all the same.</summary>
    [Fact]
    public async Task What_comes_back_through_a_loop_passes_a_merge_at_once()
    {
        var run = await new EngineHarness(Flow("s->a s->b a->m b->m m->ask ask->d d:True->m d:False->end", Of("Elsa.Start", "s"), Write("a"), Write("b"),
            Line("m", "Merge"), Of("Elsa.Event", "ask", "'eventName':'e'"),
            $$"""{"type":"Elsa.FlowDecision","id":"d","condition":{{Js("getOutputFrom('ask').more")}} }""", Write("end"))).StartAsync();
        await run.ResumeAsync("ask", new() { ["more"] = true });
        await run.ResumeAsync("ask", new() { ["more"] = false });

        Assert.Equal(["a", "b", "m", "m", "end"], run.Lines);
        run.ShouldBeFinished();
    }

    private static string Line(string id, string mode) => Of("Elsa.WriteLine", id, $"'text':'{id}','customProperties':{{'mergeMode':'{mode}'}}");

    private static Task<EngineHarness> StartAsync(string meeting) => new EngineHarness(Flow(
        "s->a s->b a->m b->m", Of("Elsa.Start", "s"), Of("Elsa.Event", "a", "'eventName':'a'"), Of("Elsa.Event", "b", "'eventName':'b'"), meeting)).StartAsync();
}
