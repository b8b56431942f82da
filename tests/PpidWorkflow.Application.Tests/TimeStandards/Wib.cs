using System.Globalization;

namespace PpidWorkflow.Application.Tests.TimeStandards;

internal static class Wib
{
    /// <summary>"2026-11-23 15:58" (seconds and fractions optional) by the office's clock, UTC+7.</summary>
    public static DateTimeOffset At(string local) => DateTimeOffset.Parse($"{local} +07:00", CultureInfo.InvariantCulture);
}
