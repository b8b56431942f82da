namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>What one seed came to.</summary>
/// <param name="Hash">SHA-256 of the log: the same seed gives the same bytes.</param>
/// <param name="Counts">What happened, by name.</param>
internal sealed record SimulationResult(ulong Seed, int Events, string Hash, IReadOnlyDictionary<string, int> Counts);

/// <summary>How much there is to do.</summary>
internal enum Pace
{
    /// <summary>One case a week, and <c>verify</c> on Fridays: some 250 events a month. What befalls an office befalls it as often.</summary>
    Quiet,

    /// <summary>One or two cases a day, and <c>verify</c> every day: some 1,200 events a month.</summary>
    Busy
}

/// <summary>The rows and the oracle disagree. The message tells what, when, what went before, and how to see it again.</summary>
internal sealed class SimulationFailedException(ulong seed, int days, Pace pace, int events, IReadOnlyList<string> problems, IEnumerable<string> last) : Exception(
    $"""
    Seed {seed}, event {events}:
    {string.Join("\n", problems.Take(12).Select(p => $"  - {p}"))}
    What went before:
    {string.Join("\n", last)}
    Again: PPID_SIM_FIRST={seed} PPID_SIM_SEEDS=1 PPID_SIM_DAYS={days} PPID_SIM_PACE={pace} tests/PpidWorkflow.Application.Tests/bin/Debug/net10.0/PpidWorkflow.Application.Tests -class "*.SimulationTests" -method "*Office_life*"
    """)
{
    public int Events => events;

    public IReadOnlyList<string> Problems => problems;
}
