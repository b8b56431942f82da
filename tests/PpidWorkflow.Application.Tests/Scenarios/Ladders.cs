using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Offices whose SOP has another ladder at step 2 (15 working minutes), and what became of it.</summary>
internal static class Ladders
{
    /// <param name="begin">When the test begins, WIB.</param>
    /// <param name="ladder">JSON with single quotes.</param>
    /// <param name="change">What else is changed of step 2.</param>
    /// <param name="roster">More officers.</param>
    public static async Task<Office> OpenAsync(string begin, string ladder, Action<JsonObject>? change = null, Action<OfficeRoster>? roster = null)
    {
        var office = await Office.OpenAsync(Wib.At(begin), roster: people =>
        {
            people.Add(Revisions.Manager, "Pengelola SOP", null, Roles.SopManager);
            roster?.Invoke(people);
        });
        await office.BringIntoForceAsync(document =>
        {
            document.Step("Step2").Set("escalation", ladder.Replace('\'', '"'));
            change?.Invoke(document.Step("Step2"));
        });
        return office;
    }

    /// <summary>Step 2 with petugas.informasi, just received.</summary>
    public static async Task<TaskView> PrepareAsync(Office office)
    {
        var opened = await office.OpenCaseAsync();
        var first = await office.OpenTaskAsync(opened.Id);
        await office.CompleteAsync(first, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer });
        return await office.OpenTaskAsync(opened.Id);
    }

    public static Task<List<FireRecord>> FiresAsync(Office office) => office.RowsAsync(db =>
        db.FireRecords.AsNoTracking().OrderBy(f => f.DueAt).ThenBy(f => f.Rung).ToListAsync());

    public static async Task<List<OutboxMessage>> AlarmsAsync(Office office) => [.. (await office.MailAsync()).Where(m => m.FireRecordId is not null)];

    /// <summary>Template and addressee of every alarm, in order.</summary>
    public static async Task<IEnumerable<(string Template, string To)>> ToldAsync(Office office) =>
        (await AlarmsAsync(office)).Select(m => (m.Template, m.ToAddress.Split('@')[0]));

    /// <summary>The mail as it left the house.</summary>
    public static async Task<MimeKit.MimeMessage> SentAsync(Office office, OutboxMessage row)
    {
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        return Directory.GetFiles(Path.Combine(office.Folder, "mail")).Select(f => MimeKit.MimeMessage.Load(f)).Single(m => m.MessageId == row.MessageId);
    }

    public static Task<int> AwayAsync(Office office, string userName, string first, string last, bool untilNoon = false) => office.RowsAsync(db =>
    {
        db.Absences.Add(new Absence
        {
            Id = Guid.CreateVersion7(),
            OfficerId = office[userName].Id,
            FirstDay = DateOnly.Parse(first, CultureInfo.InvariantCulture),
            LastDay = DateOnly.Parse(last, CultureInfo.InvariantCulture),
            UntilNoon = untilNoon,
            Kind = AbsenceKind.Leave,
            RecordedBy = "admin",
            RecordedAt = office.Time.GetUtcNow()
        });
        return db.SaveChangesAsync();
    });

    /// <summary>"2026-11-23 15:58" WIB.</summary>
    public static string At(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
