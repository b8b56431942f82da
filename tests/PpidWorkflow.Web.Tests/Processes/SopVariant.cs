using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>The SOP of the repository with other standards, as a <c>workflows</c> folder of its own: tests cannot wait a quarter of an hour.</summary>
public static class SopVariant
{
    private const string Slug = "pendokumentasian-informasi-dikecualikan";

    /// <param name="service">Seeds from it at its next start.</param>
    /// <param name="standards">By number of the step; the others keep an hour, so that no alarm of theirs falls into the test.</param>
    public static void Use(RunningService service, params (string Step, string Standard)[] standards)
    {
        var source = Path.Combine(RunningService.RepositoryRoot, "workflows", Slug);
        var target = Path.Combine(service.Folder, "workflows", Slug);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var definition = Path.Combine(target, "definition.json");
        var root = JsonNode.Parse(File.ReadAllText(definition))!;
        foreach (var activity in root["root"]!["activities"]!.AsArray())
        {
            if (activity!["number"] is not { } number)
                continue;
            var step = number["expression"]!["value"]!.GetValue<string>();
            activity["standardTime"]!["expression"]!["value"] = standards.FirstOrDefault(s => s.Step == step).Standard ?? "PT60M";
        }
        File.WriteAllText(definition, root.ToJsonString());
        service.Settings["Definitions__Path"] = Path.Combine(service.Folder, "workflows");
    }

    /// <summary>Another ladder for one step of the variant.</summary>
    /// <param name="service">After <see cref="Use"/>.</param>
    /// <param name="step">Its number.</param>
    /// <param name="ladder">JSON.</param>
    public static void Ladder(RunningService service, string step, string ladder)
    {
        var definition = Path.Combine(service.Folder, "workflows", Slug, "definition.json");
        var root = JsonNode.Parse(File.ReadAllText(definition))!;
        root["root"]!["activities"]!.AsArray().Single(a => a!["number"]?["expression"]?["value"]?.GetValue<string>() == step)!
            ["escalation"]!["expression"]!["value"] = ladder;
        File.WriteAllText(definition, root.ToJsonString());
    }
}
