using System.Globalization;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>The four officers take a case to documented, on a phone, at a desk, and without any script.</summary>
[Collection("Browser")]
public class CaseWalkTests(OfficeBrowser office)
{
    private static int _determination;

    [Theory]
    [InlineData(390, true)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    public async Task A_case_is_walked_to_documented_by_the_four_officers(int width, bool javaScript)
    {
        await using var visitor = await office.VisitAsync(width, javaScript);
        var page = visitor.Page;

        var number = await OpenCaseAsync(visitor, javaScript);
        await visitor.CheckIfAsync(javaScript, "task-1-assign");
        await page.Locator("input[name=assignTo][value='petugas.informasi']").CheckAsync();
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("petugas.informasi");
        await visitor.CheckIfAsync(javaScript, "inbox");
        await visitor.OpenTaskAsync(number);
        await visitor.PressAsync("start");
        await page.Locator("input[type=file][name=files]").SetInputFilesAsync(new FilePayload
        {
            Name = "laporan.pdf",
            MimeType = "application/pdf",
            Buffer = "%PDF-1.4 isi"u8.ToArray()
        });
        await visitor.PressAsync("upload");
        await page.FillAsync("[name='Hardcopy[0].Description']", "Laporan hasil pemeriksaan, satu jilid");
        await page.FillAsync("[name='Hardcopy[0].Quantity']", "1");
        await visitor.CheckIfAsync(javaScript, "task-2-prepare");
        await visitor.PressAsync("complete");

        await visitor.OpenTaskAsync(number);
        await page.FillAsync("[name=note]", "Berkas siap");
        await visitor.CheckIfAsync(javaScript, "task-3-report");
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("kasubid.informasi");
        await visitor.OpenTaskAsync(number);
        await visitor.CheckIfAsync(javaScript, "task-4-hand-over");
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("kasubid.dokumentasi");
        await visitor.OpenTaskAsync(number);
        await page.Locator("input[name=assignTo][value='petugas.dokumentasi']").CheckAsync();
        await visitor.CheckIfAsync(javaScript, "task-5a-assign");
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("petugas.dokumentasi");
        await visitor.OpenTaskAsync(number);
        await visitor.PressAsync("complete");
        await Assertions.Expect(page.Locator("[data-testid=problems]")).ToContainTextAsync("lokasi", new() { IgnoreCase = true });
        await visitor.CheckIfAsync(javaScript, "task-5b-problems");
        await page.FillAsync("[name='Location.cabinet']", "Lemari 2");
        await page.FillAsync("[name='Location.box']", "A");
        await visitor.PressAsync("complete");
        await page.GotoAsync("/cases");
        await visitor.CheckIfAsync(javaScript, "cases");
        await page.GetByText(number).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("timeline")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Lemari 2");
        await visitor.CheckIfAsync(javaScript, "case-documented");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("laporan.pdf").First.ClickAsync());
        Assert.Equal("%PDF-1.4 isi", await File.ReadAllTextAsync(await download.PathAsync()));
    }

