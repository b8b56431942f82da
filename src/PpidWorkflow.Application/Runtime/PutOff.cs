using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// What is due and could not be served, by its id, and until when this process leaves it alone: one instance that cannot go on must neither
/// become a busy loop nor hold up those behind it. A hint of this process; the rows say what is owed, and the guarantees name what stays so.
/// </summary>
public sealed class PutOff(TimeProvider time, ILogger<PutOff> logger)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> _waiting = [];

    /// <summary>Ids to be left alone now; empty but in trouble.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_lock)
            {
                if (_waiting.Count == 0)
                    return [];
                var now = time.GetUtcNow();
                // Long past: somebody else has served it, or its row is gone.
                foreach (var (id, (_, until)) in _waiting.Where(w => w.Value.Until < now - 10 * Longest).ToList())
                    _waiting.Remove(id);
                return [.. _waiting.Where(w => w.Value.Until > now).Select(w => w.Key)];
            }
        }
    }

    /// <summary>The same, of rows whose key is a GUID.</summary>
    public IReadOnlyList<Guid> Keys => [.. Ids.Select(id => Guid.TryParse(id, out var key) ? key : Guid.Empty).Where(key => key != Guid.Empty)];

    /// <summary>When the first of them is looked at again; null: none waits.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                return _waiting.Values.Where(w => w.Until > now).Min(w => (DateTimeOffset?)w.Until);
            }
        }
    }

    /// <summary>Serves one thing, and leaves it alone for a while where that is refused or fails; true: served.</summary>
    /// <param name="id">Its row.</param>
    /// <param name="what">For the log: the kind of thing and the instance, never what is in it.</param>
    /// <param name="act">One commit.</param>
    /// <param name="cancellation">The node stops.</param>
    /// <exception cref="InvalidOperationException">The store takes no commit: asking again at once would only hammer it.</exception>
    public async Task<bool> ServeAsync(string id, string what, Func<Task<Result<bool>>> act, CancellationToken cancellation)
    {
        Problem problem;
        try
        {
            var served = await act();
            if (served.Succeeded)
            {
                lock (_lock)
                    _waiting.Remove(id);
                return true;
            }
            problem = served.Problems[0];
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is not NewerSchemaException)
        {
            problem = new Problem(failure.GetType().Name, ProblemKind.Malformed);
        }
        if (problem.Kind == ProblemKind.Unavailable)
            throw new InvalidOperationException($"{what} was not stored ({problem.Code}); it is tried again.");
        // Somebody else was faster, and the rows say at the next look what is left; or it cannot go on.
        if (problem.Kind != ProblemKind.Conflict)
            logger.LogError("{What} could not be served: {Problem}", what, problem.Code);
        lock (_lock)
        {
            var failures = _waiting.GetValueOrDefault(id).Failures;
            var wait = TimeSpan.FromSeconds(1 << Math.Min(failures, 6));
            _waiting[id] = (failures + 1, time.GetUtcNow() + (wait < Longest ? wait : Longest));
        }
        return false;
    }
}
