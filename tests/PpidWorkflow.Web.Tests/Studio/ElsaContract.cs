using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>One recorded request of Elsa Studio (or of a script) and what stock Elsa answered.</summary>
internal sealed record ElsaSample(
    string Step, string By, string Method, string Path, string Query, JsonNode? RequestBody, int Status,
    IReadOnlyDictionary<string, string> ResponseHeaders, JsonNode? ResponseBody)
{
    /// <summary>The same request with our ids in place of the recorded ones, in path, query and body.</summary>
    public HttpRequestMessage Adapt(IReadOnlyDictionary<string, string> ids, Action<JsonNode>? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Replace(Path, ids, Uri.EscapeDataString) + Replace(Query, ids, Uri.EscapeDataString));
        if (RequestBody is null)
            return request;
        var adapted = JsonNode.Parse(Replace(RequestBody.ToJsonString(), ids, id => JsonEncodedText.Encode(id).Value))!;
        body?.Invoke(adapted);
        request.Content = new StringContent(adapted.ToJsonString(), Encoding.UTF8, "application/json");
        return request;
    }

    private static string Replace(string text, IReadOnlyDictionary<string, string> ids, Func<string, string> encode) =>
        ids.Aggregate(text, (current, id) => current.Replace(id.Key, encode(id.Value), StringComparison.Ordinal));
}

