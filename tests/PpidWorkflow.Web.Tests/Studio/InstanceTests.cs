using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Instances through Studio's API: cases looked at, trials run.</summary>
public sealed class InstanceTests(TestService service) : IClassFixture<TestService>
{
    private const string Secret = "Laporan rahasia tentang sengketa tanah";

    [Fact]
    public async Task A_case_shows_its_nodes_and_journal_before_and_after_a_step()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/1", Secret);
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var before = await client.MarksAsync(instance);
        await service.AssignAsync(id);
        var after = await client.MarksAsync(instance);

        Assert.Equal((1L, 0L, false), before["Workflow1"]);
        Assert.Equal((1L, 0L, true), Assert.Single(before, m => m.Value.Waits).Value);
        var first = before.Single(m => m.Value.Waits).Key;
        Assert.Equal((1L, 1L, false), after[first]);
        Assert.NotEqual(first, after.Single(m => m.Value.Waits).Key);
        Assert.Equal(before.Count + 1, after.Count);
        var journal = await client.AskAsync(
            $"/workflow-instances/{instance}/journal?skip=0&take=110",
            new { filter = new { excludedActivityTypes = (string[])["Elsa.Workflow", "Elsa.Flowchart"] } });
        Assert.Equal(
            ["Started", "Suspended", "Resumed", "Completed", "Started", "Suspended"],
            journal["items"]!.AsArray().Where(l => ((string)l!["activityType"]!).StartsWith("Ppid.", StringComparison.Ordinal)).Select(l => (string)l!["eventName"]!));
        Assert.All(journal["items"]!.AsArray(), l => Assert.StartsWith("Workflow1:", (string)l!["nodeId"]!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StudioCalls.Manager, false)]
    [InlineData("admin", false)]
    [InlineData("kepala.biro", true)]
    [InlineData("auditor", true)]
    public async Task Values_of_a_case_are_told_only_to_who_may_see_it(string userName, bool sees)
    {
        var (_, instance) = await service.OpenCaseAsync($"188.44/values/{userName}", Secret);
        using var client = await service.ApiClientAsync(userName);

        var all = new List<string>
        {
            (await client.ReadAsync($"/workflow-instances/{instance}")).ToJsonString(),
            (await client.ReadAsync($"/workflow-instances/{instance}/variables")).ToJsonString(),
            (await client.ReadAsync($"/workflow-instances/{instance}/journal")).ToJsonString(),
            (await client.ReadAsync($"/activity-executions/list?workflowInstanceId={instance}")).ToJsonString()
        };

        Assert.Equal(sees, all[0].Contains(Secret, StringComparison.Ordinal));
        if (!sees)
            Assert.DoesNotContain(all, text => text.Contains(Secret, StringComparison.Ordinal));
        var state = JsonNode.Parse(all[0])!["workflowState"]!;
        Assert.Equal(sees ? Secret : "•••", (string?)state["input"]!["title"]);
        // The step's own text is the SOP's, not the dossier's.
        Assert.Equal("assign", (string?)state["bookmarks"]![0]!["payload"]!["act"]);
        using var found = await client.PostAsJsonAsync("/elsa/api/workflow-instances", new { searchTerm = "sengketa" });
        Assert.Equal(0, (int)(await found.Content.ReadFromJsonAsync<JsonNode>())!["totalCount"]!);
    }

    [Fact]
    public async Task What_a_workflow_names_and_correlates_its_instance_by_is_hidden_like_the_values()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/named", "Berkas");
        var number = await service.OfDatabaseAsync(db => db.Cases.Where(c => c.Id == id).Select(c => c.Number).SingleAsync());
        await service.OfDatabaseAsync(db => db.Instances.Where(i => i.Id == Guid.Parse(instance)).ExecuteUpdateAsync(i =>
            i.SetProperty(x => x.Name, Secret).SetProperty(x => x.CorrelationId, Secret)));
        using var manager = await service.ApiClientAsync(StudioCalls.Manager);
        using var auditor = await service.ApiClientAsync("auditor");

