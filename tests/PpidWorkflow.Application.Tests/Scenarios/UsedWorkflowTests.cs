using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Sop;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>The delivered SOP, used as an activity of another definition: its steps are steps of the other one's case.</summary>
public class UsedWorkflowTests
{
    [Fact]
    public async Task Steps_of_a_used_SOP_belong_to_the_case_and_keep_the_version_that_was_pinned()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.BringIntoForceAsync(document => document["options"] = new JsonObject { ["usableAsActivity"] = true });
        var pinned = await office.RowsAsync(db => db.DefinitionVersions.SingleAsync(v => v.State == RevisionState.InForce));
        var user = JsonNode.Parse(pinned.Content)!.AsObject();
        (user["definitionId"], user["name"], user["options"]) = ("pemakai", "Pemakai SOP", new JsonObject());
        user["root"] = JsonNode.Parse($$"""
            {"id":"F","type":"Elsa.Flowchart","activities":[{"id":"Sub","type":"Sop","workflowDefinitionId":"{{SopFolder.Slug}}",
            "workflowDefinitionVersionId":"{{pinned.Id:n}}","version":{{pinned.Version}},
            {{string.Join(',', user["inputs"]!.AsArray().Select(i => (string)i!["name"]!).Select(n => $$"""
            "{{n}}":{"typeName":"Object","expression":{"type":"JavaScript","value":"getInput('{{n}}')"} }
            """))}} }],"connections":[]}
            """);
        var imported = await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s =>
            s.ImportAsync(Encoding.UTF8.GetBytes(user.ToJsonString()), SopFolder.Slug, publish: true, inForce: false, asId: null, "system"));
        Assert.Equal(RevisionState.InForce, imported.Value.State);
        Assert.Equal(["pemakai"], await office.AskAsync<WorkflowConsumers, IReadOnlyList<string>>(c => c.OfAsync(SopFolder.Slug)));

        var opened = (await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(office[Office.InformationHead], new NewCase(
            "pemakai", office.Inputs().ToDictionary(i => i.Key, i => System.Text.Json.JsonSerializer.SerializeToElement(i.Value)))))).Value;
        Assert.StartsWith("Sub/", await office.RowsAsync(db => db.WorkItems.Select(w => w.ActivityId).SingleAsync()), StringComparison.Ordinal);
        var first = await office.CompleteOpenAsync(opened.Id);
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationHead], first.Id, first.Revision))).Succeeded);
        // A later version of the SOP does not reach the case.
        await office.BringIntoForceAsync(document => document["description"] = "Lebih baru.");
        while ((await office.CaseAsync(opened.Id)).State == "running")
            await office.CompleteOpenAsync(opened.Id);

        Assert.Equal("documented", (await office.CaseAsync(opened.Id)).State);
        Assert.Equal(6, await office.RowsAsync(db => db.WorkItems.CountAsync(w => w.Closure == WorkItemClosure.Completed)));
        Assert.Empty(await office.ViolatedAsync());
    }
}
