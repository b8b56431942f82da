using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Web.Tests.BadInput;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>The verb <c>migrate</c> as a process on databases of the version before: nothing is upgraded without a backup, or somebody's word for it.</summary>
public sealed class MigrateVerbTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-migrate-").FullName;
    private readonly string _database = $"ppid_migrate_{Guid.NewGuid():n}";

    private string DataPath => Path.Combine(_folder, "data");

    private string Data => $"--Storage:DataPath={DataPath}";

    private string File => $"Data Source={Path.Combine(DataPath, "ppid.db")};Pooling=False";

    private string[] Server =>
        ["--Database:Provider=PostgreSql", $"--ConnectionStrings:Ppid={new NpgsqlConnectionStringBuilder(TwoNodes.Server) { Database = _database, Pooling = false }}", Data];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        if (TwoNodes.Server is not null)
            await DisposeDatabaseAsync();
    }

    private async Task DisposeDatabaseAsync()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TwoNodes.Server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_new_database_is_migrated_without_a_question_and_once()
    {
        var made = await ServiceProcess.RunAsync("migrate", Data);
        var again = await ServiceProcess.RunAsync("migrate", "--json", Data);

        Assert.True(made.ExitCode == 0, made.Output + made.Error);
        Assert.Contains("Initial", made.Output, StringComparison.Ordinal);
        Assert.Empty(JsonDocument.Parse(again.Output).RootElement.GetProperty("applied").EnumerateArray());
    }

    [Theory]
    [InlineData("", "Tidak ada yang menjawab")]
    [InlineData("nanti", "Dibatalkan")]
    public async Task Without_a_yes_a_file_stays_as_it_is_and_the_sentence_says_what_to_do(string answer, string said)
    {
        var last = await OlderAsync(Databases.Sqlite, File);

        var refused = await ServiceProcess.AnsweredAsync(answer, "migrate", Data);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(last, refused.Output, StringComparison.Ordinal);
        foreach (var part in (string[])["Sudah ada cadangan", said, "tidak ada yang berubah", "--backup <folder>", "--yes"])
            Assert.Contains(part, refused.Error, StringComparison.Ordinal);
        Assert.Equal([last], await PendingAsync(Databases.Sqlite, File));
    }

    [Fact]
    public async Task With_a_folder_it_makes_the_backup_first_which_can_be_put_back()
    {
        var last = await OlderAsync(Databases.Sqlite, File);
        var (backup, elsewhere) = (Path.Combine(_folder, "cadangan"), Path.Combine(_folder, "pulih"));

        var done = await ServiceProcess.RunAsync("migrate", "--backup", backup, "--json", Data);
        var restored = await ServiceProcess.RunAsync("restore", backup, $"--Storage:DataPath={elsewhere}");

        Assert.True(done.ExitCode == 0, done.Output + done.Error);
        var outcome = JsonDocument.Parse(done.Output).RootElement;
        Assert.Equal(last, Assert.Single(outcome.GetProperty("applied").EnumerateArray()).GetString());
        Assert.Equal(backup, outcome.GetProperty("backup").GetString());
        Assert.Empty(await PendingAsync(Databases.Sqlite, File));
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Error);
        Assert.Equal([last], await PendingAsync(Databases.Sqlite, $"Data Source={Path.Combine(elsewhere, "ppid.db")};Pooling=False"));
    }

    [Fact]
    public async Task Where_the_backup_cannot_be_written_nothing_is_migrated()
    {
        var last = await OlderAsync(Databases.Sqlite, File);
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "berkas"), "bukan folder");

        var taken = await ServiceProcess.RunAsync("migrate", "--backup", DataPath, Data);
        var unwritable = await ServiceProcess.RunAsync("migrate", "--yes", "--backup", Path.Combine(_folder, "berkas", "cadangan"), Data);

        Assert.Equal((1, 1), (taken.ExitCode, unwritable.ExitCode));
        Assert.Contains("tidak kosong", taken.Error, StringComparison.Ordinal);
        Assert.Contains("periksa izin dan ruang cakram", unwritable.Error, StringComparison.Ordinal);
        Assert.Equal([last], await PendingAsync(Databases.Sqlite, File));
    }

    [Fact]
    public async Task A_file_is_backed_up_before_its_upgrade_by_the_verb_that_the_refusal_names()
    {
        await OlderAsync(Databases.Sqlite, File);

        var backup = await ServiceProcess.RunAsync("backup", Path.Combine(_folder, "cadangan"), Data);
        var done = await ServiceProcess.AnsweredAsync("ya", "migrate", Data);

        Assert.True(backup.ExitCode == 0, backup.Output + backup.Error);
        Assert.True(done.ExitCode == 0, done.Output + done.Error);
        Assert.Empty(await PendingAsync(Databases.Sqlite, File));
    }

    [Fact]
    public async Task A_servers_database_is_upgraded_by_a_yes_and_backed_up_by_its_own_tools()
    {
        Assert.SkipWhen(TwoNodes.Server is null, "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");
        var connection = Server[1].Split('=', 2)[1];
        var last = await OlderAsync(Databases.PostgreSql, connection);

        var started = await ServiceProcess.RunAsync(["--environment=Production", "--urls=http://127.0.0.1:0", .. Server]);
        var unanswered = await ServiceProcess.RunAsync(["migrate", .. Server]);
        var itself = await ServiceProcess.RunAsync(["migrate", "--backup", Path.Combine(_folder, "cadangan"), .. Server]);

        Assert.Equal((1, 1, 1), (started.ExitCode, unanswered.ExitCode, itself.ExitCode));
        Assert.Contains("'migrate'", started.Error, StringComparison.Ordinal);
        Assert.Contains("pg_dump", unanswered.Error, StringComparison.Ordinal);
        Assert.Contains("--backup hanya untuk SQLite", itself.Error, StringComparison.Ordinal);
        Assert.Equal([last], await PendingAsync(Databases.PostgreSql, connection));

        var done = await ServiceProcess.RunAsync(["migrate", "--yes", .. Server]);

        Assert.True(done.ExitCode == 0, done.Output + done.Error);
        Assert.Empty(await PendingAsync(Databases.PostgreSql, connection));
    }

    [Fact]
    public async Task A_database_of_the_version_before_that_is_named_as_a_target_is_refused_as_it_is()
    {
        var old = $"Data Source={Path.Combine(_folder, "lama.db")};Pooling=False";
        var last = await OlderAsync(Databases.Sqlite, old);
        var made = await ServiceProcess.RunAsync("migrate", Data);

        var copied = await ServiceProcess.RunAsync("copy-to", "Sqlite", Data, $"--ConnectionStrings:Target={old}");

        Assert.True(made.ExitCode == 0, made.Output + made.Error);
        Assert.Equal(1, copied.ExitCode);
        Assert.Contains("tidak kosong (tabel versi lain", copied.Error, StringComparison.Ordinal);
        Assert.Equal([last], await PendingAsync(Databases.Sqlite, old));
    }

    [Fact]
    public async Task A_servers_database_in_use_is_neither_upgraded_nor_filled_by_mistake_and_a_new_one_takes_copy_and_restore()
    {
        Assert.SkipWhen(TwoNodes.Server is null, "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");
        var connection = Server[1].Split('=', 2)[1];
        var target = $"--ConnectionStrings:Target={connection}";
        var backup = Path.Combine(_folder, "cadangan");
        string[] elsewhere = [Server[0], Server[1], $"--Storage:DataPath={Path.Combine(_folder, "pulih")}"];
        var last = await OlderAsync(Databases.PostgreSql, connection);
        await using (await ServiceProcess.StartAsync(Data, "--Outages:BeatSeconds=1", "--Outages:GapSeconds=2"))
        {
        }
        var made = await ServiceProcess.RunAsync("backup", backup, Data);

        var restored = await ServiceProcess.RunAsync(["restore", backup, .. elsewhere]);
        var copied = await CopiedAsync();

        Assert.True(made.ExitCode == 0, made.Output + made.Error);
        Assert.Equal((1, 1), (restored.ExitCode, copied.ExitCode));
        Assert.Contains("tabel versi lain", restored.Error, StringComparison.Ordinal);
        Assert.Contains("tabel versi lain", copied.Error, StringComparison.Ordinal);
        Assert.Equal([last], await PendingAsync(Databases.PostgreSql, connection));
        Assert.False(Directory.Exists(Path.Combine(_folder, "pulih", "keys")));

        await DisposeDatabaseAsync();
        var moved = await CopiedAsync("--json");
        var verified = await ServiceProcess.RunAsync(["verify", .. Server]);
        var onto = await ServiceProcess.RunAsync(["restore", backup, .. elsewhere]);
        await DisposeDatabaseAsync();
        var again = await ServiceProcess.RunAsync(["restore", backup, .. elsewhere]);
        var verifiedAgain = await ServiceProcess.RunAsync(["verify", .. elsewhere]);

        Assert.True(moved.ExitCode == 0, moved.Output + moved.Error);
        Assert.Equal(8, JsonDocument.Parse(moved.Output).RootElement.GetProperty("tables").EnumerateArray()
            .Single(t => t.GetProperty("name").GetString() == "Officers").GetProperty("rows").GetInt32());
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Equal(1, onto.ExitCode);
        Assert.Contains("Basis data tujuan sudah berisi (tabel ", onto.Error, StringComparison.Ordinal);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.True(verifiedAgain.ExitCode == 0, verifiedAgain.Output + verifiedAgain.Error);

        // The gap of the heartbeats is a second or two here: asked again until it has passed.
        async Task<Run> CopiedAsync(params string[] more)
        {
            Run run;
            do
                run = await ServiceProcess.RunAsync(["copy-to", "PostgreSql", Data, target, "--Outages:BeatSeconds=1", "--Outages:GapSeconds=2", .. more]);
            while (run.Error.Contains("masih berjalan", StringComparison.Ordinal));
            return run;
        }
    }

    [Theory]
    [InlineData("migrate", "--yes")]
    [InlineData("verify", "--json")]
    public async Task A_server_that_is_away_is_no_new_database_and_told_by_a_sentence(string verb, string option)
    {
        var nobody = $"--ConnectionStrings:Ppid=Host=127.0.0.1;Port={TestSupport.SmtpServerFixture.FreePort()};Database=ppid;Username=ppid;Timeout=5";

        var refused = await ServiceProcess.RunAsync(verb, option, "--Database:Provider=PostgreSql", nobody, Data);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("ConnectionStrings:Ppid", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
    }

    // The tables of the version before, made by its migrations.
    private async Task<string> OlderAsync(string provider, string connection)
    {
        Directory.CreateDirectory(DataPath);
        await using var db = Databases.Open(provider, connection);
        var known = db.Database.GetMigrations().ToList();
        await db.GetService<IMigrator>().MigrateAsync(known[^2]);
        return known[^1];
    }

    private static async Task<IEnumerable<string>> PendingAsync(string provider, string connection)
    {
        await using var db = Databases.Open(provider, connection);
        return await db.Database.GetPendingMigrationsAsync();
    }
}
