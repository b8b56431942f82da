using System.Globalization;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

public class WorkingCalendarTests
{
    private static readonly WorkingCalendar Kalteng = new(CalendarData.Kalteng());

    [Theory]
    [InlineData("2026-11-23 10:00", "00:05:00", "2026-11-23 10:05", "Monday within the morning")]
    [InlineData("2026-11-23 10:00", "00:45:00", "2026-11-23 10:45", "the whole SOP within the morning")]
    [InlineData("2026-11-23 15:58", "00:05:00", "2026-11-24 07:33", "2 min on Monday, 3 on Tuesday: never late overnight (domain.md §4)")]
    [InlineData("2026-11-23 15:55", "00:05:00", "2026-11-23 16:00", "ends with the closing, not at the next opening")]
    [InlineData("2026-11-23 15:55:01", "00:05:00", "2026-11-24 07:30:01", "one second does not fit before the closing")]
    [InlineData("2026-11-23 15:58:30.5", "00:05:00", "2026-11-24 07:33:30.5", "1 min 29.5 s on Monday, the rest on Tuesday")]
    [InlineData("2026-11-23 15:59:59.9999999", "00:05:00", "2026-11-24 07:34:59.9999999", "one tick on Monday")]
    [InlineData("2026-11-23 15:30", "00:45:00", "2026-11-24 07:45", "30 min on Monday, 15 on Tuesday")]
    [InlineData("2026-11-23 11:58", "00:05:00", "2026-11-23 13:03", "the lunch break stops the clock for an hour")]
    [InlineData("2026-11-23 11:55", "00:05:00", "2026-11-23 12:00", "ends with the beginning of lunch")]
    [InlineData("2026-11-23 12:30", "00:15:00", "2026-11-23 13:15", "received at lunch, begins at 13:00")]
    [InlineData("2026-11-23 06:00", "00:05:00", "2026-11-23 07:35", "received before the opening")]
    [InlineData("2026-11-23 17:45", "00:15:00", "2026-11-24 07:45", "received after hours, begins at the next opening")]
    [InlineData("2026-11-23 16:00", "00:05:00", "2026-11-24 07:35", "received at the closing instant, which is closed")]
    [InlineData("2026-11-27 11:29", "00:05:00", "2026-11-27 13:04", "Friday's gap 11:30-13:00")]
    [InlineData("2026-11-27 12:00", "00:05:00", "2026-11-27 13:05", "received in the Friday gap, begins at 13:00")]
    [InlineData("2026-11-27 11:25", "00:05:00", "2026-11-27 11:30", "ends with the beginning of the Friday gap")]
    [InlineData("2026-11-27 16:00", "00:15:00", "2026-11-27 16:15", "Friday is open until 16:30")]
    [InlineData("2026-11-27 16:20", "00:15:00", "2026-11-30 07:35", "10 min on Friday, weekend, 5 on Monday")]
    [InlineData("2026-11-28 10:00", "00:05:00", "2026-11-30 07:35", "received on Saturday")]
    [InlineData("2026-11-29 23:59:59", "00:05:00", "2026-11-30 07:35", "received on Sunday night")]
    [InlineData("2026-11-23 07:30", "37:30:00", "2026-11-27 16:30", "a week holds 37 h 30 min (Perpres 21/2023)")]
    [InlineData("2026-03-02 08:00", "32:30:00", "2026-03-06 15:30", "a week of Ramadan holds 32 h 30 min")]
    [InlineData("2025-12-31 15:58", "00:05:00", "2026-01-02 07:33", "New Year's Day is a holiday, 2 January a Friday")]
    [InlineData("2026-12-31 15:58", "00:05:00", "2027-01-01 07:33", "2027 has no holidays yet: provisional")]
    [InlineData("2026-01-15 15:50", "00:45:00", "2026-01-19 08:05", "Isra Mikraj on Friday, then the weekend; 10 min used before")]
    [InlineData("2026-02-13 16:28", "00:05:00", "2026-02-18 07:33", "weekend, cuti bersama 16 Feb, Imlek 17 Feb")]
    [InlineData("2026-02-18 15:58", "00:05:00", "2026-02-19 08:03", "last normal day to first day of Ramadan, which opens at 08:00")]
    [InlineData("2026-02-19 07:30", "00:05:00", "2026-02-19 08:05", "07:30 is not open yet in Ramadan")]
    [InlineData("2026-02-19 11:55", "00:15:00", "2026-02-19 12:40", "Ramadan's break is half an hour")]
    [InlineData("2026-02-19 14:59", "00:05:00", "2026-02-20 08:04", "Ramadan closes at 15:00")]
    [InlineData("2026-02-20 11:20", "00:15:00", "2026-02-20 12:35", "Friday in Ramadan, break 11:30-12:30")]
    [InlineData("2026-02-20 15:28", "00:05:00", "2026-02-23 08:03", "Friday in Ramadan closes at 15:30")]
    [InlineData("2026-03-17 14:58", "00:05:00", "2026-03-25 07:33", "18 cuti, 19 Nyepi, 20 cuti, 21-22 Idulfitri, 23-24 cuti, normal")]
    [InlineData("2026-03-20 09:00", "00:15:00", "2026-03-25 07:45", "received within the March chain")]
    [InlineData("2026-04-02 15:56", "00:05:00", "2026-04-06 07:31", "Wafat Yesus Kristus on Friday, Paskah on Sunday")]
    [InlineData("2026-04-30 15:58", "00:05:00", "2026-05-04 07:33", "1 Mei is a Friday")]
    [InlineData("2026-05-13 15:50", "00:15:00", "2026-05-18 07:35", "Kenaikan on Thursday, cuti bersama on Friday, weekend")]
    [InlineData("2026-05-26 15:58", "00:05:00", "2026-05-29 07:33", "Iduladha 27 Mei and cuti bersama 28 Mei")]
    [InlineData("2026-05-29 16:29", "00:05:00", "2026-06-02 07:34", "Waisak on Sunday, Hari Lahir Pancasila on Monday")]
    [InlineData("2026-06-15 15:59", "00:15:00", "2026-06-17 07:44", "1 Muharam on Tuesday")]
    [InlineData("2026-08-14 16:25", "00:15:00", "2026-08-18 07:40", "weekend and 17 Agustus, a Monday")]
    [InlineData("2026-08-24 15:58", "00:05:00", "2026-08-26 07:33", "Maulid Nabi on Tuesday")]
    [InlineData("2026-12-23 15:45", "00:45:00", "2026-12-28 08:00", "cuti bersama 24 Des, Natal, weekend")]
    [InlineData("2026-11-23 07:30", "00:05:00", "2026-11-23 07:35", "received at the opening instant, which is open")]
    [InlineData("2026-11-23 07:29:59", "00:05:00", "2026-11-23 07:35", "a second before the opening")]
    [InlineData("2026-11-23 12:00", "00:05:00", "2026-11-23 13:05", "received at the instant lunch begins, which is closed")]
    [InlineData("2026-11-23 13:00", "00:15:00", "2026-11-23 13:15", "received at the instant lunch ends, which is open")]
    [InlineData("2026-11-23 11:50", "00:45:00", "2026-11-23 13:35", "10 min before lunch, 35 after it")]
    [InlineData("2026-11-23 23:59:59", "00:05:00", "2026-11-24 07:35", "received a second before midnight")]
    [InlineData("2026-11-24 00:00", "00:05:00", "2026-11-24 07:35", "received at midnight")]
    [InlineData("2026-11-26 15:58", "00:05:00", "2026-11-27 07:33", "Thursday evening to Friday morning")]
    [InlineData("2026-11-27 11:30", "00:15:00", "2026-11-27 13:15", "received at the instant the Friday gap begins")]
    [InlineData("2026-11-27 13:00", "00:05:00", "2026-11-27 13:05", "received at the instant the Friday gap ends")]
    [InlineData("2026-11-27 11:00", "00:45:00", "2026-11-27 13:15", "30 min before the Friday gap, 15 after it")]
    [InlineData("2026-11-27 16:30", "00:05:00", "2026-11-30 07:35", "received at Friday's closing instant")]
    [InlineData("2026-11-23 07:30", "07:30:00", "2026-11-23 16:00", "a normal day holds 7 h 30 min: 4 h 30 min and 3 h")]
    [InlineData("2026-11-27 07:30", "07:30:00", "2026-11-27 16:30", "a Friday holds 7 h 30 min: 4 h and 3 h 30 min")]
    [InlineData("2026-11-23 15:00", "16:00:00", "2026-11-25 16:00", "1 h Monday, 7.5 Tuesday, 7.5 Wednesday ends with its closing")]
    [InlineData("2026-11-23 15:00", "16:00:00.001", "2026-11-26 07:30:00.001", "a millisecond more falls on Thursday")]
    [InlineData("2026-11-25 14:00", "15:00:00", "2026-11-27 14:30", "2 h Wednesday, 7.5 Thursday, 4 + 1.5 Friday")]
    [InlineData("2026-11-26 10:00", "37:30:00", "2026-12-03 10:00", "a working week later is the same hour")]
    [InlineData("2025-02-10 15:58", "00:05:00", "2025-02-11 07:33", "back-dated to a year without entered holidays: normal hours")]
    [InlineData("2023-08-02 15:50", "00:15:00", "2023-08-03 07:35", "back-dated to before the revision of the SOP")]
    [InlineData("2026-01-02 09:00", "00:45:00", "2026-01-02 09:45", "back-dated within the year, long finished")]
    [InlineData("2026-02-16 09:00", "00:05:00", "2026-02-18 07:35", "back-dated to a cuti bersama: counts from the next opening")]
    [InlineData("2026-02-18 15:15", "00:45:00", "2026-02-18 16:00", "the last normal day's 45 min end with its closing, not at Ramadan's opening")]
    [InlineData("2026-02-18 15:16", "00:45:00", "2026-02-19 08:01", "a minute later one minute falls on the first Ramadan day")]
    [InlineData("2026-03-16 14:50", "00:15:00", "2026-03-17 08:05", "within Ramadan: 10 min Monday, 5 Tuesday")]
    [InlineData("2026-03-02 12:00", "00:05:00", "2026-03-02 12:35", "Ramadan's break begins at 12:00")]
    [InlineData("2026-03-06 11:30", "00:15:00", "2026-03-06 12:45", "Friday in Ramadan: the gap is an hour")]
    [InlineData("2026-03-09 15:00", "00:05:00", "2026-03-10 08:05", "15:00 is closing in Ramadan, 16:00 is not")]
    [InlineData("2026-03-17 08:00", "06:30:00", "2026-03-17 15:00", "a Ramadan day holds 6 h 30 min: 4 h and 2 h 30 min")]
    [InlineData("2026-03-17 08:00", "06:31:00", "2026-03-25 07:31", "the minute too many waits for the end of the March chain")]
    [InlineData("2026-03-25 07:29", "00:05:00", "2026-03-25 07:35", "the first normal day after Ramadan opens at 07:30 again")]
    [InlineData("2026-01-16 10:00", "00:15:00", "2026-01-19 07:45", "received on a public holiday that is a Friday")]
    [InlineData("2026-05-15 09:00", "00:05:00", "2026-05-18 07:35", "received on a cuti bersama that is a Friday")]
    [InlineData("2026-12-24 08:00", "00:45:00", "2026-12-28 08:15", "received on the cuti bersama before Natal")]
    [InlineData("2026-12-25 08:00", "00:45:00", "2026-12-28 08:15", "received on Natal")]
    [InlineData("2026-12-31 16:00", "00:05:00", "2027-01-01 07:35", "after the last closing of the year, provisional")]
    public void A_standard_is_due_where_the_rules_say(string received, string working, string due, string why)
    {
        var time = ParseHours(working);

        Assert.True(Wib.At(due) == Kalteng.Add(Wib.At(received), time), $"{why}: {Kalteng.Add(Wib.At(received), time):u} (UTC)");
        Assert.True(time == Kalteng.Between(Wib.At(received), Wib.At(due)), why);
    }

