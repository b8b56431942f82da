using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Scenarios;
using static PpidWorkflow.Application.Tests.People.PeopleOffice;

namespace PpidWorkflow.Application.Tests.People;

/// <summary>New tasks of who is away go to somebody who is there; open ones are offered, and move when somebody accepts.</summary>
public sealed class SubstituteTests
{
    [Fact]
    public async Task A_substitute_gets_new_tasks_from_midnight_to_midnight_and_then_the_officer_again()
    {
        await using var office = await OpenAsync();
        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25", substitute: "petugas.dua");

        Assert.Equal(Office.InformationOfficer, (await PrepareOfANewCaseAsync(office)).Assignee!.UserName);

        office.GoTo("2026-11-24 08:00");
        var during = await PrepareOfANewCaseAsync(office);
        Assert.Equal("petugas.dua", during.Assignee!.UserName);
        Assert.Equal("menggantikan Budi Santoso, A.Md.", during.Assignee.Capacity);
        var mail = (await office.MailAsync()).Last(m => m.Template == "task");
        Assert.Equal("petugas.dua@ppid.example", mail.ToAddress);
        Assert.Contains("\"inSteadOfName\":\"Budi Santoso, A.Md.\"", mail.Model);

        office.GoTo("2026-11-26 00:00");
        Assert.Equal(Office.InformationOfficer, (await PrepareOfANewCaseAsync(office)).Assignee!.UserName);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_supervisor_of_who_is_away_sees_and_pauses_what_an_officer_of_another_head_does_in_his_stead()
    {
        await using var office = await Office.OpenAsync(roster: people =>
            people.Add("kasubid.dokumentasi.dua", "Endang Lestari", Office.UnitHead, Roles.DocumentationHead));
        await office.AwayAsync(Office.DocumentationOfficer, "2026-11-23", "2026-11-23", substitute: Office.InformationOfficer);
        var id = (await office.OpenCaseAsync()).Id;
        var assign = await office.WalkToAsync(id, "5a");
        Assert.True((await office.CompleteAsNowAsync(assign, "kasubid.dokumentasi.dua", new Completion { AssignTo = Office.DocumentationOfficer })).Succeeded);
        var task = await office.OpenTaskAsync(id);
        Assert.Equal(Office.InformationOfficer, task.Assignee!.UserName);

        var paused = await office.InboxAsync(i => i.PauseAsync(office[Office.DocumentationHead], task.Id, task.Revision, "Menunggu kunci lemari"));

        Assert.True(paused.Succeeded, paused.Succeeded ? "" : paused.Problems[0].Code);
    }

    [Fact]
    public async Task The_substitute_does_the_task_in_the_stead_of_who_is_away_and_the_next_step_finds_the_officer_back()
    {
        await using var office = await OpenAsync();
        await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-23", substitute: "petugas.dua");
        var task = await PrepareOfANewCaseAsync(office);
        var done = await office.CompleteAsNowAsync(task, "petugas.dua", new Completion
        {
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Satu jilid", 1, "asli")] }
        });

        Assert.True(done.Succeeded);
        Assert.Equal("menggantikan Budi Santoso, A.Md.", done.Value.Assignee!.Capacity);
        var record = await office.CaseAsync(task.CaseId);
        Assert.Equal("menggantikan Budi Santoso, A.Md.", record.Steps.Single(s => s.Step.Label == "2").Assignee!.Capacity);
        Assert.Equal(
            "menggantikan Budi Santoso, A.Md.", record.Events.Single(e => e.Action == "task-completed" && e.Actor == "petugas.dua").Data.GetProperty("capacity").GetString());
        // Still away: step 3 goes to the substitute as well. Given up and taken again the day after, it is his own.
        Assert.Equal("petugas.dua", (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        office.GoTo("2026-11-24 08:00");
        var report = await office.OpenTaskAsync(task.CaseId);
        Assert.True((await office.CompleteAsNowAsync(report, "petugas.dua")).Succeeded);
        // Who stood in keeps seeing what he did, and so does who was stood in for.
        Assert.True((await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.GetAsync(office[Office.InformationOfficer], task.CaseId))).Succeeded);
        Assert.Equal(office[Office.InformationOfficer].Id, await office.RowsAsync(db => db.CaseRolePlayers
            .Where(p => p.CaseId == task.CaseId && p.Role == Roles.InformationOfficer).Select(p => p.OfficerId).SingleAsync()));
    }

    [Fact]
    public async Task Without_a_substitute_the_other_holder_gets_it_and_without_one_the_supervisor()
    {
        await using var office = await OpenAsync(r => r.Add("petugas.lain", "Tono", Office.InformationHead, Roles.InformationOfficer));
        await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-24");
        Assert.Equal("petugas.lain", (await PrepareOfANewCaseAsync(office)).Assignee!.UserName);

        await office.AwayAsync("petugas.lain", "2026-11-23", "2026-11-24");
        var task = await PrepareOfANewCaseAsync(office);
        Assert.Equal(Office.InformationHead, task.Assignee!.UserName);
        // The supervisor may do it, or give it on to whoever is there.
        Assert.Contains("reassign", (await office.OpenTaskAsync(task.CaseId, Office.InformationHead)).Actions);
    }

    [Fact]
    public async Task Open_tasks_are_offered_when_the_absence_begins_and_move_when_the_substitute_accepts()
    {
        await using var office = await OpenAsync();
        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25", substitute: "petugas.dua");
        var task = await PrepareOfANewCaseAsync(office);
        Assert.Equal(0, await office.SweepAsync());

        await PreferenceTests.SetAsync(office, "petugas.dua", new PreferenceForm(Language: "en"));
        office.GoTo("2026-11-24 00:00");
        Assert.Equal(1, await office.SweepAsync());
        Assert.Equal(0, await office.SweepAsync());
        var told = (await office.MailAsync()).Where(m => m.Template == "absence-begun").ToList();
        Assert.Equal(["kasubid.informasi@ppid.example", "petugas.dua@ppid.example"], told.Select(m => m.ToAddress).Order());
        Assert.All(told, m => Assert.Contains(task.CaseNumber, m.Model));
        Assert.All(told, m => Assert.DoesNotContain(task.CaseTitle, m.Model));
        // The last day is named, not the midnight after it; each in his language.
        var head = (await PreferenceTests.RenderedAsync(office, told.Single(m => m.Language is null))).Text;
        Assert.Contains("Bapak/Ibu Budi Santoso, A.Md. sedang tidak di tempat sampai Rabu, 25 Nov 2026.", head, StringComparison.Ordinal);
        var english = (await PreferenceTests.RenderedAsync(office, told.Single(m => m.Language == "en"))).Text;
        Assert.Contains("Budi Santoso, A.Md. is away until Wednesday, 25 Nov 2026.", english, StringComparison.Ordinal);
        Assert.Contains($"Open tasks (1): {task.CaseNumber} step 2.", english, StringComparison.Ordinal);

        var offer = Assert.Single(await office.OffersAsync("petugas.dua"));
        Assert.Single(await office.OffersAsync(Office.InformationHead));
        Assert.Empty(await office.OffersAsync(Office.InformationOfficer));
        Assert.Equal(task.CaseNumber, offer.CaseNumber);
        // Seeing an offer is not seeing the case.
        Assert.Equal("task-not-found", Code(await office.InboxAsync(i => i.GetAsync(office["petugas.dua"], task.Id))));

        var before = await office.OpenTaskAsync(task.CaseId);
        var accepted = await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.AcceptAsync(await office.NowAsync("petugas.dua"), offer.Id, offer.Revision));
        Assert.True(accepted.Succeeded);
        var after = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal("petugas.dua", after.Assignee!.UserName);
        Assert.Equal(before.DueAt, after.DueAt);
        Assert.Equal(before.Revision + 1, after.Revision);
        var facts = (await office.CaseAsync(task.CaseId)).Events.Single(e => e.Action == "task-transferred");
        Assert.Equal("petugas.dua", facts.Actor);
        Assert.Equal(Office.InformationOfficer, facts.Data.GetProperty("from").GetString());
        Assert.Empty(await office.OffersAsync(Office.InformationHead));
        Assert.Equal("transfer-over", Code(await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.AcceptAsync(await office.NowAsync("petugas.dua"), offer.Id, accepted.Value.Revision))));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_declined_offer_leaves_the_task_and_tells_the_supervisor_who_may_give_it_to_somebody()
    {
        await using var office = await OpenAsync();
        var task = await PrepareOfANewCaseAsync(office);
        await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-24", substitute: "petugas.dua");
        var offer = Assert.Single(await office.OffersAsync("petugas.dua"));

        var declined = await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.DeclineAsync(await office.NowAsync("petugas.dua"), offer.Id, offer.Revision, "Sedang dinas malam"));

        Assert.True(declined.Succeeded);
        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        Assert.Equal("kasubid.informasi@ppid.example", (await office.MailAsync()).Single(m => m.Template == "transfer-declined").ToAddress);
        var held = await office.OpenTaskAsync(task.CaseId);
        var moved = await office.InboxAsync(async i => await i.ReassignAsync(
            await office.NowAsync(Office.InformationHead), held.Id, held.Revision, "petugas.dua", null));
        Assert.True(moved.Succeeded, moved.Succeeded ? "" : moved.Problems[0].ToString());
        Assert.Equal("petugas.dua", moved.Value.Assignee!.UserName);
        var away = await office.InboxAsync(async i => await i.ReassignAsync(
            await office.NowAsync(Office.InformationHead), held.Id, moved.Value.Revision, Office.InformationOfficer, null));
        Assert.Equal("assign-to-away-stood-in", Code(away));
        Assert.Equal(["Selasa, 24 Nov 2026", "Rina Marlina, S.Kom."], away.Problems[0].Arguments);
    }

