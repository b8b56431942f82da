using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Tests.Expressions;

public class TimeLimitTests
{
    [Theory]
    [InlineData(60, 0.2, false)] // stood still
    [InlineData(0.9, 5, false)] // others worked
    [InlineData(1.1, 1.1, true)]
    public void It_is_over_when_the_time_has_gone_by_and_was_worked(double wall, double worked, bool isOver)
    {
        var (clock, processor) = (new FakeTimeProvider(), TimeSpan.FromHours(1));
        var limit = new TimeLimit(clock, () => processor);
        clock.Advance(TimeSpan.FromSeconds(wall));
        processor += TimeSpan.FromSeconds(worked);

        Assert.Equal(isOver, limit.IsOver);
    }
}
