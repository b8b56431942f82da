using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Alterations;

/// <summary>Alterations for chosen instances.</summary>
/// <param name="Alterations">In Elsa's form; all of them are done to an instance, or none.</param>
/// <param name="InstanceIds">At most <see cref="InstanceQuery.LargestPage"/>.</param>
/// <param name="Reason">Why, up to <see cref="AlterationDesk.LongestReason"/> characters; may be left out for trials alone.</param>
/// <param name="PlanId">Id for the plan, so that an order that is repeated makes no second one; null: a new one.</param>
public sealed record AlterationOrder(
    IReadOnlyList<JsonObject?> Alterations, IReadOnlyList<Guid> InstanceIds, string? Reason = null, Guid? PlanId = null);

/// <summary>What became of an instance, or what would.</summary>
/// <param name="Id">Of the job; empty in a dry run.</param>
/// <param name="DoneAt">UTC; null: not yet, or a dry run.</param>
public sealed record AlterationOutcome(
    Guid Id, Guid InstanceId, AlterationJobState State, IReadOnlyList<AlterationNote> Log, DateTimeOffset CreatedAt, DateTimeOffset? DoneAt);

/// <summary>A plan with all its jobs, in the order of the order.</summary>
public sealed record AlterationPlan(AlterationPlanRow Row, IReadOnlyList<AlterationOutcome> Jobs);

