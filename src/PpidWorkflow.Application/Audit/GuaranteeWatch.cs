using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Audit;

/// <summary>An incident in the list.</summary>
public sealed record GuaranteeIncidentView(
    Guid Id, string Guarantee, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, long Violations, long MostViolations, string Examples);

/// <summary>
/// Checks the invariants by itself and keeps an incident for each that is broken, with a mail to every administrator when it opens and when it
/// closes. A mail names the guarantee and how many rows break it, nothing of what is in them.
/// </summary>
public sealed class GuaranteeWatch(
    PpidDbContext db, Committer committer, Guarantees guarantees, OfficerDirectory directory, Outbox outbox, OfficeCalendar office, AuditTrail audit,
    Identifiers identifiers, IOptions<OfficeOptions> options, TimeProvider time)
{
    /// <summary>Of the office's zone: nobody works, and the walk reads every file.</summary>
    private static readonly TimeOnly Nightly = new(1, 0);

    /// <summary>
    /// The deep reading, once a night from 01.00 on, or as soon as the service lives again, and at every call while it finds something: a repair
    /// must be seen. Then <see cref="CheckAsync"/>, which opens and closes incidents by it.
    /// </summary>
    /// <returns>False: not due yet.</returns>
    public async Task<bool> CheckDeeplyWhenDueAsync(CancellationToken cancellation = default)
    {
        var now = time.Now();
        var night = office.Time.Instant(office.Time.Today(now), Nightly);
        if (night > now)
            night = office.Time.Instant(office.Time.Today(now).AddDays(-1), Nightly);
        if (await DeepReading.StoredAsync(db, cancellation) is { Found.Count: 0 } last && last.TakenAt >= night)
            return false;
        await CheckDeeplyAsync(cancellation);
        return true;
    }

    /// <summary>The deep reading now, whenever the last one was.</summary>
    /// <returns>Names of what is broken.</returns>
    public async Task<IReadOnlyList<string>> CheckDeeplyAsync(CancellationToken cancellation = default)
    {
        var deep = await guarantees.ReadDeeplyAsync(cancellation);
        await committer.RunAsync<bool>(async () =>
        {
            await deep.StoreAsync(db, cancellation);
            return true;
        }, cancellation);
        return await CheckAsync(cancellation);
    }

    /// <summary>One check; commits only where something has changed since the one before.</summary>
    /// <returns>Names of what is broken.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation = default)
    {
        var readings = (await guarantees.ReadStandingAsync(cancellation)).Guarantees;
        var open = await db.GuaranteeIncidents.AsNoTracking().Where(i => i.ClosedAt == null).Select(i => i.Guarantee).ToListAsync(cancellation);
        // The tables are read one after the other while others write: only what a second look finds as well is broken.
        if (readings.Any(r => r.Violations > 0 && !open.Contains(r.Name)))
        {
            var again = (await guarantees.ReadStandingAsync(cancellation)).Guarantees.ToDictionary(r => r.Name);
            readings = [.. readings.Select(r => r.Violations > 0 && again[r.Name].Violations == 0 ? again[r.Name] : r)];
        }
        var broken = readings.Where(r => r.Violations > 0).Select(r => r.Name).ToList();
        if (broken.Count == 0 && open.Count == 0)
            return broken;
        await committer.RunAsync<int>(() => NoteAsync(readings, cancellation), cancellation);
        return broken;
    }

    /// <summary>Newest first.</summary>
    public async Task<Result<Page<GuaranteeIncidentView>>> ListAsync(Actor actor, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.Admin) && !actor.Is(Roles.Auditor))
            return Problem.Forbidden("forbidden");
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var cursor = after is { Length: > 0 } text ? Cursor.Parse(text) : null;
        if (after is { Length: > 0 } && cursor is null)
            return Problem.Invalid("cursor-invalid", "after");
        var page = await db.GuaranteeIncidents.AsNoTracking()
            .Where(i => cursor == null || i.OpenedAt < cursor.Value.At || (i.OpenedAt == cursor.Value.At && i.Id < cursor.Value.Id))
            .OrderByDescending(i => i.OpenedAt).ThenByDescending(i => i.Id).Take(pageSize + 1).ToListAsync(cancellation);
        var last = page.Count > pageSize ? page[pageSize - 1] : null;
        return new Page<GuaranteeIncidentView>(
            [.. page.Take(pageSize).Select(i => new GuaranteeIncidentView(
                i.Id, i.Guarantee, i.OpenedAt, i.ClosedAt, i.Violations, i.MostViolations, i.Examples))],
            last is null ? null : new Cursor(last.OpenedAt, last.Id).ToString());
    }

    private async Task<Result<int>> NoteAsync(IReadOnlyList<GuaranteeReading> readings, CancellationToken cancellation)
    {
        var now = time.Now();
        var open = await db.GuaranteeIncidents.Where(i => i.ClosedAt == null).ToListAsync(cancellation);
        var told = 0;
        foreach (var reading in readings)
        {
            var incident = open.Find(i => i.Guarantee == reading.Name);
            if (reading.Violations > 0 && incident is null)
            {
                incident = new GuaranteeIncident
                {
                    Id = identifiers.Next(),
                    UniqueKey = reading.Name,
                    Guarantee = reading.Name,
                    OpenedAt = now,
                    Violations = reading.Violations,
                    MostViolations = reading.Violations,
                    Examples = string.Join(' ', reading.Examples)
                };
                db.GuaranteeIncidents.Add(incident);
                told += await TellAsync("guarantee-broken", reading, incident, now, cancellation);
                Audit("guarantee-broken", incident);
            }
            else if (reading.Violations > 0 && incident!.Violations != reading.Violations)
            {
                incident.Violations = reading.Violations;
                incident.MostViolations = Math.Max(incident.MostViolations, reading.Violations);
                incident.Revision++;
            }
            else if (reading.Violations == 0 && incident is not null)
            {
                (incident.ClosedAt, incident.UniqueKey, incident.Violations) = (now, $"{incident.Id:n}", 0);
                incident.Revision++;
                told += await TellAsync("guarantee-whole", reading, incident, now, cancellation);
                Audit("guarantee-whole", incident);
            }
        }
        return told;
    }

    private async Task<int> TellAsync(
        string template, GuaranteeReading reading, GuaranteeIncident incident, DateTimeOffset now, CancellationToken cancellation)
    {
        var administrators = await directory.HoldersOfAsync(Roles.Admin, cancellation);
        foreach (var administrator in administrators)
        {
            var to = StepMail.Addressee(administrator);
            var culture = outbox.CultureOf(to, template);
            outbox.Add(template, null, to, new Dictionary<string, object?>
            {
                ["recipientName"] = administrator.DisplayName,
                ["guarantee"] = reading.Name,
                ["guaranteeText"] = OfficeTime.IsEnglish(culture) ? GuaranteeWords.English(reading.Name) : reading.Description,
                ["violations"] = incident.MostViolations.ToString(culture),
                ["openedAt"] = office.Time.DateAndTime(incident.OpenedAt, culture),
                ["closedAt"] = incident.ClosedAt is null ? null : office.Time.DateAndTime(now, culture),
                ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/admin/health",
                ["officeName"] = StepMail.OfficeName
            });
        }
        return administrators.Count;
    }

    private void Audit(string action, GuaranteeIncident incident) => audit.Add(AuditTrail.Administration, "system", action, new JsonObject
    {
        ["id"] = incident.Id,
        ["guarantee"] = incident.Guarantee,
        ["violations"] = incident.MostViolations
    });
}
