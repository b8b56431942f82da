using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Application.Retention;

/// <summary>Trials that nobody has moved for long, with all their rows: what a manager may remove by hand in the designer.</summary>
public sealed class OldTrials(
    PpidDbContext db, Committer committer, AuditTrail audit, CompiledDefinitions compiled, IOptions<RetentionOptions> options)
    : OldInstances(db, committer, audit, compiled)
{
    private readonly PpidDbContext _db = db;

    public override string Name => "trials";

    public override string Setting => "Retention:TrialMonths";

    public override DateTimeOffset? Before(DateTimeOffset now) => RetentionRules.Before(options.Value.TrialMonths, now);

    protected override string Action => "trial-removed";

    protected override IQueryable<WorkflowInstance> Due(DateTimeOffset before) =>
        // With the instances that it started, none of which was moved since.
        _db.Instances.Where(i => i.IsTrial && i.RootInstanceId == null && i.CreatedAt < before && i.UpdatedAt < before
            && !_db.Instances.Any(c => c.RootInstanceId == i.Id && c.UpdatedAt >= before));
}

/// <summary>Runs that triggers started and that ended long ago, with all their rows: no case, and no record of one.</summary>
public sealed class OldRuns(
    PpidDbContext db, Committer committer, AuditTrail audit, CompiledDefinitions compiled, IOptions<RetentionOptions> options)
    : OldInstances(db, committer, audit, compiled)
{
    private readonly PpidDbContext _db = db;

    public override string Name => "runs";

    public override string Setting => "Retention:RunMonths";

    public override DateTimeOffset? Before(DateTimeOffset now) => RetentionRules.Before(options.Value.RunMonths, now);

    protected override string Action => "run-removed";

    protected override IQueryable<WorkflowInstance> Due(DateTimeOffset before) =>
        // With the instances that it started, all of which have ended.
        _db.Instances.Where(i => !i.IsTrial && i.StartedBy != null && i.RootInstanceId == null && i.CreatedAt < before && i.FinishedAt != null && i.FinishedAt < before
            && !_db.Instances.Any(c => c.RootInstanceId == i.Id && (c.FinishedAt == null || c.FinishedAt >= before)));
}

/// <summary>Instances without a case that go as a whole.</summary>
public abstract class OldInstances(PpidDbContext db, Committer committer, AuditTrail audit, CompiledDefinitions compiled) : IRetainedClass
{
    /// <summary>One may have thousands of lines.</summary>
    private const int InOneCommit = 20;

    public abstract string Name { get; }

    public abstract string? Setting { get; }

    /// <summary>What each removal is called in the audit trail.</summary>
    protected abstract string Action { get; }

    public abstract DateTimeOffset? Before(DateTimeOffset now);

    /// <summary>What may go; tracked.</summary>
    protected abstract IQueryable<WorkflowInstance> Due(DateTimeOffset before);

    public async Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await Due(before).GroupBy(_ => 1)
            .Select(g => new RetentionCount(g.LongCount(), g.Min(i => i.CreatedAt), g.Max(i => i.CreatedAt))).SingleOrDefaultAsync(cancellation)
        ?? RetentionCount.None;

    public async Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = RetentionCount.None;
        while (true)
        {
            List<Guid> gone = [];
            var batch = await committer.RunAsync<RetentionCount>(async () =>
            {
                // Tracked: one that is moved meanwhile keeps its rows.
                var trials = await Due(before).OrderBy(i => i.CreatedAt).Take(InOneCommit).ToListAsync(cancellation);
                gone = [.. trials.Select(t => t.Id)];
                var roots = gone.ToArray();
                var children = await db.Instances.Where(i => EF.Parameter(roots).Contains(i.RootInstanceId!.Value)).ToListAsync(cancellation);
                var ids = roots.Concat(children.Select(c => c.Id)).ToArray();
                await db.Bookmarks.Where(b => EF.Parameter(ids).Contains(b.InstanceId)).ExecuteDeleteAsync(cancellation);
                await db.Journal.Where(j => EF.Parameter(ids).Contains(j.InstanceId)).ExecuteDeleteAsync(cancellation);
                await db.Incidents.Where(i => EF.Parameter(ids).Contains(i.InstanceId)).ExecuteDeleteAsync(cancellation);
                db.Instances.RemoveRange(trials.Concat(children));
                foreach (var trial in trials)
                    audit.Add(AuditTrail.Administration, "system", Action,
                        new JsonObject { ["instanceId"] = trial.Id, ["definitionId"] = trial.DefinitionId, ["before"] = before.UtcDateTime });
                return trials.Count == 0 ? RetentionCount.None : new RetentionCount(trials.Count, trials[0].CreatedAt, trials[^1].CreatedAt);
            }, cancellation);
            if (!batch.Succeeded)
                return batch;
            gone.ForEach(compiled.ForgetTrial);
            removed = removed.And(batch.Value);
            if (batch.Value.Rows < InOneCommit)
                return removed;
        }
    }
}
