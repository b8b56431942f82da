using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Composition;

public class WorkflowDefinitionActivityTests
{
    private const string Result = "[{'id':'r','name':'result','typeName':'String'}]";

    [Fact]
    public async Task It_runs_with_inputs_outputs_and_variables_of_its_own()
    {
        var library = new Library(Greeting());
        var run = await Run(library, Result, "a->w",
            Use("a", "'who':{'typeName':'String','expression':{'type':'Literal','value':'Budi'}},'said':{'typeName':'String','memoryReference':{'id':'r'}}"),
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js("getResult() + '/' + getOutputFrom('a', 'Said') + '/' + typeof getWord")}} }""").StartAsync();

        run.ShouldBeFinished();
        Assert.Equal(["Halo Budi/Halo Budi/undefined"], run.Lines);
        Assert.Equal("Halo Budi", (string?)run.State.GetVariables(run.Workflow)["result"]);
        Assert.Contains("Workflow1:F:a:Workflow1:G:set", run.Journal.Select(j => j.ActivityNodeId));
        Assert.Equal(("set", "a/set"), (run.Workflow.OwnIdOf("a/set"), run.Workflow.FindActivityId("Workflow1:F:a:Workflow1:G:set")));
    }

    [Fact]
    public async Task Two_of_the_same_keep_apart()
    {
        var run = await Run(new Library(Greeting()), Result, "a->b b->w", Use("a", "'Who':'Budi'"), Use("b", "'who':'Sari'"),
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js("getOutputFrom('a', 'Said') + ', ' + getOutputFrom('b', 'Said')")}} }""").StartAsync();

        Assert.Equal(["Halo Budi, Halo Sari"], run.Lines);
    }

    [Fact]
    public async Task An_input_is_evaluated_where_it_is_used_and_a_default_stands_in_for_a_missing_one()
    {
        var echo = Child("Echo", $$"""{"type":"Elsa.WriteLine","id":"e","text":{{Js("getWho()")}} }""", inputs: "[{'name':'Who','type':'String','defaultValue':'siapa'}]");
        var run = await Run(new Library(echo), "[]", "l->b",
            $$"""{"type":"Elsa.ForEach","id":"l","items":{"typeName":"Object","expression":{"type":"Object","value":"[\"x\",\"y\"]"} },"body":{{Use("a", $"'who':{Js("getCurrentValue()")}", "Echo")}} }""",
            Use("b", "", "Echo")).StartAsync();

        Assert.Equal(["x", "y", "siapa"], run.Lines);
    }

    [Theory]
    [InlineData("Refused", "no")]
    [InlineData("Done", "yes")]
    public async Task Complete_ends_it_with_an_outcome_and_what_uses_it_goes_on(string outcome, string line)
    {
        var inner = Child("Inner", FlowJson("c->never", Of("Elsa.Complete", "c", $"'outcomes':{{'typeName':'Object','expression':{{'type':'Object','value':'[\\'{outcome}\\']'}}}}".Replace("\\'", "\\\"", StringComparison.Ordinal)), Write("never"))
            .Replace("\"F\"", "\"G\"", StringComparison.Ordinal), "['Done','Refused']");
        var run = await Run(new Library(inner), "[]", "a:Refused->no a:Done->yes", Use("a", "", "Inner"), Write("no"), Write("yes")).StartAsync();

        run.ShouldBeFinished();
        Assert.Equal([line], run.Lines);
    }

    [Fact]
    public async Task Finish_within_it_ends_the_instance()
    {
        var run = await Run(new Library(Child("Inner", Of("Elsa.Finish", "f"))), "[]", "a->never", Use("a", "", "Inner"), Write("never")).StartAsync();

        run.ShouldBeFinished();
        Assert.Empty(run.Lines);
    }

    [Fact]
    public async Task It_waits_and_goes_on_and_its_variables_outlive_the_burst()
    {
        var run = await Run(new Library(Waiting()), Result, "a->w", Use("a", "'said':{'memoryReference':{'id':'r'}}", "Waiting"),
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js("getResult()")}} }""").StartAsync();

        run.ShouldBeSuspended();
        Assert.Equal("a/e", Assert.Single(run.State.Bookmarks).ActivityId);
        await run.ResumeAsync("a/e");
        run.ShouldBeFinished();
        Assert.Equal(["sebelum"], run.Lines);
    }

    [Fact]
    public async Task A_fault_within_it_is_an_incident_there_and_may_be_retried()
    {
        var run = await Run(new Library(Child("Inner", FlowJson("e->f f->z", Of("Elsa.Event", "e", "'eventName':'x'"), $$"""{"type":"Elsa.WriteLine","id":"f","text":{{Js("nobody.home")}} }""", Write("z"))
            .Replace("\"F\"", "\"G\"", StringComparison.Ordinal))), "[]", "a->w", Use("a", "", "Inner"), Write("w")).StartAsync();
        await run.ResumeAsync("a/e");

        run.ShouldBeFaulted();
        Assert.Equal(("a/f", "Workflow1:F:a:Workflow1:G:f", "script-error"),
            (run.State.Incidents[0].ActivityId, run.State.Incidents[0].ActivityNodeId, Assert.Single(run.State.Incidents).Code));
        await run.RetryAsync(run.State.Incidents[0].Id);
        Assert.Equal("a/f", Assert.Single(run.State.Incidents).ActivityId);
    }

    [Fact]
    public async Task A_missing_required_input_and_one_of_the_wrong_type_are_incidents()
    {
        var strict = Child("Strict", Write("w"), inputs: "[{'name':'N','type':'Int32','customProperties':{'required':true}}]");
        var missing = await Run(new Library(strict), "[]", "", Use("a", "", "Strict")).StartAsync();
        var wrong = await Run(new Library(strict), "[]", "", Use("a", "'n':'banyak'", "Strict")).StartAsync();

        Assert.Equal(("a", "missing-input"), (missing.State.Incidents[0].ActivityId, Assert.Single(missing.State.Incidents).Code));
        Assert.Equal(("a", "value-conversion"), (wrong.State.Incidents[0].ActivityId, Assert.Single(wrong.State.Incidents).Code));
    }

    [Fact]
    public async Task One_within_another_reads_the_nearest_input_and_cancels_with_the_outer()
    {
        var outer = Child("Outer", FlowJson("i->e", Use("i", $"'who':{Js("getInput('Who') + '!'")}"), Of("Elsa.Event", "e", "'eventName':'x'"))
            .Replace("\"F\"", "\"G\"", StringComparison.Ordinal), inputs: "[{'name':'Who','type':'String'}]");
        var run = await Run(new Library(outer, Greeting()), "[]", "", Use("a", "'who':'Budi'", "Outer")).StartAsync();

        Assert.Equal("Halo Budi!", (string?)run.State.GetOutputs("a/i")["Said"]);
        Assert.Equal("Workflow1:F:a:Workflow1:G:i:Workflow1:G:set", run.Workflow.FindNodeId("a/i/set"));
        await run.CancelAsync();
        Assert.Empty(run.State.Bookmarks);
    }

    [Fact]
    public async Task The_version_that_was_pinned_runs_and_its_number_stands_in_for_an_id_of_another_database()
    {
        var library = new Library(Child("Inner", Write("satu")), Child("Inner", Write("dua"), version: 2));
        string Pinned(string id, string more) => Of("Inner", id, "'workflowDefinitionId':'Inner'," + more);
        var run = await Run(library, "[]", "a->b b->c", Pinned("a", "'workflowDefinitionVersionId':'Inner-1','version':2"),
            Pinned("b", "'workflowDefinitionVersionId':'elsewhere','version':2"), Pinned("c", "'version':1")).StartAsync();

        Assert.Equal(["satu", "dua", "satu"], run.Lines);
    }

    [Fact]
    public void What_it_cannot_be_is_refused_by_name()
    {
        var library = new Library(
            Greeting(), Child("d1", Write("x")), Child("Ring", Use("r", "", "Other")), Child("Other", Use("o", "", "Ring")),
            Child("Closed", Write("x"), usable: "false"));

        Assert.Equal("workflow-activity-cycle", Code(Use("a", "", "d1")));
        Assert.Equal("workflow-activity-cycle", Code(Use("a", "", "Ring")));
        Assert.Equal("workflow-activity-not-found", Code(Use("a", "", "Nobody")));
        Assert.Equal("workflow-activity-not-usable", Code(Use("a", "", "Closed")));
        Assert.Equal("unknown-variable", Code(Use("a", "'said':{'memoryReference':{'id':'nobody'}}")));
        Assert.Equal("dangling-connection", Assert.Single(Validate(Flow("a:Nowhere->b", Use("a", ""), Write("b"))), p => p.Severity == ProblemSeverity.Error).Code);
        Assert.Equal("unknown-activity-type", Code(Of("Elsa.Workflows.Management.Activities.WorkflowDefinitionActivity.WorkflowDefinitionActivity", "a")));

        string Code(string root) => Assert.Single(Validate(Definition(root)), p => p.Severity == ProblemSeverity.Error).Code;
        IReadOnlyList<DefinitionProblem> Validate(WorkflowDefinition definition) => new WorkflowCompiler(library).Validate(definition);
    }

    [Fact]
    public void A_bomb_of_workflows_within_workflows_is_refused_at_once()
    {
        var bomb = Enumerable.Range(0, 12).Select(i => Child(
            "B" + i, FlowJson("", [.. Enumerable.Range(0, 10).Select(n => i == 11 ? Write("w" + n) : Use("u" + n, "", "B" + (i + 1)))]))).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problems = new WorkflowCompiler(new Library(bomb)).Validate(Definition(Use("a", "", "B0")));

        Assert.Contains(problems, p => p.Code is "too-many-activities" or "nesting-too-deep");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Theory]
    [InlineData("Sub Flow", "SubFlow")]
    [InlineData("sub-flow_two", "SubFlowTwo")]
    [InlineData("Surat 2 lembar", "Surat 2Lembar")]
    public void Its_type_is_its_name_in_elsas_writing(string name, string type) =>
        Assert.Equal(type, Parse($$"""{"definitionId":"x","name":"{{name}}","root":{{Write("w")}} }""").ActivityTypeName);

    private static EngineHarness Run(Library library, string variables, string arrows, params string[] activities) =>
        new(Definition(FlowJson(arrows, activities), variables), library: library);

    private static string Use(string id, string more, string workflow = "Greeting") =>
        Of(workflow, id, $"'workflowDefinitionId':'{workflow}','version':1{(more.Length > 0 ? "," : "")}{more}");

    private static WorkflowDefinition Greeting() => Child(
        "Greeting", $$"""
        {"type":"Elsa.Sequence","id":"G","activities":[
          {"type":"Elsa.SetVariable","id":"set","variable":{"id":"wd","name":"word"},"value":{{Js("'Halo ' + getWho()")}} },
          {"type":"Elsa.SetOutput","id":"out","outputName":"Said","outputValue":{{Js("getWord()")}} }]}
        """, variables: "[{'id':'wd','name':'word','typeName':'String'}]", inputs: "[{'name':'Who','type':'String','defaultValue':'siapa'}]",
        outputs: "[{'name':'Said','type':'String'}]");

    private static WorkflowDefinition Waiting() => Child(
        "Waiting", $$"""
        {"type":"Elsa.Sequence","id":"G","activities":[
          {"type":"Elsa.SetVariable","id":"set","variable":{"id":"wd","name":"word"},"value":"sebelum"},
          {"type":"Elsa.Event","id":"e","eventName":"x"},
          {"type":"Elsa.SetOutput","id":"out","outputName":"Said","outputValue":{{Js("getVariable('word')")}} }]}
        """, variables: "[{'id':'wd','name':'word','typeName':'String'}]", outputs: "[{'name':'Said','type':'String'}]");

    private static WorkflowDefinition Child(
        string id, string root, string outcomes = "[]", string variables = "[]", string inputs = "[]", string outputs = "[]", int version = 1, string usable = "true") =>
        Parse($$"""
        {"id":"{{id}}-{{version}}","definitionId":"{{id}}","name":"{{id}}","version":{{version}},"options":{"usableAsActivity":{{usable}}},
        "variables":{{variables.Replace('\'', '"')}},"inputs":{{inputs.Replace('\'', '"')}},"outputs":{{outputs.Replace('\'', '"')}},"outcomes":{{outcomes.Replace('\'', '"')}},"root":{{root}} }
        """);
}

/// <summary>Published definitions at hand.</summary>
internal sealed class Library(params WorkflowDefinition[] definitions) : IWorkflowLibrary
{
    public WorkflowDefinition? Find(WorkflowReference reference) =>
        definitions.FirstOrDefault(d => d.DefinitionId == reference.DefinitionId && d.Id == reference.VersionId)
        ?? definitions.FirstOrDefault(d => d.DefinitionId == reference.DefinitionId && d.Version == reference.Version);
}
