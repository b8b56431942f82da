using System.Diagnostics;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

[Collection(nameof(Alone))]
public class LiquidTests
{
    private const string Variables =
        "[{'id':'v1','name':'counter','typeName':'Int32','value':'3'},{'id':'v2','name':'Person','typeName':'Object','value':{'name':'Ani','tags':['x','y'],'of':{'age':7}}}]";

    /// <summary>A million letters.</summary>
    private const string LongText = "{% assign s = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..16) %}{% unless i == 16 %}{% assign s = s | append: s %}{% endunless %}{% endfor %}";

    [Theory]
    [InlineData("Hello {{ Input.Title }}", "Hello Ini")]
    [InlineData("{{ Variables.counter | plus: 1 }}", "4")]
    [InlineData("{{ Variables.Person.name | upcase }}-{{ Variables.Person.of.age }}", "ANI-7")]
    [InlineData("{% for t in Variables.Person.tags %}{{ forloop.index }}{{ t }}{% endfor %}", "1x2y")]
    [InlineData("{% if Variables.counter > 2 and Input.Title == 'Ini' %}yes{% else %}no{% endif %}", "yes")]
    [InlineData("{% assign n = 'a,b' | split: ',' %}{{ n | size }}{{ n | last }}", "2b")]
    [InlineData("{% case Variables.counter %}{% when 3 %}three{% else %}other{% endcase %}", "three")]
    [InlineData("{{ WorkflowInstanceId }}{{ WorkflowDefinitionId }}{{ WorkflowDefinitionVersionId }}{{ WorkflowDefinitionVersion }}{{ CorrelationId }}", "instd1v11")]
    [InlineData("{{ Variables.nothing }}{{ nothing.at.all }}{{ Variables.nothing.x[3].y }}", "")]
    [InlineData("{{ Variables.Person | json }}", "{\"name\":\"Ani\",\"tags\":[\"x\",\"y\"],\"of\":{\"age\":7}}")]
    [InlineData("{{ Variables.Person | keys | join: '+' }}", "name+tags+of")]
    [InlineData("{{ 'abc' | base64 }}", "YWJj")]
    [InlineData("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-11-23 01:00")]
    [InlineData("{{ '2026-01-02T03:04:05Z' | date: '%d/%m/%Y' }}{{ 'x' | date: '%Y' }}", "02/01/2026")]
    [InlineData("{{ '2026-01-02T03:04:05+07:00' | date: '%s %Z %z %H %%s %' }}", "1767297845 +07:00 +0700 03 %s ")]
    [InlineData("{{ '10:00' | date: '%Y' }},{{ '1/2' | date: '%Y' }},{{ '1/2 10 AM' | date: '%Y' }},{{ 'Mon 1/2 10:00 +0700' | date: '%Y' }},{{ '5 May' | date: '%Y' }}",
        ",,,,")]
    [InlineData("{{ 'May 2026' | date: '%m' }}{{ '5 May 2026 10:00' | date: '%d' }}{{ '1/2/26' | date: '%Y' }}", "05052026")]
    [InlineData("{{ empty | json }}{{ blank | json }}", "nullnull")]
    [InlineData("{{ 7 | divided_by: 2 }} {{ -7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ 1.5 }}", "3 -4 3.5 1.5")]
    [InlineData("{{ 'a b&c' | url_encode }}", "a+b%26c")]
    [InlineData("{% capture t %}a {{ 1 }}{% endcapture %}{{ t | json }} {{ t | base64 }} {{ t }}", "\"a 1\" YSAx a 1")]
    [InlineData("{% raw %}{{ x }}{% endraw %}{% comment %}y{% endcomment %}", "{{ x }}")]
    [InlineData("plain { text }", "plain { text }")]
    [InlineData("", "")]
    public async Task A_template_says_what_it_says_in_Elsa(string template, string line)
    {
        var run = await RunAsync(template);

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Its_text_takes_the_type_of_the_input()
    {
        var run = await new EngineHarness(Definition(
            $$"""{"type":"Elsa.SetVariable","id":"s","variable":{"id":"v1"},"value":{{Liquid("{{ Variables.counter | times: 4 }}")}} }""", Variables)).StartAsync();

        Assert.Equal(12, (int)run.State.GetVariables(run.Workflow)["counter"]!);
    }

    [Fact]
    public async Task A_template_cannot_change_a_variable()
    {
        var run = await RunAsync("{% assign Variables.counter = 9 %}{% assign counter = 9 %}x");

        Assert.Equal(3, (int)run.State.GetVariables(run.Workflow)["counter"]!);
    }

    [Fact]
    public async Task Too_many_rounds_are_told_as_such_and_where()
    {
        var incident = Assert.Single((await RunAsync("a\n{% for i in (1..20000) %}x{% endfor %}")).State.Incidents);

        Assert.Equal(("template-limit", "Templat dihentikan pada baris 2: terlalu banyak putaran atau terlalu dalam."), (incident.Code, incident.Message));
    }

    [Theory]
    [InlineData("{% for i in (1..1000000000) %}x{% endfor %}")]
    [InlineData("{{ (1..1000000000) | size }}")]
    [InlineData("{{ (1..1000000000) | join: ',' }}")]
    [InlineData("{% for i in (1..9999) %}{% for j in (1..9999) %}{% for k in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% assign s='x' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign s='x' %}{% for i in (1..60) %}{% capture s %}{{s}}{{s}}{% endcapture %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign s='xxxxxxxxxxxxxxxxxxxx' %}{% for i in (1..8) %}{% assign s = s | replace: 'x', s %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign a='x,x' | split: ',' %}{% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}{{ a | size }}")]
    [InlineData("{% assign n = 9999999999 %}{% for i in (1..200) %}{% assign n = n | times: n %}{% endfor %}{{ n | size }}")]
    [InlineData("{{ 10 | divided_by: 0 }}")]
    [InlineData("{{ 10 | divided_by: 0.0 }}")]
    [InlineData("{% assign s='xxxxxxxx' %}{% for i in (1..15) %}{% assign s = s | append: s %}{% endfor %}{% assign c = s | split: '|' %}{% for i in (1..10) %}{% assign c = c | concat: c %}{% endfor %}{{ c | json | size }}")]
    [InlineData("{% assign s='xxxxxxxx' %}{% for i in (1..15) %}{% assign s = s | append: s %}{% endfor %}{% assign c = s | split: '|' %}{% for i in (1..10) %}{% assign c = c | concat: c %}{% endfor %}{{ c | base64 | size }}")]
    [InlineData("{{ 'x' | no_such_filter }}")]
    [InlineData("{{ 'Variables' | object.eval }}")]
    [InlineData("{{ 'x' | regex.match 'x' }}")]
    [InlineData("{{ math.random 1 2 }}")]
    [InlineData("{{ '1' | object.eval_template }}")]
    [InlineData(LongText + "{% for i in (1..9000) %}{% assign t = s | upcase %}{% endfor %}")]
    [InlineData(LongText + "{% for i in (1..9000) %}{% assign t = s | truncatewords: 5 %}{% endfor %}")]
    [InlineData(LongText + "{{ 'now' | date: s }}")]
    [InlineData("{{ string.pad_left 'x' 1000000000 }}")]
    [InlineData("{{ (1..3) | array.insert_at 1000000000 1 }}")]
    [InlineData("{{ 1 | math.format 'D1000000000' }}")]
    [InlineData("{{ 1 | object.format 'D1000000000' }}")]
    [InlineData("{{ 'now' | date.to_string '%s' }}")]
    [InlineData("{{ 'x' | html.strip }}")]
    [InlineData("{{ 1 | timespan.from_days }}")]
    [InlineData("{% assign a = Variables.Person.tags %}{% assign a[2000000000] = 1 %}{{ a | size }}")]
    public async Task A_hostile_template_is_an_incident_within_a_second(string template)
    {
        await Alone.CostsAtMostAsync(150, async () =>
        {
            var run = await RunAsync(template);
            Assert.Contains(Assert.Single(run.State.Incidents).Code, (string[])["template-error", "template-limit"]);
        });
    }

    [Theory]
    [InlineData("{% assign Variables.a = Variables %}{% assign Variables.b = Variables %}{{ Variables | json }}")]
    [InlineData("{% assign Variables.a = Variables %}{% assign Variables.b = Variables %}{{ Variables }}")]
    [InlineData("{{ date.now }}{{ math.uuid }}")]
    public async Task Odd_templates_do_not_bring_the_host_down(string template)
    {
        var watch = Stopwatch.StartNew();
        Assert.NotNull(await RunAsync(template));

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 6);
    }

