using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

[Collection(nameof(Alone))]
public class JavaScriptTests
{
    private const string Variables =
        "[{'id':'v1','name':'counter','typeName':'Int32','value':'3'},{'id':'v2','name':'Person','typeName':'Object','value':{'name':'Ani','tags':['x','y']}}]";

    [Theory]
    [InlineData("(async () => 5)()", "5")]
    [InlineData("Promise.resolve('x').then(v => v + 'y')", "xy")]
    [InlineData("async function f() { await null; return getVariable('counter') + 1 } return f()", "4")]
    [InlineData("Promise.all([1, Promise.resolve(2)]).then(a => a.length)", "2")]
    public async Task A_promise_is_what_it_comes_to(string code, string line) => Assert.Equal([line], (await RunAsync(code)).Lines);

    [Theory]
    [InlineData("(async () => { nobody.home })()", "ReferenceError: nobody is not defined, dalam Promise")]
    [InlineData("Promise.reject(new RangeError('x'))", "RangeError, dalam Promise")]
    [InlineData("new Promise(() => {})", "Error, dalam Promise")]
    public async Task A_promise_that_is_not_kept_is_a_fault(string code, string told) =>
        Assert.Contains(told, Assert.Single((await RunAsync(code)).State.Incidents).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[1, [2, [3]]].flat(Infinity).join('')", "123")]
    [InlineData("[1, [2, [3]]].flat().length + [1, [2]].flat(NaN).length + [1, [2]].flat('1').length", "7")]
    [InlineData("[1, [2, , 3], , 4].flat().length + [[1, [2]], [3]].flat(0).length + [[1, [2]]].flat(-1).length", "7")]
    [InlineData("Array.prototype.flat.call({ length: 3, 0: [1, 2], 2: 'x' }).join('-') + Array.prototype.flat.call('ab').join('-')", "1-2-xa-b")]
    public async Task Lists_are_flattened_as_deep_as_they_are(string code, string line) => Assert.Equal([line], (await RunAsync(code)).Lines);

    [Theory]
    [InlineData("[10, 9, 1, undefined, 'b', 'a'].sort().join()", "1,10,9,a,b,")]
    [InlineData("[10, 9, 1].sort((a, b) => a - b).join() + [2, 1].toSorted().join()", "1,9,101,2")]
    [InlineData("let a = [3, , 1]; a.sort(); a.join() + (2 in a) + a.length + (1 in [2, , 1].toSorted())", "1,3,false3true")]
    [InlineData("let o = { length: 3, 0: 'b', 2: 'a' }; Array.prototype.sort.call(o); o[0] + o[1] + (2 in o)", "abfalse")]
    [InlineData("let a = [2, 1]; let b = a.toSorted(); b.join() + a.join() + (a.sort() === a)", "1,22,1true")]
    [InlineData("[1].concat(2, [3, [4]], 'x').length + [].concat({ length: 2, 0: 'a', [Symbol.isConcatSpreadable]: true }).length", "7")]
    [InlineData("let a = [1, , 2].concat([, 3]); a.join() + (1 in a) + a.length", "1,,2,,3false5")]
    [InlineData("let a = [1]; a[Symbol.isConcatSpreadable] = false; [].concat(a)[0] === a", "True")]
    [InlineData("let n = 0, a = [0]; Object.defineProperty(a, 0, { get() { return n++ } }); a.flat().join() + [].concat(a).join() + a.toSorted().join()", "012")]
    public async Task Lists_are_put_together_and_sorted(string code, string line) => Assert.Equal([line], (await RunAsync(code)).Lines);

    [Theory]
    [InlineData("'abab'.match(/b/g).length + 'abab'.search('b') + 'abab'.search(/a/) + [...'abab'.matchAll(/a/g)].length", "5")]
    [InlineData("'a1'.match('[0-9]')[0] + 'undefined'.match()[0].length + 'null'.search(null)", "100")]
    [InlineData("'x'.match({ [Symbol.match]: text => text + '!' }) + 'a-b'.match({ toString: () => '-' }).index", "x!1")]
    [InlineData("try { 'x'.matchAll(/x/) } catch (e) { e.name }", "TypeError")]
    public async Task Texts_are_searched(string code, string line) => Assert.Equal([line], (await RunAsync(code)).Lines);

    [Theory]
    [InlineData("getCounter() + 1", "4")]
    [InlineData("return getVariable('counter') * 2;", "6")]
    [InlineData("variables.counter", "3")]
    [InlineData("variables.counter = 8; getVariable('counter')", "3")]
    [InlineData("setCounter(9); getCounter()", "9")]
    [InlineData("setVariable('fresh', [1,2]); toJson(getVariable('fresh'))", "[1,2]")]
    [InlineData("getPerson().tags.join('-') + variables.Person.name", "x-yAni")]
    [InlineData("`Hi ${getTitle()}` + getInput('Title')", "Hi IniIni")]
    [InlineData("getWorkflowInstanceId() + getCorrelationId()", "instnull")]
    [InlineData("new Date().toISOString()", "2026-11-23T01:00:00.000Z")]
    [InlineData("[new Date('10:00'), new Date('1/2'), new Date('1/2/2026'), new Date('Jan 2, 2026'), new Date('2026-01')].map(d => isNaN(d) ? '-' : d.getTime()).join()",
        "-,-,1767312000000,1767312000000,1767225600000")]
    [InlineData("isNullOrWhiteSpace(' ')", "True")]
    [InlineData("parseGuid('6F9619FF8B86D011B42D00C04FC964FF')", "6f9619ff-8b86-d011-b42d-00c04fc964ff")]
    [InlineData("stringFromBase64(stringToBase64('Ärger'))", "Ärger")]
    [InlineData("bytesToString(bytesFromString('Ä')) + toJson(bytesFromString('A'))", "Ä[65]")]
    [InlineData("bytesToBase64([65, 66]) + bytesToString(bytesFromBase64('QUI='))", "QUI=AB")]
    [InlineData("setWorkflowInstanceName('N'); setCorrelationId('C'); getWorkflowInstanceName() + getCorrelationId()", "NC")]
    [InlineData("newShortGuid().length + newGuid().length", "58")]
    [InlineData("isNullOrEmpty('') && isNullOrEmpty(null) && !isNullOrEmpty(' ')", "True")]
    [InlineData("getWorkflowDefinitionId() + getWorkflowDefinitionVersionId() + getWorkflowDefinitionVersion()", "d1v11")]
    [InlineData("1/4", "0.25")]
    [InlineData("({a:1, b:[true,null]})", "{\"a\":1,\"b\":[true,null]}")]
    [InlineData("typeof System + typeof importNamespace + typeof require", "undefinedundefinedundefined")]
    [InlineData("getShortGuid().length + getGuidString().length", "58")]
    [InlineData("typeof args + args.item", "objectundefined")]
    [InlineData("", "")]
    public async Task Elsa_s_functions_are_there(string code, string line)
    {
        var run = await RunAsync(code);

        Assert.Equal([line], run.Lines);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task Changes_of_the_variables_object_are_written_back()
    {
        var run = await RunAsync("variables.counter = variables.counter + 5; 'x'");

        Assert.Equal(8, (int)run.State.GetVariables(run.Workflow)["counter"]!);
    }

    [Fact]
    public async Task The_last_result_is_that_of_the_activity_before()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Sequence", "q", $"""
            'activities':[{Of("Elsa.RunJavaScript", "r", $"'script':{Js("({ n: 6 })")}")},{Of("Elsa.WriteLine", "none", "'text':'x'")},
            {Of("Elsa.WriteLine", "w", $"'text':{Js("getLastResult().n + 1")}")}]
            """))).StartAsync();

        Assert.Equal(["x", "7"], run.Lines);
    }

    [Fact]
    public async Task A_script_that_failed_leaves_nothing_to_the_next_one()
    {
        var failed = await RunAsync("[1].map(n => missing + n)");
        var next = await RunAsync("[1, 2].map(n => n * 2).join('-')");

        Assert.NotEmpty(failed.State.Incidents);
        Assert.Equal(["2-4"], next.Lines);
    }

    [Fact]
    public async Task Identifiers_and_chance_are_the_same_on_every_run()
    {
        const string code = "newGuid() + Math.random() + newGuidString()";
        var first = (await RunAsync(code)).Lines[0];

        Assert.Equal(first, (await RunAsync(code)).Lines[0]);
        Assert.Equal("False", (await RunAsync("newGuid() == newGuid()")).Lines[0]);
    }

    [Theory]
    [InlineData("while(true){}")]
    [InlineData("for(;;) { [1,2,3].map(x => x) }")]
    [InlineData("function f(){ return f() + 1 } f()")]
    [InlineData("let a=[]; while(true) a.push('x'.repeat(1000))")]
    [InlineData("'x'.repeat(1e9)")]
    [InlineData("'x'.padEnd(1e9).length")]
    [InlineData("''['re'+'peat'].call('x', 1e9)")]
    [InlineData("let s='x'; while(true) s = s + s")]
    [InlineData("new Array(1e9).fill(0).join('y')")]
    [InlineData("let a='x'; for (let i=0;i<40;i++) a=[a,a].join(a); a")]
    [InlineData("let a='xxxxxxxxxxxxxxxxxxxx'; for (let i=0;i<8;i++) a=a.replaceAll('x', a); a.length")]
    [InlineData("let a={}; a.a=a; a")]
    [InlineData("/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')")]
    [InlineData("let o={}; let c=o; for(let i=0;i<20000;i++){c.x={};c=c.x} o")]
    [InlineData("new ArrayBuffer(1e9).byteLength")]
    [InlineData("let o={}; let c=o; for(let i=0;i<20000;i++){c.x={};c=c.x} JSON.stringify(o)")]
    [InlineData("let o={toJSON(){return {x:o}}}; o.x=o; JSON.stringify(o)")]
    [InlineData("let a=[]; for(let i=0;i<20000;i++) a=[a]; a.flat(Infinity)")]
    [InlineData("let a=[]; a[0]=a; a.flat(Infinity)")]
    [InlineData("let o={}; for(let i=0;i<20000;i++) o=new Proxy(o,{}); o.x")]
    [InlineData("JSON.parse('['.repeat(200000))")]
    [InlineData("let h={}; let p=new Proxy({},h); Object.setPrototypeOf(h,p); p.x")]
    [InlineData("throw getTitle()")]
    [InlineData("eval('1')")]
    [InlineData("new Function('return 1')()")]
    [InlineData("nobody.home")]
    [InlineData("Array.from({length: 1e8}).length")]
    [InlineData("'x'.repeat(9000).replace(/x/g, '$`').length")]
    [InlineData("'x'.repeat(9000).replaceAll('x', \"$'\").length")]
    [InlineData("'x'.repeat(9000).replace(/x/g, { toString() { return '$`' } }).length")]
    [InlineData("'x'.repeat(9000).replace(/(?=(x*))/g, '$1').length")]
    [InlineData("'x'.repeat(40000).split(/(?=(x*))/).length")]
    [InlineData("let a = []; a.length = 2**32 - 1; '' + a")]
    [InlineData("Array.prototype.join.call({ length: 2**31 }, 'x')")]
    [InlineData("Array(1000).fill(['x'.repeat(900000)]).join('').length")]
    [InlineData("Array(1000).fill(new String('x'.repeat(900000))).join('').length")]
    [InlineData("let n = 0; 'x'.repeat({ valueOf() { return n++ ? 1e9 : 1 } }).missing.length")]
    [InlineData("'x'.r\\u0065peat(1e9)")]
    [InlineData("Object.values(Object.getOwnPropertyDescriptors(String.prototype)).map(d => d.value).find(f => f && f.name.startsWith('rep')).call('x', 1e9)")]
    [InlineData("parseGuid('x')")]
    [InlineData("bytesFromBase64('?')")]
    [InlineData("bytesToString([300])")]
    [InlineData("bytesFromString('x'.repeat(900000))")]
    [InlineData("JSON.stringify('x'.repeat(900000).split(''))+JSON.stringify('x'.repeat(900000).split(''))")]
    public async Task A_hostile_script_is_a_fault_and_nothing_worse(string code)
    {
        await Alone.CostsAtMostAsync(2_000, async () =>
        {
            var run = await RunAsync(code);
            run.ShouldBeFaulted();
            Assert.Contains(Assert.Single(run.State.Incidents).Code, (string[])["script-error", "script-limit"]);
        });
    }

    [Theory]
    [InlineData("let a=[]; for(let i=0;i<20000;i++) a=[a]; ''+a")]
    [InlineData("let o={}; for(let i=0;i<20000;i++) o=Object.create(o); o.x")]
    [InlineData("let f=()=>1; for(let i=0;i<20000;i++) f=f.bind(null); f()")]
    [InlineData("let s=''; for(let i=0;i<50000;i++) s+='a'; s.length")]
    [InlineData("let a=[]; a[0]=a; a.toString()")]
    [InlineData("Array(20000).fill().reduce(Object.create, {}).x")]
    [InlineData("let o = {f(a)\n{return [a]}}; Array(20000).fill().reduce(o.f, []) + ''")]
    public async Task Deep_structures_do_not_bring_the_host_down(string code) => Assert.NotNull(await RunAsync(code));

    [Theory]
    [InlineData("[", "", "]", 9_900)]
    [InlineData("(", "1", ")", 9_900)]
    [InlineData("!", "1", "", 19_900)]
    [InlineData("", "1", "+1", 9_900)]
    [InlineData("", "getTitle", ".b", 9_900)]
    [InlineData("", "getTitle", "()", 9_900)]
    [InlineData("{", "", "}", 9_900)]
    [InlineData("a=>", "1", "", 6_600)]
    [InlineData("`${", "1", "}`", 3_900)]
    [InlineData("[", "", "]", 450)]
    [InlineData("!", "1", "", 990)]
    [InlineData("`${", "1", "}`", 190)]
    public async Task Deep_syntax_does_not_bring_the_host_down(string open, string middle, string close, int times)
    {
        var code = string.Concat(Enumerable.Repeat(open, times)) + middle + string.Concat(Enumerable.Repeat(close, times));
        try
        {
            Assert.NotNull(await RunAsync(code));
        }
        catch (Engine.Definitions.DefinitionInvalidException e)
        {
            Assert.Equal("expression-syntax-error", e.Problems[0].Code);
        }
    }

    [Fact]
    public void Big_integers_are_refused_at_validation() =>
        Assert.Throws<Engine.Definitions.DefinitionInvalidException>(() => new EngineHarness(Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js("2n ** 100000000n")}} }""")));

    [Theory]
    [InlineData("'Int32'", "'12'", "12")]
    [InlineData("'Boolean'", "'true'", "True")]
    [InlineData("'TimeSpan'", "'00:05:00'", "00:05:00")]
    [InlineData("'Object'", "{'a':1}", "{\"a\":1}")]
    [InlineData("'String'", "5", "5")]
    public async Task Values_take_the_type_of_their_variable(string type, string value, string line)
    {
        var definition = Definition(
            Of("Elsa.WriteLine", "w", "'text':{'typeName':'String','expression':{'type':'Variable','value':{'id':'v','name':'V'}}}"),
            $"[{{'id':'v','name':'V','typeName':{type},'value':{value}}}]");

        Assert.Equal([line], (await new EngineHarness(definition).StartAsync()).Lines);
    }

    [Fact]
    public async Task A_value_that_does_not_fit_is_a_fault_that_does_not_repeat_it()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Delay", "d", "'timeSpan':'rahasia'"))).StartAsync();

        var incident = Assert.Single(run.State.Incidents);
        Assert.Equal("value-conversion", incident.Code);
        Assert.DoesNotContain("rahasia", incident.Message, StringComparison.Ordinal);
    }

    private static Task<EngineHarness> RunAsync(string code) => new EngineHarness(
        Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""", Variables, "[{'name':'Title','type':'String'}]"))
        .StartAsync(("Title", "Ini"));
}
