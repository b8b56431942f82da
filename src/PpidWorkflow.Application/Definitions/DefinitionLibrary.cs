using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// Compiled definitions, one per content that ran in this process. A version never changes once it was proposed (design.md §2.4) and is kept;
/// a draft does, and is checked and compiled each time. What was published or has begun is loaded, not checked again: checks belong to saving
/// and publishing, and a release with stricter ones must not take a running case from its officers. <c>verify</c> names such a version.
/// </summary>
public sealed class CompiledDefinitions(WorkflowCompiler compiler)
{
    /// <summary>Trials kept compiled; each is an author's draft of up to 5 MB, and most are never looked at again.</summary>
    public const int MostTrials = 50;

    /// <summary>Versions in force kept as they were read: an office has a handful.</summary>
    private const int MostInForce = 200;

    private readonly ConcurrentDictionary<Guid, CompiledWorkflow> _versions = new();
    private readonly ConcurrentDictionary<Guid, CompiledWorkflow> _trials = new();
    private readonly ConcurrentDictionary<Guid, string?> _slugs = new();
    private readonly ConcurrentDictionary<Guid, DefinitionVersion> _inForce = new();

    /// <summary>Activities that definitions may use.</summary>
    internal Engine.Catalog.ActivityCatalog Catalog => compiler.Catalog;

    /// <summary>How many trials are kept compiled now.</summary>
    public int Trials => _trials.Count;

    /// <exception cref="DefinitionInvalidException">A draft with errors.</exception>
    public CompiledWorkflow Get(DefinitionVersion version) =>
        _versions.TryGetValue(version.Id, out var known) ? known
        : version.State == RevisionState.Draft ? compiler.Compile(DefinitionReader.ReadStored(version.Content))
        : _versions.GetOrAdd(version.Id, _ => Load(version.Content));

    /// <summary>The definition as a trial took it along.</summary>
    public CompiledWorkflow OfTrial(Guid instanceId, string content)
    {
        if (_trials.TryGetValue(instanceId, out var known))
            return known;
        if (_trials.Count >= MostTrials)
            _trials.Clear();
        return _trials.GetOrAdd(instanceId, _ => Load(content));
    }

    /// <summary>A version in force as it was read last; null: it has changed since, or was never read.</summary>
    internal DefinitionVersion? KnownInForce(VersionKey key) =>
        _inForce.TryGetValue(key.Id, out var known) && known.Revision == key.Revision ? known : null;

    internal DefinitionVersion KeepInForce(DefinitionVersion version)
    {
        if (_inForce.Count >= MostInForce)
            _inForce.Clear();
        return _inForce[version.Id] = version;
    }

    internal async Task<string?> SlugAsync(Guid versionId, Func<Task<string?>> read) =>
        _slugs.TryGetValue(versionId, out var known) ? known : _slugs[versionId] = await read();

    /// <summary>A trial that is gone needs no definition.</summary>
    public void ForgetTrial(Guid instanceId) => _trials.TryRemove(instanceId, out _);

    /// <summary>
    /// What starts instances of a version by itself. Asked before the version is committed, so nothing is kept of it: a step that is run again may bring
    /// other content.
    /// </summary>
    public IReadOnlyList<WorkflowTrigger> TriggersOf(DefinitionVersion version) =>
        version.Content.Contains("canStartWorkflow", StringComparison.Ordinal) ? (Find(version.Id) ?? Load(version.Content)).Triggers : [];

    /// <summary>Null: not compiled in this process yet.</summary>
    public CompiledWorkflow? Find(Guid versionId) => _versions.GetValueOrDefault(versionId);

    private CompiledWorkflow Load(string content) => compiler.Load(DefinitionReader.ReadStored(content));
}

/// <summary>Finds definition versions: the one in force for new cases, the pinned one for running ones.</summary>
public sealed class DefinitionLibrary(PpidDbContext db, CompiledDefinitions compiled)
{
    /// <summary>Versions in force, one per definition at most; rows that others have in hand as well, not to be changed.</summary>
    public async Task<IReadOnlyList<(DefinitionVersion Version, CompiledWorkflow Workflow)>> InForceAsync(CancellationToken cancellation)
    {
        var keys = await HotQueries.ListAsync(HotQueries.Of(db).InForce(db), cancellation);
        var versions = keys.Select(compiled.KnownInForce).ToList();
        for (var i = 0; i < keys.Count; i++)
        {
            var id = keys[i].Id;
            versions[i] ??= compiled.KeepInForce(await db.DefinitionVersions.AsNoTracking().SingleAsync(v => v.Id == id, cancellation));
        }
        return [.. versions.Select(v => (v!, compiled.Get(v!)))];
    }

