using Microsoft.Extensions.Options;
using PpidWorkflow.Application;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Nothing of an upload has come for <c>Storage:TransferIdleSeconds</c>.</summary>
public sealed class UploadStalledException() : IOException("The upload stands still.");

/// <summary>
/// Body of an upload that may be slow but not stand still. Kestrel measures the mean since the beginning: a client whose network broke after
/// a megabyte would be waited for for over an hour.
/// </summary>
internal sealed class PatientBody(Stream inner, TimeSpan longestPause) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="UploadStalledException">The pause was too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(longestPause);
        try
        {
            return await inner.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UploadStalledException();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>
/// Body of an answer whose reader may be slow but not take nothing. Kestrel measures the mean here as well, and what the kernel has taken in counts for a
/// reader: one that never reads would hold file and connection for a quarter of an hour.
/// </summary>
internal sealed class PatientAnswer(Stream inner, TimeSpan longestPause, Action abort) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Of the answer in hand, from here on.</summary>
    public static void Use(HttpContext context)
    {
        var pause = TimeSpan.FromSeconds(context.RequestServices.GetRequiredService<IOptions<StorageOptions>>().Value.TransferIdleSeconds);
        context.Response.Body = new PatientAnswer(context.Response.Body, pause, context.Abort);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var write = inner.WriteAsync(buffer, cancellationToken);
        return write.IsCompleted ? write : new ValueTask(WaitAsync(write.AsTask(), cancellationToken));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => WaitAsync(inner.FlushAsync(cancellationToken), cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task WaitAsync(Task taken, CancellationToken cancellation)
    {
        try
        {
            await taken.WaitAsync(longestPause, cancellation);
        }
        catch (TimeoutException)
        {
            abort();
            throw new OperationCanceledException("The reader takes nothing.");
        }
    }
}
