using PpidWorkflow.Engine.Expressions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

/// <summary>Every standard filter of Liquid is there, with the result that Fluid 2.31.0 gives, the Liquid of the Elsa that we follow; but <c>sum</c>, which counts no objects there.</summary>
[Collection(nameof(Alone))]
public class LiquidStandardFilterTests
{
    private const string Variables =
        """
        [{'id':'v','name':'Rows','typeName':'Object','value':[
            {'n':'b','k':1,'on':true},{'n':'A','k':2.5,'on':false},{'n':'c','k':'3'},{'n':'a','k':null,'on':true}]},
         {'id':'o','name':'One','typeName':'Object','value':{'n':'b','on':true}}]
        """;

    [Theory]
    [InlineData("abs", "{{ -3 | abs }}", "3")]
    [InlineData("append", "{{ 'a' | append: 'b' }}", "ab")]
    [InlineData("at_least", "{{ 4 | at_least: 5 }} {{ 6.5 | at_least: 5 }} {{ 'x' | at_least: 1 }}", "5 6.5 1")]
    [InlineData("at_most", "{{ 4 | at_most: 5 }} {{ '7' | at_most: 5.5 }}", "4 5.5")]
    [InlineData("base64_encode", "{{ 'Ärger?>' | base64_encode }}", "w4RyZ2VyPz4=")]
    [InlineData("base64_decode", "{{ 'w4RyZ2VyPz4=' | base64_decode }}", "Ärger?>")]
    [InlineData("base64_url_safe_encode", "{{ '?>~' | base64_url_safe_encode }} {{ 'a' | base64_url_safe_encode }}", "Pz5- YQ")]
    [InlineData("base64_url_safe_decode", "{{ 'Pz5-' | base64_url_safe_decode }} {{ 'YQ' | base64_url_safe_decode }}", "?>~ a")]
    [InlineData("capitalize", "{{ 'ab cD' | capitalize }}", "Ab CD")]
    [InlineData("ceil", "{{ 1.2 | ceil }}", "2")]
    [InlineData("compact", "{{ Variables.Rows | map: 'k' | compact | size }}", "3")]
    [InlineData("concat", "{% assign a = 'a' | split: ',' %}{{ a | concat: a | join: '' }}", "aa")]
    [InlineData("date", "{{ '2026-01-02' | date: '%d' }}", "02")]
    [InlineData("default", "{{ nothing | default: 'd' }}", "d")]
    [InlineData("divided_by", "{{ 7 | divided_by: 2 }}", "3")]
    [InlineData("downcase", "{{ 'A' | downcase }}", "a")]
    [InlineData("escape", "{{ '<a>' | escape }}", "&lt;a&gt;")]
    [InlineData("escape_once", "{{ '1 < 2 &amp; &lt;' | escape_once }}", "1 &lt; 2 &amp; &lt;")]
    [InlineData("find", "{% assign r = Variables.Rows | find: 'n', 'c' %}{{ r.k }}{% assign r = Variables.Rows | find: 'n', 'z' %}{{ r.k }}", "3")]
    [InlineData("find_index", "{{ Variables.Rows | find_index: 'k', 2.5 }}{{ Variables.Rows | find_index: 'n', 'z' }}", "1")]
    [InlineData("first", "{{ 'a,b' | split: ',' | first }}", "a")]
    [InlineData("floor", "{{ 1.8 | floor }}", "1")]
    [InlineData("has", "{{ Variables.Rows | has: 'on' }} {{ Variables.Rows | has: 'n', 'z' }} {{ Variables.One | has: 'n', 'b' }}", "false false true")]
    [InlineData("join", "{{ 'a,b' | split: ',' | join: '+' }}", "a+b")]
    [InlineData("last", "{{ 'a,b' | split: ',' | last }}", "b")]
    [InlineData("lstrip", "{{ ' a' | lstrip }}", "a")]
    [InlineData("map", "{{ Variables.Rows | map: 'n' | join: '' }}", "bAca")]
    [InlineData("minus", "{{ 3 | minus: 1 }}", "2")]
    [InlineData("modulo", "{{ 7 | modulo: 4 }}", "3")]
    [InlineData("newline_to_br", "{% capture t %}a\nb{% endcapture %}{{ t | newline_to_br }}", "a<br />b")]
    [InlineData("plus", "{{ 3 | plus: 1 }}", "4")]
    [InlineData("prepend", "{{ 'a' | prepend: 'b' }}", "ba")]
    [InlineData("reject", "{{ Variables.Rows | reject: 'on' | map: 'n' | join: '' }} {{ Variables.Rows | reject: 'k', 1 | map: 'n' | join: '' }}", "Ac Aca")]
    [InlineData("remove", "{{ 'aba' | remove: 'a' }}", "b")]
    [InlineData("remove_first", "{{ 'aba' | remove_first: 'a' }}", "ba")]
    [InlineData("remove_last", "{{ 'aba' | remove_last: 'a' }}{{ 'aba' | remove_last: 'x' }}", "ababa")]
    [InlineData("replace", "{{ 'aba' | replace: 'a', 'c' }}", "cbc")]
    [InlineData("replace_first", "{{ 'aba' | replace_first: 'a', 'c' }}", "cba")]
    [InlineData("replace_last", "{{ 'aba' | replace_last: 'a', 'c' }}", "abc")]
    [InlineData("reverse", "{{ 'a,b' | split: ',' | reverse | join: '' }}", "ba")]
    [InlineData("round", "{{ 1.256 | round: 2 }}", "1.26")]
    [InlineData("rstrip", "{{ 'a ' | rstrip }}.", "a.")]
    [InlineData("size", "{{ 'abc' | size }}", "3")]
    [InlineData("slice", "{{ 'abc' | slice: 1, 2 }}", "bc")]
    [InlineData("sort", "{{ 'b,A,c' | split: ',' | sort | join: '' }}", "Abc")]
    [InlineData("sort_natural", "{{ 'b,A,c' | split: ',' | sort_natural | join: '' }} {{ Variables.Rows | sort_natural: 'n' | map: 'n' | join: '' }}", "Abc aAbc")]
    [InlineData("split", "{{ 'a,b' | split: ',' | size }}", "2")]
    [InlineData("strip", "{{ ' a ' | strip }}.", "a.")]
    [InlineData("strip_html", "{{ '<b>a</b>' | strip_html }}", "a")]
    [InlineData("strip_newlines", "{% capture t %}a\nb{% endcapture %}{{ t | strip_newlines }}", "ab")]
    [InlineData("sum", "{{ '0.1,0.2' | split: ',' | sum }} {{ Variables.Rows | sum: 'k' }} {{ (1..4) | sum }}", "0.3 6.5 10")]
    [InlineData("times", "{{ 3 | times: 2 }}", "6")]
    [InlineData("truncate", "{{ 'abcdef' | truncate: 5 }}", "ab...")]
    [InlineData("truncatewords", "{{ 'a b c' | truncatewords: 2 }}", "a b...")]
    [InlineData("uniq", "{{ 'a,b,a' | split: ',' | uniq | join: '' }}", "ab")]
    [InlineData("upcase", "{{ 'a' | upcase }}", "A")]
    [InlineData("url_decode", "{{ 'a+b%26c' | url_decode }}", "a b&c")]
    [InlineData("url_encode", "{{ 'a b&c!' | url_encode }}", "a+b%26c!")]
    [InlineData("where", "{{ Variables.Rows | where: 'on' | map: 'n' | join: '' }} {{ Variables.Rows | where: 'k', 1 | map: 'n' | join: '' }} {{ nothing | where: 'n' | size }}", "ba b ")]
    public async Task It_gives_what_it_gives_in_Elsa(string filter, string template, string line)
    {
        Assert.True(LiquidFilters.All.ContainsKey(LiquidTree.Named(filter)));
        var run = await RunAsync(template);

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    /// <summary>Nothing, numbers, lists, arguments that are not given or of another kind.</summary>
    [Theory]
    [InlineData("{{ 12 | append: 3 }} {{ nothing | append: 'x' }} {{ 'x' | append }} {{ true | append: 1.50 }}", "123 x x true1.50")]
    [InlineData("{{ 12 | prepend: 3 }} {{ nothing | prepend: 'x' }} {{ 'x' | prepend }}", "312 x x")]
    [InlineData("{% assign l = 'a,b' | split: ',' %}{{ l | append: l }} {{ l | upcase }} {{ l | replace: 'ab', 'x' }} {{ l | strip | size }}", "abab AB x 2")]
    [InlineData("{{ 'aba' | replace: 'a' }} {{ 121 | replace: 1, 3 }} {{ nothing | replace: 'a', 'b' }}.", "b 323 .")]
    [InlineData("{{ 'aba' | replace_first: 'a' }} {{ 121 | replace_first: 1, 3 }} {{ 'abc' | replace_first: '', 'x' }} {{ 'abc' | replace_first }} {{ nothing | replace_first: 'a', 'b' }}.", "ba 321 xabc abc .")]
    [InlineData("{{ 'abc' | replace_last: '', 'x' }} {{ 121 | replace_last: 1 }} {{ 5 | replace_first: 'x', 'y' | json }}", "abcx 12 5")]
    [InlineData("{{ 'aba' | remove }} {{ 121 | remove: 1 }} {{ nothing | remove: 'a' }} {{ 121 | remove_first: 1 }} {{ 'aba' | remove_first }} {{ 121 | remove_last: 1 }}", "aba 2  21 aba 12")]
    [InlineData("{{ 1.50 | upcase }} {{ nothing | upcase }}{{ nothing | downcase }} {{ true | upcase }} {{ 5 | capitalize }} {{ 5 | strip | plus: 1 }}", "1.50  TRUE 5 6")]
    [InlineData("{{ 3 | plus }} {{ 3 | minus }} {{ 3 | times }} {{ 1.5 | abs }} {{ -1.5 | ceil }} {{ 2.5 | round }} {{ 3.5 | round }} {{ 1.256 | round: '2' }} {{ 1.25 | round: 1.2 }} {{ 4 | at_least }} {{ 4 | at_most }}.", "3 3 0 1.5 -1 2 4 1.26 1.2 4 .")]
    [InlineData("{{ 1.0 }} {{ 1.50 }} {{ '3.5' | times: 2 }} {{ 1 | divided_by: 3.0 }} {{ 99999999999 | times: 99999999999 }} {{ 3.0 | round }} {{ -2.50 }} {{ 7 | divided_by: '2.0' }}", "1.0 1.5 7.0 0.3333333333333333333333333333 9999999999800000000001 3 -2.5 3.5")]
    [InlineData("{{ nothing | truncate | size }} {{ 123456 | truncate: 4 }} {{ 'abcdef' | truncate: '5', '' }} {{ 'abcdef' | truncate: 5, nothing }} {{ 'abcdef' | truncate: 'x' }} {{ 'abcdef' | truncate: blank }}", "0 1... abcde ab... ... abcdef")]
    [InlineData("{{ 'a b c' | truncatewords: '2' }} {{ 'a b c' | truncatewords: 2, blank }} {{ 12 | truncatewords: 1, 3 }} {{ nothing | truncatewords: 1 }}.", "a b... a b... 123 .")]
    [InlineData("{{ false | default: 'd', allow_false: true }} {{ nothing | default: 'd', allow_false: true }} {{ nothing | default }}{{ 'a' | default }}", "false d a")]
    [InlineData("{{ '2026-01-02' | date: blank }} {{ '2026-01-02' | date: nothing }} {{ '2026-01-02' | date: 5 }}", "2026-01-02 00:00:00Z 2026-01-02 00:00:00Z 5")]
    [InlineData("{{ true | base64 }} {{ 1.5 | base64 }} {{ nothing | base64 }}. {{ '<a>' | raw }} {{ 5 | raw | size }}", "VHJ1ZQ== MS41 . <a> 1")]
    [InlineData("{{ 121 | split: 2 | join: '-' }} {{ nothing | split: ',' | size }} {{ 5 | split | join: '-' }} {{ 12345 | slice: '1', '2' }}", "1-1 0 5 23")]
    [InlineData("{{ Variables.Rows | map | size }} {{ nothing | map: 'n' }}{{ nothing | where: 'n' }}{{ nothing | concat }} {{ 'x' | find: 'n', 1 }} {{ 'a' | escape }} {{ 5 | url_encode }} {{ nothing | escape }}{{ nothing | strip_html }}", "4  x a 5 ")]
    [InlineData("{% assign size = 'abc' | size %}{% assign date = '2026-01-02' %}{{ size }} {{ 'abcd' | size }} {{ date | date: '%d' }}{{ upcase }}{{ json.method_info }}{{ looped }}", "3 4 02")]
    public async Task What_is_missing_or_of_another_kind_gives_what_it_gives_in_Elsa(string template, string line)
    {
        var run = await RunAsync(template);

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("{{ 'a' | replace: '', 'b' }}")]
    [InlineData("{{ 'a' | replace }}")]
    [InlineData("{{ 7 | modulo }}")]
    [InlineData("{{ 7 | divided_by }}")]
    [InlineData("{{ 7 | round: 29 }}")]
    [InlineData("{{ 7 | slice }}")]
    [InlineData("{{ 7 | slice: 1.0 }}")]
    [InlineData("{{ 'x' | keys }}")]
    [InlineData("{{ nothing | keys }}")]
    public async Task What_fails_in_Elsa_is_a_fault(string template) =>
        Assert.Equal("template-error", Assert.Single((await RunAsync(template)).State.Incidents).Code);

    [Theory]
    [InlineData("{{ (1..1000000000) | sum }}")]
    [InlineData("{{ (1..1000000000) | where: 'x' | size }}")]
    [InlineData("{{ (1..1000000000) | sort_natural | size }}")]
    [InlineData("{{ (1..1000000000) | find_index: 'x' }}")]
    [InlineData("{% assign s='xxxxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | replace_last: 'x', s %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign s='x' %}{% for i in (1..60) %}{% assign s = s | base64_encode %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign s='%' %}{% for i in (1..60) %}{% assign s = s | url_encode %}{% assign s = s | append: s %}{% endfor %}{{ s | size }}")]
    [InlineData("{{ '?' | base64_decode }}")]
    [InlineData("{{ (1..1000000000) | uniq | size }}")]
    [InlineData("{{ (1..1000000000) | reverse | size }}")]
    [InlineData("{{ (1..1000000000) | map: 'x' | size }}")]
    [InlineData("{{ 'now' | date: '%1000000000d' }}")]
    [InlineData("{{ Variables.Rows | sort: 'k' | size }}")]
    [InlineData("{{ 7 | modulo: 0 }}")]
    [InlineData("{{ 99999999999 | modulo: 2 }}")]
    public async Task A_hostile_one_is_an_incident_within_bounds(string template)
    {
        await Alone.CostsAtMostAsync(150, async () =>
        {
            var run = await RunAsync(template);
            Assert.Contains(Assert.Single(run.State.Incidents).Code, (string[])["template-error", "template-limit"]);
        });
    }

    private static Task<EngineHarness> RunAsync(string template) => new EngineHarness(Definition(
        $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(template).Replace("JavaScript", "Liquid", StringComparison.Ordinal)}} }""", Variables)).StartAsync();
}
