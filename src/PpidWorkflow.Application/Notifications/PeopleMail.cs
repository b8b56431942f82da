using System.Globalization;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// The mails of absences, appointments and transfers, as rows of the commit that causes them. Case numbers and steps only, and never why
/// somebody is away.
/// </summary>
public sealed class PeopleMail(Outbox outbox, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    private const int MostNamed = 10;
    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");

    /// <summary>To who acts, and to the holder in whose stead.</summary>
    public void Appointed(ActingAppointment appointment, Officer officer, Officer? holder, string roleName)
    {
        foreach (var to in new[] { officer, holder }.OfType<Officer>().Where(o => o.IsActive))
        {
            outbox.Add("acting-appointed", null, StepMail.Addressee(to), Model(to, "account", model =>
            {
                model["actingName"] = officer.DisplayName;
                model["title"] = ActingAppointment.Title(appointment.Capacity, roleName);
                model["isActing"] = to.Id == officer.Id;
                model["letterNumber"] = appointment.LetterNumber;
                model["firstDay"] = OfficeTime.Date(appointment.FirstDay, Indonesian);
                model["lastDay"] = OfficeTime.Date(appointment.LastDay, Indonesian);
            }));
        }
    }

    /// <summary>Somebody is away: to a substitute, or to a supervisor.</summary>
    /// <param name="offers">Open tasks offered to a substitute; all that were offered, for a supervisor.</param>
    public void Begun(Officer absent, Officer to, bool isSubstitute, DateTimeOffset until, IEnumerable<TransferOffer> offers, Officer? substitute)
    {
        var items = offers.Select(o => o.WorkItem!).ToList();
        outbox.Add("absence-begun", null, StepMail.Addressee(to), Model(to, "transfers", model =>
        {
            model["absentName"] = absent.DisplayName;
            model["isSubstitute"] = isSubstitute;
            model["substituteName"] = substitute?.DisplayName;
            model["until"] = office.Time.DateAndTime(until, Indonesian);
            model["count"] = items.Count;
            model["tasks"] = Named(items);
        }));
    }

    /// <summary>To who is back: what others took over, and what waited.</summary>
    public void Returned(Officer officer, Absence absence, IReadOnlyList<WorkItem> taken, IReadOnlyList<WorkItem> waiting) =>
        outbox.Add("absence-returned", null, StepMail.Addressee(officer), Model(officer, $"absences/{absence.Id}", model =>
        {
            model["takenCount"] = taken.Count;
            model["taken"] = Named(taken);
            model["waitingCount"] = waiting.Count;
            model["waiting"] = Named(waiting);
        }));

    /// <summary>An offer was declined: to the supervisors of who is away.</summary>
    public void Declined(WorkItem item, Officer absent, string by, IEnumerable<Officer> supervisors)
    {
        foreach (var to in supervisors)
        {
            outbox.Add("transfer-declined", null, StepMail.Addressee(to), Model(to, $"tasks/{item.Id}", model =>
            {
                model["absentName"] = absent.DisplayName;
                model["byName"] = by;
                model["caseNumber"] = item.Case!.Number;
                model["step"] = item.StepLabel;
            }), item.CaseId, item.Id);
        }
    }

    private Dictionary<string, object?> Model(Officer to, string page, Action<Dictionary<string, object?>> more)
    {
        var model = new Dictionary<string, object?>
        {
            ["recipientName"] = to.DisplayName,
            ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/{page}",
            ["officeName"] = StepMail.OfficeName
        };
        more(model);
        return model;
    }

    // "PPID/2026/0001 langkah 5a, PPID/2026/0002 langkah 2 dan 3 lainnya"
    private static string Named(IReadOnlyList<WorkItem> items)
    {
        var named = string.Join(", ", items.Take(MostNamed).Select(w => $"{w.Case!.Number} langkah {w.StepLabel}"));
        return items.Count > MostNamed ? $"{named} dan {items.Count - MostNamed} lainnya" : named;
    }
}
