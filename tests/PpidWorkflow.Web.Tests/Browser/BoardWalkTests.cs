using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>One board at two browsers: what is done at the one, the other shows without being touched.</summary>
[Collection("Browser")]
public class BoardWalkTests(OfficeBrowser office)
{
    [Fact]
    public async Task What_is_done_at_one_browser_the_other_shows_at_once()
    {
        await using var desk = await office.VisitAsync(1280);
        await using var phone = await office.VisitAsync(390);
        using var head = await ApiAsync("kasubid.informasi");
        await desk.Page.Clock.InstallAsync();
        await desk.SignInAsync("kepala.biro");
        // Nobody supervises himself: the head of the unit looks from his desk and from his phone.
        await phone.SignInAsync("kepala.biro");
        foreach (var visitor in (Visitor[])[desk, phone])
        {
            await visitor.Page.GotoAsync("/board?role=INFORMATION_HEAD");
            await Assertions.Expect(visitor.Test("live")).ToHaveAttributeAsync("data-state", "on");
        }

        // A case opened elsewhere comes up by itself, in both.
        var number = await OpenCaseAsync(head);
        await Assertions.Expect(Row(desk, number)).ToBeVisibleAsync();
        await Assertions.Expect(Row(phone, number)).ToBeVisibleAsync();
        // What came in by itself counts down like everything else.
        await desk.Page.Clock.FastForwardAsync(120_000);
        await Assertions.Expect(Row(desk, number).GetByTestId("time-left")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("sisa [12] menit"));
        await desk.CheckPageAsync("board");
        await phone.CheckPageAsync("board");

        // One click reminds; a second one is one too many.
        await PressAsync(desk, Row(desk, number).GetByTestId("row-remind"));
        await Assertions.Expect(desk.Test("notice")).ToContainTextAsync(number);
        await Assertions.Expect(Row(phone, number).GetByTestId("row-reminded")).ToBeVisibleAsync();
        await PressAsync(desk, Row(desk, number).GetByTestId("row-remind"));
        await Assertions.Expect(desk.Test("problems")).ToContainTextAsync("5 menit");
        await desk.CheckPageAsync("board-reminded-twice");

        // Who is about to pause it on the phone does not lose what he has typed when somebody else is faster.
        await Row(phone, number).GetByTestId("row-more").ClickAsync();
        await Row(phone, number).Locator("[name=reason]").FillAsync("Rapat");
        await desk.Page.GotoAsync("/board?role=INFORMATION_HEAD");
        await Row(desk, number).GetByTestId("row-more").ClickAsync();
        await PressAsync(desk, Row(desk, number).GetByTestId("row-pause"));
        await Assertions.Expect(desk.Test("problems")).ToBeVisibleAsync();
        await Row(desk, number).Locator("[name=reason]").FillAsync("Listrik padam");
        await desk.CheckPageAsync("board-pause");
        await PressAsync(desk, Row(desk, number).GetByTestId("row-pause"));
        await Assertions.Expect(desk.Test("paused").Locator($"[data-case='{number}']")).ToContainTextAsync("Listrik padam");
        await Assertions.Expect(phone.Test("changed")).ToBeVisibleAsync();
        await Assertions.Expect(Row(phone, number).Locator("[name=reason]")).ToHaveValueAsync("Rapat");
        await phone.CheckPageAsync("board-changed");
        await PressAsync(phone, Row(phone, number).GetByTestId("row-pause"));
        await Assertions.Expect(phone.Test("problems")).ToBeVisibleAsync();
        await phone.Page.GotoAsync("/board");
        await Assertions.Expect(phone.Test("paused").Locator($"[data-case='{number}']").GetByTestId("row-paused")).ToContainTextAsync("Dijeda sejak");
        await phone.CheckPageAsync("board-paused");
        await PressAsync(desk, Row(desk, number).GetByTestId("row-resume"));
        await Assertions.Expect(phone.Test("rows").Locator($"[data-case='{number}']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_a_line_the_board_says_so_and_without_a_script_it_has_its_link()
    {
        using var head = await ApiAsync("kasubid.informasi");
        await using var deaf = await office.VisitAsync(390);
        await deaf.SignInAsync("kepala.biro");
        await deaf.Page.RouteAsync("**/board/events", route => route.FulfillAsync(new() { Status = 503 }));
        await deaf.Page.Clock.InstallAsync();
        await deaf.Page.GotoAsync("/board");
        await Assertions.Expect(deaf.Test("live")).ToHaveAttributeAsync("data-state", "off");
        // It looks by itself every half minute.
        var later = await OpenCaseAsync(head);
        await deaf.Page.Clock.FastForwardAsync(31_000);
        await Assertions.Expect(Row(deaf, later)).ToBeVisibleAsync();
        await deaf.CheckPageAsync("board-offline");

        await using var plain = await office.VisitAsync(390, javaScript: false);
        await plain.SignInAsync("kepala.biro");
        await plain.Page.GotoAsync("/board");
        await Assertions.Expect(plain.Test("live")).ToBeHiddenAsync();
        var number = await OpenCaseAsync(head);
        await plain.Test("refresh").ClickAsync();
        await Assertions.Expect(Row(plain, number)).ToBeVisibleAsync();
        await PressAsync(plain, Row(plain, number).GetByTestId("row-remind"));
        await Assertions.Expect(plain.Test("notice")).ToContainTextAsync(number);
        await plain.Test("filter").ClickAsync();
        await plain.Page.SelectOptionAsync("[name=person]", "kasubid.informasi");
        await plain.Test("filter-submit").ClickAsync();
        await Assertions.Expect(Row(plain, number)).ToBeVisibleAsync();
        await plain.Test("filter-atRisk").ClickAsync();
        await Assertions.Expect(plain.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("person=kasubid.informasi&state=atRisk"));
    }

    [Fact]
    public async Task A_board_that_was_out_of_sight_while_its_line_was_refused_has_one_line_afterwards()
    {
        await using var desk = await office.VisitAsync(1280);
        await desk.SignInAsync("kepala.biro");
        var lines = 0;
        desk.Page.Request += (_, request) => lines += request.Url.EndsWith("/board/events", StringComparison.Ordinal) ? 1 : 0;
        await desk.Page.RouteAsync("**/board/events", route => lines == 1 ? route.FulfillAsync(new() { Status = 429 }) : route.ContinueAsync());
        await desk.Page.Clock.InstallAsync();
        await desk.Page.GotoAsync("/board");
        await Assertions.Expect(desk.Test("live")).ToHaveAttributeAsync("data-state", "off");

        await desk.Page.EvaluateAsync("""
            () => [true, false].forEach(hidden => {
                Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
                document.dispatchEvent(new Event('visibilitychange'));
            })
            """);
        await Assertions.Expect(desk.Test("live")).ToHaveAttributeAsync("data-state", "on");
        await desk.Page.Clock.FastForwardAsync(61_000);
        await desk.Page.EvaluateAsync("() => fetch('/health/live')");

        Assert.Equal(2, lines);
        await Assertions.Expect(desk.Test("live")).ToHaveAttributeAsync("data-state", "on");
    }

    [Fact]
    public async Task A_time_that_no_script_counts_is_read_anew_each_minute()
    {
        using var head = await ApiAsync("kasubid.informasi");
        var number = await OpenCaseAsync(head);
        await using var desk = await office.VisitAsync(1280);
        await desk.Page.Clock.InstallAsync();
        await desk.SignInAsync("kepala.biro");
        // As the server writes what is late: a sentence without seconds to count.
        var late = true;
        await desk.Page.RouteAsync("**/board?role=*", async route =>
        {
            var answer = await route.FetchAsync();
            var html = await answer.TextAsync();
            await route.FulfillAsync(new()
            {
                Response = answer,
                Body = late ? System.Text.RegularExpressions.Regex.Replace(html, " data-left=\"[0-9]+\"", "").Replace("sisa ", "terlambat ", StringComparison.Ordinal) : html
            });
        });
        // The line that opens makes the board read itself once: over before the minute begins.
        await desk.Page.RunAndWaitForResponseAsync(
            () => desk.Page.GotoAsync("/board?role=INFORMATION_HEAD"), answer => answer.Url.Contains("/board?role", StringComparison.Ordinal) && answer.Request.ResourceType == "fetch");
        var left = Row(desk, number).GetByTestId("time-left");
        await Assertions.Expect(left).ToContainTextAsync("terlambat");
        late = false;
        await desk.Page.Clock.FastForwardAsync(61_000);

        await Assertions.Expect(left).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("sisa [0-9]+ menit"));
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task An_officer_chooses_his_mails(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync("petugas.dokumentasi");
        await visitor.Test("user-menu").ClickAsync();
        await visitor.Test("nav-preferences").ClickAsync();
        await visitor.CheckPageAsync("preferences");
        await visitor.Page.FillAsync("[name=quietFrom]", "18:00");
        await visitor.Page.FillAsync("[name=quietUntil]", "");
        await visitor.PressAsync("save");
        await Assertions.Expect(visitor.Test("problems")).ToContainTextAsync("jam tenang");
        await visitor.CheckPageAsync("preferences-refused");
        await visitor.Page.FillAsync("[name=quietUntil]", "07:00");
        await visitor.Test("weekly").SetCheckedAsync(width < 600);
        await visitor.PressAsync("save");
        await Assertions.Expect(visitor.Test("notice")).ToContainTextAsync("Preferensi disimpan");
        await Assertions.Expect(visitor.Test("weekly")).ToBeCheckedAsync(new() { Checked = width < 600 });
        await Assertions.Expect(visitor.Page.Locator("[name=quietFrom]")).ToHaveValueAsync("18:00");
        await visitor.CheckPageAsync("preferences-saved");
    }

    private static ILocator Row(Visitor visitor, string number) => visitor.Page.Locator($"[data-testid=row][data-case='{number}']");

    private static async Task PressAsync(Visitor visitor, ILocator button)
    {
        // As in Visitor.PressAsync.
#pragma warning disable CS0612
        await visitor.Page.RunAndWaitForNavigationAsync(() => button.ClickAsync());
#pragma warning restore CS0612
    }

    private static async Task<string> OpenCaseAsync(HttpClient head)
    {
        using var answer = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan hasil pemeriksaan internal triwulan tiga",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{Guid.NewGuid():n}",
            determinationDate = "2026-02-02"
        });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString()!;
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
