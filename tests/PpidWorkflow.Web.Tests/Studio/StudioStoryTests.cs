using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// A revision from the first click to the last case: drawn in the real Studio, proposed, approved by a second person, run. Who was under way
/// finishes on the version he began with.
/// </summary>
[Collection("Browser")]
public sealed class StudioStoryTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_manager_draws_a_sixth_step_and_the_head_of_the_unit_puts_it_in_force()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        using var officers = new OfficeClient(office.Service);
        var before = await new CaseWalk(officers, "188.44/1/2026").OpenAsync();
        await before.StepAsync();

        await DrawAsync(studio);
        await ProposeAsync(studio);
        await ApproveAsync();

        var after = await new CaseWalk(officers, "188.44/2/2026").OpenAsync();
        await before.FinishAsync();
        Assert.Equal(["1", "2", "3", "4", "5a", "5b"], before.Completed);
        await WatchAsync(studio, after);
        await after.FinishAsync();
        Assert.Equal(["1", "2", "3", "4", "5", "6a", "6b"], after.Completed);
        await LookAsync(studio, before, "5. Mendokumentasikan", steps: 5);
        await LookAsync(studio, after, "6. Mendokumentasikan", steps: 6);

        studio.AssertClean();
    }

    /// <summary>Step 2 gets 20 minutes; a step goes in before step 5. The panel names what is missing until it is there.</summary>
    private static async Task DrawAsync(StudioVisitor studio)
    {
        var panel = studio.Page.GetByTestId("designer-panel");
        var errors = studio.Page.GetByTestId("panel-error");
        await studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await Assertions.Expect(studio.Page.GetByTestId("panel-state")).ToHaveTextAsync("Berlaku");

        await studio.ClickAsync(studio.Node("2. Menyiapkan"), "select step 2");
        await Assertions.Expect(studio.Field("Waktu baku (menit kerja)").First).ToHaveValueAsync("15");
        await studio.FillAsync("Waktu baku (menit kerja)", "20");
        await Assertions.Expect(studio.Page.GetByTestId("panel-state")).ToHaveTextAsync("Rancangan");

        await studio.ClickAsync(studio.Page.Locator(".mud-expand-panel-header", new PageLocatorOptions { HasText = "SOP" }), "palette: open SOP");
        await studio.DropAsync("Langkah SOP", 0.75f, 0.25f);
        await studio.Node("SopStep1").WaitForAsync();
        await Assertions.Expect(errors).Not.ToHaveCountAsync(0);
        await studio.DisconnectAsync("4. Menyerahkan", "Done");
        await studio.ConnectAsync("4. Menyerahkan", "Done", "SopStep1");
        await studio.ConnectAsync("SopStep1", "Done", "5. Mendokumentasikan");

        await studio.SelectAsync("SopStep1", "select the new step");
        await studio.FillAsync("Nomor", "5");
        await studio.FillAsync("Uraian prosedur", "Memeriksa kelengkapan berkas sebelum didokumentasikan");
        await studio.FillAsync("Waktu baku (menit kerja)", "10");
        await Assertions.Expect(panel).ToContainTextAsync("tidak menyebut pelaksana");
        await studio.ScreenshotAsync("designer-problem");

        await studio.ChooseAsync("Pelaksana", "Kasubid Pengelolaan Dokumentasi dan Arsip");
        await studio.ClickAsync(studio.Node("5. Mendokumentasikan"), "select step 5");
        await studio.FillAsync("Nomor", "6");
        await studio.ClickAsync(studio.Page.Locator(".mud-tab", new PageLocatorOptions { HasText = "Common" }), "tab Common");
        await studio.FillAsync("Display text", "6. Mendokumentasikan");
        await Assertions.Expect(errors).ToHaveCountAsync(0);
        await Assertions.Expect(studio.Page.GetByTestId("panel-fine")).ToBeVisibleAsync();
    }

    private static async Task ProposeAsync(StudioVisitor studio)
    {
        await studio.ClickAsync(studio.Page.Locator(".mud-toolbar .mud-button-group-root button"), "Publish");
        await Assertions.Expect(studio.Page.GetByTestId("panel-proposed")).ToContainTextAsync("Diajukan untuk pengesahan");
        await Assertions.Expect(studio.Page.Locator(".mud-snackbar").First).ToContainTextAsync("Diajukan untuk pengesahan");
        await Assertions.Expect(studio.Page.GetByTestId("panel-state")).ToHaveTextAsync("Diajukan");
        await studio.ScreenshotAsync("designer-proposed");

        // The reason is given where the panel's link leads.
        await studio.ClickAsync(studio.Page.GetByTestId("panel-proposed-link"), "to the page of the revision");
        await studio.Page.FillAsync("#explain [name=reason]", "Hasil evaluasi: berkas berlampiran memerlukan pemeriksaan.");
        await studio.ClickAsync(studio.Page.GetByTestId("explain"), "explain");
        await Assertions.Expect(studio.Page.GetByTestId("notice")).ToBeVisibleAsync();
    }

    private async Task ApproveAsync()
    {
        await using var head = await office.VisitAsync("kepala.biro");
        await head.Page.GotoAsync($"/definitions/{StudioOffice.Sop}/versions/2");
        await head.ScreenshotAsync("definition-proposed");
        await head.ClickAsync(head.Page.GetByTestId("approve"), "approve");
        await head.Page.WaitForLoadStateAsync();
        await head.ScreenshotAsync("definition-approved");
        await Assertions.Expect(head.Page.GetByTestId("approve")).ToHaveCountAsync(0);
        using var manager = await office.ApiAsync("pengelola.sop");
        var inForce = await manager.GetFromJsonAsync<JsonObject>(
            $"/elsa/api/workflow-definitions/by-definition-id/{StudioOffice.Sop}?versionOptions=Published", Cancellation);
        Assert.Equal(2, inForce!["version"]!.GetValue<int>());
    }

    /// <summary>The viewer follows a case while its steps are done, without being opened again.</summary>
    private async Task WatchAsync(StudioVisitor studio, CaseWalk walk)
    {
        await studio.OpenAsync($"/designer/instances/{await office.InstanceOfAsync(walk.Number)}", ".x6-node");
        var journal = studio.Page.Locator(".mud-timeline-item");
        await Assertions.Expect(journal).ToHaveCountAsync(4);
        await studio.ObservedAsync();
        await walk.StepAsync();
        await Assertions.Expect(journal).ToHaveCountAsync(8);
        await Assertions.Expect(studio.Node("1. Menugaskan").Locator(".mud-badge")).ToBeVisibleAsync();
        await studio.ScreenshotAsync("designer-live");
    }

    private async Task LookAsync(StudioVisitor studio, CaseWalk walk, string last, int steps)
    {
        await studio.OpenAsync($"/designer/instances/{await office.InstanceOfAsync(walk.Number)}", ".x6-node");
        // Studio draws anew once it knows more: what is counted may just be gone.
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(steps + 2);
        await Assertions.Expect(studio.Node(last).Locator(".mud-badge")).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.Locator(".x6-node .mud-badge:visible")).ToHaveCountAsync(steps + 2);
        await Assertions.Expect(studio.Page.Locator(".mud-timeline-item").Nth(steps * 2)).ToBeAttachedAsync();
        await studio.ScreenshotAsync($"designer-finished-{steps}");
    }
}
