using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>An instance changed by hand: variable, cancelled activity, activity run again.</summary>
public class AlterationTests
{
    private const string N = "[{'id':'n1','name':'n','typeName':'Int32','value':1},{'id':'m','name':'m','typeName':'String','storageDriverTypeName':'Elsa.Workflows.MemoryStorageDriver'}]";

    [Theory]
    [InlineData("n1")]
    [InlineData("n")]
    public async Task A_variable_takes_another_value_of_its_type(string nameOrId)
    {
        var run = await new EngineHarness(Definition(Seq(Wait(), Say("getN()")), N)).StartAsync();
        await run.AlterAsync(new ModifyVariable(nameOrId, "17"));
        await run.ResumeAsync("e");

        Assert.Equal(["17"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_variable_of_a_container_is_changed_where_it_lives()
    {
        var inner = Of("Elsa.Sequence", "in", $"'variables':[{{'id':'i','name':'n','typeName':'Int32','value':1}}],'activities':[{Wait()},{Say("getN()")}]");
        var run = await new EngineHarness(Definition(Seq(inner, Say("getN()", "w2")), N)).StartAsync();
        await run.AlterAsync(new ModifyVariable("i", 5));
        await run.ResumeAsync("e");

        Assert.Equal(["5", "1"], run.Lines);
    }

    [Fact]
    public async Task A_cancelled_activity_of_a_flowchart_ends_its_branch_and_the_other_goes_on()
    {
        var run = await new EngineHarness(Flow("s->a s->b a->never b->z", Of("Elsa.Start", "s"), Wait("a"), Wait("b"), Write("never"), Write("z"))).StartAsync();
        await run.AlterAsync(new CancelActivity("a"));
        Assert.Equal("b", Assert.Single(run.State.Bookmarks).ActivityId);
        Assert.Single(run.Last.BurntBookmarkIds);
        Assert.Contains("a Canceled", run.Path);
        await run.ResumeAsync("b");

        Assert.Equal(["z"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Cancelling_the_last_branch_ends_the_flowchart()
    {
        var run = await new EngineHarness(Flow("s->a a->never", Of("Elsa.Start", "s"), Wait("a"), Write("never"))).StartAsync();
        await run.AlterAsync(new CancelActivity("a"));

        Assert.Empty(run.Lines);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("Elsa.Sequence", "'activities':[@,#]", "after")]
    [InlineData("Elsa.ForEach", "'items':[1],'body':@", "")]
    [InlineData("Elsa.If", "'condition':true,'then':@", "")]
    [InlineData("Elsa.Parallel", "'activities':[@,#]", "after")]
    [InlineData("Elsa.Fork", "'joinMode':'WaitAll','branches':[@,#]", "after")]
    [InlineData("Elsa.FlowNode", "'body':@", "")]
    public async Task Nothing_hangs_for_want_of_a_cancelled_child(string type, string holding, string line)
    {
        var holder = Of(type, "h", holding.Replace("@", Wait(), StringComparison.Ordinal).Replace("#", Write("after"), StringComparison.Ordinal));
        var run = await new EngineHarness(Definition(Seq(holder, Write("z")))).StartAsync();
        await run.AlterAsync(new CancelActivity("e"));

        Assert.Equal(line.Length > 0 ? [line, "z"] : ["z"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task One_of_several_executions_is_cancelled_by_its_own_id()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.ParallelForEach", "p", $"'items':['a','b'],'body':{Named("q", Wait(), Say("getCurrentValue()"))}"))).StartAsync();
        await run.AlterAsync(new CancelActivity(null, run.State.Bookmarks[0].ActivityInstanceId));
        await run.ResumeAsync("e");

        Assert.Equal(["a", "b"], run.Lines.Order());
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task An_activity_that_waits_begins_again_with_a_new_bookmark()
    {
        var run = await new EngineHarness(Definition(Seq(Of("Elsa.Delay", "d", "'timeSpan':'00:05:00'"), Write("z")))).StartAsync();
        var before = Assert.Single(run.State.Bookmarks);
        run.Now = run.Now.AddMinutes(4);
        await run.AlterAsync(new ScheduleActivity(null, before.ActivityInstanceId));

        var now = Assert.Single(run.State.Bookmarks);
        Assert.Equal([before.Id], run.Last.BurntBookmarkIds);
        Assert.Equal((before.ActivityInstanceId, run.Now.AddMinutes(5)), (now.ActivityInstanceId, now.DueAt));
        await run.ResumeAsync("d");
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_loop_that_begins_again_begins_with_its_first_item()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.ForEach", "l", $"'items':['a','b'],'body':{Named("q", Wait(), Say("getCurrentValue()"))}"))).StartAsync();
        await run.ResumeAsync("e");
        await run.AlterAsync(new ScheduleActivity(null, run.State.GetExecutions().Single(e => e.ActivityId == "l").Id));
        await run.ResumeAsync("e");
        await run.ResumeAsync("e");

        Assert.Equal(["a", "a", "b"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_faulted_activity_begins_again_and_its_incident_is_gone()
    {
        var run = await new EngineHarness(Definition(Seq(Bad("mended"), Write("z")))).StartAsync();
        run.State.CorrelationId = "ok";
        await run.AlterAsync(new ScheduleActivity(null, run.State.Incidents[0].ActivityInstanceId));

        Assert.Equal(["mended", "z"], run.Lines);
        Assert.Empty(run.State.Incidents);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task One_activity_is_skipped_and_another_run_in_its_place()
    {
        var run = await new EngineHarness(Flow("s->a a->never c->z", Of("Elsa.Start", "s"), Wait("a"), Write("never"), Write("c"), Write("z"))).StartAsync();
        await run.AlterAsync(new CancelActivity("a"), new ScheduleActivity("c"));

        Assert.Equal(["c", "z"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Cancelled_and_scheduled_the_same_activity_runs_anew()
    {
        var run = await new EngineHarness(Flow("s->a a->z", Of("Elsa.Start", "s"), Wait("a"), Write("z"))).StartAsync();
        var before = run.State.Bookmarks[0];
        await run.AlterAsync(new ScheduleActivity("a"), new CancelActivity("a"));
        Assert.NotEqual(before.ActivityInstanceId, Assert.Single(run.State.Bookmarks).ActivityInstanceId);
        await run.ResumeAsync("a");

        Assert.Equal(["z"], run.Lines);
        run.ShouldBeFinished();
    }

    public static TheoryData<string, string?, Alteration[]> Refusals { get; } = new()
    {
        { "variable-not-found", "nope", [new ModifyVariable("nope", 1)] },
        { "variable-not-stored", "m", [new ModifyVariable("m", "x")] },
        { "value-conversion", "n", [new ModifyVariable("n", "x")] },
        { "activity-not-running", "z", [new CancelActivity("z")] },
        { "activity-not-running", "nope", [new CancelActivity(null, "nope")] },
        { "activity-not-running", "Workflow1", [new CancelActivity("Workflow1")] },
        { "activity-not-running", null, [new CancelActivity(null)] },
        { "activity-not-schedulable", "nope", [new ScheduleActivity("nope")] },
        { "activity-not-schedulable", null, [new ScheduleActivity(null)] },
        { "activity-not-schedulable", "F", [new ScheduleActivity("F")] },
        { "activity-already-running", "a", [new ScheduleActivity("a")] },
        { "alterations-contradict", "z", [new CancelActivity("F"), new ScheduleActivity("z")] },
        { "value-conversion", "n", [new CancelActivity("a"), new ModifyVariable("n", "x")] }
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_done_is_refused_by_name_and_changes_nothing(string code, string? subject, Alteration[] alterations)
    {
        var run = await new EngineHarness(
            Definition(FlowJson("s->a a->z", Of("Elsa.Start", "s"), Wait("a"), Write("z")), N), roundTrip: false).StartAsync();
        var before = run.State.ToJson();

        var refused = await Assert.ThrowsAsync<AlterationRefusedException>(() => run.AlterAsync(alterations));

        Assert.Equal((code, subject), (refused.Code, refused.Subject));
        Assert.Equal(before, run.State.ToJson());
    }

    [Fact]
    public async Task An_instance_that_has_ended_is_not_altered()
    {
        var run = await new EngineHarness(Definition(Write("a"), N)).StartAsync();

        Assert.Equal("instance-ended", (await Assert.ThrowsAsync<AlterationRefusedException>(() => run.AlterAsync(new ModifyVariable("n", 1)))).Code);
    }
}
