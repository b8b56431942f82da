using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities;

public class PublishEventTests
{
    [Fact]
    public async Task The_burst_reports_what_was_published_and_the_journal_does_not()
    {
        var run = await StartAsync("'eventName':'arrived','correlationId':'k','payload':{'typeName':'Object','expression':{'type':'Object','value':{'secret':1}}}");

        var published = Assert.Single(run.Last.PublishedEvents);
        Assert.Equal(("arrived", "k", null, "{\"secret\":1}"), (published.Name, published.CorrelationId, published.WorkflowInstanceId, published.Payload!.ToJsonString()));
        Assert.DoesNotContain(run.Journal, e => e.Payload?.ToJsonString().Contains("secret", StringComparison.Ordinal) == true);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_local_event_is_for_this_instance_only()
    {
        var published = Assert.Single((await StartAsync("'eventName':'arrived','correlationId':' ','isLocalEvent':true")).Last.PublishedEvents);

        Assert.Equal(("inst", null, null), (published.WorkflowInstanceId, published.CorrelationId, published.Payload));
    }

    [Fact]
    public async Task A_repeated_burst_gives_the_same_id() => Assert.Equal(
        (await StartAsync("'eventName':'a'")).Last.PublishedEvents[0].Id, (await StartAsync("'eventName':'a'")).Last.PublishedEvents[0].Id);

    [Fact]
    public async Task Each_burst_reports_its_own()
    {
        var run = await new EngineHarness(Definition(Of(
            "Elsa.Sequence", "s", $"'activities':[{Publish("a")},{Of("Elsa.Event", "e", "'eventName':'go'")},{Publish("b")}]"))).StartAsync();
        Assert.Equal("a", Assert.Single(run.Last.PublishedEvents).Name);
        await run.ResumeAsync("e");

        Assert.Equal("b", Assert.Single(run.Last.PublishedEvents).Name);
    }

    [Fact]
    public async Task An_event_without_a_name_is_an_incident_and_publishes_nothing()
    {
        var run = await StartAsync("'payload':1");

        Assert.Equal("missing-input", Assert.Single(run.State.Incidents).Code);
        Assert.Empty(run.Last.PublishedEvents);
    }

    private static string Publish(string name) => Of("Elsa.PublishEvent", name, $"'eventName':'{name}'");
    private static Task<EngineHarness> StartAsync(string inputs) => new EngineHarness(Definition(Of("Elsa.PublishEvent", "p", inputs))).StartAsync();
}
