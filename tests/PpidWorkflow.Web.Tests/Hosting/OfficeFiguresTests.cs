using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PpidWorkflow.Application.Observability;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>Figures of the database for monitors: asked only when somebody looks, and never more often than they may be (issue 5, design.md §7).</summary>
public sealed class OfficeFiguresTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public async Task The_database_is_asked_when_somebody_looks_and_once_in_a_while_at_most()
    {
        using var _ = service.CreateClient();
        using var figures = Figures();
        service.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, figures.Readings);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => figures.RefreshAsync()));
        Assert.Equal(1, figures.Readings);
        service.Time.Advance(TimeSpan.FromSeconds(14));
        await figures.RefreshAsync();
        Assert.Equal(1, figures.Readings);
        service.Time.Advance(TimeSpan.FromSeconds(1));
        await figures.RefreshAsync();
        Assert.Equal(2, figures.Readings);
    }

    [Fact]
    public async Task A_broken_guarantee_is_0_and_a_database_that_cannot_be_read_is_no_figure_at_all()
    {
        using var _ = service.CreateClient();
        using var figures = Figures();
        Assert.Equal(1, Read(figures)["ppid.guarantee.healthy/one-acting-per-post"]);

        await OfFileAsync("ALTER TABLE Outbox RENAME TO OutboxLain");
        service.Time.Advance(TimeSpan.FromMinutes(2));
        var unreadable = Read(figures);
        await OfFileAsync("ALTER TABLE OutboxLain RENAME TO Outbox");
        Assert.Equal(0, unreadable["ppid.figures.up/"]);
        Assert.DoesNotContain("ppid.cases.open/", unreadable.Keys);

        await OfFileAsync("UPDATE DefinitionVersions SET Content = replace(Content, 'Ppid.HandOver', 'Ppid.Lama')");
        service.Time.Advance(TimeSpan.FromMinutes(2));
        var broken = Read(figures);
        await OfFileAsync("UPDATE DefinitionVersions SET Content = replace(Content, 'Ppid.Lama', 'Ppid.HandOver')");
        Assert.Equal((1, 0), (broken["ppid.figures.up/"], broken["ppid.guarantee.healthy/versions-sound"]));
        Assert.True(broken["ppid.guarantee.violations/versions-sound"] > 0);
    }

    [Fact]
    public async Task Without_a_token_there_is_no_page_of_metrics()
    {
        using var client = service.CreateClient();
        using var answer = await client.GetAsync("/metrics");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Null(service.Services.GetService<OfficeFigures>());
    }

    private OfficeFigures Figures() => new(
        service.Services.GetRequiredService<IServiceScopeFactory>(), service.Time, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(60),
        NullLogger<OfficeFigures>.Instance);

    // As an exporter reads: instrument and first label with the value.
    private static Dictionary<string, double> Read(OfficeFigures _)
    {
        var read = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == Metrics.MeterName && instrument.IsObservable)
                    l.EnableMeasurementEvents(instrument);
            }
        };
        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
            read[$"{instrument.Name}/{(labels.Length > 0 ? labels[0].Value : null)}"] = value;
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    private async Task OfFileAsync(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(service.DataPath, "ppid.db")};Foreign Keys=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }
}
