using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Ingatkan: a mail at once, recorded, and no more than one in five minutes.</summary>
public class ReminderTests
{
    [Fact]
    public async Task A_supervisor_has_the_performer_told_at_once_and_it_is_on_record()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync("Judul rahasia");
        var task = await office.WalkToAsync(record.Id, "2");

        var reminded = await RemindAsync(office, Office.InformationHead, task, "Dahulukan berkas ini");

        Assert.True(reminded.Succeeded);
        Assert.Equal(task.Revision, reminded.Value.Revision);
        Assert.Equal(new BoardNote(office.Time.GetUtcNow(), "Dra. Sari Wulan, M.Si.", "Dahulukan berkas ini"), reminded.Value.Reminded);
        var mail = Assert.Single(await office.MailAsync(), m => m.Template == "reminder");
        Assert.Equal(("petugas.informasi@ppid.example", OutboxState.Pending, office.Time.GetUtcNow()), (mail.ToAddress, mail.State, mail.NextAttemptAt));
        Assert.DoesNotContain("Judul rahasia", mail.Model);
        Assert.DoesNotContain("Dahulukan", mail.Model);
        var happening = await office.RowsAsync(db => db.ClockEvents.SingleAsync(e => e.Kind == "reminded"));
        Assert.Equal((Office.InformationHead, "Dahulukan berkas ini", happening.DueBefore), (happening.ActorUserName, happening.Reason, happening.DueAfter));
        Assert.Contains(await office.RowsAsync(db => db.AuditRecords.ToListAsync()), r => r.Action == "task-reminded" && r.Actor == Office.InformationHead);
        Assert.Equal("Dahulukan berkas ini", (await BoardTests.RowsAsync(office, Office.InformationHead))[0].Reminded!.Text);
        // The performer's own form is as good as before.
        Assert.True((await office.CompleteAsync(task, Office.InformationOfficer, new Completion
        {
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan", 1, "asli")] }
        })).Succeeded);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task One_reminder_in_five_minutes_and_the_next_performer_has_his_own()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(record.Id, "2");

        Assert.True((await RemindAsync(office, Office.InformationHead, task)).Succeeded);
        office.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("reminded-recently", (await RemindAsync(office, Office.UnitHead, task)).Problems[0].Code);
        office.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await RemindAsync(office, Office.UnitHead, task)).Succeeded);
        Assert.Equal(2, (await office.MailAsync()).Count(m => m.Template == "reminder"));
        await office.CompleteOpenAsync(record.Id);
        Assert.True((await RemindAsync(office, Office.InformationHead, await office.OpenTaskAsync(record.Id))).Succeeded);
    }

    [Fact]
    public async Task Who_may_not_what_is_closed_stale_or_paused_and_a_long_note_are_refused()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        var first = await office.OpenTaskAsync(record.Id);
        var task = await office.WalkToAsync(record.Id, "2");

        Assert.Equal("task-not-found", (await RemindAsync(office, Office.DocumentationHead, task)).Problems[0].Code);
        Assert.Equal("not-supervisor", (await RemindAsync(office, Office.InformationOfficer, task)).Problems[0].Code);
        Assert.Equal("not-supervisor", (await RemindAsync(office, "auditor", task)).Problems[0].Code);
        Assert.Equal("task-closed", (await RemindAsync(office, Office.UnitHead, first)).Problems[0].Code);
        Assert.Equal("stale-revision", (await RemindAsync(office, Office.UnitHead, task, revision: task.Revision + 1)).Problems[0].Code);
        Assert.Equal("text-too-long", (await RemindAsync(office, Office.UnitHead, task, new string('x', 501))).Problems[0].Code);
        await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Rapat"));
        Assert.Equal("task-paused", (await RemindAsync(office, Office.UnitHead, task)).Problems[0].Code);
        Assert.DoesNotContain(await office.MailAsync(), m => m.Template == "reminder");
        Assert.Equal(0, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.Kind == "reminded")));
    }

    [Fact]
    public async Task A_step_that_nobody_has_taken_is_called_to_mind_of_all_who_may()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add(
            "kasubid.dokumentasi2", "Dedi Kurnia", Office.UnitHead, Roles.DocumentationHead));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "4");
        await office.CompleteOpenAsync(record.Id);
        var pool = await office.OpenTaskAsync(record.Id);

        Assert.True((await RemindAsync(office, Office.UnitHead, pool)).Succeeded);

        Assert.Equal(
            ["kasubid.dokumentasi2@ppid.example", "kasubid.dokumentasi@ppid.example"],
            (await office.MailAsync()).Where(m => m.Template == "reminder").Select(m => m.ToAddress).Order(StringComparer.Ordinal));
    }

    private static Task<Result<TaskView>> RemindAsync(Office office, string by, TaskView task, string? note = null, int? revision = null) =>
        office.AskAsync<TaskReminder, Result<TaskView>>(r => r.RemindAsync(office[by], task.Id, revision, note));
}
