using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Definitions as files: in as JSON or ZIP, all or none, with the right checked before the first byte of the body is read; out byte-stable.
/// </summary>
internal static class DefinitionFiles
{
    /// <summary>Entries of a ZIP file, and definitions of one import.</summary>
    public const int MostEntries = 100;

    /// <summary>Bytes of all definitions of one import, unpacked.</summary>
    public const int MostBytes = 50 * 1024 * 1024;

    /// <summary>Files and values of one form; more files than <see cref="MostEntries"/> are counted and refused by number.</summary>
    private const int MostParts = 1000;

    private const int LargestJson = DefinitionReader.MaxBytes;
    private const string Zip = "application/zip";
    private const string Bytes = "application/octet-stream";

    /// <summary>No file in the ZIP is younger: the same definitions give the same bytes.</summary>
    internal static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Map(RouteGroupBuilder definitions, RouteGroupBuilder bulk)
    {
        definitions.MapMethods("/import", ["POST", "PUT"], ImportAsync);
        definitions.MapMethods("/{definitionId}/import", ["POST", "PUT"], ImportAsync);
        definitions.MapPost("/import-files", ImportFilesAsync);
        definitions.MapMethods("/{definitionId}/export", ["GET", "POST"], ExportAsync);
        bulk.MapMethods("/export/workflow-definitions", ["GET", "POST"], ExportManyAsync);
    }

