using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>A definition in the list: what is in force, and what is open.</summary>
/// <param name="InForce">Null: none is, so no case can be opened.</param>
/// <param name="Open">A draft, a proposed or an approved revision; null: none.</param>
/// <param name="RunningCases">On any version.</param>
public sealed record DefinitionSummary(string DefinitionId, string Name, RevisionSummary? InForce, RevisionSummary? Open, int Versions, int RunningCases);

/// <summary>A version with who, when and why.</summary>
/// <param name="State">draft, proposed, approved, inForce, superseded, rejected, withdrawn.</param>
/// <param name="RunningCases">Cases that run on it.</param>
public sealed record RevisionSummary(
    string DefinitionId, int Version, string Name, string State, string ContentHash, int? BaseVersion, int? RevisionNumber, DateOnly? RevisedOn,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset UpdatedAt, string UpdatedBy, IReadOnlyList<string> Authors, DateTimeOffset? ProposedAt,
    string? ProposedBy, string? Reason, DateTimeOffset? DecidedAt, string? DecidedBy, string? DecisionReason, DateTimeOffset? EffectiveAt,
    DateTimeOffset? InForceSince, DateTimeOffset? SupersededAt, int RunningCases)
{
    /// <summary>"Plh. Kepala Biro Umum" where whoever decided only acted in the role.</summary>
    public string? DecidedCapacity { get; init; }
}

/// <summary>A case that has not ended, and where it stands. Whoever may read definitions may know that much, not what the case is about.</summary>
/// <param name="Id">Of the case.</param>
/// <param name="State">running or faulted.</param>
/// <param name="Step">"5a"; null: it waits for no person.</param>
/// <param name="Since">When the step was received, UTC; else when the case was opened.</param>
public sealed record RunningCase(Guid Id, string Number, int Version, string State, string? Step, DateTimeOffset Since);

/// <summary>All versions of a definition, the newest first, and the names of the people in them.</summary>
/// <param name="Names">Display names by user name, of all who are named in the versions and known here.</param>
public sealed record DefinitionHistory(string DefinitionId, string Name, IReadOnlyList<RevisionSummary> Versions, IReadOnlyDictionary<string, string> Names);

/// <summary>One version in full.</summary>
/// <param name="ComparedWith">Version that <paramref name="Changes"/> speak of: the one in force, else the one it superseded; null: none.</param>
/// <param name="Problems">What stands against proposing or approving it, of drafts, proposed and approved versions.</param>
/// <param name="Running">Cases on any version; the first of them.</param>
/// <param name="RunningCases">How many there are.</param>
/// <param name="Actions">propose, explain, withdraw, approve, reject: what the reader may do now.</param>
/// <param name="NextRevisionNumber">For a proposal that names none.</param>
/// <param name="Identity">Members of the identity block that are printed as one value, by name.</param>
public sealed record RevisionView(
    RevisionSummary Version, int? ComparedWith, IReadOnlyList<RevisionChange> Changes, IReadOnlyList<SopRowPair> Rows,
    IReadOnlyList<DefinitionProblem> Problems, IReadOnlyList<RunningCase> Running, int RunningCases, IReadOnlyList<string> Actions,
    int? NextRevisionNumber, IReadOnlyDictionary<string, string> Identity, IReadOnlyDictionary<string, string> Names);

/// <summary>Definitions, their versions and what a revision would change, as pages and the API show them.</summary>
public sealed class RevisionReader(PpidDbContext db, WorkflowCompiler compiler, DefinitionCheck check)
{
    /// <summary>Running cases shown with a version; all of them are in their own list.</summary>
    public const int RunningShown = 25;

    /// <summary>Who reads drafts, proposals and where cases stand.</summary>
    public static readonly IReadOnlyList<string> ReaderRoles = [Roles.SopManager, Roles.UnitPpidHead, Roles.Auditor, Roles.Admin];

    public static bool MayRead(Actor actor) => ReaderRoles.Any(actor.Is);

