using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// A version that was published under an earlier release and that today's checks would refuse: its cases are read and go on, and
/// <c>verify</c> names it.
/// </summary>
public class StoredVersionTests
{
    private static readonly string TooDeep = string.Concat(Enumerable.Repeat("[", 120)) + string.Concat(Enumerable.Repeat("]", 120));

    [Theory]
    [InlineData("dangling")]
    [InlineData("deep")]
    [InlineData("form")]
    public async Task Its_cases_are_read_and_come_to_their_end(string flaw)
    {
        var (office, id) = await ReopenAsync(flaw);
        await using var _ = office;

        var shown = await office.CaseAsync(id);
        Assert.Equal("running", shown.State);
        Assert.Equal(["1", "2", "3", "4", "5"], shown.Steps.Select(s => s.Step.Label));
        Assert.Contains("versions-sound", await office.ViolatedAsync());
        var form = Assert.Single(await office.AskAsync<CaseRegister, IReadOnlyList<StartableDefinition>>(r => r.StartableAsync(office[Office.InformationHead])));
        Assert.NotEmpty(form.Fields);
        var fresh = await office.OpenCaseAsync();
        foreach (var one in (Guid[])[id, fresh.Id])
        {
            await office.WalkToAsync(one, "5b");
            await office.CompleteOpenAsync(one);
            Assert.Equal("documented", (await office.CaseAsync(one)).State);
        }
    }

    [Fact]
    public async Task A_step_that_is_not_run_here_any_more_stops_the_case_with_an_incident_and_the_case_stays_readable()
    {
        var (office, id) = await ReopenAsync("unknown");
        await using var _ = office;

        Assert.Equal(["1", "2", "3", "5"], (await office.CaseAsync(id)).Steps.Select(s => s.Step.Label));
        await office.CompleteOpenAsync(id);
        await office.CompleteOpenAsync(id);

        Assert.Equal("faulted", (await office.CaseAsync(id)).State);
        var incident = await office.RowsAsync(db => db.Incidents.SingleAsync(i => i.ResolvedAt == null));
        Assert.Equal(("Step4", "unknown-activity-type"), (incident.ActivityId, incident.Code));
        Assert.Contains("Ppid.Lama", incident.Message, StringComparison.Ordinal);
        var named = (await office.AskAsync<Guarantees, IReadOnlyList<GuaranteeReading>>(g => g.ReadAsync(deep: false))).Single(g => g.Name == "versions-sound");
        Assert.Equal(["pendokumentasian-informasi-dikecualikan versi 1: unknown-activity-type"], named.Examples);
    }

    /// <summary>Whoever revises it sees what is wrong, and the revision replaces it.</summary>
    [Fact]
    public async Task It_is_compared_with_and_replaced_by_a_sound_revision()
    {
        var (office, _) = await ReopenAsync("unknown");
        await using var __ = office;

        var revised = await office.BringIntoForceAsync(document => document.Step("Step4")["type"] = "Ppid.HandOver");

        Assert.Equal([revised.Version], await office.InForceAsync());
        var view = await office.AskAsync<RevisionReader, Result<RevisionView>>(r => r.GetAsync(office[Revisions.Manager], revised.DefinitionId, revised.Version));
        Assert.NotEmpty(view.Value.Changes);
        var back = await office.AskAsync<DraftDesk, Result<DraftSaved>>(d => d.RevertAsync(office[Revisions.Manager], revised.DefinitionId, 1));
        Assert.Equal("draft-refused", back.Problems[0].Code);
    }

    /// <summary>An office with a case in step 2, whose version in force came from a release that checked less; the process is another one.</summary>
    private static async Task<(Office Office, Guid Case)> ReopenAsync(string flaw)
    {
        var folder = Directory.CreateTempSubdirectory("ppid-office-").FullName;
        Guid id;
        await using (var before = await Revisions.OpenOfficeAsync(folder: folder, keep: true))
        {
            id = (await before.OpenCaseAsync()).Id;
            await before.WalkToAsync(id, "2");
            await before.RowsAsync(async db =>
            {
                var version = await db.DefinitionVersions.SingleAsync();
                version.Content = Spoil(version.Content, flaw);
                version.ContentHash = DefinitionWriter.ContentHash(DefinitionReader.ReadStored(version.Content));
                return await db.SaveChangesAsync();
            });
        }
        var office = await Revisions.OpenOfficeAsync(folder: folder);
        // The number of the case that is there already.
        office.Inputs();
        return (office, id);
    }

    private static string Spoil(string content, string flaw)
    {
        var document = JsonNode.Parse(content)!.AsObject();
        switch (flaw)
        {
            case "dangling":
                document.Connect("Step3", "nowhere", "Returned");
                break;
            case "form":
                document["customProperties"]!["sop"]!["caseForm"]!["fields"]!["title"] = new JsonObject { ["maxLength"] = "banyak", ["isRequired"] = "ya", ["pattern"] = "(" };
                break;
            case "unknown":
                document.Step("Step4")["type"] = "Ppid.Lama";
                break;
            default:
                document["customProperties"]!["lama"] = "DEEP";
                return document.ToJsonString().Replace("\"DEEP\"", TooDeep, StringComparison.Ordinal);
        }
        return document.ToJsonString();
    }
}
