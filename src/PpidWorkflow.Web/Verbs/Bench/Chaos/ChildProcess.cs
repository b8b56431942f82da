using System.Diagnostics;
using System.Globalization;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>Signals, and a guard that no process outlives this one.</summary>
internal static class ChildProcess
{
    /// <summary><c>STOP</c>, <c>CONT</c> or <c>KILL</c>; a process that has ended meanwhile is nobody's failure.</summary>
    public static async Task SignalAsync(int processId, string signal)
    {
        using var kill = Shell(string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {processId} 2>/dev/null || true"));
        await kill.WaitForExitAsync();
    }

    /// <summary>
    /// Kills the process when this one ends in whatever way: the pipe breaks, and <c>read</c> fails. Disposing the guard, with
    /// <see cref="Release"/>, lets it live.
    /// </summary>
    public static Process Guard(int processId) =>
        Shell(string.Create(CultureInfo.InvariantCulture, $"read done || kill -9 {processId} 2>/dev/null"));

    /// <summary>The process has ended, or may live.</summary>
    public static void Release(Process? guard)
    {
        if (guard is null)
            return;
        try
        {
            guard.StandardInput.WriteLine("done");
            guard.StandardInput.Close();
        }
        catch (IOException)
        {
            // A signal to the whole group has ended it before.
        }
        guard.WaitForExit();
        guard.Dispose();
    }

    private static Process Shell(string script)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        return Process.Start(start)!;
    }
}
