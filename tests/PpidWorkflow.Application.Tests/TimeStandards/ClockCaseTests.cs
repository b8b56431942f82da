using System.Globalization;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tests.TimeStandards;

/// <summary>The table of <c>clock-cases.md</c>, by the clock alone and through the service (issue 4).</summary>
public class ClockCaseTests
{
    private static readonly IReadOnlyList<ClockCase> Cases = ClockCase.ReadAll();

    public static TheoryData<int> Numbers => [.. Cases.Select(row => row.Number)];

    [Fact]
    public void The_table_holds_what_the_issue_asks_for()
    {
        Assert.True(Cases.Count >= 60);
        Assert.Equal(Enumerable.Range(1, Cases.Count), Cases.Select(row => row.Number));
        Assert.All(Cases, row => Assert.NotEmpty(row.Why));
        Assert.Equal(
            [
                "Friday", "Ramadan", "back-dated", "break", "calendar", "cuti bersama", "day", "end of day", "from start", "holiday", "pause",
                "several days", "weekend", "year's end"
            ],
            Cases.Select(row => row.Group).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_clock_shows_what_was_written_by_hand(int number)
    {
        var row = Cases.Single(r => r.Number == number);
        var data = CalendarData.Kalteng();
        var calendar = new WorkingCalendar(data);
        var clock = new StandardClock(TimeSpan.FromMinutes(row.Minutes));
        if (row.Group != "from start")
            clock = clock.Resume(row.Received);
        foreach (var act in row.Acts)
        {
            if (act.Day is { } day)
            {
                data = data with
                {
                    Holidays = [.. data.Holidays.Where(h => h.Date != day), .. act.Kind == "closed" ? [new Holiday(day, "Banjir", HolidayKind.LocalClosing, "")] : Array.Empty<Holiday>()]
                };
                calendar = new WorkingCalendar(data);
                continue;
            }
            clock = act.Kind == "paused" ? clock.Pause(calendar, act.At) : clock.Resume(act.At);
        }

        Assert.Equal(row.Due, clock.DueAt(calendar));
        foreach (var check in row.Checks)
        {
            if (check.Kind == "rung")
                Assert.Equal(check.At, clock.RungInstant(calendar, new EscalationRung { Percent = check.Percent, To = ["assignee"] }));
            else
                Assert.Equal(check.Minutes, (check.Kind == "used" ? clock.Read(calendar, check.At).Consumed : clock.Read(calendar, check.At).Lateness).TotalMinutes);
        }
    }

    [Fact]
    public async Task The_service_shows_the_same_for_every_row_that_a_step_of_the_SOP_can_have()
    {
        var rows = Cases.Where(row => row.Minutes is 5 or 15 && row.Group != "from start").ToList();
        var wrong = new List<string>();
        await using (var office = await OpenAsync())
            foreach (var row in rows.Where(row => row.Group != "calendar"))
                wrong.AddRange(await WalkAsync(office, row));
        foreach (var row in rows.Where(row => row.Group == "calendar"))
        {
            await using var office = await OpenAsync();
            wrong.AddRange(await WalkAsync(office, row));
        }

        Assert.True(rows.Count >= 60);
        Assert.Empty(wrong);
    }

    private static async Task<Office> OpenAsync()
    {
        var office = await Office.OpenAsync();
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return office;
    }

    // Rows follow one another in one office, so its clock is set to and fro.
    private static async Task<List<string>> WalkAsync(Office office, ClockCase row)
    {
        office.Time.AdjustTime(row.Received);
        var inputs = office.Inputs();
        inputs["determinationDate"] = "2020-01-02";
        var record = (await office.TryOpenCaseAsync(inputs)).Value;
        if (row.Minutes == 15)
            await office.WalkToAsync(record.Id, "2");
        foreach (var act in row.Acts)
        {
            office.Time.AdjustTime(act.At);
            await ActAsync(office, record.Id, act);
        }
        var wrong = new List<string>();
        var task = await office.OpenTaskAsync(record.Id);
        if (task.DueAt != row.Due)
            wrong.Add($"{row}: due {task.DueAt:u}, by hand {row.Due:u}");
        foreach (var check in row.Checks.Where(c => c.Kind != "rung"))
        {
            office.Time.AdjustTime(check.At);
            var left = (await office.OpenTaskAsync(record.Id)).RemainingMinutes!.Value;
            var shown = check.Kind == "used" ? row.Minutes - left : Math.Max(0, -left);
            if (shown != check.Minutes)
                wrong.Add($"{row}: {check.Kind} {shown} at {check.At:u}, by hand {check.Minutes}");
        }
        return wrong;
    }

    private static async Task ActAsync(Office office, Guid caseId, ClockAct act)
    {
        if (act.Day is { } day)
        {
            var ask = new CalendarAsk();
            var year = (await office.AskAsync<CalendarDesk, Result<CalendarYearView>>(d => d.YearAsync(office["admin"], day.Year))).Value;
            var outcome = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => act.Kind == "closed"
                ? d.AddDayAsync(office["admin"], new ClosedDayForm
                {
                    Date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    Name = "Banjir",
                    Kind = "localClosing"
                }, ask)
                : d.WithdrawDayAsync(office["admin"], year.ClosedDays.Single(c => c.Date == day && c.WithdrawnAt is null).Id, "Kantor buka", ask));
            Assert.True(outcome.Succeeded);
            return;
        }
        var task = await office.OpenTaskAsync(caseId);
        var done = await office.InboxAsync(i => act.Kind == "paused"
            ? i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Listrik padam")
            : i.ResumeAsync(office[Office.UnitHead], task.Id, task.Revision, null));
        Assert.True(done.Succeeded);
    }
}
