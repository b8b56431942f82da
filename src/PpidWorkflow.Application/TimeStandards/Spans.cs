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
                case "received" when clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Received:
                case "started" when since is null && clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Started:
                case "resumed":
                    since = happening.At;
                    break;
                case "paused" or "closed":
                    if (since is { } from)
                        ran.Add(new Span(from, happening.At));
                    since = null;
                    break;
                case "reopened" when ran.Count > 0:
                    since = ran[^1] is { IsEmpty: true } && clock.MeasuredFrom == Engine.Activities.Human.MeasuredFrom.Started ? null : ran[^1].From;
                    ran.RemoveAt(ran.Count - 1);
                    break;
            }
        }
        if (since is { } last && last < now)
            ran.Add(new Span(last, now));
        return [.. ran.Where(span => !span.IsEmpty)];
    }
}
