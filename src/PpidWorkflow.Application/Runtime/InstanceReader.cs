using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

public enum InstanceOrder
{
    Created,
    LastExecuted,
    Finished,
    Name
}

public enum InstantComparison
{
    Is,
    IsNot,
    LessThan,
    GreaterThan,
    LessThanOrEqual,
    GreaterThanOrEqual
}

/// <summary>A condition on <c>CreatedAt</c>, <c>UpdatedAt</c> or <c>FinishedAt</c>.</summary>
public sealed record InstantFilter(string Column, InstantComparison Comparison, DateTimeOffset Instant);

/// <summary>Conditions on instances; null and empty ask for nothing (Elsa contract).</summary>
public sealed record InstanceQuery
{
    public const int LargestPage = 1000;

    /// <summary>In the id, the definition's id or name, a case's number, or a trial's name or correlation id.</summary>
    public string? Search { get; init; }
    public IReadOnlyList<Guid>? Ids { get; init; }
    public IReadOnlyList<string>? DefinitionIds { get; init; }
    public IReadOnlyList<Guid>? DefinitionVersionIds { get; init; }

    /// <summary>Of trials; of cases their numbers.</summary>
    public IReadOnlyList<string>? CorrelationIds { get; init; }
    public int? Version { get; init; }
    public bool? HasIncidents { get; init; }

    /// <summary>Trials only, or cases only.</summary>
    public bool? IsTrial { get; init; }

    /// <summary>What belongs to a case: neither trials nor runs.</summary>
    public bool OfCases { get; init; }

    /// <summary>No instance here is the system's own.</summary>
    public bool? IsSystem { get; init; }
    public IReadOnlyList<WorkflowStatus>? Statuses { get; init; }
    public IReadOnlyList<WorkflowSubStatus>? SubStatuses { get; init; }
    public IReadOnlyList<InstantFilter> Instants { get; init; } = [];
    public InstanceOrder Order { get; init; }
    public bool Ascending { get; init; }
    public int Skip { get; init; }
    public int Take { get; init; } = 50;
}

/// <summary>Conditions on the lines of a journal; null and empty ask for nothing (Elsa contract).</summary>
public sealed record JournalQuery(
    IReadOnlyList<string>? ActivityIds = null, IReadOnlyList<string>? NodeIds = null, IReadOnlyList<string>? ExcludedTypes = null,
    IReadOnlyList<string>? EventNames = null, int Skip = 0, int Take = 100);

/// <summary>An instance in a list.</summary>
/// <param name="IsTrial">A manager's marked run.</param>
/// <param name="IsRun">Started by a trigger, without a case; everything else is a case.</param>
/// <param name="Name">Null: it has none, or who looks may not see the case.</param>
public sealed record InstanceSummary(
    Guid Id, string DefinitionId, Guid DefinitionVersionId, int Version, WorkflowStatus Status, WorkflowSubStatus SubStatus, bool IsTrial,
    string? CorrelationId, string? Name, int OpenIncidents, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt, bool IsRun)
{
    /// <summary>The instance that started it.</summary>
    public Guid? ParentInstanceId { get; init; }

    /// <summary>Who may see it, is asked of the case of this one.</summary>
    internal Guid RootId { get; init; }
}

/// <summary>An instance that another one started, or that started it.</summary>
public sealed record InstanceKin(Guid Id, string DefinitionName, WorkflowSubStatus SubStatus);

/// <summary>An instance with the definition that it runs.</summary>
/// <param name="Row">Not tracked.</param>
/// <param name="Workflow">Its version, or what a trial took along.</param>
/// <param name="State">As stored.</param>
/// <param name="ShowsValues">False: values of inputs, variables and outputs must not be told to who looks (need to know).</param>
/// <param name="CorrelationId">The instance's, or the number of a case whose values must not be told: a workflow may correlate by any of them.</param>
public sealed record InstanceView(WorkflowInstance Row, CompiledWorkflow Workflow, WorkflowState State, bool ShowsValues, string? CorrelationId);

/// <summary>
/// Instances as the designer's viewer sees them: all of them, since counts and steps say nothing of a dossier; values of a case only for who
/// may see the case.
/// </summary>
public sealed class InstanceReader(PpidDbContext db, DefinitionLibrary library)
{
    private static readonly Expression<Func<WorkflowInstance, DateTimeOffset?>> CreatedAt = i => i.CreatedAt;
    private static readonly Expression<Func<WorkflowInstance, DateTimeOffset?>> UpdatedAt = i => i.UpdatedAt;
    private static readonly Expression<Func<WorkflowInstance, DateTimeOffset?>> FinishedAt = i => i.FinishedAt;

