using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Archive;

/// <summary>A file ready to be read. Dispose the stream.</summary>
public sealed record OpenedFile(Stream Content, string Name, string ContentType, long Size);

/// <summary>
/// Softcopies: streamed to the vault, made durable, and only then recorded in one commit; every reading is logged. In the vault a file is
/// called by its id, so a name from outside never becomes a path. What a cut-off upload leaves is an unfinished part, and is swept away.
/// </summary>
public sealed class DossierVault(
    PpidDbContext db, Committer committer, TaskReader reader, AuditTrail audit, Idempotency idempotency, Identifiers identifiers,
    IOptions<StorageOptions> storage, StorageWatch disk, TimeProvider time)
{
    private const int LongestName = 255;
    private const int BufferSize = 81_920;
    private const string Unfinished = ".part";

    /// <summary>Beside a whole file of which nobody knows whether its row was committed.</summary>
    private const string InDoubt = ".doubt";

    /// <summary>Folder of the vault.</summary>
    public string Root => FolderIn(storage.Value.DataPath);

    internal static string FolderIn(string dataPath) => Path.Combine(dataPath, "vault");

    /// <summary>Where a file lies: spread over folders by its id.</summary>
    public string PathOf(Guid fileId) => Path.Combine(Root, $"{fileId:n}"[^2..], $"{fileId:n}");

    /// <param name="actor">Who uploads.</param>
    /// <param name="taskId">The work item in which it happens.</param>
    /// <param name="name">As the officer's computer called it; a path is refused.</param>
    /// <param name="contentType">As told; kept, never trusted.</param>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="replaces">A file of the same case that this one takes the place of; kept, marked.</param>
    public async Task<Result<FileView>> AddAsync(
        Actor actor, Guid taskId, string? name, string? contentType, Stream content, Guid? replaces = null, CancellationToken cancellation = default)
    {
        if (await reader.FindAsync(actor, taskId, cancellation) is not { } seen)
            return Problem.NotFound("task-not-found");
        // A repeated request gets the first answer, also where the task has gone on since: the commit decides.
        if (Refuse(actor, seen) is { } early && !await idempotency.IsRepeatAsync(db, cancellation))
            return early;
        if (RefuseName(name) is { } badName)
            return badName;

        var id = identifiers.Next();
        var path = PathOf(id);
        var stored = await StoreAsync(path, content, cancellation);
        if (!stored.Succeeded)
            return stored.As<FileView>();
        var (size, hash) = stored.Value;
        if (idempotency.IsAsked)
            idempotency.BodyHash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{name}\n{replaces}\n{hash}")));
        var kept = false;
        try
        {
            var result = await committer.RunAsync<FileView>(async () =>
            {
                if (await reader.FindAsync(actor, taskId, cancellation) is not { } item)
                    return Problem.NotFound("task-not-found");
                if (Refuse(actor, item) is { } refused)
                    return refused;
                var file = new DossierFile
                {
                    Id = id,
                    CaseId = item.CaseId,
                    WorkItemId = item.Id,
                    Name = name!.Trim(),
                    ContentType = ContentType(contentType),
                    Size = size,
                    Sha256 = hash,
                    UploadedById = actor.Id,
                    UploaderCapacity = await reader.CapacityAsync(actor, item, cancellation),
                    UploadedAt = time.Now()
                };
                if (replaces is { } formerId)
                {
                    var former = await db.DossierFiles.SingleOrDefaultAsync(f => f.Id == formerId && f.CaseId == item.CaseId, cancellation);
                    if (former is null || former.ReplacedById is not null
                        || !await db.WorkItems.AnyAsync(w => w.Id == former.WorkItemId && w.ActivityId == item.ActivityId, cancellation))
                        return Problem.Invalid("file-not-replaceable", "replaces");
                    former.ReplacedById = id;
                    former.ReplacedAt = time.Now();
                }
                db.DossierFiles.Add(file);
                audit.Add(AuditTrail.ChainOf(item.CaseId), actor.UserName, replaces is null ? "file-added" : "file-replaced", new JsonObject
                {
                    ["fileId"] = id,
                    ["taskId"] = item.Id,
                    ["step"] = item.StepLabel,
                    ["sha256"] = hash,
                    ["size"] = size,
                    ["replaces"] = replaces
                });
                return await reader.FileAsync(file, cancellation);
            }, cancellation);
            kept = result.Succeeded && result.Value.Id == id;
            return result;
        }
        finally
        {
            if (!kept)
                await WithdrawAsync(id, path);
        }
    }

    /// <summary>Opens a softcopy for one who works on the case, and logs that he did.</summary>
    public async Task<Result<OpenedFile>> OpenAsync(Actor actor, Guid fileId, CancellationToken cancellation = default)
    {
        var file = await db.DossierFiles.AsNoTracking().SingleOrDefaultAsync(f => f.Id == fileId, cancellation);
        if (file is null || !await db.Cases.VisibleTo(db, actor).AnyAsync(c => c.Id == file.CaseId, cancellation))
            return Problem.NotFound("file-not-found");
        if (!await reader.MayOpenFilesAsync(actor, file.CaseId, cancellation))
            return Problem.Forbidden("forbidden");
        if (!File.Exists(PathOf(file.Id)))
            return new Problem("store-unavailable", ProblemKind.Unavailable);
        var logged = await committer.RunAsync<bool>(() =>
        {
            audit.Add(AuditTrail.ChainOf(file.CaseId), actor.UserName, "file-opened", new JsonObject { ["fileId"] = file.Id });
            return Task.FromResult<Result<bool>>(true);
        }, cancellation);
        return logged.Succeeded
            ? new OpenedFile(
                new FileStream(PathOf(file.Id), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, useAsync: true), file.Name, file.ContentType, file.Size)
            : logged.As<OpenedFile>();
    }

    /// <summary>Lower-case hex SHA-256 of what lies in the vault; null: nothing does.</summary>
    public async Task<string?> HashAsync(Guid fileId, CancellationToken cancellation)
    {
        if (!File.Exists(PathOf(fileId)))
            return null;
        await using var content = File.OpenRead(PathOf(fileId));
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
    }

    /// <summary>
    /// Deletes what cut-off uploads left behind, unchanged since <paramref name="before"/>; says how many. Only unfinished parts, and files whose
    /// commit was in doubt and has left no row: any other whole file without a row may be somebody's dossier beside a database restored from an
    /// older copy.
    /// </summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancellation = default)
    {
        if (!System.IO.Directory.Exists(Root))
            return 0;
        var swept = 0;
        foreach (var mark in new DirectoryInfo(Root).EnumerateFiles("*" + InDoubt, SearchOption.AllDirectories).Where(f => f.LastWriteTimeUtc < before.UtcDateTime))
        {
            if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(mark.Name), "n", out var id))
                continue;
            if (!await db.DossierFiles.AnyAsync(f => f.Id == id, cancellation))
            {
                File.Delete(PathOf(id));
                swept++;
            }
            mark.Delete();
        }
        foreach (var part in new DirectoryInfo(Root).EnumerateFiles("*" + Unfinished, SearchOption.AllDirectories)
            .Where(f => f.LastWriteTimeUtc < before.UtcDateTime && Guid.TryParseExact(Path.GetFileNameWithoutExtension(f.Name), "n", out _)))
        {
            part.Delete();
            swept++;
        }
        return swept;
    }

    private static Problem? Refuse(Actor actor, WorkItem item)
    {
        if (!item.IsOpen)
            return Problem.Conflict("task-closed");
        if (!TaskReader.IsPerformer(actor, item))
            return Problem.Forbidden("not-your-task");
        if (item.Clock!.State == TimeStandards.ClockState.Paused)
            return Problem.Conflict("task-paused");
        return TaskReader.ActOf(StepDesk.TaskOf(item).Act) is "prepare" or "document" ? null : Problem.Conflict("upload-not-possible");
    }

    private static Problem? RefuseName(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return Problem.Invalid("file-name-required", "file");
        var trimmed = name.Trim();
        return trimmed.Length > LongestName || trimmed is "." or ".." || trimmed.AsSpan().IndexOfAny('/', '\\') >= 0 || trimmed.Any(char.IsControl)
            ? Problem.Invalid("file-name-invalid", "file", LongestName)
            : null;
    }

    // Written beside its place and moved there when whole and on disk: what lies in the vault is never half a file.
    private async Task<Result<(long Size, string Hash)>> StoreAsync(string path, Stream content, CancellationToken cancellation)
    {
        var largest = storage.Value.MaxUploadMB * 1024L * 1024L;
        var part = path + Unfinished;
        // A sender that breaks off is the sender's failure, told apart from a disk that refuses.
        var reading = false;
        try
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (var target = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize, useAsync: true))
            {
                var buffer = new byte[BufferSize];
                while (true)
                {
                    reading = true;
                    var read = await content.ReadAsync(buffer, cancellation);
                    reading = false;
                    if (read == 0)
                        break;
                    if ((size += read) > largest)
                        return new Problem("file-too-large", ProblemKind.TooLarge, "file") { Arguments = [storage.Value.MaxUploadMB] };
                    hash.AppendData(buffer, 0, read);
                    await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
                target.Flush(flushToDisk: true);
            }
            if (size == 0)
                return Problem.Invalid("file-empty", "file");
            File.Move(part, path);
            return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch (Exception failure) when (!reading && (failure is UnauthorizedAccessException or IOException))
        {
            disk.Refused();
            return new Problem("store-unavailable", ProblemKind.Unavailable);
        }
        finally
        {
            Remains.Delete(part);
        }
    }

    // The commit did not say that it happened. Where the database cannot be asked, a mark lets the sweep ask later.
    private async Task WithdrawAsync(Guid id, string path)
    {
        try
        {
            if (!await db.DossierFiles.AnyAsync(f => f.Id == id, CancellationToken.None))
                Remains.Delete(path);
        }
        catch (Exception failure) when (StoreFailures.Describe(failure) is not null)
        {
            try
            {
                await File.WriteAllBytesAsync(path + InDoubt, [], CancellationToken.None);
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                // Database and disk are gone at once: the file stays.
            }
        }
    }

    private static string ContentType(string? told) =>
        told is { Length: > 0 and <= 127 } && MediaTypeHeaderValue.TryParse(told, out var parsed) && parsed.MediaType is { } media ? media : "application/octet-stream";
}
