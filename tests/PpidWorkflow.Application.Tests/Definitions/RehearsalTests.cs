using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Tests.Definitions;

/// <summary>
/// Timetables of the delivered SOP (5, 15, 5, 5 and 15 working minutes; 07.30-12.00 and 13.00-16.00, Friday 07.30-11.30 and 13.00-16.30), worked
/// out by hand: who begins does so after a minute and is done after half of what was left, in whole minutes.
/// </summary>
public sealed class RehearsalTests(ITestOutputHelper output)
{
    private static readonly DateOnly From = new(2026, 11, 20);
    private static readonly OfficeCalendar Calendar = new(Options.Create(new OfficeOptions()));
    private static readonly Rehearsal Rehearsal = new(new WorkflowCompiler(), Calendar, new EngineOptions());

    [Fact]
    public async Task The_main_path_goes_over_a_night()
    {
        var report = await RehearseAsync(new SopDraft(), await OfficersAsync());

        var main = report.Timetables[0];
        Assert.Equal((RehearsalPath.Main, RehearsalSpan.Night, "Senin, 23 Nov 2026 15.50 WIB"), (main.Path, main.Span, main.BeginsAtLocalTime));
        Assert.Equal(
            """
            Senin, 23 Nov 2026 15.50 WIB +0  CaseOpened Dra. Sari Wulan, M.Si.
            Senin, 23 Nov 2026 15.50 WIB +0 1 TaskMail Dra. Sari Wulan, M.Si. → Senin, 23 Nov 2026 15.55 WIB
            Senin, 23 Nov 2026 15.51 WIB +1 1 Started Dra. Sari Wulan, M.Si.
            Senin, 23 Nov 2026 15.52 WIB +2 1 Completed Dra. Sari Wulan, M.Si.
            Senin, 23 Nov 2026 15.52 WIB +2 2 TaskMail Budi Santoso, A.Md. → Selasa, 24 Nov 2026 07.37 WIB
            Senin, 23 Nov 2026 15.53 WIB +3 2 Started Budi Santoso, A.Md.
            Senin, 23 Nov 2026 15.59 WIB +9 2 Completed Budi Santoso, A.Md.
            Senin, 23 Nov 2026 15.59 WIB +9 3 TaskMail Budi Santoso, A.Md. → Selasa, 24 Nov 2026 07.34 WIB
            Selasa, 24 Nov 2026 07.30 WIB +10 3 Started Budi Santoso, A.Md.
            Selasa, 24 Nov 2026 07.31 WIB +11 3 Completed Budi Santoso, A.Md.
            Selasa, 24 Nov 2026 07.31 WIB +11 4 TaskMail Dra. Sari Wulan, M.Si. → Selasa, 24 Nov 2026 07.36 WIB
            Selasa, 24 Nov 2026 07.32 WIB +12 4 Started Dra. Sari Wulan, M.Si.
            Selasa, 24 Nov 2026 07.33 WIB +13 4 Completed Dra. Sari Wulan, M.Si.
            Selasa, 24 Nov 2026 07.33 WIB +13 5a TaskMail Drs. Rahmat Hidayat → Selasa, 24 Nov 2026 07.48 WIB
            Selasa, 24 Nov 2026 07.34 WIB +14 5a Started Drs. Rahmat Hidayat
            Selasa, 24 Nov 2026 07.40 WIB +20 5a Completed Drs. Rahmat Hidayat
            Selasa, 24 Nov 2026 07.40 WIB +20 5b TaskMail Ani Lestari, S.IP. → Selasa, 24 Nov 2026 07.48 WIB
            Selasa, 24 Nov 2026 07.41 WIB +21 5b Started Ani Lestari, S.IP.
            Selasa, 24 Nov 2026 07.44 WIB +24 5b Completed Ani Lestari, S.IP.
            """.ReplaceLineEndings("\n").Trim(), Told(main.Rows.SkipLast(5)));
        Assert.Equal(
            ["Ani Lestari, S.IP.", "Budi Santoso, A.Md.", "Dra. Sari Wulan, M.Si.", "Drs. Rahmat Hidayat"],
            main.Rows.Where(r => r.What == RehearsalEvent.DocumentedMail).Select(r => r.Who).Order(StringComparer.Ordinal));
        Assert.Equal((RehearsalEvent.CaseClosed, RehearsalEnd.Finished), (main.Rows[^1].What, main.End));
        Assert.Equal([ClosedKind.OutsideHours], main.Closed.Select(c => c.Kind));
        Assert.True(report.Succeeded);
    }

