using System.Text;
using System.Threading.Channels;

namespace PpidWorkflow.Web.Pages.Board;

/// <summary>
/// One open board: a short queue of what changed, written out as server-sent events. A reader that takes nothing is dropped when its queue is
/// full or a write does not end; nothing is kept for it, because the page reads everything anew when it comes back.
/// </summary>
/// <param name="actor">Whose board it is.</param>
/// <param name="drop">Ends the connection, also one that is stuck in a write.</param>
/// <param name="time">Paces heartbeats.</param>
public sealed class BoardStream(PpidWorkflow.Application.People.Actor actor, Action drop, TimeProvider time)
{
    /// <summary>Changes that may wait for the reader.</summary>
    public const int Capacity = 64;

    /// <summary>A comment this often keeps proxies from closing a quiet line, and finds readers that have gone.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Longest write; what takes longer is not read any more.</summary>
    public static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _queue = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PpidWorkflow.Application.People.Actor Actor => actor;

    /// <summary>Work items that a reader with a part of the board was shown; null: all are his to see.</summary>
    internal HashSet<Guid>? Shown { get; set; }

    /// <summary>True: it took nothing for so long that it was let go.</summary>
    public bool WasDropped { get; private set; }

    /// <summary>From here on every change is told: the page may read what came before.</summary>
    public void Begin() => _begun.TrySetResult();

    /// <summary>Queues an event; a full queue ends the stream.</summary>
    /// <param name="name">Name of the event.</param>
    /// <param name="data">One line of JSON.</param>
    public void Tell(string name, string data)
    {
        if (!_queue.Writer.TryWrite($"event: {name}\ndata: {data}\n\n"))
            Drop();
    }

    /// <summary>Writes until the reader goes, is dropped, or may look no longer.</summary>
    /// <param name="body">Where the events go.</param>
    /// <param name="holds">Whether the sign-in still holds; asked at each heartbeat.</param>
    /// <param name="ended">The reader has gone or the node stops.</param>
    public async Task RunAsync(Stream body, Func<Task<bool>> holds, CancellationToken ended)
    {
        try
        {
            // How soon the browser comes back after a broken line; and at once, so that it knows it is connected.
            await WriteAsync(body, "retry: 2000\n\n", ended);
            await _begun.Task.WaitAsync(ended);
            await WriteAsync(body, "event: ready\ndata: {}\n\n", ended);
            var beat = time.GetUtcNow() + Heartbeat;
            while (true)
            {
                if (time.GetUtcNow() >= beat)
                {
                    if (!await holds())
                        return;
                    await WriteAsync(body, ": ping\n\n", ended);
                    beat = time.GetUtcNow() + Heartbeat;
                }
                if (_queue.Reader.TryRead(out var next))
                    await WriteAsync(body, next, ended);
                else if (!await WaitAsync(beat, ended))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // Gone, stopped or dropped: there is nobody to tell.
        }
        catch (IOException)
        {
            // Gone in the middle of a write.
        }
    }

    // False: the stream was ended.
    private async Task<bool> WaitAsync(DateTimeOffset beat, CancellationToken ended)
    {
        using var round = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var filled = _queue.Reader.WaitToReadAsync(round.Token).AsTask();
        var left = beat - time.GetUtcNow();
        var alarm = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, round.Token);
        var first = await Task.WhenAny(filled, alarm);
        ended.ThrowIfCancellationRequested();
        var goesOn = first == alarm || await filled;
        await round.CancelAsync();
        return goesOn;
    }

    private async Task WriteAsync(Stream body, string text, CancellationToken ended)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var limit = new CancellationTokenSource(WriteLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, limit.Token);
        try
        {
            await body.WriteAsync(bytes, either.Token).AsTask().WaitAsync(either.Token);
            await body.FlushAsync(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Drop();
            throw;
        }
    }

    private void Drop()
    {
        WasDropped = true;
        _queue.Writer.TryComplete();
        drop();
    }
}
