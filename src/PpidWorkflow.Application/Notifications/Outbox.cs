using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>Somebody to whom a mail goes.</summary>
public sealed record MailAddressee(string Address, string Name, Guid? OfficerId = null);

/// <summary>
/// Puts mails beside what they tell of: rows of the commit in hand, sent after it. What an officer has chosen is heeded here: the language,
/// quiet hours, and early warnings that he does not want.
/// </summary>
public sealed class Outbox(
    PpidDbContext db, Identifiers identifiers, TimeProvider time, IOptions<OfficeOptions> office, PreferenceBook preferences, OfficeCalendar calendar)
{
    private string? _host;

    /// <summary>What a row says whose addressee has turned such mails off.</summary>
    public const string TurnedOff = "Turned off by the addressee.";

    /// <summary>Mails by which somebody learns that there is something for him to do.</summary>
    private static readonly string[] Work = ["task", "returned", "reassigned", "helper", "reminder", "resumed"];

    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>In which language a mail to this addressee is written: the one he has chosen, where the mail exists in it.</summary>
    public CultureInfo CultureOf(MailAddressee to, string template) =>
        Wish(to)?.Language == OfficerPreference.English && MailTemplates.IsTranslated(template) ? English : Indonesian;

    /// <param name="template">Name of the template; see <c>mail/</c> of the SOP.</param>
    /// <param name="sopSlug">SOP folder whose templates apply; null: the service's own.</param>
    /// <param name="to">The addressee.</param>
    /// <param name="model">Values for the template; never a title, file name or content.</param>
    /// <param name="caseId">Whose thread it belongs to.</param>
    /// <param name="workItemId">What it tells of.</param>
    /// <param name="fireRecordId">The rung that caused it.</param>
    /// <param name="goesOutAt">Not before this instant, UTC; null: at once.</param>
    /// <param name="anyTime">Passes quiet hours: a rung that says so.</param>
    /// <param name="caseCreatedAt">With a rung: when the case was opened, UTC.</param>
    /// <param name="messageId">A Message-ID of its own without brackets, for a mail that must exist once however often it is made.</param>
    public OutboxMessage Add(
        string template, string? sopSlug, MailAddressee to, IReadOnlyDictionary<string, object?> model, Guid? caseId = null, Guid? workItemId = null,
        Guid? fireRecordId = null, DateTimeOffset? goesOutAt = null, bool anyTime = false, string? messageId = null,
        DateTimeOffset? caseCreatedAt = null)
    {
        var id = identifiers.Next();
        var wish = Wish(to);
        // The rung has fired and is on record with its addressee: the row stays and says why no mail went.
        var isUnwanted = template == "warning" && wish is { EarlyWarnings: false };
        var message = new OutboxMessage
        {
            Id = id,
            MessageId = messageId ?? $"{id:n}@{_host ??= new Uri(office.Value.PublicUrl).Host}",
            Template = template,
            SopSlug = sopSlug,
            Language = CultureOf(to, template) == English ? OfficerPreference.English : null,
            Model = Json(model),
            ToAddress = to.Address,
            ToName = to.Name,
            OfficerId = to.OfficerId,
            CaseId = caseId,
            CaseCreatedAt = caseCreatedAt,
            WorkItemId = workItemId,
            FireRecordId = fireRecordId,
            CreatedAt = time.Now(),
            NextAttemptAt = Quiet(template, wish, goesOutAt ?? time.Now(), anyTime, calendar.Current),
            State = isUnwanted ? OutboxState.Withdrawn : OutboxState.Pending,
            LastError = isUnwanted ? TurnedOff : null
        };
        db.Append(message);
        Traces.Owes(id);
        return message;
    }

    /// <summary>
    /// In the commit that changes the hours: alerts that wait for the office to open wait for its new opening. One that nothing holds any more
    /// goes at once.
    /// </summary>
    /// <param name="hours">In use from this commit on.</param>
    /// <param name="now">The instant of the change.</param>
    /// <param name="written">Writes what some mails have changed within the commit in hand, and forgets them.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public async Task FollowAsync(WorkingCalendar hours, DateTimeOffset now, Func<CancellationToken, Task> written, CancellationToken cancellation)
    {
        // Put off when it was made, or by the sweep after hours; what waits for the mail server keeps its own waiting. Ids alone: as many as alerts
        // may wait for a morning.
        var waiting = await db.Outbox
            .Where(m => m.State == OutboxState.Pending && m.NextAttemptAt > now && m.NextAttemptAt > m.CreatedAt
                && (Work.Contains(m.Template) || db.FireRecords.Any(f => f.Id == m.FireRecordId)) && (m.LastError == NightRest.Waits || (m.LastError == null && m.Attempts == 0)))
            .Select(m => m.Id).ToListAsync(cancellation);
        foreach (var ids in waiting.Chunk(Rederivation.Page))
        {
            var mails = await db.Outbox.Where(m => ids.Contains(m.Id)).ToListAsync(cancellation);
            var fires = mails.Select(m => m.FireRecordId).OfType<Guid>().ToList();
            var records = await db.FireRecords.AsNoTracking().Where(f => fires.Contains(f.Id)).Select(f => new { f.Id, f.DueAt, f.FiredAt })
                .ToDictionaryAsync(f => f.Id, cancellation);
            foreach (var mail in mails)
            {
                var fire = mail.FireRecordId is { } of ? records.GetValueOrDefault(of) : null;
                var wish = mail.OfficerId is { } officer ? preferences.Of(db, officer) : null;
                var made = fire?.FiredAt ?? mail.CreatedAt;
                var at = mail.LastError == NightRest.Waits ? hours.NextOpening(now) : Quiet(
                    mail.Template, wish, fire is not null && NightRest.IsLate(made, fire.DueAt) ? hours.NextOpening(made) : made, anyTime: false, hours);
                mail.NextAttemptAt = at > now ? at : now;
            }
            await written(cancellation);
        }
    }

    // Value by value: a serializer that looks up the class of each costs as much as all the rest of a mail.
    private static string Json(IReadOnlyDictionary<string, object?> model)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in model)
            {
                json.WritePropertyName(name);
                switch (value)
                {
                    case null:
                        json.WriteNullValue();
                        break;
                    case string text:
                        json.WriteStringValue(text);
                        break;
                    case int number:
                        json.WriteNumberValue(number);
                        break;
                    case bool flag:
                        json.WriteBooleanValue(flag);
                        break;
                    default:
                        JsonSerializer.Serialize(json, value, value.GetType());
                        break;
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private OfficerPreference? Wish(MailAddressee to) => to.OfficerId is { } officer ? preferences.Of(db, officer) : null;

    // Links that the addressee is waiting for, and what must not wait. An alert about a deadline that has passed waits at night and not in
    // working hours: quiet hours over the whole day would turn it off. Work that has come in is told while the office is open, and at its
    // opening at the latest: its clock runs then.
    private DateTimeOffset Quiet(string template, OfficerPreference? wish, DateTimeOffset at, bool anyTime, WorkingCalendar hours)
    {
        if (anyTime || template == "guarantee-broken" || MailTemplates.AccountTemplates.Contains(template) || wish?.QuietAt(at, calendar.Time) is not { } end)
            return at;
        var isWork = Work.Contains(template);
        if ((isWork || template is "overdue" or "escalation" or "not-started") && hours.IsOpen(at))
            return at;
        return isWork && hours.NextOpening(at) is var opening && opening < end ? opening : end;
    }
}
