using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;
using static PpidWorkflow.Application.Tests.Scenarios.Ladders;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// Outages and time that is not of the standard: what was waited before a start from which a step is measured, and what lay after a work that
/// was entered later. Step 2 lasts 15 minutes.
/// </summary>
public class WaitingOutageTests
{
    private const string NotStarted = "[{'at':'PT10M','to':['supervisor'],'when':'notStarted'},{'at':'80%','to':['assignee']}]";
    private const string Why = "Dikerjakan di atas kertas";

    [Fact]
    public async Task Waiting_is_given_back_moves_the_rung_that_counts_it_and_leaves_the_standard_alone()
    {
        await using var office = await OpenAsync("2026-11-23 08:00", NotStarted, step => step.Set("measuredFrom", "started"));
        var task = await PrepareAsync(office);
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(20));
        await BeatAsync(office);
        await office.FireAsync();

        var clock = await ClockAsync(office, task.Id);
        Assert.Equal((ClockState.NotBegun, 0L, 20 * 60_000L), (clock.State, clock.ConsumedMs, clock.CreditedMs));
        Assert.Equal("2026-11-23 08:30", At(clock.NextFireAt!.Value));
        Assert.Empty(await FiresAsync(office));
        task = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal((0.0, 20.0), (task.WaitingMinutes, Assert.Single(task.Credits).Minutes));
        await AssertWholeAsync(office);

        // Ten minutes of his own: the supervisor is told of ten, not of thirty.
        await QuietlyAsync(office, TimeSpan.FromMinutes(10));
        Assert.Equal("2026-11-23 08:30", At(Assert.Single(await FiresAsync(office)).DueAt));
        Assert.Contains("\"waitedMinutes\":\"10\"", Assert.Single(await AlarmsAsync(office)).Model, StringComparison.Ordinal);

