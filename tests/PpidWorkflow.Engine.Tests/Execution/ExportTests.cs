using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>Definitions that stock Elsa wrote run here the way it recorded (tests/Shared/elsa/exports).</summary>
public class ExportTests
{
    [Fact]
    public async Task Five_steps_leave_the_journal_that_Elsa_recorded()
    {
        var run = await new EngineHarness(Fixtures.Read("exports/server-five.json")).StartAsync(("Customer", "ACME"));
        var task = Assert.Single(run.State.Bookmarks);
        await run.ResumeAsync(task, new JsonObject { ["approved"] = true, ["by"] = "me" });
        var wait = Assert.Single(run.State.Bookmarks);
        await run.ResumeAsync(wait, new JsonObject { ["carrier"] = "UPS" });

        Assert.Equal(("Elsa.RunTask", "Approve", 3), (task.Name, (string?)task.Payload!["taskName"], (int)task.Payload["payload"]!["n"]!));
        Assert.Equal(("Elsa.Event", "Shipped"), (wait.Name, (string?)wait.Payload!["eventName"]));
        Assert.Equal(["Hello ACME"], run.Lines);
        Assert.Equal("ok-3", (string?)run.State.Output["Verdict"]);
        Assert.Equal(3, (int)run.State.GetVariables(run.Workflow)["Counter"]!);
        run.ShouldBeFinished();
        var recorded = JsonNode.Parse(Fixtures.Bytes("exports/server-instance-five.json"))!["WorkflowExecutionLogRecords"]!.AsArray()
            .Select(r => $"{r!["sequence"]} {r["activityNodeId"]} {r["activityType"]} {r["activityName"]} {r["eventName"]}");
        Assert.Equal(recorded, run.Journal.Select(e => $"{e.Sequence} {e.ActivityNodeId} {e.ActivityType} {e.ActivityName} {e.EventName}"));
    }

    [Fact]
    public async Task Two_branches_wait_and_join()
    {
        var run = await new EngineHarness(Fixtures.Read("exports/server-branches.json")).StartAsync();

        Assert.Equal(["Elsa.Delay", "Elsa.RunTask"], run.State.Bookmarks.Select(b => b.Name));
        Assert.Equal(run.Now.AddSeconds(2), run.State.Bookmarks[0].DueAt);

        await run.ResumeAsync("Human");
        run.ShouldBeSuspended();
        await run.ResumeAsync("Pause");
        run.ShouldBeFinished();
        Assert.Single(run.Path, "Merge Completed");
    }

    [Fact]
    public async Task A_sequence_names_and_correlates_the_instance()
    {
        var run = await new EngineHarness(Fixtures.Read("exports/server-sequence.json")).StartAsync();

        Assert.Equal(("Named run", "corr-9"), (run.State.Name, run.State.CorrelationId));
        Assert.Equal(["x"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_resumed_bookmark_is_gone_and_cannot_be_resumed_again()
    {
        var run = await new EngineHarness(Fixtures.Read("exports/server-branches.json")).StartAsync();
        var human = run.State.Bookmarks[1];
        await run.ResumeAsync(human);

        Assert.Equal([human.Id], run.Last.BurntBookmarkIds);
        Assert.Equal(["Pause"], run.State.Bookmarks.Select(b => b.ActivityId));
        await Assert.ThrowsAsync<BookmarkNotFoundException>(() => run.ResumeAsync(human));
    }
}
