using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Runtime;

/// <summary>An event that reached nobody; what it carried is shown nowhere.</summary>
/// <param name="CorrelationId">Null also where who looks may not know of the case.</param>
/// <param name="InstanceId">The only instance that it was for; null: for all.</param>
/// <param name="Reason"><c>expired</c>, <c>instance-ended</c>, <c>event-loop</c>, <c>trigger-gone</c>.</param>
/// <param name="Attempts">How often somebody was looked for.</param>
/// <param name="IsStart">It was to start a workflow that has a trigger for it.</param>
/// <param name="ToldBy">User name of who told it from outside; null: a workflow published it.</param>
/// <param name="ToldByName">His name; null also where no officer is called so any more.</param>
/// <param name="Revision">Sent back with what is done to it.</param>
public sealed record DeadLetter(
    Guid Id, string Name, string? CorrelationId, Guid? InstanceId, string Reason, DateTimeOffset CreatedAt, DateTimeOffset DeadAt, int Attempts, bool IsStart,
    string? ToldBy, string? ToldByName, int Revision)
{
    /// <summary>False: it would only come back; who it was for is no more.</summary>
    public bool CanBeDelivered => Reason is not ("instance-ended" or "trigger-gone");
}

/// <summary>What became of a delivery that somebody ordered.</summary>
/// <param name="State"><c>delivered</c>; <c>kept</c>: nobody waits now, the first who does gets it; <c>dead</c>: again.</param>
/// <param name="KeptUntil">UTC; null: it is not kept.</param>
public sealed record DeadLetterOutcome(Guid Id, string State, DateTimeOffset? KeptUntil);

