using System.Diagnostics;
using System.Globalization;

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

    private static async Task<(long Bytes, int Requests)> LoadAsync(StudioVisitor studio, string name, string address, string shows)
    {
        await studio.Page.GotoAsync("about:blank");
        var network = await studio.Page.Context.NewCDPSessionAsync(studio.Page);
        await network.SendAsync("Network.enable");
        var (bytes, requests) = (0L, 0);
        network.Event("Network.loadingFinished").OnEvent += (_, done) => bytes += (long)done!.Value.GetProperty("encodedDataLength").GetDouble();
        network.Event("Network.requestWillBeSent").OnEvent += (_, sent) =>
            requests += sent!.Value.GetProperty("request").GetProperty("url").GetString()!.StartsWith("data:", StringComparison.Ordinal) ? 0 : 1;
        var clock = Stopwatch.StartNew();
        await studio.OpenAsync(address, shows);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {bytes / 1e6:0.00} MB, {requests} requests, {clock.Elapsed.TotalSeconds:0.0} s"));
        await network.DetachAsync();
        return (bytes, requests);
    }
}
