using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What would happen to a case that is moved to the version in force.</summary>
/// <param name="Revision">Of the case's run; sent back with the order, so that nothing is moved that has gone on since.</param>
/// <param name="Step">"3": where it stands and stays, with the standard as begun; null: it waits for no person.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Obstacles">Why it cannot be moved; empty: it can.</param>
/// <param name="Ahead">Numbers of the steps that only the new version has and that the case will do.</param>
/// <param name="Skipped">Numbers of the steps that only the new version has and that the case has passed already.</param>
public sealed record MigrationPreview(
    Guid CaseId, string Number, int Revision, int FromVersion, string? Step, DateTimeOffset Since, IReadOnlyList<Problem> Obstacles,
    IReadOnlyList<string> Ahead, IReadOnlyList<string> Skipped);

/// <summary>A page of the dry run.</summary>
/// <param name="ToVersion">The version in force, to which all would move.</param>
public sealed record MigrationDryRun(string DefinitionId, string Name, int ToVersion, IReadOnlyList<MigrationPreview> Cases, string? Next);

/// <summary>Move this case, if it still is as the dry run saw it.</summary>
public sealed record MigrationOrder(Guid CaseId, int Revision);

/// <summary>What became of one order.</summary>
/// <param name="Problems">Empty: the case runs on the version in force now.</param>
public sealed record MigrationOutcome(Guid CaseId, string? Number, IReadOnlyList<Problem> Problems)
{
    /// <summary>The case runs on the version in force.</summary>
    public bool Moved => Problems.Count == 0;
}

/// <summary>
/// Moves chosen running cases to the version in force. Nothing runs: a case stands at its step as begun, the steps after it follow the new
/// version, and no finished step comes again. One commit a case, checked anew against the case as it is then.
/// </summary>
public sealed class CaseMigration(PpidDbContext db, Committer committer, InstanceMigration migration, IServiceScopeFactory scopes)
{
    /// <summary>Cases in one order.</summary>
    public const int MostOrders = 200;

