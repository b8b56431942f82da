using System.Globalization;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// The mails of a case, as rows of the commit that causes them. A model holds the case number, the step in the SOP's public words and
/// instants; never title, reason, file name or content (design.md §2.7).
/// </summary>
public sealed class StepMail(Outbox outbox, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");

    public static MailAddressee Addressee(Officer officer) => new(officer.Email!, officer.DisplayName, officer.Id);

    /// <param name="template">task, or returned where the step was sent back to its performer.</param>
    public void Task(string template, string? slug, Case record, WorkItem item, SopTask task, StepClock clock, Officer to, string? by, bool isPool) =>
        outbox.Add(template, slug, Addressee(to), Model(record, item, task, clock, to.DisplayName, by, item.ReceivedAt, 0, isPool, item.StartedAt is null), record.Id, item.Id);

    /// <param name="template">warning, overdue or escalation.</param>
    public void Rung(
        string template, string? slug, Case record, WorkItem item, SopTask task, StepClock clock, MailAddressee to, string? performer, int percent,
        Guid fireId, DateTimeOffset now) =>
        outbox.Add(
            template, slug, to,
            Model(record, item, task, clock, to.Name, performer, now, percent, item.AssigneeId is null,
                item.StartedAt is null && item.AssigneeId is { } assignee && assignee == to.OfficerId),
            record.Id, item.Id, fireId);

    public void Documented(string? slug, Case record, Officer to, string performer) =>
        outbox.Add("documented", slug, Addressee(to), new Dictionary<string, object?>
        {
            ["caseNumber"] = record.Number,
            ["recipientName"] = to.DisplayName,
            ["performerName"] = performer,
            ["url"] = Link($"cases/{record.Id}"),
            ["officeName"] = OfficeName
        }, record.Id);

    /// <summary>What stands at the foot of every mail.</summary>
    public const string OfficeName = "PPID Pembantu Biro Umum, Sekretariat Daerah Provinsi Kalimantan Tengah";

    /// <summary>The act as the SOP calls it.</summary>
    public static string ActName(SopAct act) => act switch
    {
        SopAct.Assign => "Menugaskan",
        SopAct.Prepare => "Menyiapkan",
        SopAct.Report => "Melaporkan",
        SopAct.HandOver => "Menyerahkan",
        SopAct.Document => "Mendokumentasikan",
        _ => "Mengerjakan"
    };

    private Dictionary<string, object?> Model(
        Case record, WorkItem item, SopTask task, StepClock clock, string recipient, string? performer, DateTimeOffset now, int percent, bool isPool,
        bool mayStart)
    {
        var reading = ClockKeeper.Standard(clock).Read(office.Current, now);
        return new Dictionary<string, object?>
        {
            ["caseNumber"] = record.Number,
            ["stepNumber"] = item.StepNumber,
            ["stepPart"] = item.StepPart,
            ["stepName"] = task.Description,
            ["actName"] = ActName(task.Act),
            ["recipientName"] = recipient,
            ["performerName"] = performer,
            ["standardMinutes"] = Minutes(task.StandardTime),
            ["receivedAt"] = office.Time.DateAndTime(item.ReceivedAt, Indonesian),
            ["dueAt"] = clock.DueAt is { } due ? office.Time.DateAndTime(due, Indonesian) : null,
            ["dueTime"] = clock.DueAt is { } time ? office.Time.Time(time, Indonesian) : null,
            ["dueDate"] = clock.DueAt is { } date ? office.Time.DateAndTime(date, Indonesian)[..^" 15.58 WIB".Length] : null,
            ["elapsedMinutes"] = Minutes(reading.Consumed),
            ["percent"] = percent,
            ["lateBy"] = reading.IsOverdue ? OfficeTime.Duration(reading.Lateness, Indonesian) : null,
            ["provisional"] = clock.DueAt is { } later && office.Current.IsProvisional(later),
            ["isPool"] = isPool,
            ["url"] = Link($"tasks/{item.Id}"),
            [MailLinks.RevisionKey] = mayStart ? item.Revision : null,
            ["officeName"] = OfficeName
        };
    }

    private string Link(string path) => $"{options.Value.PublicUrl.TrimEnd('/')}/{path}";

    private static string Minutes(TimeSpan working) => Math.Round(working.TotalMinutes, 1).ToString("0.#", Indonesian);
}
