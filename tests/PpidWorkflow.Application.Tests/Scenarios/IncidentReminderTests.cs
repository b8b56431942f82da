using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Administrators are told of a case that has stopped. Monday 23 November 2026, 08.00 WIB.</summary>
public class IncidentReminderTests
{
    [Fact]
    public async Task Each_incident_is_told_once_and_those_of_the_same_minutes_together()
    {
        await using var office = await Office.OpenAsync();
        var (first, second) = (await office.OpenCaseAsync(), await office.OpenCaseAsync("Laporan kedua"));
        await FailAsync(office, first.Id);

        // Another node's commit of the same instant may still be in hand.
        Assert.Equal(0, await RemindAsync(office));
        office.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await RemindAsync(office));
        Assert.Equal(0, await RemindAsync(office));

        await FailAsync(office, first.Id);
        await FailAsync(office, second.Id);
        await FailAsync(office, second.Id, resolved: true);
        office.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await RemindAsync(office));
        office.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, await RemindAsync(office));

        var mails = (await office.MailAsync()).Where(m => m.Template == IncidentReminder.Template).ToList();
        Assert.All(mails, m => Assert.Equal("admin@ppid.example", m.ToAddress));
        var (told, together) = (await PreferenceTests.RenderedAsync(office, mails[0]), await PreferenceTests.RenderedAsync(office, mails[1]));
        Assert.Equal("Berkas terhenti: 1 kegiatan gagal", told.Subject);
        Assert.Contains($"Berkas: {first.Number}\n", told.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal("Berkas terhenti: 2 kegiatan gagal", together.Subject);
        Assert.Contains($"{first.Number}, {second.Number}", together.Text, StringComparison.Ordinal);
        // What failed and why stays in the service.
        Assert.All(mails, m => Assert.DoesNotContain("Rahasia", m.Model, StringComparison.Ordinal));
        Assert.Equal(2, await office.RowsAsync(db => db.AuditRecords.CountAsync(a => a.Action == "incidents-told")));
    }

    [Fact]
    public async Task Nobody_is_told_of_a_trial()
    {
        await using var office = await Office.OpenAsync();
        await office.RowsAsync(async db =>
        {
            var version = await db.DefinitionVersions.FirstAsync();
            var trial = new WorkflowInstance
            {
                Id = Guid.CreateVersion7(),
                DefinitionVersionId = version.Id,
                DefinitionId = version.DefinitionId,
                DefinitionVersion = version.Version,
                State = "{}",
                CreatedAt = office.Time.GetUtcNow(),
                IsTrial = true
            };
            db.Add(trial);
            db.Incidents.Add(Incident(office, trial.Id, null));
            return await db.SaveChangesAsync();
        });
        office.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, await RemindAsync(office));
    }

    [Fact]
    public async Task Of_many_cases_ten_are_named()
    {
        await using var office = await Office.OpenAsync();
        for (var n = 1; n <= 12; n++)
            await FailAsync(office, (await office.OpenCaseAsync($"Laporan {n}")).Id);
        office.Time.Advance(TimeSpan.FromMinutes(5));

        await RemindAsync(office);

        var mail = await PreferenceTests.RenderedAsync(office, Assert.Single(await office.MailAsync(), m => m.Template == IncidentReminder.Template));
        Assert.Contains("PPID/2026/0010, …", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("PPID/2026/0011", mail.Text, StringComparison.Ordinal);
        Assert.Contains("12 kegiatan", mail.Subject, StringComparison.Ordinal);
    }

    private static Task<int> RemindAsync(Office office) => office.AskAsync<IncidentReminder, int>(r => r.RemindAsync(CancellationToken.None));

    private static Task<int> FailAsync(Office office, Guid caseId, bool resolved = false) => office.RowsAsync(async db =>
    {
        var instance = await db.Cases.Where(c => c.Id == caseId).Select(c => c.InstanceId).SingleAsync();
        db.Incidents.Add(Incident(office, instance, resolved ? office.Time.GetUtcNow() : null));
        return await db.SaveChangesAsync();
    });

    private static IncidentRow Incident(Office office, Guid instance, DateTimeOffset? resolvedAt) => new()
    {
        Id = Guid.CreateVersion7(),
        InstanceId = instance,
        EngineIncidentId = Guid.CreateVersion7().ToString("n"),
        ActivityId = "Step2",
        ActivityType = "Ppid.SopStep",
        Code = "script-error",
        Message = "Rahasia",
        At = office.Time.GetUtcNow(),
        ResolvedAt = resolvedAt
    };
}
