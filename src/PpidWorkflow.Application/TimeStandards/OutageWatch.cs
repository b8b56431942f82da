using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Writes this node's heartbeat, and sees by the heartbeats of all nodes that the service was away: at start, and in a process that was
/// suspended or cut off from its database. The outage, its credits and the beat that ends it are one commit, before any alarm fires.
/// </summary>
public sealed class OutageWatch(
    PpidDbContext db, Committer committer, WriteGate gate, OutageCredits credits, OfficeCalendar office, ServicePulse pulse,
    StorageWatch storage, AuditTrail audit, Identifiers identifiers, IOptions<OutageOptions> options, TimeProvider time, ILogger<OutageWatch> logger)
{
    /// <summary>What a wall clock may go wrong between two beats without having been moved by hand.</summary>
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(5);

    /// <summary>Before alarms fire: nothing, unless this process has been silent for longer than an outage needs.</summary>
    /// <exception cref="StoreRefusedException">The store takes no commit; no alarm may fire before it does.</exception>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        if (pulse.IsStale)
            await BeatAsync(cancellation);
    }

    /// <summary>Tells the database that this node lives; where none had for too long, the gap becomes an outage first.</summary>
    /// <returns>The outage that this node wrote; null: none.</returns>
    /// <exception cref="StoreRefusedException">The store takes no commit, or the disk no file.</exception>
    public async Task<Outage?> BeatAsync(CancellationToken cancellation)
    {
        // A beat says that officers can work.
        if (!storage.Holds())
            throw new StoreRefusedException("The disk takes no file: no heartbeat.");
        if (pulse.Silence is { } silence && silence <= options.Value.Gap)
        {
            // The usual beat, and not through the committer: nobody need be woken by it.
            using var turn = await gate.EnterAsync(cancellation);
            await WriteAsync(time.Now(), cancellation);
            await db.SaveChangesAsync(cancellation);
            await BeatenAsync(cancellation);
            return null;
        }
        Outage? outage = null;
        var credited = 0;
        var result = await committer.RunManyAsync<bool>(async () =>
        {
            var now = time.Now();
            outage = await GapAsync(now, cancellation);
            if (outage is not null)
            {
                await office.RefreshAsync(db, cancellation);
                db.Outages.Add(outage);
                (credited, _) = await credits.SettleAllAsync(outage, now, committer.WriteSoFarAsync, cancellation);
                audit.Add(AuditTrail.Administration, "system", "outage-observed", new JsonObject
                {
                    ["id"] = outage.Id,
                    ["kind"] = "service",
                    ["from"] = outage.From,
                    ["to"] = outage.To,
                    ["credited"] = credited
                });
            }
            await WriteAsync(now, cancellation);
            return true;
        }, cancellation);
        if (result.Succeeded)
        {
            await BeatenAsync(cancellation);
            if (outage is not null)
                logger.LogWarning("The service was away from {From:u} to {To:u}; {Credited} clocks credited", outage.From, outage.To, credited);
            return outage;
        }
        if (result.Problems[0].Kind == ProblemKind.Unavailable)
            throw new StoreRefusedException($"The heartbeat was not stored ({result.Problems[0].Code}).");
        // Another node was faster: its beat ends the gap, and its row is the outage.
        return await BeatAfterAsync(cancellation);
    }

    private async Task<Outage?> BeatAfterAsync(CancellationToken cancellation)
    {
        using var turn = await gate.EnterAsync(cancellation);
        await WriteAsync(time.Now(), cancellation);
        await db.SaveChangesAsync(cancellation);
        await BeatenAsync(cancellation);
        return null;
    }

    private async Task BeatenAsync(CancellationToken cancellation)
    {
        var now = time.Now();
        pulse.Beat(now);
        if (gate.HasOneWriter)
            return;
        var since = now - options.Value.Gap;
        var alive = await db.NodeHeartbeats.Where(b => b.LastBeatAt > since).Select(b => b.NodeId).ToListAsync(cancellation);
        pulse.Rank = alive.Exists(id => id != pulse.NodeId) ? alive.Count(id => string.CompareOrdinal(id, pulse.NodeId) < 0) : null;
    }

    private async Task<Outage?> GapAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var gap = options.Value.Gap;
        // Beats from the future are those of a clock that was set back since; they would hide the outages until then. Whose they are lived up to
        // now, as far as anybody can tell: what lies between an older node's last beat and theirs was no outage.
        var future = await db.NodeHeartbeats.Where(b => b.LastBeatAt > now + gap && b.NodeId != pulse.NodeId).ToListAsync(cancellation);
        foreach (var beat in future)
            beat.LastBeatAt = now;
        var last = future.Count > 0 ? now
            : await db.NodeHeartbeats.Where(b => b.LastBeatAt <= now + gap).MaxAsync(b => (DateTimeOffset?)b.LastBeatAt, cancellation);
        // Without a beat nothing was ever there to go away.
        if (last is not { } from)
            return null;
        if (pulse.Silence is { } silence && pulse.Expected is { } expected && (now - expected).Duration() > Drift)
        {
            // The wall clock was moved while this process was silent: only the silence itself is an outage, if the others kept it too.
            if (expected - from <= gap)
                return null;
            from = now - silence;
        }
        if (now - from <= gap)
            return null;
        return new Outage
        {
            Id = identifiers.Next(),
            UniqueKey = Outage.ServiceKey(from),
            Kind = OutageKind.Service,
            From = from,
            To = now,
            DetectedAt = now,
            DetectedBy = pulse.NodeId
        };
    }

    private async Task WriteAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var beat = await db.NodeHeartbeats.FindAsync([pulse.NodeId], cancellation);
        if (beat is null)
            db.NodeHeartbeats.Add(beat = new NodeHeartbeat { NodeId = pulse.NodeId, StartedAt = pulse.StartedAt });
        beat.LastBeatAt = now;
    }
}
