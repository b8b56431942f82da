using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Primitives;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Delivers events. First it is settled in one commit who gets an event: everybody who waits for it then (their bookmarks take its id), and every
/// trigger in force (a row of its own for each start). Then each is resumed or started in a commit of its own, which burns the bookmark or the row: once,
/// whoever dies and however many nodes deliver. An event that nobody waited for is kept for the first who does.
/// </summary>
public sealed class EventPost(
    PpidDbContext db, Committer committer, WorkflowRuntime runtime, TriggerStarts starts, PutOff putOff, AuditTrail audit, TimeProvider time)
{
    /// <summary>Events that may lead to one another without anybody or any time between them; more is a loop.</summary>
    public const int MostDepth = 100;

    /// <summary>The earliest instant at which there is something to do here, an arm a kind of it.</summary>
    internal IEnumerable<IQueryable<DateTimeOffset?>> Next()
    {
        var (ids, keys) = (putOff.Ids, putOff.Keys);
        var (events, bookmarks) = (db.Events.AsQueryable(), db.Bookmarks.AsQueryable());
        if (ids.Count > 0)
        {
            events = events.Where(e => !keys.Contains(e.Id));
            bookmarks = bookmarks.Where(b => !ids.Contains(b.Id));
        }
        yield return events.Where(e => e.State == EventState.Pending).OrderBy(e => e.CreatedAt).Select(e => (DateTimeOffset?)e.CreatedAt).Take(1);
        yield return bookmarks.Where(b => b.EventId != null).OrderBy(b => b.EventId).Select(b => (DateTimeOffset?)b.CreatedAt).Take(1);
        yield return Wanted(events).OrderBy(e => e.CreatedAt).Select(e => (DateTimeOffset?)e.CreatedAt).Take(1);
        yield return events.Where(e => e.State == EventState.Kept).OrderBy(e => e.ExpiresAt).Select(e => (DateTimeOffset?)e.ExpiresAt).Take(1);
        yield return events.Where(e => e.State == EventState.Told).OrderBy(e => e.ExpiresAt).Select(e => (DateTimeOffset?)e.ExpiresAt).Take(1);
    }

    /// <summary>Delivers what there is, oldest first; says how much was served.</summary>
    /// <exception cref="InvalidOperationException">The store takes no commit.</exception>
    public async Task<int> DeliverAsync(int most, CancellationToken cancellation)
    {
        var (now, keys) = (time.Now(), putOff.Keys);
        var served = 0;
        foreach (var id in await db.Events.Where(e => e.State == EventState.Pending && !keys.Contains(e.Id)).OrderBy(e => e.CreatedAt).ThenBy(e => e.Id)
            .Select(e => e.Id).Take(most).ToListAsync(cancellation))
            served += await SettleAsync(id, cancellation) ? 1 : 0;
        foreach (var id in await Wanted(db.Events.Where(e => !keys.Contains(e.Id))).Where(e => e.ExpiresAt > now).OrderBy(e => e.CreatedAt).ThenBy(e => e.Id)
            .Select(e => e.Id).Take(most).ToListAsync(cancellation))
            served += await GiveAsync(id, cancellation) ? 1 : 0;
        foreach (var id in await db.Events.Where(e => (e.State == EventState.Kept || e.State == EventState.Told) && e.ExpiresAt <= now && !keys.Contains(e.Id))
            .OrderBy(e => e.ExpiresAt).Select(e => e.Id).Take(most).ToListAsync(cancellation))
            served += await ExpireAsync(id, cancellation) ? 1 : 0;
        return served + await ResumeAsync(null, most, cancellation);
    }

    /// <summary>Delivers one event that was told just now, so that who told it sees what came of it.</summary>
    public async Task DeliverAsync(Guid id, CancellationToken cancellation)
    {
        await SettleAsync(id, cancellation);
        foreach (var start in await db.Events.Where(e => e.CauseId == id && e.State == EventState.Pending).Select(e => e.Id).ToListAsync(cancellation))
            await SettleAsync(start, cancellation);
        await ResumeAsync(id, int.MaxValue, cancellation);
    }

    private Task<bool> SettleAsync(Guid id, CancellationToken cancellation) => ServeAsync(id, async () =>
    {
        if (await db.Events.SingleOrDefaultAsync(e => e.Id == id && e.State == EventState.Pending, cancellation) is not { } told)
            return Problem.Conflict("stale-revision");
        told.Attempts++;
        if (told.Depth > MostDepth)
        {
            told.Bury("event-loop", time.Now());
            return true;
        }
        if (told.TriggerId is not null)
            return await starts.StartAsync(told, cancellation);
        // Nobody will ever come for it.
        if (told.InstanceId is { } only && !await db.Instances.AnyAsync(i => i.Id == only && i.FinishedAt == null, cancellation))
        {
            told.Bury("instance-ended", time.Now());
            return true;
        }
        var waiting = await WaitingFor(told).ToListAsync(cancellation);
        waiting.RemoveAll(w => !w.Bookmark.EventName!.Equals(told.Name, StringComparison.Ordinal));
        foreach (var (bookmark, _) in waiting)
            bookmark.EventId = told.Id;
        var begun = await starts.OweAsync(told, cancellation);
        // What a manager tries out takes nothing from the office: an event from outside is kept for it all the same.
        var taken = begun + waiting.Count(w => !w.IsTrial || told.OfTrial == true || told.InstanceId is not null);
        told.State = taken > 0 ? EventState.Told : EventState.Kept;
        told.Revision++;
        if (taken > 0 && waiting.Count == 0)
            db.Events.Remove(told);
        return true;
    }, cancellation);

    private Task<bool> GiveAsync(Guid id, CancellationToken cancellation) => ServeAsync(id, async () =>
    {
        if (await db.Events.SingleOrDefaultAsync(e => e.Id == id && e.State == EventState.Kept, cancellation) is not { } kept || kept.ExpiresAt <= time.Now())
            return Problem.Conflict("stale-revision");
        var first = (await WaitingFor(kept).ToListAsync(cancellation))
            .Find(w => w.Bookmark.EventName!.Equals(kept.Name, StringComparison.Ordinal) && (kept.OfTrial is not null || kept.InstanceId is not null || !w.IsTrial));
        if (first is null)
            return Problem.Conflict("stale-revision");
        first.Bookmark.EventId = kept.Id;
        kept.State = EventState.Told;
        kept.Revision++;
        return true;
    }, cancellation);

    private Task<bool> ExpireAsync(Guid id, CancellationToken cancellation) => ServeAsync(id, async () =>
    {
        if (await db.Events.SingleOrDefaultAsync(e => e.Id == id, cancellation) is not { State: EventState.Kept or EventState.Told } old
            || await db.Bookmarks.AnyAsync(b => b.EventId == id, cancellation))
            return Problem.Conflict("stale-revision");
        if (old.Deliveries > 0)
            db.Events.Remove(old);
        else
            old.Bury("expired", time.Now());
        return true;
    }, cancellation);

    private async Task<int> ResumeAsync(Guid? eventId, int most, CancellationToken cancellation)
    {
        var away = putOff.Ids;
        var holders = await db.Bookmarks.Where(b => b.EventId != null && (eventId == null || b.EventId == eventId) && !away.Contains(b.Id))
            .OrderBy(b => b.EventId).ThenBy(b => b.CreatedAt).ThenBy(b => b.Id).Select(b => new { b.Id, b.InstanceId }).Take(most).ToListAsync(cancellation);
        var served = 0;
        foreach (var holder in holders)
        {
            served += await putOff.ServeAsync(
                holder.Id, $"An event for instance {holder.InstanceId}",
                () => committer.RunAsync<bool>(() => ResumeAsync(holder.Id, cancellation), cancellation), cancellation) ? 1 : 0;
        }
        return served;
    }

    private async Task<Result<bool>> ResumeAsync(string bookmarkId, CancellationToken cancellation)
    {
        if (await db.Bookmarks.SingleOrDefaultAsync(b => b.Id == bookmarkId && b.EventId != null, cancellation) is not { } bookmark
            || await db.Instances.SingleOrDefaultAsync(i => i.Id == bookmark.InstanceId, cancellation) is not { } instance
            || await db.Events.SingleOrDefaultAsync(e => e.Id == bookmark.EventId, cancellation) is not { } told)
            return Problem.Conflict("stale-revision");
        bookmark.EventId = null;
        told.Deliveries++;
        told.Revision++;
        if (told.State == EventState.Told && !await db.Bookmarks.AnyAsync(b => b.EventId == told.Id && b.Id != bookmarkId, cancellation))
            db.Events.Remove(told);
        if (await db.CaseOfAsync(instance, cancellation) is { } record)
            audit.Add(AuditTrail.ChainOf(record.Id), told.ToldBy ?? "system", "event-received", new JsonObject { ["event"] = told.Name, ["activityId"] = bookmark.ActivityId });
        runtime.EventDepth = told.Depth + 1;
        runtime.HearsOfInstance = told.OfTrial is not null;
        try
        {
            var input = told.Payload is { } payload ? Event.InputOf(JsonNode.Parse(payload)) : null;
            return await runtime.ResumeByItselfAsync(instance, bookmarkId, input, cancellation) is { } refused ? refused : true;
        }
        finally
        {
            runtime.EventDepth = 0;
            runtime.HearsOfInstance = false;
        }
    }

    private Task<bool> ServeAsync(Guid id, Func<Task<Result<bool>>> act, CancellationToken cancellation) =>
        putOff.ServeAsync(id.ToString(), $"Event {id}", () => committer.RunAsync(act, cancellation), cancellation);

    /// <summary>Bookmarks that an event is for, oldest first; tracked.</summary>
    private IQueryable<Waiting> WaitingFor(EventRow told) =>
        from bookmark in db.Bookmarks
        join instance in db.Instances on bookmark.InstanceId equals instance.Id
        where bookmark.EventName == told.Name && bookmark.EventId == null
            && (told.InstanceId == null || bookmark.InstanceId == told.InstanceId)
            && (told.CorrelationId == null || instance.CorrelationId == told.CorrelationId)
            && (told.OfTrial == null || instance.IsTrial == told.OfTrial)
        orderby bookmark.CreatedAt, bookmark.Id
        select new Waiting(bookmark, instance.IsTrial);

    /// <summary>Kept events for which somebody waits by now.</summary>
    private IQueryable<EventRow> Wanted(IQueryable<EventRow> events) => events.Where(e => e.State == EventState.Kept
        && db.Bookmarks.Any(b => b.EventName == e.Name && b.EventId == null && (e.InstanceId == null || b.InstanceId == e.InstanceId)
            && db.Instances.Any(i => i.Id == b.InstanceId && (e.CorrelationId == null || i.CorrelationId == e.CorrelationId)
                && (e.OfTrial == null ? e.InstanceId != null || !i.IsTrial : i.IsTrial == e.OfTrial))));

    private sealed record Waiting(BookmarkRow Bookmark, bool IsTrial);
}

/// <summary>Events whose receiver went before they reached it.</summary>
internal static class LostReceivers
{
    /// <summary>What these bookmarks had got and not been resumed with is kept for another, unless somebody else had it, too.</summary>
    public static async Task ReleaseEventsAsync(this PpidDbContext db, IReadOnlyCollection<BookmarkRow> gone, CancellationToken cancellation)
    {
        foreach (var holders in gone.Where(b => b.EventId is not null).GroupBy(b => b.EventId!.Value).ToList())
        {
            var ids = holders.Select(b => b.Id).ToList();
            if (await db.Events.SingleOrDefaultAsync(e => e.Id == holders.Key, cancellation) is not { State: EventState.Told } told
                || await db.Bookmarks.AnyAsync(b => b.EventId == told.Id && !ids.Contains(b.Id), cancellation))
                continue;
            told.State = EventState.Kept;
            told.Revision++;
            if (told.Deliveries > 0)
                db.Events.Remove(told);
        }
    }
}
