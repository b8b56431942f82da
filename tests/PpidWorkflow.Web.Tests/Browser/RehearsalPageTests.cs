using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>The three timetables of a rehearsal, on a phone and at a desk, and on paper.</summary>
[Collection("Browser")]
public class RehearsalPageTests(OfficeBrowser office)
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task A_rehearsal_is_read_on_any_screen(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync("pengelola.sop");
        var page = visitor.Page;

        await page.GotoAsync("/definitions/pendokumentasian-informasi-dikecualikan/versions/1/rehearse?from=2026-11-20");

        await Assertions.Expect(page.GetByTestId("timetable")).ToHaveCountAsync(3);
        await Assertions.Expect(page.GetByTestId("end")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("[data-path=Overdue] [data-event=EscalationMail]")).ToHaveCountAsync(5);
        await Assertions.Expect(page.Locator("[data-path=Returned] [data-event=ReturnMail]")).ToHaveCountAsync(4);
        await visitor.CheckPageAsync("rehearsal");
        // A4 between its margins.
        await page.SetViewportSizeAsync(680, 960);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await Assertions.Expect(page.GetByTestId("again")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("[data-path=Main] thead")).ToBeVisibleAsync();
        await visitor.CheckPageAsync("rehearsal-print");
    }

    [Fact]
    public async Task Another_first_day_is_chosen_on_the_page()
    {
        await using var visitor = await office.VisitAsync(1280);
        await visitor.SignInAsync("kepala.biro");
        await visitor.Page.GotoAsync("/definitions/pendokumentasian-informasi-dikecualikan/versions/1/rehearse");

        await visitor.Page.FillAsync("#from", "2026-06-01");
        await visitor.Test("again").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator("[data-path=Main] .day").First).ToContainTextAsync("Senin, 1 Jun 2026");
    }
}
