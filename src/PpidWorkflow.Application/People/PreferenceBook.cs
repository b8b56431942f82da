using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>
/// What officers want, kept in memory: a mail is addressed in the midst of a step's commit, and must not cost a question each. Changes made
/// here count from their own commit on, those of other nodes after 15 s at the latest (<c>HeartbeatProcess</c>).
/// </summary>
public sealed class PreferenceBook
{
    private readonly Lock _taking = new();
    private Dictionary<Guid, OfficerPreference>? _known;

    /// <summary>The defaults where the officer has chosen nothing.</summary>
    public OfficerPreference Of(PpidDbContext db, Guid officerId)
    {
        var known = Volatile.Read(ref _known);
        if (known is null)
        {
            // Once per process.
            known = db.OfficerPreferences.AsNoTracking().ToDictionary(p => p.OfficerId);
            Take(_ => known);
        }
        return known.GetValueOrDefault(officerId) ?? new OfficerPreference { OfficerId = officerId };
    }

    /// <summary>Reads all anew: another node may have changed some.</summary>
    public async Task FollowAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var read = await db.OfficerPreferences.AsNoTracking().ToDictionaryAsync(p => p.OfficerId, cancellation);
        // What was changed here while they were read is newer than what was read.
        Take(known => read.Values.Concat((IEnumerable<OfficerPreference>?)known?.Values ?? []).GroupBy(p => p.OfficerId).ToDictionary(p => p.Key, p => p.MaxBy(x => x.Revision)!));
    }

    internal void Changed(OfficerPreference preference) =>
        Take(known => known is null ? null : new Dictionary<Guid, OfficerPreference>(known) { [preference.OfficerId] = preference });

    private void Take(Func<Dictionary<Guid, OfficerPreference>?, Dictionary<Guid, OfficerPreference>?> change)
    {
        lock (_taking)
            Volatile.Write(ref _known, change(_known));
    }
}
