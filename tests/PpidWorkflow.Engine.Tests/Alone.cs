namespace PpidWorkflow.Engine.Tests;

/// <summary>
/// Tests that say what something may cost. Much of it is spent on threads of the engine's own, so the whole process is looked at, and nothing else may run
/// in it meanwhile. Time is the processor's: that of the wall says how busy the machine is.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone
{
    /// <summary>The engine's own limits are a second each, for scripts and templates; the rest is compiling these methods for the first time.</summary>
    private const double MostSeconds = 2;

    /// <param name="megabytes">What may be allocated, whether or not it is kept.</param>
    public static async Task CostsAtMostAsync(long megabytes, Func<Task> action)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var busy = Environment.CpuUsage.TotalTime;
        await action();

        Assert.InRange((Environment.CpuUsage.TotalTime - busy).TotalSeconds, 0, MostSeconds);
        Assert.InRange((GC.GetTotalAllocatedBytes() - allocated) / 1024 / 1024, 0, megabytes);
    }
}
