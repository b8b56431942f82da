using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// Brings the database to this version's tables (issue 5, Operations). Where there is something to lose it wants a backup first: makes one itself
/// with <c>--backup &lt;folder&gt;</c> (SQLite), takes the operator's word with <c>--yes</c>, and asks otherwise. Without an answer nothing changes.
/// </summary>
internal static class MigrateVerb
{
    private sealed record Outcome(bool Ok, IReadOnlyList<string> Applied, string? Backup);

    public static async Task<int> RunAsync(VerbCall call)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        var upgrade = scope.ServiceProvider.GetRequiredService<SchemaUpgrade>();
        if (upgrade.IsEmbedded)
            StartUp.PrepareDataFolder(scope.ServiceProvider.GetRequiredService<IOptions<StorageOptions>>().Value.DataPath);
        return await UpgradeAsync(call, scope.ServiceProvider, upgrade);
    }

    private static async Task<int> UpgradeAsync(VerbCall call, IServiceProvider services, SchemaUpgrade upgrade)
    {
        var folder = call.Options.GetValueOrDefault("--backup");
        await StartUp.RefuseNewerDatabaseAsync(upgrade, CancellationToken.None);
        var pending = await upgrade.PendingAsync();
        if (pending.Count == 0)
            return await DoneAsync(call, pending, null, "Basis data sudah mutakhir; tidak ada yang berubah.");
        var isNew = await upgrade.IsNewAsync();
        // Of a server's tables only the version that they belong to can read every row.
        if (folder is not null && !isNew && !upgrade.IsEmbedded)
        {
            throw new StartUpRefusedException(
                "--backup hanya untuk SQLite: buat cadangan basis data ini dengan alat servernya (PostgreSQL: pg_dump) atau perintah 'backup' dari versi "
                + "layanan yang sekarang berjalan, lalu ulangi 'migrate' dengan --yes. Tidak ada yang berubah.");
        }
        if (!call.Json)
        {
            foreach (var migration in pending)
                await Console.Out.WriteLineAsync($"  {migration}");
        }
        string? backup = null;
        if (!isNew && folder is not null)
        {
            var manifest = await DatabaseVerbs.ToldAsync(DatabaseVerbs.Unwritten, () => services.GetRequiredService<Backup>().WriteAsync(folder));
            backup = Path.GetFullPath(folder);
            if (!call.Json)
                await Console.Out.WriteLineAsync($"Cadangan dibuat di {backup}: {manifest.Files.Count} berkas, {manifest.Files.Sum(f => f.Size)} bita.");
        }
        else if (!isNew && !call.Options.ContainsKey("--yes"))
        {
            await RequireYesAsync(upgrade.IsEmbedded);
        }
        await upgrade.ApplyAsync();
        return await DoneAsync(call, pending, backup, $"{pending.Count} migrasi diterapkan.");
    }

    private static async Task<int> DoneAsync(VerbCall call, IReadOnlyList<string> applied, string? backup, string sentence)
    {
        await Console.Out.WriteLineAsync(call.Json ? Verb.Json(new Outcome(true, applied, backup)) : sentence);
        return 0;
    }

    /// <exception cref="StartUpRefusedException">Nobody answered, or not with <c>ya</c>.</exception>
    private static async Task RequireYesAsync(bool isEmbedded)
    {
        // To standard error: whoever keeps the output in a file is asked all the same.
        await Console.Error.WriteAsync("Sudah ada cadangan yang baru, dan semua simpul berhenti? Ketik 'ya': ");
        var answer = await Console.In.ReadLineAsync();
        if (string.Equals(answer?.Trim(), "ya", StringComparison.OrdinalIgnoreCase))
            return;
        var how = isEmbedded
            ? "Ulangi dengan --backup <folder> (cadangan dibuat lebih dahulu), atau dengan --yes bila cadangan sudah ada."
            : "Buat cadangan (pg_dump, atau perintah 'backup' dari versi yang sekarang berjalan), hentikan semua simpul, lalu ulangi dengan --yes.";
        throw new StartUpRefusedException(
            $"{Environment.NewLine}{(answer is null ? "Tidak ada yang menjawab (masukan bukan terminal)" : "Dibatalkan")}; tidak ada yang berubah. {how}");
    }
}
