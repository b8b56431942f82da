using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class LifeCycleTests
{
    [Fact]
    public async Task A_returned_hand_over_gives_step_2_a_fresh_visit_to_its_last_assignee_and_a_mail()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var handOver = await office.WalkToAsync(opened.Id, "4");
        office.Time.Advance(TimeSpan.FromMinutes(3));

        var returned = await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, "Lampiran kurang"));

        Assert.Equal("returned", returned.Value.State);
        var again = await office.OpenTaskAsync(opened.Id);
        Assert.Equal(("2", Office.InformationOfficer, 15), (again.Step.Label, again.Assignee!.UserName, again.RemainingMinutes));
        Assert.Equal("Lampiran kurang", again.ReturnedFrom!.Reason);
        Assert.Equal(2, await office.RowsAsync(db => db.StepClocks.CountAsync(c => c.StepNumber == "2")));
        Assert.Equal("returned", (await office.MailAsync())[^1].Template);
        Assert.Equal(["1", "2", "3", "4", "2", "3", "4", "5"], (await office.CaseAsync(opened.Id)).Steps.Select(s => s.Step.Label));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Hardcopies_listed_before_a_return_still_count_and_a_new_list_takes_their_place()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var handOver = await office.WalkToAsync(opened.Id, "4");
        await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, "Lampiran kurang"));
        var again = await office.OpenTaskAsync(opened.Id);

        var completed = await office.CompleteAsync(again, Office.InformationOfficer, new Completion
        {
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan lengkap", 2, "asli"), new NewHardcopyItem("Lampiran", 7, "kopi")] }
        });

        Assert.True(completed.Succeeded);
        Assert.Equal(["Laporan lengkap", "Lampiran"], (await office.CaseAsync(opened.Id)).HardcopyItems.Select(h => h.Description));
        Assert.Equal(3, await office.RowsAsync(db => db.HardcopyItems.CountAsync()));
    }

    [Theory]
    [InlineData("2", "1")]
    [InlineData("4", "2")]
    [InlineData("5a", "4")]
    [InlineData("5b", "5a")]
    public async Task What_was_handed_over_goes_back_to_where_it_came_from(string from, string to)
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(opened.Id, from);

        var returned = await office.InboxAsync(i => i.ReturnAsync(office[task.Assignee!.UserName], task.Id, task.Revision, "Sedang dinas luar"));

        Assert.True(returned.Succeeded);
        var earlier = await office.OpenTaskAsync(opened.Id);
        Assert.Equal(to, earlier.Step.Label);
        Assert.Equal(earlier.Step.StandardMinutes, earlier.RemainingMinutes);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task What_nobody_handed_over_cannot_be_returned(string label)
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(opened.Id, label);

        var refused = await office.InboxAsync(i => i.ReturnAsync(office[task.Assignee!.UserName], task.Id, task.Revision, "Tidak jadi"));

        Assert.Equal(("return-not-possible", ProblemKind.Conflict), (refused.Problems[0].Code, refused.Problems[0].Kind));
        Assert.DoesNotContain("return", task.Actions);
    }

    [Fact]
    public async Task A_mistaken_completion_is_taken_back_and_done_again()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        office.Time.Advance(TimeSpan.FromMinutes(4));
        var completed = await office.CompleteOpenAsync(opened.Id);
        // The answer itself offers it, as the page does when it is read again.
        Assert.Contains("takeBack", completed.Actions);
        Assert.Contains("takeBack", (await SeenByPreparer(office, prepare.Id)).Actions);
        office.Time.Advance(TimeSpan.FromMinutes(1));

        var back = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], prepare.Id, completed.Revision));

        Assert.True(back.Succeeded, back.Succeeded ? "" : back.Problems[0].Code);
        Assert.Equal(("open", 10), (back.Value.State, back.Value.RemainingMinutes));
        Assert.Equal("2", (await office.OpenTaskAsync(opened.Id)).Step.Label);
        Assert.Equal(1, await office.RowsAsync(db => db.WorkItems.CountAsync(w => w.Closure == WorkItemClosure.Cancelled)));
        Assert.Empty(await office.ViolatedAsync());
        while ((await office.CaseAsync(opened.Id)).State == "running")
            await office.CompleteOpenAsync(opened.Id);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Taking_back_5a_keeps_the_one_clock_of_step_5_running()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var assign = await office.WalkToAsync(opened.Id, "5a");
        var completed = await office.CompleteOpenAsync(opened.Id);

        var back = await office.InboxAsync(i => i.TakeBackAsync(office[Office.DocumentationHead], assign.Id, completed.Revision));

        Assert.Equal(assign.DueAt, back.Value.DueAt);
        Assert.Equal(1, await office.RowsAsync(db => db.StepClocks.CountAsync(c => c.StepNumber == "5" && c.State == ClockState.Running)));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_completion_is_not_taken_back_once_the_next_step_has_begun()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var assign = await office.WalkToAsync(opened.Id, "1");
        var completed = await office.CompleteOpenAsync(opened.Id);
        var prepare = await office.OpenTaskAsync(opened.Id);
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], prepare.Id, prepare.Revision));

        var refused = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], assign.Id, completed.Revision));

        Assert.Equal("take-back-not-possible", refused.Problems[0].Code);
        Assert.Equal("2", (await office.OpenTaskAsync(opened.Id)).Step.Label);
    }

    [Fact]
    public async Task Who_was_given_a_step_by_mistake_sees_the_case_no_more_and_gets_no_late_mail()
    {
        await using var office = await Office.OpenAsync(
            roster: r => r.Add("petugas.informasi2", "Citra", Office.InformationHead, Roles.InformationOfficer));
        var opened = await office.OpenCaseAsync();
        var assign = await office.WalkToAsync(opened.Id, "1");
        var mistaken = await office.CompleteAsync(assign, Office.InformationHead, new Completion { AssignTo = "petugas.informasi2" });
        var meant = (await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], assign.Id, mistaken.Value.Revision))).Value;

        await office.CompleteAsync(meant, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });

        Assert.Null(meant.StartedAt);
        Assert.Contains("start", meant.Actions);
        var seen = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.GetAsync(office["petugas.informasi2"], opened.Id));
        Assert.Equal(ProblemKind.NotFound, seen.Problems[0].Kind);
        Assert.Equal(OutboxState.Withdrawn, (await office.MailAsync()).Single(m => m.ToAddress.StartsWith("petugas.informasi2", StringComparison.Ordinal)).State);
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.DoesNotContain(
            System.IO.Directory.GetFiles(Path.Combine(office.Folder, "mail")),
            f => File.ReadAllText(f).Contains("petugas.informasi2@", StringComparison.Ordinal));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_return_goes_to_whoever_did_the_step_though_the_role_changed_hands_since()
    {
        await using var office = await Office.OpenAsync(
            roster: r => r.Add("petugas.informasi2", "Citra", Office.InformationHead, Roles.InformationOfficer));
        var opened = await office.OpenCaseAsync();
        var assign = await office.WalkToAsync(opened.Id, "1");
        await office.CompleteAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        await office.CompleteOpenAsync(opened.Id);
        var report = await office.OpenTaskAsync(opened.Id);
        await office.InboxAsync(i => i.ReassignAsync(office[Office.InformationHead], report.Id, report.Revision, "petugas.informasi2", null));
        var handOver = await office.WalkToAsync(opened.Id, "4");

        await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, "Kurang"));

        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(opened.Id)).Assignee!.UserName);
    }

    [Fact]
    public async Task A_pause_is_neither_waiting_nor_processing_and_a_closed_step_keeps_its_figures()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        office.Time.Advance(TimeSpan.FromMinutes(2));
        var started = (await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], prepare.Id, prepare.Revision))).Value;
        office.Time.Advance(TimeSpan.FromMinutes(3));
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], prepare.Id, started.Revision, "Listrik padam"))).Value;
        office.Time.Advance(TimeSpan.FromHours(1));
        var resumed = (await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], prepare.Id, paused.Revision, null))).Value;
        office.Time.Advance(TimeSpan.FromMinutes(4));

        await office.CompleteOpenAsync(opened.Id);

        Assert.Equal((2, 3), (paused.WaitingMinutes, paused.ProcessingMinutes));
        var visit = (await office.CaseAsync(opened.Id)).Steps.Single(s => s.Step.Label == "2");
        Assert.Equal((2, 7), (visit.WaitingMinutes, visit.ProcessingMinutes));
        Assert.Equal(resumed.DueAt, visit.DueAt);
    }

    [Fact]
    public async Task Taking_back_a_new_list_of_hardcopies_brings_the_former_one_back()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var handOver = await office.WalkToAsync(opened.Id, "4");
        await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, "Kurang"));
        var again = await office.OpenTaskAsync(opened.Id);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        var completed = await office.CompleteAsync(again, Office.InformationOfficer, new Completion
        {
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Salah daftar", 1, null)] }
        });

        await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], again.Id, completed.Value.Revision));

        Assert.Equal(["Laporan, satu jilid"], (await office.CaseAsync(opened.Id)).HardcopyItems.Select(h => h.Description));
        var emptied = await office.CompleteAsync(
            await office.OpenTaskAsync(opened.Id), Office.InformationOfficer, new Completion { Fields = new CompletionFields { HardcopyItems = [] } });
        Assert.Equal("medium-required", emptied.Problems[0].Code);
    }

    [Fact]
    public async Task A_file_of_an_earlier_step_is_not_replaced_by_the_next_officer()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        var prepared = (await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi")).Value;
        var document = await office.WalkToAsync(opened.Id, "5b");

        var refused = await office.UploadAsync(document, Office.DocumentationOfficer, "lain.pdf", "lain", prepared.Id);

        Assert.Equal("file-not-replaceable", refused.Problems[0].Code);
        Assert.All(document.Files, f => Assert.False(f.Replaceable));
        Assert.Single(System.IO.Directory.GetFiles(Path.Combine(office.Folder, "vault"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Whoever_an_alert_reached_can_open_what_it_tells_of()
    {
        await using var office = await Office.OpenAsync(roster: r =>
        {
            r.Add("kepala.bagian", "Kepala Bagian", Office.UnitHead);
            r.Add("kasubid.dokumentasi2", "Dra. Maya", "kepala.bagian", Roles.DocumentationHead);
        });
        var opened = await office.OpenCaseAsync();
        var offered = await office.WalkToAsync(opened.Id, "5a");

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        Assert.Contains(await office.MailAsync(), m => m is { Template: "overdue", ToAddress: "kepala.bagian@ppid.example" });
        Assert.True((await office.InboxAsync(i => i.GetAsync(office["kepala.bagian"], offered.Id))).Succeeded);
    }

    [Fact]
    public async Task A_wrong_file_is_replaced_and_kept_marked()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        var wrong = (await office.UploadAsync(prepare, Office.InformationOfficer, "salah.pdf", "salah")).Value;

        var right = (await office.UploadAsync(prepare, Office.InformationOfficer, "benar.pdf", "benar", wrong.Id)).Value;

        var files = (await office.OpenTaskAsync(opened.Id, Office.InformationOfficer)).Files;
        Assert.Equal([(wrong.Id, right.Id), (right.Id, (Guid?)null)], files.Select(f => (f.Id, f.ReplacedById)));
        Assert.Equal("file-not-replaceable", (await office.UploadAsync(prepare, Office.InformationOfficer, "lagi.pdf", "lagi", wrong.Id)).Problems[0].Code);
        Assert.Equal(2, System.IO.Directory.GetFiles(Path.Combine(office.Folder, "vault"), "*", SearchOption.AllDirectories).Length);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_role_with_several_holders_is_offered_to_all_and_claimed_by_one()
    {
        await using var office = await Office.OpenAsync(
            roster: r => r.Add("kasubid.dokumentasi2", "Dra. Maya", Office.UnitHead, Roles.DocumentationHead));
        var opened = await office.OpenCaseAsync();
        var offered = await office.WalkToAsync(opened.Id, "5a");

        Assert.Null(offered.Assignee);
        var mails = (await office.MailAsync()).Where(m => m.WorkItemId == offered.Id).Select(m => m.ToAddress).Order(StringComparer.Ordinal);
        Assert.Equal(["kasubid.dokumentasi2@ppid.example", "kasubid.dokumentasi@ppid.example"], mails);
        var claimed = await office.InboxAsync(i => i.ClaimAsync(office["kasubid.dokumentasi2"], offered.Id, offered.Revision));
        Assert.Equal("kasubid.dokumentasi2", claimed.Value.Assignee!.UserName);
        Assert.Equal(offered.DueAt, claimed.Value.DueAt);
        var late = await office.InboxAsync(i => i.ClaimAsync(office[Office.DocumentationHead], offered.Id, claimed.Value.Revision));
        Assert.Equal(ProblemKind.NotFound, late.Problems[0].Kind);
        var released = await office.InboxAsync(i => i.ReleaseAsync(office["kasubid.dokumentasi2"], offered.Id, claimed.Value.Revision));
        Assert.Null(released.Value.Assignee);
        Assert.Equal(2, released.Value.Candidates.Count);
        var started = await office.InboxAsync(i => i.StartAsync(office[Office.DocumentationHead], offered.Id, released.Value.Revision));
        Assert.Equal(Office.DocumentationHead, started.Value.Assignee!.UserName);
    }

    [Fact]
    public async Task A_paused_step_neither_ages_nor_alerts_and_resumes_with_what_was_left()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));

        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], prepare.Id, prepare.Revision, "Listrik padam"))).Value;
        await office.AdvanceAsync(TimeSpan.FromHours(1));
        var refused = await office.CompleteAsync(paused, Office.InformationOfficer);
        var resumed = (await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], prepare.Id, paused.Revision, null))).Value;

        Assert.Equal("paused", paused.State);
        Assert.Equal("task-paused", refused.Problems[0].Code);
        Assert.Equal(5, resumed.RemainingMinutes);
        Assert.DoesNotContain(await office.MailAsync(), m => m.FireRecordId is not null);
        Assert.Equal("Listrik padam", await office.RowsAsync(db => db.ClockEvents.Where(e => e.Kind == "paused").Select(e => e.Reason).SingleAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Only_a_supervisor_pauses_or_reassigns()
    {
        await using var office = await Office.OpenAsync(
            roster: r => r.Add("petugas.informasi2", "Citra", Office.InformationHead, Roles.InformationOfficer));
        var opened = await office.OpenCaseAsync();
        var assign = await office.WalkToAsync(opened.Id, "1");
        await office.CompleteAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        var prepare = await office.OpenTaskAsync(opened.Id);

        var byPerformer = await office.InboxAsync(i => i.PauseAsync(office[Office.InformationOfficer], prepare.Id, prepare.Revision, "Istirahat"));
        var reassigned = await office.InboxAsync(i => i.ReassignAsync(
            office[Office.InformationHead], prepare.Id, prepare.Revision, "petugas.informasi2", "Sakit"));

        Assert.Equal(("not-supervisor", ProblemKind.Forbidden), (byPerformer.Problems[0].Code, byPerformer.Problems[0].Kind));
        Assert.Equal("petugas.informasi2", reassigned.Value.Assignee!.UserName);
        Assert.Equal(prepare.DueAt, reassigned.Value.DueAt);
        var happened = (await office.CaseAsync(opened.Id)).Events.Single(e => e.Action == "task-reassigned");
        Assert.Equal(
            (Office.InformationHead, "Sakit", Office.InformationOfficer, "petugas.informasi2"),
            (happened.Actor, Fact("reason"), Fact("former"), Fact("assignee")));
        await office.CompleteOpenAsync(opened.Id);
        Assert.Equal("petugas.informasi2", (await office.OpenTaskAsync(opened.Id)).Assignee!.UserName);

        string? Fact(string name) => happened.Data.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Who_does_not_work_on_a_case_does_not_see_it()
    {
        await using var office = await Office.OpenAsync(
            roster: r => r.Add("lain", "Orang Lain", Office.UnitHead, Roles.InformationHead));
        var opened = await office.OpenCaseAsync();

        var seen = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.GetAsync(office["lain"], opened.Id));
        var auditor = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.GetAsync(office["auditor"], opened.Id));

        Assert.Equal(ProblemKind.NotFound, seen.Problems[0].Kind);
        Assert.Equal(opened.Number, auditor.Value.Number);
        Assert.Empty((await office.AskAsync<CaseRegister, Result<Page<CaseSummary>>>(r => r.ListAsync(office["lain"], new CaseQuery()))).Value.Items);
    }

    [Fact]
    public async Task Two_completions_of_one_revision_leave_one_winner()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var report = await office.WalkToAsync(opened.Id, "3");

        var both = await Task.WhenAll(office.CompleteAsync(report, Office.InformationOfficer), office.CompleteAsync(report, Office.InformationOfficer));

        Assert.Single(both, r => r.Succeeded);
        Assert.Equal(("task-closed", ProblemKind.Conflict), (both.Single(r => !r.Succeeded).Problems[0].Code, both.Single(r => !r.Succeeded).Problems[0].Kind));
        Assert.Equal(1, await office.RowsAsync(db => db.WorkItems.CountAsync(w => w.StepNumber == "4")));
    }

    [Fact]
    public async Task A_repeated_key_gives_the_first_answer_and_another_body_is_refused()
    {
        await using var office = await Office.OpenAsync();
        var inputs = office.Inputs().ToDictionary(i => i.Key, i => JsonSerializer.SerializeToElement(i.Value));

        var first = await CreateWithKey(office, inputs, "k1", "hash-a");
        var again = await CreateWithKey(office, inputs, "k1", "hash-a");
        var other = await CreateWithKey(office, inputs, "k1", "hash-b");

        Assert.Equal(first.Value.Id, again.Value.Id);
        Assert.Equal("idempotency-key-reused", other.Problems[0].Code);
        Assert.Equal(1, await office.RowsAsync(db => db.Cases.CountAsync()));
    }

    [Fact]
    public async Task A_determination_is_registered_once()
    {
        await using var office = await Office.OpenAsync();
        var inputs = office.Inputs();

        var first = await office.TryOpenCaseAsync(inputs);
        var again = await office.TryOpenCaseAsync(inputs);
        var anotherItem = await office.TryOpenCaseAsync(new Dictionary<string, object?>(inputs) { ["determinationItem"] = "2" });

        Assert.True(first.Succeeded);
        Assert.Equal(("determination-already-registered", ProblemKind.Conflict), (again.Problems[0].Code, again.Problems[0].Kind));
        Assert.True(anotherItem.Succeeded);
    }

    [Fact]
    public async Task The_last_step_wants_both_media_or_the_reason_why_one_is_missing()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var document = await office.WalkToAsync(opened.Id, "5b");

        var nothing = await office.CompleteAsync(document, Office.DocumentationOfficer);
        var neither = await office.CompleteAsync(document, Office.DocumentationOfficer, new Completion
        {
            Fields = new CompletionFields { MissingMedia = [new MissingMediumView("softcopy", "-"), new MissingMediumView("hardcopy", "-")] }
        });
        var uploaded = await office.UploadAsync(document, Office.DocumentationOfficer, "pindaian.pdf", "isi");
        var complete = await office.CompleteAsync(document, Office.DocumentationOfficer, new Completion
        {
            Fields = new CompletionFields { Location = new LocationView(null, null, null, null, null, "Lemari 2, boks A") }
        });

        Assert.Equal(["files-required", "location-required"], nothing.Problems.Select(p => p.Code));
        Assert.Equal(["medium-required"], neither.Problems.Select(p => p.Code));
        Assert.True(uploaded.Succeeded);
        Assert.True(complete.Succeeded);
        Assert.Equal("documented", (await office.CaseAsync(opened.Id)).State);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Late_work_is_accepted_and_its_reason_kept()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var report = await office.WalkToAsync(opened.Id, "3");
        await office.AdvanceAsync(TimeSpan.FromMinutes(12));

        var late = await office.CompleteAsync(report, Office.InformationOfficer, new Completion { DelayReason = "Pejabat rapat" });

        Assert.True(late.Succeeded);
        var visit = (await office.CaseAsync(opened.Id)).Steps.Single(s => s.Step.Label == "3");
        Assert.Equal((7, "Pejabat rapat"), (visit.LateMinutes, visit.DelayReason));
    }

    [Fact]
    public async Task Done_at_the_due_instant_is_on_time()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "3");

        office.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.NotEqual("overdue", (await office.OpenTaskAsync(opened.Id)).State);
        await office.CompleteOpenAsync(opened.Id);
        Assert.Equal(0, (await office.CaseAsync(opened.Id)).Steps.Single(s => s.Step.Label == "3").LateMinutes);
    }

    [Fact]
    public async Task An_inactive_supervisor_is_passed_over_to_the_next()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "2");
        await office.TamperAsync("UPDATE Officers SET IsActive = 0 WHERE UserName = 'kasubid.informasi'");

        await office.AdvanceAsync(TimeSpan.FromMinutes(15));

        Assert.Equal("kepala.biro@ppid.example", (await office.MailAsync()).Single(m => m.Template == "overdue").ToAddress);
    }

    [Fact]
    public async Task Every_reading_of_a_file_is_in_the_case_history()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        var file = (await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi berkas")).Value;

        var read = await office.AskAsync<Archive.DossierVault, Result<Archive.OpenedFile>>(v => v.OpenAsync(office["auditor"], file.Id));
        var refused = await office.AskAsync<Archive.DossierVault, Result<Archive.OpenedFile>>(v => v.OpenAsync(office["admin"], file.Id));

        using var reader = new StreamReader(read.Value.Content);
        Assert.Equal("isi berkas", await reader.ReadToEndAsync());
        Assert.Equal(ProblemKind.NotFound, refused.Problems[0].Kind);
        Assert.Contains((await office.CaseAsync(opened.Id)).Events, e => e is { Actor: "auditor", Action: "file-opened" });
    }

    [Fact]
    public async Task The_inbox_pages_through_every_item_once_by_urgency()
    {
        await using var office = await Office.OpenAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add((await office.OpenCaseAsync()).Id);
            office.Time.Advance(TimeSpan.FromSeconds(i % 2 * 20));
        }

        var seen = new List<Guid>();
        string? after = null;
        do
        {
            var page = (await office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(t =>
                t.ListAsync(office[Office.InformationHead], new TaskQuery(After: after, PageSize: 3)))).Value;
            seen.AddRange(page.Items.Select(t => t.CaseId));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_mail_owed_is_sent_once_however_often_the_sweep_runs()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();

        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());

        Assert.Single(System.IO.Directory.GetFiles(Path.Combine(office.Folder, "mail")));
        Assert.All(await office.MailAsync(), m => Assert.Equal((OutboxState.Sent, 1), (m.State, m.Attempts)));
    }

    private static async Task<TaskView> SeenByPreparer(Office office, Guid id) =>
        (await office.InboxAsync(i => i.GetAsync(office[Office.InformationOfficer], id))).Value;

    private static async Task<Result<CaseView>> CreateWithKey(Office office, Dictionary<string, JsonElement> inputs, string key, string hash) =>
        await office.InScopeAsync(async services =>
        {
            var actor = office[Office.InformationHead];
            services.Get<Idempotency>().Ask(actor.Id, "POST /api/v1/cases", key, hash);
            return await services.Get<CaseRegister>().CreateAsync(actor, new NewCase(null, inputs));
        });
}
