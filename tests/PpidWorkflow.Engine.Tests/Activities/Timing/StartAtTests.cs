using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Timing;


public class StartAtTests
{
    [Theory]
    [InlineData("2026-11-23T08:00:01+07:00", 1)]
    [InlineData("2026-11-23T02:00:00Z", 3600)]
    [InlineData("2026-11-23T02:00:00", 3600)]
    public async Task It_waits_until_the_instant(string at, int seconds)
    {
        var run = await StartAsync($"'dateTime':'{at}'");

        var bookmark = Assert.Single(run.State.Bookmarks);
        Assert.Equal(("Elsa.StartAt", run.Now.AddSeconds(seconds), TimeSpan.Zero), (bookmark.Name, bookmark.DueAt!.Value, bookmark.DueAt.Value.Offset));
        await run.ResumeAsync(bookmark);
        run.ShouldBeFinished();
    }

    [Theory]
    [InlineData("2026-11-23T08:00:00+07:00")]
    [InlineData("2020-01-01T00:00:00Z")]
    public async Task An_instant_that_has_passed_holds_nothing_up(string at) => (await StartAsync($"'dateTime':'{at}'")).ShouldBeFinished();

    [Theory]
    [InlineData("", "missing-input")]
    [InlineData("'dateTime':'soon'", "value-conversion")]
    public async Task No_instant_is_an_incident(string at, string code) => Assert.Equal(code, Assert.Single((await StartAsync(at)).State.Incidents).Code);

    private static Task<EngineHarness> StartAsync(string inputs) => new EngineHarness(Definition(Of("Elsa.StartAt", "t", inputs))).StartAsync();
}
