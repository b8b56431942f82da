using System.Globalization;

namespace PpidWorkflow.Application.TimeStandards;

public enum ClosedKind
{
    Break,
    OutsideHours,
    Weekend,

    /// <summary>A weekday on which the regime has no hours.</summary>
    NoWorkingDay,
    NationalHoliday,
    CollectiveLeave,
    LocalClosing
}

/// <summary>Time between two instants (UTC) in which the clock of a step stands still, and why.</summary>
/// <param name="Name">Name of the holiday, else empty.</param>
public sealed record ClosedSpan(DateTimeOffset From, DateTimeOffset To, ClosedKind Kind, string Name = "")
{
    /// <summary>In Indonesian, as pages show it: "istirahat", "libur nasional: Hari Buruh Internasional".</summary>
    public string Reason => ReasonIn(null);

    /// <param name="culture">English for <c>en</c>, Indonesian for everything else.</param>
    public string ReasonIn(CultureInfo? culture)
    {
        var (indonesian, english) = Kind switch
        {
            ClosedKind.Break => ("istirahat", "break"),
            ClosedKind.OutsideHours => ("di luar jam kerja", "outside working hours"),
            ClosedKind.Weekend => ("akhir pekan", "weekend"),
            ClosedKind.NationalHoliday => ("libur nasional", "public holiday"),
            ClosedKind.CollectiveLeave => ("cuti bersama", "collective leave"),
            ClosedKind.LocalClosing => ("kantor tutup", "office closed"),
            _ => ("bukan hari kerja", "not a working day")
        };
        var reason = OfficeTime.IsEnglish(culture) ? english : indonesian;
        return Name.Length == 0 ? reason : $"{reason}: {Name}";
    }
}
