using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Audit;

/// <summary>
/// Collects the facts of one step and links them to their chains in its commit. A chain per case and one for administration, so that commits
/// of different cases never wait for one another's head.
/// </summary>
public sealed class AuditTrail(TimeProvider time)
{
    public const string Administration = "administration";

    /// <summary>What the first record of every chain links to.</summary>
    public static readonly string Genesis = new('0', 64);

    private static readonly string[] Moved = [nameof(AuditChain.Sequence), nameof(AuditChain.Head), nameof(AuditChain.Revision)];

    private readonly List<(string Chain, DateTimeOffset At, string Actor, string Action, string Data)> _pending = [];

    public static string ChainOf(Guid caseId) => $"case:{caseId:n}";

    /// <summary>A chain without records.</summary>
    internal static AuditChain Begun(string chain) => new() { Name = chain, Head = Genesis };

    /// <param name="data">Ids and facts; null: none.</param>
    public void Add(string chain, string actor, string action, JsonObject? data = null) =>
        _pending.Add((chain, time.Now(), actor, action, data?.ToJsonString() ?? "{}"));

    /// <summary>Lower-case hex SHA-256 over all fields and the hash before, separated so that no two records collide by concatenation.</summary>
    public static string HashOf(string previousHash, string chain, long sequence, DateTimeOffset at, string actor, string action, string data)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStringValue(previousHash);
            json.WriteStringValue(chain);
            json.WriteNumberValue(sequence);
            json.WriteNumberValue(at.UtcTicks);
            json.WriteStringValue(actor);
            json.WriteStringValue(action);
            json.WriteStringValue(data);
            json.WriteEndArray();
        }
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    internal void Clear() => _pending.Clear();

    internal async Task WriteAsync(PpidDbContext db, CancellationToken cancellation)
    {
        if (_pending.Count == 0)
            return;
        var bulk = db.Bulk;
        var chains = bulk is null ? db.AuditChains.Local.ToDictionary(c => c.Name) : [];
        // One question for all: a batch of alarms touches hundreds of chains.
        var missing = _pending.Select(p => p.Chain).Distinct().Where(name => !chains.ContainsKey(name)).ToArray();
        if (bulk is null && missing is [var only])
        {
            if (await HotQueries.Of(db).Chain(db, only, cancellation) is { } chain)
                chains[only] = chain;
        }
        else if (missing.Length > 0)
        {
            var found = db.AuditChains.Where(c => EF.Parameter(missing).Contains(c.Name));
            foreach (var chain in await (bulk is null ? found : found.AsNoTracking()).ToListAsync(cancellation))
                chains[chain.Name] = chain;
        }
        foreach (var facts in _pending.GroupBy(p => p.Chain))
        {
            if (!chains.TryGetValue(facts.Key, out var chain))
                db.Append(chain = Begun(facts.Key));
            else
                bulk?.Change(chain, chain.Revision, Moved);
            foreach (var (name, at, actor, action, data) in facts)
            {
                var hash = HashOf(chain.Head, name, ++chain.Sequence, at, actor, action, data);
                db.Append(new AuditRecord
                {
                    Chain = name,
                    Sequence = chain.Sequence,
                    At = at,
                    Actor = actor,
                    Action = action,
                    Data = data,
                    PreviousHash = chain.Head,
                    Hash = hash
                });
                chain.Head = hash;
            }
            chain.Revision++;
        }
        _pending.Clear();
    }
}