    /// <summary>Names of columns that <see cref="InstantFilter"/> knows.</summary>
    public static IReadOnlyList<string> InstantColumns { get; } = ["CreatedAt", "UpdatedAt", "FinishedAt"];

    public async Task<(IReadOnlyList<InstanceSummary> Items, long Total)> ListAsync(Actor actor, InstanceQuery query, CancellationToken cancellation = default)
    {
        var found = Matching(query);
        var total = await found.LongCountAsync(cancellation);
        var page = await Ordered(found, query).Skip(query.Skip).Take(query.Take).Select(i => new InstanceSummary(
            i.Id, i.DefinitionId, i.DefinitionVersionId, i.DefinitionVersion, i.Status, i.SubStatus, i.IsTrial, i.CorrelationId, i.Name, i.OpenIncidents,
            i.CreatedAt, i.UpdatedAt, i.FinishedAt, !i.IsTrial && i.StartedBy != null)
        { ParentInstanceId = i.ParentInstanceId, RootId = i.RootInstanceId ?? i.Id })
            .ToListAsync(cancellation);
        if (actor.SeesAllCases)
            return (page, total);
        // A workflow may name and correlate its instance by what is in the dossier; the case's number says nothing of it.
        var cases = page.Where(i => !i.IsTrial && !i.IsRun).Select(i => i.RootId).Distinct().ToList();
        var seen = cases.Count == 0 ? [] : await SeenAsync(actor, cases, cancellation);
        var numbers = await NumbersAsync([.. cases.Where(id => !seen.Contains(id))], cancellation);
        return ([.. page.Select(i => !i.IsTrial && numbers.TryGetValue(i.RootId, out var number) ? i with { Name = null, CorrelationId = number } : i)], total);
    }

    public Task<List<Guid>> IdsAsync(InstanceQuery query, CancellationToken cancellation = default) =>
        Ordered(Matching(query), query).Take(query.Take).Select(i => i.Id).ToListAsync(cancellation);

    /// <summary>Null: there is none of that id.</summary>
    public async Task<InstanceView?> FindAsync(Actor actor, Guid id, CancellationToken cancellation = default)
    {
        if (await db.Instances.AsNoTracking().SingleOrDefaultAsync(i => i.Id == id, cancellation) is not { } row)
            return null;
        var root = row.RootInstanceId ?? row.Id;
        var shows = row.IsTrial || row.IsRun || actor.SeesAllCases || (await SeenAsync(actor, [root], cancellation)).Count > 0;
        return new InstanceView(
            row, await library.OfAsync(row, cancellation), WorkflowState.FromJson(row.State), shows,
            shows ? row.CorrelationId : (await NumbersAsync([root], cancellation)).GetValueOrDefault(root));
    }

    /// <summary>
    /// The instance that started another, and those that it started, oldest first; null: there is none of that id. Names of definitions only: what
    /// instances call themselves may come out of a dossier.
    /// </summary>
    public async Task<(InstanceKin? Parent, IReadOnlyList<InstanceKin> Children, int Total)?> RelativesAsync(
        Guid id, int take, CancellationToken cancellation = default)
    {
        var instance = await db.Instances.AsNoTracking().Where(i => i.Id == id)
            .Select(i => new { i.ParentInstanceId, Root = i.RootInstanceId ?? i.Id }).SingleOrDefaultAsync(cancellation);
        if (instance is null)
            return null;
        // By the root: that is what the index knows.
        var children = db.Instances.AsNoTracking().Where(i => i.RootInstanceId == instance.Root && i.ParentInstanceId == id);
        var parent = instance.ParentInstanceId is { } key ? await KinAsync(db.Instances.AsNoTracking().Where(i => i.Id == key)) : [];
        return (parent.FirstOrDefault(), await KinAsync(children.OrderBy(i => i.CreatedAt).ThenBy(i => i.Id).Take(take)), await children.CountAsync(cancellation));

        Task<List<InstanceKin>> KinAsync(IQueryable<WorkflowInstance> of) => of
            .Select(i => new InstanceKin(i.Id, db.DefinitionVersions.Where(v => v.Id == i.DefinitionVersionId).Select(v => v.Name).First(), i.SubStatus))
            .ToListAsync(cancellation);
    }

