using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>A task says itself why its due instant is where it is (issue 4): whoever works on it may not open the calendar.</summary>
public class WhyDueTests
{
    private static readonly CalendarAsk Do = new();

    [Fact]
    public async Task A_task_names_the_closed_time_until_its_due_instant_and_what_moved_it()
    {
        await using var office = await OpenAsync("2026-11-23 15:58");
        var record = await office.OpenCaseAsync();

        var task = await office.OpenTaskAsync(record.Id);

        Assert.Equal((Wib.At("2026-11-23 15:58"), Wib.At("2026-11-24 07:33")), (task.CountedFrom, task.DueAt));
        Assert.Equal([("2026-11-23 16:00", "2026-11-24 07:30", "di luar jam kerja")], Told(task));
        Assert.Empty(task.DueMoves);

        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(office["admin"], new ClosedDayForm
        {
            Date = "2026-11-24",
            Name = "Banjir",
            Kind = "localClosing",
            Reason = "Kantor terendam"
        }, Do));
        var moved = await office.OpenTaskAsync(record.Id);

        Assert.Equal(Wib.At("2026-11-25 07:33"), moved.DueAt);
        Assert.Equal(
            [
                ("2026-11-23 16:00", "2026-11-24 00:00", "di luar jam kerja"),
                ("2026-11-24 00:00", "2026-11-25 00:00", "kantor tutup: Banjir"),
                ("2026-11-25 00:00", "2026-11-25 07:30", "di luar jam kerja")
            ],
            Told(moved));
        var move = Assert.Single(moved.DueMoves);
        Assert.Equal((task.DueAt, moved.DueAt, "Hari tutup ditambahkan: 24 Nov 2026 (Banjir). Kantor terendam"), (move.Before, move.After, move.Reason));
        Assert.Equal(moved.DueMoves, (await office.CaseAsync(record.Id)).Steps[0].DueMoves);
    }

    [Fact]
    public async Task While_nothing_is_due_nothing_is_explained_and_a_closed_step_keeps_what_moved_it()
    {
        await using var office = await OpenAsync("2026-11-23 15:58");
        var record = await office.OpenCaseAsync();
        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(office["admin"], new ClosedDayForm
        {
            Date = "2026-11-24",
            Name = "Banjir",
            Kind = "localClosing",
            Reason = "Kantor terendam"
        }, Do));
        var task = await office.OpenTaskAsync(record.Id);

        var paused = await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Listrik padam"));
        Assert.Equal((null, 0, 1), (paused.Value.CountedFrom, paused.Value.Closed.Count, paused.Value.DueMoves.Count));
        await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, paused.Value.Revision, null));
        Assert.Equal(Wib.At("2026-11-23 15:58"), (await office.OpenTaskAsync(record.Id)).CountedFrom);
        var done = await office.CompleteOpenAsync(record.Id);

        Assert.Equal((null, 0, 1), (done.CountedFrom, done.Closed.Count, done.DueMoves.Count));
        Assert.Empty((await office.OpenTaskAsync(record.Id)).DueMoves);
    }

    [Fact]
    public async Task Row_5b_is_counted_from_the_receipt_of_5a()
    {
        await using var office = await OpenAsync("2026-11-23 09:00");
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "5a");
        var received = (await office.OpenTaskAsync(record.Id)).ReceivedAt;
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await office.CompleteOpenAsync(record.Id);

        var second = await office.OpenTaskAsync(record.Id);

        Assert.Equal((received, received + TimeSpan.FromMinutes(2)), (second.CountedFrom, second.ReceivedAt));
    }

    [Fact]
    public async Task A_task_says_what_an_outage_gave_back()
    {
        await using var office = await OpenAsync("2026-11-23 09:00");
        var record = await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(10));

        await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(
            office["admin"], new OutageForm { From = "2026-11-23T09:01", To = "2026-11-23T09:04", Reason = "Listrik padam" }));
        var task = await office.OpenTaskAsync(record.Id);

        var move = Assert.Single(task.DueMoves);
        Assert.Equal((Wib.At("2026-11-23 09:05"), Wib.At("2026-11-23 09:08")), (move.Before, move.After));
        Assert.StartsWith("Gangguan yang dilaporkan Senin, 23 Nov 2026 09.01 WIB", move.Reason, StringComparison.Ordinal);
        Assert.Empty(task.Closed);
    }

    private static IEnumerable<(string From, string To, string Reason)> Told(TaskView task) =>
        task.Closed.Select(span => (Local(span.From), Local(span.To), span.Reason));

    private static string Local(DateTimeOffset at) =>
        at.ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<Office> OpenAsync(string local)
    {
        var office = await Office.OpenAsync(Wib.At(local));
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return office;
    }
}
