using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>What the verb <c>verify</c> said.</summary>
public sealed record Verification(int ExitCode, IReadOnlyDictionary<string, long> Checked, IReadOnlyList<string> Violated, string Output);

/// <summary>
/// The real executable in a process of its own, on a data folder of its own, on the loopback. It can be killed as the power cut would and
/// started again on the same data; each start has a new port, as clients that look it up anew would see.
/// </summary>
public sealed partial class RunningService : IAsyncDisposable
{
    /// <summary>128 + SIGKILL.</summary>
    public const int KilledExitCode = 137;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-service-").FullName;
    private readonly StringBuilder _output = new();
    private readonly ServiceLog _log = new();
    private readonly Lock _lock = new();
    private Process? _process;
    private Process? _watchdog;
    private Uri? _address;

    public RunningService()
    {
        Settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Storage__DataPath"] = DataPath,
            ["Office__Calendar"] = "AroundTheClock",
            // A digest would come in the midst of what is counted, if the test happens to run over half past seven.
            ["Digest__Enabled"] = "false",
            // Lives for seconds: counting calls for a better compilation would cost more than it brings.
            ["DOTNET_TieredPGO"] = "0"
        };
    }

    // Elsewhere (in a mount, on a server) a first start finds nothing, and does all of it.
    private bool BeginsMigrated => Within.Count == 0 && Settings["Storage__DataPath"] == DataPath && !Settings.ContainsKey("Database__Provider")
        && !File.Exists(DatabasePath);

    /// <summary>Environment of the process; what is changed here holds from the next start.</summary>
    public IDictionary<string, string> Settings { get; }

    /// <summary>A command that runs another one in a surrounding of its own (mounts); empty: here.</summary>
    public IReadOnlyList<string> Within { get; set; } = [];

    /// <summary>0 before the first start.</summary>
    public int ProcessId => _process?.Id ?? 0;

    public string DataPath => Path.Combine(_folder, "data");

    /// <summary>For files of the test; deleted with the data.</summary>
    public string Folder => _folder;

    public string DatabasePath => Path.Combine(DataPath, "ppid.db");

    /// <summary>Where it listens now; null while it does not run.</summary>
    public Uri? Address => _process is { HasExited: false } ? _address : null;

    /// <summary>All that all its runs have written to both streams.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return _output.ToString();
        }
    }

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Mails go to this server.</summary>
    public void SendMailTo(SmtpServerFixture smtp)
    {
        Settings["Mail__Delivery"] = "Smtp";
        Settings["Mail__Smtp__Host"] = "127.0.0.1";
        Settings["Mail__Smtp__Port"] = smtp.Port.ToString(CultureInfo.InvariantCulture);
        Settings["Mail__Smtp__Security"] = "None";
    }

    /// <summary>Starts and waits until it is ready to serve.</summary>
    /// <param name="crashAt">Where it ends itself as SIGKILL would; it may then be dead before this returns.</param>
    public async Task StartAsync(string? crashAt = null)
    {
        if (BeginsMigrated)
            MigratedStore.CopyTo(DataPath);
        var start = StartInfo("--urls", "http://127.0.0.1:0");
        if (crashAt is not null)
            start.Environment["Diagnostics__CrashAt"] = crashAt;
        var process = new Process { StartInfo = start };
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Take(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Take(line.Data, listening);
        _address = null;
        process.Start();
        _process = process;
        Watch(process);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var dead = process.WaitForExitAsync();
        await Task.WhenAny(listening.Task, dead).WaitAsync(Patience);
        if (listening.Task.IsCompletedSuccessfully)
            _address = await listening.Task;
        await UntilAsync(async () => process.HasExited || await IsReadyAsync(), "the service is ready");
        if (process.HasExited && crashAt is null)
            Assert.Fail($"The service ended at its start with exit code {process.ExitCode}:\n{Output}");
    }

    /// <summary>Waits for the end that <c>crashAt</c> promised.</summary>
    /// <param name="load">What brings the service there; the first that fails is thrown.</param>
    public async Task WaitForCrashAsync(IReadOnlyList<Task> load, TimeSpan deadline)
    {
        var process = _process!;
        var crash = process.WaitForExitAsync();
        if (await Task.WhenAny([crash, .. load]).WaitAsync(deadline) is var first && first != crash)
            await first;
        await crash.WaitAsync(deadline);
        Assert.Equal(KilledExitCode, process.ExitCode);
        Unwatch();
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Unwatch();
    }

    /// <summary>SIGTERM, as systemd or an operator ends it; the end is awaited by <see cref="ExitCodeAsync"/>.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Waits for the end that it comes to by itself.</summary>
    public async Task<int> ExitCodeAsync(TimeSpan deadline)
    {
        var process = _process!;
        await process.WaitForExitAsync().WaitAsync(deadline);
        Unwatch();
        return process.ExitCode;
    }

    /// <summary>SIGSTOP: it hangs with all that it has in its hands; its sockets stay open.</summary>
    public Task StopAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task WakeAsync() => SignalAsync("CONT");

    /// <summary>The invariants of design.md §6 on the data, from outside.</summary>
    public Task<Verification> VerifyAsync() => RunVerbAsync(["verify", "--json"], Read);

    public Task<(int ExitCode, string Output)> RunVerbAsync(params string[] arguments) => RunVerbAsync(arguments, (code, output) => (code, output));

    /// <summary>A verb that takes longer; what it says on standard error comes behind what it prints.</summary>
    public async Task<(int ExitCode, string Output)> RunLongVerbAsync(TimeSpan deadline, params string[] arguments)
    {
        using var verb = Process.Start(StartInfo(arguments))!;
        try
        {
            var (output, errors) = (verb.StandardOutput.ReadToEndAsync(), verb.StandardError.ReadToEndAsync());
            await verb.WaitForExitAsync().WaitAsync(deadline);
            return (verb.ExitCode, $"{await output}{await errors}");
        }
        finally
        {
            if (!verb.HasExited)
                verb.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Asks again and again, briefly apart, until it holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan? deadline = null)
    {
        var end = DateTime.UtcNow + (deadline ?? Patience);
        while (!await holds())
        {
            if (DateTime.UtcNow > end)
                Assert.Fail($"Waited in vain until {what}.");
            await Task.Delay(Poll);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process!.Id}")]);
        await kill.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<T> RunVerbAsync<T>(string[] arguments, Func<int, string, T> read)
    {
        using var verb = Process.Start(StartInfo(arguments))!;
        try
        {
            var output = verb.StandardOutput.ReadToEndAsync();
            var errors = verb.StandardError.ReadToEndAsync();
            await verb.WaitForExitAsync().WaitAsync(Patience);
            return read(verb.ExitCode, await output is { Length: > 0 } said ? said : await errors);
        }
        finally
        {
            if (!verb.HasExited)
                verb.Kill(entireProcessTree: true);
        }
    }

    private static Verification Read(int exitCode, string output)
    {
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? throw new InvalidOperationException($"verify said: {output}");
        var readings = JsonDocument.Parse(line).RootElement.GetProperty("guarantees").EnumerateArray().ToList();
        return new Verification(
            exitCode,
            readings.ToDictionary(r => r.GetProperty("name").GetString()!, r => r.GetProperty("checked").GetInt64()),
            [.. readings.Where(r => r.GetProperty("violations").GetInt64() > 0).Select(r => r.GetProperty("name").GetString()!)],
            output);
    }

    private ProcessStartInfo StartInfo(params string[] arguments)
    {
        string[] line = [.. Within, "dotnet", Executable, .. arguments];
        var start = new ProcessStartInfo(line[0])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach (var argument in line[1..])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Settings)
            start.Environment[name] = value;
        return start;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var answer = await http.GetAsync(new Uri(_address!, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or IOException)
        {
            return false;
        }
    }

    private void Take(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
            return;
        lock (_lock)
            _output.AppendLine(line);
        _log.Add(line);
        if (BoundAddress().Match(line) is { Success: true } bound)
            listening.TrySetResult(new Uri(bound.Groups[1].Value));
    }

    // Ends the service also where the test process itself is killed: then the pipe breaks, and `read` fails.
    private void Watch(Process process)
    {
        if (OperatingSystem.IsWindows())
            return;
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"read done || kill -9 {process.Id}"));
        _watchdog = Process.Start(start);
    }

    private void Unwatch()
    {
        if (Interlocked.Exchange(ref _watchdog, null) is not { } watchdog)
            return;
        watchdog.StandardInput.WriteLine("done");
        watchdog.StandardInput.Close();
        watchdog.WaitForExit();
        watchdog.Dispose();
    }

    /// <summary>As built for this run of the tests, in the same configuration.</summary>
    private static string Executable { get; } = FindExecutable();

    /// <summary>With <c>PPID_PUBLISHED</c> the service that was published into that folder: figures for the docs are taken of it.</summary>
    private static string FindExecutable()
    {
        if (Environment.GetEnvironmentVariable("PPID_PUBLISHED") is { Length: > 0 } published)
            return Path.Combine(published, "PpidWorkflow.Web.dll");
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var built = Path.Combine(
            RepositoryRoot, "src", "PpidWorkflow.Web", "bin", framework.Parent!.Name, framework.Name, "PpidWorkflow.Web.dll");
        return File.Exists(built) ? built : throw new InvalidOperationException($"Not built: {built}");
    }

    private static string FindRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PpidWorkflow.sln")))
            root = root.Parent;
        return root?.FullName ?? throw new InvalidOperationException("Tests run inside the repository.");
    }

    // In a log of JSON the address stands in quotes.
    [GeneratedRegex(@"Now listening on: (?:\\"")?(http://127\.0\.0\.1:\d+)")]
    private static partial Regex BoundAddress();
}

/// <summary>Tests with processes of their own run one after another: two cores, and clocks that are watched.</summary>
[CollectionDefinition("Processes")]
public sealed class ProcessesDefinition;
