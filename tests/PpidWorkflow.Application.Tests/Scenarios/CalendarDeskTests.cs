using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>An administrator keeps the calendar; the office works meanwhile. Monday 23 November 2026, 15.58 WIB unless said otherwise.</summary>
public class CalendarDeskTests
{
    private static readonly DateTimeOffset Evening = At(2026, 11, 23, 15, 58);
    private static readonly CalendarAsk Do = new();
    private static readonly CalendarAsk Look = new(Preview: true);

    [Fact]
    public async Task The_delivered_calendar_becomes_rows_once_and_waits_for_a_confirmation()
    {
        await using var office = await OpenAsync();
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        var year = await YearAsync(office, 2026);

        Assert.Equal((17, 8), (year.ClosedDays.Count(d => d.Kind == "nationalHoliday"), year.ClosedDays.Count(d => d.Kind == "collectiveLeave")));
        Assert.Equal([("normal", 37.5), ("ramadan", 32.5)], year.Regimes.Select(r => (r.Kind, r.WeekHours)));
        Assert.DoesNotContain(year.ClosedDays, d => d.ConfirmedAt is not null);
        Assert.DoesNotContain(year.Regimes, r => r.ConfirmedAt is not null);
        Assert.True(year.HasList);
        Assert.Null(year.MissingYear);
        Assert.Equal(1, year.Revision);
    }

