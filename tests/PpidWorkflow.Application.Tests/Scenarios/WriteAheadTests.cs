using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>A step of thousands of rows has some of them written while it composes the rest, and is all or nothing as any other (design.md §2.2).</summary>
public class WriteAheadTests
{
    [Fact]
    public async Task A_question_waits_for_the_rows_that_were_handed_over_and_finds_them()
    {
        await using var office = await Office.OpenAsync();

        var result = await office.RunManyAsync<int>(async db =>
        {
            Append(db, "first", 3_000);
            await db.Ahead!.HandOverAsync(db, default);
            Append(db, "second", 3_000);
            return await db.ServiceFacts.CountAsync(f => f.Name.StartsWith("first"));
        });

        Assert.Equal(3_000, result.Value);
        Assert.Equal(6_000, await StoredAsync(office));
    }

    [Fact]
    public async Task A_step_that_is_refused_or_breaks_after_it_handed_over_rows_stores_none()
    {
        await using var office = await Office.OpenAsync();

        var refused = await office.RunManyAsync<int>(async db =>
        {
            Append(db, "refused", 3_000);
            await db.Ahead!.HandOverAsync(db, default);
            return Problem.Conflict("already-claimed");
        });
        await Assert.ThrowsAsync<InvalidCastException>(() => office.RunManyAsync<int>(async db =>
        {
            Append(db, "broken", 3_000);
            await db.Ahead!.HandOverAsync(db, default);
            throw new InvalidCastException();
        }));

        Assert.Equal("already-claimed", refused.Problems.Single().Code);
        Assert.Equal(0, await StoredAsync(office));
    }

    [Fact]
    public async Task A_row_handed_over_that_somebody_else_has_changed_refuses_the_whole_step()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();

        var result = await office.RunManyAsync<int>(async db =>
        {
            var clock = await db.StepClocks.AsNoTracking().SingleAsync();
            clock.NextFireAt = null;
            db.Bulk!.Change(clock, clock.Revision - 1, ClockKeeper.Advanced);
            await db.Ahead!.HandOverAsync(db, default);
            Append(db, "rest", 10);
            return 1;
        });

        Assert.Equal("stale-revision", result.Problems.Single().Code);
        Assert.Equal(0, await StoredAsync(office));
        Assert.NotNull((await office.RowsAsync(db => db.StepClocks.AsNoTracking().SingleAsync())).NextFireAt);
    }

    [Fact]
    public async Task Rungs_of_one_case_in_several_parts_of_a_burst_are_linked_in_their_order()
    {
        await using var office = await Office.OpenAsync();
        // Three rungs each, in the order of their instants over all clocks: more than the parts of a burst have room for.
        const int Many = 90;
        for (var i = 0; i < Many; i++)
            await office.OpenCaseAsync();

        await office.AdvanceAsync(TimeSpan.FromDays(1));

        var fires = await office.RowsAsync(db => db.FireRecords.AsNoTracking().ToListAsync());
        Assert.Equal(3 * Many, fires.DistinctBy(f => (f.ClockId, f.Rung, f.Repetition)).Count());
        Assert.Equal(3 * Many, fires.Count);
        Assert.Equal(3 * Many, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "rung-fired")));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task On_PostgreSql_thousands_of_rows_are_not_written_by_plans_that_were_made_for_a_few()
    {
        await using var office = await Office.OpenAsync();
        Assert.SkipUnless(await office.RowsAsync(db => Task.FromResult(db.Database.IsNpgsql())), "Other databases plan each statement for what it is given.");

        var within = await office.RunManyAsync<string>(async db => await PlansAsync(db));

        Assert.Equal("force_custom_plan", within.Value);
        Assert.Equal("auto", await office.RowsAsync(PlansAsync));

        static async Task<string> PlansAsync(PpidDbContext db) =>
            (await db.Database.SqlQueryRaw<string>("SELECT current_setting('plan_cache_mode') AS \"Value\"").ToListAsync()).Single();
    }

    private static void Append(PpidDbContext db, string name, int count)
    {
        for (var i = 0; i < count; i++)
            db.Append(new ServiceFact { Name = $"{name}-{i}", Value = "1" });
    }

    private static Task<int> StoredAsync(Office office) => office.RowsAsync(db => db.ServiceFacts.CountAsync(f => f.Value == "1"));
}
