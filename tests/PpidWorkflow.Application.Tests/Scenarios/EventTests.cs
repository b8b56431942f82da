using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Events reach who waits for them, once; what comes before the wait is kept for it, and what nobody comes for is on record.</summary>
public class EventTests
{
    [Fact]
    public async Task What_one_instance_publishes_resumes_all_that_wait_for_it_each_once_with_what_it_carries()
    {
        await using var office = await WaitersAsync();
        await office.KeepAsync(Flow("tells", [Of("P", "PublishEvent", ("eventName", "Sampai"), ("payload", new JsonObject { ["nomor"] = 7 }))]));
        var waiting = new[] { await office.TrialAsync("waits"), await office.TrialAsync("waits"), await office.TrialAsync("waits") };

        await office.TrialAsync("tells");
        Assert.Equal(["E"], await office.WaitsAtAsync(waiting[0]));
        await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Task.Run(office.FireAsync)));
        await SettleAsync(office);

        foreach (var id in waiting)
        {
            Assert.Equal(["T"], await office.WaitsAtAsync(id));
            Assert.Equal((1, 1), (await office.CountAsync(id, "E", "Resumed"), await office.CountAsync(id, "T")));
            Assert.Equal("""{"nomor":7}""", (await office.StateAsync(id)).GetOutputs("E")["Result"]!.ToJsonString());
        }
        Assert.Empty(await office.RowsAsync(db => db.Events.ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Names_correlations_and_instances_tell_apart_who_is_meant()
    {
        await using var office = await WaitersAsync();
        await office.KeepAsync(Flow("waits-else", [Event("E", "Lain"), RunTask("T")], "E-T"));
        var (a, b, plain, else_) = (await office.TrialAsync("waits", "A"), await office.TrialAsync("waits", "B"), await office.TrialAsync("waits"),
            await office.TrialAsync("waits-else", "A"));

        Assert.True((await TellAsync(office, new OutsideEvent("Sampai", "A"))).Succeeded);
        Assert.Equal(["T"], await office.WaitsAtAsync(a));
        Assert.Equal(["E"], await office.WaitsAtAsync(b));
        Assert.True((await TellAsync(office, new OutsideEvent("Sampai", null, plain))).Succeeded);
        Assert.Equal(["T"], await office.WaitsAtAsync(plain));
        Assert.Equal(["E"], await office.WaitsAtAsync(b));
        Assert.Equal(["E"], await office.WaitsAtAsync(else_));
        Assert.True((await TellAsync(office, new OutsideEvent("sampai"))).Succeeded);
        Assert.Equal(["E"], await office.WaitsAtAsync(b));
        Assert.True((await TellAsync(office, new OutsideEvent("Sampai"))).Succeeded);
        Assert.Equal(["T"], await office.WaitsAtAsync(b));
        Assert.Equal(["E"], await office.WaitsAtAsync(else_));
    }

    [Fact]
    public async Task An_event_that_comes_before_the_wait_is_kept_for_it_over_a_restart_and_serves_one_wait()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        Guid[] late;
        DateTimeOffset now;
        await using (var office = await Revisions.OpenOfficeAsync(folder: folder, keep: true))
        {
            await office.KeepAsync(Flow("late", [RunTask("A"), Event("E", "Sampai"), RunTask("T")], "A-E", "E-T"));
            late = [await office.TrialAsync("late", "K"), await office.TrialAsync("late", "K")];
            Assert.True((await TellAsync(office, new OutsideEvent("Sampai", null, late[0], 42))).Succeeded);
            Assert.Equal(EventState.Kept, (await office.RowsAsync(db => db.Events.SingleAsync())).State);
            Assert.Empty(await office.ViolatedAsync());
            now = office.Time.GetUtcNow();
        }

        await using var again = await Revisions.OpenOfficeAsync(now.AddMinutes(30), folder);
        foreach (var id in late)
            Assert.True((await again.ResumeAsync(id, (await again.StateAsync(id)).Bookmarks.Single().Id)).Succeeded);
        await again.FireAsync();

        Assert.Equal(["T"], await again.WaitsAtAsync(late[0]));
        Assert.Equal("42", (await again.StateAsync(late[0])).GetOutputs("E")["Result"]!.ToJsonString());
        Assert.Equal(["E"], await again.WaitsAtAsync(late[1]));
        Assert.Empty(await again.RowsAsync(db => db.Events.ToListAsync()));
        Assert.Empty(await again.ViolatedAsync());
    }

    [Fact]
    public async Task What_nobody_comes_for_expires_is_shown_as_a_dead_letter_and_goes_after_a_month()
    {
        await using var office = await WaitersAsync();
        await office.KeepAsync(Flow("late", [RunTask("A"), Event("E", "Sampai"), RunTask("T")], "A-E", "E-T"));
        await TellAsync(office, new OutsideEvent("Sampai", "K", null, new JsonObject { ["rahasia"] = "isi berkas" }));
        await office.AdvanceAsync(TimeSpan.FromMinutes(60) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(EventState.Kept, (await office.RowsAsync(db => db.Events.SingleAsync())).State);

        await office.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        var (dead, total) = await office.AskAsync<DeadLetterDesk, (IReadOnlyList<DeadLetter>, long)>(d => d.SpanAsync(office[Manager], 0, 10));
        Assert.Equal(("Sampai", "K", "expired", 1L), (dead[0].Name, dead[0].CorrelationId, dead[0].Reason, total));
        var late = await office.TrialAsync("late", "K");
        await office.ResumeAsync(late, (await office.StateAsync(late)).Bookmarks.Single().Id);
        await office.FireAsync();
        Assert.Equal(["E"], await office.WaitsAtAsync(late));
        Assert.Empty(await office.ViolatedAsync());

        office.Time.Advance(DeadLetters.Kept);
        await office.AskAsync<HousekeepingJob, bool>(async j => { await j.RunAsync(default); return true; });
        Assert.Equal(1, await office.RowsAsync(db => db.Events.CountAsync()));
        office.Time.Advance(TimeSpan.FromMilliseconds(1));
        await office.AskAsync<HousekeepingJob, bool>(async j => { await j.RunAsync(default); return true; });
        Assert.Equal(0, await office.RowsAsync(db => db.Events.CountAsync()));
    }

    [Fact]
    public async Task Of_many_rapid_events_for_one_wait_one_resumes_it_and_the_others_are_kept()
    {
        await using var office = await WaitersAsync();
        var id = await office.TrialAsync("waits");
        const int Many = 40;

        var told = await Task.WhenAll(Enumerable.Range(1, Many).Select(n => Task.Run(() => TellAsync(office, new OutsideEvent("Sampai", null, id, n)))));
        await SettleAsync(office);

        Assert.All(told, t => Assert.True(t.Succeeded));
        Assert.Equal(["T"], await office.WaitsAtAsync(id));
        Assert.Equal((1, 1), (await office.CountAsync(id, "E", "Resumed"), await office.CountAsync(id, "T")));
        Assert.Equal(Many - 1, await office.RowsAsync(db => db.Events.CountAsync(e => e.State == EventState.Kept)));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_many_rapid_resumptions_of_one_bookmark_one_counts_and_the_others_are_told_so()
    {
        await using var office = await WaitersAsync();
        var id = await office.TrialAsync("waits");
        var bookmark = (await office.StateAsync(id)).Bookmarks.Single().Id;

        var pressed = await Task.WhenAll(Enumerable.Range(1, 200).Select(_ => Task.Run(() => office.ResumeAsync(id, bookmark))));

        Assert.Single(pressed, r => r.Succeeded);
        Assert.All(pressed.Where(r => !r.Succeeded), r => Assert.Equal("stale-revision", r.Problems[0].Code));
        Assert.Equal((1, 1), (await office.CountAsync(id, "E", "Resumed"), await office.CountAsync(id, "T")));
    }

    [Fact]
    public async Task A_case_hears_of_what_is_told_from_outside_and_not_of_what_a_trial_publishes()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.BringIntoForceAsync(document =>
        {
            document.Activities().Add(Event("E", "Sampai"));
            document.Disconnect("Step1");
            document.Connect("Step1", "E");
            document.Connect("E", "Step2");
        });
        await office.KeepAsync(Flow("tells", [Of("P", "PublishEvent", ("eventName", "Sampai"))]));
        var opened = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(opened.Id);
        await office.TrialAsync("tells");
        await office.FireAsync();
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        Assert.Equal(["E"], await office.WaitsAtAsync(instance));

        Assert.Equal("forbidden", (await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office["auditor"], new OutsideEvent("Sampai")))).Problems[0].Code);
        Assert.True((await TellAsync(office, new OutsideEvent("Sampai", opened.Number))).Succeeded);

        Assert.Equal("2", (await office.OpenTaskAsync(opened.Id)).Step.Label);
        Assert.Equal(1, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "event-received" && r.Chain == AuditTrail.ChainOf(opened.Id))));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_instance_that_is_not_there_or_has_ended_refuses_and_what_has_no_name_or_is_too_long_is_told_so()
    {
        await using var office = await WaitersAsync();
        var id = await office.TrialAsync("waits");
        await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], id));

        Assert.Equal("instance-not-found", (await TellAsync(office, new OutsideEvent("Sampai", null, Guid.NewGuid()))).Problems[0].Code);
        Assert.Equal("instance-ended", (await TellAsync(office, new OutsideEvent("Sampai", null, id))).Problems[0].Code);
        Assert.Equal("field-required", (await TellAsync(office, new OutsideEvent(" "))).Problems[0].Code);
        foreach (var (told, field) in ((OutsideEvent, string)[])
        [
            (new OutsideEvent(new string('x', 201)), "eventName"), (new OutsideEvent("x", new string('x', 201)), "correlationId"),
            (new OutsideEvent("x", null, null, new string('x', 100_001)), "input")
        ])
            Assert.Equal(("text-too-long", field), ((await TellAsync(office, told)).Problems[0].Code, (await TellAsync(office, told)).Problems[0].Field));
        Assert.Empty(await office.RowsAsync(db => db.Events.ToListAsync()));
    }

    [Fact]
    public async Task Who_waited_and_was_cancelled_before_the_event_reached_him_leaves_it_to_the_next()
    {
        await using var office = await WaitersAsync();
        await office.KeepAsync(Flow("tells", [Of("P", "PublishEvent", ("eventName", "Sampai"))]));
        var (gone, other) = (await office.TrialAsync("waits"), Guid.Empty);
        await office.TrialAsync("tells");
        // Settled for the one that waits, and not delivered yet.
        await office.TamperAsync("UPDATE Bookmarks SET EventId = (SELECT Id FROM Events)");
        await office.TamperAsync("UPDATE Events SET State = 'Told'");

        await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], gone));
        other = await office.TrialAsync("waits");
        await office.FireAsync();

        Assert.Equal(["T"], await office.WaitsAtAsync(other));
        Assert.Empty(await office.RowsAsync(db => db.Events.ToListAsync()));
    }

    [Fact]
    public async Task Events_that_go_round_for_ever_end_as_a_dead_letter()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("round", [Event("E", "Putar").Trigger(), Of("P", "PublishEvent", ("eventName", "Putar"))], "E-P"), inForce: true);

        await TellAsync(office, new OutsideEvent("Putar"));
        await office.FireAsync();

        Assert.Equal(EventPost.MostDepth + 1, await office.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Equal("event-loop", (await office.RowsAsync(db => db.Events.SingleAsync())).DeadReason);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("UPDATE Events SET State = 'Pending', ExpiresAt = '2026-11-22 00:00:00'")]
    [InlineData("UPDATE Events SET State = 'Told', ExpiresAt = '2026-11-22 00:00:00'")]
    [InlineData("UPDATE Events SET State = 'Dead'")]
    [InlineData("UPDATE Bookmarks SET EventName = NULL")]
    [InlineData("UPDATE Bookmarks SET EventId = InstanceId")]
    public async Task A_broken_row_is_named(string sql)
    {
        await using var office = await WaitersAsync();
        await office.TrialAsync("waits");
        await TellAsync(office, new OutsideEvent("Lain"));
        await office.BeatAsync();
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Contains("events-arrive", await office.ViolatedAsync());
    }

    private static async Task<Office> WaitersAsync()
    {
        var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("waits", [Event("E", "Sampai"), RunTask("T")], "E-T"));
        return office;
    }

    private static Task<Result<Guid>> TellAsync(Office office, OutsideEvent told) =>
        office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], told));

    // Who lost a race is left alone for a second.
    private static async Task SettleAsync(Office office)
    {
        await office.FireAsync();
        await office.AdvanceAsync(TimeSpan.FromSeconds(70));
    }
}