        var seen = (await auditor.AskAsync("/workflow-instances", new { correlationId = number }))["items"]!.AsArray().Single()!;
        Assert.Equal((Secret, Secret), ((string)seen["name"]!, (string)seen["correlationId"]!));
        var hidden = (await manager.AskAsync("/workflow-instances", new { searchTerm = number }))["items"]!.AsArray().Single()!;
        Assert.Equal((null, number), ((string?)hidden["name"], (string)hidden["correlationId"]!));
        Assert.Equal([], await ListAsync(manager, new { correlationId = Secret }));
        Assert.Equal([], await ListAsync(manager, new { searchTerm = Secret }));
        Assert.DoesNotContain(Secret, (await manager.ReadAsync($"/workflow-instances/{instance}")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_case_has_no_delete_or_cancel_link_and_refuses_both()
    {
        var (_, instance) = await service.OpenCaseAsync("188.44/refusals", "Berkas");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync(await SopIdAsync());

        var links = (await client.ReadAsync($"/workflow-instances/{instance}"))["links"]!.AsArray().Select(l => (string)l!["rel"]!);
        Assert.Equal(["self"], links);
        Assert.Equal(
            ["self", "cancel", "delete"],
            (await client.ReadAsync($"/workflow-instances/{trial}"))["links"]!.AsArray().Select(l => (string)l!["rel"]!));
        foreach (var (method, path, body) in ((string, string, object?)[])
        [
            ("DELETE", $"/workflow-instances/{instance}", null),
            ("POST", $"/cancel/workflow-instances/{instance}", null),
            ("POST", "/bulk-actions/delete/workflow-instances/by-id", new { ids = (string[])[trial, instance] }),
            ("POST", "/bulk-actions/cancel/workflow-instances/", new { ids = (string[])[trial, instance] }),
            ("POST", $"/workflow-instances/{instance}/variables", new { variables = (object[])[new { id = "x", value = 1 }] }),
            ("POST", $"/tasks/{await client.WaitingAsync(instance)}/complete", new { result = "Done" })
        ])
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/elsa/api" + path) { Content = JsonContent.Create(body) });
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Equal("instance-of-case", await answer.CodeAsync());
        }
        // Neither is the trial beside it touched by a refused bulk action.
        Assert.Equal("Suspended", (string?)(await client.ReadAsync($"/workflow-instances/{trial}"))["subStatus"]);
    }

    [Fact]
    public async Task An_event_is_taken_for_a_case_refused_for_what_is_not_there_or_has_ended_and_shown_when_it_reached_nobody()
    {
        var (_, instance) = await service.OpenCaseAsync("188.44/events", "Berkas");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var ended = await client.ExecuteAsync(await SopIdAsync());
        await client.AskAsync($"/cancel/workflow-instances/{ended}", new { });

        foreach (var (target, status) in ((string, HttpStatusCode)[])
            [(instance, HttpStatusCode.OK), (Guid.NewGuid().ToString("n"), HttpStatusCode.NotFound), ("x", HttpStatusCode.NotFound), (ended, HttpStatusCode.Conflict)])
        {
            using var answer = await client.PostAsJsonAsync("/elsa/api/events/Selesai/trigger", new { workflowInstanceId = target, input = new { isi = Secret } });
            Assert.Equal(status, answer.StatusCode);
        }
        await service.OfDatabaseAsync(async db =>
        {
            db.Events.Single(e => e.Name == "Selesai").Bury("expired", DateTimeOffset.UtcNow);
            return await db.SaveChangesAsync();
        });

        var dead = await client.ReadAsync("/bookmark-queue/dead-letters?take=5");
        Assert.Equal((1, "Selesai", "expired", instance), (
            (int)dead["totalCount"]!, (string?)dead["items"]![0]!["stimulus"]!["eventName"], (string?)dead["items"]![0]!["reason"], (string?)dead["items"]![0]!["workflowInstanceId"]));
        Assert.DoesNotContain(Secret, dead.ToJsonString(), StringComparison.Ordinal);
        var id = (string)dead["items"]![0]!["id"]!;
        Assert.Equal((1, true), ((int)dead["items"]![0]!["deliveryAttempts"]!, (bool)(await client.ReadAsync($"/bookmark-queue/dead-letters/{id}"))["canReplay"]!));
        Assert.Equal((true, "kept"), await ReplayedAsync());
        using var again = await client.PostAsJsonAsync($"/elsa/api/bookmark-queue/dead-letters/{id}/replay", new { });
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        await service.OfDatabaseAsync(async db =>
        {
            db.Events.Single(e => e.Name == "Selesai").Bury("expired", DateTimeOffset.UtcNow);
            return await db.SaveChangesAsync();
        });
        using var unexplained = await client.DeleteAsync($"/elsa/api/bookmark-queue/dead-letters/{id}");
        Assert.Equal("reason-required", await unexplained.CodeAsync());
        using var inTheAddress = await client.DeleteAsync($"/elsa/api/bookmark-queue/dead-letters/{id}?reason=usang");
        Assert.Equal("reason-required", await inTheAddress.CodeAsync());
        using var discarded = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Delete, $"/elsa/api/bookmark-queue/dead-letters/{id}") { Content = JsonContent.Create(new { reason = "usang" }) });
        Assert.Equal(HttpStatusCode.NoContent, discarded.StatusCode);
        using var page = await client.GetAsync("/elsa/api/bookmark-queue/dead-letters?take=0");
        Assert.Equal("page-size-invalid", await page.CodeAsync());

