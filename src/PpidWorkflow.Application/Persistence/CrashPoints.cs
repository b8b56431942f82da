namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// Where the kill tests end the process, as <c>kill -9</c> would: no finally, no flush. Armed only by <c>Diagnostics:CrashAt</c>
/// (<c>before-commit:3</c> = the third time), which the host reads in Development alone.
/// </summary>
public static class CrashPoints
{
    private static string? _name;
    private static int _remaining;

    /// <param name="setting"><c>name</c> or <c>name:n</c>.</param>
    public static void Arm(string? setting)
    {
        if (string.IsNullOrEmpty(setting))
            return;
        var parts = setting.Split(':');
        _remaining = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 1;
        _name = parts[0];
    }

    /// <summary>
    /// Known: before-commit, after-commit, after-answer, before-smtp, after-smtp, inside-sweep/alarms, inside-sweep/outbox. A setting without
    /// the part after the slash means all of them.
    /// </summary>
    public static void Reach(string name)
    {
        if (_name is not { } armed || !name.StartsWith(armed, StringComparison.Ordinal) || (name.Length > armed.Length && name[armed.Length] != '/'))
            return;
        if (Interlocked.Decrement(ref _remaining) != 0)
            return;
        // SIGKILL to oneself: nothing of the runtime runs after it, unlike Environment.FailFast.
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
