using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Timer, Cron, StartAt and Event at the top of a definition start runs while it is in force: each instant once, whoever dies.</summary>
public class TriggerTests
{
    [Theory]
    [InlineData("Timer", "interval", "00:10:00", 10, 20)]
    [InlineData("Cron", "cronExpression", "0 0/15 * * * *", 15, 30)]
    [InlineData("StartAt", "dateTime", "2026-11-23T08:10:00+07:00", 10, null)]
    public async Task Time_starts_a_run_at_each_of_its_instants_and_never_early(string type, string input, string value, int first, int? second)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        var begin = office.Time.GetUtcNow();
        var version = await office.KeepAsync(Flow("self", [Of("S", type, (input, value)).Trigger(), RunTask("T")], "S-T"), inForce: true);
        Assert.Equal(begin.AddMinutes(first), (await office.RowsAsync(db => db.Triggers.SingleAsync())).NextAt);

        await office.AdvanceAsync(TimeSpan.FromMinutes(first) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync()));
        await office.AdvanceAsync(TimeSpan.FromMilliseconds(1));

        var run = await office.RowsAsync(db => db.Instances.SingleAsync());
        Assert.Equal((version.Id, true, false, TriggerStarts.Starter), (run.DefinitionVersionId, run.IsRun, run.IsTrial, run.StartedBy));
        Assert.Equal(["T"], await office.WaitsAtAsync(run.Id));
        var trigger = await office.RowsAsync(db => db.Triggers.SingleAsync());
        Assert.Equal((begin.AddMinutes(first), second is { } minutes ? begin.AddMinutes(minutes) : null), (trigger.LastAt, trigger.NextAt));
        Assert.Equal((0, 0, 0), (await office.RowsAsync(db => db.Cases.CountAsync()), await office.RowsAsync(db => db.WorkItems.CountAsync()), (await office.MailAsync()).Count));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_fell_due_while_nothing_ran_is_started_once_by_whichever_node_comes_first()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        DateTimeOffset begin;
        await using (var office = await Revisions.OpenOfficeAsync(folder: folder, keep: true))
        {
            begin = office.Time.GetUtcNow();
            await office.KeepAsync(Flow("self", [Of("S", "Timer", ("interval", "00:10:00")).Trigger(), RunTask("T")], "S-T"), inForce: true);
            await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        await using var again = await Revisions.OpenOfficeAsync(begin.AddMinutes(65), folder);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(_ => Task.Run(again.FireAsync)));
        await again.FireAsync();

        Assert.Equal(2, await again.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Equal(begin.AddMinutes(70), (await again.RowsAsync(db => db.Triggers.SingleAsync())).NextAt);
        await again.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(3, await again.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Empty(await again.ViolatedAsync());
    }

    [Fact]
    public async Task An_event_starts_a_run_at_its_own_trigger_with_what_it_carries_and_resumes_who_waits_besides()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(
            Flow("two", [Event("A", "Pertama").Trigger(), Event("B", "Kedua").Trigger(), RunTask("TA"), RunTask("TB")], "A-TA", "B-TB"), inForce: true);
        await office.KeepAsync(Flow("waits", [Event("E", "Kedua"), RunTask("T")], "E-T"));
        var waiting = await office.TrialAsync("waits");

        var told = await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Kedua", "K-1", null, "isi")));

        Assert.True(told.Succeeded);
        var run = await office.RowsAsync(db => db.Instances.SingleAsync(i => !i.IsTrial));
        Assert.Equal(("K-1", Manager), (run.CorrelationId, run.StartedBy));
        Assert.Equal(["TB"], await office.WaitsAtAsync(run.Id));
        Assert.Equal("\"isi\"", (await office.StateAsync(run.Id)).GetOutputs("B")["Result"]!.ToJsonString());
        // It waits for the correlation of its own.
        Assert.Equal(["E"], await office.WaitsAtAsync(waiting));
        Assert.Empty(await office.RowsAsync(db => db.Events.ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_trial_starts_nothing_and_a_trigger_that_is_tried_out_waits()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("starts", [Event("E", "Mulai").Trigger(), RunTask("T")], "E-T"), inForce: true);
        await office.KeepAsync(Flow("tells", [Of("P", "PublishEvent", ("eventName", "Mulai"))]));
        var tried = await office.TrialAsync("starts");
        Assert.Equal(["E"], await office.WaitsAtAsync(tried));

        await office.TrialAsync("tells");
        await office.FireAsync();

        Assert.Equal(["T"], await office.WaitsAtAsync(tried));
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync(i => !i.IsTrial)));
    }

    [Fact]
    public async Task Triggers_come_and_go_with_the_version_that_is_in_force()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("self", [Of("S", "Timer", ("interval", "00:10:00")).Trigger(), RunTask("T")], "S-T"));
        Assert.Empty(await office.RowsAsync(db => db.Triggers.ToListAsync()));
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync()));

        var proposed = await office.DeskAsync(d => d.ProposeAsync(office[Manager], "self", null, new ProposalDetails("Otomatis")));
        Assert.Empty(await office.RowsAsync(db => db.Triggers.ToListAsync()));
        var effective = office.Time.GetUtcNow().AddMinutes(5);
        var approved = await office.DeskAsync(d => d.ApproveAsync(office[Office.UnitHead], "self", 1, proposed.Value.ContentHash, effective));
        Assert.True(approved.Succeeded, approved.Succeeded ? "" : approved.Problems[0].ToString());
        Assert.Empty(await office.RowsAsync(db => db.Triggers.ToListAsync()));
        office.Time.Advance(TimeSpan.FromMinutes(5));
        await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync());
        Assert.Equal(effective.AddMinutes(10), (await office.RowsAsync(db => db.Triggers.SingleAsync())).NextAt);

        await office.KeepAsync(Flow("self", [Of("S", "Timer", ("interval", "00:01:00")).Trigger(), Event("E", "Mulai").Trigger(), RunTask("T")], "S-T", "E-T"), inForce: true);
        Assert.Equal([(null, effective.AddMinutes(1)), ("Mulai", null)], (await office.RowsAsync(db => db.Triggers.OrderBy(t => t.Id).ToListAsync()))
            .Select(t => (t.EventName, t.NextAt)));
        await office.KeepAsync(Flow("self", [RunTask("T")]), inForce: true);
        Assert.Empty(await office.RowsAsync(db => db.Triggers.ToListAsync()));
        await office.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_run_is_cancelled_and_looked_at_but_not_removed_or_changed()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("starts", [Event("E", "Mulai").Trigger(), RunTask("T")], "E-T"), inForce: true);
        await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Mulai", null, null, new JsonObject { ["a"] = 1 })));
        await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Mulai")));
        var runs = await office.RowsAsync(db => db.Instances.OrderBy(i => i.Id).Select(i => i.Id).ToListAsync());

        Assert.Equal("instance-of-run", (await office.AskAsync<TrialDesk, Result<Guid>>(t => t.RemoveAsync(office[Manager], runs[0]))).Problems[0].Code);
        Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], runs[0]))).Succeeded);
        var task = (await office.StateAsync(runs[1])).Bookmarks.Single().Id;
        Assert.True((await office.AskAsync<EventDesk, Result<Guid>>(d => d.CompleteTaskAsync(office[Manager], runs[1], task, null))).Succeeded);
        Assert.Equal("stale-revision", (await office.AskAsync<EventDesk, Result<Guid>>(d => d.CompleteTaskAsync(office[Manager], runs[1], task, null))).Problems[0].Code);

        var states = await office.RowsAsync(db => db.Instances.OrderBy(i => i.Id).Select(i => i.SubStatus).ToListAsync());
        Assert.Equal([WorkflowSubStatus.Cancelled, WorkflowSubStatus.Finished], states);
        var seen = await office.AskAsync<InstanceReader, InstanceView?>(r => r.FindAsync(office[Manager], runs[0]));
        Assert.True(seen!.ShowsValues);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Runs_that_ended_long_ago_go_with_all_their_rows_where_the_office_says_so()
    {
        await using var office = await Office.OpenAsync(
            change: services => services.Configure<RetentionOptions>(o => o.RunMonths = 1), roster: people => people.Add(Manager, "Pengelola SOP", null, Roles.SopManager));
        await office.KeepAsync(Flow("starts", [Event("E", "Mulai").Trigger(), Of("D", "FlowDecision").Script("condition", "getOutputFrom('E', 'Result') == 1"), RunTask("T")], "E-D", "D:False-T"), inForce: true);
        foreach (var payload in (int[])[1, 2])
            await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Mulai", null, null, payload)));
        await office.OpenCaseAsync();
        var (ended, waiting) = (await office.RowsAsync(db => db.Instances.SingleAsync(i => i.FinishedAt != null)), await office.RowsAsync(db => db.Bookmarks.SingleAsync(b => b.ActivityId == "T")));
        office.Time.Advance(TimeSpan.FromDays(40));

        await office.AskAsync<RetentionDesk, IReadOnlyList<RetentionReading>>(d => d.RunAsync());

        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync(i => i.Id == ended.Id)));
        Assert.Equal(0, await office.RowsAsync(db => db.Journal.CountAsync(j => j.InstanceId == ended.Id)));
        Assert.Equal(1, await office.RowsAsync(db => db.Instances.CountAsync(i => i.Id == waiting.InstanceId)));
        Assert.Equal(1, await office.RowsAsync(db => db.Cases.CountAsync()));
        Assert.Equal(1, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "run-removed")));
    }

    [Theory]
    [InlineData("trigger-with-sop-steps", """{"id":"E","type":"Elsa.Event","eventName":{"typeName":"String","expression":{"type":"Literal","value":"x"}},"customProperties":{"canStartWorkflow":true}}""")]
    [InlineData("trigger-not-fixed", """{"id":"E","type":"Elsa.Event","eventName":{"typeName":"String","expression":{"type":"JavaScript","value":"'x'"}},"customProperties":{"canStartWorkflow":true}}""")]
    [InlineData("trigger-not-fixed", """{"id":"E","type":"Elsa.Timer","interval":{"typeName":"TimeSpan","expression":{"type":"Literal","value":"00:00:00.5"}},"customProperties":{"canStartWorkflow":true}}""")]
    [InlineData("trigger-nested", """{"id":"S","type":"Elsa.Sequence","activities":[{"id":"E","type":"Elsa.Event","eventName":{"typeName":"String","expression":{"type":"Literal","value":"x"}},"customProperties":{"canStartWorkflow":true}}]}""")]
    public async Task What_could_not_be_started_by_itself_is_refused_by_name_when_it_is_proposed(string code, string activity)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.DraftAsync(document =>
        {
            document.Activities().Add(JsonNode.Parse(activity));
            document.Connect("Step1", activity.Contains("Sequence", StringComparison.Ordinal) ? "S" : "E");
        });

        var proposed = await office.ProposeAsync();

        Assert.Equal("definition-has-errors", proposed.Problems[0].Code);
        var draft = await office.VersionAsync(2);
        var problems = await office.AskAsync<DefinitionCheck, IReadOnlyList<DefinitionProblem>>(c => c.ProblemsAsync(DefinitionReader.Read(Encoding.UTF8.GetBytes(draft.Content))));
        Assert.Equal([(code, "E")], problems.Where(p => p.Severity == ProblemSeverity.Error).Select(p => (p.Code, p.ActivityId)));
    }

    [Theory]
    [InlineData("DELETE FROM Triggers")]
    [InlineData("UPDATE Triggers SET ActivityId = 'X'")]
    [InlineData("UPDATE DefinitionVersions SET State = 'Superseded' WHERE DefinitionId = 'self'")]
    public async Task A_broken_row_is_named(string sql)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("self", [Of("S", "Timer", ("interval", "00:10:00")).Trigger(), RunTask("T")], "S-T"), inForce: true);
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Contains("triggers-stand", await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_an_older_release_left_without_triggers_and_names_of_events_gets_them_at_the_next_start()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        await using (var office = await Revisions.OpenOfficeAsync(folder: folder, keep: true))
        {
            await office.KeepAsync(Flow("starts", [Event("E", "Mulai").Trigger(), RunTask("T")], "E-T"), inForce: true);
            await office.TrialAsync("starts");
            await office.TamperAsync("DELETE FROM Triggers");
            await office.TamperAsync("UPDATE Bookmarks SET EventName = NULL");
            Assert.Equal(["events-arrive", "triggers-stand"], (await office.ViolatedAsync()).Order(StringComparer.Ordinal));
        }

        await using var again = await Revisions.OpenOfficeAsync(folder: folder);

        Assert.Empty(await again.ViolatedAsync());
    }
}