    [Fact]
    public async Task The_returned_path_goes_over_the_break_of_a_Friday_and_shows_every_return()
    {
        var returned = (await RehearseAsync(new SopDraft(), await OfficersAsync())).Timetables[1];

        Assert.Equal((RehearsalPath.Returned, RehearsalSpan.FridayBreak, "Jumat, 20 Nov 2026 11.25 WIB"), (returned.Path, returned.Span, returned.BeginsAtLocalTime));
        Assert.Equal(
            """
            Jumat, 20 Nov 2026 13.04 WIB +9 2 SentBack Budi Santoso, A.Md.
            Jumat, 20 Nov 2026 13.04 WIB +9 1 ReturnMail Dra. Sari Wulan, M.Si. → Jumat, 20 Nov 2026 13.09 WIB
            Jumat, 20 Nov 2026 13.17 WIB +22 4 SentBack Dra. Sari Wulan, M.Si.
            Jumat, 20 Nov 2026 13.17 WIB +22 2 ReturnMail Budi Santoso, A.Md. → Jumat, 20 Nov 2026 13.32 WIB
            Jumat, 20 Nov 2026 13.35 WIB +40 5a SentBack Drs. Rahmat Hidayat
            Jumat, 20 Nov 2026 13.35 WIB +40 4 ReturnMail Dra. Sari Wulan, M.Si. → Jumat, 20 Nov 2026 13.40 WIB
            Jumat, 20 Nov 2026 13.48 WIB +53 5b SentBack Ani Lestari, S.IP.
            Jumat, 20 Nov 2026 13.48 WIB +53 5a ReturnMail Drs. Rahmat Hidayat → Jumat, 20 Nov 2026 14.03 WIB
            """.ReplaceLineEndings("\n").Trim(),
            Told(returned.Rows.Where(r => r.What is RehearsalEvent.SentBack or RehearsalEvent.ReturnMail)));
        // Received two minutes before the break at 11.30: the standard of fifteen ends thirteen minutes after it.
        Assert.Contains(
            "Jumat, 20 Nov 2026 11.27 WIB +2 2 TaskMail Budi Santoso, A.Md. → Jumat, 20 Nov 2026 13.12 WIB", Told(returned.Rows), StringComparison.Ordinal);
        Assert.Equal([ClosedKind.Break], returned.Closed.Select(c => c.Kind));
        Assert.Equal(RehearsalEnd.Finished, returned.End);
    }

