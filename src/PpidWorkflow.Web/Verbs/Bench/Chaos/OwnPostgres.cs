using System.Diagnostics;
using System.Globalization;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>
/// A PostgreSQL server that may be killed: in a folder of its own, on a Unix socket only, with fsync on. Started as tests/Shared/postgres.sh
/// starts one; root starts it as the user postgres, as the server refuses to run as root.
/// </summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-chaos-pg-").FullName;
    private readonly string _binaries;
    private Process? _guard;

    private OwnPostgres(string binaries) => _binaries = binaries;

    /// <summary>Connection string of its first database.</summary>
    public string Connection => $"Host={_folder};Username=ppid;Database=postgres";

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    /// <exception cref="Hosting.StartUpRefusedException">There is no PostgreSQL on this machine.</exception>
    public static async Task<OwnPostgres> StartAsync()
    {
        var installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb")))
                .OrderByDescending(d => int.TryParse(Path.GetFileName(Path.GetDirectoryName(d)), CultureInfo.InvariantCulture, out var version) ? version : 0).FirstOrDefault()
            : null;
        if (installed is null)
            throw new Hosting.StartUpRefusedException("PostgreSQL tidak terpasang di mesin ini (/usr/lib/postgresql): pasang dahulu, atau pakai --kill node dengan ConnectionStrings:Ppid.");
        var server = new OwnPostgres(installed);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(server._folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (IsRoot)
            await server.RunAsync("chown", "postgres", server._folder);
        await server.RunAsync(Path.Combine(installed, "initdb"), "-D", server.Data, "-U", "ppid", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
        await server.StartServerAsync();
        return server;
    }

    /// <summary>Starts the server on what it left behind; after a kill it recovers from its log first.</summary>
    public async Task StartServerAsync()
    {
        // A postmaster that was killed may leave children that still end: the new one refuses until they have.
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var code = await TryAsync(
                Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-l", Path.Combine(Data, "server.log"), "-w", "-o",
                $"-c listen_addresses='' -k {_folder} -c fsync=on -c synchronous_commit=on -c max_connections=200 -c shared_buffers=128MB -c max_wal_size=2GB", "start");
            if (code == 0)
                break;
            if (watch.Elapsed > Patience)
                throw new InvalidOperationException($"PostgreSQL did not start again; see {Data}/server.log.");
        }
        _guard = ChildProcess.Guard(await ProcessIdAsync());
    }

    /// <summary><c>kill -9</c> of the postmaster; its children see that it is gone and end.</summary>
    public async Task KillAsync()
    {
        var id = await ProcessIdAsync();
        await ChildProcess.SignalAsync(id, "KILL");
        ChildProcess.Release(Interlocked.Exchange(ref _guard, null));
    }

    /// <summary>Stops it as an operator does before a restart: sessions are ended, nothing is lost.</summary>
    public async Task StopServerAsync()
    {
        await RunAsync(Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-m", "fast", "-w", "stop");
        ChildProcess.Release(Interlocked.Exchange(ref _guard, null));
    }

    public async ValueTask DisposeAsync()
    {
        if (_guard is not null)
            await TryAsync(Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-m", "immediate", "-w", "stop");
        ChildProcess.Release(Interlocked.Exchange(ref _guard, null));
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<int> ProcessIdAsync() =>
        int.Parse((await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0], CultureInfo.InvariantCulture);

    private async Task RunAsync(string program, params string[] arguments)
    {
        if (await TryAsync(program, arguments) is var code and not 0)
            throw new InvalidOperationException($"{program} ended with exit code {code}.");
    }

    private async Task<int> TryAsync(string program, params string[] arguments)
    {
        var asPostgres = IsRoot && program.StartsWith(_binaries, StringComparison.Ordinal);
        var start = new ProcessStartInfo(asPostgres ? "runuser" : program) { WorkingDirectory = "/" };
        foreach (var argument in asPostgres ? ["-u", "postgres", "--", program, .. arguments] : arguments)
            start.ArgumentList.Add(argument);
        // To nowhere: the server would keep a pipe open after pg_ctl has ended.
        start = Quiet(start);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static ProcessStartInfo Quiet(ProcessStartInfo asked)
    {
        var start = new ProcessStartInfo("sh") { WorkingDirectory = asked.WorkingDirectory };
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1", "sh", asked.FileName, .. asked.ArgumentList])
            start.ArgumentList.Add(argument);
        return start;
    }
}
