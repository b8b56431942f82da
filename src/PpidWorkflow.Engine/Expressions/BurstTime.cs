using Jint.Runtime;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>The clock of scripts: it stands at the burst's instant, so that a repeated burst computes the same.</summary>
internal sealed class BurstTime(DateTimeOffset now) : DefaultTimeSystem(TimeZoneInfo.Utc, System.Globalization.CultureInfo.InvariantCulture)
{
    public override DateTimeOffset GetUtcNow() => now;

    /// <summary>What does not say its year would be completed by the machine's clock.</summary>
    public override bool TryParse(string date, out long epochMilliseconds)
    {
        epochMilliseconds = 0;
        return Instants.NamesDay(date) && base.TryParse(date, out epochMilliseconds);
    }
}
