using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Retention;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Alterations by plan: told beforehand, all of them or none, and never past the rules of a case.</summary>
public class AlterationPlanTests
{
    private const string Both = Revisions.Both;

    [Fact]
    public async Task A_dry_run_tells_what_would_happen_and_changes_nothing_and_the_plan_then_does_it()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A"), RunTask("never"), RunTask("C")], "A-never", "C-never"));
        var (trial, other) = (await office.TrialAsync("alter"), await office.TrialAsync("alter"));
        JsonObject[] wanted = [Modify("v", 9), Cancel("A"), Schedule("C")];
        var before = await OfAsync(office, trial);

        var tried = await DryRunAsync(office, wanted, trial);
        Assert.Equal(
            ["altered-variable jumlah", "altered-activity-cancelled A", "altered-activity-scheduled C", "altered-waits C"], Told(Assert.Single(tried.Value)));
        Assert.Equal(before, await OfAsync(office, trial));

        var plan = await DoneAsync(office, wanted, trial);
        Assert.Equal(Told(tried.Value[0]), Told(Assert.Single(plan.Jobs)));
        Assert.Equal(["C"], await office.WaitsAtAsync(trial));
        Assert.Equal(["A"], await office.WaitsAtAsync(other));
        Assert.Equal(9, (int)(await VariableAsync(office, trial))!);
        Assert.Contains("\"value\":9", plan.Row.Alterations, StringComparison.Ordinal);
        Assert.Equal(("instance-altered", Manager), await LastAsync(office, AuditTrail.Administration));
        Assert.Empty(await office.ViolatedAsync());
    }

    private static readonly (string Alterations, string Refusal)[] Refusals =
    [
        ("""[{"type":"ModifyVariable","variableId":"v","value":9},{"type":"ModifyVariable","variableId":"tidak-ada","value":1}]""", "alteration-variable-not-found tidak-ada"),
        ("""[{"type":"ModifyVariable","variableId":"v","value":"banyak"}]""", "alteration-value-conversion jumlah"),
        ("""[{"type":"ModifyVariable","variableId":"v","value":9},{"type":"CancelActivity","activityId":"C"}]""", "alteration-activity-not-running C"),
        ("""[{"type":"ScheduleActivity","activityId":"A"}]""", "alteration-activity-already-running A"),
        ("""[{"type":"ScheduleActivity","activityId":"Flow"}]""", "alteration-activity-not-schedulable Flow"),
        ("""[{"type":"CancelActivity","activityId":"X"}]""", "alteration-activity-unknown X"),
        ("""[{"type":"CancelActivity","activityInstanceId":"X"}]""", "alteration-activity-not-running X"),
        ("""[{"type":"CancelActivity","activityId":"Flow"},{"type":"ScheduleActivity","activityId":"C"}]""", "alteration-alterations-contradict C"),
        ("""[{"type":"Migrate","targetVersion":7},{"type":"ModifyVariable","variableId":"v","value":9}]""", "alteration-version-unknown 7")
    ];

    [Fact]
    public async Task What_does_not_fit_the_instance_is_told_by_name_and_leaves_it_as_it_was()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A"), RunTask("C")], "A-C"));
        var trial = await office.TrialAsync("alter");
        var before = await OfAsync(office, trial);

        foreach (var (alterations, refusal) in Refusals)
        {
            var wanted = JsonNode.Parse(alterations)!.AsArray().OfType<JsonObject>().ToArray();
            Assert.Equal([refusal], Told((await DryRunAsync(office, wanted, trial)).Value.Single()));
            var plan = await DoneAsync(office, wanted, trial);
            Assert.Equal((AlterationJobState.Failed, refusal), (plan.Jobs[0].State, Assert.Single(Told(plan.Jobs[0]))));
            Assert.Equal(before, await OfAsync(office, trial));
        }
        Assert.DoesNotContain("instance-altered", await office.RowsAsync(db => db.AuditRecords.Select(r => r.Action).ToListAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_cannot_be_understood_makes_no_plan()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        var trial = await office.TrialAsync("alter");
        foreach (var (alterations, refusal) in ((string, string)[])
        [
            ("""[]""", "field-required alterations"),
            ("""[{"type":"Meledak"}]""", "alteration-not-supported alterations"),
            ("""[null]""", "alteration-not-supported alterations"),
            ("""[{"type":"ModifyVariable","value":1}]""", "field-required variableId"),
            ("""[{"type":"CancelActivity"}]""", "field-required activityId"),
            ("""[{"type":"Migrate","targetVersion":"dua"}]""", "field-required targetVersion"),
            ("""[{"type":"Migrate","targetVersion":1},{"type":"Migrate","targetVersion":2}]""", "alteration-twice alterations"),
            ("""[{"type":"Cancel"},{"type":"CancelActivity","activityId":"A"}]""", "alteration-cancel-alone alterations")
        ])
        {
            var wanted = JsonNode.Parse(alterations)!.AsArray().Select(a => a as JsonObject).ToArray();
            var refused = Assert.Single((await SubmitAsync(office, Manager, wanted, "Alasan", trial)).Problems);
            Assert.Equal(refusal, $"{refused.Code} {refused.Field}");
            Assert.Equal(refused.Code, (await DryRunAsync(office, wanted, trial)).Problems[0].Code);
        }
        Assert.Equal(0, await office.RowsAsync(db => db.AlterationPlans.CountAsync()));
    }

    [Fact]
    public async Task Who_orders_what_for_whom_is_checked_before_anything_is_stored()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        var trial = await office.TrialAsync("alter");
        await office.OpenCaseAsync();
        var ofCase = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        JsonObject[] modify = [Modify("v", 1)];

        Assert.Equal("forbidden", await RefusedAsync(Office.UnitHead, modify, "Alasan", trial));
        Assert.Equal("alteration-instance-unknown", await RefusedAsync(Manager, modify, null, trial, Guid.NewGuid()));
        Assert.Equal("alteration-case-not-yours", await RefusedAsync(Manager, modify, "Alasan", ofCase));
        Assert.Equal("reason-required", await RefusedAsync(Both, modify, " ", trial, ofCase));
        Assert.Equal("reason-too-long", await RefusedAsync(Both, modify, new string('x', 301), trial));
        Assert.Equal("instance-of-case", await RefusedAsync(Both, [new JsonObject { ["type"] = "Cancel" }], "Alasan", trial, ofCase));
        Assert.Equal(0, await office.RowsAsync(db => db.AlterationPlans.CountAsync()));

        async Task<string> RefusedAsync(string by, JsonObject[] wanted, string? reason, params Guid[] ids) =>
            (await SubmitAsync(office, by, wanted, reason, ids)).Problems[0].Code;
    }

    [Fact]
    public async Task An_order_that_is_repeated_makes_one_plan_and_its_id_is_no_other_plans()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        var (trial, other) = (await office.TrialAsync("alter"), await office.TrialAsync("alter"));
        var id = Guid.CreateVersion7();
        Task<Result<Guid>> Order(Guid instance) => office.AskAsync<AlterationDesk, Result<Guid>>(d =>
            d.SubmitAsync(office[Manager], new AlterationOrder([Modify("v", 5)], [instance], null, id)));

        Assert.Equal([id, id], [(await Order(trial)).Value, (await Order(trial)).Value]);
        Assert.Equal(1, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "instance-altered")));
        Assert.Equal("alteration-plan-exists", (await Order(other)).Problems[0].Code);
    }

    [Fact]
    public async Task A_trial_moves_to_the_draft_as_it_stands_and_is_altered_there_in_the_same_plan()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A"), RunTask("B")], "A-B"), inForce: true);
        var trial = await office.TrialAsync("alter");
        await office.KeepAsync(Definition("alter", [RunTask("A"), RunTask("N"), RunTask("B")], "A-N", "N-B"));

        var plan = await DoneAsync(office, [Migrate(2), Cancel("A"), Schedule("N")], trial);

        Assert.Equal(["altered-migrated 1 2", "altered-activity-cancelled A", "altered-activity-scheduled N", "altered-waits N"], Told(plan.Jobs[0]));
        Assert.Equal(["N"], await office.WaitsAtAsync(trial));
        var row = await office.RowsAsync(db => db.Instances.SingleAsync(i => i.Id == trial));
        Assert.Equal((2, true), (row.DefinitionVersion, row.TrialContent is not null));
        await office.ResumeAsync(trial, (await office.StateAsync(trial)).Bookmarks.Single().Id);
        Assert.Equal(["B"], await office.WaitsAtAsync(trial));
        // Back again, where the activity at which it stands is in both.
        Assert.Equal(["altered-migrated 2 1"], Told((await DoneAsync(office, [Migrate(1)], trial)).Jobs[0]));
        Assert.Equal(["altered-not-migrated 1"], Told((await DoneAsync(office, [Migrate(1)], trial)).Jobs[0]));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Scheduling_what_has_faulted_runs_that_execution_again()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [Of("A", "Delay").Script("timeSpan", "getVariable('jumlah') > 1 ? '00:01:00' : input.absent.member"), RunTask("B")], "A-B"));
        var trial = await office.TrialAsync("alter");
        Assert.Equal(1, await office.RowsAsync(db => db.Incidents.CountAsync(i => i.ResolvedAt == null)));

        var plan = await DoneAsync(office, [Modify("v", 2), Schedule("A")], trial);

        Assert.Equal(["altered-variable jumlah", "altered-activity-scheduled A", "altered-waits A"], Told(plan.Jobs[0]));
        Assert.Equal(0, await office.RowsAsync(db => db.Incidents.CountAsync(i => i.ResolvedAt == null)));
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["B"], await office.WaitsAtAsync(trial));
        Assert.Equal(["alteration-instance-ended"], Told((await EndedAsync()).Jobs[0]));
        Assert.Empty(await office.ViolatedAsync());

        async Task<AlterationPlan> EndedAsync()
        {
            Assert.Equal(["altered-cancelled"], Told((await DoneAsync(office, [new JsonObject { ["type"] = "Cancel" }], trial)).Jobs[0]));
            return await DoneAsync(office, [Modify("v", 3)], trial);
        }
    }

    [Fact]
    public async Task What_a_crash_cut_off_is_carried_out_by_the_sweep_once_and_one_refusal_holds_up_no_other()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        var (trial, removed, third) = (await office.TrialAsync("alter"), await office.TrialAsync("alter"), await office.TrialAsync("alter"));
        var plan = Guid.CreateVersion7();
        await office.RowsAsync(async db =>
        {
            db.AlterationPlans.Add(new AlterationPlanRow
            {
                Id = plan,
                Alterations = new JsonArray(Modify("v", 4)).ToJsonString(),
                OrderedBy = Manager,
                OrderedByName = "Pengelola",
                OfCases = false,
                Jobs = 3,
                CreatedAt = office.Time.GetUtcNow()
            });
            foreach (var id in (Guid[])[trial, removed, third])
                db.AlterationJobs.Add(new AlterationJobRow { Id = Guid.CreateVersion7(), PlanId = plan, InstanceId = id, CreatedAt = office.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        await office.AskAsync<TrialDesk, Result<Guid>>(d => d.RemoveAsync(office[Manager], removed));

        await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Task.Run(() =>
            office.AskAsync<AlterationSweepJob, bool>(async j => { await j.RunAsync(default); return true; }))));

        var done = (await office.AskAsync<AlterationDesk, AlterationPlan?>(d => d.FindAsync(plan)))!;
        Assert.Equal((3, true), (done.Row.Done, done.Row.CompletedAt is not null));
        Assert.Equal(["altered-variable jumlah", "altered-waits A"], Told(done.Jobs.Single(j => j.InstanceId == third)));
        Assert.Equal(["instance-not-found"], Told(done.Jobs.Single(j => j.InstanceId == removed)));
        Assert.Equal(2, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "instance-altered")));
        Assert.Empty(await office.ViolatedAsync());
    }

    private static readonly (string Alterations, string Refusal)[] Disorders =
    [
        ("""[{"type":"CancelActivity","activityId":"Tunggu"}]""", "alteration-ends-case"),
        ("""[{"type":"CancelActivity","activityId":"Tunggu"},{"type":"ScheduleActivity","activityId":"Step5"}]""", "alteration-skips-step 4"),
        ("""[{"type":"CancelActivity","activityId":"Tunggu"},{"type":"ScheduleActivity","activityId":"Step2"}]""", "alteration-repeats-step 2"),
        ("""[{"type":"ScheduleActivity","activityId":"Step5"}]""", "alteration-opens-early 5"),
        ("""[{"type":"CancelActivity","activityId":"Flow"}]""", "alteration-activity-unknown Flow"),
        ("""[{"type":"Migrate","targetVersion":1}]""", "migration-target-not-in-force")
    ];

    [Fact]
    public async Task No_alteration_takes_a_case_past_a_step_and_none_is_half_done()
    {
        await using var office = await WaitingOfficeAsync();
        var (_, instance) = await AtTheWaitAsync(office);
        var before = await OfAsync(office, instance);

        foreach (var (alterations, refusal) in Disorders)
        {
            JsonObject[] wanted = [Modify("jumlah", 3), .. JsonNode.Parse(alterations)!.AsArray().OfType<JsonObject>().Select(a => a.DeepClone().AsObject())];
            var plan = await DoneAsync(office, wanted, Both, "Penunggu tidak menjawab", instance);
            Assert.Equal([refusal], Told(plan.Jobs[0]));
            Assert.Equal(before, await OfAsync(office, instance));
            Assert.DoesNotContain("\"value\"", plan.Row.Alterations, StringComparison.Ordinal);
        }
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_case_leaves_a_wait_by_a_plan_with_who_and_why_in_its_own_chain_and_goes_on_to_its_end()
    {
        await using var office = await WaitingOfficeAsync();
        var (id, instance) = await AtTheWaitAsync(office);

        var plan = await DoneAsync(office, [Modify("jumlah", 3), Cancel("Tunggu"), Schedule("Step4")], Both, "Penunggu tidak menjawab", instance);

        Assert.Equal(AlterationJobState.Completed, plan.Jobs[0].State);
        Assert.Equal("4", (await office.OpenTaskAsync(id)).Step.Label);
        Assert.Equal(("case-altered", Both), await LastAsync(office, AuditTrail.ChainOf(id)));
        var entry = (await office.CaseAsync(id)).Events.Single(e => e.Action == "case-altered");
        Assert.Equal("Penunggu tidak menjawab", entry.Data.GetProperty("reason").GetString());
        Assert.DoesNotContain(await office.RowsAsync(db => db.AuditRecords.Select(r => r.Data).ToListAsync()), d => d.Contains("\"value\"", StringComparison.Ordinal));
        await RevisionTests.FinishAsync(office, id);
        var done = await office.CaseAsync(id);
        Assert.Equal(("documented", "1 2 3 4 5a 5b"), (done.State, string.Join(' ', done.Steps.Select(s => s.Step.Label))));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_officers_step_is_never_taken_from_him_by_hand()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(opened.Id, "2");
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        var execution = (await office.StateAsync(instance)).Bookmarks.Single().ActivityInstanceId;

        foreach (var wanted in (JsonObject[][])
        [
            [Cancel("Step2")], [Cancel("Step2"), Schedule("Step2")], [Cancel("Step2"), Schedule("Step3")],
            [new JsonObject { ["type"] = "ScheduleActivity", ["activityInstanceId"] = execution }]
        ])
            Assert.Equal(["alteration-takes-step 2"], Told((await DoneAsync(office, wanted, Both, "Dicoba", instance)).Jobs[0]));

        Assert.Equal((task.Id, task.Revision), ((await office.OpenTaskAsync(opened.Id)).Id, (await office.OpenTaskAsync(opened.Id)).Revision));
    }

    [Fact]
    public async Task A_case_moves_by_a_plan_as_by_its_page_and_the_reason_is_in_its_chain()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "3");
        await office.BringIntoForceAsync(Revisions.SixSteps);
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());

        // Who may not see the case moves it all the same, as from the page of the definition.
        var plan = await DoneAsync(office, [Migrate(2)], Manager, "Revisi disetujui", instance);

        Assert.Equal(["altered-migrated 1 2"], Told(plan.Jobs[0]));
        var entry = (await office.CaseAsync(opened.Id)).Events.Single(e => e.Action == "case-migrated");
        Assert.Equal((Manager, "Revisi disetujui"), (entry.Actor, entry.Data.GetProperty("reason").GetString()));
        await RevisionTests.FinishAsync(office, opened.Id);
        Assert.Equal("1 2 3 4 5 6a 6b", string.Join(' ', (await office.CaseAsync(opened.Id)).Steps.Select(s => s.Step.Label)));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_plan_goes_with_its_jobs_a_year_after_it_was_done()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        await DoneAsync(office, [Modify("v", 1)], await office.TrialAsync("alter"));

        office.Time.Advance(OldPlans.Kept);
        await office.AskAsync<HousekeepingJob, bool>(async j => { await j.RunAsync(default); return true; });
        Assert.Equal(1, await office.RowsAsync(db => db.AlterationJobs.CountAsync()));
        office.Time.Advance(TimeSpan.FromSeconds(1));
        await office.AskAsync<HousekeepingJob, bool>(async j => { await j.RunAsync(default); return true; });
        Assert.Equal((0, 0), (await office.RowsAsync(db => db.AlterationPlans.CountAsync()), await office.RowsAsync(db => db.AlterationJobs.CountAsync())));
    }

    [Theory]
    [InlineData("UPDATE AlterationPlans SET Done = 0")]
    [InlineData("UPDATE AlterationPlans SET CompletedAt = NULL")]
    [InlineData("UPDATE AlterationJobs SET State = 'Pending'")]
    [InlineData("DELETE FROM AlterationJobs")]
    public async Task A_broken_row_is_named(string sql)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Definition("alter", [RunTask("A")]));
        await DoneAsync(office, [Modify("v", 1)], await office.TrialAsync("alter"));
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Equal(["alterations-add-up"], await office.ViolatedAsync());
    }

    /// <summary>The SOP with a task of another program between steps 3 and 4, and a number among its variables.</summary>
    private static async Task<Office> WaitingOfficeAsync()
    {
        var office = await Revisions.OpenOfficeAsync();
        await office.BringIntoForceAsync(document =>
        {
            document.Activities().Add(RunTask("Tunggu"));
            document.Disconnect("Step3");
            document.Connect("Step3", "Tunggu");
            document.Connect("Tunggu", "Step4");
            if (document["variables"] is not JsonArray variables)
                document["variables"] = variables = [];
            variables.Add(Variable("jumlah"));
        });
        return office;
    }

    private static async Task<(Guid Case, Guid Instance)> AtTheWaitAsync(Office office)
    {
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "3");
        await office.CompleteOpenAsync(opened.Id);
        var instance = await office.RowsAsync(db => db.Cases.Select(c => c.InstanceId).SingleAsync());
        Assert.Equal(["Tunggu"], await office.WaitsAtAsync(instance));
        return (opened.Id, instance);
    }

    private static string Definition(string id, IEnumerable<JsonObject> activities, params IEnumerable<string> connections)
    {
        var definition = JsonNode.Parse(Flow(id, activities, connections))!.AsObject();
        definition["variables"] = new JsonArray(Variable("v"));
        return definition.ToJsonString();
    }

    private static JsonObject Variable(string id) => new()
    {
        ["id"] = id,
        ["name"] = "jumlah",
        ["typeName"] = "Int32",
        ["value"] = 1,
        ["storageDriverTypeName"] = "Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core"
    };

    private static JsonObject Modify(string id, int value) => new() { ["type"] = "ModifyVariable", ["variableId"] = id, ["value"] = value };

    private static JsonObject Cancel(string id) => new() { ["type"] = "CancelActivity", ["activityId"] = id };

    private static JsonObject Schedule(string id) => new() { ["type"] = "ScheduleActivity", ["activityId"] = id };

    private static JsonObject Migrate(int version) => new() { ["type"] = "Migrate", ["targetVersion"] = version };

    private static Task<Result<IReadOnlyList<AlterationOutcome>>> DryRunAsync(Office office, JsonObject?[] wanted, params Guid[] ids) =>
        office.AskAsync<AlterationDesk, Result<IReadOnlyList<AlterationOutcome>>>(d => d.DryRunAsync(office[Manager], new AlterationOrder(wanted, ids)));

    private static Task<Result<Guid>> SubmitAsync(Office office, string by, JsonObject?[] wanted, string? reason, params Guid[] ids) =>
        office.AskAsync<AlterationDesk, Result<Guid>>(d => d.SubmitAsync(office[by], new AlterationOrder(wanted, ids, reason)));

    private static Task<AlterationPlan> DoneAsync(Office office, JsonObject[] wanted, params Guid[] ids) => DoneAsync(office, wanted, Manager, null, ids);

    private static async Task<AlterationPlan> DoneAsync(Office office, JsonObject[] wanted, string by, string? reason, params Guid[] ids)
    {
        var plan = await SubmitAsync(office, by, wanted, reason, ids);
        Assert.True(plan.Succeeded, plan.Succeeded ? "" : plan.Problems[0].ToString());
        var found = (await office.AskAsync<AlterationDesk, AlterationPlan?>(d => d.FindAsync(plan.Value)))!;
        Assert.Equal((ids.Length, true), (found.Row.Done, found.Row.CompletedAt is not null));
        return found;
    }

    private static string[] Told(AlterationOutcome outcome) => [.. outcome.Log.Select(n => string.Join(' ', n.Arguments.Prepend(n.Code)))];

    private static async Task<string> OfAsync(Office office, Guid id)
    {
        var row = await office.RowsAsync(db => db.Instances.AsNoTracking().SingleAsync(i => i.Id == id));
        var bookmarks = await office.RowsAsync(db => db.Bookmarks.Where(b => b.InstanceId == id).Select(b => b.Id).ToListAsync());
        var journal = await office.RowsAsync(db => db.Journal.CountAsync(j => j.InstanceId == id));
        return JsonSerializer.Serialize(new { row, bookmarks, journal });
    }

    private static async Task<JsonNode?> VariableAsync(Office office, Guid id) =>
        JsonNode.Parse((await office.StateAsync(id)).ToJson())!["activities"]!.AsArray().Select(a => a!["variables"]?["v"]).First(v => v is not null);

    private static async Task<(string Action, string Actor)> LastAsync(Office office, string chain)
    {
        var last = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Chain == chain && r.Action.Contains("altered")).OrderBy(r => r.Sequence).LastAsync());
        return (last.Action, last.Actor);
    }
}
