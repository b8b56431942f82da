using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>For each invariant of design.md §6: break one row, and it is named.</summary>
public class GuaranteeTests
{
    [Theory]
    [InlineData("open-items-have-clocks", "UPDATE StepClocks SET State = 'Closed' WHERE Id = (SELECT ClockId FROM WorkItems WHERE Closure = 'Open')")]
    [InlineData("open-items-have-clocks", "UPDATE StepClocks SET NextFireAt = NULL WHERE State = 'Running'")]
    [InlineData("due-rungs-fired", "UPDATE StepClocks SET NextFireAt = '2026-11-23 00:00:00' WHERE State = 'Running'")]
    [InlineData("fires-have-mails", "DELETE FROM Outbox WHERE FireRecordId IS NOT NULL")]
    [InlineData("fires-have-mails", "UPDATE Outbox SET ToAddress = 'lain@ppid.example' WHERE FireRecordId IS NOT NULL")]
    [InlineData("outbox-moves", "UPDATE Outbox SET State = 'Sent' WHERE State = 'Pending'")]
    [InlineData("outbox-moves", "UPDATE Outbox SET NextAttemptAt = '2026-11-23 00:00:00' WHERE State = 'Pending'")]
    [InlineData("outbox-moves", "UPDATE Outbox SET NextAttemptAt = '2036-11-23 00:00:00' WHERE State = 'Pending'")]
    [InlineData("cases-can-go-on", "DELETE FROM Bookmarks")]
    [InlineData("cases-can-go-on", "UPDATE Cases SET State = 'Faulted'")]
    [InlineData("items-have-bookmarks", "UPDATE WorkItems SET BookmarkId = 'lain' WHERE Closure = 'Open'")]
    [InlineData("items-have-bookmarks", "UPDATE WorkItems SET Closure = 'Cancelled' WHERE Closure = 'Open'")]
    [InlineData("one-version-in-force", """
        INSERT INTO DefinitionVersions (Id, DefinitionId, Version, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, Revision)
        SELECT '01990000-0000-7000-8000-000000000000', DefinitionId, Version + 1, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, 0
        FROM DefinitionVersions
        """)]
    [InlineData("versions-sound", "UPDATE DefinitionVersions SET Content = replace(Content, 'Ppid.HandOver', 'Ppid.Lama')")]
    [InlineData("versions-sound", "UPDATE DefinitionVersions SET Content = 'rusak', State = 'Superseded'")]
    [InlineData("cached-instants", "UPDATE StepClocks SET DueAt = '2026-11-30 03:00:00' WHERE State = 'Running'")]
    [InlineData("cached-instants", "UPDATE StepClocks SET ConsumedMs = ConsumedMs + 1 WHERE State = 'Running'")]
    [InlineData("paused-clocks", "UPDATE StepClocks SET PausedAt = '2026-11-23 00:00:00' WHERE State = 'Running'")]
    [InlineData("actual-times", "UPDATE WorkItems SET ActualClosedAt = ReceivedAt WHERE Closure = 'Completed'")]
    [InlineData("lists-find-cases", "UPDATE WorkItems SET CaseCreatedAt = '2026-11-04 01:00:00'")]
    [InlineData("lists-find-cases", "UPDATE WorkItems SET ClosedById = CaseId WHERE Closure = 'Completed'")]
    [InlineData("lists-find-cases", "UPDATE Outbox SET CaseCreatedAt = NULL WHERE FireRecordId IS NOT NULL")]
    [InlineData("audit-chains", "UPDATE AuditRecords SET Actor = 'orang.lain' WHERE Sequence = 2")]
    [InlineData("audit-chains", "DELETE FROM AuditRecords WHERE Sequence = 1")]
    [InlineData("audit-chains", "UPDATE AuditChains SET Head = 'ff'")]
    [InlineData("audit-chains", "UPDATE AuditSeals SET Heads = '[]'")]
    public async Task A_broken_row_is_named(string guarantee, string sql)
    {
        await using var office = await OfficeAtWorkAsync();
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(sql.Replace("{", "{{").Replace("}", "}}"));

        Assert.Contains(guarantee, await office.ViolatedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_or_missing_vault_file_is_named(bool missing)
    {
        await using var office = await OfficeAtWorkAsync();
        var file = System.IO.Directory.GetFiles(Path.Combine(office.Folder, "vault"), "*", SearchOption.AllDirectories).Single();

        if (missing)
            File.Delete(file);
        else
            await File.WriteAllTextAsync(file, "ISI");

        Assert.Equal(["vault-files"], await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_came_due_after_the_last_beat_of_a_node_is_no_fault_of_that_node()
    {
        await using var office = await OfficeAtWorkAsync();
        var lastBeat = office.Time.GetUtcNow().AddSeconds(-20);
        await office.RowsAsync(async db =>
        {
            db.NodeHeartbeats.Single().LastBeatAt = lastBeat;
            return await db.SaveChangesAsync();
        });

        await office.TamperAsync($"UPDATE StepClocks SET NextFireAt = '{lastBeat.AddSeconds(1).UtcDateTime:yyyy-MM-dd HH:mm:ss}' WHERE State = 'Running'");

        Assert.DoesNotContain("due-rungs-fired", await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_whole_chain_rewritten_with_good_hashes_still_differs_from_its_seal()
    {
        await using var office = await OfficeAtWorkAsync();
        await office.RowsAsync(async db =>
        {
            var previous = AuditTrail.Genesis;
            foreach (var chain in db.AuditChains.Where(c => c.Name != AuditTrail.Administration).ToList())
            {
                foreach (var record in db.AuditRecords.Where(r => r.Chain == chain.Name).OrderBy(r => r.Sequence).ToList())
                {
                    db.AuditRecords.Remove(record);
                    await db.SaveChangesAsync();
                    var hash = AuditTrail.HashOf(previous, record.Chain, record.Sequence, record.At, "pemalsu", record.Action, record.Data);
                    db.AuditRecords.Add(new AuditRecord
                    {
                        Chain = record.Chain,
                        Sequence = record.Sequence,
                        At = record.At,
                        Actor = "pemalsu",
                        Action = record.Action,
                        Data = record.Data,
                        PreviousHash = previous,
                        Hash = hash
                    });
                    previous = chain.Head = hash;
                }
            }
            return await db.SaveChangesAsync();
        });

        Assert.Equal(["audit-chains"], await office.ViolatedAsync());
    }

    // A case in step 2 with a file, a fired warning, a seal, and a node that lives.
    private static async Task<Office> OfficeAtWorkAsync()
    {
        var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi");
        await office.AdvanceAsync(TimeSpan.FromMinutes(12));
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        await office.AdvanceAsync(TimeSpan.FromMinutes(3));
        await office.AskAsync<AuditSealer, bool>(s => s.SealAsync(CancellationToken.None));
        await office.RowsAsync(async db =>
        {
            db.NodeHeartbeats.Add(new NodeHeartbeat
            {
                NodeId = "uji",
                StartedAt = office.Time.GetUtcNow().AddHours(-1),
                LastBeatAt = office.Time.GetUtcNow()
            });
            return await db.SaveChangesAsync();
        });
        return office;
    }
}
