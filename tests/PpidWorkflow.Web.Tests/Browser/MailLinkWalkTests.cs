using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MimeKit;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>The link of a task mail as it is followed: from the mail that went out, on a phone, with nobody signed in.</summary>
[Collection("Browser")]
public partial class MailLinkWalkTests(OfficeBrowser office)
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task A_task_mail_starts_its_step_by_one_press_and_only_once(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        var page = visitor.Page;
        var number = await OpenCaseAsync(width);
        var mail = await MailAsync(number);
        var link = new Uri(StartLink().Match(mail.TextBody ?? "").Value).PathAndQuery;

        await page.GotoAsync(link);
        await Assertions.Expect(visitor.Test("step")).ToContainTextAsync("1");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("Laporan rahasia");
        await visitor.CheckPageAsync("mail-link");
        await visitor.PressAsync("act");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Tugas telah dimulai");
        await visitor.CheckPageAsync("mail-link-done");

        await page.GotoAsync(link);
        await Assertions.Expect(visitor.Test("act")).ToHaveCountAsync(0);
        await visitor.CheckPageAsync("mail-link-used");
    }

    private async Task<MimeMessage> MailAsync(string number)
    {
        MimeMessage? found = null;
        await RunningService.UntilAsync(async () =>
        {
            foreach (var file in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.eml") : [])
            {
                var message = await MimeMessage.LoadAsync(file, TestContext.Current.CancellationToken);
                if (message.Subject?.StartsWith($"[{number}] Tugas", StringComparison.Ordinal) == true)
                    found = message;
            }
            return found is not null;
        }, $"the task mail of {number} has come");
        return found!;
    }

    private string Folder => Path.Combine(office.Service.DataPath, "mail");

    private async Task<string> OpenCaseAsync(int width)
    {
        using var client = new HttpClient { BaseAddress = office.Service.Address };
        using var token = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName = "kasubid.informasi", password = TestService.DemoPassword });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await token.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        using var opened = await client.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan rahasia",
            exemptionBasis = "j",
            determinationNumber = $"188.44/tautan-{width}/2026",
            determinationDate = "2026-02-02"
        });
        return (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString()!;
    }

    [GeneratedRegex(@"https?://\S+/act\?t=\S+")]
    private static partial Regex StartLink();
}
