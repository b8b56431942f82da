using System.Text.Json;

namespace PpidWorkflow.Application.Tests.Sop;

/// <summary>The shipped SOP folder, read as plain JSON: these tests hold the data, not the engine that runs it.</summary>
internal static class SopFolder
{
    public const string Slug = "pendokumentasian-informasi-dikecualikan";

    public static string WorkflowsRoot => Path.Combine(AppContext.BaseDirectory, "workflows");

    public static JsonElement Definition { get; } = Read("definition.json");

    public static JsonElement IdentityFile { get; } = Read("sop.json");

    public static JsonElement Identity => Definition.GetProperty("customProperties").GetProperty("sop");

    public static JsonElement Flowchart => Definition.GetProperty("root");

    public static IReadOnlyList<JsonElement> Activities => [.. Flowchart.GetProperty("activities").EnumerateArray()];

    public static JsonElement Step(string number) => Activities.Single(activity => activity.Text("id") == "Step" + number);

    /// <summary>A string property, or null where the JSON says null.</summary>
    public static string? Text(this JsonElement element, string property) => element.GetProperty(property).GetString();

    /// <summary>Value of an activity's input, or null where the input is left to its default.</summary>
    public static string? Input(this JsonElement activity, string name) =>
        activity.GetProperty(name) is { ValueKind: JsonValueKind.Object } input ? input.GetProperty("expression").Text("value") : null;

    private static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(WorkflowsRoot, Slug, file)));
        return document.RootElement.Clone();
    }
}
