using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tasks;

/// <summary>A choice of a drop-down.</summary>
public sealed record CaseFieldOption(string Value, string Text);

/// <summary>
/// One field of a new case: an input of the definition with the hints of <c>customProperties.sop.caseForm.fields</c> (kept there because Elsa
/// Studio drops unknown properties of inputs), else those on the input itself.
/// </summary>
public sealed record CaseField
{
    public required string Name { get; init; }
    public required string Label { get; init; }
    public string? Description { get; init; }
    public bool IsRequired { get; init; }
    public int MaxLength { get; init; } = 1000;

    /// <summary>Regular expression, anchored by its author.</summary>
    public string? Pattern { get; init; }
    public string? PatternMessage { get; init; }
    public string? Placeholder { get; init; }
    public string? Warning { get; init; }

    /// <summary>An ISO date, as the page's date field gives it.</summary>
    public bool IsDate { get; init; }

    /// <summary>A date that lies after today is refused.</summary>
    public bool NotAfterToday { get; init; }
    public IReadOnlyList<CaseFieldOption> Options { get; init; } = [];
}

/// <summary>The form of a new case, read from the definition: another SOP brings its own fields, with no change here (design.md §5).</summary>
public sealed class CaseForm
{
    // An answer is not to grow with what was sent.
    private const int MostUnknownTold = 20;

    private const int MostPatterns = 1000;

    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(100);
    private static readonly ConcurrentDictionary<string, bool> Patterns = new(StringComparer.Ordinal);

    private CaseForm(IReadOnlyList<CaseField> fields, string titleInput, IReadOnlyList<string> uniqueKey, string numberPattern)
    {
        Fields = fields;
        TitleInput = titleInput;
        UniqueKey = uniqueKey;
        NumberPattern = numberPattern;
    }

    public IReadOnlyList<CaseField> Fields { get; }

    /// <summary>The input that names the case in lists.</summary>
    public string TitleInput { get; }

    /// <summary>Inputs that together may occur once per definition.</summary>
    public IReadOnlyList<string> UniqueKey { get; }

    /// <summary>"PPID/{year}/{seq:0000}".</summary>
    public string NumberPattern { get; }

    /// <summary>
    /// The form of a definition. Hints that cannot be read are passed over: they are refused when a definition is published
    /// (<see cref="FaultIn"/>), and a case of a version that came before that check is read all the same.
    /// </summary>
    public static CaseForm Of(WorkflowDefinition definition)
    {
        var sop = definition.CustomProperties["sop"] as JsonObject;
        var form = sop?["caseForm"] as JsonObject;
        var hints = form?["fields"] as JsonObject;
        return new CaseForm(
            [.. definition.Inputs.Select(input => Field(input, hints?[input.Name] as JsonObject ?? input.Source["customProperties"] as JsonObject ?? []))],
            Text(form, "titleInput") ?? "title",
            form?["uniqueKey"] is JsonArray keys ? [.. keys.Select(Plain<string>).OfType<string>()] : [],
            Text(sop, "caseNumberPattern") ?? "PPID/{year}/{seq:0000}");
    }