    /// <summary>Every execution so far, in the order of their start.</summary>
    public async Task<IReadOnlyList<ActivityRun>> RunsAsync(InstanceView instance, CancellationToken cancellation = default) =>
        InstanceHistory.Runs(
            instance.Workflow, instance.State,
            await db.Journal.AsNoTracking().Where(j => j.InstanceId == instance.Row.Id).OrderBy(j => j.Sequence).ToListAsync(cancellation));

    /// <summary>Lines in their order.</summary>
    public async Task<(IReadOnlyList<JournalRow> Items, long Total)> JournalAsync(
        InstanceView instance, JournalQuery query, CancellationToken cancellation = default)
    {
        var lines = db.Journal.AsNoTracking().Where(j => j.InstanceId == instance.Row.Id);
        if (query.ActivityIds is { } ids)
            lines = lines.Where(j => ids.Contains(j.ActivityId));
        if (query.NodeIds is { } nodes)
        {
            // Of an activity that is in this version no more, the end of its path is the id.
            var activities = nodes.Select(node => (Node: node, Activity: instance.Workflow.FindActivityId(node) ?? node[(node.LastIndexOf(':') + 1)..]))
                .Where(n => instance.Workflow.FindNodeId(n.Activity) is not { } right || right == n.Node).Select(n => n.Activity).ToList();
            lines = lines.Where(j => activities.Contains(j.ActivityId));
        }
        if (query.ExcludedTypes is { Count: > 0 } excluded)
            lines = lines.Where(j => !excluded.Contains(j.ActivityType));
        if (query.EventNames is { Count: > 0 } events)
            lines = lines.Where(j => events.Contains(j.EventName));
        // Whoever looks for the journal of a case whose journal has gone reads that, and when.
        if (instance.Row.JournalRemovedAt is { } removed && query is { ActivityIds: null, NodeIds: null, EventNames: null or [] })
            return (query.Skip == 0 ? [Removed(instance, removed)] : [], 1);
        return (await lines.OrderBy(j => j.Sequence).Skip(query.Skip).Take(query.Take).ToListAsync(cancellation), await lines.LongCountAsync(cancellation));
    }

    private static JournalRow Removed(InstanceView instance, DateTimeOffset at) => new()
    {
        InstanceId = instance.Row.Id,
        Sequence = instance.Row.JournalSequence,
        At = at,
        EventName = "Removed",
        ActivityId = instance.Workflow.Definition.Root["id"]!.GetValue<string>(),
        ActivityType = instance.Workflow.Definition.Root["type"]!.GetValue<string>(),
        ActivityInstanceId = instance.Row.Id.ToString("n"),
        Message = "Jurnal dihapus menurut jadwal retensi; riwayat berkas tetap ada. (Journal removed under the retention schedule; the history of the case stays.)"
    };

    /// <summary>Standing incidents of an instance, oldest first; of some activities only, where any are named.</summary>
    public Task<List<Guid>> OpenIncidentsAsync(Guid instanceId, IReadOnlyList<string>? activityIds, CancellationToken cancellation = default)
    {
        var open = db.Incidents.AsNoTracking().Where(i => i.InstanceId == instanceId && i.ResolvedAt == null);
        if (activityIds is { Count: > 0 })
            open = open.Where(i => activityIds.Contains(i.ActivityId));
        return open.OrderBy(i => i.At).ThenBy(i => i.Id).Select(i => i.Id).ToListAsync(cancellation);
    }

