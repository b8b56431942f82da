using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>
/// The bad input that issue 6 lists, each a named problem or incident, within a second and in bounded memory.
/// </summary>
[Collection(nameof(Alone))]
public class BadInputTests
{
    [Theory]
    [InlineData("dangling-connection", "s->d d:Maybe->a")]
    [InlineData("dangling-connection", "s->nobody")]
    [InlineData("dangling-connection", "nobody->a s->a")]
    [InlineData("two-starts", "s->a s2->a")]
    public void A_drawing_that_does_not_hold_together_is_refused_by_name(string code, string arrows) => Quickly(50, () => Assert.Contains(
        code, Codes(Flow(arrows, Of("Elsa.Start", "s"), Of("Elsa.Start", "s2"), Of("Elsa.FlowDecision", "d"), Write("a")))));

    [Fact]
    public async Task Connections_without_ports_leave_by_Done() => Assert.Equal(
        ["a", "b"],
        (await new EngineHarness(Parse($$"""
            {"id":"v1","definitionId":"d1","version":1,"root":{"type":"Elsa.Flowchart","id":"F","activities":[{{Write("a")}},{{Write("b")}}],
             "connections":[{"source":{"activity":"a"},"target":{"activity":"b"} }]} }
            """)).StartAsync()).Lines);

    [Theory]
    [InlineData("""{"source":"a","target":"b"}""")]
    [InlineData("""{"source":{"activity":7},"target":{"activity":[]} }""")]
    [InlineData("""{}""")]
    [InlineData("""{"source":{"activity":"a","port":{} },"target":null}""")]
    public void Connections_of_the_wrong_shape_are_refused_by_name(string connection) => Quickly(50, () => Assert.Contains("dangling-connection", Codes(Parse($$"""
        {"id":"v1","definitionId":"d1","version":1,"root":{"type":"Elsa.Flowchart","id":"F","activities":[{{Write("a")}},{{Write("b")}}],"connections":[{{connection}}]} }
        """))));

    [Theory]
    [InlineData("'activities':7")]
    [InlineData("'activities':[7,null,'x']")]
    [InlineData("'activities':{'a':1}")]
    [InlineData("'variables':'x'")]
    [InlineData("'connections':{'a':1}")]
    [InlineData("'customProperties':[]")]
    [InlineData("'metadata':'x'")]
    public void Members_of_the_wrong_shape_neither_throw_nor_run(string member) => Quickly(50, () =>
        Assert.NotNull(new WorkflowCompiler().Validate(Definition(Of("Elsa.Flowchart", "F", member)))));

    [Fact]
    public void Ids_used_twice_are_refused_in_containers_and_across_them()
    {
        Assert.Contains("duplicate-activity-id", Codes(Flow("", Write("a"), Write("a"))));
        Assert.Contains("duplicate-activity-id", Codes(Definition(Of("Elsa.Sequence", "s", $"'activities':[{Of("Elsa.FlowNode", "n", $"'body':{Write("s")}")}]"))));
    }

    [Theory]
    [InlineData("value-conversion", "Elsa.Delay", "'timeSpan':'soon'")]
    [InlineData("value-conversion", "Elsa.For", "'start':'a','end':2,'body':{'type':'Elsa.WriteLine','id':'w'}")]
    [InlineData("value-conversion", "Elsa.If", "'condition':'perhaps'")]
    [InlineData("value-conversion", "Elsa.StartAt", "'dateTime':{'typeName':'Object','expression':{'type':'Object','value':[1]}}")]
    [InlineData("not-a-collection", "Elsa.ForEach", "'items':17,'body':{'type':'Elsa.WriteLine','id':'w'}")]
    [InlineData("value-conversion", "Elsa.RunTask", "'payload':'text'")]
    public async Task An_input_of_the_wrong_type_is_an_incident_with_a_name(string code, string type, string inputs)
    {
        var incident = Assert.Single((await new EngineHarness(Definition(Of(type, "x", inputs))).StartAsync()).State.Incidents);

        Assert.Equal((code, "x"), (incident.Code, incident.ActivityId));
    }

    [Theory]
    [InlineData("Literal", 1_000_000)]
    [InlineData("JavaScript", 1_000_000)]
    [InlineData("Liquid", 1_000_000)]
    public Task A_text_of_a_megabyte_is_refused_or_carried_and_never_copied_much(string language, int length) => QuicklyAsync(100, async () =>
    {
        var text = new string('x', length);
        var definition = Parse($$"""
            {"id":"v1","definitionId":"d1","version":1,"variables":[{"id":"v","name":"v","typeName":"String"}],"root":{"type":"Elsa.Sequence","id":"s","activities":[
             {"type":"Elsa.SetVariable","id":"x","variable":{"id":"v","name":"v"},"value":{"typeName":"Object","expression":{"type":"{{language}}","value":"{{text}}"} } },
             {"type":"Elsa.Event","id":"e","eventName":"go"}]} }
            """);
        var problems = Codes(definition).ToList();
        if (language != "Literal")
        {
            Assert.Equal(["expression-syntax-error"], problems);
            return;
        }
        Assert.Empty(problems);
        var run = await new EngineHarness(definition).StartAsync();
        Assert.Equal(length, ((string)run.State.GetVariables(run.Workflow)["v"]!).Length);
        Assert.InRange(run.Journal.Sum(e => (e.Payload?.ToJsonString().Length ?? 0) + (e.Message?.Length ?? 0)), 0, 10_000);
        await run.ResumeAsync("e");
        run.ShouldBeFinished();
    });

