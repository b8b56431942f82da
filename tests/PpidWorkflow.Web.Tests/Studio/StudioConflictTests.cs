using System.Text.Json.Nodes;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Two managers on one draft, each in a Studio of his own: the later save is refused, and nothing of either is lost without a word.</summary>
[Collection("Browser")]
public sealed class StudioConflictTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private const string Minutes = "Waktu baku (menit kerja)";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_later_save_is_refused_with_who_changed_what_and_Studio_goes_on()
    {
        await office.MakeManagerAsync("Siti Norhayati");
        await using var mine = await office.VisitAsync("pengelola.sop");
        await using var theirs = await office.VisitAsync("petugas.dokumentasi");
        await mine.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await theirs.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await theirs.ClickAsync(theirs.Node("2. Menyiapkan"), "select step 2");
        await theirs.FillAsync(Minutes, "20");

        await mine.ClickAsync(mine.Node("3. Melaporkan"), "select step 3");
        await mine.FillAsync(Minutes, "7");
        var refused = mine.Page.GetByTestId("panel-refused");
        await Assertions.Expect(refused).ToContainTextAsync("Tidak tersimpan");
        await Assertions.Expect(refused).ToContainTextAsync("Siti Norhayati, A.Md. telah menyimpan versi 2");
        await Assertions.Expect(refused).ToContainTextAsync("Yang diubah di sana: 2. Menyiapkan berkas");
        await Assertions.Expect(refused).Not.ToContainTextAsync("3. Melaporkan");
        await Assertions.Expect(mine.Page.Locator(".mud-snackbar").First).ToContainTextAsync("Siti Norhayati");
        await mine.ScreenshotAsync("designer-conflict");
        foreach (var own in (string[])["#designer-panel", ".designer-bar"])
            await AssertAccessibleAsync(mine.Page.Locator(own));

        // Studio lives, and what was typed stands where it was typed.
        await Assertions.Expect(mine.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await Assertions.Expect(mine.Field(Minutes).First).ToHaveValueAsync("7");
        await mine.ClickAsync(mine.Node("4. Menyerahkan"), "select step 4");
        await Assertions.Expect(mine.Field(Minutes).First).ToHaveValueAsync("5");
        await mine.ClickAsync(mine.Node("3. Melaporkan"), "select step 3");
        await Assertions.Expect(mine.Field(Minutes).First).ToHaveValueAsync("7");
        Assert.Equal([("2", "PT20M"), ("3", "PT5M")], await StandardsAsync());

        // It can be kept, and leaving asks first.
        var file = await mine.Page.RunAndWaitForDownloadAsync(() => mine.Page.GetByTestId("panel-rescue").ClickAsync());
        Assert.Equal($"{StudioOffice.Sop}.json", file.SuggestedFilename);
        var asked = new TaskCompletionSource<string>();
        mine.Page.Dialog += async (_, dialog) =>
        {
            asked.TrySetResult(dialog.Type);
            await dialog.AcceptAsync();
        };
        await mine.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        Assert.Equal("beforeunload", await asked.Task);
        await Assertions.Expect(mine.Page.GetByTestId("panel-saved")).ToContainTextAsync("Siti Norhayati");
        await mine.ClickAsync(mine.Node("3. Melaporkan"), "select step 3");
        await Assertions.Expect(mine.Field(Minutes).First).ToHaveValueAsync("5");

        // Applied again on what the other one saved, both stand; the file still holds mine.
        await mine.FillAsync(Minutes, "8");
        await Assertions.Expect(mine.Page.GetByTestId("panel-saved")).Not.ToContainTextAsync("Siti Norhayati");
        Assert.Equal([("2", "PT20M"), ("3", "PT8M")], await StandardsAsync());
        Assert.Equal([1, 2], await VersionsAsync());
        await ImportAsync(await File.ReadAllTextAsync(await file.PathAsync(), Cancellation));
        Assert.Equal([1, 2, 3], await VersionsAsync());
        Assert.Equal([("2", "PT15M"), ("3", "PT7M")], await StandardsAsync());

        AssertRefusalsOnly(mine, 409);
        AssertRefusalsOnly(theirs);
    }

    /// <summary>
    /// Nothing was wrong but answers of these statuses, which the browser itself writes into its console. How long Studio takes on a busy machine
    /// is the tour's matter.
    /// </summary>
    internal static void AssertRefusalsOnly(StudioVisitor studio, params int[] statuses)
    {
        string[] known =
        [
            "\": still under way after", "\": progress for more than",
            .. statuses.SelectMany(s => (string[])[$"\": {s} ", $"the server responded with a status of {s}"])
        ];
        var others = studio.Complaints.Where(c => !known.Any(k => c.Contains(k, StringComparison.Ordinal))).ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
        Assert.All(statuses, s => Assert.Contains(studio.Complaints, c => c.Contains($"\": {s} ", StringComparison.Ordinal)));
    }

    /// <summary>What is ours around Studio, by WCAG 2 A and AA.</summary>
    private static async Task AssertAccessibleAsync(ILocator part)
    {
        var result = await part.RunAxe(new AxeRunOptions
        {
            RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }
        });
        Assert.True(result.Violations.Length == 0, string.Join("; ", result.Violations.Select(v => $"{v.Id}: {string.Join(", ", v.Nodes.Select(n => n.Html))}")));
        Assert.NotEmpty(result.Passes);
    }

    private async Task<List<(string Number, string Standard)>> StandardsAsync()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        var definition = JsonNode.Parse(await manager.GetStringAsync($"/elsa/api/workflow-definitions/{StudioOffice.Sop}/export?versionOptions=Latest", Cancellation))!;
        return
        [
            .. definition["root"]!["activities"]!.AsArray()
                .Select(a => (Number: Value(a!["number"]), Standard: Value(a["standardTime"]))).Where(a => a.Number is "2" or "3").Order()
        ];

        static string Value(JsonNode? input) => input?["expression"]?["value"]?.ToString() ?? "";
    }

    private async Task<List<int>> VersionsAsync()
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        var list = await manager.ReadAsync($"/workflow-definitions?definitionIds={StudioOffice.Sop}&versionOptions=AllVersions");
        return [.. list["items"]!.AsArray().Select(v => v!["version"]!.GetValue<int>()).Order()];
    }

    private async Task ImportAsync(string definition)
    {
        using var manager = await office.ApiAsync("pengelola.sop");
        using var content = new StringContent(definition, System.Text.Encoding.UTF8, "application/json");
        using var answer = await manager.PostAsync("/elsa/api/workflow-definitions/import", content, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