    /// <summary>Why the hints cannot be used as they are written, for their author; null: they can.</summary>
    public static string? FaultIn(WorkflowDefinition definition)
    {
        var form = (definition.CustomProperties["sop"] as JsonObject)?["caseForm"] as JsonObject;
        var hints = form?["fields"] as JsonObject;
        if (form?["uniqueKey"] is JsonArray keys && keys.Any(key => Plain<string>(key) is null))
            return "Petunjuk isian berkas baru (caseForm): uniqueKey harus berisi nama-nama masukan.";
        foreach (var input in definition.Inputs)
        {
            var own = hints?[input.Name] as JsonObject ?? input.Source["customProperties"] as JsonObject ?? [];
            var label = input.DisplayName ?? input.Name;
            if (own["maxLength"] is { } length && Plain<int>(length) is not > 0)
                return $"Petunjuk isian \"{label}\" (caseForm): maxLength harus bilangan di atas nol.";
            if (own["isRequired"] is { } required && required.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                return $"Petunjuk isian \"{label}\" (caseForm): isRequired harus true atau false.";
            if (Text(own, "pattern") is { } pattern && !IsPattern(pattern))
                return $"Pola isian \"{label}\" bukan pola teks yang sah.";
        }
        return null;
    }

    public string Number(int year, int sequence) => NumberPattern
        .Replace("{year}", year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{seq:0000}", sequence.ToString("0000", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>Checks every value; the texts that hold, by name.</summary>
    public (IReadOnlyDictionary<string, string> Values, IReadOnlyList<Problem> Problems) Check(
        IReadOnlyDictionary<string, JsonElement> given, DateOnly today)
    {
        var values = new Dictionary<string, string>();
        var problems = new List<Problem>();
        foreach (var name in given.Keys.Where(name => Fields.All(f => f.Name != name)).Take(MostUnknownTold))
            problems.Add(Problem.Invalid("field-unknown", name));
        foreach (var field in Fields)
        {
            var value = given.GetValueOrDefault(field.Name);
            if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Undefined or JsonValueKind.Null))
                problems.Add(Problem.Invalid("input-wrong-type", field.Name, field.Label));
            else if (value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString()))
                AddIf(field.IsRequired, Problem.Invalid("input-required", field.Name, field.Label));
            else if (Refuse(field, value.GetString()!.Trim(), today) is { } problem)
                problems.Add(problem);
            else
                values[field.Name] = value.GetString()!.Trim();
        }
        return (values, problems);

        void AddIf(bool condition, Problem problem)
        {
            if (condition)
                problems.Add(problem);
        }
    }

    /// <summary>The unique key of checked values; null where the definition names none.</summary>
    public string? KeyOf(IReadOnlyDictionary<string, string> values) =>
        UniqueKey.Count == 0 ? null : JsonSerializer.Serialize(UniqueKey.Select(name => values.GetValueOrDefault(name)?.ToUpperInvariant() ?? ""));

    private static Problem? Refuse(CaseField field, string value, DateOnly today)
    {
        if (value.Length > field.MaxLength)
            return Problem.Invalid("input-too-long", field.Name, field.Label, field.MaxLength);
        if (value.Any(char.IsControl))
            return Problem.Invalid("input-wrong-format", field.Name, field.Label, "");
        if (field.Options.Count > 0 && field.Options.All(o => o.Value != value))
            return Problem.Invalid("input-not-in-list", field.Name, field.Label);
        if (field.Pattern is { } pattern && !Regex.IsMatch(value, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, PatternLimit))
            return Problem.Invalid("input-wrong-format", field.Name, field.Label, field.PatternMessage ?? "");
        if (!field.IsDate)
            return null;
        if (!DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return Problem.Invalid("input-not-a-date", field.Name, field.Label);
        return field.NotAfterToday && date > today ? Problem.Invalid("input-date-in-future", field.Name, field.Label) : null;
    }

    private static CaseField Field(InputDefinition input, JsonObject hints) => new()
    {
        Name = input.Name,
        Label = input.DisplayName ?? input.Name,
        Description = input.Description,
        IsRequired = input.IsRequired || Plain<bool>(hints["isRequired"]),
        MaxLength = Plain<int>(hints["maxLength"]) is > 0 and var length ? length : 1000,
        Pattern = Text(hints, "pattern") is { } pattern && IsPattern(pattern) ? pattern : null,
        PatternMessage = Text(hints, "patternMessage"),
        Placeholder = Text(hints, "placeholder"),
        Warning = Text(hints, "warning"),
        IsDate = Text(hints, "format") == "date",
        NotAfterToday = Text(hints, "max") == "today",
        Options = hints["options"] is JsonArray options
            ? [.. options.OfType<JsonObject>().Select(o => new CaseFieldOption(Text(o, "value") ?? "", Text(o, "text") ?? ""))]
            : []
    };

    // Every view of a case reads its form, and making such a pattern costs more than all the rest of it.
    private static bool IsPattern(string pattern)
    {
        if (Patterns.TryGetValue(pattern, out var known))
            return known;
        if (Patterns.Count >= MostPatterns)
            Patterns.Clear();
        return Patterns[pattern] = IsSound(pattern);
    }

    private static bool IsSound(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static T? Plain<T>(JsonNode? node) => node is JsonValue value && value.TryGetValue<T>(out var plain) ? plain : default;

    private static string? Text(JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
