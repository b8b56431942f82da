using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tests.People;
using PpidWorkflow.Application.Tests.TimeStandards;
using static PpidWorkflow.Application.Tests.Scenarios.Ladders;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Rungs of every kind on step 2 of the delivered SOP (15 working minutes), on a clock that only the test moves.</summary>
public class LadderTests
{
    [Fact]
    public async Task Rungs_lie_before_and_after_the_due_instant_in_working_minutes()
    {
        await using var office = await OpenAsync(
            "2026-11-23 15:40", "[{'at':'-PT4M','to':['assignee']},{'at':'+PT5M','to':['supervisor'],'every':'PT10M','max':2}]");
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.Equal(Wib.At("2026-11-23 15:55"), task.DueAt);
        Assert.Equal(
            [("2026-11-23 15:51", 1), ("2026-11-23 16:00", 1), ("2026-11-24 07:40", 2)],
            (await FiresAsync(office)).Select(f => (At(f.DueAt), f.Repetition)));
        Assert.Equal(["warning", "escalation", "escalation"], (await AlarmsAsync(office)).Select(m => m.Template));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_rung_for_a_step_not_started_is_silent_once_it_was_started()
    {
        const string ladder = "[{'at':'40%','to':['supervisor'],'when':'notStarted'},{'at':'60%','to':['supervisor'],'when':'notStarted'},{'at':'80%','to':['assignee']}]";
        await using var office = await OpenAsync("2026-11-23 09:00", ladder);
        var task = await PrepareAsync(office);
        await office.AdvanceAsync(TimeSpan.FromMinutes(6));
        var first = Assert.Single(await AlarmsAsync(office));

        await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], task.Id, task.Revision));
        var next = await office.RowsAsync(db => db.StepClocks.Where(c => c.StepNumber == "2").Select(c => c.NextFireAt).SingleAsync());
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));

        Assert.Equal(("not-started", $"{Office.InformationHead}@ppid.example"), (first.Template, first.ToAddress));
        Assert.Equal(Wib.At("2026-11-23 09:12"), next);
        Assert.Equal([0, 2], (await FiresAsync(office)).Select(f => f.Rung));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_completion_that_is_taken_back_makes_the_step_one_not_started_again()
    {
        await using var office = await OpenAsync("2026-11-23 09:00", "[{'at':'40%','to':['supervisor'],'when':'notStarted'}]");
        var task = await PrepareAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        var completed = await office.CompleteOpenAsync(task.CaseId);
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));

        await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], completed.Id, completed.Revision));
        await office.AdvanceAsync(TimeSpan.FromMinutes(3));

        Assert.Equal("2026-11-23 09:06", At(Assert.Single(await FiresAsync(office)).DueAt));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_a_step_measured_from_its_start_a_rung_for_not_started_counts_from_the_receipt()
    {
        await using var office = await OpenAsync(
            "2026-11-23 15:50", "[{'at':'PT30M','to':['supervisor'],'when':'notStarted'},{'at':'80%','to':['assignee']}]", step => step.Set("measuredFrom", "started"));
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(Wib.At("2026-11-24 08:00") - Wib.At("2026-11-23 15:50"));
        Assert.Empty(await office.ViolatedAsync());
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], task.Id, task.Revision));
        await office.AdvanceAsync(TimeSpan.FromMinutes(12));

        Assert.Equal(["2026-11-24 07:50", "2026-11-24 08:12"], (await FiresAsync(office)).Select(f => At(f.DueAt)));
        var mails = await AlarmsAsync(office);
        Assert.Equal(["not-started", "warning"], mails.Select(m => m.Template));
        Assert.Contains("\"waitedMinutes\":\"40\"", mails[0].Model, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Only_a_rung_that_says_so_goes_on_after_hours()
    {
        await using var office = await OpenAsync(
            "2026-11-23 15:40",
            "[{'at':'100%','to':['supervisor'],'every':'PT30M','max':3,'anyTime':true},{'at':'100%','to':['assignee'],'every':'PT30M','max':2},"
            + "{'at':'+PT4H','to':['role:UNIT_PPID_HEAD'],'anyTime':true}]");
        await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.Equal(
            [
                (0, "2026-11-23 15:55"), (1, "2026-11-23 15:55"), (0, "2026-11-23 16:25"), (0, "2026-11-23 16:55"), (2, "2026-11-23 19:55"),
                (1, "2026-11-24 07:55")
            ],
            (await FiresAsync(office)).Select(f => (f.Rung, At(f.DueAt))));
        // The first at the due instant is that it is overdue, the others that it still is.
        Assert.Equal(["overdue", "escalation", "escalation"], (await AlarmsAsync(office)).Where(m => m.ToAddress.StartsWith(Office.InformationHead, StringComparison.Ordinal)).Select(m => m.Template));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_alarm_missed_by_day_fires_in_the_night_and_its_mail_waits_for_the_morning()
    {
        // A Friday evening: the office opens on Monday.
        await using var office = await OpenAsync(
            "2026-11-27 15:00", "[{'at':'80%','to':['assignee']},{'at':'80%','to':['supervisor'],'anyTime':true}]");
        await PrepareAsync(office);

        await office.AdvanceAsync(Wib.At("2026-11-27 22:00") - Wib.At("2026-11-27 15:00"));

        Assert.All(await FiresAsync(office), f => Assert.Equal(("2026-11-27 15:12", "2026-11-27 22:00"), (At(f.DueAt), At(f.FiredAt))));
        Assert.Empty(await office.ViolatedAsync());
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Equal(
            [(Office.InformationHead, OutboxState.Sent), (Office.InformationOfficer, OutboxState.Pending)],
            (await AlarmsAsync(office)).Select(m => (m.ToAddress.Split('@')[0], m.State)).Order());
        office.Time.Advance(Wib.At("2026-11-30 07:30") - Wib.At("2026-11-27 22:00"));
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.All(await AlarmsAsync(office), m => Assert.Equal(OutboxState.Sent, m.State));
    }

    [Fact]
    public async Task A_rung_at_the_standard_that_waited_out_a_pause_and_a_night_is_about_the_standard_still()
    {
        await using var office = await OpenAsync("2026-11-23 08:00", "[{'at':'100%','to':['assignee']}]");
        var task = await PrepareAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(15));
        await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Menunggu jawaban"));
        office.Time.Advance(TimeSpan.FromHours(12));
        await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], task.Id, task.Revision + 1, null));

        await office.AdvanceAsync(TimeSpan.FromHours(12));

        Assert.Equal("2026-11-24 07:30", At(Assert.Single(await FiresAsync(office)).DueAt));
        Assert.Equal(("overdue", Office.InformationOfficer), Assert.Single(await ToldAsync(office)));
    }

    [Fact]
    public async Task An_alert_that_the_mail_server_held_up_over_the_closing_time_waits_for_the_morning_and_a_task_does_not()
    {
        await using var office = await OpenAsync(
            "2026-11-23 15:40", "[{'at':'80%','to':['assignee']},{'at':'80%','to':['supervisor'],'anyTime':true}]");
        await PrepareAsync(office);
        await office.AdvanceAsync(TimeSpan.FromMinutes(12));

        // Nothing was sent since; the server is back at nine in the evening.
        office.Time.Advance(Wib.At("2026-11-23 21:00") - Wib.At("2026-11-23 15:52"));
        var report = await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());

        var held = Assert.Single(await office.MailAsync(), m => m.State == OutboxState.Pending);
        Assert.Equal((Office.InformationOfficer, "2026-11-24 07:30", 0), (held.ToAddress.Split('@')[0], At(held.NextAttemptAt), held.Attempts));
        Assert.True(report.Sent >= 3);
        Assert.Empty(await office.ViolatedAsync());
        office.Time.Advance(Wib.At("2026-11-24 07:30") - Wib.At("2026-11-23 21:00"));
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.All(await office.MailAsync(), m => Assert.Equal(OutboxState.Sent, m.State));
    }

    [Fact]
    public async Task An_alarm_at_the_closing_instant_still_goes_out_that_day()
    {
        await using var office = await OpenAsync("2026-11-23 15:45", "[{'at':'100%','to':['assignee']}]");
        await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));

        var mail = Assert.Single(await AlarmsAsync(office));
        Assert.Equal("2026-11-23 16:00", At(mail.NextAttemptAt));
    }

    [Fact]
    public async Task Superiors_are_counted_upwards_and_officers_named()
    {
        await using var office = await OpenAsync(
            "2026-11-23 09:00",
            "[{'at':'20%','to':['supervisor^2']},{'at':'40%','to':['supervisor:role:DOCUMENTATION_OFFICER']},{'at':'60%','to':['officer:auditor','assignee']},"
            + "{'at':'80%','to':['supervisor^2:role:DOCUMENTATION_OFFICER','mailbox:arsip@ppid.example']}]");
        await PrepareAsync(office);

        foreach (var _ in Enumerable.Range(0, 4))
            await office.AdvanceAsync(TimeSpan.FromMinutes(3));

        var mails = (await AlarmsAsync(office)).ToLookup(m => m.FireRecordId!.Value, m => m.ToAddress.Split('@')[0]);
        Assert.Equal(
            [
                [Office.UnitHead], [Office.DocumentationHead], ["auditor", Office.InformationOfficer], ["arsip", Office.UnitHead]
            ],
            (await FiresAsync(office)).Select(f => mails[f.Id].Order(StringComparer.Ordinal).ToArray()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_supervisor_who_is_away_is_passed_over_and_the_mail_says_so()
    {
        await using var office = await OpenAsync("2026-11-23 09:00", "[{'at':'100%','to':['supervisor']},{'at':'200%','to':['supervisor^2']}]");
        await AwayAsync(office, Office.InformationHead, "2026-11-20", "2026-11-25");
        await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        var mail = Assert.Single(await AlarmsAsync(office));
        Assert.Equal($"{Office.UnitHead}@ppid.example", mail.ToAddress);
        var eml = await SentAsync(office, mail);
        const string why = "Pemberitahuan ini sampai kepada Bapak/Ibu karena Bapak/Ibu Dra. Sari Wulan, M.Si. (sampai Rabu, 25 Nov 2026) sedang tidak di tempat.";
        Assert.Contains(why, eml.TextBody, StringComparison.Ordinal);
        Assert.Contains(why, eml.HtmlBody, StringComparison.Ordinal);
        var chain = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Action == "rung-fired").Select(r => r.Data).SingleAsync());
        Assert.Contains($"\"skipped\":[\"{Office.InformationHead}\"]", chain, StringComparison.Ordinal);
        await office.AdvanceAsync(TimeSpan.FromMinutes(15));
        Assert.DoesNotContain("sedang tidak di tempat", (await AlarmsAsync(office))[^1].Model, StringComparison.Ordinal);
        Assert.Equal($"{Office.UnitHead}@ppid.example", (await AlarmsAsync(office))[^1].ToAddress);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_a_role_those_who_are_away_are_passed_over_and_where_all_are_whoever_is_above_them_is_told_but_gets_no_task()
    {
        await using var office = await OpenAsync(
            "2026-11-23 09:00",
            "[{'at':'100%','to':['role:INFORMATION_OFFICER']},{'at':'120%','to':['role:DOCUMENTATION_OFFICER']},"
            + "{'at':'140%','to':['role:DOCUMENTATION_OFFICER'],'action':'reassign'},{'at':'200%','to':['role:UNIT_PPID_HEAD']}]",
            roster: people => people.Add("petugas.dua", "Rina Marlina, S.Kom.", Office.InformationHead, Roles.InformationOfficer));
        foreach (var away in new[] { "petugas.dua", Office.DocumentationOfficer, Office.UnitHead })
            await AwayAsync(office, away, "2026-11-20", "2026-11-25");
        var task = await PrepareAsync(office);

        foreach (var minutes in new[] { 15, 3, 3, 9 })
            await office.AdvanceAsync(TimeSpan.FromMinutes(minutes));

        Assert.Equal(
            [("overdue", Office.InformationOfficer), ("escalation", Office.DocumentationHead), ("escalation", Office.DocumentationHead), ("escalation", "admin")],
            await ToldAsync(office));
        var mails = await AlarmsAsync(office);
        Assert.Contains("karena Bapak/Ibu Rina Marlina, S.Kom. (sampai Rabu, 25 Nov 2026) sedang tidak di tempat.", (await SentAsync(office, mails[0])).TextBody, StringComparison.Ordinal);
        Assert.Contains("\"skipped\":\"Bapak/Ibu Ani Lestari, S.IP. (sampai Rabu, 25 Nov 2026)\"", mails[1].Model, StringComparison.Ordinal);
        Assert.Contains("\"notReassigned\":true", mails[2].Model, StringComparison.Ordinal);
        Assert.Contains("\"skipped\":\"Bapak/Ibu Kepala Biro Umum (sampai Rabu, 25 Nov 2026)\"", mails[3].Model, StringComparison.Ordinal);
        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_officer_named_by_a_rung_who_is_away_is_passed_over_for_his_supervisor_and_gets_no_task()
    {
        await using var office = await OpenAsync(
            "2026-11-23 09:00", $"[{{'at':'100%','to':['officer:{Office.DocumentationOfficer}']}},{{'at':'120%','to':['officer:{Office.DocumentationOfficer}'],'action':'reassign'}}]");
        await AwayAsync(office, Office.DocumentationOfficer, "2026-11-20", "2026-11-25");
        var task = await PrepareAsync(office);

        foreach (var minutes in new[] { 15, 3 })
            await office.AdvanceAsync(TimeSpan.FromMinutes(minutes));

        var mails = await AlarmsAsync(office);
        Assert.Equal([$"{Office.DocumentationHead}@ppid.example", $"{Office.DocumentationHead}@ppid.example"], mails.Select(m => m.ToAddress));
        Assert.Contains("Bapak/Ibu Ani Lestari, S.IP. (sampai Rabu, 25 Nov 2026) sedang tidak di tempat.", (await SentAsync(office, mails[0])).TextBody, StringComparison.Ordinal);
        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Who_acts_for_a_head_on_leave_is_told_as_plh()
    {
        await using var office = await OpenAsync("2026-11-23 09:00", "[{'at':'100%','to':['role:UNIT_PPID_HEAD']}]");
        await AwayAsync(office, Office.UnitHead, "2026-11-20", "2026-11-25");
        await office.AppointAsync(PeopleOffice.Acting(Office.DocumentationHead, Roles.UnitPpidHead, "2026-11-23", "2026-11-25"));
        await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        var mail = Assert.Single(await AlarmsAsync(office));
        Assert.Equal("Drs. Rahmat Hidayat (Plh. UNIT_PPID_HEAD)", mail.ToName);
        Assert.Contains("Kepala Biro Umum (sampai Rabu, 25 Nov 2026)", mail.Model, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Asia/Makassar", "09.05 WITA")]
    [InlineData("Asia/Jayapura", "10.05 WIT")]
    public async Task Mails_tell_the_day_in_any_zone(string zone, string due)
    {
        await using var office = await Office.OpenAsync(change: s => Microsoft.Extensions.DependencyInjection.OptionsServiceCollectionExtensions
            .Configure<OfficeOptions>(s, o => o.TimeZone = zone));
        await AwayAsync(office, Office.UnitHead, "2026-11-23", "2026-11-25");
        await office.OpenCaseAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));

        var mails = await office.MailAsync();
        var task = System.Text.Json.JsonDocument.Parse(mails.Single(m => m.Template == "task").Model).RootElement;
        Assert.Equal((due, "Senin, 23 Nov 2026"), (task.GetProperty("dueTime").GetString(), task.GetProperty("dueDate").GetString()));
        var overdue = await SentAsync(office, mails.Single(m => m.Template == "overdue"));
        Assert.EndsWith($"sejak {due}, Senin, 23 Nov 2026", overdue.Subject, StringComparison.Ordinal);
        Assert.Contains("Bapak/Ibu Kepala Biro Umum (sampai Rabu, 25 Nov 2026)", overdue.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_everybody_above_is_away_the_administrators_are_told_in_their_place()
    {
        await using var office = await OpenAsync("2026-11-23 09:00", "[{'at':'100%','to':['supervisor']}]");
        await AwayAsync(office, Office.InformationHead, "2026-11-23", "2026-11-23", untilNoon: true);
        await AwayAsync(office, Office.UnitHead, "2026-11-23", "2026-11-24");
        await PrepareAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        var mail = Assert.Single(await AlarmsAsync(office));
        Assert.Equal("admin@ppid.example", mail.ToAddress);
        Assert.Contains("Sari Wulan, M.Si. (sampai Senin, 23 Nov 2026 12.00 WIB), Bapak/Ibu Kepala Biro Umum (sampai Selasa, 24 Nov 2026)", mail.Model, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_is_written_beside_a_rung_stays_in_the_export()
    {
        const string ladder = """[{"at": "-PT4M", "to": ["assignee"], "action": "notify", "when": "notStarted", "note": "disepakati 2026", "anyTime": true}]""";
        await using var office = await OpenAsync("2026-11-23 09:00", ladder);

        var kept = (await office.VersionAsync(2)).Content;

        Assert.Equal(ladder, JsonNode.Parse(kept)!.AsObject().Step("Step2")["escalation"]!["expression"]!["value"]!.ToString());
    }
}
