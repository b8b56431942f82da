using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>What the service cannot start with is one helpful sentence and exit code 1, never a trace.</summary>
public sealed class StartUpRefusalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ppid-refused-");

    private string Data => Path.Combine(_folder.FullName, "data");

    [Fact]
    public async Task A_data_folder_where_nobody_may_write_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has a folder that even root cannot write to.");

        await RefusedAsync("tidak dapat ditulisi", "--Storage:DataPath=/proc/ppid");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        await using (await ServiceProcess.StartAsync($"--Storage:DataPath={Data}"))
        {
        }
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(Data, "ppid.db")};Pooling=False"))
        {
            await database.OpenAsync();
            await using var command = database.CreateCommand();
            command.CommandText =
                """
                INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_DariMasaDepan', '99.0.0');
                PRAGMA wal_checkpoint(TRUNCATE);
                """;
            await command.ExecuteNonQueryAsync();
        }
        var before = await File.ReadAllBytesAsync(Path.Combine(Data, "ppid.db"));

        await RefusedAsync("versi layanan yang lebih baru", $"--Storage:DataPath={Data}");
        var verb = await ServiceProcess.RunAsync("verify", $"--Storage:DataPath={Data}");

        Assert.Equal(1, verb.ExitCode);
        Assert.Contains("29990101000000_DariMasaDepan", verb.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Data, "ppid.db")));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Data);
        var bytes = new byte[5000];
        new Random(7).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(Data, "ppid.db"), bytes);

        await RefusedAsync("Basis data tidak dapat dibuka", $"--Storage:DataPath={Data}");

        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(Data, "ppid.db")));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await RefusedAsync("sudah dipakai proses lain", $"--Storage:DataPath={Data}",
            $"--urls=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
    }

    [Fact]
    public async Task Wrong_values_are_refused_by_their_keys_before_anything_is_made()
    {
        var run = await RefusedAsync(
            "Database:Provider harus salah satu dari", "--Database:Provider=Oracle", "--Office:TimeZone=Asia/Atlantis",
                "--Office:Calendar=Kadang",
            "--Office:PublicUrl=kantor", "--Storage:MaxUploadMB=0", "--Storage:TransferIdleSeconds=0", "--Definitions:SeedMode=Mungkin", "--Engine:MaxActivitiesPerBurst=0", "--Engine:MaxBookmarks=0",
            "--Demo:Password=x", "--Mail:Delivery=Merpati", "--Mail:From=bukan-alamat", "--ReverseProxy:KnownProxies:0=proxy",
            "--Retention:MailBodyMonths=-1", "--Retention:JournalMonths=9999", "--Retention:AuditMonths=3", "--Retention:TrialMonths=-1", "--Retention:BatchRows=0",
                $"--Storage:DataPath={Data}");

        foreach (var key in (string[])["Office:TimeZone", "Office:Calendar", "Office:PublicUrl", "Storage:MaxUploadMB", "Storage:TransferIdleSeconds",
            "Definitions:SeedMode",
            "Engine:MaxActivitiesPerBurst", "Engine:MaxBookmarks", "Demo:Password", "Mail:Delivery", "Mail:From", "ReverseProxy:KnownProxies",
            "Retention:MailBodyMonths", "Retention:JournalMonths", "Retention:AuditMonths", "Retention:TrialMonths", "Retention:BatchRows", "Retention:Basis"])
            Assert.Contains(key, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    [Theory]
    [InlineData("Mail:Smtp:Port", "99999999999")]
    [InlineData("Demo:Enabled", "mungkin")]
    [InlineData("Telemetry:FiguresSeconds", "sering")]
    public async Task A_value_of_the_wrong_type_is_refused_by_its_key_and_not_repeated(string key, string value)
    {
        var run = await RefusedAsync($"{key}: nilainya tidak dapat dibaca", $"--{key}={value}", $"--Storage:DataPath={Data}");

        Assert.DoesNotContain(value, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_data_path_is_told_by_its_key_to_the_service_and_to_verbs()
    {
        await RefusedAsync("Storage:DataPath belum diisi", "--Storage:DataPath=");
        var verb = await ServiceProcess.RunAsync("verify", "--Storage:DataPath= ");

        Assert.Equal(1, verb.ExitCode);
        Assert.Contains("Storage:DataPath belum diisi", verb.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", verb.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_nobody_reads_is_told_with_those_that_there_are_and_its_value_is_not_repeated()
    {
        var run = await RefusedAsync(
            "Mail:Smtp:Passwort tidak dikenal; Mail:Smtp mengenal: Host", "--Mail:Smtp:Passwort=rahasia-keliru", "--Retention:MailBodyMonth=6", "--Database:IdleTransactionSeconds=-1",
            $"--Storage:DataPath={Data}");

        Assert.Contains("Retention:MailBodyMonth tidak dikenal", run.Error, StringComparison.Ordinal);
        Assert.Contains("Database:IdleTransactionSeconds harus 0", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("rahasia-keliru", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_database_that_refuses_in_the_middle_of_the_start_is_a_sentence()
    {
        await using (await ServiceProcess.StartAsync($"--Storage:DataPath={Data}"))
        {
        }
        await ExecuteAsync("""CREATE TRIGGER Full BEFORE INSERT ON "NodeHeartbeats" BEGIN SELECT RAISE(ABORT, 'penuh'); END""");

        await RefusedAsync("Basis data tidak dapat dibuka, dibaca atau ditulisi", $"--Storage:DataPath={Data}");

        await ExecuteAsync("DROP TRIGGER Full");
        await ExecuteAsync("""ALTER TABLE "Outbox" RENAME TO "Hilang" """);
        await RefusedAsync("Basis data tidak dapat dibuka, dibaca atau ditulisi", $"--Storage:DataPath={Data}");
    }

    [Fact]
    public async Task Where_nobody_sits_before_it_the_first_token_lies_in_a_file_for_the_owner_and_never_in_the_output()
    {
        await using var service = await ServiceProcess.StartAsync($"--Storage:DataPath={Data}", "--environment=Production");
        var file = Path.Combine(Data, "setup-token");

        var token = (await File.ReadAllTextAsync(file)).Trim();

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(32, token.Length);
        Assert.Contains(file, service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(token, service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_settings_that_no_mail_could_leave_by_are_refused()
    {
        var run = await RefusedAsync(
            "Mail:Smtp:Port harus 1 sampai 65535", "--Mail:Delivery=Smtp", "--Mail:Smtp:Host= ", "--Mail:Smtp:Port=0",
                "--Mail:Smtp:Security=Mungkin",
            $"--Storage:DataPath={Data}");

        Assert.Contains("Mail:Smtp:Host belum diisi", run.Error, StringComparison.Ordinal);
        Assert.Contains("Mail:Smtp:Security harus None, StartTls, atau Tls", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Telemetry_that_nobody_could_receive_or_anybody_could_read_is_refused()
    {
        var run = await RefusedAsync(
            "Telemetry:MetricsToken harus sekurangnya 32 karakter", "--Telemetry:MetricsToken=rahasia-pendek", "--Telemetry:OtlpEndpoint=pengumpul",
            "--Telemetry:OtlpProtocol=Udp", "--Telemetry:FiguresSeconds=0", "--Telemetry:GuaranteesSeconds=0", "--Telemetry:LogFormat=Xml", "--Shutdown:DrainSeconds=0",
            $"--Storage:DataPath={Data}");

        foreach (var key in (string[])["OtlpEndpoint", "OtlpProtocol", "FiguresSeconds", "GuaranteesSeconds", "LogFormat"])
            Assert.Contains($"Telemetry:{key}", run.Error, StringComparison.Ordinal);
        Assert.Contains("Shutdown:DrainSeconds", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("rahasia-pendek", run.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(Data, "ppid.db")};Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Run> RefusedAsync(string sentence, params string[] arguments)
    {
        var run = await ServiceProcess
            .RunAsync(["--environment=Development",
            .. arguments.Any(a => a.StartsWith("--urls", StringComparison.Ordinal)) ? [] : (string[])["--urls=http://127.0.0.1:0"],
            .. arguments]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", run.Output + run.Error, StringComparison.Ordinal);
        return run;
    }
}
