namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// What is due and could not be served, by its id, and until when this process leaves it alone: one instance that cannot go on must neither
/// become a busy loop nor hold up those behind it. A hint of this process; the rows say what is owed, and guarantee <c>due-timers-resumed</c>
/// names what stays so.
/// </summary>
public sealed class PutOff
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> _waiting = [];

    /// <summary>Ids to be left alone at this instant; empty but in trouble.</summary>
    public IReadOnlyList<string> At(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
                return [];
            // Long past: somebody else has served it, or its row is gone.
            foreach (var (id, (_, until)) in _waiting.Where(w => w.Value.Until < now - 10 * Longest).ToList())
                _waiting.Remove(id);
            return [.. _waiting.Where(w => w.Value.Until > now).Select(w => w.Key)];
        }
    }

    /// <summary>When the first of them is looked at again; null: none waits.</summary>
    public DateTimeOffset? Next(DateTimeOffset now)
    {
        lock (_lock)
            return _waiting.Values.Where(w => w.Until > now).Min(w => (DateTimeOffset?)w.Until);
    }

    /// <summary>Left alone for a second, then for twice as long each time, a minute at most.</summary>
    public void Failed(string id, DateTimeOffset now)
    {
        lock (_lock)
        {
            var failures = _waiting.GetValueOrDefault(id).Failures;
            var wait = TimeSpan.FromSeconds(1 << Math.Min(failures, 6));
            _waiting[id] = (failures + 1, now + (wait < Longest ? wait : Longest));
        }
    }

    public void Served(string id)
    {
        lock (_lock)
            _waiting.Remove(id);
    }
}
