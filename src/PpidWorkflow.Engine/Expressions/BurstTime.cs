using Jint.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>The clock of scripts: it stands at the burst's instant, so that a repeated burst computes the same.</summary>
internal sealed class BurstTime(DateTimeOffset now) : DefaultTimeSystem(TimeZoneInfo.Utc, System.Globalization.CultureInfo.InvariantCulture)
{
    public override DateTimeOffset GetUtcNow() => now;
}