    /// <summary>A definition alone or as <c>model</c> beside <c>publish</c>, within the limits of size and depth.</summary>
    public static async Task<Result<(JsonObject Definition, bool Publish)>> ReadBodyAsync(HttpContext http)
    {
        var raw = await RawAsync(http, LargestJson);
        if (raw is null)
            return new Problem("body-too-large", ProblemKind.TooLarge);
        var definition = Read(raw);
        if (!definition.Succeeded)
            return definition.As<(JsonObject, bool)>();
        var text = raw is [0xEF, 0xBB, 0xBF, ..] ? raw.AsMemory(3) : raw;
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DefinitionReader.MaxDepth });
        var publish = document.RootElement.TryGetProperty("publish", out var wish) && wish.ValueKind == JsonValueKind.True;
        return (definition.Value, publish);
    }

    /// <summary>A list of ids in a small body; null: there is none.</summary>
    public static async Task<IReadOnlyList<string>?> ReadIdsAsync(HttpContext http, string property)
    {
        const int largest = 256 * 1024;
        if (await RawAsync(http, largest) is not { Length: > 0 } raw)
            return null;
        try
        {
            var text = raw is [0xEF, 0xBB, 0xBF, ..] ? raw.AsMemory(3) : raw;
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(property, out var ids)
                && ids.ValueKind == JsonValueKind.Array && ids.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
                    ? [.. ids.EnumerateArray().Select(i => i.GetString()!)] : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, CurrentActor current, DraftDesk drafts, DefinitionList list, DefinitionModel model, CancellationToken cancellation,
        string? definitionId = null)
    {
        var actor = await current.RequireAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        var body = await ReadBodyAsync(http);
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var definition = body.Value.Definition;
        if (definitionId is not null)
            definition["definitionId"] = definitionId;
        var isNew = definition["definitionId"]?.ToString() is not { Length: > 0 };
        var stored = await drafts.ImportAsync(actor, [definition], cancellation);
        if (!stored.Succeeded)
            return ElsaApi.Refuse(stored.Problems);
        var view = (await list.FindAsync([stored.Value[0].Id], cancellation))[0];
        return ElsaApi.Ok(await model.WholeAsync(actor, view, cancellation), isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ImportFilesAsync(HttpContext http, CurrentActor current, DraftDesk drafts, CancellationToken cancellation)
    {
        var actor = await current.RequireAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        if (!http.Request.HasFormContentType)
            return Definitions.Malformed();
        AllowBody(http, MostBytes);
        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(
                new FormOptions { MultipartBodyLengthLimit = MostBytes, ValueCountLimit = MostParts, KeyLengthLimit = 256, ValueLengthLimit = 4096 }, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException or IOException)
        {
            return e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
                ? ElsaApi.Refuse(TooLarge()) : Definitions.Malformed();
        }
        var models = await ReadAllAsync(form.Files, cancellation);
        if (!models.Succeeded)
            return ElsaApi.Refuse(models.Problems);
        var stored = await drafts.ImportAsync(actor, models.Value, cancellation);
        return stored.Succeeded ? ElsaApi.Ok(new JsonObject { ["count"] = stored.Value.Count }) : ElsaApi.Refuse(stored.Problems);
    }

    private static async Task<IResult> ExportAsync(
        string definitionId, HttpContext http, DefinitionList list, CancellationToken cancellation, string? versionOptions = null)
    {
        if (Definitions.Choice(versionOptions, VersionChoice.Latest) is not { } choice)
            return Definitions.NoSuchChoice();
        if (await list.FindAsync(definitionId, choice, cancellation) is not { } view)
            return ElsaApi.Missing;
        var file = await list.ExportAsync(view, cancellation);
        return Attachment(http, file.Name, file.Content);
    }

    private static async Task<IResult> ExportManyAsync(HttpContext http, DefinitionList list, CancellationToken cancellation)
    {
        var ids = HttpMethods.IsGet(http.Request.Method) ? [.. http.Request.Query["ids"].OfType<string>()] : await ReadIdsAsync(http, "ids");
        if (ids is null)
            return Definitions.Malformed();
        if (ids.Count > MostEntries)
            return ElsaApi.Refuse(Problem.Invalid("too-many-items", "ids", MostEntries));
        var views = await list.FindAsync([.. ids.Select(Definitions.VersionId).OfType<Guid>().Distinct()], cancellation);
        if (views.Count == 0)
            return ElsaApi.Missing;
        using var packed = new MemoryStream();
        await using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var view in views.OrderBy(v => v.Version.DefinitionId, StringComparer.Ordinal).ThenBy(v => v.Version.Version))
            {
                var file = await list.ExportAsync(view, cancellation);
                var entry = zip.CreateEntry(file.Name, CompressionLevel.Optimal);
                entry.LastWriteTime = EntryTime;
                await using var stream = await entry.OpenAsync(cancellation);
                await stream.WriteAsync(file.Content, cancellation);
            }
        }
        return Attachment(http, "workflow-definitions.zip", packed.ToArray());
    }

    private static FileContentHttpResult Attachment(HttpContext http, string name, byte[] content)
    {
        // Both forms, as Elsa sends them; the name is ASCII without spaces, so they are the same.
        http.Response.Headers[HeaderNames.ContentDisposition] = $"attachment; filename={name}; filename*=UTF-8''{name}";
        return TypedResults.Bytes(content, Bytes);
    }

    /// <summary>Every definition of the files, read and checked for what can be checked without the database.</summary>
    private static async Task<Result<IReadOnlyList<JsonObject>>> ReadAllAsync(IFormFileCollection files, CancellationToken cancellation)
    {
        if (files.Count == 0)
            return Problem.Invalid("import-empty", "files");
        if (files.Count > MostEntries)
            return Problem.Invalid("import-too-many-files", "files", files.Count, MostEntries);
        var read = new List<JsonObject>();
        var room = (long)MostBytes;
        foreach (var file in files)
        {
            await using var stream = file.OpenReadStream();
            if (IsZip(file))
            {
                var entries = await UnpackAsync(file.FileName, stream, room, cancellation);
                if (!entries.Succeeded)
                    return entries.As<IReadOnlyList<JsonObject>>();
                foreach (var (name, content) in entries.Value)
                {
                    room -= content.Length;
                    if (Take(name, content) is { Succeeded: false } refused)
                        return refused.As<IReadOnlyList<JsonObject>>();
                }
            }
            else if (file.FileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || file.ContentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
            {
                if (await ReadUpToAsync(stream, Math.Min(LargestJson, room), cancellation) is not { } content)
                    return TooLarge();
                room -= content.Length;
                if (Take(file.FileName, content) is { Succeeded: false } refused)
                    return refused.As<IReadOnlyList<JsonObject>>();
            }
            else
                return Problem.Invalid("import-file-unreadable", "files", Shown(file.FileName));
        }
        return read.Count > MostEntries ? Problem.Invalid("import-too-many-files", "files", read.Count, MostEntries)
            : read.Count > 0 ? read : Problem.Invalid("import-empty", "files");

        Result<JsonObject> Take(string name, byte[] content)
        {
            var definition = Read(content);
            if (!definition.Succeeded)
                return Problem.Invalid("import-file-refused", "files", Shown(name), string.Join(' ', definition.Problems.Select(Problems.Sentence)));
            read.Add(definition.Value);
            return definition;
        }
    }

    private static async Task<Result<IReadOnlyList<(string Name, byte[] Content)>>> UnpackAsync(
        string zipName, Stream stream, long room, CancellationToken cancellation)
    {
        try
        {
            await using var zip = await UploadedZip.OpenAsync(stream, MostEntries, cancellation);
            if (zip is null)
                return Problem.Invalid("import-too-many-entries", "files", Shown(zipName), MostEntries);
            // Names and declared sizes of all before anything is unpacked.
            if (zip.Entries.Any(e => !IsPlainName(e.FullName)))
                return Problem.Invalid("import-name-forbidden", "files");
            if (zip.Entries.Any(e => e.Length > LargestJson) || zip.Entries.Sum(e => e.Length) > room)
                return TooLarge();
            var unpacked = new List<(string, byte[])>();
            foreach (var entry in zip.Entries)
            {
                // What is declared may be a lie: counted while it is unpacked.
                await using var content = await entry.OpenAsync(cancellation);
                if (await ReadUpToAsync(content, Math.Min(LargestJson, room), cancellation) is not { } bytes)
                    return TooLarge();
                room -= bytes.Length;
                unpacked.Add((entry.FullName, bytes));
            }
            return unpacked;
        }
        // A file cut short makes the archive seek to where nothing is.
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            return Problem.Invalid("import-file-unreadable", "files", Shown(zipName));
        }
    }

    /// <summary>Relative, without a way out, a .json file: never used as a path, but whoever packs others means no good.</summary>
    private static bool IsPlainName(string name) =>
        name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !name.Contains('\\') && !name.Contains(':') && !name.Contains('\0')
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static bool IsZip(IFormFile file) =>
        file.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) || file.ContentType.StartsWith(Zip, StringComparison.OrdinalIgnoreCase)
        || file.ContentType.StartsWith("application/x-zip", StringComparison.OrdinalIgnoreCase);

    private static Result<JsonObject> Read(byte[] content)
    {
        try
        {
            return DefinitionReader.Read(content).Document;
        }
        catch (DefinitionInvalidException invalid)
        {
            return Result<JsonObject>.Refused([.. invalid.Problems.Select(p => Problem.Invalid("draft-refused", "root", p.Message))]);
        }
    }

    /// <summary>Null: longer than that.</summary>
    private static async Task<byte[]?> RawAsync(HttpContext http, int largest)
    {
        if (http.Request.ContentLength > largest)
            return null;
        AllowBody(http, largest);
        try
        {
            return await ReadUpToAsync(http.Request.Body, largest, http.RequestAborted);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    private static async Task<byte[]?> ReadUpToAsync(Stream stream, long largest, CancellationToken cancellation)
    {
        using var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (read.Length + count > largest)
                return null;
            read.Write(buffer, 0, count);
        }
        return read.ToArray();
    }

    private static void AllowBody(HttpContext http, long largest)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = largest + 64 * 1024;
    }

    private static Problem TooLarge() => new("import-file-too-large", ProblemKind.TooLarge, "files")
    {
        Arguments = [LargestJson / 1024 / 1024, MostBytes / 1024 / 1024]
    };

    private static string Shown(string name)
    {
        const int longest = 80;
        var last = name.Split('/', '\\')[^1];
        return last.Length > longest ? $"{last[..longest]}…" : last;
    }
}
