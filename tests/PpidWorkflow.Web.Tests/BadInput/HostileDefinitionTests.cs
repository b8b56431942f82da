using System.Text;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>Definition files that are wrong, too much or meant to hurt, through the verbs that read them.</summary>
public sealed class HostileDefinitionTests(ScriptOffice office) : IClassFixture<ScriptOffice>
{
    private const int MB = 1024 * 1024;

    private static readonly Dictionary<string, (string Code, Func<byte[]> Content)> Files = new()
    {
        ["an empty file"] = ("definition-malformed", () => []),
        ["cut-off JSON"] = ("definition-malformed", () => Text("""{"root":{"type":"Elsa.Sequence" """)),
        ["a list"] = ("definition-malformed", () => Text("[]")),
        ["no root"] = ("definition-malformed", () => Text("""{"definitionId":"x"}""")),
        ["a property twice"] = ("definition-malformed",
            () => Text("""{"definitionId":"x","root":{"type":"Elsa.End","type":"Elsa.Start","id":"a"}}""")),
        ["bytes that are no UTF-8"] = ("definition-malformed", () => [.. "{\"root\":{\"type\":\""u8, 0xC3, 0x28, .. "\",\"id\":\"a\"}}"u8]),
        ["a picture"] = ("definition-malformed", () => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0]),
        ["50 MB of nothing"] = ("definition-too-large", () => new byte[50 * MB]),
        ["50 MB of JSON"] = ("definition-too-large",
            () => Text($$"""{"root":{"type":"Elsa.WriteLine","id":"w","text":"{{new string('x', 50 * MB)}}"} }""")),
        ["10,000 deep lists"] = ("definition-too-deep",
            () => Text($$"""{"root":{{new string('[', 10_000)}}{{new string(']', 10_000)}} }""")),
        ["10,000 deep activities"] = ("definition-too-deep", () => Text(
            string.Concat(Enumerable.Repeat("""{"root":{"type":"Elsa.Sequence","id":"s","activities":[""", 10_000)))),
        ["2,000,000 deep"] = ("definition-too-deep", () => Text(new string('[', 2_000_000))),
        ["a circle of references"] = ("definition-reference", () => Text(
            """{"$id":"1","root":{"$id":"2","type":"Elsa.Sequence","id":"s","activities":[{"$ref":"2"}]}}""")),
        ["an unknown activity"] = ("unknown-activity-type", () => Flow("""{"type":"Elsa.Teleport","id":"x"}""")),
        ["a process to start"] = ("forbidden-activity-type", () => Flow("""{"type":"Elsa.RunCSharp","id":"x"}""")),
        ["an unknown language"] = ("unknown-expression-type", () => Flow(Line("CSharp", "1"))),
        ["a script that does not parse"] = ("expression-syntax-error", () => Flow(Line("JavaScript", "1 +"))),
        ["a script of 200 kB"] = ("expression-syntax-error", () => Flow(Line("JavaScript", new string(' ', 200_000)))),
        ["the same id twice"] = ("duplicate-activity-id", () => Flow("""{"type":"Elsa.End","id":"start"}""")),
        ["a loop without end"] = ("endless-loop", () => Flow(
            """{"type":"Elsa.WriteLine","id":"x","text":"a"},{"type":"Elsa.WriteLine","id":"y","text":"b"}""", "start->x", "x->y", "y->x"))
    };

    // Both verbs read by the same reader: a few show that an import refuses likewise and keeps nothing.
    private static readonly string[] AlsoImported =
    [
        "cut-off JSON", "50 MB of JSON", "10,000 deep activities", "a circle of references", "an unknown activity",
        "a script that does not parse"
    ];

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_hostile_definition_is_named_by_its_problem_in_bounded_time_and_memory(string name)
    {
        var (code, content) = Files[name];
        var file = Path.Combine(office.Folder, $"{Guid.NewGuid():n}.json");
        await File.WriteAllBytesAsync(file, content());
        var before = await office.FingerprintAsync();

        List<Run> runs = [await ServiceProcess.RunAsync("validate", file, "--json")];
        if (AlsoImported.Contains(name))
            runs.Add(await ServiceProcess.RunAsync("import", file, "--publish", "--json", $"--Storage:DataPath={office.DataPath}"));

        foreach (var run in runs)
        {
            Assert.True(run.ExitCode == 1, run.Output + run.Error);
            Assert.Contains(code, Problems(run).Select(p => p!["code"]!.GetValue<string>()));
            Assert.All(Problems(run), p => Assert.False(string.IsNullOrWhiteSpace(p!["message"]!.GetValue<string>())));
            Assert.DoesNotContain("   at ", run.Output + run.Error, StringComparison.Ordinal);
            Assert.InRange(run.PeakMemoryMB, 1, 600);
            Assert.InRange(run.Took.TotalSeconds, 0, 60);
        }
        Assert.Equal(before, await office.FingerprintAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("a b")]
    public async Task An_import_needs_an_id_that_can_be_one(string id)
    {
        var file = Path.Combine(office.Folder, $"{Guid.NewGuid():n}.json");
        await File.WriteAllBytesAsync(file, Flow("""{"type":"Elsa.End","id":"x"}""", "start->x"));
        var before = await office.FingerprintAsync();

        var run = await ServiceProcess.RunAsync("import", file, "--json", "--as", id, $"--Storage:DataPath={office.DataPath}");

        Assert.Equal((1, "definition-id-invalid"), (run.ExitCode, Problems(run)[0]!["code"]!.GetValue<string>()));
        Assert.Equal(before, await office.FingerprintAsync());
    }

    [Theory]
    [InlineData("validate", "/tidak/ada.json")]
    [InlineData("validate", "/")]
    [InlineData("import", "/tidak/ada.json")]
    [InlineData("import", "/")]
    public async Task A_file_that_is_none_is_a_sentence(string verb, string path)
    {
        var run = await ServiceProcess.RunAsync(verb, path, $"--Storage:DataPath={office.DataPath}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("tidak ada", run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("endless", "while (true) {}", "script-limit")]
    [InlineData("memory", "let s = 'x'; while (true) s = s + s;", "script-limit")]
    [InlineData("lists", "let a = []; while (true) a.push(new Array(1000).fill('x'));", "script-limit")]
    [InlineData("deep", "let f = n => f(n + 1); f(0)", "script-limit")]
    [InlineData("pattern", "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')", "script-limit")]
    [InlineData("throws", "throw new Error(getInput('title'))", "script-error")]
    [InlineData("unknown", "nobody.home", "script-error")]
    [InlineData("dotnet", "System.IO.File.ReadAllText('/etc/passwd')", "script-error")]
    public async Task A_script_that_misbehaves_stops_its_case_and_nothing_else(string name, string code, string incident)
    {
        await office.ImportAsync($"uji-{name}", Line("JavaScript", code));

        await office.FaultAndRetryAsync($"uji-{name}", incident);
    }

    [Fact]
    public async Task A_decision_that_always_leads_back_meets_the_limit_of_a_burst()
    {
        await office.ImportAsync("uji-putaran", """
            {"type":"Elsa.FlowDecision","id":"x","condition":{"typeName":"Boolean","expression":{"type":"JavaScript","value":"true"}}},
            {"type":"Elsa.WriteLine","id":"y","text":"lagi"}
            """, "x:True->y", "y->x");

        await office.FaultAndRetryAsync("uji-putaran", "engine-burst-limit");
    }

    [Fact]
    public async Task A_script_that_fails_at_once_leaves_a_case_that_shows_it()
    {
        await office.ImportAsync("uji-awal", Line("JavaScript", "while (true) {}"), scriptFirst: true);

        var created = await office.PostAsync(
            LiveOffice.InformationHead, "/api/v1/cases", new { definitionId = "uji-awal", title = LiveOffice.Canary });

        Assert.Equal("faulted", created["state"]!.GetValue<string>());
        Assert.DoesNotContain(LiveOffice.Canary, office.Service.Log, StringComparison.Ordinal);
    }

    private static JsonArray Problems(Run run) => JsonNode.Parse(run.Output)!["problems"]!.AsArray();

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string Line(string language, string code) => $$"""
        {
          "type": "Elsa.WriteLine", "id": "x",
          "text": { "typeName": "String", "expression": { "type": "{{language}}", "value": {{JsonValue.Create(code).ToJsonString()}} } }
        }
        """;

    private static byte[] Flow(string activities, params string[] arrows) => Text(ScriptOffice.Definition("uji", activities, arrows));
}
