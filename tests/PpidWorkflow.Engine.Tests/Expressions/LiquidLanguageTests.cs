using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

/// <summary>What Scriban's reader of Liquid does not read, or reads otherwise, is as in Fluid 2.31.0, the Liquid of the Elsa that we follow.</summary>
[Collection(nameof(Alone))]
public class LiquidLanguageTests
{
    [Theory]
    [InlineData("{{ 5 | plus: -2 }} {{ 5 | times: -2.5 | plus: -1 }} {{ -5 | abs }} {{ 3|at_least:-1 }}", "3 -13.5 5 3")]
    [InlineData("{% assign y = 5 | minus: -1 %}{{ y }}{% if y > -1 %}+{% endif %}{% for i in (-1..1) %}{{ i }}{% endfor %}", "6+-101")]
    [InlineData("{{ 'abcdef' | slice: -2, 2 }} {{ 'abcdef' | slice: -2 }} {{ 'abc' | slice: -9, 2 }}{{ 'abc' | slice: 1, 9 }}", "ef e bc")]
    [InlineData("{{ 'a: -2' | append: ', -3' | append: \": -4\" }}, -5", "a: -2, -3: -4, -5")]
    [InlineData("{% increment n %}{% increment n %}{% decrement m %}{% decrement m %}{%- decrement n -%}  x{{ n }}{% increment %}{% increment my-n %}", "010-10x00")]
    [InlineData("{% echo 'x' | upcase %}{%- echo 1 | plus: -3 -%} y", "X-2y")]
    [InlineData("a {%- liquid\n  assign x = 1 | plus: -3\n\n  # of no account\n  if x == -2\n    echo 'neg' | upcase\n  endif\n-%} b", "aNEGb")]
    [InlineData("{% # of no account\n at all %}x {%- # this neither -%} y", "xy")]
    [InlineData("{% raw %}{% echo 'x' | plus: -1 %}{% endraw %}{% comment %}{% echo %}{{ | }}{% endcomment %} {%- comment %}a{% endcomment -%} b", "{% echo 'x' | plus: -1 %}b")]
    [InlineData("{{ 'x }} y' }}{% if 'a %} b' == 'a %} b' %}same{% endif %}", "x }} ysame")]
    [InlineData("{% if false and false or true %}y{% else %}n{% endif %}{% if true or false and false %}y{% else %}n{% endif %}", "ny")]
    [InlineData("{% if true and false or true %}y{% endif %}{% if false or true and true or false %}y{% endif %}", "yy")]
    [InlineData("{% for i in (1..5) limit: 2 offset: 1 reversed %}{{ i }}{{ forloop.length }}{% endfor %}", "3222")]
    [InlineData("{% for i in (1..5) reversed %}{{ i }}{% endfor %} {% for i in (1..5) limit: 2 offset: 1 %}{{ i }}{% endfor %}", "54321 23")]
    [InlineData("{% for i in (1..6) limit: 2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset: continue %}{{ i }}{% endfor %}", "12-3456")]
    [InlineData("{% for p in Input.Who %}{{ p[0] }}={{ p[1] }};{% endfor %}", "name=Ani;age=7;")]
    [InlineData("{% for x in 'abc' %}[{{ x }}]{% endfor %}{% for x in 5 %}{% else %}none{% endfor %}{% for x in Input.Nope %}{% else %}none{% endfor %}", "[abc]nonenone")]
    [InlineData("{{ Input.Rows | slice: 1, 1 | map: 'n' }} {{ Input.Rows | slice: -1 | map: 'n' }} {{ Input.Rows | map: 'n' }}", "b b ab")]
    [InlineData("{{ 'abc' | split: '' | join: '-' }} {{ ' a  b ' | split: ' ' | join: '-' }} {{ '' | split: ',' | size }} {{ 'a,,b,' | split: ',' | join: '-' }} {{ 'ab' | split | size }}", "a-b-c a-b 0 a-b 2")]
    [InlineData("{{ '3' | plus: 1 }} {{ '3.5' | times: 2 }} {{ 'x' | plus: 1 }} {{ nothing | minus: 1 }} {{ 0.1 | plus: 0.2 }} {{ '7' | divided_by: '2' }} {{ 7.5 | divided_by: 2 }} {{ 7.5 | divided_by: 2.5 }} {{ true | plus: 1 }} {{ '1,000' | plus: 1 }} {{ Input.Numbers | plus: 1 }}", "4 7.0 1 -1 0.3 3 3 3 2 1001 3")]
    [InlineData("{{ '7' | modulo: 4 }} {{ 7.5 | modulo: 2 }} {{ -7 | modulo: 4 }} {{ '-3.2' | abs }} {{ '1.2' | ceil }} {{ '1.8' | floor }} {{ '2.5' | round }} {{ '1.256' | round: 2 }}", "3 0 -3 3.2 2 1 2 1.26")]
    [InlineData("{{ nothing | default: 'd' }}{{ '' | default: 'd' }}{{ false | default: 'd' }}{{ 0 | default: 'd' }}{{ Input.None | default: 'd' }}", "ddd0d")]
    [InlineData("{% if '1' == 1 %}x{% endif %}{% if 1 == 1.0 %}a{% endif %}{% if 'a' != 1 %}b{% endif %}{% if nil == nothing %}c{% endif %}{% if Input.Who == nil %}x{% endif %}", "abc")]
    [InlineData("{% if 1 == '1' %}a{% endif %}{% if 0 == 'x' %}b{% endif %}{% if 2 == Input.Numbers %}c{% endif %}{% if true == 'x' %}d{% endif %}{% if 'x' == true %}x{% endif %}{% if 0 == nothing %}x{% endif %}", "abcd")]
    [InlineData("{% if false == nil %}a{% endif %}{% if nil == false %}x{% endif %}{% if false == blank %}x{% endif %}{% if blank == false %}b{% endif %}{% if true == empty %}c{% endif %}{% if 0 == empty %}x{% endif %}", "abc")]
    [InlineData("{% if Input.None == nil %}a{% endif %}{% if nil == Input.None %}x{% endif %}{% if Input.None == blank %}b{% endif %}{% if blank == Input.None %}x{% endif %}{% if empty == Input.None %}c{% endif %}{% if empty == blank %}d{% endif %}{% if nil == empty %}x{% endif %}", "abcd")]
    [InlineData("{% assign a = 'x,y' | split: ',' %}{% assign b = 'x y' | split: ' ' %}{% if a == b %}a{% endif %}{% assign c = b | reverse %}{% if a == c %}x{% endif %}{% assign w = Input.Rows[0] %}{% if w == Input.Rows[0] and w != Input.Who %}b{% endif %}{% if Input.Twice[0] == Input.Twice[1] %}c{% endif %}", "abc")]
    [InlineData("{% if 10 > '9' %}a{% endif %}{% if '10' > 9 %}x{% endif %}{% if '10' < 9 %}b{% endif %}{% if nothing < 1 %}x{% endif %}{% if 1 > nil %}x{% endif %}{% if nil <= nothing %}c{% endif %}{% if 'b' >= 'B' %}d{% endif %}{% if true > false %}x{% endif %}{% if 2 <= 2.0 %}e{% endif %}", "abcde")]
    [InlineData("{% case '1' %}{% when 1 %}x{% when '1' %}a{% endcase %}{% case 1 %}{% when '1' %}b{% endcase %}{% case Input.Numbers %}{% when Input.Numbers %}c{% endcase %}{% case nothing %}{% when nil %}d{% else %}x{% endcase %}", "abcd")]
    [InlineData("{% case Input.Rows[0].n %} of no account {% when 'b' or 'a', 'c' %}a{% else %}x{% endcase %}{% case 5 %}{% when 1 %}x{% when 2 %}x{% else %}b{% endcase %}{% case 5 %}{% when 1 %}x{% endcase %}", "ab")]
    [InlineData("{% for i in (1..3) %}{% case i %}{% when 2 %}{% continue %}{% when 3 %}{% break %}{% else %}{% case 'x' %}{% when i %}x{% else %}n{% endcase %}{% endcase %}{{ i }}{% endfor %}", "n1")]
    [InlineData("{% case 1 %}{% else %}a{% endcase %}{% case nothing %} of no account\n{# not one #}{%- else -%} b{% endcase %}{% case 1 %}{% endcase %}{% case '' %}{% # none %}{% else %}{% case 2 %}{% else %}c{% endcase %}d{% endcase %}", "abcd")]
    [InlineData("{% liquid case 1\nelse\necho 'a'\nendcase\nfor i in (1..2)\ncase i\nelse\necho i\nendcase\nendfor %}{% if false %}{% case 1 %}{% else %}x{% endcase %}{% else %}b{% endif %}", "a12b")]
    [InlineData("{% case 1 %}{% when 1 %}a{% when 2 %}x{% when 1, 1 %}b{% else %}x{% endcase %}", "ab")]
    [InlineData("{% # hari Jum'at %}Yth. {{ Input.N | default: 'Bapak' }},{% assign x = 1 %} salam", "Yth. Bapak, salam")]
    [InlineData("{%- # Jum'at \" -%} a{% liquid\n # Jum'at\n echo 'b'\n # \"x\n%}{% liquid # Jum'at\n\n echo 'c'\n%}{{ 1 | plus: -1 }}", "abc0")]
    [InlineData("{% comment %} Jum'at {{ ' {% assign x = 'y {% endcomment %}a{% raw %}Jum'at {{ '{% endraw %}{{ 1 | plus: -2 }}{%- comment -%} Jum'at {%- endcomment -%} b", "aJum'at {{ '-1b")]
    [InlineData("{{ 'ab cd-ef.gh IJ' | capitalize }} {{ 'abc' | first }}{{ 'abc' | last }} {{ Input.Who | size }} {{ 'ba' | reverse | join: '-' }} {{ 5 | size }}{{ 5 | first }}", "Ab Cd-Ef.Gh IJ ac 2 a-b ")]
    [InlineData("{{ Input.Numbers | concat: 3 | concat: Input.Numbers | join: '' }} {{ 1 | concat: Input.Numbers | join: '' }} {{ 1 | concat: 2 }} {{ nothing | map: 'n' | size }}", "12312 112 1 ")]
    [InlineData("{% assign l = 'a,b,c,d' | split: ',' %}{{ l | slice: 2, 2 | join }} {{ l | slice: 2, 3 | join }} {{ l | slice: -2, 2 | join }} {{ l | slice: 1, 0 | size }}{{ 'abc' | slice: 1, 0 }}", "cd c cd 0")]
    [InlineData("{% assign n = '10,9,1' | split: ',' %}{{ n | sort | join: ' ' }} {{ (9..10) | sort | join: ' ' }} {{ 'b' | sort | size }} {{ Input.Rows | sort: 'n' | map: 'n' }} {{ 5 | sort | size }}", "1 10 9 10 9 1 ab 0")]
    [InlineData("{% assign l = Input.Twice | concat: Input.Numbers | concat: Input.Numbers %}{{ l | uniq | size }} {{ '1,2,1' | split: ',' | concat: Input.Numbers | uniq | join }}", "3 1212")]
    [InlineData("{{ Input.Rows | has: 'n' }} {{ Input.Rows | has: 'n', 'b' }} {{ Input.None | has: 'n', 'b' }} {{ 'x' | has: 'n' }} {{ Input.Rows | find: 'n' }}{{ 'x' | where: 'n' }} {{ Input.Rows | find_index: 'n', 'b' }}", "false true false true x 1")]
    [InlineData("{{ 'a<b>c</b>d > e' | strip_html }} {{ '<script>x</script>' | strip_html }} {{ 'a b' | truncatewords: 2 }} {{ 'abcdef' | truncate: 2 }} {{ 'abc' | at_most: 5 }} {{ 'a' | remove: '' }} {{ 'x!' | url_encode }}", "acd  e x a b... ... abc a x!")]
    [InlineData("{{ '2026-11-28T14:05:06.078Z' | date: '%a %A %e|%j|%I|%l|%k|%p|%P|%L|%N|%y|%C|%u|%w|%D|%F|%T|%R|%r|%v' }}", "Sat Saturday 28|332|02| 2|14|PM|pm|078|780000000|26|20|6|6|11/28/26|2026-11-28|14:05:06|14:05|02:05:06 PM|28-Nov-2026")]
    [InlineData("{{ '2026-01-02T03:04:05+07:00' | date: '%c|%x|%X|%U|%W|%V|%G|%g|%h|%+|%:z|%Q|%10Y|%3n|%5N' }}", "Friday, 02 January 2026 03:04:05|01/02/2026|03:04|00|00|01|2025|25|Jan|Fri Jan  2 03:04:05 +07:00 2026|+07:00|%Q|0000002026|\n\n\n|00000")]
    [InlineData("{{ '2026' | date: '%F' }} {{ '2026-05' | date: '%F' }} {{ 'abc' | date: '%Y' }}{{ true | date: '%Y' }}{{ nothing | date: '%Y' }}{{ '1700000000' | date: '%Y' }}{{ Input.Who | date: '%Y' }}", "2026-01-01 2026-05-01 ")]
    [InlineData("{% if nothing == blank %}a{% endif %}{% if ' ' == blank %}b{% endif %}{% if '' == empty %}c{% endif %}{% if Input.None == empty %}d{% endif %}{% if Input.Who != blank %}e{% endif %}", "abcde")]
    [InlineData("{% if Input.Numbers contains 2 %}a{% endif %}{% if Input.Numbers contains 9 %}x{% endif %}{% if 'abc' contains 'b' %}b{% endif %}{% if 'abc' contains 'z' %}x{% endif %}", "ab")]
    [InlineData("{{ Input.Rows.first.n }}{{ Input.Rows.last.n }}{{ Input.Rows.size }}{{ Input.None.first }}", "ab2")]
    [InlineData("{{ '2026-11-28' | date: '%s' | plus: 60 | date: '%Y-%m-%d %H:%M' }} {{ 1700000000 | date: '%Y' }} {{ '2026-11-28T10:00:00+07:00' | date }}", "2026-11-28 00:01 2023 2026-11-28 03:00:00Z")]
    [InlineData("{{ Input.Numbers | join }} {{ Input.Numbers | join: ', ' }} {{ 'a' | join: ',' }} {{ Input.Lists[0] | join: '-' }}", "12 1, 2 a -")]
    [InlineData("{{ '2026-01-05T03:04:05Z' | date: '%-d %b %-m %_d %^B %-I:%M %%-d %-' }}", "5 Jan 1  5 JANUARY 3:04 %-d ")]
    [InlineData("{% case 1 %}{% comment %}a{% endcomment %}\n{%- comment -%} b {%- endcomment -%} c {% # d %}{% when 1 %}x{% endcase %}", "x")]
    [InlineData("{% liquid\n case 1\n comment\n none\n endcomment\n # none\n when 1\n echo 'x'\n endcase\n%}", "x")]
    [InlineData("{% cycle 'a', 'b' %}{% cycle 'c', 'd' %}{% cycle 'a', 'b' %} {% cycle 'g': 1, 2 %}{% cycle 'h': 1, 2 %}{% cycle 'g': 1, 2 %} {% for i in (1..3) %}{% cycle Input.Who.name: 'x', i %}{% endfor %}", "ada 112 x2x")]
    [InlineData("{% for n in Input.Four limit: 0 %}{{ n }}{% else %}none{% endfor %} {% for n in Input.Four limit: -1 offset: 1 %}{{ n }}{% endfor %} {% for n in Input.Four limit: nothing %}{{ n }}{% endfor %} {% for n in Input.Four limit: '2' %}{{ n }}{% endfor %} {% for n in Input.Four offset: continue %}{{ n }}{% endfor %}", "none 23  12 34")]
    [InlineData("{% assign l = 'a,b,c' | split: ',' %}[{{ l[-1] }}{{ l[0] }}{{ l['1'] }}{{ l[9] }}{{ l[nothing] }}]{% assign s = 'abc' %}{{ s[0] }}{{ s.first }}{{ s.last }}{{ s.size }}{{ Input.Who.size }}{{ Input.Who['age'] }}", "[ab]ac327")]
    [InlineData("{% assign n = '3' %}{% for i in (1..n) %}{{ i }}{% endfor %} {% assign r = (2..4) %}{{ r[1] }}{{ r.size }}{{ r.last }} {{ (1..nothing) | size }} {% assign h = 5 | divided_by: 2.0 %}{% for i in (h..4) %}{{ i }}{% endfor %}", "123 334 0 234")]
    [InlineData("{% if 'abc' startswith 'a' %}a{% endif %}{% if 'abc' endswith 'a' %}x{% endif %}{% if Input.Numbers endswith 2 %}b{% endif %}{% if 'a startswith b' startswith 'a startswith' %}c{% endif %}{% if 1 <> 2 and 1<>2 %}d{% endif %}", "abcd")]
    [InlineData("a \n {{- 'b' -}} \n\t c {%- if true -%} \n d {%- endif -%} \n e {% if true -%} \n f{% endif %}", "abcde f")]
    [InlineData("{% for i in (1..2) %}{% assign k = i %}{% endfor %}{{ i }}{{ k }}{% unless 1 == 1 %}x{% else %}y{% endunless %}{% capture c %}{{ 'z' }}{% endcapture %}{{ c }}", "2yz")]
    [InlineData("{{ 'a\\nb' | newline_to_br }} {{ 'it\\'s | plus: -1' }} {{ 5 | plus: -1 }}", "a<br />b it's | plus: -1 4")]
    [InlineData("a {{- 'b'\n | append:\n 'c' -}} d{% echo 'e'\n | upcase %}{{ 'f\ng' | size }}{{\n1\n}}", "abcdE31")]
    [InlineData("{% if 1 == 1\n and 2 == 2\n%}a{%-\n else -%} x {% endif %}{% assign x = 1\n | plus: 2 %}{{ x }}{% case\n x %}\n{% when\n 1, 2 %}x{%\n when 3\n%}b{% endcase %}{% for i\n in (1..2) %}{{ i }}{% endfor\n%}", "a3b12")]
    [InlineData("  \n ", "")]
    public async Task A_template_means_what_it_means_in_Elsa(string template, string line)
    {
        var run = await RunAsync(template);

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("{% for i in (1..3) %}\n{% # a\nb %}\n{{ 'x' | plus: -1 | nope }}{% endfor %}", "baris 4")]
    [InlineData("a\n{% raw %}\n{% endraw %}{% increment n %}\n{{ 1 | nope }}", "baris 4")]
    [InlineData("{% liquid\n\n  # a\n echo 1\n  increment\n\n%}{{ 1 | nope }}", "baris 7")]
    [InlineData("{% liquid\n\n  # a\n echo 1 | nope\n%}", "baris 4")]
    [InlineData("{%\necho 1 %}{%\n increment\n n %}{% liquid\n%}\n{{ 1 | nope }}", "baris 6")]
    [InlineData("{% liquid\n case 1\n # a\n when 1\n  echo 1 | nope\n endcase\n%}", "baris 5")]
    [InlineData("{{ 'a\nb'\n | append:\n 'c'\n}}\n{{ 1 | nope }}", "baris 6")]
    [InlineData("{% case\n 1\n%}\n{% when\n 1 %}{%\n if true\n%}\n{{ 1 | nope }}{% endif %}{% endcase %}", "baris 8")]
    [InlineData("{% case 1 %}\n{% else %}\n{{ 1 | nope }}{% endcase %}", "baris 3")]
    [InlineData("{% case 1 %}\n{% when 2 %}\n{% else %}\n{{ 1 | nope }}{% endcase %}", "baris 4")]
    public async Task The_line_of_an_error_stays(string template, string told) =>
        Assert.Contains(told, Assert.Single((await RunAsync(template)).State.Incidents).Message, StringComparison.Ordinal);