    /// <summary>The SOP folder of a version that was published once; null: it has none. Never changes after that, and is asked of the database once.</summary>
    public async Task<string?> SlugAsync(Guid versionId, CancellationToken cancellation) => await compiled.SlugAsync(
        versionId, () => db.DefinitionVersions.Where(v => v.Id == versionId).Select(v => v.SopSlug).SingleAsync(cancellation));

    public async Task<CompiledWorkflow> PinnedAsync(Guid versionId, CancellationToken cancellation) =>
        compiled.Find(versionId) ?? compiled.Get(await db.DefinitionVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellation));

    /// <summary>The definition that an instance runs: its version, or what a trial took along.</summary>
    public async Task<CompiledWorkflow> OfAsync(Runtime.WorkflowInstance instance, CancellationToken cancellation) =>
        instance.TrialContent is { } content ? compiled.OfTrial(instance.Id, content) : await PinnedAsync(instance.DefinitionVersionId, cancellation);

    /// <summary>
    /// A version as a file, the same bytes as Studio's export gives; the version in force, else the latest, where none is named.
    /// </summary>
    public async Task<Result<byte[]>> ExportAsync(string definitionId, int? version, CancellationToken cancellation = default)
    {
        var versions = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId).OrderBy(v => v.Version)
            .ToListAsync(cancellation);
        var found = versions.Where(v => version == null || v.Version == version).OrderByDescending(v => v.State == RevisionState.InForce)
            .ThenByDescending(v => v.Version).FirstOrDefault();
        return found is null ? Problem.NotFound("definition-not-found")
            : DefinitionFile.Of(new DefinitionView(found, found == versions[^1]), versions[0].CreatedAt, compiled.Catalog).Content;
    }
}

/// <summary>What became of an import.</summary>
public sealed record ImportOutcome(string DefinitionId, int Version, RevisionState State, bool Changed, IReadOnlyList<DefinitionProblem> Problems);

