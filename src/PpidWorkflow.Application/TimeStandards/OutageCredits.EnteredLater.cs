using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>Work that is entered later than it was done, amid time that outages gave back.</summary>
public sealed partial class OutageCredits
{
    /// <summary>
    /// A start or completion was entered later, amid what was credited: that is parted there, so that each piece is wholly of one work item, and
    /// of its waiting or its work. Worth as much together as before.
    /// </summary>
    /// <param name="clock">Still running, or not begun.</param>
    /// <param name="at">The actual instant, UTC.</param>
    /// <param name="actor">Who entered it.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task PartAsync(StepClock clock, DateTimeOffset at, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        AnewAsync(clock, piece => piece.Span.From < at && piece.Span.To > at, at, actor, now, (piece, credit) =>
        {
            var isOfStandard = Spans.IsOfStandard(clock, piece.Span);
            var (first, second) = (piece.Span with { To = at }, piece.Span with { From = at });
            var worth = Math.Min(piece.Ms, Worth(first, office.Current));
            credit(piece.Span, -piece.Ms, isOfStandard);
            credit(first, worth, isOfStandard);
            credit(second, piece.Ms - worth, isOfStandard);
        }, cancellation);

    /// <summary>A start from which the standard is measured was entered later: what was credited since then as waiting is of the standard.</summary>
    /// <param name="clock">Begun by the commit in hand; <see cref="PartAsync"/> was before it.</param>
    /// <param name="at">The actual instant, UTC.</param>
    /// <param name="actor">Who entered it.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task BeginAsync(StepClock clock, DateTimeOffset at, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        AnewAsync(clock, piece => piece.Span.From >= at, at, actor, now, (piece, credit) =>
        {
            credit(piece.Span, -piece.Ms, false);
            credit(piece.Span, piece.Ms, true);
        }, cancellation);

    /// <summary>A clock ends by a completion that was entered later: what was credited after it is nobody's.</summary>
    /// <param name="clock">To be closed by the commit in hand.</param>
    /// <param name="at">The actual instant, UTC.</param>
    /// <param name="actor">Who entered it.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public async Task EndAsync(StepClock clock, DateTimeOffset at, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await PartAsync(clock, at, actor, now, cancellation);
        await AnewAsync(clock, piece => piece.Span.From >= at, at, actor, now, (piece, credit) =>
            credit(piece.Span, -piece.Ms, Spans.IsOfStandard(clock, piece.Span)), cancellation);
    }

    private async Task AnewAsync(
        StepClock clock, Func<CreditPiece, bool> isMeant, DateTimeOffset at, string actor, DateTimeOffset now,
        Action<CreditPiece, Action<Span, long, bool>> change, CancellationToken cancellation)
    {
        if (clock.CreditedMs == 0)
            return;
        var pieces = PiecesOf(await clocks.EventsAsync(clock.Id, cancellation)).Where(p => p.Ms > 0 && isMeant(p)).ToList();
        if (pieces.Count == 0)
            return;
        var fired = await clocks.FiredAsync(clock.Id, cancellation);
        foreach (var piece in pieces)
        {
            var outage = await db.Outages.SingleAsync(o => o.Id == piece.OutageId, cancellation);
            var reason = $"{Outage.NameOf(outage.Kind)}: waktu sebenarnya {office.Time.DateAndTime(at, Indonesian)}";
            change(piece, (span, ms, isOfStandard) =>
            {
                if (ms != 0)
                    clocks.Credit(clock, outage, span, ms, reason, fired, actor, now, office.Current, isOfStandard);
            });
        }
    }

    /// <summary>What was credited of the standard from an instant on: it took nothing from a step that was done by then, though its clock goes on (5b).</summary>
    /// <param name="events">Of the clock; parted at <paramref name="at"/>.</param>
    /// <returns>Working milliseconds.</returns>
    public static long CreditedSince(StepClock clock, IEnumerable<ClockEvent> events, DateTimeOffset at) =>
        PiecesOf(events).Where(p => p.Ms > 0 && p.Span.From >= at && Spans.IsOfStandard(clock, p.Span)).Sum(p => p.Ms);
}
