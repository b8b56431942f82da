using System.Text.Encodings.Web;
using System.Text.Json;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// <c>dotnet run -- &lt;verb&gt; …</c>: one task, no servers, exit code 0 or 1; text for people, <c>--json</c> for machines. Arguments of
/// the form <c>--Section:Key=value</c> are configuration; what is neither that nor an option of the verb is refused before anything is done.
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
          bench cases [--provider Sqlite|PostgreSql] [--part closed|open|http] [--quick] [--json]
          bench step [--provider Sqlite|PostgreSql] [--quick] [--json]
          bench start [--provider Sqlite|PostgreSql] [--quick] [--json]
          bench chaos [--provider Sqlite|PostgreSql] [--rounds n] [--nodes 1..3] [--seed n] [--kill node|database|both] [--json]
        """;

    /// <summary>Non-ASCII text stays readable: the output is no HTML.</summary>
    private static readonly JsonSerializerOptions Output =
        ApiCall.Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly Dictionary<string, Form> Forms = new()
    {
        ["validate"] = new(ValidateVerb.RunAsync, 1, "--office", "--json"),
        ["rehearse"] = new(RehearseVerb.RunAsync, 1, "--from=", "--json"),
        ["import"] = new(TransferVerbs.ImportAsync, 1, "--publish", "--as=", "--json"),
        ["export"] = new(TransferVerbs.ExportAsync, 1, "--version="),
        ["verify"] = new(VerifyVerb.RunAsync, 0, "--json"),
        ["retain"] = new(RetainVerb.RunAsync, 0, "--dry-run", "--json"),
        ["migrate"] = new(MigrateVerb.RunAsync, 0, "--backup=", "--yes", "--json"),
        ["backup"] = new(DatabaseVerbs.BackupAsync, 1, "--json"),
        ["restore"] = new(DatabaseVerbs.RestoreAsync, 1, "--json"),
        ["copy-to"] = new(DatabaseVerbs.CopyAsync, 1, "--json"),
        ["bench alarms"] = new(Bench.BenchVerb.RunAsync, 1, "--provider=", "--part=", "--quick", "--json"),
        ["bench inbox"] = new(Bench.BenchVerb.RunAsync, 1, "--provider=", "--cases=", "--quick", "--json"),
        ["bench cases"] = new(Bench.BenchVerb.RunAsync, 1, "--provider=", "--part=", "--quick", "--json"),
        ["bench step"] = new(Bench.BenchVerb.RunAsync, 1, "--provider=", "--quick", "--json"),
        ["bench start"] = new(Bench.BenchVerb.RunAsync, 1, "--provider=", "--quick", "--json"),
        ["bench chaos"] = new(Bench.Chaos.ChaosVerb.RunAsync, 1, "--provider=", "--rounds=", "--nodes=", "--seed=", "--kill=", "--json")
    };

    /// <summary>Whether this is to be done instead of serving.</summary>
    public static bool IsMeant(string[] args) => args is [{ } first, ..] && (!first.StartsWith('-') || AsksForHelp(first));

    /// <exception cref="StartUpRefusedException">The arguments are not understood; nothing was done.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        if (AsksForHelp(args[0]))
        {
            await Console.Out.WriteLineAsync(Usage);
            return 0;
        }
        var call = Parse(args);
        return await Forms[NameOf(args)].RunAsync(call);
    }

    /// <exception cref="StartUpRefusedException">No verb, or not its arguments: a sentence and the usage.</exception>
    public static VerbCall Parse(string[] args)
    {
        if (!Forms.TryGetValue(NameOf(args), out var form))
            throw Refusal($"'{NameOf(args)}' bukan perintah.");
        var call = VerbCall.Read(args, form.Options, Refusal);
        return call.Operands.Count == form.Operands
            ? call
            : throw Refusal($"'{NameOf(args)}' membutuhkan {form.Operands} argumen tanpa '--', bukan {call.Operands.Count}.");
    }

    public static string Json(object value) => JsonSerializer.Serialize(value, Output);

    private static bool AsksForHelp(string first) => first is "--help" or "-h" or "help";

    private static string NameOf(string[] args) => args is ["bench", { } subject, ..] ? $"bench {subject}" : args[0];

    private static StartUpRefusedException Refusal(string sentence) => new($"{sentence} Tidak ada yang dilakukan.{Environment.NewLine}{Usage}");

    /// <param name="RunAsync">Does it.</param>
    /// <param name="Operands">How many it takes, what <c>bench</c> measures among them.</param>
    /// <param name="Options">What it understands; a value follows where the name ends with <c>=</c>.</param>
    private sealed record Form(Func<VerbCall, Task<int>> RunAsync, int Operands, params string[] Options);
}
