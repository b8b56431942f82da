using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>The calendar by which this office's standards run now (configuration <c>Office:Calendar</c>, <c>Office:TimeZone</c>).</summary>
public sealed class OfficeCalendar
{
    public const string WorkingHours = "WorkingHours";
    public const string AroundTheClock = "AroundTheClock";

    public OfficeCalendar(IOptions<OfficeOptions> options)
    {
        var office = options.Value;
        var data = CalendarData.Kalteng() with { ZoneId = office.TimeZone };
        Current = office.Calendar == AroundTheClock ? WorkingCalendar.AroundTheClock(office.TimeZone) : new WorkingCalendar(data);
        Time = new OfficeTime(Current);
        Fingerprint = $"{office.Calendar} {Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(data)))}";
    }

    public WorkingCalendar Current { get; }

    /// <summary>Dates and times as the office writes them.</summary>
    public OfficeTime Time { get; }

    /// <summary>Changes whenever the hours do; open clocks derived under another one are re-derived at start.</summary>
    public string Fingerprint { get; }
}
