using System.Data.Common;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// The service cannot start for a reason that its operator can remove; the message is the sentence to print, exit code 1.
/// </summary>
public sealed class StartUpRefusedException(string message) : Exception(message);

/// <summary>What happens before the first request is served, in this order. Every step may run again at each start.</summary>
public static class StartUp
{
    /// <exception cref="StartUpRefusedException">The operator has something to mend.</exception>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        PrepareDataFolder(services.GetRequiredService<IOptions<StorageOptions>>().Value.DataPath);
        await using var scope = services.CreateAsyncScope();
        await UpgradeDatabaseAsync(scope.ServiceProvider, cancellation);
        await scope.ServiceProvider.GetRequiredService<RoleSeed>().RunAsync(cancellation);
        // What fell due while the service was down comes first: seeding may bring something newer.
        await scope.ServiceProvider.GetRequiredService<RevisionDesk>().EnterDueAsync(cancellation);
        await SeedDefinitionsAsync(scope.ServiceProvider, cancellation);
        await RederiveClocksAsync(scope.ServiceProvider, cancellation);
        // Before any alarm can fire: what the service slept through is credited.
        await scope.ServiceProvider.GetRequiredService<OutageWatch>().BeatAsync(cancellation);
        await SeedOfficersAsync(scope.ServiceProvider, cancellation);
        await scope.ServiceProvider.GetRequiredService<OutboxSweep>().ForgetDeadLeasesAsync(cancellation);
    }

    /// <summary>Refuses a database that cannot be worked with as it is; changes nothing (verbs that only look).</summary>
    public static async Task RequireCurrentDatabaseAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        var upgrade = services.GetRequiredService<SchemaUpgrade>();
        await RefuseNewerDatabaseAsync(upgrade, cancellation);
        if (!await upgrade.IsCurrentAsync(cancellation))
            throw new StartUpRefusedException("Basis data belum ada atau belum dimutakhirkan: jalankan layanan satu kali, atau perintah 'migrate', lebih dahulu.");
    }

    /// <summary>
    /// What to print where the store failed in the middle of a start or a verb: a server or a disk to be mended; null: a bug, which is to surface.
    /// </summary>
    public static string? StoreSentence(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException or StoreRefusedException || StoreFailures.Describe(cause) is not null)
            {
                return "Basis data tidak dapat dibuka, dibaca atau ditulisi; periksa Database:Provider, ConnectionStrings:Ppid, Storage:DataPath dan ruang "
                    + $"cakram. ({failure.GetBaseException().Message})";
            }
        }
        return null;
    }

    /// <summary>For its owner alone: keys, vault and database lie below.</summary>
    internal static void PrepareDataFolder(string dataPath)
    {
        try
        {
            DataFolder.CreatePrivate(dataPath);
            DataFolder.CreatePrivate(Path.Combine(dataPath, "keys"));
            var probe = Path.Combine(dataPath, $".writable-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StartUpRefusedException(
                $"Folder data '{dataPath}' tidak dapat ditulisi: beri izin tulis, atau ubah Storage:DataPath. ({failure.GetType().Name})");
        }
    }

    /// <summary>
    /// By itself only on SQLite and in Development: an upgrade of a server's database is its operator's decision, with a backup in hand and the
    /// old nodes stopped (verb <c>migrate</c>).
    /// </summary>
    private static async Task UpgradeDatabaseAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var upgrade = services.GetRequiredService<SchemaUpgrade>();
        try
        {
            await RefuseNewerDatabaseAsync(upgrade, cancellation);
            if (!upgrade.IsEmbedded && !services.GetRequiredService<IHostEnvironment>().IsDevelopment()
                && await upgrade.PendingAsync(cancellation) is { Count: > 0 } pending)
            {
                throw new StartUpRefusedException(
                    $"Basis data belum dimutakhirkan ({pending.Count} migrasi, terakhir {pending[^1]}): buat cadangan, hentikan semua simpul, "
                    + "lalu jalankan perintah 'migrate'.");
            }
            await upgrade.ApplyAsync(cancellation);
        }
        catch (DbException failure)
        {
            throw new StartUpRefusedException(
                "Basis data tidak dapat dibuka atau dimutakhirkan; periksa ConnectionStrings:Ppid dan Storage:DataPath. "
                + $"({failure.Message})");
        }
    }

    internal static async Task RefuseNewerDatabaseAsync(SchemaUpgrade upgrade, CancellationToken cancellation)
    {
        if (await upgrade.UnknownMigrationsAsync(cancellation) is { Count: > 0 } unknown)
        {
            throw new StartUpRefusedException(
                $"Basis data berasal dari versi layanan yang lebih baru (migrasi {unknown[^1]} tidak dikenal): "
                + "jalankan versi itu, atau pulihkan cadangan dari sebelum pemutakhiran.");
        }
    }

    private static async Task SeedDefinitionsAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var definitions = services.GetRequiredService<IOptions<DefinitionOptions>>().Value;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StartUp));
        foreach (var outcome in await services.GetRequiredService<DefinitionSeeder>().SeedAsync(
            definitions.WorkflowsPath, definitions.SeedMode, cancellation))
        {
            if (outcome.State == RevisionState.Rejected)
                logger.LogError("Definition {DefinitionId} was not seeded: {Codes}", outcome.DefinitionId,
                    outcome.Problems.Select(p => p.Code));
            else if (outcome.Changed)
                logger.LogInformation("Definition {DefinitionId} version {Version} seeded: {State}", outcome.DefinitionId, outcome.Version,
                    outcome.State);
        }
    }

    private static async Task RederiveClocksAsync(IServiceProvider services, CancellationToken cancellation)
    {
        try
        {
            if (await services.GetRequiredService<CalendarWatch>().ApplyAsync(cancellation) is { } moved)
                services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StartUp))
                    .LogInformation("Calendar changed: {Moved} open clocks moved", moved);
        }
        catch (InvalidDataException broken)
        {
            throw new StartUpRefusedException(
                "Baris kalender dalam basis data tidak dapat dipakai, rupanya diubah langsung: pulihkan cadangan, atau perbaiki barisnya. "
                + $"({broken.Message})");
        }
    }

    private static async Task SeedOfficersAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var setup = services.GetRequiredService<FirstSetup>();
        var file = services.GetRequiredService<SetupTokenFile>();
        if (!await setup.IsNeededAsync(cancellation))
        {
            file.Delete();
            return;
        }
        var demo = services.GetRequiredService<IOptions<DemoOptions>>().Value;
        if (services.GetRequiredService<IHostEnvironment>().IsDevelopment() && demo.Enabled)
        {
            if (await services.GetRequiredService<DemoOfficers>().AddAsync(demo.Password, cancellation) is { } problem)
                throw new StartUpRefusedException($"Petugas demo tidak dapat dibuat ({problem.Code}): periksa Demo:Password.");
            return;
        }
        var office = services.GetRequiredService<IOptions<OfficeOptions>>().Value;
        var token = await setup.IssueTokenAsync(cancellation);
        // Never to the log, and to the console only where a person sits before it: what is kept and shipped would make its readers administrators.
        if (!Console.IsOutputRedirected)
        {
            await Console.Out.WriteLineAsync(
                $"""

                Belum ada petugas. Buat administrator pertama di {office.PublicUrl.TrimEnd('/')}/setup
                dengan token sekali pakai ini (token baru dicetak pada setiap awal layanan sampai dipakai):

                    {token}

                """);
            return;
        }
        await file.WriteAsync(token, cancellation);
        await Console.Out.WriteLineAsync(
            $"""

            Belum ada petugas. Buat administrator pertama di {office.PublicUrl.TrimEnd('/')}/setup
            dengan token sekali pakai dari berkas ini (token baru ditulis pada setiap awal layanan sampai dipakai):

                {file.Path}

            """);
    }
}
