using System.Text.RegularExpressions;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>A verb as typed: operands, options, and configuration for the host.</summary>
public sealed partial record VerbCall(string Name, IReadOnlyList<string> Operands, IReadOnlyDictionary<string, string?> Options,
    string[] Configuration)
{
    public bool Json => Options.ContainsKey("--json");

    /// <summary>
    /// Reads what was typed after the verb. Nothing passes as configuration that merely looks like it: a misspelt option must not leave the verb to
    /// do without it what it was told not to do (<c>retain --dryrun</c>).
    /// </summary>
    /// <param name="args">The verb first.</param>
    /// <param name="known">Its options; a value follows where the name ends with <c>=</c>.</param>
    /// <param name="refusal">Makes the exception of a sentence.</param>
    internal static VerbCall Read(string[] args, string[] known, Func<string, Exception> refusal)
    {
        var operands = new List<string>();
        var options = new Dictionary<string, string?>();
        var configuration = new List<string>();
        for (var i = 1; i < args.Length; i++)
        {
            var (name, value) = args[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            if (!name.StartsWith('-'))
                operands.Add(args[i]);
            else if (known.Contains(name) && value is null)
                options[name] = null;
            else if (known.Contains($"{name}="))
                options[name] = value ?? (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
                    ? args[++i]
                    : throw refusal($"Sesudah {name} harus ada nilainya."));
            else if (value is not null && IsSetting(name))
                configuration.Add(args[i]);
            else
                // The name only: the value may be a password.
                throw refusal($"'{name}' tidak dikenal oleh '{args[0]}'.");
        }
        return new VerbCall(args[0], operands, options, [.. configuration]);
    }

    private static bool IsSetting(string name) =>
        Setting().Match(name) is { Success: true } setting && (!setting.Groups[1].Success || SettingKeys.IsSection(setting.Groups[1].Value));

    [GeneratedRegex("^--(?:urls|environment|contentRoot|applicationName|([A-Za-z]+)(?::[A-Za-z0-9_.-]+)+)$", RegexOptions.IgnoreCase)]
    private static partial Regex Setting();
}
