using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>An outage in the list.</summary>
/// <param name="Kind">service, mail or reported.</param>
/// <param name="To">Null while it lasts.</param>
/// <param name="DetectedBy">The node that saw it, or the user name of who reported it.</param>
/// <param name="Clocks">How many steps it was credited to.</param>
/// <param name="Minutes">Working minutes credited to all of them together; 0 once annulled.</param>
public sealed record OutageView(
    Guid Id, string Kind, DateTimeOffset From, DateTimeOffset? To, DateTimeOffset DetectedAt, string DetectedBy, string? Reason, int Clocks, double Minutes,
    DateTimeOffset? AnnulledAt, string? AnnulledBy, string? AnnulledReason)
{
    /// <summary>Name of who reported it; the user name where nobody is called so; null: a node saw it.</summary>
    public string? ReportedByName { get; init; }

    /// <summary>Name of who annulled it, likewise; null: nobody did.</summary>
    public string? AnnulledByName { get; init; }
}

/// <summary>An outage as an administrator enters one: local date and time of the office as texts, so that each fault is told with its field.</summary>
public sealed record OutageForm
{
    /// <summary>2026-11-23T08:05, in the office's zone.</summary>
    public string? From { get; init; }
    public string? To { get; init; }
    public string? Reason { get; init; }
}

