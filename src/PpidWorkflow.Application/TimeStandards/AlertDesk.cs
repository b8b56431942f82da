using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>An alert as its addressee sees it on a page.</summary>
public sealed record AlertView
{
    /// <summary>The fire record.</summary>
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required string CaseNumber { get; init; }

    /// <summary>The open work item of the step, else its last one.</summary>
    public required Guid TaskId { get; init; }
    public required StepView Step { get; init; }

    /// <summary>When the rung fired, UTC.</summary>
    public required DateTimeOffset FiredAt { get; init; }

    /// <summary>When the step's standard is used up, UTC; null while paused, not begun, or done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Of the reader; UTC.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }
}

/// <summary>
/// Alerts as officers meet them besides the mail: banners on their pages, and the note that one was taken notice of. Acknowledging changes
/// nothing else: neither the clock nor the rungs still to come.
/// </summary>
public sealed class AlertDesk(PpidDbContext db, Committer committer, TaskReader reader, AuditTrail audit, TimeProvider time)
{
    /// <summary>More are not shown at once; each step shows its newest.</summary>
    private const int MostBanners = 5;

    /// <summary>What stands on every page of an officer now: one a step, the newest first.</summary>
    public async Task<IReadOnlyList<AlertView>> BannersAsync(Actor actor, CancellationToken cancellation = default)
    {
        var standing = await (
            from banner in Standing(actor.Id)
            join fire in db.FireRecords.AsNoTracking() on banner.FireRecordId equals fire.Id
            select fire).ToListAsync(cancellation);
        if (standing.Count == 0)
            return [];
        var newest = standing.GroupBy(f => f.ClockId).Select(g => g.MaxBy(f => (f.FiredAt, f.Id))!).OrderByDescending(f => f.FiredAt).ThenByDescending(f => f.Id)
            .Take(MostBanners).ToList();
        return await ViewsAsync(newest, null, cancellation);
    }

    /// <summary>An alert that told the officer, while he has not taken note of it and its step is not done; otherwise null.</summary>
    public async Task<AlertView?> StandingAsync(Guid fireRecordId, Actor actor, CancellationToken cancellation = default)
    {
        var fire = await db.FireRecords.AsNoTracking().SingleOrDefaultAsync(
            f => f.Id == fireRecordId && db.StepClocks.Any(c => c.Id == f.ClockId && c.State != ClockState.Closed)
                && db.Outbox.Any(m => m.FireRecordId == f.Id && m.OfficerId == actor.Id)
                && !db.AlertAcknowledgements.Any(a => a.FireRecordId == f.Id && a.OfficerId == actor.Id), cancellation);
        return fire is null ? null : (await ViewsAsync([fire], null, cancellation))[0];
    }

    /// <summary>
    /// Takes note of an alert, and with it of the officer's earlier banners of the same step. Once is enough: repeated, it answers as the
    /// first time.
    /// </summary>
    /// <param name="fireRecordId">The alert.</param>
    /// <param name="actor">Whom it told; for everybody else there is no such alert (<c>alert-not-found</c>).</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<AlertView>> AcknowledgeAsync(Guid fireRecordId, Actor actor, CancellationToken cancellation = default) =>
        committer.RunAsync<AlertView>(async () =>
        {
            var fire = await db.FireRecords.AsNoTracking().SingleOrDefaultAsync(f => f.Id == fireRecordId, cancellation);
            if (fire is null || !await db.Outbox.AnyAsync(m => m.FireRecordId == fireRecordId && m.OfficerId == actor.Id, cancellation))
                return Problem.NotFound("alert-not-found");
            var known = await db.AlertAcknowledgements.AsNoTracking()
                .SingleOrDefaultAsync(a => a.FireRecordId == fireRecordId && a.OfficerId == actor.Id, cancellation);
            if (known is not null)
                return (await ViewsAsync([fire], known.At, cancellation))[0];
            var now = time.Now();
            var along = await Standing(actor.Id).Where(b => b.ClockId == fire.ClockId && b.FireRecordId != fireRecordId
                && db.FireRecords.Any(f => f.Id == b.FireRecordId && f.FiredAt <= fire.FiredAt)).Select(b => b.FireRecordId).ToListAsync(cancellation);
            foreach (var id in along.Append(fireRecordId))
                db.AlertAcknowledgements.Add(new AlertAcknowledgement { FireRecordId = id, OfficerId = actor.Id, At = now });
            var view = (await ViewsAsync([fire], now, cancellation))[0];
            var facts = new JsonObject
            {
                ["taskId"] = view.TaskId,
                ["step"] = view.Step.Label,
                ["fireId"] = fireRecordId
            };
            if (await CapacityAsync(actor, view.TaskId, cancellation) is { } capacity)
                facts["capacity"] = capacity;
            if (actor.Via is { } via)
                facts["via"] = via;
            audit.Add(AuditTrail.ChainOf(fire.CaseId), actor.UserName, "alert-acknowledged", facts);
            return view;
        }, cancellation);

    /// <summary>In what capacity an officer is told of a work item: "Plh. Kepala Biro Umum"; null: in his own.</summary>
    internal async Task<string?> CapacityAsync(Actor actor, Guid taskId, CancellationToken cancellation)
    {
        var item = await db.WorkItems.AsNoTracking().Include(w => w.Helpers).SingleAsync(w => w.Id == taskId, cancellation);
        return await reader.SpeakingTitleAsync(actor, item, cancellation);
    }

    private IQueryable<AlertBanner> Standing(Guid officerId) => db.AlertBanners.AsNoTracking()
        .Where(b => b.OfficerId == officerId && b.Clock!.State != ClockState.Closed
            && !db.AlertAcknowledgements.Any(a => a.FireRecordId == b.FireRecordId && a.OfficerId == officerId));

    private async Task<List<AlertView>> ViewsAsync(List<FireRecord> fires, DateTimeOffset? acknowledgedAt, CancellationToken cancellation)
    {
        var clocks = fires.Select(f => f.ClockId).ToList();
        var items = await db.WorkItems.AsNoTracking().Include(w => w.Case).Include(w => w.Clock).Where(w => clocks.Contains(w.ClockId)).ToListAsync(cancellation);
        return [.. fires.Select(fire =>
        {
            var item = items.Where(w => w.ClockId == fire.ClockId).OrderByDescending(w => w.IsOpen).ThenByDescending(w => w.ReceivedAt).First();
            return new AlertView
            {
                Id = fire.Id,
                CaseId = item.CaseId,
                CaseNumber = item.Case!.Number,
                TaskId = item.Id,
                Step = TaskReader.Step(item, StepDesk.TaskOf(item)),
                FiredAt = fire.FiredAt,
                DueAt = item.Clock!.DueAt,
                AcknowledgedAt = acknowledgedAt
            };
        })];
    }
}
