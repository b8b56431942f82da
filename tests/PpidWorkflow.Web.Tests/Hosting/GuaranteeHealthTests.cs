using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>Breaks one row after the other and reads over HTTP which invariant is broken, with its figure (issue 4, design.md §6).</summary>
public sealed class GuaranteeHealthTests(TestService service) : IClassFixture<TestService>
{
    /// <summary>Guarantee, table, and what breaks a row of it.</summary>
    private static readonly (string Guarantee, string Table, string Sql)[] Faults =
    [
        ("open-items-have-clocks", "StepClocks", "UPDATE StepClocks SET State = 'Closed' WHERE Id IN (SELECT ClockId FROM WorkItems WHERE Closure = 'Open')"),
        ("due-rungs-fired", "StepClocks", "UPDATE StepClocks SET NextFireAt = '2026-03-02 01:00:00' WHERE State = 'Closed'"),
        ("fires-have-mails", "FireRecords", "UPDATE FireRecords SET Addressees = '[\"siapa@ppid.example\"]'"),
        ("fires-have-acts", "FireRecords", "UPDATE FireRecords SET Action = 'AddHelper', OfficerId = (SELECT ClosedById FROM WorkItems WHERE ClosedById IS NOT NULL LIMIT 1)"),
        ("outbox-moves", "Outbox", "UPDATE Outbox SET State = 'Sent', SentAt = NULL"),
        ("digests-once", "Outbox", "UPDATE Outbox SET Template = 'digest' WHERE OfficerId IS NOT NULL"),
        ("cases-can-go-on", "Cases", "UPDATE Cases SET State = 'Faulted'"),
        ("timers-stand", "Bookmarks", "INSERT INTO Bookmarks (Id, InstanceId, Name, ActivityId, DueAt, CreatedAt) VALUES ('x', '01990000-0000-7000-8000-000000000000', 'Elsa.Delay', 'D', '2036-03-05 03:00:00', '2026-03-02 01:00:00')"),
        ("due-timers-resumed", "Bookmarks", "INSERT INTO Bookmarks (Id, InstanceId, Name, ActivityId, DueAt, CreatedAt) VALUES ('x', '01990000-0000-7000-8000-000000000000', 'Elsa.Delay', 'D', '2026-03-02 01:00:00', '2026-03-02 01:00:00')"),
        ("children-report", "Bookmarks", "INSERT INTO Bookmarks (Id, InstanceId, Name, ActivityId, CreatedAt) VALUES ('x', '01990000-0000-7000-8000-000000000000', 'Elsa.ExecuteWorkflow', 'X', '2026-03-02 01:00:00')"),
        ("events-arrive", "Bookmarks", "INSERT INTO Bookmarks (Id, InstanceId, Name, ActivityId, EventName, EventId, CreatedAt) VALUES ('x', '01990000-0000-7000-8000-000000000000', 'Elsa.Event', 'E', 'x', '01990000-0000-7000-8000-000000000000', '2026-03-02 01:00:00')"),
        ("triggers-stand", "Triggers", "INSERT INTO Triggers (Id, DefinitionId, DefinitionVersionId, ActivityId, Since, Revision) SELECT Id, DefinitionId, Id, 'E', CreatedAt, 0 FROM DefinitionVersions LIMIT 1"),
        ("alterations-add-up", "AlterationPlans", "INSERT INTO AlterationPlans (Id, Alterations, OrderedBy, OrderedByName, OfCases, Jobs, Done, CreatedAt, Revision) VALUES ('01990000-0000-7000-8000-000000000000', '[]', 'x', 'x', 0, 1, 0, '2026-03-02 01:00:00', 0)"),
        ("items-have-bookmarks", "WorkItems", "UPDATE WorkItems SET BookmarkId = 'lain' WHERE Closure = 'Open'"),
        ("one-version-in-force", "DefinitionVersions", """
            INSERT INTO DefinitionVersions (Id, DefinitionId, Version, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, Revision)
            SELECT '01990000-0000-7000-8000-000000000000', DefinitionId, Version + 1, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, 0
            FROM DefinitionVersions WHERE State = 'InForce' LIMIT 1
            """),
        ("versions-sound", "DefinitionVersions", "UPDATE DefinitionVersions SET Content = replace(Content, 'Ppid.HandOver', 'Ppid.Lama')"),
        ("cached-instants", "StepClocks", "UPDATE StepClocks SET DueAt = '2026-03-05 03:00:00' WHERE State = 'Running'"),
        ("paused-clocks", "StepClocks", "UPDATE StepClocks SET PausedAt = '2026-03-02 01:00:00' WHERE State = 'Running'"),
        ("actual-times", "WorkItems", "UPDATE WorkItems SET ActualClosedAt = ReceivedAt WHERE Closure = 'Completed'"),
        ("outages-are-credited", "StepClocks", "UPDATE StepClocks SET CreditedMs = CreditedMs + 1 WHERE State = 'Running'"),
        ("audit-chains", "AuditChains", "UPDATE AuditChains SET Head = 'ff' WHERE Name LIKE 'case:%'"),
        ("vault-files", "DossierFiles", "UPDATE DossierFiles SET Size = Size + 1"),
        ("acts-within-appointments", "WorkItems", "UPDATE WorkItems SET AppointmentId = '01990000-0000-7000-8000-000000000000' WHERE Closure = 'Completed'"),
        ("removed-is-marked", "Outbox", "UPDATE Outbox SET ContentRemovedAt = CreatedAt"),
        ("lists-find-cases", "WorkItems", "UPDATE WorkItems SET CaseCreatedAt = '2026-02-04 01:00:00'"),
        // Nothing has been read deeply yet.
        ("everything-read-lately", "NodeHeartbeats", "UPDATE NodeHeartbeats SET StartedAt = '2026-02-20 01:00:00'"),
        ("one-acting-per-post", "ActingAppointments", "UPDATE ActingAppointments SET LastDay = '2026-02-04'")
    ];