/// <summary>
/// The list of outages, and what administrators do with it: report one that no heartbeat shows (electricity, network), annul one that was none.
/// Nothing is deleted; credits are taken back by events.
/// </summary>
public sealed class OutageDesk(
    PpidDbContext db, Committer committer, OutageCredits credits, OfficeCalendar office, OfficerDirectory directory, AuditTrail audit,
    Identifiers identifiers, TimeProvider time)
{
    public const int LongestReason = 300;

    /// <summary>A report reaches so far back: what was judged by then stands.</summary>
    public static readonly TimeSpan Furthest = TimeSpan.FromDays(366);

    /// <summary>No report is longer: a month without electricity is no outage but a closed office (calendar).</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    private static readonly string[] Forms = ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm"];

    /// <summary>Lower case, as in API and pages.</summary>
    public static string Wire(OutageKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Who may read the list; administrators also act on it.</summary>
    public static bool MayRead(Actor actor) => actor.Is(Roles.Admin) || actor.Is(Roles.Auditor) || actor.Is(Roles.UnitPpidHead);

    /// <summary>Newest first.</summary>
    public async Task<Result<Page<OutageView>>> ListAsync(Actor actor, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("forbidden");
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var cursor = after is { Length: > 0 } text ? Cursor.Parse(text) : null;
        if (after is { Length: > 0 } && cursor is null)
            return Problem.Invalid("cursor-invalid", "after");
        var page = await db.Outages.AsNoTracking()
            .Where(o => cursor == null || o.From < cursor.Value.At || (o.From == cursor.Value.At && o.Id < cursor.Value.Id))
            .OrderByDescending(o => o.From).ThenByDescending(o => o.Id).Take(pageSize + 1).ToListAsync(cancellation);
        var last = page.Count > pageSize ? page[pageSize - 1] : null;
        return new Page<OutageView>(
            await ViewsAsync([.. page.Take(pageSize)], cancellation), last is null ? null : new Cursor(last.From, last.Id).ToString());
    }

    /// <summary>Enters an outage of the past and credits whoever worked in it, also steps closed since.</summary>
    public Task<Result<OutageView>> ReportAsync(Actor actor, OutageForm form, CancellationToken cancellation = default) =>
        committer.RunManyAsync<OutageView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var now = time.Now();
            var problems = new List<Problem>();
            var from = Instant(form.From, "from", problems);
            var to = Instant(form.To, "to", problems);
            if (Reason(form.Reason) is { } missing)
                problems.Add(missing);
            if (to > now)
                problems.Add(Problem.Invalid("outage-not-over", "to"));
            if (from is not null && to is not null)
            {
                if (to <= from)
                    problems.Add(Problem.Invalid("outage-ends-before-it-begins", "to"));
                else if (to - from > Longest)
                    problems.Add(Problem.Invalid("outage-too-long", "to", Longest.Days));
            }
            if (from < now - Furthest)
                problems.Add(Problem.Invalid("outage-too-old", "from", Furthest.Days));
            if (problems.Count > 0)
                return Result<OutageView>.Refused(problems);

            var id = identifiers.Next();
            var outage = new Outage
            {
                Id = id,
                UniqueKey = $"reported:{id:n}",
                Kind = OutageKind.Reported,
                From = from!.Value,
                To = to!.Value,
                DetectedAt = now,
                DetectedBy = actor.UserName,
                Reason = form.Reason!.Trim()
            };
            db.Outages.Add(outage);
            var (credited, worth) = await credits.SettleAllAsync(outage, now, committer.WriteSoFarAsync, cancellation);
            audit.Add(AuditTrail.Administration, actor.UserName, "outage-reported", new JsonObject
            {
                ["id"] = outage.Id,
                ["from"] = outage.From,
                ["to"] = outage.To,
                ["reason"] = outage.Reason,
                ["credited"] = credited
            });
            return View(outage, credited, worth, await NamesAsync([outage], cancellation));
        }, cancellation);

    /// <summary>It was none: every credit is taken back by an event. One that lasts cannot be annulled.</summary>
    public Task<Result<OutageView>> AnnulAsync(Actor actor, Guid id, string? reason, CancellationToken cancellation = default) =>
        committer.RunManyAsync<OutageView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            if (await db.Outages.SingleOrDefaultAsync(o => o.Id == id, cancellation) is not { } outage)
                return Problem.NotFound("outage-not-found");
            if (!outage.Counts)
                return Problem.Conflict("outage-annulled");
            if (outage.To is null)
                return Problem.Conflict("outage-lasts");
            if (Reason(reason) is { } missing)
                return missing;
            var now = time.Now();
            (outage.AnnulledAt, outage.AnnulledBy, outage.AnnulledReason) = (now, actor.UserName, reason!.Trim());
            outage.Revision++;
            var reversed = await credits.ReverseAsync(outage, actor.UserName, now, committer.WriteSoFarAsync, cancellation);
            audit.Add(AuditTrail.Administration, actor.UserName, "outage-annulled", new JsonObject
            {
                ["id"] = outage.Id,
                ["reason"] = outage.AnnulledReason,
                ["reversed"] = reversed
            });
            return View(outage, reversed, 0, await NamesAsync([outage], cancellation));
        }, cancellation);

    private async Task<IReadOnlyList<OutageView>> ViewsAsync(IReadOnlyList<Outage> outages, CancellationToken cancellation)
    {
        var ids = outages.Select(o => (Guid?)o.Id).ToList();
        var sums = await db.ClockEvents.AsNoTracking().Where(e => ids.Contains(e.OutageId)).GroupBy(e => e.OutageId)
            .Select(g => new { Id = g.Key, Clocks = g.Select(e => e.ClockId).Distinct().Count(), Ms = g.Sum(e => e.CreditMs) }).ToListAsync(cancellation);
        var names = await NamesAsync(outages, cancellation);
        return [.. outages.Select(o => sums.FirstOrDefault(s => s.Id == o.Id) is { } sum ? View(o, sum.Clocks, sum.Ms, names) : View(o, 0, 0, names))];
    }

    // A node may bear the name of a user.
    private Task<IReadOnlyDictionary<string, string>> NamesAsync(IEnumerable<Outage> outages, CancellationToken cancellation) => directory.NamesAsync(
        outages.SelectMany(o => new[] { o.Kind == OutageKind.Reported ? o.DetectedBy : null, o.AnnulledBy }), cancellation);

    private static OutageView View(Outage outage, int clocks, long ms, IReadOnlyDictionary<string, string> names) => new(
        outage.Id, Wire(outage.Kind), outage.From, outage.To, outage.DetectedAt, outage.DetectedBy, outage.Reason, clocks, Math.Round(ms / 60_000.0, 2),
        outage.AnnulledAt, outage.AnnulledBy, outage.AnnulledReason)
    {
        ReportedByName = outage.Kind == OutageKind.Reported ? names.GetValueOrDefault(outage.DetectedBy, outage.DetectedBy) : null,
        AnnulledByName = outage.AnnulledBy is { } by ? names.GetValueOrDefault(by, by) : null
    };

    private DateTimeOffset? Instant(string? text, string field, List<Problem> problems)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            problems.Add(Problem.Invalid("outage-instant-required", field));
            return null;
        }
        if (DateTime.TryParseExact(text.Trim(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is > 2000 and < 3000
            && !office.Current.Zone.IsInvalidTime(local))
            return new DateTimeOffset(local, office.Current.Zone.GetUtcOffset(local)).ToUniversalTime();
        if (DateTimeOffset.TryParse(text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant) && text.Trim().Length > 19
            && instant.Year is > 2000 and < 3000)
            return instant.ToUniversalTime();
        problems.Add(Problem.Invalid("outage-instant-invalid", field));
        return null;
    }

    private static Problem? Reason(string? reason) => string.IsNullOrWhiteSpace(reason)
        ? Problem.Invalid("reason-required", "reason")
        : reason.Trim().Length > LongestReason ? Problem.Invalid("reason-too-long", "reason", LongestReason) : null;
}
