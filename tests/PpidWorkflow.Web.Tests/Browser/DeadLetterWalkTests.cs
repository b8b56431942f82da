using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>Events that reached nobody, as an administrator and an SOP manager look after them, in both languages and on both screens.</summary>
[Collection("Browser")]
public class DeadLetterWalkTests(OfficeBrowser office)
{
    [Theory]
    [InlineData(1280, false)]
    [InlineData(390, true)]
    public async Task A_letter_is_seen_delivered_again_and_discarded_with_a_reason(int width, bool english)
    {
        var (language, name) = (english ? "-english" : "", $"Laporan pihak ketiga {width}");
        await DieAsync(name, "expired");
        await DieAsync(name + " usang", "trigger-gone");
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync(english ? "admin" : "pengelola.sop");
        if (english)
            await visitor.PressAsync("language");
        var page = visitor.Page;
        await page.GotoAsync(english ? "/admin/health" : "/admin/events");
        if (english)
        {
            await visitor.CheckPageAsync("admin-health-letters-english");
            await page.Locator("[data-testid=dead-letters] a").ClickAsync();
            await page.WaitForURLAsync("**/admin/events");
        }
        var letters = visitor.Test("dead-letter").Filter(new LocatorFilterOptions { HasText = name });
        await Assertions.Expect(letters).ToHaveCountAsync(2);
        // What would only come back has no button for it.
        await Assertions.Expect(letters.GetByTestId("deliver")).ToHaveCountAsync(1);
        await letters.Nth(0).Locator("summary").ClickAsync();
        await visitor.CheckPageAsync($"admin-events{language}");

        await letters.Locator("[data-testid=discard]:visible").ClickAsync();
        await Assertions.Expect(visitor.Test("problems")).ToBeVisibleAsync();
        await visitor.CheckPageAsync($"admin-events-refused{language}");
        await visitor.Test("problems").GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(letters.Locator("[name=reason]:visible")).ToBeFocusedAsync();
        await letters.Locator("[name=reason]:visible").FillAsync("Versi lama, sudah diganti");
        await letters.Locator("[data-testid=discard]:visible").ClickAsync();
        await Assertions.Expect(visitor.Test("notice")).ToContainTextAsync(english ? "discarded" : "dibuang");
        await Assertions.Expect(letters).ToHaveCountAsync(1);

        await letters.GetByTestId("deliver").ClickAsync();
        await Assertions.Expect(visitor.Test("notice")).ToContainTextAsync(english ? "kept until" : "disimpan sampai");
        await Assertions.Expect(letters).ToHaveCountAsync(0);
        await visitor.CheckPageAsync($"admin-events-kept{language}");
    }

    [Fact]
    public async Task An_officer_has_neither_the_page_nor_the_list()
    {
        await using var visitor = await office.VisitAsync(390);
        await visitor.SignInAsync("petugas.informasi");

        Assert.Equal(403, (await visitor.Page.GotoAsync("/admin/events"))!.Status);
        Assert.Equal(0, await visitor.Page.Locator("a[href='/admin/events']").CountAsync());
        using var client = await ApiAsync("petugas.informasi");
        using var listed = await client.GetAsync("/api/v1/dead-letters");
        Assert.Equal("forbidden", await listed.CodeAsync());
    }

    /// <summary>Told as another program tells it; that an hour has passed stands in its row.</summary>
    private async Task DieAsync(string name, string reason)
    {
        using var manager = await ApiAsync("pengelola.sop");
        using var told = await manager.PostAsJsonAsync($"/elsa/api/events/{Uri.EscapeDataString(name)}/trigger", new { input = new { isi = "rahasia" } });
        told.EnsureSuccessStatusCode();
        await using var connection = new SqliteConnection($"Data Source={office.Service.DatabasePath}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE Events SET State = 'Dead', DeadReason = $reason, DeadAt = CreatedAt WHERE Name = $name";
        command.Parameters.AddWithValue("$reason", reason);
        command.Parameters.AddWithValue("$name", name);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<HttpClient> ApiAsync(string userName)
    {
        Assert.SkipWhen(office.Service.Address is null, "PPID_NO_BROWSER is set: pages are not tested in this run.");
        var client = new HttpClient { BaseAddress = office.Service.Address };
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName, password = TestService.DemoPassword });
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        return client;
    }
}