    /// <summary>Every definition, by name.</summary>
    public async Task<Result<IReadOnlyList<DefinitionSummary>>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("definitions-not-yours");
        var versions = await WithoutContent(db.DefinitionVersions).ToListAsync(cancellation);
        var running = await RunningByVersionAsync(null, cancellation);
        return versions.GroupBy(v => v.DefinitionId).Select(group =>
        {
            var inForce = group.FirstOrDefault(v => v.State == RevisionState.InForce);
            // A draft that later versions have left behind is open to nobody any more.
            var open = group.Where(v => v.State is RevisionState.Proposed or RevisionState.Approved
                || (v.State == RevisionState.Draft && v.Version == group.Max(g => g.Version))).MaxBy(v => v.Version);
            return new DefinitionSummary(
                group.Key, (inForce ?? group.MaxBy(v => v.Version)!).Name, inForce is null ? null : Summary(inForce, running),
                open is null ? null : Summary(open, running), group.Count(),
                running.Where(r => r.Key.DefinitionId == group.Key).Sum(r => r.Value));
        }).OrderBy(d => d.Name, StringComparer.Ordinal).ThenBy(d => d.DefinitionId, StringComparer.Ordinal).ToList();
    }

    /// <summary>All versions of one definition, the newest first.</summary>
    public async Task<Result<DefinitionHistory>> HistoryAsync(Actor actor, string definitionId, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("definitions-not-yours");
        var versions = await WithoutContent(db.DefinitionVersions.Where(v => v.DefinitionId == definitionId)).ToListAsync(cancellation);
        if (versions.Count == 0)
            return Problem.NotFound("definition-unknown");
        var running = await RunningByVersionAsync(definitionId, cancellation);
        var shown = versions.OrderByDescending(v => v.Version).ToList();
        return new DefinitionHistory(
            definitionId, (versions.FirstOrDefault(v => v.State == RevisionState.InForce) ?? shown[0]).Name,
            [.. shown.Select(v => Summary(v, running))], await NamesAsync(shown, cancellation));
    }

    /// <summary>
    /// One version against the one in force. What is or was in force is read by every officer: mails send those who work by it here; where cases
    /// stand is not for them.
    /// </summary>
    public async Task<Result<RevisionView>> GetAsync(Actor actor, string definitionId, int version, CancellationToken cancellation = default)
    {
        var found = await db.DefinitionVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.DefinitionId == definitionId && v.Version == version, cancellation);
        var mayRead = MayRead(actor);
        if (!mayRead && found?.InForceSince is null)
            return found is null ? Problem.NotFound("revision-not-found") : Problem.Forbidden("definitions-not-yours");
        if (found is null)
            return Problem.NotFound("revision-not-found");

        var others = await WithoutContent(db.DefinitionVersions.Where(v => v.DefinitionId == definitionId)).ToListAsync(cancellation);
        var compared = await ComparedWithAsync(found, others, cancellation);
        var definition = Read(found);
        var diff = RevisionDiff.Between(compiler, compared is null ? null : Read(compared), definition);
        var isOpen = found.State is RevisionState.Draft or RevisionState.Proposed or RevisionState.Approved;
        var running = mayRead ? await RunningByVersionAsync(definitionId, cancellation) : [];
        var inForce = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId && v.InForceSince != null).ToListAsync(cancellation);
        return new RevisionView(
            Summary(found, running), compared?.Version, diff.Changes, diff.Rows, isOpen ? await check.ProblemsAsync(definition, cancellation) : [],
            mayRead ? await StandingAsync(definitionId, null, RunningShown, cancellation) : [], running.Sum(r => r.Value),
            [.. Actions(actor, found, others)],
            found.State == RevisionState.Draft ? RevisionDesk.NextNumber(inForce, definition).Proposed : null, Identity(definition), await NamesAsync([found], cancellation));
    }

    /// <summary>Proposed revisions that wait for this officer's approval; empty for whoever may not approve.</summary>
    public async Task<IReadOnlyList<RevisionSummary>> AwaitingAsync(Actor actor, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.UnitPpidHead))
            return [];
        var proposed = await WithoutContent(db.DefinitionVersions.Where(v => v.State == RevisionState.Proposed)).ToListAsync(cancellation);
        return [.. proposed.OrderBy(v => v.ProposedAt).Select(v => Summary(v, []))];
    }

    /// <summary>The page of cases that have not ended, the oldest first, each with where it stands.</summary>
    public async Task<Result<Page<RunningCase>>> RunningAsync(
        Actor actor, string definitionId, string? after, int pageSize, CancellationToken cancellation = default)
    {
        if (!MayRead(actor))
            return Problem.Forbidden("definitions-not-yours");
        if (pageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        var from = after is { Length: > 0 } ? Cursor.Parse(after) : null;
        if (after is { Length: > 0 } && from is null)
            return Problem.Invalid("cursor-invalid", "after");
        if (!await db.DefinitionVersions.AnyAsync(v => v.DefinitionId == definitionId, cancellation))
            return Problem.NotFound("definition-unknown");
        var cases = Unfinished(definitionId);
        if (from is { } cursor)
            cases = cases.Where(c => c.CreatedAt > cursor.At || (c.CreatedAt == cursor.At && c.Id > cursor.Id));
        var page = await cases.OrderBy(c => c.CreatedAt).ThenBy(c => c.Id).Take(pageSize + 1).ToListAsync(cancellation);
        var shown = page.Take(pageSize).ToList();
        return new Page<RunningCase>(
            await StandingAsync(shown, cancellation), page.Count > pageSize ? new Cursor(shown[^1].CreatedAt, shown[^1].Id).ToString() : null);
    }

    /// <summary>"inForce" for <see cref="RevisionState.InForce"/>.</summary>
    public static string Word(RevisionState state) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    private async Task<IReadOnlyList<RunningCase>> StandingAsync(string definitionId, int? version, int most, CancellationToken cancellation) =>
        await StandingAsync(
            await Unfinished(definitionId).Where(c => version == null || c.DefinitionVersion == version).OrderBy(c => c.CreatedAt).ThenBy(c => c.Id)
                .Take(most).ToListAsync(cancellation),
            cancellation);

    private async Task<List<RunningCase>> StandingAsync(IReadOnlyList<Case> cases, CancellationToken cancellation)
    {
        var ids = cases.Select(c => c.Id).ToList();
        var open = (await db.WorkItems.AsNoTracking().Where(w => ids.Contains(w.CaseId) && w.Closure == WorkItemClosure.Open)
            .Select(w => new { w.CaseId, w.StepNumber, w.StepPart, w.ReceivedAt }).ToListAsync(cancellation)).ToLookup(w => w.CaseId);
        return
        [
            .. cases.Select(c => new RunningCase(
                c.Id, c.Number, c.DefinitionVersion, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(c.State.ToString()),
                open[c.Id].Any() ? string.Join(", ", open[c.Id].OrderBy(w => w.ReceivedAt).Select(w => w.StepNumber + w.StepPart)) : null,
                open[c.Id].Any() ? open[c.Id].Min(w => w.ReceivedAt) : c.CreatedAt))
        ];
    }

    private IQueryable<Case> Unfinished(string definitionId) => db.Cases.AsNoTracking()
        .Where(c => c.DefinitionId == definitionId && (c.State == CaseState.Running || c.State == CaseState.Faulted));

    private async Task<Dictionary<(string DefinitionId, int Version), int>> RunningByVersionAsync(string? definitionId, CancellationToken cancellation) =>
        (await db.Cases.Where(c => (c.State == CaseState.Running || c.State == CaseState.Faulted) && (definitionId == null || c.DefinitionId == definitionId))
            .GroupBy(c => new { c.DefinitionId, c.DefinitionVersion }).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellation))
        .ToDictionary(g => (g.Key.DefinitionId, g.Key.DefinitionVersion), g => g.Count);

    // The version in force; for the one in force itself, and for older ones, what it took the place of.
    private async Task<DefinitionVersion?> ComparedWithAsync(DefinitionVersion version, IReadOnlyList<DefinitionVersion> others, CancellationToken cancellation)
    {
        var other = version.InForceSince is { } since
            ? others.Where(v => v.Id != version.Id && v.InForceSince <= since && v.Version != version.Version && v.SupersededAt is not null
                && v.SupersededAt <= since).MaxBy(v => v.SupersededAt)
            : others.FirstOrDefault(v => v.State == RevisionState.InForce);
        return other is null ? null : await db.DefinitionVersions.AsNoTracking().SingleAsync(v => v.Id == other.Id, cancellation);
    }

    private static IEnumerable<string> Actions(Actor actor, DefinitionVersion version, IReadOnlyList<DefinitionVersion> all)
    {
        var manager = actor.Is(Roles.SopManager);
        switch (version.State)
        {
            case RevisionState.Draft when manager && !all.Any(v => v.State is RevisionState.Proposed or RevisionState.Approved)
                && version.Version == all.Max(v => v.Version):
                yield return "propose";
                break;
            case RevisionState.Proposed:
                if (manager)
                {
                    yield return "explain";
                    yield return "withdraw";
                }
                if (actor.Is(Roles.UnitPpidHead))
                {
                    if (!RevisionDesk.IsAuthor(version, actor.UserName) && version.ProposedBy != actor.UserName)
                        yield return "approve";
                    yield return "reject";
                }
                break;
            case RevisionState.Approved when manager:
                yield return "withdraw";
                break;
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> NamesAsync(IReadOnlyList<DefinitionVersion> versions, CancellationToken cancellation)
    {
        var named = versions.SelectMany(v => (string?[])[v.CreatedBy, v.UpdatedBy, v.ProposedBy, v.DecidedBy, .. RevisionDesk.AuthorsOf(v)])
            .OfType<string>().Distinct().ToList();
        return await db.Users.AsNoTracking().Where(o => named.Contains(o.UserName!)).ToDictionaryAsync(o => o.UserName!, o => o.DisplayName, cancellation);
    }

    private static Dictionary<string, string> Identity(WorkflowDefinition definition) =>
        (IdentityBlock.Of(definition) ?? []).Select(m => (m.Key, Text: IdentityBlock.Printed(m.Value))).Where(m => m.Text is { Length: > 0 })
            .ToDictionary(m => m.Key, m => m.Text!);

    /// <summary>A version as lists show it; without its cases.</summary>
    public static RevisionSummary Summary(DefinitionVersion version) => Summary(version, []);

    private static RevisionSummary Summary(DefinitionVersion v, Dictionary<(string, int), int> running) => new(
        v.DefinitionId, v.Version, v.Name, Word(v.State), v.ContentHash, v.BaseVersion, v.RevisionNumber, v.RevisedOn, v.CreatedAt, v.CreatedBy,
        v.UpdatedAt, v.UpdatedBy, RevisionDesk.AuthorsOf(v), v.ProposedAt, v.ProposedBy, v.Reason, v.DecidedAt, v.DecidedBy, v.DecisionReason,
        v.EffectiveAt, v.InForceSince, v.SupersededAt, running.GetValueOrDefault((v.DefinitionId, v.Version)))
    {
        DecidedCapacity = v.DecidedCapacity
    };

    // A list need not load 60 kB a version.
    private static IQueryable<DefinitionVersion> WithoutContent(IQueryable<DefinitionVersion> versions) => versions.AsNoTracking().Select(v => new DefinitionVersion
    {
        Id = v.Id,
        DefinitionId = v.DefinitionId,
        Version = v.Version,
        Name = v.Name,
        Content = "",
        ContentHash = v.ContentHash,
        State = v.State,
        CreatedAt = v.CreatedAt,
        CreatedBy = v.CreatedBy,
        UpdatedAt = v.UpdatedAt,
        UpdatedBy = v.UpdatedBy,
        Authors = v.Authors,
        BaseVersion = v.BaseVersion,
        RevisionNumber = v.RevisionNumber,
        RevisedOn = v.RevisedOn,
        ProposedAt = v.ProposedAt,
        ProposedBy = v.ProposedBy,
        Reason = v.Reason,
        DecidedAt = v.DecidedAt,
        DecidedBy = v.DecidedBy,
        DecidedCapacity = v.DecidedCapacity,
        DecisionReason = v.DecisionReason,
        EffectiveAt = v.EffectiveAt,
        InForceSince = v.InForceSince,
        SupersededAt = v.SupersededAt
    });

    private static WorkflowDefinition Read(DefinitionVersion version) => DefinitionReader.ReadStored(version.Content);
}
