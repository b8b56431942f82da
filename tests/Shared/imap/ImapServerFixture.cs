using System.Diagnostics;
using System.Text.Json;

namespace PpidWorkflow.TestSupport;

/// <summary>
/// An IMAP server (<c>tests/Shared/imap/server.mjs</c>) in a process of its own on the loopback, with one user. It ends with its standard input,
/// thus also when the test process is killed.
/// </summary>
public sealed class ImapServerFixture : IAsyncDisposable
{
    public const string User = "pantulan";
    public const string Password = "rahasia";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private ImapServerFixture(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <param name="validity">UIDVALIDITY of INBOX: another one is a mailbox made anew.</param>
    public static async Task<ImapServerFixture> StartAsync(int validity = 1)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PpidWorkflow.sln")))
            root = root.Parent;
        var folder = Path.Combine(root!.FullName, "tests", "Shared", "imap");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
            await InstallAsync(folder);
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["server.mjs", "--user", User, "--password", Password, "--validity", $"{validity}"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience)
            ?? throw new InvalidOperationException("The IMAP server ended before it listened; is Node 20 installed?");
        return new ImapServerFixture(process, JsonDocument.Parse(line).RootElement.GetProperty("port").GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private static async Task InstallAsync(string folder)
    {
        var windows = OperatingSystem.IsWindows();
        using var npm = Process.Start(new ProcessStartInfo(windows ? "cmd" : "npm", windows ? "/c npm ci --omit=optional" : "ci --omit=optional")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true
        })!;
        await npm.StandardOutput.ReadToEndAsync();
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"'npm ci' failed in {folder}.");
    }
}
