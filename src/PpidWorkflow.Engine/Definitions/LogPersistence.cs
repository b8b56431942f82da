using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>Whether a value goes into the journal (Elsa contract: log-persistence mode).</summary>
public enum LogPersistenceMode
{
    /// <summary>As the activity says, else its workflow, else the host.</summary>
    Inherit,
    Include,
    Exclude
}

/// <summary>
/// What a workflow or an activity says about its values in the journal: for all of them and for single inputs and outputs. Read from the custom
/// properties <c>logPersistenceConfig</c> (a strategy or an expression each) and, where that is silent, <c>logPersistenceMode</c> (a word each),
/// which older versions of Elsa wrote.
/// </summary>
internal sealed class LogPersistence
{
    private const string ConfigKey = "logPersistenceConfig";
    private const string ModeKey = "logPersistenceMode";
    private const string Strategies = "Elsa.Workflows.LogPersistence.Strategies.";

    private Rule? _default;
    private readonly Dictionary<string, Rule> _inputs = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Rule> _outputs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Elsa's names of the strategies, as Studio stores them.</summary>
    public static IReadOnlyList<string> StrategyTypes { get; } =
        [.. new[] { "Configuration", "Exclude", "Include", "Inherit" }.Select(name => $"{Strategies}{name}, Elsa.Workflows.Core")];

    /// <summary>Whether anything here asks for values to be kept.</summary>
    public bool WantsValues => _inputs.Values.Concat(_outputs.Values).Append(_default ?? default).Any(r => r.Mode == LogPersistenceMode.Include || r.Expression is not null);

    /// <param name="custom">Custom properties of the workflow or activity.</param>
    /// <param name="compile">Reads an expression; null where it cannot be (the author has been told).</param>
    /// <param name="refuse">Is told of a strategy that nobody knows; the value then stays out of the journal.</param>
    /// <returns>Null where nothing is said, as nearly always.</returns>
    public static LogPersistence? Read(JsonObject custom, Func<string, JsonNode?, Expression?> compile, Action<string> refuse)
    {
        var (config, words) = (custom[ConfigKey] as JsonObject, custom[ModeKey] as JsonObject);
        if (config is not { Count: > 0 } && words is not { Count: > 0 })
            return null;
        var read = new LogPersistence { _default = OfConfig(config?["default"]) ?? OfWord(words?["default"]) };
        foreach (var (section, rules) in new[] { ("inputs", read._inputs), ("outputs", read._outputs) })
        {
            foreach (var (name, word) in words?[section] as JsonObject ?? [])
                if (OfWord(word) is { } rule)
                    rules[name] = rule;
            foreach (var (name, value) in config?[section] as JsonObject ?? [])
                if (OfConfig(value) is { } rule)
                    rules[name] = rule;
        }
        return read;

        Rule? OfConfig(JsonNode? value)
        {
            if (value is not JsonObject said)
                return null;
            if (Member(said, "evaluationMode") is JsonValue mode && (mode.ToString() is "1" || mode.ToString().Equals("Expression", StringComparison.OrdinalIgnoreCase)))
            {
                return Member(said, "expression") is not JsonObject expression ? default(Rule)
                    : compile(DefinitionReader.Text(expression, "type") ?? "Literal", expression["value"]) is { } compiled ? new Rule(Expression: compiled)
                    : new Rule(LogPersistenceMode.Exclude);
            }
            var strategy = (Member(said, "strategyType") as JsonValue)?.ToString();
            if (string.IsNullOrEmpty(strategy))
                return default(Rule);
            var name = strategy.Split(',')[0];
            switch (name.StartsWith(Strategies, StringComparison.Ordinal) ? name[Strategies.Length..] : "")
            {
                case "Inherit": return default(Rule);
                case "Include": return new Rule(LogPersistenceMode.Include);
                case "Exclude": return new Rule(LogPersistenceMode.Exclude);
                case "Configuration": return new Rule(IsHosts: true);
                default:
                    refuse(strategy);
                    return new Rule(LogPersistenceMode.Exclude);
            }
        }

        Rule? OfWord(JsonNode? value)
        {
            if (value is not JsonValue word)
                return null;
            if (TryRead(word.ToString(), out var mode))
                return new Rule(mode);
            refuse(word.ToString());
            return new Rule(LogPersistenceMode.Exclude);
        }
    }

    /// <summary>
    /// Whether a value of this activity goes into the journal, with <paramref name="host"/> as what holds where the definition says nothing. Null: an
    /// expression says so, and there is no execution to ask it of.
    /// </summary>
    public static bool? Lets(ActivityNode node, string name, bool isInput, bool host, ActivityExecutionContext? context)
    {
        // The form's own words stand in the definition; what people did, in the case.
        if (node.Activity is SopActivity)
            return false;
        var own = node.LogPersistence;
        var rule = (isInput ? own?._inputs : own?._outputs)?.TryGetValue(name, out var said) == true ? said : default;
        foreach (var next in (ReadOnlySpan<Rule>)[rule, own?._default ?? default, node.Scope.LogPersistence?._default ?? default])
        {
            if (next.IsHosts)
                return host;
            var mode = next.Mode;
            if (next.Expression is { } expression)
            {
                if (context is null)
                    return null;
                mode = Ask(expression, context);
            }
            if (mode != LogPersistenceMode.Inherit)
                return mode == LogPersistenceMode.Include;
        }
        return host;
    }

    /// <summary>An expression that fails, or says something else, keeps the value out: better a gap than a secret.</summary>
    private static LogPersistenceMode Ask(Expression expression, ActivityExecutionContext context)
    {
        try
        {
            return TryRead(ValueConverter.ToText(expression.Evaluate(context)) ?? "", out var mode) ? mode : LogPersistenceMode.Exclude;
        }
        catch (ActivityFaultException)
        {
            return LogPersistenceMode.Exclude;
        }
    }

    private static bool TryRead(string word, out LogPersistenceMode mode)
    {
        (var known, mode) = word.ToUpperInvariant() switch
        {
            "INHERIT" or "DEFAULT" or "0" => (true, LogPersistenceMode.Inherit),
            "INCLUDE" or "1" => (true, LogPersistenceMode.Include),
            "EXCLUDE" or "2" => (true, LogPersistenceMode.Exclude),
            _ => (false, LogPersistenceMode.Exclude)
        };
        return known;
    }

    // Studio has written these members in either case.
    private static JsonNode? Member(JsonObject source, string name)
    {
        foreach (var (key, value) in source)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.Null ? null : value;
        return null;
    }

    /// <summary>One of: inherit (default), a mode, the host's own, an expression that says one of the modes.</summary>
    private readonly record struct Rule(LogPersistenceMode Mode = LogPersistenceMode.Inherit, bool IsHosts = false, Expression? Expression = null);
}
