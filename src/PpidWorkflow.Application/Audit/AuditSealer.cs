using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Audit;

/// <summary>Chains a record over the heads of all chains that moved since the last seal: no lock is shared by the commits in between.</summary>
public sealed class AuditSealer(PpidDbContext db, Committer committer, TimeProvider time)
{
    /// <summary>
    /// Where several write at once, a record's instant may lie before a seal that could not see it yet; no commit takes longer.
    /// </summary>
    private static readonly TimeSpan LongestCommit = TimeSpan.FromMinutes(10);

    /// <summary>False where nothing had moved.</summary>
    public async Task<bool> SealAsync(CancellationToken cancellation)
    {
        var result = await committer.RunAsync<bool>(async () =>
        {
            var last = await db.AuditSeals.AsNoTracking().OrderByDescending(s => s.Sequence).FirstOrDefaultAsync(cancellation);
            var since = last is null ? DateTimeOffset.MinValue : last.At - LongestCommit;
            var moved = await db.AuditRecords.AsNoTracking().Where(r => r.At >= since).Select(r => r.Chain).Distinct().ToListAsync(cancellation);
            var known = last is null ? [] : JsonSerializer.Deserialize<HashSet<SealedHead>>(last.Heads)!;
            var heads = (await db.AuditChains.AsNoTracking().Where(c => moved.Contains(c.Name)).OrderBy(c => c.Name)
                .Select(c => new SealedHead(c.Name, c.Sequence, c.Head)).ToListAsync(cancellation)).Where(h => !known.Contains(h)).ToList();
            if (heads.Count == 0)
                return false;
            var text = JsonSerializer.Serialize(heads);
            var seal = new { Sequence = (last?.Sequence ?? 0) + 1, At = time.Now(), Previous = last?.Hash ?? AuditTrail.Genesis };
            db.AuditSeals.Add(new AuditSeal
            {
                Sequence = seal.Sequence,
                At = seal.At,
                Chains = heads.Count,
                Heads = text,
                PreviousHash = seal.Previous,
                Hash = HashOf(seal.Previous, seal.Sequence, seal.At, text)
            });
            return true;
        }, cancellation);
        return result is { Succeeded: true, Value: true };
    }

    public static string HashOf(string previousHash, long sequence, DateTimeOffset at, string heads) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new object[] { previousHash, sequence, at.UtcTicks, heads }))));
}

/// <summary>A chain's head as a seal saw it.</summary>
internal sealed record SealedHead(string Name, long Sequence, string Head)
{
    /// <exception cref="JsonException">Not the text of a seal.</exception>
    public static List<SealedHead> Read(string heads) => JsonSerializer.Deserialize<List<SealedHead>>(heads)!;
}
