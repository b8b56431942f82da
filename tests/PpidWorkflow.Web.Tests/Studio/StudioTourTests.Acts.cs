using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What the tour does, and what has become of it in the service.</summary>
public sealed partial class StudioTourTests
{
    private const string CopyName = "Salinan tur";

    private HttpClient _manager = null!;

    /// <summary>Definition id of the copy that the tour works on.</summary>
    private string _copy = StudioOffice.Sop;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task ActOnDefinitionsAsync(string instanceOfCase)
    {
        await PartAsync(async () =>
        {
            await ListAsync();
            await ChooseAsync(RowMenu(StudioOffice.Sop), "Duplicate", "list of definitions, row of the SOP");
            await FillDialogAsync("Name", CopyName);
            await DoneAsync(() => ConfirmAsync("Ok"));
            _copy = (await DefinitionsAsync()).Single(d => d["name"]!.GetValue<string>() == CopyName)["definitionId"]!.GetValue<string>();
            Assert.NotEqual(StudioOffice.Sop, _copy);
            Assert.Equal([1], await VersionsAsync(_copy));
            Assert.Equal([1], await VersionsAsync(StudioOffice.Sop));
        });
        await PartAsync(() => RunFromListAsync(instanceOfCase));
        await PartAsync(async () =>
        {
            await ListAsync();
            await DoneAsync(() => ChooseAsync(RowMenu(_copy), "Ajukan pengesahan", "list of definitions, row of the copy"));
            await Assertions.Expect(Page.GetByTestId("panel-proposed")).ToBeVisibleAsync();
            Assert.Contains("retract", await LinksAsync(_copy));
            await ListAsync();
            await DoneAsync(() => ChooseAsync(RowMenu(_copy), "Tarik pengajuan", "list of definitions, row of the copy"));
            Assert.DoesNotContain("retract", await LinksAsync(_copy));
        });
        await PartAsync(BulkOnDefinitionsAsync);
        await PartAsync(CreateAndDeleteAsync);
        await PartAsync(ImportAndDeleteAsync);
        await PartAsync(async () =>
        {
            await ListAsync();
            await ChooseAsync(RowMenu(_copy), "Edit", "list of definitions, row of the copy");
            await Page.WaitForURLAsync($"**/designer/{_copy}");
            await Page.Locator(".x6-node").First.WaitForAsync();
            await ListAsync();
            await _studio.ClickAsync(Row(_copy).Locator("td").Nth(2), "list of definitions: click the row of the copy");
            await Page.WaitForURLAsync($"**/designer/{_copy}");
            await Page.Locator(".x6-node").First.WaitForAsync();
        });
    }

    /// <summary>A run is a trial: no case, removable; "Cancel" ends the trials of the definition and leaves its cases alone.</summary>
    private async Task RunFromListAsync(string instanceOfCase)
    {
        var known = (await InstancesAsync()).ConvertAll(Id);
        var cases = await CasesAsync();
        await ListAsync();
        await DoneAsync(() => ChooseAsync(RowMenu(StudioOffice.Sop), "Run", "list of definitions, row of the SOP"));
        var instances = await InstancesAsync();
        var trial = instances.Single(i => !known.Contains(Id(i)));
        Assert.Contains("delete", Rels(trial));
        Assert.Equal(cases, await CasesAsync());
        Assert.Equal("Running", trial["status"]!.GetValue<string>());

        await ChooseAsync(RowMenu(StudioOffice.Sop), "Cancel", "list of definitions, row of the SOP");
        await DoneAsync(() => ConfirmAsync("Yes"));
        instances = await InstancesAsync();
        Assert.Equal("Cancelled", instances.Single(i => Id(i) == Id(trial))["subStatus"]!.GetValue<string>());
        Assert.Equal("Running", instances.Single(i => Id(i) == instanceOfCase)["status"]!.GetValue<string>());
    }

