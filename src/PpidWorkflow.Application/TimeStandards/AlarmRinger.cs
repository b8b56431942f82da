using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Fires what is due. A sweep over rows, not a timer each: it may be late, run twice or side by side without harm, because inserting the fire
/// record is the claim, and record, mails and next instant are one commit (design.md §2.3). Never early: only rows whose instant has come.
/// </summary>
public sealed class AlarmRinger(
    PpidDbContext db, Committer committer, OfficeCalendar office, ClockKeeper clocks, RungActs acts, OfficerDirectory directory, InstanceTimers timers,
    EventPost events, TriggerStarts triggers, PutOff putOff,
    ServicePulse pulse, OutageCredits credits, AuditTrail audit, Identifiers identifiers, TimeProvider time,
    ILogger<AlarmRinger> logger)
{
    /// <summary>Firings composed while those before them are written.</summary>
    private const int HandedOver = 500;

    /// <summary>
    /// What is due now: rungs, at most <paramref name="most"/> clocks in one commit; then timers, triggers and events, a commit each. Says how many
    /// were served.
    /// </summary>
    /// <exception cref="InvalidOperationException">The store takes no commit: asking again at once would only hammer it.</exception>
    public async Task<int> RingAsync(int most, CancellationToken cancellation) =>
        await RingRungsAsync(most, null, cancellation) + await timers.ResumeAsync(most, cancellation) + await triggers.StartDueAsync(most, cancellation)
            + await events.DeliverAsync(most, cancellation);

    /// <summary>Whether two may ring side by side, each for one half of the cases: not on SQLite, which has one writer.</summary>
    public bool SharesCases => db.Database.IsNpgsql();

    /// <summary>
    /// Rungs that are due now, at most <paramref name="most"/> clocks in one commit; says how many were served. Where one of them cannot be, each has a
    /// commit of its own, and that one is left alone for a while (<see cref="PutOff"/>): it must hold up no other.
    /// </summary>
    /// <param name="most">Clocks.</param>
    /// <param name="half">0 or 1: those of one half of the cases, see <see cref="SharesCases"/>; null: all.</param>
    /// <param name="cancellation">Ends it before its commit.</param>
    /// <exception cref="InvalidOperationException">The store takes no commit.</exception>
    public async Task<int> RingRungsAsync(int most, int? half, CancellationToken cancellation)
    {
        Result<int> rung;
        try
        {
            rung = await CommitAsync((now, away) => Due(now, away, half).Take(most), cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is not NewerSchemaException)
        {
            return await RingEachAsync(most, half, failure.GetType().Name, cancellation);
        }
        if (rung.Succeeded)
            return rung.Value;
        if (rung.Problems[0].Kind == ProblemKind.Unavailable)
            throw new InvalidOperationException($"Alarms were not stored ({rung.Problems[0].Code}); they are tried again.");
        return await RingEachAsync(most, half, rung.Problems[0].Code, cancellation);
    }

    private async Task<int> RingEachAsync(int most, int? half, string why, CancellationToken cancellation)
    {
        var due = await Due(time.Now(), putOff.Keys, half).Take(most).Select(c => new { c.Id, c.CaseId }).ToListAsync(cancellation);
        // Each may well be served below, and nothing else would tell that the batch was not.
        if (due.Count > 0)
            logger.LogWarning("{Count} alarms failed in one commit ({Why}); each is tried by itself, clock {ClockId} first", due.Count, why, due[0].Id);
        var served = 0;
        foreach (var clock in due)
        {
            served += await putOff.ServeAsync(clock.Id.ToString(), $"An alarm of case {clock.CaseId}", async () =>
                await CommitAsync((now, _) => db.StepClocks.Where(c => c.Id == clock.Id && c.NextFireAt <= now), cancellation) is { Succeeded: false } refused
                    ? refused.Problems[0] : true, cancellation) ? 1 : 0;
        }
        return served;
    }

    private async Task<Result<int>> CommitAsync(Func<DateTimeOffset, IReadOnlyList<Guid>, IQueryable<StepClock>> rows, CancellationToken cancellation)
    {
        var instants = new List<DateTimeOffset>();
        var rung = await committer.RunManyAsync<int>(async () => await FireDueAsync(rows, instants, cancellation), cancellation);
        if (rung.Succeeded && committer.IsWatched)
            Lateness.Record(instants, time.GetUtcNow());
        return rung;
    }

    // By the index alone: a second column would have thousands that are due at one instant sorted anew for each batch.
    private IQueryable<StepClock> Due(DateTimeOffset now, IReadOnlyList<Guid> away, int? half)
    {
        var due = half is { } which ? PostgreSqlStore.DueOfHalf(db, now, which) : db.StepClocks.Where(c => c.NextFireAt <= now);
        return (away.Count == 0 ? due : due.Where(c => !away.Contains(c.Id))).OrderBy(c => c.NextFireAt);
    }

    /// <summary>The earliest instant at which there will be work; null: none is planned.</summary>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellation)
    {
        // One question: beside other nodes it is asked more than once a second, and on a busy one after every commit.
        if (putOff.Ids.Count == 0)
            return (await HotQueries.ListAsync(HotQueries.Of(db).Next(db), cancellation)).Min();
        var away = putOff.Keys;
        var rung = db.StepClocks.Where(c => c.NextFireAt != null && !away.Contains(c.Id)).OrderBy(c => c.NextFireAt).Select(c => c.NextFireAt).Take(1);
        var all = events.Next().Aggregate(rung.Concat(timers.Next()).Concat(triggers.Next()), (arms, arm) => arms.Concat(arm));
        var next = (await all.ToListAsync(cancellation)).Min();
        return putOff.Next is { } again && !(next <= again) ? again : next;
    }

    private async Task<Result<int>> FireDueAsync(
        Func<DateTimeOffset, IReadOnlyList<Guid>, IQueryable<StepClock>> rows, List<DateTimeOffset> instants, CancellationToken cancellation)
    {
        instants.Clear();
        var now = time.Now();
        // Suspended since somebody looked: the gap is settled first.
        if (pulse.IsStale)
            return 0;
        var due = await rows(now, putOff.Keys).AsNoTracking().ToListAsync(cancellation);
        if (due.Count == 0)
            return 0;
        CrashPoints.Reach("inside-sweep/alarms");
        // What another node's calendar made due must not be judged by the one of before.
        await office.RefreshAsync(db, cancellation);
        var tracked = await HoldUpAsync(due, now, cancellation);
        var fires = await FiresAsync(due, cancellation);
        var items = await ItemsAsync(due, cancellation);
        await audit.PrepareAsync(db, due.Select(c => AuditTrail.ChainOf(c.CaseId)), cancellation);
        // In the order of their instants over all clocks, as they would have gone out had nobody been away.
        var firings = new List<(StepClock Clock, RungFire Fire)>();
        foreach (var clock in due)
        {
            instants.Add(clock.NextFireAt!.Value);
            var fired = fires[clock.Id].ToHashSet();
            var revision = clock.Revision;
            foreach (var fire in clocks.FiringsUpTo(clock, now))
            {
                if (fired.Add((fire.RungIndex, fire.Repetition)))
                    firings.Add((clock, fire));
            }
            clocks.Advance(clock, fired);
            if (!tracked)
                db.Bulk!.Change(clock, revision, ClockKeeper.Advanced);
        }
        foreach (var part in firings.OrderBy(f => f.Fire.FireAt).Chunk(HandedOver))
        {
            // The clocks first, then each part while the next one is composed.
            await db.Ahead!.HandOverAsync(db, cancellation);
            foreach (var (clock, fire) in part)
                await FireAsync(clock, fire, items.GetValueOrDefault(clock.Id), now, cancellation);
            await audit.LinkAsync(db, cancellation);
        }
        return due.Count;
    }

    private async Task<ILookup<Guid, (int Rung, int Repetition)>> FiresAsync(List<StepClock> due, CancellationToken cancellation)
    {
        var ids = due.Select(c => c.Id).ToArray();
        return (await db.FireRecords.AsNoTracking().Where(f => EF.Parameter(ids).Contains(f.ClockId)).Select(f => new { f.ClockId, f.Rung, f.Repetition })
            .ToListAsync(cancellation)).ToLookup(f => f.ClockId, f => (f.Rung, f.Repetition));
    }

    /// <summary>
    /// The open work item of each clock. Tracked and whole only where a rung may change it: of the thousands that a burst only tells of, the
    /// columns are read that addressees and mail ask for, less than half of them, and what none of them asks for is left empty.
    /// </summary>
    private async Task<Dictionary<Guid, Subject>> ItemsAsync(List<StepClock> due, CancellationToken cancellation)
    {
        var (acting, telling) = (new List<Guid>(), new List<Guid>());
        foreach (var clock in due)
            (ClockKeeper.LadderOf(clock).Any(r => r.Action is EscalationAction.Reassign or EscalationAction.AddHelper) ? acting : telling).Add(clock.Id);
        var items = new Dictionary<Guid, Subject>();
        await ReadAsync(telling, db.WorkItems.AsNoTracking().Select(item => new WorkItem
        {
            Id = item.Id,
            CaseId = item.CaseId,
            CaseCreatedAt = item.CaseCreatedAt,
            InstanceId = item.InstanceId,
            BookmarkId = item.BookmarkId,
            ClockId = item.ClockId,
            ActivityId = item.ActivityId,
            StepNumber = item.StepNumber,
            StepPart = item.StepPart,
            Act = item.Act,
            Task = item.Task,
            Role = item.Role,
            AssigneeId = item.AssigneeId,
            ReceivedAt = item.ReceivedAt,
            StartedAt = item.StartedAt,
            Closure = item.Closure,
            Revision = item.Revision
        }));
        await ReadAsync(acting, db.WorkItems);
        await directory.PrepareAsync(items.Values.Select(i => i.Item.AssigneeId).OfType<Guid>(), cancellation);
        return items;

        async Task ReadAsync(List<Guid> clockIds, IQueryable<WorkItem> rows)
        {
            if (clockIds.Count == 0)
                return;
            var ids = clockIds.ToArray();
            var found = await (
                from item in rows
                join record in db.Cases on item.CaseId equals record.Id
                join instance in db.Instances on item.InstanceId equals instance.Id
                join version in db.DefinitionVersions on instance.DefinitionVersionId equals version.Id
                where EF.Parameter(ids).Contains(item.ClockId)
                select new { Item = item, record.Number, version.SopSlug }).ToListAsync(cancellation);
            // Asked for here and not there: SQLite would walk all open items instead of the few of these clocks.
            foreach (var row in found.Where(row => row.Item.IsOpen))
                items.TryAdd(row.Item.ClockId, new Subject(row.Item, row.Number, row.SopSlug));
        }
    }

    // Nobody is late with a task of which no mail could tell him: what is due is put off by the time that it waited. True: the clocks are tracked.
    private async Task<bool> HoldUpAsync(List<StepClock> due, DateTimeOffset now, CancellationToken cancellation)
    {
        var lately = now - OutageCredits.MailCatchesUp;
        if (!await db.Outages.AnyAsync(o => o.Kind == OutageKind.Mail && o.AnnulledAt == null && (o.To == null || o.To > lately), cancellation))
            return false;
        db.StepClocks.AttachRange(due);
        await credits.SettleAsync(due, now, cancellation);
        return true;
    }

    private async Task FireAsync(StepClock clock, RungFire fire, Subject? subject, DateTimeOffset now, CancellationToken cancellation)
    {
        var standard = ClockKeeper.Standard(clock);
        var rung = ClockKeeper.LadderOf(clock)[fire.RungIndex];
        var record = new FireRecord
        {
            Id = identifiers.Next(),
            ClockId = clock.Id,
            CaseId = clock.CaseId,
            Rung = fire.RungIndex,
            Repetition = fire.Repetition,
            DueAt = ClockKeeper.Whole(fire.FireAt),
            FiredAt = now,
            Action = rung.Action
        };
        db.Append(record);
        if (subject is not { Item: var item })
            return;
        // Plain time is not time of the standard: what was used of it is asked of the clock.
        var target = rung.AnyTime && clock.State == ClockState.Running
            ? standard.ConsumedAt(office.Current, record.DueAt)
            : standard.RungTarget(rung, fire.Repetition);
        // By plain time it may be later than the due instant; one that only waited for the office to open is still about the standard.
        var isOverdue = target == standard.Budget && (!rung.AnyTime || record.DueAt <= clock.DueAt);
        var news = new RungNews(
            rung.When == RungCondition.NotStarted ? "not-started" : target < standard.Budget ? "warning" : isOverdue ? "overdue" : "escalation",
            subject.SopSlug, subject.CaseNumber, clock, item.AssigneeId is { } id ? await directory.NameInAsync(id, item.Role, cancellation) : null,
            (int)(target.Ticks * 100 / standard.Budget.Ticks), record.Id, now, GoesOutAt(rung, record), rung.AnyTime);
        var told = await acts.PerformAsync(rung, record, news, item, cancellation);
        record.Addressees = JsonSerializer.Serialize(told.Select(t => t.Mail.Address));
        audit.Add(AuditTrail.ChainOf(clock.CaseId), "system", "rung-fired", new JsonObject
        {
            ["taskId"] = item.Id,
            ["step"] = item.StepLabel,
            ["template"] = news.Template,
            ["percent"] = news.Percent,
            ["addressees"] = told.Count,
            ["skipped"] = Skipped(told),
            ["action"] = rung.Action == EscalationAction.Notify ? null : JsonNamingPolicy.CamelCase.ConvertName(rung.Action.ToString()),
            ["done"] = rung.Action is EscalationAction.Reassign or EscalationAction.AddHelper ? record.OfficerId is not null : null
        });
    }

    // An alarm that is late, because the service was down or a closing was taken back, disturbs nobody in the night.
    private DateTimeOffset GoesOutAt(EscalationRung rung, FireRecord record) =>
        rung.AnyTime || !NightRest.IsLate(record.FiredAt, record.DueAt) ? record.FiredAt : office.Current.NextOpening(record.FiredAt);

    private static JsonArray? Skipped(IReadOnlyList<RungRecipient> told)
    {
        var names = told.SelectMany(t => t.InsteadOf).Select(s => s.Officer.UserName).Distinct().ToArray();
        return names.Length == 0 ? null : new JsonArray([.. names.Select(n => (JsonNode?)n)]);
    }

    /// <summary>What the rungs of a clock are about.</summary>
    /// <param name="Item">The open work item.</param>
    /// <param name="CaseNumber">Of its case.</param>
    /// <param name="SopSlug">Folder of its SOP; null: the service's own mails.</param>
    private sealed record Subject(WorkItem Item, string CaseNumber, string? SopSlug);
}