/// <summary>
/// Alterations of instances by an SOP manager (Elsa contract): dry run, plan, jobs. Of a case they need a reason and that he may see the case (its
/// migration needs the reason alone), are told in the case's own audit chain, and never touch the order of its steps (<see cref="StepOrder"/>).
/// </summary>
public sealed class AlterationDesk(
    PpidDbContext db, Committer committer, AlterationRehearsal rehearsal, IServiceScopeFactory scopes, AuditTrail audit,
    Identifiers identifiers, TimeProvider time, ILogger<AlterationDesk> logger)
{
    public const int LongestReason = 300;

    /// <summary>Says of each instance what would happen; changes nothing and needs no reason.</summary>
    public async Task<Result<IReadOnlyList<AlterationOutcome>>> DryRunAsync(Actor actor, AlterationOrder order, CancellationToken cancellation = default)
    {
        var read = await CheckAsync(actor, order, isDryRun: true, cancellation);
        if (!read.Succeeded)
            return read.As<IReadOnlyList<AlterationOutcome>>();
        var outcomes = new List<AlterationOutcome>();
        foreach (var id in order.InstanceIds.Distinct())
        {
            var instance = await db.Instances.AsNoTracking().SingleAsync(i => i.Id == id, cancellation);
            var tried = await rehearsal.TryAsync(instance, read.Value.Wanted, cancellation);
            outcomes.Add(new AlterationOutcome(
                Guid.Empty, id, tried.IsRefused ? AlterationJobState.Failed : AlterationJobState.Completed, tried.Notes, time.Now(), null));
        }
        return outcomes;
    }

    /// <summary>
    /// Stores the plan and carries it out. Once it is stored it has succeeded: what became of each instance is in its job, and what a crash cut off is
    /// carried out by the next sweep.
    /// </summary>
    public async Task<Result<Guid>> SubmitAsync(Actor actor, AlterationOrder order, CancellationToken cancellation = default)
    {
        var stored = await committer.RunAsync<Guid>(async () =>
        {
            var text = new JsonArray([.. order.Alterations.Select(a => a?.DeepClone())]).ToJsonString();
            var ids = order.InstanceIds.Distinct().ToList();
            if (order.PlanId is { } known && await db.AlterationPlans.AsNoTracking().SingleOrDefaultAsync(p => p.Id == known, cancellation) is { } earlier)
            {
                var same = await db.AlterationJobs.Where(j => j.PlanId == known).Select(j => j.InstanceId).ToListAsync(cancellation);
                return earlier.OrderedBy == actor.UserName && same.ToHashSet().SetEquals(ids) ? known : Problem.Conflict("alteration-plan-exists");
            }
            var read = await CheckAsync(actor, order, isDryRun: false, cancellation);
            if (!read.Succeeded)
                return read.As<Guid>();
            var (plan, now) = (order.PlanId ?? identifiers.Next(), time.Now());
            db.AlterationPlans.Add(new AlterationPlanRow
            {
                Id = plan,
                Alterations = text,
                Reason = Reason(order),
                OrderedBy = actor.UserName,
                OrderedByName = actor.DisplayName,
                OfCases = read.Value.OfCases,
                Jobs = ids.Count,
                CreatedAt = now,
                CompletedAt = ids.Count == 0 ? now : null
            });
            foreach (var id in ids)
                db.AlterationJobs.Add(new AlterationJobRow { Id = identifiers.Next(), PlanId = plan, InstanceId = id, CreatedAt = now });
            audit.Add(AuditTrail.Administration, actor.UserName, "alterations-ordered", new JsonObject
            {
                ["planId"] = plan,
                ["types"] = new JsonArray([.. order.Alterations.Select(a => a!["type"]!.DeepClone())]),
                ["instances"] = ids.Count,
                ["reason"] = Reason(order)
            });
            return plan;
        }, cancellation);
        if (stored.Succeeded)
            await CarryOutAsync(stored.Value, cancellation);
        return stored;
    }

    /// <summary>Null: there is none of that id.</summary>
    public async Task<AlterationPlan?> FindAsync(Guid id, CancellationToken cancellation = default)
    {
        if (await db.AlterationPlans.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation) is not { } plan)
            return null;
        var jobs = await db.AlterationJobs.AsNoTracking().Where(j => j.PlanId == id).OrderBy(j => j.Id).ToListAsync(cancellation);
        return new AlterationPlan(plan, [.. jobs.Select(j => new AlterationOutcome(
            j.Id, j.InstanceId, j.State, j.Log is null ? [] : JsonSerializer.Deserialize<List<AlterationNote>>(j.Log)!, j.CreatedAt, j.DoneAt))]);
    }

    /// <summary>Goes on with what a crash or a full disk left of plans; says how many instances were looked at.</summary>
    public async Task<int> ContinueAsync(CancellationToken cancellation)
    {
        var served = 0;
        foreach (var plan in await db.AlterationPlans.AsNoTracking().Where(p => p.CompletedAt == null).OrderBy(p => p.CreatedAt).Select(p => p.Id)
            .ToListAsync(cancellation))
            served += await CarryOutAsync(plan, cancellation);
        return served;
    }

    private async Task<int> CarryOutAsync(Guid plan, CancellationToken cancellation)
    {
        var pending = await db.AlterationJobs.AsNoTracking().Where(j => j.PlanId == plan && j.State == AlterationJobState.Pending).OrderBy(j => j.Id)
            .Select(j => j.Id).ToListAsync(cancellation);
        foreach (var job in pending)
        {
            try
            {
                // A scope each: one commit, one context, and an Idempotency-Key of the request must not answer for the next instance.
                await using var scope = scopes.CreateAsyncScope();
                var done = await scope.ServiceProvider.GetRequiredService<AlterationJobs>().CarryOutAsync(job, cancellation);
                if (done.Problems is [{ Kind: ProblemKind.Unavailable }])
                    break;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is not NewerSchemaException)
            {
                logger.LogError("Alteration job {Job} failed: {Failure}", job, failure.GetType().Name);
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<AlterationJobs>().GiveUpAsync(job, cancellation);
            }
        }
        return pending.Count;
    }

    private async Task<Result<(WantedAlterations Wanted, bool OfCases)>> CheckAsync(
        Actor actor, AlterationOrder order, bool isDryRun, CancellationToken cancellation)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        if (order.InstanceIds.Count > InstanceQuery.LargestPage)
            return Problem.Invalid("too-many-items", "workflowInstanceIds", InstanceQuery.LargestPage);
        var wanted = WantedAlterations.Read(order.Alterations);
        if (!wanted.Succeeded)
            return wanted.As<(WantedAlterations, bool)>();
        if (Reason(order)?.Length > LongestReason)
            return Problem.Invalid("reason-too-long", "reason", LongestReason);
        var instances = await db.Instances.AsNoTracking().Where(i => order.InstanceIds.Contains(i.Id))
            .Select(i => new { i.Id, Root = i.RootInstanceId ?? i.Id, i.IsTrial, i.StartedBy }).ToListAsync(cancellation);
        if (order.InstanceIds.Except(instances.Select(i => i.Id)).Cast<Guid?>().FirstOrDefault() is { } unknown)
            return Problem.Invalid("alteration-instance-unknown", "workflowInstanceIds", unknown == Guid.Empty ? "?" : $"{unknown:n}");
        var roots = instances.Where(i => !i.IsTrial && i.StartedBy is null).Select(i => i.Root).Distinct().ToList();
        if (roots.Count > 0 && wanted.Value.Cancels)
            return Problem.Conflict("instance-of-case");
        if (roots.Count > 0 && wanted.Value.Changes.Count > 0
            && await db.Cases.VisibleTo(db, actor).CountAsync(c => roots.Contains(c.InstanceId), cancellation) < roots.Count)
            return Problem.Forbidden("alteration-case-not-yours");
        if (!isDryRun && Reason(order) is null && instances.Exists(i => !i.IsTrial))
            return Problem.Invalid("reason-required", "reason");
        return (wanted.Value, roots.Count > 0);
    }

    private static string? Reason(AlterationOrder order) => order.Reason?.Trim() is { Length: > 0 } reason ? reason : null;
}
