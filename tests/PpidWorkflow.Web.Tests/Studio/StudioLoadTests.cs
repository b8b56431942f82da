using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What the designer's first load and the next ones cost; prints the figures of docs/designer.md.</summary>
[Collection("Browser")]
public sealed class StudioLoadTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    [Fact]
    public async Task The_first_load_is_compressed_and_the_next_comes_from_the_cache()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        var cold = await LoadAsync(studio, "cold", "/designer", "tbody tr td:nth-child(3)");
        var warm = await LoadAsync(studio, "warm", "/designer", "tbody tr td:nth-child(3)");
        await LoadAsync(studio, "editor, first", $"/designer/{StudioOffice.Sop}", ".x6-node");
        await LoadAsync(studio, "editor, warm", $"/designer/{StudioOffice.Sop}", ".x6-node");

        Assert.InRange(cold.Bytes, 5_000_000, 13_000_000);
        Assert.InRange(warm.Bytes, 0, 200_000);
        studio.AssertClean();
    }

    [Fact]
    public async Task On_a_phone_the_panel_is_folded_and_the_bar_is_one_line()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        await studio.Page.SetViewportSizeAsync(390, 844);
        await studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await studio.ScreenshotAsync("designer-phone");

        var widths = await studio.Page.EvaluateAsync<int[]>(
            """
            [document.getElementById("designer-studio").clientWidth, document.querySelector(".designer-bar nav").clientHeight,
             document.querySelector("elsa-workflow-definition-editor").clientWidth,
             document.documentElement.scrollWidth - document.documentElement.clientWidth]
            """);
        Assert.True(widths[0] >= 340, $"The drawing has {widths[0]} px.");
        Assert.True(widths[1] <= 44, $"The bar's links are {widths[1]} px high.");
        Assert.True(widths[2] >= 760, $"Studio has {widths[2]} px.");
        Assert.Equal(0, widths[3]);
        await studio.ClickAsync(studio.Page.GetByTestId("panel-fold"), "unfold the panel");
        await Assertions.Expect(studio.Page.GetByTestId("panel-state")).ToBeVisibleAsync();
        studio.AssertClean();
    }

    private static async Task<(long Bytes, int Requests)> LoadAsync(StudioVisitor studio, string name, string address, string shows)
    {
        await studio.Page.GotoAsync("about:blank");
        var network = await studio.Page.Context.NewCDPSessionAsync(studio.Page);
        await network.SendAsync("Network.enable");
        var (bytes, requests, cached) = (0L, 0, 0);
        network.Event("Network.loadingFinished").OnEvent += (_, done) => bytes += (long)done!.Value.GetProperty("encodedDataLength").GetDouble();
        network.Event("Network.requestWillBeSent").OnEvent += (_, sent) =>
            requests += sent!.Value.GetProperty("request").GetProperty("url").GetString()!.StartsWith("data:", StringComparison.Ordinal) ? 0 : 1;
        network.Event("Network.responseReceived").OnEvent += (_, received) =>
            cached += received!.Value.GetProperty("response").TryGetProperty("fromDiskCache", out var kept) && kept.GetBoolean() ? 1 : 0;
        network.Event("Network.requestServedFromCache").OnEvent += (_, _) => cached++;
        var clock = Stopwatch.StartNew();
        await studio.OpenAsync(address, shows);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {bytes / 1e6:0.00} MB, {requests} requests, {cached} from the cache, {clock.Elapsed.TotalSeconds:0.0} s"));
        await network.DetachAsync();
        return (bytes, requests);
    }
}
