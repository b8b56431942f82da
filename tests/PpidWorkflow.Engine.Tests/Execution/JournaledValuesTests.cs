using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Tests.Activities;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>Evaluated inputs and outputs in the journal, by log-persistence mode (Elsa contract: logPersistenceConfig, logPersistenceMode).</summary>
public class JournaledValuesTests
{
    private const string Strategies = "Elsa.Workflows.LogPersistence.Strategies.";

    [Theory]
    // Nothing said: as the host has it.
    [InlineData("", "", JournaledValues.UnlessExcluded, true)]
    [InlineData("", "", JournaledValues.WhereIncluded, false)]
    [InlineData("", "", JournaledValues.None, false)]
    // The workflow.
    [InlineData("default=Include", "", JournaledValues.WhereIncluded, true)]
    [InlineData("default=Include", "", JournaledValues.None, false)]
    [InlineData("default=Exclude", "", JournaledValues.UnlessExcluded, false)]
    // The activity goes before the workflow, one input before the activity.
    [InlineData("default=Exclude", "default=Include", JournaledValues.WhereIncluded, true)]
    [InlineData("default=Include", "default=Exclude", JournaledValues.UnlessExcluded, false)]
    [InlineData("default=Exclude", "default=Exclude;inputs.text=Include", JournaledValues.WhereIncluded, true)]
    [InlineData("default=Include", "default=Include;inputs.text=Exclude", JournaledValues.UnlessExcluded, false)]
    [InlineData("default=Exclude", "default=Inherit;inputs.text=Inherit", JournaledValues.UnlessExcluded, false)]
    // Another input's or an output's mode is not this one's.
    [InlineData("", "inputs.other=Exclude;outputs.text=Exclude", JournaledValues.UnlessExcluded, true)]
    // The host's own, past workflow and activity.
    [InlineData("default=Exclude", "inputs.text=Configuration", JournaledValues.UnlessExcluded, true)]
    [InlineData("default=Include", "default=Configuration", JournaledValues.WhereIncluded, false)]
    public async Task The_nearest_word_counts_and_the_host_has_the_first_and_last_one(string workflow, string activity, JournaledValues host, bool isKept)
    {
        // As Studio writes it today, and as older versions of Elsa did.
        foreach (var write in (Func<string, string>[])[Config, Words])
        {
            if (write == Words && (workflow + activity).Contains("Configuration", StringComparison.Ordinal))
                continue;
            var run = await new EngineHarness(Flow(workflow, activity, write)) { Journaled = host }.StartAsync();
            run.ShouldBeFinished();
            Assert.Equal(isKept ? "6" : null, (string?)run.Values.Values.SingleOrDefault(v => v.Inputs.Count > 0)?.Inputs["Text"]);
        }
    }

