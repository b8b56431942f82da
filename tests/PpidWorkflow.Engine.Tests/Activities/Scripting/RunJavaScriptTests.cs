using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Scripting;


public class RunJavaScriptTests
{
    private const string N = "[{'id':'n','name':'n','typeName':'Object'}]";
    private const string Bound = "'result':{'typeName':'Object','memoryReference':{'id':'n'}}";

    [Theory]
    [InlineData("1 + 1", "2")]
    [InlineData("return { a: [1] };", "{\"a\":[1]}")]
    [InlineData("setN('set'); undefined", "\"set\"")]
    [InlineData("", null)]
    public async Task Its_value_is_its_result(string script, string? value)
    {
        var run = await new EngineHarness(Definition(Of("Elsa.RunJavaScript", "r", $"'script':'{script.Replace('\'', '`')}',{Bound}".Replace("\"", "\\\"", StringComparison.Ordinal)), N)).StartAsync();

        Assert.Equal(value, run.State.GetVariables(run.Workflow)["n"]?.ToJsonString());
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("setOutcome('B')", "B")]
    [InlineData("setOutcomes(['A', 'B'])", "A,B")]
    [InlineData("setOutcome('A'); setOutcome('B')", "B")]
    [InlineData("1", "Done")]
    public async Task It_may_choose_its_outcomes(string script, string lines)
    {
        var run = await new EngineHarness(Flow(
            "r:A->A r:B->B r->Done", $$"""{"type":"Elsa.RunJavaScript","id":"r","script":{{Js(script)}},"possibleOutcomes":["A","B"]}""", Write("A"), Write("B"),
            Write("Done"))).StartAsync();

        Assert.Equal(lines, string.Join(',', run.Lines));
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("while(true){}", "script-limit")]
    [InlineData("nobody.home", "script-error")]
    [InlineData("({}).constructor.constructor('return 1')()", "script-error")]
    [InlineData("({}).__proto__.polluted = 1; if (({}).polluted) throw new Error('x')", "script-error")]
    [InlineData("/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')", "script-limit")]
    [InlineData("setOutcomes('x'.repeat(1e9))", "script-limit")]
    [InlineData("setOutcome('x'.repeat(101))", "script-limit")]
    [InlineData("setOutcomes(Array(101).fill('x'))", "script-limit")]
    [InlineData("setOutcomes({ a: 1 })", "value-conversion")]
    [InlineData("bytesFromString('x'.repeat(200000))", "script-limit")]
    public async Task A_hostile_script_is_an_incident(string script, string code)
    {
        var run = await new EngineHarness(Definition($$"""{"type":"Elsa.RunJavaScript","id":"r","script":{{Js(script)}} }""")).StartAsync();

        Assert.Equal(("r", code), (run.State.Incidents[0].ActivityId, Assert.Single(run.State.Incidents).Code));
    }

    [Fact]
    public async Task What_a_script_does_to_prototypes_is_gone_with_it()
    {
        var spoil = $$"""{"type":"Elsa.RunJavaScript","id":"r","script":{{Js("Object.prototype.x = 1; Array.prototype.map = 2; JSON.parse = 3; 1")}} }""";
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Sequence", "s", $"'activities':[{spoil},{Of("Elsa.WriteLine", "w", $"'text':{Js("String(({}).x) + [1].map(x => x + 1) + JSON.parse('3')")}")}]"))).StartAsync();

        Assert.Equal(["undefined23"], run.Lines);
    }

    [Fact]
    public async Task It_goes_on_where_a_wait_before_it_has_ended()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Sequence", "s", $$"""
            'activities':[{'type':'Elsa.Event','id':'e','eventName':'go'},{'type':'Elsa.RunJavaScript','id':'r','script':{{Js("getOutputFrom('e').x + 1")}},{{Bound}}}]
            """), N)).StartAsync();
        await run.ResumeAsync("e", new() { ["x"] = 4 });

        Assert.Equal(5, (int)run.State.GetVariables(run.Workflow)["n"]!);
    }

    [Theory]
    [InlineData("'script':'1 +'")]
    [InlineData("'script':{'typeName':'String','expression':{'type':'Variable','value':'n'}}")]
    public void A_script_that_cannot_be_read_beforehand_is_refused(string script)
    {
        var problem = Assert.Single(new WorkflowCompiler().Validate(Definition(Of("Elsa.RunJavaScript", "r", script), N)));

        Assert.Equal(("expression-syntax-error", "r"), (problem.Code, problem.ActivityId));
    }

    [Fact]
    public async Task An_expression_elsewhere_has_no_outcome_to_set() => Assert.Equal(
        "script-error",
        Assert.Single((await new EngineHarness(Definition(Of("Elsa.WriteLine", "w", $"'text':{Js("setOutcome('x')")}"))).StartAsync()).State.Incidents).Code);
}