    [Fact]
    public async Task The_overdue_path_goes_over_a_holiday_and_every_rung_reaches_its_people_once()
    {
        var overdue = (await RehearseAsync(new SopDraft(), await OfficersAsync())).Timetables[2];

        Assert.Equal((RehearsalPath.Overdue, RehearsalSpan.Holiday, "Rabu, 23 Des 2026 15.52 WIB"), (overdue.Path, overdue.Span, overdue.BeginsAtLocalTime));
        // 24 December is collective leave, 25 December a holiday, then a weekend: the last two minutes of 200 % are worked on Monday.
        Assert.Equal(
            """
            Rabu, 23 Des 2026 15.56 WIB +4 1 WarningMail Dra. Sari Wulan, M.Si. 80
            Rabu, 23 Des 2026 15.57 WIB +5 1 OverdueMail Kepala Biro Umum 100
            Senin, 28 Des 2026 07.32 WIB +10 1 EscalationMail Kepala Biro Umum 200
            Senin, 28 Des 2026 07.33 WIB +11 1 CompletedLate Dra. Sari Wulan, M.Si. 6 late
            Senin, 28 Des 2026 07.45 WIB +23 2 WarningMail Budi Santoso, A.Md. 80
            Senin, 28 Des 2026 07.48 WIB +26 2 OverdueMail Dra. Sari Wulan, M.Si. 100
            Senin, 28 Des 2026 08.03 WIB +41 2 EscalationMail Kepala Biro Umum 200
            Senin, 28 Des 2026 08.04 WIB +42 2 CompletedLate Budi Santoso, A.Md. 16 late
            Senin, 28 Des 2026 08.08 WIB +46 3 WarningMail Budi Santoso, A.Md. 80
            Senin, 28 Des 2026 08.09 WIB +47 3 OverdueMail Dra. Sari Wulan, M.Si. 100
            Senin, 28 Des 2026 08.14 WIB +52 3 EscalationMail Kepala Biro Umum 200
            Senin, 28 Des 2026 08.15 WIB +53 3 CompletedLate Budi Santoso, A.Md. 6 late
            Senin, 28 Des 2026 08.19 WIB +57 4 WarningMail Dra. Sari Wulan, M.Si. 80
            Senin, 28 Des 2026 08.20 WIB +58 4 OverdueMail Kepala Biro Umum 100
            Senin, 28 Des 2026 08.25 WIB +63 4 EscalationMail Kepala Biro Umum 200
            Senin, 28 Des 2026 08.26 WIB +64 4 CompletedLate Dra. Sari Wulan, M.Si. 6 late
            Senin, 28 Des 2026 08.38 WIB +76 5a WarningMail Drs. Rahmat Hidayat 80
            Senin, 28 Des 2026 08.41 WIB +79 5a OverdueMail Kepala Biro Umum 100
            Senin, 28 Des 2026 08.56 WIB +94 5a EscalationMail Kepala Biro Umum 200
            Senin, 28 Des 2026 08.57 WIB +95 5a CompletedLate Drs. Rahmat Hidayat 16 late
            Senin, 28 Des 2026 08.58 WIB +96 5b CompletedLate Ani Lestari, S.IP. 17 late
            """.ReplaceLineEndings("\n").Trim(),
            Told(overdue.Rows.Where(r => r.Percent is not null || r.LateMinutes is not null).Select(r => r with { DueAt = null })));
        Assert.Equal(
            [ClosedKind.OutsideHours, ClosedKind.CollectiveLeave, ClosedKind.NationalHoliday, ClosedKind.Weekend, ClosedKind.OutsideHours],
            overdue.Closed.Select(c => c.Kind));
    }

    [Fact]
    public async Task What_rungs_do_stands_in_the_timetable_with_those_whom_it_concerns()
    {
        var draft = new SopDraft().Ladder(
            "Step2",
            "[{'at':'-PT3M','to':['assignee'],'action':'banner'},{'at':'100%','to':['supervisor'],'action':'reassign'},"
            + "{'at':'150%','to':['role:INFORMATION_OFFICER'],'action':'addHelper'},{'at':'200%','to':['supervisor'],'when':'notStarted'}]");

        var overdue = (await RehearseAsync(draft, await OfficersAsync())).Timetables[2];

        Assert.Equal(
            [
                (RehearsalEvent.WarningMail, "Budi Santoso, A.Md.", 80), (RehearsalEvent.Banner, "Budi Santoso, A.Md.", null),
                (RehearsalEvent.HandedOverMail, "Dra. Sari Wulan, M.Si.", 100), (RehearsalEvent.ReassignedMail, "Budi Santoso, A.Md.", 100),
                (RehearsalEvent.HelperMail, "Budi Santoso, A.Md.", 150), (RehearsalEvent.HelpedMail, "Dra. Sari Wulan, M.Si.", 150),
                (RehearsalEvent.NotStartedMail, "Kepala Biro Umum", 200), (RehearsalEvent.CompletedLate, "Dra. Sari Wulan, M.Si.", (int?)null)
            ],
            overdue.Rows.Where(r => r.Step == "2" && (r.Percent is not null || r.What is RehearsalEvent.Banner or RehearsalEvent.CompletedLate))
                .Select(r => (r.What, r.Who, r.Percent)));
        Assert.Equal(RehearsalEnd.Finished, overdue.End);
    }

