using System.Diagnostics;

namespace PpidWorkflow.Engine.Tests;

/// <summary>
/// Tests that say what something may cost. Much of it is spent on threads of the engine's own, so the whole process is looked at, and nothing else may run
/// in it meanwhile. Time is the processor's: that of the wall says how busy the machine is, and is bounded only for what waits instead of working.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone
{
    /// <summary>The engine's own limits are a second each, for scripts and templates; the rest is compiling these methods for the first time.</summary>
    private const double MostSeconds = 2;

    /// <summary>Waiting included.</summary>
    internal const double LongestSeconds = 15;

    /// <param name="megabytes">What may be allocated, whether or not it is kept.</param>
    public static async Task CostsAtMostAsync(long megabytes, Func<Task> action)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var (busy, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await action();

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, LongestSeconds);
        Assert.InRange((Environment.CpuUsage.TotalTime - busy).TotalSeconds, 0, MostSeconds);
        Assert.InRange((GC.GetTotalAllocatedBytes() - allocated) / 1024 / 1024, 0, megabytes);
    }
}
