using System.Reflection;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// Which keys there are. The binder passes over what it does not know, and the default stays where somebody meant to set something:
/// <c>Retention:MailBodyMonth</c> would keep for ever, <c>Storage:DatPath</c> make a second database.
/// </summary>
internal static class SettingKeys
{
    /// <summary>Sections that are wholly ours, with the class that each is bound to.</summary>
    private static readonly Dictionary<string, Type> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Office"] = typeof(OfficeOptions),
        ["Storage"] = typeof(StorageOptions),
        ["Database"] = typeof(DatabaseOptions),
        ["Definitions"] = typeof(DefinitionOptions),
        ["Mail"] = typeof(MailOptions),
        ["Digest"] = typeof(DigestOptions),
        ["Guarantees"] = typeof(GuaranteeOptions),
        ["Retention"] = typeof(RetentionOptions),
        ["Events"] = typeof(EventOptions),
        ["Outages"] = typeof(OutageOptions),
        ["Engine"] = typeof(EngineOptions),
        ["Demo"] = typeof(DemoOptions),
        ["ReverseProxy"] = typeof(ReverseProxyOptions),
        ["Shutdown"] = typeof(ShutdownOptions),
        ["Telemetry"] = typeof(TelemetryOptions)
    };

    /// <summary>Of the frameworks, and of tests (<c>Diagnostics</c>): their keys are theirs.</summary>
    private static readonly HashSet<string> Foreign = new(["ConnectionStrings", "Serilog", "Logging", "Kestrel", "Diagnostics"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anybody reads a section of this name.</summary>
    public static bool IsSection(string name) => Own.ContainsKey(name) || Foreign.Contains(name);

    /// <summary>A sentence for each key in a section of ours that nothing is bound to; values are not repeated.</summary>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration) =>
        [.. Own.SelectMany(section => Unknown(configuration.GetSection(section.Key), section.Value))];

    private static IEnumerable<string> Unknown(IConfigurationSection section, Type bound)
    {
        var known = bound.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .ToDictionary(p => p.Name, p => p.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var type))
                yield return $"{child.Path} tidak dikenal; {section.Path} mengenal: {string.Join(", ", known.Keys)}.";
            else if (type.Name.EndsWith("Options", StringComparison.Ordinal))
                foreach (var deeper in Unknown(child, type))
                    yield return deeper;
        }
    }
}
