using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Web.Tests.BadInput;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>The verbs <c>backup</c>, <c>restore</c>, <c>copy-to</c> and <c>retain</c>, as processes on a running service's data.</summary>
public sealed class DatabaseVerbTests(TestService service) : IClassFixture<TestService>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-verbs-").FullName;

    private string Target => $"--ConnectionStrings:Target=Data Source={Path.Combine(_folder, "salinan.db")}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_of_a_running_service_is_restored_and_holds_every_invariant()
    {
        using var _ = service.CreateClient();
        var backup = Path.Combine(_folder, "cadangan");
        var elsewhere = $"--Storage:DataPath={Path.Combine(_folder, "pulih")}";

        var made = await ServiceProcess.RunAsync("backup", backup, "--json", $"--Storage:DataPath={service.DataPath}");
        var restored = await ServiceProcess.RunAsync("restore", backup, elsewhere);
        var verified = await ServiceProcess.RunAsync("verify", elsewhere);
        var twice = await ServiceProcess.RunAsync("restore", backup, elsewhere);

        Assert.True(made.ExitCode == 0, made.Output + made.Error);
        Assert.True(JsonDocument.Parse(made.Output).RootElement.GetProperty("files").GetInt32() >= 1);
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Error);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("Tujuan sudah berisi", twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_says_what_would_go_does_it_and_leaves_a_database_that_verifies()
    {
        using var _ = service.CreateClient();
        string[] settings = [$"--Storage:DataPath={service.DataPath}", "--Retention:MailBodyMonths=6", "--Retention:AuditMonths=12", "--Retention:Basis=JRA uji"];
        await service.OfDatabaseAsync(async db =>
        {
            db.Outbox.Add(new OutboxMessage
            {
                Id = Guid.CreateVersion7(),
                MessageId = "lama@ppid.example",
                Template = "digest-daily",
                Model = "{\"a\":1}",
                ToAddress = "a@ppid.example",
                ToName = "A",
                State = OutboxState.Sent,
                CreatedAt = DateTimeOffset.UnixEpoch,
                NextAttemptAt = DateTimeOffset.UnixEpoch,
                SentAt = DateTimeOffset.UnixEpoch
            });
            return await db.SaveChangesAsync();
        });

        var misspelt = await ServiceProcess.RunAsync(["retain", "--dryrun", .. settings]);
        var counted = await ServiceProcess.RunAsync(["retain", "--dry-run", .. settings]);
        var run = await ServiceProcess.RunAsync(["retain", "--json", .. settings]);
        var verified = await ServiceProcess.RunAsync("verify", settings[0]);

        Assert.Equal(1, misspelt.ExitCode);
        Assert.Contains("'--dryrun' tidak dikenal", misspelt.Error, StringComparison.Ordinal);
        Assert.True(counted.ExitCode == 0, counted.Output + counted.Error);
        Assert.Contains("mail-bodies  1 akan dihapus, dari 1970-01-01 00.00 sampai 1970-01-01 00.00 UTC", counted.Output, StringComparison.Ordinal);
        Assert.Contains("journal      disimpan selamanya (Retention:JournalMonths = 0)", counted.Output, StringComparison.Ordinal);
        Assert.Contains("Tidak ada yang berubah.", counted.Output, StringComparison.Ordinal);
        // Whoever reads the list is not told how the database was asked.
        Assert.DoesNotContain(" WRN ", counted.Output + counted.Error, StringComparison.Ordinal);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var mails = JsonDocument.Parse(run.Output).RootElement.GetProperty("classes").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "mail-bodies");
        Assert.Equal(1, mails.GetProperty("count").GetProperty("rows").GetInt32());
        Assert.Equal("{}", await service.OfDatabaseAsync(async db => (await db.Outbox.SingleAsync(m => m.MessageId == "lama@ppid.example")).Model));
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
    }

    [Fact]
    public async Task What_cannot_be_copied_is_refused_with_what_to_mend()
    {
        await using var running = await ServiceProcess.StartAsync($"--Storage:DataPath={Path.Combine(_folder, "jalan")}");
        var data = $"--Storage:DataPath={Path.Combine(_folder, "jalan")}";

        var unknown = await ServiceProcess.RunAsync("copy-to", "Oracle", data, Target);
        var nowhere = await ServiceProcess.RunAsync("copy-to", "Sqlite", data);
        var tooEarly = await ServiceProcess.RunAsync("copy-to", "Sqlite", data, Target);

        Assert.Equal((1, 1, 1), (unknown.ExitCode, nowhere.ExitCode, tooEarly.ExitCode));
        Assert.Contains("Sqlite, PostgreSql, SqlServer", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Target", nowhere.Error, StringComparison.Ordinal);
        Assert.Contains("masih berjalan", tooEarly.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_row_is_copied_into_an_empty_database_and_never_into_another()
    {
        using var _ = service.CreateClient();
        var data = $"--Storage:DataPath={service.DataPath}";

        var copied = await ServiceProcess.RunAsync("copy-to", "Sqlite", data, Target, "--json");
        var onto = await ServiceProcess.RunAsync("copy-to", "Sqlite", data, Target);

        Assert.True(copied.ExitCode == 0, copied.Output + copied.Error);
        var tables = JsonDocument.Parse(copied.Output).RootElement.GetProperty("tables").EnumerateArray().ToList();
        Assert.Equal(8, tables.Single(t => t.GetProperty("name").GetString() == "Officers").GetProperty("rows").GetInt32());
        Assert.Equal(1, onto.ExitCode);
        Assert.Contains("tidak kosong", onto.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_backup_is_refused_with_a_sentence()
    {
        var refused = await ServiceProcess.RunAsync("restore", _folder, $"--Storage:DataPath={Path.Combine(_folder, "pulih")}");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("manifest.json tidak ada", refused.Error, StringComparison.Ordinal);
    }
}
