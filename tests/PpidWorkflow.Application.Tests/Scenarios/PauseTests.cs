using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>The ledger of pauses, and pauses that nobody ends (issue 4). Monday 23 November 2026, 08.00 WIB.</summary>
public class PauseTests
{
    [Fact]
    public async Task The_ledger_says_who_paused_when_why_how_long_and_who_resumed()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await PauseAsync(office, record.Id, "2026-11-23 08:02", "Listrik padam");

        var standing = await office.OpenTaskAsync(record.Id);
        Assert.Equal(("paused", Wib.At("2026-11-23 08:02")), (standing.State, standing.PausedSince));
        await ResumeAsync(office, record.Id, "2026-11-23 12:30", "Genset menyala");
        await PauseAsync(office, record.Id, "2026-11-23 13:01", "Rapat mendadak");
        office.Time.AdjustTime(Wib.At("2026-11-23 15:58"));

        var task = await office.OpenTaskAsync(record.Id);

        // The break is no working time: 08.02 to 12.00; and 13.01 to 15.58 so far.
        Assert.Equal(
            [
                new PauseView(Wib.At("2026-11-23 08:02"), "Kepala Biro Umum", "Listrik padam", Wib.At("2026-11-23 12:30"), "Kepala Biro Umum", "Genset menyala", 238),
                new PauseView(Wib.At("2026-11-23 13:01"), "Kepala Biro Umum", "Rapat mendadak", null, null, null, 177)
            ],
            task.Pauses);
        Assert.Equal((3, 415), (task.WaitingMinutes, task.PausedMinutes));

