using System.Text.Json.Nodes;

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
internal sealed class TokenList
{
    private readonly List<(Connection Connection, TokenState State)> _tokens = [];

    public static TokenList FromJson(JsonNode? node)
    {
        var list = new TokenList();
        foreach (var token in (node as JsonArray ?? []).OfType<JsonArray>())
            list._tokens.Add((
                new Connection(token[0]!.GetValue<string>(), token[1]!.GetValue<string>(), token[2]!.GetValue<string>()),
                (TokenState)token[3]!.GetValue<int>()));
        return list;
    }

    public JsonArray? ToJson() => _tokens.Count == 0
        ? null
        : [.. _tokens.Select(t => (JsonNode)new JsonArray(t.Connection.Source, t.Connection.Port, t.Connection.Target, (int)t.State))];

    public void Add(Connection connection, TokenState state) => _tokens.Add((connection, state));
    public bool Has(Connection connection, TokenState state) => _tokens.Contains((connection, state));
    public bool Remove(Connection connection, TokenState state) => _tokens.Remove((connection, state));
    public void RemoveAll(Func<Connection, TokenState, bool> which) => _tokens.RemoveAll(t => which(t.Connection, t.State));

    /// <summary>Something is on its way to the activity, or the activity is at work.</summary>
    public bool IsPending(string activity) => _tokens.Exists(t => t.Connection.Target == activity && t.State != TokenState.Blocked);

    /// <summary>Connections whose tokens wait at their target.</summary>
    public IReadOnlyList<Connection> Waiting() =>
        [.. _tokens.Where(t => t.State == TokenState.Waiting).Select(t => t.Connection).Distinct()];

    /// <summary>Connections of tokens that wait, and of marks of lost races.</summary>
    public IEnumerable<Connection> Unanswered() => _tokens.Where(t => t.State != TokenState.Taken).Select(t => t.Connection).Distinct();

    public void Take(string target)
    {
        for (var i = 0; i < _tokens.Count; i++)
            if (_tokens[i].Connection.Target == target && _tokens[i].State == TokenState.Waiting)
                _tokens[i] = (_tokens[i].Connection, TokenState.Taken);
    }
}
