using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Evaluated values in journals: of trials and runs by log-persistence mode, of a case and of all that it sets going never.</summary>
public class JournaledValueTests
{
    private static readonly JsonObject Include = new() { ["logPersistenceMode"] = new JsonObject { ["default"] = "Include" } };

    [Fact]
    public async Task The_journal_of_a_case_and_of_what_it_starts_or_tells_holds_no_value_whatever_definitions_say()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Including(Flow("child", [Say("CW", "getInput('Judul')"), RunTask("CT")], "CW-CT")), inForce: true);
        await office.KeepAsync(Including(Flow("heard", [Event("E", "Sampai").Trigger(), Say("EW", "getResultFromE()"), RunTask("ET")], "E-EW", "EW-ET")), inForce: true);
        await office.KeepAsync(Including(Flow("waits", [Event("B", "Mulai").Trigger(), Event("E", "Sampai"), Say("EW", "getResultFromE()"), RunTask("T")], "B-E", "E-EW", "EW-T")), inForce: true);
        Assert.True((await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Mulai", null, null, "dari luar")))).Succeeded);
        await office.BringIntoForceAsync(document =>
        {
            document["customProperties"]!["logPersistenceMode"] = Include["logPersistenceMode"]!.DeepClone();
            var activities = document.Activities();
            activities.Add(Say("W", "getInput('title')"));
            activities.Add(Of("C", "DispatchWorkflow", ("workflowDefinitionId", "child")).Script("input", "({ Judul: getInput('title') })"));
            activities.Add(Of("P", "PublishEvent", ("eventName", "Sampai")).Script("payload", "getInput('title')"));
            document.Disconnect("Step1");
            foreach (var (from, to) in ((string, string)[])[("Step1", "W"), ("W", "C"), ("C", "P"), ("P", "Step2")])
                document.Connect(from, to);
        });

        var opened = await office.OpenCaseAsync();
        var title = await office.RowsAsync(db => db.Cases.Select(c => c.Title).SingleAsync());
        await office.CompleteOpenAsync(opened.Id);
        await office.FireAsync();

        var waiting = await office.RowsAsync(db => db.Instances.ToListAsync());
        Assert.Equal(["ET", "T"], waiting.Where(i => i.DefinitionId is "heard" or "waits").SelectMany(i => WorkflowState.FromJson(i.State).Bookmarks).Select(b => b.ActivityId).Order());
        Assert.Equal("CT", WorkflowState.FromJson(waiting.Single(i => i.DefinitionId == "child").State).Bookmarks.Single().ActivityId);
        var lines = await office.RowsAsync(db => db.Journal.ToListAsync());
        Assert.True(lines.Count > 20);
        Assert.DoesNotContain(lines, l => $"{l.Message}{l.Payload}".Contains(title, StringComparison.Ordinal));
        // What waited had noted what came from outside before.
        Assert.Equal(["B"], lines.Where(l => JournalPayload.ValuesOf(l.Payload) is not null).Select(l => l.ActivityId));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_run_notes_what_its_definition_includes_and_a_trial_what_it_does_not_exclude()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("plain", [Of("S", "Timer", ("interval", "00:10:00")).Trigger(), Say("W", "1 + 1")], "S-W"), inForce: true);
        await office.KeepAsync(Including(Flow("told", [Of("S", "Timer", ("interval", "00:10:00")).Trigger(), Say("W", "1 + 2"), Excluding(Say("X", "1 + 3"))], "S-W", "W-X")), inForce: true);
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.Equal(["3"], await NotedAsync(office, "told"));
        Assert.Empty(await NotedAsync(office, "plain"));

        var trial = await office.TrialAsync("plain");
        await office.ResumeAsync(trial, (await office.StateAsync(trial)).Bookmarks.Single().Id);
        Assert.Equal(["2"], await NotedAsync(office, "plain"));
    }

    private static async Task<List<string?>> NotedAsync(Office office, string definitionId) =>
    [
        .. (await office.RowsAsync(db => db.Journal.Where(j => db.Instances.Any(i => i.Id == j.InstanceId && i.DefinitionId == definitionId)).OrderBy(j => j.Sequence).ToListAsync()))
            .Select(l => JournalPayload.ValuesOf(l.Payload)).OfType<ExecutionValues>().Select(v => (string?)v.Inputs["Text"])
    ];

    private static JsonObject Say(string id, string script) => Of(id, "WriteLine").Script("text", script);

    private static JsonObject Excluding(JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["logPersistenceMode"] = new JsonObject { ["inputs"] = new JsonObject { ["text"] = "Exclude" } } };
        return activity;
    }

    private static string Including(string definition)
    {
        var document = JsonNode.Parse(definition)!.AsObject();
        document["customProperties"] = Include.DeepClone();
        document["inputs"] = new JsonArray(new JsonObject { ["name"] = "Judul", ["type"] = "String" });
        return document.ToJsonString();
    }
}
