using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What the service refuses, in the real Studio: the panel says why, Studio claims nothing that did not happen, and it lives.</summary>
[Collection("Browser")]
public sealed class StudioRefusalTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acts_of_a_row_that_are_refused_say_so_and_leave_the_list_alive()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        var faulty = await DraftAsync(manager, "Definisi keliru", "JavaScript", "1 +");
        var proposed = await DraftAsync(manager, "Definisi diajukan", "Literal", "a", publish: true);
        var gone = await DraftAsync(manager, "Definisi hilang", "Literal", "a");
        await using var studio = await office.VisitAsync("pengelola.sop");
        await studio.OpenAsync("/designer", "tbody tr td:nth-child(3)");
        var refused = studio.Page.GetByTestId("panel-refused");
        // After the list was read: its row still offers what it offered.
        using (var deleted = await manager.DeleteAsync($"/elsa/api/workflow-definitions/{gone}", Cancellation))
            Assert.Equal(204, (int)deleted.StatusCode);
        await ChooseAsync(studio, gone, "Ajukan pengesahan");
        await Assertions.Expect(refused).ToContainTextAsync("Sudah tidak ada");
        await Assertions.Expect(Told(studio, "Tidak diajukan")).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.GetByTestId("panel-open")).ToHaveCountAsync(0);

        await ChooseAsync(studio, faulty, "Ajukan pengesahan");
        await Assertions.Expect(refused).ToContainTextAsync("Tulis line1");
        await Assertions.Expect(Told(studio, "Tidak diajukan")).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.GetByTestId("panel-open")).ToHaveAttributeAsync("href", $"/designer/{faulty}");
        await studio.ScreenshotAsync("designer-publish-refused");
        Assert.False(await IsProposedAsync(manager, faulty));

        await ChooseAsync(studio, faulty, "Run");
        await Assertions.Expect(Told(studio, "cannot be started")).ToBeVisibleAsync();

        await manager.AskAsync($"/workflow-definitions/{proposed}/retract", new { });
        await ChooseAsync(studio, proposed, "Tarik pengajuan");
        await Assertions.Expect(refused).ToContainTextAsync("tidak sedang diajukan");
        await Assertions.Expect(Told(studio, "Tidak ditarik")).ToBeVisibleAsync();

        // The next one is told as what it is.
        await ChooseAsync(studio, proposed, "Ajukan pengesahan");
        await Assertions.Expect(studio.Page.GetByTestId("panel-proposed")).ToBeVisibleAsync();
        await Assertions.Expect(Told(studio, "Diajukan untuk pengesahan")).ToBeVisibleAsync();
        Assert.True(await IsProposedAsync(manager, proposed));
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        StudioConflictTests.AssertRefusalsOnly(studio, 404, 409, 422);
    }

    [Fact]
    public async Task A_name_of_5000_characters_is_refused_where_it_is_typed()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        await using var studio = await office.VisitAsync("pengelola.sop");
        await studio.OpenAsync("/designer", "tbody tr td:nth-child(3)");
        var before = await CountAsync(manager);

        await studio.ClickAsync(studio.Page.Locator("button:visible", new PageLocatorOptions { HasText = "Create workflow" }), "Create workflow");
        var name = studio.Page.Locator(".mud-dialog .mud-input-control:has(label:text-is(\"Name\")) input").First;
        await name.FillAsync(new string('n', 5_000));
        await name.PressAsync("Tab");
        await studio.ClickAsync(
            studio.Page.Locator(".mud-dialog button", new PageLocatorOptions { HasTextRegex = new Regex("^\\s*Ok\\s*$", RegexOptions.IgnoreCase) }), "Ok");

        await Assertions.Expect(studio.Page.GetByTestId("panel-refused")).ToContainTextAsync("300");
        await Assertions.Expect(studio.Page.GetByTestId("panel-refused")).ToContainTextAsync("5000");
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        Assert.Equal(before, await CountAsync(manager));
        StudioConflictTests.AssertRefusalsOnly(studio, 422);
    }

    /// <summary>What Studio's requests come back as, field by field: what stock Elsa answers, or what tells Studio that nothing was done.</summary>
    [Fact]
    public async Task What_is_refused_reaches_Studio_in_forms_that_it_knows()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        var (_, number, _) = await office.StartCaseAsync("188.44/refused");
        var ofCase = await office.InstanceOfAsync(number);
        var faulty = await DraftAsync(manager, "Bentuk penolakan", "JavaScript", "1 +");
        await using var studio = await office.VisitAsync("pengelola.sop");
        await studio.OpenAsync("/designer", "tbody tr td:nth-child(3)");
        var forbidden = StudioClient.NewDefinition("Terlarang", "a");
        StudioClient.Activity(forbidden, "line1")["type"] = "Elsa.RunCSharp";

        // A save and a retraction: stock Elsa's 400, its sentences under "generalErrors".
        foreach (var (path, body, says) in (new (string, JsonNode, string)[]
        {
            ("/workflow-definitions", new JsonObject { ["model"] = forbidden, ["publish"] = false }, "Elsa.RunCSharp"),
            ($"/workflow-definitions/{StudioOffice.Sop}/retract", new JsonObject(), "sedang berlaku")
        }))
        {
            var (status, type, told) = await FetchAsync(studio, "POST", path, body);
            Assert.Equal((400, "application/problem+json"), (status, type));
            Assert.Equal(["type", "title", "status", "errors"], told!.AsObject().Select(m => m.Key));
            Assert.Equal(400, told["status"]!.GetValue<int>());
            Assert.Equal(["generalErrors"], told["errors"]!.AsObject().Select(e => e.Key));
            Assert.Contains(told["errors"]!["generalErrors"]!.AsArray(), s => s!.GetValue<string>().Contains(says, StringComparison.Ordinal));
            ElsaContract.AssertShape("refused", ElsaContract.Load("POST_bookmarks_resume")[0].ResponseBody!["errors"], told["errors"]);
        }

        // Proposing from the list and rolling back: the definition as it stands.
        var published = await FetchAsync(studio, "POST", $"/workflow-definitions/{faulty}/publish", new JsonObject());
        Assert.Equal(200, published.Status);
        Assert.Equal((faulty, true, 0, false), (
            published.Body!["workflowDefinition"]!["definitionId"]!.GetValue<string>(), published.Body["alreadyPublished"]!.GetValue<bool>(),
            published.Body["consumingWorkflowCount"]!.GetValue<int>(), published.Body["workflowDefinition"]!["isPublished"]!.GetValue<bool>()));
        var reverted = await FetchAsync(studio, "POST", $"/workflow-definitions/{StudioOffice.Sop}/revert/77", new JsonObject());
        Assert.Equal((200, 1), (reverted.Status, reverted.Body!["version"]!.GetValue<int>()));

        // Deletions, cancellations: none.
        foreach (var (method, path, status, body) in (new (string, string, int, string?)[]
        {
            ("DELETE", $"/workflow-definitions/{StudioOffice.Sop}", 204, null),
            ("DELETE", $"/workflow-instances/{ofCase}", 204, null),
            ("POST", $"/cancel/workflow-instances/{ofCase}", 200, null),
            ("POST", "/bulk-actions/cancel/workflow-instances/", 200, """{"cancelled":0}"""),
            ("POST", "/bulk-actions/delete/workflow-instances/by-id", 200, """{"deleted":0}"""),
            ("POST", "/bulk-actions/delete/workflow-definitions/by-definition-id", 200, """{"deleted":0}""")
        }))
        {
            var answer = await FetchAsync(studio, method, path, new JsonObject { ["ids"] = new JsonArray(ofCase), ["definitionIds"] = new JsonArray(StudioOffice.Sop) });
            Assert.Equal((status, body), (answer.Status, answer.Body?.ToJsonString()));
            await Assertions.Expect(studio.Page.GetByTestId("panel-refused")).ToBeVisibleAsync();
            await studio.Page.Locator(".designer-close").ClickAsync();
        }
        Assert.Equal("Running", (await manager.ReadAsync($"/workflow-instances/{ofCase}"))["status"]!.GetValue<string>());
        Assert.Equal(1, (await manager.ReadAsync($"/workflow-definitions/by-definition-id/{StudioOffice.Sop}?versionOptions=Published"))["version"]!.GetValue<int>());

        // What is kept of several is told though Studio is silent about it.
        await FetchAsync(studio, "POST", "/bulk-actions/retract/workflow-definitions/by-definition-ids", new JsonObject { ["definitionIds"] = new JsonArray(StudioOffice.Sop) });
        await Assertions.Expect(studio.Page.GetByTestId("panel-unchanged")).ToContainTextAsync("Pendokumentasian Informasi");

        // The database away for a moment is no refusal: a save waits and is sent again.
        var attempts = 0;
        await studio.Page.RouteAsync("**/elsa/api/workflow-definitions", route => route.Request.Method != "POST" || Interlocked.Increment(ref attempts) > 1
            ? route.ContinueAsync() : route.FulfillAsync(new RouteFulfillOptions { Status = 503, ContentType = "application/problem+json", Body = "{}" }));
        var before = await CountAsync(manager);
        var saved = await FetchAsync(
            studio, "POST", "/workflow-definitions", new JsonObject { ["model"] = StudioClient.NewDefinition("Menunggu", "a"), ["publish"] = false });
        Assert.Equal((200, 2), (saved.Status, attempts));
        Assert.Equal("Menunggu", saved.Body!["workflowDefinition"]!["name"]!.GetValue<string>());
        Assert.Equal(before + 1, await CountAsync(manager));
    }

    /// <summary>Asks as Studio does: through the page's own <c>fetch</c>.</summary>
    private static async Task<(int Status, string? Type, JsonNode? Body)> FetchAsync(StudioVisitor studio, string method, string path, JsonNode body)
    {
        var told = await studio.Page.EvaluateAsync<JsonElement>(
            """
            async ([method, path, body]) => {
              const answer = await fetch("/elsa/api" + path, { method, body, headers: { "Content-Type": "application/json" } });
              return { status: answer.status, type: answer.headers.get("Content-Type"), body: await answer.text() };
            }
            """, new[] { method, path, body.ToJsonString() });
        var text = told.GetProperty("body").GetString()!;
        return (told.GetProperty("status").GetInt32(), told.GetProperty("type").GetString(), text.Length == 0 ? null : JsonNode.Parse(text));
    }

    private static ILocator Told(StudioVisitor studio, string sentence) =>
        studio.Page.Locator(".mud-snackbar", new PageLocatorOptions { HasText = sentence }).First;

    private static async Task ChooseAsync(StudioVisitor studio, string definitionId, string item)
    {
        await studio.Page.Mouse.MoveAsync(640, 2);
        await studio.ClickAsync(studio.Page.Locator("tbody tr", new PageLocatorOptions { HasText = definitionId }).Locator(".mud-menu button").First, $"row of {definitionId}: open");
        await studio.ClickAsync(studio.Page.Locator(".mud-popover-open .mud-menu-item:visible", new PageLocatorOptions { HasText = item }), item);
    }

    private static async Task<string> DraftAsync(HttpClient manager, string name, string language, string text, bool publish = false)
    {
        var definition = StudioClient.NewDefinition(name, "a");
        StudioClient.Activity(definition, "line1")["text"]!["expression"] = new JsonObject { ["type"] = language, ["value"] = text };
        return (await manager.AskAsync("/workflow-definitions", new { model = definition, publish }))["workflowDefinition"]!["definitionId"]!.GetValue<string>();
    }

    private static async Task<bool> IsProposedAsync(HttpClient manager, string definitionId) =>
        (await manager.ReadAsync($"/workflow-definitions/by-definition-id/{definitionId}?versionOptions=Latest"))["links"]!.AsArray()
            .Any(l => l!["rel"]!.GetValue<string>() == "retract");

    private static async Task<int> CountAsync(HttpClient manager) => (await manager.ReadAsync("/workflow-definitions/query/count"))["count"]!.GetValue<int>();
}
