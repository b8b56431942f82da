using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Flowchart;

/// <summary>
/// Where a flowchart begins. Elsa's own <c>start</c> is for workflows written in code: what reads and writes definitions there
/// (FlowchartJsonConverter) has passed over it since 3.0.0, and so does this engine, but for keeping it and telling the author.
/// </summary>
public class StartOfAFlowchartTests
{
    [Theory]
    [InlineData("'b'")]
    [InlineData("{'id':'b','type':'Elsa.WriteLine'}")]
    [InlineData("'nobody'")]
    public async Task A_start_in_the_definition_is_kept_and_not_followed(string start)
    {
        var definition = WithStart(start);
        var run = await new EngineHarness(definition).StartAsync();

        Assert.Equal(["a", "b"], run.Lines);
        var problem = Assert.Single(new WorkflowCompiler().Validate(definition));
        Assert.Equal(("start-not-used", "F", ProblemSeverity.Warning), (problem.Code, problem.ActivityId, problem.Severity));
        var written = DefinitionWriter.Write(definition);
        Assert.Equal(written, DefinitionWriter.Write(DefinitionReader.Read(written)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(start.Replace('\'', '"')), JsonNode.Parse(written)!["root"]!["start"]));
    }

    [Theory]
    [InlineData("'a'")]
    [InlineData("null")]
    public void A_start_that_says_what_the_drawing_says_is_nobody_s_mistake(string start) =>
        Assert.Empty(new WorkflowCompiler().Validate(WithStart(start)));

    private static WorkflowDefinition WithStart(string start) =>
        Definition(FlowJson("a->b", Write("a"), Write("b"))[..^1] + $",'start':{start}}}");
}
