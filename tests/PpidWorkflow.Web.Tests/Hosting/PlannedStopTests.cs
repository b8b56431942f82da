using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PpidWorkflow.Application.Persistence;
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
        Task<int> RecordsAsync() => service.InScopeAsync<PpidDbContext, int>(db => db.AuditRecords.CountAsync(r => r.Action == PlannedStop.Action));
        var before = await RecordsAsync();

        await Task.WhenAll(host.StopAsync(TestContext.Current.CancellationToken), host.StopAsync(TestContext.Current.CancellationToken));

        Assert.Equal(before + 1, await RecordsAsync());
    }
}
