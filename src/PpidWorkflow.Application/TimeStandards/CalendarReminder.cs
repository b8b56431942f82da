using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// From 1 December, and on into the year while it lasts: tells the administrators by mail, once a week and within working hours, that the
/// year's list of holidays is missing. Nothing is asked of the database while no list is, and nothing committed twice in a week.
/// </summary>
public sealed class CalendarReminder(
    PpidDbContext db, Committer committer, OfficeCalendar office, OfficerDirectory directory, Outbox outbox, AuditTrail audit,
    IOptions<OfficeOptions> options, TimeProvider time)
{
    private const string Fact = "calendar-reminder";

    /// <summary>How many mails the office owes now.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellation)
    {
        var now = time.Now();
        if (office.MissingYear(now) is not { } year || !office.Current.IsOpen(now))
            return 0;
        var today = office.Time.Today(now).ToDateTime(TimeOnly.MinValue);
        var week = string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(today)}-W{ISOWeek.GetWeekOfYear(today):00} {year}");
        if (await db.ServiceFacts.AsNoTracking().AnyAsync(f => f.Name == Fact && f.Value == week, cancellation))
            return 0;
        var sent = await committer.RunAsync<int>(async () =>
        {
            var known = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == Fact, cancellation);
            if (known?.Value == week)
                return Problem.Conflict("stale-revision");
            if (known is null)
                db.ServiceFacts.Add(new ServiceFact { Name = Fact, Value = week });
            else
                known.Value = week;
            var administrators = await directory.HoldersOfAsync(Roles.Admin, cancellation);
            foreach (var administrator in administrators)
            {
                outbox.Add("calendar-missing", null, StepMail.Addressee(administrator), new Dictionary<string, object?>
                {
                    ["recipientName"] = administrator.DisplayName,
                    ["year"] = year.ToString(CultureInfo.InvariantCulture),
                    ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/admin/calendar?year={year}&month=1",
                    ["officeName"] = StepMail.OfficeName
                });
            }
            audit.Add(AuditTrail.Administration, "system", "calendar-list-missing", new JsonObject
            {
                ["year"] = year,
                ["told"] = administrators.Count
            });
            return administrators.Count;
        }, cancellation);
        return sent.Succeeded ? sent.Value : 0;
    }
}
