using System.Text;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Definitions;

[Collection(nameof(Alone))]
public class HostileDefinitionTests
{
    private const string Ok = """{"type":"Elsa.WriteLine","id":"w"}""";

    [Theory]
    [InlineData("definition-malformed", "")]
    [InlineData("definition-malformed", "{")]
    [InlineData("definition-malformed", "[]")]
    [InlineData("definition-malformed", "null")]
    [InlineData("definition-malformed", "{\"id\":\"x\"}")]
    [InlineData("definition-malformed", "{\"root\":{\"type\":\"A\",\"type\":\"B\"}}")]
    [InlineData("definition-malformed", "{\"root\":{\"type\":3}}")]
    [InlineData("definition-reference", "{\"root\":{\"type\":\"Elsa.Sequence\",\"id\":\"s\",\"activities\":[{\"$ref\":\"1\"}]}}")]
    public void What_is_no_definition_is_refused_with_a_code(string code, string json) =>
        Assert.Equal(code, Refusal(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Fifty_megabytes_are_refused_without_reading_them()
    {
        var bytes = new byte[50 * 1024 * 1024];

        Cheaply(() => Assert.Equal("definition-too-large", Refusal(bytes)), 5);
    }

    [Theory]
    [InlineData(65)]
    [InlineData(10_000)]
    [InlineData(2_000_000)]
    public void Deep_nesting_is_refused_before_anything_is_built(int depth) => Cheaply(() =>
        Assert.Equal("definition-too-deep", Refusal(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", depth))))), 32);

    [Fact]
    public void Activities_may_not_nest_without_end()
    {
        var root = Ok;
        for (var i = 0; i < 17; i++)
            root = $$"""{"type":"Elsa.FlowNode","id":"n{{i}}","body":{{root}} }""";

        Assert.Contains("nesting-too-deep", Codes(Definition(root)));
    }

    [Fact]
    public void A_huge_flowchart_is_refused_quickly()
    {
        var activities = Enumerable.Range(0, 30_000).Select(i => Write($"a{i}")).ToArray();
        var definition = Flow(string.Join(' ', Enumerable.Range(0, 20_000).Select(i => $"a{i}->a{i + 1}")), activities);

        Cheaply(() => Assert.Contains("too-many-activities", Codes(definition)), 60);
    }

    [Fact]
    public void A_dense_flowchart_is_checked_quickly()
    {
        var arrows = from i in Enumerable.Range(0, 70) from j in Enumerable.Range(0, 70) where i != j select $"a{i}->a{j}";
        var definition = Flow(string.Join(' ', arrows), [.. Enumerable.Range(0, 70).Select(i => Write($"a{i}"))]);

        Cheaply(() => Assert.Contains("endless-loop", Codes(definition)), 20);
    }

    private static void Cheaply(Action action, long megabytes) => Alone.CostsAtMostAsync(megabytes, () =>
    {
        action();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    private static string Refusal(byte[] json) => Assert.Single(Assert.Throws<DefinitionInvalidException>(() => DefinitionReader.Read(json)).Problems).Code;
    private static IEnumerable<string> Codes(WorkflowDefinition definition) => new WorkflowCompiler().Validate(definition).Select(p => p.Code);
}
