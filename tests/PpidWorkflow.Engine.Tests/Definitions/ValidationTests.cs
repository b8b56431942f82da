using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Tests.Activities;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Definitions;

public class ValidationTests
{
    [Theory]
    [InlineData("unknown-activity-type", "Elsa.NoSuchThing")]
    [InlineData("forbidden-activity-type", "Elsa.RunCSharp")]
    [InlineData("forbidden-activity-type", "Elsa.RunPython")]
    [InlineData("forbidden-activity-type", "Elsa.SendHttpRequest")]
    [InlineData("forbidden-activity-type", "Elsa.HttpEndpoint")]
    public void A_type_outside_the_catalog_is_refused(string code, string type)
    {
        var problem = Assert.Single(Problems(Flow("a->x", Write("a"), Of(type, "x"))), p => p.Code == code);

        Assert.Equal("x", problem.ActivityId);
        Assert.Throws<DefinitionInvalidException>(() => new WorkflowCompiler().Compile(Flow("", Of(type, "x"))));
    }

    [Theory]
    [InlineData("unknown-expression-type", "'text':{'typeName':'String','expression':{'type':'CSharp','value':'1'}}")]
    [InlineData("expression-syntax-error", "'text':{'typeName':'String','expression':{'type':'JavaScript','value':'1 +'}}")]
    [InlineData("expression-syntax-error", "'text':{'typeName':'String','expression':{'type':'Object','value':'{'}}")]
    [InlineData("unknown-variable", "'text':{'typeName':'String','expression':{'type':'Variable','value':'nope'}}")]
    [InlineData("unknown-variable", "'text':{'typeName':'String','expression':{'type':'JavaScript','value':'getVariable(`nope`)'}}")]
    [InlineData("missing-workflow-input", "'text':{'typeName':'String','expression':{'type':'Input','value':'nope'}}")]
    [InlineData("missing-workflow-input", "'text':{'typeName':'String','expression':{'type':'JavaScript','value':'getInput(`nope`)'}}")]
    public void A_bad_expression_names_its_activity(string code, string text) =>
        Assert.Equal("w", Assert.Single(Problems(Definition(Of("Elsa.WriteLine", "w", text))), p => p.Code == code).ActivityId);

    [Theory]
    [InlineData("dangling-connection", "a->nobody")]
    [InlineData("dangling-connection", "a:Maybe->b")]
    [InlineData("missing-start", "a->b b->a")]
    [InlineData("endless-loop", "s->a a->b b->a")]
    [InlineData("unreachable-step", "s->a")]
    public void A_broken_drawing_is_refused(string code, string arrows)
    {
        string[] activities = arrows.StartsWith('s') ? [Of("Elsa.Start", "s"), Write("a"), Write("b")] : [Write("a"), Write("b")];

        Assert.Contains(code, Problems(Flow(arrows, activities)).Select(p => p.Code));
    }

    [Fact]
    public void A_loop_that_decides_or_waits_is_fine()
    {
        var decides = Flow("s->a a->d d:True->a d:False->e", Of("Elsa.Start", "s"), Write("a"), Of("Elsa.FlowDecision", "d"), Write("e"));

        Assert.Empty(Problems(decides));
        Assert.Empty(Problems(Flow(SopFlow.Arrows, SopFlow.Steps)));
    }

    [Fact]
    public void An_unreachable_step_is_an_error_only_where_a_person_would_miss_it()
    {
        var problems = Problems(Flow("s->a", Of("Elsa.Start", "s"), Write("a"), Write("b"), SopFlow.Step("Ppid.SopStep", "s9", "R", null, "5")));

        Assert.Equal(ProblemSeverity.Warning, problems.Single(p => p.ActivityId == "b").Severity);
        Assert.Equal(ProblemSeverity.Error, problems.Single(p => p.ActivityId == "s9").Severity);
    }

