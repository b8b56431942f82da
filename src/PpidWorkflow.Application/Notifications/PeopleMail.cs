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

    /// <summary>To who acts, and to the holder in whose stead.</summary>
    public void Appointed(ActingAppointment appointment, Officer officer, Officer? holder, string roleName)
    {
        foreach (var to in new[] { officer, holder }.OfType<Officer>().Where(o => o.IsActive))
        {
            Add("acting-appointed", to, "account", (model, culture) =>
            {
                model["actingName"] = officer.DisplayName;
                model["title"] = ActingAppointment.Title(appointment.Capacity, roleName);
                model["isActing"] = to.Id == officer.Id;
                model["letterNumber"] = appointment.LetterNumber;
                model["firstDay"] = OfficeTime.Date(appointment.FirstDay, culture);
                model["lastDay"] = OfficeTime.Date(appointment.LastDay, culture);
            });
        }
    }

    /// <summary>Open tasks of a post, offered to who acts in it. Their holder may be away, or have left it for good.</summary>
    public void Offered(ActingAppointment appointment, Officer to, string roleName, Officer from, IEnumerable<TransferOffer> offers)
    {
        var items = offers.Select(o => o.WorkItem!).ToList();
        Add("acting-offered", to, "transfers", (model, culture) =>
        {
            model["title"] = ActingAppointment.Title(appointment.Capacity, roleName);
            model["formerName"] = from.DisplayName;
            model["letterNumber"] = appointment.LetterNumber;
            model["until"] = office.Time.Until(appointment.Ends(office.Time), culture);
            model["count"] = items.Count;
            model["tasks"] = Named(items, culture);
        });
    }

    /// <summary>Somebody is away: to a substitute, or to a supervisor.</summary>
    /// <param name="offers">Open tasks offered to a substitute; all that were offered, for a supervisor.</param>
    public void Begun(Officer absent, Officer to, bool isSubstitute, DateTimeOffset until, IEnumerable<TransferOffer> offers, Officer? substitute)
    {
        var items = offers.Select(o => o.WorkItem!).ToList();
        Add("absence-begun", to, "transfers", (model, culture) =>
        {
            model["absentName"] = absent.DisplayName;
            model["isSubstitute"] = isSubstitute;
            model["substituteName"] = substitute?.DisplayName;
            model["until"] = office.Time.Until(until, culture);
            model["count"] = items.Count;
            model["tasks"] = Named(items, culture);
        });
    }

    /// <summary>To who is back: what others took over, and what waited.</summary>
    public void Returned(Officer officer, Absence absence, IReadOnlyList<WorkItem> taken, IReadOnlyList<WorkItem> waiting) =>
        Add("absence-returned", officer, $"absences/{absence.Id}", (model, culture) =>
        {
            model["takenCount"] = taken.Count;
            model["taken"] = Named(taken, culture);
            model["waitingCount"] = waiting.Count;
            model["waiting"] = Named(waiting, culture);
        });

    /// <summary>An offer was declined: to the supervisors of who is away.</summary>
    public void Declined(WorkItem item, Officer absent, string by, IEnumerable<Officer> supervisors)
    {
        foreach (var to in supervisors)
        {
            Add("transfer-declined", to, $"tasks/{item.Id}", (model, _) =>
            {
                model["absentName"] = absent.DisplayName;
                model["byName"] = by;
                model["caseNumber"] = item.Case!.Number;
                model["step"] = item.StepLabel;
            }, item);
        }
    }

    private void Add(string template, Officer to, string page, Action<Dictionary<string, object?>, CultureInfo> more, WorkItem? about = null)
    {
        var addressee = StepMail.Addressee(to);
        var model = new Dictionary<string, object?>
        {
            ["recipientName"] = to.DisplayName,
            ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/{page}",
            ["officeName"] = StepMail.OfficeName
        };
        more(model, outbox.CultureOf(addressee, template));
        outbox.Add(template, null, addressee, model, about?.CaseId, about?.Id);
    }

    // "PPID/2026/0001 langkah 5a, PPID/2026/0002 langkah 2 dan 3 lainnya"
    private static string Named(IReadOnlyList<WorkItem> items, CultureInfo culture)
    {
        var (step, and, more) = OfficeTime.IsEnglish(culture) ? ("step", "and", "more") : ("langkah", "dan", "lainnya");
        var named = string.Join(", ", items.Take(MostNamed).Select(w => $"{w.Case!.Number} {step} {w.StepLabel}"));
        return items.Count > MostNamed ? $"{named} {and} {items.Count - MostNamed} {more}" : named;
    }
}
