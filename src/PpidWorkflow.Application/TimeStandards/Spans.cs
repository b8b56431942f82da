namespace PpidWorkflow.Application.TimeStandards;

/// <summary>A stretch of time, UTC; <paramref name="To"/> does not belong to it.</summary>
public readonly record struct Span(DateTimeOffset From, DateTimeOffset To)
{
    public bool IsEmpty => To <= From;

    public Span Within(Span other) => new(From > other.From ? From : other.From, To < other.To ? To : other.To);
}

/// <summary>Arithmetic on stretches of time, so that no minute is credited twice.</summary>
public static class Spans
{
    /// <summary>What of <paramref name="span"/> lies within none of <paramref name="taken"/>, in order.</summary>
    public static IReadOnlyList<Span> Less(Span span, IEnumerable<Span> taken)
    {
        var left = new List<Span>();
        var from = span.From;
        foreach (var part in taken.Select(t => t.Within(span)).Where(t => !t.IsEmpty).OrderBy(t => t.From))
        {
            if (part.From > from)
                left.Add(new Span(from, part.From));
            from = part.To > from ? part.To : from;
        }
        if (from < span.To)
            left.Add(new Span(from, span.To));
        return left;
    }

    /// <summary>
    /// When a clock ran, by its events. A closing that was taken back never stopped it; one that had begun only by its completion waits again.
    /// </summary>
    /// <param name="now">End of the last stretch of a clock that still runs.</param>
    public static IReadOnlyList<Span> Running(StepClock clock, IEnumerable<ClockEvent> events, DateTimeOffset now)
    {
        var ran = new List<Span>();
        DateTimeOffset? since = null;
        // By their ids, which ascend though the machine's clock be set back.
        foreach (var happening in events.OrderBy(e => e.Id))
        {
            switch (happening.Kind)
            {
                case "resumed" when happening.DueAfter is null && clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Started:
                    // It waits again: the start was taken back during the pause.
                    break;
                case "received" when clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Received:
                case "started" when since is null && clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Started:
                case "resumed":
                    since = happening.ActualAt ?? happening.At;
                    break;
                case "paused" or "closed":
                    if (since is { } from)
                        ran.Add(new Span(from, happening.ActualAt ?? happening.At));
                    since = null;
                    break;
                case "reopened" when ran.Count > 0:
                    // One that waits has no due instant. The length of the stretch does not tell: the machine's clock may have been set back.
                    since = happening.DueAfter is null ? null : ran[^1].From;
                    ran.RemoveAt(ran.Count - 1);
                    break;
            }
        }
        if (since is { } last && last < now)
            ran.Add(new Span(last, now));
        return [.. ran.Where(span => !span.IsEmpty)];
    }

    /// <summary>
    /// When time of a clock was counted, in stretches that are either of its standard or of its waiting (<see cref="IsOfStandard"/>): it ran,
    /// or it is one that is measured from the start and nobody had begun. Never before the receipt: who says that he worked on paper then was not
    /// kept from it.
    /// </summary>
    /// <param name="now">End of the last stretch of a clock that is not closed.</param>
    public static IReadOnlyList<Span> Counted(StepClock clock, IEnumerable<ClockEvent> events, DateTimeOffset now)
    {
        var ran = Running(clock, events, now);
        if (clock.MeasuredFrom != Engine.Activities.Human.MeasuredFrom.Started)
            return ran;
        var waited = new Span(clock.ReceivedAt, ran.Count > 0 ? ran[0].From : clock.ClosedAt ?? now);
        var start = clock.StartedAt ?? DateTimeOffset.MaxValue;
        return [.. ran.Prepend(waited).Select(span => span with { From = span.From > clock.ReceivedAt ? span.From : clock.ReceivedAt })
            .SelectMany(span => new[] { span with { To = span.To < start ? span.To : start }, span with { From = span.From > start ? span.From : start } })
            .Where(span => !span.IsEmpty)];
    }

    /// <summary>Whether a stretch of <see cref="Counted"/> is charged to the standard: not what was waited before a start from which it is measured.</summary>
    public static bool IsOfStandard(StepClock clock, Span span) =>
        clock.MeasuredFrom != Engine.Activities.Human.MeasuredFrom.Started || span.From >= clock.StartedAt;
}
