using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>What an operator does with the whole database: copy away, put back, move to another provider (<see cref="MigrateVerb"/>: upgrade).</summary>
internal static class DatabaseVerbs
{
    /// <summary>What to say where a backup cannot be written.</summary>
    internal const string Unwritten =
        "Cadangan tidak dapat ditulis: periksa izin dan ruang cakram. Folder tanpa manifest.json bukan cadangan.";

    private const string Unrestored =
        "Cadangan tidak dapat dipulihkan: periksa izin dan ruang cakram di folder data, lalu ulangi; yang sudah ditulis di sana dihapus lagi.";

    private const string TargetKey = "ConnectionStrings:Target";

    /// <summary>May run beside the service; a SQLite file is copied as it is, thus also before its upgrade.</summary>
    public static async Task<int> BackupAsync(VerbCall call)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        var upgrade = scope.ServiceProvider.GetRequiredService<SchemaUpgrade>();
        if (!upgrade.IsEmbedded || await upgrade.IsNewAsync())
            await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        return await PrintAsync(call, "Cadangan dibuat", Unwritten, () => scope.ServiceProvider.GetRequiredService<Backup>().WriteAsync(call.Operands[0]));
    }

    /// <summary>Into the configured database and data folder, both empty.</summary>
    public static async Task<int> RestoreAsync(VerbCall call)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        return await PrintAsync(call, "Cadangan dipulihkan", Unrestored, () => scope.ServiceProvider.GetRequiredService<Backup>().RestoreAsync(call.Operands[0]));
    }

    /// <summary>Every row of the configured database into an empty one; the service is stopped meanwhile.</summary>
    public static async Task<int> CopyAsync(VerbCall call)
    {
        if (Databases.Find(call.Operands[0]) is not { } provider)
            throw new StartUpRefusedException($"Tujuan harus salah satu dari: {string.Join(", ", Databases.Known)}; bukan '{call.Operands[0]}'.");
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        var connection = app.Configuration[TargetKey];
        if (string.IsNullOrWhiteSpace(connection))
            throw new StartUpRefusedException($"{TargetKey} harus menyebut basis data tujuan (atau variabel lingkungan ConnectionStrings__Target).");
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        var source = scope.ServiceProvider.GetRequiredService<PpidDbContext>();
        await RequireStoppedAsync(scope.ServiceProvider, source);
        await using var target = Databases.Open(provider, connection);
        var upgrade = new SchemaUpgrade(target);
        if (await upgrade.OccupiedByAsync() is { } occupied)
            throw new StartUpRefusedException($"Basis data tujuan tidak kosong ({Occupant(occupied)}): pakai yang baru. Tidak ada yang berubah di sana.");
        await upgrade.ApplyAsync();
        var copy = new DatabaseCopy(source, target);
        await using var transaction = await target.Database.BeginTransactionAsync();
        await PostgreSqlStore.LetRestAsync(target);
        var tables = new List<CopiedTable>();
        try
        {
            await foreach (var table in copy.RunAsync())
            {
                tables.Add(table);
                if (!call.Json && table.Rows > 0)
                    await Console.Out.WriteLineAsync($"{table.Rows,10}  {table.Name}  {table.Hash[..12]}");
            }
        }
        catch (CopyDiffersException different)
        {
            throw new StartUpRefusedException($"Salinan berbeda dari aslinya, tujuan dibiarkan kosong. ({different.Message})");
        }
        await transaction.CommitAsync();
        await Console.Out.WriteLineAsync(call.Json
            ? Verb.Json(new { ok = true, rows = tables.Sum(t => t.Rows), tables })
            : $"{tables.Sum(t => t.Rows)} baris disalin dan dicocokkan. Atur Database:Provider = {provider} dan ConnectionStrings:Ppid, lalu jalankan layanan.");
        return 0;
    }

    private static async Task RequireStoppedAsync(IServiceProvider services, PpidDbContext source)
    {
        var since = services.GetRequiredService<TimeProvider>().Now() - TimeSpan.FromSeconds(services.GetRequiredService<IOptions<OutageOptions>>().Value.GapSeconds);
        if (await source.NodeHeartbeats.AnyAsync(b => b.LastBeatAt > since))
            throw new StartUpRefusedException("Layanan rupanya masih berjalan: hentikan, tunggu satu menit, lalu ulangi.");
    }

    /// <param name="act">Writes or restores a backup.</param>
    /// <param name="failed">What to say where files cannot be written or read.</param>
    /// <exception cref="StartUpRefusedException">It failed; what for, as a sentence.</exception>
    internal static async Task<BackupManifest> ToldAsync(string failed, Func<Task<BackupManifest>> act)
    {
        try
        {
            return await act();
        }
        catch (BackupException refused)
        {
            throw new StartUpRefusedException(Sentence(refused));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartUpRefusedException($"{failed} ({failure.Message})");
        }
        catch (CopyDiffersException different)
        {
            throw new StartUpRefusedException($"Salinan berbeda dari aslinya dan tidak dipakai. ({different.Message})");
        }
    }

    private static async Task<int> PrintAsync(VerbCall call, string done, string failed, Func<Task<BackupManifest>> act)
    {
        var manifest = await ToldAsync(failed, act);
        await Console.Out.WriteLineAsync(call.Json
            ? Verb.Json(new { ok = true, manifest.CreatedAt, manifest.Migration, files = manifest.Files.Count, bytes = manifest.Files.Sum(f => f.Size) })
            : $"{done}: {manifest.Files.Count} berkas, {manifest.Files.Sum(f => f.Size)} bita, keadaan {manifest.CreatedAt:yyyy-MM-dd HH.mm.ss} UTC.");
        return 0;
    }

    // As SchemaUpgrade.OccupiedByAsync names it.
    private static string Occupant(string by) =>
        by == "*" ? "tabel aplikasi lain" : char.IsAsciiDigit(by[0]) ? $"tabel versi lain, migrasi {by}" : $"tabel {by}";

    private static string Sentence(BackupException refused) => refused.Code switch
    {
        "folder-not-empty" => $"Folder '{refused.Subject}' tidak kosong: sebut folder baru.",
        "target-not-empty" => $"Tujuan sudah berisi ('{refused.Subject}'): pulihkan ke folder data dan basis data yang kosong. Tidak ada yang berubah di sana.",
        "database-not-empty" => $"Basis data tujuan sudah berisi ({Occupant(refused.Subject)}): pakai yang baru. Tidak ada yang berubah di sana.",
        "target-leftover" => $"Di tujuan ada sisa basis data lain ('{refused.Subject}'), yang akan dibaca bersama cadangan: pindahkan, atau pulihkan ke folder kosong.",
        "no-manifest" => $"'{refused.Subject}' bukan cadangan yang selesai: manifest.json tidak ada.",
        "file-damaged" => $"Berkas '{refused.Subject}' dalam cadangan hilang atau berubah; tidak ada yang dipulihkan.",
        "older-migration" => "Cadangan berasal dari versi yang lebih lama: pulihkan ke SQLite, jalankan layanan satu kali, lalu 'copy-to'.",
        "unknown-migration" => $"Cadangan berasal dari versi layanan yang lebih baru (migrasi {refused.Subject} tidak dikenal): pakai versi itu.",
        _ => refused.Message
    };
}