        async Task<(bool, string)> ReplayedAsync()
        {
            var told = await client.AskAsync($"/bookmark-queue/dead-letters/{id}/replay", new { });
            return ((bool)told["replayed"]!, (string)told["reason"]!);
        }
    }

    [Theory]
    [InlineData("kasubid.informasi", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.OK)]
    public async Task Who_may_not_look_into_Studio_sees_no_instance(string userName, HttpStatusCode status)
    {
        using var client = await service.ApiClientAsync(userName);
        using var answer = await client.PostAsJsonAsync("/elsa/api/workflow-instances", new { });

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Who_only_looks_changes_nothing()
    {
        using var manager = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await manager.ExecuteAsync(await SopIdAsync());
        using var client = await service.ApiClientAsync("kepala.biro");
        foreach (var path in (string[])
        [
            $"/workflow-definitions/{await SopIdAsync()}/execute", $"/workflow-definitions/{await SopIdAsync()}/dispatch",
            $"/cancel/workflow-instances/{trial}", "/events/x/trigger", $"/tasks/{await manager.WaitingAsync(trial)}/complete"
        ])
        {
            using var answer = await client.PostAsJsonAsync("/elsa/api" + path, new { });
            Assert.Equal("forbidden", await answer.CodeAsync());
        }
        using var deletion = await client.DeleteAsync($"/elsa/api/workflow-instances/{trial}");
        Assert.Equal("forbidden", await deletion.CodeAsync());
        Assert.Equal(["self"], (await client.ReadAsync($"/workflow-instances/{trial}"))["links"]!.AsArray().Select(l => (string)l!["rel"]!));
    }

    [Fact]
    public async Task A_trial_walks_on_by_completed_and_returned_steps_and_is_removed()
    {
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync(await SopIdAsync());
        foreach (var result in (string[])["Done", "Done", "Done", "Returned", "Done", "Done", "Done", "Done", "Done"])
            await client.AskAsync($"/tasks/{await client.WaitingAsync(trial)}/complete", new { result });

        var done = await client.ReadAsync($"/workflow-instances/{trial}");
        Assert.Equal("Finished", (string?)done["subStatus"]);
        Assert.Equal("Uji coba", (string?)done["name"]);
        Assert.Contains(await client.MarksAsync(trial), m => m.Value == (2, 2, false));
        using var deleted = await client.DeleteAsync($"/elsa/api/workflow-instances/{trial}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await client.GetAsync($"/elsa/api/workflow-instances/{trial}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_step_is_not_completed_twice_nor_returned_where_nothing_takes_it()
    {
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync(await SopIdAsync());
        var first = await client.WaitingAsync(trial);
        using var returned = await client.PostAsJsonAsync($"/elsa/api/tasks/{first}/complete", new { result = "Returned" });
        Assert.Equal("return-not-possible", await returned.CodeAsync());
        await client.AskAsync($"/tasks/{first}/complete", new { result = new { outcome = "Done" } });
        using var again = await client.PostAsJsonAsync($"/elsa/api/tasks/{first}/complete", new { result = "Done" });
        Assert.Equal("stale-revision", await again.CodeAsync());
    }

    [Fact]
    public async Task The_list_filters_sorts_and_pages()
    {
        await service.ImportAsync("exports/server-five.json", "list-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var ids = new List<string>();
        for (var n = 0; n < 3; n++)
            ids.Add(await client.ExecuteAsync("list-five", new { correlationId = $"list-{n}", name = $"n{n}", input = StudioCalls.Customer("ACME") }));
        await client.AskAsync($"/cancel/workflow-instances/{ids[2]}", new { });

        Assert.Equal([ids[2], ids[1], ids[0]], await ListAsync(client, new { definitionId = "list-five" }));
        Assert.Equal(ids, await ListAsync(client, new { definitionIds = (string[])["list-five"], orderBy = "Name" }));
        Assert.Equal([ids[1]], await ListAsync(client, new { definitionId = "list-five", page = 1, pageSize = 1 }));
        Assert.Equal([ids[1]], await ListAsync(client, new { correlationId = "list-1" }));
        Assert.Equal([ids[0]], await ListAsync(client, new { searchTerm = "list-0" }));
        Assert.Equal([ids[1]], await ListAsync(client, new { searchTerm = ids[1] }));
        Assert.Equal([ids[2]], await ListAsync(client, new { definitionId = "list-five", statuses = (string[])["Finished"] }));
        Assert.Equal([ids[2]], await ListAsync(client, new { definitionId = "list-five", subStatuses = (string[])["Cancelled"] }));
        Assert.Equal([], await ListAsync(client, new { definitionId = "list-five", subStatuses = (string[])["Interrupted"] }));
        Assert.Equal([], await ListAsync(client, new { definitionId = "list-five", version = 99 }));
        Assert.Equal([], await ListAsync(client, new { definitionId = "list-five", hasIncidents = true }));
        Assert.Equal([], await ListAsync(client, new { definitionId = "list-five", isSystem = true }));
        var at = service.Time.GetUtcNow();
        Assert.Equal([], await ListAsync(client, new
        {
            definitionId = "list-five",
            timestampFilters = (object[])[new { column = "CreatedAt", @operator = "GreaterThan", timestamp = at.AddMinutes(1) }]
        }));
        Assert.Equal(3, (await ListAsync(client, new
        {
            definitionId = "list-five",
            timestampFilters = (object[])[new { column = "CreatedAt", @operator = "LessThanOrEqual", timestamp = at.AddMinutes(1) }]
        })).Count);
        Assert.Equal([ids[1], ids[0]], (await client.ReadAsync("/workflow-instances?definitionIds=list-five&statuses=Running&pageSize=5"))["items"]!
            .AsArray().Select(i => (string)i!["id"]!));
    }

    [Theory]
    [InlineData("""{"page":-1}""", "filter-invalid")]
    [InlineData("""{"pageSize":0}""", "page-size-invalid")]
    [InlineData("""{"pageSize":100000}""", "page-size-invalid")]
    [InlineData("""{"statuses":["Dancing"]}""", "filter-invalid")]
    [InlineData("""{"subStatus":"7"}""", "filter-invalid")]
    [InlineData("""{"orderBy":"State"}""", "filter-invalid")]
    [InlineData("""{"orderDirection":"Sideways"}""", "filter-invalid")]
    [InlineData("""{"timestampFilters":[{"column":"State","operator":"Is","timestamp":"2026-01-01T00:00:00Z"}]}""", "filter-invalid")]
    [InlineData("""{"timestampFilters":[{"column":"CreatedAt","operator":"Near","timestamp":"2026-01-01T00:00:00Z"}]}""", "filter-invalid")]
    [InlineData("""{"definitionIds":"x"}""", "wrong-type")]
    public async Task Filters_that_cannot_be_read_are_refused(string body, string code)
    {
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        using var answer = await client.PostAsync("/elsa/api/workflow-instances", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(code, await answer.CodeAsync());
    }

    [Fact]
    public async Task Variables_of_a_trial_are_changed_and_wrong_ones_refused()
    {
        await service.ImportAsync("exports/server-five.json", "variables-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("variables-five", new { input = StudioCalls.Customer("ACME") });

        var changed = await client.AskAsync($"/workflow-instances/{trial}/variables", new { variables = (object[])[new { id = "v1", value = 7 }] });
        Assert.Equal(7, (int)changed["items"]!.AsArray().Single(v => (string)v!["id"]! == "v1")!["value"]!);
        foreach (var (id, value, code) in ((string, object, string)[])
            [("v1", "many", "variable-wrong-type"), ("nope", 1, "variable-not-settable"), ("v3", 1, "variable-not-settable")])
        {
            using var refused = await client.PostAsJsonAsync($"/elsa/api/workflow-instances/{trial}/variables", new { variables = (object[])[new { id, value }] });
            Assert.Equal(code, await refused.CodeAsync());
        }
        Assert.Equal(7, (int)(await client.ReadAsync($"/workflow-instances/{trial}/variables"))["items"]![0]!["value"]!);
    }

    [Fact]
    public async Task A_run_that_faults_is_an_answer_with_an_incident_and_can_be_retried()
    {
        await service.ImportAsync("exports/server-five.json", "fault-five", document =>
        {
            // What the task answers decides here: without a member "approved" the expression fails.
            var activities = document["root"]!["activities"]!.AsArray();
            activities.Single(a => (string)a!["id"]! == "Hello")!["text"]!["expression"] =
                new JsonObject { ["type"] = "JavaScript", ["value"] = "getCustomer().nothing.here" };
        });
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        using var answer = await client.PostAsJsonAsync("/elsa/api/workflow-definitions/fault-five/execute", new { });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("False", answer.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
        var trial = answer.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        var state = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["workflowState"]!;
        Assert.Equal(("Finished", "Faulted"), ((string)state["status"]!, (string)state["subStatus"]!));
        Assert.Equal("Hello", (string?)Assert.Single(state["incidents"]!.AsArray())!["activityId"]);
        ElsaContract.AssertShape(
            "GET_workflow-instances_id", ElsaContract.Load("GET_workflow-instances_id").Single(s => s.Step == "viewer: faulted instance").ResponseBody,
            await client.ReadAsync($"/workflow-instances/{trial}"));
        Assert.True((bool)(await client.AskAsync("/activity-executions/report", new { workflowInstanceId = trial }))["stats"]!.AsArray()
            .Single(s => (string)s!["activityId"]! == "Hello")!["isFaulted"]!);
        var faulted = await client.AskAsync($"/workflow-instances/{trial}/journal", new { filter = new { eventNames = (string[])["Faulted"] } });
        Assert.Equal(1, (int)faulted["totalCount"]!);

        var retried = await client.AskAsync("/alterations/workflows/retry", new { workflowInstanceIds = (string[])[trial] });
        Assert.True((bool)retried["results"]![0]!["isSuccessful"]!);
        // It failed again, from the same place.
        faulted = await client.AskAsync($"/workflow-instances/{trial}/journal", new { filter = new { eventNames = (string[])["Faulted"] } });
        Assert.Equal(2, (int)faulted["totalCount"]!);
        Assert.Single((await client.ReadAsync($"/workflow-instances/{trial}"))["workflowState"]!["incidents"]!.AsArray());

        // Elsa takes it by GET as well, and for some activities only.
        var address = $"/alterations/workflows/retry?workflowInstanceIds={trial}";
        Assert.False((bool)(await client.ReadAsync($"{address}&activityIds=Start1&activityIds=Approve"))["results"]![0]!["isSuccessful"]!);
        Assert.True((bool)(await client.ReadAsync($"{address}&activityIds=Hello&workflowInstanceIds={trial}"))["results"]!.AsArray().Single()!["isSuccessful"]!);
        faulted = await client.AskAsync($"/workflow-instances/{trial}/journal", new { filter = new { eventNames = (string[])["Faulted"] } });
        Assert.Equal(3, (int)faulted["totalCount"]!);
        Assert.Empty((await client.ReadAsync("/alterations/workflows/retry"))["results"]!.AsArray());
        using var auditor = await service.ApiClientAsync("auditor");
        using var forbidden = await auditor.GetAsync("/elsa/api" + address);
        Assert.Equal("forbidden", await forbidden.CodeAsync());
    }

    [Fact]
    public async Task A_retry_where_nothing_failed_is_no_success()
    {
        await service.ImportAsync("exports/server-five.json", "retry-five");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("retry-five");

        var retried = await client.AskAsync("/alterations/workflows/retry", new { workflowInstanceIds = (string[])[trial, "nope"] });

        Assert.Equal([false, false], retried["results"]!.AsArray().Select(r => (bool)r!["isSuccessful"]!));
    }

    [Fact]
    public async Task The_viewer_of_a_trial_draws_the_draft_as_the_trial_runs_it()
    {
        await service.ImportAsync("exports/server-five.json", "drawn-five", publish: false);
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var trial = await client.ExecuteAsync("drawn-five");
        await service.OfDatabaseAsync(db => db.DefinitionVersions.Where(v => v.DefinitionId == "drawn-five")
            .ExecuteUpdateAsync(v => v.SetProperty(x => x.Content, x => x.Content.Replace("\"Hello\"", "\"Renamed\""))));

        var shown = (string)(await client.ReadAsync($"/workflow-instances/{trial}"))["definitionVersionId"]!;
        var drawn = await client.ReadAsync($"/workflow-definitions/by-id/{shown}");
        var nodes = await client.ReadAsync($"/workflow-definitions/subgraph/{shown}?parentNodeId=Workflow1");

        Assert.Equal("drawn-five", (string)drawn["definitionId"]!);
        Assert.Contains(drawn["root"]!["activities"]!.AsArray(), a => (string)a!["id"]! == "Hello");
        Assert.Contains("\"Hello\"", nodes.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"Renamed\"", nodes.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_that_cannot_run_says_so_in_the_header_and_starts_nothing()
    {
        await service.ImportAsync("exports/server-five.json", "broken-five", document =>
            document["root"]!["activities"]!.AsArray().Single(a => (string)a!["id"]! == "Hello")!["text"]!["expression"] =
                new JsonObject { ["type"] = "JavaScript", ["value"] = "this is (no script" }, publish: false);
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        using var answer = await client.PostAsJsonAsync("/elsa/api/workflow-definitions/broken-five/execute", new { versionOptions = "Latest" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("True", answer.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
        Assert.Equal([], await ListAsync(client, new { definitionId = "broken-five" }));
        using var unknown = await client.PostAsJsonAsync("/elsa/api/workflow-definitions/no-such/execute", new { });
        Assert.Equal("definition-not-found", await unknown.CodeAsync());
    }

    [Theory]
    [InlineData("/workflow-instances/nope")]
    [InlineData("/workflow-instances/00000000000000000000000000000000/journal")]
    [InlineData("/activity-executions/by-id?id=nope")]
    [InlineData("/activity-executions/by-id")]
    [InlineData("/activity-executions/list")]
    [InlineData("/activity-executions/nope/call-stack")]
    [InlineData("/runtime/status")]
    public async Task What_is_not_there_is_404(string path)
    {
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        using var answer = await client.GetAsync("/elsa/api" + path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private Task<string> SopIdAsync() =>
        service.OfDatabaseAsync(db => db.DefinitionVersions.Where(v => v.SopSlug != null).OrderBy(v => v.Version).Select(v => v.DefinitionId).FirstAsync());

    private static async Task<List<string>> ListAsync(HttpClient client, object conditions) =>
        [.. (await client.AskAsync("/workflow-instances", conditions))["items"]!.AsArray().Select(i => (string)i!["id"]!)];
}
