using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What the proposer says of a revision. <paramref name="RevisionNumber"/> and <paramref name="RevisedOn"/> go into the identity
/// block; null: the next number, today in the office's zone.</summary>
public sealed record ProposalDetails(string? Reason = null, int? RevisionNumber = null, DateOnly? RevisedOn = null);

/// <summary>
/// The life of a revision (design.md §4): an SOP manager proposes and may withdraw, the head of the unit approves or rejects, never an author
/// of it. Both are told by mail.
/// </summary>
public sealed class RevisionDesk(PpidDbContext db, Committer committer, DefinitionCheck check, AuditTrail audit, TimeProvider time)
{
    /// <summary>Freezes a draft and puts it before the head of the unit. Refused while an error stands in it.</summary>
    /// <param name="version">Null: the latest.</param>
    public Task<Result<DefinitionVersion>> ProposeAsync(
        Actor actor, string definitionId, int? version, ProposalDetails details, CancellationToken cancellation = default) =>
        committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            var versions = await db.DefinitionVersions.Where(v => v.DefinitionId == definitionId).ToListAsync(cancellation);
            var draft = versions.Where(v => version == null || v.Version == version).MaxBy(v => v.Version);
            if (draft is null)
                return Problem.NotFound("definition-not-found");
            if (draft.State != RevisionState.Draft)
                return Problem.Conflict("revision-not-a-draft");
            if (versions.Any(v => v.State is RevisionState.Proposed or RevisionState.Approved))
                return Problem.Conflict("revision-already-proposed");
            var problems = await check.ProblemsAsync(DefinitionReader.Read(Encoding.UTF8.GetBytes(draft.Content)), cancellation);
            if (problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) is { } error)
                return Problem.Invalid("definition-has-errors", "definition", error.Message);
            draft.State = RevisionState.Proposed;
            draft.ProposedAt = time.Now();
            draft.ProposedBy = actor.UserName;
            draft.Reason = details.Reason;
            draft.Revision++;
            audit.Add(AuditTrail.Administration, actor.UserName, "revision-proposed", new JsonObject
            {
                ["definitionId"] = definitionId,
                ["version"] = draft.Version,
                ["contentHash"] = draft.ContentHash
            });
            return draft;
        }, cancellation);

    /// <summary>Takes a proposed or approved revision back before it is in force.</summary>
    public Task<Result<DefinitionVersion>> WithdrawAsync(
        Actor actor, string definitionId, int version, string? reason, CancellationToken cancellation = default) =>
        committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await db.DefinitionVersions.SingleOrDefaultAsync(v => v.DefinitionId == definitionId && v.Version == version, cancellation) is not { } revision)
                return Problem.NotFound("definition-not-found");
            if (revision.State is not (RevisionState.Proposed or RevisionState.Approved))
                return Problem.Conflict("revision-not-proposed");
            revision.State = RevisionState.Withdrawn;
            revision.DecidedAt = time.Now();
            revision.DecidedBy = actor.UserName;
            revision.DecisionReason = reason;
            revision.Revision++;
            audit.Add(AuditTrail.Administration, actor.UserName, "revision-withdrawn", new JsonObject
            {
                ["definitionId"] = definitionId,
                ["version"] = revision.Version
            });
            return revision;
        }, cancellation);

    /// <summary>Whether somebody ever saved this version while it was a draft.</summary>
    public static bool IsAuthor(DefinitionVersion version, string userName) =>
        JsonSerializer.Deserialize<string[]>(version.Authors)!.Contains(userName, StringComparer.OrdinalIgnoreCase);
}
