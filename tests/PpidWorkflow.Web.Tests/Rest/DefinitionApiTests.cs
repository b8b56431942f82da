using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>Revisions through the API: proposed, approved, in force; cases moved; refusals with status and code.</summary>
public sealed class DefinitionApiTests : IDisposable
{
    internal const string Sop = "pendokumentasian-informasi-dikecualikan";
    internal const string Root = "/api/v1/definitions";
    private readonly TestService _service = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task A_revision_goes_its_way_and_a_running_case_is_moved()
    {
        using var head = await _service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        }, Cancellation);
        var caseId = (await Read(opened, HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var draft = await DraftAsync();
        using var manager = await _service.ApiClientAsync("pengelola.sop");
        using var approver = await _service.ApiClientAsync("kepala.biro");

        var version = await GetAsync(manager, $"{Root}/{Sop}/versions/2");
        Assert.Equal(("draft", 1), (version.GetProperty("version").GetProperty("state").GetString(), version.GetProperty("comparedWith").GetInt32()));
        var change = Assert.Single(version.GetProperty("changes").EnumerateArray());
        Assert.Equal("step-standard-changed", change.GetProperty("code").GetString());
        Assert.Equal("Langkah 2: waktu baku dari 15 menit menjadi 20 menit", change.GetProperty("text").GetString());
        Assert.Equal(("1", 1), (version.GetProperty("running")[0].GetProperty("step").GetString(), version.GetProperty("runningCases").GetInt32()));
        Assert.Equal("changed", version.GetProperty("rows")[1].GetProperty("fate").GetString());

        var proposed = await PostAsync(manager, $"{Root}/{Sop}/versions/2/propose",
            new { reason = "Waktu terlalu singkat", revisedOn = "2026-03-02", contentHash = draft });
        Assert.Equal(("proposed", 2), (proposed.GetProperty("state").GetString(), proposed.GetProperty("revisionNumber").GetInt32()));
        var hash = proposed.GetProperty("contentHash").GetString();
        Assert.Equal("revision-changed", await RefusedAsync(approver, $"{Root}/{Sop}/versions/2/approve", new { contentHash = draft }, HttpStatusCode.Conflict));

        var approved = await PostAsync(approver, $"{Root}/{Sop}/versions/2/approve", new { contentHash = hash });
        Assert.Equal("inForce", approved.GetProperty("state").GetString());
        var list = await GetAsync(approver, Root);
        var item = list.GetProperty("items").EnumerateArray().Single(d => d.GetProperty("definitionId").GetString() == Sop);
        Assert.Equal((2, JsonValueKind.Null), (item.GetProperty("inForce").GetProperty("version").GetInt32(), item.GetProperty("open").ValueKind));
        var history = await GetAsync(approver, $"{Root}/{Sop}");
        Assert.Equal(["inForce", "superseded"], history.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("state").GetString()));

        var run = await GetAsync(approver, $"{Root}/{Sop}/migration");
        var preview = Assert.Single(run.GetProperty("items").EnumerateArray());
        Assert.True(preview.GetProperty("moves").GetBoolean());
        var order = new { toVersion = run.GetProperty("toVersion").GetInt32(), cases = new[] { new { caseId, revision = preview.GetProperty("revision").GetInt32() } } };
        Assert.Equal("migration-not-yours", await RefusedAsync(approver, $"{Root}/{Sop}/migration", order, HttpStatusCode.Forbidden));
        var moved = await PostAsync(manager, $"{Root}/{Sop}/migration", order);
        Assert.True(Assert.Single(moved.GetProperty("items").EnumerateArray()).GetProperty("moved").GetBoolean());
        Assert.Equal(2, (await GetAsync(head, $"/api/v1/cases/{caseId}")).GetProperty("definitionVersion").GetInt32());
        Assert.Equal(2, (await GetAsync(manager, $"{Root}/{Sop}/running")).GetProperty("items")[0].GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_repeated_approval_with_the_same_key_gives_the_first_answer()
    {
        await DraftAsync();
        using var manager = await _service.ApiClientAsync("pengelola.sop");
        using var approver = await _service.ApiClientAsync("kepala.biro");
        var hash = (await PostAsync(manager, $"{Root}/{Sop}/versions/2/propose", new { reason = "Alasan" })).GetProperty("contentHash").GetString();
        approver.DefaultRequestHeaders.Add("Idempotency-Key", "sahkan-2");

        var first = await PostAsync(approver, $"{Root}/{Sop}/versions/2/approve", new { contentHash = hash });
        var second = await PostAsync(approver, $"{Root}/{Sop}/versions/2/approve", new { contentHash = hash });

        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    [Fact]
    public async Task A_migration_with_a_key_moves_every_case_named_and_not_only_the_first()
    {
        using var head = await _service.ApiClientAsync("kasubid.informasi");
        for (var i = 1; i <= 3; i++)
        {
            using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
            {
                title = "Laporan",
                exemptionBasis = "j",
                determinationNumber = $"188.44/{i}/2026",
                determinationDate = "2026-02-02"
            }, Cancellation);
            Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        }
        await DraftAsync();
        using var manager = await _service.ApiClientAsync("pengelola.sop");
        using var approver = await _service.ApiClientAsync("kepala.biro");
        var hash = (await PostAsync(manager, $"{Root}/{Sop}/versions/2/propose", new { reason = "Alasan" })).GetProperty("contentHash").GetString();
        await PostAsync(approver, $"{Root}/{Sop}/versions/2/approve", new { contentHash = hash });
        var run = await GetAsync(manager, $"{Root}/{Sop}/migration");
        manager.DefaultRequestHeaders.Add("Idempotency-Key", "pindah-2");

        var body = new
        {
            toVersion = 2,
            cases = run.GetProperty("items").EnumerateArray()
                .Select(c => new { caseId = c.GetProperty("caseId").GetGuid(), revision = c.GetProperty("revision").GetInt32() }).ToArray()
        };
        var moved = await PostAsync(manager, $"{Root}/{Sop}/migration", body);
        var again = await PostAsync(manager, $"{Root}/{Sop}/migration", body);

        Assert.Equal(3, moved.GetProperty("items").EnumerateArray().Count(o => o.GetProperty("moved").GetBoolean()));
        Assert.Equal(3, moved.GetProperty("items").EnumerateArray().Select(o => o.GetProperty("number").GetString()).Distinct().Count());
        Assert.Equal(moved.GetRawText(), again.GetRawText());
        Assert.Empty((await GetAsync(manager, $"{Root}/{Sop}/migration")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_navigation_leads_readers_to_definitions_and_the_approver_finds_the_proposal_in_his_inbox()
    {
        await DraftAsync();
        using var manager = await _service.ApiClientAsync("pengelola.sop");
        await PostAsync(manager, $"{Root}/{Sop}/versions/2/propose", new { reason = "Alasan" });

        Assert.Contains("href=\"/definitions\"", await PageAsync("auditor"));
        Assert.DoesNotContain("href=\"/definitions\"", await PageAsync("petugas.informasi"));
        Assert.Contains($"/definitions/{Sop}/versions/2", await PageAsync("kepala.biro"));
        Assert.DoesNotContain($"/definitions/{Sop}/versions/2", await PageAsync("pengelola.sop"));

        async Task<string> PageAsync(string by)
        {
            using var browser = await _service.BrowserAsync(by);
            return await browser.GetStringAsync("/", Cancellation);
        }
    }

    private Task<string> DraftAsync() => DraftAsync(_service);

    /// <summary>Version 2: step 2 in 20 minutes.</summary>
    internal static async Task<string> DraftAsync(TestService service)
    {
        var content = await service.InScopeAsync<DefinitionLibrary, Result<byte[]>>(l => l.ExportAsync(Sop, 1, Cancellation));
        var document = JsonNode.Parse(content.Value)!;
        document["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.ToString() == "Step2")!["standardTime"]!["expression"]!["value"] = "PT20M";
        var imported = await service.InScopeAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            Encoding.UTF8.GetBytes(document.ToJsonString()), null, publish: false, inForce: false, null, "pengelola.sop", Cancellation));
        Assert.Equal((2, RevisionState.Draft), (imported.Value.Version, imported.Value.State));
        return await service.OfDatabaseAsync(db => Task.FromResult(db.DefinitionVersions.Single(v => v.DefinitionId == Sop && v.Version == 2).ContentHash));
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancellation);
        return await Read(answer, HttpStatusCode.OK);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body, Cancellation);
        return await Read(answer, HttpStatusCode.OK);
    }

    private static async Task<string> RefusedAsync(HttpClient client, string path, object body, HttpStatusCode status)
    {
        using var answer = await client.PostAsJsonAsync(path, body, Cancellation);
        Assert.Equal(status, answer.StatusCode);
        return await answer.CodeAsync();
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }
}

/// <summary>Who may look and act, and what is refused: nothing of this changes anything, so one service with one draft serves all rows.</summary>
public sealed class DefinitionAccessTests(DefinitionAccessTests.OfficeWithDraft office) : IClassFixture<DefinitionAccessTests.OfficeWithDraft>
{
    public sealed class OfficeWithDraft : IAsyncLifetime
    {
        public TestService Service { get; } = new();

        public async ValueTask InitializeAsync() => await DefinitionApiTests.DraftAsync(Service);

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }

    [Theory]
    [InlineData("kasubid.informasi", "GET", "", null, 403, "definitions-not-yours")]
    [InlineData("kasubid.informasi", "GET", "/{sop}", null, 403, "definitions-not-yours")]
    [InlineData("kasubid.informasi", "GET", "/{sop}/versions/2", null, 403, "definitions-not-yours")]
    [InlineData("kasubid.informasi", "GET", "/{sop}/versions/1", null, 200, null)]
    [InlineData("kasubid.informasi", "GET", "/{sop}/running", null, 403, "definitions-not-yours")]
    [InlineData("kasubid.informasi", "GET", "/{sop}/migration", null, 403, "migration-not-yours")]
    [InlineData("auditor", "GET", "/{sop}/versions/2", null, 200, null)]
    [InlineData("admin", "GET", "/{sop}/versions/2", null, 200, null)]
    [InlineData("auditor", "GET", "/{sop}/versions/99", null, 404, "revision-not-found")]
    [InlineData("auditor", "GET", "/tidak-ada", null, 404, "definition-unknown")]
    [InlineData("auditor", "GET", "/{sop}/versions/dua", null, 404, "route-not-found")]
    [InlineData("auditor", "GET", "/{sop}/running?pageSize=0", null, 422, "page-size-invalid")]
    [InlineData("auditor", "GET", "/{sop}/running?after=zzz", null, 422, "cursor-invalid")]
    [InlineData("pengelola.sop", "GET", "/{sop}/migration?after=zzz", null, 422, "cursor-invalid")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/2/propose", """{"revisedOn":"besok"}""", 422, "wrong-type")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/2/propose", """{"revisionNumber":"2"}""", 422, "wrong-type")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/2/propose", """{"revisionNumber":1}""", 422, "revision-number-invalid")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/2/propose", """{"contentHash":"x"}""", 409, "revision-changed")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/1/propose", "{}", 409, "revision-not-a-draft")]
    [InlineData("kepala.biro", "POST", "/{sop}/versions/2/propose", "{}", 403, "forbidden")]
    [InlineData("kepala.biro", "POST", "/{sop}/versions/2/approve", "{}", 409, "revision-not-proposed")]
    [InlineData("kepala.biro", "POST", "/{sop}/versions/2/approve", """{"effectiveAt":"besok"}""", 422, "instant-invalid")]
    [InlineData("kepala.biro", "POST", "/{sop}/versions/99/reject", """{"reason":"x"}""", 404, "revision-not-found")]
    [InlineData("pengelola.sop", "POST", "/{sop}/versions/2/withdraw", "{}", 409, "revision-not-withdrawable")]
    [InlineData("pengelola.sop", "POST", "/{sop}/migration", "{}", 422, "field-required")]
    [InlineData("pengelola.sop", "POST", "/{sop}/migration", """{"toVersion":1}""", 422, "migration-none-chosen")]
    [InlineData("pengelola.sop", "POST", "/{sop}/migration", """{"toVersion":1,"cases":[null]}""", 422, "wrong-type")]
    [InlineData("pengelola.sop", "POST", "/{sop}/migration", """{"toVersion":1,"cases":["x"]}""", 422, "wrong-type")]
    [InlineData("pengelola.sop", "POST", "/tidak-ada/migration", """{"toVersion":1,"cases":[{"caseId":"01990000-0000-7000-8000-000000000000","revision":1}]}""",
        404, "definition-unknown")]
    public async Task Each_refusal_has_its_status_and_code(string by, string method, string path, string? body, int status, string? code)
    {
        using var client = await office.Service.ApiClientAsync(by);
        using var request = new HttpRequestMessage(new HttpMethod(method), DefinitionApiTests.Root + path.Replace("{sop}", DefinitionApiTests.Sop, StringComparison.Ordinal));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        if (code is not null)
            Assert.Equal(code, await answer.CodeAsync());
    }

    [Theory]
    [InlineData("pengelola.sop", "/definitions", 200)]
    [InlineData("kepala.biro", "/definitions/{sop}", 200)]
    [InlineData("auditor", "/definitions/{sop}/versions/2", 200)]
    [InlineData("admin", "/definitions/{sop}/versions/2/export", 200)]
    [InlineData("kasubid.informasi", "/definitions", 403)]
    [InlineData("kasubid.informasi", "/definitions/{sop}", 403)]
    [InlineData("kasubid.informasi", "/definitions/{sop}/versions/2", 403)]
    [InlineData("kasubid.informasi", "/definitions/{sop}/versions/1", 200)]
    [InlineData("kasubid.informasi", "/definitions/{sop}/versions/1/export", 403)]
    [InlineData("kasubid.informasi", "/definitions/{sop}/migration", 403)]
    [InlineData("auditor", "/definitions/{sop}/migration", 403)]
    [InlineData("kepala.biro", "/definitions/{sop}/migration", 200)]
    [InlineData("pengelola.sop", "/definitions/tidak-ada", 404)]
    [InlineData("pengelola.sop", "/definitions/{sop}/versions/99", 404)]
    [InlineData("pengelola.sop", "/definitions/{sop}/versions/99/export", 404)]
    public async Task Pages_open_for_whom_they_are(string by, string path, int status)
    {
        using var browser = await office.Service.BrowserAsync(by);

        using var answer = await browser.GetAsync(path.Replace("{sop}", DefinitionApiTests.Sop, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
    }
}