    [Theory]
    [InlineData("2026-11-23 10:00")]
    [InlineData("2026-11-23 12:30")]
    [InlineData("2026-11-28 03:00")]
    public void Nothing_added_is_the_instant_itself_even_after_hours(string received) =>
        Assert.Equal(Wib.At(received), Kalteng.Add(Wib.At(received), TimeSpan.Zero));

    [Fact]
    public void Answers_are_in_UTC_whatever_offset_was_asked()
    {
        var tokyo = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(9));

        Assert.Equal(new DateTimeOffset(2026, 11, 23, 3, 5, 0, TimeSpan.Zero), Kalteng.Add(tokyo, TimeSpan.FromMinutes(5)));
        Assert.Equal(TimeSpan.Zero, Kalteng.Add(tokyo, TimeSpan.FromMinutes(5)).Offset);
        Assert.Equal(TimeSpan.Zero, Kalteng.Add(tokyo, TimeSpan.Zero).Offset);
        Assert.Equal(TimeSpan.Zero, Kalteng.NextOpening(tokyo).Offset);
    }

    [Theory]
    [InlineData("2026-11-23 07:29:59", false, "2026-11-23 07:30")]
    [InlineData("2026-11-23 07:30", true, "2026-11-23 07:30")]
    [InlineData("2026-11-23 11:59:59", true, "2026-11-23 11:59:59")]
    [InlineData("2026-11-23 12:00", false, "2026-11-23 13:00")]
    [InlineData("2026-11-27 11:30", false, "2026-11-27 13:00")]
    [InlineData("2026-11-27 16:30", false, "2026-11-30 07:30")]
    [InlineData("2026-03-17 15:00", false, "2026-03-25 07:30")]
    [InlineData("2026-12-31 16:00", false, "2027-01-01 07:30")]
    public void The_office_opens_and_closes_by_its_hours(string instant, bool open, string nextOpening)
    {
        Assert.Equal(open, Kalteng.IsOpen(Wib.At(instant)));
        Assert.Equal(Wib.At(nextOpening), Kalteng.NextOpening(Wib.At(instant)));
    }

    [Fact]
    public void Negative_time_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Kalteng.Add(Wib.At("2026-11-23 10:00"), TimeSpan.FromTicks(-1)));

    [Fact]
    public void Centuries_of_working_time_add_and_count_back()
    {
        var from = Wib.At("2026-11-23 10:00");
        var working = TimeSpan.FromHours(37.5 * 52 * 500);

        var due = Kalteng.Add(from, working);

        Assert.InRange(due.Year, 2520, 2530);
        Assert.Equal(working, Kalteng.Between(from, due));
    }

    [Fact]
    public void Beyond_the_year_9999_the_answer_is_refused_rather_than_wrong()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Kalteng.Add(Wib.At("2026-11-23 10:00"), TimeSpan.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kalteng.NextOpening(DateTimeOffset.MaxValue));
        Assert.False(Kalteng.IsOpen(DateTimeOffset.MaxValue));
    }

    [Fact]
    public void The_ends_of_time_can_be_asked()
    {
        var all = Kalteng.Between(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

        Assert.Equal(DateTimeOffset.MinValue.Year, Kalteng.NextOpening(DateTimeOffset.MinValue).Year);
        Assert.Equal(all, Kalteng.Between(DateTimeOffset.MinValue, Kalteng.Add(DateTimeOffset.MinValue, all)));
    }

    [Fact]
    public void A_due_instant_after_the_last_year_with_holidays_is_provisional()
    {
        Assert.False(Kalteng.IsProvisional(Wib.At("2026-12-31 23:59:59")));
        Assert.True(Kalteng.IsProvisional(Wib.At("2027-01-01 00:00")));
    }

    [Fact]
    public void A_year_between_two_lists_is_provisional_and_one_before_the_first_is_not()
    {
        var data = CalendarData.Kalteng();

        var calendar = new WorkingCalendar(
            data with { Holidays = [.. data.Holidays, .. Fixed(2028).Append(new(2028, 2, 27)).Select(day => new Holiday(day, "Libur", HolidayKind.NationalHoliday))] });

        Assert.Equal([false, false, true, false, true], new[] { 2025, 2026, 2027, 2028, 2029 }.Select(
            year => calendar.IsProvisional(Wib.At($"{year}-06-01 10:00"))));
    }

    [Fact]
    public void A_list_has_the_five_holidays_that_never_move_and_one_that_does_or_a_collective_leave()
    {
        var data = CalendarData.Kalteng();
        var movable = new Holiday(new DateOnly(2027, 3, 10), "Idulfitri", HolidayKind.NationalHoliday);
        WorkingCalendar With(IEnumerable<DateOnly> days, params Holiday[] more) => new(
            data with { Holidays = [.. data.Holidays, .. days.Select(day => new Holiday(day, "Libur", HolidayKind.NationalHoliday)), .. more] });

        foreach (var missing in Fixed(2027))
        {
            var some = With(Fixed(2027).Where(day => day != missing), movable);
            Assert.False(some.HasListFor(2027));
            Assert.True(some.IsProvisional(Wib.At("2027-06-02 10:00")));
        }
        foreach (var more in (Holiday[][])[[], [movable with { Kind = HolidayKind.LocalClosing }]])
        {
            var byHeart = With(Fixed(2027), more);
            Assert.False(byHeart.HasListFor(2027));
            Assert.True(byHeart.IsProvisional(Wib.At("2027-06-02 10:00")));
        }
        foreach (var more in (Holiday[])[movable, movable with { Kind = HolidayKind.CollectiveLeave }])
        {
            var list = With(Fixed(2027), more);
            Assert.True(list.HasListFor(2027));
            Assert.False(list.IsProvisional(Wib.At("2027-06-02 10:00")));
        }
    }

    private static DateOnly[] Fixed(int year) => [new(year, 1, 1), new(year, 5, 1), new(year, 6, 1), new(year, 8, 17), new(year, 12, 25)];

    [Fact]
    public void A_local_closing_alone_does_not_settle_a_year()
    {
        var election = new Holiday(new DateOnly(2027, 11, 24), "Pilkada", HolidayKind.LocalClosing, "Keppres");
        var data = CalendarData.Kalteng();

        var calendar = new WorkingCalendar(data with { Holidays = [.. data.Holidays, election] });

        Assert.True(calendar.IsProvisional(Wib.At("2027-06-01 10:00")));
        Assert.False(calendar.IsOpen(Wib.At("2027-11-24 10:00")));
    }

    [Fact]
    public void An_explanation_names_what_stopped_the_clock()
    {
        var spans = Kalteng.Explain(Wib.At("2026-03-17 11:00"), Wib.At("2026-03-25 07:33"));

        Assert.Equal(
            [
                ("2026-03-17 12:00", "2026-03-17 12:30", "istirahat"),
                ("2026-03-17 15:00", "2026-03-18 00:00", "di luar jam kerja"),
                ("2026-03-18 00:00", "2026-03-19 00:00", "cuti bersama: Hari Suci Nyepi (Tahun Baru Saka 1948)"),
                ("2026-03-19 00:00", "2026-03-20 00:00", "libur nasional: Hari Suci Nyepi (Tahun Baru Saka 1948)"),
                ("2026-03-20 00:00", "2026-03-21 00:00", "cuti bersama: Idulfitri 1447 Hijriah"),
                ("2026-03-21 00:00", "2026-03-23 00:00", "libur nasional: Idulfitri 1447 Hijriah"),
                ("2026-03-23 00:00", "2026-03-25 00:00", "cuti bersama: Idulfitri 1447 Hijriah"),
                ("2026-03-25 00:00", "2026-03-25 07:30", "di luar jam kerja")
            ],
            spans.Select(span => (Local(span.From), Local(span.To), span.Reason)));
    }

    [Fact]
    public void An_evening_and_the_next_early_morning_are_one_span()
    {
        var span = Assert.Single(Kalteng.Explain(Wib.At("2026-11-23 15:58"), Wib.At("2026-11-24 07:33")));

        Assert.Equal((Wib.At("2026-11-23 16:00"), Wib.At("2026-11-24 07:30")), (span.From, span.To));
        Assert.Equal("outside working hours", span.ReasonIn(CultureInfo.GetCultureInfo("en-GB")));
    }

    [Fact]
    public void A_weekend_is_called_weekend_and_a_free_weekday_is_not()
    {
        var calendar = new WorkingCalendar(new CalendarData { Regimes = [Week("part time", null, null, DayOfWeek.Monday)] });

        var reasons = calendar.Explain(Wib.At("2026-11-27 00:00"), Wib.At("2026-11-30 00:00")).Select(span => span.Reason);

        Assert.Equal(["bukan hari kerja", "akhir pekan"], reasons);
    }

    [Fact]
    public void Nothing_is_closed_between_an_instant_and_an_earlier_one() =>
        Assert.Empty(Kalteng.Explain(Wib.At("2026-11-24 07:33"), Wib.At("2026-11-23 15:58")));

    [Fact]
    public void Around_the_clock_working_time_is_plain_time()
    {
        var always = WorkingCalendar.AroundTheClock();
        var from = Wib.At("2026-12-24 23:59:59");

        Assert.Equal(from + TimeSpan.FromMinutes(15), always.Add(from, TimeSpan.FromMinutes(15)));
        Assert.Equal(from + TimeSpan.FromDays(4000), always.Add(from, TimeSpan.FromDays(4000)));
        Assert.Equal(TimeSpan.FromDays(4000), always.Between(from, from + TimeSpan.FromDays(4000)));
        Assert.True(always.IsOpen(from));
        Assert.Equal(from, always.NextOpening(from));
        Assert.Empty(always.Explain(from, from + TimeSpan.FromDays(30)));
        Assert.False(always.IsProvisional(Wib.At("2050-01-01 00:00")));
    }

    [Theory]
    [InlineData("Asia/Makassar", 8)]
    [InlineData("Asia/Jayapura", 9)]
    public void Hours_are_meant_in_the_zone_of_the_office(string zone, int offset)
    {
        var calendar = new WorkingCalendar(CalendarData.Kalteng() with { ZoneId = zone });
        var received = new DateTimeOffset(2026, 11, 23, 15, 58, 0, TimeSpan.FromHours(offset));

        Assert.Equal(
            new DateTimeOffset(2026, 11, 24, 7, 33, 0, TimeSpan.FromHours(offset)), calendar.Add(received, TimeSpan.FromMinutes(5)));
    }

    [Theory]
    [InlineData("2026-03-29", "01:30-02:30", "00:30", "01:00", "02:30 does not exist: closes when the clocks are set forward")]
    [InlineData("2026-03-29", "02:15-04:00", "01:00", "02:00", "02:15 does not exist: opens when the clocks are set forward")]
    [InlineData("2026-10-25", "02:30-04:00", "00:30", "03:00", "02:30 comes twice: opens the first time")]
    [InlineData("2026-10-25", "01:00-02:30", "23:00", "00:30", "02:30 comes twice: closes the first time")]
    public void Where_clocks_change_a_window_opens_once(string day, string window, string opensUtc, string closesUtc, string why)
    {
        var calendar = new WorkingCalendar(CalendarData.Parse(
            $$"""{"zone": "Europe/Berlin", "regimes": [{"name": "x", "kind": "Office", "windows": {"sunday": ["{{window}}"]} }]}"""));
        var noonBefore = DateTimeOffset.Parse($"{day} 12:00 +00:00", CultureInfo.InvariantCulture).AddDays(-1);

        var opens = calendar.NextOpening(noonBefore);
        var worked = calendar.Between(noonBefore, noonBefore.AddDays(1));

        Assert.True((opensUtc, closesUtc) == (Clock(opens), Clock(calendar.Add(opens, worked))), why);

        static string Clock(DateTimeOffset instant) => instant.ToString("HH:mm", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_zone_that_once_had_another_offset_keeps_its_old_New_Year()
    {
        var calendar = new WorkingCalendar(CalendarData.Kalteng() with { ZoneId = "Asia/Singapore", Holidays = [] });
        var always = WorkingCalendar.AroundTheClock("Asia/Singapore");
        var quarterToMidnight = new DateTimeOffset(1980, 12, 31, 23, 45, 0, TimeSpan.FromMinutes(450));

        Assert.True(always.IsOpen(quarterToMidnight));
        Assert.Equal(TimeSpan.FromMinutes(30), always.Between(quarterToMidnight, quarterToMidnight.AddMinutes(30)));
        Assert.Equal(quarterToMidnight.AddHours(7.75), calendar.NextOpening(quarterToMidnight));
    }

    [Fact]
    public void A_New_Year_in_summer_time_begins_at_the_midnight_of_the_office()
    {
        var always = WorkingCalendar.AroundTheClock("Australia/Sydney");
        var halfPastMidnight = new DateTimeOffset(2026, 1, 1, 0, 30, 0, TimeSpan.FromHours(11));

        Assert.True(always.IsOpen(halfPastMidnight));
        Assert.Equal(TimeSpan.FromHours(1), always.Between(halfPastMidnight.AddHours(-1), halfPastMidnight));
    }

    [Fact]
    public void A_temporary_regime_goes_before_a_standing_one_that_begins_within_it()
    {
        var calendar = new WorkingCalendar(new CalendarData
        {
            Regimes =
            [
                Week("old", null, null, DayOfWeek.Monday),
                Week("new", new DateOnly(2026, 3, 1), null, DayOfWeek.Tuesday),
                Week("Ramadan", new DateOnly(2026, 2, 19), new DateOnly(2026, 3, 17), DayOfWeek.Friday)
            ]
        });

        Assert.Equal("old", calendar.RegimeOn(new DateOnly(2026, 2, 18))?.Name);
        Assert.Equal("Ramadan", calendar.RegimeOn(new DateOnly(2026, 2, 19))?.Name);
        Assert.Equal("Ramadan", calendar.RegimeOn(new DateOnly(2026, 3, 17))?.Name);
        Assert.Equal("new", calendar.RegimeOn(new DateOnly(2026, 3, 18))?.Name);
    }

    [Fact]
    public void Before_the_first_regime_the_office_is_closed()
    {
        var calendar = new WorkingCalendar(new CalendarData { Regimes = [Week("1st", new DateOnly(2026, 1, 1), null, DayOfWeek.Monday)] });

        Assert.Null(calendar.RegimeOn(new DateOnly(2025, 12, 29)));
        Assert.Equal(Wib.At("2026-01-05 08:00"), calendar.NextOpening(Wib.At("2020-06-01 09:00")));
    }

    [Fact]
    public void Windows_that_touch_are_one_stretch_of_work()
    {
        var calendar = new WorkingCalendar(new CalendarData
        {
            Regimes =
            [
                new WorkingRegime
                {
                    Name = "shifts",
                    Windows = new Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>>
                    {
                        [DayOfWeek.Monday] = [Window(12, 24), Window(8, 12)],
                        [DayOfWeek.Tuesday] = [Window(0, 8)]
                    }
                }
            ]
        });

        Assert.Equal(Wib.At("2026-11-24 07:00"), calendar.Add(Wib.At("2026-11-23 08:00"), TimeSpan.FromHours(23)));
        Assert.Empty(calendar.Explain(Wib.At("2026-11-23 08:00"), Wib.At("2026-11-24 08:00")));
    }

    [Fact]
    public void A_calendar_that_never_opens_is_refused_with_the_cure()
    {
        var closedForGood = Week("closed", new DateOnly(2026, 6, 1), null);
        var temporary = Week("Ramadan", new DateOnly(2026, 2, 19), new DateOnly(2026, 3, 17), DayOfWeek.Monday);

        var noHours = Assert.Throws<InvalidDataException>(
            () => new WorkingCalendar(new CalendarData { Regimes = [Week("open", null, null, DayOfWeek.Monday), closedForGood] }));
        var onlyTemporary = Assert.Throws<InvalidDataException>(() => new WorkingCalendar(new CalendarData { Regimes = [temporary] }));
        var nothing = Assert.Throws<InvalidDataException>(() => new WorkingCalendar(new CalendarData { Regimes = [] }));

        Assert.Contains("\"closed\", the last one standing, has none; give", noHours.Message, StringComparison.Ordinal);
        Assert.Contains("add one without `until`", onlyTemporary.Message, StringComparison.Ordinal);
        Assert.Contains("no open window", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_get_the_same_answers_from_a_fresh_calendar()
    {
        var calendar = new WorkingCalendar(CalendarData.Kalteng());
        var starts = Enumerable.Range(0, 2000).Select(i => Wib.At("2020-01-01 00:00").AddHours(37 * i)).ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => starts.Select(start => calendar.Add(start, TimeSpan.FromMinutes(45))).ToArray())));

        Assert.All(answers, answer => Assert.Equal(starts.Select(start => Kalteng.Add(start, TimeSpan.FromMinutes(45))), answer));
    }

    private static TimeSpan ParseHours(string text)
    {
        var parts = text.Split(':').Select(part => decimal.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new TimeSpan((long)(((parts[0] * 60 + parts[1]) * 60 + parts[2]) * TimeSpan.TicksPerSecond));
    }

    private static string Local(DateTimeOffset instant) =>
        instant.ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static WorkingWindow Window(int opens, int closes) => new(TimeSpan.FromHours(opens), TimeSpan.FromHours(closes));

    private static WorkingRegime Week(string name, DateOnly? from, DateOnly? until, params DayOfWeek[] days) => new()
    {
        Name = name,
        From = from,
        Until = until,
        Windows = days.ToDictionary(day => day, _ => (IReadOnlyList<WorkingWindow>)[Window(8, 16)])
    };
}