    [Theory]
    [InlineData("/(a+)+$/.test('a'.repeat(40) + '!')")]
    [InlineData("/(.*)*x/.exec('a'.repeat(5000))")]
    [InlineData("'a'.repeat(30000).match(/(a|aa)+$b/)")]
    [InlineData("'a'.repeat(50).replace(/^(([a-z])+.)+[A-Z]([a-z])+$/, 'x')")]
    [InlineData("new RegExp('(x+x+)+y').test('x'.repeat(40))")]
    [InlineData("'x'.repeat(60).split(/(x+x+)+y/).length")]
    public Task A_regular_expression_that_never_ends_is_cut_off(string code) => IsStoppedAsync(code, "script-limit");

    [Theory]
    [InlineData("Object.prototype.toString = () => { while (true) {} }; '' + {}")]
    [InlineData("Array.prototype.map = function() { for (;;); }; [1].map(x => x)")]
    [InlineData("Object.prototype.__defineGetter__('name', () => { throw getTitle() }); throw new Error('x')")]
    [InlineData("Object.defineProperty(Object.prototype, 'toJSON', { get() { while (true) {} } }); ({ a: 1 }).toJSON")]
    [InlineData("let o = {}; Object.defineProperty(o, 'x', { enumerable: true, get() { while (true) {} } }); o")]
    [InlineData("Error.prototype.name = getTitle(); Object.getPrototypeOf(async function(){}).constructor('return 1')()")]
    [InlineData("[].constructor.constructor('return this')()")]
    [InlineData("(function*(){}).constructor('while(true){}')().next()")]
    [InlineData("({}).__proto__.__proto__.x")]
    [InlineData("Symbol.prototype[Symbol.toPrimitive].call(1)")]
    public Task Games_with_prototypes_end_as_faults(string code) => IsStoppedAsync(code, "script-error", "script-limit");

    [Theory]
    [InlineData("Object.prototype.polluted = 'x'; Array.prototype.push = () => 0; String.prototype.trim = () => 'evil'; globalThis.getTitle = () => 'evil'; 1")]
    [InlineData("getVariable = () => 'evil'; JSON.parse = () => 'evil'; Math.max = () => 99; 1")]
    [InlineData("({}).__proto__.polluted = 'x'; Object.setPrototypeOf(Object.prototype, null); 1")]
    public async Task What_a_script_does_to_the_prototypes_ends_with_it(string code)
    {
        var first = $$"""{"type":"Elsa.WriteLine","id":"a","text":{{Js(code)}} }""";
        var second = $$"""{"type":"Elsa.WriteLine","id":"b","text":{{Js("typeof ({}).polluted + ' x '.trim() + getTitle() + getVariable('v') + JSON.parse('1') + Math.max(1, 2)")}} }""";
        var run = await new EngineHarness(Definition(
            Activities.Proofs.Parts.Seq(first, second), "[{'id':'v','name':'v','typeName':'String','value':'V'}]", "[{'name':'Title','type':'String'}]")).StartAsync(("Title", "T"));

        Assert.Equal("undefinedxTV12", run.Lines[^1]);
    }

    [Theory]
    [InlineData("{% for i in (1..1000000000) %}{{ i }}{% endfor %}")]
    [InlineData("{% for i in (1..1000000000) %}{% endfor %}")]
    [InlineData("{% for i in (1..40000) %}{% for j in (1..40000) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ (1..1000000000) | join: ',' }}")]
    [InlineData("{{ (1..1000000000) | size }}{{ (1..1000000000) | reverse | first }}")]
    [InlineData("{% tablerow i in (1..1000000000) %}{% endtablerow %}")]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}")]
    public async Task A_loop_of_a_billion_in_a_template_is_cut_off(string template)
    {
        var expression = Js(template).Replace("JavaScript", "Liquid", StringComparison.Ordinal);
        await QuicklyAsync(150, async () =>
        {
            var run = await new EngineHarness(Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{expression}} }""")).StartAsync();
            Assert.Contains(Assert.Single(run.State.Incidents).Code, (string[])["template-limit", "template-error"]);
        });
    }

    [Fact]
    public async Task Two_thousand_waiting_branches_do_not_slow_down_one()
    {
        var run = new EngineHarness(
            Definition(Of("Elsa.ParallelForEach", "p", $"'items':{Js("Array(2000).fill(0)")},'body':{Activities.Proofs.Parts.Wait()}")), roundTrip: false);
        await QuicklyAsync(60, async () =>
        {
            await run.StartAsync();
            await run.ResumeAsync(run.State.Bookmarks[1000]);
        });

        Assert.Equal(1_999, run.State.Bookmarks.Count);
    }

    private static Task IsStoppedAsync(string code, params string[] codes) => QuicklyAsync(60, async () =>
    {
        var run = await new EngineHarness(Definition(
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""", inputs: "[{'name':'Title','type':'String'}]")).StartAsync(("Title", "rahasia"));

        var incident = Assert.Single(run.State.Incidents);
        Assert.Contains(incident.Code, codes);
        Assert.DoesNotContain("rahasia", incident.Message, StringComparison.Ordinal);
    });

    private static void Quickly(long megabytes, Action action) => QuicklyAsync(megabytes, () =>
    {
        action();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    private static Task QuicklyAsync(long megabytes, Func<Task> action) => Alone.CostsAtMostAsync(megabytes, action);

    private static IEnumerable<string> Codes(WorkflowDefinition definition) => new WorkflowCompiler().Validate(definition).Select(p => p.Code);
}
