using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.TimeStandards;
using static PpidWorkflow.Application.Tests.People.PeopleOffice;

namespace PpidWorkflow.Application.Tests.People;

/// <summary>Plh. and Plt.: rights that begin and end by time alone, said wherever a name is printed, and bounded by who somebody is.</summary>
public sealed class AppointmentTests
{
    private const string Title = "Plh. INFORMATION_HEAD";

    [Fact]
    public async Task The_right_begins_and_ends_at_midnight_without_anybody_doing_anything()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.InformationOfficer, Roles.InformationHead, "2026-11-24", "2026-11-25"));

        Assert.False((await office.NowAsync(Office.InformationOfficer)).Is(Roles.InformationHead));
        office.GoTo("2026-11-23 23:59:59.999");
        Assert.False((await office.NowAsync(Office.InformationOfficer)).Is(Roles.InformationHead));
        office.GoTo("2026-11-24 00:00");
        var acting = await office.NowAsync(Office.InformationOfficer);
        Assert.True(acting.Is(Roles.InformationHead));
        Assert.True(acting.Is(Roles.InformationOfficer));
        Assert.Equal("Budi Santoso, A.Md. (Plh. INFORMATION_HEAD)", acting.NameIn(Roles.InformationHead));
        Assert.Equal("Budi Santoso, A.Md.", acting.NameIn(Roles.InformationOfficer));
        office.GoTo("2026-11-26 00:00");
        Assert.False((await office.NowAsync(Office.InformationOfficer)).Is(Roles.InformationHead));
    }

    [Fact]
    public async Task Everything_done_as_plh_says_so_in_audit_mail_page_and_record_and_stays_so()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.InformationOfficer, Roles.InformationHead, "2026-11-23", "2026-11-23"));
        var acting = await office.NowAsync(Office.InformationOfficer);
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(acting, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        Assert.True(opened.Succeeded);
        var task = await office.OpenTaskAsync(opened.Value.Id);
        Assert.Equal(Title, task.Assignee!.Capacity);
        var done = await office.CompleteAsNowAsync(task, Office.InformationOfficer, new Completion { AssignTo = Office.InformationOfficer });
        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());

        // The next step's mail names him with the post in which he assigned it.
        Assert.Contains($"Budi Santoso, A.Md. ({Title})", (await office.MailAsync()).Last(m => m.Template == "task").Model);
        office.GoTo("2026-12-01 08:00");
        var record = await office.CaseAsync(task.CaseId);
        Assert.Equal(Title, record.Steps[0].Assignee!.Capacity);
        Assert.Equal($"Budi Santoso, A.Md. ({Title})", record.Steps[0].Assignee!.Printed);
        Assert.Equal(Title, record.Events.Single(e => e.Action == "case-created").Data.GetProperty("capacity").GetString());
        Assert.Equal(Title, record.Events.First(e => e.Action == "task-completed").Data.GetProperty("capacity").GetString());
        // Step 2 he does in his own role.
        Assert.Null(record.Steps[1].Assignee!.Capacity);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Reminders_pauses_comments_digests_and_the_boards_figures_say_plh_as_well()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-24"));
        var acting = await office.NowAsync(Office.DocumentationHead);
        const string name = $"Drs. Rahmat Hidayat ({Title})";
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(acting, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        Assert.Equal(name, opened.Value.CreatedBy);
        var assign = await office.OpenTaskAsync(opened.Value.Id);
        // Held as Plh. himself: the board's choice of people names him so.
        var frame = await office.AskAsync<BoardReader, BoardFrame>(b => b.FrameAsync(office[Office.UnitHead]));
        Assert.Equal(name, Assert.Single(frame.People).Printed);
        Assert.True((await office.CompleteAsNowAsync(assign, Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);

        var task = await office.OpenTaskAsync(opened.Value.Id);
        var reminded = await office.AskAsync<TaskReminder, Result<TaskView>>(r => r.RemindAsync(acting, task.Id, task.Revision, null));
        Assert.Equal(name, reminded.Value.Reminded!.By);
        Assert.Contains(name, (await office.MailAsync()).Single(m => m.Template == "reminder").Model, StringComparison.Ordinal);
        var row = Assert.Single((await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[Office.UnitHead], new BoardQuery()))).Value.Items);
        Assert.Equal(name, row.Reminded!.By);
        var commented = await office.InboxAsync(i => i.CommentAsync(acting, task.Id, "Mohon didahulukan"));
        Assert.Equal(name, Assert.Single(commented.Value.Comments).By);
        var paused = await office.InboxAsync(i => i.PauseAsync(acting, task.Id, task.Revision, "Rapat"));
        Assert.Equal(name, Assert.Single(paused.Value.Pauses).By);
        Assert.Equal(name, Assert.Single((await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(
            b => b.ListAsync(office[Office.UnitHead], new BoardQuery()))).Value.Items).Paused!.By);
        var resumed = await office.InboxAsync(i => i.ResumeAsync(acting, task.Id, paused.Value.Revision, null));
        Assert.Equal(name, Assert.Single(resumed.Value.Pauses).ResumedBy);

        // What was done as Plh. stays so; a word of his own post is his own.
        office.GoTo("2026-11-30 08:00");
        var later = await office.OpenTaskAsync(opened.Value.Id);
        Assert.Equal((name, name), (later.Comments[0].By, later.Pauses[0].By));
        Assert.Equal(name, (await office.CaseAsync(opened.Value.Id)).CreatedBy);
        Assert.All(
            (await office.CaseAsync(opened.Value.Id)).Events.Where(e => e.Action is "task-reminded" or "task-commented" or "task-paused" or "task-resumed"),
            e => Assert.Equal(Title, e.Data.GetProperty("capacity").GetString()));
    }

    [Fact]
    public async Task New_tasks_of_the_post_go_to_who_acts_open_ones_are_offered_and_then_the_holder_has_them_again()
    {
        await using var office = await Office.OpenAsync();
        var waiting = await office.OpenCaseAsync();
        await office.AwayAsync(Office.InformationHead, "2026-11-24", "2026-11-25");
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-24", "2026-11-25"));
        office.GoTo("2026-11-24 00:00");
        await office.SweepAsync();

        var offer = Assert.Single(await office.OffersAsync(Office.DocumentationHead));
        Assert.Equal(Title, offer.To!.Capacity);
        var accepted = await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.AcceptAsync(await office.NowAsync(Office.DocumentationHead), offer.Id, offer.Revision));
        Assert.True(accepted.Succeeded);
        office.GoTo("2026-11-24 08:00");
        var assign = await office.OpenTaskAsync(waiting.Id);
        Assert.Equal(Title, assign.Assignee!.Capacity);
        Assert.True((await office.CompleteAsNowAsync(assign, Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
        var prepare = await office.OpenTaskAsync(waiting.Id);
        Assert.True((await office.CompleteAsNowAsync(prepare, Office.InformationOfficer, new Completion
        {
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Satu jilid", 1, "asli")] }
        })).Succeeded);
        var report = await office.OpenTaskAsync(waiting.Id);
        Assert.Equal([Office.DocumentationHead, Office.InformationHead], report.Recipients.Select(r => r.UserName).Order());

        // The holder is back before the step comes to him.
        office.GoTo("2026-11-26 08:00");
        Assert.True((await office.CompleteAsNowAsync(await office.OpenTaskAsync(waiting.Id), Office.InformationOfficer)).Succeeded);
        Assert.Equal(Office.InformationHead, (await office.OpenTaskAsync(waiting.Id)).Assignee!.UserName);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_post_ends_while_his_page_is_open_and_his_act_is_refused()
    {
        await using var office = await Office.OpenAsync(roster: r => r.Add("kasubid.dua", "Kepala Kedua", Office.UnitHead, Roles.InformationHead));
        var appointed = Acting(Office.InformationOfficer, Roles.InformationHead, "2026-11-23", "2026-11-23") with { ForUserName = "kasubid.dua" };
        await office.AppointAsync(appointed);
        var record = await office.OpenCaseAsync();
        var assign = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.ReleaseAsync(office[Office.InformationHead], assign.Id, assign.Revision));
        var open = await office.OpenTaskAsync(record.Id);
        office.GoTo("2026-11-24 00:00");

        var refused = await office.CompleteAsNowAsync(open, Office.InformationOfficer, new Completion { AssignTo = Office.InformationOfficer });

        Assert.Equal("task-not-found", Code(refused));
    }

    [Fact]
    public async Task What_he_had_not_finished_is_his_no_more_at_the_end_and_goes_back_to_the_holder()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-23"));
        var acting = await office.NowAsync(Office.DocumentationHead);
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(acting, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        var task = await office.OpenTaskAsync(opened.Value.Id);
        var started = await office.InboxAsync(i => i.StartAsync(acting, task.Id, task.Revision));
        Assert.True(started.Succeeded, started.Succeeded ? "" : started.Problems[0].ToString());

        office.GoTo("2026-11-24 00:00");
        Assert.Equal("not-your-task", Code(await office.CompleteAsNowAsync(started.Value, Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer })));
        Assert.Equal(1, await office.SweepAsync());
        Assert.Equal(0, await office.SweepAsync());
        var back = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal(Office.InformationHead, back.Assignee!.UserName);
        Assert.Null(back.Assignee.Capacity);
        var told = (await office.MailAsync()).Last(m => m.Template == "task");
        Assert.Equal("kasubid.informasi@ppid.example", told.ToAddress);
        Assert.Contains(
            $"Penunjukan Bapak/Ibu {office[Office.DocumentationHead].DisplayName} dalam peran ini telah berakhir; langkah berikut kembali menjadi tugas Bapak/Ibu. Waktu bakunya",
            (await Ladders.SentAsync(office, told)).TextBody, StringComparison.Ordinal);
        Assert.Contains((await office.CaseAsync(task.CaseId)).Events, e => e.Action == "task-handed-back" && e.Actor == "system");
        Assert.True((await office.CompleteAsNowAsync(back, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Ended_early_what_he_had_not_finished_goes_back_in_the_same_commit()
    {
        await using var office = await Office.OpenAsync();
        var current = await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-27"));
        var task = await OpenAsync(office, await office.NowAsync(Office.DocumentationHead));
        Assert.Equal(Office.DocumentationHead, task.Assignee!.UserName);
        office.Time.Advance(TimeSpan.FromMinutes(1));

        var ended = await office.AskAsync<AppointmentDesk, Result<AppointmentView>>(async d =>
            await d.EndAsync(await office.NowAsync("admin"), current.Id, current.Revision));

        Assert.Equal("past", ended.Value.State);
        var back = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal((Office.InformationHead, null), (back.Assignee!.UserName, back.Assignee.Capacity));
        Assert.Equal(task.DueAt, back.DueAt);
        Assert.Equal("kasubid.informasi@ppid.example", (await office.MailAsync()).Last(m => m.Template == "task").ToAddress);
        Assert.Contains((await office.CaseAsync(task.CaseId)).Events, e => e.Action == "task-handed-back" && e.Actor == "system");
        Assert.Equal(0, await office.SweepAsync());
        Assert.True((await office.CompleteAsNowAsync(back, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_morning_digest_of_a_post_goes_to_who_acts_in_it_and_not_to_who_is_away()
    {
        await using var office = await Office.OpenAsync(Wib("2026-11-20 15:00"));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "2");
        var pool = await office.OpenCaseAsync();
        var assign = await office.OpenTaskAsync(pool.Id);
        await office.TamperAsync($"UPDATE WorkItems SET AssigneeId = NULL WHERE Id = '{assign.Id.ToString().ToUpperInvariant()}'");
        await office.AwayAsync(Office.InformationHead, "2026-11-23", "2026-11-23");
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-24"));

        office.GoTo("2026-11-23 07:30");
        await office.AskAsync<DigestDesk, int>(d => d.RunAsync());

        var digests = (await office.MailAsync()).Where(m => m.Template == "digest").ToDictionary(m => m.ToAddress.Split('@')[0]);
        Assert.Equal([Office.DocumentationHead, Office.UnitHead, Office.InformationOfficer], digests.Keys.Order(StringComparer.Ordinal));
        var acting = System.Text.Json.JsonDocument.Parse(digests[Office.DocumentationHead].Model).RootElement;
        Assert.Equal(assign.CaseNumber, Assert.Single(acting.GetProperty("mine").EnumerateArray()).GetProperty("caseNumber").GetString());
        Assert.Equal(record.Number, Assert.Single(acting.GetProperty("people").EnumerateArray()).GetProperty("caseNumber").GetString());

        // Back on Tuesday he gets his own, and the summary of the week before that he was not there for.
        office.GoTo("2026-11-24 07:30");
        await office.AskAsync<DigestDesk, int>(d => d.RunAsync());
        Assert.Equal(
            ["digest", "weekly"],
            (await office.MailAsync()).Where(m => m.ToAddress == "kasubid.informasi@ppid.example" && m.Template is "digest" or "weekly").Select(m => m.Template).Order());
    }

    [Fact]
    public async Task The_weekly_summary_counts_the_people_of_who_is_stood_in_for_and_says_plh()
    {
        await using var office = await Office.OpenAsync(Wib("2026-11-19 08:00"));
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-19", "2026-11-25"));
        var assign = await OpenAsync(office, await office.NowAsync(Office.DocumentationHead));
        await office.CompleteAsNowAsync(assign, Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer });
        await office.CompleteOpenAsync(assign.CaseId);

        office.GoTo("2026-11-23 07:30");
        await office.AskAsync<DigestDesk, int>(d => d.RunAsync());

        var weekly = (await office.MailAsync()).Where(m => m.Template == "weekly").ToDictionary(m => m.ToAddress.Split('@')[0]);
        Assert.Equal(["Budi Santoso, A.Md."], Names(weekly[Office.DocumentationHead]));
        Assert.Equal(["Budi Santoso, A.Md.", $"Drs. Rahmat Hidayat ({Title})"], Names(weekly[Office.UnitHead]));

        static IEnumerable<string?> Names(OutboxMessage mail) =>
            System.Text.Json.JsonDocument.Parse(mail.Model).RootElement.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Who_declines_or_takes_note_of_an_alert_as_plh_is_called_so()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await PreferenceTests.SetAsync(office, Office.UnitHead, new PreferenceForm(Language: "en"));
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-24"));
        const string name = $"Drs. Rahmat Hidayat ({Title})";
        var acting = await office.NowAsync(Office.DocumentationHead);
        var offer = Assert.Single(await office.OffersAsync(Office.DocumentationHead));

        Assert.True((await office.AskAsync<TransferDesk, Result<TransferOfferView>>(d => d.DeclineAsync(acting, offer.Id, offer.Revision, null))).Succeeded);

        var declined = Assert.Single(await office.MailAsync(), m => m.Template == "transfer-declined");
        Assert.Contains(
            $"{name} has declined the transfer of task {record.Number}, step 1, from Dra. Sari Wulan, M.Si., who is away.",
            (await PreferenceTests.RenderedAsync(office, declined)).Text, StringComparison.Ordinal);
        await office.CompleteAsNowAsync(await office.OpenTaskAsync(record.Id), Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        await office.AdvanceAsync(TimeSpan.FromMinutes(15));
        var alert = Assert.Single(await office.MailAsync(), m => m.Template == "overdue");
        Assert.Equal("kasubid.dokumentasi@ppid.example", alert.ToAddress);
        Assert.True((await office.AskAsync<AlertDesk, Result<AlertView>>(d => d.AcknowledgeAsync(alert.FireRecordId!.Value, acting))).Succeeded);
        Assert.All(
            (await office.CaseAsync(record.Id)).Events.Where(e => e.Action is "transfer-declined" or "alert-acknowledged"),
            e => Assert.Equal(Title, e.Data.GetProperty("capacity").GetString()));
        Assert.Equal(2, (await office.CaseAsync(record.Id)).Events.Count(e => e.Action is "transfer-declined" or "alert-acknowledged"));
    }

    [Fact]
    public async Task The_page_behind_a_mails_link_names_him_as_plh()
    {
        var seal = new OneLink();
        await using var office = await Office.OpenAsync(change: s => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions
            .AddSingleton<IMailLinkSeal>(s, seal));
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-24"));
        var acting = await office.NowAsync(Office.DocumentationHead);
        var assign = await OpenAsync(office, acting);
        seal.Link = new MailLink(MailLinkAct.Start, assign.Id, acting.Id, assign.Revision, office.Time.GetUtcNow().AddHours(1));

        var start = await office.AskAsync<MailLinkDesk, Result<MailLinkView>>(d => d.ReadAsync("x"));
        Assert.Equal($"Drs. Rahmat Hidayat ({Title})", start.Value.OfficerName);

        await office.CompleteAsNowAsync(assign, Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer });
        await office.AdvanceAsync(TimeSpan.FromMinutes(15));
        var fire = Assert.Single(await office.MailAsync(), m => m.Template == "overdue" && m.OfficerId == acting.Id).FireRecordId!.Value;
        seal.Link = new MailLink(MailLinkAct.Acknowledge, fire, acting.Id, (await office.OpenTaskAsync(assign.CaseId)).Revision, office.Time.GetUtcNow().AddHours(1));
        var note = await office.AskAsync<MailLinkDesk, Result<MailLinkView>>(d => d.ReadAsync("x"));
        Assert.Equal($"Drs. Rahmat Hidayat ({Title})", note.Succeeded ? note.Value.OfficerName : note.Problems[0].Code);
    }

    [Fact]
    public async Task Who_helped_as_plh_stays_so_after_the_step_is_closed()
    {
        await using var office = await Ladders.OpenAsync("2026-11-23 09:00", "[{'at':'60%','to':['role:INFORMATION_OFFICER'],'action':'addHelper'}]");
        var task = await Ladders.PrepareAsync(office);
        await office.AppointAsync(Acting(Office.DocumentationOfficer, Roles.InformationOfficer, "2026-11-23", "2026-11-23"));
        await office.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.Equal("Plh. INFORMATION_OFFICER", Assert.Single((await office.OpenTaskAsync(task.CaseId)).Helpers).Capacity);
        await office.CompleteOpenAsync(task.CaseId);

        office.GoTo("2026-11-25 09:00");
        var closed = (await office.InboxAsync(async i => await i.GetAsync(await office.NowAsync(Office.UnitHead), task.Id))).Value;
        Assert.Equal("Plh. INFORMATION_OFFICER", Assert.Single(closed.Helpers).Capacity);
    }

    [Fact]
    public async Task Who_performs_as_plh_is_reminded_told_of_a_pauses_end_and_relieved_as_such()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-23"));
        var acting = await office.NowAsync(Office.DocumentationHead);
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(acting, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        var task = await office.OpenTaskAsync(opened.Value.Id);
        var head = office[Office.UnitHead];

        Assert.True((await office.AskAsync<TaskReminder, Result<TaskView>>(r => r.RemindAsync(head, task.Id, task.Revision, null))).Succeeded);
        var paused = await office.InboxAsync(i => i.PauseAsync(head, task.Id, task.Revision, "Rapat"));
        var resumed = await office.InboxAsync(i => i.ResumeAsync(head, task.Id, paused.Value.Revision, null));
        Assert.True((await office.InboxAsync(i => i.ReassignAsync(head, task.Id, resumed.Value.Revision, Office.InformationHead, null))).Succeeded);

        var mails = await office.MailAsync();
        foreach (var template in (string[])["task", "reminder", "resumed", "reassigned"])
        {
            var model = System.Text.Json.JsonDocument.Parse(mails.First(m => m.Template == template).Model).RootElement;
            Assert.Equal((template, $"Drs. Rahmat Hidayat ({Title})"), (template, model.GetProperty("recipientName").GetString()));
        }
    }

    [Fact]
    public async Task Who_performs_as_plh_is_told_of_his_helper_and_of_who_has_his_task_as_such()
    {
        await using var office = await Ladders.OpenAsync(
            "2026-11-23 09:00",
            $"[{{'at':'100%','to':['officer:{Office.DocumentationHead}'],'action':'addHelper'}},{{'at':'200%','to':['supervisor'],'action':'reassign'}}]");
        var task = await Ladders.PrepareAsync(office);
        await office.AppointAsync(Acting(Office.DocumentationOfficer, Roles.InformationOfficer, "2026-11-23", "2026-11-23"));
        Assert.True((await office.InboxAsync(i => i.ReassignAsync(
            office[Office.UnitHead], task.Id, task.Revision, Office.DocumentationOfficer, null))).Succeeded);

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));
        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        foreach (var template in (string[])["helped", "reassigned"])
        {
            var mail = (await office.MailAsync()).Last(m => m.Template == template);
            Assert.Equal((template, "Ani Lestari, S.IP. (Plh. INFORMATION_OFFICER)"), (template, mail.ToName));
        }
    }

    [Fact]
    public async Task What_was_done_as_plh_cannot_be_taken_back_after_it()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-23"));
        await office.AwayAsync(Office.InformationHead, "2026-11-23", "2026-11-23");
        var acting = await office.NowAsync(Office.DocumentationHead);
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(acting, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        var done = await office.CompleteAsNowAsync(
            await office.OpenTaskAsync(opened.Value.Id), Office.DocumentationHead, new Completion { AssignTo = Office.InformationOfficer });
        var closed = (await office.InboxAsync(i => i.GetAsync(acting, done.Value.Id))).Value;
        Assert.Contains("takeBack", closed.Actions);

        office.GoTo("2026-11-24 00:00");

        var later = await office.NowAsync(Office.DocumentationHead);
        Assert.Equal("take-back-not-possible", Code(await office.InboxAsync(i => i.TakeBackAsync(later, closed.Id, closed.Revision))));
    }

    [Fact]
    public async Task Who_acts_for_a_supervisor_supervises_his_staff_but_never_himself()
    {
        await using var office = await Office.OpenAsync(roster: r => r.Add("petugas.dua", "Rina", Office.InformationHead, Roles.InformationOfficer));
        await office.AppointAsync(Acting("petugas.dua", Roles.InformationHead, "2026-11-23", "2026-11-27"));
        var record = await office.OpenCaseAsync();
        var assign = await office.OpenTaskAsync(record.Id);
        await office.CompleteAsNowAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        var task = await office.OpenTaskAsync(record.Id);
        var acting = await office.NowAsync("petugas.dua");

        var paused = await office.InboxAsync(i => i.PauseAsync(acting, task.Id, task.Revision, "Listrik padam"));
        Assert.True(paused.Succeeded, paused.Succeeded ? "" : paused.Problems[0].ToString());
        var facts = (await office.CaseAsync(record.Id)).Events.Single(e => e.Action == "task-paused");
        Assert.Equal(Title, facts.Data.GetProperty("capacity").GetString());
        var moved = await office.InboxAsync(i => i.ReassignAsync(acting, task.Id, paused.Value.Revision, "petugas.dua", null));
        Assert.True(moved.Succeeded, moved.Succeeded ? "" : moved.Problems[0].ToString());
        Assert.Equal("not-supervisor", Code(await office.InboxAsync(i => i.ResumeAsync(acting, task.Id, moved.Value.Revision, null))));
    }

    [Fact]
    public async Task The_absent_supervisor_s_plh_is_the_supervisor_who_is_there()
    {
        await using var office = await Office.OpenAsync();
        await office.AwayAsync(Office.InformationHead, "2026-11-23", "2026-11-24");
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-24"));

        var found = await office.AskAsync<OfficerDirectory, PresentSupervisor>(d =>
            d.PresentSupervisorAsync(office[Office.InformationOfficer].Id, office.Time.GetUtcNow(), CancellationToken.None));

        Assert.Equal(Office.DocumentationHead, found.Officer!.UserName);
        Assert.Equal($"Drs. Rahmat Hidayat ({Title})", found.Name);
        Assert.Equal(Office.InformationHead, Assert.Single(found.Skipped).Officer.UserName);
    }

    [Fact]
    public async Task An_acting_approver_cannot_approve_what_he_wrote_and_says_plh_where_he_decides()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.AppointAsync(Acting(Revisions.Manager, Roles.UnitPpidHead, "2026-11-23", "2026-11-23") with { ForUserName = Office.UnitHead });
        await office.DraftAsync(Revisions.LongerStep2);
        var own = (await office.ProposeAsync()).Value;
        var acting = await office.NowAsync(Revisions.Manager);
        Assert.Equal("approval-of-own-revision", Code(await office.DeskAsync(d => d.ApproveAsync(acting, own.DefinitionId, own.Version, own.ContentHash, null))));
        await office.DeskAsync(d => d.WithdrawAsync(acting, own.DefinitionId, own.Version, null));

        await office.DraftAsync(Revisions.LongerStep2, [Revisions.OtherManager]);
        var others = (await office.ProposeAsync(Revisions.OtherManager)).Value;
        var approved = await office.DeskAsync(d => d.ApproveAsync(acting, others.DefinitionId, others.Version, others.ContentHash, null));
        Assert.True(approved.Succeeded, approved.Succeeded ? "" : approved.Problems[0].ToString());
        Assert.Equal("Plh. UNIT_PPID_HEAD", approved.Value.DecidedCapacity);
        Assert.Contains("(Plh. UNIT_PPID_HEAD)", (await office.MailAsync()).Last(m => m.Template == "revision-approved").Model);
        Assert.Contains("Plh. UNIT_PPID_HEAD", await office.RowsAsync(db => db.AuditRecords.Where(r => r.Action == "revision-approved").Select(r => r.Data).SingleAsync()));
    }

    [Fact]
    public async Task A_vacant_post_is_taken_by_a_plt_with_the_work_that_was_left_there()
    {
        await using var office = await Office.OpenAsync();
        var record = await office.OpenCaseAsync();
        await office.TamperAsync("UPDATE Officers SET IsActive = 0 WHERE UserName = 'kasubid.informasi'");

        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-12-31", "plt") with { ForUserName = Office.InformationHead });

        // Whoever has left the post is not "away until" a day.
        var told = Assert.Single(await office.MailAsync(), m => m.Template == "acting-offered");
        Assert.Equal("kasubid.dokumentasi@ppid.example", told.ToAddress);
        var text = (await PreferenceTests.RenderedAsync(office, told)).Text;
        Assert.Contains("sebagai Plt. INFORMATION_HEAD (surat nomor 800/12/BU/2026, berlaku sampai Kamis, 31 Des 2026)", text, StringComparison.Ordinal);
        Assert.Contains($"{record.Number} langkah 1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tidak di tempat", text, StringComparison.Ordinal);
        Assert.DoesNotContain(await office.MailAsync(), m => m.Template == "absence-begun");
        var offer = Assert.Single(await office.OffersAsync(Office.DocumentationHead));
        await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.AcceptAsync(await office.NowAsync(Office.DocumentationHead), offer.Id, offer.Revision));
        var assign = await office.OpenTaskAsync(record.Id);
        Assert.Equal("Plt. INFORMATION_HEAD", assign.Assignee!.Capacity);
        // The staff of the vacant post answer to who acts in it.
        var found = await office.AskAsync<OfficerDirectory, PresentSupervisor>(d =>
            d.PresentSupervisorAsync(office[Office.InformationOfficer].Id, office.Time.GetUtcNow(), CancellationToken.None));
        Assert.Equal("Drs. Rahmat Hidayat (Plt. INFORMATION_HEAD)", found.Name);
    }

    [Fact]
    public async Task What_no_letter_can_do_is_refused()
    {
        await using var office = await Office.OpenAsync(roster: r => r.Add("kosong", "Sudah Pensiun", null, Roles.SopManager));
        var good = Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-24", "2026-11-25");

        Assert.Equal("forbidden", Code(await office.TryAppointAsync(good, by: Office.UnitHead)));
        Assert.Equal("letter-number-required", Code(await office.TryAppointAsync(good with { LetterNumber = " " })));
        Assert.Equal("text-too-long", Code(await office.TryAppointAsync(good with { LetterNumber = new string('9', 101) })));
        Assert.Equal("absence-end-before-start", Code(await office.TryAppointAsync(good with { LastDay = Day("2026-11-23") })));
        Assert.Equal("absence-too-long", Code(await office.TryAppointAsync(good with { LastDay = Day("9999-12-30") })));
        Assert.Equal("appointment-past backdated-reason-required", Code(await office.TryAppointAsync(good with { FirstDay = Day("2026-11-01"), LastDay = Day("2026-11-02") })));
        Assert.Equal("backdated-reason-required", Code(await office.TryAppointAsync(good with { FirstDay = Day("2026-11-20") })));
        Assert.Equal("role-unknown", Code(await office.TryAppointAsync(good with { Role = "NOBODY" })));
        Assert.Equal("role-not-actable", Code(await office.TryAppointAsync(good with { Role = Roles.Admin })));
        Assert.Equal("capacity-unknown", Code(await office.TryAppointAsync(good with { Capacity = "pjs" })));
        Assert.Equal("officer-unknown", Code(await office.TryAppointAsync(good with { OfficerUserName = "tidak.ada" })));
        Assert.Equal("appointment-for-oneself", Code(await office.TryAppointAsync(good with { OfficerUserName = "admin" })));
        Assert.Equal("substitute-auditor", Code(await office.TryAppointAsync(good with { OfficerUserName = "auditor" })));
        Assert.Equal("acting-holds-role", Code(await office.TryAppointAsync(good with { OfficerUserName = Office.InformationHead })));
        Assert.Equal("post-not-vacant", Code(await office.TryAppointAsync(good with { Capacity = "plt" })));
        Assert.Equal("holder-unknown", Code(await office.TryAppointAsync(good with { ForUserName = Office.UnitHead })));
        await office.TamperAsync("UPDATE Officers SET IsActive = 0 WHERE UserName = 'kosong'");
        Assert.Equal("post-vacant", Code(await office.TryAppointAsync(good with { Role = Roles.SopManager })));
        await office.AwayAsync(Office.DocumentationHead, "2026-11-25", "2026-11-26");
        Assert.Equal("substitute-absent", Code(await office.TryAppointAsync(good)));

        await office.AppointAsync(good with { OfficerUserName = Office.InformationOfficer });
        Assert.Equal("appointment-overlaps", Code(await office.TryAppointAsync(good with { OfficerUserName = Office.DocumentationOfficer, FirstDay = Day("2026-11-25") })));
        await office.AppointAsync(good with { OfficerUserName = Office.DocumentationOfficer, FirstDay = Day("2026-11-26"), LastDay = Day("2026-11-26") });
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Ended_early_it_ends_at_once_and_before_its_begin_it_never_was()
    {
        await using var office = await Office.OpenAsync();
        var current = await office.AppointAsync(Acting(Office.InformationOfficer, Roles.InformationHead, "2026-11-23", "2026-11-27"));
        var planned = await office.AppointAsync(Acting(Office.DocumentationOfficer, Roles.InformationHead, "2026-11-28", "2026-11-29"));
        Assert.Equal(["current", "planned"], (string[])[current.State, planned.State]);
        // No right is given backwards: it was recorded at eight.
        Assert.Equal(Wib("2026-11-23 08:00"), current.BeginsAt);
        var admin = await office.NowAsync("admin");

        Assert.Equal("past", (await office.AskAsync<AppointmentDesk, Result<AppointmentView>>(d => d.EndAsync(admin, current.Id, current.Revision))).Value.State);
        Assert.Equal("withdrawn", (await office.AskAsync<AppointmentDesk, Result<AppointmentView>>(d => d.EndAsync(admin, planned.Id, planned.Revision))).Value.State);
        Assert.False((await office.NowAsync(Office.InformationOfficer)).Is(Roles.InformationHead));
        await office.AppointAsync(Acting(Office.DocumentationHead, Roles.InformationHead, "2026-11-23", "2026-11-27"));
        Assert.Equal("appointment-over", Code(await office.AskAsync<AppointmentDesk, Result<AppointmentView>>(d => d.EndAsync(admin, planned.Id, planned.Revision + 1))));
    }

    [Fact]
    public async Task An_act_outside_its_appointment_and_two_in_one_post_are_seen_by_verify()
    {
        await using var office = await Office.OpenAsync();
        await office.AppointAsync(Acting(Office.InformationOfficer, Roles.InformationHead, "2026-11-23", "2026-11-24"));
        await office.AppointAsync(Acting(Office.DocumentationOfficer, Roles.InformationHead, "2026-11-25", "2026-11-26"));
        var record = await office.OpenCaseAsync(by: Office.InformationHead);
        var assign = await office.OpenTaskAsync(record.Id);
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync("UPDATE ActingAppointments SET FirstDay = '2026-11-24' WHERE FirstDay = '2026-11-25'");
        Assert.Equal(["one-acting-per-post"], await office.ViolatedAsync());
        await office.TamperAsync("UPDATE ActingAppointments SET FirstDay = '2026-11-25' WHERE LastDay = '2026-11-26'");

        Assert.True((await office.CompleteAsNowAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
        await office.TamperAsync($"UPDATE WorkItems SET AppointmentId = (SELECT Id FROM ActingAppointments LIMIT 1) WHERE Id = '{assign.Id.ToString().ToUpperInvariant()}'");
        Assert.Equal(["acts-within-appointments"], await office.ViolatedAsync());
    }

    private static async Task<TaskView> OpenAsync(Office office, Actor by)
    {
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(by, new NewCase(
            null, office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))));
        Assert.True(opened.Succeeded, opened.Succeeded ? "" : opened.Problems[0].ToString());
        return await office.OpenTaskAsync(opened.Value.Id);
    }

    private sealed class OneLink : IMailLinkSeal
    {
        public MailLink? Link { get; set; }

        public string? Seal(MailLink link) => null;

        public MailLink? Open(string token) => Link;
    }
}
