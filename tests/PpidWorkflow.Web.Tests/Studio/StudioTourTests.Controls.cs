using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>How the tour handles what Studio is made of: menus, dialogs, tabs, toolbars, tables.</summary>
public sealed partial class StudioTourTests
{
    private static PageLocatorOptions Named(string text) => new() { HasTextRegex = new Regex($"^\\s*{Regex.Escape(text)}") };

    private ILocator Tab(string name) => Page.Locator(".mud-tab", Named(name));

    /// <summary>One part of the tour. Where a control cannot be reached, the tour complains, opens the page again and goes on.</summary>
    private async Task PartAsync(Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (Exception stuck) when (stuck is TimeoutException or PlaywrightException or Xunit.Sdk.IAssertionException)
        {
            _studio.Complain(string.Join(' ', stuck.Message.Split('\n').Where((line, number) => number < 4
                || line.Contains("waiting for", StringComparison.Ordinal) || line.Contains("intercepts", StringComparison.Ordinal)).Take(7)));
            await _studio.ScreenshotAsync($"designer-stuck{_studio.Complaints.Count}");
            await _studio.OpenAsync(new Uri(Page.Url).AbsolutePath, "tbody tr td:nth-child(3), .x6-node, .x6-graph");
        }
    }

    /// <summary>A tab, also one that lies behind the arrows of its bar.</summary>
    private async Task TabAsync(ILocator tab, string name)
    {
        _studio.Clicked.Add(name);
        await tab.First.DispatchEventAsync("click");
        await _studio.SettleAsync();
    }

    private async Task SearchAsync(string where, string text)
    {
        _studio.Clicked.Add($"{where}: search {text}");
        var field = Page.Locator("#designer-studio .mud-table-toolbar input[type=text]:visible:not([readonly])").First;
        await Page.RunAndWaitForResponseAsync(
            () => field.FillAsync(text), answer => answer.Url.Contains("/elsa/api/workflow-", StringComparison.Ordinal));
        await _studio.SettleAsync();
        Assert.True(await Page.Locator("tbody tr td:nth-child(3)").CountAsync() > 0, $"{where}: nothing found for {text}");
        await Page.RunAndWaitForResponseAsync(
            () => field.FillAsync(""), answer => answer.Url.Contains("/elsa/api/workflow-", StringComparison.Ordinal));
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

    /// <summary>Every tab, those behind the arrows as well, and what lies in it.</summary>
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
                await ToolbarAsync($"{where}, Code View");
                await TabAsync(tabs.Nth(i - 1), $"{where}: back to the drawing");
                await Page.Locator(".x6-node").First.WaitForAsync();
                await _studio.ClickAsync(_studio.Node(where == "viewer" ? "1. Menugaskan" : "2. Menyiapkan"), $"{where}: select the step again");
            }
            else
            {
                var panel = tabs.Nth(i).Locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' mud-tabs ')][1]/*[contains(@class, 'mud-tabs-panels')]");
                // The drawing's own controls and the palette are toured by themselves.
                if (await panel.Locator(".x6-graph, .mud-expand-panel-header, .mud-timeline").CountAsync() == 0)
                    await SweepAsync(panel, $"{where}, {name}");
            }
        }
    }

    /// <summary>Lists to choose from are opened, boxes ticked and unticked, buttons pressed and their dialogs left, rows clicked.</summary>
    private async Task SweepAsync(ILocator panel, string where)
    {
        var lists = panel.Locator(".mud-select:visible");
        for (var i = 0; i < await lists.CountAsync(); i++)
        {
            await _studio.ClickAsync(lists.Nth(i), $"{where}: list {i + 1}");
            await DismissAsync();
        }
        var boxes = panel.Locator(".mud-checkbox:visible:not(.mud-disabled) input:enabled");
        for (var i = 0; i < await boxes.CountAsync(); i++)
            if (await boxes.Nth(i).Locator("xpath=ancestor::table").CountAsync() == 0)
                foreach (var turn in (string[])["tick or untick", "and back"])
                    await _studio.ClickAsync(boxes.Nth(i), $"{where}: box {i + 1}, {turn}", new LocatorClickOptions { Force = true, Timeout = 10_000 });
        var buttons = panel.Locator("button:visible:enabled");
        for (var i = 0; i < await buttons.CountAsync(); i++)
        {
            var button = buttons.Nth(i);
            if (await button.Locator("xpath=ancestor::*[contains(@class, 'mud-menu') or contains(@class, 'mud-table-pagination') or contains(@class, 'monaco') or contains(@class, 'mud-input')]").CountAsync() > 0)
                continue;
            await _studio.ClickAsync(button, $"{where}: button {((await button.InnerTextAsync()).Trim() is { Length: > 0 } text ? text : $"{i + 1}")}");
            await DismissAsync();
        }
    }

    /// <summary>Every control of the toolbars; what opens a file chooser or a menu is seen through.</summary>
    private async Task ToolbarAsync(string where)
    {
        var controls = Page.Locator(".mud-toolbar").Locator("button:visible, .mud-switch:visible");
        var count = await controls.CountAsync();
        var address = new Uri(Page.Url).AbsolutePath;
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
            if (new Uri(Page.Url).AbsolutePath == address)
                continue;
            // Whole, before it is left again: a page of Studio that goes while it is being built complains.
            await _studio.ShownAsync(Page.Locator(".x6-node, tbody tr td:nth-child(3)").First);
            await _studio.SettleAsync();
            await _studio.OpenAsync(address, ".x6-node");
            // An older version is not shown again: what stands there now is the editor's toolbar.
            if (where.StartsWith("version", StringComparison.Ordinal))
                return;
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
            await MenuAsync(menus.Nth(i), $"{where}, row {i + 1}", skip: "View|Rollback.*|Delete");
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
            else if (tries > 0 && await Page.Locator(".mud-dialog-container .mud-overlay").CountAsync() > 0)
            {
                _studio.Clicked.Add("  dialog: beside it");
                await Page.Locator(".mud-dialog-container .mud-overlay").Last.ClickAsync(
                    new LocatorClickOptions { Force = true, Position = new Position { X = 5, Y = 60 }, Timeout = 5_000 });
            }
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
