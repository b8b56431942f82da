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

    // Of a step of thousands of rows: chains as it has lengthened them, with their length and revision as read; no revision: not there yet.
    private readonly Dictionary<string, (AuditChain Chain, long Length, int? Revision)> _lengthened = [];

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

    internal void Clear()
    {
        _pending.Clear();
        _lengthened.Clear();
    }

    /// <summary>Within a step of thousands of rows: reads the heads of the chains that it will lengthen, before it hands over what it has.</summary>
    internal async Task PrepareAsync(PpidDbContext db, IEnumerable<string> chains, CancellationToken cancellation)
    {
        var missing = chains.Where(name => !_lengthened.ContainsKey(name)).Distinct().ToArray();
        if (missing.Length == 0)
            return;
        foreach (var chain in await db.AuditChains.AsNoTracking().Where(c => EF.Parameter(missing).Contains(c.Name)).ToListAsync(cancellation))
            _lengthened[chain.Name] = (chain, chain.Sequence, chain.Revision);
    }

    /// <summary>
    /// Within a step of thousands of rows: links the facts so far to their chains and appends the records. The heads are written once, with the commit.
    /// </summary>
    internal async Task LinkAsync(PpidDbContext db, CancellationToken cancellation)
    {
        await PrepareAsync(db, _pending.Select(p => p.Chain), cancellation);
        foreach (var (name, at, actor, action, data) in _pending)
        {
            if (!_lengthened.TryGetValue(name, out var known))
                _lengthened[name] = known = (Begun(name), 0, null);
            db.Append(Next(known.Chain, at, actor, action, data));
        }
        _pending.Clear();
    }

    internal async Task WriteAsync(PpidDbContext db, CancellationToken cancellation)
    {
        if (db.Bulk is { } bulk)
        {
            await LinkAsync(db, cancellation);
            foreach (var (chain, _, revision) in _lengthened.Values.Where(l => l.Chain.Sequence > l.Length))
            {
                chain.Revision++;
                if (revision is { } read)
                    bulk.Change(chain, read, Moved);
                else
                    db.Append(chain);
            }
            _lengthened.Clear();
            return;
        }
        if (_pending.Count == 0)
            return;
        var chains = db.AuditChains.Local.ToDictionary(c => c.Name);
        var missing = _pending.Select(p => p.Chain).Distinct().Where(name => !chains.ContainsKey(name)).ToArray();
        if (missing is [var only])
        {
            if (await HotQueries.Of(db).Chain(db, only, cancellation) is { } chain)
                chains[only] = chain;
        }
        else if (missing.Length > 0)
        {
            foreach (var chain in await db.AuditChains.Where(c => EF.Parameter(missing).Contains(c.Name)).ToListAsync(cancellation))
                chains[chain.Name] = chain;
        }
        foreach (var facts in _pending.GroupBy(p => p.Chain))
        {
            if (!chains.TryGetValue(facts.Key, out var chain))
                db.Append(chain = Begun(facts.Key));
            foreach (var (_, at, actor, action, data) in facts)
                db.Append(Next(chain, at, actor, action, data));
            chain.Revision++;
        }
        _pending.Clear();
    }

    private static AuditRecord Next(AuditChain chain, DateTimeOffset at, string actor, string action, string data)
    {
        var record = new AuditRecord
        {
            Chain = chain.Name,
            Sequence = ++chain.Sequence,
            At = at,
            Actor = actor,
            Action = action,
            Data = data,
            PreviousHash = chain.Head,
            Hash = HashOf(chain.Head, chain.Name, chain.Sequence, at, actor, action, data)
        };
        chain.Head = record.Hash;
        return record;
    }
}
