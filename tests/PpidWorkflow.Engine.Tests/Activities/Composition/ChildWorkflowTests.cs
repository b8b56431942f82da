using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Composition;

/// <summary>What the activities that start instances ask of the host, and what they do with its answers.</summary>
public class ChildWorkflowTests
{
    [Theory]
    [InlineData("ExecuteWorkflow", "false", ChildAnswerTime.AtRest)]
    [InlineData("ExecuteWorkflow", "true", ChildAnswerTime.Ended)]
    [InlineData("DispatchWorkflow", "false", ChildAnswerTime.Started)]
    [InlineData("DispatchWorkflow", "true", ChildAnswerTime.Ended)]
    public async Task They_say_what_is_to_be_started_and_when_they_go_on(string type, string waits, ChildAnswerTime answer)
    {
        var run = await new EngineHarness(Definition(Of("Elsa." + type, "x",
            $"'workflowDefinitionId':'anak','correlationId':'k','waitForCompletion':{waits},'input':{Js("({ a: 1 })")}"))).StartAsync();

        var child = Assert.Single(run.Last.Children);
        Assert.Equal(("anak", "k", answer, run.State.Bookmarks.Single().Id), (child.DefinitionId, child.CorrelationId, child.Answer, child.BookmarkId));
        Assert.Equal("""{"a":1,"ParentInstanceId":"inst"}""", JsonObject(child.Input));
        run.ShouldBeSuspended();
    }

    [Theory]
    [InlineData("ExecuteWorkflow")]
    [InlineData("DispatchWorkflow")]
    public async Task The_journal_says_which_instance_it_was(string type)
    {
        var run = await new EngineHarness(Definition(Of("Elsa." + type, "x", "'workflowDefinitionId':'anak','waitForCompletion':true"))).StartAsync();

        await run.ResumeAsync("x", ChildAnswers.ToInput([Ended("7")]));

        Assert.Equal("7", (string?)Assert.Single(run.Journal, e => e is { ActivityId: "x", EventName: "Completed" }).Payload!["WorkflowInstanceId"]);
    }

