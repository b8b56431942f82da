using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// What the journal of an instance may hold of evaluated inputs and of outputs. The host says so when it starts the instance; it goes on to the
/// instances that this one starts.
/// </summary>
public enum JournaledValues
{
    /// <summary>Nothing, whatever the definition says: what belongs to a case, whose contents are confidential (design.md §2.7).</summary>
    None,

    /// <summary>What the definition says is to be included.</summary>
    WhereIncluded,

    /// <summary>All that the definition does not exclude (stock Elsa's default).</summary>
    UnlessExcluded
}

/// <summary>Evaluated inputs and outputs of one execution, as far as the journal may hold them, by name; the latest of each.</summary>
public sealed class ExecutionValues
{
    [JsonInclude]
    public Dictionary<string, JsonNode?> Inputs { get; internal set; } = [];

    [JsonInclude]
    public Dictionary<string, JsonNode?> Outputs { get; internal set; } = [];

    /// <summary>Letters that they were counted as.</summary>
    [JsonInclude]
    internal int Length { get; set; }

    internal ExecutionValues Copy() => new() { Inputs = new(Inputs), Outputs = new(Outputs), Length = Length };
}

/// <summary>Values as the journal holds them: cut where they are long, left out where they look like a secret.</summary>
public static class JournalValue
{
    /// <summary>Letters of one value; of structures, of their JSON.</summary>
    public const int Longest = 4_000;

    /// <summary>Letters of all values that executions under way hold and that one burst writes.</summary>
    public const int MostOfABurst = 256_000;

    /// <summary>Stands where a value is kept out because it looks like a secret.</summary>
    public const string Secret = "•••";

    /// <summary>Stands where there was no room for more values.</summary>
    public const string NoRoom = "… (jurnal penuh)";

    private static readonly string[] SecretNames =
    [
        "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "authorization", "credential", "privatekey", "connectionstring",
        "cookie", "sandi", "rahasia"
    ];

    /// <summary>Whether a name says that its value is for nobody's eyes: <c>apiToken</c>, <c>kata_sandi</c> …</summary>
    public static bool IsSecretName(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return false;
        var letters = string.Concat(name.Where(char.IsLetter));
        return Array.Exists(SecretNames, secret => letters.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The value of an input or output as it may be kept or shown.</summary>
    public static JsonNode? Of(string name, JsonNode? value) => Of(name, value, out _);

    internal static JsonNode? Of(string name, JsonNode? value, out int length)
    {
        length = 4;
        if (value is null)
            return null;
        if (IsSecretName(name))
            return Secret;
        if (value is JsonValue scalar)
        {
            if (scalar.GetValueKind() != JsonValueKind.String)
                return value;
            var text = scalar.GetValue<string>();
            if (LooksSecret(text))
                return Secret;
            length = Math.Min(text.Length, Longest);
            return text.Length <= Longest ? value : Cut(text);
        }
        if (HoldsSecret(value))
            HideSecrets(value = value.DeepClone());
        var json = value.ToJsonString(ValueConverter.Json);
        length = Math.Min(json.Length, Longest);
        return json.Length <= Longest ? value : Cut(json);
    }

    private static JsonValue Cut(string text)
    {
        // Not between the two halves of one letter.
        var end = char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest;
        return JsonValue.Create($"{text[..end]}… (dipotong; {text.Length} huruf)");
    }

    private static bool LooksSecret(string text) =>
        text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || text.StartsWith("Basic ", StringComparison.Ordinal)
        || text.Contains("PRIVATE KEY-----", StringComparison.Ordinal);

    private static bool HoldsSecret(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(m => IsSecretName(m.Key) || HoldsSecret(m.Value)),
        JsonArray items => items.Any(HoldsSecret),
        JsonValue scalar => scalar.GetValueKind() == JsonValueKind.String && LooksSecret(scalar.GetValue<string>()),
        _ => false
    };

    private static void HideSecrets(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var (key, value) in members.ToArray())
                if (IsSecretName(key) || (value is JsonValue && HoldsSecret(value)))
                    members[key] = Secret;
                else
                    HideSecrets(value);
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
                if (items[i] is JsonValue && HoldsSecret(items[i]))
                    items[i] = Secret;
                else
                    HideSecrets(items[i]);
        }
    }
}
