using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Backup of a running office, and the drill: put back elsewhere, hours later.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("ppid-restored-").FullName;
    private readonly string _backup = Path.Combine(Directory.CreateTempSubdirectory("ppid-backup-").FullName, "cadangan");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_backup)!, recursive: true);

    [Fact]
    public async Task A_restored_office_goes_on_from_the_backup_and_fires_what_came_due_since_once()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var task = await office.WalkToAsync(opened.Id, "2");
        Assert.True((await office.UploadAsync(task, Office.InformationOfficer, "laporan.pdf", "isi rahasia")).Succeeded);
        await office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup));
        await office.CompleteOpenAsync(opened.Id);

        await RestoreAsync();
        await using var again = await Office.OpenAsync(office.Time.GetUtcNow() + TimeSpan.FromHours(2), folder: _elsewhere);
        await again.FireAsync();
        await again.FireAsync();

        Assert.Equal("2", (await again.OpenTaskAsync(opened.Id)).Step.Label);
        var fires = await again.RowsAsync(db => db.FireRecords.OrderBy(f => f.Rung).Select(f => f.Rung).ToListAsync());
        Assert.Equal([0, 1, 2], fires);
        Assert.Equal(3, (await again.MailAsync()).Count(m => m.FireRecordId != null));
        await again.CompleteOpenAsync(opened.Id);
        Assert.Equal("3", (await again.OpenTaskAsync(opened.Id)).Step.Label);
        Assert.Empty(await again.ViolatedAsync());
    }

    [Fact]
    public async Task A_damaged_backup_is_not_restored()
    {
        await using var office = await Office.OpenAsync();
        var task = await office.WalkToAsync((await office.OpenCaseAsync()).Id, "2");
        await office.UploadAsync(task, Office.InformationOfficer, "laporan.pdf", "isi rahasia");
        var manifest = await office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup));
        var file = manifest.Files.Single(f => f.Path.StartsWith("vault/", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(_backup, file.Path), "isi lain ya");

        var refused = await Assert.ThrowsAsync<BackupException>(RestoreAsync);

        Assert.Equal(("file-damaged", file.Path), (refused.Code, refused.Subject));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_elsewhere));
        Directory.Delete(_elsewhere);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_no_backup()
    {
        var refused = await Assert.ThrowsAsync<BackupException>(() => Backup.CheckAsync(_elsewhere));

        Assert.Equal("no-manifest", refused.Code);
        Directory.Delete(_elsewhere);
    }

    [Fact]
    public async Task Nothing_is_written_over_what_is_there()
    {
        await using var office = await Office.OpenAsync();
        await office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup));

        var twice = await Assert.ThrowsAsync<BackupException>(() => office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup)));
        await RestoreAsync();
        var onto = await Assert.ThrowsAsync<BackupException>(RestoreAsync);

        Assert.Equal("folder-not-empty", twice.Code);
        Assert.Equal(OfficeStore.For(_elsewhere) is SqliteOffice ? "target-not-empty" : "database-not-empty", onto.Code);
        await using var restored = await Office.OpenAsync(folder: _elsewhere);
        Assert.Empty(await restored.ViolatedAsync());
    }

    [Fact]
    public async Task A_restore_that_fails_half_way_leaves_no_database_and_may_follow_again()
    {
        Assert.SkipUnless(OfficeStore.For(_elsewhere) is SqliteOffice, "A server's rows are one transaction.");
        await using var office = await Office.OpenAsync();
        var task = await office.WalkToAsync((await office.OpenCaseAsync()).Id, "2");
        await office.UploadAsync(task, Office.InformationOfficer, "laporan.pdf", "isi rahasia");
        await office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup));
        // In the place of a folder: as a disk that takes nothing more.
        await File.WriteAllTextAsync(Path.Combine(_elsewhere, "keys"), "");

        await Assert.ThrowsAnyAsync<IOException>(RestoreAsync);

        Assert.Equal([Path.Combine(_elsewhere, "keys")], Directory.EnumerateFiles(_elsewhere, "*", SearchOption.AllDirectories));
        File.Delete(Path.Combine(_elsewhere, "keys"));
        await RestoreAsync();
        await using var restored = await Office.OpenAsync(folder: _elsewhere);
        Assert.Empty(await restored.ViolatedAsync());
    }

    [Theory]
    [InlineData("-wal")]
    [InlineData("-shm")]
    public async Task What_another_database_has_left_beside_the_file_is_not_mixed_with_it(string suffix)
    {
        Assert.SkipUnless(OfficeStore.For(_elsewhere) is SqliteOffice, "A server has no such files.");
        await using var office = await Office.OpenAsync();
        await office.AskAsync<Backup, BackupManifest>(b => b.WriteAsync(_backup));
        var left = Path.Combine(_elsewhere, "ppid.db" + suffix);
        await File.WriteAllTextAsync(left, "sisa");

        var refused = await Assert.ThrowsAsync<BackupException>(RestoreAsync);

        Assert.Equal(("target-leftover", left), (refused.Code, refused.Subject));
        Assert.Equal([left], Directory.EnumerateFiles(_elsewhere, "*", SearchOption.AllDirectories));
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public async Task A_servers_snapshot_outlives_the_time_that_a_step_may_sit_in_a_transaction()
    {
        Assert.SkipUnless(OfficeStore.IsPostgreSql, "PPID_TEST_PROVIDER=PostgreSql only.");
        await using var office = await Office.OpenAsync();
        await office.WalkToAsync((await office.OpenCaseAsync()).Id, "5a");
        var settings = new NpgsqlConnectionStringBuilder(await office.RowsAsync(db => Task.FromResult(db.Database.GetConnectionString())))
        {
            // Each table that is read again in the copy takes longer than this.
            Options = "-c idle_in_transaction_session_timeout=2",
            Pooling = false
        };
        await using var impatient = Databases.Open(Databases.PostgreSql, settings.ToString());

        var manifest = await new Backup(impatient, Options.Create(new StorageOptions { DataPath = office.Folder }), TimeProvider.System).WriteAsync(_backup);

        Assert.Equal(Databases.PostgreSql, manifest.Provider);
        Directory.Delete(_elsewhere);
    }

    [Fact]
    public async Task Every_row_goes_to_another_database_and_is_compared()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "5a");
        await using var target = OpenTarget();
        await target.Database.MigrateAsync();

        var tables = await office.RowsAsync(async db => await new DatabaseCopy(db, target).RunAsync().ToListAsync());

        Assert.Equal(opened.Number, (await target.Cases.SingleAsync()).Number);
        Assert.Equal(await office.RowsAsync(db => db.AuditRecords.LongCountAsync()), tables.Single(t => t.Name == "AuditRecords").Rows);
        Assert.Contains("Cases", await DatabaseCopy.OccupiedAsync(target));
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public async Task A_copy_that_came_out_different_is_noticed()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        await using var target = OpenTarget();
        await target.Database.MigrateAsync();
        await target.Database.ExecuteSqlRawAsync("CREATE TRIGGER Bend AFTER INSERT ON Cases BEGIN UPDATE Cases SET Title = 'lain' WHERE Id = NEW.Id; END");

        await Assert.ThrowsAsync<CopyDiffersException>(() => office.RowsAsync(async db => await new DatabaseCopy(db, target).RunAsync().ToListAsync()));
        Directory.Delete(_elsewhere, recursive: true);
    }

    private PpidDbContext OpenTarget() => Databases.Open(Databases.Sqlite, $"Data Source={Path.Combine(_elsewhere, "salinan.db")};Pooling=False");

    private async Task RestoreAsync()
    {
        var services = new ServiceCollection();
        OfficeStore.For(_elsewhere).Register(services);
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        await new Backup(scope.ServiceProvider.GetRequiredService<PpidDbContext>(), Options.Create(new StorageOptions { DataPath = _elsewhere }), TimeProvider.System)
            .RestoreAsync(_backup);
    }
}
