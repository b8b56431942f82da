using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Timing;


public class CronTests
{
    [Theory]
    [InlineData("0 30 1 * * *", "2026-11-23T01:30:00Z")]
    [InlineData("*/10 * * * * *", "2026-11-23T01:00:10Z")]
    [InlineData("0 0 1 * * *", "2026-11-24T01:00:00Z")]
    [InlineData("30 1 * * *", "2026-11-23T01:30:00Z")]
    [InlineData("0 0 0 29 2 *", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 8 * * MON-FRI", "2026-11-23T08:00:00Z")]
    public async Task It_waits_until_the_next_instant_that_fits(string cron, string due)
    {
        var run = await StartAsync(cron);

        var bookmark = Assert.Single(run.State.Bookmarks);
        Assert.Equal(("Elsa.Cron", DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture)), (bookmark.Name, bookmark.DueAt!.Value));
        await run.ResumeAsync(bookmark);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task One_that_never_fits_is_an_incident() =>
        Assert.Equal("cron-never", Assert.Single((await StartAsync("0 0 0 30 2 *")).State.Incidents).Code);

    [Theory]
    [InlineData("every day")]
    [InlineData("0 0 25 * * *")]
    [InlineData("* * * *")]
    [InlineData("")]
    public async Task What_is_none_is_refused_beforehand_and_an_incident_where_it_was_computed(string cron)
    {
        Assert.Equal(
            "expression-syntax-error",
            Assert.Single(new Engine.Definitions.WorkflowCompiler().Validate(Definition(Of("Elsa.Cron", "t", $"'cronExpression':'{cron}'")))).Code);
        Assert.Equal(
            "cron-invalid",
            Assert.Single((await new EngineHarness(Definition(Of("Elsa.Cron", "t", $"'cronExpression':{Js($"'{cron}'")}"))).StartAsync()).State.Incidents).Code);
    }

    private static Task<EngineHarness> StartAsync(string cron) =>
        new EngineHarness(Definition(Of("Elsa.Cron", "t", $"'cronExpression':'{cron}'"))).StartAsync();
}
