using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>More is due at once than one commit takes (issue 4, "precision and load").</summary>
public class BurstTests
{
    private const int Many = 40;

    [Fact]
    public async Task What_takes_several_commits_is_fired_once_each()
    {
        await using var office = await DueAsync();

        await office.FireAsync(batch: 5);

        var fires = await office.RowsAsync(db => db.FireRecords.AsNoTracking().ToListAsync());
        Assert.Equal(3 * Many, fires.DistinctBy(f => (f.ClockId, f.Rung, f.Repetition)).Count());
        Assert.Equal(3 * Many, fires.Count);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task On_PostgreSql_two_may_ring_at_once_because_each_has_cases_of_its_own()
    {
        await using var office = await DueAsync();
        Assert.SkipUnless(await office.AskAsync<AlarmRinger, bool>(r => Task.FromResult(r.SharesCases)), "SQLite has one writer; SQL Server rings alone.");

        var served = await Task.WhenAll(RingAsync(office, 0), RingAsync(office, 1));

        Assert.All(served, half => Assert.InRange(half, 1, Many - 1));
        Assert.Equal(Many, served.Sum());
        Assert.Equal(3 * Many, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        Assert.Equal(0, await office.RowsAsync(db => db.StepClocks.CountAsync(c => c.NextFireAt != null && c.NextFireAt <= office.Time.GetUtcNow())));
        Assert.Empty(await office.ViolatedAsync());
    }

    private static Task<int> RingAsync(Office office, int half) => office.AskAsync<AlarmRinger, int>(r => r.RingRungsAsync(2 * Many, half, default));

    private static async Task<Office> DueAsync()
    {
        var office = await Office.OpenAsync();
        for (var i = 0; i < Many; i++)
            await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromDays(1));
        return office;
    }
}