    [Fact]
    public async Task A_step_measured_from_its_start_waits_for_the_rungs_of_not_started_first()
    {
        var draft = new SopDraft().Set("Step2", "measuredFrom", "started")
            .Ladder("Step2", "[{'at':'PT10M','to':['supervisor'],'when':'notStarted'},{'at':'80%','to':['assignee']}]");

        var overdue = (await RehearseAsync(draft, await OfficersAsync())).Timetables[2];

        Assert.Equal(
            [RehearsalEvent.TaskMail, RehearsalEvent.NotStartedMail, RehearsalEvent.Started, RehearsalEvent.WarningMail, RehearsalEvent.Completed],
            overdue.Rows.Where(r => r.Step == "2").Select(r => r.What));
        Assert.Equal(RehearsalEnd.Finished, overdue.End);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_timetable()
    {
        var watch = Stopwatch.StartNew();
        var first = await RehearseAsync(new SopDraft(), null);
        output.WriteLine($"First rehearsal: {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        var second = await RehearseAsync(new SopDraft(), null);
        output.WriteLine($"Second rehearsal, three paths: {watch.ElapsedMilliseconds} ms");

        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(second));
    }

    [Fact]
    public async Task Without_an_office_each_role_is_played_by_somebody_of_its_name()
    {
        var report = await RehearseAsync(new SopDraft(), null);

        Assert.True(report.HasAssumedOfficers);
        Assert.Empty(report.Problems);
        Assert.Equal(
            ["Kasubid Pengelolaan & Pelayanan Informasi", "Petugas pengelolaan informasi", "Petugas pengelolaan informasi",
                "Kasubid Pengelolaan & Pelayanan Informasi", "Kasubid Pengelolaan Dokumentasi & Arsip", "Petugas Dokumentasi"],
            report.Timetables[0].Rows.Where(r => r.What == RehearsalEvent.TaskMail).Select(r => r.Who));
        Assert.Equal(
            ["Kepala Biro Umum (PPID Pembantu)", "Kasubid Pengelolaan & Pelayanan Informasi", "Kasubid Pengelolaan & Pelayanan Informasi",
                "Kepala Biro Umum (PPID Pembantu)", "Kepala Biro Umum (PPID Pembantu)"],
            report.Timetables[2].Rows.Where(r => r.What == RehearsalEvent.OverdueMail).Select(r => r.Who));
    }

    [Fact]
    public async Task Another_SOP_of_six_steps_is_rehearsed_likewise()
    {
        var report = await RehearseAsync(SopDraft.OfSixSteps(), await OfficersAsync());

        Assert.True(report.Succeeded);
        var main = report.Timetables[0].Rows;
        Assert.Equal(["1", "2", "3", "4", "4a", "5a", "5b"], main.Where(r => r.What == RehearsalEvent.TaskMail).Select(r => r.Step));
        // 15.52 on Monday, eight minutes until closing, twelve in the morning.
        Assert.Equal("Selasa, 24 Nov 2026 07.42 WIB", main.First(r => r.Step == "2").DueLocalTime);
        Assert.Equal(["2", "4", "4a", "5a", "5b"], report.Timetables[1].Rows.Where(r => r.What == RehearsalEvent.SentBack).Select(r => r.Step));
    }

    [Fact]
    public async Task Several_holders_are_all_told_and_the_first_takes_it()
    {
        var roster = await OfficersAsync(people => people.Add("petugas.kedua", "Citra Dewi, S.Kom.", Office.InformationHead, Roles.InformationOfficer));
        // Step 1 as a plain step: nobody is chosen for step 2.
        var draft = new SopDraft();
        draft.Document["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "Step1")!["type"] = "Ppid.SopStep";

        var main = (await RehearseAsync(draft, roster)).Timetables[0].Rows;

        Assert.Equal(["Budi Santoso, A.Md.", "Citra Dewi, S.Kom."], main.Where(r => r is { What: RehearsalEvent.TaskMail, Step: "2" }).Select(r => r.Who));
        Assert.Equal("Budi Santoso, A.Md.", main.Single(r => r is { What: RehearsalEvent.Started, Step: "2" }).Who);
    }

    [Fact]
    public async Task Repeated_rungs_mailboxes_and_clocks_that_wait_for_the_start_are_told_as_they_fire()
    {
        var draft = new SopDraft().Set("Step2", "measuredFrom", "started")
            .Ladder("Step2", "[{'at':'PT20M','to':['mailbox:arsip@ppid.example'],'every':'PT5M','max':3}]");

        var rows = (await RehearseAsync(draft, await OfficersAsync())).Timetables[2].Rows.Where(r => r.Step == "2").ToList();

        Assert.Equal(
            """
            Senin, 28 Des 2026 07.33 WIB +11 2 TaskMail Budi Santoso, A.Md.
            Senin, 28 Des 2026 07.34 WIB +12 2 Started Budi Santoso, A.Md.
            Senin, 28 Des 2026 07.54 WIB +32 2 EscalationMail arsip@ppid.example 133
            Senin, 28 Des 2026 07.59 WIB +37 2 EscalationMail arsip@ppid.example 166
            Senin, 28 Des 2026 08.04 WIB +42 2 EscalationMail arsip@ppid.example 200
            Senin, 28 Des 2026 08.05 WIB +43 2 CompletedLate Budi Santoso, A.Md. 16 late
            """.ReplaceLineEndings("\n").Trim(),
            Told(rows.Select(r => r with { DueAt = null })));
        // Not begun at the mail: nothing is due before the start.
        Assert.Null(rows[0].DueAt);
    }

    [Fact]
    public async Task What_has_errors_or_no_step_is_not_rehearsed()
    {
        var faulty = await RehearseAsync(new SopDraft().Set("Step2", "standardTime", "segera"), await OfficersAsync());
        var stepless = await Rehearsal.RunAsync(
            DefinitionReader.Read("""{"id":"v","definitionId":"d","name":"Uji","root":{"type":"Elsa.WriteLine","id":"w","text":"x"}}"""u8.ToArray()), null,
            From, TestContext.Current.CancellationToken);

        Assert.Equal("step-without-standard", Assert.Single(faulty.Problems).Code);
        Assert.Empty(faulty.Timetables);
        Assert.False(faulty.Succeeded);
        Assert.Equal((false, false), (stepless.HasSopSteps, stepless.Succeeded));
        Assert.Empty(stepless.Timetables);
    }

    [Fact]
    public async Task A_flow_that_never_ends_is_stopped_and_says_so()
    {
        const string Never = "{'type':'Elsa.FlowDecision','id':'D','condition':{'typeName':'Boolean','expression':{'type':'JavaScript','value':'1 > 2'}}}";
        var draft = new SopDraft().Disconnect("Step4", "Done").Add(Never).Connect("Step4:Done->D").Connect("D:True->Step5").Connect("D:False->Step2");

        var report = await RehearseAsync(draft, null);

        Assert.All(report.Timetables, t => Assert.Equal(RehearsalEnd.NeverEnds, t.End));
        Assert.False(report.Succeeded);
    }

    [Fact]
    public async Task A_flow_that_waits_for_the_outside_or_fails_says_so()
    {
        var waits = new SopDraft().Disconnect("Step4", "Done").Add("{'type':'Elsa.Event','id':'E','eventName':'Surat masuk'}").Connect("Step4:Done->E").Connect("E:Done->Step5");
        var fails = new SopDraft().Disconnect("Step4", "Done")
            .Add("{'type':'Elsa.FlowDecision','id':'D','condition':{'typeName':'Boolean','expression':{'type':'JavaScript','value':'tidakAda()'}}}")
            .Connect("Step4:Done->D").Connect("D:True->Step5");

        Assert.All((await RehearseAsync(waits, null)).Timetables, t => Assert.Equal(RehearsalEnd.Waits, t.End));
        Assert.All((await RehearseAsync(fails, null)).Timetables, t =>
        {
            Assert.Equal(RehearsalEnd.Faulted, t.End);
            Assert.StartsWith("D:", t.EndDetail, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_field_for_which_no_example_fits_is_named()
    {
        var draft = new SopDraft();
        draft.Sop["caseForm"]!["fields"]!["determinationNumber"]!["pattern"] = "^PPID-[0-9]{7}-XYZ$";

        var report = await RehearseAsync(draft, null);

        var problem = Assert.Single(report.Problems);
        Assert.Equal("rehearsal-sample-missing", problem.Code);
        Assert.Contains("Nomor surat penetapan", problem.Message, StringComparison.Ordinal);
        Assert.False(report.Succeeded);
    }

    [Theory]
    [InlineData("2026-02-20", RehearsalSpan.Night, "Senin, 23 Feb 2026 14.50 WIB")]
    [InlineData("2026-02-20", RehearsalSpan.FridayBreak, "Jumat, 20 Feb 2026 11.25 WIB")]
    [InlineData("2026-08-10", RehearsalSpan.Night, "Senin, 10 Agu 2026 15.50 WIB")]
    [InlineData("2026-08-10", RehearsalSpan.Holiday, "Jumat, 14 Agu 2026 16.22 WIB")]
    [InlineData("2026-08-17", RehearsalSpan.Night, "Senin, 31 Agu 2026 15.50 WIB")]
    [InlineData("2026-04-03", RehearsalSpan.FridayBreak, "Jumat, 10 Apr 2026 11.25 WIB")]
    [InlineData("2027-01-01", RehearsalSpan.Holiday, "Rabu, 23 Des 2026 15.52 WIB")]
    public void Paths_begin_where_the_calendar_in_force_has_its_night_break_and_holiday(string from, RehearsalSpan span, string expected) => Assert.Equal(
        expected, Calendar.Time.DateAndTime(RehearsalStarts.Of(span, Calendar.Current, DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture))));

    [Fact]
    public async Task An_office_open_around_the_clock_is_rehearsed_too()
    {
        var always = new OfficeCalendar(Options.Create(new OfficeOptions { Calendar = OfficeCalendar.AroundTheClock }));

        var report = await new Rehearsal(new WorkflowCompiler(), always, new EngineOptions()).RunAsync(new SopDraft().Read(), null, From, TestContext.Current.CancellationToken);

        Assert.True(report.Succeeded);
        Assert.All(report.Timetables, t => Assert.Empty(t.Closed));
    }

    [Fact]
    public async Task The_service_is_left_as_it_was()
    {
        await using var office = await Office.OpenAsync();
        var before = await office.RowsAsync(CountAsync);

        var result = await office.AskAsync<RehearsalDesk, Result<RehearsalReport>>(d => d.OfVersionAsync(office[Office.UnitHead], "pendokumentasian-informasi-dikecualikan", 1, From));

        Assert.True(result.Value.Succeeded);
        Assert.False(result.Value.HasAssumedOfficers);
        Assert.Equal(before, await office.RowsAsync(CountAsync));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_desk_refuses_who_may_not_what_is_not_there_and_too_many_at_once()
    {
        await using var office = await Office.OpenAsync();

        Assert.Equal("forbidden", await RefusedAsync(Office.InformationHead, 1));
        Assert.Equal("definition-not-found", await RefusedAsync(Office.UnitHead, 7));
        using var room = new RehearsalRoom();
        using var one = room.TryEnter();
        using var two = room.TryEnter();
        Assert.Null(room.TryEnter());
        two!.Dispose();
        two.Dispose();
        using var again = room.TryEnter();
        Assert.NotNull(again);
        Assert.Null(room.TryEnter());
        var busy = await office.AskAsync<PpidDbContext, Result<RehearsalReport>>(db =>
            new RehearsalDesk(db, Rehearsal, room, Calendar, TimeProvider.System).OfVersionAsync(office[Office.UnitHead], "pendokumentasian-informasi-dikecualikan", 1, From));
        Assert.Equal("rehearsal-busy", busy.Problems[0].Code);

        async Task<string> RefusedAsync(string by, int version) => (await office.AskAsync<RehearsalDesk, Result<RehearsalReport>>(d =>
            d.OfVersionAsync(office[by], "pendokumentasian-informasi-dikecualikan", version, From))).Problems[0].Code;
    }

    [Fact]
    public async Task A_cancelled_request_ends_the_rehearsal()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Rehearsal.RunAsync(new SopDraft().Read(), null, From, cancelled.Token));
    }

    private static Task<RehearsalReport> RehearseAsync(SopDraft draft, RehearsalRoster? roster) =>
        Rehearsal.RunAsync(draft.Read(), roster, From, TestContext.Current.CancellationToken);

    private static async Task<RehearsalRoster> OfficersAsync(Action<OfficeRoster>? more = null)
    {
        await using var office = await Office.OpenAsync(roster: more);
        return (await office.RowsAsync(db => RehearsalRoster.CopyAsync(db, TestContext.Current.CancellationToken)))!;
    }

    private static string Told(IEnumerable<RehearsalRow> rows) => string.Join('\n', rows.Select(r => FormattableString.Invariant(
        $"{r.LocalTime} +{r.WorkingMinutes} {r.Step} {r.What} {r.Who}{(r.Percent is { } p ? $" {p}" : "")}{(r.LateMinutes is { } l ? $" {l} late" : "")}{(r.DueAt is null ? "" : $" → {r.DueLocalTime}")}")));

    private static async Task<(int, int, int, int, int)> CountAsync(PpidDbContext db) => (
        await db.Cases.CountAsync(), await db.Outbox.CountAsync(), await db.WorkItems.CountAsync(), await db.DefinitionVersions.CountAsync(), await db.StepClocks.CountAsync());
}
