using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Xml;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>The act that a step asks of a person; decides which fields its completion wants (design.md §5).</summary>
public enum SopAct
{
    /// <summary>A step of another SOP: a confirmation, nothing else.</summary>
    Step,

    /// <summary>Menugaskan: choose who performs the next step.</summary>
    Assign,

    /// <summary>Menyiapkan: files and the list of hardcopy items, at least one medium.</summary>
    Prepare,

    /// <summary>Melaporkan: report readiness upwards.</summary>
    Report,

    /// <summary>Menyerahkan: hand the dossier over.</summary>
    HandOver,

    /// <summary>Mendokumentasikan: storage location and both media, or the reason why one is missing.</summary>
    Document
}

/// <summary>From when the standard runs (domain.md §4).</summary>
public enum MeasuredFrom
{
    Received,
    Started
}

/// <summary>
/// Payload of a <c>Ppid.SopTask</c> bookmark: everything the host needs to open a work item, taken from the definition's version.
/// </summary>
public sealed record SopTask
{
    /// <summary>Stimulus name of the bookmarks that carry this payload.</summary>
    public const string StimulusName = "Ppid.SopTask";

    public required SopAct Act { get; init; }

    /// <summary>Number of the SOP row as printed ("5").</summary>
    public required string Number { get; init; }

    /// <summary>"a" or "b" where one row holds two acts (domain.md §0.1 doubt b), else empty.</summary>
    public string Part { get; init; } = "";

    /// <summary>Uraian, as approved.</summary>
    public required string Description { get; init; }

    public required string PerformerRole { get; init; }

    /// <summary>
    /// Who receives the result; for <see cref="SopAct.Assign"/> also the role from which the performer of the next act is chosen.
    /// </summary>
    public string? RecipientRole { get; init; }

    /// <summary>Kelengkapan.</summary>
    public string? RequiredInput { get; init; }

    /// <summary>The standard, as working time.</summary>
    public required TimeSpan StandardTime { get; init; }

    public string? Output { get; init; }

    /// <summary>Keterangan.</summary>
    public string? Remarks { get; init; }

    public MeasuredFrom MeasuredFrom { get; init; }

    public required IReadOnlyList<EscalationRung> Escalation { get; init; }

    /// <summary>
    /// Counts the visits within one execution of the activity: 5b shares 5a's visit (and clock); 5a after a declined 5b is a new one.
    /// </summary>
    public int Visit { get; init; } = 1;

    /// <summary>
    /// Whether this act may be sent back: its <c>Returned</c> port is connected, or the activity takes it back itself (5b to 5a).
    /// </summary>
    public bool Returnable { get; init; }

    /// <summary>camelCase, spans as ISO 8601 (<c>PT15M</c>), enumerations as words, no nulls.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, SopTaskFormat.Options)!.AsObject();

    /// <exception cref="JsonException">Not a SOP task.</exception>
    public static SopTask FromJson(JsonObject json) =>
        json.Deserialize<SopTask>(SopTaskFormat.Options) ?? throw new JsonException("A SOP task is never null.");
}

/// <summary>Input with which the host resumes a <c>Ppid.SopTask</c> bookmark.</summary>
public sealed record SopTaskResult
{
    /// <summary><c>Done</c> or <c>Returned</c>.</summary>
    public string Outcome { get; init; } = "Done";

    /// <summary>User name of the completer.</summary>
    public string? CompletedBy { get; init; }

    /// <summary>User name chosen by an assigning act.</summary>
    public string? AssignedTo { get; init; }

    public string? Note { get; init; }

    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, SopTaskFormat.Options)!.AsObject();

    public static SopTaskResult FromJson(JsonObject? json) =>
        json?.Deserialize<SopTaskResult>(SopTaskFormat.Options) ?? new SopTaskResult();
}

/// <summary>Spans of working time as <c>PT15M</c>, so that payloads read like the definition.</summary>
internal sealed class IsoDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Duration.TryParse(reader.GetString(), out var span) ? span : throw new JsonException("Not a duration.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(XmlConvert.ToString(value));
}

/// <summary>
/// Read and written by reflection: generated code would give a missing property null instead of its default (<c>Done</c>, visit 1).
/// </summary>
internal static class SopTaskFormat
{
    internal static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new IsoDurationConverter() }
    };
}