/// <summary>
/// The recorded contract of Elsa Studio (tests/Shared/elsa) against an answer of ours: presence, JSON type, casing and spelling of every
/// field. Values are our own. What may differ is listed, with the reason, in tests/Shared/elsa-differences.json.
/// </summary>
internal static partial class ElsaContract
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "elsa");
    private static readonly Lazy<IReadOnlyList<Difference>> Allowed = new(() =>
        JsonSerializer.Deserialize<Difference[]>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "elsa-differences.json")), JsonSerializerOptions.Web)!);

    /// <summary>Properties that tell elements of an array apart; an element is compared with the recorded one of the same kind.</summary>
    private static readonly string[] Discriminators = ["type", "typeName", "eventName", "activityType", "name"];

    /// <param name="Endpoint">Name of the recording, <c>*</c> for any.</param>
    /// <param name="Path">As <see cref="Compare"/> writes it; <c>*</c> stands for anything.</param>
    /// <param name="Why">The justification.</param>
    public sealed record Difference(string Endpoint, string Path, string Why);

    /// <summary>The differences that are allowed.</summary>
    public static IReadOnlyList<Difference> AllowedDifferences => Allowed.Value;

    /// <param name="name">File name without <c>.json</c>, such as <c>GET_workflow-definitions</c>.</param>
    public static IReadOnlyList<ElsaSample> Load(string name)
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!.AsObject();
        var method = file["method"]!.GetValue<string>();
        var samples = file["samples"]?.AsArray().OfType<JsonObject>().ToArray() ?? [file];
        return
        [
            .. samples.Select(s => new ElsaSample(
                s["step"]?.GetValue<string>() ?? "", s["by"]?.GetValue<string>() ?? "Studio", method, s["path"]!.GetValue<string>(),
                s["query"]?.GetValue<string>() ?? "", s["requestBody"]?.DeepClone(), s["status"]!.GetValue<int>(),
                s["responseHeaders"] is JsonObject headers
                    ? headers.ToDictionary(h => h.Key, h => h.Value!.ToString(), StringComparer.OrdinalIgnoreCase)
                    : new Dictionary<string, string>(),
                s["responseBody"]?.DeepClone()))
        ];
    }

    /// <summary>A definition or an instance as stock Elsa wrote it, by its path below tests/Shared/elsa.</summary>
    public static string Export(string path) => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>A recorded body without the marks of what was left out of it, to be sent as a body of our own.</summary>
    public static JsonNode Whole(JsonNode recorded)
    {
        var copy = recorded.DeepClone();
        DropMarks(copy);
        return copy;

        static void DropMarks(JsonNode? node)
        {
            if (node is JsonArray items)
                items.RemoveAll(IsTrimMark);
            foreach (var child in node is JsonArray rest ? rest.ToArray() : node is JsonObject members ? [.. members.Select(m => m.Value)] : [])
                DropMarks(child);
        }
    }

    /// <summary>Files of a folder below tests/Shared/elsa, as paths for <see cref="Export"/>.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.json").Order(StringComparer.Ordinal).Select(f => $"{folder}/{Path.GetFileName(f)}");

    /// <summary>Asserts status, content type and shape of an answer; returns its body.</summary>
    public static async Task<JsonNode?> AssertAsync(string name, ElsaSample recorded, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(recorded.Status == (int)answer.StatusCode, $"{name} \"{recorded.Step}\": {(int)answer.StatusCode}, recorded {recorded.Status}. {text}");
        var recordedType = recorded.ResponseHeaders.GetValueOrDefault("Content-Type");
        Assert.Equal(recordedType is null ? null : MediaTypeHeaderValue.Parse(recordedType).MediaType, answer.Content.Headers.ContentType?.MediaType);
        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        AssertShape(name, recorded.ResponseBody, body);
        return body;
    }

    /// <summary>Asserts that two bodies have the same shape, but for the allowed differences.</summary>
    public static void AssertShape(string name, JsonNode? recorded, JsonNode? answered)
    {
        var found = Compare(recorded, answered)
            .Where(path => !AllowedDifferences.Any(d => Matches(d.Endpoint, name) && Matches(d.Path, path))).Distinct().ToArray();
        Assert.True(found.Length == 0, $"{name} differs from the recording:\n{string.Join('\n', found)}\nanswered: {Shorten(answered?.ToJsonString())}");
    }

    /// <summary>
    /// Every difference in shape, as <c>missing $.a[].b</c>, <c>extra …</c>, <c>type … (recorded, answered)</c>, <c>spelling …</c> or
    /// <c>empty …</c>; links by rel, as <c>missing $.links[publish]</c>.
    /// </summary>
    public static IEnumerable<string> Compare(JsonNode? recorded, JsonNode? answered, string path = "$")
    {
        switch (recorded, answered)
        {
            case (JsonObject was, JsonObject now):
                foreach (var (key, value) in was)
                    if (!now.ContainsKey(key))
                        yield return $"missing {path}.{key}";
                    else
                        foreach (var difference in Compare(value, now[key], $"{path}.{key}"))
                            yield return difference;
                foreach (var (key, _) in now)
                    if (!was.ContainsKey(key))
                        yield return $"extra {path}.{key}";
                yield break;
            case (JsonArray was, JsonArray now):
                foreach (var difference in path.EndsWith(".links", StringComparison.Ordinal) ? CompareLinks(was, now, path) : CompareItems(was, now, path))
                    yield return difference;
                yield break;
        }

        var (wasKind, nowKind) = (Kind(recorded), Kind(answered));
        if (wasKind != nowKind)
            yield return $"type {path} ({wasKind}, {nowKind})";
        else if (wasKind == "string" && Spelling(recorded!.GetValue<string>(), answered!.GetValue<string>()) is { } wrong)
            yield return $"spelling {path} ({wrong})";
    }

    private static IEnumerable<string> CompareItems(JsonArray recorded, JsonArray answered, string path)
    {
        var was = recorded.Where(item => !IsTrimMark(item)).ToArray();
        if (was.Length > 0 && answered.Count == 0)
            yield return $"empty {path}";
        if (was.Length == 0)
            yield break;
        foreach (var item in answered)
        {
            var candidates = was.Where(w => SameKind(w, item)).DefaultIfEmpty(was[0])
                .Select(w => Compare(w, item, $"{path}[]").ToArray()).OrderBy(d => d.Length);
            foreach (var difference in candidates.First())
                yield return difference;
        }
    }

    // Rels decide what Studio lets a person do: each one counts, and their order as well.
    private static IEnumerable<string> CompareLinks(JsonArray recorded, JsonArray answered, string path)
    {
        var words = recorded.Where(item => !IsTrimMark(item)).SelectMany(l => l!["href"]!.GetValue<string>().Split('/'))
            .Where(word => !word.Any(char.IsAsciiDigit)).ToHashSet();
        (string Rel, string Method, string Href) Link(JsonNode? link) => (
            link!["rel"]!.GetValue<string>(), link["method"]!.GetValue<string>(),
            string.Join('/', link["href"]!.GetValue<string>().Split('/').Select(word => words.Contains(word) ? word : "{id}")));
        var was = recorded.Where(item => !IsTrimMark(item)).Select(Link).ToArray();
        var now = answered.Select(Link).ToArray();
        foreach (var link in was.Except(now))
            yield return $"missing {path}[{link.Rel}]";
        foreach (var link in now.Except(was))
            yield return $"extra {path}[{link.Rel}]";
        if (!was.Where(now.Contains).SequenceEqual(now.Where(was.Contains)))
            yield return $"order {path}";
        foreach (var link in answered)
            foreach (var (key, _) in link!.AsObject())
                if (key is not ("href" or "rel" or "method"))
                    yield return $"extra {path}[].{key}";
    }

    private static bool SameKind(JsonNode? recorded, JsonNode? answered)
    {
        if (recorded is not JsonObject was || answered is not JsonObject now)
            return Kind(recorded) == Kind(answered);
        return Discriminators.FirstOrDefault(d => was[d] is JsonValue && now[d] is JsonValue) is not { } key
            || JsonNode.DeepEquals(was[key], now[key]);
    }

    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString()!.ToLowerInvariant()
    };

    /// <summary>Instants stay instants with an offset; a word that is the recorded one in another case is misspelt.</summary>
    private static string? Spelling(string recorded, string answered) =>
        Instant().IsMatch(recorded) && !(Instant().IsMatch(answered)
            && DateTimeOffset.TryParse(answered, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) ? $"{recorded}, {answered}"
        : recorded != answered && recorded.Equals(answered, StringComparison.OrdinalIgnoreCase) ? $"{recorded}, {answered}"
        : null;

    private static bool IsTrimMark(JsonNode? item) =>
        item is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith("...[", StringComparison.Ordinal);

    private static bool Matches(string pattern, string text) =>
        Regex.IsMatch(text, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$");

    private static string Shorten(string? text) => text is { Length: > 4000 } ? text[..4000] + " …" : text ?? "(nothing)";

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")]
    private static partial Regex Instant();
}
