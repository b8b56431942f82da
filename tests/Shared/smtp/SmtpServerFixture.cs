using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using MimeKit;

namespace PpidWorkflow.TestSupport;

/// <summary>A mail as the server got it.</summary>
/// <param name="Accepted">False: refused after DATA, or the connection was dropped before an answer.</param>
/// <param name="Connection">Which connection brought it.</param>
/// <param name="At">When its last line had come.</param>
public sealed record ReceivedMail(string To, bool Secure, bool Accepted, string Connection, DateTimeOffset At, string Raw)
{
    public MimeMessage Parse()
    {
        using var stream = new MemoryStream(Encoding.Latin1.GetBytes(Raw));
        return MimeMessage.Load(stream);
    }
}

/// <summary>
/// A real SMTP server, <c>tests/Shared/smtp/server.mjs</c>, in a process of its own on the loopback; what it does to a mail is written in
/// the addressee's local part. It ends with its standard input, thus also when the test process is killed.
/// </summary>
public sealed class SmtpServerFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lock Install = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<JsonElement> _events = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _syncs = new();
    private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastSync;

    private SmtpServerFixture(Process process) => _process = process;

    public int Port => _listening.Task.Result;

    /// <summary>The arguments of <c>server.mjs</c>.</summary>
    public static async Task<SmtpServerFixture> StartAsync(params string[] arguments)
    {
        var folder = Folder();
        InstallPackages(folder);
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true
        };
        foreach (var argument in (string[])["server.mjs", .. arguments])
            start.ArgumentList.Add(argument);
        var server = new SmtpServerFixture(Process.Start(start)!);
        _ = server.ReadAsync();
        await server._listening.Task.WaitAsync(Patience);
        return server;
    }

    /// <summary>A port where nothing listens, for outages.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>All that has reached the server until now, refused and dropped mails included.</summary>
    public async Task<IReadOnlyList<ReceivedMail>> MailsAsync()
    {
        await SyncAsync();
        return
        [
            .. Events("mail").Select(e => new ReceivedMail(
                e.GetProperty("to")[0].GetString()!, e.GetProperty("secure").GetBoolean(), e.GetProperty("accepted").GetBoolean(),
                e.GetProperty("connection").GetString()!, e.GetProperty("at").GetDateTimeOffset(), e.GetProperty("raw").GetString()!))
        ];
    }

    /// <summary>How often something happened: connect, auth, sender, rcpt, mail.</summary>
    public async Task<int> CountAsync(string happening)
    {
        await SyncAsync();
        return Events(happening).Count();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private IEnumerable<JsonElement> Events(string name) => _events.Where(e => e.GetProperty("event").GetString() == name);

    private async Task SyncAsync()
    {
        var n = Interlocked.Increment(ref _lastSync);
        var echoed = _syncs[n] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"sync {n}"));
        await _process.StandardInput.FlushAsync();
        await echoed.Task.WaitAsync(Patience);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var happening = JsonDocument.Parse(line).RootElement;
            switch (happening.GetProperty("event").GetString())
            {
                case "listening":
                    _listening.SetResult(happening.GetProperty("port").GetInt32());
                    break;
                case "sync":
                    _syncs[happening.GetProperty("n").GetInt32()].SetResult();
                    break;
                default:
                    _events.Enqueue(happening);
                    break;
            }
        }
        _listening.TrySetException(new InvalidOperationException("The SMTP server ended before it listened; is Node 20 installed?"));
    }

    private static string Folder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PpidWorkflow.sln")))
            root = root.Parent;
        return root is null
            ? throw new InvalidOperationException("Tests run inside the repository.")
            : Path.Combine(root.FullName, "tests", "Shared", "smtp");
    }

    /// <summary>Once per clone. The lock file keeps two test projects from installing into one folder at the same time.</summary>
    private static void InstallPackages(string folder)
    {
        lock (Install)
        {
            if (IsInstalled())
                return;
            using var machineWide = new Mutex(initiallyOwned: false, "ppid-tests-smtp-npm");
            machineWide.WaitOne();
            try
            {
                if (IsInstalled())
                    return;
                var windows = OperatingSystem.IsWindows();
                using var npm = Process.Start(new ProcessStartInfo(windows ? "cmd" : "npm", windows ? "/c npm ci" : "ci")
                {
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true
                })!;
                npm.StandardOutput.ReadToEnd();
                npm.WaitForExit();
                if (npm.ExitCode != 0)
                    throw new InvalidOperationException($"'npm ci' failed in {folder}.");
            }
            finally
            {
                machineWide.ReleaseMutex();
            }
        }

        bool IsInstalled() => File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"));
    }
}

/// <summary>An authority and a certificate for <c>localhost</c> by it, made for one test.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-tls-").FullName;
    private readonly X509Certificate2 _authority;

    public TestCertificate()
    {
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Otoritas uji", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = authority.CreateSelfSigned(from, from.AddDays(30));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, from, from.AddDays(20), [1, 2, 3, 4]);
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificatePath => Path.Combine(_folder, "server.crt");

    public string KeyPath => Path.Combine(_folder, "server.key");

    /// <summary>The full check of chain and name, with this authority as the only root.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var mine = new X509Chain();
        mine.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        mine.ChainPolicy.CustomTrustStore.Add(_authority);
        mine.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && mine.Build((X509Certificate2)certificate!);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
