using System.Globalization;
using Microsoft.Extensions.Options;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// When this process last told the database that it lives, on the wall clock and on one that nobody sets: tells a process that was suspended
/// from a clock that was moved. One state per process.
/// </summary>
public sealed class ServicePulse(TimeProvider time, IOptions<OutageOptions> options)
{
    private readonly Lock _lock = new();
    private (DateTimeOffset Wall, long Timestamp, TimeSpan? Uptime)? _last;

    /// <summary>Name of this node in the database: machine, process, and a part that no later process has.</summary>
    public string NodeId { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Short(Environment.MachineName)}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..8]}");

    public DateTimeOffset StartedAt { get; } = time.Now();

    /// <summary>No beat was written for longer than an outage needs; false before the first one.</summary>
    public bool IsStale => Silence is { } silence && silence > options.Value.Gap;

    /// <summary>How long ago the last beat was by the unmoved clock; null: none yet.</summary>
    public TimeSpan? Silence
    {
        get
        {
            lock (_lock)
            {
                if (_last is not { } last)
                    return null;
                var elapsed = time.GetElapsedTime(last.Timestamp);
                // The monotonic clock of Linux stands while the machine sleeps; its uptime goes on.
                return Uptime() - last.Uptime is { } awake && awake > elapsed ? awake : elapsed;
            }
        }
    }

    /// <summary>Where the wall clock would stand had nobody moved it since the last beat; null: no beat yet.</summary>
    public DateTimeOffset? Expected
    {
        get
        {
            lock (_lock)
                return _last is { } last && Silence is { } silence ? last.Wall + silence : null;
        }
    }

    /// <summary>A mail outage is open, as far as this process knows; true at first, so that somebody looks.</summary>
    public bool MailDoubtful { get; set; } = true;

    /// <summary>
    /// Place of this node among those that live, from 0; null: it is alone, as far as its last beat saw. What the others commit wakes nobody here:
    /// then the sweeps look more often, so that the work of a node that dies is not left for a minute.
    /// </summary>
    public int? Rank { get; set; }

    /// <summary>A beat was committed.</summary>
    public void Beat(DateTimeOffset at)
    {
        lock (_lock)
            _last = (at, time.GetTimestamp(), Uptime());
    }

    // Only beside the real clock: a test's clock has no machine.
    private TimeSpan? Uptime()
    {
        if (time != TimeProvider.System || !OperatingSystem.IsLinux())
            return null;
        try
        {
            var text = File.ReadAllText("/proc/uptime");
            return TimeSpan.FromSeconds(double.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static string Short(string name) => name.Length <= 60 ? name : name[..60];
}
