using System.Text.Json;
using System.Text.Json.Serialization;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Pages.Board;

/// <summary>
/// Tells open boards what changed: ids and revisions of work items, nothing else. It reads the database, which is the truth, after every
/// commit of this process and every two seconds for those of other nodes; while nobody looks it costs nothing.
/// </summary>
public sealed class BoardWatch(
    IServiceScopeFactory scopes, WakeUps wakeUps, TimeProvider time, IHostApplicationLifetime host, ILogger<BoardWatch> logger)
{
    /// <summary>Streams of one officer. Browsers speak to a host over six connections, and the pages need some of them.</summary>
    public const int MostPerOfficer = 4;

    /// <summary>Changes told one by one; beyond, the page is only told that there are many.</summary>
    private const int MostAtOnce = 100;

    /// <summary>Commits of other nodes are seen after this at the latest.</summary>
    private static readonly TimeSpan Net = TimeSpan.FromSeconds(2);

    /// <summary>Commits follow one another faster than anybody can look.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    /// <summary>Looking takes at most a tenth of one core, however many steps are open.</summary>
    private const int BreathsALook = 9;

    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly WakeUps _opened = new();
    private readonly Lock _lock = new();
    private readonly List<BoardStream> _streams = [];
    private bool _runs;

    /// <summary>Boards that are being told now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _streams.Count;
        }
    }

    /// <summary>Null: the officer has as many open as he may.</summary>
    /// <param name="actor">Who looks.</param>
    /// <param name="drop">Ends the connection.</param>
    public BoardStream? TryOpen(Actor actor, Action drop)
    {
        lock (_lock)
        {
            if (_streams.Count(s => s.Actor.Id == actor.Id) >= MostPerOfficer)
                return null;
            var stream = new BoardStream(actor, drop, time);
            _streams.Add(stream);
            if (!_runs)
            {
                _runs = true;
                _ = Task.Run(RunAsync);
            }
            _opened.Signal();
            return stream;
        }
    }

    public void Close(BoardStream stream)
    {
        lock (_lock)
            _streams.Remove(stream);
    }

    private async Task RunAsync()
    {
        var stopping = host.ApplicationStopping;
        Dictionary<Guid, BoardMark>? known = null;
        while (true)
        {
            // Taken before looking: a commit in between is seen at the next look.
            var woken = Task.WhenAny(wakeUps.Next, _opened.Next);
            List<BoardStream> streams;
            lock (_lock)
            {
                if (_streams.Count == 0 || stopping.IsCancellationRequested)
                {
                    _runs = false;
                    return;
                }
                streams = [.. _streams];
            }
            try
            {
                var began = time.GetTimestamp();
                known = await LookAsync(known, streams, stopping);
                var breaths = time.GetElapsedTime(began) * BreathsALook;
                await Task.Delay(breaths > Breath ? breaths : Breath, time, stopping);
                using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                await Task.WhenAny(woken, Task.Delay(Net, time, done.Token));
                await done.CancelAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The next turn ends it.
            }
            catch (Exception failure)
            {
                logger.LogWarning("The board could not be read, trying again: {Failure}", failure.GetType().Name);
                // Not thrown where the node stops meanwhile: the next turn ends it.
                await Task.WhenAny(Task.Delay(Net, time, stopping));
            }
        }
    }

    private async Task<Dictionary<Guid, BoardMark>> LookAsync(
        Dictionary<Guid, BoardMark>? known, IReadOnlyList<BoardStream> streams, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var reader = scope.ServiceProvider.GetRequiredService<BoardReader>();
        var marks = await reader.MarksAsync(cancellation);
        // Asked once an officer, however many boards he has open.
        foreach (var boards in streams.Where(s => s.Shown is null && !BoardReader.SeesAll(s.Actor)).GroupBy(s => s.Actor.Id))
        {
            var visible = await reader.VisibleAsync(boards.First().Actor, null, cancellation);
            foreach (var stream in boards)
                stream.Shown = [.. visible];
        }
        await TellChangesAsync(known ?? marks, marks, streams, reader, cancellation);
        foreach (var stream in streams)
            stream.Begin();
        return marks;
    }

    private static async Task TellChangesAsync(
        Dictionary<Guid, BoardMark> known, Dictionary<Guid, BoardMark> marks, IReadOnlyList<BoardStream> streams, BoardReader reader,
        CancellationToken cancellation)
    {
        var changed = marks.Where(m => !known.TryGetValue(m.Key, out var before) || before != m.Value).Select(m => m.Key)
            .Concat(known.Keys.Where(id => !marks.ContainsKey(id))).ToList();
        if (changed.Count == 0)
            return;
        foreach (var boards in streams.GroupBy(s => s.Actor.Id))
        {
            var visible = boards.Any(s => s.Shown is not null) ? await reader.VisibleAsync(boards.First().Actor, changed, cancellation) : null;
            foreach (var stream in boards)
                Tell(stream, changed, marks, visible);
        }
    }

    /// <param name="stream">A board.</param>
    /// <param name="changed">Work items.</param>
    /// <param name="marks">How they stand.</param>
    /// <param name="visible">Of them, what the officer may see; null: all.</param>
    private static void Tell(BoardStream stream, IReadOnlyList<Guid> changed, Dictionary<Guid, BoardMark> marks, HashSet<Guid>? visible)
    {
        var told = changed;
        if (stream.Shown is { } shown && visible is not null)
        {
            // Also of what he may not see any more, if he was shown it: it has to go from his board.
            told = [.. changed.Where(id => visible.Contains(id) || shown.Contains(id))];
            shown.ExceptWith(changed);
            shown.UnionWith(visible);
        }
        if (told.Count == 0)
            return;
        stream.Tell("change", JsonSerializer.Serialize(new
        {
            Tasks = told.Take(MostAtOnce).Select(id => marks.TryGetValue(id, out var mark)
                ? new Change(id, mark.Revision, mark.ClockRevision)
                : new Change(id, null, null)),
            More = told.Count > MostAtOnce ? true : (bool?)null
        }, Wire));
    }

    /// <summary>A work item as it stands now; without revisions: not on the board any more.</summary>
    private sealed record Change(Guid Id, int? Revision, int? Clock);
}
