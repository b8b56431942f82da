using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Verbs.Bench;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>What fills the database of <c>bench inbox</c>.</summary>
public class CaseMillTests
{
    [Fact]
    public async Task Copies_are_made_while_the_service_keeps_its_connections_open()
    {
        await using var office = await BenchOffice.OpenAsync("Sqlite", null);
        var mill = new CaseMill(office);
        var finished = await mill.WalkAsync("2", null);
        await mill.StaffAsync();

        // It had waited for ever for a journal that no other connection may be using.
        await mill.FinishAsync(finished, 7, isLean: false).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        // With the one that every such office opens.
        Assert.Equal(9, await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().Cases.CountAsync()));
        Assert.Equal(9, await office.InScopeAsync(s => s.GetRequiredService<PpidDbContext>().WorkItems.Select(w => w.Case!.Number).Distinct().CountAsync()));
    }
}
