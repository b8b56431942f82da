using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>What a service does last.</summary>
public class PlannedStopTests
{
    [Fact]
    public async Task Stopped_by_two_at_the_same_time_it_is_recorded_once_and_both_wait_for_it()
    {
        using var service = new TestService();
        using var client = service.CreateClient();
        var host = service.Services.GetRequiredService<IHost>();
        var before = Records(service);

        await Task.WhenAll(host.StopAsync(TestContext.Current.CancellationToken), host.StopAsync(TestContext.Current.CancellationToken));

        Assert.Equal(before + 1, Records(service));
    }

    // Past the service, whose own container ends with it.
    private static long Records(TestService service)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(service.DataPath, "ppid.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM AuditRecords WHERE Action = @action";
        command.Parameters.AddWithValue("@action", PlannedStop.Action);
        return (long)command.ExecuteScalar()!;
    }
}
