using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Waktu sebenarnya and causes of delay (issue 4; domain.md §4: paper first, entry later). Monday 23 November 2026.</summary>
public class ActualTimeTests
{
    private const string Why = "Dikerjakan di atas kertas, jaringan padam";

    [Fact]
    public async Task Work_done_in_time_and_entered_later_is_in_time_and_shows_both_times_and_the_alerts_that_went_out_meanwhile()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        var task = await office.OpenTaskAsync(record.Id);
        Assert.Equal("overdue", task.State);

        var done = await office.CompleteAsync(task, Office.InformationHead, new Completion
        {
            AssignTo = Office.InformationOfficer,
            ActualAt = Wib.At("2026-11-23 08:04:30.0001"),
            ActualReason = $" {Why} "
        });

        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal((Wib.At("2026-11-23 08:20"), new ActualTime(Wib.At("2026-11-23 08:04:30"), Why)), (visit.CompletedAt, visit.ActualCompletion));
        Assert.Equal((0, 4.5, 0), (visit.LateMinutes, visit.WaitingMinutes, visit.ProcessingMinutes));
        Assert.Equal(
            [(80, Wib.At("2026-11-23 08:04"), true), (100, Wib.At("2026-11-23 08:05"), true), (200, Wib.At("2026-11-23 08:10"), true)],
            visit.Alerts.Select(a => (a.Percent, a.DueAt, a.AfterActual)));
        Assert.Equal(3, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        var told = (await office.CaseAsync(record.Id)).Events.Single(e => e.Action == "task-completed").Data;
        Assert.Equal((false, Why), (told.GetProperty("late").GetBoolean(), told.GetProperty("actualReason").GetString()));
        Assert.Equal(Wib.At("2026-11-23 08:04:30"), told.GetProperty("actualAt").GetDateTimeOffset());
        Assert.Equal(Wib.At("2026-11-23 08:04:30"), await office.RowsAsync(db => db.StepClocks.Where(c => c.StepNumber == "1").Select(c => c.ClosedAt).SingleAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_morning_on_paper_is_entered_in_the_afternoon_step_by_step()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.AdjustTime(Wib.At("2026-11-23 14:00"));
        await DoneAsync(office, record.Id, "2026-11-23 08:05", new Completion { AssignTo = Office.InformationOfficer });

        // Not before it was handed over on paper; from there the standard counts, because its performer says that he worked then.
        var early = await TryAsync(office, record.Id, "2026-11-23 08:04", Prepared());
        Assert.Equal(["actual-time-too-early actualAt"], early.Problems.Select(p => $"{p.Code} {p.Field}"));
        var task = await office.OpenTaskAsync(record.Id);
        Assert.Equal(Wib.At("2026-11-23 14:15"), task.DueAt);
        var started = await office.InboxAsync(i => i.StartAsync(
            office[Office.InformationOfficer], task.Id, task.Revision, new ActualTime(Wib.At("2026-11-23 08:07"), Why)));
        Assert.Equal(Wib.At("2026-11-23 08:20"), started.Value.DueAt);
        await DoneAsync(office, record.Id, "2026-11-23 08:25", Prepared());

        var visit = (await office.CaseAsync(record.Id)).Steps.Single(s => s.Step.Label == "2");
        Assert.Equal((2, 18, 5), (visit.WaitingMinutes, visit.ProcessingMinutes, visit.LateMinutes));
        Assert.Equal((Wib.At("2026-11-23 14:00"), Wib.At("2026-11-23 08:20")), (visit.ReceivedAt, visit.DueAt));
        Assert.Equal(new ActualTime(Wib.At("2026-11-23 08:07"), Why), visit.ActualStart);

        // Who works by the service from here on is measured by the service.
        var report = await office.OpenTaskAsync(record.Id);
        Assert.Equal(Wib.At("2026-11-23 14:05"), report.DueAt);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_was_handed_back_on_paper_counts_from_then_for_who_gets_it_back()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.AdjustTime(Wib.At("2026-11-23 14:00"));
        await DoneAsync(office, record.Id, "2026-11-23 08:05", new Completion { AssignTo = Office.InformationOfficer });
        await DoneAsync(office, record.Id, "2026-11-23 08:15", Prepared());
        await DoneAsync(office, record.Id, "2026-11-23 08:18", new Completion());
        var handOver = await office.OpenTaskAsync(record.Id);
        Assert.Equal("4", handOver.Step.Label);

        Task<Result<TaskView>> ReturnAsync(string at, string? why) => office.InboxAsync(i => i.ReturnAsync(
            office[handOver.Assignee!.UserName], handOver.Id, handOver.Revision, "Lampiran kurang", new ActualTime(Wib.At(at), why)));
        Assert.Equal("actual-time-too-early actualAt", Told(await ReturnAsync("2026-11-23 08:17", Why)));
        Assert.Equal("actual-reason-required actualReason", Told(await ReturnAsync("2026-11-23 08:21", null)));
        Assert.Equal("actual-time-in-future actualAt", Told(await ReturnAsync("2026-11-23 14:01", Why)));
        Assert.True((await ReturnAsync("2026-11-23 08:21", Why)).Succeeded);

        var visit = (await office.CaseAsync(record.Id)).Steps.Single(s => s.TaskId == handOver.Id);
        Assert.Equal((0, 3), (visit.LateMinutes, visit.WaitingMinutes + visit.ProcessingMinutes));
        Assert.Equal(new ActualTime(Wib.At("2026-11-23 08:21"), Why), visit.ActualCompletion);
        // Whoever has it back may say that he went on at once, and is measured from there.
        var again = await office.OpenTaskAsync(record.Id);
        var started = await office.InboxAsync(i => i.StartAsync(
            office[again.Assignee!.UserName], again.Id, again.Revision, new ActualTime(Wib.At("2026-11-23 08:22"), Why)));
        Assert.Equal(Wib.At("2026-11-23 08:21") + (again.DueAt - Wib.At("2026-11-23 14:00")), started.Value.DueAt);
        Assert.Empty(await office.ViolatedAsync());

        static string Told(Result<TaskView> refused) => Assert.Single(refused.Problems) is var problem ? $"{problem.Code} {problem.Field}" : "";
    }

    [Theory]
    [InlineData("2026-11-23 09:00:01", Why, "actual-time-in-future actualAt")]
    [InlineData("9999-12-31 16:59:59", Why, "actual-time-in-future actualAt")]
    [InlineData("2026-11-23 07:59", Why, "actual-time-too-early actualAt")]
    [InlineData("2026-11-23 08:14:59", Why, "actual-time-too-early actualAt")]
    [InlineData("2026-11-23 08:40", null, "actual-reason-required actualReason")]
    [InlineData("2026-11-23 08:40", " ", "actual-reason-required actualReason")]
    [InlineData(null, Why, "actual-time-required actualAt")]
    [InlineData("0001-01-01 08:00", " ", "actual-reason-required actualReason, actual-time-too-early actualAt")]
    public async Task A_time_that_cannot_be_true_is_refused_and_nothing_is_kept(string? at, string? reason, string problems)
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(15));
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationHead], task.Id, task.Revision));
        office.Time.AdjustTime(Wib.At("2026-11-23 09:00"));
        var before = await office.OpenTaskAsync(record.Id);

        var refused = await TryAsync(office, record.Id, at, new Completion { AssignTo = Office.InformationOfficer }, reason);

        Assert.Equal(problems, string.Join(", ", refused.Problems.Select(p => $"{p.Code} {p.Field}")));
        Assert.Equal((before.Revision, before.State, before.DueAt), await StandAsync(office, record.Id));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_minute_in_which_it_was_begun_is_not_before_its_beginning()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.AdjustTime(Wib.At("2026-11-23 08:02:20"));
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationHead], task.Id, task.Revision));
        office.Time.AdjustTime(Wib.At("2026-11-23 08:30"));

        // The form asks for hours and minutes.
        await DoneAsync(office, record.Id, "2026-11-23 08:02", new Completion { AssignTo = Office.InformationOfficer });

        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal(Wib.At("2026-11-23 08:02:20"), visit.ActualCompletion!.At);
        Assert.Equal((2.33, 0), (visit.WaitingMinutes, visit.ProcessingMinutes));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Nothing_was_done_while_the_clock_stood()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Listrik padam"))).Value;
        office.Time.Advance(TimeSpan.FromMinutes(30));
        await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, paused.Revision, null));
        office.Time.Advance(TimeSpan.FromMinutes(30));

        var refused = await TryAsync(office, record.Id, "2026-11-23 08:30", new Completion { AssignTo = Office.InformationOfficer });
        Assert.Equal("actual-time-too-early", Assert.Single(refused.Problems).Code);
        Assert.Equal("Senin, 23 Nov 2026 08.31 WIB", Assert.Single(refused.Problems[0].Arguments));

        await DoneAsync(office, record.Id, "2026-11-23 08:34", new Completion { AssignTo = Office.InformationOfficer });
        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal((0, 4, 30), (visit.LateMinutes, visit.WaitingMinutes, visit.PausedMinutes));
    }

    [Fact]
    public async Task Measured_from_the_start_the_standard_counts_from_the_actual_start()
    {
        await using var office = await Revisions.OpenOfficeAsync(Wib.At("2026-11-23 08:00"));
        await office.BringIntoForceAsync(content => content["root"]!["activities"]!.AsArray()
            .Single(a => a!["id"]!.GetValue<string>() == "Step1")!["measuredFrom"]!["expression"]!["value"] = "Started");
        var record = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(record.Id);
        Assert.Equal(("started", null), (task.MeasuredFrom, task.DueAt));
        office.Time.Advance(TimeSpan.FromMinutes(30));

        var started = await office.InboxAsync(i => i.StartAsync(
            office[Office.InformationHead], task.Id, task.Revision, new ActualTime(Wib.At("2026-11-23 08:28"), Why)));

        Assert.Equal((Wib.At("2026-11-23 08:33"), 28, 2), (started.Value.DueAt, started.Value.WaitingMinutes, started.Value.ProcessingMinutes));
        office.Time.Advance(TimeSpan.FromMinutes(4));
        await office.CompleteOpenAsync(record.Id);
        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal((28, 6, 1), (visit.WaitingMinutes, visit.ProcessingMinutes, visit.LateMinutes));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_back_dated_completion_that_is_taken_back_runs_on_from_where_it_had_stopped()
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(20));
        var done = await DoneAsync(office, record.Id, "2026-11-23 08:03", new Completion { AssignTo = Office.InformationOfficer });

        var back = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], done.Id, done.Revision));

        Assert.Equal(("overdue", Wib.At("2026-11-23 08:05"), null, null), (back.Value.State, back.Value.DueAt, back.Value.ActualCompletion, back.Value.ActualStart));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("workload", null, "")]
    [InlineData("other", "Banjir di jalan", "")]
    [InlineData(null, "Pejabat rapat", "")]
    [InlineData("other", " ", "delay-reason-required delayReason")]
    [InlineData("beban kerja", null, "delay-cause-unknown delayCause")]
    [InlineData("", null, "delay-cause-unknown delayCause")]
    public async Task A_late_completion_may_name_a_cause_and_other_wants_words(string? cause, string? reason, string problems)
    {
        await using var office = await Office.OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromMinutes(20));
        var task = await office.OpenTaskAsync(record.Id);
        Assert.Equal(["delayCause", "delayReason"], task.Fields.Select(f => f.Name).Where(n => n.StartsWith("delay", StringComparison.Ordinal)));

        var done = await office.CompleteAsync(task, Office.InformationHead, new Completion
        {
            AssignTo = Office.InformationOfficer,
            DelayCause = cause,
            DelayReason = reason
        });

        Assert.Equal(problems, done.Succeeded ? "" : string.Join(", ", done.Problems.Select(p => $"{p.Code} {p.Field}")));
        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.Equal(done.Succeeded ? (cause, reason) : (null, null), (visit.DelayCause, visit.DelayReason));
    }

    private static Completion Prepared() => new()
    {
        Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan, satu jilid", 1, "asli")] }
    };

    private static async Task<TaskView> DoneAsync(Office office, Guid caseId, string at, Completion completion)
    {
        var done = await TryAsync(office, caseId, at, completion);
        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
        return done.Value;
    }

    private static async Task<Result<TaskView>> TryAsync(Office office, Guid caseId, string? at, Completion completion, string? reason = Why)
    {
        var task = await office.OpenTaskAsync(caseId);
        return await office.CompleteAsync(task, task.Assignee!.UserName, completion with { ActualAt = at is null ? null : Wib.At(at), ActualReason = reason });
    }

    private static async Task<(int, string, DateTimeOffset?)> StandAsync(Office office, Guid caseId)
    {
        var task = await office.OpenTaskAsync(caseId);
        return (task.Revision, task.State, task.DueAt);
    }
}