    [Fact]
    public async Task Every_invariant_is_named_with_its_figure_when_one_of_its_rows_is_broken_and_whole_again_when_it_is_mended()
    {
        await ACaseInStepTwoAsync();
        await service.OfDatabaseAsync(db => db.ServiceFacts.Where(f => f.Name.StartsWith("guarantees-deep")).ExecuteDeleteAsync());
        using var client = service.CreateClient();
        var (status, health) = await ReadAsync(client);
        Assert.Equal((HttpStatusCode.OK, "ok"), (status, health.GetProperty("status").GetString()));
        Assert.Equal(
            health.GetProperty("guarantees").EnumerateArray().Select(g => g.GetProperty("name").GetString()!).Order(StringComparer.Ordinal),
            Faults.Select(f => f.Guarantee).Order(StringComparer.Ordinal));

        foreach (var (guarantee, table, sql) in Faults)
        {
            await OfFileAsync($"CREATE TABLE Spare AS SELECT * FROM {table}", sql);
            (status, health) = await ReadAsync(client);
            await OfFileAsync($"DELETE FROM {table}", $"INSERT INTO {table} SELECT * FROM Spare", "DROP TABLE Spare");

            var broken = health.GetProperty("guarantees").EnumerateArray().Single(g => g.GetProperty("name").GetString() == guarantee);
            Assert.True(broken.GetProperty("violations").GetInt64() > 0, guarantee);
            Assert.NotEmpty(broken.GetProperty("examples").EnumerateArray());
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "violated"), (status, health.GetProperty("status").GetString()));
        }
        (status, _) = await ReadAsync(client);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task What_is_old_is_left_to_the_nightly_reading_whose_instant_and_findings_are_shown()
    {
        await ACaseInStepTwoAsync();
        using var client = service.CreateClient();
        var now = service.Time.GetUtcNow();
        await service.OfDatabaseAsync(async db =>
        {
            var known = db.FireRecords.First();
            db.FireRecords.Add(new FireRecord
            {
                Id = Guid.CreateVersion7(now.AddDays(-30)),
                ClockId = known.ClockId,
                CaseId = known.CaseId,
                Rung = 98,
                Repetition = 1,
                DueAt = now.AddDays(-30),
                FiredAt = now.AddDays(-30),
                Addressees = "[\"siapa@ppid.example\"]"
            });
            return await db.SaveChangesAsync();
        });

        var (status, health) = await ReadAsync(client);
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null), (status, health.GetProperty("deep").ValueKind));

        await WalkAsync();
        (status, health) = await ReadAsync(client);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(1, health.GetProperty("deep").GetProperty("violations").GetInt64());
        Assert.True(health.GetProperty("deep").GetProperty("takenAt").GetDateTimeOffset() >= now);
        Assert.Equal(
            "fires-have-mails",
            health.GetProperty("guarantees").EnumerateArray().Single(g => g.GetProperty("violations").GetInt64() > 0).GetProperty("name").GetString());

        await service.OfDatabaseAsync(async db =>
        {
            db.FireRecords.Remove(db.FireRecords.Single(f => f.Rung == 98));
            return await db.SaveChangesAsync();
        });
        await WalkAsync();
        (status, health) = await ReadAsync(client);
        Assert.Equal((HttpStatusCode.OK, 0), (status, health.GetProperty("deep").GetProperty("violations").GetInt64()));
    }

    private async Task WalkAsync()
    {
        await using var scope = service.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<GuaranteeWatch>().CheckDeeplyAsync();
    }

    // Step 1 done, a file in step 2, a fired rung, two appointments of the past, a node that has lived for an hour.
    private async Task ACaseInStepTwoAsync()
    {
        if (await service.OfDatabaseAsync(db => db.Cases.AnyAsync()))
            return;
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        });
        var id = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        var first = (await head.GetFromJsonAsync<JsonElement>("/api/v1/tasks?mine=true&state=open")).GetProperty("items")[0];
        using var done = await head.PostAsJsonAsync(
            $"/api/v1/tasks/{first.GetProperty("id").GetString()}/complete", new { revision = first.GetProperty("revision").GetInt32(), assignTo = "petugas.informasi" });
        done.EnsureSuccessStatusCode();
        using var officer = await service.ApiClientAsync("petugas.informasi");
        var second = (await officer.GetFromJsonAsync<JsonElement>("/api/v1/tasks?mine=true&state=open")).GetProperty("items")[0];
        using var part = new ByteArrayContent("%PDF-1.4 isi"u8.ToArray());
        part.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        using var form = new MultipartFormDataContent { { part, "file", "berkas.pdf" } };
        using var uploaded = await officer.PostAsync($"/api/v1/tasks/{second.GetProperty("id").GetString()}/files", form);
        uploaded.EnsureSuccessStatusCode();
        var now = service.Time.GetUtcNow();
        await service.OfDatabaseAsync(async db =>
        {
            var clock = db.StepClocks.First(c => c.State == ClockState.Running);
            var officers = db.Users.OrderBy(o => o.Id).Select(o => o.Id).Take(2).ToList();
            db.FireRecords.Add(new FireRecord { Id = Guid.CreateVersion7(now), ClockId = clock.Id, CaseId = id, Rung = 99, Repetition = 1, DueAt = now, FiredAt = now });
            foreach (var (officer, day) in officers.Zip([1, 3]))
            {
                db.ActingAppointments.Add(new ActingAppointment
                {
                    Id = Guid.CreateVersion7(now),
                    OfficerId = officer,
                    Role = Roles.InformationHead,
                    Capacity = ActingCapacity.Plh,
                    LetterNumber = "800/1",
                    FirstDay = new DateOnly(2026, 2, day),
                    LastDay = new DateOnly(2026, 2, day + 1),
                    RecordedBy = "admin",
                    RecordedAt = now.AddDays(-60)
                });
            }
            db.NodeHeartbeats.Add(new NodeHeartbeat { NodeId = "uji", StartedAt = now.AddHours(-1), LastBeatAt = now });
            return await db.SaveChangesAsync();
        });
    }

    // The reading of the last seconds is shared: the next one is asked later.
    private async Task<(HttpStatusCode Status, JsonElement Health)> ReadAsync(HttpClient client)
    {
        service.Time.Advance(TimeSpan.FromSeconds(6));
        using var answer = await client.GetAsync("/health/guarantees");
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task OfFileAsync(params string[] statements)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(service.DataPath, "ppid.db")};Foreign Keys=False");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var statement in statements)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = (SqliteTransaction)transaction;
            command.CommandText = statement;
            await command.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }
}
