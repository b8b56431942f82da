using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Tests.Expressions;

public class BuiltInNamesTests
{
    /// <summary>When this fails, Jint has become another: the right side is the new list.</summary>
    [Fact]
    public void They_are_all_that_an_engine_has()
    {
        using var engine = new Jint.Engine();

        var found = new JavaScriptGuards(engine).InstallAll();

        Assert.Equal(
            string.Join(' ', BuiltInNames.All.Order(StringComparer.Ordinal)), string.Join(' ', found.Order(StringComparer.Ordinal)));
    }
}
