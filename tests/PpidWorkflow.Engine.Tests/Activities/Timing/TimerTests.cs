using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Timing;


public class TimerTests
{
    [Theory]
    [InlineData("'interval':'PT90S'", 90)]
    [InlineData("'interval':'00:05:00'", 300)]
    [InlineData("", 60)]
    public async Task It_is_due_after_its_interval(string interval, int seconds)
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Timer", "t", interval))).StartAsync();

        var bookmark = Assert.Single(run.State.Bookmarks);
        Assert.Equal(("Elsa.Timer", run.Now.AddSeconds(seconds)), (bookmark.Name, bookmark.DueAt!.Value));
        await run.ResumeAsync(bookmark);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task In_a_loop_each_round_counts_from_its_own_beginning()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.For", "loop", $"'start':1,'end':2,'body':{Of("Elsa.Timer", "t")}"))).StartAsync();
        var first = Assert.Single(run.State.Bookmarks);
        run.Now += TimeSpan.FromSeconds(75);
        await run.ResumeAsync(first);

        var second = Assert.Single(run.State.Bookmarks);
        Assert.Equal(run.Now.AddSeconds(60), second.DueAt);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal([first.Id], run.Last.BurntBookmarkIds);
    }

    [Theory]
    [InlineData("'interval':'00:00:00'", "timer-interval")]
    [InlineData("'interval':'-00:01:00'", "timer-interval")]
    [InlineData("'interval':'10000.00:00:00'", "timer-interval")]
    [InlineData("'interval':'soon'", "value-conversion")]
    public async Task An_interval_that_makes_no_sense_is_an_incident(string interval, string code) =>
        Assert.Equal(code, Assert.Single((await new EngineHarness(Definition(Of("Elsa.Timer", "t", interval))).StartAsync()).State.Incidents).Code);
}
