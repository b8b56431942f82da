using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

public class CalendarDataTests
{
    private static readonly CalendarData Kalteng = CalendarData.Kalteng();

    [Fact]
    public void The_SKB_of_2026_has_17_national_holidays_and_8_days_of_collective_leave()
    {
        Assert.Equal(17, Kalteng.Holidays.Count(holiday => holiday.Kind == HolidayKind.NationalHoliday));
        Assert.Equal(8, Kalteng.Holidays.Count(holiday => holiday.Kind == HolidayKind.CollectiveLeave));
        Assert.Equal(25, Kalteng.Holidays.Count);
        Assert.All(Kalteng.Holidays, holiday => Assert.Equal("SKB 3 Menteri No. 1497/2025, 2/2025, 5/2025", holiday.Source));
        Assert.All(Kalteng.Holidays, holiday => Assert.Equal(2026, holiday.Date.Year));
    }

    [Theory]
    [InlineData(1, 1, DayOfWeek.Thursday, HolidayKind.NationalHoliday)]
    [InlineData(1, 16, DayOfWeek.Friday, HolidayKind.NationalHoliday)]
    [InlineData(2, 16, DayOfWeek.Monday, HolidayKind.CollectiveLeave)]
    [InlineData(2, 17, DayOfWeek.Tuesday, HolidayKind.NationalHoliday)]
    [InlineData(3, 18, DayOfWeek.Wednesday, HolidayKind.CollectiveLeave)]
    [InlineData(3, 19, DayOfWeek.Thursday, HolidayKind.NationalHoliday)]
    [InlineData(3, 20, DayOfWeek.Friday, HolidayKind.CollectiveLeave)]
    [InlineData(3, 21, DayOfWeek.Saturday, HolidayKind.NationalHoliday)]
    [InlineData(3, 22, DayOfWeek.Sunday, HolidayKind.NationalHoliday)]
    [InlineData(3, 23, DayOfWeek.Monday, HolidayKind.CollectiveLeave)]
    [InlineData(3, 24, DayOfWeek.Tuesday, HolidayKind.CollectiveLeave)]
    [InlineData(4, 3, DayOfWeek.Friday, HolidayKind.NationalHoliday)]
    [InlineData(4, 5, DayOfWeek.Sunday, HolidayKind.NationalHoliday)]
    [InlineData(5, 1, DayOfWeek.Friday, HolidayKind.NationalHoliday)]
    [InlineData(5, 14, DayOfWeek.Thursday, HolidayKind.NationalHoliday)]
    [InlineData(5, 15, DayOfWeek.Friday, HolidayKind.CollectiveLeave)]
    [InlineData(5, 27, DayOfWeek.Wednesday, HolidayKind.NationalHoliday)]
    [InlineData(5, 28, DayOfWeek.Thursday, HolidayKind.CollectiveLeave)]
    [InlineData(5, 31, DayOfWeek.Sunday, HolidayKind.NationalHoliday)]
    [InlineData(6, 1, DayOfWeek.Monday, HolidayKind.NationalHoliday)]
    [InlineData(6, 16, DayOfWeek.Tuesday, HolidayKind.NationalHoliday)]
    [InlineData(8, 17, DayOfWeek.Monday, HolidayKind.NationalHoliday)]
    [InlineData(8, 25, DayOfWeek.Tuesday, HolidayKind.NationalHoliday)]
    [InlineData(12, 24, DayOfWeek.Thursday, HolidayKind.CollectiveLeave)]
    [InlineData(12, 25, DayOfWeek.Friday, HolidayKind.NationalHoliday)]
    public void Each_holiday_of_2026_falls_on_its_weekday(int month, int day, DayOfWeek weekday, HolidayKind kind)
    {
        var holiday = Kalteng.Holidays.Single(holiday => holiday.Date == new DateOnly(2026, month, day));

        Assert.Equal((weekday, kind), (holiday.Date.DayOfWeek, holiday.Kind));
    }

    [Fact]
    public void The_weeks_hold_the_hours_of_the_regulation()
    {
        Assert.Equal(TimeSpan.FromHours(37.5), HoursOfWeek(RegimeKind.Normal));
        Assert.Equal(TimeSpan.FromHours(32.5), HoursOfWeek(RegimeKind.Ramadan));
    }

    [Fact]
    public void Ramadan_begins_30_days_before_Idulfitri_and_ends_before_the_collective_leave()
    {
        var ramadan = Kalteng.Regimes.Single(regime => regime.Kind == RegimeKind.Ramadan);

        Assert.Equal(new DateOnly(2026, 3, 21).AddDays(-30), ramadan.From);
        Assert.Equal(new DateOnly(2026, 3, 17), ramadan.Until);
    }

    [Fact]
    public void Hours_nobody_has_confirmed_say_so()
    {
        Assert.All(Kalteng.Regimes, regime => Assert.False(regime.Confirmed));
        Assert.All(Kalteng.Regimes, regime => Assert.NotEmpty(regime.Remark));
        Assert.Equal("Perpres 21/2023; Pergub Kalteng 53/2023 (jam normal belum dikonfirmasi)", Kalteng.Regimes[0].Source);
    }

