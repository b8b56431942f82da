using FsCheck.Xunit;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Tests.Flowchart;

public class FlowGraphTests
{
    /// <summary>Which connections are forward decides what joins wait for: the rule told plainly, against the one that is quick.</summary>
    [Property(MaxTest = 300)]
    public void Forward_is_what_closes_no_way_back_to_itself((byte From, byte To, bool IsOther)[] arrows)
    {
        var connections = (arrows ?? []).Select(a => new Connection($"n{a.From % 9}", a.IsOther ? "Other" : "Done", $"n{a.To % 9}")).Distinct().ToArray();

        var graph = new FlowGraph(connections, "n0");

        var forward = Plainly(connections, "n0");
        Assert.All(Enumerable.Range(0, 9).Select(i => $"n{i}"),
            id => Assert.Equal(forward.Where(c => c.Target == id), graph.ForwardInbound(id)));
    }

    private static List<Connection> Plainly(Connection[] connections, string start)
    {
        var forward = new List<Connection>();
        var reached = new List<string> { start };
        for (var i = 0; i < reached.Count; i++)
            foreach (var connection in connections.Where(c => c.Source == reached[i]))
            {
                if (connection.Target != connection.Source
                    && (forward.Exists(c => c.Source == connection.Source && c.Target == connection.Target) || !Leads(connection.Target, connection.Source)))
                    forward.Add(connection);
                if (!reached.Contains(connection.Target))
                    reached.Add(connection.Target);
            }
        return forward;

        bool Leads(string from, string to) => forward.Any(c => c.Source == from && (c.Target == to || Leads(c.Target, to)));
    }
}
