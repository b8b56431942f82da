namespace PpidWorkflow.Application.TimeStandards;

public enum OutageKind
{
    /// <summary>No node of the service lived: seen as a gap in the heartbeats.</summary>
    Service,

    /// <summary>No mail could leave: from the server's first failure to its next answer.</summary>
    Mail,

    /// <summary>Something else kept the office from working (electricity, network): entered by an administrator.</summary>
    Reported
}

/// <summary>
/// An interval that is not charged to the officers (issue 4): every clock that ran within it is given its working time back, by events of
/// kind <c>credited</c>. Never deleted; an annulled one keeps its row, and its credits are taken back by further events.
/// </summary>
public sealed class Outage
{
    /// <summary>While a mail outage lasts this is its key, so that there is one of them at a time.</summary>
    public const string OpenMailKey = "mail:open";

    public required Guid Id { get; init; }

    /// <summary>Unique: of two nodes that see the same outage, one writes it.</summary>
    public required string UniqueKey { get; set; }
    public required OutageKind Kind { get; init; }

    /// <summary>UTC. Of a service outage the last heartbeat, so it may begin up to one beat too early, in the officers' favour.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>UTC, after <see cref="From"/>; null while a mail outage lasts.</summary>
    public DateTimeOffset? To { get; set; }
    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>The node that saw it, or the user name of who entered it.</summary>
    public required string DetectedBy { get; init; }

    /// <summary>In the words of who entered it; null: observed.</summary>
    public string? Reason { get; init; }
    public DateTimeOffset? AnnulledAt { get; set; }
    public string? AnnulledBy { get; set; }
    public string? AnnulledReason { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }

    public bool Counts => AnnulledAt is null;

    public static string ServiceKey(DateTimeOffset from) => $"service:{from.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}";

    /// <summary>Indonesian, as kept with what it moved.</summary>
    public static string NameOf(OutageKind kind) => kind switch
    {
        OutageKind.Service => "Gangguan layanan",
        OutageKind.Mail => "Gangguan surel",
        _ => "Gangguan yang dilaporkan"
    };
}

/// <summary>Configuration section <c>Outages</c>.</summary>
public sealed class OutageOptions
{
    /// <summary>How often a node says that it lives, seconds.</summary>
    public int BeatSeconds { get; set; } = 15;

    /// <summary>A gap in the heartbeats of all nodes that is longer than this is an outage, seconds.</summary>
    public int GapSeconds { get; set; } = 45;

    public TimeSpan Beat => TimeSpan.FromSeconds(BeatSeconds);

    public TimeSpan Gap => TimeSpan.FromSeconds(GapSeconds);
}
