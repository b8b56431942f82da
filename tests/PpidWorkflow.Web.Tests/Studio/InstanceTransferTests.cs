using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Instances as files, and alterations.</summary>
public sealed class InstanceTransferTests(TestService service) : IClassFixture<TestService>
{
    private const string AllParts = "includeBookmarks=true&includeActivityExecutionLog=true&includeWorkflowExecutionLog=true";

    [Fact]
    public async Task An_exported_trial_comes_back_as_another_one_and_goes_on_where_it_stood()
    {
        await service.ImportAsync("exports/server-five.json", "transfer-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("transfer-five", new { input = StudioCalls.Customer("ACME"), correlationId = "t1" });
        using var exported = await client.GetAsync($"/elsa/api/workflow-instances/{trial}/export?{AllParts}");
        var file = await exported.Content.ReadAsByteArrayAsync();

        Assert.Equal("application/octet-stream", exported.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"workflow-instance-{trial}.json", exported.Content.Headers.ContentDisposition!.FileName);
        using var imported = await ImportAsync(client, ("a.json", file));
        Assert.Equal(1, (int)(await imported.Content.ReadFromJsonAsync<JsonNode>())!["imported"]!);
        var copy = Assert.Single(await IdsAsync(client, "transfer-five"), id => id != trial);
        Assert.Equal(await client.MarksAsync(trial), await client.MarksAsync(copy));
        await client.AskAsync($"/tasks/{await client.WaitingAsync(copy)}/complete", new { result = new { approved = true } });
        await client.AskAsync("/events/Shipped/trigger", new { workflowInstanceId = copy });
        Assert.Equal("Finished", (string?)(await client.ReadAsync($"/workflow-instances/{copy}"))["subStatus"]);
        Assert.Equal("Suspended", (string?)(await client.ReadAsync($"/workflow-instances/{trial}"))["subStatus"]);
    }

    [Fact]
    public async Task Exports_have_the_recorded_parts()
    {
        await service.ImportAsync("exports/server-five.json");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("1a2c35b4be8a8618", new { input = StudioCalls.Customer("ACME"), correlationId = "k1" });
        await client.AskAsync($"/tasks/{await client.WaitingAsync(trial)}/complete", new { result = new { approved = true, by = "me" } });
        await client.AskAsync("/events/Shipped/trigger", new { workflowInstanceId = trial });
        var ours = await client.ReadAsync($"/workflow-instances/{trial}/export?{AllParts}");
        var recorded = JsonNode.Parse(ElsaContract.Export("exports/server-instance-five.json"))!;

        Assert.Equal(recorded.AsObject().Select(p => p.Key).Append("PpidInstance"), ours.AsObject().Select(p => p.Key));
        ElsaContract.AssertShape("GET_workflow-instances_id_export", recorded["WorkflowExecutionLogRecords"], ours["WorkflowExecutionLogRecords"]);
        ElsaContract.AssertShape("GET_workflow-instances_id_export", recorded["ActivityExecutionRecords"], ours["ActivityExecutionRecords"]);
        Assert.Equal(recorded["WorkflowState"]!["output"]!.ToJsonString(), ours["WorkflowState"]!["output"]!.ToJsonString());
    }

    [Fact]
    public async Task An_instance_of_stock_Elsa_that_has_ended_is_imported_to_be_looked_at()
    {
        await service.ImportAsync("exports/server-five.json");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var exported = JsonNode.Parse(ElsaContract.Export("exports/server-instance-five.json"))!;
        exported["WorkflowState"]!["definitionVersion"] = 1;
        exported["WorkflowState"]!["correlationId"] = "stock";
        using var imported = await ImportAsync(client, ("instance.json", Encoding.UTF8.GetBytes(exported.ToJsonString())));

        Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
        var id = (string)(await client.AskAsync("/workflow-instances", new { correlationId = "stock" }))["items"]!.AsArray().Single()!["id"]!;
        var view = await client.ReadAsync($"/workflow-instances/{id}");
        Assert.Equal("ok-3", (string?)view["workflowState"]!["output"]!["Verdict"]);
        Assert.Equal(18, (int)(await client.ReadAsync($"/workflow-instances/{id}/journal"))["totalCount"]!);
        Assert.All(await client.MarksAsync(id), m => Assert.Equal((1L, 1L, false), m.Value));
        Assert.Equal(3, (int)(await client.ReadAsync($"/workflow-instances/{id}/variables"))["items"]!.AsArray().Single(v => (string)v!["id"]! == "v1")!["value"]!);
    }

    [Fact]
    public async Task Files_that_do_not_fit_are_refused_and_none_of_the_others_is_kept()
    {
        await service.ImportAsync("exports/server-five.json", "misfits-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("misfits-five", new { input = StudioCalls.Customer("ACME") });
        var good = await client.ReadAsync($"/workflow-instances/{trial}/export?{AllParts}");
        foreach (var (code, change) in ((string, Action<JsonNode>)[])
        [
            ("instance-definition-missing", f => f["WorkflowState"]!["definitionId"] = "no-such"),
            ("instance-file-unreadable", f => f.AsObject().Remove("WorkflowState")),
            ("instance-not-importable", f => f.AsObject().Remove("PpidInstance")),
            ("instance-not-importable", f => f["PpidInstance"]!["state"]!["bookmarks"]![0]!["activityInstanceId"] = "elsewhere-1"),
            ("instance-not-importable", f => f["PpidInstance"]!["state"]!["activities"]![0]!["activityId"] = "Nope"),
            ("instance-not-importable", f => f["PpidInstance"]!["state"]!["scheduled"] = new JsonArray()),
            ("instance-file-unreadable", f => f["PpidInstance"]!["journal"]![0]!["at"] = "yesterday")
        ])
        {
            var bad = good.DeepClone();
            change(bad);
            using var refused = await ImportAsync(
                client, ("good.json", Encoding.UTF8.GetBytes(good.ToJsonString())), ("bad.json", Encoding.UTF8.GetBytes(bad.ToJsonString())));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Equal(code, await refused.CodeAsync());
        }
        using var garbage = await ImportAsync(client, ("x.json", "{\"WorkflowState\":"u8.ToArray()));
        Assert.Equal("instance-file-unreadable", await garbage.CodeAsync());
        using var noZip = await ImportAsync(client, ("x.zip", "PK no zip"u8.ToArray()));
        Assert.Equal("instance-file-unreadable", await noZip.CodeAsync());
        using var nothing = await ImportAsync(client);
        Assert.False(nothing.IsSuccessStatusCode);
        Assert.Equal([trial], await IdsAsync(client, "misfits-five"));
    }

    [Fact]
    public async Task Zips_are_read_under_limits_and_several_instances_leave_as_one()
    {
        await service.ImportAsync("exports/server-five.json", "zip-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        string[] trials = [await client.ExecuteAsync("zip-five"), await client.ExecuteAsync("zip-five")];
        using var exported = await client.PostAsJsonAsync("/elsa/api/bulk-actions/export/workflow-instances", new { ids = trials });
        var zip = await exported.Content.ReadAsByteArrayAsync();

        Assert.Equal("workflow-instances.zip", exported.Content.Headers.ContentDisposition!.FileName);
        using var imported = await ImportAsync(client, ("all.zip", zip));
        Assert.Equal(2, (int)(await imported.Content.ReadFromJsonAsync<JsonNode>())!["imported"]!);
        Assert.Equal(4, (await IdsAsync(client, "zip-five")).Count);

        using var many = new MemoryStream();
        await using (var archive = new ZipArchive(many, ZipArchiveMode.Create, leaveOpen: true))
            for (var n = 0; n < 10_000; n++)
                archive.CreateEntry($"../{n}.json");
        using var refused = await ImportAsync(client, ("many.zip", many.ToArray()));
        Assert.Equal("instance-files-count", await refused.CodeAsync());
        using var bomb = new MemoryStream();
        await using (var archive = new ZipArchive(bomb, ZipArchiveMode.Create, leaveOpen: true))
        await using (var entry = await archive.CreateEntry("bomb.json").OpenAsync())
            await entry.WriteAsync(new byte[20 * 1024 * 1024]);
        using var tooLarge = await ImportAsync(client, ("bomb.zip", bomb.ToArray()));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Equal(4, (await IdsAsync(client, "zip-five")).Count);
    }

    [Fact]
    public async Task A_case_leaves_without_its_values_for_who_may_not_see_it_and_nobody_else_imports()
    {
        var (_, instance) = await service.OpenCaseAsync("188.44/export", "Laporan sangat rahasia");
        using var manager = await service.ApiClientAsync(StudioCalls.Manager);
        using var auditor = await service.ApiClientAsync("auditor");

        var hidden = (await manager.ReadAsync($"/workflow-instances/{instance}/export?{AllParts}")).ToJsonString();
        Assert.DoesNotContain("sangat rahasia", hidden, StringComparison.Ordinal);
        var told = (await auditor.ReadAsync($"/workflow-instances/{instance}/export")).ToJsonString();
        Assert.Contains("sangat rahasia", told, StringComparison.Ordinal);
        using var asTrial = await ImportAsync(manager, ("case.json", Encoding.UTF8.GetBytes(told)));
        Assert.Equal("instance-not-importable", await asTrial.CodeAsync());
        using var refused = await ImportAsync(auditor, ("x.json", Encoding.UTF8.GetBytes(hidden)));
        Assert.Equal("forbidden", await refused.CodeAsync());
    }

    [Fact]
    public async Task Alterations_are_told_beforehand_run_stored_as_a_plan_and_refused_with_a_sentence()
    {
        await service.ImportAsync("exports/server-five.json", "altered-five");
        var (_, ofCase) = await service.OpenCaseAsync("188.44/altered", "Berkas");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("altered-five");
        var modify = new { type = "ModifyVariable", variableId = "v1", value = 9 };

        var found = await client.AskAsync("/alterations/dry-run", new { definitionIds = (string[])["altered-five"] });
        Assert.Equal([trial], found["workflowInstanceIds"]!.AsArray().Select(i => (string)i!));
        Assert.Null(found["results"]);
        Assert.Empty((await client.AskAsync("/alterations/dry-run", new { }))["workflowInstanceIds"]!.AsArray());
        var tried = await client.AskAsync("/alterations/dry-run", new { workflowInstanceIds = (string[])[trial], alterations = (object[])[modify] });
        Assert.True((bool)tried["results"]![0]!["isSuccessful"]!);
        Assert.NotEqual("9", (await client.ReadAsync($"/workflow-instances/{trial}/variables"))["items"]![0]!["value"]?.ToJsonString());
        var run = await client.AskAsync("/alterations/run", new { alterations = (object[])[modify], workflowInstanceIds = (string[])[trial] });
        Assert.True((bool)run["results"]![0]!["isSuccessful"]!);
        Assert.Equal(9, (int)(await client.ReadAsync($"/workflow-instances/{trial}/variables"))["items"]![0]!["value"]!);

        // Of two the second is wrong: neither is done, and the sentence names what is wrong.
        var half = await client.AskAsync("/alterations/run", new
        {
            alterations = (object[])[new { type = "ModifyVariable", variableId = "v1", value = 10 }, new { type = "CancelActivity", activityId = "tidak-ada" }],
            workflowInstanceIds = (string[])[trial]
        });
        Assert.False((bool)half["results"]![0]!["isSuccessful"]!);
        Assert.Contains("tidak-ada", (string)half["results"]![0]!["log"]!["logEntries"]![0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(9, (int)(await client.ReadAsync($"/workflow-instances/{trial}/variables"))["items"]![0]!["value"]!);

        foreach (var (type, targets, code) in ((string, string[], string)[])
        [
            ("Explode", [trial], "alteration-not-supported"), ("", [trial], "alteration-not-supported"), ("Migrate", [trial], "field-required"),
            ("Cancel", [trial, ofCase], "instance-of-case"), ("Cancel", [trial, "x"], "alteration-instance-unknown")
        ])
        {
            using var refused = await client.PostAsJsonAsync("/elsa/api/alterations/run", new { alterations = (object[])[new { type }], workflowInstanceIds = targets });
            Assert.Equal(code, await refused.CodeAsync());
        }
        using var onCase = await client.PostAsJsonAsync(
            "/elsa/api/alterations/run", new { alterations = (object[])[modify], workflowInstanceIds = (string[])[trial, ofCase], reason = "Dicoba" });
        Assert.Equal("alteration-case-not-yours", await onCase.CodeAsync());

        var planId = Guid.NewGuid().ToString("n");
        var order = new { id = planId, alterations = (object[])[new { type = "Cancel" }], filter = new { workflowInstanceIds = (string[])[trial] }, reason = "Selesai dicoba" };
        Assert.Equal(planId, (string)(await client.AskAsync("/alterations/submit", order))["planId"]!);
        Assert.Equal(planId, (string)(await client.AskAsync("/alterations/submit", order))["planId"]!);
        Assert.Equal("Cancelled", (string?)(await client.ReadAsync($"/workflow-instances/{trial}"))["subStatus"]);
        var told = await client.ReadAsync($"/alterations/{planId}");
        Assert.Equal(("Completed", "Selesai dicoba", "Cancel"), ((string)told["plan"]!["status"]!, (string)told["plan"]!["reason"]!, (string)told["plan"]!["alterations"]![0]!["type"]!));
        var job = Assert.Single(told["jobs"]!.AsArray())!;
        Assert.Equal((trial, "Completed", "altered-cancelled"), ((string)job["workflowInstanceId"]!, (string)job["status"]!, (string)job["log"]![0]!["eventName"]!));
        using var unknown = await client.GetAsync($"/elsa/api/alterations/{Guid.NewGuid():n}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var auditor = await service.ApiClientAsync("auditor");
        using var forbidden = await auditor.PostAsJsonAsync("/elsa/api/alterations/run", new { alterations = (object[])[modify], workflowInstanceIds = (string[])[trial] });
        Assert.Equal("forbidden", await forbidden.CodeAsync());
        var retried = await client.AskAsync("/alterations/workflows/retry", new { workflowInstanceIds = (string[])[trial, Guid.NewGuid().ToString("n")] });
        Assert.Equal(
            ["incident-not-open", "instance-not-found"],
            retried["results"]!.AsArray().Select(r => (string)r!["log"]!["logEntries"]![0]!["eventName"]!));
    }

    /// <summary>Studio's "cancel all that match" sends the dates of its list; what is not understood must not widen the choice.</summary>
    [Fact]
    public async Task An_alteration_of_all_that_match_minds_dates_and_refuses_conditions_it_does_not_know()
    {
        await service.ImportAsync("exports/server-five.json", "dated-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("dated-five");
        object Filter(string comparison) => new
        {
            emptyFilterSelectsAll = true,
            timestampFilters = (object[])[new { column = "CreatedAt", @operator = comparison, timestamp = service.Time.GetUtcNow().AddDays(1) }]
        };

        Assert.DoesNotContain(trial, (await client.AskAsync("/alterations/dry-run", Filter("GreaterThan")))["workflowInstanceIds"]!.AsArray().Select(i => (string?)i));
        Assert.Contains(trial, (await client.AskAsync("/alterations/dry-run", Filter("LessThan")))["workflowInstanceIds"]!.AsArray().Select(i => (string?)i));
        using var unknown = await client.PostAsJsonAsync(
            "/elsa/api/alterations/submit", new { alterations = (object[])[new { type = "Cancel" }], filter = new { emptyFilterSelectsAll = true, names = (string[])["x"] } });
        Assert.Equal("filter-invalid", await unknown.CodeAsync());
        Assert.Equal("Suspended", (string?)(await client.ReadAsync($"/workflow-instances/{trial}"))["subStatus"]);
    }

    private static async Task<HttpResponseMessage> ImportAsync(HttpClient client, params (string Name, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, content) in files)
        {
            var part = new ByteArrayContent(content);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            form.Add(part, "files", name);
        }
        return await client.PostAsync("/elsa/api/bulk-actions/import/workflow-instances", form);
    }

    private static async Task<List<string>> IdsAsync(HttpClient client, string definitionId) =>
        [.. (await client.AskAsync("/workflow-instances", new { definitionId }))["items"]!.AsArray().Select(i => (string)i!["id"]!)];
}
