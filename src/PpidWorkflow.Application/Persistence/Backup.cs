using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Persistence;

/// <summary>What a backup holds, each file with its hash (<c>manifest.json</c> in its folder).</summary>
/// <param name="CreatedAt">UTC: the database is as it was at or shortly after this instant.</param>
/// <param name="Provider">Of the database that was backed up; the copy itself is always a SQLite file.</param>
/// <param name="Migration">The newest one of the SQLite file; a restore wants a service that knows it.</param>
/// <param name="Files">Relative paths with forward slashes.</param>
public sealed record BackupManifest(DateTimeOffset CreatedAt, string Provider, string Migration, IReadOnlyList<BackupFile> Files);

/// <param name="Path">Below the backup's folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record BackupFile(string Path, long Size, string Sha256);

/// <summary>Why a backup could not be made or put back; the code is a key of the verbs' sentences.</summary>
public sealed class BackupException(string code, string subject) : Exception($"{code}: {subject}")
{
    /// <summary>kebab-case.</summary>
    public string Code { get; } = code;

    /// <summary>The folder or file it is about.</summary>
    public string Subject { get; } = subject;
}

/// <summary>
/// A copy of everything that must not be lost — database, vault, keys — while the service runs (verbs <c>backup</c> and <c>restore</c>). The
/// database comes first: a vault file is on disk before its row commits, so whatever a copied row points to is there when the vault is copied.
/// From a server the rows are read in one snapshot into a SQLite file, so that one format serves every provider.
/// </summary>
public sealed class Backup(PpidDbContext db, IOptions<StorageOptions> storage, TimeProvider time)
{
    private const string Database = "ppid.db";
    private const string Vault = "vault";
    private const string Keys = "keys";
    private const string ManifestName = "manifest.json";

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string VaultFolder => DossierVault.FolderIn(storage.Value.DataPath);

    private string KeyFolder => Path.Combine(storage.Value.DataPath, Keys);

