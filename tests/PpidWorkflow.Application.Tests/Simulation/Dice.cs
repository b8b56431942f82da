namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>Chance of one seed (SplitMix64): the same everywhere and for ever, which <see cref="Random"/> does not promise.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = unchecked(seed * 0xD1342543DE82EF95UL + 0x2545F4914F6CDD1DUL);

    public ulong Next()
    {
        unchecked
        {
            var mixed = _state += 0x9E3779B97F4A7C15UL;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return mixed ^ (mixed >> 31);
        }
    }

    /// <summary>From 0 up to, not including, <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    /// <summary>Both ends included.</summary>
    public long Between(long low, long high) => low + (long)(Next() % (ulong)(high - low + 1));

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>One of several, as often as their weights say.</summary>
    public T Pick<T>(params (int Weight, T Value)[] from)
    {
        var at = Below(from.Sum(f => f.Weight));
        foreach (var (weight, value) in from)
        {
            if (at < weight)
                return value;
            at -= weight;
        }
        return from[^1].Value;
    }

    /// <summary>A stream of its own: what one part draws does not shift another.</summary>
    public Dice Branch() => new(Next());
}

/// <summary>The service's own jitter, drawn from the seed.</summary>
internal sealed class SeededRandom(Dice dice) : Random
{
    public override double NextDouble() => (dice.Next() >> 11) * (1.0 / (1UL << 53));
}
