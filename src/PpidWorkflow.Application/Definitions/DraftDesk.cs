using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What became of a save.</summary>
/// <param name="Changed">False: the content was there already, nothing was written.</param>
/// <param name="AlreadyPublished">It was to be proposed, and is proposed, approved or in force already.</param>
/// <param name="Problems">What still stands against proposing it.</param>
public sealed record DraftSaved(DefinitionVersion Version, bool Changed, bool AlreadyPublished, IReadOnlyList<DefinitionProblem> Problems);

/// <summary>
/// Drafts of definitions: saved, imported, rolled back to, deleted. What was proposed once is frozen; saving then opens the next draft. Nobody
/// overwrites what somebody else saved meanwhile.
/// </summary>
public sealed partial class DraftDesk(
    PpidDbContext db, Committer committer, WorkflowCompiler compiler, DefinitionCheck check, RevisionDesk revisions, Identifiers identifiers,
    AuditTrail audit, OfficeCalendar calendar, TimeProvider time)
{
    public const int LongestName = 300;
    public const int LongestDescription = 2000;
    private const int LongestId = 100;

    /// <summary>Problems that refuse a draft; every other one may be saved and is listed.</summary>
    private static readonly HashSet<string> Refusing = new(StringComparer.Ordinal)
    {
        "forbidden-activity-type", "unknown-activity-type", "unknown-expression-type", "nesting-too-deep", "too-many-activities",
        "too-many-connections", "workflow-activity-cycle", "workflow-activity-too-long"
    };

    private static readonly RevisionState[] Published = [RevisionState.Proposed, RevisionState.Approved, RevisionState.InForce];

    /// <summary>
    /// Stores what a designer holds: a new definition where it has no id yet, onto the draft where there is one, else as the next draft. The
    /// same content changes nothing.
    /// </summary>
    /// <param name="model">The definition as posted; not kept.</param>
    /// <param name="publish">Proposes it in the end. Where that is refused because of what the definition says, nothing is saved.</param>
    public async Task<Result<DraftSaved>> SaveDraftAsync(Actor actor, JsonObject model, bool publish, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        var prepared = Prepare(model);
        if (!prepared.Succeeded)
            return prepared.As<DraftSaved>();
        var saved = await committer.RunAsync(() => StoreAsync(actor, prepared.Value, publish, cancellation), cancellation);
        return saved.Succeeded && publish && !saved.Value.AlreadyPublished ? await ProposeAsync(actor, saved.Value, cancellation) : saved;
    }

    /// <summary>
    /// Takes definitions in as drafts, all or none. An id that exists with other content gets a new draft version of it, never an overwrite;
    /// the same content changes nothing.
    /// </summary>
    public async Task<Result<IReadOnlyList<DefinitionVersion>>> ImportAsync(
        Actor actor, IReadOnlyList<JsonObject> models, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        var prepared = new List<Incoming>();
        foreach (var model in models)
        {
            var one = Prepare(model);
            if (!one.Succeeded)
                return one.As<IReadOnlyList<DefinitionVersion>>();
            if (one.Value.DefinitionId is { } id && prepared.Any(p => p.DefinitionId == id))
                return Problem.Invalid("definition-id-twice", "definitionId", id);
            prepared.Add(one.Value);
        }
        return await committer.RunAsync<IReadOnlyList<DefinitionVersion>>(async () =>
        {
            var stored = new List<DefinitionVersion>();
            foreach (var one in prepared)
            {
                var versions = await VersionsAsync(one.DefinitionId, cancellation);
                var latest = versions.LastOrDefault();
                var (definition, hash) = Merge(one, latest);
                if (latest?.ContentHash == hash)
                    stored.Add(latest);
                else
                    stored.Add(Open(actor, one.DefinitionId ?? NewDefinitionId(), latest, definition, hash, "definition-imported"));
            }
            return stored;
        }, cancellation);
    }

    /// <summary>A new draft with the content of an older version. Unchanged where the latest says the same.</summary>
    public async Task<Result<DraftSaved>> RevertAsync(Actor actor, string definitionId, int version, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        return await committer.RunAsync<DraftSaved>(async () =>
        {
            var versions = await VersionsAsync(definitionId, cancellation);
            if (versions.SingleOrDefault(v => v.Version == version) is not { } former)
                return Problem.NotFound("definition-not-found");
            var latest = versions[^1];
            var definition = DefinitionReader.ReadStored(former.Content);
            var problems = await check.ProblemsAsync(definition, cancellation);
            // What an earlier release took: a draft of it could never be saved.
            if (problems.Where(p => Refusing.Contains(p.Code)).Select(Refused).ToList() is { Count: > 0 } refused)
                return Result<DraftSaved>.Refused(refused);
            return latest.ContentHash == former.ContentHash
                ? new DraftSaved(latest, false, false, problems)
                : new DraftSaved(Open(actor, definitionId, latest, definition.Document, former.ContentHash, "definition-reverted", former), true, false, problems);
        }, cancellation);
    }

    /// <summary>Deletes definitions with all their versions; none if one of them has to stay.</summary>
    /// <returns>How many there were.</returns>
    public Task<Result<int>> DeleteAsync(Actor actor, IReadOnlyList<string> definitionIds, CancellationToken cancellation = default) =>
        DeleteAsync(actor, db.DefinitionVersions.Where(v => definitionIds.Contains(v.DefinitionId)), v => v.DistinctBy(d => d.DefinitionId).Count(), cancellation);

    /// <summary>Deletes versions; none if one of them has to stay.</summary>
    public Task<Result<int>> DeleteVersionsAsync(Actor actor, IReadOnlyList<Guid> ids, CancellationToken cancellation = default) =>
        DeleteAsync(actor, db.DefinitionVersions.Where(v => ids.Contains(v.Id)), v => v.Count, cancellation);

    private Task<Result<int>> DeleteAsync(
        Actor actor, IQueryable<DefinitionVersion> chosen, Func<IReadOnlyList<DefinitionVersion>, int> count, CancellationToken cancellation) =>
        committer.RunAsync<int>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            var versions = await chosen.OrderBy(v => v.DefinitionId).ThenBy(v => v.Version).ToListAsync(cancellation);
            var ids = versions.ConvertAll(v => v.Id);
            var used = await db.Instances.Where(i => ids.Contains(i.DefinitionVersionId)).Select(i => i.DefinitionVersionId).Distinct()
                .ToListAsync(cancellation);
            foreach (var version in versions)
            {
                // No hard delete but of what nobody ever decided on or ran (design.md §2.7).
                if (version.State != RevisionState.Draft || version.ProposedAt is not null)
                    return Problem.Conflict("definition-kept", version.Name, version.Version);
                if (used.Contains(version.Id))
                    return Problem.Conflict("definition-has-instances", version.Name, version.Version);
                db.DefinitionVersions.Remove(version);
                audit.Add(AuditTrail.Administration, actor.UserName, "draft-deleted", Facts(version));
            }
            return count(versions);
        }, cancellation);

    /// <summary>Definitions that may be deleted: nothing but drafts never proposed, without instances.</summary>
    public async Task<IReadOnlySet<string>> DeletableAsync(IReadOnlyCollection<string> definitionIds, CancellationToken cancellation = default)
    {
        var kept = await db.DefinitionVersions.Where(v => definitionIds.Contains(v.DefinitionId)
                && (v.State != RevisionState.Draft || v.ProposedAt != null || db.Instances.Any(i => i.DefinitionVersionId == v.Id)))
            .Select(v => v.DefinitionId).Distinct().ToListAsync(cancellation);
        return definitionIds.Except(kept).ToHashSet();
    }

    /// <summary>A definition as posted, made ready: token taken out, in normal form, nothing in it that refuses it.</summary>
    private sealed record Incoming(string? DefinitionId, JsonObject Document, DraftToken? Token);

    private Result<Incoming> Prepare(JsonObject model)
    {
        var posted = model.DeepClone().AsObject();
        var token = DraftToken.Take(posted);
        var document = NormalForm.Of(posted, compiler.Catalog);
        SopForm.FromStudio(document);
        WorkflowDefinition definition;
        try
        {
            definition = DefinitionReader.FromDocument(document.DeepClone().AsObject());
        }
        catch (DefinitionInvalidException invalid)
        {
            return Result<Incoming>.Refused([.. invalid.Problems.Select(Refused)]);
        }
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(definition.Name))
            problems.Add(Problem.Invalid("definition-name-required", "name"));
        else if (definition.Name.Length > LongestName)
            problems.Add(Problem.Invalid("definition-name-too-long", "name", LongestName, definition.Name.Length));
        if (definition.Description is { Length: > LongestDescription } description)
            problems.Add(Problem.Invalid("definition-description-too-long", "description", LongestDescription, description.Length));
        var id = string.IsNullOrWhiteSpace(definition.DefinitionId) ? null : definition.DefinitionId;
        if (id is not null && (id.Length > LongestId || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
            problems.Add(Problem.Invalid("definition-id-invalid", "definitionId", LongestId));
        problems.AddRange(compiler.Validate(definition).Where(p => Refusing.Contains(p.Code)).Select(Refused));
        return problems.Count > 0 ? Result<Incoming>.Refused(problems) : new Incoming(id, document, token);
    }

    private async Task<Result<DraftSaved>> StoreAsync(Actor actor, Incoming incoming, bool publish, CancellationToken cancellation)
    {
        var versions = await VersionsAsync(incoming.DefinitionId, cancellation);
        var latest = versions.LastOrDefault();
        var (document, hash) = Merge(incoming, latest);
        var definition = DefinitionReader.FromDocument(document.DeepClone().AsObject());
        var problems = await check.ProblemsAsync(definition, cancellation);
        if (latest?.ContentHash == hash && publish && Published.Contains(latest.State))
            return new DraftSaved(latest, false, true, problems);
        if (publish && Errors(problems) is { Count: > 0 } errors)
            return Result<DraftSaved>.Refused(errors);
        if (publish && versions.Exists(v => v.State is RevisionState.Proposed or RevisionState.Approved))
            return Problem.Conflict("revision-already-proposed");
        if (publish && versions.Exists(v => v.State == RevisionState.InForce && v.ContentHash == hash))
            return Problem.Conflict("revision-without-change");
        if (latest is null)
            return new DraftSaved(Open(actor, incoming.DefinitionId ?? NewDefinitionId(), null, document, hash, "draft-saved"), true, false, problems);
        if (latest.ContentHash == hash && (!publish || latest.State == RevisionState.Draft))
            return new DraftSaved(latest, false, false, problems);
        if (await StaleAsync(actor, incoming.Token, versions, document, cancellation) is { Count: > 0 } stale)
            return Result<DraftSaved>.Refused(stale);
        if (latest.State != RevisionState.Draft)
            return new DraftSaved(Open(actor, latest.DefinitionId, latest, document, hash, "draft-saved"), true, false, problems);
        Fill(latest, actor, document, hash);
        latest.Revision++;
        audit.Add(AuditTrail.Administration, actor.UserName, "draft-saved", Facts(latest));
        return new DraftSaved(latest, true, false, problems);
    }

    /// <summary>What Studio cannot carry is put back, and what did not change keeps its place.</summary>
    private (JsonObject Document, string Hash) Merge(Incoming incoming, DefinitionVersion? latest)
    {
        var document = incoming.Document;
        if (latest is not null)
        {
            var former = NormalForm.Of(JsonNode.Parse(latest.Content)!.AsObject(), compiler.Catalog);
            NormalForm.CarryOver(document, former);
            if (latest.State != RevisionState.Draft && incoming.Token?.VersionId == latest.Id)
                KeepStamp(document, former);
            document = NormalForm.Align(document, former)!.AsObject();
        }
        return (document, DefinitionWriter.ContentHash(DefinitionReader.FromDocument(document.DeepClone().AsObject())));
    }

    /// <summary>
    /// Number and date of the revision are stamped when it is proposed. A designer that was opened before does not know them: posting what it
    /// holds is no change.
    /// </summary>
    private static void KeepStamp(JsonObject document, JsonObject former)
    {
        if (document["customProperties"]?["sop"] is not JsonObject posted || former["customProperties"]?["sop"] is not JsonObject stamped)
            return;
        foreach (var name in (string[])["revisionNumber", "revisedOn"])
            if (stamped.ContainsKey(name))
                posted[name] = stamped[name]?.DeepClone();
    }

    private DefinitionVersion Open(
        Actor actor, string definitionId, DefinitionVersion? latest, JsonObject document, string hash, string action, DefinitionVersion? revertedTo = null)
    {
        var now = time.Now();
        var version = new DefinitionVersion
        {
            Id = identifiers.Next(),
            DefinitionId = definitionId,
            Version = (latest?.Version ?? 0) + 1,
            Name = "",
            Content = "",
            ContentHash = hash,
            SopSlug = latest?.SopSlug,
            State = RevisionState.Draft,
            CreatedAt = now,
            CreatedBy = actor.UserName,
            BaseVersion = revertedTo?.Version ?? latest?.Version,
            // Text that nobody ever approved keeps its authors: none of them may approve it under another version's number.
            Authors = (revertedTo ?? latest) is { InForceSince: null } unapproved ? unapproved.Authors : "[]"
        };
        Fill(version, actor, document, hash);
        db.DefinitionVersions.Add(version);
        audit.Add(AuditTrail.Administration, actor.UserName, action, Facts(version));
        return version;
    }

    private void Fill(DefinitionVersion version, Actor actor, JsonObject document, string hash)
    {
        var definition = DefinitionReader.FromDocument(document.DeepClone().AsObject());
        version.Name = definition.Name ?? version.DefinitionId;
        version.Description = definition.Description;
        version.Content = Encoding.UTF8.GetString(DefinitionWriter.Write(
            definition.WithIdentity(version.Id.ToString("N"), version.DefinitionId, version.Version, true, false, version.CreatedAt)));
        version.ContentHash = hash;
        version.UpdatedAt = time.Now();
        version.UpdatedBy = actor.UserName;
        var authors = JsonSerializer.Deserialize<List<string>>(version.Authors)!;
        if (!authors.Contains(actor.UserName, StringComparer.OrdinalIgnoreCase))
            version.Authors = JsonSerializer.Serialize(authors.Append(actor.UserName));
    }

    private async Task<List<DefinitionVersion>> VersionsAsync(string? definitionId, CancellationToken cancellation) =>
        definitionId is null ? [] : await db.DefinitionVersions.Where(v => v.DefinitionId == definitionId).OrderBy(v => v.Version).ToListAsync(cancellation);

    private Task<DefinitionVersion?> LatestAsync(string definitionId, CancellationToken cancellation) =>
        db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId).OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>16 hex digits, as Elsa's ids are.</summary>
    private string NewDefinitionId() => identifiers.Next().ToString("N")[16..];

    private static Problem Refused(DefinitionProblem problem) => Problem.Invalid("draft-refused", "root", problem.Message);

    private static IReadOnlyList<Problem> Errors(IReadOnlyList<DefinitionProblem> problems) =>
        [.. problems.Where(p => p.Severity == ProblemSeverity.Error).Select(p => Problem.Invalid("draft-not-fit", "root", p.Message))];

    private static JsonObject Facts(DefinitionVersion version) => new()
    {
        ["definitionId"] = version.DefinitionId,
        ["version"] = version.Version,
        ["contentHash"] = version.ContentHash
    };
}
