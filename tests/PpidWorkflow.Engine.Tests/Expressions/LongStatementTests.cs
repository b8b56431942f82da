using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

/// <summary>A statement of many steps gives what it gives without the looks at the limits that are put into it.</summary>
public class LongStatementTests
{
    /// <summary>Enough steps for looks.</summary>
    private const string Many =
        "1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,";

    [Theory]
    [InlineData(Many + "getTitle()", "Berkas")]
    [InlineData("let a = 1\n" + Many + "a", "1")]
    [InlineData("let a = 1\ngetTitle()," + Many + "a", "1")]
    [InlineData("let a = 1\n++a," + Many + "a", "2")]
    [InlineData("let a = 'x'\n" + Many + "`${a}${`${a}`}y`", "xxy")]
    [InlineData(Many + "typeof q + typeof (-1 + '')", "undefinedstring")]
    [InlineData("let s = ''; " + Many + "s += 'a', s = `${s}b`, s", "ab")]
    [InlineData("let o = { n: 1, m() { return this.n }, k: { y() { return this === o.k } } }; " + Many + "[o.m(), o?.m?.(), o['k'].y(), o['' + 'k'].y()]", "[1,1,true,true]")]
    [InlineData("let o = { a: { b: 1 }, c: 2 }; " + Many + "delete o.c, delete o?.a?.['' + 'b'], o", "{\"a\":{}}")]
    [InlineData("let o = null; " + Many + "[o?.a.b().c(), o?.['a' + 1](getTitle())]", "[null,null]")]
    [InlineData("let k = 'x', o = {}; " + Many + "o[k + 1] = 2, o[k + 1]++, o", "{\"x1\":3}")]
    [InlineData("let x, y; " + Many + "({ x, ...y } = { x: 5, z: 6 }), [x, y]", "[5,{\"z\":6}]")]
    [InlineData("let [p = (" + Many + "3), ...q] = [, 2]; [p, q]", "[3,[2]]")]
    [InlineData("let f = ({ a = 1, b: [c] = [2] } = {}) => (" + Many + "a + c); f() + f({ a: 5 })", "10")]
    [InlineData("for (const x of (" + Many + "[1, 2])) x", "2")]
    [InlineData("let r = []; for (let i = 0; i < 3; " + Many + "r.push(i), i++); r", "[0,1,2]")]
    [InlineData("switch (" + Many + "2) { case (" + Many + "2): 'two' }", "two")]
    [InlineData("return " + Many + "'r'", "r")]
    [InlineData("if (" + Many + "false) 5; else " + Many + "6", "6")]
    [InlineData("try { " + Many + "null.x } catch ({ name: m }) { m }", "TypeError")]
    [InlineData("class B { v = (" + Many + "1) } class C extends B { constructor() { " + Many + "super(); this.w = 2 } } " + Many + "new C()", "{\"v\":1,\"w\":2}")]
    [InlineData("let look = x => 'mine'; " + Many + "look(1)", "mine")]
    [InlineData("let t = (s, ...v) => s.raw.join('-') + v; " + Many + "t`a${1 + 1}b`", "a-b2")]
    [InlineData(Many + "(-2) ** 2 + 2 ** 3 ** 1", "12")]
    [InlineData(Many + "new (Date)(0).getTime() + new Date(0).getTime()", "0")]
    [InlineData("let g = function* () { yield 1; " + Many + "yield 2 }; " + Many + "[...g(), ...[3]]", "[1,2,3]")]
    [InlineData("''.trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim()"
        + ".trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().trim().concat('x')", "x")]
    public async Task It_gives_what_it_gave(string code, string expected)
    {
        var run = await RunAsync(code);

        Assert.Empty(run.State.Incidents);
        Assert.Equal(expected, Assert.Single(run.Lines));
    }

    /// <summary>As large as an office's scripts get: tables of hundreds of rows, letters of hundreds of parts.</summary>
    [Theory]
    [InlineData("let t = [«{ k: 'K' + 1, n: getTitle() + ' x', d: new Date(0) },|270»]; t.length", "270")]
    [InlineData("let r = {}; «if (getTitle() === 'x') { r.a = 'A ' + getTitle().trim(); }\n|300»Object.keys(r).length", "0")]
    [InlineData("let r = 0; switch (getTitle()) { «case 'x': r = 'A ' + getTitle().toLowerCase(); break;\n|300»default: r = 1 } r", "1")]
    [InlineData("(«'<tr><td>' + getTitle() + '</td>' +\n|80»'').length", "1520")]
    [InlineData("`«Baris ${getTitle()} dan ${getTitle().toUpperCase()}\n|250»`.length", "6000")]
    [InlineData("«getTitle() === 'x' ? 1 :\n|240»2", "2")]
    [InlineData("let r; «if (getTitle() === 'x') r = 1; else |240»r = 2; r", "2")]
    [InlineData("getTitle()«.replace('x', 'y')|110».length", "6")]
    public async Task What_an_office_writes_is_not_too_much(string code, string expected) =>
        Assert.Equal(expected, Assert.Single((await RunAsync(Repeated(code))).Lines));

    [Theory]
    [InlineData("(«'<td>' + |300»'').length")]
    [InlineData("let r; «if (getTitle() === 'x') r = 1; else |300»r = 2; r")]
    [InlineData("getTitle()«.trim()|140»")]
    [InlineData("«[|300»«]|300»")]
    public void What_nests_too_deeply_is_refused_with_the_way_out(string code)
    {
        var problem = Assert.Single(new WorkflowCompiler().Validate(Writing(Repeated(code))));

        Assert.Equal("expression-syntax-error", problem.Code);
        Assert.Contains("bersarang terlalu dalam", problem.Message, StringComparison.Ordinal);
        Assert.Contains("join", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_of_an_error_stays()
    {
        var run = await RunAsync("let a = 1\n" + Many + "a\nnothing.x");

        Assert.Contains("baris 3", Assert.Single(run.State.Incidents).Message, StringComparison.Ordinal);
    }

    private static WorkflowDefinition Writing(string code) =>
        Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""", "[]", "[{'name':'Title','type':'String'}]");

    private static Task<EngineHarness> RunAsync(string code) => new EngineHarness(Writing(code)).StartAsync(("Title", "Berkas"));
}
