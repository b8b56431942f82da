using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>The service notices by itself that an invariant is broken, and says so once (issue 4).</summary>
public class GuaranteeWatchTests
{
    [Theory]
    [InlineData("open-items-have-clocks", "UPDATE StepClocks SET State = 'Closed', NextFireAt = NULL, DueAt = NULL WHERE Id = (SELECT ClockId FROM WorkItems WHERE Closure = 'Open')")]
    [InlineData("due-rungs-fired", "UPDATE StepClocks SET NextFireAt = '2026-11-23 00:00:00' WHERE State = 'Running'")]
    [InlineData("fires-have-mails", "DELETE FROM Outbox WHERE FireRecordId IS NOT NULL")]
    [InlineData("outbox-moves", "UPDATE Outbox SET NextAttemptAt = '2036-11-23 00:00:00' WHERE State = 'Pending'")]
    [InlineData("cases-can-go-on", "UPDATE Cases SET State = 'Faulted'")]
    [InlineData("timers-stand", "UPDATE Bookmarks SET DueAt = '2036-11-23 00:00:00'")]
    [InlineData("due-timers-resumed", "UPDATE Bookmarks SET DueAt = '2026-11-23 00:00:00'")]
    [InlineData("children-report", "UPDATE Bookmarks SET Name = 'Elsa.ExecuteWorkflow'")]
    [InlineData("events-arrive", "UPDATE Bookmarks SET EventName = 'x', EventId = InstanceId")]
    [InlineData("triggers-stand", "INSERT INTO Triggers (Id, DefinitionId, DefinitionVersionId, ActivityId, Since, Revision) SELECT Id, DefinitionId, Id, 'E', CreatedAt, 0 FROM DefinitionVersions")]
    [InlineData("alterations-add-up", "INSERT INTO AlterationPlans (Id, Alterations, OrderedBy, OrderedByName, OfCases, Jobs, Done, CreatedAt, Revision) SELECT Id, '[]', 'x', 'x', 0 = 1, 1, 0, CreatedAt, 0 FROM DefinitionVersions")]
    [InlineData("items-have-bookmarks", "UPDATE WorkItems SET BookmarkId = 'lain' WHERE Closure = 'Open'")]
    [InlineData("one-version-in-force", """
        INSERT INTO DefinitionVersions (Id, DefinitionId, Version, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, Revision)
        SELECT '01990000-0000-7000-8000-000000000000', DefinitionId, Version + 1, Name, Content, ContentHash, State, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Authors, 0
        FROM DefinitionVersions
        """)]
    [InlineData("versions-sound", "UPDATE DefinitionVersions SET Content = replace(Content, 'Ppid.HandOver', 'Ppid.Lama')")]
    [InlineData("cached-instants", "UPDATE StepClocks SET DueAt = '2026-11-30 03:00:00' WHERE State = 'Running'")]
    [InlineData("outages-are-credited", "UPDATE StepClocks SET CreditedMs = CreditedMs + 1 WHERE State = 'Running'")]
    [InlineData("audit-chains", "UPDATE AuditChains SET Head = 'ff'")]
    [InlineData("vault-files", "UPDATE DossierFiles SET Size = Size + 1")]
    [InlineData("fires-have-acts", "UPDATE FireRecords SET Action = 'AddHelper', OfficerId = (SELECT ClosedById FROM WorkItems WHERE ClosedById IS NOT NULL LIMIT 1)")]
    [InlineData("digests-once", "UPDATE Outbox SET Template = 'digest' WHERE FireRecordId IS NOT NULL")]
    [InlineData("paused-clocks", "UPDATE StepClocks SET PausedAt = '2026-11-23 00:00:00' WHERE State = 'Running'")]
    [InlineData("actual-times", "UPDATE WorkItems SET ActualClosedAt = ReceivedAt WHERE Closure = 'Completed'")]
    [InlineData("acts-within-appointments", "UPDATE WorkItems SET AppointmentId = (SELECT Id FROM ActingAppointments LIMIT 1) WHERE Closure = 'Completed'")]
    [InlineData("removed-is-marked", "UPDATE Outbox SET ContentRemovedAt = CreatedAt")]
    [InlineData("lists-find-cases", "UPDATE WorkItems SET CaseCreatedAt = '2026-11-04 01:00:00'")]
    [InlineData("everything-read-lately", "UPDATE NodeHeartbeats SET StartedAt = '2026-11-22 18:00:00'")]
    [InlineData("one-acting-per-post", "UPDATE ActingAppointments SET LastDay = '2026-11-04'")]
    public async Task A_broken_row_opens_one_incident_and_owes_one_mail(string guarantee, string sql)
    {
        await using var office = await OfficeAtWorkAsync();
        Assert.Empty(await CheckAsync(office));
        Assert.Equal(0, await office.RowsAsync(db => db.GuaranteeIncidents.CountAsync()));

        await office.TamperAsync(sql.Replace("{", "{{").Replace("}", "}}"));
        Assert.Contains(guarantee, await CheckAsync(office));
        await CheckAsync(office);

        var incident = await office.RowsAsync(db => db.GuaranteeIncidents.SingleAsync(i => i.Guarantee == guarantee));
        Assert.Equal((office.Time.GetUtcNow(), null), (incident.OpenedAt, incident.ClosedAt));
        var mail = Assert.Single(await office.MailAsync(), m => m.Template == "guarantee-broken" && m.Model.Contains($"\"{guarantee}\"", StringComparison.Ordinal));
        Assert.Equal("admin@ppid.example", mail.ToAddress);
    }