    [Theory]
    [InlineData("step-without-role", "", "15", "")]
    [InlineData("step-without-standard", "R", "null", "")]
    [InlineData("step-without-standard", "R", "0", "")]
    [InlineData("step-without-standard", "R", "\"P1D\"", "")]
    [InlineData("step-without-standard", "R", "\"soon\"", "")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':[{'at':'80','to':['assignee']}]")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':[{'at':'80%','to':[]}]")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':[{'at':'80%','to':['somebody']}]")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':[{'at':'80%','to':['mailbox:nobody']}]")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':[{'at':'80%','to':['assignee'],'every':'0'}]")]
    [InlineData("ladder-invalid", "R", "5", ",'escalation':'nonsense'")]
    [InlineData("step-not-literal", "R", "5", ",'remarks':{'typeName':'String','expression':{'type':'JavaScript','value':'1'}}")]
    public void A_step_must_say_who_and_how_long(string code, string role, string minutes, string more)
    {
        var problem = Assert.Single(Problems(Definition(SopFlow.Step("Ppid.SopStep", "s1", role, null, minutes, more))));

        Assert.Equal((code, "s1"), (problem.Code, problem.ActivityId));
        Assert.Contains("s1", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s->s1 s1->s2 s2->s1")]
    [InlineData("s->s1 s1->s2 s2->s2")]
    [InlineData("s->s1 s1->s2 s2->d d:True->s1 d:False->s2")]
    public void A_flow_of_steps_that_never_comes_to_an_end_is_refused(string arrows)
    {
        var problems = Problems(Flow(
            arrows, Of("Elsa.Start", "s"), SopFlow.Step("Ppid.SopStep", "s1", "R", null, "5"), SopFlow.Step("Ppid.SopStep", "s2", "R", null, "5"),
            Of("Elsa.FlowDecision", "d")));

        Assert.Equal(ProblemSeverity.Error, Assert.Single(problems, p => p.Code == "sop-without-end").Severity);
    }

    [Theory]
    [InlineData("s->s1 s1->s2 s2:Returned->s1")]
    [InlineData("s->s1 s1->s2 s2:Returned->s2 s2->d d:True->e d:False->s1")]
    [InlineData("s->s1 s1->s2 s2->d d:True->s1")]
    public void A_loop_of_steps_that_some_outcome_leaves_is_fine(string arrows) => Assert.DoesNotContain(
        Problems(Flow(
            arrows, Of("Elsa.Start", "s"), SopFlow.Step("Ppid.SopStep", "s1", "R", null, "5"), SopFlow.Step("Ppid.SopStep", "s2", "R", null, "5"),
            Of("Elsa.FlowDecision", "d"), Of("Elsa.End", "e"))),
        p => p.Severity == ProblemSeverity.Error);

    [Fact]
    public void Steps_in_a_circle_have_no_start() => Assert.Contains(
        "missing-start",
        Problems(Flow("s1->s2 s2->s1", SopFlow.Step("Ppid.SopStep", "s1", "R", null, "5"), SopFlow.Step("Ppid.SopStep", "s2", "R", null, "5"))).Select(p => p.Code));

    [Theory]
    [InlineData("expression-syntax-error", "s->w", "{'type':'Elsa.WriteLine','id':'w','text':{'typeName':'String','expression':{'type':'JavaScript','value':'1 +'}}")]
    [InlineData("unknown-expression-type", "s->w", "{'type':'Elsa.WriteLine','id':'w','text':{'typeName':'String','expression':{'type':'Python','value':'1'}}")]
    [InlineData("missing-workflow-input", "s->w", "{'type':'Elsa.WriteLine','id':'w','text':{'typeName':'String','expression':{'type':'Input','value':'nope'}}")]
    [InlineData("unknown-activity-type", "s->w", "{'type':'Elsa.Teleport','id':'w'")]
    [InlineData("unreachable-step", "", "{'type':'Ppid.SopStep','id':'w','performerRole':'R','standardTime':5")]
    [InlineData("dangling-connection", "s->w w:Maybe->s", "{'type':'Elsa.WriteLine','id':'w','text':'x'")]
    [InlineData("dangling-connection", "s->w w->nobody", "{'type':'Elsa.WriteLine','id':'w','text':'x'")]
    [InlineData("dangling-connection", "s->w nobody->w", "{'type':'Elsa.WriteLine','id':'w','text':'x'")]
    [InlineData("endless-loop", "s->w w->w", "{'type':'Elsa.WriteLine','id':'w','text':'x'")]
    [InlineData("step-without-role", "s->w", "{'type':'Ppid.SopStep','id':'w','standardTime':5")]
    [InlineData("step-without-standard", "s->w", "{'type':'Ppid.SopStep','id':'w','performerRole':'R'")]
    [InlineData("sop-without-end", "s->w w->w", "{'type':'Ppid.SopStep','id':'w','performerRole':'R','standardTime':5")]
    public void A_problem_names_its_activity_by_the_text_on_its_box(string code, string arrows, string activity)
    {
        var named = activity.Replace('\'', '"') + """,'metadata':{'displayText':'2. Menyiapkan berkas'}}""".Replace('\'', '"');

        var problem = Assert.Single(Problems(Flow(arrows, Of("Elsa.Start", "s"), named)), p => p.Code == code);

        Assert.Equal("w", problem.ActivityId);
        Assert.Contains("\"2. Menyiapkan berkas\"", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_5000_letters_is_cut_in_messages()
    {
        var step = $$"""{"type":"Ppid.SopStep","id":"w","standardTime":5,"metadata":{"displayText":"{{new string('x', 5000)}}"} }""";

        Assert.InRange(Assert.Single(Problems(Flow("s->w", Of("Elsa.Start", "s"), step))).Message.Length, 100, 250);
    }

    [Fact]
    public void Ids_are_unique_and_types_of_variables_known()
    {
        Assert.Contains("duplicate-activity-id", Problems(Flow("", Write("a"), Write("a"))).Select(p => p.Code));
        Assert.Contains("unknown-type", Problems(Definition(Write("a"), "[{'id':'v','name':'v','typeName':'System.Diagnostics.Process'}]")).Select(p => p.Code));
        Assert.Contains("invalid-variable-value", Problems(Definition(Write("a"), "[{'id':'v','name':'v','typeName':'Int32','value':'x'}]")).Select(p => p.Code));
    }

    [Theory]
    [MemberData(nameof(AllFixtures))]
    public void What_Elsa_wrote_is_valid(string path) =>
        Assert.DoesNotContain(Problems(Read(path)), p => p.Severity == ProblemSeverity.Error);

    public static TheoryData<string> AllFixtures { get; } = new(
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "elsa"), "*.json", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is "exports" or "graphs" && !f.Contains("instance", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "elsa"), f)));

    private static IReadOnlyList<DefinitionProblem> Problems(WorkflowDefinition definition) => new WorkflowCompiler().Validate(definition);
}