        await ResumeAsync(office, record.Id, "2026-11-23 15:59", null);
        await office.CompleteOpenAsync(record.Id);
        var whole = await office.CaseAsync(record.Id);
        Assert.Equal((3, 0, 416), (whole.Steps[0].WaitingMinutes, whole.Steps[0].ProcessingMinutes, whole.Steps[0].PausedMinutes));
        Assert.Equal(2, whole.Steps[0].Pauses.Count);
        Assert.Empty(whole.Steps[1].Pauses);
        Assert.Equal(new CaseTimes(3, 0, 416, 0), whole.Times);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Both_acts_of_row_5_share_a_clock_and_each_shows_its_own_pauses()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "5a");
        await PauseAsync(office, record.Id, "2026-11-23 08:01", "Listrik padam");
        await ResumeAsync(office, record.Id, "2026-11-23 08:11", null);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        await office.CompleteOpenAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await office.CompleteOpenAsync(record.Id);

        var steps = (await office.CaseAsync(record.Id)).Steps;

        Assert.Equal(
            [("5a", 2, 10, 1), ("5b", 2, 0, 0)],
            steps.Where(s => s.Step.Number == "5").Select(s => (s.Step.Label, s.WaitingMinutes, s.PausedMinutes, s.Pauses.Count)));
    }

    [Fact]
    public async Task A_pause_that_nobody_ends_is_reminded_of_after_a_working_day_and_after_every_five_more()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "2");
        await PauseAsync(office, record.Id, "2026-11-23 15:00", "Menunggu keputusan", Office.UnitHead);

        Assert.Equal(0, await RemindAsync(office, "2026-11-24 14:59"));
        Assert.Equal(1, await RemindAsync(office, "2026-11-24 15:00"));
        Assert.Equal(0, await RemindAsync(office, "2026-11-24 15:00"));
        // Five working days later is Tuesday, 15.00; asked in the night before and after hours nobody is told.
        Assert.Equal(0, await RemindAsync(office, "2026-12-01 14:59"));
        Assert.Equal(0, await RemindAsync(office, "2026-12-01 20:00"));
        Assert.Equal(1, await RemindAsync(office, "2026-12-02 08:00"));

        var mails = (await office.MailAsync()).Where(m => m.Template == "still-paused").ToList();
        Assert.Equal(
            ["kasubid.informasi@ppid.example", "kasubid.informasi@ppid.example", "kepala.biro@ppid.example", "kepala.biro@ppid.example"],
            mails.Select(m => m.ToAddress).Order(StringComparer.Ordinal));
        Assert.All(mails, m => Assert.DoesNotContain("Menunggu keputusan", m.Model, StringComparison.Ordinal));
        Assert.Empty(await office.ViolatedAsync());

        // Resumed and paused anew, it is told of anew.
        await ResumeAsync(office, record.Id, "2026-12-02 08:01", null);
        Assert.Equal(0, await RemindAsync(office, "2026-12-09 08:00"));
        await PauseAsync(office, record.Id, "2026-12-09 08:00", "Menunggu keputusan", Office.UnitHead);
        Assert.Equal(1, await RemindAsync(office, "2026-12-10 09:00"));
    }

    [Fact]
    public async Task The_reminder_reads_as_a_mail()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await PauseAsync(office, record.Id, "2026-11-23 08:02", "Rahasia");
        await RemindAsync(office, "2026-11-25 09:00");
        var row = (await office.MailAsync()).First(m => m.Template == "still-paused");

        var model = JsonSerializer.Deserialize<Dictionary<string, object?>>(row.Model)!;
        model[MailLinks.StartKey] = model[MailLinks.AcknowledgeKey] = null;
        var mail = await office.InScopeAsync(s => Task.FromResult(s.Get<MailTemplates>().Render(row.SopSlug, row.Template, model)));

        Assert.Equal($"Masih dijeda: {record.Number} langkah 1", mail.Subject);
        Assert.Contains("dijeda oleh Kepala Biro Umum sejak Senin, 23 Nov 2026 08.02 WIB", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_step_whose_step_before_is_taken_back_stands_no_more()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        var done = await office.CompleteOpenAsync(record.Id);
        await PauseAsync(office, record.Id, "2026-11-23 08:02", "Listrik padam");

        await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], done.Id, done.Revision));

        Assert.Empty(await office.RowsAsync(db => db.StepClocks.Where(c => c.PausedAt != null).ToListAsync()));
        Assert.Equal(0, await RemindAsync(office, "2026-11-25 09:00"));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_pause_of_5b_ends_when_its_5a_is_taken_back_and_waits_for_its_start_again()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add(Revisions.Manager, "Pengelola SOP", null, Roles.SopManager));
        await office.BringIntoForceAsync(document => document.Step("Step5").Set("measuredFrom", "started"));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "5a");
        var done = await office.CompleteOpenAsync(record.Id);
        await PauseAsync(office, record.Id, "2026-11-23 08:02", "Listrik padam");
        office.Time.AdjustTime(Wib.At("2026-11-23 08:10"));

        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.DocumentationHead], done.Id, done.Revision))).Succeeded);

        Assert.Empty(await office.RowsAsync(db => db.StepClocks.Where(c => c.PausedAt != null).ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
        office.Time.AdjustTime(Wib.At("2026-11-23 08:20"));
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.StartAsync(office[Office.DocumentationHead], task.Id, task.Revision));
        office.Time.AdjustTime(Wib.At("2026-11-23 08:30"));
        await office.CompleteOpenAsync(record.Id);
        var visit = (await office.CaseAsync(record.Id)).Steps.Single(s => s.TaskId == task.Id);
        Assert.Equal((12, 10, 8), (visit.WaitingMinutes, visit.ProcessingMinutes, visit.PausedMinutes));
        Assert.Equal<(DateTimeOffset?, double)>((Wib.At("2026-11-23 08:10"), 8), Assert.Single(visit.Pauses) is var pause ? (pause.Until, pause.WorkingMinutes) : default);
        Assert.Empty(await office.ViolatedAsync());
    }

    private static async Task PauseAsync(Office office, Guid caseId, string at, string reason, string by = Office.UnitHead)
    {
        office.Time.AdjustTime(Wib.At(at));
        var task = await office.OpenTaskAsync(caseId);
        Assert.True((await office.InboxAsync(i => i.PauseAsync(office[by], task.Id, task.Revision, reason))).Succeeded);
    }

    private static async Task ResumeAsync(Office office, Guid caseId, string at, string? reason)
    {
        office.Time.AdjustTime(Wib.At(at));
        var task = await office.OpenTaskAsync(caseId);
        Assert.True((await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, task.Revision, reason))).Succeeded);
    }

    private static Task<int> RemindAsync(Office office, string at)
    {
        office.Time.AdjustTime(Wib.At(at));
        return office.AskAsync<PauseReminder, int>(r => r.RemindAsync(CancellationToken.None));
    }
}