    [Fact]
    public async Task Inputs_and_outputs_stand_on_the_last_line_of_their_own_execution_and_meanwhile_with_the_state()
    {
        var run = await new EngineHarness(Definition(
            Of("Elsa.ForEach", "loop", $$"""
                "items":{{Js("[1,2]")}},"body":{{Of("Elsa.Sequence", "q", $$"""
                    "activities":[{{Of("Elsa.RunTask", "ask", $"\"taskName\":\"t\",\"payload\":{Js("({ n: getCurrentValue() })")}")}}]
                    """)}}
                """)))
        { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        var loop = run.State.GetExecutions().Single(e => e.ActivityId == "loop").Id;
        var first = run.State.GetExecutions().Single(e => e.ActivityId == "ask").Id;
        Assert.Equal("[1,2]", run.State.GetValues(loop)!.Inputs["Items"]!.ToJsonString());
        Assert.Equal("""{"n":1}""", run.State.GetValues(first)!.Inputs["Payload"]!.ToJsonString());
        Assert.Empty(run.Values);

        await run.ResumeAsync("ask", new JsonObject { ["result"] = "ya" });
        await run.ResumeAsync("ask", new JsonObject { ["result"] = "tidak" });

        run.ShouldBeFinished();
        var told = run.Journal.Where(j => run.Values.ContainsKey(j.Sequence)).Select(j => (j.ActivityId, j.EventName, run.Values[j.Sequence])).ToList();
        Assert.Equal([("ask", "Completed"), ("ask", "Completed"), ("loop", "Completed")], told.Select(t => (t.ActivityId, t.EventName)));
        Assert.Equal("""{"n":1}""", told[0].Item3.Inputs["Payload"]!.ToJsonString());
        Assert.Contains("ya", told[0].Item3.Outputs["Result"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("tidak", told[1].Item3.Outputs["Result"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("{}", JsonSerializer.Serialize(JsonNode.Parse(run.State.ToJson())!["values"] ?? new JsonObject()));
    }

    [Fact]
    public async Task A_fault_keeps_what_led_to_it_and_the_retry_what_came_then()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.SetVariable", "x", $$"""
            "variable":{"id":"n","name":"n"},"value":{{Js("getCorrelationId() ?? 'bukan bilangan'")}}
            """), "[{'id':'n','name':'n','typeName':'Int32'}]")) { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        run.ShouldBeFaulted();
        var failed = run.State.GetExecutions().Single(e => e.ActivityId == "x");
        Assert.Equal("bukan bilangan", (string?)run.State.GetValues(failed.Id)!.Inputs["Value"]);

        run.State.CorrelationId = "7";
        await run.RetryAsync(run.State.Incidents[0].Id);
        run.ShouldBeFinished();
        Assert.Equal("7", (string?)Assert.Single(run.Values).Value.Inputs["Value"]);
    }

    [Fact]
    public async Task Long_values_are_cut_with_a_mark_and_a_burst_writes_only_so_much()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.For", "loop", $$"""
            "start":1,"end":200,"body":{{Of("Elsa.SetVariable", "x", $$"""
                "variable":{"id":"v","name":"v"},"value":{{Js("getCurrentValue() < 3 ? 'x'.repeat(5000) : { n: 'y'.repeat(getCurrentValue() == 3 ? 5000 : 3000) }")}}
                """)}}
            """), "[{'id':'v','name':'v','typeName':'Object'}]")) { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        run.ShouldBeFinished();
        var values = run.Values.Values.Where(v => v.Inputs.Count > 0).Select(v => v.Inputs["Value"]!).ToList();
        Assert.Equal(200, values.Count);
        Assert.EndsWith("… (dipotong; 5000 huruf)", (string?)values[0], StringComparison.Ordinal);
        Assert.EndsWith("… (dipotong; 5008 huruf)", (string?)values[2], StringComparison.Ordinal);
        Assert.Equal(3000, ((string?)values[3]["n"])!.Length);
        Assert.Equal(JournalValue.NoRoom, (string?)values[^1]);
        Assert.InRange(values.Sum(v => v.ToJsonString().Length), JournalValue.MostOfABurst / 2, JournalValue.MostOfABurst + 10_000);
    }

    [Fact]
    public async Task What_waits_in_many_branches_takes_room_from_the_next_burst()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.ParallelForEach", "p", $$"""
            "items":{{Js("Array.from({ length: 100 }, (_, i) => i)")}},
            "body":{{Of("Elsa.RunTask", "ask", $"\"taskName\":\"t\",\"payload\":{Js("({ n: 'z'.repeat(3900) })")}")}}
            """))) { Journaled = JournaledValues.UnlessExcluded }.StartAsync();
        Assert.InRange(Length(), 200_000, 270_000);

        await run.ResumeAsync(run.State.Bookmarks[0]);
        await run.ResumeAsync(run.State.Bookmarks[0]);
        Assert.InRange(Length(), 200_000, 270_000);

        int Length() => JsonNode.Parse(run.State.ToJson())!["values"]!.ToJsonString().Length;
    }

    [Theory]
    [InlineData("({ user: 'a', apiToken: 'abc', deep: [{ 'kata-sandi': 'abc' }] })", """{"user":"a","apiToken":"•••","deep":[{"kata-sandi":"•••"}]}""")]
    [InlineData("'Bearer abc.def.ghi'", "\"•••\"")]
    [InlineData("({ head: ['Basic abc'] })", """{"head":["•••"]}""")]
    [InlineData("'-----BEGIN PRIVATE KEY----- abc'", "\"•••\"")]
    [InlineData("({ jumlah: 3 })", """{"jumlah":3}""")]
    public async Task What_looks_like_a_secret_is_kept_out(string script, string kept)
    {
        var run = await new EngineHarness(Definition(Of("Elsa.RunTask", "ask", $"\"taskName\":\"t\",\"payload\":{Js(script.StartsWith('\'') ? $"({{ v: {script} }})" : script)}")))
        { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        var noted = run.State.GetValues(run.State.GetExecutions().Single(e => e.ActivityId == "ask").Id)!.Inputs["Payload"]!;
        Assert.Equal(kept, (script.StartsWith('\'') ? noted["v"]! : noted).ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.DoesNotContain("abc", noted.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("getCorrelationId() == null ? 'Exclude' : 'Include'", false)]
    [InlineData("'Include'", true)]
    [InlineData("'Inherit'", true)]
    // What cannot be told keeps the value out.
    [InlineData("nobody.home", false)]
    [InlineData("'Dance'", false)]
    public async Task A_mode_may_be_an_expression(string script, bool isKept)
    {
        var mode = $$"""{"evaluationMode":"Expression","expression":{"type":"JavaScript","value":{{JsonValue.Create(script).ToJsonString()}} } }""";
        var run = await new EngineHarness(Definition(Of("Elsa.WriteLine", "x", $$$"""
            "text":{{{Js("1 + 5")}}},"customProperties":{"logPersistenceConfig":{"inputs":{"text":{{{mode}}} } } }
            """))) { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        run.ShouldBeFinished();
        Assert.Equal(isKept ? 1 : 0, run.Values.Count);
        Assert.Null(run.Workflow.JournalIncludes("x", "Text", isInput: true, JournaledValues.UnlessExcluded));
    }

    [Fact]
    public async Task A_workflow_used_as_an_activity_has_a_default_of_its_own()
    {
        var library = new OneWorkflow("""
            {"id":"v9","definitionId":"sub","name":"Sub","version":1,"options":{"usableAsActivity":true},"inputs":[{"name":"Kata","type":"String"}],
             "customProperties":{"logPersistenceMode":{"default":"Exclude"}},
             "root":{"type":"Elsa.WriteLine","id":"w","text":{"typeName":"String","expression":{"type":"Input","value":"Kata"}}}}
            """);
        var run = await new EngineHarness(Definition(
            $$"""{"type":"Sub","id":"s","workflowDefinitionId":"sub","workflowDefinitionVersionId":"v9","version":1,"kata":{{Js("'halo'")}} }"""), library: library)
        { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        run.ShouldBeFinished();
        Assert.Equal(["halo"], run.Lines);
        var (line, values) = Assert.Single(run.Values);
        Assert.Equal(("s", "halo"), (run.Journal.Single(j => j.Sequence == line).ActivityId, (string?)values.Inputs["Kata"]));
    }

    [Fact]
    public async Task Nothing_of_an_SOP_step_is_ever_noted_whatever_the_definition_says()
    {
        var step = SopFlow.Step("Ppid.AssignOfficer", "x", "INFORMATION_HEAD", "INFORMATION_OFFICER", "5");
        var told = JsonNode.Parse(step)!.AsObject();
        told["customProperties"] = JsonNode.Parse(Config("default=Include;outputs.completedBy=Include;outputs.assignedTo=Include;inputs.description=Include"));
        var run = await new EngineHarness(Definition(told.ToJsonString())) { Journaled = JournaledValues.UnlessExcluded }.StartAsync();
        await run.ResumeAsync("x", new SopTaskResult { CompletedBy = "kasubid", AssignedTo = "petugas", Note = "isi berkas" }.ToJson());

        run.ShouldBeFinished();
        Assert.Empty(run.Values);
        Assert.DoesNotContain("isi berkas", string.Concat(run.Journal.Select(j => $"{j.Message}{j.Payload}")), StringComparison.Ordinal);
        Assert.Contains(new WorkflowCompiler().Validate(Definition(told.ToJsonString())), p => p is { Code: "values-of-a-case", Severity: ProblemSeverity.Warning, ActivityId: "x" });
    }

    [Theory]
    [InlineData("logPersistenceConfig", """{"default":{"evaluationMode":"Strategy","strategyType":"My.Strategy, My"}}""")]
    [InlineData("logPersistenceMode", """{"inputs":{"text":"Perhaps"}}""")]
    public void A_strategy_that_nobody_knows_is_refused_and_keeps_values_out_of_what_is_stored(string key, string value)
    {
        var definition = Definition(Of("Elsa.WriteLine", "x", $$"""
            "text":{{Js("1")}},"customProperties":{"{{key}}":{{value}}}
            """));
        Assert.Contains(new WorkflowCompiler().Validate(definition), p => p is { Code: "unknown-log-persistence", ActivityId: "x" });
        Assert.False(new WorkflowCompiler().Load(definition).JournalIncludes("x", "Text", isInput: true, JournaledValues.UnlessExcluded));
    }

    [Fact]
    public async Task Without_values_nothing_more_is_noted()
    {
        var run = await new EngineHarness(Definition(Of("Elsa.Sequence", "s", $"\"activities\":[{Of("Elsa.Event", "e", "\"eventName\":\"go\"")},{Of("Elsa.WriteLine", "w", $"\"text\":{Js("'rahasia'")}")}]")))
        { Journaled = JournaledValues.UnlessExcluded }.StartAsync();

        var quiet = EngineHarness.At(run.Workflow.Definition, run.State.WithoutValues());
        await quiet.ResumeAsync("e");
        quiet.ShouldBeFinished();
        Assert.Equal(["rahasia"], quiet.Lines);
        Assert.Empty(quiet.Values);
    }

    private static WorkflowDefinition Flow(string workflow, string activity, Func<string, string> write) => Parse($$"""
        {"id":"v1","definitionId":"d1","name":"Uji","version":1,"customProperties":{{write(workflow)}},
         "root":{"type":"Elsa.WriteLine","id":"x","text":{{Js("1 + 5")}},"customProperties":{{write(activity)}} } }
        """);

    /// <summary>Modes written <c>default=Include;inputs.text=Exclude</c>, as Studio stores them.</summary>
    private static string Config(string modes) => Written(modes, "logPersistenceConfig",
        mode => new JsonObject { ["evaluationMode"] = "Strategy", ["strategyType"] = $"{Strategies}{mode}, Elsa.Workflows.Core", ["expression"] = null });

    private static string Words(string modes) => Written(modes, "logPersistenceMode", mode => mode);

    private static string Written(string modes, string key, Func<string, JsonNode> value)
    {
        var said = new JsonObject();
        foreach (var mode in modes.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (path, word) = (mode.Split('=')[0].Split('.'), mode.Split('=')[1]);
            if (path.Length == 1)
                said[path[0]] = value(word);
            else
                (said[path[0]] ??= new JsonObject())[path[1]] = value(word);
        }
        return said.Count == 0 ? "{}" : new JsonObject { [key] = said }.ToJsonString();
    }

    private sealed class OneWorkflow(string json) : IWorkflowLibrary
    {
        public WorkflowDefinition? Find(WorkflowReference reference) => reference.DefinitionId == "sub" ? Parse(json) : null;
    }
}
