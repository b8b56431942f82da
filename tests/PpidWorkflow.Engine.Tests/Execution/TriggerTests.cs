using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Primitives;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>A workflow that one of its activities starts begins there, and that activity does not wait for what has happened.</summary>
public class TriggerTests
{
    private const string Starts = "'customProperties':{'canStartWorkflow':true}";

    [Theory]
    [InlineData("Elsa.Timer", "'interval':'00:05:00'")]
    [InlineData("Elsa.Cron", "'cronExpression':'0 0 1 * * *'")]
    [InlineData("Elsa.StartAt", "'dateTime':'2026-12-01T00:00:00Z'")]
    [InlineData("Elsa.Event", "'eventName':'x'")]
    public async Task What_started_it_does_not_wait_and_waits_when_it_is_reached_again(string type, string input)
    {
        var flow = Flow("t->w w->t", Of(type, "t", $"{input},{Starts}"), Write("w"));
        var trigger = Assert.Single(new WorkflowCompiler().Compile(flow).Triggers);
        Assert.Equal(("t", type), (trigger.ActivityId, trigger.ActivityType));

        var run = await new EngineHarness(flow).StartByAsync("t");

        Assert.Equal(["w"], run.Lines);
        Assert.Equal("t", Assert.Single(run.State.Bookmarks).ActivityId);
        await run.ResumeAsync("t");
        Assert.Equal(["w", "w"], run.Lines);
    }

    [Theory]
    [InlineData("{'nomor':7}", """{"nomor":7}""")]
    [InlineData("7", "7")]
    [InlineData("[1,2]", "[1,2]")]
    [InlineData("'isi'", "\"isi\"")]
    public async Task What_an_event_carries_is_its_result_whether_it_started_or_resumed(string payload, string result)
    {
        var input = Event.InputOf(JsonNode.Parse(payload.Replace('\'', '"')));
        var definition = Definition(Of("Elsa.Sequence", "s", $"'activities':[{Of("Elsa.Event", "a", $"'eventName':'x',{Starts}")},{Of("Elsa.Event", "b", "'eventName':'y'")},{Write("w")}]"));

        var run = await new EngineHarness(definition).StartByAsync("a", input);
        Assert.Equal(result, run.State.GetOutputs("a")["Result"]!.ToJsonString());
        await run.ResumeAsync("b", input);

        Assert.Equal(result, run.State.GetOutputs("b")["Result"]!.ToJsonString());
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("a", "wa")]
    [InlineData("b", "wb")]
    public async Task Of_several_the_flow_begins_at_the_one_that_started_it_and_joins_wait_for_no_other(string trigger, string written)
    {
        var flow = Flow(
            "a->wa b->wb wa->p wb->p p->j", Of("Elsa.Event", "a", $"'eventName':'x',{Starts}"), Of("Elsa.Event", "b", $"'eventName':'y',{Starts}"), Write("wa"), Write("wb"),
            Of("Elsa.RunTask", "p", "'taskName':'p'"), Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'"));

        var run = await new EngineHarness(flow).StartByAsync(trigger);

        Assert.Equal([written], run.Lines);
        Assert.Equal("p", Assert.Single(run.State.Bookmarks).ActivityId);
        await run.ResumeAsync("p");
        run.ShouldBeFinished();
        Assert.Contains("j Completed", run.Path);
    }

    [Fact]
    public void Instants_follow_one_another_from_when_the_version_came_into_force()
    {
        var since = new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);
        var timer = Stimulus(Of("Elsa.Timer", "t", $"'interval':'00:10:00',{Starts}"));
        Assert.Equal(since.AddMinutes(10), timer.Next!.Invoke(since, since));
        Assert.Equal(since.AddMinutes(20), timer.Next(since, since.AddMinutes(10)));
        Assert.Equal(since.AddMinutes(70), timer.Next(since, since.AddMinutes(65)));
        var once = Stimulus(Of("Elsa.StartAt", "t", $"'dateTime':'2026-11-23T01:10:00Z',{Starts}"));
        Assert.Equal(since.AddMinutes(10), once.Next!.Invoke(since, since));
        Assert.Null(once.Next(since, since.AddMinutes(10)));
        Assert.Null(once.Next(since.AddHours(1), since.AddHours(1)));
        Assert.Equal("x", Stimulus(Of("Elsa.Event", "t", $"'eventName':'x',{Starts}")).EventName);

        static TriggerStimulus Stimulus(string activity) => Assert.Single(new WorkflowCompiler().Compile(Definition(activity)).Triggers).Stimulus;
    }

    [Theory]
    [InlineData("'eventName':'x'", true)]
    [InlineData("'eventName':''", false)]
    public void An_unticked_trigger_only_waits_and_a_ticked_one_without_a_value_is_refused(string input, bool named)
    {
        Assert.Empty(new WorkflowCompiler().Compile(Definition(Of("Elsa.Event", "t", input))).Triggers);
        Assert.Equal(named ? [] : ["trigger-not-fixed"],
            new WorkflowCompiler().Validate(Definition(Of("Elsa.Event", "t", $"{input},{Starts}"))).Select(p => p.Code));
    }
}
