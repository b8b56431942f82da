using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class CalendarChangeTests
{
    [Fact]
    public async Task Another_calendar_at_the_next_start_moves_open_clocks_with_a_reason_and_leaves_closed_ones()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-calendar-").FullName;
        var evening = new DateTimeOffset(2026, 11, 23, 15, 58, 0, TimeSpan.FromHours(7));
        Guid caseId;
        await using (var before = await Office.OpenAsync(evening, folder: folder, keep: true))
        {
            await before.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
            caseId = (await before.OpenCaseAsync()).Id;
            await before.CompleteOpenAsync(caseId);
            Assert.Null(await before.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync()));
        }

        await using var after = await Office.OpenAsync(
            evening.AddMinutes(1), s => s.Configure<OfficeOptions>(o => o.Calendar = OfficeCalendar.AroundTheClock), folder: folder);
        Assert.Contains("cached-instants", await after.ViolatedAsync());
        var moved = await after.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        Assert.Equal(1, moved);
        Assert.Equal(evening.AddMinutes(15), (await after.OpenTaskAsync(caseId)).DueAt);
        var note = await after.RowsAsync(db => db.ClockEvents.SingleAsync(e => e.Kind == "rederived"));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 7, 43, 0, TimeSpan.FromHours(7)), note.DueBefore);
        Assert.Equal("Kalender kantor diubah dari WorkingHours ke AroundTheClock", note.Reason);
        Assert.Empty(await after.ViolatedAsync());
    }

    [Fact]
    public async Task Another_zone_is_named_as_the_reason_of_every_date_that_it_moved()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-calendar-").FullName;
        var evening = new DateTimeOffset(2026, 11, 23, 15, 58, 0, TimeSpan.FromHours(7));
        Guid caseId;
        await using (var before = await Office.OpenAsync(evening, folder: folder, keep: true))
        {
            await before.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
            caseId = (await before.OpenCaseAsync()).Id;
        }

        await using var after = await Office.OpenAsync(
            evening.AddMinutes(1), s => s.Configure<OfficeOptions>(o => o.TimeZone = "Asia/Makassar"), folder: folder);
        var moved = await after.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        // 15.58 WIB is 16.58 in Makassar, where the office has closed: the five minutes begin on Tuesday at 07.30 WITA.
        Assert.Equal(1, moved);
        var step = (await after.CaseAsync(caseId)).Steps[0];
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 7, 35, 0, TimeSpan.FromHours(8)), step.DueAt);
        Assert.Equal("Zona waktu kantor diubah dari Asia/Pontianak ke Asia/Makassar", Assert.Single(step.DueMoves).Reason);
        Assert.Contains("Asia/Makassar", (await after.RowsAsync(db => db.AuditRecords.OrderByDescending(r => r.At).FirstAsync(r => r.Action == "calendar-changed"))).Data, StringComparison.Ordinal);
        Assert.Null(await after.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync()));
        Assert.Empty(await after.ViolatedAsync());
    }
}
