using System.Collections.Concurrent;

namespace PpidWorkflow.Engine.Flowcharts;

/// <summary>
/// A flowchart's connections, told apart into forward ones and those that close a loop. Breadth first from the start, a connection is
/// forward
/// unless a forward path already leads from its target to its source (the rule of Elsa's FlowGraph, so that joins wait for the same
/// connections).
/// </summary>
internal sealed class FlowGraph
{
    private static readonly List<Connection> None = [];
    private readonly Dictionary<string, List<Connection>> _outbound;
    private readonly Dictionary<string, List<Connection>> _inbound;
    private readonly Dictionary<string, List<Connection>> _forwardInbound;
    private readonly ConcurrentDictionary<string, HashSet<string>> _ancestors = [];

    public FlowGraph(IReadOnlyCollection<Connection> connections, string? start)
    {
        _outbound = new(connections.Count, StringComparer.Ordinal);
        _inbound = new(connections.Count, StringComparer.Ordinal);
        _forwardInbound = new(connections.Count, StringComparer.Ordinal);
        Reachable = new(connections.Count + 1, StringComparer.Ordinal);
        foreach (var connection in connections)
        {
            Of(_outbound, connection.Source).Add(connection);
            Of(_inbound, connection.Target).Add(connection);
        }

        if (start is not null)
            FindForward(start);
    }

    /// <summary>Activities that some path from the start reaches, the start included.</summary>
    public HashSet<string> Reachable { get; }

    public List<Connection> Outbound(string activity) => _outbound.GetValueOrDefault(activity) ?? None;
    public List<Connection> Inbound(string activity) => _inbound.GetValueOrDefault(activity) ?? None;
    public List<Connection> ForwardInbound(string activity) => _forwardInbound.GetValueOrDefault(activity) ?? None;

    /// <summary>
    /// Everything before the activity on forward paths; found when first asked for, since all of them take quadratic space.
    /// </summary>
    public IReadOnlySet<string> Ancestors(string activity) => _ancestors.GetOrAdd(
        activity, id => Reach(id, a => _forwardInbound.GetValueOrDefault(a)?.Select(c => c.Source) ?? []));

    private void FindForward(string start)
    {
        var forward = new ForwardPaths(_outbound.Keys.Concat(_inbound.Keys).Append(start));
        var seen = new HashSet<(string, string)>();
        var queue = new Queue<string>([start]);
        Reachable.Add(start);
        while (queue.TryDequeue(out var source))
        {
            foreach (var connection in Outbound(source))
            {
                if (seen.Contains((source, connection.Target)) || !forward.Lead(connection.Target, source))
                {
                    if (connection.Target == source)
                        continue;
                    seen.Add((source, connection.Target));
                    forward.Add(source, connection.Target);
                    Of(_forwardInbound, connection.Target).Add(connection);
                }

                if (Reachable.Add(connection.Target))
                    queue.Enqueue(connection.Target);
            }
        }
    }

    /// <summary>
    /// Which activities lead to which by the forward connections found so far, as one row of bits an activity: a dense drawing of thousands of
    /// connections asks this for each of them. A row holds what comes before, not what follows: found breadth first, most targets are new and
    /// have nothing behind them that would have to be told.
    /// </summary>
    private sealed class ForwardPaths
    {
        private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
        private readonly ulong[]?[] _before;
        private readonly List<int>?[] _next;

        public ForwardPaths(IEnumerable<string> activities)
        {
            foreach (var activity in activities)
                _index.TryAdd(activity, _index.Count);
            _before = new ulong[]?[_index.Count];
            _next = new List<int>?[_index.Count];
        }

        public bool Lead(string from, string to) => Has(_index[to], _index[from]);

        public void Add(string from, string to)
        {
            var (source, target) = (_index[from], _index[to]);
            if (Has(target, source))
                return;
            (_next[source] ??= []).Add(target);
            var open = new Stack<int>([target]);
            while (open.TryPop(out var behind))
            {
                // Whatever has the source before it has all that is before the source.
                if (Has(behind, source))
                    continue;
                var row = _before[behind] ??= new ulong[(_index.Count + 63) / 64];
                row[source / 64] |= 1UL << (source % 64);
                if (_before[source] is { } earlier)
                    for (var word = 0; word < row.Length; word++)
                        row[word] |= earlier[word];
                foreach (var next in _next[behind] ?? [])
                    open.Push(next);
            }
        }

        private bool Has(int activity, int before) => _before[activity] is { } row && (row[before / 64] & 1UL << (before % 64)) != 0;
    }

    private static HashSet<string> Reach(string from, Func<string, IEnumerable<string>> next)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>(next(from));
        while (open.TryPop(out var current))
            if (found.Add(current))
                foreach (var following in next(current))
                    open.Push(following);
        return found;
    }

    private static List<Connection> Of(Dictionary<string, List<Connection>> map, string key) =>
        map.TryGetValue(key, out var list) ? list : map[key] = new(1);
}