    /// <summary>Writes a backup into a folder that is empty or not there yet; on a failure what was written stays without a manifest.</summary>
    /// <exception cref="BackupException"><c>folder-not-empty</c>.</exception>
    public async Task<BackupManifest> WriteAsync(string folder, CancellationToken cancellation = default)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new BackupException("folder-not-empty", folder);
        DataFolder.CreatePrivate(folder);
        var now = time.Now();
        await CopyDatabaseAsync(Path.Combine(folder, Database), cancellation);
        // A file that has not been upgraded yet is copied as it is; rows of a server come into a file of this version.
        var migration = db.Database.IsSqlite() ? (await db.Database.GetAppliedMigrationsAsync(cancellation)).LastOrDefault() : null;
        // What a failure leaves stays: it has no manifest.
        CopyFolder(VaultFolder, Path.Combine(folder, Vault), []);
        CopyFolder(KeyFolder, Path.Combine(folder, Keys), []);
        var manifest = new BackupManifest(now, ProviderName(), migration ?? KnownMigrations()[^1], [.. Describe(folder)]);
        // Last, and whole at once: a folder with a manifest is a finished backup.
        var draft = Path.Combine(folder, ManifestName + ".part");
        await using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            await JsonSerializer.SerializeAsync(file, manifest, Readable, cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, Path.Combine(folder, ManifestName));
        return manifest;
    }

    /// <summary>Reads the manifest and holds every file of the backup against it.</summary>
    /// <exception cref="BackupException"><c>no-manifest</c>, or <c>file-damaged</c> with the first file at fault.</exception>
    public static async Task<BackupManifest> CheckAsync(string folder, CancellationToken cancellation = default)
    {
        BackupManifest? manifest = null;
        var path = Path.Combine(folder, ManifestName);
        if (File.Exists(path))
        {
            await using var file = File.OpenRead(path);
            try
            {
                manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(file, Readable, cancellation);
            }
            catch (JsonException)
            {
                throw new BackupException("file-damaged", ManifestName);
            }
        }
        if (manifest is null)
            throw new BackupException("no-manifest", folder);
        var found = Describe(folder).ToDictionary(f => f.Path);
        foreach (var expected in manifest.Files)
        {
            if (found.GetValueOrDefault(expected.Path) != expected)
                throw new BackupException("file-damaged", expected.Path);
        }
        return manifest;
    }

    /// <summary>
    /// Puts a checked backup into the configured database and data folder, both empty. Rungs that came due since fire once, at the first start.
    /// The database comes last and appears whole: cut off before that, there is none that would miss its files. What a failure leaves is removed,
    /// so that the same command may follow.
    /// </summary>
    /// <exception cref="BackupException">
    /// As <see cref="CheckAsync"/>; <c>target-not-empty</c>, <c>database-not-empty</c>; <c>target-leftover</c>: the log of another SQLite file;
    /// <c>older-migration</c>; <c>unknown-migration</c>: made by a newer service. Nothing has been changed then.
    /// </exception>
    public async Task<BackupManifest> RestoreAsync(string folder, CancellationToken cancellation = default)
    {
        var manifest = await CheckAsync(folder, cancellation);
        if (!KnownMigrations().Contains(manifest.Migration))
            throw new BackupException("unknown-migration", manifest.Migration);
        foreach (var target in (string[])[VaultFolder, KeyFolder])
        {
            if (Directory.Exists(target) && Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Any())
                throw new BackupException("target-not-empty", target);
        }
        if (db.Database.IsSqlite())
            RequireNoFile();
        else
            await RequireNoRowsAsync(manifest, cancellation);
        var written = new List<string>();
        try
        {
            CopyFolder(Path.Combine(folder, Vault), VaultFolder, written);
            CopyFolder(Path.Combine(folder, Keys), KeyFolder, written);
            if (db.Database.IsSqlite())
                RestoreFile(Path.Combine(folder, Database), written);
            else
                await RestoreRowsAsync(Path.Combine(folder, Database), written, cancellation);
        }
        catch
        {
            written.ForEach(file => Remains.Delete(file));
            throw;
        }
        return manifest;
    }

    private async Task CopyDatabaseAsync(string file, CancellationToken cancellation)
    {
        if (db.Database.IsSqlite())
        {
            var source = (SqliteConnection)db.Database.GetDbConnection();
            await db.Database.OpenConnectionAsync(cancellation);
            await using var target = new SqliteConnection(FileConnection(file));
            await target.OpenAsync(cancellation);
            source.BackupDatabase(target);
            await db.Database.CloseConnectionAsync();
            return;
        }
        await using var copy = OpenFile(file);
        await copy.Database.MigrateAsync(cancellation);
        await using var snapshot = await db.Database.BeginTransactionAsync(
            db.Database.IsNpgsql() ? System.Data.IsolationLevel.RepeatableRead : System.Data.IsolationLevel.Snapshot, cancellation);
        await PostgreSqlStore.LetRestAsync(db, cancellation);
        await foreach (var _ in new DatabaseCopy(db, copy).RunAsync(cancellation))
        {
        }
        await copy.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellation);
    }

    private string TargetFile => Path.GetFullPath(new SqliteConnectionStringBuilder(db.Database.GetConnectionString()).DataSource);

    private void RequireNoFile()
    {
        if (File.Exists(TargetFile))
            throw new BackupException("target-not-empty", TargetFile);
        foreach (var suffix in (string[])["-wal", "-shm", "-journal"])
        {
            if (File.Exists(TargetFile + suffix))
                throw new BackupException("target-leftover", TargetFile + suffix);
        }
    }

    private void RestoreFile(string from, List<string> written)
    {
        DataFolder.CreatePrivate(Path.GetDirectoryName(TargetFile)!);
        var part = TargetFile + ".part";
        // Of a restore that was killed: it belongs to nobody.
        File.Delete(part);
        CopyFile(from, part, written);
        File.Move(part, TargetFile);
    }

    private async Task RequireNoRowsAsync(BackupManifest manifest, CancellationToken cancellation)
    {
        // Rows are read through this version's model; an older file would have to be upgraded first, and it is to stay as it is.
        if (manifest.Migration != KnownMigrations()[^1])
            throw new BackupException("older-migration", manifest.Migration);
        if (await new SchemaUpgrade(db).OccupiedByAsync(cancellation) is { } occupied)
            throw new BackupException("database-not-empty", occupied);
    }

    private async Task RestoreRowsAsync(string from, List<string> written, CancellationToken cancellation)
    {
        await new SchemaUpgrade(db).ApplyAsync(cancellation);
        await using var source = OpenFile(from);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await PostgreSqlStore.LetRestAsync(db, cancellation);
        await foreach (var _ in new DatabaseCopy(source, db).RunAsync(cancellation))
        {
        }
        // A commit without an answer may have happened: its files stay.
        written.Clear();
        await transaction.CommitAsync(cancellation);
    }

    private string ProviderName() =>
        db.Database.IsSqlite() ? Databases.Sqlite : db.Database.IsNpgsql() ? Databases.PostgreSql : Databases.SqlServer;

    private static List<string> KnownMigrations()
    {
        using var file = Databases.Open(Databases.Sqlite, "Data Source=:memory:");
        return [.. file.Database.GetMigrations()];
    }

    private static PpidDbContext OpenFile(string file) => Databases.Open(Databases.Sqlite, FileConnection(file));

    private static string FileConnection(string file) =>
        new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Pooling = false }.ToString();

    private static IEnumerable<BackupFile> Describe(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (path.StartsWith(ManifestName, StringComparison.Ordinal))
                continue;
            using var content = File.OpenRead(file);
            yield return new BackupFile(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
        }
    }

    // Unfinished uploads (*.part) belong to no row.
    private static void CopyFolder(string from, string to, List<string> written)
    {
        DataFolder.CreatePrivate(to);
        if (!Directory.Exists(from))
            return;
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (file.EndsWith(".part", StringComparison.Ordinal))
                continue;
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            DataFolder.CreatePrivate(Path.GetDirectoryName(target)!);
            CopyFile(file, target, written);
        }
    }

    private static void CopyFile(string from, string to, List<string> written)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        written.Add(to);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }
}
