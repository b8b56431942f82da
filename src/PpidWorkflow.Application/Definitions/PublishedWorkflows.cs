using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// The versions that definitions may use as activities: those in force and those that were. Such a version never changes, so what was found once
/// is kept; what was not is asked for again, since it may come into force.
/// </summary>
public sealed class PublishedWorkflows(IServiceScopeFactory scopes) : IWorkflowLibrary
{
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<WorkflowReference, WorkflowDefinition> _known = new();

    public WorkflowDefinition? Find(WorkflowReference reference)
    {
        if (_known.TryGetValue(reference, out var known))
            return known;
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<PpidDbContext>();
        var id = Guid.TryParse(reference.VersionId, out var named) ? named : Guid.Empty;
        var version = db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == reference.DefinitionId)
            .Where(v => v.Id == id || v.Version == reference.Version)
            .Where(v => v.State == RevisionState.InForce || v.State == RevisionState.Superseded)
            .ToList().OrderByDescending(v => v.Id == id).FirstOrDefault();
        if (version is null)
            return null;
        if (_known.Count >= MostKept)
            _known.Clear();
        return _known.GetOrAdd(reference, _ => DefinitionReader.ReadStored(version.Content));
    }
}

/// <summary>Who uses a definition as an activity, and bringing them onto its version in force.</summary>
public sealed class WorkflowConsumers(PpidDbContext db, DraftDesk drafts)
{
    /// <summary>
    /// Definitions whose latest version, or whose version in force, uses the definition, directly or through another one; by definition id.
    /// </summary>
    public async Task<IReadOnlyList<string>> OfAsync(string definitionId, CancellationToken cancellation = default)
    {
        var found = new List<string>();
        var open = new Queue<string>([definitionId]);
        while (open.TryDequeue(out var used))
            foreach (var consumer in await DirectAsync(used, cancellation))
                if (consumer.DefinitionId != definitionId && !found.Contains(consumer.DefinitionId))
                {
                    found.Add(consumer.DefinitionId);
                    open.Enqueue(consumer.DefinitionId);
                }
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Gives every direct consumer's latest content the version in force instead of the one it pins, as a draft: it has to be proposed and
    /// approved like any other change.
    /// </summary>
    /// <returns>Names of the definitions that have a new draft content.</returns>
    public async Task<Result<IReadOnlyList<string>>> UpdateAsync(Actor actor, string definitionId, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        var target = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId && v.State == RevisionState.InForce)
            .Select(v => new { v.Id, v.Version }).SingleOrDefaultAsync(cancellation);
        var updated = new List<string>();
        foreach (var consumer in target is null ? [] : await DirectAsync(definitionId, cancellation))
        {
            if (await db.DefinitionVersions.AnyAsync(v => v.DefinitionId == consumer.DefinitionId && v.Version > consumer.Version, cancellation))
                continue;
            var document = JsonNode.Parse(consumer.Content)!.AsObject();
            var outdated = UsesOf(document, definitionId).Where(use => (string?)use["workflowDefinitionVersionId"] != target!.Id.ToString("n")).ToList();
            foreach (var use in outdated)
            {
                use["workflowDefinitionVersionId"] = target!.Id.ToString("n");
                use["version"] = target.Version;
            }
            if (outdated.Count == 0)
                continue;
            document["customProperties"] ??= new JsonObject();
            document["customProperties"]![DraftToken.Property] = DraftToken.Of(consumer).Pack();
            var saved = await drafts.SaveDraftAsync(actor, document, publish: false, cancellation);
            if (!saved.Succeeded)
                return saved.As<IReadOnlyList<string>>();
            updated.Add(consumer.Name);
        }
        return updated;
    }

    /// <summary>Activities of a definition that are versions of another one.</summary>
    internal static IEnumerable<JsonObject> UsesOf(JsonObject document, string definitionId) =>
        document["root"] is not JsonObject root ? []
        : NormalForm.Activities(root).Where(a => a["workflowDefinitionId"] is JsonValue used && used.TryGetValue<string>(out var id) && id == definitionId);

    private async Task<List<DefinitionVersion>> DirectAsync(string definitionId, CancellationToken cancellation)
    {
        // The index of versions narrows, the content decides: an id may stand in a text as well.
        var pattern = $"%\"workflowDefinitionId\"%{definitionId.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
        var candidates = await db.DefinitionVersions.AsNoTracking()
            .Where(v => v.State == RevisionState.InForce || !db.DefinitionVersions.Any(o => o.DefinitionId == v.DefinitionId && o.Version > v.Version))
            .Where(v => EF.Functions.Like(v.Content, pattern, @"\"))
            .OrderBy(v => v.DefinitionId).ThenByDescending(v => v.Version).ToListAsync(cancellation);
        return [.. candidates.Where(v => UsesOf(JsonNode.Parse(v.Content)!.AsObject(), definitionId).Any()).DistinctBy(v => v.DefinitionId)];
    }
}
