using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace PpidWorkflow.Web.Tests.Rest;

public sealed class ApiShapeTests(TestService service) : IClassFixture<TestService>
{
    [Theory]
    [InlineData("GET", "/api/v1/tasks", HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("GET", "/api/v1/no-such-thing", HttpStatusCode.NotFound, "route-not-found")]
    [InlineData("GET", "/api/v1/cases/not-an-id", HttpStatusCode.NotFound, "route-not-found")]
    [InlineData("DELETE", "/api/v1/cases", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    public async Task What_the_framework_refuses_is_a_problem_too(string method, string path, HttpStatusCode status, string code)
    {
        using var client = service.CreateClient();
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, await answer.CodeAsync());
    }

    [Theory]
    [InlineData("{\"title\":", "application/json", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("[1]", "application/json", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("{\"title\":\"a\\u0000\"}", "application/json", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("{\"definitionId\":\"a\",\"definitionId\":\"b\"}", "application/json", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("{\"definitionId\":5}", "application/json", HttpStatusCode.UnprocessableEntity, "wrong-type")]
    [InlineData("{\"title\":\"\\ud800\"}", "application/json", HttpStatusCode.UnprocessableEntity, "wrong-type")]
    [InlineData("{\"title\":{\"a\":1}}", "application/json", HttpStatusCode.UnprocessableEntity, "wrong-type")]
    [InlineData("title=a", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    public async Task Bodies_that_cannot_be_read_are_told_apart(string body, string type, HttpStatusCode status, string code)
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var answer = await client.PostAsync("/api/v1/cases", new StringContent(body, Encoding.UTF8, type));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, await answer.CodeAsync());
    }

    [Fact]
    public async Task A_wrong_type_names_its_field()
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var answer = await client.PostAsync(
            $"/api/v1/tasks/{Guid.NewGuid()}/complete",
            new StringContent("""{"revision":0,"fields":{"hardcopyItems":[{"quantity":"2"}]}}""", Encoding.UTF8, "application/json"));

        var codes = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("codes");
        Assert.Equal("wrong-type", codes.GetProperty("fields.hardcopyItems[0].quantity")[0].GetString());
    }

    [Fact]
    public async Task A_body_over_a_megabyte_is_refused()
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var answer = await client.PostAsync(
            "/api/v1/cases", new StringContent(new string(' ', 1024 * 1024 + 1), Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("body-too-large", await answer.CodeAsync());
    }

    [Theory]
    [InlineData("/api/v1/tasks?pageSize=0", "page-size-invalid")]
    [InlineData("/api/v1/tasks?pageSize=201", "page-size-invalid")]
    [InlineData("/api/v1/cases?pageSize=a", "page-size-invalid")]
    [InlineData("/api/v1/tasks?mine=perhaps", "wrong-type")]
    [InlineData("/api/v1/board?state=late", "unknown-state-filter")]
    [InlineData("/api/v1/board?after=x", "cursor-invalid")]
    [InlineData("/api/v1/board?pageSize=0", "page-size-invalid")]
    [InlineData("/api/v1/calendar/due?receivedAt=now&minutes=5", "instant-invalid")]
    [InlineData("/api/v1/calendar/due?receivedAt=2026-03-02T08:00:00Z&minutes=-1", "minutes-invalid")]
    public async Task Query_values_are_checked(string path, string code)
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var answer = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(code, await answer.CodeAsync());
    }

    [Fact]
    public async Task Working_time_ends_at_closing_and_goes_on_the_next_morning()
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        var due = await client.GetFromJsonAsync<JsonElement>("/api/v1/calendar/due?receivedAt=2026-02-02T15:58:00%2B07:00&minutes=5");

        Assert.Equal(new DateTimeOffset(2026, 2, 3, 0, 33, 0, TimeSpan.Zero), due.GetProperty("dueAt").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("", "Belum masuk")]
    [InlineData("en", "Not signed in")]
    public async Task Problems_speak_Indonesian_unless_asked_otherwise(string language, string title)
    {
        using var client = service.CreateClient();
        if (language.Length > 0)
            client.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue(language));
        var problem = await (await client.GetAsync("/api/v1/tasks")).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(title, problem.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Answers_carry_headers_that_keep_the_browser_here()
    {
        using var client = service.CreateClient();
        foreach (var path in (string[])["/health/live", "/api/v1/tasks", "/hangfire"])
        {
            using var answer = await client.GetAsync(path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task The_same_key_gives_the_same_case_and_another_body_is_refused()
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        object Case(string title) => new { title, exemptionBasis = "a", determinationNumber = "1/2026", determinationDate = "2026-02-02" };

        using var first = await client.PostAsJsonAsync("/api/v1/cases", Case("Satu"));
        using var second = await client.PostAsJsonAsync("/api/v1/cases", Case("Satu"));
        using var other = await client.PostAsJsonAsync("/api/v1/cases", Case("Dua"));

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal("idempotency-key-reused", await other.CodeAsync());
    }

    [Fact]
    public async Task A_key_of_more_than_a_hundred_characters_is_refused()
    {
        using var client = await service.ApiClientAsync("kasubid.informasi");
        client.DefaultRequestHeaders.Add("Idempotency-Key", new string('k', 101));
        using var answer = await client.PostAsJsonAsync("/api/v1/cases", new { });

        Assert.Equal("idempotency-key-invalid", await answer.CodeAsync());
    }

    [Fact]
    public async Task A_file_goes_up_in_one_part_and_comes_down_as_it_was()
    {
        using var own = new TestService();
        using var head = await own.ApiClientAsync("kasubid.informasi");
        using var created = await head.PostAsJsonAsync(
            "/api/v1/cases",
            new { title = "Berkas", exemptionBasis = "a", determinationNumber = "2/2026", determinationDate = "2026-02-02" });
        created.EnsureSuccessStatusCode();
        var first = (await head.GetFromJsonAsync<JsonElement>("/api/v1/tasks")).GetProperty("items")[0].GetProperty("id").GetGuid();
        using var assigned = await head.PostAsJsonAsync($"/api/v1/tasks/{first}/complete",
            new { revision = 0, assignTo = "petugas.informasi" });
        assigned.EnsureSuccessStatusCode();
        using var officer = await own.ApiClientAsync("petugas.informasi");
        var task = (await officer.GetFromJsonAsync<JsonElement>("/api/v1/tasks")).GetProperty("items")[0].GetProperty("id").GetGuid();
        var content = Encoding.UTF8.GetBytes("isi berkas");

        using var up = await officer.PostAsync($"/api/v1/tasks/{task}/files", Form(content, "berkas rahasia ü.txt"));
        using var down = await officer.GetAsync(up.Headers.Location);
        using var empty = await officer.PostAsync($"/api/v1/tasks/{task}/files", Form([], "kosong.txt"));
        using var none = await officer.PostAsync($"/api/v1/tasks/{task}/files",
            new MultipartFormDataContent { { new StringContent("x"), "other" } });
        using var json = await officer.PostAsJsonAsync($"/api/v1/tasks/{task}/files", new { });
        using var torn = await officer.PostAsync($"/api/v1/tasks/{task}/files", Torn());

        Assert.Equal(HttpStatusCode.Created, up.StatusCode);
        var file = await up.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("berkas rahasia ü.txt", file.GetProperty("name").GetString());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), file.GetProperty("sha256")
            .GetString());
        Assert.Equal(content, await down.Content.ReadAsByteArrayAsync());
        Assert.Equal("attachment", down.Content.Headers.ContentDisposition?.DispositionType);
        Assert.True(down.Headers.CacheControl?.NoStore);
        Assert.Equal("file-empty", await empty.CodeAsync());
        Assert.Equal("file-name-required", await none.CodeAsync());
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        Assert.Equal("malformed-request", await torn.CodeAsync());
        Assert.Single(Directory.GetFiles(Path.Combine(own.DataPath, "vault"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_OpenAPI_document_lists_every_route_and_the_page_loads_nothing_from_elsewhere()
    {
        using var client = service.CreateClient();
        var paths = (await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json")).GetProperty("paths");
        var routes = paths.EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}")).ToHashSet();
        const string Definition = "/api/v1/definitions/{definitionId}";
        const string Version = Definition + "/versions/{version}";
        string[] revisionActs = ["propose", "explain", "withdraw", "approve", "reject"];
        string[] acts = ["start", "claim", "release", "complete", "return", "take-back", "pause", "resume", "reassign", "remind",
            "comments", "files"];

        Assert.Equal(
            ((string[])
            [
                "POST /api/v1/auth/token", "POST /api/v1/cases", "GET /api/v1/cases", "GET /api/v1/cases/{id}", "GET /api/v1/tasks",
                    "GET /api/v1/tasks/{id}",
                "GET /api/v1/alerts", "POST /api/v1/alerts/{id}/acknowledge",
                "GET /api/v1/files/{id}", "GET /api/v1/calendar/due", "GET /api/v1/calendar/month",
                    "GET /api/v1/calendar/year", "POST /api/v1/calendar/closed-days", "POST /api/v1/calendar/closed-days/{id}",
                    "POST /api/v1/calendar/closed-days/{id}/withdraw", "POST /api/v1/calendar/regimes", "POST /api/v1/calendar/regimes/{id}",
                    "POST /api/v1/calendar/regimes/{id}/withdraw", "POST /api/v1/calendar/confirm", "POST /api/v1/calendar/import",
                "GET /api/v1/absences", "POST /api/v1/absences", "GET /api/v1/absences/{id}", "POST /api/v1/absences/{id}/end",
                    "POST /api/v1/absences/{id}/substitute", "GET /api/v1/appointments", "POST /api/v1/appointments",
                    "POST /api/v1/appointments/{id}/end", "GET /api/v1/transfers", "POST /api/v1/transfers/accept",
                    "POST /api/v1/transfers/{id}/accept", "POST /api/v1/transfers/{id}/decline",
                "GET /api/v1/board", "GET /api/v1/me/preferences", "PUT /api/v1/me/preferences",
                "GET /api/v1/dead-letters", "POST /api/v1/dead-letters/{id}/deliver", "POST /api/v1/dead-letters/{id}/discard",
                "GET /api/v1/outages", "POST /api/v1/outages", "POST /api/v1/outages/{id}/annul",
                "GET /api/v1/definitions", $"GET {Definition}", $"GET {Definition}/running", $"GET {Definition}/migration",
                    $"POST {Definition}/migration", $"GET {Version}", $"GET {Version}/rehearsal",
                .. revisionActs.Select(act => $"POST {Version}/{act}"), .. acts.Select(act => $"POST /api/v1/tasks/{{id}}/{act}")
            ]).ToHashSet(),
            routes);
        var page = await client.GetStringAsync("/scalar/");
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
    }

    private static MultipartFormDataContent Form(byte[] content, string name) => new() { { new ByteArrayContent(content), "file", name } };

    private static ByteArrayContent Torn() =>
        new("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf"u8.ToArray())
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b") }
        };
}
