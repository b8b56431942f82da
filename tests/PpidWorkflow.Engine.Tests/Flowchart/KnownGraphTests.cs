namespace PpidWorkflow.Engine.Tests.Flowchart;

/// <summary>The graphs of elsa-core's own tests end here as they end there (tests/Shared/elsa/graphs/README.md).</summary>
public class KnownGraphTests
{
    [Theory]
    [InlineData("fork-decision-join-none", "A,C")]
    [InlineData("fork-decision-join-converge", "A")]
    [InlineData("fork-decision-join-converge-strict", "A")]
    [InlineData("join-any-1", "Start,End")]
    [InlineData("join-all-1", "Start,Line 1,Line 2,End")]
    [InlineData("join-all-2", "Start,Line 1,Line 2,End")]
    [InlineData("decision-merge-join-none", "")]
    public async Task A_graph_prints_what_Elsa_prints(string graph, string lines)
    {
        var run = await new EngineHarness(Fixtures.Read($"graphs/{graph}.json")).StartAsync();

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_join_of_all_waits_for_a_branch_that_was_not_taken()
    {
        var run = await new EngineHarness(Fixtures.Read("graphs/fork-decision-join-waitall.json")).StartAsync();

        Assert.Equal(["A", "C", "B", "D"], run.Lines);
        run.ShouldBeFaulted();
    }

    [Fact]
    public async Task A_join_of_any_runs_once()
    {
        var run = await new EngineHarness(Fixtures.Read("graphs/join.json")).StartAsync();

        Assert.Single(run.Path, "802725996be1b582 Completed");
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Each_item_joins_for_itself_and_the_loop_completes_once()
    {
        var run = await new EngineHarness(Fixtures.Read("graphs/parallel-join.json")).StartAsync();

        Assert.Single(run.Path, "70fc1183cd5800f2 Completed");
        Assert.Equal(3, run.Path.Count(p => p == "343d233a75d8d8e9 Completed"));
        run.ShouldBeFinished();
    }
}
