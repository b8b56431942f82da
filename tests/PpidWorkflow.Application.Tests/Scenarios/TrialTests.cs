using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class TrialTests
{
    private const string Manager = "pengelola.sop";

    [Fact]
    public async Task A_trial_of_the_SOP_walks_to_its_end_and_leaves_no_task_mail_clock_or_register_entry()
    {
        await using var office = await OpenAsync();
        var id = await StartAsync(office, await SopIdAsync(office));

        var walked = new List<string>();
        while (await WaitingAsync(office, id) is { } waiting)
        {
            walked.Add(waiting.ActivityId + waiting.Payload!["part"]);
            Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CompleteStepAsync(office[Manager], id, waiting.Id, "Done"))).Succeeded);
        }

        Assert.Equal(6, walked.Count);
        var trial = await office.RowsAsync(db => db.Instances.SingleAsync(i => i.Id == id));
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished, true), (trial.Status, trial.SubStatus, trial.IsTrial));
        Assert.Empty(await office.MailAsync());
        Assert.Equal(0, await office.RowsAsync(db => db.WorkItems.CountAsync()));
        Assert.Equal(0, await office.RowsAsync(db => db.StepClocks.CountAsync()));
        Assert.Equal(0, await office.RowsAsync(db => db.Cases.CountAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Missing_inputs_of_a_trial_get_samples_that_are_marked_and_given_ones_are_kept()
    {
        await using var office = await OpenAsync();
        var id = await StartAsync(office, await SopIdAsync(office), new Dictionary<string, JsonNode?> { ["determinationNumber"] = "188.44/7/2026" });

        var trial = await office.RowsAsync(db => db.Instances.SingleAsync(i => i.Id == id));
        var input = WorkflowState.FromJson(trial.State).Input;
        Assert.Equal("188.44/7/2026", (string?)input["determinationNumber"]);
        Assert.StartsWith("[Contoh] ", (string?)input["title"], StringComparison.Ordinal);
        Assert.Equal("2026-11-23", (string?)input["determinationDate"]);
        var first = await office.RowsAsync(db => db.Journal.SingleAsync(j => j.InstanceId == id && j.Sequence == 0));
        var samples = JsonNode.Parse(first.Payload!)![WorkflowRuntime.SampleInputs]!.AsArray().Select(n => (string?)n).ToList();
        Assert.Contains("title", samples);
        Assert.DoesNotContain("determinationNumber", samples);
    }

    [Fact]
    public async Task A_trial_of_a_draft_goes_on_with_the_content_it_began_with()
    {
        await using var office = await OpenAsync();
        var draft = await DraftAsync(office, "trial-draft", Definition("trial-draft", "Satu", Step("A"), Step("B")));
        var id = await StartAsync(office, "trial-draft");

        await office.RowsAsync(async db =>
        {
            var row = await db.DefinitionVersions.SingleAsync(v => v.Id == draft);
            row.Content = Definition("trial-draft", "Dua", Step("X"));
            return await db.SaveChangesAsync();
        });
        await CompleteAsync(office, id, "A");
        await CompleteAsync(office, id, "B");

        var journal = await office.RowsAsync(db => db.Journal.Where(j => j.InstanceId == id).Select(j => j.ActivityId).Distinct().ToListAsync());
        Assert.Equal(["A", "B", "Flow", "Workflow1"], journal.Order(StringComparer.Ordinal));
        // The next one runs what the draft has become.
        var next = await StartAsync(office, "trial-draft");
        Assert.Equal("X", (await WaitingAsync(office, next))!.ActivityId);
    }

    [Fact]
    public async Task Removing_a_trial_removes_every_row_of_it_and_only_of_it()
    {
        await using var office = await OpenAsync();
        var sop = await SopIdAsync(office);
        var (gone, kept) = (await StartAsync(office, sop), await StartAsync(office, sop));

        Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.RemoveAsync(office[Manager], gone))).Succeeded);

        Assert.False(await office.RowsAsync(db => db.Instances.AnyAsync(i => i.Id == gone)));
        Assert.False(await office.RowsAsync(db => db.Bookmarks.AnyAsync(b => b.InstanceId == gone)));
        Assert.False(await office.RowsAsync(db => db.Journal.AnyAsync(j => j.InstanceId == gone)));
        Assert.False(await office.RowsAsync(db => db.Incidents.AnyAsync(i => i.InstanceId == gone)));
        Assert.NotNull(await WaitingAsync(office, kept));
        Assert.Contains("trial-removed", await office.RowsAsync(db => db.AuditRecords.Where(r => r.Chain == "administration").Select(r => r.Action).ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_delay_of_a_trial_resumes_when_it_is_due_and_not_before()
    {
        await using var office = await OpenAsync();
        await DraftAsync(office, "trial-delay", Definition("trial-delay", "Jeda", Delay("D", "00:10:00"), Step("A")));
        var id = await StartAsync(office, "trial-delay");

        await office.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.Equal("D", (await StateAsync(office, id)).Bookmarks.Single().ActivityId);
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("A", (await StateAsync(office, id)).Bookmarks.Single().ActivityId);
    }

    [Fact]
    public async Task A_faulted_trial_is_retried_from_its_incident()
    {
        await using var office = await OpenAsync();
        await DraftAsync(office, "trial-fault", Definition("trial-fault", "Galat", Delay("D", "JavaScript", "input.absent.member")));
        var id = await StartAsync(office, "trial-fault");

        var trial = await office.RowsAsync(db => db.Instances.SingleAsync(i => i.Id == id));
        Assert.Equal(WorkflowSubStatus.Faulted, trial.SubStatus);
        var incident = await office.RowsAsync(db => db.Incidents.SingleAsync(i => i.InstanceId == id));
        var retried = await office.AskAsync<IncidentDesk, Result<IncidentView>>(d => d.RetryAsync(office[Manager], incident.Id));

        Assert.True(retried.Succeeded);
        Assert.Null(retried.Value.CaseNumber);
        Assert.Equal(2, await office.RowsAsync(db => db.Incidents.CountAsync(i => i.InstanceId == id)));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Only_a_manager_runs_trials_and_no_trial_desk_touches_a_case()
    {
        await using var office = await OpenAsync();
        var opened = await office.OpenCaseAsync();
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());

        var auditor = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(t => t.StartAsync(office["auditor"], new TrialRequest("x")));
        Assert.Equal("forbidden", auditor.Problems[0].Code);
        foreach (var act in (Func<TrialDesk, Task<Result<Guid>>>[])
        [
            t => t.RemoveAsync(office[Manager], instance), t => t.CancelAsync(office[Manager], instance),
            t => t.CompleteStepAsync(office[Manager], instance, null, "Done"), t => t.ResumeAsync(office[Manager], instance, "x", null),
            t => t.SetVariablesAsync(office[Manager], instance, [("x", null)])
        ])
            Assert.Equal("instance-of-case", (await office.AskAsync(act)).Problems[0].Code);
        Assert.Equal("running", (await office.CaseAsync(opened.Id)).State);
    }

    [Fact]
    public async Task A_draft_with_errors_is_not_run_and_leaves_nothing()
    {
        await using var office = await OpenAsync();
        await DraftAsync(office, "trial-broken", Definition("trial-broken", "Rusak", Step("A", standard: "")));

        var refused = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(t => t.StartAsync(office[Manager], new TrialRequest("trial-broken")));

        Assert.Equal("definition-has-errors", refused.Problems[0].Code);
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync()));
    }

    [Fact]
    public async Task A_trial_that_does_not_come_to_rest_is_refused_and_one_under_way_is_cancelled()
    {
        await using var office = await OpenAsync();
        // Each is under the limits of a script; together they would hold the store for minutes.
        await DraftAsync(office, "trial-busy", Definition("trial-busy", "Sibuk", Busy()));
        await DraftAsync(office, "trial-busy-later", Definition("trial-busy-later", "Sibuk kemudian", [Delay("D", "00:01:00"), .. Busy()]));

        var refused = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(t => t.StartAsync(office[Manager], new TrialRequest("trial-busy", "Latest")));
        Assert.Equal("trial-too-long", refused.Problems[0].Code);
        var id = await StartAsync(office, "trial-busy-later");
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));

        var trial = await office.RowsAsync(db => db.Instances.SingleAsync());
        Assert.Equal((id, WorkflowSubStatus.Cancelled), (trial.Id, trial.SubStatus));
        Assert.Empty(await office.RowsAsync(db => db.Bookmarks.ToListAsync()));

        static JsonObject[] Busy() =>
            [.. Enumerable.Range(0, 1500).Select(n => Delay($"B{n}", "JavaScript", "let n = 0; while (n < 100000) n++; return '00:00:00'"))];
    }

    [Fact]
    public async Task Executions_follow_a_step_that_was_taken_back()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var done = await office.CompleteOpenAsync(opened.Id);
        await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], done.Id, done.Revision));

        var id = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        var runs = await office.InScopeAsync(async s =>
        {
            var reader = s.Get<InstanceReader>();
            return await reader.RunsAsync((await reader.FindAsync(office[Office.UnitHead], id))!);
        });
        var steps = runs.Where(r => r.ActivityType.StartsWith("Ppid.", StringComparison.Ordinal)).ToList();

        Assert.Equal([(ActivityStatus.Running, true), (ActivityStatus.Canceled, false)], steps.Select(r => (r.Status, r.HasBookmarks)));
        Assert.Equal([(1L, 0L, true), (1L, 1L, false)], InstanceHistory.Stats(steps).Select(s => (s.Started, s.Completed, s.IsBlocked)));
    }

    [Fact]
    public async Task Guarantees_name_a_work_item_of_a_trial()
    {
        await using var office = await OpenAsync();
        await office.OpenCaseAsync();
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync("update Instances set IsTrial = 1");

        Assert.Contains("items-have-bookmarks", await office.ViolatedAsync());
    }

    private static Task<Office> OpenAsync() => Office.OpenAsync(roster: people => people.Add(Manager, "Pengelola SOP", null, Roles.SopManager));

    private static Task<string> SopIdAsync(Office office) => office.RowsAsync(db => db.DefinitionVersions.Select(v => v.DefinitionId).FirstAsync());

    private static async Task<Guid> StartAsync(Office office, string definitionId, Dictionary<string, JsonNode?>? input = null)
    {
        var started = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(t =>
            t.StartAsync(office[Manager], new TrialRequest(definitionId, "Latest", input)));
        Assert.True(started.Succeeded, started.Succeeded ? "" : started.Problems[0].ToString());
        return started.Value.Single();
    }

    private static async Task<WorkflowState> StateAsync(Office office, Guid id) =>
        WorkflowState.FromJson(await office.RowsAsync(db => db.Instances.Where(i => i.Id == id).Select(i => i.State).SingleAsync()));

    private static async Task<Bookmark?> WaitingAsync(Office office, Guid id) => (await StateAsync(office, id)).Bookmarks.SingleOrDefault();

    private static async Task CompleteAsync(Office office, Guid id, string activityId)
    {
        var waiting = (await WaitingAsync(office, id))!;
        Assert.Equal(activityId, waiting.ActivityId);
        Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CompleteStepAsync(office[Manager], id, waiting.Id, "Done"))).Succeeded);
    }

    private static async Task<Guid> DraftAsync(Office office, string definitionId, string definition)
    {
        var imported = await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s =>
            s.ImportAsync(Encoding.UTF8.GetBytes(definition), null, publish: false, inForce: false, asId: null, Manager));
        Assert.Equal(RevisionState.Draft, imported.Value.State);
        return await office.RowsAsync(db => db.DefinitionVersions.Where(v => v.DefinitionId == definitionId).Select(v => v.Id).SingleAsync());
    }

    /// <summary>Activities one after another.</summary>
    private static string Definition(string id, string name, params JsonObject[] activities) => new JsonObject
    {
        ["definitionId"] = id,
        ["name"] = name,
        ["version"] = 1,
        ["root"] = new JsonObject
        {
            ["id"] = "Flow",
            ["type"] = "Elsa.Flowchart",
            ["activities"] = new JsonArray([.. activities]),
            ["connections"] = new JsonArray([.. activities.Zip(activities.Skip(1)).Select(pair => (JsonNode)new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = (string)pair.First["id"]!, ["port"] = "Done" },
                ["target"] = new JsonObject { ["activity"] = (string)pair.Second["id"]!, ["port"] = "In" }
            })])
        }
    }.ToJsonString();

    private static JsonObject Step(string id, string standard = "15") => new()
    {
        ["id"] = id,
        ["type"] = "Ppid.SopStep",
        ["number"] = Literal("1"),
        ["description"] = Literal(id),
        ["performerRole"] = Literal(Roles.InformationHead),
        ["standardTime"] = Literal(standard)
    };

    private static JsonObject Delay(string id, string span) => Delay(id, "Literal", span);

    private static JsonObject Delay(string id, string language, string span) => new()
    {
        ["id"] = id,
        ["type"] = "Elsa.Delay",
        ["timeSpan"] = new JsonObject { ["typeName"] = "TimeSpan", ["expression"] = new JsonObject { ["type"] = language, ["value"] = span } }
    };

    private static JsonObject Literal(string value) => new()
    {
        ["typeName"] = "String",
        ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value }
    };
}
