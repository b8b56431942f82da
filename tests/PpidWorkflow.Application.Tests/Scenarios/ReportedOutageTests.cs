using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Outages that people report and annul (issue 4): credited to who worked in them, taken back by events, never deleted.</summary>
public class ReportedOutageTests
{
    [Fact]
    public async Task A_reported_outage_credits_open_and_closed_steps()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        await office.CompleteOpenAsync(id);
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(15, (await office.CaseAsync(id)).Steps[0].LateMinutes);

        var outage = await ReportAsync(office, "2026-11-23T08:02", "2026-11-23T08:25");

        Assert.Equal((2, 23.0, "reported", "Listrik padam"), (outage.Value.Clocks, outage.Value.Minutes, outage.Value.Kind, outage.Value.Reason));
        var steps = (await office.CaseAsync(id)).Steps;
        Assert.Equal((2.0, 0.0, 18.0), (steps[0].WaitingMinutes, steps[0].LateMinutes, Assert.Single(steps[0].Credits).Minutes));
        Assert.Equal((5.0, 5.0, At(8, 40)), (steps[1].WaitingMinutes, Assert.Single(steps[1].Credits).Minutes, steps[1].DueAt!.Value));
        await AssertWholeAsync(office);

        var annulled = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], outage.Value.Id, "Salah jam"));

        Assert.True(annulled.Succeeded);
        steps = (await office.CaseAsync(id)).Steps;
        Assert.Equal((20.0, 15.0, 0), (steps[0].WaitingMinutes, steps[0].LateMinutes, steps[0].Credits.Count));
        Assert.Equal((10.0, At(8, 35)), (steps[1].WaitingMinutes, steps[1].DueAt!.Value));
        Assert.Equal(4, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.OutageId == outage.Value.Id)));
        var listed = Assert.Single((await office.AskAsync<OutageDesk, Result<Page<OutageView>>>(d => d.ListAsync(office["auditor"], null, 50))).Value.Items);
        Assert.Equal((0.0, "Salah jam", "admin"), (listed.Minutes, listed.AnnulledReason, listed.AnnulledBy));
        await AssertWholeAsync(office);
    }

    /// <summary>Paused from 08.05 to 08.20, away from 08.03 to 08.22: two minutes before the pause and two after it, and none within.</summary>
    [Theory]
    [InlineData(false, 34)]
    [InlineData(true, 32)]
    public async Task Of_an_outage_that_overlaps_a_pause_only_what_lies_outside_of_it_is_credited(bool isReportedWithinThePause, int dueMinute)
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        var task = await office.WalkToAsync(id, "2");
        office.Time.AdjustTime(At(8, 5));
        await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Menunggu berkas"));
        if (isReportedWithinThePause)
        {
            office.Time.AdjustTime(At(8, 12));
            Assert.Equal((1, 2.0), await ReportAsync("2026-11-23T08:03", "2026-11-23T08:10"));
        }
        office.Time.AdjustTime(At(8, 20));
        task = await office.OpenTaskAsync(id);
        await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, task.Revision, null));
        office.Time.AdjustTime(At(8, 25));
        if (!isReportedWithinThePause)
            Assert.Equal((1, 4.0), await ReportAsync("2026-11-23T08:03", "2026-11-23T08:22"));

        var step = (await office.CaseAsync(id)).Steps[1];

        Assert.Equal(At(8, dueMinute), step.DueAt);
        Assert.Equal(15.0, Assert.Single(step.Pauses).WorkingMinutes);
        await AssertWholeAsync(office);

        // Step 1 was done at 08.00 and has nothing of it.
        async Task<(int Clocks, double Minutes)> ReportAsync(string from, string to)
        {
            var outage = (await ReportedOutageTests.ReportAsync(office, from, to)).Value;
            return (outage.Clocks, outage.Minutes);
        }
    }

    [Fact]
    public async Task What_an_annulled_outage_shared_with_another_is_credited_to_that_one()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        office.Time.Advance(TimeSpan.FromMinutes(40));
        var first = await ReportAsync(office, "2026-11-23T08:00", "2026-11-23T08:20");
        var second = await ReportAsync(office, "2026-11-23T08:10", "2026-11-23T08:30");
        Assert.Equal((20.0, 10.0), (first.Value.Minutes, second.Value.Minutes));

        await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], first.Value.Id, "Bukan gangguan"));

        Assert.Equal(20 * 60_000L, await office.RowsAsync(db => db.StepClocks.Where(c => c.State == ClockState.Running).Select(c => c.CreditedMs).SingleAsync()));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task What_is_taken_back_from_a_closed_step_is_what_it_was_given_though_the_hours_changed_meanwhile()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        office.Time.Advance(TimeSpan.FromMinutes(20));
        await office.CompleteOpenAsync(id);
        office.Time.Advance(TimeSpan.FromMinutes(10));
        var outage = await ReportAsync(office, "2026-11-23T08:02", "2026-11-23T08:12");
        Assert.Equal(5.0, (await office.CaseAsync(id)).Steps[0].LateMinutes);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        Assert.True((await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" }, new CalendarAsk()))).Succeeded);

        Assert.Null(await AnnulAsync(office, "admin", outage.Value.Id, "Salah jam"));

        var step = (await office.CaseAsync(id)).Steps[0];
        Assert.Equal((20.0, 15.0), (step.WaitingMinutes, step.LateMinutes));
        await AssertWholeAsync(office);
    }

    [Theory]
    [InlineData("2026-11-23T08:20", "2026-11-23T08:10", "Listrik padam", "outage-ends-before-it-begins", "to")]
    [InlineData("2026-11-23T08:20", "2026-11-23T08:20", "Listrik padam", "outage-ends-before-it-begins", "to")]
    [InlineData("2026-11-23T08:20", "2026-11-23T09:10", "Listrik padam", "outage-not-over", "to")]
    [InlineData("2026-10-01T08:20", "2026-11-23T08:10", "Listrik padam", "outage-too-long", "to")]
    [InlineData("2024-11-23T08:20", "2024-11-23T08:30", "Listrik padam", "outage-too-old", "from")]
    [InlineData("kemarin", "2026-11-23T08:30", "Listrik padam", "outage-instant-invalid", "from")]
    [InlineData("2026-11-23T08:20", "9999-12-31T23:59", "Listrik padam", "outage-instant-invalid", "to")]
    [InlineData("", "2026-11-23T08:30", "Listrik padam", "outage-instant-required", "from")]
    [InlineData("2026-11-23T08:20", "2026-11-23T08:30", " ", "reason-required", "reason")]
    public async Task A_report_that_cannot_be_is_refused_by_field(string from, string to, string reason, string code, string field)
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(40));

        var refused = await ReportAsync(office, from, to, reason);

        Assert.Equal((code, field), (refused.Problems[0].Code, refused.Problems[0].Field));
        Assert.Equal(0, await office.RowsAsync(db => db.Outages.CountAsync()));
        Assert.Equal(0, await office.RowsAsync(db => db.StepClocks.SumAsync(c => c.CreditedMs)));
    }

    [Fact]
    public async Task Only_administrators_report_and_annul_and_nobody_annuls_twice()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(40));
        var form = new OutageForm { From = "2026-11-23T08:20", To = "2026-11-23T08:30", Reason = "Listrik padam" };

        Assert.Equal("forbidden", (await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(office[Office.UnitHead], form))).Problems[0].Code);
        var outage = (await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(office["admin"], form))).Value;
        Assert.Equal("forbidden", await AnnulAsync(office, Office.UnitHead, outage.Id, "Salah"));
        Assert.Equal("reason-required", await AnnulAsync(office, "admin", outage.Id, ""));
        Assert.Equal("outage-not-found", await AnnulAsync(office, "admin", Guid.NewGuid(), "Salah"));
        Assert.Null(await AnnulAsync(office, "admin", outage.Id, "Salah"));
        Assert.Equal("outage-annulled", await AnnulAsync(office, "admin", outage.Id, "Salah"));
        Assert.Equal("forbidden",
            (await office.AskAsync<OutageDesk, Result<Page<OutageView>>>(d => d.ListAsync(office[Office.InformationHead], null, 50))).Problems[0].Code);
    }

    private static async Task<string?> AnnulAsync(Office office, string by, Guid id, string reason)
    {
        var done = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office[by], id, reason));
        return done.Succeeded ? null : done.Problems[0].Code;
    }

    private static Task<Result<OutageView>> ReportAsync(Office office, string from, string to, string reason = "Listrik padam") =>
        office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(office["admin"], new OutageForm { From = from, To = to, Reason = reason }));

    private static async Task AssertWholeAsync(Office office)
    {
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Empty(await office.ViolatedAsync());
    }

    private static DateTimeOffset At(int hour, int minute) => new DateTimeOffset(2026, 11, 23, hour, minute, 0, TimeSpan.FromHours(7)).ToUniversalTime();
}
