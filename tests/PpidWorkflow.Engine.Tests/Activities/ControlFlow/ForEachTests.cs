using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.ControlFlow;


public class ForEachTests
{
    [Theory]
    [InlineData("['a','b']", "a0,b1")]
    [InlineData("[]", "")]
    [InlineData("'[1,2]'", "10,21")]
    [InlineData("null", "")]
    public async Task It_goes_through_the_list_in_order(string items, string lines)
    {
        var run = await RunAsync(items);

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("'abc'")]
    [InlineData("17")]
    [InlineData("{'typeName':'Object','expression':{'type':'Object','value':{'a':1}}}")]
    public async Task What_is_no_list_is_an_incident(string items)
    {
        var run = await RunAsync(items);

        Assert.Equal(("loop", "not-a-collection"), (run.State.Incidents[0].ActivityId, Assert.Single(run.State.Incidents).Code));
        Assert.DoesNotContain("abc", run.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_too_long_is_an_incident() => Assert.Equal(
        "too-many-items", Assert.Single((await RunAsync(Js("Array(10001).fill(0)"))).State.Incidents).Code);

    [Fact]
    public async Task The_list_does_not_change_while_it_is_gone_through()
    {
        var definition = Definition(
            Of("Elsa.ForEach", "loop", $$"""
                'items':{'typeName':'Object','expression':{'type':'Variable','value':'n'} },
                'body':{'type':'Elsa.Sequence','id':'q','activities':[
                    {'type':'Elsa.Event','id':'e','eventName':'go'},
                    {'type':'Elsa.WriteLine','id':'w','text':{{Js("setN([]); getCurrentValue()")}} }]}
                """),
            "[{'id':'n','name':'n','typeName':'Object','isArray':true,'value':['x','y']}]");
        var run = await new EngineHarness(definition).StartAsync();
        await run.ResumeAsync("e");
        await run.ResumeAsync("e");

        Assert.Equal(["x", "y"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Its_current_value_is_an_output()
    {
        var run = await new EngineHarness(Definition(
            Of("Elsa.ForEach", "loop", $$"""
                'items':[{'k':1},{'k':2}],'currentValue':{'typeName':'Object','memoryReference':{'id':'n'} },'body':{'type':'Elsa.WriteLine','id':'w','text':{{Js("getN().k")}}}
                """),
            "[{'id':'n','name':'n','typeName':'Object'}]")).StartAsync();

        Assert.Equal(["1", "2"], run.Lines);
        Assert.Equal(2, (int)run.State.GetVariables(run.Workflow)["n"]!["k"]!);
    }

    [Fact]
    public async Task A_round_that_faults_can_be_retried_and_the_rest_follows()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.ForEach", "loop", $$"""
            'items':['a','b','c'],
            'body':{'type':'Elsa.WriteLine','id':'w','text':{{Js("if (getCurrentValue() == 'b' && getCorrelationId() == null) throw new Error('x'); getCurrentValue()")}}}
            """))).StartAsync();
        run.ShouldBeFaulted();
        run.State.CorrelationId = "ok";
        await run.RetryAsync(run.State.Incidents[0].Id);

        Assert.Equal(["a", "b", "c"], run.Lines);
        run.ShouldBeFinished();
    }

    private static Task<EngineHarness> RunAsync(string items) => new EngineHarness(Definition(Of(
        "Elsa.ForEach", "loop", $"'items':{items},'body':{Of("Elsa.WriteLine", "w", $"'text':{Js("getCurrentValue() + String(getCurrentIndex())")}")}"))).StartAsync();
}
