using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Definitions;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What an office gets wrong about clocks and calendars, and what the service makes of it (issue 4, bad input).</summary>
public class ClockFaultTests
{
    private static readonly CalendarAsk Do = new();

    [Theory]
    [InlineData("0")]
    [InlineData("-15")]
    [InlineData("PT0S")]
    [InlineData("-PT15M")]
    [InlineData("0.000001")]
    [InlineData("PT0.0001S")]
    [InlineData("PT99999999H")]
    [InlineData("527041")]
    public void A_standard_of_nothing_less_than_nothing_or_more_than_a_year_is_refused_with_the_step_named(string standard)
    {
        var problems = DefinitionCheck.ProblemsWithoutOffice(
            new WorkflowCompiler(), new SopDraft().Set("Step2", "standardTime", standard).Read(), new WorkingCalendar(CalendarData.Kalteng()));

        var problem = Assert.Single(problems, p => p.Severity == ProblemSeverity.Error);
        Assert.Equal(("step-without-standard", "Step2"), (problem.Code, problem.ActivityId));
        Assert.Contains("2. ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ladder_that_somebody_made_unreadable_in_the_rows_stops_no_other_alarm_and_is_named_by_the_guarantees()
    {
        var log = new Said<AlarmRinger>();
        await using var office = await Office.OpenAsync(change: s => s.AddSingleton<ILogger<AlarmRinger>>(log));
        var broken = (await office.OpenCaseAsync()).Id;
        await office.OpenCaseAsync();
        await office.OpenCaseAsync();
        var ladder = await office.RowsAsync(db => db.StepClocks.Where(c => c.CaseId == broken).Select(c => c.Escalation).SingleAsync());
        await WriteAsync("[{");

        await office.AdvanceAsync(TimeSpan.FromDays(1));

        var fired = await office.RowsAsync(db => db.FireRecords.AsNoTracking().Select(f => f.CaseId).ToListAsync());
        Assert.Equal(2 * 3, fired.Count);
        Assert.DoesNotContain(broken, fired);
        Assert.Contains("cached-instants", await office.ViolatedAsync());
        Assert.Contains(log.Lines, line => line.StartsWith("Warning 3 alarms failed in one commit (JsonException)", StringComparison.Ordinal));

        // Mended, it fires as if nothing had been, when it is looked at again.
        await WriteAsync(ladder);
        await office.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(3, await office.RowsAsync(db => db.FireRecords.CountAsync(f => f.CaseId == broken)));
        Assert.Empty(await office.ViolatedAsync());

        Task<int> WriteAsync(string text) => office.RowsAsync(db =>
            db.StepClocks.Where(c => c.CaseId == broken).ExecuteUpdateAsync(set => set.SetProperty(c => c.Escalation, text)));
    }

    [Fact]
    public async Task A_standard_of_nothing_written_into_the_rows_faults_the_step_by_name_and_the_act_before_it_is_kept()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-nothing-").FullName;
        Guid caseId;
        await using (var before = await Office.OpenAsync(folder: folder, keep: true))
        {
            caseId = (await before.OpenCaseAsync()).Id;
            await before.RowsAsync(async db =>
            {
                var version = await db.DefinitionVersions.SingleAsync();
                var content = JsonNode.Parse(version.Content)!;
                var step = content["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "Step2")!;
                step["standardTime"]!["expression"]!["value"] = "0";
                version.Content = content.ToJsonString();
                return await db.SaveChangesAsync();
            });
        }

        await using var office = await Office.OpenAsync(folder: folder);
        var task = await office.RowsAsync(db => db.WorkItems.SingleAsync());
        var done = await office.InboxAsync(i => i.CompleteAsync(
            office[Office.InformationHead], task.Id, new Completion { Revision = task.Revision, AssignTo = Office.InformationOfficer }));

        Assert.True(done.Succeeded);
        Assert.Equal("faulted", (await office.CaseAsync(caseId)).State);
        var incident = await office.RowsAsync(db => db.Incidents.SingleAsync());
        Assert.Equal(("Step2", (DateTimeOffset?)null), (incident.ActivityId, incident.ResolvedAt));
        Assert.Contains("Waktu baku", incident.Message, StringComparison.Ordinal);
        // No clock of nothing: only the first step's, which is closed.
        Assert.Equal(ClockState.Closed, (await office.RowsAsync(db => db.StepClocks.SingleAsync())).State);
        Assert.Equal(["versions-sound"], await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_standard_for_which_the_calendar_has_no_room_is_due_on_the_last_day_of_all_and_moves_back_with_the_calendar()
    {
        await using var office = await Revisions.OpenOfficeAsync(Wib.At("2026-11-24 09:00"));
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await office.BringIntoForceAsync(content => content["root"]!["activities"]!.AsArray()
            .Single(a => a!["id"]!.GetValue<string>() == "Step1")!["standardTime"]!["expression"]!["value"] = "527040");
        var record = await office.OpenCaseAsync();
        var due = (await office.OpenTaskAsync(record.Id)).DueAt;

        // 366 days of plain time at one second a week: more weeks than there are until the year 9999.
        var added = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddRegimeAsync(office["admin"], new RegimeForm
        {
            Name = "Sedetik seminggu",
            Kind = "office",
            From = "2026-11-23",
            Windows = new Dictionary<string, string?> { ["monday"] = "08:00:00-08:00:01" }
        }, Do));

        Assert.True(added.Succeeded, added.Succeeded ? "" : added.Problems[0].ToString());
        Assert.Equal((due, StandardClock.Last), (added.Value.Moved.Single().DueBefore, added.Value.Moved.Single().DueAfter));
        var endless = await office.OpenTaskAsync((await office.OpenCaseAsync()).Id);
        Assert.Equal(StandardClock.Last, endless.DueAt);
        // Its closed time is not told until then.
        Assert.Equal(endless.CountedFrom + TaskReader.Explained, endless.Closed[^1].To);
        Assert.Empty(await office.ViolatedAsync());
        var withdrawn = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d =>
            d.WithdrawRegimeAsync(office["admin"], added.Value.Edits[0].Id, "Salah ketik", Do));
        Assert.Contains(withdrawn.Value.Moved, moved => moved.CaseId == record.Id && moved.DueAfter == due);
    }

    [Fact]
    public void What_lies_beyond_the_year_9999_is_told_as_its_last_day_and_never_fires()
    {
        var calendar = new WorkingCalendar(new CalendarData
        {
            Regimes = [Hours([new WorkingWindow(TimeSpan.FromHours(8), TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1))])]
        });
        var clock = new StandardClock(TimeSpan.FromDays(366)).Resume(Wib.At("2026-11-23 08:00"));

        Assert.Equal(StandardClock.Last, clock.DueAt(calendar));
        Assert.Equal(StandardClock.Last, ClockKeeper.Whole(clock.DueAt(calendar)!.Value));
        Assert.Equal(StandardClock.Last, clock.RungInstant(calendar, new EscalationRung
        {
            FromDue = TimeSpan.FromDays(2),
            AnyTime = true,
            To = ["assignee"]
        }));
        Assert.Equal(TimeSpan.Zero, clock.Read(calendar, Wib.At("2999-11-23 08:00")).Lateness);
        Assert.Equal("Jumat, 31 Des 9999 07.00 WIB", new OfficeTime(calendar).DateAndTime(StandardClock.Last));
    }

    [Theory]
    [InlineData("2026-11-23 07:10", "set back before the receipt")]
    [InlineData("2026-11-23 08:02", "set back within the standard")]
    public async Task A_machine_whose_clock_is_set_back_fires_nothing_twice_or_early_and_consumes_nothing_negative(string back, string why)
    {
        await using var office = await OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(4));
        var fired = await FiresAsync(office);
        Assert.Single(fired);

        office.Time.AdjustTime(Wib.At(back));
        await office.FireAsync();

        Assert.Equal(fired, await FiresAsync(office));
        var task = await office.OpenTaskAsync(record.Id);
        Assert.True(task.RemainingMinutes <= 5 && task.WaitingMinutes >= 0 && task.ProcessingMinutes >= 0, why);
        Assert.Equal(Wib.At("2026-11-23 08:05"), task.DueAt);

        // The machine's clock is right again: what comes now comes once, at its instant.
        office.Time.AdjustTime(Wib.At("2026-11-23 08:04:59"));
        await office.FireAsync();
        Assert.Equal(fired, await FiresAsync(office));
        await office.AdvanceAsync(TimeSpan.FromSeconds(1));
        var after = await FiresAsync(office);
        Assert.Equal(2, after.Count);
        Assert.All(await office.RowsAsync(db => db.FireRecords.ToListAsync()), fire => Assert.True(fire.FiredAt >= fire.DueAt));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_step_done_while_the_machine_was_an_hour_behind_has_no_negative_times()
    {
        await using var office = await OpenAsync(Wib.At("2026-11-23 08:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        var started = (await office.InboxAsync(i => i.StartAsync(office[Office.InformationHead], task.Id, task.Revision))).Value;
        office.Time.AdjustTime(Wib.At("2026-11-23 07:02"));

        await office.CompleteOpenAsync(record.Id);

        var visit = (await office.CaseAsync(record.Id)).Steps[0];
        Assert.True(started.StartedAt > visit.CompletedAt);
        Assert.Equal(0, visit.LateMinutes);
        Assert.True(visit.WaitingMinutes >= 0 && visit.ProcessingMinutes >= 0);
        var row = await office.RowsAsync(db => db.WorkItems.SingleAsync(w => w.Id == task.Id));
        Assert.True(row.ConsumedMs >= 0);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_pause_that_ends_before_it_began_by_the_machines_clock_is_over_all_the_same()
    {
        await using var office = await OpenAsync(Wib.At("2026-11-23 09:00"));
        var record = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(record.Id);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Listrik padam"))).Value;
        office.Time.AdjustTime(Wib.At("2026-11-23 08:10"));
        var resumed = await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, paused.Revision, null));
        Assert.True(resumed.Succeeded);

        office.Time.AdjustTime(Wib.At("2026-11-23 09:03"));

        // Waited one minute before the pause and from the resumption on, of which the clock of the machine shows what lies behind the receipt.
        var shown = await office.OpenTaskAsync(record.Id);
        Assert.Equal(3, shown.WaitingMinutes);
        Assert.Equal("overdue", shown.State);
    }

    private static Task<List<string>> FiresAsync(Office office) => office.RowsAsync(db =>
        db.FireRecords.OrderBy(f => f.Id).Select(f => $"{f.ClockId} {f.Rung} {f.Repetition} {f.FiredAt}").ToListAsync());

    private static WorkingRegime Hours(IReadOnlyList<WorkingWindow> monday) => new()
    {
        Name = "Sedetik",
        Kind = RegimeKind.Office,
        Windows = new Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> { [DayOfWeek.Monday] = monday }
    };

    private static async Task<Office> OpenAsync(DateTimeOffset begin)
    {
        var office = await Office.OpenAsync(begin);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return office;
    }
}
