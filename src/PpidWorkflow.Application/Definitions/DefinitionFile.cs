using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>A definition as a file.</summary>
/// <param name="Name">As Elsa names its exports; lower-case ASCII letters, digits and hyphens.</param>
public sealed record DefinitionFile(string Name, byte[] Content)
{
    private const int LongestSlug = 100;

    /// <summary>
    /// A version as Elsa exports it, byte-stable: the same version gives the same bytes, and two versions differ in the lines that say what
    /// differs.
    /// </summary>
    /// <param name="definitionCreatedAt">When the definition was begun: the same for all its versions.</param>
    public static DefinitionFile Of(DefinitionView view, DateTimeOffset definitionCreatedAt, ActivityCatalog catalog)
    {
        var version = view.Version;
        var id = version.Id.ToString("N");
        var document = NormalForm.Of(JsonNode.Parse(version.Content)!.AsObject(), catalog);
        document["$schema"] = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";
        document["name"] = version.Name;
        document["isReadonly"] = false;
        document["isSystem"] = false;
        var definition = DefinitionReader.FromDocument(document).WithIdentity(
            id, version.DefinitionId, version.Version, view.IsLatest, version.State == RevisionState.InForce, definitionCreatedAt);
        return new DefinitionFile(
            $"workflow-definition-{Slug(version.Name)}-{version.DefinitionId}-{id}.json", DefinitionWriter.Write(definition));
    }

    private static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var letter in name.Take(LongestSlug))
            if (char.IsAsciiLetterOrDigit(letter))
                slug.Append(char.ToLowerInvariant(letter));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        return slug.ToString().Trim('-') is { Length: > 0 } text ? text : "workflow";
    }
}
