using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// Clicks every tab, menu, control of a toolbar and dialog of Studio's four elements as an SOP manager, and prints what it clicked. Nothing may
/// fail, hang or claim to be published.
/// </summary>
[Collection("Browser")]
public sealed class StudioTourTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private StudioVisitor _studio = null!;

    private IPage Page => _studio.Page;

    [Fact]
    public async Task Nothing_in_Studio_fails_hangs_or_claims_to_be_published()
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        _studio = studio;
        var (_, number, _) = await office.StartCaseAsync("188.44/7/2016");
        var instance = await office.InstanceOfAsync(number);

        await TourDefinitionsAsync();
        await TourEditorAsync();
        await TourInstancesAsync();
        await TourViewerAsync(instance);

        studio.AssertClean();
        Assert.True(studio.Clicked.Count > 100, $"{studio.Clicked.Count} clicks");
    }

    private async Task TourDefinitionsAsync()
    {
        await _studio.OpenAsync("/designer", "tbody tr td:nth-child(3)");
        await _studio.ScreenshotAsync("designer-definitions");
        await PartAsync(() => SortAsync("list of definitions"));
        await PartAsync(async () =>
        {
            await Page.Locator("#designer-studio input[type=text]:visible").First.FillAsync("Pendok");
            await _studio.SettleAsync();
        });
        await PartAsync(() => PagerAsync("list of definitions"));
        await PartAsync(() => _studio.ClickAsync(Page.Locator("tbody input[type=checkbox]"), "list of definitions: tick a row"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "list of definitions, Bulk actions"));
        await PartAsync(() => MenuAsync(Page.Locator("tbody tr .mud-menu"), "list of definitions, row", skip: "Edit|Run|Duplicate"));
        Assert.DoesNotContain(_studio.Clicked, c => c.EndsWith("row: Tarik pengajuan", StringComparison.Ordinal));
        await PartAsync(() => ButtonAsync("Create workflow", "list of definitions"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-button-group-root .mud-menu"), "list of definitions, beside Create workflow"));
    }

    private async Task TourEditorAsync()
    {
        await _studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await _studio.ScreenshotAsync("designer-editor");
        var headers = Page.Locator(".mud-expand-panel-header");
        var categories = await headers.CountAsync();
        for (var i = 0; i < categories; i++)
        {
            var header = headers.Nth(i);
            await PartAsync(async () =>
            {
                var name = (await header.InnerTextAsync()).Trim();
                await _studio.ClickAsync(header, $"palette: open {name}");
                await _studio.ClickAsync(header, $"palette: close {name}");
            });
        }
        await PartAsync(() => _studio.ClickAsync(_studio.Node("2. Menyiapkan"), "editor: select step 2"));
        await _studio.ScreenshotAsync("designer-step");
        await PartAsync(() => TabsAsync("editor"));
        await PartAsync(() => TabAsync(Tab("Variables"), "editor: tab Variables"));
        await PartAsync(() => ButtonAsync("Add variable", "editor, Variables"));
        await PartAsync(() => TabAsync(Tab("Input/Output"), "editor: tab Input/Output"));
        foreach (var button in (string[])["Add input", "Add output"])
            await PartAsync(() => ButtonAsync(button, "editor, Input/Output"));
        await PartAsync(() => TabAsync(Tab("Version history"), "editor: tab Version history"));
        await PartAsync(() => MenusIn(Page.Locator("tbody tr .mud-menu"), "editor, Version history", 2));
        await PartAsync(() => TabAsync(Tab("Properties"), "editor: tab Properties"));
        await PartAsync(() => TabAsync(Tab("Input"), "editor: tab Input"));
        await PartAsync(() => MenuAsync(Page.Locator(".rz-splitter-pane .mud-menu:has(button.mud-icon-button)", new PageLocatorOptions { HasNot = Page.Locator(".mud-toolbar *") }).Locator("visible=true"),
            "editor, language of the first input", skip: ".+"));
        await PartAsync(() => ToolbarAsync("editor"));
    }

    private async Task TourInstancesAsync()
    {
        await _studio.OpenAsync("/designer/instances", "tbody tr td:nth-child(4)");
        await _studio.ScreenshotAsync("designer-instances");
        await PartAsync(() => SortAsync("list of instances"));
        foreach (var filter in (string[])["Has Incidents", "Workflows", "Status", "Sub status"])
        {
            await PartAsync(async () =>
            {
                await _studio.ClickAsync(Page.Locator($".mud-input-control:has(label:text-is(\"{filter}\"))"), $"list of instances: filter {filter}");
                await DismissAsync();
            });
        }
        await PartAsync(() => ButtonAsync("Date Filters", "list of instances"));
        await PartAsync(() => ButtonAsync("Date Filters", "list of instances, once more"));
        await PartAsync(() => PagerAsync("list of instances"));
        await PartAsync(() => _studio.ClickAsync(Page.Locator("tbody input[type=checkbox]"), "list of instances: tick a row"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "list of instances, Bulk actions"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu").Filter(new LocatorFilterOptions { HasTextRegex = new Regex("^\\s*Actions\\s*$") }), "list of instances, Actions"));
        await PartAsync(() => MenuAsync(Page.Locator("tbody tr .mud-menu"), "list of instances, row", skip: "View"));
    }

    private async Task TourViewerAsync(string instance)
    {
        await _studio.OpenAsync($"/designer/instances/{instance}", ".x6-node");
        await _studio.ScreenshotAsync("designer-viewer");
        await PartAsync(() => _studio.ClickAsync(_studio.Node("1. Menugaskan"), "viewer: select step 1"));
        await PartAsync(() => TabsAsync("viewer"));
        await PartAsync(() => TabAsync(Tab("Journal"), "viewer: tab Journal"));
        var entries = Page.Locator(".mud-timeline-item");
        var count = await entries.CountAsync();
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Nth(i);
            var name = $"viewer: journal entry {i + 1}";
            await PartAsync(() => _studio.ClickAsync(entry.Locator(".mud-typography"), name));
        }
        await PartAsync(() => ToolbarAsync("viewer"));
    }

    private static PageLocatorOptions Named(string text) => new() { HasTextRegex = new Regex($"^\\s*{Regex.Escape(text)}") };

    private ILocator Tab(string name) => Page.Locator(".mud-tab", Named(name));

    /// <summary>One part of the tour. Where a control cannot be reached, the tour complains, opens the page again and goes on.</summary>
    private async Task PartAsync(Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (Exception stuck) when (stuck is TimeoutException or PlaywrightException)
        {
            _studio.Complaints.Add($"after \"{_studio.Clicked[^1]}\": {stuck.Message.Split('\n')[0]} {stuck.Message.Split('\n').FirstOrDefault(l => l.Contains("waiting for", StringComparison.Ordinal))}"
                + $" {stuck.Message.Split('\n').FirstOrDefault(l => l.Contains("intercepts", StringComparison.Ordinal))}");
            await _studio.ScreenshotAsync($"designer-stuck{_studio.Complaints.Count}");
            await _studio.OpenAsync(new Uri(Page.Url).AbsolutePath, "tbody tr td:nth-child(3), .x6-node");
        }
    }

    /// <summary>A tab, also one that lies behind the arrows of its bar.</summary>
    private async Task TabAsync(ILocator tab, string name)
    {
        _studio.Clicked.Add(name);
        await tab.First.DispatchEventAsync("click");
        await _studio.SettleAsync();
    }

    private async Task SortAsync(string where)
    {
        var headers = Page.Locator("thead .mud-table-sort-label, thead .sortable-column-header");
        for (var i = 0; i < await headers.CountAsync(); i++)
            await _studio.ClickAsync(headers.Nth(i), $"{where}: sort by {(await headers.Nth(i).InnerTextAsync()).Trim()}");
    }

    private async Task PagerAsync(string where)
    {
        await _studio.ClickAsync(Page.Locator(".mud-table-pagination-select .mud-input-control, .mud-table-pagination-select"), $"{where}: rows per page");
        await DismissAsync();
        foreach (var button in (string[])["First page", "Previous page", "Next page", "Last page"])
            if (await Page.Locator($"button[aria-label=\"{button}\"]:enabled").CountAsync() > 0)
                await _studio.ClickAsync(Page.Locator($"button[aria-label=\"{button}\"]"), $"{where}: {button}");
    }

    /// <summary>Every tab, those behind the arrows as well.</summary>
    private async Task TabsAsync(string where)
    {
        var tabs = Page.Locator(".mud-tab");
        for (var i = 0; i < await tabs.CountAsync(); i++)
        {
            var name = (await tabs.Nth(i).TextContentAsync())!.Trim();
            await TabAsync(tabs.Nth(i), $"{where}: tab {name}");
            if (name == "Code View")
            {
                await Page.Locator(".monaco-editor").First.WaitForAsync();
                await TabAsync(tabs.Nth(i - 1), $"{where}: back to the drawing");
                await Page.Locator(".x6-node").First.WaitForAsync();
                await _studio.ClickAsync(_studio.Node("2. Menyiapkan"), $"{where}: select step 2 again");
            }
        }
    }

    /// <summary>Every control of the toolbars; what opens a file chooser or a menu is seen through.</summary>
    private async Task ToolbarAsync(string where)
    {
        var controls = Page.Locator(".mud-toolbar").Locator("button:visible, .mud-switch:visible");
        var count = await controls.CountAsync();
        for (var i = 0; i < Math.Min(count, await controls.CountAsync()); i++)
        {
            var control = controls.Nth(i);
            if (await control.Locator("xpath=ancestor::*[contains(@class,'mud-menu')]").CountAsync() > 0)
            {
                await MenuAsync(control.Locator("xpath=ancestor::*[contains(@class,'mud-menu')][last()]"), $"{where}, menu of the toolbar");
                continue;
            }
            await control.HoverAsync(new LocatorHoverOptions { Timeout = 10_000 });
            await _studio.ClickAsync(control, $"{where}: control {i + 1} of the toolbar");
            await DismissAsync();
        }
    }

    private async Task ButtonAsync(string name, string where)
    {
        await _studio.ClickAsync(Page.Locator("button:visible", Named(name)), $"{where}: {name}");
        await DismissAsync();
    }

    private async Task MenusIn(ILocator menus, string where, int most)
    {
        for (var i = 0; i < Math.Min(most, await menus.CountAsync()); i++)
            await MenuAsync(menus.Nth(i), $"{where}, row {i + 1}", skip: "Rollback");
    }

    /// <summary>Opens a menu and clicks each of its items in turn; dialogs are answered with Cancel, file choosers with nothing.</summary>
    /// <param name="skip">Items that lead elsewhere or change what other parts of the tour need: seen, not clicked.</param>
    private async Task MenuAsync(ILocator menu, string name, string? skip = null)
    {
        var opener = menu.First.Locator("button, [role=button]").First;
        await _studio.ClickAsync(opener, $"{name}: open");
        var items = Page.Locator(".mud-popover-open .mud-menu-item:visible");
        var texts = (await items.AllTextContentsAsync()).Select(t => t.Trim()).ToList();
        Assert.True(texts.Count > 0, $"{name}: nothing in it.");
        await DismissAsync();
        for (var i = 0; i < texts.Count; i++)
        {
            if (skip is not null && Regex.IsMatch(texts[i], $"^({skip})$"))
                continue;
            await _studio.ClickAsync(opener, $"{name}: open");
            if (await items.Nth(i).GetAttributeAsync("aria-disabled") == "true" || (await items.Nth(i).GetAttributeAsync("class"))!.Contains("disabled", StringComparison.Ordinal))
            {
                _studio.Clicked.Add($"{name}: {texts[i]} (off)");
                await DismissAsync();
                continue;
            }
            await _studio.ClickAsync(items.Nth(i), $"{name}: {texts[i]}");
            await DismissAsync();
        }
    }

    /// <summary>Cancel, then Escape, until no dialog and no menu is open.</summary>
    private async Task DismissAsync()
    {
        for (var tries = 0; tries < 4; tries++)
        {
            var cancel = Page.Locator(".mud-dialog button", new PageLocatorOptions { HasTextRegex = new Regex("^\\s*(Cancel|Close|No)\\s*$", RegexOptions.IgnoreCase) });
            if (await cancel.CountAsync() > 0)
                await _studio.ClickAsync(cancel, "  dialog: Cancel");
            else if (await Page.Locator(".mud-dialog").CountAsync() > 0)
            {
                _studio.Clicked.Add("  dialog: Escape");
                await Page.Keyboard.PressAsync("Escape");
            }
            else if (await Page.Locator(".mud-overlay").CountAsync() > 0)
                await Page.Locator(".mud-overlay").Last.ClickAsync(new LocatorClickOptions { Force = true, Position = new Position { X = 5, Y = 60 }, Timeout = 5_000 });
            else if (await Page.Locator(".mud-popover-open:visible .mud-list-extended, .mud-popover-open:visible .mud-menu-item").CountAsync() > 0)
                await Page.Keyboard.PressAsync("Escape");
            else
                return;
            await _studio.SettleAsync();
        }
    }
}
