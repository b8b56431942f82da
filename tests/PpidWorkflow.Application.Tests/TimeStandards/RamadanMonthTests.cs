using System.Globalization;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

/// <summary>The fasting month, and when the office is asked for its hours. Dates are written by hand, from printed calendars.</summary>
public class RamadanMonthTests
{
    private static readonly DateOnly Feb = new(2027, 2, 8);

    [Theory]
    [InlineData("2025-12-01", 1447, "2026-02-18", "2026-03-19")]
    [InlineData("2026-02-18", 1447, "2026-02-18", "2026-03-19")]
    [InlineData("2026-03-19", 1447, "2026-02-18", "2026-03-19")]
    [InlineData("2026-03-20", 1448, "2027-02-08", "2027-03-08")]
    [InlineData("2027-12-31", 1449, "2028-01-28", "2028-02-25")]
    [InlineData("2029-01-01", 1450, "2029-01-16", "2029-02-13")]
    [InlineData("2030-01-01", 1451, "2030-01-05", "2030-02-03")]
    [InlineData("2030-02-03", 1451, "2030-01-05", "2030-02-03")]
    [InlineData("2030-02-04", 1452, "2030-12-26", "2031-01-23")]
    [InlineData("2031-01-01", 1452, "2030-12-26", "2031-01-23")]
    [InlineData("2031-01-24", 1453, "2031-12-15", "2032-01-13")]
    public void A_day_lies_in_a_Ramadan_or_before_one(string day, int year, string first, string last) =>
        Assert.Equal(new RamadanMonth(year, Day(first), Day(last)), RamadanMonth.NotOverOn(Day(day)));

    /// <summary>First days that the Minister of Religion announced.</summary>
    [Theory]
    [InlineData("2017-05-27")]
    [InlineData("2018-05-17")]
    [InlineData("2019-05-06")]
    [InlineData("2020-04-24")]
    [InlineData("2021-04-13")]
    [InlineData("2022-04-03")]
    [InlineData("2023-03-23")]
    [InlineData("2024-03-12")]
    [InlineData("2025-03-01")]
    public void What_was_announced_in_Indonesia_is_at_most_a_day_beside_it(string announced) =>
        Assert.InRange(RamadanMonth.NotOverOn(Day(announced).AddDays(5))!.First.DayNumber - Day(announced).DayNumber, -1, 1);

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("1900-04-29")]
    [InlineData("2077-11-16")]
    [InlineData("2077-11-17")]
    [InlineData("9999-12-31")]
    public void Beyond_the_tables_there_is_none(string day) => Assert.Null(RamadanMonth.NotOverOn(Day(day)));

    [Fact]
    public void The_last_one_of_the_tables_is_known()
    {
        var last = RamadanMonth.NotOverOn(new DateOnly(2077, 1, 1))!;

        Assert.Equal((1500, 2077), (last.HijriYear, last.First.Year));
    }

    /// <summary>With the delivered calendar, which has the hours of Ramadan 1447 (2026) alone.</summary>
    [Theory]
    [InlineData("2025-01-30 10:00", 1446)]
    [InlineData("2026-01-18 23:59", null)]
    [InlineData("2026-02-20 10:00", null)]
    [InlineData("2027-01-08 23:59", null)]
    [InlineData("2027-01-09 00:00", 1448)]
    [InlineData("2027-03-08 23:59", 1448)]
    [InlineData("2027-03-09 00:00", null)]
    [InlineData("2029-12-05 23:59", null)]
    [InlineData("2029-12-06 00:00", 1451)]
    [InlineData("2030-02-03 23:59", 1451)]
    [InlineData("2030-02-04 00:00", null)]
    [InlineData("2030-11-25 23:59", null)]
    [InlineData("2030-11-26 00:00", 1452)]
    [InlineData("2031-01-23 23:59", 1452)]
    [InlineData("2031-01-24 00:00", null)]
    [InlineData("2077-10-01 10:00", null)]
    [InlineData("2078-08-01 10:00", null)]
    [InlineData("9999-12-31 10:00", null)]
    public void The_office_is_asked_from_thirty_days_before_until_the_last_day(string at, int? year) =>
        Assert.Equal(year, new OfficeCalendar(Options.Create(new OfficeOptions())).MissingRamadan(Wib(at))?.HijriYear);

    [Fact]
    public void An_office_that_is_always_open_is_not_asked() => Assert.Null(
        new OfficeCalendar(Options.Create(new OfficeOptions { Calendar = OfficeCalendar.AroundTheClock })).MissingRamadan(Wib("2027-02-10 10:00")));

    [Theory]
    [InlineData(RegimeKind.Ramadan, "2027-02-09", "2027-03-08", true)]
    [InlineData(RegimeKind.Ramadan, "2027-01-20", "2027-02-08", true)]
    [InlineData(RegimeKind.Ramadan, "2027-03-08", "2027-03-20", true)]
    [InlineData(RegimeKind.Ramadan, "2027-01-20", "2027-02-07", false)]
    [InlineData(RegimeKind.Ramadan, "2027-03-09", "2027-04-10", false)]
    [InlineData(RegimeKind.Ramadan, "2026-02-08", "2026-03-09", false)]
    [InlineData(RegimeKind.Office, "2027-02-08", "2027-03-08", false)]
    public void Hours_of_that_kind_which_meet_the_month_are_enough(RegimeKind kind, string from, string until, bool enough) =>
        Assert.Equal(enough, RamadanMonth.NotOverOn(Feb)!.HasHoursIn(With(new Hours(kind, from, until))));

    [Fact]
    public void Hours_that_others_have_followed_are_none() =>
        Assert.False(RamadanMonth.NotOverOn(Feb)!.HasHoursIn(
            With(new Hours(RegimeKind.Ramadan, "2026-02-19", null), new Hours(RegimeKind.Normal, "2026-03-18", null))));

    private sealed record Hours(RegimeKind Kind, string From, string? Until);

    private static WorkingCalendar With(params Hours[] hours)
    {
        var data = CalendarData.Kalteng();
        var normal = data.Regimes.Single(regime => regime.Kind == RegimeKind.Normal);
        return new WorkingCalendar(data with
        {
            Regimes = [normal, .. hours.Select(h => normal with
            {
                Name = $"{h.Kind} {h.From}",
                Kind = h.Kind,
                From = Day(h.From),
                Until = h.Until is null ? null : Day(h.Until)
            })]
        });
    }

    private static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Wib(string at) =>
        new(DateTime.ParseExact(at, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), TimeSpan.FromHours(7));
}
