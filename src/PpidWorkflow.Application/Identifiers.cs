namespace PpidWorkflow.Application;

/// <summary>The one source of ids: version 7, so that they sort by the time given and index pages fill from one end.</summary>
public sealed class Identifiers(TimeProvider time)
{
    public Guid Next() => Guid.CreateVersion7(time.GetUtcNow());
}

/// <summary>The office's clock.</summary>
public static class Instants
{
    /// <summary>Now, UTC, cut to whole milliseconds: every database keeps those exactly, so a stored instant equals the one computed.</summary>
    public static DateTimeOffset Now(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
