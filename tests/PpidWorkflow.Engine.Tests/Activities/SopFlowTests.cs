using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Engine.Tests.Activities;

public class SopFlowTests
{
    [Fact]
    public void The_outline_follows_the_flow_and_not_the_file()
    {
        var run = new EngineHarness(Fixtures.Flow(SopFlow.Arrows, SopFlow.Steps));

        Assert.Equal(["s1", "s2", "s3", "s4", "s5"], run.Workflow.SopSteps.Select(s => s.ActivityId));
        Assert.Equal([5, 15, 5, 5, 15], run.Workflow.SopSteps.Select(s => s.StandardTime.TotalMinutes));
        Assert.True(run.Workflow.IsPortConnected("s4", "Returned"));
        Assert.False(run.Workflow.IsPortConnected("s1", "Returned"));
    }

    [Fact]
    public async Task Six_completions_finish_a_case()
    {
        var run = await new EngineHarness(Fixtures.Flow(SopFlow.Arrows, SopFlow.Steps)).StartAsync();
        List<SopTask> tasks = [];
        while (run.State.Bookmarks.Count > 0)
        {
            var bookmark = Assert.Single(run.State.Bookmarks);
            tasks.Add(SopTask.FromJson(bookmark.Payload!));
            await run.ResumeAsync(bookmark, new SopTaskResult { CompletedBy = "x" }.ToJson());
        }

        Assert.Equal(
            ["1 Assign INFORMATION_HEAD", "2 Prepare INFORMATION_OFFICER", "3 Report INFORMATION_OFFICER", "4 HandOver INFORMATION_HEAD",
                "5a Assign DOCUMENTATION_HEAD", "5b Document DOCUMENTATION_OFFICER"],
            tasks.Select(t => $"{t.Number}{t.Part} {t.Act} {t.PerformerRole}"));
        Assert.Equal([false, false, false, true, true, true], tasks.Select(t => t.Returnable));
        Assert.All(tasks, t => Assert.Equal([80, 100, 200], t.Escalation.Select(r => r.Percent!.Value)));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Returned_work_goes_back_and_comes_again()
    {
        var run = await new EngineHarness(Fixtures.Flow(SopFlow.Arrows, SopFlow.Steps)).StartAsync();
        await run.ResumeAsync("s1");
        await run.ResumeAsync("s2");
        await run.ResumeAsync("s3");
        await run.ReturnAsync("s4");
        await run.ResumeAsync("s2");
        await run.ResumeAsync("s3");
        await run.ResumeAsync("s4");
        await run.ReturnAsync("s5");
        await run.ResumeAsync("s4");
        Assert.Equal(("a", 1), Part(run));
        await run.ResumeAsync("s5");
        Assert.Equal(("b", 1), Part(run));
        await run.ReturnAsync("s5");
        Assert.Equal(("a", 2), Part(run));
        await run.ResumeAsync("s5");
        Assert.Equal(("b", 2), Part(run));
        await run.ResumeAsync("s5");

        run.ShouldBeFinished();
        Assert.Equal(
            ["s1", "s2", "s3", "s4", "s2", "s3", "s4", "s5", "s4", "s5"],
            run.Journal.Where(e => e.EventName == "Started" && e.ActivityType.StartsWith("Ppid", StringComparison.Ordinal)).Select(e => e.ActivityId));
    }

    private static (string, int) Part(EngineHarness run)
    {
        var task = SopTask.FromJson(Assert.Single(run.State.Bookmarks).Payload!);
        return (task.Part, task.Visit);
    }
}