/// <summary>
/// Brings definitions in, from <c>workflows/</c> at start and by the verb <c>import</c>. An unknown definition id comes into force; a known one
/// with new content becomes a proposed revision; known content changes nothing, even where the database has moved on (design.md §3).
/// </summary>
public sealed class DefinitionSeeder(
    PpidDbContext db, Committer committer, WorkflowCompiler compiler, Identifiers identifiers, Audit.AuditTrail audit, RevisionMail mail,
    Runtime.TriggerIndex triggers, TimeProvider time)
{
    private const int LongestId = 100;

    /// <param name="publish">False: keep it as a draft. True: in force, or proposed where the definition is known.</param>
    /// <param name="inForce">A known definition's new content comes into force at once (<c>Definitions:SeedMode</c> = InForce).</param>
    /// <param name="asId">Definition id to import under; null: the file's own.</param>
    public async Task<Result<ImportOutcome>> ImportAsync(
        byte[] file, string? sopSlug, bool publish, bool inForce, string? asId, string actor, CancellationToken cancellation = default)
    {
        WorkflowDefinition definition;
        try
        {
            definition = DefinitionReader.Read(file);
        }
        catch (DefinitionInvalidException invalid)
        {
            return new ImportOutcome(asId ?? "", 0, RevisionState.Rejected, false, invalid.Problems);
        }
        var definitionId = asId ?? definition.DefinitionId;
        if (definitionId.Length is 0 or > LongestId || !definitionId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return new ImportOutcome("", 0, RevisionState.Rejected, false,
            [
                new DefinitionProblem(
                    "definition-id-invalid", null,
                    $"definitionId harus 1 sampai {LongestId} huruf, angka, titik, garis bawah atau tanda hubung; beri yang lain dengan --as.")
            ]);
        }
        var problems = compiler.Validate(definition);
        if (publish && problems.Any(p => p.Severity == ProblemSeverity.Error))
            return new ImportOutcome(definitionId, 0, RevisionState.Rejected, false, problems);
        var hash = DefinitionWriter.ContentHash(definition);

        return await committer.RunAsync<ImportOutcome>(async () =>
        {
            var versions = await db.DefinitionVersions.Where(v => v.DefinitionId == definitionId).OrderBy(v => v.Version).ToListAsync(cancellation);
            var latest = versions.LastOrDefault();
            sopSlug ??= latest?.SopSlug;
            var draft = publish ? versions.LastOrDefault(v => v.ContentHash == hash && v.State == RevisionState.Draft) : null;
            // Also by the hash as it is counted today: a database may hold hashes that an earlier release counted otherwise.
            if (draft is null && latest is not null && (versions.Any(v => v.ContentHash == hash || HashOf(v) == hash)
                || await db.SeededContents.AnyAsync(s => s.DefinitionId == definitionId && s.ContentHash == hash, cancellation)))
                return new ImportOutcome(definitionId, latest.Version, latest.State, false, problems);

            var now = time.Now();
            var state = !publish ? RevisionState.Draft
                : inForce || versions.All(v => v.State == RevisionState.Draft) ? RevisionState.InForce
                : RevisionState.Proposed;
            var number = draft?.Version ?? (latest?.Version ?? 0) + 1;
            if (state == RevisionState.InForce)
            {
                foreach (var former in versions.Where(v => v.State == RevisionState.InForce))
                {
                    former.State = RevisionState.Superseded;
                    former.SupersededAt = now;
                    former.Content = RevisionDesk.Marked(former.Content, inForce: false);
                    former.Revision++;
                }
            }
            // A draft that is published keeps its row: trials may have run on it.
            var revision = draft ?? new DefinitionVersion
            {
                Id = identifiers.Next(),
                DefinitionId = definitionId,
                Version = number,
                Name = "",
                Content = "",
                ContentHash = hash,
                CreatedAt = now,
                CreatedBy = actor,
                BaseVersion = latest?.Version
            };
            revision.Name = definition.Name ?? definitionId;
            revision.Description = definition.Description is { Length: > 2000 } text ? text[..2000] : definition.Description;
            revision.Content = Encoding.UTF8.GetString(DefinitionWriter.Write(Stamp(definition, definitionId, number, state == RevisionState.InForce)));
            revision.SopSlug = sopSlug;
            revision.State = state;
            revision.UpdatedAt = now;
            revision.UpdatedBy = actor;
            revision.Authors = JsonSerializer.Serialize(RevisionDesk.AuthorsOf(revision).Union([actor]));
            if (state == RevisionState.Proposed)
                (revision.ProposedAt, revision.ProposedBy) = (now, actor);
            if (state != RevisionState.Draft)
                (revision.RevisionNumber, revision.RevisedOn) = (IdentityBlock.RevisionNumberOf(definition), IdentityBlock.RevisedOnOf(definition));
            if (state == RevisionState.InForce)
                revision.InForceSince = now;
            revision.Revision++;
            if (draft is null)
                db.DefinitionVersions.Add(revision);
            if (state == RevisionState.InForce)
                await triggers.FollowAsync(revision, cancellation);
            if (state == RevisionState.Proposed)
                await mail.ProposedAsync(revision, null, cancellation);
            if (state == RevisionState.InForce && versions.Any(v => v.SupersededAt == now))
                await mail.InForceAsync(revision, cancellation);
            if (draft is null)
                db.SeededContents.Add(new SeededContent { DefinitionId = definitionId, ContentHash = hash, At = now });
            audit.Add(Audit.AuditTrail.Administration, actor, "definition-imported", new JsonObject
            {
                ["definitionId"] = definitionId,
                ["version"] = number,
                ["state"] = state.ToString(),
                ["contentHash"] = hash
            });
            return new ImportOutcome(definitionId, number, state, true, problems);
        }, cancellation);
    }

    /// <summary>Every folder of <c>workflows/</c> that holds a definition; a faulty one is reported and leaves the others alone.</summary>
    public async Task<IReadOnlyList<ImportOutcome>> SeedAsync(string workflowsPath, string seedMode, CancellationToken cancellation = default)
    {
        var outcomes = new List<ImportOutcome>();
        if (!System.IO.Directory.Exists(workflowsPath))
            return outcomes;
        var files = new Queue<string>(
            System.IO.Directory.EnumerateFiles(workflowsPath, "definition.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        // What uses another one as an activity comes after it, whatever the folders are called; as long as each round brings something in.
        for (var putOff = 0; files.TryDequeue(out var file);)
        {
            var slug = Path.GetFileName(Path.GetDirectoryName(file));
            var outcome = await ImportAsync(
                await File.ReadAllBytesAsync(file, cancellation), slug, publish: true, inForce: seedMode == "InForce", asId: null, "system", cancellation);
            if (outcome.Succeeded && putOff < files.Count && outcome.Value.Problems.Any(p => p.Code == "workflow-activity-not-found"))
            {
                putOff++;
                files.Enqueue(file);
                continue;
            }
            if (outcome.Succeeded)
                outcomes.Add(outcome.Value);
            putOff = 0;
        }
        await triggers.CatchUpAsync(cancellation);
        return outcomes;
    }

    private static string HashOf(DefinitionVersion version) =>
        DefinitionWriter.ContentHash(DefinitionReader.ReadStored(version.Content));

    private static WorkflowDefinition Stamp(WorkflowDefinition definition, string definitionId, int version, bool published)
    {
        var document = definition.Document.DeepClone().AsObject();
        document["definitionId"] = definitionId;
        document["version"] = version;
        document["isLatest"] = true;
        document["isPublished"] = published;
        return DefinitionReader.Read(Encoding.UTF8.GetBytes(document.ToJsonString()));
    }
}
