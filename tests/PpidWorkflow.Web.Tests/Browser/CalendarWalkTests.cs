using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>A service that counts working hours: the calendar's pages change what the others' deadlines hang on.</summary>
public sealed class WorkingHoursBrowser : OfficeBrowser
{
    protected override void Prepare(RunningService service) => service.Settings["Office__Calendar"] = "WorkingHours";
}

/// <summary>An administrator keeps the calendar at a desk and on a phone; each width has years and cases of its own.</summary>
[Collection("Browser")]
public class CalendarWalkTests(WorkingHoursBrowser office) : IClassFixture<WorkingHoursBrowser>
{
    [Theory]
    [InlineData(1280, 2031)]
    [InlineData(390, 2032)]
    public async Task An_administrator_keeps_the_calendar(int width, int year)
    {
        await using var visitor = await office.VisitAsync(width);
        var page = visitor.Page;
        await visitor.SignInAsync("admin");

        // The delivered months: a plain one, and the one with Ramadan, holidays and cuti bersama.
        await page.GotoAsync("/admin/calendar?year=2026&month=2");
        await visitor.Test("month-after").ClickAsync();
        await Assertions.Expect(visitor.Test("month")).ToHaveTextAsync("Maret 2026");
        await Assertions.Expect(page.Locator("[data-date='2026-03-19'][data-testid=day]")).ToContainTextAsync("Libur nasional");
        await Assertions.Expect(page.Locator("[data-date='2026-03-18'][data-testid=day]")).ToContainTextAsync("Cuti bersama");
        await Assertions.Expect(page.Locator("[data-date='2026-03-17'][data-testid=day]")).ToContainTextAsync("12.30–15.00");
        await Assertions.Expect(page.Locator("[data-testid=day]")).ToHaveCountAsync(31);
        await visitor.CheckPageAsync("calendar-march");

        // A list with a faulty line is refused line by line; mended, it is previewed and stored.
        await page.GotoAsync("/admin/calendar/import");
        await page.FillAsync("[name=csv]", $"{year}-01-01;Tahun Baru;libur nasional\n{year}-13-01;Salah;libur nasional");
        await visitor.PressAsync("check");
        await Assertions.Expect(visitor.Test("problems")).ToContainTextAsync("Baris 2");
        await visitor.CheckPageAsync("calendar-import-refused");
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "libur.csv",
            MimeType = "text/csv",
            Buffer = System.Text.Encoding.UTF8.GetBytes($"tanggal;nama;jenis\r\n{year}-01-01;Tahun Baru;libur nasional\r\n2/1/{year};Cuti;cuti bersama\r\n")
        });
        await page.FillAsync("[name=source]", "SKB 3 Menteri");
        await visitor.PressAsync("check");
        await Assertions.Expect(visitor.Test("edit")).ToHaveCountAsync(2);
        await visitor.CheckPageAsync("calendar-import-preview");
        await visitor.PressAsync("save");
        await Assertions.Expect(visitor.Test("outcome")).ToHaveAttributeAsync("data-applied", "true");
        await visitor.PressAsync("back");
        await Assertions.Expect(visitor.Test("closed-day")).ToHaveCountAsync(2);
        await visitor.PressAsync("confirm-year");
        await Assertions.Expect(visitor.Test("notice")).ToContainTextAsync("2");
        await Assertions.Expect(page.Locator("[data-testid=state][data-state=confirmed]").First).ToBeVisibleAsync();
        await visitor.CheckPageAsync("calendar-list");

        // One day is changed without a reason, refused; withdrawn with one.
        await page.Locator($"[data-testid=closed-day][data-date='{year}-01-02'] a").ClickAsync();
        await visitor.PressAsync("check-withdraw");
        await Assertions.Expect(visitor.Test("problems")).ToBeVisibleAsync();
        await page.FillAsync("[name=reason]", "SKB diubah");
        await visitor.PressAsync("check-withdraw");
        await visitor.CheckPageAsync("calendar-day-withdraw");
        await visitor.PressAsync("withdraw");
        await visitor.PressAsync("back");
        await Assertions.Expect(page.Locator("[data-state=withdrawn]")).ToHaveCountAsync(1);

        // Hours of the office's own, for some weeks.
        await visitor.Test("new-regime").ClickAsync();
        await page.FillAsync("[name=name]", "Jam posko banjir");
        await page.SelectOptionAsync("[name=kind]", "office");
        await page.FillAsync("[name=from]", $"{year}-02-03");
        await page.FillAsync("[name=until]", $"{year}-02-28");
        await page.FillAsync("[name=windows-monday]", "08.00–");
        await visitor.PressAsync("check");
        await Assertions.Expect(page.Locator("#windows-monday-problem")).ToContainTextAsync("08.00–");
        await visitor.CheckPageAsync("calendar-regime-refused");
        await page.FillAsync("[name=windows-monday]", "08.00–12.00, 12.30–15.00");
        await visitor.PressAsync("check");
        await visitor.PressAsync("save");
        await page.GotoAsync($"/admin/calendar?year={year}&month=2");
        await Assertions.Expect(visitor.Test("days")).ToContainTextAsync("Jam posko banjir");
        await visitor.CheckPageAsync("calendar-regimes");
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task An_open_step_that_a_day_moves_is_named_before_and_after(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        var page = visitor.Page;
        using var admin = await ApiAsync("admin");
        using var head = await ApiAsync("kasubid.informasi");
        // Open on every day and hour, so that what day the test runs on does not matter.
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(7));
        var year = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/calendar/year?year={today.Year}");
        foreach (var closed in year.GetProperty("closedDays").EnumerateArray().Where(d =>
            d.GetProperty("withdrawnAt").ValueKind == JsonValueKind.Null && d.GetProperty("date").GetString() == Iso(today)))
            await PostAsync(admin, $"calendar/closed-days/{closed.GetProperty("id").GetGuid()}/withdraw", new { reason = "Untuk pengujian" });
        foreach (var regime in year.GetProperty("regimes").EnumerateArray().Where(r =>
            r.GetProperty("kind").GetString() == "normal"))
        {
            string[] days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            await PostAsync(admin, $"calendar/regimes/{regime.GetProperty("id").GetGuid()}", new
            {
                name = "Jam kerja normal",
                kind = "normal",
                windows = days.ToDictionary(day => day, _ => "00:00-24:00"),
                reason = "Untuk pengujian"
            });
        }
        var opened = await PostAsync(head, "cases", new
        {
            title = "Laporan hasil pemeriksaan",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{width}/2026",
            determinationDate = "2026-02-02"
        });

        await visitor.SignInAsync("admin");
        await page.GotoAsync("/admin/calendar/days/new");
        await page.FillAsync("[name=date]", Iso(today));
        await page.FillAsync("[name=name]", "Banjir");
        await page.SelectOptionAsync("[name=kind]", "localClosing");
        await page.FillAsync("[name=reason]", "Kantor terendam");
        await visitor.PressAsync("check");
        await Assertions.Expect(visitor.Test("moved")).ToContainTextAsync(opened.GetProperty("number").GetString()!);
        await visitor.CheckPageAsync("calendar-day-preview");
        await visitor.PressAsync("save");
        await Assertions.Expect(visitor.Test("outcome")).ToHaveAttributeAsync("data-applied", "true");
        await Assertions.Expect(visitor.Test("moved")).ToContainTextAsync(opened.GetProperty("number").GetString()!);
        await visitor.CheckPageAsync("calendar-day-saved");

        // Whoever works on the case reads why its deadline is another one.
        await visitor.SignOutAsync();
        await visitor.SignInAsync("kasubid.informasi");
        await page.GotoAsync($"/cases/{opened.GetProperty("id").GetGuid()}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Hari tutup ditambahkan");
        await visitor.CheckPageAsync("calendar-case-moved");
    }

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task<HttpClient> ApiAsync(string userName)
    {
        Assert.SkipWhen(office.Service.Address is null, "PPID_NO_BROWSER is set: pages are not tested in this run.");
        var client = new HttpClient { BaseAddress = office.Service.Address };
        var token = await PostAsync(client, "auth/token", new { userName, password = TestService.DemoPassword });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        return client;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string route, object body)
    {
        using var answer = await client.PostAsJsonAsync($"/api/v1/{route}", body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{route}: {(int)answer.StatusCode}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
