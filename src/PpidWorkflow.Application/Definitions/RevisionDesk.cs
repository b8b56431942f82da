using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What the proposer says of a revision. <paramref name="RevisionNumber"/> and <paramref name="RevisedOn"/> go into the identity
/// block; null: the next number, today in the office's zone.</summary>
/// <param name="Reason">Why the SOP is revised; may be given later, but an approval needs it.</param>
/// <param name="ContentHash">Of the draft that the proposer saw; null: whatever it holds now.</param>
public sealed record ProposalDetails(string? Reason = null, int? RevisionNumber = null, DateOnly? RevisedOn = null, string? ContentHash = null);

/// <summary>
/// The life of a revision (design.md §4): an SOP manager proposes and may withdraw, the head of the unit approves or rejects, never an author
/// of it. An approved one comes into force at its instant, superseding the former in the same commit. Whom a step concerns is told by mail.
/// </summary>
public sealed class RevisionDesk(
    PpidDbContext db, Committer committer, DefinitionCheck check, RevisionMail mail, EffectiveDates dates, TriggerIndex triggers, AuditTrail audit, OfficeCalendar office,
    TimeProvider time)
{
    /// <summary>Characters of a reason.</summary>
    public const int LongestReason = 2000;

    /// <summary>Highest number that an identity block takes.</summary>
    public const int HighestNumber = 999;

    /// <summary>How far ahead a date of effect may lie; further is a slip of the pen.</summary>
    private static readonly TimeSpan FurthestEffect = TimeSpan.FromDays(2 * 366);

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
                return Problem.NotFound("revision-not-found");
            if (draft.State != RevisionState.Draft)
                return Problem.Conflict("revision-not-a-draft");
            if (details.ContentHash is { } seen && seen != draft.ContentHash)
                return Problem.Conflict("revision-changed");
            if (versions.Any(v => v.State is RevisionState.Proposed or RevisionState.Approved))
                return Problem.Conflict("revision-already-proposed");
            if (draft.Version < versions.Max(v => v.Version))
                return Problem.Conflict("revision-not-latest");
            if (details.Reason?.Length > LongestReason)
                return Problem.Invalid("reason-too-long", "reason", LongestReason);
            var inForce = versions.SingleOrDefault(v => v.State == RevisionState.InForce);
            if (inForce?.ContentHash == draft.ContentHash)
                return Problem.Conflict("revision-without-change");

            var definition = Read(draft);
            var now = time.Now();
            var today = office.Time.Today(now);
            var next = NextNumber(versions, definition);
            if (details.RevisionNumber is { } wanted && (wanted < next.Lowest || wanted > HighestNumber))
                return Problem.Invalid("revision-number-invalid", "revisionNumber", next.Lowest, HighestNumber);
            if (details.RevisedOn is { } day && (day.Year < 1945 || day > today.AddYears(1)))
                return Problem.Invalid("revised-on-invalid", "revisedOn");
            var problems = await check.ProblemsAsync(definition, cancellation);
            if (problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) is { } error)
                return Problem.Invalid("definition-has-errors", "definition", error.Message);

            draft.RevisionNumber = details.RevisionNumber ?? next.Proposed;
            draft.RevisedOn = details.RevisedOn ?? today;
            var stamped = IdentityBlock.Stamp(definition, draft.RevisionNumber.Value, draft.RevisedOn.Value);
            draft.Content = Encoding.UTF8.GetString(DefinitionWriter.Write(stamped));
            draft.ContentHash = DefinitionWriter.ContentHash(stamped);
            draft.State = RevisionState.Proposed;
            draft.ProposedAt = now;
            draft.ProposedBy = actor.UserName;
            draft.Reason = Trimmed(details.Reason);
            draft.Revision++;
            Record(actor.UserName, "revision-proposed", draft);
            await mail.ProposedAsync(draft, actor.NameIn(Roles.SopManager), cancellation);
            return draft;
        }, cancellation);

    /// <summary>Gives or words anew the reason of a proposed revision; Elsa Studio's <i>Publish</i> asks for none.</summary>
    public Task<Result<DefinitionVersion>> ExplainAsync(
        Actor actor, string definitionId, int version, string? reason, CancellationToken cancellation = default) =>
        committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await FindAsync(definitionId, version, cancellation) is not { } revision)
                return Problem.NotFound("revision-not-found");
            if (revision.State != RevisionState.Proposed)
                return Problem.Conflict("revision-not-proposed");
            if (Reason(reason) is { } refused)
                return refused;
            revision.Reason = Trimmed(reason);
            revision.Revision++;
            Record(actor.UserName, "revision-explained", revision);
            return revision;
        }, cancellation);

    /// <summary>Takes a proposed or approved revision back before it is in force.</summary>
    public Task<Result<DefinitionVersion>> WithdrawAsync(
        Actor actor, string definitionId, int version, string? reason, CancellationToken cancellation = default) =>
        committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (await FindAsync(definitionId, version, cancellation) is not { } revision)
                return Problem.NotFound("revision-not-found");
            if (revision.State is not (RevisionState.Proposed or RevisionState.Approved))
                return Problem.Conflict("revision-not-withdrawable");
            if (reason?.Length > LongestReason)
                return Problem.Invalid("reason-too-long", "reason", LongestReason);
            await WithdrawAsync(revision, actor.UserName, actor.NameIn(Roles.SopManager), Trimmed(reason), cancellation);
            return revision;
        }, cancellation);

    /// <summary>
    /// Approves a proposed revision, by the head of the unit and never by an author of it. It comes into force at once or at an instant to
    /// come.
    /// </summary>
    /// <param name="contentHash">Of what the approver saw: exactly that is approved, or nothing.</param>
    /// <param name="effectiveAt">Null: at once.</param>
    public async Task<Result<DefinitionVersion>> ApproveAsync(
        Actor actor, string definitionId, int version, string? contentHash, DateTimeOffset? effectiveAt, CancellationToken cancellation = default)
    {
        // Up to the whole millisecond that the databases keep: never early.
        effectiveAt = effectiveAt is { } instant ? ClockKeeper.Whole(instant) : null;
        var approved = await committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.UnitPpidHead))
                return Problem.Forbidden("approval-not-yours");
            if (await FindAsync(definitionId, version, cancellation) is not { } revision)
                return Problem.NotFound("revision-not-found");
            if (revision.State != RevisionState.Proposed)
                return Problem.Conflict("revision-not-proposed");
            if (IsAuthor(revision, actor.UserName) || string.Equals(revision.ProposedBy, actor.UserName, StringComparison.OrdinalIgnoreCase))
                return Problem.Forbidden("approval-of-own-revision");
            if (string.IsNullOrWhiteSpace(contentHash))
                return Problem.Invalid("field-required", "contentHash");
            if (!string.Equals(contentHash.Trim(), revision.ContentHash, StringComparison.OrdinalIgnoreCase))
                return Problem.Conflict("revision-changed");
            if (revision.Reason is null)
                return new Problem("revision-without-reason", ProblemKind.Invalid);
            var now = time.Now();
            if (effectiveAt < now)
                return Problem.Invalid("effective-date-past", "effectiveAt");
            if (effectiveAt > now + FurthestEffect)
                return Problem.Invalid("effective-date-too-far", "effectiveAt");
            // What the approver compared with is not in force any more: he has not seen what would really change.
            if (await db.DefinitionVersions.AnyAsync(
                v => v.DefinitionId == definitionId && v.State == RevisionState.InForce && v.InForceSince > revision.ProposedAt, cancellation))
                return Problem.Conflict("revision-overtaken");
            var problems = await check.ProblemsAsync(Read(revision), cancellation);
            if (problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) is { } error)
                return Problem.Invalid("definition-has-errors", "definition", error.Message);

            revision.State = RevisionState.Approved;
            revision.DecidedAt = now;
            revision.DecidedBy = actor.UserName;
            revision.DecidedCapacity = actor.ActingIn(Roles.UnitPpidHead)?.Title;
            revision.EffectiveAt = effectiveAt ?? now;
            revision.Revision++;
            Record(
                actor.UserName, "revision-approved", revision,
                [("effectiveAt", revision.EffectiveAt), .. Capacity(actor)]);
            await mail.ApprovedAsync(revision, actor.NameIn(Roles.UnitPpidHead), cancellation);
            if (revision.EffectiveAt <= now)
                await PutInForceAsync(revision, actor.UserName, cancellation);
            return revision;
        }, cancellation);
        if (approved.Succeeded)
            dates.Changed();
        return approved;
    }

    /// <summary>Refuses a proposed revision; its authors read why.</summary>
    public Task<Result<DefinitionVersion>> RejectAsync(
        Actor actor, string definitionId, int version, string? reason, CancellationToken cancellation = default) =>
        committer.RunAsync<DefinitionVersion>(async () =>
        {
            if (!actor.Is(Roles.UnitPpidHead))
                return Problem.Forbidden("approval-not-yours");
            if (await FindAsync(definitionId, version, cancellation) is not { } revision)
                return Problem.NotFound("revision-not-found");
            if (revision.State != RevisionState.Proposed)
                return Problem.Conflict("revision-not-proposed");
            if (Reason(reason) is { } refused)
                return refused;
            revision.State = RevisionState.Rejected;
            revision.DecidedAt = time.Now();
            revision.DecidedBy = actor.UserName;
            revision.DecidedCapacity = actor.ActingIn(Roles.UnitPpidHead)?.Title;
            revision.DecisionReason = Trimmed(reason);
            revision.Revision++;
            Record(actor.UserName, "revision-rejected", revision, Capacity(actor));
            await mail.RejectedAsync(revision, actor.NameIn(Roles.UnitPpidHead), cancellation);
            return revision;
        }, cancellation);

    /// <summary>The earliest instant at which an approved revision comes into force; null: none waits.</summary>
    public Task<DateTimeOffset?> NextEffectiveAsync(CancellationToken cancellation = default) =>
        db.DefinitionVersions.Where(v => v.State == RevisionState.Approved && v.EffectiveAt != null).MinAsync(v => v.EffectiveAt, cancellation);

    /// <summary>
    /// Puts into force what is approved and due, one commit each; says how many. One that another version has overtaken since its approval is
    /// withdrawn instead: it must not bring old content back unseen.
    /// </summary>
    public async Task<int> EnterDueAsync(CancellationToken cancellation = default)
    {
        var now = time.Now();
        var due = await db.DefinitionVersions.AsNoTracking().Where(v => v.State == RevisionState.Approved && v.EffectiveAt <= now)
            .OrderBy(v => v.EffectiveAt).ThenBy(v => v.Version).Select(v => v.Id).ToListAsync(cancellation);
        var served = 0;
        foreach (var id in due)
        {
            var entered = await committer.RunAsync<bool>(async () =>
            {
                var revision = await db.DefinitionVersions.SingleAsync(v => v.Id == id, cancellation);
                if (revision.State != RevisionState.Approved || revision.EffectiveAt > time.Now())
                    return Problem.Conflict("stale-revision");
                if (await db.DefinitionVersions.Where(v => v.DefinitionId == revision.DefinitionId && v.State == RevisionState.InForce
                    && v.InForceSince > revision.DecidedAt).Select(v => (int?)v.Version).FirstOrDefaultAsync(cancellation) is { } newer)
                    await WithdrawAsync(revision, "system", "PpidWorkflow", $"Versi {newer} sudah berlaku sejak pengesahan ini.", cancellation);
                else
                    await PutInForceAsync(revision, "system", cancellation);
                return true;
            }, cancellation);
            served += entered.Succeeded ? 1 : 0;
        }
        return served;
    }

    /// <summary>Whether somebody ever saved this version while it was a draft.</summary>
    public static bool IsAuthor(DefinitionVersion version, string userName) => AuthorsOf(version).Contains(userName, StringComparer.OrdinalIgnoreCase);

    /// <summary>User names of everybody who ever saved this version while it was a draft.</summary>
    public static IReadOnlyList<string> AuthorsOf(DefinitionVersion version) => JsonSerializer.Deserialize<string[]>(version.Authors) ?? [];

    /// <summary>The number that the next revision bears, and the lowest it may: above all that were ever in force.</summary>
    public static (int Lowest, int Proposed) NextNumber(IEnumerable<DefinitionVersion> versions, WorkflowDefinition draft)
    {
        var borne = versions.Where(v => v.InForceSince is not null).Select(v => v.RevisionNumber ?? IdentityBlock.RevisionNumberOf(Read(v)) ?? 0).ToList();
        return borne.Count > 0 ? (borne.Max() + 1, borne.Max() + 1) : (0, Math.Clamp(IdentityBlock.RevisionNumberOf(draft) ?? 0, 0, HighestNumber));
    }

    /// <summary>A version's content with the mark that Elsa calls <c>isPublished</c>: in force. The mark is the row's, not part of what is hashed.</summary>
    internal static string Marked(string content, bool inForce)
    {
        var definition = DefinitionReader.ReadStored(content);
        return Encoding.UTF8.GetString(DefinitionWriter.Write(
            definition.WithIdentity(definition.Id, definition.DefinitionId, definition.Version, definition.IsLatest, inForce)));
    }

    private async Task PutInForceAsync(DefinitionVersion revision, string actor, CancellationToken cancellation)
    {
        var now = time.Now();
        var former = await db.DefinitionVersions.Where(v => v.DefinitionId == revision.DefinitionId && v.State == RevisionState.InForce)
            .ToListAsync(cancellation);
        foreach (var version in former)
        {
            version.State = RevisionState.Superseded;
            version.SupersededAt = now;
            version.Content = Marked(version.Content, inForce: false);
            version.Revision++;
        }
        revision.State = RevisionState.InForce;
        revision.InForceSince = now;
        revision.Content = Marked(revision.Content, inForce: true);
        revision.Revision++;
        await triggers.FollowAsync(revision, cancellation);
        Record(actor, "revision-in-force", revision, ("supersedes", former.FirstOrDefault()?.Version));
        await mail.InForceAsync(revision, cancellation);
    }

    private async Task WithdrawAsync(DefinitionVersion revision, string userName, string displayName, string? reason, CancellationToken cancellation)
    {
        revision.State = RevisionState.Withdrawn;
        revision.DecidedAt = time.Now();
        revision.DecidedBy = userName;
        revision.DecidedCapacity = null;
        revision.DecisionReason = reason;
        revision.Revision++;
        Record(userName, "revision-withdrawn", revision);
        await mail.WithdrawnAsync(revision, displayName, cancellation);
    }

    private Task<DefinitionVersion?> FindAsync(string definitionId, int version, CancellationToken cancellation) =>
        db.DefinitionVersions.SingleOrDefaultAsync(v => v.DefinitionId == definitionId && v.Version == version, cancellation);

    private void Record(string actor, string action, DefinitionVersion revision, params IEnumerable<(string Name, object? Value)> facts)
    {
        var data = new JsonObject
        {
            ["definitionId"] = revision.DefinitionId,
            ["version"] = revision.Version,
            ["contentHash"] = revision.ContentHash
        };
        foreach (var (name, value) in facts)
            data[name] = JsonSerializer.SerializeToNode(value);
        audit.Add(AuditTrail.Administration, actor, action, data);
    }

    // In what capacity the head of the unit decides, where somebody acts for him.
    private static (string Name, object? Value)[] Capacity(Actor actor) =>
        actor.ActingIn(Roles.UnitPpidHead) is { } acting ? [("capacity", acting.Title), ("appointmentId", acting.AppointmentId)] : [];

    private static WorkflowDefinition Read(DefinitionVersion version) => DefinitionReader.ReadStored(version.Content);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static Problem? Reason(string? reason) => string.IsNullOrWhiteSpace(reason)
        ? Problem.Invalid("reason-required", "reason")
        : reason.Length > LongestReason ? Problem.Invalid("reason-too-long", "reason", LongestReason) : null;
}
