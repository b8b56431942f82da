using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Audit;

/// <summary>The invariant of outages: every minute is given back once, and to everybody whose clock ran.</summary>
public sealed partial class Guarantees
{
    private async Task<GuaranteeReading> OutagesAreCreditedAsync(DateTimeOffset now, Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("outages-are-credited", "Setiap gangguan dikreditkan satu kali kepada setiap jam yang berjalan saat itu.");
        var outages = await db.Outages.AsNoTracking().OrderBy(o => o.Id).ToListAsync(cancellation);
        var annulled = outages.Where(o => !o.Counts).Select(o => o.Id).ToHashSet();
        // What is open, and whatever else has been given or taken lately; all of it where everything is walked.
        var lately = db.ClockEvents.Where(e => e.Id >= first && e.OutageId != null).Select(e => e.ClockId);
        var open = db.StepClocks.AsNoTracking().Where(c => c.State != ClockState.Closed && (c.CreditedMs != 0 || db.ClockEvents.Any(e => e.OutageId != null && e.ClockId == c.Id)));
        var closed = db.StepClocks.AsNoTracking().Where(c => c.State == ClockState.Closed && lately.Contains(c.Id));
        if (first == Guid.Empty)
            closed = closed.Concat(db.StepClocks.AsNoTracking().Where(c => c.State == ClockState.Closed && c.CreditedMs != 0 && !lately.Contains(c.Id)));
        Dictionary<Guid, long> noted = [];
        foreach (var some in (IQueryable<StepClock>[])[open, closed])
        {
            foreach (var clock in await some.Select(c => new { c.Id, c.CreditedMs }).ToListAsync(cancellation))
                noted[clock.Id] = clock.CreditedMs;
        }
        // By their clocks: joined, SQLite would take all events there are and look for the clock of each.
        foreach (var ids in noted.Keys.Chunk(RowsAtOnce))
        {
            var credits = (await db.ClockEvents.AsNoTracking().Where(e => EF.Parameter(ids).Contains(e.ClockId) && e.OutageId != null).ToListAsync(cancellation))
                .ToLookup(e => e.ClockId);
            foreach (var clock in ids)
            {
                var pieces = OutageCredits.PiecesOf(credits[clock]).Where(p => p.Ms != 0).ToList();
                var twice = pieces.Zip(pieces.Skip(1)).Any(pair => pair.Second.Span.From < pair.First.Span.To);
                reading.Look(clock, noted[clock] != credits[clock].Sum(e => e.CreditMs) || twice || pieces.Exists(p => annulled.Contains(p.OutageId)));
            }
        }
        // Of the outages of years only those matter within which something ran that still does.
        var since = new[]
        {
            await db.StepClocks.Where(c => c.State != ClockState.Closed && c.State == ClockState.Running).MinAsync(c => c.RunningSince, cancellation),
            await db.StepClocks.Where(c => c.State != ClockState.Closed && c.State == ClockState.NotBegun).MinAsync(c => (DateTimeOffset?)c.ReceivedAt, cancellation)
        }.Min();
        foreach (var outage in outages.Where(o => o is { Counts: true, Kind: not OutageKind.Mail } && o.To > since))
        {
            // Closed steps keep what they were charged when the calendar changes, and so does what lay before a pause.
            var ran = db.StepClocks.AsNoTracking().Where(c => c.State != ClockState.Closed).Where(c =>
                (c.State == ClockState.Running && c.RunningSince < outage.To) || (c.State == ClockState.NotBegun && c.ReceivedAt < outage.To));
            for (var after = Guid.Empty; ;)
            {
                var some = await ran.Where(c => c.Id > after).OrderBy(c => c.Id).Take(RowsAtOnce).ToListAsync(cancellation);
                if (some.Count == 0)
                    break;
                var ids = some.Select(c => c.Id).ToArray();
                var events = (await db.ClockEvents.AsNoTracking().Where(e => EF.Parameter(ids).Contains(e.ClockId)).ToListAsync(cancellation)).ToLookup(e => e.ClockId);
                foreach (var clock in some)
                {
                    reading.Look(clock.Id, OutageCredits.Owed(clock, outage, [.. events[clock.Id]], [], annulled, now)
                        .Any(span => (clock.State == ClockState.NotBegun || span.From >= clock.RunningSince) && office.Current.Between(span.From, span.To) > TimeSpan.Zero));
                }
                after = ids[^1];
            }
        }
        return reading.Taken;
    }
}
