using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What may go after a time, what never goes, and that nothing that was tampered with can pass for what retention has removed.</summary>
public class RetentionTests
{
    [Fact]
    public async Task Without_settings_nothing_of_any_record_is_ever_past_its_time()
    {
        await using var office = await OldOfficeAsync(_ => { });
        var before = await TablesAsync(office);

        var readings = await RunAsync(office);

        Assert.All(readings.Where(r => r.Setting is not null), r => Assert.Null(r.Before));
        // But a link that nobody can use any more.
        Assert.Equal("password-reset", (await office.MailAsync()).Single(m => m.ContentRemovedAt is not null).Template);
        Assert.Equal(["Outbox"], Different(before, await TablesAsync(office)));
    }

    [Fact]
    public async Task The_guide_for_operators_has_every_class_in_its_table()
    {
        await using var office = await Office.OpenAsync();
        var names = (await office.AskAsync<RetentionDesk, IReadOnlyList<RetentionReading>>(d => d.CountAsync())).Select(r => r.Name).Distinct();
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PpidWorkflow.sln")))
            root = root.Parent;
        var table = File.ReadLines(Path.Combine(root!.FullName, "docs", "operation.md"))
            .SkipWhile(line => !line.StartsWith("| Class | Setting |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).ToList();

        Assert.All(names, name => Assert.Contains(table, row => row.Split('|')[1].Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_dry_run_counts_what_the_run_removes_and_changes_no_table()
    {
        await using var office = await OldOfficeAsync(All);
        var before = await TablesAsync(office);

        var counted = await office.AskAsync<RetentionDesk, IReadOnlyList<RetentionReading>>(d => d.CountAsync());

        Assert.Empty(Different(before, await TablesAsync(office)));
        foreach (var name in (string[])["mail-bodies", "journal", "audit", "trials", "links"])
            Assert.True(counted.Single(r => r.Name == name).Count.Rows > 0, name);
        Assert.Equal(counted, await RunAsync(office));
        Assert.All(await RunAsync(office), r => Assert.Equal(0, r.Count.Rows));
        Assert.Empty(await office.ViolatedAsync());
        Assert.Equal(["AuditChains", "AuditRecords", "Bookmarks", "Instances", "Journal", "Outbox"], Different(before, await TablesAsync(office)));
    }

    [Fact]
    public async Task Of_a_mail_the_body_goes_and_what_proves_that_somebody_was_told_stays()
    {
        await using var office = await OldOfficeAsync(o => o.MailBodyMonths = 6);
        var (closed, running) = await CasesAsync(office);
        var before = await office.MailAsync();

        await RunAsync(office);

        var after = await office.MailAsync();
        Assert.Equal(before.Count, after.Count);
        foreach (var (was, mail) in before.Zip(after).Where(p => p.First.CaseId == closed))
        {
            Assert.Equal(
                (was.MessageId, was.ToAddress, was.ToName, was.CreatedAt, was.SentAt, was.State, was.Attempts, was.WorkItemId, was.FireRecordId),
                (mail.MessageId, mail.ToAddress, mail.ToName, mail.CreatedAt, mail.SentAt, mail.State, mail.Attempts, mail.WorkItemId, mail.FireRecordId));
            Assert.Equal(("{}", office.Time.GetUtcNow()), (mail.Model, mail.ContentRemovedAt));
        }
        Assert.Contains(after, m => m.CaseId == closed);
        Assert.All(before.Zip(after).Where(p => p.First.CaseId == running), p => Assert.Equal((p.First.Model, null), (p.Second.Model, p.Second.ContentRemovedAt)));
        Assert.Contains(after, m => m.CaseId == running);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Pickup_files_of_removed_bodies_go_with_them_and_no_others()
    {
        await using var office = await OldOfficeAsync(o => o.MailBodyMonths = 6);
        var (closed, running) = await CasesAsync(office);
        var folder = Path.Combine(office.Folder, "mail");
        var files = (await office.MailAsync()).Where(m => m.CaseId == closed || m.CaseId == running).ToLookup(m => m.CaseId, m => Path.Combine(folder, $"{m.MessageId}.eml"));
        System.IO.Directory.CreateDirectory(folder);
        foreach (var file in files.SelectMany(f => f))
            await File.WriteAllTextAsync(file, "isi");

        await RunAsync(office);

        Assert.All(files[closed], f => Assert.False(File.Exists(f)));
        Assert.All(files[running], f => Assert.True(File.Exists(f)));
    }

    [Fact]
    public async Task A_pickup_file_that_a_killed_run_has_left_goes_with_the_next_run()
    {
        await using var office = await OldOfficeAsync(o => o.MailBodyMonths = 6);
        var (closed, running) = await CasesAsync(office);
        await RunAsync(office);
        var folder = System.IO.Directory.CreateDirectory(Path.Combine(office.Folder, "mail")).FullName;
        var files = (await office.MailAsync()).Where(m => m.CaseId == closed || m.CaseId == running).ToLookup(m => m.CaseId, m => Path.Combine(folder, $"{m.MessageId}.eml"));
        foreach (var file in files.SelectMany(f => f).Append(Path.Combine(folder, "asing.eml")))
            await File.WriteAllTextAsync(file, "isi");

        await RunAsync(office);

        Assert.NotEmpty(files[closed]);
        Assert.All(files[closed], f => Assert.False(File.Exists(f)));
        Assert.All(files[running].Append(Path.Combine(folder, "asing.eml")), f => Assert.True(File.Exists(f)));
    }

    [Fact]
    public async Task A_failed_mail_without_content_is_not_sent_again()
    {
        await using var office = await OldOfficeAsync(o => o.MailBodyMonths = 6);
        var (closed, _) = await CasesAsync(office);
        await office.TamperAsync("UPDATE Outbox SET State = 'Failed', LastError = '550' WHERE CaseId IS NOT NULL");
        await RunAsync(office);
        var failed = (await office.MailAsync()).First(m => m.CaseId == closed);

        var again = await office.AskAsync<MailLog, Result<MailLogEntry>>(l => l.RetryAsync(office["admin"], failed.Id));

        Assert.Equal("mail-content-removed", again.Problems[0].Code);
        Assert.Equal(OutboxState.Failed, (await office.MailAsync()).Single(m => m.Id == failed.Id).State);
    }

    [Fact]
    public async Task The_journal_of_a_case_closed_long_ago_goes_whole_and_its_history_stays()
    {
        await using var office = await OldOfficeAsync(o => o.JournalMonths = 6);
        var (closed, running) = await CasesAsync(office);
        var history = (await office.CaseAsync(closed)).Events.Count;
        var lines = await LinesAsync(office, running);

        var reading = (await RunAsync(office)).Single(r => r.Name == "journal");

        Assert.True(reading.Count.Rows > 10);
        Assert.Equal((0, lines), (await LinesAsync(office, closed), await LinesAsync(office, running)));
        var view = await office.CaseAsync(closed);
        Assert.Equal((history, office.Time.GetUtcNow()), (view.Events.Count, view.JournalRemovedAt));
        Assert.Null((await office.CaseAsync(running)).JournalRemovedAt);
        var shown = await office.AskAsync<InstanceReader, (IReadOnlyList<JournalRow> Items, long Total)>(async r => await r.JournalAsync(
            (await r.FindAsync(office[Office.UnitHead], await InstanceAsync(office, closed)))!, new JournalQuery()));
        Assert.Equal("Removed", Assert.Single(shown.Items).EventName);
        Assert.Contains("retention", shown.Items[0].Message, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
        // The running one goes on as if nothing had been.
        await office.CompleteOpenAsync(running);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_audit_of_administration_goes_up_to_an_old_seal_and_the_rest_is_verified_from_there()
    {
        await using var office = await OldOfficeAsync(o =>
        {
            o.AuditMonths = 12;
            o.BatchRows = 2;
        });
        var cases = await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Chain != AuditTrail.Administration));
        var before = await AdministrationAsync(office);

        var reading = (await RunAsync(office)).Single(r => r.Name == "audit");

        var after = await AdministrationAsync(office);
        // In several commits: each adds its record, and the chain goes on from the last head that an old seal names.
        var removals = after.Where(r => r.Action == AuditRemoval.Action).ToList();
        Assert.True(removals.Count > 1, "one batch");
        Assert.Equal(after[0].Sequence - 1, AuditRemoval.Of(removals[^1])!.Through);
        Assert.Equal(before.Count - reading.Count.Rows + removals.Count, after.Count);
        Assert.Contains("JRA uji", removals[^1].Data, StringComparison.Ordinal);
        Assert.Equal(cases, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Chain != AuditTrail.Administration)));
        Assert.Empty(await office.ViolatedAsync());

        // The removal itself is sealed, and in its time removed as well; what then stands is still whole.
        await office.AskAsync<AuditSealer, bool>(s => s.SealAsync(CancellationToken.None));
        await NoteAsync(office, 2);
        office.Time.Advance(TimeSpan.FromDays(500));
        await RunAsync(office);
        Assert.DoesNotContain(await AdministrationAsync(office), r => r.Sequence == removals[^1].Sequence);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("DELETE FROM AuditRecords WHERE Chain = 'administration' AND Sequence <= {0} + 1", "administration")]
    [InlineData("DELETE FROM AuditRecords WHERE Chain = 'administration' AND Action = 'audit-removed'", "administration")]
    [InlineData("UPDATE AuditRecords SET Actor = 'orang.lain' WHERE Chain = 'administration' AND Action = 'audit-removed'", "administration")]
    [InlineData("UPDATE AuditRecords SET Data = replace(Data, '\"seal\":', '\"seal\":9') WHERE Action = 'audit-removed'", "administration")]
    [InlineData("DELETE FROM AuditSeals WHERE Sequence = 1", "seal:2")]
    [InlineData("UPDATE AuditSeals SET Heads = replace(Heads, 'administration', 'lain') WHERE Sequence = 1", "seal:1")]
    [InlineData("DELETE FROM AuditRecords WHERE Chain LIKE 'case:%' AND Sequence <= 2", "case:")]
    public async Task What_was_taken_out_besides_does_not_pass_for_retention(string sql, string named)
    {
        await using var office = await OldOfficeAsync(o => o.AuditMonths = 12);
        await RunAsync(office);
        Assert.Empty(await office.ViolatedAsync());
        var through = (await AdministrationAsync(office))[0].Sequence - 1;

        await office.TamperAsync(sql.Replace("{0}", through.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

        Assert.Contains(await BlamedAsync(office, "audit-chains"), name => name.StartsWith(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recent_acts_cannot_be_made_to_look_like_retention_by_a_record_that_says_so()
    {
        await using var office = await OldOfficeAsync(_ => { });
        await NoteAsync(office, 3);
        await office.AskAsync<AuditSealer, bool>(s => s.SealAsync(CancellationToken.None));
        var records = await AdministrationAsync(office);
        var seal = await office.RowsAsync(db => db.AuditSeals.OrderByDescending(s => s.Sequence).FirstAsync());
        Assert.Contains(records[^1].Hash, seal.Heads, StringComparison.Ordinal);

        // A good record in the right chain, with the right hash and an existing seal: but one of today.
        await CommitAsync(office, AuditRemoval.Action, new JsonObject { ["through"] = records[^1].Sequence, ["hash"] = records[^1].Hash, ["seal"] = seal.Sequence });
        await office.TamperAsync($"DELETE FROM AuditRecords WHERE Chain = 'administration' AND Sequence <= {records[^1].Sequence}");

        Assert.Contains(AuditTrail.Administration, await BlamedAsync(office, "audit-chains"));
    }

    [Fact]
    public async Task What_was_tampered_with_before_is_not_removed_and_stays_named()
    {
        await using var office = await OldOfficeAsync(o => o.AuditMonths = 12);
        var count = (await AdministrationAsync(office)).Count;
        await office.TamperAsync("UPDATE AuditRecords SET Actor = 'orang.lain' WHERE Chain = 'administration' AND Sequence = 2");

        var reading = (await RunAsync(office)).Single(r => r.Name == "audit");

        Assert.Equal(("audit-broken", 0), (reading.Refusal, reading.Count.Rows));
        Assert.Equal(count, (await AdministrationAsync(office)).Count);
        Assert.Contains("audit-chains", await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("UPDATE Outbox SET ContentRemovedAt = '2026-11-23 02:00:00' WHERE CaseId IS NOT NULL")]
    [InlineData("DELETE FROM Journal")]
    [InlineData("UPDATE Instances SET JournalRemovedAt = '2026-11-23 02:00:00'")]
    public async Task What_is_gone_without_a_mark_or_marked_without_being_gone_is_named(string sql)
    {
        await using var office = await OldOfficeAsync(All);
        await RunAsync(office);
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql);

        Assert.Contains("removed-is-marked", await office.ViolatedAsync());
    }

    [Fact]
    public async Task Links_that_nobody_can_use_any_more_go_with_the_hourly_housekeeping()
    {
        await using var office = await Office.OpenAsync();
        await AccountMailAsync(office);
        await office.TamperAsync("UPDATE Outbox SET State = 'Failed', LastError = '550'");
        await HousekeepAsync(office);
        Assert.Contains("token", (await office.MailAsync()).Single().Model, StringComparison.Ordinal);

        office.Time.Advance(TimeSpan.FromHours(25));
        await HousekeepAsync(office);

        Assert.Equal(("{}", office.Time.GetUtcNow()), ((await office.MailAsync()).Single().Model, (await office.MailAsync()).Single().ContentRemovedAt));
        Assert.Empty(await office.ViolatedAsync());
    }

    private static void All(RetentionOptions options)
    {
        options.MailBodyMonths = options.JournalMonths = options.TrialMonths = 6;
        options.AuditMonths = 12;
        options.BatchRows = 15;
    }

    // 14 months ago: a case that was closed, one that still runs, a trial, a failed link, and acts of administration under several seals.
    private static async Task<Office> OldOfficeAsync(Action<RetentionOptions> change)
    {
        var office = await Office.OpenAsync(
            change: services => services.Configure<RetentionOptions>(o =>
            {
                o.Basis = "JRA uji 1/2026";
                change(o);
            }),
            roster: people => people.Add("pengelola", "Pengelola SOP", null, Roles.SopManager));
        var closed = await office.OpenCaseAsync();
        for (var i = 0; (await office.CaseAsync(closed.Id)).ClosedAt is null; i++)
        {
            Assert.True(i < 20);
            await office.CompleteOpenAsync(closed.Id);
        }
        await office.OpenCaseAsync("Yang berjalan");
        await AccountMailAsync(office);
        await office.TamperAsync("UPDATE Outbox SET State = 'Sent', SentAt = CreatedAt WHERE CaseId IS NOT NULL");
        await office.TamperAsync("UPDATE Outbox SET State = 'Failed', LastError = '550' WHERE CaseId IS NULL");
        var definition = await office.RowsAsync(db => db.DefinitionVersions.Select(v => v.DefinitionId).FirstAsync());
        var trial = await office.AskAsync<TrialDesk, Result<IReadOnlyList<Guid>>>(async d => await d.StartAsync(office["pengelola"], new TrialRequest(definition)));
        Assert.True(trial.Succeeded, trial.Succeeded ? "" : trial.Problems[0].Code);
        for (var i = 0; i < 3; i++)
        {
            await NoteAsync(office, 2);
            Assert.True(await office.AskAsync<AuditSealer, bool>(s => s.SealAsync(CancellationToken.None)));
            office.Time.Advance(TimeSpan.FromHours(1));
        }
        office.Time.Advance(TimeSpan.FromDays(426));
        await office.FireAsync();
        await NoteAsync(office, 1);
        await office.AskAsync<AuditSealer, bool>(s => s.SealAsync(CancellationToken.None));
        return office;
    }

    private static Task<OutboxMessage> AccountMailAsync(Office office) => office.InScopeAsync(async services =>
    {
        OutboxMessage? made = null;
        await services.Get<Committer>().RunAsync<bool>(() =>
        {
            made = services.Get<Outbox>().Add(
                "password-reset", null, new MailAddressee("admin@ppid.example", "Administrator", office["admin"].Id),
                new Dictionary<string, object?> { ["link"] = "https://ppid.example/account?token=rahasia" });
            return Task.FromResult<Result<bool>>(true);
        });
        return made!;
    });

    private static async Task NoteAsync(Office office, int records)
    {
        for (var i = 0; i < records; i++)
            await CommitAsync(office, "uji", new JsonObject { ["i"] = i });
    }

    private static Task<Result<bool>> CommitAsync(Office office, string action, JsonObject data) => office.InScopeAsync(services =>
        services.Get<Committer>().RunAsync<bool>(() =>
        {
            services.Get<AuditTrail>().Add(AuditTrail.Administration, "admin", action, data.DeepClone().AsObject());
            return Task.FromResult<Result<bool>>(true);
        }));

    private static Task<bool> HousekeepAsync(Office office) => office.AskAsync<HousekeepingJob, bool>(async job =>
    {
        await job.RunAsync(CancellationToken.None);
        return true;
    });

    private static Task<IReadOnlyList<RetentionReading>> RunAsync(Office office) =>
        office.AskAsync<RetentionDesk, IReadOnlyList<RetentionReading>>(d => d.RunAsync());

    private static async Task<(Guid Closed, Guid Running)> CasesAsync(Office office) => (
        await office.RowsAsync(db => db.Cases.Where(c => c.ClosedAt != null).Select(c => c.Id).SingleAsync()),
        await office.RowsAsync(db => db.Cases.Where(c => c.ClosedAt == null).Select(c => c.Id).SingleAsync()));

    private static Task<Guid> InstanceAsync(Office office, Guid caseId) =>
        office.RowsAsync(db => db.Cases.Where(c => c.Id == caseId).Select(c => c.InstanceId).SingleAsync());

    private static Task<int> LinesAsync(Office office, Guid caseId) =>
        office.RowsAsync(db => db.Journal.CountAsync(j => db.Cases.Any(c => c.Id == caseId && c.InstanceId == j.InstanceId)));

    private static Task<List<AuditRecord>> AdministrationAsync(Office office) => office.RowsAsync(db =>
        db.AuditRecords.AsNoTracking().Where(r => r.Chain == AuditTrail.Administration).OrderBy(r => r.Sequence).ToListAsync());

    private static async Task<IReadOnlyList<string>> BlamedAsync(Office office, string guarantee) =>
        (await office.AskAsync<Guarantees, IReadOnlyList<GuaranteeReading>>(g => g.ReadAsync(deep: true))).Single(g => g.Name == guarantee).Examples;

    /// <summary>Every row of every table.</summary>
    private static Task<Dictionary<string, string>> TablesAsync(Office office) => office.RowsAsync(async db =>
    {
        var tables = new Dictionary<string, string>();
        await db.Database.OpenConnectionAsync();
        foreach (var table in db.Model.GetEntityTypes().Select(t => t.GetTableName()!).Distinct().Order(StringComparer.Ordinal))
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table}\"";
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
            tables[table] = string.Join('\n', rows.Order(StringComparer.Ordinal));
        }
        return tables;
    });

    private static List<string> Different(Dictionary<string, string> before, Dictionary<string, string> after) =>
        [.. before.Where(t => after[t.Key] != t.Value).Select(t => t.Key)];
}
