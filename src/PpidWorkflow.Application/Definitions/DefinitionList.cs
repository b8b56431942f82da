using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>Which versions of a definition are meant (Elsa contract: versionOptions).</summary>
/// <param name="Kind">One of the named choices; null: the version with <paramref name="Number"/>.</param>
public sealed record VersionChoice(VersionChoice.Named? Kind, int Number = 0)
{
    public enum Named
    {
        AllVersions,
        Latest,
        Published,
        LatestOrPublished,
        LatestAndPublished,
        Draft
    }

    public static readonly VersionChoice All = new(Named.AllVersions);
    public static readonly VersionChoice Latest = new(Named.Latest);

    /// <summary>Reads <c>Latest</c>, <c>Published</c> … or a number; null: neither.</summary>
    public static VersionChoice? Parse(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new VersionChoice(null, number)
        : Enum.TryParse<Named>(text, ignoreCase: true, out var named) && Enum.IsDefined(named) && char.IsAsciiLetter(text[0]) ? new VersionChoice(named)
        : null;
}

/// <summary>Order of a list of definitions.</summary>
public enum DefinitionOrder
{
    Name,
    Version,
    Created
}

/// <summary>What a list of definitions asks for.</summary>
/// <param name="DefinitionIds">Empty: any.</param>
/// <param name="Ids">Of version rows; null: any.</param>
/// <param name="Search">Part of name, description or definition id.</param>
/// <param name="Page">From 0.</param>
/// <param name="PageSize">Null: all.</param>
public sealed record DefinitionQuery(
    IReadOnlyList<string> DefinitionIds, IReadOnlyList<Guid>? Ids, VersionChoice Versions, string? Search = null,
    DefinitionOrder Order = DefinitionOrder.Name, bool Descending = false, int Page = 0, int? PageSize = null);

/// <summary>A version and its place among the others.</summary>
/// <param name="IsLatest">No higher version of the definition.</param>
public sealed record DefinitionView(DefinitionVersion Version, bool IsLatest);

// ToLower() below is SQL's: no culture of this process has a say in it.
#pragma warning disable CA1304, CA1311, CA1862
/// <summary>Versions of definitions, found and listed. Whoever may look into Studio sees all of them.</summary>
public sealed class DefinitionList(PpidDbContext db, WorkflowCompiler compiler)
{
    public async Task<(IReadOnlyList<DefinitionView> Items, int TotalCount)> ListAsync(DefinitionQuery query, CancellationToken cancellation = default)
    {
        var versions = Choose(db.DefinitionVersions.AsNoTracking(), query.Versions);
        if (query.DefinitionIds.Count > 0)
            versions = versions.Where(v => query.DefinitionIds.Contains(v.DefinitionId));
        if (query.Ids is not null)
            versions = versions.Where(v => query.Ids.Contains(v.Id));
        if (!string.IsNullOrWhiteSpace(query.Search))
        {
            var pattern = $"%{query.Search.Trim().ToLowerInvariant().Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            versions = versions.Where(v => EF.Functions.Like(v.Name.ToLower(), pattern, @"\") || EF.Functions.Like(v.DefinitionId.ToLower(), pattern, @"\")
                || (v.Description != null && EF.Functions.Like(v.Description.ToLower(), pattern, @"\")));
        }
        var total = await versions.CountAsync(cancellation);
        var ordered = (query.Order, query.Descending) switch
        {
            (DefinitionOrder.Name, false) => versions.OrderBy(v => v.Name),
            (DefinitionOrder.Name, true) => versions.OrderByDescending(v => v.Name),
            (DefinitionOrder.Version, false) => versions.OrderBy(v => v.Version),
            (DefinitionOrder.Version, true) => versions.OrderByDescending(v => v.Version),
            (_, false) => versions.OrderBy(v => v.CreatedAt),
            _ => versions.OrderByDescending(v => v.CreatedAt)
        };
        IQueryable<DefinitionVersion> page = ordered.ThenBy(v => v.DefinitionId).ThenByDescending(v => v.Version);
        if (query.PageSize is { } size)
            page = page.Skip(query.Page * size).Take(size);
        return (await ViewAsync(page, cancellation), total);
    }

    /// <summary>One version; where several fit, the highest.</summary>
    public async Task<DefinitionView?> FindAsync(string definitionId, VersionChoice versions, CancellationToken cancellation = default) =>
        (await ViewAsync(Choose(db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId), versions)
            .OrderByDescending(v => v.Version).Take(1), cancellation)).SingleOrDefault();

    /// <summary>By ids of version rows, in the order of the ids.</summary>
    public async Task<IReadOnlyList<DefinitionView>> FindAsync(IReadOnlyList<Guid> ids, CancellationToken cancellation = default)
    {
        var found = await ViewAsync(db.DefinitionVersions.AsNoTracking().Where(v => ids.Contains(v.Id)), cancellation);
        return [.. found.OrderBy(v => ids.ToList().IndexOf(v.Version.Id))];
    }

    /// <summary>The draft as a trial took it along, under the trial's id: to be drawn, not to be changed. Null: no such trial.</summary>
    public async Task<DefinitionView?> OfTrialAsync(Guid instanceId, CancellationToken cancellation = default)
    {
        if (await db.Instances.AsNoTracking().Where(i => i.Id == instanceId && i.TrialContent != null).SingleOrDefaultAsync(cancellation) is not { } trial)
            return null;
        var content = trial.TrialContent!;
        var definition = DefinitionReader.ReadStored(content);
        return new DefinitionView(
            new DefinitionVersion
            {
                Id = trial.Id,
                DefinitionId = trial.DefinitionId,
                Version = trial.DefinitionVersion,
                Name = definition.Name ?? trial.DefinitionId,
                Description = definition.Description,
                Content = content,
                ContentHash = DefinitionWriter.ContentHash(definition),
                State = RevisionState.Superseded,
                CreatedAt = trial.CreatedAt,
                CreatedBy = trial.StartedBy ?? ""
            }, IsLatest: false);
    }

    /// <summary>A version as a file.</summary>
    public async Task<DefinitionFile> ExportAsync(DefinitionView view, CancellationToken cancellation = default) => DefinitionFile.Of(
        view,
        await db.DefinitionVersions.Where(v => v.DefinitionId == view.Version.DefinitionId).OrderBy(v => v.Version).Select(v => v.CreatedAt)
            .FirstAsync(cancellation),
        compiler.Catalog);

    /// <summary>Number of definitions, versions not counted.</summary>
    public Task<int> CountAsync(CancellationToken cancellation = default) =>
        db.DefinitionVersions.Select(v => v.DefinitionId).Distinct().CountAsync(cancellation);

    /// <summary>Whether no other definition's latest version bears the name, case aside.</summary>
    public async Task<bool> IsNameUniqueAsync(string name, string? exceptDefinitionId, CancellationToken cancellation = default)
    {
        var wanted = name.Trim().ToLowerInvariant();
        return !await Choose(db.DefinitionVersions.AsNoTracking(), VersionChoice.Latest)
            .AnyAsync(v => v.Name.ToLower() == wanted && v.DefinitionId != exceptDefinitionId, cancellation);
    }

    /// <summary>Number and id of the version in force of each definition that has one.</summary>
    public async Task<IReadOnlyDictionary<string, (int Number, Guid Id)>> InForceAsync(
        IReadOnlyCollection<string> definitionIds, CancellationToken cancellation = default) =>
        (await db.DefinitionVersions.Where(v => definitionIds.Contains(v.DefinitionId) && v.State == RevisionState.InForce)
            .Select(v => new { v.DefinitionId, v.Version, v.Id }).ToListAsync(cancellation)).ToDictionary(v => v.DefinitionId, v => (v.Version, v.Id));

    /// <summary>Definitions with a revision that may be withdrawn.</summary>
    public async Task<IReadOnlySet<string>> WithdrawableAsync(IReadOnlyCollection<string> definitionIds, CancellationToken cancellation = default) =>
        (await db.DefinitionVersions.Where(v => definitionIds.Contains(v.DefinitionId)
                && (v.State == RevisionState.Proposed || v.State == RevisionState.Approved))
            .Select(v => v.DefinitionId).Distinct().ToListAsync(cancellation)).ToHashSet();

    private IQueryable<DefinitionVersion> Choose(IQueryable<DefinitionVersion> versions, VersionChoice choice) => choice.Kind switch
    {
        null => versions.Where(v => v.Version == choice.Number),
        VersionChoice.Named.AllVersions => versions,
        VersionChoice.Named.Published => versions.Where(v => v.State == RevisionState.InForce),
        VersionChoice.Named.Draft => versions.Where(v => v.State != RevisionState.InForce),
        VersionChoice.Named.Latest => versions.Where(v => !db.DefinitionVersions.Any(o => o.DefinitionId == v.DefinitionId && o.Version > v.Version)),
        VersionChoice.Named.LatestAndPublished => versions.Where(v => v.State == RevisionState.InForce
            && !db.DefinitionVersions.Any(o => o.DefinitionId == v.DefinitionId && o.Version > v.Version)),
        _ => versions.Where(v => v.State == RevisionState.InForce
            || !db.DefinitionVersions.Any(o => o.DefinitionId == v.DefinitionId && o.Version > v.Version))
    };

    private async Task<IReadOnlyList<DefinitionView>> ViewAsync(IQueryable<DefinitionVersion> versions, CancellationToken cancellation) =>
        await versions.Select(v => new DefinitionView(v, !db.DefinitionVersions.Any(o => o.DefinitionId == v.DefinitionId && o.Version > v.Version)))
            .ToListAsync(cancellation);
}
