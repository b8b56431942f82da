namespace PpidWorkflow.Application.Notifications;

public enum DeliveryVerdict
{
    Sent,

    /// <summary>Not now, but perhaps later: busy, greylisted, timed out.</summary>
    RetryLater,

    /// <summary>Never: the address or the mail itself was refused.</summary>
    Refused,

    /// <summary>The server, not the mail: nobody answers, TLS or sign-in failed. No other mail would leave now either.</summary>
    Unreachable
}

/// <summary>What became of one delivery, as a value (style: an outcome is not an exception).</summary>
/// <param name="Verdict">What happens to the row.</param>
/// <param name="Reason">The server's code and first line; null for sent mails. Never content.</param>
public sealed record Delivery(DeliveryVerdict Verdict, string? Reason)
{
    /// <summary>Longest reason kept, characters.</summary>
    public const int MaxReason = 500;

    public static Delivery Sent { get; } = new(DeliveryVerdict.Sent, null);

    public static Delivery RetryLater(string reason) => new(DeliveryVerdict.RetryLater, FirstLine(reason));

    public static Delivery Refused(string reason) => new(DeliveryVerdict.Refused, FirstLine(reason));

    public static Delivery Unreachable(string reason) => new(DeliveryVerdict.Unreachable, FirstLine(reason));

    private static string FirstLine(string reason)
    {
        var line = reason.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0)
            line = line[..end];
        return (line.Length > MaxReason ? line[..MaxReason] : line).ToString();
    }
}

/// <summary>
/// A way out of the building: a folder (<see cref="PickupChannel"/>) or a mail server (<see cref="SmtpChannel"/>). One instance serves one
/// sweep, which sends one mail after the other; it may keep a connection between them.
/// </summary>
public interface INotificationChannel
{
    /// <summary>No delivery may take longer: a server that keeps a mail for so long holds up all others.</summary>
    static TimeSpan LongestDelivery { get; } = TimeSpan.FromSeconds(90);

    /// <summary>Hands one mail over. Whatever the world does is an outcome; exceptions are bugs.</summary>
    /// <param name="cancellation">Honoured until the hand-over begins; cut off then, nobody would know whether the mail went.</param>
    Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation);

    /// <summary>The sweep has no more mails: takes leave of the server.</summary>
    Task FinishAsync();
}
