using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>
/// One node: this same executable in a process of its own, on a port of its own at each start. It can be killed and stopped by signal and
/// started again; what it wrote last is kept for the failure that may come of it.
/// </summary>
internal sealed partial class ChaosNode(int number, IReadOnlyDictionary<string, string> settings, string folder) : IAsyncDisposable
{
    private const int LinesKept = 60;
    private const int FailureLines = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;
    private Process? _guard;
    private volatile Uri? _address;

    /// <summary>It has ended without having been killed.</summary>
    public bool HasDied => _process is { HasExited: true };

    /// <summary>From 0.</summary>
    public int Number => number;

    /// <summary>Where it listens; null while it does not run.</summary>
    public Uri? Address => _address;

    /// <summary>The last lines of its log.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>The last failure in its log and where it happened, without what led there; null: none of late.</summary>
    public string? LastFailure
    {
        get
        {
            var lines = _lines.ToList();
            var last = lines.FindLastIndex(line => Failure().IsMatch(line));
            return last < 0 ? null : string.Join(" ", lines.Skip(last).Take(FailureLines).Select(line => line.Trim()));
        }
    }

    /// <summary>Starts the process; it is not ready yet.</summary>
    public void Launch()
    {
        _address = null;
        var process = new Process { StartInfo = StartInfo() };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        _guard = ChildProcess.Guard(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    /// <summary>Waits until it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or never became ready.</exception>
    public async Task ReadyAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; await Task.Delay(Poll))
        {
            if (_process!.HasExited)
                throw new InvalidOperationException($"Node {number} ended at its start with exit code {_process.ExitCode}:\n{Log}");
            if (Address is { } address && await IsReadyAsync(http, address))
                return;
        }
        throw new InvalidOperationException($"Node {number} did not become ready:\n{Log}");
    }

    /// <summary><c>kill -9</c>; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        _address = null;
        ChildProcess.Release(Interlocked.Exchange(ref _guard, null));
        process.Dispose();
        _process = null;
    }

    /// <summary>Processor time since its beginning, and what it has in memory now, bytes.</summary>
    public (TimeSpan Processor, long Memory) Used()
    {
        _process!.Refresh();
        return (_process.TotalProcessorTime, _process.WorkingSet64);
    }

    /// <summary>SIGSTOP: its sockets stay open, and nobody answers.</summary>
    public Task StopAsync() => ChildProcess.SignalAsync(_process!.Id, "STOP");

    /// <summary>SIGCONT.</summary>
    public Task WakeAsync() => ChildProcess.SignalAsync(_process!.Id, "CONT");

    public async ValueTask DisposeAsync() => await KillAsync();

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri address)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(address, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or IOException)
        {
            return false;
        }
    }

    // As this process was started: through `dotnet`, or as an executable of its own.
    private ProcessStartInfo StartInfo()
    {
        var assembly = typeof(ChaosNode).Assembly.Location;
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(self).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(assembly);
        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add("http://127.0.0.1:0");
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return start;
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        while (_lines.Count > LinesKept)
            _lines.TryDequeue(out _);
        if (BoundAddress().Match(line) is { Success: true } bound)
            _address = new Uri(bound.Groups[1].Value);
    }

    // Those of the database say their HRESULT before the colon.
    [GeneratedRegex(@"Exception(?: \(0x[0-9A-Fa-f]+\))?: ")]
    private static partial Regex Failure();

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex BoundAddress();
}
