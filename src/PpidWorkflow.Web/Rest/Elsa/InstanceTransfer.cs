using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Instances as files: out in Elsa's shape, a trial with our own part, so that it can go on elsewhere; in as trials, with the right checked
/// before the body is read, and all files or none.
/// </summary>
internal static class InstanceTransfer
{
    /// <summary>Largest import, bytes; unpacked, too.</summary>
    private const int MostBytes = 8 * 1024 * 1024;

    public sealed record ExportBody(List<string>? Ids, bool IncludeBookmarks, bool IncludeActivityExecutionLog, bool IncludeWorkflowExecutionLog);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/workflow-instances/{id}/export", ExportAsync);
        api.MapPost("/bulk-actions/export/workflow-instances", BulkExportAsync);
        api.MapPost("/bulk-actions/import/workflow-instances", ImportAsync);
    }

    private static Task<IResult> ExportAsync(string id, ApiCall call, InstanceReader reader, TrialTransfer transfer, CancellationToken cancellation)
    {
        var query = call.Context.Request.Query;
        return Instances.WithAsync(call, reader, id, async (_, view) =>
        {
            var wanted = new ExportBody(null, Flag("includeBookmarks"), Flag("includeActivityExecutionLog"), Flag("includeWorkflowExecutionLog"));
            return File(call, $"workflow-instance-{InstanceShapes.Id(view.Row.Id)}.json", await WriteAsync(view, wanted, reader, transfer, cancellation));
        }, cancellation);

        bool Flag(string name) => bool.TryParse(query[name], out var flag) && flag;
    }

    private static async Task<IResult> BulkExportAsync(ApiCall call, InstanceReader reader, TrialTransfer transfer, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<ExportBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var ids = body.Value.Value.Ids?.Distinct().ToList() ?? [];
        if (ids.Count > TrialTransfer.MostFiles)
            return ElsaApi.Refuse(Problem.Invalid("too-many-items", "ids", TrialTransfer.MostFiles));
        var actor = await call.ActorAsync();
        var files = new List<(string Name, byte[] Content)>();
        foreach (var id in ids)
        {
            if (Guid.TryParse(id, out var key) && await reader.FindAsync(actor, key, cancellation) is { } view)
                files.Add(($"workflow-instance-{InstanceShapes.Id(key)}.json", await WriteAsync(view, body.Value.Value, reader, transfer, cancellation)));
        }
        if (files.Count == 0)
            return Instances.NotFound();
        if (files.Count == 1)
            return File(call, files[0].Name, files[0].Content);
        using var packed = new MemoryStream();
        await using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = zip.CreateEntry(name);
                entry.LastWriteTime = DefinitionFiles.EntryTime;
                await using var stream = await entry.OpenAsync(cancellation);
                await stream.WriteAsync(content, cancellation);
            }
        }
        return File(call, "workflow-instances.zip", packed.ToArray());
    }

    private static async Task<byte[]> WriteAsync(
        InstanceView view, ExportBody wanted, InstanceReader reader, TrialTransfer transfer, CancellationToken cancellation)
    {
        var runs = await reader.RunsAsync(view, cancellation);
        var state = Node(InstanceShapes.State(view, runs))!;
        var file = new JsonObject { ["WorkflowState"] = state };
        if (wanted.IncludeBookmarks)
            file["Bookmarks"] = state["bookmarks"]!.DeepClone();
        if (wanted.IncludeActivityExecutionLog)
            file["ActivityExecutionRecords"] = Node(InstanceShapes.Runs(view, runs, runs));
        if (wanted.IncludeWorkflowExecutionLog)
        {
            var (lines, _) = await reader.JournalAsync(view, new JournalQuery(Take: int.MaxValue), cancellation);
            file["WorkflowExecutionLogRecords"] = Node(lines.Select(line => InstanceShapes.Record(view, line)));
        }
        // A case never comes back as a trial, whose values everybody in Studio sees.
        if (view.Row.IsTrial)
            file[TrialTransfer.OwnPart] = await transfer.OwnPartAsync(view, cancellation);
        return JsonSerializer.SerializeToUtf8Bytes(file, ElsaApi.Json);

        static JsonNode? Node(object value) => JsonSerializer.SerializeToNode(value, ElsaApi.Json);
    }

    private static FileContentHttpResult File(ApiCall call, string name, byte[] content)
    {
        call.Context.Response.Headers.ContentDisposition = $"attachment; filename={name}; filename*=UTF-8''{name}";
        return TypedResults.Bytes(content, "application/octet-stream");
    }

    private static async Task<IResult> ImportAsync(ApiCall call, TrialTransfer transfer, CancellationToken cancellation)
    {
        var actor = await call.ActorAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        var request = call.Context.Request;
        if (!request.HasFormContentType)
            return ElsaApi.Refuse(new Problem("malformed-request", ProblemKind.Malformed));
        if (call.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MostBytes;
        var isTooLarge = false;
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = MostBytes, ValueCountLimit = 1000 }, cancellation);
            var files = new List<byte[]>();
            var room = MostBytes;
            foreach (var part in form.Files)
            {
                await using var stream = part.OpenReadStream();
                if (!part.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
                {
                    files.Add(await TakeAsync(stream));
                    continue;
                }
                await using var zip = await UploadedZip.OpenAsync(stream, TrialTransfer.MostFiles, cancellation);
                if (zip is null)
                    return ElsaApi.Refuse(Problem.Invalid("instance-files-count", "files", TrialTransfer.MostFiles));
                foreach (var entry in zip.Entries)
                {
                    await using var content = await entry.OpenAsync(cancellation);
                    files.Add(await TakeAsync(content));
                }
            }
            return Instances.Answer(await transfer.ImportAsync(actor, files, cancellation), imported => ElsaApi.Ok(new { Imported = imported }));

            // What is declared may be a lie: counted while it is read. Names are never used.
            async Task<byte[]> TakeAsync(Stream stream)
            {
                using var taken = new MemoryStream();
                var buffer = new byte[81920];
                for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
                {
                    room -= read;
                    if (room < 0)
                    {
                        isTooLarge = true;
                        throw new InvalidDataException();
                    }
                    taken.Write(buffer, 0, read);
                }
                return taken.ToArray();
            }
        }
        // A file shorter than any ZIP is an argument out of range to the archive.
        catch (Exception broken) when (broken is InvalidDataException or BadHttpRequestException or IOException or NotSupportedException or ArgumentException)
        {
            return isTooLarge || broken is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
                ? ElsaApi.Refuse(new Problem("body-too-large", ProblemKind.TooLarge))
                : ElsaApi.Refuse(Problem.Invalid("instance-file-unreadable", "files"));
        }
    }
}
