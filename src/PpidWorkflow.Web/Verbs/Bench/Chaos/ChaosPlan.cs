using System.Globalization;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>What is struck.</summary>
public enum StrikeKind
{
    /// <summary><c>kill -9</c> of one node.</summary>
    Node,

    /// <summary>SIGSTOP of one node, SIGCONT later: it hangs, and wakes with whatever it had in its hands.</summary>
    Stop,

    /// <summary><c>kill -9</c> of the database server.</summary>
    Database
}

/// <summary>What <c>--kill</c> asks for.</summary>
public enum ChaosTarget
{
    Node,
    Database,
    Both
}

/// <summary>One blow.</summary>
/// <param name="Node">Which node, from 0; the database has none.</param>
/// <param name="After">How long after the load has begun.</param>
/// <param name="Lasts">Of a stop: until it is woken.</param>
/// <param name="Again">The node is killed once more, so long after its process was started again; null: not.</param>
public sealed record Strike(StrikeKind Kind, int Node, TimeSpan After, TimeSpan Lasts, TimeSpan? Again)
{
    /// <summary>Of longer stops; above the lease of a mail and the gap of an outage in this run.</summary>
    public static readonly TimeSpan LongStop = TimeSpan.FromSeconds(12);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Node} {After.TotalMilliseconds:0} {Lasts.TotalMilliseconds:0} {Again?.TotalMilliseconds:0}");
}

/// <summary>All blows of a run, drawn beforehand: the same seed gives the same ones, whatever the machine does.</summary>
public static class ChaosPlan
{
    private const int Deck = 5;
    private const int StopsToALongOne = 4;

    /// <param name="nodes">How many nodes there are; a lone one is never stopped for long, as that is an outage and nobody's to take over.</param>
    public static IReadOnlyList<Strike> Of(int seed, int rounds, int nodes, ChaosTarget target)
    {
        var dice = new Random(seed);
        var strikes = new List<Strike>(rounds);
        var stops = 0;
        while (strikes.Count < rounds)
        {
            // Of every five blows one is a stop, in an order of chance: short runs see every kind.
            StrikeKind[] deck = target switch
            {
                ChaosTarget.Node => [StrikeKind.Node, StrikeKind.Node, StrikeKind.Node, StrikeKind.Node, StrikeKind.Stop],
                ChaosTarget.Database => [StrikeKind.Database, StrikeKind.Database, StrikeKind.Database, StrikeKind.Database, StrikeKind.Stop],
                _ => [StrikeKind.Node, StrikeKind.Node, StrikeKind.Database, StrikeKind.Database, StrikeKind.Stop]
            };
            dice.Shuffle(deck);
            foreach (var kind in deck.Take(Math.Min(Deck, rounds - strikes.Count)))
            {
                var node = dice.Next(nodes);
                var after = TimeSpan.FromMilliseconds(dice.Next(100, 1_200));
                var lasts = TimeSpan.FromMilliseconds(dice.Next(300, 2_500));
                var again = TimeSpan.FromMilliseconds(dice.Next(50, 1_500));
                var twice = dice.Next(8) == 0;
                if (kind == StrikeKind.Stop && nodes > 1 && ++stops % StopsToALongOne == 1)
                    lasts += Strike.LongStop;
                strikes.Add(new Strike(
                    kind, kind == StrikeKind.Database ? 0 : node, after, kind == StrikeKind.Stop ? lasts : TimeSpan.Zero, kind == StrikeKind.Node && twice ? again : null));
            }
        }
        return strikes;
    }
}