    [Theory]
    [InlineData("\"monday\": [\"07:30-12:00\", \"11:00-16:00\"]", "[0] \"Normal\", monday: windows 07:30-12:00 and 11:00-16:00 overlap")]
    [InlineData("\"friday\": [\"13:00-16:30\", \"07:30-13:01\"]", "friday: windows 07:30-13:01 and 13:00-16:30 overlap")]
    [InlineData("\"monday\": [\"12:00-07:30\"]", "monday: window 12:00-07:30 ends before it starts")]
    [InlineData("\"monday\": [\"12:00-12:00\"]", "monday: window 12:00-12:00 ends before it starts")]
    [InlineData("\"senin\": [\"07:30-12:00\"]", "regimes[0] \"Normal\": unknown weekday \"senin\"")]
    [InlineData("\"1\": [\"07:30-12:00\"]", "unknown weekday \"1\"")]
    [InlineData("\"monday\": [\"07:30-12:00\"], \"Monday\": []", "weekday \"Monday\" is given twice")]
    [InlineData("\"monday\": [\"07.30-12.00\"]", "regimes[0] \"Normal\", monday: \"07.30-12.00\" is not a window")]
    [InlineData("\"monday\": [\"07:30\"]", "\"07:30\" is not a window")]
    [InlineData("\"monday\": [null]", "monday: \"\" is not a window")]
    [InlineData("\"monday\": [\"07:30-25:00\"]", "\"07:30-25:00\" is not a window")]
    [InlineData("\"monday\": []", "no open window")]
    public void Wrong_hours_are_refused_by_name(string windows, string message) => Refused(
        $$"""{"regimes": [{"name": "Normal", "kind": "Normal", "windows": { {{windows}} } }]}""", message);

    [Theory]
    [InlineData("""{"date": "2026-02-30", "name": "X", "kind": "LocalClosing"}""", "holidays[1] 2026-02-30 \"X\": \"2026-02-30\" is not")]
    [InlineData("""{"name": "X", "kind": "LocalClosing"}""", "\"\" is not a date; write it as 2026-08-17")]
    [InlineData("""{"date": "2026-01-01", "name": "X", "kind": "LocalClosing"}""", "the date is already taken by \"Tahun Baru\"")]
    [InlineData("""{"date": "2026-01-02", "name": "X", "kind": "Libur"}""", "\"Libur\"; expected NationalHoliday, CollectiveLeave")]
    [InlineData("""{"date": "2026-01-02", "kind": "LocalClosing"}""", "has no name")]
    [InlineData("null", "holidays[1]")]
    public void A_wrong_holiday_is_refused_by_name(string holiday, string message) => Refused(
        $$"""
        {"regimes": [{"name": "Normal", "kind": "Normal", "windows": {"monday": ["07:30-12:00"]} }],
         "holidays": [{"date": "2026-01-01", "name": "Tahun Baru", "kind": "NationalHoliday"}, {{holiday}}]}
        """, message);

    [Theory]
    [InlineData("""{"name": "R", "kind": "Office", "from": "2026-03-17", "until": "2026-02-19", "windows": {}}""", "lies before from")]
    [InlineData("""{"name": "R", "kind": "Ramadan", "from": "19 Feb", "windows": {}}""", "[1] \"R\", from: \"19 Feb\" is not a date")]
    [InlineData("""{"name": "R", "kind": "Puasa", "windows": {}}""", "unknown kind \"Puasa\"; expected Normal, Ramadan, Office")]
    [InlineData("""{"name": "R", "kind": "Office", "windows": {"monday": ["08:00-09:00"]}}""", "begins on the same day as \"Normal\"")]
    [InlineData("""{"name": "R", "kind": "Office", "from": "2026-01-01"}""", "regimes[1] \"R\": has no windows")]
    [InlineData("""{"kind": "Office", "from": "2026-01-01", "windows": {}}""", "regimes[1] \"\": has no name")]
    public void A_wrong_regime_is_refused_by_name(string regime, string message) => Refused(
        $$"""{"regimes": [{"name": "Normal", "kind": "Normal", "windows": {"monday": ["07:30-12:00"]} }, {{regime}}]}""", message);

    [Theory]
    [InlineData("", "$")]
    [InlineData("null", "holds null")]
    [InlineData("[]", "$")]
    [InlineData("{}", "no open window")]
    [InlineData("""{"regimes": [], "holiday": []}""", "holiday")]
    [InlineData("""{"regimes": [], "regimes": []}""", "regimes")]
    [InlineData("""{"zone": "Asia/Palangkaraya", "regimes": []}""", "zone \"Asia/Palangkaraya\" is unknown here")]
    public void A_file_of_another_form_is_refused(string json, string message) => Refused(json, message);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var e = Assert.Throws<InvalidDataException>(() => CalendarData.Parse(
            """{"regimes": [{"name": "N", "kind": "Normal", "windows": {"senin": [], "monday": ["x"]}}], "holidays": [{"date": "?"}]}"""));

        Assert.Contains("senin", e.Message, StringComparison.Ordinal);
        Assert.Contains("\"x\"", e.Message, StringComparison.Ordinal);
        Assert.Contains("\"?\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_may_last_until_midnight_and_count_seconds()
    {
        var data = CalendarData.Parse(
            """{"regimes": [{"name": "N", "kind": "Office", "confirmed": true, "windows": {"sunday": ["22:00:30-24:00"]}}]}""");

        Assert.Equal(new WorkingWindow(new TimeSpan(22, 0, 30), TimeSpan.FromDays(1)), data.Regimes[0].Windows[DayOfWeek.Sunday].Single());
        Assert.True(data.Regimes[0].Confirmed);
        Assert.Equal(CalendarData.DefaultZoneId, data.ZoneId);
    }

    private static void Refused(string json, string message)
    {
        var e = Assert.Throws<InvalidDataException>(() => CalendarData.Parse(json, "jam.json"));

        Assert.StartsWith("jam.json", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    private static TimeSpan HoursOfWeek(RegimeKind kind) => new(Kalteng.Regimes.Single(regime => regime.Kind == kind)
        .Windows.Values.SelectMany(windows => windows).Sum(window => (window.Closes - window.Opens).Ticks));
}
