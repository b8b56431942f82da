using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Audit;

/// <summary>What the service knows of its invariants.</summary>
/// <param name="Guarantees">The recent reading; where the last deep one found more, that.</param>
/// <param name="Deep">Null: never read yet.</param>
public sealed record StandingReading(IReadOnlyList<GuaranteeReading> Guarantees, DeepReading? Deep);

/// <summary>
/// The last reading of everything there is: all years, every audit record, every byte of the vault. Kept as facts of the service, so that a check of
/// every few minutes knows what only this one can find.
/// </summary>
/// <param name="TakenAt">When it began, UTC.</param>
/// <param name="Checked">How many rows were looked at.</param>
/// <param name="Found">What the recent reading of the same moment did not see; it stands until the next deep reading.</param>
public sealed record DeepReading(DateTimeOffset TakenAt, long Checked, IReadOnlyList<GuaranteeReading> Found)
{
    private const string Fact = "guarantees-deep";
    private const string FindingFact = Fact + ":";

    /// <summary>A fact holds 1,000 characters.</summary>
    private const int LongestExamples = 800;

    /// <summary>A recent reading with what this one found beyond it.</summary>
    internal IReadOnlyList<GuaranteeReading> Over(IReadOnlyList<GuaranteeReading> recent) => [.. recent.Select(r =>
        Found.FirstOrDefault(f => f.Name == r.Name) is { } found && found.Violations > r.Violations
            ? r with { Checked = found.Checked, Violations = found.Violations, Examples = found.Examples }
            : r)];

    internal static async Task<DeepReading?> StoredAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var facts = await db.ServiceFacts.AsNoTracking().Where(f => f.Name.StartsWith(Fact)).ToListAsync(cancellation);
        if (facts.Find(f => f.Name == Fact) is not { } taken || JsonSerializer.Deserialize<Taken>(taken.Value) is not { } reading)
            return null;
        return new DeepReading(reading.At, reading.Checked, [.. facts.Where(f => f.Name.StartsWith(FindingFact, StringComparison.Ordinal))
            .Select(f => JsonSerializer.Deserialize<GuaranteeReading>(f.Value)!)]);
    }

    internal async Task StoreAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var facts = Found.ToDictionary(f => FindingFact + f.Name, Written);
        facts[Fact] = JsonSerializer.Serialize(new Taken(TakenAt, Checked));
        foreach (var known in await db.ServiceFacts.Where(f => f.Name.StartsWith(Fact)).ToListAsync(cancellation))
        {
            if (facts.Remove(known.Name, out var value))
                known.Value = value;
            else
                db.ServiceFacts.Remove(known);
        }
        db.ServiceFacts.AddRange(facts.Select(f => new ServiceFact { Name = f.Key, Value = f.Value }));
    }

    private static string Written(GuaranteeReading found)
    {
        var length = 0;
        return JsonSerializer.Serialize(
            found with { Description = "", Examples = [.. found.Examples.TakeWhile(e => (length += e.Length + 3) <= LongestExamples)] });
    }

    private sealed record Taken(DateTimeOffset At, long Checked);
}

public sealed partial class Guarantees
{
    /// <summary>It comes once a night: a whole night has passed without one.</summary>
    private static readonly TimeSpan DeepReadingStands = TimeSpan.FromHours(48);

    /// <summary>After a start a missed one is made up for within the hour, and reading everything takes its time.</summary>
    private static readonly TimeSpan DeepReadingGrace = TimeSpan.FromHours(6);

    /// <summary>The recent reading, with what the last deep one found: at a price that does not grow with the years.</summary>
    public async Task<StandingReading> ReadStandingAsync(CancellationToken cancellation = default)
    {
        var recent = await ReadRecentAsync(cancellation);
        var deep = await DeepReading.StoredAsync(db, cancellation);
        return new StandingReading(deep?.Over(recent) ?? recent, deep);
    }

    /// <summary>Walks everything. Tables are read one after the other while others write: only what a second walk names as well is broken.</summary>
    public async Task<DeepReading> ReadDeeplyAsync(CancellationToken cancellation = default)
    {
        var now = time.Now();
        var whole = await ReadAsync(deep: true, cancellation);
        var broken = whole.Where(r => r.Violations > 0).ToList();
        if (broken.Count > 0)
        {
            var again = (await ReadAsync(deep: true, cancellation)).ToDictionary(r => r.Name);
            var recent = (await ReadRecentAsync(cancellation)).ToDictionary(r => r.Name);
            broken = [.. broken.Where(r => again[r.Name].Examples.Intersect(r.Examples).Any()).Select(r => again[r.Name])
                .Where(r => r.Violations > recent[r.Name].Violations)];
        }
        return new DeepReading(now, whole.Sum(r => r.Checked), broken);
    }

    // Its figure is not of rows: whole hours since the last one began that came to its end, or that a node has lived without any.
    private async Task<GuaranteeReading> EverythingReadLatelyAsync(CancellationToken cancellation)
    {
        var reading = new Reading(
            "everything-read-lately", "Pembacaan menyeluruh terakhir belum lewat dari 48 jam selama layanan hidup (angkanya: berapa jam yang lalu).");
        var now = time.Now();
        var fresh = now - outages.Value.Gap;
        var livesSince = await db.NodeHeartbeats.Where(b => b.LastBeatAt >= fresh).MinAsync(b => (DateTimeOffset?)b.StartedAt, cancellation);
        var last = (await DeepReading.StoredAsync(db, cancellation))?.TakenAt;
        reading.Checked = (long)((now - (last ?? livesSince)) ?? TimeSpan.Zero).TotalHours;
        // Who has turned the checks off reads by the verb.
        if (guarantees.Value.CheckMinutes > 0 && now - livesSince > DeepReadingGrace && (last is null || now - last > DeepReadingStands))
            reading.Blame(last is { } at ? $"{at:u}" : "-");
        return reading.Taken;
    }
}