    /// <summary>Elsa prints what its reader says in the template's place.</summary>
    [Theory]
    [InlineData("a\n{% include 'x' %}", "'include' (baris 2)")]
    [InlineData("{% render 'x' %}", "'render' (baris 1)")]
    [InlineData("{% macro f() %}{% endmacro %}", "'macro'")]
    [InlineData("{% ifchanged %}x{% endifchanged %}", "'ifchanged'")]
    [InlineData("{% Input.Who.name %}", "'Input'")]
    [InlineData("{% %}", "''")]
    [InlineData("a\n{% liquid\n echo 1\n render 'x'\n%}", "'render' (baris 4)")]
    public async Task A_tag_that_is_not_there_is_refused(string template, string told) =>
        Assert.Contains(told, (await Assert.ThrowsAsync<DefinitionInvalidException>(() => RunAsync(template))).Problems[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("«{% raw %}|2000»")]
    [InlineData("«{%|9000»")]
    [InlineData("«{{'|6000»")]
    [InlineData("{{ 1 «| plus: -1 |1800»}}")]
    [InlineData("{% liquid «liquid |2000»%}")]
    [InlineData("{% if «a and b or |1500»c %}{% endif %}")]
    [InlineData("{% if «(a and |2000»c«)|2000» %}{% endif %}")]
    [InlineData("{% assign a = 'x' | split: ',' %}{% for i in (1..70) %}{% assign a = a | concat: a %}{% endfor %}{{ a }}")]
    [InlineData("«{% liquid echo 1 | plus: -1\n %}|700»")]
    public async Task Odd_templates_are_read_quickly(string template)
    {
        await Alone.CostsAtMostAsync(300, async () =>
        {
            try
            {
                Assert.NotNull(await RunAsync(Repeated(template)));
            }
            catch (DefinitionInvalidException e)
            {
                Assert.Equal("expression-syntax-error", e.Problems[0].Code);
            }
        });
    }

    /// <summary>Lists and objects that stand in each other twice, forty deep: their text would be a million million long, or empty and never at its end.</summary>
    [Theory]
    [InlineData("{{ Input.Lists }}")]
    [InlineData("{{ Input.Lists | url_encode }}")]
    [InlineData("{{ Input.Lists | base64 }}")]
    [InlineData("{{ Input.Lists | sum }}")]
    [InlineData("{{ Input.Lists | join: ',' }}")]
    [InlineData("{{ Input.Objects }}")]
    [InlineData("{{ Input.Objects | url_encode }}")]
    [InlineData("{{ Input.Objects | json }}")]
    [InlineData("{{ Input.Objects | split: 'x' }}")]
    [InlineData("{% if Input.Objects == Input.Others %}x{% endif %}")]
    [InlineData("{% case Input.Objects %}{% when Input.Others %}x{% endcase %}")]
    [InlineData("{% assign o = Input.Others[1] %}{{ Input.Objects | where: 'a', o | size }}")]
    [InlineData("{% assign a = Input.Lists | concat: Input.Lists %}{{ a | uniq | size }}")]
    [InlineData("{% assign o = Input.Others[0] %}{% if Input.Objects contains o %}x{% endif %}")]
    public async Task What_holds_itself_many_times_over_is_an_incident(string template)
    {
        var tie = "{% for i in (0..39) %}{% assign j = i | plus: 1 %}{% assign Input.Lists[i][0] = Input.Lists[j] %}{% assign Input.Lists[i][1] = Input.Lists[j] %}"
            + "{% assign Input.Objects[i].a = Input.Objects[j] %}{% assign Input.Objects[i].b = Input.Objects[j] %}"
            + "{% assign Input.Others[i].a = Input.Others[j] %}{% assign Input.Others[i].b = Input.Others[j] %}{% endfor %}";
        await Alone.CostsAtMostAsync(150, async () => Assert.Contains(
            Assert.Single((await RunAsync(tie + template)).State.Incidents).Code, (string[])["template-limit", "template-error"]));
    }

    private static Task<EngineHarness> RunAsync(string template) => new EngineHarness(Definition(
        $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(template).Replace("JavaScript", "Liquid", StringComparison.Ordinal)}} }""", "[]",
        "[{'name':'Rows','type':'Object'},{'name':'Who','type':'Object'},{'name':'Numbers','type':'Object'},{'name':'None','type':'Object'},{'name':'Lists','type':'Object'},{'name':'Objects','type':'Object'},{'name':'Others','type':'Object'},{'name':'Twice','type':'Object'},{'name':'Four','type':'Object'}]"))
        .StartAsync(("Rows", JsonNode.Parse("""[{"n":"a"},{"n":"b"}]""")), ("Who", JsonNode.Parse("""{"name":"Ani","age":7}""")), ("Numbers", JsonNode.Parse("[1,2]")), ("Four", JsonNode.Parse("[1,2,3,4]")), ("None", JsonNode.Parse("[]")),
            ("Lists", JsonNode.Parse(Repeated("[«[\"\",\"\"],|40»[]]"))), ("Objects", JsonNode.Parse(Repeated("[«{},|40»{}]"))),
            ("Others", JsonNode.Parse(Repeated("[«{},|40»{}]"))), ("Twice", JsonNode.Parse("""[{"a":[1,{"b":null}],"c":true},{"c":true,"a":[1,{"b":null}]}]""")));
}
