using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Reads <see cref="Choices"/> from the database; the definitions only where one was saved since the last time.</summary>
internal sealed class OfficeChoices(PpidDbContext db, OfficeChoices.Known known)
{
    public async Task<Choices> ReadAsync(CancellationToken cancellation)
    {
        var roles = await db.Roles.AsNoTracking().OrderBy(r => r.DisplayName).Select(r => new Choice(r.DisplayName, r.Name!)).ToListAsync(cancellation);
        var mark = await db.DefinitionVersions.GroupBy(_ => 1).Select(all => new { Count = all.Count(), SavedAt = all.Max(v => v.UpdatedAt) })
            .SingleOrDefaultAsync(cancellation);
        var stamp = $"{mark?.Count}/{mark?.SavedAt.UtcTicks}";
        if (known.Last is not { } read || read.Stamp != stamp)
            known.Last = read = (stamp, await RungsAsync(cancellation), await UsableWorkflow.ReadAsync(db, cancellation));
        return new Choices(roles, read.Lines, read.Workflows);
    }

    private async Task<IReadOnlyList<string>> RungsAsync(CancellationToken cancellation)
    {
        var latest = await db.DefinitionVersions.AsNoTracking()
            .Where(v => !db.DefinitionVersions.Any(later => later.DefinitionId == v.DefinitionId && later.Version > v.Version))
            .Select(v => v.Content).ToListAsync(cancellation);
        return
        [
            .. latest.SelectMany(content => JsonNode.Parse(content)?["root"] is JsonObject root ? NormalForm.Activities(root) : [])
                .SelectMany(activity => EscalationLadder.LinesOf(activity["escalation"])).Distinct().Order(StringComparer.Ordinal)
        ];
    }

    /// <summary>What was read last, and of which state of the definitions.</summary>
    public sealed class Known
    {
        private volatile object? _last;

        public (string Stamp, IReadOnlyList<string> Lines, IReadOnlyList<UsableWorkflow> Workflows)? Last
        {
            get => ((string, IReadOnlyList<string>, IReadOnlyList<UsableWorkflow>)?)_last;
            set => _last = value;
        }
    }
}
