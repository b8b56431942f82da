using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class MainPathTests
{
    [Fact]
    public async Task A_case_goes_from_creation_to_documented_with_six_task_mails()
    {
        await using var office = await Office.OpenAsync();

        var opened = await office.OpenCaseAsync();
        Assert.Equal("PPID/2026/0001", opened.Number);
        Assert.Equal(["1", "2", "3", "4", "5"], opened.Steps.Select(s => s.Step.Label));
        var walked = new List<string>();
        while ((await office.CaseAsync(opened.Id)).State == "running")
        {
            office.Time.Advance(TimeSpan.FromMinutes(1));
            walked.Add((await office.CompleteOpenAsync(opened.Id)).Step.Label);
        }

        Assert.Equal(["1", "2", "3", "4", "5a", "5b"], walked);
        var done = await office.CaseAsync(opened.Id);
        Assert.Equal("documented", done.State);
        Assert.All(done.Steps, s => Assert.Equal("completed", s.State));
        Assert.Equal("Gedung B", done.Location!.Building);
        var mails = await office.MailAsync();
        Assert.Equal(
            [
                "kasubid.informasi@ppid.example", "petugas.informasi@ppid.example", "petugas.informasi@ppid.example", "kasubid.informasi@ppid.example",
                "kasubid.dokumentasi@ppid.example", "petugas.dokumentasi@ppid.example"
            ],
            mails.Where(m => m.Template == "task").Select(m => m.ToAddress));
        Assert.Equal(4, mails.Count(m => m.Template == "documented"));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_case_is_seven_commits_of_instance_state()
    {
        await using var office = await Office.OpenAsync();

        var opened = await office.OpenCaseAsync();
        for (var completions = 0; completions < 6; completions++)
            await office.CompleteOpenAsync(opened.Id);

        var instance = await office.RowsAsync(db => db.Instances.SingleAsync());
        Assert.Equal(7, instance.Revision);
        Assert.Equal(Engine.Execution.WorkflowStatus.Finished, instance.Status);
        Assert.Empty(await office.RowsAsync(db => db.Bookmarks.ToListAsync()));
    }

    [Fact]
    public async Task Both_acts_of_step_5_share_one_clock_and_one_ladder()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var first = await office.WalkToAsync(opened.Id, "5a");
        await office.AdvanceAsync(TimeSpan.FromMinutes(13));
        await office.CompleteOpenAsync(opened.Id);

        var second = await office.OpenTaskAsync(opened.Id);

        Assert.Equal("5b", second.Step.Label);
        Assert.Equal(first.DueAt, second.DueAt);
        Assert.Equal(2, second.RemainingMinutes);
        await office.AdvanceAsync(TimeSpan.FromMinutes(30));
        var alarms = (await office.MailAsync()).Where(m => m.FireRecordId is not null).Select(m => (m.Template, m.ToAddress));
        Assert.Equal(
            [
                ("warning", "kasubid.dokumentasi@ppid.example"), ("overdue", "kasubid.dokumentasi@ppid.example"),
                ("escalation", "kepala.biro@ppid.example")
            ],
            alarms);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_step_left_alone_alerts_assignee_supervisor_and_head_once_each()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "2");

        for (var minute = 0; minute < 60; minute++)
            await office.AdvanceAsync(TimeSpan.FromMinutes(1));

        var alarms = (await office.MailAsync()).Where(m => m.FireRecordId is not null).ToList();
        Assert.Equal(
            [
                ("warning", "petugas.informasi@ppid.example"), ("overdue", "kasubid.informasi@ppid.example"), ("escalation", "kepala.biro@ppid.example")
            ],
            alarms.Select(m => (m.Template, m.ToAddress)));
        var fires = await office.RowsAsync(db => db.FireRecords.OrderBy(f => f.FiredAt).ToListAsync());
        Assert.All(fires, f => Assert.True(f.FiredAt >= f.DueAt));
        Assert.Equal([12, 15, 30], fires.Select(f => (f.DueAt - opened.CreatedAt).TotalMinutes));
        Assert.Equal("overdue", (await office.OpenTaskAsync(opened.Id)).State);
    }

    [Fact]
    public async Task Alarms_of_several_cases_missed_meanwhile_fire_in_the_order_of_their_instants()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync("Satu");
        office.Time.Advance(TimeSpan.FromSeconds(30));
        await office.OpenCaseAsync("Dua");

        // 80 and 100 % of the one and of the other lie between each other.
        await office.AdvanceAsync(TimeSpan.FromMinutes(7));

        var fires = await office.RowsAsync(db => db.FireRecords.AsNoTracking().OrderBy(f => f.Id).ToListAsync());
        Assert.Equal(4, fires.Count);
        Assert.Equal(fires.Select(f => f.DueAt).Order(), fires.Select(f => f.DueAt));
        Assert.NotEqual(fires[0].ClockId, fires[1].ClockId);
        var told = (await office.MailAsync()).Where(m => m.FireRecordId is not null).OrderBy(m => m.Id).Select(m => m.FireRecordId!.Value);
        Assert.Equal(fires.Select(f => f.Id), told.Distinct());
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Alarms_missed_while_the_service_was_down_fire_once_at_the_next_sweep()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();

        office.Time.Advance(TimeSpan.FromDays(3));
        await office.FireAsync();
        await office.FireAsync();

        Assert.Equal(3, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        Assert.Equal(3, (await office.MailAsync()).Count(m => m.FireRecordId is not null));
        Assert.Equal("overdue", (await office.OpenTaskAsync(opened.Id)).State);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Alarms_that_the_store_does_not_take_are_a_failure_and_fire_once_it_does()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromHours(1));

        await office.RefuseWritesAsync(true);
        await Assert.ThrowsAsync<InvalidOperationException>(office.FireAsync);
        await office.RefuseWritesAsync(false);
        await office.FireAsync();

        Assert.Equal(3, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Received_two_minutes_before_closing_a_five_minute_step_is_due_next_morning()
    {
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 11, 23, 15, 58, 0, TimeSpan.FromHours(7)));

        var opened = await office.OpenCaseAsync();

        var task = await office.OpenTaskAsync(opened.Id);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 7, 33, 0, TimeSpan.FromHours(7)), task.DueAt);
        await office.AdvanceAsync(TimeSpan.FromHours(8));
        Assert.Equal("open", (await office.OpenTaskAsync(opened.Id)).State);
        Assert.DoesNotContain(await office.MailAsync(), m => m.FireRecordId is not null);
    }

    [Fact]
    public async Task No_mail_carries_the_title_a_reason_a_file_name_or_content()
    {
        await using var office = await Office.OpenAsync();
        const string canary = "KENARI";
        var opened = await office.OpenCaseAsync($"Judul {canary}");
        var prepare = await office.WalkToAsync(opened.Id, "2");
        await office.UploadAsync(prepare, Office.InformationOfficer, $"{canary}.pdf", canary);
        await office.WalkToAsync(opened.Id, "4");
        var handOver = await office.OpenTaskAsync(opened.Id);
        await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, $"Kurang {canary}"));
        await office.AdvanceAsync(TimeSpan.FromDays(2));
        while ((await office.CaseAsync(opened.Id)).State == "running")
            await office.CompleteOpenAsync(opened.Id);

        foreach (var message in await office.MailAsync())
            Assert.DoesNotContain(canary, message.Model, StringComparison.OrdinalIgnoreCase);
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        var files = System.IO.Directory.GetFiles(Path.Combine(office.Folder, "mail"));
        Assert.Equal((await office.MailAsync()).Count, files.Length);
        foreach (var file in files)
        {
            var mail = await MimeKit.MimeMessage.LoadAsync(file);
            Assert.DoesNotContain(canary, $"{mail.Subject} {mail.TextBody} {mail.HtmlBody}", StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(canary, await File.ReadAllTextAsync(file), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task The_running_number_follows_the_year_of_the_office_not_of_UTC()
    {
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 12, 31, 23, 59, 0, TimeSpan.FromHours(7)));

        var last = await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(2));
        var first = await office.OpenCaseAsync();
        var second = await office.OpenCaseAsync();

        Assert.Equal(["PPID/2026/0001", "PPID/2027/0001", "PPID/2027/0002"], [last.Number, first.Number, second.Number]);
    }
}