        await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], task.Id, task.Revision));
        var begun = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal(("2026-11-23 08:45", 10.0), (At(begun.DueAt!.Value), begun.WaitingMinutes));
        await AssertWholeAsync(office);

        await QuietlyAsync(office, TimeSpan.FromMinutes(16));
        await office.CompleteOpenAsync(task.CaseId);
        var visit = (await office.CaseAsync(task.CaseId)).Steps.Single(s => s.TaskId == task.Id);
        Assert.Equal((10.0, 16.0, 1.0), (visit.WaitingMinutes, visit.ProcessingMinutes, visit.LateMinutes));
        await AssertWholeAsync(office);
    }

    [Fact]
    public void A_closing_taken_back_that_lay_before_the_start_by_a_clock_set_back_did_not_end_the_running()
    {
        var received = new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);
        var clock = new StepClock
        {
            Id = Guid.CreateVersion7(),
            CaseId = Guid.Empty,
            InstanceId = Guid.Empty,
            ActivityId = "Step2",
            ActivityInstanceId = "1",
            Visit = 1,
            StepNumber = "2",
            BudgetMs = 900_000,
            MeasuredFrom = Engine.Activities.Human.MeasuredFrom.Started,
            Escalation = "[]",
            ReceivedAt = received,
            StartedAt = received.AddMinutes(5),
            State = ClockState.Running
        };
        var sequence = 0;
        // Begun at 08.05; then the machine's clock went back by 90 s, and the completion was stored as of 08.04.
        List<ClockEvent> events = [Happened("received", 0), Happened("started", 5, due: 20), Happened("closed", 4), Happened("reopened", 4, due: 19)];

        Assert.Equal([new Span(received.AddMinutes(5), received.AddMinutes(30))], Spans.Running(clock, events, received.AddMinutes(30)));

        // One that only its completion had begun waits again.
        events = [Happened("received", 0), Happened("started", 5, due: 20), Happened("closed", 5), Happened("reopened", 6)];
        Assert.Empty(Spans.Running(clock, events, received.AddMinutes(30)));

        ClockEvent Happened(string kind, int minute, int? due = null) => new()
        {
            Id = Guid.CreateVersion7(received.AddSeconds(sequence++)),
            ClockId = clock.Id,
            CaseId = Guid.Empty,
            At = received.AddMinutes(minute),
            Kind = kind,
            DueAfter = due is { } at ? received.AddMinutes(at) : null
        };
    }

    [Fact]
    public async Task An_outage_across_the_start_is_parted_there_and_taken_back_part_by_part()
    {
        await using var office = await OpenAsync("2026-11-23 08:00", NotStarted, step => step.Set("measuredFrom", "started"));
        var task = await PrepareAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(5));
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], task.Id, task.Revision));
        office.Time.Advance(TimeSpan.FromMinutes(5));

        var outage = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:02", To = "2026-11-23T08:09", Reason = "Listrik padam" }));

        Assert.Equal((1, 7.0), (outage.Value.Clocks, outage.Value.Minutes));
        var clock = await ClockAsync(office, task.Id);
        Assert.Equal((7 * 60_000L, "2026-11-23 08:24"), (clock.CreditedMs, At(clock.DueAt!.Value)));
        var seen = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal((2.0, 1.0), (seen.WaitingMinutes, seen.ProcessingMinutes));
        Assert.Equal([3.0, 4.0], seen.Credits.Select(c => c.Minutes));
        await AssertWholeAsync(office);

        await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], outage.Value.Id, "Salah jam"));
        clock = await ClockAsync(office, task.Id);
        Assert.Equal((0L, "2026-11-23 08:20"), (clock.CreditedMs, At(clock.DueAt!.Value)));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task A_start_entered_later_takes_what_was_given_back_after_it_into_the_standard()
    {
        await using var office = await OpenAsync("2026-11-23 08:00", NotStarted, step => step.Set("measuredFrom", "started"));
        var task = await PrepareAsync(office);
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(20));
        await BeatAsync(office);

        // Begun at 08.05, of which the service knew nothing until 08.20: fifteen minutes of the outage were of the standard.
        var started = await office.InboxAsync(i => i.StartAsync(
            office[Office.InformationOfficer], task.Id, task.Revision, new ActualTime(Wib.At("2026-11-23 08:05"), Why)));

        Assert.Equal(("2026-11-23 08:35", 0.0, 0.0), (At(started.Value.DueAt!.Value), started.Value.WaitingMinutes, started.Value.ProcessingMinutes));
        Assert.Equal(20 * 60_000L, (await ClockAsync(office, task.Id)).CreditedMs);
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task What_was_done_before_the_outage_has_nothing_of_it_though_it_was_entered_after()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(10));
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(30));
        await BeatAsync(office);
        var task = await office.OpenTaskAsync(record.Id);

        // Five minutes are the standard; done after eight, entered after the outage that began at 08.10.
        var done = await office.CompleteAsync(task, Office.InformationHead, new Completion
        {
            AssignTo = Office.InformationOfficer,
            ActualAt = Wib.At("2026-11-23 08:08"),
            ActualReason = Why
        });

        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal((8.0, 3.0, 0), (visit.WaitingMinutes, visit.LateMinutes, visit.Credits.Count));
        await AssertWholeAsync(office);

        // Taken back it runs on, and the outage was one for it.
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], done.Value.Id, done.Value.Revision))).Succeeded);
        Assert.Equal(30 * 60_000L, (await ClockAsync(office, task.Id)).CreditedMs);
        await office.FireAsync();
        await AssertWholeAsync(office);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outage_after_5a_was_done_is_of_5b_and_not_of_5a_whichever_was_entered_first(bool isOutageFirst)
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(record.Id, "5a");
        office.Time.Advance(TimeSpan.FromMinutes(30));

        // Fifteen minutes are the standard of 5a and 5b together. 5a was done at 08.10; from 08.05 to 08.25 nobody could work.
        if (isOutageFirst)
            await ReportAsync();
        var done = await office.CompleteAsync(task, task.Assignee!.UserName, new Completion
        {
            AssignTo = Office.DocumentationOfficer,
            ActualAt = Wib.At("2026-11-23 08:10"),
            ActualReason = Why
        });
        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        if (!isOutageFirst)
            await ReportAsync();

        var visit = (await office.CaseAsync(record.Id)).Steps.Single(s => s.TaskId == task.Id);
        Assert.Equal((5.0, 0.0), (visit.WaitingMinutes, visit.ProcessingMinutes));
        Assert.Equal(5 * 60_000L, await office.RowsAsync(db => db.WorkItems.Where(w => w.Id == task.Id).Select(w => w.ConsumedMs).SingleAsync()));
        var clock = await ClockAsync(office, task.Id);
        Assert.Equal((20 * 60_000L, "2026-11-23 08:35"), (clock.CreditedMs, At(clock.DueAt!.Value)));
        await AssertWholeAsync(office);

        Task ReportAsync() => office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:05", To = "2026-11-23T08:25", Reason = "Listrik padam" }));
    }

    [Theory]
    [InlineData("started")]
    [InlineData("received")]
    public async Task Who_worked_on_paper_before_the_receipt_was_not_kept_from_it_by_an_outage_of_then(string measuredFrom)
    {
        await using var office = await OpenAsync("2026-11-23 08:00", NotStarted, step => step.Set("measuredFrom", measuredFrom));
        var record = await office.OpenCaseAsync();
        office.Time.AdjustTime(Wib.At("2026-11-23 14:00"));
        var first = await office.OpenTaskAsync(record.Id);
        await office.CompleteAsync(first, Office.InformationHead, new Completion
        {
            AssignTo = Office.InformationOfficer,
            ActualAt = Wib.At("2026-11-23 08:05"),
            ActualReason = Why
        });
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.StartAsync(
            office[Office.InformationOfficer], task.Id, task.Revision, new ActualTime(Wib.At("2026-11-23 08:05"), Why)));
        var due = (await ClockAsync(office, task.Id)).DueAt;
        office.Time.Advance(TimeSpan.FromMinutes(10));

        // From 14.00, when it was received, four minutes of it.
        await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:00", To = "2026-11-23T14:04", Reason = "Listrik padam" }));

        var clock = await ClockAsync(office, task.Id);
        Assert.Equal((4 * 60_000L, due + TimeSpan.FromMinutes(4)), (clock.CreditedMs, clock.DueAt));
        Assert.DoesNotContain("outages-are-credited", await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_5b_that_was_withdrawn_keeps_its_figure_and_is_late_for_nobody()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(record.Id, "5a");
        office.Time.Advance(TimeSpan.FromMinutes(40));
        await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T08:05", To = "2026-11-23T08:25", Reason = "Listrik padam" }));
        await office.CompleteAsync(task, Office.DocumentationHead, new Completion { AssignTo = Office.DocumentationOfficer, DelayReason = "Rapat" });
        office.Time.Advance(TimeSpan.FromMinutes(2));
        task = (await office.InboxAsync(i => i.GetAsync(office[Office.DocumentationHead], task.Id))).Value;
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.DocumentationHead], task.Id, task.Revision))).Succeeded);
        Assert.Equal((22 * 60_000L, 0.0), await WithdrawnAsync());

        // Done at 08.10: the rest of the outage is given to 5b anew, and only to the one that is open.
        task = await office.OpenTaskAsync(record.Id);
        await office.CompleteAsync(task, Office.DocumentationHead, new Completion
        {
            AssignTo = Office.DocumentationOfficer,
            ActualAt = Wib.At("2026-11-23 08:10"),
            ActualReason = Why
        });

        Assert.Equal((22 * 60_000L, 0.0), await WithdrawnAsync());
        Assert.Equal(20 * 60_000L, (await ClockAsync(office, task.Id)).CreditedMs);
        await AssertWholeAsync(office);

        async Task<(long? ConsumedMs, double LateMinutes)> WithdrawnAsync() => (
            await office.RowsAsync(db => db.WorkItems.Where(w => w.Closure == WorkItemClosure.Cancelled).Select(w => w.ConsumedMs).SingleAsync()),
            (await office.CaseAsync(record.Id)).Steps.Single(s => s.State == "cancelled").LateMinutes);
    }

    [Fact]
    public async Task A_day_closed_afterwards_takes_the_credit_of_a_step_that_waits_along_and_gives_it_back()
    {
        await using var office = await OpenAsync("2026-11-23 08:00", NotStarted, step => step.Set("measuredFrom", "started"));
        var task = await PrepareAsync(office);
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(5));
        await BeatAsync(office);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        var closed = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" }, new CalendarAsk()));
        Assert.Equal(0, (await ClockAsync(office, task.Id)).CreditedMs);
        await AssertWholeAsync(office);
        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(
            d => d.WithdrawDayAsync(office["admin"], closed.Value.Edits[0].Id, "Salah tanggal", new CalendarAsk(), default));

        var clock = await ClockAsync(office, task.Id);
        Assert.Equal((5 * 60_000L, "2026-11-23 08:15"), (clock.CreditedMs, At(clock.NextFireAt!.Value)));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task Thousands_of_clocks_are_credited_in_one_commit_part_by_part()
    {
        // More than two parts; a figure for more of them: PPID_TEST_CLOCKS=10000.
        var many = int.TryParse(Environment.GetEnvironmentVariable("PPID_TEST_CLOCKS"), out var asked) ? asked : 4_500;
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        await office.AddClocksAsync(many);
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(3));
        var (began, memory) = (System.Diagnostics.Stopwatch.StartNew(), GC.GetTotalAllocatedBytes());
        var outage = await BeatAsync(office);
        TestContext.Current.TestOutputHelper?.WriteLine($"{many} clocks: {began.ElapsedMilliseconds} ms, {(GC.GetTotalAllocatedBytes() - memory) / 1_000_000} MB allocated");

        Assert.Equal(many + 1, await office.RowsAsync(db => db.StepClocks.CountAsync(c => c.CreditedMs == 3 * 60_000)));
        Assert.Equal(many + 1, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.OutageId == outage!.Id)));
        var told = await office.RowsAsync(db => db.AuditRecords.OrderByDescending(r => r.Sequence).FirstAsync(r => r.Action == "outage-observed"));
        Assert.Contains($"\"credited\":{many + 1}", told.Data, StringComparison.Ordinal);
        Assert.DoesNotContain("audit-chains", await office.ViolatedAsync());
        Assert.DoesNotContain("outages-are-credited", await office.ViolatedAsync());
        // What fails in a later part leaves nothing of the first.
        office.Time.Advance(TimeSpan.FromMinutes(5));
        await office.RefuseWritesAsync(true);
        await Assert.ThrowsAnyAsync<Exception>(() => BeatAsync(office));
        await office.RefuseWritesAsync(false);
        Assert.Equal(1, await office.RowsAsync(db => db.Outages.CountAsync()));
        Assert.Equal(record.Id, (await office.CaseAsync(record.Id)).Id);
    }

    private static Task<Outage?> BeatAsync(Office office) => office.AskAsync<OutageWatch, Outage?>(w => w.BeatAsync(CancellationToken.None));

    // As if the beats of these minutes had been written.
    private static async Task QuietlyAsync(Office office, TimeSpan by)
    {
        office.Time.Advance(by);
        await office.InScopeAsync(s =>
        {
            s.Get<ServicePulse>().Beat(office.Time.GetUtcNow());
            return Task.FromResult(true);
        });
        await office.FireAsync();
    }

    // Mails are no matter of these tests: they are sent first.
    private static async Task AssertWholeAsync(Office office)
    {
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Empty(await office.ViolatedAsync());
    }

    private static Task<StepClock> ClockAsync(Office office, Guid taskId) => office.RowsAsync(db =>
        db.StepClocks.AsNoTracking().SingleAsync(c => db.WorkItems.Any(w => w.Id == taskId && w.ClockId == c.Id)));
}
