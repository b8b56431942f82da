using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What starts other workflows, waits for events and starts by itself, clicked from the palette to the list of instances.</summary>
public sealed partial class StudioTourTests
{
    private const string Child = "anak-tur", Parent = "induk-tur";

    /// <summary>Text on the box, type, and the input whose field its panel shows.</summary>
    private static readonly (string Box, string Type, string Input)[] NewActivities =
    [
        ("Kabari", "Elsa.PublishEvent", "EventName"), ("Jalankan anak", "Elsa.ExecuteWorkflow", "WorkflowDefinitionId"),
        ("Titip anak", "Elsa.DispatchWorkflow", "WorkflowDefinitionId"), ("Titip banyak", "Elsa.BulkDispatchWorkflows", "WorkflowDefinitionId"),
        ("Pakai anak", "AnakTur", ""), ("Tunggu kabar", "Elsa.Event", "EventName"), ("Tiap jam", "Elsa.Timer", "Interval"), ("Tiap pagi", "Elsa.Cron", "CronExpression")
    ];

    [Fact]
    public Task What_starts_other_workflows_is_in_the_palette_opens_its_panels_is_proposed_and_its_children_are_listed() => TourAsync("188.44/10/2016", 20, async _ =>
    {
        await MakeChildAsync();
        await _manager.AskAsync("/workflow-definitions/import", ParentFile());
        await _studio.OpenAsync($"/designer/{Parent}", ".x6-node");
        await Assertions.Expect(Page.Locator(".x6-node")).ToHaveCountAsync(NewActivities.Length + 1);
        var known = (await _manager.ReadAsync("/descriptors/activities"))["items"]!.AsArray();
        foreach (var (box, type, input) in NewActivities)
            await PartAsync(() => LookAtAsync(box, known.Last(d => (string)d!["typeName"]! == type)!, input));
        await _studio.ScreenshotAsync("designer-new-activities");
        await PartAsync(async () =>
        {
            await _studio.ClickAsync(Page.Locator(".mud-toolbar .mud-button-group-root button"), "Publish");
            await Assertions.Expect(Page.GetByTestId("panel-proposed")).ToBeVisibleAsync();
            await ApproveAsync(Parent);
        });

        var parent = await _manager.ExecuteAsync(Parent);
        // One that is waited for, one sent off, two at once; the workflow used as an activity is no instance of its own.
        var children = (await InstancesAsync()).Where(i => i["parentWorkflowInstanceId"]?.GetValue<string>() == parent).Select(Id).ToList();
        Assert.Equal(4, children.Count);
        Assert.Equal("Suspended", (await InstancesAsync()).Single(i => Id(i) == parent)["subStatus"]!.GetValue<string>());
        await InstanceListAsync();
        foreach (var id in children.Append(parent))
            await Assertions.Expect(Page.Locator($"tbody tr:has-text(\"{id}\")").First).ToBeVisibleAsync();

        // From the viewer of the one to that of the other, and back; Studio's drawing stands in both.
        await PartAsync(async () =>
        {
            await _studio.OpenAsync($"/designer/instances/{parent}", ".x6-node");
            await Page.GetByTestId("family-children").ClickAsync();
            await Assertions.Expect(Page.GetByTestId("family-child")).ToHaveCountAsync(4);
            await _studio.ScreenshotAsync("designer-family");
            await Page.GetByTestId("family-child").First.ClickAsync();
            await Page.WaitForURLAsync(url => children.Any(id => url.EndsWith(id, StringComparison.Ordinal)));
            await _studio.ShownAsync(Page.Locator(".x6-node").First);
            await Assertions.Expect(Page.GetByTestId("family-children")).ToHaveCountAsync(0);
            await Page.GetByTestId("family-parent").ClickAsync();
            await Page.WaitForURLAsync(url => url.EndsWith(parent, StringComparison.Ordinal));
            await _studio.ShownAsync(Page.Locator(".x6-node").First);
        });
    });

    /// <summary>The palette has it, and its panel opens with its field.</summary>
    private async Task LookAtAsync(string box, JsonNode descriptor, string input)
    {
        var name = (string)descriptor["displayName"]!;
        await Assertions.Expect(Page.Locator("[draggable=true]").GetByText(name, new LocatorGetByTextOptions { Exact = true })).Not.ToHaveCountAsync(0, Soon);
        await _studio.ClickAsync(_studio.Node(box), $"select {box}");
        await TabAsync(Tab("Common"), $"{box}: tab Common");
        await Assertions.Expect(_studio.Field("Display text").First).ToHaveValueAsync(box);
        if (input.Length == 0)
            return;
        await TabAsync(Tab("Input"), $"{box}: tab Input");
        var label = (string)descriptor["inputs"]!.AsArray().Single(i => (string)i!["name"]! == input)!["displayName"]!;
        await Assertions.Expect(Page.Locator($".mud-input-control:visible:has(label:text-is(\"{label}\"))").First).ToBeVisibleAsync();
    }

    private static readonly LocatorAssertionsToHaveCountOptions Soon = new() { Timeout = 5_000 };