    private async Task BulkOnDefinitionsAsync()
    {
        foreach (var (act, proposed) in new[] { ("Ajukan pengesahan", true), ("Tarik pengajuan", false) })
        {
            await ListAsync();
            await _studio.ClickAsync(Row(_copy).Locator("input[type=checkbox]"), "list of definitions: tick the copy");
            await ChooseAsync(Page.Locator(".mud-menu", Named("Bulk actions")), act, "list of definitions, Bulk actions");
            await DoneAsync(() => ConfirmAsync(act));
            Assert.Equal(proposed, (await LinksAsync(_copy)).Contains("retract"));
        }
        await _studio.ClickAsync(Row(_copy).Locator("input[type=checkbox]"), "list of definitions: tick the copy");
        await ChooseAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "Export", "list of definitions, Bulk actions");
        await ExportedAsync();
        await ChooseAsync(RowMenu(_copy), "Export", "list of definitions, row of the copy");
        await ExportedAsync();

        async Task ExportedAsync()
        {
            var answer = await Page.RunAndWaitForResponseAsync(() => ConfirmAsync("Export"), a => a.Url.Contains("/export", StringComparison.Ordinal));
            Assert.Equal(200, answer.Status);
            await _studio.SettleAsync();
        }
    }

    private async Task CreateAndDeleteAsync()
    {
        const string name = "Definisi tur";
        await ListAsync();
        await _studio.ClickAsync(Page.Locator("button:visible", Named("Create workflow")), "list of definitions: Create workflow");
        await FillDialogAsync("Name", name);
        await DoneAsync(() => ConfirmAsync("Ok"));
        await Page.WaitForURLAsync("**/designer/*");
        await Page.Locator(".x6-graph").First.WaitForAsync();
        await _studio.SettleAsync();
        var id = (await DefinitionsAsync()).Single(d => d["name"]!.GetValue<string>() == name)["definitionId"]!.GetValue<string>();
        await ListAsync();
        await ChooseAsync(RowMenu(id), "Delete", "list of definitions, row of the new one");
        await DoneAsync(() => ConfirmAsync("Delete"));
        Assert.DoesNotContain(await DefinitionsAsync(), d => d["definitionId"]!.GetValue<string>() == id);
    }

    private async Task ImportAndDeleteAsync()
    {
        var definition = JsonNode.Parse(await ContentAsync(_copy))!;
        (definition["definitionId"], definition["name"]) = ("impor-tur", "Impor tur");
        await ListAsync();
        _studio.Clicked.Add("list of definitions: Import, a file chosen");
        // What Studio says of it stands for three seconds, which a busy machine may miss.
        await Page.RunAndWaitForResponseAsync(
            () => Page.Locator("#workflow-file-upload-button-wrapper input[type=file]").SetInputFilesAsync(JsonFile("impor.json", definition)),
            answer => answer.Url.EndsWith("/workflow-definitions/import", StringComparison.Ordinal));
        await _studio.SettleAsync();
        Assert.Equal([1], await VersionsAsync("impor-tur"));
        await ListAsync();
        await _studio.ClickAsync(Row("impor-tur").Locator("input[type=checkbox]"), "list of definitions: tick the imported one");
        await ChooseAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "Delete", "list of definitions, Bulk actions");
        await DoneAsync(() => ConfirmAsync("Delete"));
        Assert.DoesNotContain(await DefinitionsAsync(), d => d["definitionId"]!.GetValue<string>() == "impor-tur");
    }

    /// <summary>The SOP under another id, its first version withdrawn: what is changed then is the second.</summary>
    private async Task MakeCopyAsync()
    {
        var definition = JsonNode.Parse(await ContentAsync(StudioOffice.Sop))!;
        (_copy, definition["definitionId"], definition["name"]) = ("salinan-penyunting", "salinan-penyunting", "Salinan penyunting");
        await _manager.AskAsync("/workflow-definitions/import", definition);
        await _manager.AskAsync($"/workflow-definitions/{_copy}/publish", new { });
        await _manager.AskAsync($"/workflow-definitions/{_copy}/retract", new { });
    }

    private async Task ActInEditorAsync()
    {
        await PartAsync(VariableAsync);
        foreach (var what in (string[])["input", "output"])
            await PartAsync(() => InputOrOutputAsync(what));
        await PartAsync(LanguagesAsync);
        await PartAsync(RollbackAsync);
        await PartAsync(async () =>
        {
            await EditorAsync();
            await ToolbarAsync("editor");
        });
        await PartAsync(async () =>
        {
            await EditorAsync();
            await ChooseAsync(Page.Locator(".mud-toolbar .mud-menu"), "Save As", "editor, menu of the toolbar");
            await FillDialogAsync("Name", "Simpanan tur");
            await DoneAsync(() => ConfirmAsync("Ok"));
            var saved = (await DefinitionsAsync()).Single(d => d["name"]!.GetValue<string>() == "Simpanan tur")["definitionId"]!.GetValue<string>();
            await Page.WaitForURLAsync($"**/designer/{saved}");
        });
        await PartAsync(async () =>
        {
            await EditorAsync();
            var before = (await InstancesAsync()).Count;
            await _studio.ClickAsync(Page.Locator(".mud-toolbar button.mud-success-text, .mud-toolbar button:has(.mud-success-text)").Last, "editor: Run");
            await Page.WaitForURLAsync("**/designer/instances/*");
            await Page.Locator(".x6-node").First.WaitForAsync();
            var instances = await InstancesAsync();
            Assert.Equal(before + 1, instances.Count);
            Assert.Contains("delete", Rels(instances.Single(i => Page.Url.EndsWith(Id(i), StringComparison.Ordinal))));
        });
    }

    private async Task VariableAsync()
    {
        await EditorAsync();
        await TabAsync(Tab("Variables"), "editor: tab Variables");
        await _studio.ClickAsync(Page.Locator("button:visible", Named("Add variable")), "editor, Variables: Add variable");
        await FillDialogAsync("Name", "Catatan");
        await _studio.SavedAsync(() => ConfirmAsync("Ok"));
        Assert.Contains("Catatan", await ContentAsync(_copy), StringComparison.Ordinal);
        var row = Page.Locator("tr:visible", new PageLocatorOptions { HasText = "Catatan" });
        if (await row.Locator("button.mud-icon-button:not(.mud-menu *)").CountAsync() > 1)
        {
            await _studio.ClickAsync(row.Locator("button.mud-icon-button").First, "editor, Variables: test value");
            await DismissAsync();
        }
        await ChooseAsync(row.Locator(".mud-menu"), "Edit", "editor, Variables, row");
        await DismissAsync();
        await _studio.SavedAsync(async () =>
        {
            await ChooseAsync(row.Locator(".mud-menu"), "Delete", "editor, Variables, row");
            await ConfirmIfAskedAsync();
        });
        Assert.DoesNotContain("Catatan", await ContentAsync(_copy), StringComparison.Ordinal);
    }

    private async Task InputOrOutputAsync(string what)
    {
        await EditorAsync();
        await TabAsync(Tab("Input/Output"), "editor: tab Input/Output");
        var name = $"Tur_{what}";
        await _studio.ClickAsync(Page.Locator("button:visible", Named($"Add {what}")), $"editor, Input/Output: Add {what}");
        await FillDialogAsync("Name", name);
        await _studio.SavedAsync(() => ConfirmAsync("Ok"));
        Assert.Contains(name, await ContentAsync(_copy), StringComparison.Ordinal);
        var row = Page.Locator("tr:visible", new PageLocatorOptions { HasText = name });
        await ChooseAsync(row.Locator(".mud-menu"), "Edit", $"editor, Input/Output, {what}");
        await DismissAsync();
        await _studio.SavedAsync(async () =>
        {
            await ChooseAsync(row.Locator(".mud-menu"), "Delete", $"editor, Input/Output, {what}");
            await ConfirmIfAskedAsync();
        });
        Assert.DoesNotContain(name, await ContentAsync(_copy), StringComparison.Ordinal);
    }

    /// <summary>Each language that an input can be written in, the editor of scripts, and back to what it was.</summary>
    private async Task LanguagesAsync()
    {
        await EditorAsync();
        await _studio.ClickAsync(_studio.Node("3. Melaporkan"), "editor: select step 3");
        await TabAsync(Tab("Input"), "editor: tab Input");
        var menu = Page.Locator(".rz-splitter-vertical > .rz-splitter-pane").Last.Locator(".mud-menu:visible").First;
        await _studio.ClickAsync(menu.Locator("button, [role=button]").First, "editor, language of the first input: open");
        var languages = (await Page.Locator(".mud-popover-open .mud-menu-item:visible").AllTextContentsAsync()).Select(t => t.Trim()).ToList();
        await DismissAsync();
        Assert.Contains("JavaScript", languages);
        foreach (var language in languages.Skip(1).Append(languages[0]))
        {
            await ChooseAsync(menu, language, "editor, language of the first input");
            var edit = Page.Locator(".rz-splitter-vertical > .rz-splitter-pane button[title=Edit]:visible");
            if (await edit.CountAsync() == 0)
                continue;
            await _studio.ClickAsync(edit, $"editor, {language}: open the editor of scripts");
            await DismissAsync();
        }
    }

    /// <summary>"View" shows an older version without a change; "Rollback" is a new draft with the old content.</summary>
    private async Task RollbackAsync()
    {
        await EditorAsync();
        await _studio.ClickAsync(_studio.Node("2. Menyiapkan"), "editor: select step 2");
        await TabAsync(Tab("Input"), "editor: tab Input");
        await _studio.FillAsync("Waktu baku (menit kerja)", "17");
        var versions = await VersionsAsync(_copy);
        Assert.NotEqual(await RootAsync(_copy, "1"), await RootAsync(_copy, "Latest"));
        await TabAsync(Tab("Version history"), "editor: tab Version history");
        var first = Page.Locator("tbody tr:visible").Last;
        await ChooseAsync(first.Locator(".mud-menu"), "View", "editor, Version history, the oldest");
        await Assertions.Expect(Page.Locator(".mud-toolbar").First).ToContainTextAsync("Version 1");
        Assert.Equal(versions, await VersionsAsync(_copy));
        await ToolbarAsync("version 1");

        await TabAsync(Tab("Version history"), "version 1: tab Version history");
        await DoneAsync(() => ChooseAsync(first.Locator(".mud-menu"), "Rollback to this version", "editor, Version history, the oldest"));
        Assert.Equal([.. versions, versions[^1] + 1], await VersionsAsync(_copy));
        Assert.Equal(await RootAsync(_copy, "1"), await RootAsync(_copy, "Latest"));

        // A draft that nobody proposed may be deleted.
        await _studio.OpenAsync($"/designer/{_copy}", ".x6-node");
        await TabAsync(Tab("Version history"), "editor: tab Version history");
        await DoneAsync(async () =>
        {
            await ChooseAsync(Page.Locator("tbody tr:visible").First.Locator(".mud-menu"), "Delete", "editor, Version history, the newest");
            await ConfirmIfAskedAsync();
        });
        Assert.Equal(versions, await VersionsAsync(_copy));
    }

    private async Task ActOnInstancesAsync(string instanceOfCase)
    {
        var trials = new List<string>();
        for (var i = 0; i < 3; i++)
            trials.Add(await _manager.ExecuteAsync(StudioOffice.Sop));
        var file = await _manager.GetByteArrayAsync($"/elsa/api/workflow-instances/{trials[0]}/export?includeBookmarks=true", Cancellation);
        await PartAsync(async () =>
        {
            // A case is a record: nothing in its row's menu ends or deletes it.
            await InstanceListAsync();
            await _studio.ClickAsync(Row(instanceOfCase).Locator(".mud-menu button").First, "list of instances, row of the case: open");
            Assert.Equal(["View"], (await Page.Locator(".mud-popover-open .mud-menu-item:visible").AllTextContentsAsync()).Select(t => t.Trim()));
            await DismissAsync();
            await ChooseAsync(RowMenu(instanceOfCase), "View", "list of instances, row of the case");
            await Page.WaitForURLAsync($"**/designer/instances/{instanceOfCase}");
        });
        await PartAsync(async () =>
        {
            await InstanceListAsync();
            await ChooseAsync(RowMenu(trials[0]), "Cancel", "list of instances, row of a trial");
            await DoneAsync(() => ConfirmAsync("Yes"));
            Assert.Equal("Cancelled", (await InstancesAsync()).Single(i => Id(i) == trials[0])["subStatus"]!.GetValue<string>());
            await InstanceListAsync();
            await ChooseAsync(RowMenu(trials[0]), "Delete", "list of instances, row of a trial");
            await DoneAsync(() => ConfirmAsync("Delete"));
            Assert.DoesNotContain(await InstancesAsync(), i => Id(i) == trials[0]);
        });
        await PartAsync(async () =>
        {
            await InstanceListAsync();
            await _studio.ClickAsync(Row(trials[1]).Locator("input[type=checkbox]"), "list of instances: tick a trial");
            await ChooseAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "Cancel", "list of instances, Bulk actions");
            await DoneAsync(() => ConfirmAsync("Yes"));
            Assert.Equal("Cancelled", (await InstancesAsync()).Single(i => Id(i) == trials[1])["subStatus"]!.GetValue<string>());
            await InstanceListAsync();
            await _studio.ClickAsync(Row(trials[1]).Locator("input[type=checkbox]"), "list of instances: tick a trial");
            await ChooseAsync(Page.Locator(".mud-menu", Named("Bulk actions")), "Delete", "list of instances, Bulk actions");
            await DoneAsync(() => ConfirmAsync("Delete"));
            Assert.DoesNotContain(await InstancesAsync(), i => Id(i) == trials[1]);
        });
        await PartAsync(async () =>
        {
            var before = (await InstancesAsync()).Count;
            await InstanceListAsync();
            _studio.Clicked.Add("list of instances: Import, a file chosen");
            await Page.RunAndWaitForResponseAsync(
                () => Page.Locator("#instance-file-upload-button-wrapper input[type=file]").SetInputFilesAsync(
                    new FilePayload { Name = "uji-coba.json", MimeType = "application/json", Buffer = file }),
                answer => answer.Url.Contains("/bulk-actions/import/workflow-instances", StringComparison.Ordinal));
            await _studio.SettleAsync();
            Assert.Equal(before + 1, (await InstancesAsync()).Count);
        });
        Assert.Contains(await InstancesAsync(), i => Id(i) == instanceOfCase && i["status"]!.GetValue<string>() == "Running");
    }

    private Task ListAsync() => GoAsync("/designer", "tbody tr td:nth-child(3)");

    private Task InstanceListAsync() => GoAsync("/designer/instances", "tbody tr td:nth-child(4)");

    private Task EditorAsync() => GoAsync($"/designer/{_copy}", ".x6-node");

    /// <summary>Studio takes seconds to start: only where it shows something else.</summary>
    private async Task GoAsync(string address, string shows)
    {
        if (new Uri(Page.Url).AbsolutePath != address)
            await _studio.OpenAsync(address, shows);
        await _studio.SettleAsync();
    }

    private ILocator Row(string id) => Page.Locator("tbody tr", new PageLocatorOptions { HasText = id });

    private ILocator RowMenu(string id) => Row(id).Locator(".mud-menu");

    private async Task ChooseAsync(ILocator menu, string item, string where)
    {
        // What the mouse was over may have unfolded a description that covers the rows.
        await Page.Mouse.MoveAsync(640, 2);
        await Assertions.Expect(Page.Locator(".mud-tooltip.mud-popover-open:visible")).ToHaveCountAsync(0);
        await _studio.ClickAsync(menu.First.Locator("button, [role=button]").First, $"{where}: open");
        await _studio.ClickAsync(
            Page.Locator(".mud-popover-open .mud-menu-item:visible", new PageLocatorOptions { HasTextRegex = new Regex($"^\\s*{Regex.Escape(item)}\\s*$") }),
            $"{where}: {item}");
    }

    private async Task FillDialogAsync(string label, string text)
    {
        var field = Page.Locator($".mud-dialog .mud-input-control:has(label:text-is(\"{label}\")) input").First;
        await field.FillAsync(text);
        await field.PressAsync("Tab");
        await _studio.SettleAsync();
    }

    private Task ConfirmAsync(string button) => _studio.ClickAsync(
        Page.Locator(".mud-dialog button", new PageLocatorOptions { HasTextRegex = new Regex($"^\\s*{Regex.Escape(button)}\\s*$", RegexOptions.IgnoreCase) }), $"  dialog: {button}");

    /// <summary>Does something that changes what the service keeps, and waits for its answer: a busy Studio may ask long after the click.</summary>
    private async Task DoneAsync(Func<Task> act)
    {
        await Page.RunAndWaitForResponseAsync(act, answer => answer.Request.Method != "GET"
            && answer.Url.Contains("/elsa/api/", StringComparison.Ordinal)
            // The list of instances is a question, though Studio posts it.
            && !answer.Url.EndsWith("/elsa/api/workflow-instances", StringComparison.Ordinal));
        await _studio.SettleAsync();
    }

    private async Task ConfirmIfAskedAsync()
    {
        var dialog = Page.Locator(".mud-dialog");
        if (await dialog.CountAsync() > 0)
            await ConfirmAsync(await dialog.Locator("button", new LocatorLocatorOptions { HasText = "Delete" }).CountAsync() > 0 ? "Delete" : "Ok");
    }

    private static FilePayload JsonFile(string name, JsonNode content) =>
        new() { Name = name, MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(content.ToJsonString()) };

    private async Task<List<JsonNode>> DefinitionsAsync() =>
        [.. (await _manager.ReadAsync("/workflow-definitions?versionOptions=Latest&page=0&pageSize=100"))["items"]!.AsArray().OfType<JsonNode>()];

    private async Task<List<JsonNode>> InstancesAsync() =>
        [.. (await _manager.AskAsync("/workflow-instances", new { page = 0, pageSize = 100 }))["items"]!.AsArray().OfType<JsonNode>()];

    private async Task<int> CasesAsync()
    {
        using var head = await office.ApiAsync("kepala.biro");
        return (await head.GetFromJsonAsync<JsonObject>("/api/v1/cases", Cancellation))!["items"]!.AsArray().Count;
    }

    private async Task<List<int>> VersionsAsync(string definitionId) =>
        [.. (await _manager.ReadAsync($"/workflow-definitions?definitionIds={definitionId}&versionOptions=AllVersions&pageSize=100"))["items"]!.AsArray()
            .Select(v => v!["version"]!.GetValue<int>()).Order()];

    private async Task<List<string>> LinksAsync(string definitionId) => Rels((await DefinitionsAsync()).Single(d => d["definitionId"]!.GetValue<string>() == definitionId));

    private async Task<string> ContentAsync(string definitionId, string version = "Latest") =>
        await _manager.GetStringAsync($"/elsa/api/workflow-definitions/{definitionId}/export?versionOptions={version}", Cancellation);

    private async Task<string> RootAsync(string definitionId, string version) =>
        JsonNode.Parse(await ContentAsync(definitionId, version))!["root"]!.ToJsonString();

    private static List<string> Rels(JsonNode item) => [.. item["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>())];

    private static string Id(JsonNode item) => item["id"]!.GetValue<string>();
}
