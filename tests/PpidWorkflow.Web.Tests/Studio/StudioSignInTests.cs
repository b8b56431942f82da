using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>The sign-in ends, or the service goes away, while somebody types.</summary>
[Collection("Browser")]
public sealed class StudioSignInTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    [Fact]
    public async Task What_was_typed_is_saved_once_its_author_has_signed_in_again_in_another_tab()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        var page = studio.Page;
        var notice = page.GetByTestId("designer-expired");
        await studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await studio.ClickAsync(studio.Node("2. Menyiapkan"), "select step 2");

        // The cookie is gone and the token with it: what the server answers is what it answers to a token that has run out.
        await page.Context.ClearCookiesAsync(new BrowserContextClearCookiesOptions { Name = "ppid" });
        var signedIn = false;
        await page.RouteAsync("**/elsa/api/workflow-definitions", route => route.ContinueAsync(new RouteContinueOptions
        {
            Headers = signedIn ? route.Request.Headers : route.Request.Headers.Where(h => h.Key != "authorization").Append(new("authorization", "Bearer expired"))
        }));
        await studio.Field("Waktu baku (menit kerja)").First.FillAsync("25");
        await studio.Field("Waktu baku (menit kerja)").First.PressAsync("Tab");
        await Assertions.Expect(notice).ToContainTextAsync("Sesi berakhir");
        await studio.ScreenshotAsync("designer-expired");

        signedIn = true;
        var tab = await page.Context.RunAndWaitForPageAsync(() => page.GetByTestId("designer-sign-in").ClickAsync());
        await tab.FillAsync("input[name=userName]", "pengelola.sop");
        await tab.FillAsync("input[name=password]", TestService.DemoPassword);
        await tab.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(tab.Locator("main")).ToContainTextAsync("Bapak/Ibu sudah masuk kembali");
        await tab.CloseAsync();

        await Assertions.Expect(notice).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("panel-state")).ToHaveTextAsync("Rancangan");
        await Assertions.Expect(studio.Field("Waktu baku (menit kerja)").First).ToHaveValueAsync("25");
    }

    [Fact]
    public async Task A_save_that_finds_the_service_away_says_so_and_is_sent_again()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        var page = studio.Page;
        var notice = page.GetByTestId("designer-expired");
        await studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await studio.ClickAsync(studio.Node("3. Melaporkan"), "select step 3");
        var attempts = 0;
        await page.RouteAsync("**/elsa/api/workflow-definitions", route =>
            Interlocked.Increment(ref attempts) == 1 ? route.AbortAsync("connectionrefused") : route.ContinueAsync());

        await studio.Field("Waktu baku (menit kerja)").First.FillAsync("35");
        await studio.Field("Waktu baku (menit kerja)").First.PressAsync("Tab");
        await Assertions.Expect(notice).ToContainTextAsync("tidak dapat dihubungi");
        await Assertions.Expect(notice).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("panel-state")).ToHaveTextAsync("Rancangan");

        using var manager = await office.ApiAsync("pengelola.sop");
        await Processes.RunningService.UntilAsync(
            async () => (await manager.GetStringAsync($"/elsa/api/workflow-definitions/by-definition-id/{StudioOffice.Sop}?versionOptions=Latest"))
                .Contains("\"value\":\"35\"", StringComparison.Ordinal), "what was typed is saved");
        Assert.True(attempts >= 2, $"{attempts} attempts");
    }
}
