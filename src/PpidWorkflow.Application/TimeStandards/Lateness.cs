using System.Diagnostics.Metrics;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// How late rungs fire: from the due instant until the commit that stored record and mails, milliseconds. A metric of the meter
/// <c>PpidWorkflow</c>; <c>bench alarms</c> prints its distribution.
/// </summary>
public static class Lateness
{
    public const string MeterName = "PpidWorkflow";
    public const string Name = "ppid.alarm.lateness";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Distribution = Meter.CreateHistogram<double>(Name, "ms", "From a rung's due instant to its commit.");

    internal static void Record(List<DateTimeOffset> dueAt, DateTimeOffset committedAt)
    {
        if (!Distribution.Enabled)
            return;
        foreach (var due in dueAt)
            Distribution.Record((committedAt - due).TotalMilliseconds);
    }
}
