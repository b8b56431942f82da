using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Audit;

/// <summary>The invariants of clocks and their times.</summary>
public sealed partial class Guarantees
{
    private async Task<GuaranteeReading> OpenItemsHaveClocksAsync(CancellationToken cancellation)
    {
        var reading = new Reading("open-items-have-clocks", "Setiap tugas terbuka mempunyai jam yang berjalan, dijeda, belum dimulai, atau jenjangnya habis.");
        var open = db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open);
        reading.Checked = await open.LongCountAsync(w => w.Clock!.State != ClockState.Running || w.Clock.NextFireAt != null, cancellation);
        reading.Blame(await open.Where(w => w.Clock!.State == ClockState.Closed).Select(w => w.Id).ToListAsync(cancellation));
        // Nothing is left of its ladder, it says: only such a clock is derived anew.
        var silent = await open.Where(w => w.Clock!.State == ClockState.Running && w.Clock.NextFireAt == null).Select(w => w.Id).ToListAsync(cancellation);
        foreach (var ids in silent.Chunk(RowsAtOnce))
        {
            var some = await db.WorkItems.AsNoTracking().Where(w => EF.Parameter(ids).Contains(w.Id)).Select(w => new { w.Id, Clock = w.Clock! }).ToListAsync(cancellation);
            var which = some.Select(w => w.Clock.Id).Distinct().ToArray();
            var fired = (await db.FireRecords.AsNoTracking().Where(f => EF.Parameter(which).Contains(f.ClockId)).Select(f => new { f.ClockId, f.Rung, f.Repetition })
                .ToListAsync(cancellation)).ToLookup(f => f.ClockId, f => (f.Rung, f.Repetition));
            foreach (var item in some)
                reading.Look(item.Id, () => clocks.DerivedInstants(item.Clock, fired[item.Clock.Id].ToHashSet()).NextFireAt is not null);
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> DueRungsFiredAsync(DateTimeOffset? alive, CancellationToken cancellation)
    {
        var reading = new Reading("due-rungs-fired", "Tidak ada jenjang yang lewat lebih dari 1 detik tanpa catatan selama layanan hidup.");
        reading.Checked = await db.StepClocks.LongCountAsync(c => c.NextFireAt != null, cancellation);
        var limit = alive - RungGrace;
        if (alive is not null)
            reading.Blame(await db.StepClocks.AsNoTracking().Where(c => c.NextFireAt < limit).Select(c => c.Id).ToListAsync(cancellation));
        return reading.Taken;
    }

    private async Task<GuaranteeReading> CachedInstantsAsync(DateTimeOffset? since, CancellationToken cancellation)
    {
        var reading = new Reading("cached-instants", "Batas waktu yang tersimpan sama dengan yang dihitung ulang.");
        var fired = (await (
            from clock in db.StepClocks.AsNoTracking()
            join fire in db.FireRecords on clock.Id equals fire.ClockId
            where clock.State != ClockState.Closed
            select new { fire.ClockId, fire.Rung, fire.Repetition }).ToListAsync(cancellation)).ToLookup(f => f.ClockId, f => (f.Rung, f.Repetition));
        await foreach (var clock in Clocks(since).Where(c => c.State != ClockState.Closed || c.NextFireAt != null || c.DueAt != null)
            .AsAsyncEnumerable().WithCancellation(cancellation))
        {
            reading.Look(clock.Id, () => clocks.DerivedInstants(clock, fired[clock.Id].ToHashSet()) != (clock.DueAt, clock.AtRiskAt, clock.NextFireAt));
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> PausedClocksAsync(DateTimeOffset? since, CancellationToken cancellation)
    {
        var reading = new Reading("paused-clocks", "Setiap jam yang dijeda menyebut sejak kapan dan dari catatan jeda mana; jam lain tidak.");
        reading.Checked = await db.StepClocks.LongCountAsync(c => c.State != ClockState.Closed && c.State == ClockState.Paused, cancellation);
        reading.Blame(await Clocks(since).Where(c =>
            (c.State != ClockState.Paused && c.PausedAt != null)
            || (c.State == ClockState.Paused && !db.ClockEvents.Any(e => e.ClockId == c.Id && e.Kind == "paused" && e.At == c.PausedAt)))
            .Select(c => c.Id).ToListAsync(cancellation));
        return reading.Taken;
    }

    private async Task<GuaranteeReading> ActualTimesAsync(DateTimeOffset? since, CancellationToken cancellation)
    {
        var reading = new Reading(
            "actual-times", "Setiap waktu sebenarnya mempunyai alasan, tidak sesudah waktu pencatatannya, dan tidak sebelum langkah diserahkan.");
        reading.Checked = await Items(since).LongCountAsync(w => w.ActualStartedAt != null || w.ActualClosedAt != null, cancellation);
        reading.Blame(await Items(since).Where(w =>
            (w.ActualStartedAt != null && (w.ActualStartReason == null || w.ActualStartedAt > w.StartedAt
                || w.ActualStartedAt < (w.HandedOverAt ?? w.ReceivedAt)))
            || (w.ActualClosedAt != null && (w.ActualCloseReason == null || w.ActualClosedAt > w.ClosedAt
                || w.ActualClosedAt < (w.ActualStartedAt ?? w.HandedOverAt ?? w.ReceivedAt))))
            .Select(w => w.Id).ToListAsync(cancellation));
        return reading.Taken;
    }
}
