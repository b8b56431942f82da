namespace PpidWorkflow.Engine.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => Assert.Equal(4, 2 + int.Parse("2", System.Globalization.CultureInfo.InvariantCulture));
}