    [Fact]
    public async Task A_bulk_starts_one_for_each_item_with_its_own_input_and_correlation()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.BulkDispatchWorkflows", "x",
            $"'workflowDefinitionId':'anak','items':{Js("['a', { n: 2 }]")},'input':{Js("({ s: 0, n: 1 })")},'correlationIdFunction':{Js("'k-' + toJson(Item)")}"))).StartAsync();

        Assert.Equal(
            ["k-\"a\" {\"s\":0,\"n\":1,\"Item\":\"a\",\"ParentInstanceId\":\"inst\"}", "k-{\"n\":2} {\"s\":0,\"n\":2,\"ParentInstanceId\":\"inst\"}"],
            run.Last.Children.Select(c => $"{c.CorrelationId} {JsonObject(c.Input)}"));
        Assert.Equal(run.State.Bookmarks.Single().Id, Assert.Single(run.Last.Children.Select(c => c.BookmarkId).Distinct()));
    }

    [Theory]
    [InlineData("args.item", "")]
    [InlineData("getItem()", "")]
    [InlineData("Item", "")]
    [InlineData("args.dasarHukum + args.nothing", ",'defaultItemInputKey':'DasarHukum'", "aundefined")]
    [InlineData("getDasarHukum()", ",'defaultItemInputKey':'DasarHukum'")]
    public async Task A_script_reads_the_item_as_in_Elsa_or_by_its_name(string code, string more, string correlation = "a")
    {
        var run = await new EngineHarness(Definition(Of("Elsa.BulkDispatchWorkflows", "x",
            $"'workflowDefinitionId':'anak','items':{Js("['a']")},'correlationIdFunction':{Js(code)}{more}"))).StartAsync();

        Assert.Equal(correlation, Assert.Single(run.Last.Children).CorrelationId);
    }

    [Fact]
    public async Task A_bulk_runs_a_port_for_each_child_and_completes_with_the_last()
    {
        var run = await new EngineHarness(Flow("x:Completed->done x:Done->too",
            Of("Elsa.BulkDispatchWorkflows", "x", $"'workflowDefinitionId':'anak','items':{Js("[1, 2, 3]")},'childCompleted':")[..^1] + Say("'baik ' + getChildInstanceId()", "ok")
                + ",\"childFaulted\":" + Say("'gagal ' + getChildInstanceId()", "bad") + "}",
            Write("done"), Write("too"))).StartAsync();

        await run.ResumeAsync("x", ChildAnswers.ToInput([Ended("1"), Ended("2", WorkflowSubStatus.Faulted)]));
        run.ShouldBeSuspended();
        await run.ResumeAsync("x", ChildAnswers.ToInput([Ended("3", WorkflowSubStatus.Cancelled)]));

        run.ShouldBeFinished();
        Assert.Equal(["baik 1", "gagal 2", "done", "too"], run.Lines);
        Assert.Empty(run.State.Bookmarks);
    }

    [Theory]
    [InlineData("true", "false", "ok,done")]
    [InlineData("false", "true", "")]
    public async Task Whether_a_bulk_waits_is_decided_when_it_starts(string before, string after, string lines)
    {
        var run = await new EngineHarness(Definition(
            FlowJson("s->x s->v x:Completed->done", Of("Elsa.Start", "s"),
                Of("Elsa.BulkDispatchWorkflows", "x", $"'workflowDefinitionId':'anak','items':[1],'waitForCompletion':{Js("getVariable('w')")},'childCompleted':{Write("ok")}"),
                Of("Elsa.SetVariable", "v", $"'variable':{{'id':'w','name':'w'}},'value':{Js(after)}"), Write("done")),
            $"[{{'id':'w','name':'w','typeName':'Boolean','value':{before}}}]")).StartAsync();
        await run.ResumeAsync("x", ChildAnswers.ToInput([before == "true" ? Ended("1") : new ChildAnswer { InstanceId = "1" }]));

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task An_empty_bulk_is_done_and_one_that_does_not_wait_too()
    {
        var empty = await new EngineHarness(Flow("x:Done->d x:Completed->c", Of("Elsa.BulkDispatchWorkflows", "x", $"'workflowDefinitionId':'anak','items':{Js("[]")}"), Write("d"), Write("c"))).StartAsync();
        var loose = await new EngineHarness(Flow("x:Done->d x:Completed->c", Of("Elsa.BulkDispatchWorkflows", "x",
            $"'workflowDefinitionId':'anak','items':{Js("[1]")},'waitForCompletion':false"), Write("d"), Write("c"))).StartAsync();
        await loose.ResumeAsync("x", ChildAnswers.ToInput([new ChildAnswer { InstanceId = "c1" }]));

        Assert.Equal(["d", "d"], empty.Lines.Concat(loose.Lines));
    }

    [Theory]
    [InlineData("ExecuteWorkflow", "")]
    [InlineData("DispatchWorkflow", "")]
    [InlineData("BulkDispatchWorkflows", ",'items':[1]")]
    public async Task One_that_could_not_be_started_is_an_incident_and_a_retry_asks_anew(string type, string more)
    {
        var run = await new EngineHarness(Definition(Of("Elsa." + type, "x", "'workflowDefinitionId':'anak'" + more))).StartAsync();
        await run.ResumeAsync("x", ChildAnswers.ToInput([new ChildAnswer { ErrorCode = "child-not-found", Error = "Tidak ada." }]));

        run.ShouldBeFaulted();
        Assert.Empty(run.State.Bookmarks);
        Assert.Equal(("x", "child-not-found", "Tidak ada."),
            (run.State.Incidents[0].ActivityId, run.State.Incidents[0].Code, Assert.Single(run.State.Incidents).Message));
        await run.RetryAsync(run.State.Incidents[0].Id);
        Assert.Equal(run.State.Bookmarks.Single().Id, Assert.Single(run.Last.Children).BookmarkId);
    }

    [Fact]
    public async Task A_wait_that_the_same_burst_cancels_starts_nothing()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Fork", "f", "'joinMode':'WaitAny','branches':[")[..^1]
            + Of("Elsa.ExecuteWorkflow", "x", "'workflowDefinitionId':'anak','waitForCompletion':true") + "," + Write("w") + "]}")).StartAsync();

        run.ShouldBeFinished();
        Assert.Empty(run.Last.Children);
    }

    private static ChildAnswer Ended(string id, WorkflowSubStatus how = WorkflowSubStatus.Finished) =>
        new() { InstanceId = id, Status = WorkflowStatus.Finished, SubStatus = how };

    private static string JsonObject(IReadOnlyDictionary<string, JsonNode?> values) =>
        new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone()))).ToJsonString();
}
