using System.Text;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>What Elsa Studio does with definitions, as an officer signed in.</summary>
internal sealed class StudioClient(HttpClient http) : IDisposable
{
    public const string Api = "/elsa/api";

    public HttpClient Http => http;

    public static async Task<StudioClient> SignInAsync(TestService service, string userName = "pengelola.sop") =>
        new(await service.ApiClientAsync(userName));

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(Api + path, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> DeleteAsync(string path) => http.DeleteAsync(Api + path, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> PostAsync(string path, JsonNode body) =>
        http.PostAsync(Api + path, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    /// <summary>Asserts success and reads the body.</summary>
    public static async Task<JsonNode> BodyAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>The latest version as Studio's editor opens it.</summary>
    public async Task<JsonObject> OpenAsync(string definitionId, string versions = "Latest") =>
        (await BodyAsync(await GetAsync($"/workflow-definitions/by-definition-id/{definitionId}?versionOptions={versions}"))).AsObject();

    /// <summary>Posts a definition back as Studio's models carry it: what they do not know is gone, variables' values are text.</summary>
    public Task<HttpResponseMessage> SaveAsync(JsonObject definition, bool? publish = false) =>
        PostAsync("/workflow-definitions", new JsonObject { ["model"] = AsStudioCarries(definition), ["publish"] = publish });

    public async Task<JsonObject> SavedAsync(JsonObject definition, bool? publish = false) =>
        (await BodyAsync(await SaveAsync(definition, publish)))["workflowDefinition"]!.AsObject();

    public async Task<string> ExportAsync(string definitionId, string versions = "Latest") =>
        await (await GetAsync($"/workflow-definitions/{definitionId}/export?versionOptions={versions}")).EnsureSuccessStatusCode()
            .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>A new definition: a flowchart of lines written one after another.</summary>
    public static JsonObject NewDefinition(string name, params string[] texts) => new()
    {
        ["definitionId"] = null,
        ["name"] = name,
        ["description"] = null,
        ["toolVersion"] = "3.8.2.0",
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["name"] = "Flowchart1",
            ["activities"] = new JsonArray([.. texts.Select((text, i) => Line($"line{i + 1}", text))]),
            ["connections"] = new JsonArray([.. texts.Skip(1).Select((_, i) => (JsonNode)new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = $"line{i + 1}", ["port"] = "Done" },
                ["target"] = new JsonObject { ["activity"] = $"line{i + 2}", ["port"] = "In" },
                ["vertices"] = new JsonArray()
            })])
        }
    };

    public static JsonObject Line(string id, string text) => new()
    {
        ["id"] = id,
        ["type"] = "Elsa.WriteLine",
        ["version"] = 1,
        ["name"] = $"Tulis {id}",
        ["text"] = new JsonObject
        {
            ["typeName"] = null,
            ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = text },
            ["memoryReference"] = null
        },
        ["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = 10, ["y"] = 20.5 } } }
    };

    public static JsonObject Activity(JsonObject definition, string id) =>
        definition["root"]!["activities"]!.AsArray().OfType<JsonObject>().Single(a => a["id"]!.GetValue<string>() == id);

    /// <summary>Types into an activity's text field and, as Studio does, moves the activity to the end.</summary>
    public static void Type(JsonObject definition, string id, string input, string text)
    {
        var activity = Activity(definition, id);
        activity[input] = new JsonObject
        {
            ["typeName"] = null,
            ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = text },
            ["memoryReference"] = null
        };
        var siblings = definition["root"]!["activities"]!.AsArray();
        siblings.Remove(activity);
        siblings.Add(activity);
    }

    public void Dispose() => http.Dispose();

    private static JsonObject AsStudioCarries(JsonObject definition)
    {
        string[] known =
        [
            "definitionId", "name", "description", "toolVersion", "variables", "inputs", "outputs", "outcomes", "customProperties", "options",
            "root", "createdAt", "version", "isLatest", "isPublished", "id"
        ];
        var model = new JsonObject { ["isReadonly"] = false, ["links"] = null };
        foreach (var (name, value) in definition)
            if (known.Contains(name))
                model[name] = value?.DeepClone();
        Slim(model["inputs"], ["type", "name", "displayName", "description", "category", "uiHint", "storageDriverType"]);
        Slim(model["outputs"], ["type", "name", "displayName", "description", "category"]);
        foreach (var variable in (model["variables"] as JsonArray ?? []).OfType<JsonObject>())
            variable["value"] = variable["value"]?.ToString();
        if (model["options"] is JsonObject options)
            foreach (var name in (string[])["activationStrategyType", "usableAsActivity", "activityCategory", "incidentStrategyType", "commitStrategyName"])
                options.TryAdd(name, null);
        return model;
    }

    private static void Slim(JsonNode? arguments, string[] known)
    {
        foreach (var argument in (arguments as JsonArray ?? []).OfType<JsonObject>())
        {
            foreach (var name in argument.Select(m => m.Key).Except(known).ToArray())
                argument.Remove(name);
            argument["isArray"] = false;
        }
    }
}
