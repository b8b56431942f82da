using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What an outage gave to the waiting and to the work of a step that was entered later, and what is taken back of either when it is annulled.</summary>
public class PartedCreditTests
{
    private const string Why = "Dikerjakan di atas kertas";

    [Fact]
    public async Task A_start_amid_an_outage_gets_back_to_the_minute_what_it_was_given_though_that_day_was_closed_since()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.AdjustTime(Wib.At("2026-11-23 09:00"));
        var outage = await ReportAsync(office, "2026-11-23T08:10", "2026-11-23T08:40");
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.StartAsync(
            office[Office.InformationHead], task.Id, task.Revision, new ActualTime(Wib.At("2026-11-23 08:20"), Why)));
        office.Time.AdjustTime(Wib.At("2026-11-23 09:05"));
        await office.CompleteOpenAsync(record.Id);
        Assert.Equal((10, 25), await TimesAsync());

        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        // What is closed keeps its times; what the outage took from it is by the hours of then.
        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" }, new CalendarAsk()));
        Assert.Equal((10, 25), await TimesAsync());
        Assert.True((await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], outage, "Salah jam"))).Succeeded);

        Assert.Equal((20, 45), await TimesAsync());
        await AssertWholeAsync(office);

        async Task<(double, double)> TimesAsync()
        {
            var visit = (await office.CaseAsync(record.Id)).Steps.Single(s => s.TaskId == task.Id);
            return (visit.WaitingMinutes, visit.ProcessingMinutes);
        }
    }

    [Fact]
    public async Task A_5b_done_on_paper_before_its_receipt_waits_again_for_what_an_annulled_outage_gave_it()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "5a");
        office.Time.AdjustTime(Wib.At("2026-11-23 08:40"));
        var outage = await ReportAsync(office, "2026-11-23T08:05", "2026-11-23T08:25");
        await DoneAsync("2026-11-23 08:10", new Completion { AssignTo = Office.DocumentationOfficer });
        await DoneAsync("2026-11-23 08:30", new Completion
        {
            Fields = new CompletionFields
            {
                Location = new LocationView("Gedung B", "Lemari 2", null, "A", null, null),
                MissingMedia = [new MissingMediumView("softcopy", "Belum dipindai")]
            }
        });
        Assert.Equal(5, await WaitingAsync());

        Assert.True((await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], outage, "Salah jam"))).Succeeded);

        Assert.Equal(20, await WaitingAsync());
        await AssertWholeAsync(office);

        async Task DoneAsync(string at, Completion answers)
        {
            var task = await office.OpenTaskAsync(record.Id);
            var done = await office.CompleteAsync(
                task, task.Assignee!.UserName, answers with { ActualAt = Wib.At(at), ActualReason = Why, DelayReason = "Rapat" });
            Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        }

        async Task<double> WaitingAsync() => (await office.CaseAsync(record.Id)).Steps.Single(s => s.Step.Label == "5b").WaitingMinutes;
    }

    private static async Task<Guid> ReportAsync(Office office, string from, string to) =>
        (await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = from, To = to, Reason = "Listrik padam" }))).Value.Id;

    // Mails are no matter of these tests: they are sent first.
    private static async Task AssertWholeAsync(Office office)
    {
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Empty(await office.ViolatedAsync());
    }
}
