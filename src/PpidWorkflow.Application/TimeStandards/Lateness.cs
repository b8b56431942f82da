using System.Diagnostics.Metrics;
using PpidWorkflow.Application.Observability;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// How late rungs fire: from the due instant until the commit that stored record and mails, milliseconds. A metric of the meter
/// <c>PpidWorkflow</c>; <c>bench alarms</c> prints its distribution.
/// </summary>
public static class Lateness
{
    public const string Name = "ppid.alarm.lateness";

    private static readonly InstrumentAdvice<double> Buckets = new() { HistogramBucketBoundaries = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000, 600_000] };

    private static readonly Histogram<double> Distribution =
        Metrics.Meter.CreateHistogram(Name, "ms", "From a rung's due instant to its commit.", tags: null, Buckets);

    internal static void Record(List<DateTimeOffset> dueAt, DateTimeOffset committedAt)
    {
        if (!Distribution.Enabled)
            return;
        foreach (var due in dueAt)
            Distribution.Record((committedAt - due).TotalMilliseconds);
    }
}
