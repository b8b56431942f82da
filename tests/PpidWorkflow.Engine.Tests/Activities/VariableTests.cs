using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities;

public class VariableTests
{
    [Theory]
    [InlineData("'Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core'", "x")]
    [InlineData("'Elsa.Workflows.Services.WorkflowStorageDriver, Elsa.Workflows.Core'", "x")]
    [InlineData("null", "x")]
    [InlineData("'Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core'", "null")]
    public async Task The_storage_driver_says_whether_a_value_outlives_the_burst(string driver, string line)
    {
        var run = await new EngineHarness(Definition(
            Of("Elsa.Sequence", "s", $$"""
                'activities':[
                {'type':'Elsa.SetVariable','id':'a','variable':{'id':'v','name':'v'},'value':'x'},
                {'type':'Elsa.Event','id':'e','eventName':'go'},
                {'type':'Elsa.WriteLine','id':'w','text':{{Js("String(getV())")}} }]
                """),
            $"[{{'id':'v','name':'v','typeName':'String','storageDriverTypeName':{driver}}}]")).StartAsync();
        await run.ResumeAsync("e");

        Assert.Equal([line], run.Lines);
    }

    [Theory]
    [InlineData("Elsa.Flowchart", "'connections':[],'activities':[@]")]
    [InlineData("Elsa.Sequence", "'activities':[@]")]
    [InlineData("Elsa.Parallel", "'activities':[@]")]
    [InlineData("Elsa.Fork", "'branches':[@]")]
    [InlineData("Elsa.For", "'start':1,'end':1,'body':@")]
    [InlineData("Elsa.ForEach", "'items':[1],'body':@")]
    [InlineData("Elsa.ParallelForEach", "'items':[1],'body':@")]
    [InlineData("Elsa.FlowNode", "'body':@")]
    [InlineData("Elsa.If", "'condition':true,'then':@")]
    [InlineData("Elsa.Switch", "'cases':[{'label':'a','condition':{'type':'Literal','value':true},'activity':@}]")]
    public async Task Variables_of_whatever_holds_activities_hide_the_outer_ones_and_survive_a_wait(string type, string holding)
    {
        var inner = Of("Elsa.Sequence", "in", $$"""
            'activities':[{'type':'Elsa.WriteLine','id':'w1','text':{{Js("setN(getN() + 1); getN()")}} },{'type':'Elsa.Event','id':'e','eventName':'go'},
            {'type':'Elsa.WriteLine','id':'w2','text':{{Js("getN()")}} }]
            """);
        var holder = Of(type, "h", $"'variables':[{{'id':'i','name':'n','typeName':'Int32','value':1}}],{holding.Replace("@", inner, StringComparison.Ordinal)}");
        var run = await new EngineHarness(Definition(
            Of("Elsa.Sequence", "s", $"'activities':[{holder},{Of("Elsa.WriteLine", "w3", $"'text':{Js("getN()")}")}]"), "[{'id':'o','name':'n','typeName':'Int32','value':9}]"))
            .StartAsync();
        await run.ResumeAsync("e");

        Assert.Equal(["2", "2", "9"], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Nested_loops_have_values_of_their_own()
    {
        var write = Of("Elsa.WriteLine", "w", $"'text':{Js("getVariable('CurrentValue') + variables.CurrentValue + variables.outer")}");
        var inner = Of("Elsa.ForEach", "inner", $"'items':['a','b'],'body':{write}");
        var run = await new EngineHarness(Definition(
            Of("Elsa.For", "outerLoop", $"'start':1,'end':2,'currentValue':{{'typeName':'Object','memoryReference':{{'id':'outer'}}}},'body':{inner}"),
            "[{'id':'outer','name':'outer','typeName':'Int32'}]")).StartAsync();

        Assert.Equal(["aa1", "bb1", "aa2", "bb2"], run.Lines);
    }

    [Theory]
    [InlineData("Input", "'Title'", "Ini")]
    [InlineData("Input", "'title'", "Ini")]
    [InlineData("Input", "{'name':'Other'}", "std")]
    [InlineData("Output", "'e.Result'", "{\"x\":1}")]
    [InlineData("Output", "'Ask'", "{\"x\":1}")]
    [InlineData("Output", "'Ask.Nothing'", "")]
    [InlineData("Variable", "{'id':'v','name':'v'}", "V")]
    [InlineData("Variable", "'v'", "V")]
    [InlineData("Object", "'[1,{\"a\":2}]'", "[1,{\"a\":2}]")]
    [InlineData("Json", "{'a':2}", "{\"a\":2}")]
    public async Task Each_language_finds_its_value(string language, string value, string line)
    {
        var text = language == "Object" ? """ "[1,{\"a\":2}]" """ : value.Replace('\'', '"');
        var write = $$"""{"type":"Elsa.WriteLine","id":"w","text":{"typeName":"String","expression":{"type":"{{language}}","value":{{text}} } } }""";
        var run = await new EngineHarness(Parse($$"""
            {"id":"v1","definitionId":"d1","version":1,"variables":[{"id":"v","name":"v","typeName":"String","value":"V"}],
             "inputs":[{"name":"Title","type":"String"},{"name":"Other","type":"String","defaultValue":"std"}],
             "root":{"type":"Elsa.Sequence","id":"s","activities":[{"type":"Elsa.Event","id":"e","name":"Ask","eventName":"go"},{{write}}]} }
            """)).StartAsync(("Title", "Ini"));
        await run.ResumeAsync("e", new() { ["x"] = 1 });

        Assert.Equal([line], run.Lines);
    }
}