    /// <summary>Says of each case on another version what would happen; changes nothing.</summary>
    public async Task<Result<MigrationDryRun>> DryRunAsync(
        Actor actor, string definitionId, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager) && !actor.Is(Roles.UnitPpidHead))
            return Problem.Forbidden("migration-not-yours");
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var from = after is { Length: > 0 } ? Cursor.Parse(after) : null;
        if (after is { Length: > 0 } && from is null)
            return Problem.Invalid("cursor-invalid", "after");
        if (await TargetAsync(definitionId, cancellation) is not { } target)
        {
            return await db.DefinitionVersions.AnyAsync(v => v.DefinitionId == definitionId, cancellation)
                ? Problem.Conflict("migration-nothing-in-force")
                : Problem.NotFound("definition-unknown");
        }
        var cases = db.Cases.AsNoTracking().Where(c => c.DefinitionId == definitionId && c.DefinitionVersion != target.Version
            && (c.State == CaseState.Running || c.State == CaseState.Faulted));
        if (from is { } cursor)
            cases = cases.Where(c => c.CreatedAt > cursor.At || (c.CreatedAt == cursor.At && c.Id > cursor.Id));
        var page = await cases.OrderBy(c => c.CreatedAt).ThenBy(c => c.Id).Take(pageSize + 1).ToListAsync(cancellation);
        var shown = page.Take(pageSize).ToList();

        var ids = shown.Select(c => c.InstanceId).ToList();
        var instances = await db.Instances.AsNoTracking().Where(i => ids.Contains(i.Id)).ToDictionaryAsync(i => i.Id, cancellation);
        var open = (await db.WorkItems.AsNoTracking().Where(w => ids.Contains(w.InstanceId) && w.Closure == WorkItemClosure.Open)
            .Select(w => new { w.InstanceId, w.StepNumber, w.StepPart, w.ReceivedAt }).ToListAsync(cancellation)).ToLookup(w => w.InstanceId);
        var finished = (await migration.FinishedAsync(ids, cancellation)).ToLookup(f => f.InstanceId, f => f.ActivityId);
        var previews = new List<MigrationPreview>();
        foreach (var record in shown)
        {
            var instance = instances[record.InstanceId];
            var plan = await migration.PlanAsync(instance, target, finished[instance.Id].ToHashSet(), cancellation);
            var items = open[instance.Id].OrderBy(w => w.ReceivedAt).ToList();
            previews.Add(new MigrationPreview(
                record.Id, record.Number, instance.Revision, instance.DefinitionVersion,
                items.Count == 0 ? null : string.Join(", ", items.Select(w => w.StepNumber + w.StepPart)), items.Count == 0 ? record.CreatedAt : items[0].ReceivedAt,
                [.. plan.Obstacles.Select(InstanceMigration.Obstacle)], [.. plan.Ahead.Select(s => s.Number)], [.. plan.Skipped.Select(s => s.Number)]));
        }
        return new MigrationDryRun(
            definitionId, target.Name, target.Version, previews, page.Count > pageSize ? new Cursor(shown[^1].CreatedAt, shown[^1].Id).ToString() : null);
    }

    /// <summary>Carries out what a manager has chosen; each case says for itself what became of it. Repeating an order is harmless.</summary>
    /// <param name="toVersion">The version that the dry run spoke of; refused where another is in force now.</param>
    public async Task<Result<IReadOnlyList<MigrationOutcome>>> CarryOutAsync(
        Actor actor, string definitionId, int? toVersion, IReadOnlyList<MigrationOrder> orders, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("migration-not-yours");
        if (toVersion is null)
            return Problem.Invalid("field-required", "toVersion");
        if (orders.Count == 0)
            return Problem.Invalid("migration-none-chosen", "cases");
        if (orders.Count > MostOrders)
            return Problem.Invalid("too-many-items", "cases", MostOrders);
        if (!await db.DefinitionVersions.AnyAsync(v => v.DefinitionId == definitionId, cancellation))
            return Problem.NotFound("definition-unknown");
        if ((await TargetAsync(definitionId, cancellation))?.Version != toVersion)
            return Problem.Conflict("migration-target-not-in-force");
        var outcomes = new List<MigrationOutcome>();
        foreach (var order in orders.DistinctBy(o => o.CaseId))
        {
            // A scope each: one commit, one context, and an Idempotency-Key of the request must not answer for the next case.
            await using var scope = scopes.CreateAsyncScope();
            outcomes.Add(await scope.ServiceProvider.GetRequiredService<CaseMigration>().MoveAsync(actor, definitionId, toVersion.Value, order, cancellation));
        }
        return outcomes;
    }

    private async Task<MigrationOutcome> MoveAsync(
        Actor actor, string definitionId, int toVersion, MigrationOrder order, CancellationToken cancellation)
    {
        string? number = null;
        var moved = await committer.RunAsync<bool>(async () =>
        {
            if (await db.Cases.SingleOrDefaultAsync(c => c.Id == order.CaseId && c.DefinitionId == definitionId, cancellation) is not { } record)
                return Problem.NotFound("case-not-found");
            number = record.Number;
            if (await TargetAsync(definitionId, cancellation) is not { } target || target.Version != toVersion)
                return Problem.Conflict("migration-target-not-in-force");
            if (record.State is not (CaseState.Running or CaseState.Faulted))
                return Problem.Conflict("case-not-running");
            var instance = await db.Instances.SingleAsync(i => i.Id == record.InstanceId, cancellation);
            if (instance.DefinitionVersionId == target.Id)
                return true;
            if (instance.Revision != order.Revision)
                return Problem.Conflict("stale-revision");
            var plan = await migration.PlanAsync(instance, target, cancellation);
            if (plan.State is null)
                return Result<bool>.Refused([.. plan.Obstacles.Select(InstanceMigration.Obstacle)]);
            await migration.MoveAsync(instance, record, target, plan, actor.UserName, null, cancellation);
            return true;
        }, cancellation);
        return new MigrationOutcome(order.CaseId, number, moved.Problems);
    }

    private Task<DefinitionVersion?> TargetAsync(string definitionId, CancellationToken cancellation) =>
        db.DefinitionVersions.AsNoTracking().SingleOrDefaultAsync(v => v.DefinitionId == definitionId && v.State == RevisionState.InForce, cancellation);
}
