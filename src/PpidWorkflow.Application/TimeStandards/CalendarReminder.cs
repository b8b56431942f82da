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
/// Tells the administrators by mail what the calendar lacks, once a week and within working hours: from 1 December, and on into the year while
/// it lasts, the year's list of holidays; from 30 days before Ramadan until its end the hours of that month. Nothing is asked of the database
/// while nothing is lacking, and nothing committed twice in a week.
/// </summary>
public sealed class CalendarReminder(
    PpidDbContext db, Committer committer, OfficeCalendar office, OfficerDirectory directory, Outbox outbox, AuditTrail audit,
    IOptions<OfficeOptions> options, TimeProvider time)
{
    /// <summary>How many mails the office owes now for a list of holidays.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellation) =>
        office.MissingYear(time.Now()) is { } year
            ? await TellAsync(
                new Lack("calendar-reminder", Text(year), "calendar-missing", new DateOnly(year, 1, 1), "calendar-list-missing"),
                (model, _) => model["year"] = Text(year),
                () => new JsonObject { ["year"] = year },
                cancellation)
            : 0;

    /// <summary>How many mails the office owes now for the hours of Ramadan.</summary>
    public async Task<int> RemindOfRamadanAsync(CancellationToken cancellation) =>
        office.MissingRamadan(time.Now()) is { } month
            ? await TellAsync(
                new Lack("ramadan-reminder", $"{Text(month.HijriYear)} H", "ramadan-missing", month.First, "ramadan-hours-missing"),
                (model, culture) =>
                {
                    model["hijriYear"] = Text(month.HijriYear);
                    model["firstDay"] = OfficeTime.FormalDate(month.First, culture);
                    model["lastDay"] = OfficeTime.FormalDate(month.Last, culture);
                },
                () => new JsonObject
                {
                    ["hijriYear"] = month.HijriYear,
                    ["from"] = month.First.ToString("O", CultureInfo.InvariantCulture),
                    ["until"] = month.Last.ToString("O", CultureInfo.InvariantCulture)
                },
                cancellation)
            : 0;

    private async Task<int> TellAsync(
        Lack lack, Action<Dictionary<string, object?>, CultureInfo> words, Func<JsonObject> record, CancellationToken cancellation)
    {
        var now = time.Now();
        if (!office.Current.IsOpen(now))
            return 0;
        var today = office.Time.Today(now).ToDateTime(TimeOnly.MinValue);
        var week = string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(today)}-W{ISOWeek.GetWeekOfYear(today):00} {lack.What}");
        if (await db.ServiceFacts.AsNoTracking().AnyAsync(f => f.Name == lack.Fact && f.Value == week, cancellation))
            return 0;
        var sent = await committer.RunAsync<int>(async () =>
        {
            var known = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == lack.Fact, cancellation);
            if (known?.Value == week)
                return Problem.Conflict("stale-revision");
            if (known is null)
                db.ServiceFacts.Add(new ServiceFact { Name = lack.Fact, Value = week });
            else
                known.Value = week;
            var administrators = await directory.HoldersOfAsync(Roles.Admin, cancellation);
            foreach (var administrator in administrators)
            {
                var to = StepMail.Addressee(administrator);
                var model = new Dictionary<string, object?>
                {
                    ["recipientName"] = administrator.DisplayName,
                    ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/admin/calendar?year={Text(lack.Month.Year)}&month={Text(lack.Month.Month)}",
                    ["officeName"] = StepMail.OfficeName
                };
                words(model, outbox.CultureOf(to, lack.Template));
                outbox.Add(lack.Template, null, to, model);
            }
            var facts = record();
            facts["told"] = administrators.Count;
            audit.Add(AuditTrail.Administration, "system", lack.Action, facts);
            return administrators.Count;
        }, cancellation);
        return sent.Succeeded ? sent.Value : 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the calendar lacks.</summary>
    /// <param name="Fact">Under which name the week of the last mail is kept.</param>
    /// <param name="What">Which one is lacking: another one is told of at once.</param>
    /// <param name="Template">Of the mail.</param>
    /// <param name="Month">A day of the month that the mail leads to.</param>
    /// <param name="Action">Of the audit record.</param>
    private sealed record Lack(string Fact, string What, string Template, DateOnly Month, string Action);
}
