using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>Somebody goes on leave, another takes over, a third acts in a post: at a desk and on a phone, on one service.</summary>
[Collection("Browser")]
public class PeopleWalkTests(OfficeBrowser office)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Leave_substitute_and_plh_on_pages(int width)
    {
        using var head = await ApiAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan pemeriksaan",
            exemptionBasis = "j",
            determinationNumber = $"188.44/{width}/{Guid.NewGuid():n}",
            determinationDate = "2026-02-02"
        });
        var id = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        var record = await head.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{id}");
        var number = record.GetProperty("number").GetString()!;
        using var assigned = await head.PostAsJsonAsync($"/api/v1/tasks/{record.GetProperty("steps")[0].GetProperty("taskId").GetGuid()}/complete",
            new { revision = 0, assignTo = "petugas.informasi" });
        assigned.EnsureSuccessStatusCode();
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(7));

        // The officer records leave without an end, is told so, and names a substitute.
        await using var officer = await office.VisitAsync(width);
        await officer.SignInAsync("petugas.informasi");
        await officer.Page.GotoAsync("/absences");
        await officer.CheckPageAsync("absences");
        await officer.Test("new-absence").ClickAsync();
        await officer.Page.FillAsync("[name=firstDay]", Iso(today));
        await officer.Page.FillAsync("[name=lastDay]", Iso(today.AddDays(-1)));
        await officer.PressAsync("save");
        await Assertions.Expect(officer.Page.Locator("#field-lastDay-problem")).ToBeVisibleAsync();
        await Assertions.Expect(officer.Page.Locator("#field-kind-problem")).ToBeVisibleAsync();
        await officer.CheckPageAsync("absence-refused");
        await officer.Page.SelectOptionAsync("[name=kind]", "leave");
        await officer.Page.FillAsync("[name=lastDay]", Iso(today.AddDays(1)));
        await officer.Page.SelectOptionAsync("[name=substituteUserName]", "petugas.dokumentasi");
        await officer.PressAsync("save");
        await Assertions.Expect(officer.Test("notice")).ToBeVisibleAsync();
        await Assertions.Expect(officer.Test("substitute")).ToContainTextAsync("Siti Norhayati");
        await officer.CheckPageAsync("absence");
        await officer.Page.GotoAsync("/");
        await Assertions.Expect(officer.Test("away")).ToBeVisibleAsync();
        await officer.CheckPageAsync("inbox-away");

        // The substitute finds the offer in her inbox and takes it.
        await using var substitute = await office.VisitAsync(width);
        await substitute.SignInAsync("petugas.dokumentasi");
        await substitute.Test("offers-waiting").GetByRole(AriaRole.Link).ClickAsync();
        var offer = substitute.Page.Locator("[data-testid=offer]", new PageLocatorOptions { HasText = number });
        await Assertions.Expect(offer).ToContainTextAsync("Dewi Anggraini");
        await Assertions.Expect(offer).Not.ToContainTextAsync("Cuti");
        await substitute.CheckPageAsync("transfers");
        await offer.GetByTestId("accept").ClickAsync();
        await Assertions.Expect(substitute.Test("notice")).ToContainTextAsync(number);
        await substitute.OpenTaskAsync(number);
        await Assertions.Expect(substitute.Test("assignee")).ToContainTextAsync("menggantikan Dewi Anggraini");
        await substitute.CheckPageAsync("task-substituted");

        // Back: the officer ends the absence and reads what became of the work.
        await officer.Page.GotoAsync("/absences");
        await officer.Page.Locator("[data-testid=absence][data-state=current] a").ClickAsync();
        await officer.PressAsync("end");
        await Assertions.Expect(officer.Test("taken")).ToContainTextAsync(number);
        await officer.CheckPageAsync("absence-ended");

        // A letter makes somebody Plh.; his pages say so, the case's as well; then it is ended.
        await using var admin = await office.VisitAsync(width);
        await admin.SignInAsync("admin");
        await admin.Page.GotoAsync("/admin/appointments/new");
        await admin.Page.SelectOptionAsync("[name=capacity]", "plh");
        await admin.Page.SelectOptionAsync("[name=role]", "DOCUMENTATION_HEAD");
        await admin.Page.SelectOptionAsync("[name=officerUserName]", "admin");
        await admin.Page.FillAsync("[name=firstDay]", Iso(today));
        await admin.Page.FillAsync("[name=lastDay]", Iso(today));
        await admin.PressAsync("save");
        await Assertions.Expect(admin.Page.Locator("#field-letterNumber-problem")).ToBeVisibleAsync();
        await Assertions.Expect(admin.Page.Locator("#field-officerUserName-problem")).ToContainTextAsync("diri sendiri");
        await admin.CheckPageAsync("appointment-refused");
        await admin.Page.FillAsync("[name=letterNumber]", "800/12/BU/2026");
        await admin.Page.SelectOptionAsync("[name=officerUserName]", "kasubid.informasi");
        await admin.PressAsync("save");
        await Assertions.Expect(admin.Page.Locator("[data-testid=appointment][data-state=current]")).ToContainTextAsync("Plh.");
        await admin.CheckPageAsync("appointments");
        await using var acting = await office.VisitAsync(width);
        await acting.SignInAsync("kasubid.informasi");
        await Assertions.Expect(acting.Test("acting")).ToContainTextAsync("Plh. Kasubid Pengelolaan Dokumentasi dan Arsip");
        await acting.CheckPageAsync("inbox-acting");
        await admin.Page.Locator("[data-testid=appointment][data-state=current]").GetByTestId("end").ClickAsync();
        await Assertions.Expect(admin.Test("notice")).ToBeVisibleAsync();
        await acting.Page.GotoAsync("/");
        await Assertions.Expect(acting.Test("acting")).ToHaveCountAsync(0);
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<HttpClient> ApiAsync(string userName)
    {
        var client = new HttpClient { BaseAddress = office.Service.Address };
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName, password = TestService.DemoPassword });
        var token = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
