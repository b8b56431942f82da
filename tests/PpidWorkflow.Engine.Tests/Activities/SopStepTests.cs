using PpidWorkflow.Engine.Activities.Human;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities;

public class SopStepTests
{
    [Theory]
    [InlineData("15", 900)]
    [InlineData("\"15\"", 900)]
    [InlineData("\"PT15M\"", 900)]
    [InlineData("\"PT10S\"", 10)]
    [InlineData("0.5", 30)]
    [InlineData("\"PT1H30M\"", 5_400)]
    [InlineData("""{"typeName":"String","expression":{"type":"Literal","value":"PT5M"}}""", 300)]
    [InlineData("""{"typeName":"String","expression":{"type":"Literal","value":5}}""", 300)]
    public async Task The_standard_is_minutes_or_ISO(string written, int seconds)
    {
        var task = await TaskAsync(SopFlow.Step("Ppid.SopStep", "s1", "R", null, written));

        Assert.Equal(TimeSpan.FromSeconds(seconds), task.StandardTime);
    }

    [Fact]
    public async Task A_task_carries_the_row_and_its_ladder()
    {
        var task = await TaskAsync(SopFlow.Step("Ppid.PrepareDossier", "s2", "R", "Q", "15", """
            ,'requiredInput':'Surat tugas','output':'Berkas','remarks':'-','measuredFrom':'started',
            'escalation':{'typeName':'Object','expression':{'type':'Object','value':'[{\'at\':\'PT4M\',\'to\':[\'role:X\',\'mailbox:a@b\'],\'action\':\'addHelper\',\'every\':\'PT5M\',\'max\':2},{\'at\':\'80%\',\'to\':\'assignee\'}]'}}
            """.Replace("\\'", "\\\"", StringComparison.Ordinal)));

        Assert.Equal(
            (SopAct.Prepare, "2", "", "R", "Q", "Surat tugas", "Berkas", "-", MeasuredFrom.Started, 1, false),
            (task.Act, task.Number, task.Part, task.PerformerRole, task.RecipientRole, task.RequiredInput, task.Output, task.Remarks, task.MeasuredFrom,
                task.Visit, task.Returnable));
        Assert.Equal((null, TimeSpan.FromMinutes(4), EscalationAction.AddHelper, TimeSpan.FromMinutes(5), 2),
            (task.Escalation[0].Percent, task.Escalation[0].After, task.Escalation[0].Action, task.Escalation[0].Every, task.Escalation[0].Max));
        Assert.Equal(["role:X", "mailbox:a@b"], task.Escalation[0].To);
        Assert.Equal((80, null, 1), (task.Escalation[1].Percent, task.Escalation[1].After, task.Escalation[1].Max));
    }

    [Fact]
    public async Task A_task_reads_back_as_it_was_written()
    {
        var task = await TaskAsync(SopFlow.Step("Ppid.HandOver", "s4", "R", "Q", "5"));

        var again = SopTask.FromJson(task.ToJson());

        Assert.Equal(task.ToJson().ToJsonString(), again.ToJson().ToJsonString());
        Assert.Contains("\"standardTime\":\"PT5M\"", task.ToJson().ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_did_it_is_an_output()
    {
        var run = await new EngineHarness(Definition(
            SopFlow.Step("Ppid.AssignOfficer", "s1", "R", "Q", "5", ",'assignedTo':{'typeName':'String','memoryReference':{'id':'who'}}"),
            "[{'id':'who','name':'who','typeName':'String'}]")).StartAsync();
        await run.ResumeAsync("s1", new SopTaskResult { CompletedBy = "kepala", AssignedTo = "petugas" }.ToJson());

        Assert.Equal("petugas", (string?)run.State.GetVariables(run.Workflow)["who"]);
        run.ShouldBeFinished();
    }

    [Fact]
    public async Task A_result_that_says_nothing_is_done()
    {
        var run = await new EngineHarness(Definition(SopFlow.Step("Ppid.SopStep", "s1", "R", null, "5"))).StartAsync();
        await run.ResumeAsync("s1", new() { ["completedBy"] = "petugas" });

        run.ShouldBeFinished();
    }

    [Fact]
    public async Task An_unknown_outcome_is_an_incident()
    {
        var run = await new EngineHarness(Definition(SopFlow.Step("Ppid.SopStep", "s1", "R", null, "5"))).StartAsync();
        await run.ResumeAsync("s1", new SopTaskResult { Outcome = "Perhaps" }.ToJson());

        Assert.Equal("unknown-outcome", Assert.Single(run.State.Incidents).Code);
    }

    private static async Task<SopTask> TaskAsync(string step)
    {
        var run = await new EngineHarness(Definition(step)).StartAsync();
        var bookmark = Assert.Single(run.State.Bookmarks);
        Assert.Equal(SopTask.StimulusName, bookmark.Name);
        return SopTask.FromJson(bookmark.Payload!);
    }
}