    /// <summary>A new guarantee without a row above is no guarantee: nobody has seen it broken.</summary>
    [Fact]
    public async Task Every_guarantee_has_a_test_that_breaks_one_of_its_rows()
    {
        await using var office = await Office.OpenAsync();
        var known = await office.AskAsync<Guarantees, IEnumerable<GuaranteeReading>>(async g => (await g.ReadAsync(deep: true)).UnionBy(await g.ReadRecentAsync(), r => r.Name));
        var broken = typeof(GuaranteeWatchTests).GetMethod(nameof(A_broken_row_opens_one_incident_and_owes_one_mail))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(row => (string)row.Data[0]!);

        Assert.Equal(known.Select(g => g.Name).Order(StringComparer.Ordinal), broken.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_incident_closes_when_all_is_whole_again_and_the_next_one_is_another()
    {
        await using var office = await OfficeAtWorkAsync();
        var due = (await office.RowsAsync(db => db.StepClocks.SingleAsync(c => c.State == ClockState.Running))).DueAt!.Value;
        await office.TamperAsync("UPDATE StepClocks SET DueAt = '2026-11-30 03:00:00' WHERE State = 'Running'");
        await CheckAsync(office);
        var mend = FormattableString.Invariant($"UPDATE StepClocks SET DueAt = '{due.UtcDateTime:yyyy-MM-dd HH:mm:ss}' WHERE State = 'Running'");
        office.Time.Advance(TimeSpan.FromSeconds(30));
        await office.TamperAsync(mend);

        Assert.Empty(await CheckAsync(office));
        await CheckAsync(office);

        var first = await office.RowsAsync(db => db.GuaranteeIncidents.SingleAsync());
        Assert.Equal((office.Time.GetUtcNow(), 0L, 1L), (first.ClosedAt, first.Violations, first.MostViolations));
        Assert.Single(await office.MailAsync(), m => m.Template == "guarantee-whole");
        await office.TamperAsync("UPDATE StepClocks SET DueAt = '2026-11-30 03:00:00' WHERE State = 'Running'");
        await CheckAsync(office);
        Assert.Equal(2, await office.RowsAsync(db => db.GuaranteeIncidents.CountAsync()));
        Assert.Equal(2, (await office.MailAsync()).Count(m => m.Template == "guarantee-broken"));
        var listed = await office.AskAsync<GuaranteeWatch, Result<Page<GuaranteeIncidentView>>>(w => w.ListAsync(office["auditor"], null, 50));
        Assert.Equal([null, first.ClosedAt], listed.Value.Items.Select(i => i.ClosedAt));
        Assert.Equal("forbidden",
            (await office.AskAsync<GuaranteeWatch, Result<Page<GuaranteeIncidentView>>>(w => w.ListAsync(office[Office.UnitHead], null, 50))).Problems[0].Code);
    }

    [Fact]
    public async Task The_mails_can_be_sent_and_tell_nothing_of_a_case()
    {
        await using var office = await OfficeAtWorkAsync("KENARI-RAHASIA");
        await office.TamperAsync("UPDATE StepClocks SET CreditedMs = CreditedMs + 1 WHERE State = 'Running'");
        await CheckAsync(office);
        await office.TamperAsync("UPDATE StepClocks SET CreditedMs = CreditedMs - 1 WHERE State = 'Running'");
        await CheckAsync(office);
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());

        var mails = (await office.MailAsync()).Where(m => m.Template.StartsWith("guarantee-", StringComparison.Ordinal)).ToList();
        Assert.Equal(["guarantee-broken", "guarantee-whole"], mails.Select(m => m.Template));
        Assert.All(mails, m => Assert.Equal(OutboxState.Sent, m.State));
        foreach (var file in System.IO.Directory.GetFiles(Path.Combine(office.Folder, "mail"), "*.eml"))
            Assert.DoesNotContain("KENARI-RAHASIA", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_old_and_closed_is_left_to_the_whole_walk()
    {
        await using var office = await OfficeAtWorkAsync();
        office.Time.Advance(TimeSpan.FromDays(3));
        await office.TamperAsync("DELETE FROM Outbox WHERE FireRecordId IS NOT NULL");

        Assert.DoesNotContain("fires-have-mails", await CheckAsync(office));

        Assert.Contains("fires-have-mails", await office.ViolatedAsync());
    }

    /// <summary>Neither changes a head, a count or a size: only the reading of everything sees it, and what it saw outlives the checks between.</summary>
    [Theory]
    [InlineData("audit-chains")]
    [InlineData("vault-files")]
    public async Task What_only_the_nightly_walk_can_see_opens_one_incident_that_stands_until_the_next_walk(string guarantee)
    {
        await using var office = await OfficeAtWorkAsync();
        await WalkAsync(office);
        var file = System.IO.Directory.GetFiles(Path.Combine(office.Folder, "vault"), "*", SearchOption.AllDirectories).Single();
        var content = await File.ReadAllBytesAsync(file);
        var altered = guarantee == "audit-chains";
        var actor = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Sequence == 2 && r.Chain != "administration").Select(r => r.Actor).FirstAsync());
        async Task TamperAsync(string name, byte last)
        {
            if (altered)
                await office.RowsAsync(db => db.AuditRecords.Where(r => r.Sequence == 2 && r.Chain != "administration")
                    .ExecuteUpdateAsync(r => r.SetProperty(x => x.Actor, name)));
            else
                await File.WriteAllBytesAsync(file, [.. content[..^1], last]);
        }

        await TamperAsync("orang.lain", (byte)~content[^1]);
        await CheckAsync(office);
        Assert.Equal(0, await office.RowsAsync(db => db.GuaranteeIncidents.CountAsync(i => i.Guarantee == guarantee)));

        Assert.Contains(guarantee, await WalkAsync(office));
        Assert.Contains(guarantee, await CheckAsync(office));
        await TamperAsync(actor, content[^1]);
        Assert.Contains(guarantee, await CheckAsync(office));
        Assert.Null((await office.RowsAsync(db => db.GuaranteeIncidents.SingleAsync(i => i.Guarantee == guarantee))).ClosedAt);

        // A repair need not wait for the night.
        Assert.True(await office.AskAsync<GuaranteeWatch, bool>(w => w.CheckDeeplyWhenDueAsync()));
        Assert.Empty(await CheckAsync(office));
        Assert.NotNull((await office.RowsAsync(db => db.GuaranteeIncidents.SingleAsync(i => i.Guarantee == guarantee))).ClosedAt);
        Assert.Single(await office.MailAsync(), m => m.Template == "guarantee-broken" && m.Model.Contains($"\"{guarantee}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_is_read_once_a_night_from_one_o_clock_on_and_at_once_where_that_was_missed()
    {
        await using var office = await Office.OpenAsync();
        Task<bool> TickAsync() => office.AskAsync<GuaranteeWatch, bool>(w => w.CheckDeeplyWhenDueAsync());
        Task<StandingReading> StandingAsync() => office.AskAsync<Guarantees, StandingReading>(g => g.ReadStandingAsync());
        Assert.Null((await StandingAsync()).Deep);

        // Monday 08.00, 24.00 and 01.00; then the service is away until Wednesday 09.00.
        Assert.True(await TickAsync());
        Assert.Equal(office.Time.GetUtcNow(), (await StandingAsync()).Deep!.TakenAt);
        Assert.False(await TickAsync());
        office.Time.Advance(TimeSpan.FromHours(16));
        Assert.False(await TickAsync());
        office.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(await TickAsync());
        Assert.False(await TickAsync());
        office.Time.Advance(TimeSpan.FromHours(32));
        Assert.True(await TickAsync());
    }

    [Fact]
    public async Task That_a_night_has_passed_without_the_reading_of_everything_is_an_incident_until_it_is_done()
    {
        await using var office = await OfficeAtWorkAsync();
        await WalkAsync(office);

        // The node has lived for ten hours; nothing else is looked at here.
        Assert.Equal((0, 0), await LivesAsync(office, TimeSpan.FromHours(10)));
        office.Time.Advance(TimeSpan.FromHours(48));
        Assert.Equal((48, 0), await LivesAsync(office, TimeSpan.FromHours(58)));
        office.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((48, 1), await LivesAsync(office, TimeSpan.FromHours(58)));
        // One that has just come back reads within the hour.
        Assert.Equal((48, 0), await LivesAsync(office, TimeSpan.FromHours(6)));
        office.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((48, 1), await LivesAsync(office, TimeSpan.FromHours(6) + TimeSpan.FromMinutes(1)));
        Assert.Contains("everything-read-lately", await CheckAsync(office));

        await WalkAsync(office);

        Assert.Equal((0, 0), await LivesAsync(office, TimeSpan.FromHours(7)));
        Assert.NotNull((await office.RowsAsync(db => db.GuaranteeIncidents.SingleAsync(i => i.Guarantee == "everything-read-lately"))).ClosedAt);
    }

    [Fact]
    public async Task Where_nothing_is_checked_by_itself_and_where_no_node_lives_no_reading_of_everything_is_missed()
    {
        await using var quiet = await Office.OpenAsync(change: services => services.Configure<GuaranteeOptions>(o => o.CheckMinutes = 0));
        await quiet.RowsAsync(async db =>
        {
            db.NodeHeartbeats.Add(new NodeHeartbeat { NodeId = "uji", StartedAt = quiet.Time.GetUtcNow(), LastBeatAt = quiet.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        Assert.Equal((90, 0), await LivesAsync(quiet, TimeSpan.FromHours(90)));

        await using var office = await OfficeAtWorkAsync();
        await WalkAsync(office);
        office.Time.Advance(TimeSpan.FromHours(72));
        Assert.DoesNotContain("everything-read-lately", await CheckAsync(office));
    }

    // The figure and the violations, of a node that has lived so long and lives.
    private static async Task<(long Hours, long Violations)> LivesAsync(Office office, TimeSpan lived)
    {
        var now = office.Time.GetUtcNow();
        await office.RowsAsync(db => db.NodeHeartbeats.ExecuteUpdateAsync(set => set.SetProperty(b => b.LastBeatAt, now).SetProperty(b => b.StartedAt, now - lived)));
        var reading = (await office.AskAsync<Guarantees, StandingReading>(g => g.ReadStandingAsync())).Guarantees.Single(g => g.Name == "everything-read-lately");
        return (reading.Checked, reading.Violations);
    }

    private static Task<IReadOnlyList<string>> WalkAsync(Office office) =>
        office.AskAsync<GuaranteeWatch, IReadOnlyList<string>>(w => w.CheckDeeplyAsync());

    private static Task<IReadOnlyList<string>> CheckAsync(Office office) => office.AskAsync<GuaranteeWatch, IReadOnlyList<string>>(w => w.CheckAsync());

    // A case in step 2 with a file, a fired warning whose mail is pending, and a node that lives.
    private static async Task<Office> OfficeAtWorkAsync(string title = "Laporan")
    {
        var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync(title);
        var prepare = await office.WalkToAsync(opened.Id, "2");
        await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi");
        await office.AdvanceAsync(TimeSpan.FromMinutes(12));
        await office.RowsAsync(async db =>
        {
            foreach (var mail in db.Outbox.Where(m => m.FireRecordId == null))
                mail.MarkSent(office.Time.GetUtcNow());
            foreach (var day in (int[])[1, 3])
            {
                db.ActingAppointments.Add(new ActingAppointment
                {
                    Id = Guid.CreateVersion7(),
                    OfficerId = office[Office.DocumentationHead].Id,
                    Role = Roles.InformationHead,
                    Capacity = ActingCapacity.Plh,
                    LetterNumber = "800/1",
                    FirstDay = new DateOnly(2026, 11, day),
                    LastDay = new DateOnly(2026, 11, day + 1),
                    RecordedBy = "admin",
                    RecordedAt = office.Time.GetUtcNow().AddDays(-60)
                });
            }
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
