using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities;

public class ActivityTests
{
    private const string N = "[{'id':'n','name':'n','typeName':'Object'}]";

    [Theory]
    [InlineData("true", "yes")]
    [InlineData("false", "no")]
    public async Task If_runs_one_of_its_branches(string condition, string line)
    {
        var run = await RunAsync(Of(
            "Elsa.If", "i", $"'condition':{condition},'then':{Write("yes")},'else':{Write("no")},'result':{{'typeName':'Boolean','memoryReference':{{'id':'n'}}}}"));

        Assert.Equal([line], run.Lines);
        Assert.Equal(condition, run.State.GetVariables(run.Workflow)["n"]!.ToJsonString());
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task If_without_a_branch_for_the_case_just_completes() =>
        (await RunAsync(Of("Elsa.If", "i", $"'condition':false,'then':{Write("yes")}"))).ShouldBeFinished();

    [Theory]
    [InlineData("Elsa.FlowNode")]
    [InlineData("Elsa.For")]
    [InlineData("Elsa.ForEach")]
    public async Task What_holds_no_activity_just_completes(string type)
    {
        var run = await RunAsync(Of("Elsa.Sequence", "s", $"'activities':[{Of(type, "x", "'start':1,'end':3,'items':[1,2]")},{Write("after")}]"));

        Assert.Equal(["after"], run.Lines);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("true", "T")]
    [InlineData("false", "X")]
    public async Task A_decision_leaves_by_one_port(string condition, string line)
    {
        var run = await new EngineHarness(Flow("d:True->T d:False->X", Of("Elsa.FlowDecision", "d", $"'condition':{condition}"), Write("T"), Write("X"))).StartAsync();

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_fork_leaves_by_all_its_branches_and_dangling_ones_end()
    {
        var run = await new EngineHarness(Flow(
            "f:A->a f:B->b", Of("Elsa.FlowFork", "f", "'branches':['A','B','C']"), Write("a"), Write("b"))).StartAsync();

        Assert.Equal(["a", "b"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Set_variable_and_set_output_keep_types()
    {
        var run = await new EngineHarness(Definition(
            Of("Elsa.Sequence", "s", $$"""
                'activities':[
                {'type':'Elsa.SetVariable','id':'a','variable':{'id':'n','name':'n'},'value':'17'},
                {'type':'Elsa.SetOutput','id':'b','outputName':'Sum','outputValue':{{Js("getN() + 1")}}}]
                """),
            "[{'id':'n','name':'n','typeName':'Int32'}]")).StartAsync();

        Assert.Equal("18", run.State.Output["Sum"]!.ToJsonString());
    }

    [Fact]
    public async Task A_variable_of_a_container_hides_the_outer_one_and_is_gone_after_it()
    {
        var inner = Of("Elsa.Sequence", "in", $$"""'variables':[{'id':'i','name':'n','typeName':'Int32','value':1}],'activities':[{'type':'Elsa.WriteLine','id':'w1','text':{{Js("setN(getN()+1); getN()")}}}]""");
        var run = await RunAsync(Of("Elsa.Sequence", "out", $$"""'activities':[{{inner}},{'type':'Elsa.WriteLine','id':'w2','text':{{Js("String(getN())")}}}]"""));

        Assert.Equal(["2", "null"], run.Lines);
    }

    [Fact]
    public async Task A_memory_variable_is_forgotten_between_bursts()
    {
        var definition = Definition(
            Of("Elsa.Sequence", "s", $$"""
                'activities':[
                {'type':'Elsa.SetVariable','id':'a','variable':{'id':'m','name':'m'},'value':'x'},
                {'type':'Elsa.WriteLine','id':'b','text':{{Js("getM()")}}},
                {'type':'Elsa.Event','id':'e','eventName':'go'},
                {'type':'Elsa.WriteLine','id':'c','text':{{Js("String(getM())")}}}]
                """),
            "[{'id':'m','name':'m','typeName':'String','storageDriverTypeName':'Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core'}]");
        var run = await new EngineHarness(definition).StartAsync();
        await run.ResumeAsync("e");

        Assert.Equal(["x", "null"], run.Lines);
    }

    [Fact]
    public async Task Parallel_for_each_runs_every_item_and_waits_for_all()
    {
        var run = await RunAsync(Of("Elsa.ParallelForEach", "p", $$"""
            'items':['a','b'],
            'body':{'type':'Elsa.Sequence','id':'s','activities':[
                {'type':'Elsa.Event','id':'e','eventName':'go'},
                {'type':'Elsa.WriteLine','id':'w','text':{{Js("getVariable('CurrentValue') + getCurrentIndex()")}}}]}
            """));
        Assert.Equal(2, run.State.Bookmarks.Count);

        await run.ResumeAsync(run.State.Bookmarks[1]);
        run.ShouldBeSuspended();
        await run.ResumeAsync(run.State.Bookmarks[0]);

        Assert.Equal(["b1", "a0"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Parallel_for_each_over_nothing_completes() =>
        (await RunAsync(Of("Elsa.ParallelForEach", "p", $"'items':[],'body':{Write("w")}"))).ShouldBeFinished();

    [Fact]
    public async Task A_delay_is_due_after_its_span_and_none_at_all_passes()
    {
        var run = await RunAsync(Of("Elsa.Sequence", "s", "'activities':[{'type':'Elsa.Delay','id':'z','timeSpan':'00:00:00'},{'type':'Elsa.Delay','id':'d','timeSpan':'PT90S'}]"));

        var bookmark = Assert.Single(run.State.Bookmarks);
        Assert.Equal(("Elsa.Delay", run.Now.AddSeconds(90)), (bookmark.Name, bookmark.DueAt!.Value));
        await run.ResumeAsync(bookmark);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Finish_ends_the_workflow_out_of_nested_containers()
    {
        var run = await new EngineHarness(Flow(
            "s->wait s->n n->never", Of("Elsa.Start", "s"), Of("Elsa.Event", "wait", "'eventName':'e'"),
            Of("Elsa.FlowNode", "n", $"'body':{Of("Elsa.Sequence", "q", $"'activities':[{Of("Elsa.Finish", "end")},{Write("never2")}]")}"), Write("never"))).StartAsync();

        run.ShouldBeFinished();
        Assert.Empty(run.Lines);
        Assert.Empty(run.State.Bookmarks);
        Assert.Contains("wait Canceled", run.Path);
        Assert.Equal(["end Completed", "q Completed", "n Completed"], run.Path.Where(p => p is "end Completed" or "q Completed" or "n Completed"));
    }

    [Fact]
    public async Task An_end_in_a_flowchart_cancels_its_other_branches()
    {
        var run = await new EngineHarness(Flow("s->wait s->end", Of("Elsa.Start", "s"), Of("Elsa.Event", "wait", "'eventName':'e'"), Of("Elsa.End", "end"))).StartAsync();

        run.ShouldBeFinished();
        Assert.Contains("wait Canceled", run.Path);
    }

    [Fact]
    public async Task Output_of_an_earlier_activity_can_be_read()
    {
        var run = await RunAsync(Of("Elsa.Sequence", "s", $$"""
            'activities':[
            {'type':'Elsa.Event','id':'e','name':'Ask','eventName':'go'},
            {'type':'Elsa.WriteLine','id':'w','text':{{Js("getOutputFrom('Ask').x + getResultFromAsk().x + getLastResult().x")}}},
            {'type':'Elsa.WriteLine','id':'v','text':{'typeName':'String','expression':{'type':'Output','value':'e.Result'} } }]
            """));
        await run.ResumeAsync("e", new JsonObject { ["x"] = "1" });

        Assert.Equal(["111", "{\"x\":\"1\"}"], run.Lines);
    }

    [Fact]
    public async Task An_event_without_a_name_is_an_incident() =>
        Assert.Equal("missing-input", Assert.Single((await RunAsync(Of("Elsa.Event", "e"))).State.Incidents).Code);

    [Fact]
    public void Every_activity_type_is_in_the_catalog_by_reflection()
    {
        Assert.Equal(
            ["Ppid.AssignOfficer", "Ppid.DocumentDossier", "Ppid.HandOver", "Ppid.PrepareDossier", "Ppid.ReportReadiness", "Ppid.SopStep"],
            ActivityCatalog.Default.Descriptors.Where(d => d.Category == "SOP").Select(d => d.TypeName));
        Assert.Equal(
            ["number", "description", "performerRole", "recipientRole", "requiredInput", "standardTime", "output", "remarks", "measuredFrom", "escalation"],
            ActivityCatalog.Default.Find("Ppid.HandOver")!.Inputs.Select(i => i.JsonName));
        Assert.Equal(["Done", "Returned"], ActivityCatalog.Default.Find("Ppid.HandOver")!.Outcomes);
        Assert.Equal("Menyerahkan", ActivityCatalog.Default.Find("Ppid.HandOver")!.DisplayName);
    }

    [Fact]
    public async Task An_activity_from_another_assembly_needs_no_registration()
    {
        var compiler = new Engine.Definitions.WorkflowCompiler(new ActivityCatalog(typeof(Greet).Assembly));
        var workflow = compiler.Compile(Definition(Of("Uji.Greet", "g", "'who':'Ani','result':{'typeName':'String','memoryReference':{'id':'n'}}"), N));

        var result = await new WorkflowRunner(new EngineOptions()).StartAsync(
            workflow, new StartOptions("i", DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

        Assert.Equal("Halo Ani", (string?)result.State.GetVariables(workflow)["n"]);
    }

    [Fact]
    public async Task An_activity_that_neither_completes_nor_waits_becomes_an_incident()
    {
        var compiler = new Engine.Definitions.WorkflowCompiler(new ActivityCatalog(typeof(Forgetful).Assembly));
        var workflow = compiler.Compile(Definition(Of("Uji.Forgetful", "g")));

        var result = await new WorkflowRunner(new EngineOptions()).StartAsync(
            workflow, new StartOptions("i", DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

        Assert.Equal("activity-stalled", Assert.Single(result.NewIncidents).Code);
    }

    [Fact]
    public async Task An_activity_that_schedules_itself_without_end_is_stopped()
    {
        var compiler = new Engine.Definitions.WorkflowCompiler(new ActivityCatalog(typeof(Narcissus).Assembly));
        var workflow = compiler.Compile(Definition(Of("Uji.Narcissus", "g")));

        var result = await new WorkflowRunner(new EngineOptions()).StartAsync(
            workflow, new StartOptions("i", DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

        Assert.Equal("recursion-limit", Assert.Single(result.NewIncidents).Code);
    }

    private static Task<EngineHarness> RunAsync(string root) => new EngineHarness(Definition(root, N)).StartAsync();
}

[Activity("Uji", "Uji", "Menyapa.")]
public sealed class Greet : CodeActivity<string>
{
    [Input]
    public Input<string>? Who { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.Set(Result, $"Halo {context.Get(Who)}");
}

[Activity("Uji", "Uji")]
public sealed class Forgetful : Activity;

[Activity("Uji", "Uji")]
public sealed class Narcissus : Activity
{
    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.ScheduleActivityAsync(this);
}