    /// <summary>Revisions of those that there are, by id.</summary>
    public Task<Dictionary<Guid, int>> RevisionsAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellation = default) =>
        db.Instances.AsNoTracking().Where(i => ids.Contains(i.Id)).ToDictionaryAsync(i => i.Id, i => i.Revision, cancellation);

    private async Task<HashSet<Guid>> SeenAsync(Actor actor, IReadOnlyCollection<Guid> ids, CancellationToken cancellation) =>
        [.. await db.Cases.VisibleTo(db, actor).Where(c => ids.Contains(c.InstanceId)).Select(c => c.InstanceId).ToListAsync(cancellation)];

    private Task<Dictionary<Guid, string>> NumbersAsync(List<Guid> ids, CancellationToken cancellation) =>
        db.Cases.Where(c => ids.Contains(c.InstanceId)).ToDictionaryAsync(c => c.InstanceId, c => c.Number, cancellation);

    private IQueryable<WorkflowInstance> Matching(InstanceQuery query)
    {
        var found = db.Instances.AsNoTracking();
        if (query.IsSystem == true)
            found = found.Where(i => false);
        if (query.IsTrial is { } trial)
            found = found.Where(i => i.IsTrial == trial);
        if (query.OfCases)
            found = found.Where(i => !i.IsTrial && i.StartedBy == null);
        if (query.Ids is { } ids)
            found = found.Where(i => ids.Contains(i.Id));
        if (query.DefinitionIds is { Count: > 0 } definitions)
            found = found.Where(i => definitions.Contains(i.DefinitionId));
        if (query.DefinitionVersionIds is { Count: > 0 } versions)
            found = found.Where(i => versions.Contains(i.DefinitionVersionId));
        if (query.CorrelationIds is { Count: > 0 } correlations)
        {
            found = found.Where(i => ((i.IsTrial || i.StartedBy != null) && correlations.Contains(i.CorrelationId))
                || db.Cases.Any(c => c.InstanceId == i.Id && correlations.Contains(c.Number)));
        }
        if (query.Version is { } version)
            found = found.Where(i => i.DefinitionVersion == version);
        if (query.HasIncidents is { } has)
            found = found.Where(i => i.OpenIncidents > 0 == has);
        if (query.Statuses is { Count: > 0 } statuses)
            found = found.Where(i => statuses.Contains(i.Status));
        if (query.SubStatuses is { Count: > 0 } subStatuses)
            found = found.Where(i => subStatuses.Contains(i.SubStatus));
        if (query.Search?.Trim() is { Length: > 0 } search)
        {
            var pattern = $"%{search.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            var id = Guid.TryParse(search, out var given) ? given : Guid.Empty;
            found = found.Where(i => i.Id == id || EF.Functions.Like(PpidDbContext.Lower(i.DefinitionId), PpidDbContext.Lower(pattern), @"\")
                || ((i.IsTrial || i.StartedBy != null) && (EF.Functions.Like(PpidDbContext.Lower(i.Name!), PpidDbContext.Lower(pattern), @"\")
                    || EF.Functions.Like(PpidDbContext.Lower(i.CorrelationId!), PpidDbContext.Lower(pattern), @"\")))
                || db.Cases.Any(c => c.InstanceId == i.Id && EF.Functions.Like(PpidDbContext.Lower(c.Number), PpidDbContext.Lower(pattern), @"\"))
                || db.DefinitionVersions.Any(v => v.Id == i.DefinitionVersionId && EF.Functions.Like(PpidDbContext.Lower(v.Name), PpidDbContext.Lower(pattern), @"\")));
        }
        foreach (var filter in query.Instants)
            found = found.Where(Compared(filter));
        return found;
    }

    private static IQueryable<WorkflowInstance> Ordered(IQueryable<WorkflowInstance> found, InstanceQuery query)
    {
        // By name: what everybody may read, not the name that a workflow gave after a dossier.
        return query.Order switch
        {
            InstanceOrder.Name => By(i => i.IsTrial ? i.Name : i.CorrelationId),
            InstanceOrder.LastExecuted => By(i => i.UpdatedAt),
            InstanceOrder.Finished => By(i => i.FinishedAt),
            _ => By(i => i.CreatedAt)
        };

        IQueryable<WorkflowInstance> By<TKey>(Expression<Func<WorkflowInstance, TKey>> key) =>
            query.Ascending ? found.OrderBy(key).ThenBy(i => i.Id) : found.OrderByDescending(key).ThenByDescending(i => i.Id);
    }

    private static Expression<Func<WorkflowInstance, bool>> Compared(InstantFilter filter)
    {
        var column = filter.Column.ToUpperInvariant() switch
        {
            "CREATEDAT" => CreatedAt,
            "UPDATEDAT" => UpdatedAt,
            _ => FinishedAt
        };
        var instant = Expression.Constant(filter.Instant.ToUniversalTime(), typeof(DateTimeOffset?));
        var test = filter.Comparison switch
        {
            InstantComparison.Is => Expression.Equal(column.Body, instant),
            InstantComparison.IsNot => Expression.NotEqual(column.Body, instant),
            InstantComparison.LessThan => Expression.LessThan(column.Body, instant),
            InstantComparison.GreaterThan => Expression.GreaterThan(column.Body, instant),
            InstantComparison.LessThanOrEqual => Expression.LessThanOrEqual(column.Body, instant),
            _ => Expression.GreaterThanOrEqual(column.Body, instant)
        };
        return Expression.Lambda<Func<WorkflowInstance, bool>>(test, column.Parameters);
    }
}
