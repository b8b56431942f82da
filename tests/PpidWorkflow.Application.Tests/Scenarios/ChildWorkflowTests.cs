using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Instances that instances start: they commit with the step that wants them, and end into their parents.</summary>
public class ChildWorkflowTests
{
    [Fact]
    public async Task A_child_that_ends_at_once_and_its_outputs_commit_with_the_parent()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(WithInput(Flow("anak", [SetOutput("out", "n", "getInput('n') + 1")]), "n"), inForce: true);
        await office.KeepAsync(Flow(
            "induk", [Execute("x", "anak", waits: true).Script("input", "({ n: 41 })").Script("correlationId", "'k-7'"), SetOutput("o", "n", "getOutputFrom('x').Output.n"), RunTask("t")],
            "x-o", "o-t"));

        var parent = await office.TrialAsync("induk");

        var child = Assert.Single(await ChildrenAsync(office, parent));
        Assert.Equal(
            (WorkflowSubStatus.Finished, true, "k-7", parent, null, 1),
            (child.SubStatus, child.IsTrial, child.CorrelationId, child.RootInstanceId!.Value, child.ReportsTo, child.Depth));
        var state = await office.StateAsync(parent);
        Assert.Equal(("42", parent.ToString("n")), (state.Output["n"]!.ToJsonString(), (string?)WorkflowState.FromJson(child.State).Input["ParentInstanceId"]));
        Assert.Equal(["t"], await office.WaitsAtAsync(parent));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("ExecuteWorkflow", false, "t", "Running")]
    [InlineData("ExecuteWorkflow", true, "x", null)]
    [InlineData("DispatchWorkflow", false, "t", null)]
    [InlineData("DispatchWorkflow", true, "x", null)]
    public async Task A_child_that_waits_is_waited_for_or_not(string type, bool waits, string at, string? status)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [RunTask("a"), SetOutput("out", "n", "7")], "a-out"), inForce: true);
        await office.KeepAsync(Flow("induk", [Execute("x", "anak", waits, type), RunTask("t")], "x-t"));
        var parent = await office.TrialAsync("induk");
        var child = Assert.Single(await ChildrenAsync(office, parent));

        Assert.Equal([at], await office.WaitsAtAsync(parent));
        if (status is not null)
            Assert.Equal(status, (string?)(await office.StateAsync(parent)).GetOutputs("x")["Result"]!["Status"]);
        Assert.Empty(await office.ViolatedAsync());
        await FinishAsync(office, child.Id);

        Assert.Equal(["t"], await office.WaitsAtAsync(parent));
        if (waits)
            Assert.Contains("7", (await office.StateAsync(parent)).GetOutputs("x")["Result"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_child_that_faults_is_told_and_its_incident_is_its_own()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [Of("f", "Fault", ("code", "celaka"))]), inForce: true);
        await office.KeepAsync(Flow("induk", [Execute("x", "anak", waits: true), RunTask("t")], "x-t"));
        var parent = await office.TrialAsync("induk");

        Assert.Equal(["t"], await office.WaitsAtAsync(parent));
        Assert.Equal("Faulted", (string?)(await office.StateAsync(parent)).GetOutputs("x")["Result"]!["SubStatus"]);
        var incident = Assert.Single(await office.RowsAsync(db => db.Incidents.ToListAsync()));
        Assert.Equal((Assert.Single(await ChildrenAsync(office, parent)).Id, "celaka"), (incident.InstanceId, incident.Code));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Many_are_started_and_the_last_one_completes_the_parent()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(
            WithInput(Flow("anak", [Of("d", "FlowDecision").Script("condition", "getInput('Item') == 2"), RunTask("a"), Of("f", "Fault")], "d:True-a", "a-f"), "Item"),
            inForce: true);
        var bulk = Of("x", "BulkDispatchWorkflows", ("workflowDefinitionId", "anak")).Script("items", "[1, 2, 3]").Script("correlationIdFunction", "'k' + Item");
        bulk["childCompleted"] = Of("c", "SetVariable").Script("value", "getVariable('done') + 1");
        bulk["childCompleted"]!["variable"] = new JsonObject { ["id"] = "done", ["name"] = "done" };
        var definition = JsonNode.Parse(Flow("induk", [bulk, SetOutput("o", "n", "getDone()"), RunTask("t")], "x:Completed-o", "o-t"))!;
        definition["variables"] = JsonNode.Parse("""[{"id":"done","name":"done","typeName":"Int32","value":0}]""");
        await office.KeepAsync(definition.ToJsonString());
        var parent = await office.TrialAsync("induk");

        var children = await ChildrenAsync(office, parent);
        Assert.Equal(["k1", "k2", "k3"], children.Select(c => c.CorrelationId));
        Assert.Equal(["x"], await office.WaitsAtAsync(parent));
        Assert.Empty(await office.ViolatedAsync());
        await FinishAsync(office, children[1].Id);

        // The last one faults: it counts, and ChildCompleted does not run for it.
        Assert.Equal(["t"], await office.WaitsAtAsync(parent));
        Assert.Equal("2", (await office.StateAsync(parent)).Output["n"]!.ToJsonString());
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task More_than_a_thousand_in_one_commit_are_a_named_incident()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [SetOutput("out", "n", "1")]), inForce: true);
        var bulk = Of("x", "BulkDispatchWorkflows", ("workflowDefinitionId", "anak")).Script("items", "Array(1000).fill(0)");
        await office.KeepAsync(Flow("induk", [Event("e", "Mulai").Trigger(), bulk, Execute("y", "anak", waits: true)], "e-x", "x:Completed-y"), inForce: true);
        // A run: a trial would be told after three seconds that it takes too long.
        Assert.True((await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Mulai")))).Succeeded);

        Assert.Equal(["too-many-children"], await office.RowsAsync(db => db.Incidents.Select(i => i.Code).ToListAsync()));
        Assert.Equal(WorkflowRuntime.MostChildrenAtOnce, await office.RowsAsync(db => db.Instances.CountAsync(i => i.DefinitionId == "anak")));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Cancelling_the_parent_cancels_the_children_it_waits_for_and_no_others()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("cucu", [RunTask("a")]), inForce: true);
        await office.KeepAsync(Flow("anak", [Execute("x", "cucu", waits: true)]), inForce: true);
        await office.KeepAsync(Flow("induk", [Execute("d", "cucu", waits: false, "DispatchWorkflow"), Execute("x", "anak", waits: true)], "d-x"));
        var parent = await office.TrialAsync("induk");
        Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], parent))).Succeeded);

        Assert.Equal(
            [("anak", WorkflowSubStatus.Cancelled), ("cucu", WorkflowSubStatus.Suspended), ("cucu", WorkflowSubStatus.Cancelled)],
            (await office.RowsAsync(db => db.Instances.Where(i => i.RootInstanceId == parent).ToListAsync())).Select(c => (c.DefinitionId, c.SubStatus))
                .OrderBy(c => c.DefinitionId).ThenBy(c => c.SubStatus));
        Assert.Empty(await office.ViolatedAsync());

        Assert.True((await office.AskAsync<TrialDesk, Result<Guid>>(t => t.RemoveAsync(office[Manager], parent))).Succeeded);
        Assert.Equal(0, await office.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Equal(0, await office.RowsAsync(db => db.Journal.CountAsync()) + await office.RowsAsync(db => db.Bookmarks.CountAsync()));
    }

    [Fact]
    public async Task A_child_of_a_case_is_seen_with_the_case_and_a_step_that_started_it_is_not_taken_back()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [Delay("d", "00:10:00"), SetOutput("out", "n", "7")], "d-out"), inForce: true);
        var version = await office.BringIntoForceAsync(document =>
        {
            var flow = document["root"]!.AsObject();
            var (start, first) = ("x", flow["connections"]!.AsArray().First(c => (string)c!["target"]!["activity"]! == "Step2")!);
            flow["activities"]!.AsArray().Add(Execute(start, "anak", waits: true));
            first["target"]!["activity"] = start;
            flow["connections"]!.AsArray().Add(JsonNode.Parse("""{"source":{"activity":"x","port":"Done"},"target":{"activity":"Step2","port":"In"}}"""));
        });
        var opened = await office.OpenCaseAsync();
        var done = await office.CompleteOpenAsync(opened.Id);
        var (instance, child) = await office.RowsAsync(async db =>
            (await db.Cases.Select(c => c.InstanceId).SingleAsync(), await db.Instances.SingleAsync(i => i.ParentInstanceId != null)));

        Assert.Equal((instance, false), (child.ParentInstanceId!.Value, child.IsTrial));
        Assert.Equal("take-back-not-possible", (await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], done.Id, done.Revision))).Problems[0].Code);
        Assert.False((await office.InScopeAsync(async s => (await s.Get<InstanceReader>().FindAsync(office[Office.DocumentationOfficer], child.Id))!)).ShowsValues);
        Assert.True((await office.InScopeAsync(async s => (await s.Get<InstanceReader>().FindAsync(office[Office.InformationHead], child.Id))!)).ShowsValues);
        Assert.Empty(await office.ViolatedAsync());
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.Equal("Step2", await office.RowsAsync(db => db.WorkItems.Where(w => w.Closure == WorkItemClosure.Open).Select(w => w.ActivityId).SingleAsync()));
        Assert.Equal(version.Version, (await office.CaseAsync(opened.Id)).DefinitionVersion);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_cannot_be_started_is_an_incident_that_can_be_retried_and_SOP_steps_are_refused_when_it_is_proposed()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("induk", [Execute("x", "nanti", waits: true), RunTask("t")], "x-t"));
        await office.KeepAsync(Flow("sop", [Execute("x", SopFolder.Slug, waits: true)]));
        var parent = await office.TrialAsync("induk");
        await office.TrialAsync("sop");
        Assert.Equal(["child-needs-case", "child-not-found"], await office.RowsAsync(db => db.Incidents.Select(i => i.Code).OrderBy(c => c).ToListAsync()));

        await office.KeepAsync(Flow("nanti", [SetOutput("out", "n", "7")]), inForce: true);
        var incident = await office.RowsAsync(db => db.Incidents.SingleAsync(i => i.InstanceId == parent));
        Assert.True((await office.AskAsync<IncidentDesk, Result<IncidentView>>(d => d.RetryAsync(office[Manager], incident.Id))).Succeeded);
        Assert.Equal(["t"], await office.WaitsAtAsync(parent));

        var problems = await office.InScopeAsync(async s => await s.Get<DefinitionCheck>().ProblemsAsync(
            DefinitionReader.ReadStored((await s.Get<PpidDbContext>().DefinitionVersions.SingleAsync(v => v.DefinitionId == "sop")).Content)));
        Assert.Equal(("child-needs-case", "x", ProblemSeverity.Error), problems.Select(p => (p.Code, p.ActivityId, p.Severity)).Single());
    }

    [Fact]
    public async Task Nothing_of_a_child_is_left_when_the_commit_fails()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [RunTask("a")]), inForce: true);
        await office.KeepAsync(Flow("induk", [RunTask("t"), Execute("x", "anak", waits: true)], "t-x"));
        var parent = await office.TrialAsync("induk");
        var bookmark = (await office.StateAsync(parent)).Bookmarks.Single().Id;
        await office.RefuseWritesAsync(true);
        await Record.ExceptionAsync(() => office.ResumeAsync(parent, bookmark));
        await office.RefuseWritesAsync(false);

        Assert.Equal((1, "t"), (await office.RowsAsync(db => db.Instances.CountAsync()), (await office.WaitsAtAsync(parent)).Single()));
        Assert.True((await office.ResumeAsync(parent, bookmark)).Succeeded);
        Assert.Single(await ChildrenAsync(office, parent));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("update Instances set ReportsTo = null where ParentInstanceId is not null")]
    [InlineData("delete from Bookmarks where Name = 'Elsa.ExecuteWorkflow'")]
    public async Task A_wait_without_child_and_a_child_without_wait_are_named(string sql)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [RunTask("a")]), inForce: true);
        await office.KeepAsync(Flow("induk", [Execute("x", "anak", waits: true)]));
        await office.TrialAsync("induk");
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Contains("children-report", await office.ViolatedAsync());
    }

    private static JsonObject Execute(string id, string definitionId, bool waits, string type = "ExecuteWorkflow") =>
        Of(id, type, ("workflowDefinitionId", definitionId), ("waitForCompletion", waits));

    private static string WithInput(string definition, string name)
    {
        var document = JsonNode.Parse(definition)!;
        document["inputs"] = new JsonArray(new JsonObject { ["name"] = name, ["type"] = "Object" });
        return document.ToJsonString();
    }

    private static JsonObject SetOutput(string id, string name, string code) => Of(id, "SetOutput", ("outputName", name)).Script("outputValue", code);

    private static Task<List<WorkflowInstance>> ChildrenAsync(Office office, Guid parent) =>
        office.RowsAsync(db => db.Instances.AsNoTracking().Where(i => i.ParentInstanceId == parent).OrderBy(i => i.Id).ToListAsync());

    private static async Task FinishAsync(Office office, Guid instance)
    {
        var bookmark = (await office.StateAsync(instance)).Bookmarks.Single().Id;
        var resumed = await office.ResumeAsync(instance, bookmark);
        Assert.True(resumed.Succeeded, resumed.Succeeded ? "" : resumed.Problems[0].Code);
    }
}
