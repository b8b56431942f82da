using System.Diagnostics;
using System.Globalization;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// A mount namespace of the test's own: file systems that are small, read-only or broken, seen only by what is run in it, and gone with the
/// test process however that ends. Root has it everywhere, others where the kernel lets users have namespaces.
/// </summary>
internal sealed class MountSpace : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _holder;

    private MountSpace(Process holder) => _holder = holder;

    public static bool IsRoot { get; } = Environment.IsPrivilegedProcess;

    /// <summary>Runs what follows it in this space.</summary>
    public IReadOnlyList<string> Enter =>
    [
        "nsenter", "-t", _holder.Id.ToString(CultureInfo.InvariantCulture), .. IsRoot ? (string[])["-m"] : ["-U", "-m", "--preserve-credentials"]
    ];

    /// <summary>Skips the test, with the reason, where there can be none.</summary>
    public static async Task<MountSpace> OpenAsync()
    {
        var (space, reason) = await TryOpenAsync();
        Assert.SkipWhen(space is null, reason ?? "");
        return space!;
    }

    /// <summary>A space, or the reason why there is none.</summary>
    public static async Task<(MountSpace? Space, string? Reason)> TryOpenAsync()
    {
        if (!OperatingSystem.IsLinux())
            return (null, "Mount namespaces are Linux's.");
        Process holder;
        try
        {
            // Ends with its standard input, thus also when the test process is killed.
            holder = Process.Start(new ProcessStartInfo("unshare", [IsRoot ? "-m" : "-Urm", "--propagation", "private", "sh", "-c", "echo ready; exec cat"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, "util-linux (unshare, nsenter) is not installed.");
        }
        if (await holder.StandardOutput.ReadLineAsync().WaitAsync(Patience) == "ready")
            return (new MountSpace(holder), null);
        var reason = await holder.StandardError.ReadToEndAsync().WaitAsync(Patience);
        holder.Dispose();
        return (null, $"No mount namespace is to be had here: {reason.Trim()}");
    }

    /// <summary>A shell script in the space; what it prints. Ends the test where it fails.</summary>
    public async Task<string> RunAsync(string script)
    {
        var (code, output, error) = await TryAsync(script);
        Assert.True(code == 0, $"{script}: {code} {output} {error}");
        return output;
    }

    public async Task<(int ExitCode, string Output, string Error)> TryAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo(Enter[0], [.. Enter.Skip(1), "sh", "-c", script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync().WaitAsync(Patience);
        return (shell.ExitCode, (await output).Trim(), (await error).Trim());
    }

    /// <summary>Names of the files below a folder as the space sees it.</summary>
    public async Task<IReadOnlyList<string>> FilesAsync(string folder) =>
        (await RunAsync($"[ ! -d {folder} ] || find {folder} -type f ! -name '.writable-*'")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Uses up all that is left of a file system, to the last page.</summary>
    public Task FillAsync(string folder) =>
        RunAsync($"dd if=/dev/zero of={folder}/ballast bs=64k 2>/dev/null; dd if=/dev/zero of={folder}/ballast-2 bs=512 2>/dev/null; true");

    public Task EmptyAsync(string folder) => RunAsync($"rm -f {folder}/ballast {folder}/ballast-2");

    public async ValueTask DisposeAsync()
    {
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync().WaitAsync(Patience);
        _holder.Dispose();
    }
}
