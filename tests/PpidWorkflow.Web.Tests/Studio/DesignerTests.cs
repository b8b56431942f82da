using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Web.Pages.Designer;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>The frame around Elsa Studio: its files, who gets in, its token, and what the panel says.</summary>
public sealed partial class DesignerTests(TestService service) : IClassFixture<TestService>
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Files => service.Services.GetRequiredService<StudioFiles>().Address
        ?? throw new InvalidOperationException("npm ci has not run: Elsa Studio is not there.");

    [Theory]
    [InlineData("pengelola.sop", HttpStatusCode.OK)]
    [InlineData("kepala.biro", HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.OK)]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("petugas.informasi", HttpStatusCode.Forbidden)]
    [InlineData("kasubid.dokumentasi", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Found)]
    public async Task Only_who_has_to_do_with_definitions_opens_it(string? userName, HttpStatusCode expected)
    {
        using var browser = userName is null ? service.CreateClient() : await service.BrowserAsync(userName);
        foreach (var address in (string[])["/designer", $"/designer/{Sop}", "/designer/instances", "/designer/instances/x", $"/designer/panel/{Sop}", "/designer/family/x"])
        {
            using var answer = await browser.GetAsync(address, Cancellation);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    /// <summary>Studio's viewer knows of no other instance: the bar above it leads from a parent to its children and back.</summary>
    [Fact]
    public async Task From_an_instance_the_ones_it_started_and_the_one_that_started_it_can_be_opened()
    {
        await service.ImportAsync("exports/server-five.json", "family-child");
        var starts = new JsonObject
        {
            ["type"] = "Elsa.BulkDispatchWorkflows",
            ["version"] = 1,
            ["id"] = "Bulk",
            ["workflowDefinitionId"] = "family-child",
            ["items"] = new JsonArray([.. Enumerable.Range(1, 52).Select(n => JsonValue.Create(n))])
        };
        await service.ImportAsync("exports/server-five.json", "family-parent", document => document["root"] = starts, publish: false);
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var parent = await client.ExecuteAsync("family-parent");
        using var browser = await service.BrowserAsync("auditor");
        async Task<JsonNode?> FamilyOf(string id) => await browser.GetFromJsonAsync<JsonNode>($"/designer/family/{id}", Cancellation);

        var family = (await FamilyOf(parent))!;
        var children = family["children"]!.AsArray();
        var child = (string)children[0]!["id"]!;
        var above = (await FamilyOf(child))!;

        Assert.Null(family["parent"]);
        Assert.Equal((50, "dan 2 lagi dalam daftar instans", "Memulai 52 alur"), (children.Count, (string?)family["more"], (string?)family["started"]));
        Assert.Equal(($"/designer/instances/{child}", "Menunggu"), ((string?)children[0]!["address"], (string?)children[0]!["stand"]));
        Assert.Equal(parent, (string)(await client.ReadAsync($"/workflow-instances/{child}"))["parentWorkflowInstanceId"]!);
        Assert.Equal((parent, 0), ((string?)above["parent"]!["id"], above["children"]!.AsArray().Count));
        Assert.Null(await FamilyOf(Guid.NewGuid().ToString("n")));
        Assert.Null(await FamilyOf("x"));
    }

    [Fact]
    public async Task The_document_asks_no_other_host_and_allows_no_script_but_its_own()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        using var answer = await browser.GetAsync("/designer", Cancellation);
        var html = await answer.Content.ReadAsStringAsync(Cancellation);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();

        Assert.DoesNotMatch("""(?:href|src)="(?:https?:)?//""", html);
        Assert.Contains("'wasm-unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("script-src[^;]*'unsafe-inline'", policy);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var office = await browser.GetAsync("/cases", Cancellation);
        Assert.DoesNotContain("wasm", office.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_framework/blazor.webassembly.js", "text/javascript", true)]
    [InlineData("_content/MudBlazor/MudBlazor.min.css", "text/css", true)]
    [InlineData("_framework/icudt.oh1zvcfom8.dat", "application/octet-stream", true)]
    [InlineData("_content/Elsa.Studio.Shell/favicon.ico", "image/x-icon", true)]
    public async Task Its_files_are_kept_for_good_and_come_as_npm_compressed_them(string path, string type, bool compressed)
    {
        using var client = service.CreateClient();
        using var plain = await client.GetAsync($"{Files}/{path}", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Files}/{path}");
        request.Headers.AcceptEncoding.ParseAdd("gzip, br;q=0.9");
        using var brotli = await client.SendAsync(request, Cancellation);

        foreach (var answer in (HttpResponseMessage[])[plain, brotli])
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
        }
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal(compressed ? ["br"] : [], brotli.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", plain.Headers.Vary);
        Assert.NotEqual(plain.Headers.ETag, brotli.Headers.ETag);
        var unpacked = new MemoryStream();
        await new System.IO.Compression.BrotliStream(
            await brotli.Content.ReadAsStreamAsync(Cancellation), System.IO.Compression.CompressionMode.Decompress).CopyToAsync(unpacked, Cancellation);
        Assert.Equal(await plain.Content.ReadAsByteArrayAsync(Cancellation), unpacked.ToArray());
    }

    [Theory]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip;q=1.0, br;q=0", "gzip")]
    [InlineData("deflate", null)]
    [InlineData("*", null)]
    public async Task Without_brotli_a_browser_gets_what_it_accepts(string accepts, string? expected)
    {
        using var client = service.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", accepts);
        using var answer = await client.GetAsync($"{Files}/_framework/dotnet.js", Cancellation);

        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task WebAssembly_has_its_type_and_an_unchanged_file_is_not_sent_again()
    {
        var package = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "studio.path")).Trim();
        var module = Path.GetFileName(Directory.EnumerateFiles(Path.Combine(package, "_framework"), "*.wasm").First());
        using var client = service.CreateClient();
        using var answer = await client.GetAsync($"{Files}/_framework/{module}", Cancellation);
        client.DefaultRequestHeaders.IfNoneMatch.Add(answer.Headers.ETag!);
        using var again = await client.GetAsync($"{Files}/_framework/{module}", Cancellation);

        Assert.Equal("application/wasm", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("_framework/../../appsettings.json")]
    [InlineData("_framework/%2e%2e/%2e%2e/%2e%2e/package.json")]
    [InlineData("index.html")]
    [InlineData("package.json")]
    [InlineData("_framework/blazor.webassembly.js.br")]
    [InlineData("_framework/nothing.wasm")]
    public async Task Nothing_but_its_files_is_served(string path)
    {
        using var client = service.CreateClient();
        using var answer = await client.GetAsync($"{Files}/{path}", Cancellation);

        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Files_of_another_package_are_not_there()
    {
        using var client = service.CreateClient();
        using var answer = await client.GetAsync($"{StudioFiles.Root}/0123456789ab/_framework/blazor.webassembly.js", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void Without_the_package_there_is_no_address() => Assert.Null(new StudioFiles(() => null).Address);

    [Fact]
    public async Task Without_the_package_the_page_says_what_to_install()
    {
        await using var bare = service.WithWebHostBuilder(builder => Microsoft.AspNetCore.TestHost.WebHostBuilderExtensions.ConfigureTestServices(
            builder, services => services.AddSingleton(new StudioFiles(() => null))));
        using var client = bare.CreateClient();
        using var browser = await service.BrowserAsync("pengelola.sop");
        client.DefaultRequestHeaders.Add("Cookie", browser.DefaultRequestHeaders.GetValues("Cookie"));
        var html = await client.GetStringAsync("/designer", Cancellation);

        Assert.Contains("Node.js", html, StringComparison.Ordinal);
        Assert.DoesNotContain("blazor.webassembly.js", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_gets_a_token_for_ten_minutes_that_opens_the_API()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        using var answer = await AskTokenAsync(browser, await FormTokenAsync(browser));
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation);

        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(service.Time.GetUtcNow() + Access.StudioLifetime, token.GetProperty("expiresAt").GetDateTimeOffset());
        using var studio = service.CreateClient();
        studio.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        using var features = await studio.GetAsync("/elsa/api/features/installed", Cancellation);
        Assert.Equal(HttpStatusCode.OK, features.StatusCode);
        using var elsewhere = await studio.GetAsync("/api/v1/tasks", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    [Fact]
    public async Task There_is_no_token_without_the_page_nor_for_another_officer()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        using var without = await AskTokenAsync(browser, null);
        using var other = await service.BrowserAsync("kepala.biro");
        // Its own form cookie, the form token of the page that the first officer has open.
        await FormTokenAsync(other);
        using var foreign = await AskTokenAsync(other, await FormTokenAsync(browser));
        using var nobody = service.CreateClient();
        using var unknown = await nobody.PostAsync("/designer/token", null, Cancellation);

        Assert.Equal(HttpStatusCode.Conflict, without.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.Found, unknown.StatusCode);
    }

    [Fact]
    public async Task The_panel_tells_state_author_and_that_nothing_is_wrong()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        var panel = await browser.GetFromJsonAsync<JsonObject>($"/designer/panel/{Sop}", Cancellation);

        Assert.Equal("inForce", panel!["state"]!.GetValue<string>());
        Assert.Equal("Berlaku", panel["stateText"]!.GetValue<string>());
        Assert.Equal(1, panel["inForceVersion"]!.GetValue<int>());
        Assert.StartsWith("sistem, ", panel["saved"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(panel["mayWrite"]!.GetValue<bool>());
        Assert.DoesNotContain(panel["problems"]!.AsArray(), p => p!["severity"]!.GetValue<string>() == "error");
        using var auditor = await service.BrowserAsync("auditor");
        Assert.False((await auditor.GetFromJsonAsync<JsonObject>($"/designer/panel/{Sop}", Cancellation))!["mayWrite"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_definition_that_nobody_saved_has_an_empty_panel()
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        Assert.Equal("null", await browser.GetStringAsync("/designer/panel/nothing", Cancellation));
    }

    [Theory]
    [InlineData("/designer/workflows/definitions/x/edit", "/designer/x")]
    [InlineData("/designer/workflows/instances/y/view", "/designer/instances/y")]
    [InlineData("/designer/workflows/instances", "/designer/instances")]
    [InlineData("/designer/workflows/definitions", "/designer")]
    public async Task Addresses_that_Studio_makes_lead_to_ours(string address, string target)
    {
        using var browser = await service.BrowserAsync("pengelola.sop");
        using var answer = await browser.GetAsync(address, Cancellation);

        Assert.Equal(target, answer.Headers.Location!.OriginalString);
    }

    private static async Task<string> FormTokenAsync(HttpClient browser)
    {
        using var answer = await browser.GetAsync("/designer", Cancellation);
        // A browser would keep the form cookie that comes with the first page.
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies) && !browser.DefaultRequestHeaders.GetValues("Cookie").Any(c => c.Contains("ppid-form", StringComparison.Ordinal)))
        {
            var signedIn = browser.DefaultRequestHeaders.GetValues("Cookie").Single();
            browser.DefaultRequestHeaders.Remove("Cookie");
            browser.DefaultRequestHeaders.Add("Cookie", $"{signedIn}; {cookies.Single(c => c.StartsWith("ppid-form", StringComparison.Ordinal)).Split(';')[0]}");
        }
        return JsonNode.Parse(Settings().Match(await answer.Content.ReadAsStringAsync(Cancellation)).Groups[1].Value)!["formToken"]!.GetValue<string>();
    }

    private static async Task<HttpResponseMessage> AskTokenAsync(HttpClient browser, string? formToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/designer/token");
        if (formToken is not null)
            request.Headers.Add("RequestVerificationToken", formToken);
        return await browser.SendAsync(request, Cancellation);
    }

    [GeneratedRegex("""id="designer-settings">(.*?)</script>""")]
    private static partial Regex Settings();
}
