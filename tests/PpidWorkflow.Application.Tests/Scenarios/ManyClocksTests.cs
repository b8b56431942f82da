using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// A changed calendar and an annulled outage concern all that is open: few rows at a time are in memory, and all of them are in one commit (issue 4).
/// </summary>
public class ManyClocksTests
{
    /// <summary>More than two pages; a figure for more of them: PPID_TEST_CLOCKS=20000.</summary>
    private static readonly int Many = int.TryParse(Environment.GetEnvironmentVariable("PPID_TEST_CLOCKS"), out var asked) ? asked : 1_100;

    private static readonly ClosedDayForm Flood = new() { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" };

    [Fact]
    public async Task A_changed_calendar_moves_clocks_and_mails_page_by_page_in_one_commit()
    {
        await using var office = await OfficeWithOutageAsync();
        await AddWaitingMailsAsync(office);
        var before = await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.DueAt));

        var previewed = await WatchedAsync<CalendarDesk, CalendarOutcome>(office, d => d.AddDayAsync(office["admin"], Flood, new CalendarAsk { Preview = true }));

        Assert.Equal((Many + 1, false), (previewed.Outcome.MovedCount, previewed.Outcome.Applied));
        Assert.InRange(previewed.Most, 1, Rederivation.Page);
        Assert.Equal(before, await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.DueAt)));

        var closed = await WatchedAsync<CalendarDesk, CalendarOutcome>(office, d => d.AddDayAsync(office["admin"], Flood, new CalendarAsk()));

        Assert.Equal(Many + 1, closed.Outcome.MovedCount);
        Assert.InRange(closed.Most, 1, Rederivation.Page);
        // The day's outage is worth nothing any more, and the standard begins on the day after.
        var clocks = await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToListAsync());
        Assert.All(clocks, clock => Assert.Equal((0L, Wib.At("2026-11-24 07:35")), (clock.CreditedMs, clock.DueAt)));
        Assert.Equal(Many + 1, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.Kind == "rederived" && e.Reason!.Contains("Banjir"))));
        Assert.Equal(Many, await office.RowsAsync(db => db.Outbox.CountAsync(m => m.NextAttemptAt == Wib.At("2026-11-24 07:30"))));

        var opened = await WatchedAsync<CalendarDesk, CalendarOutcome>(
            office, d => d.WithdrawDayAsync(office["admin"], closed.Outcome.Edits[0].Id, "Salah tanggal", new CalendarAsk()));

        Assert.Equal(Many + 1, opened.Outcome.MovedCount);
        Assert.Equal(before, await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.DueAt)));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task An_annulled_outage_is_taken_back_page_by_page_in_one_commit()
    {
        await using var office = await OfficeWithOutageAsync();
        var outage = await office.RowsAsync(db => db.Outages.AsNoTracking().SingleAsync());

        var annulled = await WatchedAsync<OutageDesk, OutageView>(office, d => d.AnnulAsync(office["admin"], outage.Id, "Uji jaringan"));

        Assert.Equal(Many + 1, annulled.Outcome.Clocks);
        Assert.InRange(annulled.Most, 1, Rederivation.Page);
        Assert.Equal(Many + 1, await office.RowsAsync(db => db.StepClocks.CountAsync(c => c.CreditedMs == 0 && c.ConsumedMs == 0)));
        Assert.Equal(Many + 1, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.OutageId == outage.Id && e.CreditMs < 0)));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task What_fails_on_the_last_page_leaves_nothing_of_the_first()
    {
        await using var office = await OfficeWithOutageAsync();
        var outage = await office.RowsAsync(db => db.Outages.AsNoTracking().SingleAsync());
        var before = await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.Revision));
        var last = await office.RowsAsync(db => db.StepClocks.OrderByDescending(c => c.Id).Select(c => c.Id).FirstAsync());
        await office.RowsAsync(db => db.StepClocks.Where(c => c.Id == last).ExecuteUpdateAsync(set => set.SetProperty(c => c.Escalation, "[{")));

        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(
            d => d.AddDayAsync(office["admin"], Flood, new CalendarAsk())));
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => office.AskAsync<OutageDesk, Result<OutageView>>(
            d => d.AnnulAsync(office["admin"], outage.Id, "Uji jaringan")));

        Assert.Equal(before, await office.RowsAsync(db => db.StepClocks.AsNoTracking().ToDictionaryAsync(c => c.Id, c => c.Revision)));
        Assert.Equal(0, await office.RowsAsync(db => db.ClosedDays.CountAsync(d => d.Name == "Banjir")));
        Assert.Null((await office.RowsAsync(db => db.Outages.AsNoTracking().SingleAsync())).AnnulledAt);
    }

    [Fact]
    public async Task A_reason_that_no_database_can_keep_refuses_the_report_though_parts_of_it_are_written()
    {
        await using var office = await OfficeWithOutageAsync();

        var refused = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:04", To = "2026-11-23T08:05", Reason = "Listrik\0padam" }));

        Assert.Equal(("text-not-storable", "reason"), (refused.Problems.Single().Code, refused.Problems.Single().Field));
        Assert.Equal(1, await office.RowsAsync(db => db.Outages.CountAsync()));
    }

    // Steps received at eight, credited with the three minutes from then on, at six minutes past eight.
    private static async Task<Office> OfficeWithOutageAsync()
    {
        var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        await office.OpenCaseAsync();
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        await office.AddClocksAsync(Many);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        office.Time.Advance(TimeSpan.FromMinutes(3));
        var reported = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:00", To = "2026-11-23T08:03", Reason = "Listrik padam" }));
        Assert.Equal(Many + 1, reported.Value.Clocks);
        office.Time.Advance(TimeSpan.FromMinutes(3));
        return office;
    }

    // Alerts put off until the office opens, as after hours.
    private static Task<int> AddWaitingMailsAsync(Office office) => office.RowsAsync(async db =>
    {
        var one = await db.Outbox.AsNoTracking().FirstAsync(m => m.Template == "task");
        var now = office.Time.GetUtcNow();
        db.Outbox.AddRange(Enumerable.Range(0, Many).Select(n => new OutboxMessage
        {
            Id = Guid.CreateVersion7(now),
            MessageId = $"{n}@ppid.example",
            Template = one.Template,
            SopSlug = one.SopSlug,
            Model = one.Model,
            ToAddress = one.ToAddress,
            ToName = one.ToName,
            CaseId = one.CaseId,
            WorkItemId = one.WorkItemId,
            CreatedAt = now,
            NextAttemptAt = now.AddHours(1),
            State = OutboxState.Pending,
            LastError = NightRest.Waits
        }));
        return await db.SaveChangesAsync();
    });

    // With the most rows of one kind that were in memory at once.
    private static Task<(T Outcome, int Most)> WatchedAsync<TDesk, T>(Office office, Func<TDesk, Task<Result<T>>> act) where TDesk : notnull =>
        office.InScopeAsync(async scope =>
        {
            var (db, most, seen) = (scope.Get<PpidDbContext>(), 0, 0);
            db.ChangeTracker.Tracked += (_, _) =>
            {
                // Counting them is a walk of its own.
                if (++seen % 50 == 0)
                    most = Math.Max(most, db.ChangeTracker.Entries().GroupBy(e => e.Metadata.ClrType).Max(kind => kind.Key == typeof(ClockEvent) ? 0 : kind.Count()));
            };
            var began = System.Diagnostics.Stopwatch.StartNew();
            var result = await act(scope.Get<TDesk>());
            TestContext.Current.TestOutputHelper?.WriteLine($"{typeof(TDesk).Name}, {Many} clocks: {began.ElapsedMilliseconds} ms");
            Assert.True(result.Succeeded, string.Join(", ", result.Problems.Select(p => p.Code)));
            return (result.Value, most);
        });

    private static async Task AssertWholeAsync(Office office)
    {
        var violated = await office.ViolatedAsync();
        foreach (var name in (string[])["outages-are-credited", "audit-chains", "cached-instants"])
            Assert.DoesNotContain(name, violated);
    }
}
