using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Archive;

/// <summary>A file ready to be read. Dispose the stream.</summary>
public sealed record OpenedFile(Stream Content, string Name, string ContentType, long Size);

/// <summary>Softcopies: streamed to the vault under their hash, recorded in one commit, every reading logged.</summary>
public sealed class DossierVault
{
    /// <param name="replaces">A file of the same case that this one takes the place of; kept, marked.</param>
    public Task<Result<FileView>> AddAsync(
        Actor actor, Guid taskId, string? name, string? contentType, Stream content, Guid? replaces = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public Task<Result<OpenedFile>> OpenAsync(Actor actor, Guid fileId, CancellationToken cancellation = default) => throw new NotSupportedException();
}
