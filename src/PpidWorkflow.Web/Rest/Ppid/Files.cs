using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>
/// Softcopies. An upload is streamed part by part into the vault and never held in memory; its name, the file it replaces and its bytes
/// make
/// the body hash of an Idempotency-Key.
/// </summary>
internal static class Files
{
    private const int LongestFieldValue = 100;
    private const int LongestBoundary = 100;

    public sealed record UploadedFile(Guid Id, string Name, long Size, string Sha256);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/tasks/{id:guid}/files", UploadAsync).Accepts<IFormFile>("multipart/form-data")
            .Answers<UploadedFile>("Adds a softcopy: part file; field or ?replaces= (before the file) names the one it takes the place of",
                StatusCodes.Status201Created);
        api.MapGet("/files/{id:guid}", OpenAsync).Answers<Stream>("The softcopy itself, as an attachment");
    }

    private static async Task<IResult> UploadAsync(
        Guid id, ApiCall call, DossierVault vault, Idempotency idempotency, IOptions<StorageOptions> storage,
        CancellationToken cancellation, string? replaces = null)
    {
        var actor = await call.ActorAsync();
        if (call.AskOnce(actor, "") is { } refused)
            return new ProblemAnswer([refused]);
        if (!MediaTypeHeaderValue.TryParse(call.Context.Request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= LongestBoundary } boundary)
            return new ProblemAnswer([new Problem("malformed-request", ProblemKind.Malformed)]);
        call.ReachAfterAnswer();
        try
        {
            var parts = new MultipartReader(boundary, call.Context.Request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 8 * 1024 };
            while (await parts.ReadNextSectionAsync(cancellation) is { } part)
            {
                if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition))
                    continue;
                var field = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
                if (field == "replaces" && !disposition.IsFileDisposition())
                {
                    replaces = await FieldAsync(part.Body, cancellation);
                }
                else if (field == "file")
                {
                    if (!string.IsNullOrEmpty(replaces) && !Guid.TryParse(replaces, out _))
                        return new ProblemAnswer([Problem.Invalid("file-not-replaceable", "replaces")]);
                    var name = NameOf(disposition);
                    await using var content = new HashedStream(
                        part.Body, $"{name}\n{replaces}\n", hash => idempotency.BodyHash = hash,
                        () => RefuseMoreFilesAsync(parts, cancellation));
                    var added = await vault.AddAsync(
                        actor, id, name, part.ContentType, content, Guid.TryParse(replaces, out var former) ? former : null, cancellation);
                    return ApiCall.Answer(added, file => TypedResults.Created(
                        $"{PpidApi.Root}/files/{file.Id}", new UploadedFile(file.Id, file.Name, file.Size, file.Sha256)));
                }
            }
            return new ProblemAnswer([Problem.Invalid("file-name-required", "file")]);
        }
        catch (BadHttpRequestException broken) when (broken.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            var tooLarge = new Problem("file-too-large", ProblemKind.TooLarge, "file") { Arguments = [storage.Value.MaxUploadMB] };
            return new ProblemAnswer([tooLarge]);
        }
        catch (UploadStalledException)
        {
            return new ProblemAnswer([new Problem("upload-stalled", ProblemKind.Malformed) { Arguments = [storage.Value.TransferIdleSeconds] }]);
        }
        catch (SecondFileException)
        {
            return new ProblemAnswer([Problem.Invalid("one-file-only", "file")]);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or BadHttpRequestException)
        {
            return new ProblemAnswer([new Problem("malformed-request", ProblemKind.Malformed)]);
        }
    }

    private static async Task<IResult> OpenAsync(Guid id, ApiCall call, DossierVault vault, CancellationToken cancellation)
    {
        var opened = await vault.OpenAsync(await call.ActorAsync(), id, cancellation);
        PatientAnswer.Use(call.Context);
        return ApiCall.Answer(opened, file =>
        {
            call.Context.Response.ContentLength = file.Size;
            return TypedResults.Stream(file.Content, file.ContentType, file.Name);
        });
    }

    // RFC 6266: the extended parameter wins. A path in it is refused by the vault.
    private static string? NameOf(ContentDispositionHeaderValue disposition) =>
        disposition.FileNameStar.HasValue ? disposition.FileNameStar.Value : HeaderUtilities.RemoveQuotes(disposition.FileName).Value;

    // Read before the file is recorded: a second one would be lost without a word, a body that breaks off is no upload.
    private static async Task RefuseMoreFilesAsync(MultipartReader parts, CancellationToken cancellation)
    {
        while (await parts.ReadNextSectionAsync(cancellation) is { } further)
        {
            if (ContentDispositionHeaderValue.TryParse(further.ContentDisposition, out var disposition)
                && disposition.IsFileDisposition())
                throw new SecondFileException();
        }
    }

    private static async Task<string> FieldAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[LongestFieldValue + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > LongestFieldValue ? throw new InvalidDataException() : Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    private sealed class SecondFileException : Exception;

    /// <summary>Hashes what is read from it; at its end, before the vault commits, tells the hash and looks at what follows.</summary>
    private sealed class HashedStream : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly Stream _inner;
        private readonly Func<Task> _atEnd;
        private Action<string>? _tell;

        public HashedStream(Stream inner, string prefix, Action<string> tell, Func<Task> atEnd)
        {
            (_inner, _tell, _atEnd) = (inner, tell, atEnd);
            _hash.AppendData(Encoding.UTF8.GetBytes(prefix));
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await _inner.ReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                _hash.AppendData(buffer.Span[..read]);
            }
            else if (Interlocked.Exchange(ref _tell, null) is { } tell)
            {
                tell(Convert.ToHexStringLower(_hash.GetHashAndReset()));
                await _atEnd();
            }
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
