using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Flowcharts;

internal enum TokenState
{
    /// <summary>Arrived at its target, which has not been scheduled for it.</summary>
    Waiting,

    /// <summary>Its target is scheduled or running because of it.</summary>
    Taken,

    /// <summary>Not a token but the mark of a lost race: what arrives by this connection is swallowed.</summary>
    Blocked
}

/// <summary>Tokens of one execution of a flowchart, kept in its state as <c>[from, outcome, to, state]</c>.</summary>
internal sealed class TokenList : ILiveProperty
{
    private readonly List<(Connection Connection, TokenState State)> _tokens = [];
    private readonly List<(Connection Connection, TokenState State)> _before = [];
    private readonly List<Connection> _waiting = [];

    public static TokenList FromJson(JsonNode? node)
    {
        var list = new TokenList();
        foreach (var token in (node as JsonArray ?? []).OfType<JsonArray>())
            list._tokens.Add((
                new Connection(token[0]!.GetValue<string>(), token[1]!.GetValue<string>(), token[2]!.GetValue<string>()),
                (TokenState)token[3]!.GetValue<int>()));
        return list;
    }

    /// <summary>Notes the tokens as they are, for <see cref="Restore"/>.</summary>
    public void Remember()
    {
        _before.Clear();
        _before.AddRange(_tokens);
    }

    public void Restore()
    {
        _tokens.Clear();
        _tokens.AddRange(_before);
    }

    public JsonNode? ToJson() => _tokens.Count == 0
        ? null
        : new JsonArray([.. _tokens.Select(t => (JsonNode)new JsonArray(t.Connection.Source, t.Connection.Port, t.Connection.Target, (int)t.State))]);

    public void Add(Connection connection, TokenState state) => _tokens.Add((connection, state));
    public bool Has(Connection connection, TokenState state) => _tokens.Contains((connection, state));
    public bool Remove(Connection connection, TokenState state) => _tokens.Remove((connection, state));

    /// <summary>The activity is no longer at work: what it was scheduled for is gone.</summary>
    public void Answered(string activity)
    {
        for (var i = _tokens.Count - 1; i >= 0; i--)
            if (_tokens[i].State == TokenState.Taken && _tokens[i].Connection.Target == activity)
                _tokens.RemoveAt(i);
    }

    public bool HasBlocked
    {
        get
        {
            foreach (var (_, state) in _tokens)
                if (state == TokenState.Blocked)
                    return true;
            return false;
        }
    }

    /// <summary>Forgets the marks of lost races by whose connection nothing can come any more.</summary>
    /// <remarks>Each connection is asked about once: a race within a loop leaves hundreds of marks on a few of them.</remarks>
    public void Unblock(Func<Connection, bool> mayStillCome)
    {
        var over = _tokens.Where(t => t.State == TokenState.Blocked).Select(t => t.Connection).Distinct().Where(c => !mayStillCome(c)).ToHashSet();
        if (over.Count > 0)
            _tokens.RemoveAll(t => t.State == TokenState.Blocked && over.Contains(t.Connection));
    }

    /// <summary>Something is on its way to the activity, or the activity is at work.</summary>
    public bool IsPending(string activity)
    {
        foreach (var (connection, state) in _tokens)
            if (state != TokenState.Blocked && connection.Target == activity)
                return true;
        return false;
    }

    /// <summary>Connections whose tokens wait at their target, each once. Good until it is asked for again.</summary>
    public List<Connection> Waiting()
    {
        _waiting.Clear();
        foreach (var (connection, state) in _tokens)
            if (state == TokenState.Waiting && !_waiting.Contains(connection))
                _waiting.Add(connection);
        return _waiting;
    }

    /// <summary>Connections of tokens that wait, and of marks of lost races.</summary>
    public IEnumerable<Connection> Unanswered() => _tokens.Where(t => t.State != TokenState.Taken).Select(t => t.Connection).Distinct();

    /// <summary>The target is scheduled for this one arrival.</summary>
    public void Take(Connection arrival)
    {
        var index = _tokens.IndexOf((arrival, TokenState.Waiting));
        _tokens[index] = (arrival, TokenState.Taken);
    }

    /// <summary>The target is scheduled for all that has arrived.</summary>
    public void Take(string target)
    {
        for (var i = 0; i < _tokens.Count; i++)
            if (_tokens[i].Connection.Target == target && _tokens[i].State == TokenState.Waiting)
                _tokens[i] = (_tokens[i].Connection, TokenState.Taken);
    }
}