    [Fact]
    public async Task Who_is_away_is_offered_last_for_new_work_with_who_stands_in_and_not_at_all_for_work_in_hand()
    {
        await using var office = await OpenAsync(r => r.Add("petugas.lain", "Tono", Office.InformationHead, Roles.InformationOfficer));
        await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-24", substitute: "petugas.dua");
        var record = await office.OpenCaseAsync();

        var assign = await office.OpenTaskAsync(record.Id);

        Assert.Equal(["petugas.lain", Office.InformationOfficer], assign.Assignable);
        var away = assign.AssignablePeople![^1];
        Assert.Equal((Wib("2026-11-25 00:00").ToUniversalTime(), "Rina Marlina, S.Kom."), (away.AwayUntil, away.StandIn));
        // Chosen all the same, his substitute gets it.
        Assert.True((await office.CompleteAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
        Assert.Equal("petugas.dua", (await office.OpenTaskAsync(record.Id)).Assignee!.UserName);

        var row = Assert.Single((await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[Office.UnitHead], new BoardQuery()))).Value.Items);
        Assert.Equal(["petugas.lain"], row.Assignable.Select(p => p.UserName));
    }

    [Fact]
    public async Task Without_a_substitute_the_supervisor_accepts_for_himself_and_all_of_it_at_once_where_it_is_his()
    {
        await using var office = await OpenAsync();
        var (first, second) = (await PrepareOfANewCaseAsync(office), await PrepareOfANewCaseAsync(office));
        await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-24");
        Assert.Equal("kasubid.informasi@ppid.example", (await office.MailAsync()).Single(m => m.Template == "absence-begun").ToAddress);
        var offers = await office.OffersAsync(Office.InformationHead);
        Assert.Equal(2, offers.Count);

        await office.AskAsync<TransferDesk, Result<TransferOfferView>>(async d =>
            await d.AcceptAsync(await office.NowAsync(Office.InformationHead), offers[0].Id, offers[0].Revision));
        Assert.Equal(Office.InformationHead, (await office.OpenTaskAsync(first.CaseId)).Assignee!.UserName);

        // A substitute named later is offered what is left, and takes it in one go.
        var absence = (await office.AskAsync<AbsenceDesk, Result<IReadOnlyList<AbsenceView>>>(d =>
            d.ListAsync(office[Office.InformationOfficer], "mine"))).Value.Single();
        var named = await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d =>
            d.SubstituteAsync(office[Office.InformationOfficer], absence.Id, absence.Revision, "petugas.dua"));
        Assert.True(named.Succeeded, named.Succeeded ? "" : named.Problems[0].ToString());
        Assert.Single(await office.OffersAsync("petugas.dua"));
        var all = await office.AskAsync<TransferDesk, Result<TransfersAccepted>>(async d => await d.AcceptAllAsync(await office.NowAsync("petugas.dua")));
        Assert.Equal(1, all.Value.Accepted);
        Assert.Equal("petugas.dua", (await office.OpenTaskAsync(second.CaseId)).Assignee!.UserName);
    }

    [Fact]
    public async Task Who_is_back_is_told_once_what_became_of_his_work_and_what_was_offered_lapses()
    {
        await using var office = await OpenAsync();
        var waiting = await PrepareOfANewCaseAsync(office);
        var absence = await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-24", substitute: "petugas.dua");
        var taken = await PrepareOfANewCaseAsync(office);

        office.GoTo("2026-11-24 23:59");
        Assert.Equal(0, await office.SweepAsync());
        office.GoTo("2026-11-25 00:00");
        // Rights and offers end by time, before any sweep has looked.
        Assert.Empty(await office.OffersAsync("petugas.dua"));
        Assert.Equal(1, await office.SweepAsync());
        Assert.Equal(0, await office.SweepAsync());
        var mail = (await office.MailAsync()).Single(m => m.Template == "absence-returned");
        Assert.Equal("petugas.informasi@ppid.example", mail.ToAddress);
        Assert.Contains($"{taken.CaseNumber} langkah 2", mail.Model);
        Assert.Contains($"{waiting.CaseNumber} langkah 2", mail.Model);
        Assert.Equal(TransferState.Lapsed, await office.RowsAsync(db => db.TransferOffers.Select(o => o.State).SingleAsync()));
        var during = await office.AskAsync<TransferDesk, IReadOnlyList<TakenOverView>>(d => d.TakenOverAsync(absence.Id));
        Assert.Equal(taken.CaseNumber, Assert.Single(during).CaseNumber);
    }

    [Fact]
    public async Task Back_early_means_back_at_once()
    {
        await using var office = await OpenAsync();
        await PrepareOfANewCaseAsync(office);
        var absence = await office.AwayAsync(Office.InformationOfficer, "2026-11-23", "2026-11-27", substitute: "petugas.dua");
        office.GoTo("2026-11-24 09:30");
        var ended = await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d => d.EndAsync(office[Office.InformationOfficer], absence.Id, absence.Revision));

        Assert.Equal("past", ended.Value.State);
        Assert.Equal(Wib("2026-11-24 09:30"), ended.Value.EndsAt);
        Assert.Equal(Office.InformationOfficer, (await PrepareOfANewCaseAsync(office)).Assignee!.UserName);
        Assert.Single(await office.MailAsync(), m => m.Template == "absence-returned");
        // Ill in the afternoon of the same day.
        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-24");
        Assert.Equal("absence-over", Code(await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d =>
            d.EndAsync(office[Office.InformationOfficer], absence.Id, ended.Value.Revision))));
    }

    [Fact]
    public async Task An_absence_that_lay_wholly_within_an_outage_tells_nobody_of_its_begin()
    {
        await using var office = await OpenAsync();
        await PrepareOfANewCaseAsync(office);
        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25", substitute: "petugas.dua");
        office.GoTo("2026-11-27 08:00");
        Assert.Equal(1, await office.SweepAsync());

        Assert.DoesNotContain(await office.MailAsync(), m => m.Template == "absence-begun");
        Assert.Empty(await office.OffersAsync("petugas.dua"));
    }

    private static Task<Office> OpenAsync(Action<OfficeRoster>? more = null) => Office.OpenAsync(roster: r =>
    {
        r.Add("petugas.dua", "Rina Marlina, S.Kom.", Office.InformationHead);
        more?.Invoke(r);
    });

    /// <summary>Step 2 of a new case, assigned by the head to the ordinary officer.</summary>
    private static async Task<TaskView> PrepareOfANewCaseAsync(Office office)
    {
        var record = await office.OpenCaseAsync($"Laporan {Guid.NewGuid()}");
        var assign = await office.OpenTaskAsync(record.Id);
        var done = await office.CompleteAsNowAsync(assign, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        return await office.OpenTaskAsync(record.Id);
    }
}
