using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>A service whose first step raises a banner one second after it was received.</summary>
public sealed class BannerBrowser : OfficeBrowser
{
    protected override void Prepare(RunningService service)
    {
        SopVariant.Use(service);
        SopVariant.Ladder(service, "1", """[{"at":"PT1S","to":["assignee"],"action":"banner"},{"at":"PT1S","to":["role:DOCUMENTATION_OFFICER"],"action":"addHelper"}]""");
    }
}

/// <summary>The banner of an alert, on every page until its reader has taken note of it; and the helper whom the ladder added.</summary>
[Collection("Browser")]
public class BannerWalkTests(BannerBrowser office) : IClassFixture<BannerBrowser>
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task A_banner_stands_on_every_page_until_it_is_acknowledged(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        var page = visitor.Page;
        await visitor.SignInAsync("kasubid.informasi");
        var number = await OpenCaseAsync(width);
        var banner = page.Locator($"[data-testid=banner][data-case='{number}']");
        for (var look = 0; look < 100 && await banner.CountAsync() == 0; look++)
            await page.GotoAsync("/cases");

        await Assertions.Expect(banner).ToContainTextAsync("Langkah 1");
        await visitor.CheckPageAsync("banner-cases");
        await banner.GetByTestId("banner-task").ClickAsync();
        await Assertions.Expect(visitor.Test("helpers")).ToContainTextAsync("Dibantu oleh");
        await Assertions.Expect(banner).ToBeVisibleAsync();
        await visitor.CheckPageAsync("banner-task");
        await banner.GetByTestId("acknowledge").ClickAsync();
        await Assertions.Expect(visitor.Test("notice")).ToContainTextAsync(number);
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/tasks/"));
        await Assertions.Expect(banner).ToHaveCountAsync(0);
        await page.GotoAsync("/");
        await Assertions.Expect(banner).ToHaveCountAsync(0);

        await visitor.SignOutAsync();
        await visitor.SignInAsync("petugas.dokumentasi");
        await Assertions.Expect(page.Locator($"[data-testid=task][data-case='{number}']").GetByTestId("helping")).ToBeVisibleAsync();
        await visitor.CheckPageAsync("helping-inbox");
        await visitor.OpenTaskAsync(number);
        await Assertions.Expect(visitor.Test("start")).ToBeVisibleAsync();
    }

    private async Task<string> OpenCaseAsync(int width)
    {
        using var client = new HttpClient { BaseAddress = office.Service.Address };
        using var token = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName = "kasubid.informasi", password = "Ppid-demo-2026" });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await token.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        using var opened = await client.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{width}/2026",
            determinationDate = "2026-02-02"
        });
        return (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString()!;
    }
}
