using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.TimeStandards;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Delay, Timer, Cron and StartAt within an instance: never early, once, whoever dies meanwhile; and gone with the wait.</summary>
public class InstanceTimerTests
{
    [Fact]
    public async Task A_delay_between_two_steps_of_a_case_survives_a_restart_and_ends_once()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        Guid caseId;
        DateTimeOffset due;
        await using (var office = await Revisions.OpenOfficeAsync(folder: folder, keep: true))
        {
            await office.BringIntoForceAsync(DelayAfterStep1);
            caseId = (await office.OpenCaseAsync()).Id;
            await office.CompleteOpenAsync(caseId);
            due = office.Time.GetUtcNow().AddMinutes(10);
            var timer = await office.RowsAsync(db => db.Bookmarks.SingleAsync());
            Assert.Equal(("D", (DateTimeOffset?)due), (timer.ActivityId, timer.DueAt));

            await office.AdvanceAsync(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
            Assert.Equal("D", (await office.RowsAsync(db => db.Bookmarks.SingleAsync())).ActivityId);
            Assert.Empty(await office.ViolatedAsync());
        }

        await using var again = await Revisions.OpenOfficeAsync(due.AddHours(1), folder);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(_ => Task.Run(again.FireAsync)));
        await again.FireAsync();

        Assert.Equal("2", (await again.OpenTaskAsync(caseId)).Step.Label);
        var instance = await again.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        Assert.Equal((1, 1), (await again.CountAsync(instance, "D", "Resumed"), await again.CountAsync(instance, "Step2")));
        Assert.Empty(await again.ViolatedAsync());
    }

    [Fact]
    public async Task Timers_of_many_instances_due_at_one_instant_are_each_resumed_once_by_several_nodes()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("waits", [Delay("D", "00:05:00"), RunTask("T")], "D-T"));
        var all = new List<Guid>();
        for (var n = 0; n < 8; n++)
            all.Add(await office.TrialAsync("waits"));
        office.Time.Advance(TimeSpan.FromMinutes(5));

        await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Task.Run(office.FireAsync)));
        await office.FireAsync();

        foreach (var id in all)
        {
            Assert.Equal(["T"], await office.WaitsAtAsync(id));
            Assert.Equal((1, 1), (await office.CountAsync(id, "D", "Resumed"), await office.CountAsync(id, "T")));
        }
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("Timer", "interval", "00:10:00", 10)]
    [InlineData("StartAt", "dateTime", "2026-11-23T08:10:00+07:00", 10)]
    [InlineData("Cron", "cronExpression", "0 10 1 * * *", 10)]
    [InlineData("Delay", "timeSpan", "00:00:00.0001", 0.00001)]
    public async Task Each_kind_of_timer_rings_at_its_instant_and_not_before(string type, string input, string value, double minutes)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("kinds", [Of("W", type, (input, value)), RunTask("T")], "W-T"));
        var id = await office.TrialAsync("kinds");
        var due = office.Time.GetUtcNow().AddMinutes(minutes);
        Assert.True((await office.RowsAsync(db => db.Bookmarks.SingleAsync())).DueAt >= due);

        await office.AdvanceAsync(TimeSpan.FromMinutes(minutes) - TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerMillisecond, (long)(TimeSpan.TicksPerMinute * minutes))));
        Assert.Equal(["W"], await office.WaitsAtAsync(id));
        await office.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["T"], await office.WaitsAtAsync(id));
    }

    [Fact]
    public async Task A_wait_that_lost_a_race_or_was_cancelled_leaves_no_timer()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        var join = Of("J", "FlowJoin", ("mode", "WaitAny"));
        await office.KeepAsync(Flow(
            "race", [Of("F", "FlowFork", ("branches", new JsonArray("a", "b"))), Delay("D", "01:00:00"), RunTask("E"), join, RunTask("T")],
            "F:a-D", "F:b-E", "D-J", "E-J", "J-T"));
        var won = await office.TrialAsync("race");
        var cancelled = await office.TrialAsync("race");
        Assert.Equal(2, await office.RowsAsync(db => db.Bookmarks.CountAsync(b => b.DueAt != null)));

        var bookmark = (await office.StateAsync(won)).Bookmarks.Single(b => b.ActivityId == "E");
        Assert.True((await office.ResumeAsync(won, bookmark.Id)).Succeeded);
        await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], cancelled));

        Assert.Equal(0, await office.RowsAsync(db => db.Bookmarks.CountAsync(b => b.DueAt != null)));
        Assert.Null(await office.AskAsync<AlarmRinger, DateTimeOffset?>(r => r.NextAsync(default)));
        await office.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(["T"], await office.WaitsAtAsync(won));
        Assert.Equal(1, await office.CountAsync(won, "T"));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_a_timer_has_done_is_not_undone_by_taking_back_a_completion_before_it()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.BringIntoForceAsync(document =>
        {
            document.Activities().Add(Delay("D", "00:10:00"));
            document.Connect("Step1", "D");
        });
        var opened = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(opened.Id);
        var done = await office.CompleteOpenAsync(opened.Id);
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));

        var back = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], done.Id, done.Revision));

        Assert.Equal("take-back-not-possible", back.Problems.Single().Code);
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        Assert.Equal(1, await office.CountAsync(instance, "D", "Resumed"));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_timer_that_still_waits_goes_on_waiting_when_a_completion_beside_it_is_taken_back()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.BringIntoForceAsync(document =>
        {
            document.Activities().Add(Delay("D", "00:10:00"));
            document.Connect("Step1", "D");
        });
        var opened = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(opened.Id);
        var timer = await office.RowsAsync(db => db.Bookmarks.AsNoTracking().SingleAsync(b => b.DueAt != null));
        var done = await office.CompleteOpenAsync(opened.Id);

        var back = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], done.Id, done.Revision));

        Assert.True(back.Succeeded, back.Succeeded ? "" : back.Problems[0].Code);
        var standing = await office.RowsAsync(db => db.Bookmarks.AsNoTracking().SingleAsync(b => b.DueAt != null));
        Assert.Equal((timer.Id, timer.DueAt), (standing.Id, standing.DueAt));
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await office.CountAsync(standing.InstanceId, "D", "Resumed"));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task One_that_cannot_go_on_holds_up_nobody_and_is_named()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("waits", [Delay("D", "00:05:00"), RunTask("T")], "D-T"));
        // The correlation it takes up is longer than any column: the step is refused, again and again.
        await office.KeepAsync(Flow("long", [Delay("D", "00:05:00"), Of("C", "Correlate").Script("correlationId", "'x'.repeat(500)"), RunTask("T")], "D-C", "C-T"));
        var (broken, refused, sound) = (await office.TrialAsync("waits"), await office.TrialAsync("long"), await office.TrialAsync("waits"));
        await office.TamperAsync($"UPDATE Instances SET State = 'rusak' WHERE Id = '{broken.ToString().ToUpperInvariant()}'");
        await office.BeatAsync();

        await office.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["T"], await office.WaitsAtAsync(sound));
        Assert.Equal(["D"], await office.WaitsAtAsync(refused));
        var next = await office.AskAsync<AlarmRinger, DateTimeOffset?>(r => r.NextAsync(default));
        Assert.Equal(office.Time.GetUtcNow().AddSeconds(1), next);
        await office.AdvanceAsync(TimeSpan.FromSeconds(30));
        await office.BeatAsync();
        Assert.Equal(["due-timers-resumed", "timers-stand"], (await office.ViolatedAsync()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("timers-stand", "DELETE FROM Bookmarks WHERE ActivityId = 'D'")]
    [InlineData("timers-stand", "UPDATE Bookmarks SET DueAt = '2026-11-30 03:00:00' WHERE ActivityId = 'D'")]
    [InlineData("timers-stand", "DELETE FROM Instances WHERE IsTrial = 1")]
    [InlineData("due-timers-resumed", "UPDATE Bookmarks SET DueAt = '2026-11-23 00:00:00' WHERE ActivityId = 'D'")]
    public async Task A_broken_row_is_named(string guarantee, string sql)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("waits", [Delay("D", "00:05:00"), RunTask("T")], "D-T"));
        await office.TrialAsync("waits");
        await office.AdvanceAsync(TimeSpan.FromMinutes(3));
        await office.BeatAsync();
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Contains(guarantee, await office.ViolatedAsync());
    }

    private static void DelayAfterStep1(JsonObject document)
    {
        document.Activities().Add(Delay("D", "00:10:00"));
        document.Disconnect("Step1");
        document.Connect("Step1", "D");
        document.Connect("D", "Step2");
    }
}
