using System.Diagnostics;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

/// <summary>
/// Scripts that would end the process or hold it for minutes if a guard failed. Each runs in a process of its own, so that a failed guard is a
/// failed test and not a dead run.
/// </summary>
public class HostileScriptTests
{
    private const string Long = "let t = 'x'.repeat(900000); ";

    [Fact]
    public async Task They_are_faults_and_nothing_worse()
    {
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, typeof(HostileScriptTests).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "")),
            ["-noColor", "-noLogo", "-explicit", "only", "-parallel", "none", "-class", typeof(HostileScriptTests).FullName!])
        { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output);
    }

    [Theory(Explicit = true)]
    [InlineData("({toString: ''.trim}) + ''")]
    [InlineData("({['to' + 'String']: ''.trim}) + ''")]
    [InlineData("`${({toString: ''.trim})}`")]
    [InlineData("let o = {}; o.toString = ''.trim; String(o)")]
    [InlineData("this.e = new Error(''); e.name = e; '' + e")]
    [InlineData("let e = new Error(''); e.message = e; e.toString()")]
    [InlineData("({toString: Object.prototype.toLocaleString}) + ''")]
    [InlineData("+({valueOf: Math.abs.bind(null, 1), toString: ''.trim})")]
    [InlineData("let o = {}; o.valueOf = Math.abs.bind(null, o); +o")]
    [InlineData("let o = {}; o.toString = String.bind(null, o); '' + o")]
    [InlineData("let o = {}; o.toString = String.bind(null, o).bind(null); '' + o")]
    [InlineData("let o = {}; o[Symbol.toPrimitive] = isNaN.bind(null, o); '' + o")]
    [InlineData("let o = {}; o[Symbol.toPrimitive] = getVariable.bind(null, o); '' + o")]
    [InlineData("let o = {}; o.toString = toJson.bind(null, o); Object.defineProperty(o, 'x', { enumerable: true, get: toJson.bind(null, o) }); '' + o")]
    [InlineData("let o = {}; o[Symbol.toPrimitive] = parseFloat.bind(null, o); o * 1")]
    [InlineData("let d = new Date(); d.valueOf = Date.prototype[Symbol.toPrimitive].bind(d, 'number'); d - 1")]
    [InlineData("let d = new Date(); d.toISOString = d.toJSON; d.toJSON()")]
    [InlineData("let o = {}; Object.defineProperty(o, 'x', { get: Object.prototype.__lookupGetter__.bind(o, o), enumerable: true }); o.toString = ''.concat; '' + o")]
    [InlineData("let o = {toString: RegExp.prototype.toString}; o.source = o; o.flags = ''; '' + o")]
    [InlineData("let r = /x/; r.exec = RegExp.prototype.test; r.test('x')")]
    [InlineData("let r = /x/; r.exec = r[Symbol.match]; Object.defineProperty(r, 'flags', { value: '' }); r.test('x')")]
    [InlineData("let o = {}; o[Symbol.replace] = ''.replace; ''.replace(o, '')")]
    [InlineData("let o = {}; o[Symbol.split] = ''.split.bind(o, o); 'x'.split(o)")]
    [InlineData("let a = []; a.join = Array.prototype.toString; '' + a")]
    [InlineData("let a = [1]; a.toLocaleString = Array.prototype.toLocaleString; a[0] = { toLocaleString: a.toLocaleString.bind(a) }; a.toLocaleString()")]
    [InlineData("let a = [1]; a.map = Array.prototype.map; a[0] = a; let f = Array.prototype.map.bind(a); f(Array.prototype.map.bind(a, f))")]
    [InlineData("let a = [1]; let f = [].forEach.bind(a); let g = f.bind(null, f); a.forEach(Array.prototype.forEach.bind(a, g)); Object.defineProperty(a, 0, { get: g }); a[0]")]
    [InlineData("let o = {}; o[Symbol.iterator] = Array.from.bind(null, o); Array.from(o)")]
    [InlineData("let o = {}; Object.defineProperty(o, 'length', { get: Array.from.bind(null, o) }); Array.from(o)")]
    [InlineData("let o = {}; Object.defineProperty(o, 'x', { enumerable: true, get: Object.values.bind(null, o) }); o.x")]
    [InlineData("let o = {}; Object.defineProperty(o, 'x', { enumerable: true, get: Object.assign.bind(null, {}, o) }); o")]
    [InlineData("let o = {}; Object.defineProperty(o, 'x', { set: Object.assign.bind(null, o) }); o.x = { x: 1 }")]
    [InlineData("let o = {}; Object.defineProperty(o, 'toJSON', { get: JSON.stringify.bind(null, o), enumerable: true }); JSON.stringify(o)")]
    [InlineData("let f = Function.prototype.call.bind(Function.prototype.call); let o = {}; o.toString = f.bind(null, ''.trim, o); '' + o")]
    [InlineData("let o = {}; o.toString = ''.trim.call.bind(''.trim, o); '' + o")]
    [InlineData("let o = {}; o.toString = ''.trim.apply.bind(''.trim, o, []); '' + o")]
    [InlineData("Object.prototype.toString = ''.trim; '' + {}")]
    [InlineData("String.prototype.toString = ''.trim; '' + new String('x')")]
    [InlineData("let m = new Map(); Map.prototype.set = Map.prototype.forEach; new Map([[1, 2]])")]
    [InlineData("let i = Object.getPrototypeOf([][Symbol.iterator]()); let o = { __proto__: i, toString: i.next }; '' + o")]
    [InlineData("let g = Object.getPrototypeOf(function*(){}).prototype; let o = { toString: g.next.bind((function*(){ yield '' + o })()) }; '' + o")]
    [InlineData("let i = [].values().map(x => x); let h = Object.getPrototypeOf(i); let it = { next: h.next.bind(i) }; Iterator.from(it).next()")]
    [InlineData("(async () => { let o = {}; o.then = Promise.prototype.then.bind(Promise.resolve(1), String.bind(null, { toString: ''.trim })); await o })()")]
    [InlineData("let e = new AggregateError([]); e.name = e; '' + e")]
    [InlineData("throw { toString: ''.trim, name: { toString: ''.trim } }")]
    [InlineData("Array(100).fill(0).reduce(f => f.bind(null), String.bind(null, {toString: ''.trim}))()")]
    [InlineData("let s = Symbol.prototype; let o = { get description() { return '' + o }, toString: ''.trim }; `${o}`")]
    [InlineData("let o = {}; o.toString = decodeURIComponent.bind(null, o); '' + o")]
    [InlineData("let o = {}; o.valueOf = Number.prototype.toFixed.bind(1, o); (1).toFixed(o)")]
    [InlineData("let o = {}; o.valueOf = Date.UTC.bind(null, o); +o")]
    [InlineData("let o = {}; o.toString = RegExp.bind(null, o); RegExp(o)")]
    [InlineData("let o = {}; o.toString = Error.bind(null, o); '' + o")]
    [InlineData("let o = {}; o.toString = Symbol.for.bind(null, o); '' + o")]
    [InlineData("let o = {}; o.valueOf = Array.prototype.at.bind([1], o); +o")]
    [InlineData("let o = {}; o.toString = Intl.getCanonicalLocales.bind(null, [o]); '' + o")]
    [InlineData("let a = [1], n = 0; a.push(a); a.flat({ valueOf() { return n++ ? Infinity : 1 } })")]
    [InlineData("let a = [1]; a.push(a); a.flat(Infinity)")]
    [InlineData("let a = [1]; a.push(a); Array.prototype.flat.call({ length: 1, 0: a }, Infinity)")]
    [InlineData("class A extends Array {} let a = A.from([1]); a.push(a); a.flat(Infinity)")]
    [InlineData("let a = [1]; Object.defineProperty(a, 0, { get: Array.prototype.flat.bind(a, 32) }); a.flat()")]
    [InlineData("let a = []; Object.defineProperty(a, 0, { get: Array.prototype.concat.bind([], a) }); a[0]")]
    [InlineData("let a = []; Object.defineProperty(a, 0, { get: Array.prototype.toSorted.bind(a) }); a.sort()")]
    [InlineData("let o = { get a() { for (let i = 0; i < 50; i++) this['b' + i] = i; return 1 }, b: 2 }; o")]
    public Task Native_functions_that_call_each_other_without_end(string code) => IsBoundedAsync(code, false);

    [Theory(Explicit = true)]
    [InlineData("let b = []; for (let i = 0; i < 31; i++) b = [b, b]; let n = 0, a = [0]; Object.defineProperty(a, 0, { get() { return n++ ? b : 1 } }); a.flat(32)")]
    [InlineData(Long + "let u = t.slice(1) + 'y', n = 0, a = Array(9000).fill(0); a.forEach((_, i) => Object.defineProperty(a, i, { get() { return n++ < 9000 ? '' : n % 2 ? t : u } })); a.toSorted().length")]
    public Task What_an_element_says_when_it_is_asked_again_does_not_count(string code) => IsBoundedAsync(code, false);

    [Theory(Explicit = true)]
    [InlineData("String.prototype.slice = String.prototype.repeat; 'xy'.slice(2.5e8)")]
    [InlineData("globalThis.a = []; a.length = 4294967295; '' + a")]
    [InlineData("globalThis.a = ['x', 'y']; a.length = 100000; a.j\\u006fin(getLong())")]
    [InlineData("[getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong()].join('-')")]
    [InlineData("'' + [getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong(), getLong()]")]
    [InlineData(Long + "''.concat(...Array(9000).fill(t)).length")]
    [InlineData(Long + "Array(9000).fill(t).toLocaleString().length")]
    [InlineData(Long + "Array(9000).fill(t).toString().length")]
    [InlineData(Long + "String(Array(9000).fill(t)).length")]
    [InlineData(Long + "Array.from(t.matchAll(/(?=(x*))/g)).length")]
    [InlineData(Long + "t.match(/x/g).length")]
    [InlineData(Long + "/(?=(x*))/g[Symbol.match](t).length")]
    [InlineData("/x/g[Symbol.replace]('x'.repeat(40000), '$`').length")]
    [InlineData("/(?=(x*))/[Symbol.split]('x'.repeat(40000)).length")]
    [InlineData(Long + "RegExp('('.repeat(2000) + 'x*' + ')'.repeat(2000)).exec(t).length")]
    [InlineData(Long + "String.raw({ raw: Array(9000).fill(t) }).length")]
    [InlineData(Long + "[1].flatMap(() => Array(90000).fill(t)).join().length")]
    [InlineData("let a = Array(9000).fill(0); Array(9000).fill(a).flatMap(x => x).length")]
    [InlineData("let a = Array(9000).fill(0); [].concat(...Array(9000).fill(a)).length")]
    [InlineData("let a = Array(9000).fill(0); Array(9000).fill(a).flat().length")]
    [InlineData(Long + "Object.getOwnPropertyDescriptors(t)")]
    [InlineData(Long + "Object.entries(t)")]
    [InlineData(Long + "let u = t.slice(1) + 'x'; Array.from({ length: 90000 }, (_, i) => i % 2 ? t : u).sort().length")]
    [InlineData(Long + "let u = t.slice(1) + 'y'; Array(90000).fill(t).indexOf(u) + Array(90000).fill(t).lastIndexOf(u)")]
    [InlineData("'x'.repeat(40000).replace(/x/g, String.prototype.concat.bind('x'.repeat(900000))).length")]
    [InlineData("('a'.repeat(28) + 'c').repeat(5000).match(/(?:a|aa)+b|c/g).length")]
    [InlineData("('a'.repeat(28) + 'c').repeat(5000).replace(/(?:a|aa)+b|c/g, '').length")]
    [InlineData("('a'.repeat(28) + 'c').repeat(5000).split(/(?:a|aa)+b|c/).length")]
    [InlineData("[...('a'.repeat(28) + 'c').repeat(5000).matchAll(/(?:a|aa)+b|c/g)].length")]
    [InlineData("Array(5000).fill('a'.repeat(28) + 'c').map(RegExp.prototype.test, /(?:a|aa)+b|d/).length")]
    [InlineData("Array(5000).fill('a'.repeat(28) + 'c').filter(RegExp.prototype.test.bind(/(?:a|aa)+b|d/)).length")]
    [InlineData("('a'.repeat(28) + 'c').repeat(5000).replaceAll(/(?:a|aa)+b|c/gu, x => '').length")]
    [InlineData("RegExp('(?:a|'.repeat(90000) + 'b' + ')'.repeat(90000)).test('x')")]
    [InlineData("JSON.parse('[' + '['.repeat(100) + ']'.repeat(100) + ',1'.repeat(300000) + ']').length")]
    [InlineData("throw { get name() { while (true) {} } }")]
    [InlineData("throw { get message() { while (true) {} } }")]
    [InlineData("throw { __proto__: Error.prototype, get constructor() { while (true) {} }, get stack() { while (true) {} } }")]
    [InlineData("let b = []; for (let i = 0; i < 31; i++) b = [b, b]; Array.prototype.flat.call({ length: 1, 0: b }, 32)")]
    [InlineData("let b = []; for (let i = 0; i < 31; i++) b = [b, b]; b.flat(31)")]
    [InlineData("let b = []; for (let i = 0; i < 31; i++) b = [b, b]; Array.prototype.flat.call({ length: 1, get 0() { return b } }, 32)")]
    [InlineData("let o = { length: 9999, [Symbol.isConcatSpreadable]: true }; [].concat(...Array(9000).fill(o)).length")]
    [InlineData("let b = [], a = [0]; Object.defineProperty(a, 0, { get() { b.length = 9999 } }); [].concat(a, ...Array(9000).fill(b)).length")]
    [InlineData(Long + "let u = t.slice(1) + 'y', o = { toString: () => t }, p = { toString: () => u }; Array.from({ length: 9000 }, (_, i) => i % 2 ? o : p).sort().length")]
    [InlineData("'x'.match({ toString: () => '('.repeat(400000) + ')'.repeat(400000) })")]
    [InlineData("let r = /x/; r.toString = () => '('.repeat(400000) + ')'.repeat(400000); r[Symbol.search] = undefined; 'x'.search(r)")]
    [InlineData("(function again() { return Promise.resolve().then(again) })()")]
    [InlineData("(async () => { while (true) await null })()")]
    public Task Single_steps_that_would_take_minutes_or_gigabytes(string code) => IsBoundedAsync(code, true);

    [Theory(Explicit = true)]
    [InlineData("let s = 'xy'; «s += s, |32»s.length")]
    [InlineData("let s = 'x'.repeat(1000000); «s += s, |40»s.length")]
    [InlineData("let s = 'xy'; «s = `${s}${s}`, |30»s.length")]
    [InlineData("let s = 'xy', t = 'xy'; «s += s, |26»«t += t, |26»s === t")]
    [InlineData(Long + "`«${t}|900»`.length")]
    [InlineData(Long + "«`${t}`, |1000»1")]
    [InlineData(Long + "«t.toUpperCase(), |1000»1")]
    [InlineData(Long + "«escape(t), |1000»1")]
    [InlineData(Long + "[«Symbol(t).toString(), |800»1]")]
    [InlineData(Long + "let o = {}; «o[t + 1] = 1, |900»1")]
    [InlineData(Long + "let o = { x: 1 }; «(t + 1 in o) + |120»1")]
    [InlineData("let s = new Set(Array.from({ length: 20000 }, (x, i) => i)); «s.union(s), |900»1")]
    [InlineData("let s = new Set(Array.from({ length: 5000 }, (x, i) => i)); «new Set(s), |900»1")]
    [InlineData("let o = Object.fromEntries(Array.from({ length: 20000 }, (x, i) => [i, i])); «({ ...o }), |900»1")]
    [InlineData("let o = Object.fromEntries(Array.from({ length: 20000 }, (x, i) => [i, i])); «({ ...r } = o), |900»1")]
    [InlineData("let o = Object.fromEntries(Array.from({ length: 20000 }, (x, i) => [i, i])); «JSON.stringify(o), |32»1")]
    [InlineData("let a = Array(50000).fill(0); «Array.of(...a), |900»1")]
    [InlineData("let a = Array(300).fill(0).map(x => Array(300).fill(0)); «a.flat(), |1300»1")]
    [InlineData("variables.a=[1];«variables.a=[variables.a,variables.a];|23»String(variables.a).length")]
    [InlineData("variables.a=[1];«variables.a=[globalThis.variables.a,1,globalThis.variables.a];|14»`${variables.a}`")]
    [InlineData("variables.a={};«variables.a={a:variables.a,b:variables.a};|20»toJson(variables.a)")]
    [InlineData("variables.a=getLong();`«${variables.a}|69»`.length")]
    [InlineData("variables.a=getLong()+getLong();variables.a«.toUpperCase().toLowerCase()|30».length")]
    [InlineData("let a = [0]; «a = [a, a], |30»a")]
    [InlineData("let a = {}; «a = { a: a, b: a }, |30»JSON.stringify(a)")]
    [InlineData("let a = []; a.length = 4294967295; a.concat(a)")]
    [InlineData("let o = { [Symbol.iterator]() { return [...o] } }; [...o]")]
    [InlineData("let o = { valueOf() { return +o } }; +o")]
    [InlineData("RegExp('('.repeat(400000) + ')'.repeat(400000)).test('x')")]
    [InlineData("let R = /x/.constructor; new R('(?:a|'.repeat(150000) + 'b' + ')'.repeat(150000))")]
    [InlineData("class A extends RegExp {}; new A('('.repeat(400000) + ')'.repeat(400000))")]
    [InlineData("'x'.match('('.repeat(400000) + ')'.repeat(400000))")]
    public Task One_statement_that_does_much(string code) => IsBoundedAsync(Repeated(code), true);

    // Twelve hundred times a text of a million digits, which is no instant, at a glance.
    [Fact(Explicit = true)]
    public Task What_is_no_instant_is_seen_at_once() => IsBoundedAsync(Repeated("let t = '1'.repeat(1000000); «new Date(t), |1200»1"), false);

    [Theory(Explicit = true)]
    [InlineData("throw new ReferenceError(getTitle())")]
    [InlineData("throw { name: getTitle() }")]
    [InlineData("throw { name: 'ReferenceError', message: getTitle() }")]
    [InlineData("let e = new SyntaxError(getTitle()); e.name = getTitle(); throw e")]
    [InlineData("JSON.parse(getTitle())")]
    [InlineData("new RegExp('(' + getTitle())")]
    [InlineData("throw { get name() { return getTitle() } }")]
    [InlineData("Promise.reject(getTitle())")]
    [InlineData("Promise.reject({ get name() { return getTitle() } })")]
    [InlineData("(async () => { throw new TypeError(getTitle()) })()")]
    [InlineData("new Promise(() => getTitle())")]
    [InlineData("class rahasia extends Error {}; throw new (class extends Error { get name() { return getTitle() } })")]
    public async Task What_went_wrong_does_not_repeat_data(string code)
    {
        var incident = Assert.Single((await RunAsync(code)).State.Incidents);

        Assert.Equal("script-error", incident.Code);
        Assert.DoesNotContain("rahasia", incident.Message, StringComparison.Ordinal);
    }

    private static async Task IsBoundedAsync(string code, bool isFault)
    {
        await RunAsync("[1].map(x => 'x'.replace(/x/g, y => y + x)).join()");
        var allocated = GC.GetTotalAllocatedBytes();
        var (busy, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var run = await RunAsync(code);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, Alone.LongestSeconds);

        if (isFault)
            run.ShouldBeFaulted();
        if (run.State.Incidents.Count > 0)
            Assert.Contains(Assert.Single(run.State.Incidents).Code, (string[])["script-error", "script-limit"]);
        Assert.InRange((Environment.CpuUsage.TotalTime - busy).TotalSeconds, 0, 2);
        Assert.InRange((GC.GetTotalAllocatedBytes() - allocated) / 1024 / 1024, 0, 200);
    }

    private static Task<EngineHarness> RunAsync(string code) => new EngineHarness(
        Definition($$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""", "[]", "[{'name':'Title','type':'String'},{'name':'Long','type':'String'}]"))
        .StartAsync(("Title", "rahasia"), ("Long", new string('y', 400_000)));
}
