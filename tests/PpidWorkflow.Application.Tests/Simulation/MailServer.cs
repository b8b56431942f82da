using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// The office's mail server, outside the process and its database: remembers what it accepted, and is away, busy or refuses somebody as the
/// simulation wishes. What it says is what <c>SmtpChannel</c> makes of a real server's answers.
/// </summary>
internal sealed class MailServer : INotificationChannel
{
    private int _forgotten;

    /// <summary>Times each Message-ID was accepted.</summary>
    public Dictionary<string, int> Accepted { get; } = [];

    /// <summary>Message-IDs refused for good.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Accepted, yet the process died before it could write that down: these may come once more, and no others.</summary>
    public HashSet<string> InDoubt { get; } = [];

    /// <summary>Message-IDs that came again without an excuse.</summary>
    public List<string> Doubled { get; } = [];

    public bool IsAway { get; set; }

    /// <summary>4xx to this address.</summary>
    public string? Busy { get; set; }

    /// <summary>5xx to this address.</summary>
    public string? Unknown { get; set; }

    /// <summary>The process dies with the next mail: before the server has it, or after.</summary>
    public (ProcessFate Fate, bool After)? Danger { get; set; }

    /// <summary>Sabotage: says yes and keeps nothing, every few times.</summary>
    public bool Forgets { get; set; }

    /// <summary>What happened since the last event, for the log.</summary>
    public int Sent { get; set; }

    /// <summary>What the sweep in hand tried, in order: whether the server was there to answer, and whether the mail had been put off before.</summary>
    public List<(string MessageId, bool Answered, bool WasHeldUp)> Tried { get; } = [];

    public Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation)
    {
        if (Danger is { After: false } before)
            before.Fate.Die();
        Tried.Add((message.MessageId, !IsAway, message.LastError is not null));
        if (IsAway)
            return Task.FromResult(Delivery.Unreachable("Connection refused"));
        if (message.ToAddress == Busy)
            return Task.FromResult(Delivery.RetryLater("451 4.7.1 Greylisted, try again later"));
        if (message.ToAddress == Unknown)
        {
            Refused.Add(message.MessageId);
            return Task.FromResult(Delivery.Refused("550 5.1.1 User unknown"));
        }
        if (Forgets && ++_forgotten % 5 == 0)
            return Task.FromResult(Delivery.Sent);
        var times = Accepted[message.MessageId] = Accepted.GetValueOrDefault(message.MessageId) + 1;
        if (times > 1 && !InDoubt.Remove(message.MessageId))
            Doubled.Add(message.MessageId);
        Sent++;
        if (Danger is { After: true } after)
            after.Fate.Die();
        return Task.FromResult(Delivery.Sent);
    }

    public Task FinishAsync() => Task.CompletedTask;
}
