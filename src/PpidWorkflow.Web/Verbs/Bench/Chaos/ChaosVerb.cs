using System.Globalization;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>
/// <c>bench chaos [--provider Sqlite|PostgreSql] [--rounds N] [--nodes 1..3] [--seed S] [--kill node|database|both] [--json]</c>: exit code 1
/// where anything does not agree. PostgreSQL is one of the run's own, unless <c>--kill node</c> and <c>ConnectionStrings:Ppid</c> name another.
/// </summary>
internal static class ChaosVerb
{
    private const int MostNodes = 3;
    private const int MostRounds = 100_000;

    public static async Task<int> RunAsync(VerbCall call)
    {
        var (options, refusal) = Read(call);
        if (options is null)
        {
            await Console.Error.WriteLineAsync(refusal);
            return 1;
        }
        await using var run = new ChaosRun(options, Console.Error.WriteLineAsync, new FigurePrinter(call.Json));
        return await run.RunAsync() == 0 ? 0 : 1;
    }

    /// <summary>What was asked for, or the sentence that refuses it.</summary>
    public static (ChaosOptions? Options, string? Refusal) Read(VerbCall call)
    {
        if (OperatingSystem.IsWindows())
            return (null, "bench chaos memakai sinyal POSIX: jalankan di Linux.");
        var asked = call.Options.GetValueOrDefault("--provider") ?? Databases.Sqlite;
        var provider = Databases.Find(asked) ?? (asked.Equals("PostgreSQL", StringComparison.OrdinalIgnoreCase) ? Databases.PostgreSql : null);
        if (provider is null or Databases.SqlServer)
            return (null, $"--provider harus Sqlite atau PostgreSql; bukan '{asked}'.");
        var embedded = provider == Databases.Sqlite;
        if (Number(call, "--rounds", 20) is not (>= 1 and <= MostRounds and var rounds))
            return (null, $"--rounds harus 1 sampai {MostRounds}.");
        if (Number(call, "--nodes", embedded ? 1 : 2) is not (>= 1 and <= MostNodes and var nodes))
            return (null, $"--nodes harus 1 sampai {MostNodes}.");
        if (embedded && nodes > 1)
            return (null, "SQLite milik satu proses: --nodes harus 1, atau pakai --provider PostgreSql.");
        if (Number(call, "--seed", 1) is not { } seed)
            return (null, "--seed harus bilangan bulat.");
        var kill = call.Options.GetValueOrDefault("--kill") ?? (embedded ? "node" : "both");
        if (!Enum.TryParse<ChaosTarget>(kill, ignoreCase: true, out var target) || int.TryParse(kill, CultureInfo.InvariantCulture, out _))
            return (null, $"--kill harus node, database, atau both; bukan '{kill}'.");
        if (embedded && target != ChaosTarget.Node)
            return (null, "SQLite tidak mempunyai peladen: --kill harus node.");
        var server = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(call.Configuration).Build().GetConnectionString("Ppid");
        // A server that others use is not killed: then the run starts its own.
        var given = !embedded && target == ChaosTarget.Node && !string.IsNullOrWhiteSpace(server) ? server : null;
        return (new ChaosOptions(provider, given, rounds, nodes, seed, target), null);
    }

    private static int? Number(VerbCall call, string option, int otherwise) =>
        !call.Options.TryGetValue(option, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
