namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// When to try again: per mail, and for the mail server as a whole while it is away. The second is one state per process; losing it costs
/// one attempt to connect.
/// </summary>
/// <param name="jitter">Spreads retries, so that a server back from an outage does not meet all at one instant.</param>
public sealed class OutboxPace(Random jitter)
{
    private static readonly int[] MailMinutes = [1, 2, 5, 10, 20, 30];

    // Shorter than a mail's: steps here last 5 to 15 minutes, and asking a server whether it is back costs one connection.
    private static readonly int[] OutageMinutes = [1, 1, 2, 5];

    private readonly Lock _lock = new();
    private int _outages;
    private DateTimeOffset? _resumesAt;
    private string? _reason;
    private readonly HashSet<string> _reasons = new(StringComparer.Ordinal);

    /// <summary>What the server said in the outage that lasts, or lasted last: by it the mails are known that it held up.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            lock (_lock)
                return [.. _reasons];
        }
    }

    /// <param name="attempts">Attempts made, this one included (from 1).</param>
    /// <returns>1, 2, 5, 10, 20, then every 30 minutes, and up to a tenth more.</returns>
    public TimeSpan AfterAttempt(int attempts) => Spread(MailMinutes, attempts);

    /// <summary>The server is away: nothing is tried before the instant returned.</summary>
    public DateTimeOffset Pause(DateTimeOffset now, string reason)
    {
        lock (_lock)
        {
            if (_outages == 0)
                _reasons.Clear();
            _reasons.Add(reason);
            // Two sweeps that ran into the same outage count once.
            if (_resumesAt is not { } until || until <= now)
                _resumesAt = now + Spread(OutageMinutes, ++_outages);
            _reason = reason;
            return _resumesAt.Value;
        }
    }

    /// <summary>The pause in force at <paramref name="now"/>, and what the server last said; null: none.</summary>
    public (DateTimeOffset Until, string Reason)? PauseAt(DateTimeOffset now)
    {
        lock (_lock)
            return _resumesAt is { } until && until > now ? (until, _reason!) : null;
    }

    /// <summary>The server answers again, or an administrator wants to know.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _outages = 0;
            _resumesAt = null;
        }
    }

    private TimeSpan Spread(int[] minutes, int attempt)
    {
        var wait = TimeSpan.FromMinutes(minutes[Math.Clamp(attempt, 1, minutes.Length) - 1]);
        // Whole milliseconds: the row must hold the instant that was computed, on every database.
        return wait + TimeSpan.FromMilliseconds(Math.Floor(wait.TotalMilliseconds * 0.1 * jitter.NextDouble()));
    }
}
