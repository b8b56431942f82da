using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>How a run of the executable ended.</summary>
/// <param name="PeakMemoryMB">Largest resident set (VmHWM); 0 where /proc does not tell.</param>
public sealed record Run(int ExitCode, string Output, string Error, double PeakMemoryMB, TimeSpan Took);

/// <summary>The delivered executable in a process of its own, on a free port of the loopback, with all that it printed.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const string Announcement = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ServiceLog _log = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The service ended: {Log}"));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address => _listening.Task.Result;

    public bool IsAlive => !_process.HasExited;

    /// <summary>Standard output and error until now.</summary>
    public string Log => string.Join('\n', _lines);

    public double PeakMemoryMB => PeakOf(_process.Id) ?? 0;

    /// <summary>Serves, in Development, with the demo officers.</summary>
    public static async Task<ServiceProcess> StartAsync(params string[] arguments)
    {
        // The clock is the real one: a digest would come on working mornings only, and rows are compared before and after.
        var service = new ServiceProcess(Start(["--environment=Development", "--urls=http://127.0.0.1:0", "--Digest:Enabled=false", .. arguments]));
        await service._listening.Task.WaitAsync(Patience);
        return service;
    }

    /// <summary>Runs to the end, which has to come by itself.</summary>
    public static Task<Run> RunAsync(params string[] arguments) => AnsweredAsync("", arguments);

    /// <summary>The same with a line of its standard input; empty: it is at its end at once.</summary>
    public static async Task<Run> AnsweredAsync(string answer, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = Start(arguments, answer);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var peak = 0.0;
        while (!process.HasExited)
        {
            peak = PeakOf(process.Id) ?? peak;
            if (watch.Elapsed > Patience)
            {
                process.Kill();
                throw new TimeoutException($"Still running: {string.Join(' ', arguments)}");
            }
            using var moment = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            await Task.WhenAny(process.WaitForExitAsync(moment.Token));
        }
        return new Run(process.ExitCode, await output, await error, peak, watch.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string[] arguments, string answer = "")
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "PpidWorkflow.Web.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        // Nobody sits before it: a question is answered by this or by nothing.
        if (answer.Length > 0)
            process.StandardInput.WriteLine(answer);
        process.StandardInput.Close();
        return process;
    }

    private static double? PeakOf(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null
                : double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        _log.Add(line);
        var at = line.IndexOf(Announcement, StringComparison.Ordinal);
        if (at >= 0)
            _listening.TrySetResult(new Uri(line[(at + Announcement.Length)..].Split(' ')[0]));
    }
}
