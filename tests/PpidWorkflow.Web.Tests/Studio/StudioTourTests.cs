using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// Clicks every tab, menu, control of a toolbar and dialog of Studio's four elements as an SOP manager, and prints what it clicked. Nothing may
/// fail, hang or claim to be published; what a click does to definitions and instances is looked up in the service (StudioTourTests.Acts.cs).
/// </summary>
[Collection("Browser")]
public sealed partial class StudioTourTests(StudioOffice office) : IClassFixture<StudioOffice>
{
    private StudioVisitor _studio = null!;

    private IPage Page => _studio.Page;

    [Fact]
    public Task Nothing_in_the_list_of_definitions_fails_hangs_or_claims_to_be_published() => TourAsync("188.44/7/2016", 60, async instance =>
    {
        await TourDefinitionsAsync();
        await ActOnDefinitionsAsync(instance);
    });

    [Fact]
    public Task Nothing_in_the_editor_fails_hangs_or_claims_to_be_published() => TourAsync("188.44/9/2016", 100, async _ =>
    {
        await MakeCopyAsync();
        await ActInEditorAsync();
        await TourEditorAsync();
        Assert.Equal([1], await VersionsAsync(StudioOffice.Sop));
    });

    [Fact]
    public Task Nothing_in_the_list_and_the_viewer_of_instances_fails_or_hangs() => TourAsync("188.44/8/2016", 80, async instance =>
    {
        await TourInstancesAsync();
        await ActOnInstancesAsync(instance);
        await TourViewerAsync(instance);
    });

    private async Task TourAsync(string determination, int clicks, Func<string, Task> tour)
    {
        await using var studio = await office.VisitAsync("pengelola.sop");
        _studio = studio;
        using var manager = await office.ApiAsync("pengelola.sop");
        _manager = manager;
        var (_, number, _) = await office.StartCaseAsync(determination);

        await tour(await office.InstanceOfAsync(number));

        studio.AssertClean();
        Assert.True(studio.Clicked.Count > clicks, $"{studio.Clicked.Count} clicks");
    }

    private async Task TourDefinitionsAsync()
    {
        await _studio.OpenAsync("/designer", "tbody tr td:nth-child(3)");
        await _studio.ScreenshotAsync("designer-definitions");
        await PartAsync(() => SortAsync("list of definitions"));
        await PartAsync(() => SearchAsync("list of definitions", "Pendok"));
        await PartAsync(() => PagerAsync("list of definitions"));
        await PartAsync(() => _studio.ClickAsync(Page.Locator("tbody input[type=checkbox]"), "list of definitions: tick a row"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "list of definitions, Bulk actions"));
        await PartAsync(() => MenuAsync(RowMenu(StudioOffice.Sop), "list of definitions, row", skip: "Edit|Run"));
        // What is in force is neither deleted nor taken back: the menu does not offer it.
        foreach (var act in (string[])["Delete", "Tarik pengajuan"])
            Assert.DoesNotContain(_studio.Clicked, c => c.EndsWith($"definitions, row: {act}", StringComparison.Ordinal));
        await PartAsync(async () =>
        {
            await _studio.ClickAsync(Page.Locator("button[title=\"View description\"]"), "list of definitions: description of the SOP");
            await DismissAsync();
        });
        await PartAsync(() => ButtonAsync("Create workflow", "list of definitions"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-button-group-root .mud-menu"), "list of definitions, beside Create workflow"));
    }

    /// <summary>The editor of a copy of the SOP; opening the SOP itself and going away again leaves no draft behind.</summary>
    private async Task TourEditorAsync()
    {
        await _studio.OpenAsync($"/designer/{StudioOffice.Sop}", ".x6-node");
        await _studio.ScreenshotAsync("designer-editor");
        await _studio.OpenAsync($"/designer/{_copy}", ".x6-node");
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
        await PartAsync(() => TabAsync(Tab("Version history"), "editor: tab Version history"));
        await PartAsync(() => MenusIn(Page.Locator("tbody tr .mud-menu"), "editor, Version history", 2));
        await PartAsync(() => TabAsync(Tab("Properties"), "editor: tab Properties"));
    }

    private async Task TourInstancesAsync()
    {
        await _studio.OpenAsync("/designer/instances", "tbody tr td:nth-child(4)");
        await _studio.ScreenshotAsync("designer-instances");
        await PartAsync(() => SortAsync("list of instances"));
        foreach (var filter in (string[])["Has Incidents", "Workflows", "Status", "Sub status"])
            await PartAsync(() => FilterAsync(filter));
        await PartAsync(() => SearchAsync("list of instances", "PPID"));
        await PartAsync(DatesAsync);
        await PartAsync(() => PagerAsync("list of instances"));
        await PartAsync(() => _studio.ClickAsync(Page.Locator("tbody input[type=checkbox]"), "list of instances: tick a row"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "list of instances, Bulk actions"));
        await PartAsync(() => MenuAsync(Page.Locator(".mud-menu").Filter(new LocatorFilterOptions { HasTextRegex = new Regex("^\\s*Actions\\s*$") }), "list of instances, Actions"));
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

    private async Task FilterAsync(string filter)
    {
        var control = Page.Locator($".mud-input-control:has(label:text-is(\"{filter}\"))");
        await _studio.ClickAsync(control, $"list of instances: filter {filter}");
        var options = Page.Locator(".mud-popover-open .mud-list-item:visible, .mud-popover-open .mud-list-item-extended:visible");
        await _studio.ClickAsync(options.Last, $"list of instances: filter {filter}, {(await options.Last.InnerTextAsync()).Trim()}");
        await DismissAsync();
        // And off again.
        await _studio.ClickAsync(control, $"list of instances: filter {filter} once more");
        await _studio.ClickAsync(filter == "Has Incidents" ? options.First : options.Last, $"list of instances: filter {filter} off");
        await DismissAsync();
    }

    private async Task DatesAsync()
    {
        const string where = "list of instances, Date Filters";
        await _studio.ClickAsync(Page.Locator("button:visible", Named("Date Filters")), $"{where}: open");
        var popover = Page.Locator(".mud-popover-open:visible").Filter(new LocatorFilterOptions { HasText = "Apply" });
        await _studio.ClickAsync(popover.Locator("button", new LocatorLocatorOptions { HasText = "Add" }), $"{where}: Add");
        await _studio.ClickAsync(popover.Locator("button", new LocatorLocatorOptions { HasText = "Add" }), $"{where}: Add another");
        await _studio.ClickAsync(popover.Locator("tr button.mud-icon-button").First, $"{where}: remove the first");
        await _studio.ClickAsync(popover.Locator("button", new LocatorLocatorOptions { HasText = "Clear" }), $"{where}: Clear");
        await _studio.ClickAsync(popover.Locator("button", new LocatorLocatorOptions { HasText = "Apply" }), $"{where}: Apply");
        // Some versions of Studio close it with Apply, which takes a moment.
        try
        {
            await popover.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden, Timeout = 3_000 });
        }
        catch (TimeoutException)
        {
            await _studio.ClickAsync(popover.Locator("button", new LocatorLocatorOptions { HasText = "Close" }), $"{where}: Close");
        }
    }
}
