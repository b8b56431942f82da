using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class ParallelTests
{
    [Fact]
    public async Task All_run_and_it_waits_for_all()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Parallel", "p", $"'activities':[{Of("Elsa.Event", "a", "'eventName':'a'")},{Write("x")},{Of("Elsa.Event", "b", "'eventName':'b'")}]"))).StartAsync();
        Assert.Equal(["x"], run.Lines);
        await run.ResumeAsync("b");
        run.ShouldBeSuspended();
        await run.ResumeAsync("a");

        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Nothing_at_all_completes() =>
        (await new EngineHarness(Definition(Of("Elsa.Parallel", "p", "'activities':[]"))).StartAsync()).ShouldBeFinished();

    [Fact]
    public async Task Its_variables_are_its_own_and_shared_by_its_children()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Parallel", "p", $$"""
            'variables':[{'id':'i','name':'n','typeName':'Int32','value':1}],
            'activities':[
            {'type':'Elsa.Sequence','id':'q','activities':[{'type':'Elsa.Event','id':'e','eventName':'go'},{'type':'Elsa.WriteLine','id':'w','text':{{Js("getN()")}}}]},
            {'type':'Elsa.SetVariable','id':'v','variable':{'id':'i','name':'n'},'value':'7'}]
            """), "[{'id':'o','name':'n','typeName':'Int32','value':5}]")).StartAsync();
        await run.ResumeAsync("e");

        Assert.Equal(["7"], run.Lines);
        Assert.Equal(5, (int)run.State.GetVariables(run.Workflow)["n"]!);
    }

    [Fact]
    public async Task A_fault_of_one_leaves_the_others_waiting()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Parallel", "p", $"'activities':[{Of("Elsa.Fault", "bad", "'code':'E1'")},{Of("Elsa.Event", "b", "'eventName':'b'")}]"))).StartAsync();

        run.ShouldBeFaulted();
        Assert.Single(run.State.Bookmarks);
    }
}
