using System.Collections.Concurrent;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Names of roles as people read them, kept in memory: every step prints some, and nothing changes them while the service runs (they are seeded;
/// <see cref="RoleSeed"/>).
/// </summary>
public sealed class RoleNames
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Indonesian; the code itself where the office gave it no name.</summary>
    public async Task<string> OfAsync(PpidDbContext db, string role, CancellationToken cancellation)
    {
        if (_known.TryGetValue(role, out var name))
            return name;
        var stored = await HotQueries.Of(db).RoleName(db, role.ToUpperInvariant(), cancellation);
        return stored is null ? role : _known[role] = stored;
    }
}
