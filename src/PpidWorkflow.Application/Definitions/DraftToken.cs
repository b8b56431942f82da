using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// What a designer was shown, sent along inside the definition and posted back with it, so that a save on top of somebody else's is noticed
/// and what that somebody changed can be named. It says nothing that its reader does not see anyway and grants nothing.
/// </summary>
/// <param name="VersionId">Row that was shown.</param>
/// <param name="Version">Its number.</param>
/// <param name="Revision">Its state of saving.</param>
/// <param name="Parts">Short hash of each activity by id, <c>""</c> for the definition's own properties; null: too many to tell.</param>
public sealed record DraftToken(Guid VersionId, int Version, int Revision, IReadOnlyDictionary<string, string>? Parts)
{
    /// <summary>Member of a definition's customProperties that carries it: one that survives the way through Studio.</summary>
    public const string Property = "ppid";

    private const int MostParts = 400;
    private const int LongestText = 100_000;

    public static DraftToken Of(DefinitionVersion version) => new(version.Id, version.Version, version.Revision, PartsOf(version.Content));

    /// <summary>Takes the token out of a posted definition; null: none, or nothing that could be one.</summary>
    public static DraftToken? Take(JsonObject definition)
    {
        if (definition["customProperties"] is not JsonObject custom || !custom.Remove(Property, out var value)
            || value is not JsonValue text || !text.TryGetValue<string>(out var packed) || packed.Length > LongestText)
            return null;
        try
        {
            return JsonSerializer.Deserialize<DraftToken>(Base64Url.DecodeFromChars(packed), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    public string Pack() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    internal static IReadOnlyDictionary<string, string>? PartsOf(string content)
    {
        var document = DefinitionReader.ReadStored(content).Document;
        var activities = NormalForm.Activities(document["root"]!.AsObject()).ToArray();
        if (activities.Length > MostParts)
            return null;
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = OwnHash(document) };
        foreach (var activity in activities)
            parts[activity["id"]?.ToString() ?? ""] = DefinitionWriter.ActivityHash(activity)[..10];
        return parts;
    }

    private static string OwnHash(JsonObject document)
    {
        var own = document.DeepClone().AsObject();
        own["root"] = new JsonObject { ["type"] = "-" };
        return DefinitionWriter.ContentHash(DefinitionReader.FromDocument(own))[..10];
    }
}