    private async Task MakeChildAsync()
    {
        var child = Definition(Child, "Anak tur", [Activity("Catat", "Elsa.WriteLine", ("text", "sampai"))], []);
        child["options"] = new JsonObject { ["usableAsActivity"] = true };
        await _manager.AskAsync("/workflow-definitions/import", child);
        await _manager.AskAsync($"/workflow-definitions/{Child}/publish", new { });
        await ApproveAsync(Child);
    }

    private async Task ApproveAsync(string definitionId)
    {
        using var head = await office.ApiAsync("kepala.biro");
        var latest = await _manager.ReadAsync($"/workflow-definitions/by-definition-id/{definitionId}?versionOptions=Latest");
        var version = (int)latest["version"]!;
        using var explained = await _manager.PostAsJsonAsync($"/api/v1/definitions/{definitionId}/versions/{version}/explain", new { reason = "Dicoba" }, Cancellation);
        using var seen = await head.GetAsync($"/api/v1/definitions/{definitionId}/versions/{version}");
        var hash = JsonNode.Parse(await seen.Content.ReadAsStringAsync(Cancellation))!["version"]!["contentHash"]!.GetValue<string>();
        using var approved = await head.PostAsJsonAsync($"/api/v1/definitions/{definitionId}/versions/{version}/approve", new { contentHash = hash }, Cancellation);
        Assert.True(approved.IsSuccessStatusCode, await approved.Content.ReadAsStringAsync(Cancellation));
    }

    private static JsonObject ParentFile()
    {
        var used = Activity("Pakai", "AnakTur");
        (used["version"], used["workflowDefinitionId"]) = (1, Child);
        return Definition(Parent, "Induk tur",
        [
            Activity("Mulai", "Elsa.Start"), Activity("Kabari", "Elsa.PublishEvent", ("eventName", "KabarTur")),
            Activity("Jalankan", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", Child), ("waitForCompletion", true)),
            Activity("Titip", "Elsa.DispatchWorkflow", ("workflowDefinitionId", Child), ("waitForCompletion", false)),
            Activity("Banyak", "Elsa.BulkDispatchWorkflows", ("workflowDefinitionId", Child), ("items", new JsonArray("a", "b")), ("waitForCompletion", true)),
            used, Activity("Tunggu", "Elsa.Event", ("eventName", "LanjutTur")), Trigger("Jam", "Elsa.Timer", ("interval", "01:00:00")),
            Trigger("Pagi", "Elsa.Cron", ("cronExpression", "0 0 1 * * *"))
        ],
        ["Mulai-Kabari", "Kabari-Jalankan", "Jalankan-Titip", "Titip-Banyak", "Banyak-Pakai", "Pakai-Tunggu", "Jam-Kabari", "Pagi-Kabari"]);
    }

    private static JsonObject Definition(string id, string name, JsonObject[] activities, string[] connections)
    {
        var boxes = new Dictionary<string, string>
        {
            ["Kabari"] = "Kabari",
            ["Jalankan"] = "Jalankan anak",
            ["Titip"] = "Titip anak",
            ["Banyak"] = "Titip banyak",
            ["Pakai"] = "Pakai anak",
            ["Tunggu"] = "Tunggu kabar",
            ["Jam"] = "Tiap jam",
            ["Pagi"] = "Tiap pagi"
        };
        for (var i = 0; i < activities.Length; i++)
        {
            var own = (string)activities[i]["id"]!;
            activities[i]["metadata"] = new JsonObject
            {
                ["displayText"] = boxes.GetValueOrDefault(own, own),
                ["designer"] = new JsonObject
                {
                    ["position"] = new JsonObject { ["x"] = i % 3 * 280, ["y"] = i / 3 * 130 },
                    ["size"] = new JsonObject { ["width"] = 180, ["height"] = 50 }
                }
            };
        }
        return new JsonObject
        {
            ["definitionId"] = id,
            ["name"] = name,
            ["version"] = 1,
            ["root"] = new JsonObject
            {
                ["id"] = "Alur",
                ["type"] = "Elsa.Flowchart",
                ["activities"] = new JsonArray([.. activities]),
                ["connections"] = new JsonArray([.. connections.Select(c => (JsonNode)new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = c.Split('-')[0], ["port"] = "Done" },
                    ["target"] = new JsonObject { ["activity"] = c.Split('-')[1], ["port"] = "In" }
                })])
            }
        };
    }

    private static JsonObject Activity(string id, string type, params (string Input, JsonNode? Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (input, value) in inputs)
        {
            activity[input] = new JsonObject
            {
                ["typeName"] = value is JsonArray ? "Object" : value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False ? "Boolean" : "String",
                ["expression"] = value is JsonArray
                    ? new JsonObject { ["type"] = "Object", ["value"] = value.ToJsonString() }
                    : new JsonObject { ["type"] = "Literal", ["value"] = value }
            };
        }
        return activity;
    }

    private static JsonObject Trigger(string id, string type, params (string Input, JsonNode? Value)[] inputs)
    {
        var activity = Activity(id, type, inputs);
        activity["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return activity;
    }
}
