using System.Text.Encodings.Web;
using System.Text.Json;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// <c>dotnet run -- &lt;verb&gt; …</c>: one task, no servers, exit code 0 or 1; text for people, <c>--json</c> for machines. Arguments of
/// the
/// form <c>--Section:Key=value</c> are configuration.
/// </summary>
public static class Verb
{
    private const string Usage =
        """
        Pemakaian: PpidWorkflow.Web [--urls <alamat>] [--Bagian:Kunci=nilai …]   menjalankan layanan
        atau salah satu perintah:
          validate <definition.json> [--office] [--json]
          rehearse <definition.json> [--from yyyy-MM-dd] [--json]
          import <file> [--publish] [--as <id>] [--json]
          export <definitionId> [--version n]
          verify [--json]
          retain [--dry-run] [--json]
          migrate [--backup <folder>] [--yes] [--json]
          backup <folder> [--json]
          restore <folder> [--json]
          copy-to <PostgreSql|SqlServer|Sqlite> --ConnectionStrings:Target=<…> [--json]
          bench alarms [--provider Sqlite|PostgreSql] [--part burst|lateness|idle|hangfire|start|kill] [--quick] [--json]
          bench inbox [--provider Sqlite|PostgreSql] [--cases 1000,100000,1000000] [--quick] [--json]
          bench cases [--provider Sqlite|PostgreSQL] [--part closed|open|http] [--quick] [--json]
          bench start [--provider Sqlite|PostgreSql] [--quick] [--json]
          bench chaos [--provider Sqlite|PostgreSql] [--rounds n] [--nodes 1..3] [--seed n] [--kill node|database|both] [--json]
        """;

    /// <summary>Non-ASCII text stays readable: the output is no HTML.</summary>
    private static readonly JsonSerializerOptions Output =
        ApiCall.Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether this is to be done instead of serving.</summary>
    public static bool IsMeant(string[] args) => args is [{ } first, ..] && (!first.StartsWith('-') || AsksForHelp(first));

    public static async Task<int> RunAsync(string[] args)
    {
        if (AsksForHelp(args[0]))
        {
            await Console.Out.WriteLineAsync(Usage);
            return 0;
        }
        var call = VerbCall.Parse(args);
        return call.Name switch
        {
            "validate" when call.Operands.Count == 1 => await ValidateVerb.RunAsync(call),
            "rehearse" when call.Operands.Count == 1 => await RehearseVerb.RunAsync(call),
            "verify" when call.Operands.Count == 0 => await VerifyVerb.RunAsync(call),
            "bench" when call.Operands is ["chaos"] => await Bench.Chaos.ChaosVerb.RunAsync(call),
            "bench" when call.Operands is [var subject] && Bench.BenchVerb.Subjects.Contains(subject) => await Bench.BenchVerb.RunAsync(call),
            "retain" when call.Operands.Count == 0 => await RetainVerb.RunAsync(call),
            "migrate" when call.Operands.Count == 0 => await MigrateVerb.RunAsync(call),
            "backup" when call.Operands.Count == 1 => await DatabaseVerbs.BackupAsync(call),
            "restore" when call.Operands.Count == 1 => await DatabaseVerbs.RestoreAsync(call),
            "copy-to" when call.Operands.Count == 1 => await DatabaseVerbs.CopyAsync(call),
            "export" when call.Operands.Count == 1 => await TransferVerbs.ExportAsync(call),
            "import" when call.Operands.Count == 1 => await TransferVerbs.ImportAsync(call),
            _ => await RefuseAsync()
        };
    }

    public static string Json(object value) => JsonSerializer.Serialize(value, Output);

    private static bool AsksForHelp(string first) => first is "--help" or "-h" or "help";

    private static async Task<int> RefuseAsync()
    {
        await Console.Error.WriteLineAsync(Usage);
        return 1;
    }
}

/// <summary>A verb as typed: operands, options, and configuration for the host.</summary>
public sealed record VerbCall(string Name, IReadOnlyList<string> Operands, IReadOnlyDictionary<string, string?> Options,
    string[] Configuration)
{
    private static readonly string[] WithValue = ["--as", "--version", "--from", "--provider", "--part", "--cases", "--rounds", "--nodes", "--seed", "--kill", "--backup"];
    private static readonly string[] Flags = ["--json", "--publish", "--office", "--quick", "--yes", "--dry-run"];

    public bool Json => Options.ContainsKey("--json");

    public static VerbCall Parse(string[] args)
    {
        var operands = new List<string>();
        var options = new Dictionary<string, string?>();
        var configuration = new List<string>();
        for (var i = 1; i < args.Length; i++)
        {
            if (Flags.Contains(args[i]))
                options[args[i]] = null;
            else if (WithValue.Contains(args[i]) && i + 1 < args.Length)
                options[args[i]] = args[++i];
            else if (args[i].StartsWith("--", StringComparison.Ordinal))
                configuration.Add(args[i]);
            else
                operands.Add(args[i]);
        }
        return new VerbCall(args[0], operands, options, [.. configuration]);
    }
}
