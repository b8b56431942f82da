using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What became of publishing several definitions; ids by outcome.</summary>
/// <param name="Messages">Why those that failed did.</param>
public sealed record BulkProposed(
    IReadOnlyList<string> Proposed, IReadOnlyList<string> AlreadyPublished, IReadOnlyList<string> NotFound, IReadOnlyList<string> Failed,
    IReadOnlyDictionary<string, IReadOnlyList<Problem>> Messages);

/// <summary>What became of retracting several definitions; ids by outcome.</summary>
public sealed record BulkWithdrawn(
    IReadOnlyList<string> Withdrawn, IReadOnlyList<string> InForce, IReadOnlyList<string> NotProposed, IReadOnlyList<string> NotFound);

/// <summary>What Studio calls publishing and retracting: a proposal, and its withdrawal.</summary>
public sealed partial class DraftDesk
{
    /// <summary>Proposes the latest content as it stands.</summary>
    public async Task<Result<DraftSaved>> PublishAsync(Actor actor, string definitionId, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        if (await LatestAsync(definitionId, cancellation) is not { } latest)
            return Problem.NotFound("definition-not-found");
        if (Published.Contains(latest.State))
            return new DraftSaved(latest, false, true, []);
        // What was withdrawn or rejected stays as it is; the same content goes on as the next draft.
        if (latest.State != RevisionState.Draft)
            return await SaveDraftAsync(actor, JsonNode.Parse(latest.Content)!.AsObject(), publish: true, cancellation);
        var definition = DefinitionReader.ReadStored(latest.Content);
        var problems = await check.ProblemsAsync(definition, cancellation);
        return Errors(problems) is { Count: > 0 } errors
            ? Result<DraftSaved>.Refused(errors)
            : await ProposeAsync(actor, new DraftSaved(latest, false, false, problems), cancellation);
    }

    public async Task<Result<BulkProposed>> PublishManyAsync(Actor actor, IReadOnlyList<string> definitionIds, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        List<string> proposed = [], already = [], missing = [], failed = [];
        var messages = new Dictionary<string, IReadOnlyList<Problem>>();
        foreach (var id in definitionIds.Distinct())
        {
            var answer = await PublishAsync(actor, id, cancellation);
            if (answer.Succeeded)
                (answer.Value.AlreadyPublished ? already : proposed).Add(id);
            else if (answer.Problems[0].Kind == ProblemKind.NotFound)
                missing.Add(id);
            else
            {
                failed.Add(id);
                messages[id] = answer.Problems;
            }
        }
        return new BulkProposed(proposed, already, missing, failed, messages);
    }

    /// <summary>Takes back a proposed or approved revision. What is in force stays: it is replaced by a new revision, never retracted.</summary>
    public async Task<Result<DefinitionVersion>> RetractAsync(Actor actor, string definitionId, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        var versions = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId).OrderBy(v => v.Version)
            .ToListAsync(cancellation);
        return versions.Count == 0 ? Problem.NotFound("definition-not-found")
            : versions.LastOrDefault(v => v.State is RevisionState.Proposed or RevisionState.Approved) is { } revision
                ? await revisions.WithdrawAsync(actor, definitionId, revision.Version, null, cancellation)
            : versions.Exists(v => v.State == RevisionState.InForce) ? Problem.Conflict("definition-in-force", versions[^1].Name)
            : Problem.Conflict("definition-not-proposed", versions[^1].Name);
    }

    public async Task<Result<BulkWithdrawn>> RetractManyAsync(Actor actor, IReadOnlyList<string> definitionIds, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        List<string> withdrawn = [], inForce = [], notProposed = [], missing = [];
        foreach (var id in definitionIds.Distinct())
        {
            var answer = await RetractAsync(actor, id, cancellation);
            (answer.Succeeded ? withdrawn
                : answer.Problems[0].Kind == ProblemKind.NotFound ? missing
                : answer.Problems[0].Code == "definition-in-force" ? inForce : notProposed).Add(id);
        }
        return new BulkWithdrawn(withdrawn, inForce, notProposed, missing);
    }

    private async Task<Result<DraftSaved>> ProposeAsync(Actor actor, DraftSaved draft, CancellationToken cancellation)
    {
        var answer = await revisions.ProposeAsync(actor, draft.Version.DefinitionId, draft.Version.Version, new ProposalDetails(), cancellation);
        if (answer.Succeeded)
            return draft with { Version = answer.Value };
        // Somebody else's click came first and nothing lies between: what he proposed is this very content.
        var now = await db.DefinitionVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == draft.Version.Id, cancellation);
        return now is { State: RevisionState.Proposed } && now.Revision == draft.Version.Revision + 1
            ? draft with { Version = now, AlreadyPublished = true }
            : answer.As<DraftSaved>();
    }
}
