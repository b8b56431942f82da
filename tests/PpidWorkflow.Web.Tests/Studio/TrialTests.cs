using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary><i>Execute</i> on an SOP: a marked run beside the register, of which nothing is left when it is removed but that it was.</summary>
public sealed class TrialTests : IDisposable
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";
    private readonly TestService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task A_run_from_Studio_makes_no_case_task_clock_or_mail_and_when_removed_leaves_its_audit_alone()
    {
        using var manager = await _service.ApiClientAsync(StudioCalls.Manager);
        using var auditor = await _service.BrowserAsync("auditor");
        var before = await RowsAsync();
        var cases = Said(await auditor.GetStringAsync("/cases", Cancellation));

        var trial = await manager.ExecuteAsync(Sop);
        // Far beyond every standard and rung of the step that it waits at.
        _service.Time.Advance(TimeSpan.FromHours(4));
        foreach (var result in (string[])["Done", "Done", "Done", "Returned", "Done", "Done", "Done", "Done", "Done"])
            await manager.AskAsync($"/tasks/{await manager.WaitingAsync(trial)}/complete", new { result });

        var shown = (await manager.AskAsync("/workflow-instances", new { definitionId = Sop }))["items"]!.AsArray().Single()!;
        Assert.Equal(("Uji coba", "Finished"), (shown["name"]!.GetValue<string>(), shown["subStatus"]!.GetValue<string>()));
        Assert.Equal(["self", "delete"], shown["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>()));
        Assert.Equal(before, await RowsAsync());
        Assert.Equal(cases, Said(await auditor.GetStringAsync("/cases", Cancellation)));
        Assert.False(Directory.Exists(Path.Combine(_service.DataPath, "mail")) && Directory.EnumerateFiles(Path.Combine(_service.DataPath, "mail")).Any());

        using var removed = await manager.DeleteAsync($"/elsa/api/workflow-instances/{trial}", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        var id = Guid.Parse(trial);
        Assert.Equal((0, 0, 0), await _service.OfDatabaseAsync(async db => (
            await db.Instances.CountAsync(), await db.Journal.CountAsync(j => j.InstanceId == id), await db.Bookmarks.CountAsync(b => b.InstanceId == id))));
        var acts = await _service.OfDatabaseAsync(db => db.AuditRecords.Where(r => r.Action.StartsWith("trial-")).OrderBy(r => r.Sequence).Select(r => r.Action).ToListAsync());
        Assert.Equal(("trial-started", "trial-removed"), (acts[0], acts[^1]));
    }

    /// <summary>Opened, looked at from all sides, exported, run: the only version is the one that was there.</summary>
    [Fact]
    public async Task Looking_exporting_and_running_make_no_draft_and_exports_are_the_same_bytes()
    {
        using var studio = await StudioClient.SignInAsync(_service);
        var first = await studio.ExportAsync(Sop);
        var open = await studio.OpenAsync(Sop);
        foreach (var path in (string[])
        [
            $"/workflow-definitions/subgraph/{open["id"]}", $"/workflow-definitions/{Sop}/versions", $"/workflow-definitions/{Sop}/consumers",
            $"/workflow-definitions/by-id/{open["id"]}", "/descriptors/activities?Refresh=True"
        ])
            Assert.True((await studio.GetAsync(path)).IsSuccessStatusCode, path);
        await studio.Http.ExecuteAsync(Sop);
        // What was opened, posted back: by a button, by the timer, and once more an hour later.
        await studio.SavedAsync(open);
        _service.Time.Advance(TimeSpan.FromHours(1));
        await studio.SavedAsync(await studio.OpenAsync(Sop));
        using var published = await studio.SaveAsync(open, publish: true);

        Assert.True((await StudioClient.BodyAsync(published))["alreadyPublished"]!.GetValue<bool>());
        Assert.Equal(1, await _service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
        Assert.Equal(first, await studio.ExportAsync(Sop));
        Assert.Equal(await ZipAsync(studio, open), await ZipAsync(studio, open));
        Assert.DoesNotContain("\r", first, StringComparison.Ordinal);
    }

    /// <summary>Of an activity that ran more often than a page of the journal has lines.</summary>
    [Fact]
    public async Task The_last_line_of_an_activity_is_the_last_however_long_the_journal_is()
    {
        using var studio = await StudioClient.SignInAsync(_service);
        var definition = StudioClient.NewDefinition("Putaran", "a");
        definition["root"]!["activities"]!.AsArray().Add(new JsonObject
        {
            ["id"] = "loop",
            ["type"] = "Elsa.For",
            ["start"] = 1,
            ["end"] = 600,
            ["body"] = StudioClient.Line("inner", "x")
        });
        definition["root"]!["connections"]!.AsArray().Add(JsonNode.Parse(
            """{"source":{"activity":"line1","port":"Done"},"target":{"activity":"loop","port":"In"},"vertices":[]}"""));
        var id = (await studio.SavedAsync(definition, publish: null))["definitionId"]!.GetValue<string>();

        var trial = await studio.Http.ExecuteAsync(id);

        var lines = (await studio.Http.ReadAsync($"/workflow-instances/{trial}/journal?skip=1000&take=1000"))["items"]!.AsArray();
        var last = lines.Where(l => l!["activityId"]!.GetValue<string>() == "inner").Max(l => l!["sequence"]!.GetValue<long>());
        Assert.True(last > 1_000, $"{last} lines");
        var shown = await studio.Http.ReadAsync($"/workflow-instances/{trial}/journal/inner");
        Assert.Equal((last, "Completed"), (shown["sequence"]!.GetValue<long>(), shown["eventName"]!.GetValue<string>()));
    }

    /// <summary>How many rows there are of what a case would leave.</summary>
    private Task<Dictionary<string, int>> RowsAsync() => _service.OfDatabaseAsync(async db => new Dictionary<string, int>
    {
        ["cases"] = await db.Cases.CountAsync(),
        ["numbers"] = await db.CaseNumberSequences.CountAsync(),
        ["players"] = await db.CaseRolePlayers.CountAsync(),
        ["tasks"] = await db.WorkItems.CountAsync(),
        ["clocks"] = await db.StepClocks.CountAsync(),
        ["clock events"] = await db.ClockEvents.CountAsync(),
        ["rungs"] = await db.FireRecords.CountAsync(),
        ["banners"] = await db.AlertBanners.CountAsync(),
        ["mails"] = await db.Outbox.CountAsync(),
        ["files"] = await db.DossierFiles.CountAsync(),
        ["hardcopies"] = await db.HardcopyItems.CountAsync(),
        ["locations"] = await db.StorageLocations.CountAsync()
    });

    private static async Task<byte[]> ZipAsync(StudioClient studio, JsonObject definition)
    {
        using var answer = await studio.PostAsync("/bulk-actions/export/workflow-definitions", new JsonObject { ["ids"] = new JsonArray(definition["id"]!.DeepClone()) });
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(Cancellation);
    }

    /// <summary>What a page says, without the tokens of its forms.</summary>
    private static string Said(string page)
    {
        var main = page[page.IndexOf("<main", StringComparison.Ordinal)..page.IndexOf("</main>", StringComparison.Ordinal)];
        return System.Text.RegularExpressions.Regex.Replace(main, "<[^>]*>", " ");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
