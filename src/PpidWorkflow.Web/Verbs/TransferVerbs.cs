using System.Globalization;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Resources;

namespace PpidWorkflow.Web.Verbs;

/// <summary>Definitions as files: out of the configured database and into it.</summary>
internal static class TransferVerbs
{
    public sealed record Imported(bool Ok, string DefinitionId, int Version, RevisionState State, bool Changed,
        IReadOnlyList<ValidateVerb.Finding> Problems);

    /// <summary>Writes the version as it is kept, byte for byte, to standard output.</summary>
    public static async Task<int> ExportAsync(VerbCall call)
    {
        int? version = null;
        if (call.Options.TryGetValue("--version", out var given))
        {
            if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw new StartUpRefusedException($"--version harus bilangan, bukan '{given}'.");
            version = number;
        }
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        var exported = await scope.ServiceProvider.GetRequiredService<DefinitionLibrary>().ExportAsync(call.Operands[0], version);
        if (!exported.Succeeded)
            throw new StartUpRefusedException(Problems.Sentence(exported.Problems[0]));
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(exported.Value);
        return 0;
    }

    /// <summary>
    /// Keeps the file as a draft; with <c>--publish</c> in force, or proposed where the definition is known (design.md §3).
    /// </summary>
    public static async Task<int> ImportAsync(VerbCall call)
    {
        if (!File.Exists(call.Operands[0]))
            throw new StartUpRefusedException($"Berkas '{call.Operands[0]}' tidak ada.");
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        var result = await scope.ServiceProvider.GetRequiredService<DefinitionSeeder>().ImportAsync(
            await File.ReadAllBytesAsync(call.Operands[0]), sopSlug: null, publish: call.Options.ContainsKey("--publish"), inForce: false,
            call.Options.GetValueOrDefault("--as"), "system");
        if (!result.Succeeded)
            throw new StartUpRefusedException(Problems.Sentence(result.Problems[0]));
        var import = result.Value;
        var outcome = new Imported(
            import.State != RevisionState.Rejected, import.DefinitionId, import.Version, import.State, import.Changed,
            ValidateVerb.Findings(import.Problems));
        if (call.Json)
        {
            await Console.Out.WriteLineAsync(Verb.Json(outcome));
        }
        else
        {
            foreach (var problem in outcome.Problems.Where(p => p.Severity == ProblemSeverity.Error || outcome.Ok))
                await Console.Out.WriteLineAsync($"{problem.Severity} {problem.Code} {problem.ActivityId}: {problem.Message}");
            await Console.Out.WriteLineAsync(outcome.Ok
                ? $"{outcome.DefinitionId} versi {outcome.Version}: {outcome.State}{(outcome.Changed ? "" : " (tidak berubah)")}"
                : "Definisi tidak layak diterbitkan; tidak ada yang diubah.");
        }
        return outcome.Ok ? 0 : 1;
    }
}