    [Theory]
    [InlineData("{% if true %}", "x", "{% endif %}", 800)]
    [InlineData("(", "1", ")", 9_000)]
    [InlineData("a[", "1", "]", 6_000)]
    [InlineData("", "1", " | plus: 1", 1_900)]
    [InlineData("", "a", ".b", 9_900)]
    [InlineData("-", "1", "", 19_000)]
    [InlineData("{% for i in x %}", "x", "{% endfor %}", 700)]
    [InlineData("{% capture a %}", "x", "{% endcapture %}", 600)]
    public async Task Deep_syntax_does_not_bring_the_host_down(string open, string middle, string close, int times)
    {
        var text = string.Concat(Enumerable.Repeat(open, times)) + middle + string.Concat(Enumerable.Repeat(close, times));
        try
        {
            Assert.NotNull(await RunAsync(text.StartsWith("{%", StringComparison.Ordinal) ? text : "{{ " + text + " }}"));
        }
        catch (DefinitionInvalidException e)
        {
            Assert.Equal("expression-syntax-error", e.Problems[0].Code);
        }
    }

    [Theory]
    [InlineData("{{ 'x' ")]
    [InlineData("{% if true %}x")]
    [InlineData("{% endif %}")]
    public void What_cannot_be_read_is_refused_beforehand(string template) => Assert.Equal(
        "expression-syntax-error", Assert.Single(new WorkflowCompiler().Validate(Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Liquid(template)}} }"""))).Code);

    [Fact]
    public void A_template_that_is_too_long_is_refused_beforehand() => Assert.Equal(
        "expression-syntax-error",
        Assert.Single(new WorkflowCompiler().Validate(Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Liquid(new string('x', 20_001))}} }"""))).Code);

    [Fact]
    public async Task What_went_wrong_does_not_repeat_data()
    {
        var run = await RunAsync("{{ Input.Title | divided_by: 0 }}");

        Assert.DoesNotContain("Ini", Assert.Single(run.State.Incidents).Message, StringComparison.Ordinal);
    }

    private static string Liquid(string template) => Js(template).Replace("JavaScript", "Liquid", StringComparison.Ordinal);

    private static Task<EngineHarness> RunAsync(string template) => new EngineHarness(
        Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Liquid(template)}} }""", Variables, "[{'name':'Title','type':'String'}]"))
        .StartAsync(("Title", "Ini"));
}