    [Fact]
    public async Task A_closed_day_moves_the_open_step_with_its_reason_and_its_withdrawal_moves_it_back()
    {
        await using var office = await OpenAsync();
        var record = await office.OpenCaseAsync();
        var due = (await office.OpenTaskAsync(record.Id)).DueAt;
        Assert.Equal(At(2026, 11, 24, 7, 33), due);

        var added = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), Do));

        var moved = Assert.Single(added.Moved);
        Assert.Equal((record.Number, "1", due, At(2026, 11, 25, 7, 33)), (moved.CaseNumber, moved.Step, moved.DueBefore, moved.DueAfter));
        Assert.Equal(At(2026, 11, 25, 7, 33), (await office.OpenTaskAsync(record.Id)).DueAt);
        Assert.Empty(await office.ViolatedAsync());

        var day = Assert.Single(added.Edits).Id;
        var withdrawn = await DoAsync(office, d => d.WithdrawDayAsync(office["admin"], day, "Air surut, kantor buka", Do));

        Assert.Equal((At(2026, 11, 25, 7, 33), due), (Assert.Single(withdrawn.Moved).DueBefore, withdrawn.Moved[0].DueAfter));
        Assert.Equal(due, (await office.OpenTaskAsync(record.Id)).DueAt);
        var notes = await office.RowsAsync(db => db.ClockEvents.Where(e => e.Kind == "rederived").OrderBy(e => e.Id).ToListAsync());
        Assert.Equal(
            [
                ("admin", "Hari tutup ditambahkan: 24 Nov 2026 (Banjir). Kantor terendam", due, At(2026, 11, 25, 7, 33)),
                ("admin", "Hari tutup ditarik: 24 Nov 2026 (Banjir). Air surut, kantor buka", At(2026, 11, 25, 7, 33), due)
            ],
            notes.Select(n => (n.ActorUserName!, n.Reason!, n.DueBefore, n.DueAfter!)));
        Assert.Equal(
            notes.Select(n => (n.DueBefore, n.DueAfter, n.Reason)),
            (await office.CaseAsync(record.Id)).Steps[0].DueMoves.Select(m => (m.Before, m.After, m.Reason)));
        var kept = (await YearAsync(office, 2026)).ClosedDays.Single(d => d.Id == day);
        Assert.Equal(("admin", "Air surut, kantor buka"), (kept.WithdrawnBy, kept.WithdrawnReason));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_preview_says_the_same_and_stores_nothing()
    {
        await using var office = await OpenAsync();
        var record = await office.OpenCaseAsync();
        var records = await office.RowsAsync(db => db.AuditRecords.CountAsync());

        var preview = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), Look));

        Assert.False(preview.Applied);
        Assert.Equal(At(2026, 11, 24, 7, 33), (await office.OpenTaskAsync(record.Id)).DueAt);
        Assert.Equal(0, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.Kind == "rederived")));
        Assert.Equal(records, await office.RowsAsync(db => db.AuditRecords.CountAsync()));
        Assert.DoesNotContain((await YearAsync(office, 2026)).ClosedDays, d => d.Name == "Banjir");
        var applied = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), new CalendarAsk(Revision: preview.Revision)));
        Assert.Equal(preview.Moved, applied.Moved);
        Assert.Equal(preview.MovedCount, applied.MovedCount);
    }

    [Fact]
    public async Task Closed_steps_keep_their_dates_and_clocks_that_stand_keep_what_they_consumed()
    {
        await using var office = await OpenAsync(At(2026, 11, 23, 15, 50));
        var record = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(4));
        var open = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], open.Id, open.Revision, "Listrik padam"));
        var before = await office.RowsAsync(db => db.StepClocks.AsNoTracking().OrderBy(c => c.Id).ToListAsync());

        var outcome = await DoAsync(office, d => d.AddDayAsync(
            office["admin"], Flood() with { Date = "2026-11-23", Reason = "Ternyata libur" }, Do));

        Assert.Empty(outcome.Moved);
        var after = await office.RowsAsync(db => db.StepClocks.AsNoTracking().OrderBy(c => c.Id).ToListAsync());
        Assert.Equal(before.Select(c => (c.State, c.DueAt, c.ConsumedMs, c.Revision)), after.Select(c => (c.State, c.DueAt, c.ConsumedMs, c.Revision)));
        Assert.Equal([ClockState.Closed, ClockState.Paused], after.Select(c => c.State));
        Assert.Equal(4 * 60_000, after[1].ConsumedMs);
    }

    [Fact]
    public async Task A_withdrawn_holiday_brings_deadlines_forward_and_what_came_due_by_it_fires_once()
    {
        // Thursday before the cuti bersama of 24 December: 5 min received at 15.58 are due on Monday the 28th.
        await using var office = await OpenAsync(At(2026, 12, 23, 15, 58));
        var record = await office.OpenCaseAsync();
        Assert.Equal(At(2026, 12, 28, 7, 33), (await office.OpenTaskAsync(record.Id)).DueAt);
        await office.AdvanceAsync(At(2026, 12, 24, 9, 0) - At(2026, 12, 23, 15, 58));
        Assert.Equal(0, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        var eve = (await YearAsync(office, 2026)).ClosedDays.Single(d => d.Date == new DateOnly(2026, 12, 24));

        var outcome = await DoAsync(office, d => d.WithdrawDayAsync(office["admin"], eve.Id, "SKB diubah", Do));

        Assert.Equal(At(2026, 12, 24, 7, 33), Assert.Single(outcome.Moved).DueAfter);
        await office.FireAsync();
        await office.FireAsync();
        Assert.Equal([0, 1, 2], await office.RowsAsync(db => db.FireRecords.OrderBy(f => f.Rung).Select(f => f.Rung).ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    /// <summary>Found by the simulation (seed 5 of a year): they kept the opening of the hours in which they were put off.</summary>
    [Fact]
    public async Task Alerts_that_wait_for_the_office_to_open_follow_a_changed_calendar()
    {
        await using var office = await OpenAsync(At(2026, 11, 23, 15, 50));
        await office.OpenCaseAsync();
        // The service was away: what fell due on Monday at 15.55 fires in the evening and waits for Tuesday.
        office.Time.SetUtcNow(At(2026, 11, 23, 20, 0));
        await office.FireAsync();
        Assert.Equal([At(2026, 11, 24, 7, 30)], await WaitingAsync());

        var closed = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), Do));
        Assert.Equal([At(2026, 11, 25, 7, 30)], await WaitingAsync());
        Assert.Empty(await office.ViolatedAsync());

        office.Time.SetUtcNow(At(2026, 11, 24, 9, 0));
        await DoAsync(office, d => d.WithdrawDayAsync(office["admin"], Assert.Single(closed.Edits).Id, "Air surut, kantor buka", Do));
        Assert.Equal([At(2026, 11, 24, 9, 0)], await WaitingAsync());

        Task<List<DateTimeOffset>> WaitingAsync() => office.RowsAsync(
            db => db.Outbox.Where(m => m.FireRecordId != null && m.State == OutboxState.Pending).Select(m => m.NextAttemptAt).Distinct().ToListAsync());
    }

    [Fact]
    public async Task New_hours_hold_from_their_day_on_and_move_what_lies_behind_it()
    {
        await using var office = await OpenAsync();
        var record = await office.OpenCaseAsync();
        var form = Week("Jam kerja baru", "2026-11-24", null, "08:00-12:00, 13:00-16:30");

        var outcome = await DoAsync(office, d => d.AddRegimeAsync(office["admin"], form, Do));

        Assert.Equal(At(2026, 11, 24, 8, 3), Assert.Single(outcome.Moved).DueAfter);
        var month = (await office.AskAsync<CalendarDesk, Result<CalendarMonthView>>(d => d.MonthAsync(office["auditor"], 2026, 11))).Value;
        Assert.Equal(["07:30-12:00", "13:00-16:00"], month.Days[22].Windows);
        Assert.Equal(["08:00-12:00", "13:00-16:30"], month.Days[23].Windows);
        Assert.Empty(month.Days[27].Windows);

        var changed = await DoAsync(office, d => d.ChangeRegimeAsync(
            office["admin"], outcome.Edits[0].Id, form with { From = "2026-12-01", Reason = "SK terbit kemudian" }, Do));

        Assert.Equal(At(2026, 11, 24, 7, 33), Assert.Single(changed.Moved).DueAfter);
        var back = await DoAsync(office, d => d.WithdrawRegimeAsync(office["admin"], outcome.Edits[0].Id, "SK dicabut", Do));
        Assert.Empty(back.Moved);
        Assert.Equal(At(2026, 11, 24, 7, 33), (await office.OpenTaskAsync(record.Id)).DueAt);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Confirming_names_who_did_and_moves_nothing()
    {
        await using var office = await OpenAsync();
        await office.OpenCaseAsync();
        var year = await YearAsync(office, 2026);
        var ids = year.ClosedDays.Select(d => d.Id).Append(year.Regimes[0].Id).ToList();

        var outcome = await DoAsync(office, d => d.ConfirmAsync(office["admin"], ids, Do));

        Assert.Empty(outcome.Moved);
        Assert.Equal(26, outcome.Edits.Count);
        var after = await YearAsync(office, 2026);
        Assert.All(after.ClosedDays, d => Assert.Equal(("admin", Evening), (d.ConfirmedBy, d.ConfirmedAt)));
        Assert.Equal("admin", after.Regimes[0].ConfirmedBy);
        Assert.Null(after.Regimes[1].ConfirmedBy);
        // What is changed afterwards is not what was confirmed.
        await DoAsync(office, d => d.ChangeDayAsync(office["admin"], after.ClosedDays[0].Id, new ClosedDayForm
        {
            Date = "2026-01-01",
            Name = "Tahun Baru",
            Kind = "nationalHoliday",
            Reason = "Ejaan"
        }, Do));
        Assert.Null((await YearAsync(office, 2026)).ClosedDays[0].ConfirmedBy);
    }

    [Fact]
    public async Task What_an_amended_list_no_longer_names_stays_closed_and_is_named()
    {
        await using var office = await OpenAsync(At(2026, 12, 31, 15, 58));
        await DoAsync(office, d => d.ImportAsync(
            office["admin"], new ClosedDayList("2027-01-01;Tahun Baru;libur nasional;SKB 1\n2027-03-10;Idulfitri;libur nasional;SKB 1", null, true), Do));
        await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood() with { Date = "2027-05-03" }, Do));

        var amended = await DoAsync(office, d => d.ImportAsync(
            office["admin"], new ClosedDayList("2027-01-01;Tahun Baru;libur nasional;SKB 1\n2027-03-11;Idulfitri;libur nasional;SKB 2", null, true), Do));

        Assert.Equal(
            [("kept", new DateOnly(2027, 1, 1)), ("added", new DateOnly(2027, 3, 11)), ("absent", new DateOnly(2027, 3, 10))],
            amended.Edits.Select(e => (e.Act, e.Date!.Value)));
        var day = (await YearAsync(office, 2027)).ClosedDays.Single(d => d.Date == new DateOnly(2027, 3, 10));
        Assert.Equal((amended.Edits[2].Id, null), (day.Id, day.WithdrawnAt));
    }

    [Fact]
    public async Task A_moved_step_says_whether_its_new_date_may_move_again()
    {
        await using var office = await OpenAsync(At(2026, 12, 31, 15, 58));
        await office.OpenCaseAsync();
        await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList(OtherFixed + "\n2027-03-10;Idulfitri;nasional", null, false), Do));

        var flood = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood() with { Date = "2027-01-01" }, Look));
        var holiday = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood() with { Date = "2027-01-01", Kind = "nationalHoliday" }, Look));

        Assert.Equal([true, false], flood.Moved.Concat(holiday.Moved).Select(m => m.Provisional));
    }

    [Fact]
    public async Task A_years_list_comes_in_from_a_file_and_ends_what_was_provisional()
    {
        // Thursday 31 December 2026, 15.58: without a list 1 January 2027 counts as a working day.
        await using var office = await OpenAsync(At(2026, 12, 31, 15, 58));
        var record = await office.OpenCaseAsync();
        Assert.Equal(At(2027, 1, 1, 7, 33), (await office.OpenTaskAsync(record.Id)).DueAt);
        Assert.Equal(2027, (await YearAsync(office, 2027)).MissingYear);
        const string csv = """
            tanggal;nama;jenis;sumber
            2027-01-01;Tahun Baru 2027 Masehi;libur nasional;SKB 2027
            06/02/2027;"Tahun Baru Imlek; 2578";Libur Nasional

            2027-02-08;Imlek;Cuti Bersama;
            2027-05-01;Hari Buruh;libur nasional
            2027-06-01;Hari Lahir Pancasila;libur nasional
            2027-08-17;Proklamasi Kemerdekaan;libur nasional
            2027-12-25;Kelahiran Yesus Kristus;libur nasional
            """;

        var preview = await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList(csv, "SKB 3 Menteri 2027", true), Look));
        Assert.False((await YearAsync(office, 2027)).HasList);
        var outcome = await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList(csv, "SKB 3 Menteri 2027", true), Do));

        Assert.Equal(preview.Moved, outcome.Moved);
        // Friday 1 January is closed, then a weekend: Monday the 4th.
        Assert.Equal(At(2027, 1, 4, 7, 33), Assert.Single(outcome.Moved).DueAfter);
        var year = await YearAsync(office, 2027);
        Assert.True(year.HasList);
        Assert.Null(year.MissingYear);
        Assert.Equal(
            [
                (new DateOnly(2027, 1, 1), "Tahun Baru 2027 Masehi", "nationalHoliday", "SKB 2027", "admin"),
                (new DateOnly(2027, 2, 6), "Tahun Baru Imlek; 2578", "nationalHoliday", "SKB 3 Menteri 2027", "admin"),
                (new DateOnly(2027, 2, 8), "Imlek", "collectiveLeave", "SKB 3 Menteri 2027", "admin")
            ],
            year.ClosedDays.Take(3).Select(d => (d.Date, d.Name, d.Kind, d.Source, d.ConfirmedBy!)));
        Assert.Contains(
            "Daftar hari tutup 2027 diimpor: 7 ditambahkan, 0 diubah",
            await office.RowsAsync(db => db.ClockEvents.Where(e => e.Kind == "rederived").Select(e => e.Reason).ToListAsync()));

        // The list as amended during the year: one day moves its name, one is new, the others are the same.
        var amended = csv.Replace("2027-02-08;Imlek", "2027-02-08;Imlek (diubah)", StringComparison.Ordinal) + "\n2027-03-09,koma bukan pemisah;x;cuti bersama";
        var refused = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.ImportAsync(office["admin"], new ClosedDayList(amended, null, false), Do));
        Assert.Equal(["csv-line-date"], refused.Problems.Select(p => p.Code));
        amended = amended.Replace("2027-03-09,koma bukan pemisah;x", "9/3/2027;Nyepi", StringComparison.Ordinal);
        var again = await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList(amended, "SKB 3 Menteri 2027", false), Do));
        Assert.Equal(["kept", "kept", "changed", "added", "kept", "kept", "kept", "kept"], again.Edits.Select(e => e.Act));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("", "csv-empty")]
    [InlineData("tanggal;nama;jenis", "csv-empty")]
    [InlineData("2027-01-01;Tahun Bar\uFFFD;libur nasional", "csv-encoding")]
    [InlineData("PK\u0003\u0004\0", "csv-encoding")]
    [InlineData("2027-01-01;Tahun Baru", "csv-line-columns:1")]
    [InlineData("2027-01-01;\"Tahun Baru;libur nasional", "csv-line-columns:1")]
    [InlineData("2027-13-01;Tahun Baru;libur nasional", "csv-line-date:1")]
    [InlineData("31/02/2027;Tahun Baru;libur nasional", "csv-line-date:1")]
    [InlineData("9999-01-01;Tahun Baru;libur nasional", "csv-line-date:1")]
    [InlineData("2027-01-01;;libur nasional", "csv-line-name:1")]
    [InlineData("2027-01-01;Tahun Baru;libur", "csv-line-kind:1")]
    [InlineData("2027-01-01,Tahun Baru,libur nasional\n2027-01-01,Lagi,cuti bersama", "csv-line-twice:2")]
    [InlineData("2027-01-01;Tahun Baru;libur nasional\n2028-01-01;Tahun Baru;libur nasional", "csv-line-other-year:2")]
    [InlineData("x\n2027-01-01;Tahun Baru;libur nasional\n;;;\nbukan;baris", "csv-line-columns:4")]
    [InlineData("tanggal,nama,jenis\n2027-01-01,,apa\n2027-99-01,Nama,cuti bersama", "csv-line-name:2 csv-line-kind:2 csv-line-date:3")]
    public async Task A_list_at_fault_is_refused_line_by_line_and_nothing_of_it_is_applied(string csv, string problems)
    {
        await using var office = await OpenAsync();

        var refused = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.ImportAsync(office["admin"], new ClosedDayList(csv, null, false), Do));

        Assert.Equal(problems, string.Join(' ', refused.Problems.Select(p => p.Arguments is [int line, ..] ? $"{p.Code}:{line}" : p.Code)));
        Assert.All(refused.Problems, p => Assert.Equal("csv", p.Field));
        Assert.Empty((await YearAsync(office, 2027)).ClosedDays);
    }

    [Fact]
    public async Task A_huge_list_is_refused_at_once()
    {
        await using var office = await OpenAsync();
        var lines = string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"2027-01-01;{i};libur nasional"));

        var tooLarge = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.ImportAsync(office["admin"], new ClosedDayList(lines, null, false), Do));
        var manyFaults = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.ImportAsync(office["admin"], new ClosedDayList(lines[..50_000], null, false), Do));

        Assert.Equal("csv-too-large", Assert.Single(tooLarge.Problems).Code);
        Assert.Equal(25, manyFaults.Problems.Count);
    }

    [Theory]
    [InlineData("", "Nama", "localClosing", "field-required date")]
    [InlineData("24 November", "Nama", "localClosing", "calendar-date-invalid date")]
    [InlineData("9999-12-31", "Nama", "localClosing", "calendar-date-invalid date")]
    [InlineData("1999-12-31", "Nama", "localClosing", "calendar-date-invalid date")]
    [InlineData("2026-02-30", "Nama", "localClosing", "calendar-date-invalid date")]
    [InlineData("2026-11-24", " ", "localClosing", "field-required name")]
    [InlineData("2026-11-24", "Nama", "holiday", "calendar-kind-unknown kind")]
    [InlineData("2026-11-24", "Nama", "1", "calendar-kind-unknown kind")]
    [InlineData("2026-12-25", "Natal lagi", "localClosing", "closed-day-taken date")]
    [InlineData("x", "", "", "calendar-date-invalid date, field-required name, field-required kind")]
    public async Task A_closed_day_at_fault_is_refused_by_field(string date, string name, string kind, string problems)
    {
        await using var office = await OpenAsync();

        var refused = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.AddDayAsync(office["admin"], new ClosedDayForm { Date = date, Name = name, Kind = kind }, Do));

        Assert.Equal(problems, string.Join(", ", refused.Problems.Select(p => $"{p.Code} {p.Field}")));
        Assert.Equal(1, (await YearAsync(office, 2026)).Revision);
    }

    [Theory]
    [InlineData(null, null, "07:30-", "window-invalid windows.monday")]
    [InlineData(null, null, "07:30", "window-invalid windows.monday")]
    [InlineData(null, null, "07:30-25:00", "window-invalid windows.monday")]
    [InlineData(null, null, "12:00-07:30", "window-ends-before-start windows.monday")]
    [InlineData(null, null, "12:00-12:00", "window-ends-before-start windows.monday")]
    [InlineData(null, null, "07:30-12:00, 11:59-16:00", "windows-overlap windows.monday")]
    [InlineData("2026-12-01", null, "", "regime-without-hours windows.monday")]
    [InlineData("2026-12-05", "2026-12-01", "07:30-12:00", "regime-until-before-from until")]
    [InlineData(null, "2026-12-01", "07:30-12:00", "regime-from-required from")]
    [InlineData("9999-12-01", null, "07:30-12:00", "calendar-date-invalid from")]
    [InlineData("2026-12-01", "9999-12-31", "07:30-12:00", "calendar-date-invalid until")]
    [InlineData(null, null, "07:30-12:00", "regime-same-start from")]
    [InlineData("2026-03-17", "2026-03-31", "07:30-12:00", "regimes-overlap from")]
    [InlineData("2026-02-01", "2026-12-31", "07:30-12:00", "regimes-overlap from")]
    public async Task Hours_at_fault_are_refused_by_field(string? from, string? until, string monday, string problem)
    {
        await using var office = await OpenAsync();
        var form = new RegimeForm
        {
            Name = "Jam",
            Kind = "office",
            From = from,
            Until = until,
            Windows = new Dictionary<string, string?> { ["monday"] = monday }
        };

        var refused = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddRegimeAsync(office["admin"], form, Do));

        Assert.Equal(problem, string.Join(", ", refused.Problems.Select(p => $"{p.Code} {p.Field}")));
        Assert.Equal(2, (await YearAsync(office, 2026)).Regimes.Count);
    }

    [Fact]
    public async Task Temporary_hours_may_follow_upon_each_other_and_lie_within_standing_ones()
    {
        await using var office = await OpenAsync();

        await DoAsync(office, d => d.AddRegimeAsync(office["admin"], Week("Lebaran", "2026-03-18", "2026-03-31", "08.00–12.00"), Do));
        await DoAsync(office, d => d.AddRegimeAsync(office["admin"], Week("Baru", "2026-03-20", null, "00:00-24:00"), Do));

        Assert.Equal(4, (await YearAsync(office, 2026)).Regimes.Count);
    }

    [Fact]
    public async Task The_last_standing_hours_cannot_be_withdrawn_and_an_unknown_weekday_is_no_weekday()
    {
        await using var office = await OpenAsync();
        var normal = (await YearAsync(office, 2026)).Regimes[0];

        var never = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.WithdrawRegimeAsync(office["admin"], normal.Id, "Coba", Do));
        var weekday = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddRegimeAsync(office["admin"], new RegimeForm
        {
            Name = "Jam",
            Kind = "office",
            From = "2027-01-01",
            Windows = new Dictionary<string, string?> { ["senin"] = "07:30-12:00", ["monday"] = "07:30-12:00" }
        }, Do));

        Assert.Equal("calendar-never-open", Assert.Single(never.Problems).Code);
        Assert.Equal("weekday-unknown", Assert.Single(weekday.Problems).Code);
        Assert.Null((await YearAsync(office, 2026)).Regimes[0].WithdrawnAt);
    }

    [Fact]
    public async Task A_withdrawal_wants_a_reason_and_comes_once()
    {
        await using var office = await OpenAsync();
        var day = (await YearAsync(office, 2026)).ClosedDays[^1];
        Task<Result<CalendarOutcome>> Withdraw(string? reason) =>
            office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.WithdrawDayAsync(office["admin"], day.Id, reason, Do));

        Assert.Equal("reason-required", (await Withdraw(" ")).Problems[0].Code);
        Assert.Equal("reason-too-long", (await Withdraw(new string('x', 301))).Problems[0].Code);
        Assert.True((await Withdraw("Dibatalkan")).Succeeded);
        Assert.Equal("closed-day-not-found", (await Withdraw("Dibatalkan")).Problems[0].Code);
        // The date is free again.
        await DoAsync(office, d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-12-25", Name = "Natal", Kind = "nationalHoliday" }, Do));
    }

    [Theory]
    [InlineData("auditor")]
    [InlineData(Office.UnitHead)]
    [InlineData(Office.InformationOfficer)]
    public async Task Only_administrators_change_the_calendar(string who)
    {
        await using var office = await OpenAsync();

        var refused = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(office[who], Flood(), Look));
        var read = await office.AskAsync<CalendarDesk, Result<CalendarYearView>>(d => d.YearAsync(office[who], 2026));

        Assert.Equal("forbidden", Assert.Single(refused.Problems).Code);
        Assert.Equal(who != Office.InformationOfficer, read.Succeeded);
    }

    [Fact]
    public async Task Of_two_administrators_at_once_the_second_reads_what_the_first_did()
    {
        await using var office = await OpenAsync();
        var seen = new CalendarAsk(Revision: (await YearAsync(office, 2026)).Revision);
        await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), seen));

        var second = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.AddDayAsync(office["admin"], Flood() with { Date = "2026-11-25" }, seen));

        Assert.Equal(("stale-revision", ProblemKind.Conflict), (second.Problems[0].Code, second.Problems[0].Kind));
    }

    [Fact]
    public async Task Another_node_follows_a_change_and_mends_what_it_wrote_meanwhile()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-nodes-").FullName;
        await using var here = await OpenAsync(folder: folder);
        await using var there = await Office.OpenAsync(Evening, folder: folder, keep: true);
        await there.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await DoAsync(here, d => d.AddDayAsync(here["admin"], Flood(), Do));

        // The other node has not looked yet: its case is due by the old calendar.
        var record = await there.OpenCaseAsync();
        Assert.Equal(At(2026, 11, 24, 7, 33), (await there.OpenTaskAsync(record.Id)).DueAt);
        Assert.Equal(1, await there.AskAsync<CalendarWatch, int>(w => w.FollowAsync(CancellationToken.None)));

        Assert.Equal(At(2026, 11, 25, 7, 33), (await there.OpenTaskAsync(record.Id)).DueAt);
        Assert.Equal(0, await there.AskAsync<CalendarWatch, int>(w => w.FollowAsync(CancellationToken.None)));
        Assert.Contains(
            "Hari tutup ditambahkan",
            (await there.RowsAsync(db => db.ClockEvents.Where(e => e.CaseId == record.Id).OrderByDescending(e => e.Id).FirstAsync())).Reason,
            StringComparison.Ordinal);
        Assert.Empty(await there.ViolatedAsync());
    }

    [Fact]
    public async Task The_rows_outlive_a_restart_and_nothing_is_derived_twice()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-calendar-").FullName;
        Guid caseId;
        await using (var before = await OpenAsync(folder: folder, keep: true))
        {
            caseId = (await before.OpenCaseAsync()).Id;
            await DoAsync(before, d => d.AddDayAsync(before["admin"], Flood(), Do));
        }

        await using var after = await Office.OpenAsync(Evening.AddMinutes(1), folder: folder);
        Assert.Null(await after.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync()));

        Assert.Equal(At(2026, 11, 25, 7, 33), (await after.OpenTaskAsync(caseId)).DueAt);
        Assert.Empty(await after.ViolatedAsync());
    }

    [Fact]
    public async Task Another_zone_at_the_next_start_moves_open_clocks_with_a_reason()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-zone-").FullName;
        Guid caseId;
        await using (var before = await OpenAsync(folder: folder, keep: true))
            caseId = (await before.OpenCaseAsync()).Id;

        await using var after = await Office.OpenAsync(
            Evening.AddMinutes(1), s => Microsoft.Extensions.DependencyInjection.OptionsServiceCollectionExtensions.Configure<OfficeOptions>(
                s, o => o.TimeZone = "Asia/Makassar"), folder: folder);
        var moved = await after.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        // 15.58 WIB is 16.58 WITA, after hours there: five minutes from Tuesday 07.30 WITA.
        Assert.Equal(1, moved);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 7, 35, 0, TimeSpan.FromHours(8)), (await after.OpenTaskAsync(caseId)).DueAt);
        Assert.Equal(
            "Zona waktu kantor diubah dari Asia/Pontianak ke Asia/Makassar",
            (await after.RowsAsync(db => db.ClockEvents.SingleAsync(e => e.Kind == "rederived"))).Reason);
    }

    [Fact]
    public async Task Around_the_clock_the_rows_are_kept_and_count_for_nothing()
    {
        await using var office = await Office.OpenAsync(
            Evening, s => Microsoft.Extensions.DependencyInjection.OptionsServiceCollectionExtensions.Configure<OfficeOptions>(
                s, o => o.Calendar = OfficeCalendar.AroundTheClock));
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        var record = await office.OpenCaseAsync();

        var outcome = await DoAsync(office, d => d.AddDayAsync(office["admin"], Flood(), Do));

        Assert.Empty(outcome.Moved);
        Assert.Equal(Evening.AddMinutes(5), (await office.OpenTaskAsync(record.Id)).DueAt);
        var year = await YearAsync(office, 2027);
        Assert.True(year.AroundTheClock);
        Assert.Null(year.MissingYear);
        Assert.Equal(0, await office.AskAsync<CalendarReminder, int>(r => r.RemindAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task From_December_a_missing_list_is_mailed_once_a_week_in_working_hours_until_it_is_there()
    {
        await using var office = await OpenAsync(At(2026, 11, 30, 10, 0), roster: r => r.Add("admin.dua", "Administrator Dua", null, Roles.Admin));
        Task<int> Remind() => office.AskAsync<CalendarReminder, int>(r => r.RemindAsync(CancellationToken.None));

        Assert.Equal(0, await Remind());
        office.Time.SetUtcNow(At(2026, 12, 1, 7, 0));
        Assert.Equal(0, await Remind());
        office.Time.SetUtcNow(At(2026, 12, 1, 8, 0));
        Assert.Equal(2, await Remind());
        var commits = await office.RowsAsync(db => db.AuditRecords.CountAsync());
        for (var hour = 1; hour <= 24 * 5; hour++)
        {
            office.Time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(0, await Remind());
        }
        Assert.Equal(commits, await office.RowsAsync(db => db.AuditRecords.CountAsync()));
        office.Time.SetUtcNow(At(2026, 12, 7, 9, 0));
        Assert.Equal(2, await Remind());

        var mails = (await office.MailAsync()).Where(m => m.Template == "calendar-missing").ToList();
        Assert.Equal(["admin.dua@ppid.example", "admin@ppid.example"], mails.Take(2).Select(m => m.ToAddress).Order());
        Assert.Equal(4, mails.Count);
        var rendered = await office.AskAsync<MailTemplates, RenderedMail>(t => Task.FromResult(t.Render(
            null, mails[0].Template, System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object?>>(mails[0].Model)!)));
        Assert.Equal("Daftar hari libur 2027 belum dimasukkan", rendered.Subject);
        Assert.All([rendered.Text, rendered.Html], part =>
        {
            Assert.Contains("/admin/calendar?year=2027", part, StringComparison.Ordinal);
            Assert.Contains("cuti bersama", part, StringComparison.Ordinal);
        });

        // One day is no list.
        await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList("2027-01-01;Tahun Baru;nasional", null, false), Do));
        office.Time.SetUtcNow(At(2026, 12, 14, 9, 0));
        Assert.Equal(2, await Remind());
        await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList(OtherFixed, null, false), Do));
        office.Time.SetUtcNow(At(2026, 12, 21, 9, 0));
        Assert.Equal(2, await Remind());
        // What everybody knows by heart is none either.
        await DoAsync(office, d => d.ImportAsync(office["admin"], new ClosedDayList("2027-03-10;Idulfitri;nasional", null, false), Do));
        office.Time.SetUtcNow(At(2026, 12, 28, 9, 0));
        Assert.Equal(0, await Remind());
    }

    [Fact]
    public async Task A_year_that_has_begun_without_its_list_is_reminded_of_too()
    {
        await using var office = await OpenAsync(At(2027, 2, 1, 9, 0));

        Assert.Equal(1, await office.AskAsync<CalendarReminder, int>(r => r.RemindAsync(CancellationToken.None)));
        Assert.Equal(2027, (await YearAsync(office, 2026)).MissingYear);
    }

    // With New Year the days without which no list counts as there; one that moves every year is wanted besides.
    private const string OtherFixed = "2027-05-01;Hari Buruh;nasional\n2027-06-01;Pancasila;nasional\n2027-08-17;Proklamasi;nasional\n2027-12-25;Natal;nasional";

    private static ClosedDayForm Flood() => new()
    {
        Date = "2026-11-24",
        Name = "Banjir",
        Kind = "localClosing",
        Source = "Surat Sekda",
        Reason = "Kantor terendam"
    };

    private static RegimeForm Week(string name, string? from, string? until, string hours) => new()
    {
        Name = name,
        Kind = "office",
        From = from,
        Until = until,
        Windows = new[] { "monday", "tuesday", "wednesday", "thursday", "friday" }.ToDictionary(day => day, _ => (string?)hours)
    };

    private static DateTimeOffset At(int year, int month, int day, int hour, int minute) =>
        new(year, month, day, hour, minute, 0, TimeSpan.FromHours(7));

    private static async Task<Office> OpenAsync(
        DateTimeOffset? begin = null, Action<OfficeRoster>? roster = null, string? folder = null, bool keep = false)
    {
        var office = await Office.OpenAsync(begin ?? Evening, roster: roster, folder: folder, keep: keep);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return office;
    }

    private static async Task<CalendarOutcome> DoAsync(Office office, Func<CalendarDesk, Task<Result<CalendarOutcome>>> act)
    {
        var result = await office.AskAsync(act);
        Assert.True(result.Succeeded, result.Succeeded ? "" : string.Join(", ", result.Problems));
        return result.Value;
    }

    private static async Task<CalendarYearView> YearAsync(Office office, int year) =>
        (await office.AskAsync<CalendarDesk, Result<CalendarYearView>>(d => d.YearAsync(office["admin"], year))).Value;
}
