using System.Globalization;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

public class OfficeTimeTests
{
    private static readonly OfficeTime Office = new(new WorkingCalendar(CalendarData.Kalteng()));
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    [Fact]
    public void An_instant_reads_as_the_office_writes_it()
    {
        var instant = new DateTimeOffset(2026, 11, 23, 8, 58, 59, TimeSpan.Zero);

        Assert.Equal("Senin, 23 Nov 2026 15.58 WIB", Office.DateAndTime(instant));
        Assert.Equal("Monday, 23 Nov 2026 15:58 WIB", Office.DateAndTime(instant, English));
        Assert.Equal("15.58 WIB", Office.Time(instant));
        Assert.Equal("15:58 WIB", Office.Time(instant, English));
        Assert.Equal("23 Nov 2026", Office.Date(instant));
    }

    [Fact]
    public void Months_are_short_on_pages_and_whole_on_letters()
    {
        var day = new DateOnly(2023, 8, 3);

        Assert.Equal("3 Agu 2023", OfficeTime.Date(day));
        Assert.Equal("3 Aug 2023", OfficeTime.Date(day, English));
        Assert.Equal("3 Agustus 2023", OfficeTime.FormalDate(day));
        Assert.Equal("3 August 2023", OfficeTime.FormalDate(day, English));
        Assert.Equal("31 Mei 2026", OfficeTime.Date(new DateOnly(2026, 5, 31)));
    }

    [Fact]
    public void Every_culture_but_English_reads_Indonesian()
    {
        Assert.Equal("3 Agu 2023", OfficeTime.Date(new DateOnly(2023, 8, 3), CultureInfo.GetCultureInfo("id-ID")));
        Assert.Equal("3 Agu 2023", OfficeTime.Date(new DateOnly(2023, 8, 3), CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("Asia/Pontianak", "07.05 WIB")]
    [InlineData("Asia/Jakarta", "07.05 WIB")]
    [InlineData("Asia/Makassar", "08.05 WITA")]
    [InlineData("Asia/Jayapura", "09.05 WIT")]
    [InlineData("Asia/Kolkata", "05.35 UTC+05:30")]
    [InlineData("Etc/UTC", "00.05 UTC")]
    public void The_zone_is_named_by_its_offset(string zone, string text) => Assert.Equal(
        text, new OfficeTime(TimeZoneInfo.FindSystemTimeZoneById(zone)).Time(new DateTimeOffset(2026, 11, 23, 0, 5, 0, TimeSpan.Zero)));

    [Fact]
    public void The_day_and_the_year_turn_at_the_midnight_of_the_office()
    {
        var lastTick = new DateTimeOffset(2025, 12, 31, 17, 0, 0, TimeSpan.Zero).AddTicks(-1);

        Assert.Equal((new DateOnly(2025, 12, 31), 2025), (Office.Today(lastTick), Office.Year(lastTick)));
        Assert.Equal((new DateOnly(2026, 1, 1), 2026), (Office.Today(lastTick.AddTicks(1)), Office.Year(lastTick.AddTicks(1))));
    }

    [Theory]
    [InlineData("00:03:00", "sisa 3 menit", "3 minutes left")]
    [InlineData("00:03:59", "sisa 3 menit", "3 minutes left")]
    [InlineData("00:01:00", "sisa 1 menit", "1 minute left")]
    [InlineData("00:00:59.9", "sisa 59 detik", "59 seconds left")]
    [InlineData("00:00:00", "sisa 0 detik", "0 seconds left")]
    [InlineData("01:05:00", "sisa 1 jam 5 menit", "1 hour 5 minutes left")]
    [InlineData("02:00:30", "sisa 2 jam", "2 hours left")]
    [InlineData("1.13:30:00", "sisa 37 jam 30 menit", "37 hours 30 minutes left")]
    [InlineData("-00:12:00", "terlambat 12 menit", "12 minutes late")]
    [InlineData("-00:12:40", "terlambat 12 menit", "12 minutes late")]
    [InlineData("-00:00:00.0000001", "terlambat 1 detik", "1 second late")]
    [InlineData("-00:00:40", "terlambat 40 detik", "40 seconds late")]
    [InlineData("-03:00:00", "terlambat 3 jam", "3 hours late")]
    public void What_is_left_reads_in_whole_minutes(string left, string indonesian, string english)
    {
        var time = TimeSpan.Parse(left, CultureInfo.InvariantCulture);
        var reading = time < TimeSpan.Zero
            ? new ClockReading(TimeSpan.Zero, TimeSpan.Zero, -time, null)
            : new ClockReading(TimeSpan.Zero, time, TimeSpan.Zero, null);

        Assert.Equal(indonesian, OfficeTime.Remaining(reading));
        Assert.Equal(english, OfficeTime.Remaining(reading, English));
    }
}
