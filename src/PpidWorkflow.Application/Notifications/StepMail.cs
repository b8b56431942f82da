using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Notifications;

/// <summary>What a rung has to tell.</summary>
/// <param name="Template">not-started, warning, overdue or escalation.</param>
/// <param name="Slug">SOP folder whose templates apply.</param>
/// <param name="CaseNumber">Of the case.</param>
/// <param name="Clock">Of the step's visit.</param>
/// <param name="Performer">Who has the task; null: nobody yet.</param>
/// <param name="Percent">Of the standard.</param>
/// <param name="FireId">The fire record.</param>
/// <param name="Now">When it fired, UTC.</param>
/// <param name="GoesOutAt">When the mail may go, UTC.</param>
/// <param name="AnyTime">The rung passes quiet hours.</param>
public sealed record RungNews(
    string Template, string? Slug, string CaseNumber, StepClock Clock, string? Performer, int Percent, Guid FireId, DateTimeOffset Now,
    DateTimeOffset GoesOutAt, bool AnyTime = false)
{
    /// <summary>What the rung was to do and could not, because nobody could take it; Notify: nothing.</summary>
    public EscalationAction NotDone { get; init; }
}

/// <summary>
/// The mails of a case, as rows of the commit that causes them. A model holds the case number, the step in the SOP's public words and
/// instants; never title, reason, file name or content (design.md §2.7).
/// </summary>
public sealed class StepMail(Outbox outbox, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    public static MailAddressee Addressee(Officer officer) => new(officer.Email!, officer.DisplayName, officer.Id);

    /// <param name="template">task, or returned where the step was sent back to its performer.</param>
    /// <param name="inSteadOf">Who is away, and for whom the addressee does it.</param>
    /// <param name="title">"Plh. Kepala Biro Umum" where the addressee only acts in the role.</param>
    /// <param name="isHandedBack">The appointment of <paramref name="by"/>, who had it while he acted in the role, is over.</param>
    public void Task(
        string template, string? slug, Case record, WorkItem item, SopTask task, StepClock clock, Officer to, string? by, bool isPool,
        Officer? inSteadOf = null, string? title = null, bool isHandedBack = false)
    {
        var model = Model(template, Reader(to, title), record.Number, item, task, clock, by, item.ReceivedAt, 0, isPool, item.StartedAt is null);
        model["inSteadOfName"] = inSteadOf?.DisplayName;
        model["isHandedBack"] = isHandedBack;
        outbox.Add(template, slug, Addressee(to), model, record.Id, item.Id);
    }

    /// <summary>Somebody has given an open step to another performer: to whom it goes.</summary>
    /// <param name="slug">SOP folder whose templates apply.</param>
    /// <param name="item">As it is now.</param>
    /// <param name="to">Who has it now.</param>
    /// <param name="former">Who had it, as printed; null: nobody had taken it.</param>
    /// <param name="by">Who gave it, as printed. Why stands in the case's history and in no mail.</param>
    /// <param name="inSteadOf">Who is away, and for whom the addressee does it.</param>
    /// <param name="title">"Plh. Kepala Biro Umum" where the addressee only acts in the role.</param>
    public void Given(string? slug, WorkItem item, Officer to, string? former, string by, Officer? inSteadOf, string? title)
    {
        var model = Model(
            "task", Reader(to, title), item.Case!.Number, item, StepDesk.TaskOf(item), item.Clock!, former, item.ReceivedAt, 0, isPool: false,
            item.StartedAt is null);
        model["inSteadOfName"] = inSteadOf?.DisplayName;
        model["isHandedOver"] = true;
        model["handedOverBy"] = by;
        outbox.Add("task", slug, Addressee(to), model, item.CaseId, item.Id);
    }

    /// <summary>
    /// Somebody has given an open step to another performer: to whom had it. He may see the case no more (<see cref="Visibility"/>), so the link
    /// leads to his own tasks.
    /// </summary>
    /// <param name="slug">SOP folder whose templates apply.</param>
    /// <param name="item">As it is now.</param>
    /// <param name="former">The reader.</param>
    /// <param name="to">Who has it now, as printed.</param>
    /// <param name="by">Who gave it, as printed.</param>
    /// <param name="now">When, UTC.</param>
    /// <param name="title">"Plh. Kepala Biro Umum" where the reader only acts in the role.</param>
    public void Relieved(string? slug, WorkItem item, Officer former, string to, string by, DateTimeOffset now, string? title)
    {
        var model = Model(
            "reassigned", Reader(former, title), item.Case!.Number, item, StepDesk.TaskOf(item), item.Clock!, to, now, 0, isPool: false, mayStart: false);
        model["handedOverBy"] = by;
        model["url"] = Link("");
        outbox.Add("reassigned", slug, Addressee(former), model, item.CaseId, item.Id);
    }

    /// <summary>A pause has ended: to whoever has the step, or may take it. No rung tells of it before the standard is nearly used up.</summary>
    /// <param name="slug">SOP folder whose templates apply.</param>
    /// <param name="item">As it is now.</param>
    /// <param name="to">The reader.</param>
    /// <param name="by">Who ended the pause, as printed.</param>
    /// <param name="now">From when the clock runs again, UTC.</param>
    /// <param name="title">"Plh. Kepala Biro Umum" where the reader only acts in the role.</param>
    public void Resumed(string? slug, WorkItem item, Officer to, string by, DateTimeOffset now, string? title)
    {
        var model = Model(
            "resumed", Reader(to, title), item.Case!.Number, item, StepDesk.TaskOf(item), item.Clock!, by, now, 0, item.AssigneeId is null,
            item.StartedAt is null && item.AssigneeId == to.Id);
        model["remainingMinutes"] = Minutes(
            ClockKeeper.Standard(item.Clock!).Read(office.Current, now).Remaining, outbox.CultureOf(Addressee(to), "resumed"));
        outbox.Add("resumed", slug, Addressee(to), model, item.CaseId, item.Id);
    }

    /// <summary>What a rung tells, to one of those whom it tells.</summary>
    public void Rung(RungNews news, WorkItem item, RungRecipient to)
    {
        var model = Model(
            news.Template, to.Mail, news.CaseNumber, item, StepDesk.TaskOf(item), news.Clock, news.Performer, news.Now, news.Percent, item.AssigneeId is null,
            item.StartedAt is null && item.AssigneeId is { } assignee && assignee == to.Mail.OfficerId);
        model["skipped"] = Skipped(to.InsteadOf, outbox.CultureOf(to.Mail, news.Template));
        model["notReassigned"] = news.NotDone == EscalationAction.Reassign;
        model["notHelped"] = news.NotDone == EscalationAction.AddHelper;
        model[MailLinks.AlertRevisionKey] = item.Revision;
        outbox.Add(news.Template, news.Slug, to.Mail, model, item.CaseId, item.Id, news.FireId, news.GoesOutAt, news.AnyTime,
            caseCreatedAt: item.CaseCreatedAt);
    }

    /// <summary>What a rung did with the task, to those whom it concerns.</summary>
    /// <param name="template">task (the new performer), reassigned (the former), helper (who was added) or helped (the performer).</param>
    /// <param name="news">The rung.</param>
    /// <param name="item">As it is now.</param>
    /// <param name="to">The reader.</param>
    /// <param name="other">Former performer, new performer, performer, or helper: the other one of the two.</param>
    public void Handed(string template, RungNews news, WorkItem item, RungRecipient to, string? other)
    {
        var model = Model(
            template, to.Mail, news.CaseNumber, item, StepDesk.TaskOf(item), news.Clock, other, news.Now, news.Percent, isPool: false,
            template == "task" && item.StartedAt is null);
        model["skipped"] = Skipped(to.InsteadOf, outbox.CultureOf(to.Mail, template));
        model["isHandedOver"] = template == "task";
        outbox.Add(template, news.Slug, to.Mail, model, item.CaseId, item.Id, news.FireId, news.GoesOutAt, news.AnyTime,
            caseCreatedAt: item.CaseCreatedAt);
    }

    /// <summary>A supervisor reminds whoever has the step.</summary>
    /// <param name="hasNote">There is a word for the performer on the task's page; the mail says only that.</param>
    /// <param name="title">"Plh. Kepala Biro Umum" where the reader only acts in the role.</param>
    public void Reminder(
        string? slug, Case record, WorkItem item, SopTask task, StepClock clock, Officer to, string by, bool hasNote, DateTimeOffset now, string? title)
    {
        var mayStart = item.StartedAt is null && item.AssigneeId == to.Id;
        var model = Model("reminder", Reader(to, title), record.Number, item, task, clock, by, now, 0, item.AssigneeId is null, mayStart);
        model["hasNote"] = hasNote;
        outbox.Add("reminder", slug, Addressee(to), model, record.Id, item.Id);
    }

    /// <summary>Folder of the SOP by whose version the item runs: its mails may be worded there.</summary>
    public static Task<string?> SlugAsync(PpidDbContext db, WorkItem item, CancellationToken cancellation) => (
        from instance in db.Instances
        join version in db.DefinitionVersions on instance.DefinitionVersionId equals version.Id
        where instance.Id == item.InstanceId
        select version.SopSlug).SingleAsync(cancellation);

    public void Documented(string? slug, Case record, Officer to, string performer) =>
        outbox.Add("documented", slug, Addressee(to), new Dictionary<string, object?>
        {
            ["caseNumber"] = record.Number,
            ["recipientName"] = to.DisplayName,
            ["performerName"] = performer,
            ["url"] = Link($"cases/{record.Id}"),
            ["officeName"] = OfficeName
        }, record.Id);

    /// <summary>A pause that nobody has ended; its reason may say what is in the dossier, so the page tells it and not the mail.</summary>
    public void StillPaused(Case record, WorkItem item, SopTask task, DateTimeOffset pausedAt, string pausedBy, MailAddressee to) =>
        outbox.Add("still-paused", null, to, new Dictionary<string, object?>
        {
            ["caseNumber"] = record.Number,
            ["step"] = item.StepLabel,
            ["stepName"] = task.Description,
            ["recipientName"] = to.Name,
            ["pausedBy"] = pausedBy,
            ["pausedAt"] = office.Time.DateAndTime(pausedAt, outbox.CultureOf(to, "still-paused")),
            ["url"] = Link($"tasks/{item.Id}"),
            ["officeName"] = OfficeName
        }, record.Id, item.Id);

    /// <summary>What stands at the foot of every mail.</summary>
    public const string OfficeName = "PPID Pembantu Biro Umum, Sekretariat Daerah Provinsi Kalimantan Tengah";

    /// <summary>The act as the SOP calls it, or in English.</summary>
    public static string ActName(SopAct act, CultureInfo? culture = null) => OfficeTime.IsEnglish(culture) ? EnglishActName(act) : act switch
    {
        SopAct.Assign => "Menugaskan",
        SopAct.Prepare => "Menyiapkan",
        SopAct.Report => "Melaporkan",
        SopAct.HandOver => "Menyerahkan",
        SopAct.Document => "Mendokumentasikan",
        _ => "Mengerjakan"
    };

    private static string EnglishActName(SopAct act) => act switch
    {
        SopAct.Assign => "Assign",
        SopAct.Prepare => "Prepare",
        SopAct.Report => "Report",
        SopAct.HandOver => "Hand over",
        SopAct.Document => "Document",
        _ => "Work on"
    };

    private static MailAddressee Reader(Officer to, string? title) =>
        title is null ? Addressee(to) : Addressee(to) with { Name = $"{to.DisplayName} ({title})" };

    private Dictionary<string, object?> Model(
        string template, MailAddressee to, string caseNumber, WorkItem item, SopTask task, StepClock clock, string? performer, DateTimeOffset now, int percent,
        bool isPool, bool mayStart)
    {
        var culture = outbox.CultureOf(to, template);
        var reading = ClockKeeper.Standard(clock).Read(office.Current, now);
        return new Dictionary<string, object?>(29)
        {
            ["caseNumber"] = caseNumber,
            ["stepNumber"] = item.StepNumber,
            ["stepPart"] = item.StepPart,
            ["stepName"] = task.Description,
            ["actName"] = ActName(task.Act, culture),
            ["recipientName"] = to.Name,
            ["performerName"] = performer,
            ["standardMinutes"] = Minutes(task.StandardTime, culture),
            ["receivedAt"] = office.Time.DateAndTime(item.ReceivedAt, culture),
            ["isPaused"] = clock.State == ClockState.Paused,
            ["dueAt"] = clock.DueAt is { } due ? office.Time.DateAndTime(due, culture) : null,
            ["dueTime"] = clock.DueAt is { } time ? office.Time.Time(time, culture) : null,
            ["dueDate"] = clock.DueAt is { } date ? office.Time.DayAndDate(date, culture) : null,
            ["elapsedMinutes"] = Minutes(reading.Consumed, culture),
            ["percent"] = percent,
            // As the rung counted: without pauses and outages.
            ["waitedMinutes"] = Minutes(clock.State == ClockState.NotBegun
                ? office.Current.Between(item.ReceivedAt, now) - TimeSpan.FromMilliseconds(clock.CreditedMs) : reading.Consumed, culture),
            ["lateBy"] = reading.IsOverdue ? OfficeTime.Duration(reading.Lateness, culture) : null,
            ["provisional"] = clock.DueAt is { } later && office.Current.IsProvisional(later),
            ["isPool"] = isPool,
            ["inSteadOfName"] = null,
            ["url"] = Link($"tasks/{item.Id}"),
            [MailLinks.RevisionKey] = mayStart ? item.Revision : null,
            ["officeName"] = OfficeName
        };
    }

    // That they are away and until when is everybody's business, why is not.
    private string? Skipped(IReadOnlyList<SkippedOfficer> officers, CultureInfo culture) => officers.Count == 0 ? null
        : string.Join(", ", officers.Select(s => OfficeTime.IsEnglish(culture)
            ? $"{s.Officer.DisplayName} (until {office.Time.Until(s.Until, culture)})"
            : $"Bapak/Ibu {s.Officer.DisplayName} (sampai {office.Time.Until(s.Until, culture)})"));

    private string Link(string path) => $"{options.Value.PublicUrl.TrimEnd('/')}/{path}";

    private static string Minutes(TimeSpan working, CultureInfo culture) => Math.Round(working.TotalMinutes, 1).ToString("0.#", culture);
}
