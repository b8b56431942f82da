using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Tells the administrators by mail that an activity has failed and waits to be run again: once an incident, and those of the same minutes in one
/// mail. A case that has stopped has no clock that would tell anybody. Of trials nobody is told; whoever tries sees it.
/// </summary>
/// <remarks>The mail names cases and a number of incidents; why each failed is read in the service, as it may say what is in a dossier.</remarks>
public sealed class IncidentReminder(
    PpidDbContext db, Committer committer, OfficerDirectory directory, Outbox outbox, AuditTrail audit, IOptions<OfficeOptions> office, TimeProvider time)
{
    public const string Template = "case-stopped";

    /// <summary>Until when incidents have been told of, UTC.</summary>
    private const string Fact = "incidents-told";

    /// <summary>Case numbers in one mail.</summary>
    private const int MostNamed = 10;

    /// <summary>A commit that another node has in hand is seen by then.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>How many mails the office owes now.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellation)
    {
        var until = time.Now() - Settled;
        var told = await db.ServiceFacts.AsNoTracking().Where(f => f.Name == Fact).Select(f => f.Value).SingleOrDefaultAsync(cancellation);
        if (!await Untold(told, until).AnyAsync(cancellation))
            return 0;
        var sent = await committer.RunAsync<int>(async () =>
        {
            var fact = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == Fact, cancellation);
            if (fact?.Value != told)
                return Problem.Conflict("stale-revision");
            var count = await Untold(told, until).CountAsync(cancellation);
            var numbers = await (
                from incident in Untold(told, until)
                join instance in db.Instances on incident.InstanceId equals instance.Id
                join record in db.Cases on instance.RootInstanceId ?? instance.Id equals record.InstanceId
                select record.Number).Distinct().OrderBy(n => n).Take(MostNamed + 1).ToListAsync(cancellation);
            if (fact is null)
                db.ServiceFacts.Add(new ServiceFact { Name = Fact, Value = Text(until) });
            else
                fact.Value = Text(until);
            var administrators = await directory.HoldersOfAsync(Roles.Admin, cancellation);
            foreach (var administrator in administrators)
            {
                var to = StepMail.Addressee(administrator);
                outbox.Add(Template, null, to, new Dictionary<string, object?>
                {
                    ["recipientName"] = administrator.DisplayName,
                    ["incidents"] = count.ToString(outbox.CultureOf(to, Template)),
                    ["caseNumbers"] = numbers.Count == 0 ? null : string.Join(", ", numbers.Take(MostNamed)) + (numbers.Count > MostNamed ? ", …" : ""),
                    ["url"] = $"{office.Value.PublicUrl.TrimEnd('/')}/admin/incidents",
                    ["officeName"] = StepMail.OfficeName
                });
            }
            audit.Add(AuditTrail.Administration, "system", "incidents-told", new JsonObject { ["incidents"] = count, ["told"] = administrators.Count });
            return administrators.Count;
        }, cancellation);
        return sent.Succeeded ? sent.Value : 0;
    }

    private IQueryable<IncidentRow> Untold(string? told, DateTimeOffset until)
    {
        var from = told is null ? DateTimeOffset.MinValue : DateTimeOffset.Parse(told, CultureInfo.InvariantCulture);
        return db.Incidents.AsNoTracking().Where(i =>
            i.ResolvedAt == null && i.At > from && i.At <= until && !db.Instances.Any(w => w.Id == i.InstanceId && w.IsTrial));
    }

    private static string Text(DateTimeOffset instant) => instant.ToString("O", CultureInfo.InvariantCulture);
}
