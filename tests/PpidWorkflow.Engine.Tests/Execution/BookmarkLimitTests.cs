using System.Diagnostics;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>One instance waits at so many places at once; a fan-out without measure ends in one named incident, not in a million rows.</summary>
public class BookmarkLimitTests
{
    [Theory]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public async Task A_fan_out_without_measure_is_one_incident_in_bounded_time_and_memory(int items)
    {
        await FanOut(2).StartAsync();
        var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());

        var run = await FanOut(items).StartAsync();

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000_000);
        run.ShouldBeFaulted();
        var incident = Assert.Single(run.State.Incidents);
        Assert.Contains(incident.Code, items == 5_000 ? [WorkflowRunner.BookmarkLimitCode] : (string[])["too-many-items", "script-limit"]);
        Assert.Equal(items == 5_000 ? new EngineOptions().MaxBookmarks : 0, run.State.Bookmarks.Count);
        Assert.Equal(run.State.Bookmarks.Count, run.Last.NewBookmarks.Count);
        Assert.InRange(run.State.ToJson().Length, 0, 4_000_000);
    }

    [Fact]
    public async Task What_had_no_room_runs_by_a_retry_when_others_have_been_answered()
    {
        var run = await FanOut(5, new EngineOptions { MaxBookmarks = 2 }).StartAsync();
        run.ShouldBeFaulted();
        Assert.Equal((2, WorkflowRunner.BookmarkLimitCode, "ask"), (run.State.Bookmarks.Count, run.State.Incidents[0].Code, run.State.Incidents[0].ActivityId));

        // Nothing was answered: the same again, and nothing lost.
        await run.RetryAsync(run.State.Incidents[0].Id);
        Assert.Equal((2, 1), (run.State.Bookmarks.Count, run.State.Incidents.Count));

        for (var i = 0; i < 5; i++)
        {
            await run.ResumeAsync(run.State.Bookmarks[0]);
            if (run.State.Incidents is [var incident])
                await run.RetryAsync(incident.Id);
        }
        run.ShouldBeFinished();
        Assert.Equal(5, run.Path.Count(p => p == "ask Completed"));
    }

    [Fact]
    public async Task Who_waits_exactly_at_the_limit_is_no_fault_and_a_place_that_is_left_is_free()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Sequence", "s", $"'activities':[{Of("Elsa.Event", "a", "'eventName':'a'")},{Of("Elsa.Event", "b", "'eventName':'b'")}]")),
            options: new EngineOptions { MaxBookmarks = 1 }).StartAsync();
        run.ShouldBeSuspended();
        await run.ResumeAsync("a");
        await run.ResumeAsync("b");
        run.ShouldBeFinished();
    }

    private static EngineHarness FanOut(int items, EngineOptions? options = null) => new(Definition(Of("Elsa.ParallelForEach", "p", $$"""
        "items":{{Js($"Array.from({{ length: {items} }}, (_, i) => i)")}},"body":{{Of("Elsa.RunTask", "ask", "'taskName':'t'")}}
        """)), options: options);
}