    [Fact]
    public async Task A_hand_over_is_returned_with_a_reason_that_the_officer_reads()
    {
        await using var visitor = await office.VisitAsync(390);
        var page = visitor.Page;
        var number = await OpenCaseAsync(visitor, false);
        await page.Locator("input[name=assignTo][value='petugas.informasi']").CheckAsync();
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();
        await visitor.SignInAsync("petugas.informasi");
        await visitor.OpenTaskAsync(number);
        await page.FillAsync("[name='Hardcopy[0].Description']", "Laporan");
        await visitor.PressAsync("complete");
        await visitor.OpenTaskAsync(number);
        await visitor.PressAsync("complete");
        await visitor.SignOutAsync();
        await visitor.SignInAsync("kasubid.informasi");
        await visitor.OpenTaskAsync(number);

        await visitor.Test("return").ClickAsync();
        await page.Locator("form:has([data-testid=return-submit]) [name=reason]").FillAsync("Lampiran belum ada");
        await visitor.CheckPageAsync("task-4-return");
        await visitor.PressAsync("return-submit");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("petugas.informasi");
        await visitor.OpenTaskAsync(number);
        await Assertions.Expect(visitor.Test("returned-from")).ToContainTextAsync("Lampiran belum ada");
        await visitor.CheckPageAsync("task-2-returned");
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Pages_of_the_administrator_fit_and_read_well(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync("admin");

        foreach (var (name, path) in new[]
        {
            ("admin-mail", "/admin/mail"), ("admin-incidents", "/admin/incidents"), ("admin-officers", "/admin/officers"), ("account", "/account"),
            ("admin-outages-empty", "/admin/outages"), ("admin-health", "/admin/health"),
            ("admin-events-empty", "/admin/events"), ("not-found", "/cases/01990000-0000-7000-8000-000000000000")
        })
        {
            await visitor.Page.GotoAsync(path);
            await visitor.CheckPageAsync(name);
        }
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task An_outage_is_reported_and_annulled_on_the_page(int width)
    {
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync("admin");
        await visitor.Page.GotoAsync("/admin/outages");
        var begin = DateTime.UtcNow.AddHours(7 - 2);

        await visitor.Page.FillAsync("[name=from]", begin.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await visitor.Page.FillAsync("[name=to]", begin.AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await visitor.Page.Locator("form.card [name=reason]").FillAsync("Listrik padam di seluruh gedung");
        await visitor.PressAsync("report");
        await visitor.CheckPageAsync("admin-outages-refused");
        await visitor.Page.FillAsync("[name=to]", begin.AddMinutes(25).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await visitor.PressAsync("report");
        await Assertions.Expect(visitor.Test("notice")).ToBeVisibleAsync();

        await visitor.Page.Locator("[data-testid=outage] details summary").First.ClickAsync();
        await visitor.CheckPageAsync("admin-outages");
        await visitor.Page.Locator("[data-testid=outage] details[open] [name=reason]").FillAsync("Ternyata gedung lain");
        await visitor.Page.Locator("[data-testid=outage] details[open] [data-testid=annul]").ClickAsync();
        await Assertions.Expect(visitor.Test("annulled").First).ToContainTextAsync("Ternyata gedung lain");
        await visitor.CheckPageAsync("admin-outages-annulled");
    }

    [Fact]
    public async Task Who_may_not_open_cases_is_told_so_and_sees_no_button()
    {
        await using var visitor = await office.VisitAsync(390);
        await visitor.SignInAsync("petugas.dokumentasi");

        Assert.Equal(0, await visitor.Test("new-case").CountAsync());
        var answer = await visitor.Page.GotoAsync("/cases/new");

        Assert.Equal(403, answer!.Status);
        await visitor.CheckPageAsync("refused");
    }

    [Fact]
    public async Task Sign_in_speaks_Indonesian_first_and_English_on_request()
    {
        await using var visitor = await office.VisitAsync(390);
        await visitor.Page.GotoAsync("/");
        await visitor.CheckPageAsync("sign-in");
        Assert.Equal("id", await visitor.Page.GetAttributeAsync("html", "lang"));
        await visitor.Page.FillAsync("input[name=userName]", "kasubid.informasi");
        await visitor.Page.FillAsync("input[name=password]", "bukan-sandinya");
        await visitor.PressAsync("sign-in");
        await visitor.CheckPageAsync("sign-in-refused");

        await visitor.PressAsync("language");

        Assert.Equal("en", await visitor.Page.GetAttributeAsync("html", "lang"));
        await visitor.CheckPageAsync("sign-in-english");
    }

    [Fact]
    public async Task The_dashboard_of_Hangfire_is_for_administrators_only()
    {
        await using var visitor = await office.VisitAsync(1280);
        await visitor.SignInAsync("kasubid.informasi");
        var refused = await visitor.Page.GotoAsync("/hangfire");
        Assert.NotEqual(200, refused!.Status);
        await visitor.Page.GotoAsync("/");
        await visitor.SignOutAsync();

        await visitor.SignInAsync("admin");
        var shown = await visitor.Page.GotoAsync("/hangfire/recurring?from=0&count=50");

        Assert.Equal(200, shown!.Status);
        foreach (var job in (string[])["alarm-sweep", "outbox-sweep", "revision-sweep", "housekeeping", "absences", "guarantees", "calendar-reminder", "incident-reminder", "pause-reminder", "digests"])
            await Assertions.Expect(visitor.Page.Locator("body")).ToContainTextAsync(job);
    }

    private static async Task<string> OpenCaseAsync(Visitor visitor, bool check)
    {
        var page = visitor.Page;
        await visitor.SignInAsync("kasubid.informasi");
        await visitor.Test("new-case").First.ClickAsync();
        await visitor.CheckIfAsync(check, "case-new");
        await page.FillAsync("[name=title]", "Laporan hasil pemeriksaan internal tahun 2025 pada unit pengadaan barang dan jasa");
        await page.SelectOptionAsync("[name=exemptionBasis]", "j");
        await page.FillAsync("[name=determinationNumber]", $"188.44/{Interlocked.Increment(ref _determination)}/2026");
        await page.FillAsync("[name=determinationDate]", DateTime.UtcNow.AddDays(-20).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await visitor.PressAsync("create-case");
        return (await visitor.Test("case-link").InnerTextAsync()).Trim();
    }
}

internal static class VisitorChecks
{
    /// <summary>axe needs a script in the page; without one only the fit is looked at.</summary>
    public static Task CheckIfAsync(this Visitor visitor, bool javaScript, string name) =>
        javaScript ? visitor.CheckPageAsync(name) : Task.CompletedTask;
}