/// <summary>What reached nobody, and the two remedies: deliver it again, or discard it with a reason. For administrators and SOP managers.</summary>
public sealed class DeadLetterDesk(
    PpidDbContext db, Committer committer, IServiceScopeFactory scopes, OfficerDirectory directory, AuditTrail audit, IOptions<EventOptions> options,
    TimeProvider time)
{
    public const int LongestReason = 300;

    /// <summary>Who may see them all, and act.</summary>
    public static bool MayAct(Actor actor) => actor.Is(Roles.Admin) || actor.Is(Roles.SopManager);

    /// <summary>How many there are, for whoever looks after the service.</summary>
    public Task<long> CountAsync(CancellationToken cancellation = default) => Dead().LongCountAsync(cancellation);

    /// <summary>Newest first, a page at a time.</summary>
    public async Task<Result<Page<DeadLetter>>> ListAsync(Actor actor, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (!MayAct(actor))
            return Problem.Forbidden("forbidden");
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var from = after is { Length: > 0 } ? Cursor.Parse(after) : null;
        if (after is { Length: > 0 } && from is null)
            return Problem.Invalid("cursor-invalid", "after");
        var dead = Dead();
        if (from is { } cursor)
            dead = dead.Where(e => e.DeadAt < cursor.At || (e.DeadAt == cursor.At && e.Id < cursor.Id));
        var page = await dead.OrderByDescending(e => e.DeadAt).ThenByDescending(e => e.Id).Take(pageSize + 1).ToListAsync(cancellation);
        var shown = page.Take(pageSize).ToList();
        return new Page<DeadLetter>(
            await LettersAsync(actor, shown, cancellation), page.Count > pageSize ? new Cursor(shown[^1].DeadAt!.Value, shown[^1].Id).ToString() : null);
    }

    /// <summary>The same by number, as Elsa's clients ask.</summary>
    public async Task<(IReadOnlyList<DeadLetter> Items, long Total)> SpanAsync(Actor actor, int skip, int take, CancellationToken cancellation = default)
    {
        var page = await Dead().OrderByDescending(e => e.DeadAt).ThenByDescending(e => e.Id).Skip(skip).Take(take).ToListAsync(cancellation);
        return (await LettersAsync(actor, page, cancellation), await CountAsync(cancellation));
    }

    /// <summary>Null: it is not there, or is no dead letter any more.</summary>
    public async Task<DeadLetter?> FindAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        await Dead().SingleOrDefaultAsync(e => e.Id == id, cancellation) is { } letter ? (await LettersAsync(actor, [letter], cancellation))[0] : null;

    /// <summary>
    /// Looks once more for whoever waits for it or is started by it; where nobody does, it is kept as long as a new one would be. What would only come
    /// back at once is refused.
    /// </summary>
    /// <param name="revision">As it was seen; null: whatever it is.</param>
    public async Task<Result<DeadLetterOutcome>> DeliverAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation = default)
    {
        var stored = await committer.RunAsync<Guid>(async () =>
        {
            var found = await TakeAsync(actor, id, revision, cancellation);
            if (!found.Succeeded)
                return found.As<Guid>();
            var letter = found.Value;
            if (letter.TriggerId is { } trigger && !await db.Triggers.AnyAsync(t => t.Id == trigger, cancellation))
                return Problem.Conflict("dead-letter-trigger-gone");
            if (letter.InstanceId is { } only && !await db.Instances.AnyAsync(i => i.Id == only && i.FinishedAt == null, cancellation))
                return Problem.Conflict("instance-ended");
            (letter.State, letter.DeadAt, letter.DeadReason) = (EventState.Pending, null, null);
            letter.ExpiresAt = time.Now() + TimeSpan.FromMinutes(options.Value.KeptMinutes);
            // Somebody stands between it and what led to it: it is no loop of its own any more.
            letter.Depth = 0;
            letter.Attempts = Math.Max(1, letter.Attempts);
            letter.Revision++;
            Audit(actor, "event-redelivered", letter, null);
            return id;
        }, cancellation);
        if (!stored.Succeeded)
            return stored.As<DeadLetterOutcome>();
        // A scope of its own: an Idempotency-Key of the request must not answer for what is delivered.
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<EventPost>().DeliverAsync(id, cancellation);
        var left = await db.Events.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellation);
        return new DeadLetterOutcome(id, left?.State switch
        {
            EventState.Kept => "kept",
            EventState.Dead => "dead",
            _ => "delivered"
        }, left is { State: EventState.Kept } ? left.ExpiresAt : null);
    }

    /// <summary>Removes it for good; who, which and why stay in the administration's audit chain.</summary>
    public Task<Result<Guid>> DiscardAsync(Actor actor, Guid id, int? revision, string? reason, CancellationToken cancellation = default) =>
        committer.RunAsync<Guid>(async () =>
        {
            var found = await TakeAsync(actor, id, revision, cancellation);
            if (!found.Succeeded)
                return found.As<Guid>();
            if (string.IsNullOrWhiteSpace(reason))
                return Problem.Invalid("reason-required", "reason");
            if (reason.Trim().Length > LongestReason)
                return Problem.Invalid("reason-too-long", "reason", LongestReason);
            db.Events.Remove(found.Value);
            Audit(actor, "event-discarded", found.Value, reason.Trim());
            return id;
        }, cancellation);

    private async Task<Result<EventRow>> TakeAsync(Actor actor, Guid id, int? revision, CancellationToken cancellation)
    {
        if (!MayAct(actor))
            return Problem.Forbidden("forbidden");
        if (await db.Events.SingleOrDefaultAsync(e => e.Id == id && e.State == EventState.Dead, cancellation) is not { } letter)
            return Problem.NotFound("dead-letter-not-found");
        return revision is not null && revision != letter.Revision ? Problem.Conflict("stale-revision") : letter;
    }

    // Neither correlation nor payload: a workflow may correlate by what is in a dossier.
    private void Audit(Actor actor, string action, EventRow letter, string? reason)
    {
        var facts = new JsonObject { ["eventId"] = letter.Id, ["event"] = letter.Name, ["createdAt"] = letter.CreatedAt };
        if (letter.InstanceId is { } only)
            facts["instanceId"] = only;
        if (reason is not null)
            facts["reason"] = reason;
        audit.Add(AuditTrail.Administration, actor.UserName, action, facts);
    }

    private IQueryable<EventRow> Dead() => db.Events.AsNoTracking().Where(e => e.State == EventState.Dead && e.DeadAt != null);

    private async Task<IReadOnlyList<DeadLetter>> LettersAsync(Actor actor, IReadOnlyList<EventRow> rows, CancellationToken cancellation)
    {
        var names = await directory.NamesAsync(rows.Select(e => e.ToldBy), cancellation);
        return [.. rows.Select(e => Letter(actor, e, names))];
    }

    private static DeadLetter Letter(Actor actor, EventRow e, IReadOnlyDictionary<string, string> names) => new(
        e.Id, e.Name, actor.SeesAllCases || e.OfTrial == true || e.ToldBy == actor.UserName ? e.CorrelationId : null, e.InstanceId, e.DeadReason!, e.CreatedAt,
        // A letter of an earlier release was looked for once.
        e.DeadAt!.Value, Math.Max(1, e.Attempts), e.TriggerId is not null, e.ToldBy, names.GetValueOrDefault(e.ToldBy ?? ""), e.Revision);
}
